"""Selects operations from a document and makes each of them self-contained.

An operation is found by method and the shape of its path, never by name or tag. What it inherits (parameters, servers
and security of its path or of the root) is written out in it, and references to anything but a component schema are
replaced by what they point to, so that moving a part upstream from one place to the other changes nothing here. The
closure of component schemas and the security schemes in use come along. Upstream's names stay under `x-upstream`.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, TypeAlias, cast

import attrs

from scripts.specsync.document import openapi as grammar
from scripts.specsync.document.json_values import JsonObject, JsonValue
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
from scripts.specsync.facts.openapi31 import beside
from scripts.specsync.settings import WantedOperation

#: A path, its path item, and the pointer to it.
_PathItem: TypeAlias = tuple[str, JsonObject, str]

UPSTREAM: Final = "x-upstream"
_SCHEMA_PLACE: Final = ("components", "schemas")
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
    return tuple(operation for operation in wanted if not _described(operation, shapes))


def select(document: JsonObject, wanted: tuple[WantedOperation, ...]) -> JsonObject:
    """Return a document of the wanted operations that are there, and of all that they need."""
    require_openapi(document)
    selector = _Selector(document)
    shapes = _by_shape(document)
    paths: dict[str, JsonObject] = {}
    taken: dict[str, JsonObject] = {}
    for operation in wanted:
        found = _described(operation, shapes)
        if not found:
            continue
        if len(found) > 1:
            reason = f"{operation.label} is described twice, as {found[0][0]} and {found[1][0]}"
            raise fault(reason, found[1][2])
        path, item, pointer = found[0]
        method = operation.method.lower()
        whole = selector.whole(operation, path, item, pointer)
        paths.setdefault(operation.path, {})[method] = taken[join(pointer, method)] = whole
    if wanted and not paths:
        message = f"the source lacks {', '.join(operation.label for operation in wanted)}"
        raise SourceError(message)
    info = member_object(document, "info", "")
    return {
        "openapi": str(document["openapi"]),
        "info": {**info, "version": str(info.get("version", ""))},
        "paths": dict[str, JsonValue](paths),
        "components": selector.components(taken),
    }


def _described(operation: WantedOperation, shapes: Mapping[str, list[_PathItem]]) -> list[_PathItem]:
    """Return the path items that describe an operation."""
    return [found for found in shapes.get(operation.shape, ()) if operation.method.lower() in found[1]]


def _path_items(document: JsonObject) -> Iterator[_PathItem]:
    for path, value in member_object(document, "paths", "").items():
        pointer = join("/paths", path)
        if path.startswith("/"):
            yield path, _whole_path_item(document, as_object(value, pointer), pointer), pointer


def _by_shape(document: JsonObject) -> Mapping[str, list[_PathItem]]:
    shapes: dict[str, list[_PathItem]] = {}
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
        built["parameters"] = list[JsonValue](parameters.values())
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


def _parameters(document: JsonObject, *holders: tuple[JsonObject, str]) -> dict[tuple[str, str], JsonObject]:
    """Return the parameters of all holders by place and name, where those of a later one win."""
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
    return found


def _inherited(key: str, *holders: tuple[JsonObject, str]) -> JsonObject:
    """Return a list of mappings under its key, from the first holder that has it."""
    for holder, where in holders:
        if key in holder:
            place = join(where, key)
            members = as_list(holder[key], place)
            return {key: [as_object(member, join(place, index)) for index, member in enumerate(members)]}
    return {}


@attrs.frozen
class _Selector:
    """Makes operations whole; `parts` are references into a schema that contains itself, by the name that it gets."""

    document: JsonObject
    parts: dict[str, str] = attrs.field(factory=dict[str, str])

    def whole(self, wanted: WantedOperation, path: str, item: JsonObject, pointer: str) -> JsonObject:
        """Return an operation with all that it inherits written out, under our names."""
        method = wanted.method.lower()
        place = join(pointer, method)
        source = _dereferenced(self.document, as_object(item[method], place), place)
        own, shared, root = (source, place), (item, pointer), (self.document, "")
        ours = dict(zip(path_names(path), path_names(wanted.path), strict=True))
        parameters = _parameters(self.document, shared, own)
        for (location, name), parameter in parameters.items():
            if location == "path":
                parameter["name"] = ours.get(name, name)
        built: JsonObject = {
            **source,
            "parameters": list[JsonValue](parameters.values()),
            **_inherited("security", own, root),
            **_inherited("servers", own, shared, root),
            UPSTREAM: {"path": path, **{key: source[key] for key in ("operationId", "tags") if key in source}},
        }
        if wanted.identifier is not None:
            built["operationId"] = wanted.identifier
        if wanted.tag is not None:
            built["tags"] = [wanted.tag]
        built.pop("callbacks", None)
        return as_object(self._inlined(built, ObjectKind.OPERATION, place, ()), place)

    def _inlined(self, value: JsonValue, kind: ObjectKind, pointer: str, trail: tuple[str, ...]) -> JsonValue:
        """Return a node in which only references to component schemas are left."""

        def visit(built: JsonObject, built_kind: ObjectKind, place: str) -> JsonValue:
            if "$ref" not in built:
                return built
            is_schema = built_kind is ObjectKind.SCHEMA
            reference = as_text(built["$ref"], place)
            tokens = reference_tokens(reference, place)
            target = follow(self.document, reference, place)
            if is_schema and tokens[:-1] == _SCHEMA_PLACE:
                return built
            if is_schema and reference in trail:
                return {**built, "$ref": "#" + join("/components/schemas", self._part(reference, tokens))}
            if reference in trail or len(trail) > _LONGEST_CHAIN:
                reason = f"$ref {reference!r} leads back to itself"
                raise fault(reason, place)
            found = self._inlined(target, built_kind, place, (*trail, reference))
            siblings = {key: value for key, value in built.items() if key != "$ref"}
            if is_schema and siblings and str(self.document["openapi"]).startswith("3.1"):
                return beside(found, siblings)
            return found

        return grammar.rebuild(value, kind, pointer, visit)

    def _part(self, reference: str, tokens: tuple[str, ...]) -> str:
        """Return the component that a part of a schema becomes because it contains itself."""
        for name, known in self.parts.items():
            if known == reference:
                return name
        # Not the name that the generator gives the object in its place.
        name = "_".join([*(token for token in tokens if token not in _KEYWORDS), "part"])
        taken = components_of(self.document, "schemas")
        while name in taken or name in self.parts:
            name += "_"
        self.parts[name] = reference
        return name

    def components(self, operations: Mapping[str, JsonObject]) -> JsonObject:
        """Return the component schemas that operations lead to, and the security schemes that they use."""
        schemas: JsonObject = {}
        waiting: list[tuple[str, str, str]] = []
        for place, operation in operations.items():
            waiting.extend(_schema_names(operation, ObjectKind.OPERATION, place))
        while waiting:
            name, reference, pointer = waiting.pop()
            if name in schemas:
                continue
            source = self.parts.get(name, reference)
            target = follow(self.document, source, pointer)
            place = join("/components/schemas", name)
            schemas[name] = node = self._inlined(target, ObjectKind.SCHEMA, place, (source,))
            waiting.extend(_schema_names(node, ObjectKind.SCHEMA, place))
        return {
            "schemas": dict(sorted(schemas.items())),
            "securitySchemes": _schemes(self.document, operations.values()),
        }


def _schema_names(value: JsonValue, kind: ObjectKind, pointer: str) -> Iterator[tuple[str, str, str]]:
    """Yield name, reference and place of every schema that a node refers to."""
    for place, node_kind, node in grammar.walk(value, kind, pointer):
        if node_kind is not ObjectKind.SCHEMA:
            continue
        references = [node["$ref"]] if "$ref" in node else []
        discriminator = node.get("discriminator")
        if isinstance(discriminator, dict):
            references.extend(member_object(discriminator, "mapping", join(place, "discriminator")).values())
        for reference in references:
            # In a mapping there are bare names too, which the schemas beside it refer to.
            if isinstance(reference, str) and reference.startswith("#/"):
                yield reference_tokens(reference, place)[-1], reference, place


def _schemes(document: JsonObject, operations: Iterable[JsonObject]) -> JsonObject:
    used: set[str] = set()
    for operation in operations:
        # What is inherited is a list of mappings.
        security = operation.get("security", [])
        used.update(*cast("list[JsonObject]", security))
    declared = components_of(document, "securitySchemes")
    found: JsonObject = {}
    for name in sorted(used & set(declared)):
        place = join("/components/securitySchemes", name)
        found[name] = _dereferenced(document, as_object(declared[name], place), place)
    return found
