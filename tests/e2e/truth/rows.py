"""Compares the stored rows with those that were sent, line by line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from attrs import frozen

from tests.e2e.truth.search import Leaf, leaves, same

#: Names whose values hold a row together, and for which each provider has words of its own.
_STRUCTURE = frozenset({"role", "type", "id", "tool_call_id"})
#: What a provider's form says besides: the kind of a picture, the version of the form, how a tool is chosen.
_OF_THE_FORM = frozenset({"anthropic_version", "mimeType", "mode"})
#: Whole numbers up to this one may stand anywhere.
COMMON = 1000
_MARK = b"\xef\xbb\xbf"


@frozen
class Comparison:
    """The outcome for the rows of a file.

    Attributes:
        sent: How many were sent.
        stored: How many are stored.
        lost: What is missing in stored rows, by the name it has in the row that was sent.
        added: What stands in stored rows and was not sent, by the name that it has there.
    """

    sent: int
    stored: int
    lost: tuple[str, ...] = ()
    added: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether every row is there with all that it says, and nothing else."""
        return self.sent == self.stored and not self.lost and not self.added

    def __str__(self) -> str:
        if self.sent != self.stored:
            return f"{self.stored} of {self.sent} lines stored"
        return ", ".join([*(f"`{name}` lost" for name in self.lost), *(f"`{name}` made up" for name in self.added)])


def compare(sent: bytes, stored: bytes) -> Comparison:
    """Compare two files."""
    asked, arrived = list(_rows(sent)), list(_rows(stored))
    if sent == stored:
        return Comparison(len(asked), len(arrived))
    pairs = list(zip(asked, arrived, strict=False))
    lost = dict.fromkeys(name for row, other in pairs for name in _missing(row, other))
    added = dict.fromkeys(name for row, other in pairs for name in _made_up(row, other))
    return Comparison(len(asked), len(arrived), tuple(lost), tuple(added))


def _rows(content: bytes) -> Iterator[Any]:
    """Read the lines that are not blank; what is no JSON is its text."""
    for line in content.removeprefix(_MARK).split(b"\n"):
        if line.strip():
            try:
                yield json.loads(line)
            except ValueError:
                yield line.decode(errors="replace")


def _missing(asked: object, arrived: object) -> Iterator[str]:
    there = list(leaves(arrived))
    for leaf in _values(asked):
        if not any(_is(leaf, other) for other in there):
            yield leaf.name or "a line"
    # Google reads no picture of which it is not told the kind.
    places = {leaf.path for leaf in there}
    if any(leaf.name == "fileUri" and (*leaf.path[:-1], "mimeType") not in places for leaf in there):
        yield "image_url"


def _made_up(asked: object, arrived: object) -> Iterator[str]:
    given = [leaf.value for leaf in (*leaves(asked), *_values(asked)) if isinstance(leaf.value, str)]
    for leaf in _values(arrived):
        said = isinstance(leaf.value, str) and leaf.name not in _OF_THE_FORM
        if said and not any(leaf.value in text for text in given):
            yield leaf.name or "a line"


def _values(row: object) -> Iterator[Leaf]:
    """Yield what a row says; the arguments of a tool call are JSON in a text, and say what that says."""
    for leaf in leaves(row):
        if leaf.name == "arguments":
            yield from leaves(json.loads(leaf.value))
        elif leaf.name not in _STRUCTURE:
            yield leaf


def _is(asked: Leaf, arrived: Leaf) -> bool:
    if isinstance(asked.value, str) and isinstance(arrived.value, str):
        picture = asked.value.partition(";base64,")[2]
        return asked.value in arrived.value or (picture != "" and picture == arrived.value)
    return same(asked.value, arrived.value) and (asked.name == arrived.name or _is_distinctive(asked.value))


def _is_distinctive(value: object) -> bool:
    """Return whether a number is found by its value alone, whatever its name is in the provider's form."""
    return (
        isinstance(value, int | float) and not isinstance(value, bool) and not (value == int(value) and value <= COMMON)
    )
