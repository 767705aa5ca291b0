"""Joins the small documents of docs pages to one, and refuses to where they contradict each other."""

from collections.abc import Iterable
from typing import Final

import attrs

from scripts.specsync.document import openapi as grammar
from scripts.specsync.document.json_values import JsonObject, JsonValue, canonical_json
from scripts.specsync.document.openapi import Kind, as_object, member_object
from scripts.specsync.document.pointer import join
from scripts.specsync.errors import SourceError
from scripts.specsync.facts.prose import without_prose

_ROOT: Final = ("servers", "security")


@attrs.frozen
class Part:
    """A document and the name of the page that it stands on."""

    name: str
    document: JsonObject


@attrs.frozen
class _Merger:
    """The document so far, where each part of it came from, and what contradicted it."""

    merged: JsonObject = attrs.field(factory=dict[str, "JsonValue"])
    origins: dict[str, str] = attrs.field(factory=dict[str, str])
    conflicts: list[str] = attrs.field(factory=list[str])

    def add(self, part: Part) -> None:
        document = part.document
        head: JsonObject = {key: document[key] for key in ("openapi", *_ROOT) if key in document}
        self._put(self.merged, head, "", part.name)
        if "info" in document:
            # What a document says of itself is compared by its version alone.
            version: JsonObject = {"version": member_object(document, "info", "").get("version")}
            self._put(self.merged, {"info": version}, "", part.name)
        paths = as_object(self.merged.setdefault("paths", {}), "/paths")
        for path, item in member_object(document, "paths", "").items():
            place = join("/paths", path)
            known = as_object(paths.setdefault(path, {}), place)
            self._put(known, as_object(item, place), place, part.name)
        sections = as_object(self.merged.setdefault("components", {}), "/components")
        for section, members in member_object(document, "components", "").items():
            place = join("/components", section)
            known = as_object(sections.setdefault(section, {}), place)
            self._put(known, as_object(members, place), place, part.name)

    def _put(self, holder: JsonObject, members: JsonObject, pointer: str, name: str) -> None:
        for key, value in members.items():
            place = join(pointer, key)
            kind = _kind(place, key)
            if key not in holder:
                holder[key] = value
                self.origins[place] = name
            elif _facts(holder[key], kind) != _facts(value, kind):
                self.conflicts.append(f"{place} is one thing on {self.origins[place]} and another on {name}")


def merge(parts: Iterable[Part]) -> JsonObject:
    """Return one document that holds every operation and component of all parts."""
    merger = _Merger()
    for part in parts:
        merger.add(part)
    if merger.conflicts:
        message = f"pages contradict each other: {merger.conflicts[0]}"
        raise SourceError(message, tuple(merger.conflicts[1:]))
    return merger.merged


def _kind(place: str, key: str) -> Kind | None:
    """Return what kind of object stands at a place, if its prose can be told from its facts."""
    tokens = place.split("/")
    if tokens[1] == "paths":
        return Kind.OPERATION if key in grammar.METHODS else None
    field = grammar.GRAMMAR[Kind.COMPONENTS].get(tokens[2]) if tokens[1] == "components" else None
    return field.kind if field is not None else None


def _facts(value: JsonValue, kind: Kind | None) -> str:
    if kind is None:
        return canonical_json(value)

    def visit(node: JsonObject, node_kind: Kind, _pointer: str) -> JsonValue:
        return without_prose(node, node_kind)

    return canonical_json(grammar.rebuild(value, kind, "", visit))
