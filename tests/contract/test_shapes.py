"""The examples that responses are tried with conform to what the document may come to say, whatever form it takes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st
from openapi_schema_validator import OAS30Validator

from tests.support.shapes import ShapeError, Shapes

FEW = settings(max_examples=20)
TREE: dict[str, Any] = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "children": {"type": "array", "items": {"$ref": "#/components/schemas/X"}},
    },
}
FORMS: dict[str, Any] = {
    "alternatives": {"oneOf": [{"type": "string"}, {"type": "integer"}]},
    "alternatives beside a type": {
        "type": "object",
        "anyOf": [{"required": ["a"]}],
        "properties": {"a": {"type": "string"}},
    },
    "all of several": {"allOf": [{"type": "object", "required": ["a"]}, {"properties": {"a": {"type": "integer"}}}]},
    "anything or null": {"nullable": True},
    "null alone": {"nullable": True, "enum": [None]},
    "a list of values with null": {"type": "string", "nullable": True, "enum": ["a", None]},
    "a component that holds itself": TREE,
    "a mapping of objects": {
        "type": "object",
        "additionalProperties": {"type": "object", "properties": {"n": {"type": "number"}}},
    },
    "a closed object": {"type": "object", "additionalProperties": False, "properties": {"a": {"type": "boolean"}}},
    "a date": {"type": "string", "format": "date"},
    "a moment": {"type": "string", "format": "date-time"},
    "an identifier": {"type": "string", "format": "uuid"},
    "bytes": {"type": "string", "format": "byte"},
    "an unheard-of format": {"type": "string", "format": "region-id"},
    "a list of lists": {"type": "array", "items": {"type": "array", "items": {"type": "integer"}}},
    "a list of anything": {"type": "array", "items": {}},
    "no type": {"properties": {"a": {"type": "string"}}},
}


def shapes_of(schema: object) -> Shapes:
    return Shapes({"components": {"schemas": {"X": schema}}})


def conforms(schema: object, value: object) -> bool:
    whole = {"allOf": [{"$ref": "#/components/schemas/X"}], "components": {"schemas": {"X": schema}}}
    return bool(OAS30Validator(whole).is_valid(value))


@pytest.mark.parametrize("form", FORMS)
def test_examples_conform(form: str) -> None:
    schema = FORMS[form]
    shapes = shapes_of(schema)

    @FEW
    @given(shapes.of("X"))
    def check(value: object) -> None:
        # Alternatives stand for numbers that are written as text as well.
        assert conforms(schema, value)

    check()
    assert conforms(schema, shapes.sample("X"))


def test_examples_of_a_component_that_holds_itself_go_some_way_down() -> None:
    strategy: st.SearchStrategy[Any] = shapes_of(TREE).of("X")
    assert find(strategy, lambda value: bool(value.get("children") and value["children"][0].get("children")))


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "file"},
        {"$ref": "#/components/schemas/Nowhere"},
        {"type": "object", "required": ["x"], "properties": {"x": {"$ref": "#/components/schemas/X"}}},
    ],
)
def test_what_the_helper_does_not_understand_is_said_of_the_helper(schema: object) -> None:
    with pytest.raises(ShapeError, match=r"the test helper tests/support/shapes\.py"):
        shapes_of(schema).of("X")
