"""Downloads: whole or in pieces, unwrapped, and on disk only when they are complete."""

from __future__ import annotations

import json
import stat
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portkey_ft import APIConnectionError, BadRequestError, ConfigurationError, NotFoundError, ResponseError
from portkey_ft._http.downloads import LineSplitter, Unwrapper
from portkey_ft.testing import FakeGateway, Fault

if TYPE_CHECKING:
    from tests.support.ways import Way, Wire

pytestmark = pytest.mark.anyio
CONTENT = b'{"a": 1}\n{"b": "\xc3\xa4"}\r\n\nlast'
LINES = ['{"a": 1}', '{"b": "ä"}', "", "last"]


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def test_content_comes_as_bytes_text_or_lines(way: Way, gateway: FakeGateway) -> None:
    gateway.add_file(CONTENT, file_id="f")
    files = way.client(gateway).files
    assert await way.get((await way.get(files.content("f"))).read()) == CONTENT
    assert await way.get((await way.get(files.content("f"))).text()) == CONTENT.decode()
    assert b"".join(await way.items((await way.get(files.content("f"))).iter_bytes())) == CONTENT
    assert await way.items((await way.get(files.content("f"))).iter_lines()) == LINES


async def test_a_file_that_the_gateway_wrapped_is_unwrapped(way: Way, gateway: FakeGateway) -> None:
    gateway.add_file(CONTENT, file_id="f", content_type="text/plain")
    download = await way.get(way.client(gateway).files.content("f"))
    assert download.headers["content-type"].startswith("application/json")
    assert await way.get(download.read()) == CONTENT


async def test_a_missing_file_is_told_before_the_download(way: Way, gateway: FakeGateway) -> None:
    with pytest.raises(NotFoundError):
        await way.get(way.client(gateway).files.content("none"))


async def test_a_file_is_put_on_disk_with_the_rights_of_a_new_file(
    tmp_path: Path, way: Way, gateway: FakeGateway
) -> None:
    gateway.add_file(CONTENT, file_id="f")
    target, ordinary = tmp_path / "out.jsonl", tmp_path / "ordinary"
    ordinary.touch()
    target.write_text("old")
    download = await way.get(way.client(gateway).files.content("f"))
    assert await way.get(download.write_to(target)) == len(CONTENT)
    assert target.read_bytes() == CONTENT
    assert stat.S_IMODE(target.stat().st_mode) == stat.S_IMODE(ordinary.stat().st_mode)
    assert names_in(tmp_path) == ["ordinary", "out.jsonl"]


async def test_a_download_that_breaks_off_leaves_no_file(tmp_path: Path, way: Way, gateway: FakeGateway) -> None:
    gateway.add_file(CONTENT, file_id="f")
    target = tmp_path / "out.jsonl"
    target.write_text("old")
    gateway.fail_next(Fault.cut(after=5))
    download = await way.get(way.client(gateway, max_retries=0).files.content("f"))
    with pytest.raises(APIConnectionError) as caught:
        await way.get(download.write_to(target))
    assert caught.value.operation == "files.content"
    assert target.read_text() == "old"
    assert names_in(tmp_path) == ["out.jsonl"]


async def test_a_download_needs_the_name_of_a_file(tmp_path: Path, way: Way, gateway: FakeGateway) -> None:
    gateway.add_file(CONTENT, file_id="f")
    for target, error in ((tmp_path, IsADirectoryError), (tmp_path / "none" / "out", FileNotFoundError)):
        download = await way.get(way.client(gateway).files.content("f"))
        with pytest.raises(error):
            await way.get(download.write_to(target))
        # The connection is given back all the same.
        assert download._body._body._response.is_closed
    assert names_in(tmp_path) == []


async def test_content_is_gone_through_once(tmp_path: Path, way: Way, gateway: FakeGateway) -> None:
    gateway.add_file(CONTENT, file_id="f")
    download = await way.get(way.client(gateway).files.content("f"))
    await way.get(download.read())
    with pytest.raises(ConfigurationError, match="read already") as caught:
        await way.get(download.read())
    assert caught.value.operation == "files.content"
    with pytest.raises(ConfigurationError, match="begin the download anew"):
        await way.get(download.write_to(tmp_path / "out"))
    assert names_in(tmp_path) == []


