"""A file on its way down: unwrapped, split into lines, and put on disk whole or not at all."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import AsyncIterable, AsyncIterator, Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Generic, Protocol, TypeVar

from portkey_ft.errors import ResponseError

__all__ = ["AsyncStaged", "LineSplitter", "Unwrapper", "replacing", "staged"]

T = TypeVar("T")

# The gateway passes a file that its provider calls text as JSON of this one field.
WRAPPED = b'{"html-message":'
PAGES = ("<!doctype html", "<html")


class Unwrapper:
    """Takes a file out of the JSON that the gateway may have put around it.

    Fed with chunks; what is no such JSON passes through as it comes.
    """

    def __init__(self, content_type: str) -> None:
        self._held: bytearray | None = bytearray() if content_type.startswith("application/json") else None

    def feed(self, chunk: bytes) -> list[bytes]:
        """Take a chunk and give what can be passed on."""
        if self._held is None:
            return [chunk]
        self._held += chunk
        if WRAPPED.startswith(self._held[: len(WRAPPED)]) or self._held.startswith(WRAPPED):
            return []
        content, self._held = bytes(self._held), None
        return [content]

    def finish(self) -> list[bytes]:
        """Give the rest once there are no more chunks.

        Raises:
            ResponseError: It began as wrapped and cannot be unwrapped, or is a page and no file.
        """
        if not self._held:
            return []
        content, self._held = bytes(self._held), None
        if not content.startswith(WRAPPED):
            return [content]
        try:
            text: object = json.loads(content)["html-message"]
        except (ValueError, RecursionError):
            text = None
        if not isinstance(text, str):
            message = "the file came wrapped in JSON that cannot be read."
            raise ResponseError(message, operation="files.content")
        if text[:100].lstrip().lower().startswith(PAGES):
            # Wrapped alike, whatever its status was: no file of examples or results begins like this.
            message = "the provider, or somebody before it, sent a page of HTML in place of the file."
            raise ResponseError(message, operation="files.content")
        return [text.encode("utf-8", "replace")]


class LineSplitter:
    """Puts chunks together to lines, without their ends."""

    def __init__(self) -> None:
        self._rest = bytearray()

    def feed(self, chunk: bytes) -> list[str]:
        """Take a chunk and give the lines that it completes."""
        end, *lines = chunk.split(b"\n")
        # Grown in place: a line may come in thousands of chunks.
        self._rest += end
        if not lines:
            return []
        *whole, rest = bytes(self._rest), *lines
        self._rest = bytearray(rest)
        return [_line(line) for line in whole]

    def finish(self) -> list[str]:
        """Give the last line, if it had no end."""
        rest, self._rest = bytes(self._rest), bytearray()
        return [_line(rest)] if rest else []


def _line(line: bytes) -> str:
    return line.removesuffix(b"\r").decode("utf-8", "replace")


class Stage(Protocol[T]):
    """Makes other pieces out of the chunks of a file."""

    def feed(self, chunk: bytes) -> list[T]:
        """Take a chunk and give the pieces that it completes."""
        ...

    def finish(self) -> list[T]:
        """Give the pieces that are left."""
        ...


def staged(chunks: Iterable[bytes], stage: Stage[T]) -> Iterator[T]:
    """Pass chunks through a stage."""
    for chunk in chunks:
        yield from stage.feed(chunk)
    yield from stage.finish()


class AsyncStaged(Generic[T]):
    """Passes chunks through a stage, as an iterator and no async generator: one left half-way needs no cleaning up."""

    def __init__(self, chunks: AsyncIterable[bytes], stage: Stage[T]) -> None:
        self._source = chunks
        self._chunks: AsyncIterator[bytes] | None = None
        self._stage = stage
        self._pieces: Iterator[T] = iter(())
        self._ended = False

    def __aiter__(self) -> AsyncIterator[T]:
        return self

    async def __anext__(self) -> T:
        if self._chunks is None:
            self._chunks = aiter(self._source)
        while True:
            for piece in self._pieces:
                return piece
            if self._ended:
                raise StopAsyncIteration
            try:
                self._pieces = iter(self._stage.feed(await anext(self._chunks)))
            except StopAsyncIteration:
                self._ended = True
                self._pieces = iter(self._stage.finish())


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Generator[IO[bytes]]:
    """Write a file that appears at its path once it is complete, and not at all if it never is."""
    target = Path(path)
    if target.is_dir():
        message = f"{target} is a directory; name the file to write."
        raise IsADirectoryError(message)
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
        # mkstemp lets the owner alone read; a download gets the rights of any new file.
        Path(name).chmod(0o666 & ~_umask())
        Path(name).replace(target)
    except BaseException:
        with suppress(FileNotFoundError):
            Path(name).unlink()
        raise


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
