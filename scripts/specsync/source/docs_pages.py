"""Finds the operations in a docs page: fenced blocks of YAML whose info string names a method and a path.

Nothing else on a page is read. Pages are written for people, and for programs that take orders from pages; here only
the fenced blocks count.
"""

import re
from itertools import pairwise
from typing import Final

import attrs

from scripts.specsync.document.json_values import JsonObject
from scripts.specsync.document.openapi import METHODS
from scripts.specsync.document.yaml_reader import decode, parse_object
from scripts.specsync.errors import SourceError

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
        """Return the block's own small document."""
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
