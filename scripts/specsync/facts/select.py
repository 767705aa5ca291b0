"""Selects operations from a document and makes each of them self-contained.

An operation is found by method and the shape of its path, never by name or tag. What it inherits (parameters, servers
and security of its path or of the root) is written out in it, and references to anything but a component schema are
replaced by what they point to, so that moving a part upstream from one place to the other changes nothing here. The
closure of component schemas and the security schemes in use come along. Upstream's names stay under `x-upstream`.
"""

from collections.abc import Iterator, Mapping
from typing import Final

import attrs

from scripts.specsync.document import openapi as grammar
from scripts.specsync.document.json_values import JsonObject, JsonValue, copy_json
from scripts.specsync.document.openapi import (
    METHODS,
    ObjectKind,
    as_list,
    as_object,
    as_text,
    components_of,
    fault,
    member_list,
    member_object,
    path_names,
    path_shape,
)
from scripts.specsync.document.pointer import follow, join, reference_tokens
from scripts.specsync.errors import SourceError
from scripts.specsync.settings import WantedOperation

UPSTREAM: Final = "x-upstream"
_SCHEMA_PLACE: Final = ("components", "schemas")
_SCHEMA_REFERENCE_LENGTH: Final = 3
_LONGEST_CHAIN: Final = 40
_KEYWORDS: Final = frozenset({"components", "schemas", "properties", "items", "allOf", "anyOf", "oneOf", "$defs"})


def require_openapi(document: JsonObject) -> None:
    """Refuse a document that is not OpenAPI, or of a version that the generator does not support."""
    version = document.get("openapi")
    if version is None:
        reason = "not an OpenAPI document: the key `openapi` is missing"
        raise fault(reason, "")
    # `openapi: 3.1` without quotes is a number in YAML.
    text = str(version)
    if not text.startswith(("3.0", "3.1")):
        reason = f"OpenAPI {text} is not supported, only 3.0 and 3.1"
        raise fault(reason, "/openapi")
    as_object(document.get("paths"), "/paths")


def all_operations(document: JsonObject) -> tuple[WantedOperation, ...]:
    """Return every operation of a document, under upstream's own names."""
    return tuple(
        WantedOperation(method.upper(), path)
        for path, item, _ in _path_items(document)
        for method in METHODS
        if method in item
    )


def missing_operations(document: JsonObject, wanted: tuple[WantedOperation, ...]) -> tuple[WantedOperation, ...]:
    """Return the wanted operations that a document does not describe."""
    shapes = _by_shape(document)
    return tuple(
        operation
        for operation in wanted
        if not any(operation.method.lower() in item for _, item, _ in shapes.get(operation.shape, ()))
    )


def select(document: JsonObject, wanted: tuple[WantedOperation, ...]) -> JsonObject:
    """Return a document of the wanted operations that are there, and of all that they need."""
    require_openapi(document)
    selector = _Selector(document)
    shapes = _by_shape(document)
    paths: dict[str, dict[str, JsonObject]] = {}
    for operation in wanted:
        found = [
            (path, item, pointer)
            for path, item, pointer in shapes.get(operation.shape, ())
            if operation.method.lower() in item
        ]
        if not found:
            continue
        if len(found) > 1:
            reason = f"{operation.label} is described twice, as {found[0][0]} and {found[1][0]}"
            raise fault(reason, found[1][2])
        path, item, pointer = found[0]
        methods = paths.setdefault(operation.path, {})
        methods[operation.method.lower()] = selector.whole(operation, path, item, pointer)
    if wanted and not paths:
        message = f"the source lacks {', '.join(operation.label for operation in wanted)}"
        raise SourceError(message)
    info = member_object(document, "info", "")
    return {
        "openapi": str(document["openapi"]),
        "info": {**info, "version": str(info.get("version", ""))},
        "paths": {path: dict[str, JsonValue](methods) for path, methods in paths.items()},
        "components": selector.components(paths),
    }


def _path_items(document: JsonObject) -> Iterator[tuple[str, JsonObject, str]]:
    for path, value in member_object(document, "paths", "").items():
        pointer = join("/paths", path)
        if path.startswith("/"):
            yield path, _whole_path_item(document, as_object(value, pointer), pointer), pointer


