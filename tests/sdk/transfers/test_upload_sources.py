"""How the bytes of a file are had: in pieces, again or once, and under the name that errors speak of."""

from __future__ import annotations

import io
import os
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from portkey_ft import ConfigurationError, PortkeyError
from portkey_ft._http.multipart import Upload
from portkey_ft._http.upload_sources import CHUNK, UploadSource, source_of

if TYPE_CHECKING:
    from portkey_ft.testing import FakeGateway
    from tests.support.ways import Way

pytestmark = pytest.mark.anyio

CONTENT = bytes(range(256)) * (3 * CHUNK // 256) + b"rest"
PIECES = [CHUNK, CHUNK, CHUNK, 4]


class Reads:
    """Anything with read() and nothing else."""

    def __init__(self, content: bytes) -> None:
        self._file = io.BytesIO(content)

    def read(self, size: int = -1) -> bytes:
        """Read."""
        return self._file.read(size)


class Awaits:
    """A file whose methods are awaited, opened by somebody who has read a little."""

    name = "awaited.jsonl"

    def __init__(self, content: bytes) -> None:
        self._file = io.BytesIO(content)
        self._file.seek(3)

    async def read(self, size: int = -1) -> bytes:
        """Read."""
        return self._file.read(size)

    async def seek(self, place: int) -> int:
        """Go to a place."""
        return self._file.seek(place)


class Wraps:
    """What a web framework received, around a file."""

    def __init__(self, file: Any, filename: object) -> None:  # noqa: ANN401 - any file
        self.file = file
        self.filename = filename

    async def read(self, size: int = -1) -> bytes:
        """Read."""
        read: bytes | Awaitable[bytes] = self.file.read(size)
        return read if isinstance(read, bytes) else await read


class AwaitsWithNumber(Awaits):
    """A file that calls something else by the name of a file."""

    file = 7


async def _generate() -> AsyncIterator[bytes]:
    yield b"a"


def _fifo(folder: Path) -> Path:
    pipe = folder / "pipe.jsonl"
    os.mkfifo(pipe)
    return pipe


def _path(folder: Path) -> Path:
    (folder / "train.jsonl").write_bytes(CONTENT)
    return folder / "train.jsonl"


SOURCES: dict[str, tuple[Callable[[Path], Any], bool]] = {
    "path": (_path, True),
    "file in memory": (lambda _: io.BytesIO(CONTENT), True),
    "bytes": (lambda _: CONTENT, True),
    "list": (lambda _: [b"a"], True),
    "only read": (lambda _: Reads(CONTENT), False),
    "generator": (lambda _: iter([b"a"]), False),
    "async generator": (lambda _: _generate(), False),
    "file that is awaited": (lambda _: Awaits(CONTENT), False),
}
if hasattr(os, "mkfifo"):
    SOURCES["pipe"] = (_fifo, False)


@pytest.mark.parametrize("form", SOURCES)
def test_a_source_says_whether_it_can_be_had_again(form: str, tmp_path: Path) -> None:
    make, again = SOURCES[form]
    assert source_of(make(tmp_path)).replayable is again


@pytest.mark.parametrize("form", ["path", "file in memory", "bytes", "only read"])
def test_a_file_is_read_in_pieces(form: str, tmp_path: Path) -> None:
    chunks = list(source_of(SOURCES[form][0](tmp_path)).chunks())
    assert [len(chunk) for chunk in chunks] == PIECES
    assert b"".join(chunks) == CONTENT


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_a_pipe_is_read_in_pieces(tmp_path: Path) -> None:
    pipe = _fifo(tmp_path)
    writer = threading.Thread(target=pipe.write_bytes, args=(CONTENT,))
    writer.start()
    chunks = list(source_of(pipe).chunks())
    writer.join()
    assert max(map(len, chunks)) <= CHUNK
    assert b"".join(chunks) == CONTENT


async def test_a_file_that_is_awaited_is_read_in_pieces_from_its_beginning(way: Way, gateway: FakeGateway) -> None:
    if not way.is_async:
        with pytest.raises(TypeError, match="has to be awaited"):
            source_of(Awaits(CONTENT)).chunks()
        return
    told: list[tuple[int, int | None]] = []
    await way.client(gateway).files.create(Awaits(CONTENT), on_progress=lambda *now: told.append(now))
    (file,) = gateway.files
    assert (file.filename, file.content) == ("awaited.jsonl", CONTENT)
    # What cannot go back is read from where it is.
    await way.client(gateway).files.create(Wraps(Awaits(CONTENT), "theirs.jsonl"))
    assert (gateway.files[-1].filename, gateway.files[-1].content) == ("theirs.jsonl", CONTENT[3:])
    assert told == [(CHUNK, None), (2 * CHUNK, None), (3 * CHUNK, None), (len(CONTENT), None)]


def test_a_file_that_was_looked_at_is_left_at_its_beginning() -> None:
    file = io.BytesIO(CONTENT)
    file.seek(7)
    source_of(file)
    assert file.tell() == 0


def _opened_by_number(folder: Path) -> Any:  # noqa: ANN401 - a file
    return os.fdopen(os.open(_path(folder), os.O_RDONLY), "rb")


NAMES: dict[str, tuple[Callable[[Path], Any], str]] = {
    "file by its number": (_opened_by_number, "upload.jsonl"),
    "received": (lambda _: Wraps(io.BytesIO(b"a"), "theirs.jsonl"), "theirs.jsonl"),
    "received without a name": (lambda _: Wraps(io.BytesIO(b"a"), None), "upload.jsonl"),
    "received with a name that is no text": (lambda _: Wraps(io.BytesIO(b"a"), 7), "upload.jsonl"),
    "received with an empty name": (lambda _: Wraps(io.BytesIO(b"a"), ""), "upload.jsonl"),
    "awaited beside a number": (lambda _: AwaitsWithNumber(b"a"), "awaited.jsonl"),
    "received and awaited": (lambda _: Wraps(Awaits(b"a"), "theirs.jsonl"), "theirs.jsonl"),
}


@pytest.mark.parametrize("form", NAMES)
def test_a_source_has_the_name_of_its_file(form: str, tmp_path: Path) -> None:
    make, name = NAMES[form]
    given = make(tmp_path)
    assert source_of(given).name == name
    if isinstance(given, io.BufferedReader):
        given.close()


REFUSED: dict[str, tuple[object, str]] = {
    "number": (5, "a int cannot be uploaded. Hint: pass a path, an open binary file, bytes"),
    "no bytes": (b"", "upload.jsonl is empty"),
    "empty file": (io.BytesIO(), "upload.jsonl is empty"),
    "text on lines": ("a\nb", "a string is taken for a path, and this one holds the text of a file"),
    "text with a NUL": ("a\0b", "a string is taken for a path, and this one holds the text of a file"),
    "JSON": (' {"a": 1}', "a string is taken for a path, and this one holds the text of a file"),
}


@pytest.mark.parametrize("form", REFUSED)
def test_what_is_refused_is_told_by_its_name(form: str) -> None:
    given, message = REFUSED[form]
    with pytest.raises(ConfigurationError) as caught:
        source_of(given)
    assert message in str(caught.value)


def test_a_file_that_changed_is_told_by_its_name(tmp_path: Path) -> None:
    path, file = _path(tmp_path), io.BytesIO(CONTENT)
    by_path, opened = source_of(path), source_of(file, "opened.jsonl")
    for change in (CONTENT + b"a", CONTENT[:-1]):
        path.write_bytes(change)
        file.seek(0)
        file.truncate()
        file.write(change)
        for source, name in ((by_path, str(path)), (opened, "opened.jsonl")):
            with pytest.raises(PortkeyError) as caught:
                list(source.chunks())
            assert str(caught.value).startswith(f"{name} changed while it was sent")
    again = source_of(path)
    os.utime(path, (1, 1))
    with pytest.raises(PortkeyError) as caught:
        list(again.chunks())
    assert str(caught.value).startswith(f"{path} changed while it was sent")


@pytest.mark.parametrize("size", [1, 3])
def test_a_body_of_another_size_than_announced_is_broken_off(size: int) -> None:
    source = UploadSource("odd.jsonl", size, replayable=True, chunks=partial(iter, [b"a", b"b"]))
    sent: list[bytes] = []
    with pytest.raises(PortkeyError, match=r"^odd\.jsonl changed while it was sent"):
        sent.extend(Upload(fields=(), field_name="file", source=source).open())


class _Keeps:
    """Keeps what it is fed until the end."""

    def __init__(self) -> None:
        self._kept = b""

    def feed(self, chunk: bytes) -> bytes:
        self._kept += chunk
        return b""

    def finish(self) -> bytes:
        return self._kept


async def test_what_a_rewriter_kept_to_the_end_is_sent_by_either_client(way: Way) -> None:
    blocks = UploadSource("a.jsonl", None, replayable=False, chunks=lambda: iter([b"a"]), rewriter=_Keeps)
    upload = Upload(fields=(), field_name="file", source=blocks)
    awaited = attrs.evolve(upload, source=attrs.evolve(blocks, async_chunks=_generate))
    body = upload.head() + b"a" + upload.tail()
    assert b"".join(upload.open()) == body
    if way.is_async:
        for one in (upload, awaited):
            assert b"".join([chunk async for chunk in one.open_async()]) == body