async def test_a_download_that_was_closed_is_not_an_empty_file(way: Way, gateway: FakeGateway) -> None:
    gateway.add_file(CONTENT, file_id="f")
    download = await way.get(way.client(gateway).files.content("f"))
    await way.get(download.close())
    with pytest.raises(ConfigurationError, match="was closed"):
        await way.get(download.read())


async def test_a_with_block_gives_the_connection_back(way: Way, gateway: FakeGateway) -> None:
    gateway.add_file(CONTENT, file_id="f")
    download = await way.get(way.client(gateway).files.content("f"))
    if way.is_async:
        async with download as entered:
            assert entered is download
    else:
        with download as entered:
            assert entered is download
    assert download._body._body._response.is_closed


async def test_a_download_that_is_left_half_way_can_be_closed(way: Way, gateway: FakeGateway) -> None:
    if way.name == "trio":
        pytest.skip("httpx leaves generators of its own to be collected here, of which trio complains")
    gateway.add_file(CONTENT, file_id="f")
    download = await way.get(way.client(gateway).files.content("f"))
    assert await way.take(download.iter_lines(), 1) == LINES[:1]
    await way.get(download.close())
    assert download._body._body._response.is_closed


@pytest.mark.parametrize("content", ['{"html-message":5}', '{"html-message":"a', '{"html-message":' + "[" * 100_000])
async def test_a_wrapping_that_cannot_be_read_is_an_error(content: str, way: Way, wire: Wire) -> None:
    client = way.client(wire.say((200, content, {"content-type": "application/json"})))
    with pytest.raises(ResponseError, match="wrapped in JSON") as caught:
        await way.get((await way.get(client.files.content("f"))).read())
    assert caught.value.operation == "files.content"


@pytest.mark.parametrize("page", ["<html><h1>Sign in</h1>", "\n <!DOCTYPE html>\n<html>"])
async def test_a_page_that_the_gateway_has_wrapped_is_not_taken_for_a_file(page: str, way: Way, wire: Wire) -> None:
    client = way.client(wire.say({"html-message": page}))
    with pytest.raises(ResponseError, match="HTML page in place of the file"):
        await way.get((await way.get(client.files.content("f"))).read())


@pytest.mark.parametrize("content", ["", "{", '{"html', '{"other": 1}', "[1]", '{"html-messages":1}'])
async def test_other_json_is_the_file_itself(content: str, way: Way, wire: Wire) -> None:
    client = way.client(wire.say((200, content, {"content-type": "application/json"})))
    assert await way.get((await way.get(client.files.content("f"))).read()) == content.encode()


def cut(content: bytes, places: list[int]) -> list[bytes]:
    places = sorted({0, len(content), *(place % (len(content) + 1) for place in places)})
    return [content[start:end] for start, end in pairwise(places)]


def pieces(stage: Any, chunks: list[bytes]) -> list[Any]:  # noqa: ANN401 - either stage
    return [*(piece for chunk in chunks for piece in stage.feed(chunk)), *stage.finish()]


@given(st.text(alphabet="ab\r\n\u00e4", max_size=30), st.lists(st.integers(0, 60), max_size=6))
def test_lines_do_not_depend_on_how_the_bytes_come(text: str, places: list[int]) -> None:
    expected = [line.removesuffix("\r") for line in text.split("\n")]
    if not text.rpartition("\n")[2]:
        expected.pop()
    assert pieces(LineSplitter(), cut(text.encode(), places)) == expected


@given(st.text(max_size=30), st.lists(st.integers(0, 60), max_size=6))
def test_unwrapping_does_not_depend_on_how_the_bytes_come(text: str, places: list[int]) -> None:
    wrapped = json.dumps({"html-message": text}, separators=(",", ":")).encode()
    unwrapped = b"".join(pieces(Unwrapper("application/json; charset=utf-8"), cut(wrapped, places)))
    assert unwrapped == text.encode("utf-8", "replace")
    assert b"".join(pieces(Unwrapper("application/octet-stream"), cut(wrapped, places))) == wrapped


