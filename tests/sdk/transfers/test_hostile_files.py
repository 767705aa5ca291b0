"""Files on their way up and down: a form that a file cannot break, and a disk that a server cannot choose on."""

from __future__ import annotations

import io
import os
import stat
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from portkey_ft import APIConnectionError, ConfigurationError
from portkey_ft._http.multipart import Upload
from portkey_ft._http.upload_sources import source_of
from portkey_ft.testing import FakeGateway, Fault

if TYPE_CHECKING:
    from tests.support.ways import Way, Wire

pytestmark = [pytest.mark.anyio, pytest.mark.security]
CONTENT = b'{"a": 1}\n'


def test_a_file_cannot_know_the_boundary() -> None:
    """It is drawn anew for each upload, from 128 bits that nobody can guess."""
    boundaries = {Upload((), "file", source_of(b"x")).boundary for _ in range(1000)}
    assert len(boundaries) == 1000
    assert {len(boundary) for boundary in boundaries} == {32}


async def test_a_file_that_looks_like_a_form_arrives_as_it_is(way: Way, gateway: FakeGateway) -> None:
    earlier = Upload((("purpose", "x"),), "file", source_of(b"y"))
    evil = b"\r\n--" + earlier.boundary.encode() + b"--\r\n" + b"".join(earlier.open()) + b"\r\n----\r\n--"
    file = await way.get(way.client(gateway).files.create(file=evil))
    assert [stored.content for stored in gateway.files if stored.id == file.id] == [evil]


NAMES = {
    'a".jsonl': "a%22.jsonl",
    'x"; name="purpose': "x%22; name=%22purpose",
    "a\r\nContent-Type: text/html\r\n\r\nx": "a%0D%0AContent-Type: text/html%0D%0A%0D%0Ax",
    "a\nb": "a%0Ab",
    "a\0.jsonl": "a%00.jsonl",
    "a\x7fb\x1b": "a%7Fb%1B",
    "a\\": "a%5C",
    "\xe4\u202e\U0001f600": "\xe4\u202e\U0001f600",
    "../../etc/passwd": "../../etc/passwd",
}


@pytest.mark.parametrize("name", NAMES)
async def test_the_name_of_a_file_stays_a_name(name: str, way: Way, wire: Wire) -> None:
    named = io.BytesIO(CONTENT)
    named.name = name  # type: ignore[misc]  # what an open file has
    for file, filename in (((name, CONTENT), None), (CONTENT, name), (named, name)):
        await way.get(way.client(wire.say({"id": "f"})).files.create(file=file, filename=filename))
        boundary = wire.last.headers["content-type"].partition("boundary=")[2].encode()
        before, purpose, part, after = wire.last.content.split(b"--" + boundary)
        assert (before, after) == (b"", b"--\r\n")
        assert purpose == b'\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nfine-tune\r\n'
        head, _, content = part.partition(b"\r\n\r\n")
        assert head.split(b"\r\n")[1:] == [
            f'Content-Disposition: form-data; name="file"; filename="{NAMES[name]}"'.encode(),
            b"Content-Type: application/octet-stream",
        ]
        assert content == CONTENT + b"\r\n"


@pytest.mark.parametrize("purpose", ["a\r\nb", "a\r\n--x--", "\xe4", "a\0", "", " ", "a\n", 5, None])
async def test_a_purpose_that_could_break_a_form_is_refused(purpose: object, way: Way, wire: Wire) -> None:
    with pytest.raises(ConfigurationError, match="purpose"):
        await way.get(way.client(wire).files.create(file=CONTENT, purpose=purpose))
    assert wire.requests == []


@pytest.mark.parametrize("purpose", ['"', "--", "x; name=file", "%0D%0A"])
async def test_any_other_purpose_is_a_value(purpose: str, way: Way, wire: Wire) -> None:
    await way.get(way.client(wire.say({"id": "f"})).files.create(file=CONTENT, purpose=purpose))
    assert f'name="purpose"\r\n\r\n{purpose}\r\n--'.encode() in wire.last.content
    assert wire.last.headers["x-portkey-file-purpose"] == purpose


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def test_the_name_that_a_server_gives_to_a_download_is_not_used(tmp_path: Path, way: Way, wire: Wire) -> None:
    headers = {"content-disposition": 'attachment; filename="../evil"', "content-type": "application/octet-stream"}
    download = await way.get(way.client(wire.say((200, CONTENT, headers))).files.content("f"))
    await way.get(download.write_to(tmp_path / "mine"))
    assert names_in(tmp_path) == ["mine"]
    assert not (tmp_path.parent / "evil").exists()


