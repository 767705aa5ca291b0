"""Compares the facts of two documents and judges what changed."""

from collections.abc import Iterator, Mapping

import attrs

from scripts.specsync.diff.change import Change, change, merged
from scripts.specsync.diff.equivalence import Equivalence, operation_parts
from scripts.specsync.diff.location import Direction
from scripts.specsync.diff.operations import OperationComparison, prose_changes
from scripts.specsync.diff.rules import Plane
from scripts.specsync.diff.schemas import SchemaComparison
from scripts.specsync.diff.seam_usage import FacadeUsage
from scripts.specsync.document import openapi as grammar
from scripts.specsync.document.json_values import JsonObject, JsonValue, same_json
from scripts.specsync.document.openapi import ObjectKind, as_object, components_of, member_object
from scripts.specsync.document.pointer import join, reference_tokens, split
from scripts.specsync.document.schemas import Schemas


def difference(old: JsonObject, new: JsonObject, usage: FacadeUsage) -> tuple[Change, ...]:
    """Return every change between two documents of facts, the worst first; at first there are none to compare with."""
    reach = _Reach.of(old, new)
    ours = _identifiers(old, new)
    changed = _changed_components(old, new, reach.users)
    found = [_placed(one, reach, ours, usage) for one in _changes(old, new, usage, changed)]
    found += [_placed(one, reach, ours, usage) for one in _untold(old, new, found, reach, changed)]
    return merged(found)


def _changes(old: JsonObject, new: JsonObject, usage: FacadeUsage, changed: frozenset[str]) -> Iterator[Change]:
    yield from _document(old, new)
    schemes, changes = _schemes(old, new)
    yield from changes
    left, right = Schemas(old), Schemas(new)
    unchanged = left.names() - changed
    comparison = OperationComparison(
        SchemaComparison(left, right, usage, Direction.REQUEST, unchanged),
        SchemaComparison(left, right, usage, Direction.RESPONSE, unchanged),
        schemes,
    )
    before, after = _operations(old), _operations(new)
    for pointer in sorted({*before, *after}):
        if pointer not in after:
            yield change("operation-removed", pointer, before[pointer].get("operationId"), None)
        elif pointer not in before:
            yield change("operation-added", pointer, None, after[pointer].get("operationId"))
        else:
            yield from comparison.compare(before[pointer], after[pointer], pointer)
    known, found = _components(old), _components(new)
    for name in sorted({*known} & {*found}):
        yield from prose_changes(known[name], found[name], join("/components/schemas", name))


def _untold(
    old: JsonObject, new: JsonObject, told: list[Change], reach: "_Reach", changed: frozenset[str]
) -> Iterator[Change]:
    """Yield the parts of operations that differ without any rule reporting a change in them."""
    judged = [one for one in told if one.rule.plane is Plane.WIRE]
    components = {one.component for one in judged if one.component is not None}
    pointers = [one.pointer for one in judged]
    equivalence = Equivalence(Schemas(old), Schemas(new))
    before, after = _operations(old), _operations(new)
    for pointer in sorted({*before} & {*after}):
        twins = {place: value for place, _, value in operation_parts(after[pointer], pointer)}
        for place, kind, value in operation_parts(before[pointer], pointer):
            reached = reach.parts[place]
            is_told = reached & components or any(f"{spot}/".startswith(f"{place}/") for spot in pointers)
            if place not in twins or is_told:
                continue
            if same_json(value, twins[place]) and not reached & changed:
                continue
            if not equivalence.same(value, twins[place], kind):
                yield change("unclassified-changed", place, value, twins[place])


def _changed_components(old: JsonObject, new: JsonObject, users: Mapping[str, set[str]]) -> frozenset[str]:
    """Return the components that differ, or that refer to one that does, directly or indirectly."""
    before, after = _components(old), _components(new)
    changed = {
        name
        for name in {*before, *after}
        if name not in before or name not in after or not same_json(before[name], after[name])
    }
    waiting = list(changed)
    while waiting:
        for user in users.get(waiting.pop(), set()) - changed:
            changed.add(user)
            waiting.append(user)
    return frozenset(changed)


def _document(old: JsonObject, new: JsonObject) -> Iterator[Change]:
    before, after = member_object(old, "info", ""), member_object(new, "info", "")
    if before and before.get("version") != after.get("version"):
        yield change("version-changed", "/info/version", before.get("version"), after.get("version"))
    if before:
        # Texts about the whole are kept here with their places in the document.
        yield from prose_changes(before, after, "")


