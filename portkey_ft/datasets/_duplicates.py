"""Finds repeated lines with a bounded amount of memory."""

from __future__ import annotations

from array import array
from typing import Final
from zlib import crc32

LARGEST_MEMORY: Final = 1 << 20
"""How many different lines are remembered at most: 10 MiB of memory."""

_SHORTEST_EXAMPLE: Final = 8
"""No two different JSON objects are both shorter, so a file holds at most one per so many bytes."""


class SeenLines:
    """Finds the line that a line repeats, in memory that does not grow.

    A hash table with open addresses in two flat arrays: eight bytes a slot, where a ``dict`` of integers takes over a
    hundred. A line is known by 32 bits of checksum and its place in the table, which comes from another hash; a
    false alarm among a million lines is less likely than one in a thousand. Once the table is full, later lines are
    compared with those remembered, and no longer added.
    """

    def __init__(self, size: int | None = None, *, most: int = LARGEST_MEMORY) -> None:
        """Create an empty table.

        Args:
            size: The bytes of the file, if known, so that a small file takes little memory.
            most: How many lines to remember at most.
        """
        self._room = most if size is None else min(most, size // _SHORTEST_EXAMPLE + 1)
        # A quarter of the slots stays free: probing stays short, and always ends.
        self._slots = self._room + self._room // 4 + 1
        self._checksums = array("I", (0,)) * self._slots
        self._numbers = array("I", (0,)) * self._slots

    def first(self, line: bytes, number: int) -> int:
        """Remember a line.

        Args:
            line: The line, without its end.
            number: Its number, from 1.

        Returns:
            The number of the first line that is the same: ``number`` itself when it is new.
        """
        checksum = crc32(line)
        slots = self._slots
        slot = hash(line) % slots
        while known := self._numbers[slot]:
            if self._checksums[slot] == checksum:
                return known
            slot = (slot + 1) % slots
        if self._room:
            self._room -= 1
            self._checksums[slot] = checksum
            self._numbers[slot] = number
        return number