def _by_shape(document: JsonObject) -> Mapping[str, list[tuple[str, JsonObject, str]]]:
    shapes: dict[str, list[tuple[str, JsonObject, str]]] = {}
    for path, item, pointer in _path_items(document):
        shapes.setdefault(path_shape(path), []).append((path, item, pointer))
    return shapes


def _whole_path_item(document: JsonObject, node: JsonObject, pointer: str) -> JsonObject:
    """Return a path item together with the one that it refers to; what it says itself comes first."""
    built = dict(node)
    for _ in range(_LONGEST_CHAIN):
        if "$ref" not in built:
            return built
        target = as_object(follow(document, built.pop("$ref"), pointer), pointer)
        parameters = _parameters(document, (target, pointer), (built, pointer))
        built = {**target, **built}
        if parameters:
            built["parameters"] = list[JsonValue](parameters)
    reason = "a $ref that leads back to itself"
    raise fault(reason, pointer)


def _dereferenced(document: JsonObject, node: JsonObject, pointer: str) -> JsonObject:
    """Return the node that a chain of `$ref`s ends at."""
    for _ in range(_LONGEST_CHAIN):
        if "$ref" not in node:
            return node
        node = as_object(follow(document, node["$ref"], pointer), pointer)
    reason = "a $ref that leads back to itself"
    raise fault(reason, pointer)


def _parameters(document: JsonObject, *holders: tuple[JsonObject, str]) -> list[JsonObject]:
    """Return the parameters of all holders, where those of a later one win."""
    found: dict[tuple[str, str], JsonObject] = {}
    for holder, where in holders:
        seen: set[tuple[str, str]] = set()
        for index, value in enumerate(member_list(holder, "parameters", where)):
            spot = join(where, "parameters", index)
            parameter = dict(_dereferenced(document, as_object(value, spot), spot))
            key = (as_text(parameter.get("in"), join(spot, "in")), as_text(parameter.get("name"), join(spot, "name")))
            if key in seen:
                reason = f"the {key[0]} parameter {key[1]!r} is described twice"
                raise fault(reason, spot)
            seen.add(key)
            found[key] = parameter
    return list(found.values())


def _is_whole_schema(reference: str, pointer: str) -> bool:
    """Return whether a `$ref` names a component schema, and not a part of one."""
    tokens = reference_tokens(reference, pointer)
    return tokens[:2] == _SCHEMA_PLACE and len(tokens) == _SCHEMA_REFERENCE_LENGTH


