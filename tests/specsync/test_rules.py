"""What the table of rules promises: which changes stop a sync, which of them by what the facade reads, in which words.

The table is made when its module is read. It is read anew here, so that a break of what makes it shows.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

import pytest

from scripts.specsync.diff import rules as known
from scripts.specsync.verdicts import Severity

#: Changes of the wire that stop a sync.
BREAKING = frozenset(
    [
        "operation-removed",
        "parameter-optional-removed",
        "parameter-required-added",
        "parameter-required-removed",
        "parameter-became-required",
        "parameter-style-changed",
        "request-alternative-removed",
        "request-became-union",
        "request-body-became-required",
        "request-body-optional-removed",
        "request-body-required-added",
        "request-body-required-removed",
        "request-ceased-union",
        "request-closed",
        "request-discriminator-changed",
        "request-discriminator-value-removed",
        "request-enum-imposed",
        "request-enum-value-removed",
        "request-format-changed",
        "request-limit-tightened",
        "request-media-type-removed",
        "request-narrowed-from-union",
        "request-nullable-removed",
        "request-property-became-required",
        "request-property-optional-removed",
        "request-property-required-added",
        "request-property-required-removed",
        "request-type-changed",
        "request-type-narrowed",
        "response-body-removed",
        "response-media-type-removed",
        "response-success-removed",
        "response-unwrapped",
        "response-wrapped",
        "security-alternative-removed",
        "security-scheme-changed",
        "server-removed",
        "unclassified-changed",
    ]
)
#: Likewise, unless the facade does not read what they are about.
BREAKING_IF_READ = frozenset(
    [
        "response-alternative-added",
        "response-became-union",
        "response-format-changed",
        "response-property-removed",
        "response-type-changed",
        "response-type-widened",
    ]
)
#: These only where the facade cannot do without what they are about.
BREAKING_IF_NEEDED = frozenset({"response-nullable-added", "response-property-became-optional"})
NAMES = frozenset(
    [
        "component-extracted",
        "component-inlined",
        "component-renamed",
        "operation-renamed",
        "path-renamed",
        "security-scheme-renamed",
        "tags-changed",
        "titles-changed",
    ]
)
DOCS = frozenset({"deprecation-changed", "prose-changed", "version-changed"})
#: An identifier becomes that of its inverse if the one word is put for the other.
OPPOSITES = (
    ("-widened-to-union", "-narrowed-from-union"),
    ("-became-union", "-ceased-union"),
    ("-became-required", "-became-optional"),
    ("-widened", "-narrowed"),
    ("-imposed", "-lifted"),
    ("-tightened", "-loosened"),
    ("-closed", "-opened"),
    ("-wrapped", "-unwrapped"),
    ("-inlined", "-extracted"),
    ("-added", "-removed"),
)


@pytest.fixture
def rules() -> ModuleType:
    """The module, read anew, beside the one that everything else has."""
    spec = importlib.util.spec_from_file_location(known.__name__, Path(str(known.__file__)))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def table(rules: ModuleType) -> Mapping[str, known.Rule]:
    """The rules."""
    made: Mapping[str, known.Rule] = rules.RULES
    return made


def inverse_of(identifier: str) -> str:
    """Put one word for the other."""
    for one, other in OPPOSITES:
        for word, opposite in ((one, other), (other, one)):
            if identifier.endswith(word):
                return identifier.removesuffix(word) + opposite
    return identifier


def test_each_rule_is_on_its_plane_with_its_severity(table: Mapping[str, known.Rule]) -> None:
    assert set(table) >= BREAKING | BREAKING_IF_READ | BREAKING_IF_NEEDED | NAMES | DOCS
    for identifier, rule in table.items():
        assert rule.identifier == identifier
        assert str(rule.plane) == ("names" if identifier in NAMES else "docs" if identifier in DOCS else "wire")
        stops = identifier in BREAKING | BREAKING_IF_READ
        usual = Severity.BREAKING if stops else Severity.DOCS if identifier in DOCS else Severity.ADDITIVE
        unread = Severity.ADDITIVE if identifier in BREAKING_IF_READ else None
        needed = Severity.BREAKING if identifier in BREAKING_IF_NEEDED else None
        assert (rule.severity, rule.severity_if_unused, rule.severity_if_needed) == (usual, unread, needed), identifier


def test_each_rule_has_its_inverse(table: Mapping[str, known.Rule]) -> None:
    for identifier, rule in table.items():
        assert rule.inverse == inverse_of(identifier)
        assert rule.inverse in table


def test_each_rule_is_said_in_a_sentence(table: Mapping[str, known.Rule]) -> None:
    texts = [rule.text for rule in table.values()]
    assert all(text.endswith(".") and (text[0].isupper() or text[0] == "`") for text in texts)
    # A few, for what cannot be found out by the form.
    assert table["server-removed"].text == "A server was removed: requests to it may fail."
    assert table["response-property-removed"].text == "A field that the facade reads was removed from a response."
    assert table["response-nullable-removed"].text == "A value of a response is never null now."
    assert table["component-inlined"].text == "A component was written out where it is used."
    assert table["component-extracted"].text == "A schema that was written out became a component."
    assert table["version-changed"].text == "The document has another version number."


EXPLAINED = {
    "default-changed": "default-changed (wire, additive)\nWhat the server takes for an absent value changed.\n"
    "The reverse change is default-changed.",
    "response-type-widened": "response-type-widened (wire, breaking)\n"
    "A value that the facade reads may be of a wider type.\nadditive where the facade never reads it.\n"
    "The reverse change is response-type-narrowed.",
    "response-nullable-added": "response-nullable-added (wire, additive)\n"
    "A value of a response may be null; null is None.\nbreaking where the facade cannot do without it.\n"
    "The reverse change is response-nullable-removed.",
}


@pytest.mark.parametrize("identifier", EXPLAINED)
def test_a_rule_is_explained(rules: ModuleType, identifier: str) -> None:
    assert rules.explain(rules.RULES[identifier]) == EXPLAINED[identifier]
