"""Joins the small documents of docs pages to one, and refuses to where they contradict each other."""

from collections.abc import Iterable
from typing import Final

import attrs

from scripts.specsync import grammar
from scripts.specsync.errors import SourceError
from scripts.specsync.grammar import Kind, as_object, member_object
from scripts.specsync.json_value import JsonObject, JsonValue, canonical_json
from scripts.specsync.pointer import join
from scripts.specsync.prose import without_prose

_ROOT: Final = ("servers", "security")


@attrs.frozen
class Part:
    """A document and the name of the page that it stands on."""

    name: str
    document: JsonObject


def merge(parts: Iterable[Part]) -> JsonObject:
    """Return one document that holds every operation and component of all parts."""
    merged: JsonObject = {}
    origins: dict[str, str] = {}
    conflicts: list[str] = []

    def put(holder: JsonObject, key: str, value: JsonValue, kind: Kind | None, place: str, name: str) -> None:
        if key not in holder:
            holder[key] = value
            origins[place] = name
        elif _facts(holder[key], kind) != _facts(value, kind):
            conflicts.append(f"{place} is one thing on {origins[place]} and another on {name}")

    for part in parts:
        document = part.document
        for key in ("openapi", "info", *_ROOT):
            if key in document:
                put(merged, key, document[key], None if key != "info" else Kind.LINK, f"/{key}", part.name)
        paths = as_object(merged.setdefault("paths", {}), "/paths")
        for path, item in member_object(document, "paths", "").items():
            place = join("/paths", path)
            known = as_object(paths.setdefault(path, {}), place)
            for key, value in as_object(item, place).items():
                kind = Kind.OPERATION if key in grammar.METHODS else None
                put(known, key, value, kind, join(place, key), part.name)
        sections = as_object(merged.setdefault("components", {}), "/components")
        for section, members in member_object(document, "components", "").items():
            place = join("/components", section)
            field = grammar.GRAMMAR[Kind.COMPONENTS].get(section)
            known = as_object(sections.setdefault(section, {}), place)
            for key, value in as_object(members, place).items():
                put(known, key, value, field.kind if field else None, join(place, key), part.name)
    if conflicts:
        message = f"pages contradict each other: {conflicts[0]}"
        raise SourceError(message, tuple(conflicts[1:]))
    return merged


def _facts(value: JsonValue, kind: Kind | None) -> str:
    if kind is None:
        return canonical_json(value)
    if kind is Kind.LINK:
        # What a document says of itself is compared by its version alone.
        return canonical_json(value.get("version") if isinstance(value, dict) else value)

    def visit(node: JsonObject, node_kind: Kind, _pointer: str) -> JsonValue:
        return without_prose(node, node_kind)

    return canonical_json(grammar.rebuild(value, kind, "", visit))
