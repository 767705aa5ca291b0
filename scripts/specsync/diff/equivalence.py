"""Compares two documents without rules: finds the differences that no rule reports.

Every rule can have a gap. So what no rule has found a change in is compared once more, key by key, with nothing but
references followed, `allOf` joined where that loses nothing, and lists of alternatives taken in any order.
"""

from collections.abc import Iterator
from typing import Final

import attrs

from scripts.specsync.document.json_values import JsonObject, JsonValue, same_json
from scripts.specsync.document.openapi import GRAMMAR, Container, Field, ObjectKind
from scripts.specsync.document.pointer import join
from scripts.specsync.document.schemas import Schemas

_UNORDERED: Final = frozenset({"allOf", "anyOf", "oneOf", "required", "enum", "type"})
_NOTES: Final = frozenset({"x-upstream", "deprecated", "description", "operationId", "tags"})
_SHARED: Final = frozenset({"properties", "required"})
_DEEPEST: Final = 150


@attrs.frozen
class Equivalence:
    """Compares parts of two documents; `assumed` are the pairs of components that are being compared."""

    old: Schemas
    new: Schemas
    assumed: set[tuple[str, str]] = attrs.field(factory=set[tuple[str, str]])

    def same(self, old: JsonValue, new: JsonValue, kind: ObjectKind, depth: int = 0) -> bool:
        """Return whether two objects of a kind say the same."""
        if depth > _DEEPEST:
            return False
        names = (self.old.reference(old), self.new.reference(new)) if kind is ObjectKind.SCHEMA else (None, None)
        if names[0] is not None and names[1] is not None:
            pair = (names[0], names[1])
            if pair in self.assumed:
                return True
            before = set(self.assumed)
            self.assumed.add(pair)
            if self._same(_joined(self.old, old), _joined(self.new, new), kind, depth):
                return True
            # Pairs that were found equal were so only under the assumption.
            self.assumed.intersection_update(before)
            return False
        if kind is ObjectKind.SCHEMA:
            return self._same(_joined(self.old, old), _joined(self.new, new), kind, depth)
        return self._same(old, new, kind, depth)

    def _same(self, old: JsonValue, new: JsonValue, kind: ObjectKind, depth: int) -> bool:
        if not isinstance(old, dict) or not isinstance(new, dict):
            return same_json(old, new)
        left, right = set(old) - _NOTES, set(new) - _NOTES
        return left == right and all(
            self._same_field(old[key], new[key], key, GRAMMAR[kind].get(key), depth) for key in left
        )

    def _same_field(self, old: JsonValue, new: JsonValue, key: str, field: Field | None, depth: int) -> bool:
        if field is None:
            return _same_set(old, new) if key in _UNORDERED else same_json(old, new)
        if field.container is Container.MAP and isinstance(old, dict) and isinstance(new, dict):
            return old.keys() == new.keys() and all(
                self.same(old[name], new[name], field.kind, depth + 1) for name in old
            )
        if field.container is Container.LIST and isinstance(old, list) and isinstance(new, list):
            return self._same_members(old, new, field.kind, depth)
        return self.same(old, new, field.kind, depth + 1)

    def _same_members(self, old: list[JsonValue], new: list[JsonValue], kind: ObjectKind, depth: int) -> bool:
        left = list(new)
        for member in old:
            twin = next((other for other in left if self.same(member, other, kind, depth + 1)), None)
            if twin is None:
                return False
            left.remove(twin)
        return not left


def _same_set(old: JsonValue, new: JsonValue) -> bool:
    if not isinstance(old, list) or not isinstance(new, list):
        return same_json(old, new)
    return len(old) == len(new) and all(any(same_json(one, other) for other in new) for one in old)


def _joined(schemas: Schemas, value: JsonValue, trail: tuple[str, ...] = ()) -> JsonValue:
    """Return a schema with its reference followed, and with its `allOf` joined where nothing gets lost by it."""
    name = schemas.reference(value)
    if name is not None:
        if name in trail:
            return value
        return _joined(schemas, schemas.component(name), (*trail, name))
    if not isinstance(value, dict) or not isinstance(value.get("allOf"), list):
        return value
    built = {key: member for key, member in value.items() if key not in {"allOf", "x-upstream"}}
    apart: list[JsonValue] = []
    for member in _members(value["allOf"]):
        joined = _joined(schemas, member, trail)
        if isinstance(joined, dict) and _fits(built, joined):
            built = _with(built, joined)
        else:
            apart.append(member)
    if apart:
        built["allOf"] = apart
    return built


def _members(value: JsonValue) -> Iterator[JsonValue]:
    yield from value if isinstance(value, list) else ()


def _fits(built: JsonObject, member: JsonObject) -> bool:
    """Return whether two schemas can be written as one without a word being overwritten."""
    for key in (set(built) & set(member)) - {"x-upstream"}:
        if key == "properties":
            mine, theirs = built[key], member[key]
            if not isinstance(mine, dict) or not isinstance(theirs, dict):
                return False
            if any(not same_json(mine[name], theirs[name]) for name in set(mine) & set(theirs)):
                return False
        elif key != "required" and not same_json(built[key], member[key]):
            return False
    return True


def _with(built: JsonObject, member: JsonObject) -> JsonObject:
    joined = {**built, **{key: value for key, value in member.items() if key not in {*_SHARED, "x-upstream"}}}
    mine, theirs = built.get("properties"), member.get("properties")
    if isinstance(mine, dict) or isinstance(theirs, dict):
        joined["properties"] = {
            **(theirs if isinstance(theirs, dict) else {}),
            **(mine if isinstance(mine, dict) else {}),
        }
    names = [*_members(built.get("required")), *_members(member.get("required"))]
    if names:
        joined["required"] = list[JsonValue](dict.fromkeys(str(name) for name in names))
    return joined


def operation_parts(operation: JsonObject, pointer: str) -> Iterator[tuple[str, ObjectKind, JsonValue]]:
    """Yield the parts of an operation that go over the wire, each with its place."""
    parameters = operation.get("parameters")
    for parameter in parameters if isinstance(parameters, list) else []:
        if isinstance(parameter, dict):
            name = f"{parameter.get('in')}:{parameter.get('name')}"
            yield join(pointer, "parameters", name), ObjectKind.PARAMETER, parameter
    if "requestBody" in operation:
        yield join(pointer, "requestBody"), ObjectKind.REQUEST_BODY, operation["requestBody"]
    responses = operation.get("responses")
    for status, response in responses.items() if isinstance(responses, dict) else ():
        yield join(pointer, "responses", status), ObjectKind.RESPONSE, response
