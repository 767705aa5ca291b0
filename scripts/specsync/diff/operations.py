"""Compares two operations: parameters, bodies, answers, security, servers and names."""

from collections.abc import Iterator, Mapping
from typing import Final

import attrs

from scripts.specsync.diff.change import Change
from scripts.specsync.diff.rules import RULES
from scripts.specsync.diff.schemas import Direction, SchemaComparison, SchemaLocation
from scripts.specsync.document.json_values import JsonObject, JsonValue, canonical_json, same_json
from scripts.specsync.document.openapi import as_object, member_list, member_object
from scripts.specsync.document.pointer import join
from scripts.specsync.facts.prose import UPSTREAM
from scripts.specsync.verdicts import Severity

_JUDGED: Final = frozenset(
    {
        "deprecated", "operationId", "parameters", "requestBody", "responses", "security", "servers", "tags",
        UPSTREAM,
    }
)  # fmt: skip
_JUDGED_PARAMETER: Final = frozenset({"deprecated", "in", "name", "required", "schema"})
_NAMES: Final = (("operationId", "operation-renamed"), ("tags", "tags-changed"), ("path", "path-renamed"))


@attrs.frozen
class OperationComparison:
    """Compares operations of two documents; `requests` and `responses` remember which components were compared."""

    requests: SchemaComparison
    responses: SchemaComparison
    schemes: Mapping[str, str]

    def compare(self, old: JsonObject, new: JsonObject, pointer: str) -> Iterator[Change]:
        """Yield every change between two operations."""
        yield from self._parameters(old, new, pointer)
        yield from self._body(old, new, pointer)
        yield from self._responses(old, new, pointer)
        yield from self._security(old, new, pointer)
        yield from self._servers(old, new, pointer)
        yield from _names(old, new, pointer)
        for key in sorted((set(old) | set(new)) - _JUDGED):
            if not same_json(old.get(key), new.get(key)):
                yield _change("unclassified-changed", join(pointer, key), old.get(key), new.get(key))

    def _parameters(self, old: JsonObject, new: JsonObject, pointer: str) -> Iterator[Change]:
        before, after = _by_name(old), _by_name(new)
        for key in sorted({*before, *after}):
            place = join(pointer, "parameters", f"{key[0]}:{key[1]}")
            known, found = before.get(key), after.get(key)
            if found is None:
                word = "required" if known is not None and known.get("required") else "optional"
                yield _change(f"parameter-{word}-removed", place, known, None, key[1])
            elif known is None:
                word = "required" if found.get("required") else "optional"
                yield _change(f"parameter-{word}-added", place, None, found, key[1])
            else:
                yield from self._parameter(known, found, place, key[1])

    def _parameter(self, old: JsonObject, new: JsonObject, place: str, name: str) -> Iterator[Change]:
        before, after = bool(old.get("required")), bool(new.get("required"))
        if before != after:
            yield _change(f"parameter-became-{'required' if after else 'optional'}", place, before, after, name)
        if bool(old.get("deprecated")) != bool(new.get("deprecated")):
            yield _change("deprecation-changed", place, old.get("deprecated"), new.get("deprecated"), name)
        for key in sorted((set(old) | set(new)) - _JUDGED_PARAMETER):
            if not key.startswith("x-") and not same_json(old.get(key), new.get(key)):
                yield _change("parameter-style-changed", join(place, key), old.get(key), new.get(key), name)
        yield from self.requests.compare(
            old.get("schema"), new.get("schema"), SchemaLocation(join(place, "schema"), None, name)
        )

    def _body(self, old: JsonObject, new: JsonObject, pointer: str) -> Iterator[Change]:
        place = join(pointer, "requestBody")
        before, after = old.get("requestBody"), new.get("requestBody")
        if before is None and after is None:
            return
        if before is None or after is None:
            body = as_object(after if before is None else before, place)
            word = f"{'required' if body.get('required') else 'optional'}-{'added' if before is None else 'removed'}"
            yield _change(f"request-body-{word}", place, before, after)
            return
        known, found = as_object(before, place), as_object(after, place)
        if bool(known.get("required")) != bool(found.get("required")):
            word = "required" if found.get("required") else "optional"
            yield _change(f"request-body-became-{word}", place, known.get("required"), found.get("required"))
        yield from _contents(known, found, place, self.requests)

    def _responses(self, old: JsonObject, new: JsonObject, pointer: str) -> Iterator[Change]:
        place = join(pointer, "responses")
        before, after = member_object(old, "responses", pointer), member_object(new, "responses", pointer)
        gone = [status for status in before if status not in after and _is_success(status)]
        come = [status for status in after if status not in before and _is_success(status)]
        kept = any(_is_success(status) for status in before if status in after)
        pairs = [(status, status) for status in before if status in after]
        if gone and come and not kept:
            # Success moved to another number: its answers are compared as if it had not.
            yield _change("success-status-changed", place, gone[0], come[0])
            pairs.append((gone.pop(0), come.pop(0)))
            kept = True
        for status in gone:
            severity = Severity.ADDITIVE if kept else None
            yield _change("response-success-removed", join(place, status), before[status], None, severity=severity)
        for status in come:
            yield _change("response-success-added", join(place, status), None, after[status])
        for status in sorted({*before} ^ {*after}):
            if not _is_success(status):
                word = "added" if status in after else "removed"
                yield _change(f"response-error-{word}", join(place, status), before.get(status), after.get(status))
        for left, right in pairs:
            spot = join(place, right)
            yield from self._response(as_object(before[left], spot), as_object(after[right], spot), spot, right)

    def _response(self, old: JsonObject, new: JsonObject, place: str, status: str) -> Iterator[Change]:
        changes = list(_contents(old, new, place, self.responses))
        for change in changes:
            # Errors are read liberally, whatever their form.
            harmless = not _is_success(status) and change.component is None
            yield attrs.evolve(change, severity=Severity.ADDITIVE) if harmless else change
        before, after = member_object(old, "headers", place), member_object(new, "headers", place)
        for name in sorted({*before} ^ {*after}):
            word = "added" if name in after else "removed"
            yield _change(
                f"response-header-{word}", join(place, "headers", name), before.get(name), after.get(name), name
            )

    def _security(self, old: JsonObject, new: JsonObject, pointer: str) -> Iterator[Change]:
        place = join(pointer, "security")
        before, after = _alternatives(old, self.schemes), _alternatives(new, {})
        for text in sorted(set(before) - set(after)):
            yield _change("security-alternative-removed", place, before[text], None)
        for text in sorted(set(after) - set(before)):
            yield _change("security-alternative-added", place, None, after[text])

    def _servers(self, old: JsonObject, new: JsonObject, pointer: str) -> Iterator[Change]:
        place = join(pointer, "servers")
        before = {canonical_json(server): server for server in member_list(old, "servers", pointer)}
        after = {canonical_json(server): server for server in member_list(new, "servers", pointer)}
        for text in sorted(set(before) - set(after)):
            kind = "server" if _is_address(before[text]) else "server-placeholder"
            yield _change(f"{kind}-removed", place, before[text], None)
        for text in sorted(set(after) - set(before)):
            kind = "server" if _is_address(after[text]) else "server-placeholder"
            yield _change(f"{kind}-added", place, None, after[text])


