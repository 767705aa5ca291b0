"""Content codings (RFC 9110, 8.4): compressed responses are decoded chunk by chunk, within limits.

The HTTP library decodes each chunk whole, and a few kilobytes can hold gigabytes. Here no chunk is larger than
:data:`CHUNK`, so that whoever counts can stop in time, and each step either consumes input or gives output, so that no
input keeps a reader busy for ever. Only gzip is asked for; what else can be told from the bytes is read as well.
"""

from __future__ import annotations

import re
import zlib
from codecs import getincrementaldecoder
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator, Sequence
from typing import Generic, Protocol, TypeVar

__all__ = [
    "ACCEPTED",
    "AsyncDecodedChunks",
    "ContentDecoder",
    "DecodingError",
    "DeflateDecoder",
    "GzipDecoder",
    "Stage",
    "TextDecoder",
    "decode_chunks",
]

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

#: The one content coding that is asked for.
ACCEPTED = "gzip"

#: The most bytes that are decoded at a time.
CHUNK = 64 * 1024
SLICE = 16 * 1024

#: A response with more codings than this is refused: each may multiply what has to be worked through by a thousand.
MOST_CODINGS = 4

# A stream that gives nothing, such as endless padding, is broken off. The worst that is honest is a server that flushes
# its compressor after each byte, which makes seven out of one.
LEAST_YIELD = 16
FREE_BYTES = 1024 * 1024

_NOT_COMPRESSED = "it cannot be decompressed"
_GZIP_MAGIC = b"\x1f\x8b"
# The header of a zlib stream (RFC 1950, 2.2): method deflate, a window of at most 32 KiB, and a check.
_ZLIB_METHOD, _LARGEST_WINDOW, _ZLIB_CHECK = 8, 7, 31
_ZLIB_HEADER_BYTES = 2

# Shorter text may be an encoding of nothing: brotli writes an empty file as one semicolon.
_SHORTEST_TEXT = 4
_NO_TEXT = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f]")


class DecodingError(ValueError):
    """A response body cannot be decoded.

    Attributes:
        incomplete: Whether it ended before it was complete, so that another attempt may go well.
    """

    def __init__(self, message: str, *, incomplete: bool = False) -> None:
        super().__init__(message)
        self.incomplete = incomplete


class Stage(Protocol[T_co]):
    """Makes other chunks out of the chunks of a body."""

    def feed(self, chunk: bytes) -> Iterable[T_co]:
        """Take a chunk and give the chunks that it completes."""
        ...

    def finish(self) -> Iterable[T_co]:
        """Give the chunks that are left."""
        ...


class _Inflater:
    """One zlib stream; gives at most :data:`CHUNK` bytes at a time."""

    def __init__(self, window_bits: int) -> None:
        self._zlib = zlib.decompressobj(window_bits)
        #: What stood behind the end of the stream.
        self.unused = b""

    @property
    def ended(self) -> bool:
        """Whether the end of the stream was reached."""
        return self._zlib.eof

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Take a chunk and give what it decompresses to.

        Raises:
            DecodingError: It is no such stream.
        """
        decoded = b""
        # A full chunk may have left something behind, also where all of the input is taken.
        while not self._zlib.eof and (chunk or len(decoded) == CHUNK):
            try:
                decoded = self._zlib.decompress(chunk, CHUNK)
            except zlib.error:
                raise DecodingError(_NOT_COMPRESSED) from None
            if decoded:
                yield decoded
            elif len(self._zlib.unconsumed_tail) == len(chunk):
                # Neither taken nor given; not expected of zlib, and going on would never end.
                break
            chunk = self._zlib.unconsumed_tail
        self.unused = self._zlib.unused_data


class GzipDecoder:
    """Decodes gzip: any number of members one after the other (RFC 1952, 2.2), and zeros that pad the last one."""

    def __init__(self) -> None:
        self._member: _Inflater | None = None
        self._begun = False

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Take a chunk and give what it decompresses to.

        Raises:
            DecodingError: It is no gzip, or something else follows.
        """
        while chunk:
            if self._member is None:
                # Padding stands between members or after the last one, but not before the first.
                chunk = chunk.lstrip(b"\0") if self._begun else chunk
                if not chunk:
                    return
                if not _GZIP_MAGIC.startswith(chunk[: len(_GZIP_MAGIC)]):
                    raise DecodingError(_NOT_COMPRESSED)
                self._member, self._begun = _Inflater(zlib.MAX_WBITS | 16), True
            yield from self._member.feed(chunk)
            if not self._member.ended:
                return
            chunk, self._member = self._member.unused, None

    def finish(self) -> Iterator[bytes]:
        """Make sure that nothing is missing.

        Raises:
            DecodingError: It ended within a member.
        """
        return _nothing_left(complete=self._member is None)