def test_a_long_line_in_many_chunks_takes_linear_time() -> None:
    splitter, chunk = LineSplitter(), b"x" * 64
    assert [line for _ in range(50_000) for line in splitter.feed(chunk)] == []
    (line,) = splitter.finish()
    assert len(line) == 64 * 50_000
    assert splitter.finish() == []


@pytest.mark.parametrize("kind", ["text/html", "TEXT/HTML; charset=utf-8", "application/xhtml+xml"])
async def test_a_file_is_read_whatever_it_is_called(kind: str, way: Way, wire: Wire) -> None:
    for content in (b'{"a": 1}', b'{"a": 1}\n{"b": 2}\n', b"", b"<", b"<!-- a,b", b"\xff\xfe"):
        client = way.client(wire.say((200, content, {"content-type": kind})))
        assert await way.get((await way.get(client.files.content("f"))).read()) == content


@pytest.mark.parametrize("page", [b"<html>Sign in", b"\xef\xbb\xbf\n <!DocType HTML>", b"<HTML lang=en>" + b"x" * 999])
async def test_a_page_that_comes_bare_is_not_taken_for_a_file(
    page: bytes, tmp_path: Path, way: Way, wire: Wire
) -> None:
    client = way.client(wire.say((200, page, {"content-type": "Text/HTML"})))
    download = await way.get(client.files.content("f"))
    with pytest.raises(ResponseError, match="HTML page in place of the file"):
        await way.get(download.write_to(tmp_path / "out"))
    assert names_in(tmp_path) == []


@pytest.mark.parametrize("kind", ["application/json", "Application/JSON", "APPLICATION/JSON ;charset=UTF-8"])
async def test_the_case_of_a_media_type_means_nothing(kind: str, way: Way, wire: Wire) -> None:
    client = way.client(wire.say((200, b'{"html-message":"a\\nb"}', {"content-type": kind})))
    assert await way.get((await way.get(client.files.content("f"))).text()) == "a\nb"


@pytest.mark.parametrize(
    ("label", "encoding"),
    [
        ("iso-8859-1", "iso-8859-1"),
        ('"Windows-1252"', "cp1252"),
        ("utf-16", "utf-16"),
        ("UTF-8", "utf-8"),
        ("klingon", "utf-8"),
        ("rot13", "utf-8"),
        ("idna", "utf-8"),
        ("undefined", "utf-8"),
    ],
)
async def test_the_charset_of_a_response_is_honoured(label: str, encoding: str, way: Way, wire: Wire) -> None:
    text = "caf\u00e9\nna\u00efve"
    client = way.client(wire.say((200, text.encode(encoding), {"content-type": f"text/plain; Charset={label}"})))
    assert await way.get((await way.get(client.files.content("f"))).text()) == text
    assert await way.items((await way.get(client.files.content("f"))).iter_lines()) == text.split("\n")
    wire.say((400, text.encode(encoding), {"content-type": f"text/plain;charset={label}"}))
    with pytest.raises(BadRequestError, match="caf\u00e9"):
        await way.get(client.files.content("f"))
    message = json.dumps({"error": {"message": text}}, ensure_ascii=False)
    wire.say((400, message.encode(encoding), {"content-type": f"application/json; charset={label}"}))
    with pytest.raises(BadRequestError) as caught:
        await way.get(client.files.retrieve("f"))
    assert caught.value.message == text


async def test_an_error_of_writing_names_the_path_that_was_given(way: Way, tmp_path: Path) -> None:
    gateway = FakeGateway()
    file = gateway.add_file(b"{}")
    download = await way.get(way.client(gateway).files.content(file.id))
    path = tmp_path / "nowhere" / "copy.jsonl"
    with pytest.raises(FileNotFoundError) as caught:
        await way.get(download.write_to(path))
    assert caught.value.filename == str(path)
    assert caught.value.__suppress_context__
