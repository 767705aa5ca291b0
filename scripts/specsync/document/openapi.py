"""The grammar of OpenAPI documents: which keys hold which kinds of objects, and traversals that follow it.

A walk by key name alone takes a property that is called `description` or `$ref` for the keyword. Here every node is
reached through a table, so that data (defaults, enum values, examples) is never mistaken for structure, and a container
of the wrong type is an error with its pointer.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from enum import Enum, StrEnum
from typing import Final, TypeAlias

import attrs

from scripts.specsync.document.json_values import JsonObject, JsonValue
from scripts.specsync.document.pointer import join
from scripts.specsync.errors import LocatedSourceError


class ObjectKind(StrEnum):
    """The kinds of objects that a document is made of."""

    DOCUMENT = "document"
    COMPONENTS = "components"
    PATH_ITEM = "path item"
    CALLBACK = "callback"
    OPERATION = "operation"
    PARAMETER = "parameter"
    REQUEST_BODY = "request body"
    RESPONSE = "response"
    HEADER = "header"
    MEDIA_TYPE = "media type"
    ENCODING = "encoding"
    LINK = "link"
    SCHEMA = "schema"
    SECURITY_SCHEME = "security scheme"
    SERVER = "server"


class Container(Enum):
    """How the objects of a field are held."""

    ONE = "one"
    LIST = "list"
    MAP = "map"


@attrs.frozen
class Field:
    """One field of an object that holds further objects.

    Attributes:
        container: How they are held.
        kind: What they are.
        extensible: Whether a name with ``x-`` beside theirs is an extension. That is so in the Paths Object and in the
            Responses Object; a component may be named so.
    """

    container: Container
    kind: ObjectKind
    extensible: bool = False


def _one(kind: ObjectKind) -> Field:
    return Field(Container.ONE, kind)


def _many(kind: ObjectKind) -> Field:
    return Field(Container.LIST, kind)


def _named(kind: ObjectKind, *, extensible: bool = False) -> Field:
    return Field(Container.MAP, kind, extensible)


_BRACES: Final = re.compile(r"\{([^{}]*)\}")

METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace")

GRAMMAR: Final[Mapping[ObjectKind, Mapping[str, Field]]] = {
    ObjectKind.DOCUMENT: {
        "paths": _named(ObjectKind.PATH_ITEM, extensible=True),
        "components": _one(ObjectKind.COMPONENTS),
        "servers": _many(ObjectKind.SERVER),
    },
    ObjectKind.COMPONENTS: {
        "schemas": _named(ObjectKind.SCHEMA),
        "responses": _named(ObjectKind.RESPONSE),
        "parameters": _named(ObjectKind.PARAMETER),
        "requestBodies": _named(ObjectKind.REQUEST_BODY),
        "headers": _named(ObjectKind.HEADER),
        "securitySchemes": _named(ObjectKind.SECURITY_SCHEME),
        "links": _named(ObjectKind.LINK),
        "callbacks": _named(ObjectKind.CALLBACK),
        "pathItems": _named(ObjectKind.PATH_ITEM),
    },
    ObjectKind.PATH_ITEM: {
        **dict.fromkeys(METHODS, _one(ObjectKind.OPERATION)),
        "parameters": _many(ObjectKind.PARAMETER),
        "servers": _many(ObjectKind.SERVER),
    },
    ObjectKind.CALLBACK: {},
    ObjectKind.OPERATION: {
        "parameters": _many(ObjectKind.PARAMETER),
        "requestBody": _one(ObjectKind.REQUEST_BODY),
        "responses": _named(ObjectKind.RESPONSE, extensible=True),
        "callbacks": _named(ObjectKind.CALLBACK),
        "servers": _many(ObjectKind.SERVER),
    },
    ObjectKind.PARAMETER: {"schema": _one(ObjectKind.SCHEMA), "content": _named(ObjectKind.MEDIA_TYPE)},
    ObjectKind.REQUEST_BODY: {"content": _named(ObjectKind.MEDIA_TYPE)},
    ObjectKind.RESPONSE: {
        "headers": _named(ObjectKind.HEADER),
        "content": _named(ObjectKind.MEDIA_TYPE),
        "links": _named(ObjectKind.LINK),
    },
    ObjectKind.HEADER: {"schema": _one(ObjectKind.SCHEMA), "content": _named(ObjectKind.MEDIA_TYPE)},
    ObjectKind.MEDIA_TYPE: {"schema": _one(ObjectKind.SCHEMA), "encoding": _named(ObjectKind.ENCODING)},
    ObjectKind.ENCODING: {"headers": _named(ObjectKind.HEADER)},
    ObjectKind.LINK: {},
    ObjectKind.SCHEMA: {
        "properties": _named(ObjectKind.SCHEMA),
        "patternProperties": _named(ObjectKind.SCHEMA),
        "dependentSchemas": _named(ObjectKind.SCHEMA),
        "$defs": _named(ObjectKind.SCHEMA),
        "allOf": _many(ObjectKind.SCHEMA),
        "anyOf": _many(ObjectKind.SCHEMA),
        "oneOf": _many(ObjectKind.SCHEMA),
        "prefixItems": _many(ObjectKind.SCHEMA),
        "items": _one(ObjectKind.SCHEMA),
        "additionalProperties": _one(ObjectKind.SCHEMA),
        "unevaluatedItems": _one(ObjectKind.SCHEMA),
        "unevaluatedProperties": _one(ObjectKind.SCHEMA),
        "propertyNames": _one(ObjectKind.SCHEMA),
        "contains": _one(ObjectKind.SCHEMA),
        "not": _one(ObjectKind.SCHEMA),
        "if": _one(ObjectKind.SCHEMA),
        "then": _one(ObjectKind.SCHEMA),
        "else": _one(ObjectKind.SCHEMA),
    },
    ObjectKind.SECURITY_SCHEME: {},
    ObjectKind.SERVER: {},
}

Visit: TypeAlias = Callable[[JsonObject, ObjectKind, str], JsonValue]


def fault(reason: str, pointer: str) -> LocatedSourceError:
    """Return the error for a node that is not what the specification says."""
    return LocatedSourceError(reason, pointer)


def as_object(value: JsonValue, pointer: str) -> JsonObject:
    """Return the value as a mapping, which it must be."""
    if isinstance(value, dict):
        return value
    reason = f"a mapping is expected here, not {_name(value)}"
    raise fault(reason, pointer)


def as_list(value: JsonValue, pointer: str) -> list[JsonValue]:
    """Return the value as a list, which it must be."""
    if isinstance(value, list):
        return value
    reason = f"a list is expected here, not {_name(value)}"
    raise fault(reason, pointer)


def as_text(value: JsonValue, pointer: str) -> str:
    """Return the value as a string, which it must be."""
    if isinstance(value, str):
        return value
    reason = f"a string is expected here, not {_name(value)}"
    raise fault(reason, pointer)


def as_texts(value: JsonValue, pointer: str) -> list[str]:
    """Return the value as a list of strings, which it must be."""
    return [as_text(member, join(pointer, index)) for index, member in enumerate(as_list(value, pointer))]


def member_object(value: JsonObject, key: str, pointer: str) -> JsonObject:
    """Return the mapping under a key, empty where the key is absent."""
    return as_object(value[key], join(pointer, key)) if key in value else {}


def member_list(value: JsonObject, key: str, pointer: str) -> list[JsonValue]:
    """Return the list under a key, empty where the key is absent."""
    return as_list(value[key], join(pointer, key)) if key in value else []


def components_of(document: JsonObject, kind: str) -> JsonObject:
    """Return the components of a kind, such as `schemas`, by name; empty where there are none."""
    return member_object(member_object(document, "components", ""), kind, "/components")


def children(node: JsonObject, kind: ObjectKind, pointer: str) -> Iterator[tuple[str, ObjectKind, JsonValue]]:
    """Yield pointer, kind and value of every object that a node holds directly."""
    for key, field in GRAMMAR[kind].items():
        if key not in node:
            continue
        place = join(pointer, key)
        value = node[key]
        if field.container is Container.ONE:
            yield place, field.kind, value
        elif field.container is Container.LIST:
            for index, member in enumerate(as_list(value, place)):
                yield join(place, index), field.kind, member
        else:
            for name, member in as_object(value, place).items():
                if not (field.extensible and name.startswith("x-")):
                    yield join(place, name), field.kind, member


def walk(value: JsonValue, kind: ObjectKind, pointer: str) -> Iterator[tuple[str, ObjectKind, JsonObject]]:
    """Yield every object below and including a node, parents first; boolean schemas have no inside."""
    if kind is ObjectKind.SCHEMA and isinstance(value, bool):
        return
    node = as_object(value, pointer)
    yield pointer, kind, node
    if "$ref" in node and not (kind is ObjectKind.SCHEMA or kind is ObjectKind.PATH_ITEM):
        return
    for place, child_kind, child in children(node, kind, pointer):
        yield from walk(child, child_kind, place)


def rebuild(value: JsonValue, kind: ObjectKind, pointer: str, visit: Visit) -> JsonValue:
    """Return the node as `visit` makes it, children first; other values stay as they are."""
    if kind is ObjectKind.SCHEMA and isinstance(value, bool):
        return value
    node = as_object(value, pointer)
    built: JsonObject = dict(node)
    for key, field in GRAMMAR[kind].items():
        if key not in node:
            continue
        place = join(pointer, key)
        member = node[key]
        if field.container is Container.ONE:
            built[key] = rebuild(member, field.kind, place, visit)
        elif field.container is Container.LIST:
            built[key] = [
                rebuild(item, field.kind, join(place, index), visit)
                for index, item in enumerate(as_list(member, place))
            ]
        else:
            built[key] = {
                name: rebuild(item, field.kind, join(place, name), visit)
                for name, item in as_object(member, place).items()
                if not (field.extensible and name.startswith("x-"))
            }
    return visit(built, kind, pointer)


def _name(value: JsonValue) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    return "a string" if isinstance(value, str) else "a number"


def _flag(value: JsonValue, pointer: str) -> None:
    if not isinstance(value, bool):
        reason = "true or false is expected here"
        raise fault(reason, pointer)


def _number(value: JsonValue, pointer: str) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        reason = "a number is expected here"
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


_CHECKS: Final[Mapping[ObjectKind, Mapping[str, Callable[[JsonValue, str], object]]]] = {
    ObjectKind.SCHEMA: {
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
    ObjectKind.OPERATION: {"tags": as_texts, "operationId": as_text, "deprecated": _flag, "security": _security},
    ObjectKind.PARAMETER: {"in": as_text, "name": as_text, "required": _flag, "style": as_text, "explode": _flag},
    ObjectKind.HEADER: {"required": _flag},
    ObjectKind.REQUEST_BODY: {"required": _flag, "content": as_object},
    ObjectKind.SECURITY_SCHEME: {"type": as_text, "in": as_text, "name": as_text, "scheme": as_text},
    ObjectKind.SERVER: {"url": as_text},
}


def check_keyword_types(node: JsonObject, kind: ObjectKind, pointer: str) -> None:
    """Refuse an object in which the value of a keyword has the wrong type."""
    for key, check in _CHECKS.get(kind, {}).items():
        if key in node:
            check(node[key], join(pointer, key))


def path_shape(template: str) -> str:
    """Return a path template without the names of its parameters."""
    return _BRACES.sub("{}", template)


def path_names(template: str) -> tuple[str, ...]:
    """Return the names of a path template's parameters, in order."""
    return tuple(_BRACES.findall(template))
