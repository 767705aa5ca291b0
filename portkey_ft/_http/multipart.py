"""A file on its way up: where its bytes come from, and how they are wrapped.

Bodies are streamed with constant memory. The boundary is random for each upload, so that no file can contain it on
purpose, and plain fields come before the file, because the gateway reads them in order (a file that comes first arrives
empty at Vertex).
"""

from __future__ import annotations

import io
import os
import re
import secrets
import stat
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import IO, Any, cast

from attrs import field, frozen

from portkey_ft.errors import ConfigurationError, PortkeyError

__all__ = ["FileContent", "Source", "Upload", "source_of"]

CHUNK = 256 * 1024
NAMELESS = "upload.jsonl"

# Controls end a header or a text for some, and a backslash takes away the meaning of a quote for some.
_AMBIGUOUS = re.compile(r'[\x00-\x1f\x7f"\\]')

Progress = Callable[[int, int | None], None]

#: What can be uploaded: a path, an open binary file, bytes, an iterable of bytes, or a pair of a name and one of these.
FileContent = (
    str | os.PathLike[str] | bytes | bytearray | IO[bytes] | Iterable[bytes] | tuple[str, "FileContent"] | Path
)


@frozen
class Source:
    """Where the bytes of an upload come from.

    Attributes:
        name: The file's name for the provider.
        size: How many bytes there will be, or None if nobody can know.
        replayable: Whether they can be had a second time.
        chunks: Begins to read.
    """

    name: str
    size: int | None
    replayable: bool
    chunks: Callable[[], Iterator[bytes]] = field(repr=False)


def source_of(content: object, name: str | None = None) -> Source:
    """Find out how to read what the caller wants to upload.

    Args:
        content: One of the forms of :data:`FileContent`.
        name: The file's name, where the content has none or another is wanted.

    Raises:
        ConfigurationError: It is empty, a text file, or nothing that can be read.
        FileNotFoundError: There is no file at the path.
        IsADirectoryError: There is a directory at the path.
    """
    if isinstance(content, tuple):
        return _named_source(cast("tuple[object, ...]", content), name)
    if isinstance(content, str | os.PathLike):
        return _path_source(Path(cast("str | os.PathLike[str]", content)), name)
    if isinstance(content, bytes | bytearray | memoryview):
        return _bytes_source(bytes(cast("bytes", content)), name or NAMELESS)
    if hasattr(content, "read"):
        return _open_file_source(content, name)
    if isinstance(content, Iterable):
        chunks = cast("Iterable[object]", content)
        # A list can be gone through again, a generator cannot.
        again = not isinstance(content, Iterator)
        return Source(name or NAMELESS, None, replayable=again, chunks=partial(_checked_chunks, chunks))
    message = f"a {type(content).__name__} cannot be uploaded."
    raise ConfigurationError(message, hint="pass a path, an open binary file, bytes, or an iterable of bytes.")


def _named_source(content: tuple[object, ...], name: str | None) -> Source:
    match content:
        # httpx and the official SDK take a content type and headers behind these two; no provider looks at them.
        case (str() as own_name, inner, *_):
            return source_of(inner, name or own_name)
        case _:
            message = "a tuple to upload must be (name, content)."
            raise ConfigurationError(message)


def _refuse_empty(size: int, name: str) -> None:
    if size == 0:
        message = f"{name} is empty; there is nothing to upload."
        raise ConfigurationError(message)


def _bytes_source(content: bytes, name: str) -> Source:
    _refuse_empty(len(content), name)
    return Source(name, len(content), replayable=True, chunks=partial(_slices, content))


def _slices(content: bytes) -> Iterator[bytes]:
    for start in range(0, len(content), CHUNK):
        yield content[start : start + CHUNK]


def _path_source(path: Path, name: str | None) -> Source:
    status = path.stat()
    if stat.S_ISDIR(status.st_mode):
        message = f"{path} is a directory; an upload is one file."
        raise IsADirectoryError(message)
    if not stat.S_ISREG(status.st_mode):
        # A pipe or a device: its size is unknown and its bytes come once.
        return Source(name or path.name, None, replayable=False, chunks=partial(_pipe_chunks, path))
    _refuse_empty(status.st_size, str(path))
    return Source(name or path.name, status.st_size, replayable=True, chunks=partial(_path_chunks, path, status))