class DeflateDecoder:
    """Decodes what is called deflate: a zlib stream (RFC 1950), or bare deflate (RFC 1951), as some servers send it."""

    def __init__(self) -> None:
        self._head: bytes | None = b""
        self._stream: _Inflater | None = None

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Take a chunk and give what it decompresses to.

        Raises:
            DecodingError: It is neither of the two, or something else follows.
        """
        if self._head is not None:
            chunk = self._head + chunk
            self._head = chunk
            if len(chunk) < _ZLIB_HEADER_BYTES:
                return
            self._head = None
        if self._stream is None:
            self._stream = _Inflater(zlib.MAX_WBITS if _is_zlib(chunk) else -zlib.MAX_WBITS)
        elif self._stream.ended:
            _refuse_rest(chunk)
        yield from self._stream.feed(chunk)
        _refuse_rest(self._stream.unused)

    def finish(self) -> Iterator[bytes]:
        """Make sure that nothing is missing.

        Raises:
            DecodingError: It ended in the middle.
        """
        return _nothing_left(complete=self._head == b"" or (self._stream is not None and self._stream.ended))


def _is_zlib(head: bytes) -> bool:
    method, window = head[0] & 15, head[0] >> 4
    return method == _ZLIB_METHOD and window <= _LARGEST_WINDOW and (head[0] << 8 | head[1]) % _ZLIB_CHECK == 0


def _refuse_rest(rest: bytes) -> None:
    if rest.strip(b"\0"):
        message = "something follows its end"
        raise DecodingError(message)


def _nothing_left(*, complete: bool) -> Iterator[bytes]:
    if not complete:
        message = "it ended before all of it was decompressed"
        raise DecodingError(message, incomplete=True)
    return iter(())


class TextDecoder:
    """Passes on a body with the label of a coding that is not known, if it is not coded: if it is plain text.

    What is compressed is no UTF-8, or has control characters in it.

    Args:
        coding: The label.
    """

    def __init__(self, coding: str = "") -> None:
        self._coding = coding
        self._decoder = getincrementaldecoder("utf-8")()
        self._held: bytearray | None = bytearray()

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Take a chunk and pass it on.

        Raises:
            DecodingError: It is no text.
        """
        self._check(chunk)
        if self._held is None:
            yield chunk
            return
        self._held += chunk
        if len(self._held) >= _SHORTEST_TEXT:
            yield bytes(self._held)
            self._held = None

    def finish(self) -> Iterator[bytes]:
        """Make sure that it ended like text.

        Raises:
            DecodingError: It is no text, or too little to tell.
        """
        self._check(b"", final=True)
        if self._held:
            raise self._refused()
        return iter(())

    def _check(self, chunk: bytes, *, final: bool = False) -> None:
        try:
            self._decoder.decode(chunk, final)
        except UnicodeDecodeError:
            raise self._refused() from None
        if _NO_TEXT.search(chunk):
            raise self._refused()

    def _refused(self) -> DecodingError:
        return DecodingError(f"its content coding {self._coding!r} was not asked for and cannot be decoded")


class ContentDecoder:
    """Undoes all codings of a body, the last one first.

    Args:
        content_encoding: The response's Content-Encoding.

    Raises:
        DecodingError: There are more codings than an honest server uses.
    """

    def __init__(self, content_encoding: str) -> None:
        labels = [label.strip().lower() for label in content_encoding.split(",")]
        codings = [label for label in labels if label not in {"", "identity"}]
        if len(codings) > MOST_CODINGS:
            message = f"it has {len(codings)} content codings, one upon the other"
            raise DecodingError(message)
        self._stages: Sequence[_Metered] = [_Metered(_decoder(coding)) for coding in reversed(codings)]

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Take a chunk and give what it decodes to, at most :data:`CHUNK` bytes at a time.

        Raises:
            DecodingError: It cannot be decoded.
        """
        return self._through(0, chunk)

    def finish(self) -> Iterator[bytes]:
        """Give what is left, and make sure that nothing is missing.

        Raises:
            DecodingError: It ended in the middle.
        """
        for number, stage in enumerate(self._stages):
            for decoded in stage.finish():
                yield from self._through(number + 1, decoded)

    def _through(self, number: int, chunk: bytes) -> Iterator[bytes]:
        if number == len(self._stages):
            yield chunk
            return
        for decoded in self._stages[number].feed(chunk):
            yield from self._through(number + 1, decoded)


def _decoder(coding: str) -> Stage[bytes]:
    match coding:
        case "gzip" | "x-gzip":
            return GzipDecoder()
        case "deflate":
            return DeflateDecoder()
        case _:
            return TextDecoder(coding)


class _Metered:
    """A stage that has to give something for what it takes."""

    def __init__(self, stage: Stage[bytes]) -> None:
        self._stage = stage
        self._balance = FREE_BYTES

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        # In slices: what follows a gzip member is copied, and many small ones would copy the whole chunk each.
        for start in range(0, len(chunk), SLICE):
            part = chunk[start : start + SLICE]
            for decoded in self._stage.feed(part):
                self._balance += LEAST_YIELD * len(decoded)
                yield decoded
            self._balance -= len(part)
            if self._balance < 0:
                message = "it goes on and on without content"
                raise DecodingError(message)

    def finish(self) -> Iterable[bytes]:
        return self._stage.finish()


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
        self._decoded: Iterator[T] = iter(())
        self._ended = False

    def __aiter__(self) -> AsyncIterator[T]:
        return self

    async def __anext__(self) -> T:
        if self._chunks is None:
            self._chunks = aiter(self._source)
        while True:
            for decoded in self._decoded:
                return decoded
            if self._ended:
                raise StopAsyncIteration
            try:
                self._decoded = iter(self._stage.feed(await anext(self._chunks)))
            except StopAsyncIteration:
                self._ended = True
                self._decoded = iter(self._stage.finish())
