"""Finds a requested value in what arrived."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from attrs import frozen

Path = tuple[str | int, ...]


@frozen
class Leaf:
    """A value without parts.

    Attributes:
        path: The names and numbers that lead to it.
        value: A text, a number, true, false, or null.
    """

    path: Path
    value: Any

    @property
    def name(self) -> str | None:
        """The name it has in its object; None in a list."""
        return self.path[-1] if self.path and isinstance(self.path[-1], str) else None


def leaves(value: object, path: Path = ()) -> Iterator[Leaf]:
    """Split a value into its leaves. An empty object or list is a leaf."""
    match value:
        case Mapping() if value:
            for name, part in value.items():
                yield from leaves(part, (*path, name))
        case list() | tuple() if value:
            for number, part in enumerate(value):
                yield from leaves(part, (*path, number))
        case _:
            yield Leaf(path, value)


def same(asked: object, arrived: object) -> bool:
    """Return whether a leaf that arrived is the one that was asked for.

    A number may have become its text; a text may have been percent-encoded or decoded, and may be part of a longer
    one (an id after a prefix).
    """
    if isinstance(asked, str) and isinstance(arrived, str):
        return unquote(asked) in unquote(arrived)
    if isinstance(asked, bool) or isinstance(arrived, bool) or asked is None or arrived is None:
        return asked is arrived
    if isinstance(asked, int | float) and isinstance(arrived, int | float):
        # Exact also beyond 2**53, where an integer and a float that are equal in JavaScript are not in Python.
        return asked == arrived
    if isinstance(asked, int | float) and isinstance(arrived, str):
        return arrived == str(asked)
    return asked == arrived


def places(document: object, asked: object) -> list[Path]:
    """Find where a value stands in a document; nowhere if one of its leaves is missing.

    The leaves of an object are looked for by name and value, wherever they stand; the place of an object is where
    its leaves have their common beginning.
    """
    there = list(leaves(document))
    if not isinstance(asked, Mapping | list | tuple):
        return [leaf.path for leaf in there if same(asked, leaf.value)]
    found = []
    for wanted in leaves(asked):
        paths = [leaf.path for leaf in there if wanted.name in {None, leaf.name} and same(wanted.value, leaf.value)]
        if not paths:
            return []
        found.append(paths[0])
    return [_common(found)]


def _common(paths: list[Path]) -> Path:
    shortest = min(paths, key=len)
    for length in range(len(shortest), 0, -1):
        if all(path[:length] == shortest[:length] for path in paths):
            return shortest[:length]
    return ()
