"""Compares the content of bodies, by media type."""

from collections.abc import Iterator

import attrs

from scripts.specsync.diff.change import Change, change
from scripts.specsync.diff.location import Direction, SchemaLocation
from scripts.specsync.diff.schemas import SchemaComparison
from scripts.specsync.document.json_values import JsonObject, JsonValue, same_json
from scripts.specsync.document.openapi import as_object, member_object
from scripts.specsync.document.pointer import join
from scripts.specsync.verdicts import Severity


def content_changes(
    old: JsonObject, new: JsonObject, place: SchemaLocation, comparison: SchemaComparison
) -> Iterator[Change]:
    """Yield every change in the content of two bodies."""
    direction = comparison.direction
    before, after = member_object(old, "content", place.pointer), member_object(new, "content", place.pointer)
    harmless = None if place.is_read else Severity.ADDITIVE
    if direction is Direction.RESPONSE and bool(before) != bool(after):
        word = "added" if after else "removed"
        spot = join(place.pointer, "content")
        yield change(f"response-body-{word}", spot, before or None, after or None, severity=harmless)
        return
    for media_type in sorted({*before, *after}):
        spot = join(place.pointer, "content", media_type)
        is_read = place.is_read and (
            direction is Direction.REQUEST or comparison.usage.reads_media_type(place.pointer, media_type)
        )
        severity = None if is_read else Severity.ADDITIVE
        if media_type not in after:
            yield change(f"{direction}-media-type-removed", spot, before[media_type], None, severity=severity)
        elif media_type not in before:
            yield change(f"{direction}-media-type-added", spot, None, after[media_type])
        else:
            left, right = as_object(before[media_type], spot), as_object(after[media_type], spot)
            here = SchemaLocation(join(spot, "schema"), is_read=is_read)
            yield from _bodies(left.get("schema"), right.get("schema"), here, comparison)
            for key in sorted(({*left} | {*right}) - {"schema"}):
                if not same_json(left.get(key), right.get(key)):
                    yield change(
                        "unclassified-changed", join(spot, key), left.get(key), right.get(key), severity=severity
                    )


def _bodies(old: JsonValue, new: JsonValue, place: SchemaLocation, comparison: SchemaComparison) -> Iterator[Change]:
    if comparison.direction is Direction.RESPONSE and place.is_read:
        wrapped = _holder(old, new, comparison)
        if wrapped is not None:
            yield change("response-wrapped", place.pointer, old, {"inside": wrapped})
            return
        unwrapped = _holder(new, old, comparison)
        if unwrapped is not None:
            yield change("response-unwrapped", place.pointer, {"inside": unwrapped}, new)
            return
    yield from comparison.compare(_schema(old), _schema(new), attrs.evolve(place))


def _schema(value: JsonValue) -> JsonValue:
    """Return the schema of a body; one that is not described may be anything."""
    return {} if value is None else value


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
