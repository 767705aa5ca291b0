"""Spells the JSON Schema of OpenAPI 3.1 as 3.0 does, so that moving from one to the other changes no fact."""

from typing import Final

from scripts.specsync.document import openapi as grammar
from scripts.specsync.document.json_values import JsonObject, JsonValue
from scripts.specsync.document.openapi import ObjectKind, as_list
from scripts.specsync.document.pointer import join

# Keywords that 3.0 does not know and that have no spelling in it.
_MODERN_ONLY: Final = frozenset(
    {
        "$defs",
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


def needs_openapi31(document: JsonObject) -> bool:
    """Tell whether a document still holds something that only 3.1 allows."""
    return any(
        kind is ObjectKind.SCHEMA
        and (_MODERN_ONLY & set(node) or isinstance(node.get("type"), list) or node.get("type") == "null")
        for _, kind, node in grammar.walk(document, ObjectKind.DOCUMENT, "")
    )


def to_openapi30(node: JsonObject, pointer: str) -> JsonObject:
    """Return a schema in the spelling of 3.0 where it has one; the schemas in it are spelled so already."""
    built = dict(node)
    if "const" in built and "enum" not in built:
        built["enum"] = [built.pop("const")]
    _types(built, pointer)
    _null_members(built, pointer)
    values = built.get("enum")
    if isinstance(values, list) and None in values and len(values) > 1:
        built["enum"] = [value for value in values if value is not None]
        built["nullable"] = True
    for limit, flag in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        bound = built.get(flag)
        if isinstance(bound, (int, float)) and not isinstance(bound, bool) and limit not in built:
            built[limit] = bound
            built[flag] = True
    return built


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
    for key in ("anyOf", "oneOf"):
        if key not in node:
            continue
        members = as_list(node[key], join(pointer, key))
        kept = [member for member in members if not _is_null(member)]
        if len(kept) < len(members) and kept:
            node[key] = kept
            node["nullable"] = True


def _is_null(member: JsonValue) -> bool:
    return isinstance(member, dict) and member.get("type") == "null"
