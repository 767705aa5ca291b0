"""Resolves schemas for comparison: follows references and intersects `allOf`, so that equal meanings look equal."""

from collections.abc import Callable, Iterator, Mapping
from math import gcd
from typing import Final

import attrs

from scripts.specsync.document.json_values import JsonObject, JsonValue, canonical_json, same_json
from scripts.specsync.document.openapi import as_list, components_of, fault
from scripts.specsync.document.pointer import follow, join, reference_tokens

ANY: Final = "any"
NEVER: Final = "never"
UNIONS: Final = ("anyOf", "oneOf")
LOWER: Final = ("minimum", "minLength", "minItems", "minProperties")
UPPER: Final = ("maximum", "maxLength", "maxItems", "maxProperties")


@attrs.frozen
class Schemas:
    """The component schemas of one document."""

    document: JsonObject
    _flat: dict[str, JsonObject] = attrs.field(factory=dict[str, JsonObject], alias="flat_by_name")

    def names(self) -> frozenset[str]:
        """Return the names of all components."""
        return frozenset(components_of(self.document, "schemas"))

    def component(self, name: str) -> JsonValue:
        """Return a component."""
        return follow(self.document, "#" + join("/components/schemas", name), "")

    def reference(self, schema: JsonValue) -> str | None:
        """Return the component that a schema is a reference to, if it is one."""
        if isinstance(schema, dict) and "$ref" in schema:
            return reference_tokens(schema["$ref"], "")[-1]
        return None

    def flat(self, schema: JsonValue, trail: tuple[str, ...] = ()) -> JsonObject:
        """Return a schema with references and `allOf` resolved; the result must not be modified.

        Where two parts cannot be written as one, the second stays under `allOf`.
        """
        if not isinstance(schema, dict):
            nothing: JsonObject = {"type": NEVER}
            return nothing if schema is False else {}
        name = self.reference(schema)
        if name is not None:
            if name in trail:
                reason = f"the component {name} is all of itself"
                raise fault(reason, join("/components/schemas", name))
            if name not in self._flat:
                self._flat[name] = self.flat(follow(self.document, schema["$ref"], ""), (*trail, name))
            return self._flat[name]
        own = {key: value for key, value in schema.items() if key != "x-upstream"}
        members = as_list(own.pop("allOf", []), "")
        for key in UNIONS:
            alternatives = own.get(key)
            if isinstance(alternatives, list) and len(alternatives) == 1:
                members = [*members, alternatives[0]]
                del own[key]
        built: JsonObject = {}
        for member in members:
            built = intersection(built, self.flat(member, trail))
        return intersection(built, own)

    def alternatives(self, schema: JsonObject) -> dict[str, list[JsonValue]]:
        """Return the lists of alternatives of a flat schema, by keyword."""
        found = {key: schema.get(key) for key in UNIONS}
        return {key: value for key, value in found.items() if isinstance(value, list)}


def without_alternatives(schema: JsonObject) -> JsonObject:
    """Return a flat schema without its alternatives."""
    return {key: value for key, value in schema.items() if key not in UNIONS}


def intersection(left: JsonObject, right: JsonObject) -> JsonObject:
    """Return the intersection of two flat schemas."""
    built = dict(left)
    apart: list[JsonValue] = []
    for key, value in right.items():
        if key not in built or same_json(built[key], value):
            built[key] = value
            continue
        joined = _joined(key, built[key], value)
        if joined is None:
            apart.append({key: value})
        else:
            built[key] = joined[0]
    if apart:
        built["allOf"] = [*as_list(built.get("allOf", []), ""), *apart]
    return built


def _joined(key: str, left: JsonValue, right: JsonValue) -> tuple[JsonValue] | None:
    """Return in a tuple the intersection of two values of a keyword; None if no single value expresses it."""
    simple = _JOINS.get(key)
    if simple is not None:
        return (simple(left, right),)
    if isinstance(left, dict) and isinstance(right, dict) and key == "properties":
        return ({**left, **{name: _both(left[name], right[name]) if name in left else right[name] for name in right}},)
    if isinstance(left, list) and isinstance(right, list):
        return _joined_lists(key, left, right)
    if isinstance(left, (int, float)) and isinstance(right, (int, float)):
        return _joined_numbers(key, left, right)
    return None


def _any_true(left: JsonValue, right: JsonValue) -> bool:
    return left is True or right is True


def _own(_left: JsonValue, right: JsonValue) -> JsonValue:
    return right


def _joined_lists(key: str, left: list[JsonValue], right: list[JsonValue]) -> tuple[JsonValue] | None:
    texts = {canonical_json(value) for value in left}
    if key == "enum":
        return ([value for value in right if canonical_json(value) in texts],)
    if key in {"required", "allOf"}:
        return ([*left, *(value for value in right if canonical_json(value) not in texts)],)
    return None


def _joined_numbers(key: str, left: float, right: float) -> tuple[JsonValue] | None:
    if key in LOWER:
        return (max(left, right),)
    if key in UPPER:
        return (min(left, right),)
    if key == "multipleOf" and isinstance(left, int) and isinstance(right, int) and left > 0 and right > 0:
        return (left * right // gcd(left, right),)
    return None


def _both(left: JsonValue, right: JsonValue) -> JsonValue:
    if left is False or right is False:
        return False
    if left is True or left == {} or same_json(left, right):
        return right
    return left if right is True or right == {} else {"allOf": [left, right]}


def _common_type(left: JsonValue, right: JsonValue) -> JsonValue:
    kinds, others = set(_kinds(left)), set(_kinds(right))
    common = kinds & others
    if "integer" in kinds | others and "number" in kinds | others:
        common.add("integer")
    if not common:
        return NEVER
    return common.pop() if len(common) == 1 else list[JsonValue](sorted(common))


def _kinds(value: JsonValue) -> Iterator[str]:
    yield from (str(kind) for kind in value) if isinstance(value, list) else (str(value),)


_JOINS: Final[Mapping[str, Callable[[JsonValue, JsonValue], JsonValue]]] = {
    "type": _common_type,
    **dict.fromkeys(("default", "xml"), _own),
    **dict.fromkeys(
        ("exclusiveMinimum", "exclusiveMaximum", "uniqueItems", "nullable", "deprecated", "readOnly", "writeOnly"),
        _any_true,
    ),
    **dict.fromkeys(("items", "additionalProperties", "contains", "propertyNames"), _both),
}


def kind_of(schema: Mapping[str, JsonValue]) -> str:
    """Return the type of a flat schema, inferred if it is not stated; several types are joined by `|`."""
    kind = schema.get("type")
    if kind is not None:
        return "|".join(sorted(_kinds(kind)))
    if "properties" in schema:
        return "object"
    if "items" in schema:
        return "array"
    values = schema.get("enum")
    if isinstance(values, list) and values:
        kinds = {_value_kind(value) for value in values}
        return kinds.pop() if len(kinds) == 1 else ANY
    return ANY


def is_wider(left: str, right: str) -> bool:
    """Return whether the type `left` takes everything that `right` takes, and more."""
    if right in {left, ANY}:
        return False
    if left == ANY or right == NEVER:
        return True
    wide, narrow = set(left.split("|")), set(right.split("|"))
    if "number" in wide:
        wide.add("integer")
    return narrow <= wide


def _value_kind(value: JsonValue) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, str):
        return "string"
    if isinstance(value, int):
        return "integer"
    return "number" if isinstance(value, float) else ANY
