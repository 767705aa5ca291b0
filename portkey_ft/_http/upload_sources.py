"""Where the bytes of an upload come from: everything that callers pass as a file, brought into one form."""

from __future__ import annotations

import inspect
import io
import os
import stat
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import IO, Any, Protocol, TypeVar, cast

from attrs import field, frozen

from portkey_ft.errors import ConfigurationError, PortkeyError

__all__ = ["CHUNK", "FileContent", "Readable", "Rewriter", "UploadSource", "changed", "source_of"]

CHUNK = 256 * 1024
NAMELESS = "upload.jsonl"

T = TypeVar("T")

_FORMS = "pass a path, an open binary file, bytes, an iterable of bytes, or a pair of a name and one of these."


class Readable(Protocol):
    """Anything with ``read``: a file of Python's, of an upload that a web framework received, of anyio or aiofiles."""

    def read(self, size: int = ..., /) -> bytes | Awaitable[bytes]:
        """Read."""
        ...


#: What can be uploaded: a path, an open binary file, bytes, an iterable of bytes, or a pair of a name and one of these
#: or text. What has to be awaited is for the async client, except for uploads that a web framework holds in a file.
FileContent = (
    str
    | os.PathLike[str]
    | bytes
    | bytearray
    | memoryview
    | Readable
    | Iterable[bytes]
    | AsyncIterable[bytes]
    | tuple[str, "FileContent"]
    | Path
)


class Rewriter(Protocol):
    """Changes what is uploaded on its way, chunk by chunk."""

    def feed(self, chunk: bytes) -> bytes:
        """Give what is ready to be sent once a chunk was read."""
        ...

    def finish(self) -> bytes:
        """Give the rest."""
        ...


@frozen
class UploadSource:
    """Where the bytes of an upload come from.

    Attributes:
        name: The file's name for the provider.
        size: How many bytes there will be, or None if that is unknown.
        replayable: Whether they can be had a second time.
        chunks: Begins to read, blocking.
        async_chunks: Begins to read, awaiting; None for a source that blocks.
        rewriter: Makes what changes the bytes on their way, for each time that they are sent; None to send them as
            they are.
    """

    name: str
    size: int | None
    replayable: bool
    chunks: Callable[[], Iterator[bytes]] = field(repr=False)
    async_chunks: Callable[[], AsyncIterator[bytes]] | None = field(default=None, repr=False)
    rewriter: Callable[[], Rewriter] | None = field(default=None, repr=False)


def source_of(content: object, name: str | None = None) -> UploadSource:
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
        return _path_source(_path(cast("str | os.PathLike[str]", content)), name)
    if isinstance(content, bytes | bytearray | memoryview):
        return _bytes_source(bytes(cast("bytes", content)), name or NAMELESS)
    if hasattr(content, "read"):
        return _file_source(content, name)
    if isinstance(content, AsyncIterable):
        chunks = cast("AsyncIterable[object]", content)
        return _awaited_source(name or NAMELESS, partial(_AsyncChunks, chunks))
    if isinstance(content, Iterable) and not isinstance(content, Mapping):
        blocks = cast("Iterable[object]", content)
        # A list can be gone through again, a generator cannot.
        again = not isinstance(cast("object", content), Iterator)
        return UploadSource(name or NAMELESS, None, replayable=again, chunks=partial(_checked_chunks, blocks))
    raise _not_a_file(cast("Any", content))


def _not_a_file(content: object) -> ConfigurationError:
    if inspect.iscoroutine(content):
        content.close()
        message = "what was passed as a file was not awaited."
        return ConfigurationError(message, hint="await it first, as in file=await upload.read().")
    message = f"a {type(content).__name__} cannot be uploaded."
    return ConfigurationError(message, hint=_FORMS)


def _named_source(content: tuple[object, ...], name: str | None) -> UploadSource:
    match content:
        # httpx and the official SDK take a content type and headers behind these two; no provider looks at them.
        case (str() as own_name, str() as text, *_):
            try:
                return _bytes_source(text.encode(), name or own_name)
            except UnicodeEncodeError:
                message = "the text to upload holds half of a character."
            raise ConfigurationError(message, hint="write it as bytes, in UTF-8.")
        case (str() as own_name, inner, *_):
            return source_of(inner, name or own_name)
        case _:
            message = "a tuple to upload must be (name, content)."
            raise ConfigurationError(message)


def _path(content: str | os.PathLike[str]) -> Path:
    text = content if isinstance(content, str) else ""
    if "\n" in text or "\0" in text or text.lstrip().startswith("{"):
        message = "a string is taken for a path, and this one holds the text of a file."
        raise ConfigurationError(message, hint='pass ("train.jsonl", text), or its bytes.')
    return Path(content)


def _refuse_empty(size: int, name: str) -> None:
    if size == 0:
        message = f"{name} is empty; there is nothing to upload."
        raise ConfigurationError(message)


def _bytes_source(content: bytes, name: str) -> UploadSource:
    _refuse_empty(len(content), name)
    return UploadSource(name, len(content), replayable=True, chunks=partial(_slices, content))


