"""The form that carries a file up.

Bodies are streamed with constant memory. The boundary is random for each upload, so that no file can contain it on
purpose, and plain fields come before the file, because the gateway reads them in order (a file that comes first arrives
empty at Vertex).
"""

from __future__ import annotations

import re
import secrets
from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial

from attrs import field, frozen

from portkey_ft._http.upload_sources import Rewriter, UploadSource, changed

__all__ = ["Upload"]

# Controls end a header or a text for some, and a backslash takes away the meaning of a quote for some.
_AMBIGUOUS = re.compile(r'[\x00-\x1f\x7f"\\]')

Progress = Callable[[int, int | None], None]


@frozen
class Upload:
    """A multipart body with one file.

    Attributes:
        fields: The plain fields, which come first.
        field_name: The name of the field that holds the file.
        source: The file.
        on_progress: Called with the bytes of the file sent so far and their number in all, if that is known.
        boundary: What separates the parts.
    """

    fields: tuple[tuple[str, str], ...]
    field_name: str
    source: UploadSource
    on_progress: Progress | None = field(default=None, repr=False)
    boundary: str = field(factory=partial(secrets.token_hex, 16))

    @property
    def headers(self) -> dict[str, str]:
        """The headers that describe the body."""
        headers = {"content-type": f"multipart/form-data; boundary={self.boundary}"}
        if self.source.size is not None:
            headers["content-length"] = str(len(self.head()) + self.source.size + len(self.tail()))
        return headers

    def open(self) -> Iterator[bytes]:
        """Begin to send."""
        sending = _Sending(self)
        yield self.head()
        for chunk in self.source.chunks():
            ready = sending.feed(chunk)
            if ready:
                yield ready
            sending.sent(ready)
        ready = sending.finish()
        if ready:
            yield ready
        sending.sent(ready)
        sending.require_all()
        yield self.tail()

    def open_async(self) -> AsyncIterator[bytes]:
        """Begin to send from an event loop; a file that blocks is read in a thread beside it."""
        if self.source.async_chunks is None:
            return _InThread(self.open())
        return _Awaited(self, self.source.async_chunks())

    def head(self) -> bytes:
        """Give what comes before the file."""
        # No content type on the plain fields: the gateway takes it for their value at Vertex.
        parts = [
            f'--{self.boundary}\r\nContent-Disposition: form-data; name="{_quoted(name)}"\r\n\r\n{value}\r\n'
            for name, value in self.fields
        ]
        parts.append(
            f'--{self.boundary}\r\nContent-Disposition: form-data; name="{_quoted(self.field_name)}"; '
            f'filename="{_quoted(self.source.name)}"\r\nContent-Type: application/octet-stream\r\n\r\n'
        )
        # Names of files may hold bytes that are no text; they go out as they are.
        return "".join(parts).encode("utf-8", "surrogateescape")

    def tail(self) -> bytes:
        """Give what comes behind the file."""
        return f"\r\n--{self.boundary}--\r\n".encode()


def _quoted(name: str) -> str:
    """Escape a name as browsers do (WHATWG HTML, 4.10.21.8), and what else parsers disagree about."""
    return _AMBIGUOUS.sub(lambda found: f"%{ord(found[0]):02X}", name)


class _Sending:
    """Takes the chunks of a file through what rewrites them, counts them, and shows the progress."""

    def __init__(self, upload: Upload) -> None:
        self._source = upload.source
        self._on_progress = upload.on_progress
        self._rewriter: Rewriter | None = None if upload.source.rewriter is None else upload.source.rewriter()
        self._ready = self._sent = 0

    def feed(self, chunk: bytes) -> bytes:
        """Give what is to be sent once a chunk was read."""
        return self._counted(chunk if self._rewriter is None else self._rewriter.feed(chunk))

    def finish(self) -> bytes:
        """Give what is to be sent once all was read."""
        return self._counted(b"" if self._rewriter is None else self._rewriter.finish())

    def _counted(self, ready: bytes) -> bytes:
        self._ready += len(ready)
        if self._source.size is not None and self._ready > self._source.size:
            raise changed(self._source.name)
        return ready

    def sent(self, chunk: bytes) -> None:
        """Show that a chunk was sent."""
        self._sent += len(chunk)
        if chunk and self._on_progress is not None:
            self._on_progress(self._sent, self._source.size)

    def require_all(self) -> None:
        """Break off if there was less than announced."""
        if self._source.size is not None and self._ready != self._source.size:
            raise changed(self._source.name)


class _Awaited:
    """The form around a file whose chunks are awaited. An iterator for the reason of :class:`_InThread`."""

    def __init__(self, upload: Upload, chunks: AsyncIterator[bytes]) -> None:
        self._upload = upload
        self._chunks: AsyncIterator[bytes] | None = chunks
        self._sending = _Sending(upload)
        self._before: list[bytes] = [upload.head()]
        self._last = b""

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        self._sending.sent(self._last)
        self._last = b""
        if self._before:
            return self._before.pop()
        if self._chunks is None:
            raise StopAsyncIteration
        async for chunk in self._chunks:
            if ready := self._sending.feed(chunk):
                self._last = ready
                return ready
        self._chunks = None
        self._before = [self._upload.tail()]
        self._last = self._sending.finish()
        self._sending.require_all()
        return self._last or self._before.pop()


class _InThread:
    """Takes the items of a blocking iterator in a worker thread.

    An iterator and no async generator: an upload that fails half-way leaves nothing for the event loop to clean up.
    """

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        from anyio.to_thread import run_sync  # noqa: PLC0415 - a sync client never needs it; it comes with httpx

        chunk = await run_sync(next, self._chunks, None)
        if chunk is None:
            raise StopAsyncIteration
        return chunk
