"""Compares the facts of two documents and judges what changed."""

from collections.abc import Iterator, Mapping

import attrs

from scripts.specsync.diff.change import Change, merged
from scripts.specsync.diff.operations import OperationComparison, prose_changes
from scripts.specsync.diff.rules import RULES
from scripts.specsync.diff.schemas import Direction, SchemaComparison
from scripts.specsync.diff.seam_usage import FacadeUsage
from scripts.specsync.document import openapi as grammar
from scripts.specsync.document.json_values import JsonObject, JsonValue, same_json
from scripts.specsync.document.openapi import ObjectKind, as_object, member_object
from scripts.specsync.document.pointer import join, reference_tokens
from scripts.specsync.document.schemas import Schemas


def no_facts() -> JsonObject:
    """Return the facts of no document: what a first sync is compared with."""
    return {"openapi": "3.0.3", "info": {}, "paths": {}, "components": {"schemas": {}, "securitySchemes": {}}}


def difference(old: JsonObject, new: JsonObject, promises: FacadeUsage) -> tuple[Change, ...]:
    """Return every change between two documents of facts, the worst first."""
    found = list(_changes(old, new, promises))
    reach = {**_reach(old), **_reach(new)}
    ours = _identifiers(old, new)
    return merged(_placed(change, reach, ours, promises) for change in found)


def _changes(old: JsonObject, new: JsonObject, promises: FacadeUsage) -> Iterator[Change]:
    yield from _document(old, new)
    schemes, changes = _schemes(old, new)
    yield from changes
    left, right = Schemas(old), Schemas(new)
    comparison = OperationComparison(
        SchemaComparison(left, right, promises, Direction.REQUEST),
        SchemaComparison(left, right, promises, Direction.RESPONSE),
        schemes,
    )
    before, after = _operations(old), _operations(new)
    for pointer in sorted({*before, *after}):
        if pointer not in after:
            yield _change("operation-removed", pointer, before[pointer].get("operationId"), None)
        elif pointer not in before:
            yield _change("operation-added", pointer, None, after[pointer].get("operationId"))
        else:
            yield from comparison.compare(before[pointer], after[pointer], pointer)
    known, found = _components(old), _components(new)
    for name in sorted({*known} & {*found}):
        yield from prose_changes(known[name], found[name], join("/components/schemas", name))


def _document(old: JsonObject, new: JsonObject) -> Iterator[Change]:
    before, after = member_object(old, "info", ""), member_object(new, "info", "")
    if before and before.get("version") != after.get("version"):
        yield _change("version-changed", "/info/version", before.get("version"), after.get("version"))
    if before:
        yield from prose_changes(before, after, "/info")


def _schemes(old: JsonObject, new: JsonObject) -> tuple[dict[str, str], list[Change]]:
    """Return the new names of security schemes that were only renamed, and the changes of schemes."""
    place = "/components/securitySchemes"
    before = member_object(member_object(old, "components", ""), "securitySchemes", "")
    after = member_object(member_object(new, "components", ""), "securitySchemes", "")
    renamed: dict[str, str] = {}
    changes: list[Change] = []
    for name, scheme in before.items():
        if name in after:
            if not same_json(scheme, after[name]):
                changes.append(_change("security-scheme-changed", join(place, name), scheme, after[name]))
            continue
        twins = [other for other, value in after.items() if other not in before and same_json(value, scheme)]
        if twins:
            renamed[name] = twins[0]
            changes.append(_change("security-scheme-renamed", join(place, twins[0]), name, twins[0]))
    return renamed, changes


def _operations(document: JsonObject) -> dict[str, JsonObject]:
    return {
        join("/paths", path, method): as_object(operation, "")
        for path, item in member_object(document, "paths", "").items()
        for method, operation in as_object(item, "").items()
        if method in grammar.METHODS
    }


def _components(document: JsonObject) -> dict[str, JsonObject]:
    schemas = member_object(member_object(document, "components", ""), "schemas", "")
    return {name: schema for name, schema in schemas.items() if isinstance(schema, dict)}


def _reach(document: JsonObject) -> dict[str, tuple[str, ...]]:
    """Return for each component the operations from which it is reached."""
    components = _components(document)
    direct = {name: _references(schema, ObjectKind.SCHEMA) for name, schema in components.items()}
    reach: dict[str, list[str]] = {name: [] for name in components}
    for pointer, operation in _operations(document).items():
        waiting = list(_references(operation, ObjectKind.OPERATION))
        seen: set[str] = set()
        while waiting:
            name = waiting.pop()
            if name not in seen and name in components:
                seen.add(name)
                waiting.extend(direct[name])
        for name in seen:
            reach[name].append(pointer)
    return {name: tuple(sorted(pointers)) for name, pointers in reach.items()}


def _references(value: JsonValue, kind: ObjectKind) -> frozenset[str]:
    return frozenset(
        reference_tokens(node["$ref"], pointer)[-1]
        for pointer, node_kind, node in grammar.walk(value, kind, "")
        if node_kind is ObjectKind.SCHEMA and "$ref" in node
    )


def _identifiers(old: JsonObject, new: JsonObject) -> dict[str, str]:
    operations = {**_operations(old), **_operations(new)}
    return {pointer: str(operation.get("operationId", "")) for pointer, operation in operations.items()}


def _placed(
    change: Change, reach: Mapping[str, tuple[str, ...]], ours: Mapping[str, str], promises: FacadeUsage
) -> Change:
    """Return a change with the operations that reach it and the lines of the seam that it touches."""
    operations = reach.get(change.component or "", ())
    if not operations:
        operations = tuple(
            pointer for pointer in ours if change.pointer == pointer or change.pointer.startswith(pointer + "/")
        )
    names = [change.name] if change.name is not None else [ours[pointer] for pointer in operations if ours.get(pointer)]
    seam = tuple(dict.fromkeys(place for name in names for place in promises.seam.places(name)))
    return attrs.evolve(change, operations=tuple(_label(pointer) for pointer in operations), seam=seam)


def _label(pointer: str) -> str:
    _, _, path, method = pointer.split("/", 3)
    return f"{method.upper()} {path.replace('~1', '/').replace('~0', '~')}"


def _change(identifier: str, pointer: str, before: JsonValue, after: JsonValue) -> Change:
    rule = RULES[identifier]
    return Change(rule, rule.severity, pointer, before, after)