def _contents(old: JsonObject, new: JsonObject, place: str, comparison: SchemaComparison) -> Iterator[Change]:
    direction = comparison.direction
    before, after = member_object(old, "content", place), member_object(new, "content", place)
    if direction is Direction.RESPONSE and bool(before) != bool(after):
        word = "added" if after else "removed"
        yield _change(f"response-body-{word}", join(place, "content"), before or None, after or None)
        return
    for media_type in sorted({*before, *after}):
        spot = join(place, "content", media_type)
        if media_type not in after:
            yield _change(f"{direction}-media-type-removed", spot, before[media_type], None)
        elif media_type not in before:
            yield _change(f"{direction}-media-type-added", spot, None, after[media_type])
        else:
            left, right = as_object(before[media_type], spot), as_object(after[media_type], spot)
            yield from _bodies(left.get("schema"), right.get("schema"), join(spot, "schema"), comparison)
            for key in sorted(({*left} | {*right}) - {"schema"}):
                if not same_json(left.get(key), right.get(key)):
                    yield _change("unclassified-changed", join(spot, key), left.get(key), right.get(key))


def _bodies(old: JsonValue, new: JsonValue, place: str, comparison: SchemaComparison) -> Iterator[Change]:
    if comparison.direction is Direction.RESPONSE:
        wrapped = _holder(old, new, comparison)
        if wrapped is not None:
            yield _change("response-wrapped", place, old, {"inside": wrapped})
            return
        unwrapped = _holder(new, old, comparison)
        if unwrapped is not None:
            yield _change("response-unwrapped", place, {"inside": unwrapped}, new)
            return
    yield from comparison.compare(old, new, SchemaLocation(place))


