"""The rule table of the difference: every kind of change, on which plane it lies, and how much it hurts.

A change is judged on the facts before the overlay, because an overlay can hide a break. Each rule names its inverse:
the rule that the same change gets when it is undone. A rule that is its own inverse changes one thing into another.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

import attrs

from scripts.specsync.verdicts import Severity


class Plane(StrEnum):
    """What a change is a change of: what goes over the wire, what things are called, what is said about them."""

    WIRE = "wire"
    NAMES = "names"
    DOCS = "docs"


@attrs.frozen
class Rule:
    """One kind of change.

    `severity` is the usual one, `severity_if_unused` the one where the facade never reads what the change is about, and
    `severity_if_needed` the one where the facade cannot do without it. `inverse` is the rule that the same change gets
    when it is undone.
    """

    identifier: str
    plane: Plane
    severity: Severity
    inverse: str
    text: str
    severity_if_unused: Severity | None = None
    severity_if_needed: Severity | None = None


_BREAKING: Final = Severity.BREAKING
_ADDITIVE: Final = Severity.ADDITIVE

# identifier, severity, inverse, severity of the inverse, text, text of the inverse: changes of the wire.
_PAIRS: Final = (
    ("operation-removed", _BREAKING, "operation-added", _ADDITIVE,
     "A selected operation is gone.", "An operation was added to the selection."),
    ("parameter-optional-added", _ADDITIVE, "parameter-optional-removed", _BREAKING,
     "An operation takes one more parameter, which may be left out.",
     "An optional parameter is gone: what a caller says with it (a cursor, a limit) is ignored or refused."),
    ("parameter-required-added", _BREAKING, "parameter-required-removed", _BREAKING,
     "An operation demands a parameter that nobody sends.", "A parameter that every caller sends is gone."),
    ("parameter-became-required", _BREAKING, "parameter-became-optional", _ADDITIVE,
     "A parameter that could be left out is demanded.", "A parameter may be left out now."),
    ("request-body-required-added", _BREAKING, "request-body-required-removed", _BREAKING,
     "An operation demands a body.", "An operation that demanded a body takes none."),
    ("request-body-optional-added", _ADDITIVE, "request-body-optional-removed", _BREAKING,
     "An operation takes a body, which may be left out.", "An operation takes its optional body no more."),
    ("request-body-became-required", _BREAKING, "request-body-became-optional", _ADDITIVE,
     "A body that could be left out is demanded.", "A body may be left out now."),
    ("request-media-type-added", _ADDITIVE, "request-media-type-removed", _BREAKING,
     "A body may be sent in one more form.", "A form in which the body was sent is refused."),
    ("response-body-removed", _BREAKING, "response-body-added", _ADDITIVE,
     "An answer has no body any more.", "An answer that had no body has one."),
    ("response-success-removed", _BREAKING, "response-success-added", _ADDITIVE,
     "No success of the operation is described any more.", "The operation describes another success."),
    ("response-error-removed", _ADDITIVE, "response-error-added", _ADDITIVE,
     "An error is described no more; errors are read liberally.", "One more error is described."),
    ("response-media-type-removed", _BREAKING, "response-media-type-added", _ADDITIVE,
     "A form in which an answer was read is gone.", "An answer may come in one more form."),
    ("response-header-removed", _ADDITIVE, "response-header-added", _ADDITIVE,
     "A header of an answer is described no more; none is promised.", "One more header of an answer is described."),
    ("request-property-optional-added", _ADDITIVE, "request-property-optional-removed", _BREAKING,
     "A request may hold one more field.", "A field that a request could hold is gone."),
    ("request-property-required-added", _BREAKING, "request-property-required-removed", _BREAKING,
     "A request must hold a field that nobody sends.", "A field that every request holds is gone."),
    ("request-property-became-required", _BREAKING, "request-property-became-optional", _ADDITIVE,
     "A field that a request could leave out is demanded.", "A request may leave out a field now."),
    ("request-type-widened", _ADDITIVE, "request-type-narrowed", _BREAKING,
     "A request value may be of a wider type.", "A request value must be of a narrower type."),
    ("request-nullable-added", _ADDITIVE, "request-nullable-removed", _BREAKING,
     "A request value may be null now.", "A request value must not be null any more."),
    ("request-enum-value-added", _ADDITIVE, "request-enum-value-removed", _BREAKING,
     "A request may send one more value.", "A value that a request could send is refused."),
    ("request-enum-imposed", _BREAKING, "request-enum-lifted", _ADDITIVE,
     "A request value that was free must be one of a list.", "A request value need not be one of a list any more."),
    ("response-enum-value-added", _ADDITIVE, "response-enum-value-removed", _ADDITIVE,
     "An answer may hold a value unheard of; unknown values are strings.", "An answer holds a value no more."),
    ("response-enum-imposed", _ADDITIVE, "response-enum-lifted", _ADDITIVE,
     "An answer's value is one of a list now.", "An answer's value may be any; unknown values are strings."),
    ("request-limit-tightened", _BREAKING, "request-limit-loosened", _ADDITIVE,
     "A bound on a request value is stricter.", "A bound on a request value is looser."),
    ("request-closed", _BREAKING, "request-opened", _ADDITIVE,
     "A request may not hold fields that are not described.", "A request may hold fields that are not described."),
    ("response-closed", _ADDITIVE, "response-opened", _ADDITIVE,
     "An answer holds no fields but those described.", "An answer may hold fields that are not described."),
    ("request-became-union", _BREAKING, "request-ceased-union", _BREAKING,
     "A request value became one of several forms, of which none takes what was sent before.",
     "A request value that had several forms has one, which does not take all that was sent before."),
    ("request-widened-to-union", _ADDITIVE, "request-narrowed-from-union", _BREAKING,
     "A request value became one of several forms, one of which takes what was sent before.",
     "A request value that had several forms has one of them alone."),
    ("request-alternative-added", _ADDITIVE, "request-alternative-removed", _BREAKING,
     "A request value may have one more form.", "A form that a request value could have is gone."),
    ("request-discriminator-value-added", _ADDITIVE, "request-discriminator-value-removed", _BREAKING,
     "A request may name one more form.", "A name of a form that a request could hold is gone."),
    ("response-discriminator-value-added", _ADDITIVE, "response-discriminator-value-removed", _ADDITIVE,
     "A response may name one more form; forms are told by their fields.", "A response names a form no more."),
    ("security-alternative-added", _ADDITIVE, "security-alternative-removed", _BREAKING,
     "One more way to authenticate.", "A way to authenticate is gone."),
    ("response-wrapped", _BREAKING, "response-unwrapped", _BREAKING,
     "An answer stands inside a field of another object now.", "An answer that stood inside a field stands alone."),
    ("server-added", _ADDITIVE, "server-removed", _BREAKING,
     "One more server.", "A server is gone: requests to it may fail."),
    ("server-placeholder-added", _ADDITIVE, "server-placeholder-removed", _ADDITIVE,
     "A word stands where a server's address is to be put in.", "Such a word is gone; nobody can send to it."),
)  # fmt: skip

# Rules whose severity depends on whether the facade reads what they are about.
_READ_PAIRS: Final = (
    ("response-property-removed", _BREAKING, "response-property-added", _ADDITIVE,
     "A field that the facade reads is gone from an answer.", "An answer holds one more field."),
    ("response-type-widened", _BREAKING, "response-type-narrowed", _ADDITIVE,
     "A value that the facade reads may be of a wider type.", "An answer's value is of a narrower type."),
    ("response-became-union", _BREAKING, "response-ceased-union", _ADDITIVE,
     "An answer's value became one of several forms.", "An answer's value that had several forms has one of them."),
    ("response-alternative-added", _BREAKING, "response-alternative-removed", _ADDITIVE,
     "An answer's value may have one more form.", "An answer's value has a form no more."),
)  # fmt: skip

# Rules whose severity depends on whether the facade can do without what they are about: breaking where it cannot.
_NEEDED_PAIRS: Final = (
    ("response-property-became-optional", "response-property-became-required",
     "A field of a response may be absent; absent fields are None.", "A field of a response is always there now."),
    ("response-nullable-added", "response-nullable-removed",
     "A value of a response may be null; null is None.", "A value of a response is never null now."),
)  # fmt: skip

_TURNS: Final = (
    ("parameter-style-changed", Plane.WIRE, _BREAKING, None, "A parameter is written differently into the request."),
    ("request-type-changed", Plane.WIRE, _BREAKING, None, "A request value must be of another type."),
    ("response-type-changed", Plane.WIRE, _BREAKING, _ADDITIVE, "An answer's value is of another type."),
    ("request-format-changed", Plane.WIRE, _BREAKING, None, "A request value is written in another form."),
    ("response-format-changed", Plane.WIRE, _BREAKING, _ADDITIVE, "An answer's value is written in another form."),
    ("request-format-noted", Plane.WIRE, _ADDITIVE, None, "A format that changes nothing in how a value is written."),
    ("request-discriminator-changed", Plane.WIRE, _BREAKING, None, "A request's form is named in another way."),
    ("response-discriminator-changed", Plane.WIRE, _ADDITIVE, None,
     "A response's form is named in another way; forms are told by their fields."),
    ("union-keyword-changed", Plane.WIRE, _ADDITIVE, None, "One of several forms became exactly one, or the reverse."),
    ("response-header-changed", Plane.WIRE, _ADDITIVE, None, "A header of a response changed; none is promised."),
    ("type-stated", Plane.WIRE, _ADDITIVE, None, "A type is written out that followed from the rest, or no more."),
    ("annotation-changed", Plane.WIRE, _ADDITIVE, None,
     "What a field is for (read only, write only, XML) or a link changed; what is sent and read is the same."),
    ("response-limit-changed", Plane.WIRE, _ADDITIVE, None, "A bound on an answer's value changed; none is relied on."),
    ("default-changed", Plane.WIRE, _ADDITIVE, None, "What the server takes for an absent value changed."),
    ("success-status-changed", Plane.WIRE, _ADDITIVE, None, "Success has another number; any 2xx is read."),
    ("security-scheme-changed", Plane.WIRE, _BREAKING, None, "A credential travels in another place or form."),
    ("unclassified-changed", Plane.WIRE, _BREAKING, None, "A fact changed for which there is no rule: judge it."),
    ("security-scheme-renamed", Plane.NAMES, _ADDITIVE, None, "A security scheme has another name, and no more."),
    ("operation-renamed", Plane.NAMES, _ADDITIVE, None, "Upstream's operationId changed; we have our own."),
    ("tags-changed", Plane.NAMES, _ADDITIVE, None, "Upstream's tags changed; we have our own."),
    ("path-renamed", Plane.NAMES, _ADDITIVE, None, "A name in the braces of a path changed; we have our own."),
    ("component-renamed", Plane.NAMES, _ADDITIVE, None, "A component has another name, and its old shape."),
    ("titles-changed", Plane.NAMES, _ADDITIVE, None, "Titles changed; they name nothing here."),
    ("prose-changed", Plane.DOCS, Severity.DOCS, None, "Descriptions, samples or extensions changed."),
    ("deprecation-changed", Plane.DOCS, Severity.DOCS, None, "Something is called deprecated, or no more."),
    ("version-changed", Plane.DOCS, Severity.DOCS, None, "The document has another version number."),
)  # fmt: skip


def _table() -> dict[str, Rule]:
    rules: list[Rule] = []
    for identifier, severity, inverse, inverse_severity, text, inverse_text in _PAIRS:
        rules.append(Rule(identifier, Plane.WIRE, severity, inverse, text))
        rules.append(Rule(inverse, Plane.WIRE, inverse_severity, identifier, inverse_text))
    for identifier, severity, inverse, inverse_severity, text, inverse_text in _READ_PAIRS:
        rules.append(Rule(identifier, Plane.WIRE, severity, inverse, text, severity_if_unused=_ADDITIVE))
        rules.append(Rule(inverse, Plane.WIRE, inverse_severity, identifier, inverse_text))
    for identifier, inverse, text, inverse_text in _NEEDED_PAIRS:
        rules.append(Rule(identifier, Plane.WIRE, _ADDITIVE, inverse, text, severity_if_needed=_BREAKING))
        rules.append(Rule(inverse, Plane.WIRE, _ADDITIVE, identifier, inverse_text))
    for identifier, plane, severity, unused, text in _TURNS:
        rules.append(Rule(identifier, plane, severity, identifier, text, severity_if_unused=unused))
    for inlined, extracted in (("component-inlined", "component-extracted"),):
        text = "What was a component stands where it is used."
        rules.append(Rule(inlined, Plane.NAMES, _ADDITIVE, extracted, text))
        rules.append(Rule(extracted, Plane.NAMES, _ADDITIVE, inlined, "What stood where it is used is a component."))
    return {rule.identifier: rule for rule in rules}


RULES: Final[Mapping[str, Rule]] = _table()


def explain(rule: Rule) -> str:
    """Return what a maintainer wants to know of a rule."""
    unused = (
        f"\n{rule.severity_if_unused} where the facade never reads it." if rule.severity_if_unused is not None else ""
    )
    needed = f"\n{rule.severity_if_needed} where the facade cannot do without it." if rule.severity_if_needed else ""
    return (
        f"{rule.identifier} ({rule.plane}, {rule.severity})\n{rule.text}{unused}{needed}\nUndone, it is {rule.inverse}."
    )
