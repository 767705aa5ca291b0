"""Whatever people hold a file in can be uploaded, or the error says what to pass."""

from __future__ import annotations

import io
import json
import mmap
from collections.abc import AsyncIterator
from enum import Enum, StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiofiles
import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import UploadFile

from portkey_ft import ConfigurationError
from portkey_ft.datasets._rewriting import RowFilter

if TYPE_CHECKING:
    from portkey_ft.testing import FakeGateway
    from tests.support.ways import Way, Wire

pytestmark = pytest.mark.anyio

CONTENT = b'{"prompt": "a", "completion": "b"}\n' * 20_000


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A training file on disk."""
    file = tmp_path / "train.jsonl"
    file.write_bytes(CONTENT)
    return file


async def _generated() -> AsyncIterator[bytes]:
    for start in range(0, len(CONTENT), 99_999):
        yield CONTENT[start : start + 99_999]


async def test_an_upload_that_a_web_framework_received_is_passed_on(way: Way, gateway: FakeGateway) -> None:
    """With either client: a blocking file is behind it. What was looked at before is sent too."""
    received = UploadFile(io.BytesIO(CONTENT), filename="theirs.jsonl")
    received.file.readline()
    await way.get(way.client(gateway).files.create(received))
    (file,) = gateway.files
    assert (file.filename, file.content) == ("theirs.jsonl", CONTENT)


async def test_a_file_of_anyio_is_uploaded(path: Path, way: Way, gateway: FakeGateway) -> None:
    async with await anyio.open_file(path, "rb") as opened:
        await opened.readline()
        await way.get(way.client(gateway).files.create(opened))
    (file,) = gateway.files
    assert (file.filename, file.content) == ("train.jsonl", CONTENT)


async def test_a_mapped_file_is_uploaded(path: Path, way: Way, gateway: FakeGateway) -> None:
    with path.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        mapped.readline()
        await way.get(way.client(gateway).files.create(mapped))
    (file,) = gateway.files
    assert file.content == CONTENT


async def test_text_beside_a_name_is_content(way: Way, gateway: FakeGateway) -> None:
    await way.get(way.client(gateway).files.create(("a.jsonl", "é\n")))
    (file,) = gateway.files
    assert (file.filename, file.content) == ("a.jsonl", "é\n".encode())


@pytest.mark.parametrize("form", ["generator", "aiofiles"])
async def test_what_has_to_be_awaited_is_for_the_async_client(
    form: str, path: Path, way: Way, wire: Wire, gateway: FakeGateway
) -> None:
    if way.name == "trio" and form == "aiofiles":
        pytest.skip("aiofiles knows asyncio alone")
    if not way.is_async:
        with pytest.raises(ConfigurationError, match="pass its path"):
            way.client(wire.say({"id": "f"})).files.create(_generated())
        assert wire.requests == []
        return
    opened: Any = _generated() if form == "generator" else await aiofiles.open(path, "rb")
    told: list[tuple[int, int | None]] = []
    await way.client(gateway).files.create(opened, on_progress=lambda *now: told.append(now))
    (file,) = gateway.files
    assert file.content == CONTENT
    assert file.filename == ("upload.jsonl" if form == "generator" else "train.jsonl")
    assert told[-1] == (len(CONTENT), None)
    if form == "aiofiles":
        await opened.close()


async def _read() -> bytes:
    raise AssertionError


REFUSED: dict[str, tuple[Any, str]] = {
    "a coroutine": (_read, "await it first"),
    "text": (lambda: '{"messages": []}\n', r'pass \("train.jsonl", text\)'),
    "rows": (lambda: [{"messages": []}], "json.dumps"),
    "half a character": (lambda: ("a.jsonl", "\ud800"), "half of a character"),
    "a mapping": (lambda: {"a": b"b"}, "a dict cannot be uploaded"),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_what_cannot_be_uploaded_is_told_with_what_to_pass(name: str, way: Way, wire: Wire) -> None:
    make, words = REFUSED[name]
    with pytest.raises(ConfigurationError, match=words):
        await way.get(way.client(wire.say({"id": "f"})).files.create(make()))
    assert wire.requests == []


class Purpose(StrEnum):
    """As people write it."""

    TRAINING = "fine-tune"


class Older(str, Enum):  # noqa: UP042 - as people wrote it before
    """As people wrote it before."""

    TRAINING = "fine-tune"


@pytest.mark.parametrize("purpose", [Purpose.TRAINING, Older.TRAINING], ids=["new", "old"])
async def test_a_purpose_may_be_an_enum_and_both_may_be_positional(purpose: str, way: Way, wire: Wire) -> None:
    await way.get(way.client(wire.say({"id": "f"})).files.create(CONTENT, purpose))
    assert b'name="purpose"\r\n\r\nfine-tune\r\n' in wire.last.content
    assert wire.last.headers["x-portkey-file-purpose"] == "fine-tune"


async def test_waiting_takes_the_id_by_the_official_name(way: Way, wire: Wire) -> None:
    files = way.client(wire.say({"id": "f", "status": "processed"})).files
    await way.get(files.wait_for_processing(id="f"))
    await way.get(files.wait_for_processing("f"))
    assert wire.targets == ["GET /v1/files/f"] * 2
    for ids in ({}, {"file_id": "f", "id": "f"}):
        with pytest.raises(TypeError, match="takes one id"):
            await way.get(files.wait_for_processing(**ids))


rows = st.builds(
    lambda text, before, after: before + json.dumps({"é": text}, ensure_ascii=False) + after,
    st.text(st.characters(exclude_categories=["Cs"])),
    st.sampled_from(["", " ", "\t"]),
    st.sampled_from(["", " ", "\r"]),
)
lines_of_files = st.lists(st.one_of(rows, st.sampled_from(["", "  ", "\r"])), max_size=8)


@given(lines_of_files, st.integers(1, 9), st.sampled_from(["", "\n"]), st.sampled_from(["", "\ufeff"]))
def test_rows_mean_the_same_in_ascii_however_they_are_cut_into_chunks(
    lines: list[str], size: int, end: str, mark: str
) -> None:
    content = (mark + "\n".join(lines) + end).encode()
    kept = [line.strip(" \t\r") for line in lines if line.strip(" \t\r")]
    for ascii_only in (False, True):
        rewriter = RowFilter(None, rewrites=True, ascii_only=ascii_only, longest=10_000)
        chunks = [rewriter.feed(content[start : start + size]) for start in range(0, len(content), size)]
        written = b"".join([*chunks, rewriter.finish()])
        if ascii_only:
            assert written.isascii()
            assert [json.loads(row) for row in written.splitlines()] == [json.loads(row) for row in kept]
        else:
            assert written.decode() == "".join(f"{row}\n" for row in kept)