def _slices(content: bytes) -> Iterator[bytes]:
    for start in range(0, len(content), CHUNK):
        yield content[start : start + CHUNK]


def _path_source(path: Path, name: str | None) -> UploadSource:
    status = path.stat()
    if stat.S_ISDIR(status.st_mode):
        message = f"{path} is a directory; an upload is one file."
        raise IsADirectoryError(message)
    if not stat.S_ISREG(status.st_mode):
        # A pipe or a device: its size is unknown and its bytes come once.
        return UploadSource(name or path.name, None, replayable=False, chunks=partial(_pipe_chunks, path))
    _refuse_empty(status.st_size, str(path))
    return UploadSource(name or path.name, status.st_size, replayable=True, chunks=partial(_path_chunks, path, status))


def _path_chunks(path: Path, before: os.stat_result) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from _exactly(file, before.st_size, str(path))
        after = os.fstat(file.fileno())
        if (after.st_mtime_ns, after.st_size) != (before.st_mtime_ns, before.st_size):
            raise changed(str(path))


def _pipe_chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from iter(partial(file.read, CHUNK), b"")


def _file_source(file: Any, name: str | None) -> UploadSource:  # noqa: ANN401 - anything with read()
    if inspect.iscoroutinefunction(file.read):
        # An upload that a web framework received (Starlette), or a file of anyio: a blocking file is behind it.
        inner = getattr(file, "file", None) or getattr(file, "wrapped", None)
        read = getattr(inner, "read", None)
        own_name = getattr(file, "filename", None)
        name = name or (own_name if isinstance(own_name, str) and own_name else None)
        if read is None or inspect.iscoroutinefunction(read):
            return _awaited_source(name or _name_of(file), partial(_AsyncReads, file))
        file = inner
    name = name or _name_of(file)
    if isinstance(file.read(0), str):
        message = f"{name} is open as text; an upload needs its bytes."
        raise ConfigurationError(message, hint='open it with mode "rb", or pass its path.')
    try:
        # mmap's seek tells no position.
        file.seek(0, io.SEEK_END)
        size = file.tell()
        file.seek(0)
    except (AttributeError, OSError, ValueError):
        once = iter(partial(file.read, CHUNK), b"")
        return UploadSource(name, None, replayable=False, chunks=partial(_checked_chunks, once))
    _refuse_empty(size, name)
    return UploadSource(name, size, replayable=True, chunks=partial(_seekable_chunks, file, size, name))


def _name_of(file: object) -> str:
    name = getattr(file, "name", None)
    return Path(name).name if isinstance(name, str) and name else NAMELESS


def _seekable_chunks(file: IO[bytes], size: int, name: str) -> Iterator[bytes]:
    # From its beginning, wherever it stands: what was looked at before the upload belongs to the file too.
    file.seek(0)
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
            raise changed(name)
        left -= len(chunk)
        yield bytes(chunk)
    if file.read(1):
        raise changed(name)


def _checked_chunks(chunks: Iterable[object]) -> Iterator[bytes]:
    for chunk in chunks:
        yield _checked_chunk(chunk)


def _checked_chunk(chunk: object) -> bytes:
    if isinstance(chunk, bytes | bytearray):
        return bytes(chunk)
    message = f"the content to upload gives {type(chunk).__name__} where bytes are needed."
    hint = 'encode them, as in (json.dumps(row) + "\\n").encode() for each row.'
    raise ConfigurationError(message, hint=hint)


def _awaited_source(name: str, chunks: Callable[[], AsyncIterator[bytes]]) -> UploadSource:
    return UploadSource(name, None, replayable=False, chunks=_none, async_chunks=chunks)


def _none() -> Iterator[bytes]:
    message = "this file has to be awaited"
    raise TypeError(message)


class _AsyncChunks:
    """The chunks of an async iterable, checked.

    An iterator and no async generator: an upload that fails half-way leaves nothing for the event loop to clean up.
    """

    def __init__(self, chunks: AsyncIterable[object]) -> None:
        self._chunks = aiter(chunks)

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        return _checked_chunk(await anext(self._chunks))


class _AsyncReads:
    """The chunks of a file whose ``read`` is awaited, from its beginning where it can go back."""

    def __init__(self, file: Any) -> None:  # noqa: ANN401 - anything with an async read()
        self._file = file
        self._began = False

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        if not self._began:
            self._began = True
            await _rewind(self._file)
        chunk = _checked_chunk(await self._file.read(CHUNK))
        if not chunk:
            raise StopAsyncIteration
        return chunk


async def _rewind(file: Any) -> None:  # noqa: ANN401 - anything with an async read()
    try:
        moved = file.seek(0)
        if inspect.isawaitable(moved):
            await moved
    except (AttributeError, OSError):
        return


def changed(name: str) -> PortkeyError:
    """Describe that a file was not the same from the beginning of its upload to the end."""
    # No connection error: the same would happen again, and nobody needs to look whether the file arrived.
    message = f"{name} changed while it was sent; the upload was broken off before its end."
    return PortkeyError(message, hint="upload it again once nobody writes to it.", operation="files.create")
