"""Compares two operations: parameters, bodies, responses, security, servers and names."""

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import zip_longest
from typing import Final

import attrs

from scripts.specsync.diff.change import Change, change
from scripts.specsync.diff.contents import content_changes
from scripts.specsync.diff.location import SchemaLocation
from scripts.specsync.diff.responses import ResponseComparison
from scripts.specsync.diff.schemas import SchemaComparison
from scripts.specsync.document.json_values import JsonObject, JsonValue, canonical_json, same_json
from scripts.specsync.document.openapi import as_object, member_list, member_object
from scripts.specsync.document.pointer import join
from scripts.specsync.document.schemas import kind_of
from scripts.specsync.facts.prose import UPSTREAM
from scripts.specsync.facts.spelling import canonical_url, style_of
from scripts.specsync.facts.words import digest_value
from scripts.specsync.verdicts import Severity

_JUDGED: Final = frozenset(
    {
        "deprecated", "operationId", "parameters", "requestBody", "responses", "security", "servers", "tags",
        UPSTREAM,
    }
)  # fmt: skip
_JUDGED_PARAMETER: Final = frozenset({"content", "deprecated", "in", "name", "required", "schema"})
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
        yield from ResponseComparison(self.responses).compare(old, new, pointer)
        yield from self._security(old, new, pointer)
        yield from self._servers(old, new, pointer)
        yield from _names(old, new, pointer)
        for key in sorted((set(old) | set(new)) - _JUDGED):
            if not same_json(old.get(key), new.get(key)):
                yield change("unclassified-changed", join(pointer, key), old.get(key), new.get(key))

    def _parameters(self, old: JsonObject, new: JsonObject, pointer: str) -> Iterator[Change]:
        before, after = _by_name(old), _by_name(new)
        for key in sorted({*before, *after}):
            place = join(pointer, "parameters", f"{key[0]}:{key[1]}")
            known, found = before.get(key), after.get(key)
            if found is None:
                word = "required" if known is not None and known.get("required") else "optional"
                yield change(f"parameter-{word}-removed", place, known, None, key[1])
            elif known is None:
                word = "required" if found.get("required") else "optional"
                yield change(f"parameter-{word}-added", place, None, found, key[1])
            else:
                yield from self._parameter(known, found, place, key[1])

    def _parameter(self, old: JsonObject, new: JsonObject, place: str, name: str) -> Iterator[Change]:
        before, after = bool(old.get("required")), bool(new.get("required"))
        if before != after:
            yield change(f"parameter-became-{'required' if after else 'optional'}", place, before, after, name)
        if bool(old.get("deprecated")) != bool(new.get("deprecated")):
            yield change("deprecation-changed", place, old.get("deprecated"), new.get("deprecated"), name)
        for key in sorted((set(old) | set(new)) - _JUDGED_PARAMETER):
            if not key.startswith("x-") and not same_json(old.get(key), new.get(key)):
                harmless = Severity.ADDITIVE if key == "explode" and self._is_never_apart(old, new) else None
                spot = join(place, key)
                yield change("parameter-style-changed", spot, old.get(key), new.get(key), name, severity=harmless)
        if ("content" in old) != ("content" in new):
            key = "content" if "content" in new else "schema"
            yield change("parameter-style-changed", join(place, key), _form(old), _form(new), name)
        elif "content" in old:
            yield from content_changes(old, new, SchemaLocation(place, name=name), self.requests)
        else:
            here = SchemaLocation(join(place, "schema"), name=name)
            yield from self.requests.compare(old.get("schema"), new.get("schema"), here)

    def _is_never_apart(self, old: JsonObject, new: JsonObject) -> bool:
        """Return whether `explode` makes no difference: for single values, and for lists in the style `simple`."""
        whole = {"string", "integer", "number", "boolean"}
        if style_of(old) == style_of(new) == "simple":
            whole.add("array")
        kinds = (
            kind_of(self.requests.old.flat(old.get("schema"))),
            kind_of(self.requests.new.flat(new.get("schema"))),
        )
        return whole.issuperset(kinds)

    def _body(self, old: JsonObject, new: JsonObject, pointer: str) -> Iterator[Change]:
        place = join(pointer, "requestBody")
        before, after = old.get("requestBody"), new.get("requestBody")
        if before is None and after is None:
            return
        if before is None or after is None:
            body = as_object(after if before is None else before, place)
            word = f"{'required' if body.get('required') else 'optional'}-{'added' if before is None else 'removed'}"
            yield change(f"request-body-{word}", place, before, after)
            return
        known, found = as_object(before, place), as_object(after, place)
        if bool(known.get("required")) != bool(found.get("required")):
            word = "required" if found.get("required") else "optional"
            yield change(f"request-body-became-{word}", place, known.get("required"), found.get("required"))
        yield from content_changes(known, found, SchemaLocation(place), self.requests)

    def _security(self, old: JsonObject, new: JsonObject, pointer: str) -> Iterator[Change]:
        place = join(pointer, "security")
        before, after = _alternatives(old, self.schemes), _alternatives(new, {})
        for text in sorted(set(before) - set(after)):
            yield change("security-alternative-removed", place, before[text], None)
        for text in sorted(set(after) - set(before)):
            yield change("security-alternative-added", place, None, after[text])

    def _servers(self, old: JsonObject, new: JsonObject, pointer: str) -> Iterator[Change]:
        place = join(pointer, "servers")
        before = {canonical_json(server): server for server in member_list(old, "servers", pointer)}
        after = {canonical_json(server): server for server in member_list(new, "servers", pointer)}
        offered = {_default_address(server) for server in after.values()}
        for text in sorted(set(before) - set(after)):
            kind = "server" if _is_address(before[text]) else "server-placeholder"
            # An address that is written with variables now still is the address with their default values.
            stays = Severity.ADDITIVE if _default_address(before[text]) in offered else None
            yield change(f"{kind}-removed", place, before[text], None, severity=stays)
        for text in sorted(set(after) - set(before)):
            kind = "server" if _is_address(after[text]) else "server-placeholder"
            yield change(f"{kind}-added", place, None, after[text])


