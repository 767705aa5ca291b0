"""Extracts operations from docs pages, and merges pages into one document.

An operation is a fenced block of YAML whose info string names a method and a path. Nothing else on a page is read:
pages are written for people, and for programs that take instructions from pages. Pages that contradict each other are
refused.
"""

import re
from collections.abc import Iterable
from itertools import pairwise
from typing import Final

import attrs

from scripts.specsync.document import openapi as grammar
from scripts.specsync.document.json_values import JsonObject, JsonValue, canonical_json
from scripts.specsync.document.openapi import METHODS, ObjectKind, as_object, member_object
from scripts.specsync.document.pointer import join
from scripts.specsync.document.yaml_reader import decode, parse_object
from scripts.specsync.errors import SourceError
from scripts.specsync.facts.prose import without_prose

_FENCE: Final = re.compile(r"( {0,3})(`{3,}|~{3,})[ \t]*(.*?)[ \t]*")
_LANGUAGES: Final = frozenset({"yaml", "yml", "json"})
_LINK: Final = re.compile(r"\[[^\]\n]*\]\(<?([^)\s>]+)>?[^)\n]*\)")


@attrs.frozen
class Block:
    """One fenced block; `text` begins with as many empty lines as stand above it, so that its lines are the page's."""

    method: str
    path: str
    line: int
    text: str

    def document(self) -> JsonObject:
        """Parse the block as a document."""
        return parse_object(self.text.encode())


def blocks_of(content: bytes) -> tuple[Block, ...]:
    """Return the blocks of a page that describe operations, by CommonMark's rules for fences."""
    lines = decode(content).splitlines()
    found: list[Block] = []
    index = 0
    while index < len(lines):
        opening = _FENCE.fullmatch(lines[index])
        if opening is None or (opening[2][0] == "`" and "`" in opening[3]):
            index += 1
            continue
        end = _end(lines, index, opening[2])
        target = _target(opening[3])
        if target is not None:
            if end is None:
                message = f"line {index + 1}: the block that begins here is not closed"
                raise SourceError(message)
            body = [_dedented(line, len(opening[1])) for line in lines[index + 1 : end]]
            found.append(Block(*target, index + 1, "\n" * (index + 1) + "\n".join(body) + "\n"))
        index = len(lines) if end is None else end + 1
    return tuple(found)


def links_of(content: bytes) -> tuple[str, ...]:
    """Return the links of a Markdown text, each once."""
    return tuple(dict.fromkeys(_LINK.findall(decode(content))))


def _end(lines: list[str], start: int, fence: str) -> int | None:
    """Return the line of the closing fence: of the same sign, at least as long, and nothing after it."""
    for index in range(start + 1, len(lines)):
        closing = _FENCE.fullmatch(lines[index])
        if closing is not None and closing[2][0] == fence[0] and len(closing[2]) >= len(fence) and not closing[3]:
            return index
    return None


def _target(info: str) -> tuple[str, str] | None:
    words = info.split()
    if not words or words[0].lower() not in _LANGUAGES:
        return None
    for method, path in pairwise(words[1:]):
        if method.lower() in METHODS and path.startswith("/"):
            return method.upper(), path
    return None


def _dedented(line: str, width: int) -> str:
    blank = len(line) - len(line.lstrip(" "))
    return line[min(width, blank) :]


_ROOT: Final = ("servers", "security")


@attrs.frozen
class Part:
    """A document and the name of the page that it stands on."""

    name: str
    document: JsonObject


@attrs.frozen
class _Merger:
    """The merged document so far, the origin of each part, and the conflicts."""

    merged: JsonObject = attrs.field(factory=dict[str, "JsonValue"])
    origins: dict[str, str] = attrs.field(factory=dict[str, str])
    conflicts: list[str] = attrs.field(factory=list[str])

    def add(self, part: Part) -> None:
        document = part.document
        head: JsonObject = {key: document[key] for key in ("openapi", *_ROOT) if key in document}
        self._put(self.merged, head, "", part.name)
        if "info" in document:
            # Of `info`, only the version is compared.
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
                self.conflicts.append(f"{place} differs between {self.origins[place]} and {name}")


def merge(parts: Iterable[Part]) -> JsonObject:
    """Return one document that holds every operation and component of all parts."""
    merger = _Merger()
    for part in parts:
        merger.add(part)
    if merger.conflicts:
        message = f"pages contradict each other: {merger.conflicts[0]}"
        raise SourceError(message, tuple(merger.conflicts[1:]))
    return merger.merged


def _kind(place: str, key: str) -> ObjectKind | None:
    """Return the kind of object at a place; None if its prose and facts cannot be distinguished."""
    tokens = place.split("/")
    if tokens[1] == "paths":
        return ObjectKind.OPERATION if key in grammar.METHODS else None
    field = grammar.GRAMMAR[ObjectKind.COMPONENTS].get(tokens[2]) if tokens[1] == "components" else None
    return field.kind if field is not None else None


def _facts(value: JsonValue, kind: ObjectKind | None) -> str:
    if kind is None:
        return canonical_json(value)

    def visit(node: JsonObject, node_kind: ObjectKind, _pointer: str) -> JsonValue:
        return without_prose(node, node_kind)

    return canonical_json(grammar.rebuild(value, kind, "", visit))
