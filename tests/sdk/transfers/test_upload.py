"""Uploads: whatever can be read as bytes, streamed as it is, and told clearly when it cannot be."""

from __future__ import annotations

import io
import os
import tempfile
import threading
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portkey_ft import ConfigurationError, PortkeyError, ResponseError
from portkey_ft._http.multipart import Upload
from portkey_ft._http.upload_sources import CHUNK, source_of
from portkey_ft.testing import FakeGateway

if TYPE_CHECKING:
    from tests.support.ways import Way, Wire

pytestmark = pytest.mark.anyio
CONTENT = b'{"prompt": "a", "completion": "b"}\n' * 20_000  # more than two chunks


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A training file on disk."""
    file = tmp_path / "train.jsonl"
    file.write_bytes(CONTENT)
    return file


def opened_behind_the_start(path: Path) -> IO[bytes]:
    file = path.open("rb")
    file.seek(35)
    return file


def _at_its_end(_: Path) -> IO[bytes]:
    file = io.BytesIO(b"ab")
    file.seek(5)
    return file


class Reads:
    """Anything with read() and nothing else."""

    def __init__(self, content: bytes) -> None:
        self._file = io.BytesIO(content)

    def read(self, size: int = -1) -> bytes:
        """Read."""
        return self._file.read(size)


FORMS: dict[str, tuple[Callable[[Path], Any], str, bytes]] = {
    "path": (lambda path: path, "train.jsonl", CONTENT),
    "text path": (str, "train.jsonl", CONTENT),
    "bytes": (lambda _: CONTENT, "upload.jsonl", CONTENT),
    "bytearray": (lambda _: bytearray(CONTENT), "upload.jsonl", CONTENT),
    "memoryview": (lambda _: memoryview(CONTENT), "upload.jsonl", CONTENT),
    "file in memory": (lambda _: io.BytesIO(CONTENT), "upload.jsonl", CONTENT),
    "file that was looked into": (opened_behind_the_start, "train.jsonl", CONTENT),
    "file read to its end": (_at_its_end, "upload.jsonl", b"ab"),
    "only read": (lambda _: Reads(CONTENT), "upload.jsonl", CONTENT),
    "generator": (lambda _: (part for part in [b"a", bytearray(b"b"), b""]), "upload.jsonl", b"ab"),
    "list": (lambda _: [b"a", b"b"], "upload.jsonl", b"ab"),
    "named": (lambda path: ("other.jsonl", path), "other.jsonl", CONTENT),
    "named with a type": (lambda _: ("other.jsonl", b"ab", "application/jsonl"), "other.jsonl", b"ab"),
}


@pytest.mark.parametrize("form", FORMS)
async def test_every_form_arrives_as_it_is(form: str, path: Path, way: Way, gateway: FakeGateway) -> None:
    make, name, content = FORMS[form]
    given = make(path)
    file = await way.get(way.client(gateway).files.create(file=given))
    (stored,) = gateway.files
    assert (stored.filename, stored.content, file.bytes) == (name, content, len(content))
    if isinstance(given, io.BufferedReader):
        given.close()


async def test_a_name_of_ones_own_beats_the_files(path: Path, way: Way, gateway: FakeGateway) -> None:
    files = way.client(gateway).files
    for form in (path, ("b.jsonl", path), b"{}\n", io.BytesIO(b"{}\n"), [b"{}\n"]):
        await way.get(files.create(file=form, filename="mine.jsonl"))
    assert {file.filename for file in gateway.files} == {"mine.jsonl"}


async def test_the_form_has_the_purpose_first_and_a_random_boundary(way: Way, wire: Wire) -> None:
    files = way.client(wire.say({"id": "f"})).files
    await way.get(files.create(file=b"x", purpose="user_data"))
    await way.get(files.create(file=b"x", purpose="user_data"))
    first, second = wire.requests
    assert first.headers["content-type"] != second.headers["content-type"]
    assert first.headers["x-portkey-file-purpose"] == "user_data"
    assert first.content.index(b'name="purpose"') < first.content.index(b'name="file"')
    assert first.headers["content-length"] == str(len(first.content))
    assert "transfer-encoding" not in first.headers


async def test_a_body_of_unknown_size_is_sent_in_chunks(way: Way, wire: Wire) -> None:
    await way.get(way.client(wire.say({"id": "f"})).files.create(file=iter([b"a"])))
    assert wire.last.headers["transfer-encoding"] == "chunked"
    assert "content-length" not in wire.last.headers


def _empty(tmp_path: Path) -> Path:
    (tmp_path / "empty.jsonl").touch()
    return tmp_path / "empty.jsonl"


def _text_file(tmp_path: Path) -> IO[str]:
    return (tmp_path / "text.jsonl").open("w+")


REFUSED: dict[str, tuple[Callable[[Path], Any], type[Exception], str]] = {
    "missing": (lambda tmp_path: tmp_path / "none.jsonl", FileNotFoundError, "none.jsonl"),
    "directory": (lambda tmp_path: tmp_path, IsADirectoryError, "is a directory"),
    "empty": (_empty, ConfigurationError, r"empty\.jsonl is empty"),
    "no bytes": (lambda _: b"", ConfigurationError, "is empty"),
    "text in memory": (lambda _: io.StringIO("a"), ConfigurationError, 'mode "rb"'),
    "number": (lambda _: 5, ConfigurationError, "a int cannot be uploaded"),
    "none": (lambda _: None, ConfigurationError, "cannot be uploaded"),
    "name alone": (lambda _: ("a.jsonl",), ConfigurationError, r"\(name, content\)"),
    "name is no text": (lambda _: (b"a", b"b"), ConfigurationError, r"\(name, content\)"),
    "pieces of text": (lambda _: ["a"], ConfigurationError, "gives str where bytes"),
    "read gives text later": (lambda _: iter([b"a", "b"]), ConfigurationError, "gives str where bytes"),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_what_cannot_be_uploaded_is_told(name: str, tmp_path: Path, way: Way, wire: Wire) -> None:
    make, error, message = REFUSED[name]
    client = way.client(wire.say({"id": "f"}))
    with pytest.raises(error, match=message):
        await way.get(client.files.create(file=make(tmp_path)))
    assert wire.requests == []


@pytest.mark.parametrize("wrapped", [False, True])
async def test_a_file_that_is_open_as_text_is_refused(tmp_path: Path, way: Way, wire: Wire, *, wrapped: bool) -> None:
    client = way.client(wire.say({"id": "f"}))
    with (
        tempfile.NamedTemporaryFile("w+", dir=tmp_path) if wrapped else _text_file(tmp_path) as file,
        pytest.raises(ConfigurationError, match='Hint: open it with mode "rb"'),
    ):
        await way.get(client.files.create(file=file))
    assert wire.requests == []


@pytest.mark.parametrize("purpose", ["", " ", "a\r\nb: c", "\u00e4", None])
async def test_a_purpose_that_cannot_be_sent_is_refused(purpose: object, way: Way, wire: Wire) -> None:
    client = way.client(wire.say({"id": "f"}))
    with pytest.raises(ConfigurationError, match="purpose"):
        await way.get(client.files.create(file=b"x", purpose=purpose))
    assert wire.requests == []


async def test_a_file_that_is_checked_and_bad_is_not_uploaded(tmp_path: Path, way: Way, wire: Wire) -> None:
    bad = tmp_path / "bad.jsonl"
    bad.write_text("no json\n")
    client = way.client(wire.say({"id": "f"}))
    with pytest.raises(ValueError, match=r"bad\.jsonl"):
        await way.get(client.files.create(file=bad, check=True))
    assert wire.requests == []


async def test_progress_is_told_up_to_the_whole(path: Path, way: Way, gateway: FakeGateway) -> None:
    told: list[tuple[int, int | None]] = []
    await way.get(
        way.client(gateway).files.create(file=path, on_progress=lambda sent, whole: told.append((sent, whole)))
    )
    assert told[-1] == (len(CONTENT), len(CONTENT))
    assert [sent for sent, _ in told] == sorted({sent for sent, _ in told})
    assert len(told) == 3
    told.clear()
    await way.get(
        way.client(gateway).files.create(file=iter([b"ab"]), on_progress=lambda *told_now: told.append(told_now))
    )
    assert told == [(2, None)]


CHANGES: dict[str, Callable[[Path], int | None]] = {
    "grows": lambda path: path.write_bytes(CONTENT * 2),
    "shrinks": lambda path: path.write_bytes(CONTENT[: CHUNK + 5]),
    "changes": lambda path: os.utime(path, (1, 1)),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("opened", [False, True])
async def test_a_file_that_changes_while_it_is_sent_is_told(
    change: str,
    path: Path,
    way: Way,
    wire: Wire,
    *,
    opened: bool,
) -> None:
    if opened and change == "changes":
        pytest.skip("an open file says nothing about when it changed")
    client = way.client(wire.say({"id": "f"}))
    done: list[int] = []

    def once(sent: int, _: int | None) -> None:
        if not done:
            CHANGES[change](path)
        done.append(sent)

    with path.open("rb") as file, pytest.raises(PortkeyError, match="changed while it was sent") as caught:
        await way.get(client.files.create(file=file if opened else path, on_progress=once))
    assert caught.value.operation == "files.create"
    assert wire.requests == []
    assert way.clock.sleeps == ()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
async def test_a_pipe_is_read_as_it_comes(tmp_path: Path, way: Way, gateway: FakeGateway) -> None:
    pipe = tmp_path / "train.jsonl"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(CONTENT,))
    writer.start()
    file = await way.get(way.client(gateway).files.create(file=pipe))
    writer.join()
    assert file.bytes == len(CONTENT)
    assert gateway.requests[-1].headers["transfer-encoding"] == "chunked"


async def test_names_of_files_cannot_break_the_form(way: Way, wire: Wire) -> None:
    await way.get(way.client(wire.say({"id": "f"})).files.create(file=('a"b\r\nc\u00e4\udcff', b"x")))
    assert b'filename="a%22b%0D%0Ac\xc3\xa4\xff"\r\n' in wire.last.content


def unnamable(path: Path) -> Path:
    return path.rename(path.parent / os.fsdecode(b"\xff.jsonl"))


@pytest.mark.skipif(os.name == "nt", reason="names are text there")
async def test_a_file_whose_name_is_no_text_is_uploaded(path: Path, way: Way, wire: Wire) -> None:
    renamed = unnamable(path)
    await way.get(way.client(wire.say({"id": "f"})).files.create(file=renamed))
    assert b'filename="\xff.jsonl"' in wire.last.content


@given(st.binary(min_size=1, max_size=200), st.integers(1, 50), st.text(max_size=10))
@settings(max_examples=50)
def test_a_body_is_as_long_as_it_says_whatever_it_holds(content: bytes, read_size: int, name: str) -> None:
    class Drips(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            return super().read(min(read_size, size if size is not None and size >= 0 else read_size))

    upload = Upload(fields=(("purpose", "p"),), field_name="file", source=source_of(Drips(content), name))
    body = b"".join(upload.open())
    assert int(upload.headers["content-length"]) == len(body)
    assert body.split(b"\r\n\r\n", 2)[2].removesuffix(f"\r\n--{upload.boundary}--\r\n".encode()) == content


class Endless(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Takes a body of any size without keeping it."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Take a request of a sync client."""
        assert isinstance(request.stream, httpx.SyncByteStream)
        return self._answer(sum(len(chunk) for chunk in request.stream))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Take a request of an async client."""
        assert isinstance(request.stream, httpx.AsyncByteStream)
        size = 0
        async for chunk in request.stream:
            size += len(chunk)
        return self._answer(size)

    def _answer(self, size: int) -> httpx.Response:
        return httpx.Response(200, json={"id": "f", "bytes": size})


def test_an_upload_takes_no_more_memory_than_a_few_chunks(tmp_path: Path, way: Way) -> None:
    path = tmp_path / "large.jsonl"
    with path.open("wb") as file:
        file.truncate(64 * CHUNK)

    async def upload() -> int:
        # The transport is no MockTransport: that one would gather the body.
        client: Any = way.client(httpx.MockTransport(lambda _: httpx.Response(500)))
        client._transport.client._transport = Endless()
        uploaded: int = (await way.get(client.files.create(file=path))).bytes
        return uploaded

    assert way.drive(upload) > 64 * CHUNK
    tracemalloc.start()
    try:
        way.drive(upload)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 8 * CHUNK


class DriesUp(io.BytesIO):
    """A file that gives nothing at all for a while, as one that does not block."""

    def read(self, size: int | None = -1) -> Any:  # noqa: ANN401 - that is the fault
        """Read."""
        return super().read(size) if size == 0 else None


async def test_a_file_that_gives_no_bytes_is_told(way: Way, wire: Wire) -> None:
    client = way.client(wire.say({"id": "f"}))
    with pytest.raises(ConfigurationError, match=r'gives NoneType .* needs bytes\. Hint: open it with mode "rb"\.'):
        await way.get(client.files.create(file=DriesUp(b"ab")))
    assert wire.requests == []


async def test_a_file_of_which_the_gateway_stored_nothing_is_told(way: Way, wire: Wire) -> None:
    client = way.client(wire.say({"id": "f", "bytes": 0}))
    with pytest.raises(ResponseError, match=r"stored an empty file\. Its id is f\.") as caught:
        await way.get(client.files.create(file=b"{}"))
    assert caught.value.pointer == "/bytes"
