"""The canonical order of facts, so that reordering upstream is no change."""

from typing import Final

from scripts.specsync.document import openapi as grammar
from scripts.specsync.document.json_values import JsonObject, JsonValue, canonical_json
from scripts.specsync.document.openapi import ObjectKind, as_object

_SORTED_LISTS: Final = ("allOf", "anyOf", "oneOf", "enum", "required", "type")
_FIRST: Final = ("openapi", "info", "tags", "paths", "components")


def canonical(document: JsonObject) -> JsonObject:
    """Return the document with every key, and every list whose order means nothing, in a fixed order."""
    built = as_object(grammar.rebuild(document, ObjectKind.DOCUMENT, "", _ordered), "")
    return {key: built[key] for key in (*(name for name in _FIRST if name in built), *sorted(set(built) - set(_FIRST)))}


def sorted_unique(values: list[JsonValue]) -> list[JsonValue]:
    """Return the values by their canonical text, each once."""
    found = {canonical_json(value): value for value in values}
    return [found[text] for text in sorted(found)]


def _ordered(node: JsonObject, kind: ObjectKind, _pointer: str) -> JsonValue:
    built = dict(node)
    if kind is ObjectKind.SCHEMA:
        for key in _SORTED_LISTS:
            value = built.get(key)
            if isinstance(value, list):
                built[key] = sorted_unique(value)
    elif kind is ObjectKind.OPERATION:
        for key in ("parameters", "security", "servers"):
            value = built.get(key)
            if isinstance(value, list):
                built[key] = sorted(value, key=_parameter_key) if key == "parameters" else sorted_unique(value)
    return {key: _data(built[key]) for key in sorted(built)}


def _parameter_key(value: JsonValue) -> tuple[str, str]:
    if isinstance(value, dict):
        return str(value.get("in")), str(value.get("name"))
    return "", canonical_json(value)


def _data(value: JsonValue) -> JsonValue:
    if isinstance(value, dict):
        return {key: _data(value[key]) for key in sorted(value)}
    if isinstance(value, list):
        return [_data(member) for member in value]
    return value
