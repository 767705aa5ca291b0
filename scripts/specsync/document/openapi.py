"""Which keys of an OpenAPI document hold what, and walks that know it.

A walk by key name alone takes a property that is called `description` or `$ref` for the keyword. Here every node is
reached through a table, so that data (defaults, enum values, examples) is never mistaken for structure, and a container
of the wrong type is a fault with its pointer.
"""

from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from typing import Final, TypeAlias

import attrs

from scripts.specsync.document.json_values import JsonObject, JsonValue
from scripts.specsync.document.pointer import join
from scripts.specsync.errors import LocatedSourceError


class Kind(Enum):
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
    """One field of an object that holds further objects."""

    container: Container
    kind: Kind


def _one(kind: Kind) -> Field:
    return Field(Container.ONE, kind)


def _many(kind: Kind) -> Field:
    return Field(Container.LIST, kind)


def _named(kind: Kind) -> Field:
    return Field(Container.MAP, kind)


METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace")

GRAMMAR: Final[Mapping[Kind, Mapping[str, Field]]] = {
    Kind.DOCUMENT: {
        "paths": _named(Kind.PATH_ITEM),
        "components": _one(Kind.COMPONENTS),
        "servers": _many(Kind.SERVER),
    },
    Kind.COMPONENTS: {
        "schemas": _named(Kind.SCHEMA),
        "responses": _named(Kind.RESPONSE),
        "parameters": _named(Kind.PARAMETER),
        "requestBodies": _named(Kind.REQUEST_BODY),
        "headers": _named(Kind.HEADER),
        "securitySchemes": _named(Kind.SECURITY_SCHEME),
        "links": _named(Kind.LINK),
        "callbacks": _named(Kind.CALLBACK),
        "pathItems": _named(Kind.PATH_ITEM),
    },
    Kind.PATH_ITEM: {
        **dict.fromkeys(METHODS, _one(Kind.OPERATION)),
        "parameters": _many(Kind.PARAMETER),
        "servers": _many(Kind.SERVER),
    },
    Kind.CALLBACK: {},
    Kind.OPERATION: {
        "parameters": _many(Kind.PARAMETER),
        "requestBody": _one(Kind.REQUEST_BODY),
        "responses": _named(Kind.RESPONSE),
        "callbacks": _named(Kind.CALLBACK),
        "servers": _many(Kind.SERVER),
    },
    Kind.PARAMETER: {"schema": _one(Kind.SCHEMA), "content": _named(Kind.MEDIA_TYPE)},
    Kind.REQUEST_BODY: {"content": _named(Kind.MEDIA_TYPE)},
    Kind.RESPONSE: {
        "headers": _named(Kind.HEADER),
        "content": _named(Kind.MEDIA_TYPE),
        "links": _named(Kind.LINK),
    },
    Kind.HEADER: {"schema": _one(Kind.SCHEMA), "content": _named(Kind.MEDIA_TYPE)},
    Kind.MEDIA_TYPE: {"schema": _one(Kind.SCHEMA), "encoding": _named(Kind.ENCODING)},
    Kind.ENCODING: {"headers": _named(Kind.HEADER)},
    Kind.LINK: {},
    Kind.SCHEMA: {
        "properties": _named(Kind.SCHEMA),
        "patternProperties": _named(Kind.SCHEMA),
        "dependentSchemas": _named(Kind.SCHEMA),
        "$defs": _named(Kind.SCHEMA),
        "allOf": _many(Kind.SCHEMA),
        "anyOf": _many(Kind.SCHEMA),
        "oneOf": _many(Kind.SCHEMA),
        "prefixItems": _many(Kind.SCHEMA),
        "items": _one(Kind.SCHEMA),
        "additionalProperties": _one(Kind.SCHEMA),
        "unevaluatedItems": _one(Kind.SCHEMA),
        "unevaluatedProperties": _one(Kind.SCHEMA),
        "propertyNames": _one(Kind.SCHEMA),
        "contains": _one(Kind.SCHEMA),
        "not": _one(Kind.SCHEMA),
        "if": _one(Kind.SCHEMA),
        "then": _one(Kind.SCHEMA),
        "else": _one(Kind.SCHEMA),
    },
    Kind.SECURITY_SCHEME: {},
    Kind.SERVER: {},
}

Visit: TypeAlias = Callable[[JsonObject, Kind, str], JsonValue]


def fault(reason: str, pointer: str) -> LocatedSourceError:
    """Return the error for a node that is not what the specification says."""
    return LocatedSourceError(reason, pointer)


def as_object(value: JsonValue, pointer: str) -> JsonObject:
    """Return the value as a mapping, which it must be."""
    if isinstance(value, dict):
        return value
    reason = f"a mapping is wanted here, not {_name(value)}"
    raise fault(reason, pointer)


def as_list(value: JsonValue, pointer: str) -> list[JsonValue]:
    """Return the value as a list, which it must be."""
    if isinstance(value, list):
        return value
    reason = f"a list is wanted here, not {_name(value)}"
    raise fault(reason, pointer)


def as_text(value: JsonValue, pointer: str) -> str:
    """Return the value as a string, which it must be."""
    if isinstance(value, str):
        return value
    reason = f"a string is wanted here, not {_name(value)}"
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


def children(node: JsonObject, kind: Kind, pointer: str) -> Iterator[tuple[str, Kind, JsonValue]]:
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
                if not (field.kind in {Kind.PATH_ITEM, Kind.RESPONSE} and name.startswith("x-")):
                    yield join(place, name), field.kind, member


def walk(value: JsonValue, kind: Kind, pointer: str) -> Iterator[tuple[str, Kind, JsonObject]]:
    """Yield every object below and including a node, parents first; boolean schemas have no inside."""
    if kind is Kind.SCHEMA and isinstance(value, bool):
        return
    node = as_object(value, pointer)
    yield pointer, kind, node
    if "$ref" in node and not (kind is Kind.SCHEMA or kind is Kind.PATH_ITEM):
        return
    for place, child_kind, child in children(node, kind, pointer):
        yield from walk(child, child_kind, place)


def rebuild(value: JsonValue, kind: Kind, pointer: str, visit: Visit) -> JsonValue:
    """Return the node as `visit` makes it, children first; what is no structure is handed on as it is."""
    if kind is Kind.SCHEMA and isinstance(value, bool):
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
                if not (field.kind in {Kind.PATH_ITEM, Kind.RESPONSE} and name.startswith("x-"))
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
