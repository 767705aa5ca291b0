"""Finds errors in a document: violations of the specification's schema, and those that no schema can express."""

from collections.abc import Iterator
from typing import Final

import attrs

from scripts.specsync.document import openapi as grammar
from scripts.specsync.document.json_values import JsonObject, JsonValue, same_json
from scripts.specsync.document.meta_schema import meta_schema, shown
from scripts.specsync.document.openapi import (
    ObjectKind,
    as_object,
    components_of,
    member_list,
    member_object,
    path_names,
)
from scripts.specsync.document.pointer import join
from scripts.specsync.document.schemas import Schemas, kind_of

# Keywords that only 3.1 has; the facts spell everything else as 3.0 does, whatever the version of the document.
_ONLY_IN_31: Final = frozenset(
    {
        "const", "contains", "contentEncoding", "contentMediaType", "dependentSchemas", "else", "if",
        "patternProperties", "prefixItems", "propertyNames", "then", "unevaluatedItems", "unevaluatedProperties",
    }
)  # fmt: skip
_PYTHON_KINDS: Final[dict[str, tuple[type, ...]]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
}


@attrs.frozen
class Finding:
    """One error, with its place; a note is an error that no client depends on."""

    pointer: str
    reason: str
    is_note: bool = False

    def __str__(self) -> str:
        """Return the finding as a message shows it."""
        return f"{self.pointer or '/'}: {self.reason}"


def lint(document: JsonObject) -> tuple[Finding, ...]:
    """Return every error of a document."""
    found = {
        *_validated(document),
        *_undeclared_tags(document),
        *_unknown_schemes(document),
        *_schemas(document),
        *_operations(document),
    }
    return tuple(sorted(found, key=str))


def _validated(document: JsonObject) -> Iterator[Finding]:
    modern = str(document.get("openapi")).startswith("3.1")
    schema = meta_schema()
    for pointer, kind, node in grammar.walk(document, ObjectKind.DOCUMENT, ""):
        plain = _without_31(node) if modern and kind is ObjectKind.SCHEMA else node
        yield from (Finding(place, reason) for place, reason in schema.errors(plain, kind, pointer))


def _without_31(node: JsonObject) -> JsonObject:
    kinds = node.get("type")
    is_31 = isinstance(kinds, list) or kinds == "null"
    return {key: value for key, value in node.items() if not (key in _ONLY_IN_31 or (key == "type" and is_31))}


def _undeclared_tags(document: JsonObject) -> Iterator[Finding]:
    declared = {str(as_object(tag, "/tags").get("name")) for tag in member_list(document, "tags", "")}
    for pointer, kind, node in grammar.walk(document, ObjectKind.DOCUMENT, ""):
        if kind is ObjectKind.OPERATION:
            for index, tag in enumerate(member_list(node, "tags", pointer)):
                if tag not in declared:
                    yield Finding(join(pointer, "tags", index), f"tag {tag!r} is not declared")


def _unknown_schemes(document: JsonObject) -> Iterator[Finding]:
    known = components_of(document, "securitySchemes")
    for pointer, kind, node in grammar.walk(document, ObjectKind.DOCUMENT, ""):
        if kind is ObjectKind.OPERATION:
            for index, alternative in enumerate(member_list(node, "security", pointer)):
                place = join(pointer, "security", index)
                for name in as_object(alternative, place):
                    if name not in known:
                        yield Finding(place, f"security scheme {name!r} is not described")


def _schemas(document: JsonObject) -> Iterator[Finding]:
    schemas = Schemas(document)
    for pointer, kind, node in grammar.walk(document, ObjectKind.DOCUMENT, ""):
        if kind is not ObjectKind.SCHEMA:
            continue
        if node.get("type") == "array" and "items" not in node and "prefixItems" not in node:
            yield Finding(pointer, "an array without items", is_note=True)
        if "default" in node and not _takes(schemas.flat(node), node["default"]):
            reason = f"the default {shown(node['default'])} is not a valid value here"
            yield Finding(join(pointer, "default"), reason, is_note=True)
        if "required" not in node or "$ref" in node or _is_part_of_all(pointer):
            continue
        flat = schemas.flat(node)
        properties = member_object(flat, "properties", pointer)
        if not properties and ("anyOf" in flat or "oneOf" in flat or "type" not in node):
            # Such a list only says which of another schema's properties must be there.
            continue
        for name in member_list(node, "required", pointer):
            if name not in properties and not schemas.alternatives(flat):
                yield Finding(join(pointer, "required"), f"requires {name!r}, which is not a property", is_note=True)


def _takes(schema: JsonObject, value: JsonValue) -> bool:
    """Return whether a value has the type of a flat schema, and is one of its values."""
    if value is None:
        return bool(schema.get("nullable")) or "type" not in schema
    if "anyOf" in schema or "oneOf" in schema:
        return True
    values = schema.get("enum")
    if isinstance(values, list) and not any(same_json(value, one) for one in values):
        return False
    wanted = [kind for name in kind_of(schema).split("|") for kind in _PYTHON_KINDS.get(name, (object,))]
    if isinstance(value, bool):
        return bool in wanted or object in wanted
    return isinstance(value, tuple(wanted))


def _is_part_of_all(pointer: str) -> bool:
    return any(token in pointer.split("/") for token in ("allOf", "anyOf", "oneOf", "not"))


def _operations(document: JsonObject) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    for path, item in member_object(document, "paths", "").items():
        names = set(path_names(path))
        for method, operation in as_object(item, "").items():
            if method not in grammar.METHODS:
                continue
            pointer = join("/paths", path, method)
            node = as_object(operation, pointer)
            identifier = node.get("operationId")
            if isinstance(identifier, str):
                if identifier in seen:
                    reason = f"operationId {identifier!r} is already used by {seen[identifier]}"
                    yield Finding(join(pointer, "operationId"), reason)
                seen.setdefault(identifier, pointer)
            found = [as_object(value, pointer) for value in member_list(node, "parameters", pointer)]
            given = {str(parameter.get("name")) for parameter in found if parameter.get("in") == "path"}
            for name in sorted(names ^ given):
                word = "is not described" if name in names else "is not in the path"
                yield Finding(pointer, f"path parameter {name!r} {word}")
