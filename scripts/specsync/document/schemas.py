"""A schema as the difference looks at it: references followed, allOf merged, so that equal meanings look equal."""

from collections.abc import Mapping
from typing import Final

import attrs

from scripts.specsync.document.json_values import JsonObject, JsonValue
from scripts.specsync.document.openapi import as_list, member_object
from scripts.specsync.document.pointer import follow, reference_tokens

ANY: Final = "any"
_UNIONS: Final = ("anyOf", "oneOf")
_DEEPEST: Final = 60


@attrs.frozen
class Schemas:
    """The component schemas of one document."""

    document: JsonObject

    def names(self) -> frozenset[str]:
        """Return the names of all components."""
        return frozenset(member_object(member_object(self.document, "components", ""), "schemas", ""))

    def reference(self, schema: JsonValue) -> str | None:
        """Return the component that a schema is a reference to, if it is one."""
        if isinstance(schema, dict) and "$ref" in schema:
            return reference_tokens(schema["$ref"], "")[-1]
        return None

    def flat(self, schema: JsonValue, depth: int = 0) -> JsonObject:
        """Return a schema with what it refers to and what it is all of written out in it."""
        if not isinstance(schema, dict) or depth > _DEEPEST:
            return {}
        if "$ref" in schema:
            return self.flat(follow(self.document, schema["$ref"], ""), depth + 1)
        built: JsonObject = {}
        own = dict(schema)
        members = as_list(own.pop("allOf", []), "")
        for key in _UNIONS:
            alternatives = own.get(key)
            if isinstance(alternatives, list) and len(alternatives) == 1:
                members = [*members, alternatives[0]]
                del own[key]
        for member in members:
            _join(built, self.flat(member, depth + 1))
        _join(built, own)
        return built

    def union(self, schema: JsonObject) -> list[JsonValue] | None:
        """Return the alternatives of a flat schema, if it has several."""
        for key in _UNIONS:
            value = schema.get(key)
            if isinstance(value, list):
                return value
        return None


def kind_of(schema: Mapping[str, JsonValue]) -> str:
    """Return the type of a flat schema, inferred where it is not said."""
    kind = schema.get("type")
    if isinstance(kind, str):
        return kind
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
    """Tell whether the type `left` takes everything that `right` takes, and more."""
    return (left == ANY and right != ANY) or (left == "number" and right == "integer")


def _value_kind(value: JsonValue) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, str):
        return "string"
    if isinstance(value, int):
        return "integer"
    return "number" if isinstance(value, float) else ANY


def _join(built: JsonObject, member: JsonObject) -> None:
    for key, value in member.items():
        known = built.get(key)
        if key == "properties" and isinstance(known, dict) and isinstance(value, dict):
            built[key] = {**known, **value}
        elif key == "required" and isinstance(known, list) and isinstance(value, list):
            built[key] = [*known, *(name for name in value if name not in known)]
        else:
            built[key] = value