@pytest.mark.parametrize("there", [True, False])
async def test_a_link_is_replaced_and_what_it_leads_to_left_alone(
    there: bool,  # noqa: FBT001 - a parameter of the test
    tmp_path: Path,
    way: Way,
    gateway: FakeGateway,
) -> None:
    gateway.add_file(CONTENT, file_id="f")
    precious, link = tmp_path / "precious", tmp_path / "link"
    if there:
        precious.write_text("precious")
    link.symlink_to(precious)
    download = await way.get(way.client(gateway).files.content("f"))
    await way.get(download.write_to(link))
    assert link.read_bytes() == CONTENT
    assert not link.is_symlink()
    assert precious.exists() is there
    assert not there or precious.read_text() == "precious"


async def test_a_partial_file_has_a_name_that_nobody_can_take_before(
    tmp_path: Path, way: Way, gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody who could guess it would put a link there, and have the download written through it."""
    gateway.add_file(CONTENT, file_id="f")
    monkeypatch.setattr("portkey_ft._http.downloads.secrets.token_hex", lambda size: "0" * 2 * size)
    trap = tmp_path / f".out.{'0' * 16}"
    trap.symlink_to(tmp_path / "precious")
    download = await way.get(way.client(gateway).files.content("f"))
    with pytest.raises(FileExistsError):
        await way.get(download.write_to(tmp_path / "out"))
    assert names_in(tmp_path) == [trap.name]


@pytest.mark.skipif(os.name == "nt", reason="rights are something else there")
async def test_writing_does_not_open_the_files_of_other_threads(
    tmp_path: Path, way: Way, gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The umask belongs to the whole process: to ask for it is to change it for a moment."""
    gateway.add_file(CONTENT, file_id="f")
    asked: list[int] = []
    before = os.umask(0o027)
    try:
        with monkeypatch.context() as patch:
            patch.setattr(os, "umask", asked.append)
            download = await way.get(way.client(gateway).files.content("f"))
            await way.get(download.write_to(tmp_path / "out"))
    finally:
        os.umask(before)
    assert asked == []
    assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == 0o640


async def test_a_download_that_breaks_off_leaves_nothing(tmp_path: Path, way: Way, gateway: FakeGateway) -> None:
    gateway.add_file(CONTENT, file_id="f")
    gateway.fail_next(Fault.cut(after=5))
    download = await way.get(way.client(gateway, max_retries=0).files.content("f"))
    with pytest.raises(APIConnectionError):
        await way.get(download.write_to(tmp_path / "out"))
    assert names_in(tmp_path) == []


async def test_a_name_of_any_length_that_the_disk_takes_can_be_written(
    tmp_path: Path, way: Way, gateway: FakeGateway
) -> None:
    gateway.add_file(CONTENT, file_id="f")
    for name in ("x" * 255, "\U0001f600" * 63):
        download = await way.get(way.client(gateway).files.content("f"))
        await way.get(download.write_to(tmp_path / name))
        assert (tmp_path / name).read_bytes() == CONTENT


def test_two_downloads_to_one_path_do_not_mix(tmp_path: Path, gateway: FakeGateway) -> None:
    from portkey_ft import Portkey  # noqa: PLC0415 - this test alone has threads

    contents = {f"f{number}": f"{number}".encode() * 100_000 for number in range(4)}
    for file_id, content in contents.items():
        gateway.add_file(content, file_id=file_id)
    with gateway.serve() as url, Portkey(base_url=url, virtual_key="vk-0123456789") as client:
        threads = [
            threading.Thread(target=lambda name=name: client.files.content(name).write_to(tmp_path / "out"))
            for name in contents
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert (tmp_path / "out").read_bytes() in contents.values()
    assert names_in(tmp_path) == ["out"]
