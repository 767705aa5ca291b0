"""The cursors that a list has followed, in memory that does not grow with it."""

from __future__ import annotations

from collections import deque
from hashlib import sha256
from itertools import islice
from typing import Final

__all__ = ["SeenCursors"]

LARGEST_MEMORY: Final = 1024
"""How many cursors are kept of the whole list."""

LATEST: Final = 100
"""How many of the latest cursors are kept besides."""


class SeenCursors:
    """Notices a cursor that comes back.

    The first 1024 cursors are all kept; beyond them every second one of the whole list, then every fourth, and so on,
    besides the latest 100. A list that goes in a circle of any length therefore meets a cursor that was kept: at once
    where the circle is short, or leads back to the first cursor, and otherwise after less than one page in 512 of all
    that were fetched.

    Example:
        >>> seen = SeenCursors()
        >>> seen.add("a")
        >>> "a" in seen, "b" in seen
        (True, False)
    """

    def __init__(self, most: int = LARGEST_MEMORY, latest: int = LATEST) -> None:
        """Make an empty memory.

        Args:
            most: How many cursors of the whole list to keep, at most.
            latest: How many of the latest cursors to keep besides.
        """
        self._step = 1
        self._most = most
        self._added = 0
        # A dict for its order: oldest first.
        self._kept: dict[bytes, None] = {}
        self._latest: deque[bytes] = deque(maxlen=latest)

    def __contains__(self, cursor: str) -> bool:
        """Tell whether a cursor is one of those that are kept."""
        digest = _digest(cursor)
        return digest in self._kept or digest in self._latest

    def pages_late(self, cursor: str) -> int:
        """Tell how many pages of the circle may have come again before this cursor, which did, was one that is kept."""
        digest = _digest(cursor)
        at_once = digest in self._latest or digest == next(iter(self._kept))
        return 0 if at_once else self._step - 1

    def add(self, cursor: str) -> None:
        """Note that a cursor is being followed."""
        digest = _digest(cursor)
        self._latest.append(digest)
        if self._added % self._step == 0:
            self._kept[digest] = None
        self._added += 1
        if len(self._kept) > self._most:
            self._kept = dict.fromkeys(islice(self._kept, 0, None, 2))
            self._step *= 2


def _digest(cursor: str) -> bytes:
    # A cursor may be a token of any length, and JSON may hold half of a surrogate pair.
    return sha256(cursor.encode("utf-8", "surrogatepass")).digest()
