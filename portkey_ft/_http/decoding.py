"""An answer that was packed for the way (RFC 9110, 8.4), unpacked piece by piece.

The HTTP library unpacks each chunk whole, and a few kilobytes can unpack to gigabytes: here no piece is larger than
:data:`PIECE`, so that whoever counts can stop in time. Only what was asked for is unpacked.
"""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator
from typing import Generic, Protocol, TypeVar

__all__ = ["ACCEPTED", "AsyncDecodedChunks", "DecodingError", "GzipDecoder", "decode_chunks"]

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

#: The one packing that is asked for.
ACCEPTED = "gzip"

#: The most bytes that are unpacked at a time.
PIECE = 64 * 1024


class DecodingError(ValueError):
    """An answer is packed in a way that was not asked for, or cannot be unpacked."""


class GzipDecoder:
    """Takes the chunks of an answer and gives what they stand for.

    Args:
        packing: The answer's Content-Encoding; empty if it has none.

    Raises:
        DecodingError: That packing was not asked for.
    """

    def __init__(self, packing: str) -> None:
        packing = packing.strip().lower()
        if packing not in {"", "identity", ACCEPTED}:
            message = "it is packed in a way that was not asked for"
            raise DecodingError(message)
        self._inflater = zlib.decompressobj(zlib.MAX_WBITS | 16) if packing == ACCEPTED else None
        self._begun = False

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Take a chunk and give what can be passed on, piece by piece."""
        if self._inflater is None:
            yield chunk
            return
        self._begun = True
        piece = b""
        # A full piece may have left something behind, also where all of the chunk is taken.
        while chunk or len(piece) == PIECE:
            try:
                piece = self._inflater.decompress(chunk, PIECE)
            except zlib.error:
                message = "it cannot be unpacked"
                raise DecodingError(message) from None
            chunk = self._inflater.unconsumed_tail
            yield piece

    def finish(self) -> Iterator[bytes]:
        """Make sure that nothing is missing.

        Raises:
            DecodingError: It ended in the middle.
        """
        if self._inflater is not None and self._begun and not self._inflater.eof:
            message = "it ended before all of it was unpacked"
            raise DecodingError(message)
        return iter(())


class Stage(Protocol[T_co]):
    """Makes other pieces out of the chunks of a file."""

    def feed(self, chunk: bytes) -> Iterable[T_co]:
        """Take a chunk and give the pieces that it completes."""
        ...

    def finish(self) -> Iterable[T_co]:
        """Give the pieces that are left."""
        ...


def decode_chunks(chunks: Iterable[bytes], stage: Stage[T]) -> Iterator[T]:
    """Pass chunks through a stage."""
    for chunk in chunks:
        yield from stage.feed(chunk)
    yield from stage.finish()


class AsyncDecodedChunks(Generic[T]):
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
