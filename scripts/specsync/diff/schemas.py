"""Compares two schemas in one direction: of requests or of responses."""

from collections.abc import Iterator
from typing import Final

import attrs

from scripts.specsync.diff.change import Change
from scripts.specsync.diff.location import Direction, SchemaLocation
from scripts.specsync.diff.rules import RULES
from scripts.specsync.diff.seam_usage import FacadeUsage
from scripts.specsync.diff.values import LIMITS, value_changes
from scripts.specsync.document.json_values import JsonObject, JsonValue, same_json
from scripts.specsync.document.openapi import as_object, fault, member_list, member_object
from scripts.specsync.document.pointer import join
from scripts.specsync.document.schemas import ANY, Schemas, intersection, is_wider, kind_of, without_alternatives
from scripts.specsync.verdicts import Severity

_ANNOTATIONS: Final = ("readOnly", "writeOnly", "xml")
_JUDGED: Final = frozenset(
    {
        "$ref", "additionalProperties", "anyOf", "default", "deprecated", "discriminator", "enum", "format", "items",
        "nullable", "oneOf", "properties", "required", "type", *_ANNOTATIONS, *LIMITS,
    }
)  # fmt: skip
# Keywords that add nothing to the alternatives of a schema.
_BARE: Final = frozenset({"type", "default", "deprecated", "discriminator", "nullable", *_ANNOTATIONS})
# Deeper than any real document, and not as deep as Python's stack.
_DEEPEST: Final = 100

_Key = tuple[str | None, str | None, str, tuple[bool, ...]]
_Unions = dict[str, list[JsonValue]]


