"""Facts that differ are never called the same: whatever is edited in a document, some change is told."""

from collections.abc import Callable
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scripts.specsync.diff.compare import difference
from scripts.specsync.diff.equivalence import Equivalence
from scripts.specsync.diff.rules import Plane
from scripts.specsync.diff.seam_usage import FacadeUsage, Seam
from scripts.specsync.document.json_values import JsonObject, JsonValue, canonical_json, copy_json
from scripts.specsync.document.openapi import ObjectKind, as_object, walk
from scripts.specsync.document.pointer import find, split
from scripts.specsync.document.schemas import Schemas
from scripts.specsync.errors import SpecSyncError

NOBODY = FacadeUsage(Seam(present=False), frozenset())
DEPTH = 12
NOTES = frozenset({"x-upstream", "description", "operationId", "tags", "deprecated"})
# What may be put under a keyword, sense or nonsense: a comparison that knows no rule for it must say so.
VALUES = st.sampled_from(
    cast(
        "list[object]",
        [
            *(True, False, 0, 1, 7, "string", "integer", "object", "array", "date-time", "x"),
            *([], ["x"], ["id"], {}, {"type": "string"}, {"type": "integer"}, {"a": {}}),
            [{"type": "string"}, {"type": "object"}],
        ],
    )
)
KEYS = st.sampled_from(
    [
        "type", "format", "enum", "items", "properties", "required", "additionalProperties", "nullable", "not", "anyOf",
        "oneOf", "allOf", "minimum", "maximum", "exclusiveMinimum", "minLength", "maxLength", "pattern", "multipleOf",
        "uniqueItems", "minItems", "default", "readOnly", "writeOnly", "xml", "discriminator", "patternProperties",
        "const", "contentMediaType", "in", "name", "style", "explode", "content", "schema", "headers", "links",
    ]
)  # fmt: skip


def dereferenced(value: JsonValue, facts: JsonObject, depth: int = 0, *, names: bool = False) -> JsonValue:
    """Give facts with every reference written out so far as anybody could look, and without notes.

    `names` says that the keys of a mapping are names of properties, which may be called like a note.
    """
    if isinstance(value, list):
        return [dereferenced(member, facts, depth) for member in value]
    if not isinstance(value, dict):
        return value
    if "$ref" in value and not names:
        if depth > DEPTH:
            return "deeper"
        return dereferenced(find(facts, split(str(value["$ref"])[1:])), facts, depth + 1)
    return {
        key: dereferenced(member, facts, depth, names=key in {"properties", "headers"} and not names)
        for key, member in value.items()
        if names or key not in NOTES
    }


def wire(facts: JsonObject) -> str:
    """Give all that the selected operations say of the wire."""
    return canonical_json(dereferenced(facts["paths"], facts))


def places(document: JsonObject) -> list[tuple[str, ...]]:
    kinds = {
        ObjectKind.SCHEMA,
        ObjectKind.PARAMETER,
        ObjectKind.RESPONSE,
        ObjectKind.MEDIA_TYPE,
        ObjectKind.REQUEST_BODY,
    }
    return [split(pointer) for pointer, kind, _ in walk(document, ObjectKind.DOCUMENT, "") if kind in kinds]


@settings(max_examples=60)
@given(data=st.data())
def test_facts_that_differ_are_never_the_same(
    data: st.DataObject, document: JsonObject, facts_of: Callable[[JsonObject], JsonObject]
) -> None:
    changed = as_object(copy_json(document), "")
    try:
        for _ in range(data.draw(st.integers(1, 2))):
            node = as_object(find(changed, data.draw(st.sampled_from(places(changed)))), "")
            key = data.draw(KEYS | st.sampled_from(sorted(node)) if node else KEYS)
            if key in node and data.draw(st.booleans()):
                del node[key]
            else:
                node[key] = copy_json(cast("JsonValue", data.draw(VALUES)))
        old, new = facts_of(document), facts_of(changed)
        told = difference(old, new, NOBODY)
    except SpecSyncError:
        # Not a document that can be judged.
        return
    assert (wire(old) != wire(new)) <= any(change.rule.plane is Plane.WIRE for change in told)
    assert not (wire(old) == wire(new) and any(change.rule.identifier == "unclassified-changed" for change in told))


def schemas(**components: JsonValue) -> Schemas:
    return Schemas({"components": {"schemas": components}})


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ({"type": "string"}, {"type": "string"}, True),
        ({"type": "string"}, {"type": "string", "maxLength": 3}, False),
        (
            {"anyOf": [{"type": "string"}, {"type": "integer"}]},
            {"anyOf": [{"type": "integer"}, {"type": "string"}]},
            True,
        ),
        ({"allOf": [{"type": "object"}, {"required": ["a"]}]}, {"type": "object", "required": ["a"]}, True),
        ({"allOf": [{"maxLength": 3}, {"maxLength": 4}]}, {"maxLength": 3}, False),
        ({"$ref": "#/components/schemas/A"}, {"type": "string"}, True),
        ({"$ref": "#/components/schemas/Tree"}, {"$ref": "#/components/schemas/Tree"}, True),
    ],
)
def test_the_net_below_the_rules_sees_what_differs(old: JsonValue, new: JsonValue, same: bool) -> None:  # noqa: FBT001 - a parameter of the test
    tree: JsonValue = {"type": "object", "properties": {"child": {"$ref": "#/components/schemas/Tree"}}}
    known = schemas(A={"type": "string"}, Tree=tree)
    assert Equivalence(known, known).same(old, new, ObjectKind.SCHEMA) is same


def test_a_recursive_component_that_changed_within_itself_is_seen() -> None:
    def tree(leaf: str) -> JsonValue:
        return {
            "type": "object",
            "properties": {"child": {"$ref": "#/components/schemas/Tree"}, "leaf": {"type": leaf}},
        }

    reference: JsonValue = {"$ref": "#/components/schemas/Tree"}
    net = Equivalence(schemas(Tree=tree("string")), schemas(Tree=tree("integer")))
    assert not net.same(reference, reference, ObjectKind.SCHEMA)
    # What was assumed on the way is not taken for proved afterwards.
    assert not net.same(reference, reference, ObjectKind.SCHEMA)
