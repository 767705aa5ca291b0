"""Compares the keywords about a value itself: list of values, format and limits."""

from collections.abc import Iterator
from typing import Final, TypeAlias

from scripts.specsync.diff.location import Direction
from scripts.specsync.document.json_values import JsonObject, JsonValue, canonical_json, same_json
from scripts.specsync.document.schemas import LOWER, UPPER

_LOWER: Final = (*LOWER, "exclusiveMinimum", "uniqueItems")
_UPPER: Final = (*UPPER, "exclusiveMaximum")
_OTHER_LIMITS: Final = ("pattern", "multipleOf")
LIMITS: Final = (*_LOWER, *_UPPER, *_OTHER_LIMITS)
# Formats in which a value is written differently, or for which a generator writes another type than text.
_WRITTEN: Final = frozenset({"binary", "byte", "date", "date-time", "uuid"})
# Formats that limit what a value may be.
_LIMITING: Final = frozenset(
    {
        "int32", "float", "email", "idn-email", "hostname", "idn-hostname", "ipv4", "ipv6", "uri", "uri-reference",
        "iri", "iri-reference", "uri-template", "json-pointer", "relative-json-pointer", "regex", "time", "duration",
    }
)  # fmt: skip

Found: TypeAlias = tuple[str, str, JsonValue, JsonValue]
"""Rule without its direction, keyword, before, after."""


def value_changes(old: JsonObject, new: JsonObject, direction: Direction) -> Iterator[Found]:
    """Yield the changes of the allowed values."""
    yield from _enum(old.get("enum"), new.get("enum"))
    yield from _format(_text(old.get("format")), _text(new.get("format")), direction)
    for key in LIMITS:
        before, after = old.get(key), new.get(key)
        if same_json(before, after):
            continue
        if direction is Direction.RESPONSE:
            yield "limit-changed", key, before, after
        else:
            yield f"limit-{'loosened' if _is_looser(key, before, after) else 'tightened'}", key, before, after


def _enum(before: JsonValue, after: JsonValue) -> Iterator[Found]:
    if not isinstance(before, list) and not isinstance(after, list):
        return
    if not isinstance(before, list):
        yield "enum-imposed", "enum", None, after
    elif not isinstance(after, list):
        yield "enum-lifted", "enum", before, None
    else:
        known, found = {canonical_json(value) for value in before}, {canonical_json(value) for value in after}
        added: list[JsonValue] = [value for value in after if canonical_json(value) not in known]
        removed: list[JsonValue] = [value for value in before if canonical_json(value) not in found]
        if added:
            yield "enum-value-added", "enum", None, added
        if removed:
            yield "enum-value-removed", "enum", removed, None


def _format(before: str | None, after: str | None, direction: Direction) -> Iterator[Found]:
    if before == after:
        return
    written = {before, after} & _WRITTEN
    if direction is Direction.RESPONSE:
        rule = "format-changed" if written else "limit-changed"
    elif written:
        rule = "format-changed"
    elif after in _LIMITING and (before, after) not in {("int32", "int64"), ("float", "double")}:
        rule = "limit-tightened"
    else:
        # No format, a redundant one (int64, double), or an unknown one.
        rule = "limit-loosened" if before in _LIMITING else "format-noted"
    yield rule, "format", before, after


def _is_looser(key: str, before: JsonValue, after: JsonValue) -> bool:
    if after is None or after is False:
        return True
    if before is None:
        return False
    if isinstance(before, (int, float)) and isinstance(after, (int, float)):
        if key == "multipleOf":
            return after > 0 and before % after == 0
        if key in LOWER:
            return after < before
        return key in UPPER and after > before
    return False


def _text(value: JsonValue) -> str | None:
    return value if isinstance(value, str) else None