@attrs.frozen
class SchemaComparison:
    """Compares schemas of two documents.

    Each pair of components is compared once for each way of depending on it: `seen` are the pairs that were compared,
    `active` those that are being compared. Components that are `unchanged`, with all that they refer to, are not
    compared.
    """

    old: Schemas
    new: Schemas
    usage: FacadeUsage
    direction: Direction
    unchanged: frozenset[str] = frozenset()
    seen: set[_Key] = attrs.field(factory=set[_Key])
    active: set[_Key] = attrs.field(factory=set[_Key])

    def compare(self, old: JsonValue, new: JsonValue, place: SchemaLocation) -> Iterator[Change]:
        """Yield every change between two schemas.

        Raises:
            LocatedSourceError: The schemas are nested deeper than is compared.
        """
        if place.depth > _DEEPEST:
            reason = f"schemas nested more than {_DEEPEST} deep are not compared"
            raise fault(reason, place.pointer)
        old_name, new_name = self.old.reference(old), self.new.reference(new)
        if old_name is None and new_name is None:
            yield from self._values(self.old.flat(old), self.new.flat(new), place)
            return
        if old_name == new_name and old_name in self.unchanged:
            return
        named = old_name is not None and new_name is not None
        key = (old_name, new_name, "" if named else place.pointer, self._dependence(place))
        if key in self.seen:
            return
        self.seen.add(key)
        self.active.add(key)
        yield from self._names(old_name, new_name, place)
        if new_name is not None and old_name is not None:
            place = place.component_schema(old_name, new_name)
        yield from self._values(self.old.flat(old), self.new.flat(new), place)
        self.active.discard(key)

    def _dependence(self, place: SchemaLocation) -> tuple[bool, ...]:
        reads, needs = self.usage.reads(place.owner, place.name), self.usage.needs(place.owner, place.name)
        return place.is_read, reads, needs

    def _names(self, old: str | None, new: str | None, place: SchemaLocation) -> Iterator[Change]:
        if old is None:
            yield self._change("component-extracted", place, None, new)
        elif new is None:
            yield self._change("component-inlined", place, old, None)
        elif old != new and old not in self.new.names() and new not in self.old.names():
            there = attrs.evolve(place, pointer=join("/components/schemas", new), component=new)
            yield self._change("component-renamed", there, old, new)

    def _values(self, old: JsonObject, new: JsonObject, place: SchemaLocation) -> Iterator[Change]:
        before, after = bool(old.get("nullable")), bool(new.get("nullable"))
        if before != after:
            yield self._change(f"{self.direction}-nullable-{'added' if after else 'removed'}", place, before, after)
        old_unions, new_unions = self.old.alternatives(old), self.new.alternatives(new)
        old_base, new_base = without_alternatives(old), without_alternatives(new)
        if old_unions and new_unions:
            yield from self._plain(old_base, new_base, place)
            yield from self._both_unions(old_unions, new_unions, (old_base, new_base), place)
        elif old_unions:
            yield from self._union_lifted(old_base, new_base, old_unions, place)
        elif new_unions:
            yield from self._union_imposed(old_base, new_base, new_unions, place)
        else:
            yield from self._plain(old_base, new_base, place)

    def _plain(self, old: JsonObject, new: JsonObject, place: SchemaLocation) -> Iterator[Change]:
        """Compare all but the alternatives."""
        old_kind, new_kind = kind_of(old), kind_of(new)
        # An inferred type, from properties for instance, is not a requirement.
        inferred = ANY in {old_kind, new_kind} and "type" not in old and "type" not in new
        if old_kind != new_kind and not inferred:
            word = (
                "widened" if is_wider(new_kind, old_kind) else "narrowed" if is_wider(old_kind, new_kind) else "changed"
            )
            yield self._change(f"{self.direction}-type-{word}", place, old_kind, new_kind)
            if word == "changed":
                yield from self._rest(old, new, place)
                return
        if old_kind == new_kind and ("type" in old) != ("type" in new):
            yield self._change("type-stated", place.inside("type"), old.get("type"), new.get("type"))
        for rule, key, before, after in value_changes(old, new, self.direction):
            yield self._change(f"{self.direction}-{rule}", place.inside(key), before, after)
        yield from self._properties(old, new, place)
        yield from self._additional(old, new, place)
        if old_kind == new_kind == "array":
            yield from self.compare(old.get("items"), new.get("items"), place.inside("items"))
        yield from self._rest(old, new, place)

    def _rest(self, old: JsonObject, new: JsonObject, place: SchemaLocation) -> Iterator[Change]:
        if not same_json(old.get("default"), new.get("default")):
            yield self._change("default-changed", place.inside("default"), old.get("default"), new.get("default"))
        if bool(old.get("deprecated")) != bool(new.get("deprecated")):
            yield self._change("deprecation-changed", place, old.get("deprecated"), new.get("deprecated"))
        for key in _ANNOTATIONS:
            if not same_json(old.get(key), new.get(key)):
                yield self._change("annotation-changed", place.inside(key), old.get(key), new.get(key))
        yield from self._discriminator(old, new, place.inside("discriminator"))
        for key in sorted((set(old) | set(new)) - _JUDGED):
            if key.startswith("x-") or same_json(old.get(key), new.get(key)):
                continue
            # A change of a response field that is not read breaks no caller.
            unread = self.direction is Direction.RESPONSE and not self.usage.reads(place.owner, place.name)
            severity = Severity.ADDITIVE if unread else None
            yield self._change("unclassified-changed", place.inside(key), old.get(key), new.get(key), severity)

    def _discriminator(self, old: JsonObject, new: JsonObject, place: SchemaLocation) -> Iterator[Change]:
        if same_json(old.get("discriminator"), new.get("discriminator")):
            return
        before = as_object(old.get("discriminator", {}), place.pointer)
        after = as_object(new.get("discriminator", {}), place.pointer)
        known, found = member_object(before, "mapping", place.pointer), member_object(after, "mapping", place.pointer)
        rule = f"{self.direction}-discriminator"
        rest = ({key: value[key] for key in value if key != "mapping"} for value in (before, after))
        if not same_json(*rest):
            yield self._change(f"{rule}-changed", place, before or None, after or None)
        for name in sorted({*known, *found}):
            spot = place.inside("mapping", name)
            if name not in found or name not in known:
                word = "added" if name in found else "removed"
                yield self._change(f"{rule}-value-{word}", spot, known.get(name), found.get(name))
            elif not same_json(known[name], found[name]):
                yield self._change(f"{rule}-changed", spot, known[name], found[name])

    def _properties(self, old: JsonObject, new: JsonObject, place: SchemaLocation) -> Iterator[Change]:
        before = member_object(old, "properties", place.pointer)
        after = member_object(new, "properties", place.pointer)
        demanded = {str(name) for name in member_list(old, "required", place.pointer)}
        demands = {str(name) for name in member_list(new, "required", place.pointer)}
        for name in sorted({*before, *after}):
            spot = place.property(name)
            was, is_there = self._is_sent(self.old, before, name), self._is_sent(self.new, after, name)
            if not was and not is_there:
                if not same_json(before.get(name), after.get(name)) or (name in demanded) != (name in demands):
                    yield self._change("annotation-changed", spot, before.get(name), after.get(name))
            elif not is_there:
                yield self._change(self._property("removed", name in demanded), spot, before[name], after.get(name))
            elif not was:
                yield self._change(self._property("added", name in demands), spot, before.get(name), after[name])
            else:
                yield from self._demand(name in demanded, name in demands, spot)
                yield from self.compare(before[name], after[name], spot)
        for name in sorted((demands ^ demanded) - {*before, *after}):
            yield from self._demand(name in demanded, name in demands, place.property(name))

    def _demand(self, before: bool, after: bool, place: SchemaLocation) -> Iterator[Change]:  # noqa: FBT001 - two facts about a property
        if before != after:
            word = "required" if after else "optional"
            yield self._change(f"{self.direction}-property-became-{word}", place, before, after)

    def _is_sent(self, schemas: Schemas, properties: JsonObject, name: str) -> bool:
        """Return whether a property exists in this direction: read-only properties are not in requests."""
        if name not in properties:
            return False
        hidden = "readOnly" if self.direction is Direction.REQUEST else "writeOnly"
        return schemas.flat(properties[name]).get(hidden) is not True

    def _property(self, word: str, required: bool) -> str:  # noqa: FBT001 - a fact about the property, named at both calls
        if self.direction is Direction.RESPONSE:
            return f"response-property-{word}"
        return f"request-property-{'required' if required else 'optional'}-{word}"

    def _additional(self, old: JsonObject, new: JsonObject, place: SchemaLocation) -> Iterator[Change]:
        before, after = old.get("additionalProperties", True), new.get("additionalProperties", True)
        spot = place.inside("additionalProperties")
        if isinstance(before, dict) and isinstance(after, dict):
            yield from self.compare(before, after, spot)
        elif not same_json(before, after):
            word = "opened" if after is True or before is False else "closed"
            yield self._change(f"{self.direction}-{word}", spot, before, after)

    def _both_unions(
        self, old: _Unions, new: _Unions, bases: tuple[JsonObject, JsonObject], place: SchemaLocation
    ) -> Iterator[Change]:
        if len(old) == len(new) == 1 and old.keys() != new.keys():
            (before,), (after,) = old, new
            yield self._change("union-keyword-changed", place, before, after)
            yield from self._alternatives(old[before], new[after], place, after)
            return
        for key in sorted({*old, *new}):
            if key in old and key in new:
                yield from self._alternatives(old[key], new[key], place, key)
            elif key in new:
                yield from self._constraint(bases, new[key], place.inside(key), imposed=True)
            else:
                yield from self._constraint(bases, old[key], place.inside(key), imposed=False)

    def _constraint(
        self, bases: tuple[JsonObject, JsonObject], members: list[JsonValue], place: SchemaLocation, *, imposed: bool
    ) -> Iterator[Change]:
        """Judge alternatives that were added beside other keywords, or removed from there."""
        old, new = bases
        if imposed:
            attempts = [self.trial(old, intersection(new, self.new.flat(member)), place) for member in members]
        else:
            attempts = [self.trial(intersection(old, self.old.flat(member)), new, place) for member in members]
        fits = any if imposed and self.direction is Direction.REQUEST else all
        harmless = Severity.ADDITIVE if fits(not _hurts(attempt) for attempt in attempts) else None
        word = "became" if imposed else "ceased"
        before, after = (None, list[JsonValue](members)) if imposed else (list[JsonValue](members), None)
        yield self._change(f"{self.direction}-{word}-union", place, before, after, harmless)

    def _union_imposed(
        self, old: JsonObject, base: JsonObject, unions: _Unions, place: SchemaLocation
    ) -> Iterator[Change]:
        keys = sorted(unions)
        if not set(base) <= _BARE:
            yield from self._plain(old, base, place)
        else:
            yield from self._rest(old, base, place)
            key = keys.pop(0)
            members = [intersection(_without_rest(base), self.new.flat(member)) for member in unions[key]]
            attempts = [
                self.trial(_without_rest(old), member, place.inside(key, index)) for index, member in enumerate(members)
            ]
            best = min(attempts, key=_weight)
            shown: JsonObject = {**base, key: unions[key]}
            if self.direction is Direction.REQUEST:
                rule = "request-became-union" if _hurts(best) else "request-widened-to-union"
                yield self._change(rule, place, _summary(old), _summary(shown))
                yield from best
            else:
                harmless = None if any(map(_hurts, attempts)) else Severity.ADDITIVE
                yield self._change("response-became-union", place, _summary(old), _summary(shown), harmless)
        for key in keys:
            yield from self._constraint((old, base), unions[key], place.inside(key), imposed=True)

    def _union_lifted(
        self, base: JsonObject, new: JsonObject, unions: _Unions, place: SchemaLocation
    ) -> Iterator[Change]:
        keys = sorted(unions)
        if not set(base) <= _BARE:
            yield from self._plain(base, new, place)
        else:
            yield from self._rest(base, new, place)
            key = keys.pop(0)
            members = [intersection(_without_rest(base), self.old.flat(member)) for member in unions[key]]
            attempts = [self.trial(member, _without_rest(new), place) for member in members]
            fits = not _hurts(min(attempts, key=_weight))
            if self.direction is Direction.REQUEST:
                rule = "request-narrowed-from-union" if fits else "request-ceased-union"
            else:
                rule = "response-ceased-union" if fits else "response-type-changed"
            # A schema that accepts each of the alternatives is no narrower than they were.
            harmless = None if any(map(_hurts, attempts)) else Severity.ADDITIVE
            shown: JsonObject = {**base, key: unions[key]}
            yield self._change(rule, place, _summary(shown), _summary(new), harmless)
        for key in keys:
            yield from self._constraint((base, new), unions[key], place.inside(key), imposed=False)

    def _alternatives(
        self, old: list[JsonValue], new: list[JsonValue], place: SchemaLocation, key: str
    ) -> Iterator[Change]:
        left = list(old)
        unmatched: list[tuple[int, JsonValue]] = []
        for index, member in enumerate(new):
            twin = next((known for known in left if self._is_twin(known, member)), None)
            if twin is None:
                unmatched.append((index, member))
            else:
                left.remove(twin)
                yield from self.compare(twin, member, place.inside(key, index))
        for index, member in unmatched:
            spot = place.inside(key, index)
            attempts = [(known, self.trial(known, member, spot)) for known in left]
            alike = [(known, attempt) for known, attempt in attempts if len(attempt) < self._size(member)]
            if alike:
                known, attempt = min(alike, key=lambda pair: _weight(pair[1]))
                left.remove(known)
                yield from attempt
            else:
                yield self._change(f"{self.direction}-alternative-added", spot, None, member)
        for member in left:
            yield self._change(f"{self.direction}-alternative-removed", place.inside(key), member, None)

    def _is_twin(self, old: JsonValue, new: JsonValue) -> bool:
        name = self.old.reference(old)
        return same_json(old, new) if name is None else name == self.new.reference(new)

    def _size(self, member: JsonValue) -> int:
        return max(len(member_object(self.new.flat(member), "properties", "")), 1)

    def trial(self, old: JsonValue, new: JsonValue, place: SchemaLocation) -> list[Change]:
        """Return the changes of a comparison without recording it as done."""
        return list(attrs.evolve(self, seen=set(self.active)).compare(old, new, place))

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
        if severity is None and rule.severity_if_needed and self.usage.needs(place.owner, place.name):
            judged = rule.severity_if_needed
        elif severity is None and rule.severity_if_unused and not self.usage.reads(place.owner, place.name):
            judged = rule.severity_if_unused
        if not place.is_read and judged is Severity.BREAKING:
            judged = Severity.ADDITIVE
        return Change(rule, judged, place.pointer, before, after, place.component, place.name, owner=place.owner)


def _without_rest(schema: JsonObject) -> JsonObject:
    """Return a schema without what is compared apart from its alternatives."""
    return {key: value for key, value in schema.items() if key not in _BARE - {"type"}}


def _summary(schema: JsonObject) -> JsonValue:
    """Return a schema as a report shows it: an object by its fields, a union by its alternatives."""
    for key in ("anyOf", "oneOf"):
        if key in schema:
            return {key: schema[key]}
    properties = schema.get("properties")
    shown: JsonObject = {"type": kind_of(schema)}
    if isinstance(properties, dict) and properties:
        shown["properties"] = list[JsonValue](sorted(properties))
    return shown


def _hurts(changes: list[Change]) -> bool:
    return any(change.severity is Severity.BREAKING for change in changes)


def _weight(changes: list[Change]) -> tuple[int, int]:
    return sum(change.severity is Severity.BREAKING for change in changes), len(changes)