def _holder(inner: JsonValue, outer: JsonValue, comparison: SchemaComparison) -> str | None:
    """Return the field of `outer` that holds `inner`, if `outer` is an envelope around it."""
    if not isinstance(inner, dict) or "$ref" not in inner or not isinstance(outer, dict) or same_json(inner, outer):
        return None
    for schemas in (comparison.new, comparison.old):
        name = schemas.reference(outer)
        if name is not None and name not in schemas.names():
            continue
        for key, value in member_object(schemas.flat(outer), "properties", "").items():
            if same_json(value, inner):
                return key
    return None


def _names(old: JsonObject, new: JsonObject, pointer: str) -> Iterator[Change]:
    before, after = member_object(old, UPSTREAM, pointer), member_object(new, UPSTREAM, pointer)
    for key, identifier in _NAMES:
        if not same_json(before.get(key), after.get(key)):
            yield _change(identifier, pointer, before.get(key), after.get(key))
    yield from prose_changes(old, new, pointer)
    if bool(old.get("deprecated")) != bool(new.get("deprecated")):
        yield _change("deprecation-changed", pointer, old.get("deprecated"), new.get("deprecated"))


def prose_changes(old: JsonObject, new: JsonObject, pointer: str) -> Iterator[Change]:
    """Yield what changed in the digests of titles and texts of an operation, a component or the whole."""
    before, after = member_object(old, UPSTREAM, pointer), member_object(new, UPSTREAM, pointer)
    for key, identifier in (("titles", "titles-changed"), ("prose", "prose-changed")):
        if before.get(key) != after.get(key):
            yield _change(identifier, pointer, before.get(key), after.get(key))


def _by_name(operation: JsonObject) -> dict[tuple[str, str], JsonObject]:
    parameters = [as_object(value, "") for value in member_list(operation, "parameters", "")]
    return {(str(parameter.get("in")), str(parameter.get("name"))): parameter for parameter in parameters}


def _alternatives(operation: JsonObject, renamed: Mapping[str, str]) -> dict[str, JsonValue]:
    values = member_list(operation, "security", "")
    found: dict[str, JsonValue] = {}
    for value in values or [{}]:
        alternative: JsonObject = {renamed.get(name, name): scopes for name, scopes in as_object(value, "").items()}
        found[canonical_json(alternative)] = alternative
    return found


def _is_success(status: str) -> bool:
    return status.startswith("2") or status == "default"


def _is_address(server: JsonValue) -> bool:
    url = str(server.get("url", "")) if isinstance(server, dict) else ""
    return "://" in url or url.startswith("/")


def _change(
    identifier: str,
    pointer: str,
    before: JsonValue,
    after: JsonValue,
    name: str | None = None,
    *,
    severity: Severity | None = None,
) -> Change:
    rule = RULES[identifier]
    return Change(rule, severity or rule.severity, pointer, before, after, None, name)