def _path_chunks(path: Path, before: os.stat_result) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from _exactly(file, before.st_size, str(path))
        after = os.fstat(file.fileno())
        if (after.st_mtime_ns, after.st_size) != (before.st_mtime_ns, before.st_size):
            raise _changed(str(path))


def _pipe_chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from iter(partial(file.read, CHUNK), b"")


def _open_file_source(file: Any, name: str | None) -> Source:  # noqa: ANN401 - anything with read()
    name = name or _name_of(file)
    if isinstance(file.read(0), str):
        message = f"{name} is open as text; an upload needs its bytes."
        raise ConfigurationError(message, hint='open it with mode "rb", or pass its path.')
    try:
        start = file.tell()
        end = file.seek(0, io.SEEK_END)
        file.seek(start)
    except (AttributeError, OSError):
        once = iter(partial(file.read, CHUNK), b"")
        return Source(name, None, replayable=False, chunks=partial(_checked_chunks, once))
    _refuse_empty(max(end - start, 0), name)
    return Source(name, end - start, replayable=True, chunks=partial(_seekable_chunks, file, start, end - start, name))


def _name_of(file: object) -> str:
    name = getattr(file, "name", None)
    return Path(name).name if isinstance(name, str) and name else NAMELESS


def _seekable_chunks(file: IO[bytes], start: int, size: int, name: str) -> Iterator[bytes]:
    file.seek(start)
    yield from _exactly(file, size, name)


def _exactly(file: Any, size: int, name: str) -> Iterator[bytes]:  # noqa: ANN401 - anything with read()
    """Read the announced number of bytes: fewer or more would corrupt the request."""
    left = size
    while left:
        chunk = file.read(min(CHUNK, left))
        if not isinstance(chunk, bytes | bytearray):
            message = f"{name} gives {type(chunk).__name__} where an upload needs bytes."
            raise ConfigurationError(message, hint='open it with mode "rb".')
        if not chunk:
            raise _changed(name)
        left -= len(chunk)
        yield bytes(chunk)
    if file.read(1):
        raise _changed(name)


def _checked_chunks(chunks: Iterable[Any]) -> Iterator[bytes]:
    for chunk in chunks:
        if not isinstance(chunk, bytes | bytearray):
            message = f"the content to upload gives {type(chunk).__name__} where bytes are needed."
            raise ConfigurationError(message)
        yield bytes(chunk)


def _changed(name: str) -> PortkeyError:
    # No connection error: the same would happen again, and nobody needs to look whether the file arrived.
    message = f"{name} changed while it was sent; the upload was broken off before its end."
    return PortkeyError(message, hint="upload it again once nobody writes to it.", operation="files.create")


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
    source: Source
    on_progress: Progress | None = field(default=None, repr=False)
    boundary: str = field(factory=partial(secrets.token_hex, 16))

    @property
    def headers(self) -> dict[str, str]:
        """The headers that describe the body."""
        headers = {"content-type": f"multipart/form-data; boundary={self.boundary}"}
        if self.source.size is not None:
            headers["content-length"] = str(len(self._head()) + self.source.size + len(self._tail()))
        return headers

    def open(self) -> Iterator[bytes]:
        """Begin to send."""
        yield self._head()
        sent = 0
        for chunk in self.source.chunks():
            yield chunk
            sent += len(chunk)
            if self.on_progress is not None:
                self.on_progress(sent, self.source.size)
        yield self._tail()

    def open_async(self) -> AsyncIterator[bytes]:
        """Begin to send from an event loop; the file is read in a thread beside it."""
        return _InThread(self.open())

    def _head(self) -> bytes:
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

    def _tail(self) -> bytes:
        return f"\r\n--{self.boundary}--\r\n".encode()


def _quoted(name: str) -> str:
    """Escape a name as browsers do (WHATWG HTML, 4.10.21.8), and what else parsers disagree about."""
    return _AMBIGUOUS.sub(lambda found: f"%{ord(found[0]):02X}", name)


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