def _schemes(old: JsonObject, new: JsonObject) -> tuple[dict[str, str], list[Change]]:
    """Return the new names of security schemes that were only renamed, and the changes of schemes."""
    place = "/components/securitySchemes"
    before = components_of(old, "securitySchemes")
    after = components_of(new, "securitySchemes")
    renamed: dict[str, str] = {}
    changes: list[Change] = []
    for name, scheme in before.items():
        if name in after:
            if not same_json(scheme, after[name]):
                changes.append(change("security-scheme-changed", join(place, name), scheme, after[name]))
            continue
        twins = [other for other, value in after.items() if other not in before and same_json(value, scheme)]
        if twins:
            renamed[name] = twins[0]
            changes.append(change("security-scheme-renamed", join(place, twins[0]), name, twins[0]))
    return renamed, changes


def _operations(document: JsonObject) -> dict[str, JsonObject]:
    return {
        join("/paths", path, method): as_object(operation, join("/paths", path, method))
        for path, item in member_object(document, "paths", "").items()
        for method, operation in as_object(item, join("/paths", path)).items()
        if method in grammar.METHODS
    }


def _components(document: JsonObject) -> dict[str, JsonObject]:
    return {name: schema for name, schema in components_of(document, "schemas").items() if isinstance(schema, dict)}


@attrs.frozen
class _Reach:
    """Which components are reached from which operations, and from which parts of them.

    `users` are the components that refer to one.
    """

    operations: Mapping[str, tuple[str, ...]]
    parts: Mapping[str, frozenset[str]]
    users: Mapping[str, set[str]]

    @classmethod
    def of(cls, *documents: JsonObject) -> "_Reach":
        """Return what is reached in any of the documents."""
        operations: dict[str, set[str]] = {}
        parts: dict[str, set[str]] = {}
        users: dict[str, set[str]] = {}
        for document in documents:
            direct = {
                name: _references(schema, ObjectKind.SCHEMA, join("/components/schemas", name))
                for name, schema in _components(document).items()
            }
            for name, targets in direct.items():
                for target in targets:
                    users.setdefault(target, set()).add(name)
            for pointer, operation in _operations(document).items():
                for place, kind, value in operation_parts(operation, pointer):
                    found = _closure(_references(value, kind, place), direct)
                    parts.setdefault(place, set()).update(found)
                    for name in found:
                        operations.setdefault(name, set()).add(pointer)
        return cls(
            {name: tuple(sorted(pointers)) for name, pointers in operations.items()},
            {place: frozenset(names) for place, names in parts.items()},
            users,
        )


def _closure(names: frozenset[str], direct: Mapping[str, frozenset[str]]) -> frozenset[str]:
    waiting = list(names)
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in seen and name in direct:
            seen.add(name)
            waiting.extend(direct[name])
    return frozenset(seen)


def _references(value: JsonValue, kind: ObjectKind, pointer: str) -> frozenset[str]:
    return frozenset(
        reference_tokens(node["$ref"], place)[-1]
        for place, node_kind, node in grammar.walk(value, kind, pointer)
        if node_kind is ObjectKind.SCHEMA and "$ref" in node
    )


def _identifiers(old: JsonObject, new: JsonObject) -> dict[str, JsonValue]:
    operations = {**_operations(old), **_operations(new)}
    return {pointer: operation.get("operationId") for pointer, operation in operations.items()}


def _placed(one: Change, reach: _Reach, ours: Mapping[str, JsonValue], usage: FacadeUsage) -> Change:
    """Return a change with the operations that reach it and the lines of the seam that depend on it."""
    operations = () if one.component is None else reach.operations.get(one.component, ())
    if not operations:
        operations = tuple(
            pointer for pointer in ours if one.pointer == pointer or one.pointer.startswith(pointer + "/")
        )
    seam = _seam(one, [str(ours[pointer]) for pointer in operations if ours.get(pointer)], usage)
    return attrs.evolve(one, operations=tuple(_label(pointer) for pointer in operations), seam=seam)


def _seam(one: Change, operations: list[str], usage: FacadeUsage) -> tuple[str, ...]:
    """Return the lines of the seam that depend on a change; names, words and credentials are not used there."""
    if one.rule.plane is not Plane.WIRE or one.rule.identifier.startswith(("security-", "server-")):
        return ()
    if one.owner is not None and one.name is not None:
        found = usage.places(one.owner, one.name)
    elif one.name is not None:
        found = tuple(place for operation in operations for place in usage.argument_places(operation, str(one.name)))
    elif one.component is None:
        found = tuple(place for operation in operations for place in usage.operation_places(operation))
    else:
        found = ()
    return tuple(dict.fromkeys(found))


def _label(pointer: str) -> str:
    _, path, method = split(pointer)
    return f"{method.upper()} {path}"
