"""Downloads whose connection breaks: the rest is requested, by a range or from the start, and never another file."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portkey_ft import APIConnectionError, InternalServerError, NotFoundError, ResponseError
from portkey_ft.testing import FakeGateway, Fault

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.ways import Way

pytestmark = pytest.mark.anyio
CONTENT = b"".join(b'{"line": %d}\n' % number for number in range(100))


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


class Cut(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that breaks off, or ends."""

    def __init__(self, content: bytes, size: int, *, broken: bool) -> None:
        self._chunks = [content[start : start + size] for start in range(0, len(content), size)]
        self._broken = broken

    def __iter__(self) -> Iterator[bytes]:
        yield from self._chunks
        if self._broken:
            message = "peer closed connection"
            raise httpx.RemoteProtocolError(message)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self:
            yield chunk


class Shelf:
    """A server that breaks each response off after so many bytes, and may know ranges."""

    def __init__(self, *cuts: int, ranges: bool = True, size: int = 7) -> None:
        self.content = CONTENT
        self.headers = {"etag": '"v1"', "accept-ranges": "bytes"} if ranges else {}
        self.cuts, self.ranges, self.size = list(cuts), ranges, size
        self.asked: list[str | None] = []
        self.coding = ""
        self.then: list[httpx.Response] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Respond with the file, or a part of it."""
        span = request.headers.get("range")
        self.asked.append(span)
        if self.asked[1:] and self.then:
            return self.then.pop(0)
        start = int(span[len("bytes=") : -1]) if span and self.ranges else 0
        whole = gzip.compress(self.content) if self.coding else self.content
        if start and request.headers["if-range"] != self.headers["etag"]:
            start = 0
        headers, status = dict(self.headers), 200
        if self.coding:
            headers["content-encoding"] = self.coding
        if start:
            status, headers["content-range"] = 206, f"bytes {start}-{len(whole) - 1}/{len(whole)}"
            if start == len(whole):
                return httpx.Response(416, headers={"content-range": f"bytes */{len(whole)}"}, content=b"{}")
        broken = bool(self.cuts)
        end = self.cuts.pop(0) if self.cuts else len(whole)
        return httpx.Response(status, headers=headers, stream=Cut(whole[start:][:end], self.size, broken=broken))

    async def download(self, way: Way, **options: Any) -> Any:  # noqa: ANN401 - either download
        """Begin a download."""
        return await way.get(way.client(httpx.MockTransport(self), **options).files.content("f"))


@pytest.mark.parametrize("how", ["read", "write_to", "text", "iter_bytes", "iter_lines"])
@pytest.mark.parametrize("ranges", [True, False])
async def test_the_rest_is_requested_where_the_connection_broke(
    how: str, tmp_path: Path, way: Way, *, ranges: bool
) -> None:
    if way.name == "trio":
        pytest.skip("httpx leaves generators of its own to be collected here, of which trio complains")
    shelf = Shelf(100, 250, ranges=ranges)
    download = await shelf.download(way)
    if how == "write_to":
        assert await way.get(download.write_to(tmp_path / "out")) == len(CONTENT)
        assert (tmp_path / "out").read_bytes() == CONTENT
    elif how == "iter_bytes":
        assert b"".join(await way.items(download.iter_bytes())) == CONTENT
    elif how == "iter_lines":
        assert await way.items(download.iter_lines()) == CONTENT.decode().splitlines()
    else:
        content = await way.get(getattr(download, how)())
        assert content == (CONTENT if how == "read" else CONTENT.decode())
    assert shelf.asked == [None, "bytes=100-", "bytes=350-"] if ranges else [None] * 3
    assert len(way.clock.sleeps) == 2


async def test_a_compressed_download_begins_again_from_the_start(way: Way) -> None:
    if way.name == "trio":
        pytest.skip("httpx leaves generators of its own to be collected here, of which trio complains")
    shelf = Shelf(90, 120)
    shelf.coding = "gzip"
    assert await way.get((await shelf.download(way)).read()) == CONTENT
    assert shelf.asked == [None] * 3


async def test_attempts_before_the_first_response_count_too(way: Way) -> None:
    if way.name == "trio":
        pytest.skip("httpx leaves generators of its own to be collected here, of which trio complains")
    shelf = Shelf(*[10] * 9)
    failing = iter([True, False])
    transport = httpx.MockTransport(lambda request: httpx.Response(503) if next(failing, False) else shelf(request))
    with pytest.raises(APIConnectionError, match="broke off"):
        await way.get((await way.get(way.client(transport, max_retries=2).files.content("f"))).read())
    assert len(shelf.asked) == 2


async def test_attempts_are_counted_over_the_whole_download(way: Way, tmp_path: Path) -> None:
    if way.name == "trio":
        pytest.skip("httpx leaves generators of its own to be collected here, of which trio complains")
    for retries in (0, 1, 2):
        shelf = Shelf(*[10] * 9)
        with pytest.raises(APIConnectionError, match="broke off"):
            await way.get((await shelf.download(way, max_retries=retries)).write_to(tmp_path / "out"))
        assert len(shelf.asked) == retries + 1
        assert names_in(tmp_path) == []


async def test_another_file_is_never_put_behind_the_first_part(way: Way) -> None:
    if way.name == "trio":
        pytest.skip("httpx leaves generators of its own to be collected here, of which trio complains")
    for ranges in (True, False):
        for changed in (CONTENT.replace(b"line", b"LINE"), CONTENT[:50], b""):
            shelf = Shelf(100, ranges=ranges)
            download = await shelf.download(way)
            shelf.content = changed
            if ranges:
                shelf.headers["etag"] = '"v2"'
            with pytest.raises(ResponseError, match="another file the second time") as caught:
                await way.get(download.read())
            assert caught.value.operation == "files.content"


@pytest.mark.parametrize(
    "wrong", ["bytes 99-1389/1390", "bytes 101-1389/1390", "bytes */1390", "", "x", "bytes 100-1389"]
)
async def test_another_part_than_was_asked_for_is_refused(wrong: str, way: Way) -> None:
    if way.name == "trio":
        pytest.skip("httpx leaves generators of its own to be collected here, of which trio complains")
    shelf = Shelf(100)
    shelf.then = [httpx.Response(206, headers={"content-range": wrong}, content=CONTENT[100:])]
    with pytest.raises(ResponseError, match="another part of the file than was asked for"):
        await way.get((await shelf.download(way)).read())


async def test_a_file_that_was_all_there_is_complete(way: Way) -> None:
    if way.name == "trio":
        pytest.skip("httpx leaves generators of its own to be collected here, of which trio complains")
    shelf = Shelf(len(CONTENT))
    assert await way.get((await shelf.download(way)).read()) == CONTENT
    assert shelf.asked == [None, f"bytes={len(CONTENT)}-"]


async def test_an_error_in_place_of_the_rest_is_that_error(way: Way) -> None:
    if way.name == "trio":
        pytest.skip("httpx leaves generators of its own to be collected here, of which trio complains")
    for status, kind in ((404, NotFoundError), (500, InternalServerError)):
        shelf = Shelf(100)
        shelf.then = [httpx.Response(status, json={"message": "gone"}) for _ in range(9)]
        with pytest.raises(kind, match="gone"):
            await way.get((await shelf.download(way)).read())


async def test_a_cut_of_the_gateway_is_survived(way: Way, gateway: FakeGateway) -> None:
    gateway.add_file(CONTENT, file_id="f")
    gateway.fail_next(Fault.cut(after=500))
    download = await way.get(way.client(gateway).files.content("f"))
    assert await way.get(download.read()) == CONTENT


@pytest.mark.parametrize("kind", ["sync", "asyncio"])
@settings(max_examples=40)
@given(st.lists(st.integers(0, 1500), max_size=6), st.booleans(), st.integers(1, 300))
def test_a_download_ends_wherever_it_is_cut(kind: str, cuts: list[int], ranges: bool, size: int) -> None:  # noqa: FBT001 - drawn
    from portkey_ft.testing import FakeClock  # noqa: PLC0415 - a clock for each example
    from tests.support.ways import Way  # noqa: PLC0415 - see above

    way = Way(kind, FakeClock())
    shelf = Shelf(*cuts, ranges=ranges, size=size)

    async def read() -> bytes:
        content: bytes = await way.get((await shelf.download(way, max_retries=5)).read())
        return content

    try:
        content = way.drive(read)
    except APIConnectionError:
        assert len(cuts) > 5
    else:
        assert content == CONTENT
    # No attempt without an end: one more than there are retries.
    assert len(shelf.asked) <= 6
