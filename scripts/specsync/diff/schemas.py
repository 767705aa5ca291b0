"""Compares two schemas in one direction: what a caller sends, or what comes back."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Final

import attrs

from scripts.specsync.diff.change import Change
from scripts.specsync.diff.rules import RULES
from scripts.specsync.diff.seam_usage import FacadeUsage
from scripts.specsync.document.json_values import JsonObject, JsonValue, canonical_json, same_json
from scripts.specsync.document.openapi import member_list, member_object
from scripts.specsync.document.pointer import join
from scripts.specsync.document.schemas import Schemas, is_wider, kind_of
from scripts.specsync.verdicts import Severity

_LOWER: Final = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties", "uniqueItems")
_UPPER: Final = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_OTHER_LIMITS: Final = ("pattern", "multipleOf")
# Formats for which a generator writes another type than text.
_TYPED_FORMATS: Final = frozenset({"binary", "byte", "date", "date-time", "uuid"})
_NUMERIC_FORMATS: Final = frozenset({"int32", "int64", "float", "double"})
_JUDGED: Final = frozenset(
    {
        "$ref", "additionalProperties", "allOf", "anyOf", "default", "deprecated", "discriminator", "enum", "format",
        "items", "nullable", "oneOf", "properties", "required", "type", "x-upstream", "xml",
        *_LOWER, *_UPPER, *_OTHER_LIMITS,
    }
)  # fmt: skip
_DEEPEST: Final = 80


class Direction(StrEnum):
    """Which way a value travels."""

    REQUEST = "request"
    RESPONSE = "response"


@attrs.frozen
class SchemaLocation:
    """Where a schema stands: `component` is the one that it is part of, `name` the nearest property."""

    pointer: str
    component: str | None = None
    name: str | None = None
    depth: int = 0

    def inside(self, *tokens: str | int, name: str | None = None) -> "SchemaLocation":
        """Return the place of a part of this schema."""
        return SchemaLocation(join(self.pointer, *tokens), self.component, name or self.name, self.depth + 1)


@attrs.frozen
class SchemaComparison:
    """Compares schemas of two documents; each pair of components is compared once."""

    old: Schemas
    new: Schemas
    promises: FacadeUsage
    direction: Direction
    seen: set[tuple[str | None, str | None, str]] = attrs.field(factory=set[tuple[str | None, str | None, str]])

    def compare(self, old: JsonValue, new: JsonValue, place: SchemaLocation) -> Iterator[Change]:
        """Yield every change between two schemas."""
        if place.depth > _DEEPEST:
            return
        old_name, new_name = self.old.reference(old), self.new.reference(new)
        if old_name is not None or new_name is not None:
            named = old_name is not None and new_name is not None
            key = (old_name, new_name, "" if named else place.pointer)
            if key in self.seen:
                return
            self.seen.add(key)
            yield from self._names(old_name, new_name, place)
            if new_name is not None and old_name is not None:
                place = SchemaLocation(join("/components/schemas", new_name), old_name, place.name, place.depth + 1)
        yield from self._values(self.old.flat(old), self.new.flat(new), place)

    def _names(self, old: str | None, new: str | None, place: SchemaLocation) -> Iterator[Change]:
        if old is None:
            yield self._change("component-extracted", place, None, new)
        elif new is None:
            yield self._change("component-inlined", place, old, None)
        elif old != new and old not in self.new.names() and new not in self.old.names():
            yield self._change("component-renamed", SchemaLocation(join("/components/schemas", new), new), old, new)

    def _values(self, old: JsonObject, new: JsonObject, place: SchemaLocation) -> Iterator[Change]:
        yield from self._nullable(old, new, place)
        old_union, new_union = self.old.union(old), self.new.union(new)
        if old_union is not None or new_union is not None:
            yield from self._unions(old, new, old_union, new_union, place)
            return
        old_kind, new_kind = kind_of(old), kind_of(new)
        if old_kind != new_kind:
            word = (
                "widened" if is_wider(new_kind, old_kind) else "narrowed" if is_wider(old_kind, new_kind) else "changed"
            )
            yield self._change(f"{self.direction}-type-{word}", place, old_kind, new_kind)
            if word == "changed":
                return
        yield from self._enum(old, new, place)
        yield from self._format(old, new, place)
        yield from self._limits(old, new, place)
        yield from self._properties(old, new, place)
        yield from self._additional(old, new, place)
        if "items" in old and "items" in new:
            yield from self.compare(old["items"], new["items"], place.inside("items"))
        yield from self._rest(old, new, place)

    def _rest(self, old: JsonObject, new: JsonObject, place: SchemaLocation) -> Iterator[Change]:
        if not same_json(old.get("default"), new.get("default")):
            yield self._change("default-changed", place.inside("default"), old.get("default"), new.get("default"))
        if bool(old.get("deprecated")) != bool(new.get("deprecated")):
            yield self._change("deprecation-changed", place, old.get("deprecated"), new.get("deprecated"))
        for key in sorted((set(old) | set(new)) - _JUDGED):
            if key.startswith("x-") or same_json(old.get(key), new.get(key)):
                continue
            yield self._change("unclassified-changed", place.inside(key), old.get(key), new.get(key))

    def _nullable(self, old: JsonObject, new: JsonObject, place: SchemaLocation) -> Iterator[Change]:
        before, after = bool(old.get("nullable")), bool(new.get("nullable"))
        if before == after:
            return
        identifier = f"{self.direction}-nullable-{'added' if after else 'removed'}"
        tolerated = not self.promises.needs(place.component, place.name)
        yield self._change(identifier, place, before, after, Severity.ADDITIVE if after and tolerated else None)

    def _enum(self, old: JsonObject, new: JsonObject, place: SchemaLocation) -> Iterator[Change]:
        spot = place.inside("enum")
        before, after = old.get("enum"), new.get("enum")
        if not isinstance(before, list) and not isinstance(after, list):
            return
        if not isinstance(before, list):
            yield self._change(f"{self.direction}-enum-imposed", spot, None, after)
        elif not isinstance(after, list):
            yield self._change(f"{self.direction}-enum-lifted", spot, before, None)
        else:
            known, found = {canonical_json(value) for value in before}, {canonical_json(value) for value in after}
            added: list[JsonValue] = [value for value in after if canonical_json(value) not in known]
            removed: list[JsonValue] = [value for value in before if canonical_json(value) not in found]
            if added:
                yield self._change(f"{self.direction}-enum-value-added", spot, None, added)
            if removed:
                yield self._change(f"{self.direction}-enum-value-removed", spot, removed, None)

    def _format(self, old: JsonObject, new: JsonObject, place: SchemaLocation) -> Iterator[Change]:
        before, after = _format(old), _format(new)
        if before == after:
            return
        spot = place.inside("format")
        typed = {before, after} & _TYPED_FORMATS
        if self.direction is Direction.RESPONSE:
            identifier = "response-format-changed" if typed else "response-limit-changed"
        elif typed or not (after is None or after in _NUMERIC_FORMATS):
            identifier = "request-format-changed"
        else:
            looser = after is None or (before, after) in {("int32", "int64"), ("float", "double")}
            identifier = f"request-limit-{'loosened' if looser else 'tightened'}"
        yield self._change(identifier, spot, before, after)

    def _limits(self, old: JsonObject, new: JsonObject, place: SchemaLocation) -> Iterator[Change]:
        for key in (*_LOWER, *_UPPER, *_OTHER_LIMITS):
            before, after = old.get(key), new.get(key)
            if same_json(before, after):
                continue
            if self.direction is Direction.RESPONSE:
                yield self._change("response-limit-changed", place.inside(key), before, after)
                continue
            word = "loosened" if _is_looser(key, before, after) else "tightened"
            yield self._change(f"request-limit-{word}", place.inside(key), before, after)

    def _properties(self, old: JsonObject, new: JsonObject, place: SchemaLocation) -> Iterator[Change]:
        before, after = member_object(old, "properties", ""), member_object(new, "properties", "")
        demanded, demands = set(member_list(old, "required", "")), set(member_list(new, "required", ""))
        for name in sorted({*before, *after}):
            spot = place.inside("properties", name, name=name)
            if name not in after:
                yield self._change(self._property("removed", name in demanded), spot, before[name], None)
            elif name not in before:
                yield self._change(self._property("added", name in demands), spot, None, after[name])
            else:
                if (name in demanded) != (name in demands):
                    word = "required" if name in demands else "optional"
                    identifier = f"{self.direction}-property-became-{word}"
                    yield self._change(identifier, spot, name in demanded, name in demands)
                yield from self.compare(before[name], after[name], spot)
        for name in sorted(str(name) for name in demands - demanded if name not in after and name not in before):
            if self.direction is Direction.REQUEST:
                yield self._change("request-property-required-added", place.inside("required", name=name), None, name)

    def _property(self, word: str, required: bool) -> str:  # noqa: FBT001 - a fact about the property, named at both calls
        if self.direction is Direction.RESPONSE:
            return f"response-property-{word}"
        return f"request-property-{'required' if required else 'optional'}-{word}"

    def _additional(self, old: JsonObject, new: JsonObject, place: SchemaLocation) -> Iterator[Change]:
        before, after = old.get("additionalProperties", True), new.get("additionalProperties", True)
        if isinstance(before, dict) and isinstance(after, dict):
            yield from self.compare(before, after, place.inside("additionalProperties"))
        elif not same_json(before, after):
            openness = {True: 2, False: 0}
            was = openness[before] if isinstance(before, bool) else 1
            now = openness[after] if isinstance(after, bool) else 1
            word = "opened" if now > was else "closed"
            yield self._change(f"{self.direction}-{word}", place.inside("additionalProperties"), before, after)

    def _unions(
        self,
        old: JsonObject,
        new: JsonObject,
        old_union: list[JsonValue] | None,
        new_union: list[JsonValue] | None,
        place: SchemaLocation,
    ) -> Iterator[Change]:
        if old_union is not None and new_union is not None:
            yield from self._alternatives(old_union, new_union, place)
        elif new_union is not None:
            attempts = [
                self._trial(old, member, place.inside("anyOf", index)) for index, member in enumerate(new_union)
            ]
            best = min(attempts, key=_weight)
            if self.direction is Direction.REQUEST:
                fits = not _hurts(best)
                identifier = "request-widened-to-union" if fits else "request-became-union"
                yield self._change(identifier, place, self._said(old), self._said(new))
                yield from best
            else:
                harmless = Severity.ADDITIVE if not any(_hurts(attempt) for attempt in attempts) else None
                yield self._change("response-became-union", place, self._said(old), self._said(new), harmless)
        elif old_union is not None:
            attempts = [self._trial(member, new, place) for member in old_union]
            fits = not _hurts(min(attempts, key=_weight))
            if self.direction is Direction.REQUEST:
                identifier = "request-narrowed-from-union" if fits else "request-ceased-union"
            else:
                identifier = "response-ceased-union" if fits else "response-type-changed"
            # What takes all that each of the forms could be is no narrower than they were.
            harmless = Severity.ADDITIVE if not any(_hurts(attempt) for attempt in attempts) else None
            yield self._change(identifier, place, self._said(old), self._said(new), harmless)

    def _alternatives(self, old: list[JsonValue], new: list[JsonValue], place: SchemaLocation) -> Iterator[Change]:
        left = list(old)
        unmatched: list[tuple[int, JsonValue]] = []
        for index, member in enumerate(new):
            twin = next((known for known in left if self._is_twin(known, member)), None)
            if twin is None:
                unmatched.append((index, member))
            else:
                left.remove(twin)
                yield from self.compare(twin, member, place.inside("anyOf", index))
        for index, member in unmatched:
            spot = place.inside("anyOf", index)
            attempts = [(known, self._trial(known, member, spot)) for known in left]
            alike = [(known, attempt) for known, attempt in attempts if len(attempt) < self._size(member)]
            if alike:
                known, attempt = min(alike, key=lambda pair: _weight(pair[1]))
                left.remove(known)
                yield from attempt
            else:
                yield self._change(f"{self.direction}-alternative-added", spot, None, member)
        for member in left:
            yield self._change(f"{self.direction}-alternative-removed", place.inside("anyOf"), member, None)

    def _is_twin(self, old: JsonValue, new: JsonValue) -> bool:
        name = self.old.reference(old)
        if name is not None or self.new.reference(new) is not None:
            return name == self.new.reference(new)
        return same_json(old, new)

    def _size(self, member: JsonValue) -> int:
        return max(len(member_object(self.new.flat(member), "properties", "")), 1)

    def _trial(self, old: JsonValue, new: JsonValue, place: SchemaLocation) -> list[Change]:
        """Return what a comparison would say, without remembering that it was made."""
        return list(attrs.evolve(self, seen=set(self.seen)).compare(old, new, place))

    def _said(self, schema: JsonObject) -> JsonValue:
        """Return a schema as a report shows it: an object by its fields, a union by its alternatives."""
        for key in ("anyOf", "oneOf"):
            if key in schema:
                return {key: schema[key]}
        names = list[JsonValue](sorted(member_object(schema, "properties", "")))
        return {"type": kind_of(schema), "properties": names} if names else {"type": kind_of(schema)}

    def _change(
        self,
        identifier: str,
        place: SchemaLocation,
        before: JsonValue,
        after: JsonValue,
        severity: Severity | None = None,
    ) -> Change:
        rule = RULES[identifier]
        judged = severity or rule.severity
        if severity is None and rule.severity_if_unused is not None and not self.promises.reads(place.name):
            judged = rule.severity_if_unused
        return Change(rule, judged, place.pointer, before, after, place.component, place.name)


def _format(schema: JsonObject) -> str | None:
    value = schema.get("format")
    return value if isinstance(value, str) else None


def _is_looser(key: str, before: JsonValue, after: JsonValue) -> bool:
    if after is None or after is False:
        return True
    if before is None or key in _OTHER_LIMITS:
        return False
    if isinstance(before, (int, float)) and isinstance(after, (int, float)):
        return after < before if key in _LOWER else after > before
    return False


def _hurts(changes: list[Change]) -> bool:
    return any(change.severity is Severity.BREAKING for change in changes)


def _weight(changes: list[Change]) -> tuple[int, int]:
    return sum(change.severity is Severity.BREAKING for change in changes), len(changes)
