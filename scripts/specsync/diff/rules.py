"""The table of rules: every kind of change with its plane and its severity.

A change is judged on the facts before the overlay, because an overlay can hide a break. Each rule names its inverse:
the rule that the same change gets when it is undone. A rule that is its own inverse changes one thing into another.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

import attrs

from scripts.specsync.verdicts import Severity


class Plane(StrEnum):
    """The kinds of changes: in what goes over the wire, in names, or in documentation."""

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
     "A selected operation was removed.", "An operation was added to the selection."),
    ("parameter-optional-added", _ADDITIVE, "parameter-optional-removed", _BREAKING,
     "An operation has a new optional parameter.",
     "An optional parameter was removed: a value for it (a cursor, a limit) is ignored or refused."),
    ("parameter-required-added", _BREAKING, "parameter-required-removed", _BREAKING,
     "An operation requires a new parameter, which no caller sends.",
     "A required parameter was removed, which every caller sends."),
    ("parameter-became-required", _BREAKING, "parameter-became-optional", _ADDITIVE,
     "An optional parameter became required.", "A required parameter became optional."),
    ("request-body-required-added", _BREAKING, "request-body-required-removed", _BREAKING,
     "An operation requires a body.", "An operation that required a body takes none."),
    ("request-body-optional-added", _ADDITIVE, "request-body-optional-removed", _BREAKING,
     "An operation takes an optional body.", "An operation no longer takes its optional body."),
    ("request-body-became-required", _BREAKING, "request-body-became-optional", _ADDITIVE,
     "An optional body became required.", "A required body became optional."),
    ("request-media-type-added", _ADDITIVE, "request-media-type-removed", _BREAKING,
     "A request body may have another media type.", "A media type of the request body was removed."),
    ("response-body-removed", _BREAKING, "response-body-added", _ADDITIVE,
     "A response has no body any more.", "A response that had no body has one."),
    ("response-success-removed", _BREAKING, "response-success-added", _ADDITIVE,
     "A successful response of the operation was removed.", "The operation has another successful response."),
    ("response-error-removed", _ADDITIVE, "response-error-added", _ADDITIVE,
     "An error response was removed; errors are read liberally.", "An error response was added."),
    ("response-media-type-removed", _BREAKING, "response-media-type-added", _ADDITIVE,
     "A media type in which a response was read was removed.", "A response may have another media type."),
    ("response-header-removed", _ADDITIVE, "response-header-added", _ADDITIVE,
     "A response header was removed; none is promised.", "A response header was added."),
    ("request-property-optional-added", _ADDITIVE, "request-property-optional-removed", _BREAKING,
     "A request has a new optional field.", "An optional field of a request was removed."),
    ("request-property-required-added", _BREAKING, "request-property-required-removed", _BREAKING,
     "A request has a new required field, which no caller sends.", "A required field of a request was removed."),
    ("request-property-became-required", _BREAKING, "request-property-became-optional", _ADDITIVE,
     "An optional field of a request became required.", "A required field of a request became optional."),
    ("request-type-widened", _ADDITIVE, "request-type-narrowed", _BREAKING,
     "A request value may be of a wider type.", "A request value must be of a narrower type."),
    ("request-nullable-added", _ADDITIVE, "request-nullable-removed", _BREAKING,
     "A request value may be null now.", "A request value must not be null any more."),
    ("request-enum-value-added", _ADDITIVE, "request-enum-value-removed", _BREAKING,
     "A request value may have another value of a list.", "A value of a request's list was removed."),
    ("request-enum-imposed", _BREAKING, "request-enum-lifted", _ADDITIVE,
     "A request value must be one of a list now.", "A request value need not be one of a list any more."),
    ("response-enum-value-added", _ADDITIVE, "response-enum-value-removed", _ADDITIVE,
     "A response may hold a new value; unknown values are strings.", "A value of a response's list was removed."),
    ("response-enum-imposed", _ADDITIVE, "response-enum-lifted", _ADDITIVE,
     "A response's value is one of a list now.", "A response's value may be any; unknown values are strings."),
    ("request-limit-tightened", _BREAKING, "request-limit-loosened", _ADDITIVE,
     "A limit on a request value is stricter.", "A limit on a request value is looser."),
    ("request-closed", _BREAKING, "request-opened", _ADDITIVE,
     "A request may not hold fields that are not described.", "A request may hold fields that are not described."),
    ("response-closed", _ADDITIVE, "response-opened", _ADDITIVE,
     "A response holds no fields but those described.", "A response may hold fields that are not described."),
    ("request-became-union", _BREAKING, "request-ceased-union", _BREAKING,
     "A request value became one of several forms, of which none takes what was sent before.",
     "A request value that had several forms has one, which does not take all that was sent before."),
    ("request-widened-to-union", _ADDITIVE, "request-narrowed-from-union", _BREAKING,
     "A request value became one of several forms, one of which takes what was sent before.",
     "A request value that had several forms has one of them alone."),
    ("request-alternative-added", _ADDITIVE, "request-alternative-removed", _BREAKING,
     "A request value may have one more form.", "A form of a request value was removed."),
    ("request-discriminator-value-added", _ADDITIVE, "request-discriminator-value-removed", _BREAKING,
     "A request may name one more form.", "A name of a form of a request was removed."),
    ("response-discriminator-value-added", _ADDITIVE, "response-discriminator-value-removed", _ADDITIVE,
     "A response may name one more form; forms are recognised by their fields.",
     "A name of a form of a response was removed."),
    ("security-alternative-added", _ADDITIVE, "security-alternative-removed", _BREAKING,
     "A way to authenticate was added.", "A way to authenticate was removed."),
    ("response-wrapped", _BREAKING, "response-unwrapped", _BREAKING,
     "A response was wrapped in a field of another object.",
     "A response is no longer wrapped in a field of another object."),
    ("server-added", _ADDITIVE, "server-removed", _BREAKING,
     "One more server.", "A server was removed: requests to it may fail."),
    ("server-placeholder-added", _ADDITIVE, "server-placeholder-removed", _ADDITIVE,
     "A placeholder for the address of a server was added.",
     "A placeholder for the address of a server was removed; no request can be sent to it."),
)  # fmt: skip

# Rules whose severity depends on whether the facade reads what they are about.
_READ_PAIRS: Final = (
    ("response-property-removed", _BREAKING, "response-property-added", _ADDITIVE,
     "A field that the facade reads was removed from a response.", "A field was added to a response."),
    ("response-type-widened", _BREAKING, "response-type-narrowed", _ADDITIVE,
     "A value that the facade reads may be of a wider type.", "A response's value is of a narrower type."),
    ("response-became-union", _BREAKING, "response-ceased-union", _ADDITIVE,
     "A response's value became one of several forms.", "A response's value that had several forms has one of them."),
    ("response-alternative-added", _BREAKING, "response-alternative-removed", _ADDITIVE,
     "A form of a response's value was added.", "A form of a response's value was removed."),
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
    ("response-type-changed", Plane.WIRE, _BREAKING, _ADDITIVE, "A response's value is of another type."),
    ("request-format-changed", Plane.WIRE, _BREAKING, None, "A request value is written in another form."),
    ("response-format-changed", Plane.WIRE, _BREAKING, _ADDITIVE, "A response's value is written in another form."),
    ("request-format-noted", Plane.WIRE, _ADDITIVE, None, "A format that changes nothing in how a value is written."),
    ("request-discriminator-changed", Plane.WIRE, _BREAKING, None, "The discriminator of a request changed."),
    ("response-discriminator-changed", Plane.WIRE, _ADDITIVE, None,
     "The discriminator of a response changed; forms are recognised by their fields."),
    ("union-keyword-changed", Plane.WIRE, _ADDITIVE, None, "`anyOf` became `oneOf`, or the reverse."),
    ("response-header-changed", Plane.WIRE, _ADDITIVE, None, "A header of a response changed; none is promised."),
    ("type-stated", Plane.WIRE, _ADDITIVE, None,
     "A type is stated that followed from the rest, or is no longer stated."),
    ("annotation-changed", Plane.WIRE, _ADDITIVE, None,
     "What a field is for (read only, write only, XML) or a link changed; what is sent and read is the same."),
    ("response-limit-changed", Plane.WIRE, _ADDITIVE, None,
     "A limit on a response's value changed; none is relied on."),
    ("default-changed", Plane.WIRE, _ADDITIVE, None, "What the server takes for an absent value changed."),
    ("success-status-changed", Plane.WIRE, _ADDITIVE, None,
     "A successful response has another status; any 2xx is read."),
    ("security-scheme-changed", Plane.WIRE, _BREAKING, None, "A credential is sent in another place or form."),
    ("unclassified-changed", Plane.WIRE, _BREAKING, None,
     "A fact changed for which there is no rule: it has to be judged by a person."),
    ("security-scheme-renamed", Plane.NAMES, _ADDITIVE, None,
     "A security scheme was renamed; nothing else about it changed."),
    ("operation-renamed", Plane.NAMES, _ADDITIVE, None, "Upstream's operationId changed; we have our own."),
    ("tags-changed", Plane.NAMES, _ADDITIVE, None, "Upstream's tags changed; we have our own."),
    ("path-renamed", Plane.NAMES, _ADDITIVE, None, "A name in the braces of a path changed; we have our own."),
    ("component-renamed", Plane.NAMES, _ADDITIVE, None, "A component was renamed; its shape is the same."),
    ("titles-changed", Plane.NAMES, _ADDITIVE, None, "Titles changed; they name nothing here."),
    ("prose-changed", Plane.DOCS, Severity.DOCS, None, "Descriptions, samples or extensions changed."),
    ("deprecation-changed", Plane.DOCS, Severity.DOCS, None, "Something became deprecated, or is no longer."),
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
        text = "A component was written out where it is used."
        rules.append(Rule(inlined, Plane.NAMES, _ADDITIVE, extracted, text))
        rules.append(
            Rule(extracted, Plane.NAMES, _ADDITIVE, inlined, "A schema that was written out became a component.")
        )
    return {rule.identifier: rule for rule in rules}


RULES: Final[Mapping[str, Rule]] = _table()


def explain(rule: Rule) -> str:
    """Return the description of a rule."""
    unused = (
        f"\n{rule.severity_if_unused} where the facade never reads it." if rule.severity_if_unused is not None else ""
    )
    needed = f"\n{rule.severity_if_needed} where the facade cannot do without it." if rule.severity_if_needed else ""
    title = f"{rule.identifier} ({rule.plane}, {rule.severity})"
    return f"{title}\n{rule.text}{unused}{needed}\nThe reverse change is {rule.inverse}."