@attrs.frozen
class _Selector:
    """Makes operations whole; `parts` are references into a schema that contains itself, by the name that it gets."""

    document: JsonObject
    parts: dict[str, str] = attrs.field(factory=dict[str, str])

    def whole(self, wanted: WantedOperation, path: str, item: JsonObject, pointer: str) -> JsonObject:
        """Return an operation with all that it inherits written out, under our names."""
        method = wanted.method.lower()
        place = join(pointer, method)
        source = as_object(item[method], place)
        built: JsonObject = dict(source)
        ours = dict(zip(path_names(path), path_names(wanted.path), strict=True))
        parameters = _parameters(self.document, (item, pointer), (source, place))
        for parameter in parameters:
            name = parameter.get("name")
            if parameter.get("in") == "path" and isinstance(name, str):
                parameter["name"] = ours.get(name, name)
        built["parameters"] = list[JsonValue](parameters)
        for key in ("security", "servers"):
            for holder, where in ((source, place), (item, pointer), (self.document, "")):
                if key in holder and not (key == "security" and holder is item):
                    built[key] = copy_json(as_list(holder[key], join(where, key)))
                    break
        names: JsonObject = {"path": path}
        if "operationId" in source:
            names["operationId"] = copy_json(source["operationId"])
        if "tags" in source:
            names["tags"] = copy_json(source["tags"])
        built[UPSTREAM] = names
        if wanted.identifier is not None:
            built["operationId"] = wanted.identifier
        if wanted.tag is not None:
            built["tags"] = [wanted.tag]
        built.pop("callbacks", None)
        return as_object(self._inlined(built, ObjectKind.OPERATION, place, ()), place)

    def _inlined(self, node: JsonObject, kind: ObjectKind, pointer: str, trail: tuple[str, ...]) -> JsonValue:
        """Return a node in which only references to component schemas are left."""

        def visit(built: JsonObject, built_kind: ObjectKind, place: str) -> JsonValue:
            if "$ref" not in built:
                return built
            reference = as_text(built["$ref"], place)
            target = follow(self.document, reference, place)
            if built_kind is ObjectKind.SCHEMA and _is_whole_schema(reference, place):
                return built
            if reference in trail or len(trail) > _LONGEST_CHAIN:
                if built_kind is ObjectKind.SCHEMA and len(trail) <= _LONGEST_CHAIN:
                    return {**built, "$ref": "#" + join("/components/schemas", self._part(reference))}
                reason = f"$ref {reference!r} leads back to itself"
                raise fault(reason, place)
            if built_kind is ObjectKind.SCHEMA and isinstance(target, bool):
                return target
            found = self._inlined(as_object(target, place), built_kind, place, (*trail, reference))
            siblings = {key: value for key, value in built.items() if key != "$ref"}
            if built_kind is ObjectKind.SCHEMA and siblings and str(self.document["openapi"]).startswith("3.1"):
                return {"allOf": [found], **siblings}
            return found

        return grammar.rebuild(node, kind, pointer, visit)

    def _part(self, reference: str) -> str:
        """Return the component that a part of a schema becomes because it contains itself."""
        known = self.parts.get(reference)
        if known is not None:
            return known
        words = [token for token in reference_tokens(reference, "") if token not in _KEYWORDS]
        # Not the name that the generator gives the object in its place.
        name = "_".join([*words, "part"])
        taken = set(components_of(self.document, "schemas"))
        while name in taken or name in self.parts.values():
            name += "_"
        self.parts[reference] = name
        return name

    def components(self, paths: Mapping[str, Mapping[str, JsonObject]]) -> JsonObject:
        """Return the component schemas that are reached from the operations, and the security schemes in use."""
        schemas: JsonObject = {}
        waiting: list[tuple[str, str, str]] = []
        for path, methods in paths.items():
            for method, operation in methods.items():
                waiting.extend(_schema_names(operation, ObjectKind.OPERATION, join("/paths", path, method)))
        while waiting:
            name, reference, pointer = waiting.pop()
            if name in schemas:
                continue
            by_name = {part: source for source, part in self.parts.items()}
            reference = by_name.get(name, reference)
            target = follow(self.document, reference, pointer)
            place = join("/components/schemas", name)
            node: JsonValue = (
                target
                if isinstance(target, bool)
                else self._inlined(as_object(target, place), ObjectKind.SCHEMA, place, (reference,))
            )
            schemas[name] = node
            waiting.extend(_schema_names(node, ObjectKind.SCHEMA, place))
        return {"schemas": dict(sorted(schemas.items())), "securitySchemes": _schemes(self.document, paths)}


def _schema_names(value: JsonValue, kind: ObjectKind, pointer: str) -> Iterator[tuple[str, str, str]]:
    for place, node_kind, node in grammar.walk(value, kind, pointer):
        if node_kind is not ObjectKind.SCHEMA:
            continue
        references = [as_text(node["$ref"], place)] if "$ref" in node else []
        discriminator = node.get("discriminator")
        if isinstance(discriminator, dict):
            mapping = member_object(discriminator, "mapping", join(place, "discriminator"))
            references.extend(value for value in mapping.values() if isinstance(value, str) and value.startswith("#/"))
        for reference in references:
            yield reference_tokens(reference, place)[-1], reference, place


def _schemes(document: JsonObject, paths: Mapping[str, Mapping[str, JsonObject]]) -> JsonObject:
    used: set[str] = set()
    for path, methods in paths.items():
        for method, operation in methods.items():
            place = join("/paths", path, method)
            for index, alternative in enumerate(member_list(operation, "security", place)):
                used.update(as_object(alternative, join(place, "security", index)))
    declared = components_of(document, "securitySchemes")
    place = "/components/securitySchemes"
    return {
        name: copy_json(_dereferenced(document, as_object(declared[name], join(place, name)), join(place, name)))
        for name in sorted(used)
        if name in declared
    }
