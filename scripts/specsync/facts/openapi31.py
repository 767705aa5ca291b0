"""Converts the JSON Schema of OpenAPI 3.1 to the form of 3.0, so that an upgrade changes no fact."""

from typing import Final

from scripts.specsync.document import openapi as grammar
from scripts.specsync.document.json_values import JsonObject, JsonValue
from scripts.specsync.document.openapi import ObjectKind, as_list, member_list
from scripts.specsync.document.pointer import join

# Keywords that 3.0 does not know and that have no spelling in it.
ONLY_IN_31: Final = frozenset(
    {
        "const",
        "contains",
        "contentEncoding",
        "contentMediaType",
        "dependentSchemas",
        "else",
        "if",
        "patternProperties",
        "prefixItems",
        "propertyNames",
        "then",
        "unevaluatedItems",
        "unevaluatedProperties",
    }
)
_OBJECT_KEYS: Final = ("properties", "required", "additionalProperties", "minProperties", "maxProperties")
_ARRAY_KEYS: Final = ("items", "minItems", "maxItems", "uniqueItems")
_UNIONS: Final = ("anyOf", "oneOf")
_BYTES: Final = "application/octet-stream"


def needs_openapi31(document: JsonObject) -> bool:
    """Return whether a document still holds something that only 3.1 allows."""
    return any(
        kind is ObjectKind.SCHEMA
        and (ONLY_IN_31 & set(node) or isinstance(node.get("type"), list) or node.get("type") == "null")
        for _, kind, node in grammar.walk(document, ObjectKind.DOCUMENT, "")
    )


def beside(target: JsonValue, siblings: JsonObject) -> JsonObject:
    """Return a schema that says what a `$ref` points to, and what stands beside the `$ref`."""
    return {**siblings, "allOf": [target, *member_list(siblings, "allOf", "")]}


def to_openapi30(node: JsonObject, pointer: str) -> JsonObject:
    """Return a schema in the spelling of 3.0 where it has one; the schemas in it are spelled so already."""
    built = {key: _without_booleans(value) if key in _UNIONS else value for key, value in node.items()}
    # What is in there was written out where it is referred to.
    built.pop("$defs", None)
    if "const" in built and "enum" not in built:
        built["enum"] = [built.pop("const")]
    _types(built, pointer)
    _null_members(built, pointer)
    _constants(built)
    _content(built)
    values = built.get("enum")
    if isinstance(values, list) and None in values and len(values) > 1:
        built["enum"] = [value for value in values if value is not None]
        built["nullable"] = True
    for limit, flag in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        bound = built.get(flag)
        if isinstance(bound, (int, float)) and not isinstance(bound, bool):
            _exclusive(built, limit, flag, bound)
    return built


def _exclusive(node: JsonObject, limit: str, flag: str, bound: float) -> None:
    """Write an exclusive limit of 3.1 as 3.0 does; of two limits the stricter one counts."""
    known = node.get(limit)
    if isinstance(known, (int, float)) and (known > bound if limit == "minimum" else known < bound):
        del node[flag]
        return
    node[limit] = bound
    node[flag] = True


def _types(node: JsonObject, pointer: str) -> None:
    kinds = node.get("type")
    if not isinstance(kinds, list):
        return
    named = [kind for kind in as_list(kinds, join(pointer, "type")) if kind != "null"]
    if "null" in kinds:
        node["nullable"] = True
    if len(named) == 1:
        node["type"] = named[0]
    elif not named:
        node["type"] = "null"
        node.pop("nullable", None)
    elif not {"anyOf", "oneOf", "allOf"} & set(node):
        del node["type"]
        own: dict[str, JsonObject] = {
            "object": {key: node.pop(key) for key in _OBJECT_KEYS if key in node and "object" in named},
            "array": {key: node.pop(key) for key in _ARRAY_KEYS if key in node and "array" in named},
        }
        node["anyOf"] = [{"type": kind, **own.get(str(kind), {})} for kind in named]
    else:
        node["type"] = named


def _null_members(node: JsonObject, pointer: str) -> None:
    for key in _UNIONS:
        if key not in node:
            continue
        members = as_list(node[key], join(pointer, key))
        kept = [member for member in members if not _is_null(member)]
        if len(kept) < len(members) and kept:
            node[key] = kept
            node["nullable"] = True


def _constants(node: JsonObject) -> None:
    """Write alternatives that are one value each as a list of values."""
    for key in _UNIONS:
        members = node.get(key)
        if not isinstance(members, list) or len(members) < 2 or "enum" in node:  # noqa: PLR2004 - one is no choice
            continue
        values = [value for member in members for value in _constant(member)]
        kinds = {str(member["type"]) for member in members if isinstance(member, dict) and "type" in member}
        if len(values) == len(members) and len(kinds) <= 1 and kinds <= {str(node.get("type", *kinds or {""}))}:
            del node[key]
            node["enum"] = values
            for kind in kinds:
                node["type"] = kind


def _constant(member: JsonValue) -> list[JsonValue]:
    if not isinstance(member, dict) or not set(member) <= {"enum", "type"}:
        return []
    values = member.get("enum")
    return values if isinstance(values, list) and len(values) == 1 else []


def _content(node: JsonObject) -> None:
    """Write what 3.1 says of the content of a text as a format of 3.0."""
    if "format" in node or node.get("type", "string") != "string":
        return
    if node.get("contentEncoding") == "base64":
        del node["contentEncoding"]
        node["format"] = "byte"
    elif "contentEncoding" not in node and node.get("contentMediaType") == _BYTES:
        node["format"] = "binary"
    else:
        return
    if node.get("contentMediaType") == _BYTES:
        del node["contentMediaType"]
    node["type"] = "string"


def _without_booleans(members: JsonValue) -> JsonValue:
    """Return alternatives without those that nothing fits."""
    if not isinstance(members, list):
        return members
    kept = [member for member in members if member is not False]
    return kept or members


def _is_null(member: JsonValue) -> bool:
    return isinstance(member, dict) and (member.get("type") == "null" or member.get("enum") == [None])