def _form(parameter: JsonObject) -> JsonValue:
    return {key: parameter[key] for key in ("content", "schema") if key in parameter}


def _names(old: JsonObject, new: JsonObject, pointer: str) -> Iterator[Change]:
    before, after = member_object(old, UPSTREAM, pointer), member_object(new, UPSTREAM, pointer)
    for key, identifier in _NAMES:
        if not same_json(before.get(key), after.get(key)):
            yield change(identifier, pointer, before.get(key), after.get(key))
    yield from prose_changes(old, new, pointer)
    if bool(old.get("deprecated")) != bool(new.get("deprecated")):
        yield change("deprecation-changed", pointer, old.get("deprecated"), new.get("deprecated"))


def prose_changes(old: JsonObject, new: JsonObject, pointer: str) -> Iterator[Change]:
    """Yield a change for each title and text of an operation, a component or the document that differs."""
    before, after = member_object(old, UPSTREAM, pointer), member_object(new, UPSTREAM, pointer)
    for key, identifier in (("titles", "titles-changed"), ("prose", "prose-changed")):
        known, found = member_object(before, key, pointer), member_object(after, key, pointer)
        for place in sorted({*known, *found}):
            was, now = _digests(known.get(place)), _digests(found.get(place))
            for left, right in zip_longest(sorted((was - now).elements()), sorted((now - was).elements())):
                yield change(identifier, pointer + place, digest_value(left), digest_value(right))


def _digests(value: JsonValue) -> Counter[str]:
    """Return the digests of the texts at a place: alternatives share one."""
    values = value if isinstance(value, list) else [value]
    return Counter(str(digest) for digest in values if digest is not None)


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


def _default_address(server: JsonValue) -> str:
    """Return the address of a server with the defaults of its variables."""
    node = as_object(server, "")
    url = str(node.get("url", ""))
    for name, variable in member_object(node, "variables", "").items():
        url = url.replace(f"{{{name}}}", str(as_object(variable, "").get("default", "")))
    return canonical_url(url)


def _is_address(server: JsonValue) -> bool:
    url = str(server.get("url", "")) if isinstance(server, dict) else ""
    return "://" in url or url.startswith("/")
