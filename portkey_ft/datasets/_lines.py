"""Splits files, iterables of bytes and streams into lines, in bounded memory.

A line comes with its end and its length. Of a line that is too long, only the length is returned.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import BinaryIO

BLOCK: Final = 256 * 1024


def bounded_lines(file: BinaryIO, longest: int) -> Iterator[tuple[bytes, int]]:
    """Read the lines of a file."""
    while line := file.readline(BLOCK):
        size = len(line)
        if not line.endswith(b"\n"):
            line, size = _long_line(file, line, longest)
        elif size > longest + 1:
            line = b""
        yield line, size


def _long_line(file: BinaryIO, start: bytes, longest: int) -> tuple[bytes, int]:
    """Read the rest of a line, keeping no more of it than may be needed."""
    pieces = [start]
    size = len(start)
    while not pieces[-1].endswith(b"\n") and (piece := file.readline(BLOCK)):
        size += len(piece)
        # Of a line that is too long only the end is still of interest.
        pieces = [*pieces, piece] if size <= longest + 1 else [piece]
    line = b"".join(pieces)
    whole = len(line) == size and size - line.endswith(b"\n") <= longest
    return line if whole else b"", size


def separate_lines(items: Iterable[bytes], longest: int) -> Iterator[tuple[bytes, int]]:
    """Split items that hold whole lines, with or without their ends."""
    for item in items:
        for line in _as_bytes(item).removesuffix(b"\n").split(b"\n"):
            size = len(line) + 1
            yield line + b"\n" if size <= longest + 1 else b"", size


def _as_bytes(item: object) -> bytes:
    """Raise TypeError for items that are not bytes: callers pass text in spite of the annotations."""
    if not isinstance(item, bytes | bytearray):
        message = f"Lines must be bytes, not {type(item).__name__}. Open the file in binary mode, or encode them."
        raise TypeError(message)
    return bytes(item)


class StreamLines:
    """Splits a stream into lines; its chunks may end anywhere.

    Args:
        longest: The longest line that is held, without its end.
    """

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self._held: list[bytes] = []
        self._size = 0

    def feed(self, chunk: bytes) -> Iterator[tuple[bytes, int]]:
        """Yield the lines that a chunk completes."""
        start = 0
        while end := chunk.find(b"\n", start) + 1:
            self._hold(chunk[start:end])
            yield self._take()
            start = end
        if start < len(chunk):
            self._hold(chunk[start:])

    def finish(self) -> Iterator[tuple[bytes, int]]:
        """Yield the last line, if it has no end."""
        if self._size:
            yield self._take()

    def _hold(self, piece: bytes) -> None:
        self._size += len(piece)
        self._held.append(piece)
        if self._size > self._longest + 1:
            self._held = [piece[-1:]]

    def _take(self) -> tuple[bytes, int]:
        line, size = b"".join(self._held), self._size
        self._held, self._size = [], 0
        whole = len(line) == size and size - line.endswith(b"\n") <= self._longest
        return (line if whole else b""), size
