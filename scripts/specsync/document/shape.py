"""Checks that keywords hold what the specification says they hold, so that no later stage has to ask."""

from collections.abc import Callable, Mapping
from typing import Final

from scripts.specsync.document.json_values import JsonObject, JsonValue
from scripts.specsync.document.openapi import Kind, as_object, as_text, as_texts, fault
from scripts.specsync.document.pointer import join


def _flag(value: JsonValue, pointer: str) -> None:
    if not isinstance(value, bool):
        reason = "true or false is wanted here"
        raise fault(reason, pointer)


def _number(value: JsonValue, pointer: str) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        reason = "a number is wanted here"
        raise fault(reason, pointer)


def _bound(value: JsonValue, pointer: str) -> None:
    if not isinstance(value, bool):
        _number(value, pointer)


def _text_or_texts(value: JsonValue, pointer: str) -> None:
    if isinstance(value, list):
        as_texts(value, pointer)
    else:
        as_text(value, pointer)


def _values(value: JsonValue, pointer: str) -> None:
    if not isinstance(value, list):
        reason = "a list is wanted here"
        raise fault(reason, pointer)


def _security(value: JsonValue, pointer: str) -> None:
    _values(value, pointer)
    for index, alternative in enumerate(value if isinstance(value, list) else []):
        place = join(pointer, index)
        for name, scopes in as_object(alternative, place).items():
            as_texts(scopes, join(place, name))


_CHECKS: Final[Mapping[Kind, Mapping[str, Callable[[JsonValue, str], object]]]] = {
    Kind.SCHEMA: {
        "$ref": as_text,
        "type": _text_or_texts,
        "format": as_text,
        "pattern": as_text,
        "required": as_texts,
        "enum": _values,
        "discriminator": as_object,
        **dict.fromkeys(("nullable", "deprecated", "readOnly", "writeOnly", "uniqueItems"), _flag),
        **dict.fromkeys(("exclusiveMinimum", "exclusiveMaximum"), _bound),
        **dict.fromkeys(
            ("minimum", "maximum", "multipleOf", "minLength", "maxLength", "minItems", "maxItems"), _number
        ),
        **dict.fromkeys(("minProperties", "maxProperties"), _number),
    },
    Kind.OPERATION: {"tags": as_texts, "operationId": as_text, "deprecated": _flag, "security": _security},
    Kind.PARAMETER: {"in": as_text, "name": as_text, "required": _flag, "style": as_text, "explode": _flag},
    Kind.HEADER: {"required": _flag},
    Kind.REQUEST_BODY: {"required": _flag, "content": as_object},
    Kind.SECURITY_SCHEME: {"type": as_text, "in": as_text, "name": as_text, "scheme": as_text},
    Kind.SERVER: {"url": as_text},
}


def require_shape(node: JsonObject, kind: Kind, pointer: str) -> None:
    """Refuse an object in which a keyword holds something of another type."""
    for key, check in _CHECKS.get(kind, {}).items():
        if key in node:
            check(node[key], join(pointer, key))
