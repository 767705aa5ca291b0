"""Compressed responses: read whole, whatever way the bytes come, within limits, and never without end."""

from __future__ import annotations

import gzip
import json
import logging
import zlib
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from portkey_ft import (
    APIConnectionError,
    APIStatusError,
    AuthenticationError,
    BadRequestError,
    PortkeyError,
    RateLimitError,
    ResponseError,
)
from portkey_ft._http import decoding
from portkey_ft._http.decoding import CHUNK, ContentDecoder, DecodingError

if TYPE_CHECKING:
    from tests.support.ways import Way

pytestmark = pytest.mark.anyio
FILE = b'{"id": "f"}'
GZIP = gzip.compress(FILE)
TRACED = {"x-portkey-trace-id": "t-1", "content-type": "application/json"}


class Chunks(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body in chunks of our choice, perhaps cut off by the connection."""

    def __init__(self, *chunks: bytes, broken: bool = False) -> None:
        self._given = chunks
        self._broken = broken

    def __iter__(self) -> Iterator[bytes]:
        yield from self._given
        if self._broken:
            message = "peer closed connection"
            raise httpx.RemoteProtocolError(message)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self:
            yield chunk


class Server:
    """Sends the same response to every request, and counts them."""

    def __init__(self, *chunks: bytes, status: int = 200, broken: bool = False, **headers: str) -> None:
        self.requests = 0
        self._response = (status, chunks, broken)
        self._headers = {**TRACED, **{name.replace("_", "-"): value for name, value in headers.items()}}

    def __call__(self, _: httpx.Request) -> httpx.Response:
        """Respond to a request."""
        self.requests += 1
        status, chunks, broken = self._response
        return httpx.Response(status, stream=Chunks(*chunks, broken=broken), headers=self._headers)

    def client(self, way: Way, **options: Any) -> Any:  # noqa: ANN401 - either client
        """Make a client of this server."""
        return way.client(httpx.MockTransport(self), **options)


def skip_where_httpx_leaves_generators(way: Way) -> None:
    if way.name == "trio":
        pytest.skip("httpx leaves generators of its own to be collected here, of which trio complains")


async def download(way: Way, client: Any) -> bytes:  # noqa: ANN401 - either client
    content: bytes = await way.get((await way.get(client.files.content("f"))).read())
    return content


ENDINGS = {
    "a zero": (b"\0", b""),
    "many zeros": (bytes(600), b""),
    "a member": (gzip.compress(b" "), b" "),
    "members and zeros": (gzip.compress(b" ") + bytes(9) + gzip.compress(b"\n"), b" \n"),
    "an empty member": (gzip.compress(b""), b""),
}


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("size", [1, CHUNK - 11, CHUNK + 1, 3 * CHUNK])
async def test_what_follows_a_gzip_member_is_read_and_never_read_for_ever(ending: str, size: int, way: Way) -> None:
    packed, more = ENDINGS[ending]
    page = b'{"data": [{"id": "f"}], "has_more": false}' + b" " * size
    body = gzip.compress(page) + packed
    for chunks in ((body,), (gzip.compress(page), packed), tuple(bytes((byte,)) for byte in body)):
        server = Server(*chunks, content_encoding="gzip")
        assert [file.id for file in await way.items(server.client(way).files.list())] == ["f"]
        server = Server(*chunks, content_encoding="gzip", content_type="text/plain")
        assert await download(way, server.client(way)) == page + more
        server = Server(*chunks, status=400, content_encoding="gzip")
        with pytest.raises(BadRequestError) as caught:
            await way.get(server.client(way).files.retrieve("f"))
        assert caught.value.body == {"data": [{"id": "f"}], "has_more": False}


@pytest.mark.parametrize("rest", [b"x", b"\0x", b"\x1f\x8c", gzip.compress(b"x", mtime=0)[:-4] + b"1234", b"\0" + FILE])
async def test_what_follows_and_is_no_gzip_is_an_error(rest: bytes, way: Way) -> None:
    skip_where_httpx_leaves_generators(way)
    server = Server(GZIP + rest, content_encoding="gzip")
    for call in (lambda: server.client(way).files.retrieve("f"), lambda: download(way, server.client(way))):
        with pytest.raises(ResponseError, match="cannot be decoded: it cannot be decompressed") as caught:
            await way.get(call())
        assert (caught.value.trace_id, caught.value.status_code) == ("t-1", 200)
    # A good status whose body is damaged is not asked for again.
    assert server.requests == 2


READ = {
    "gzip": GZIP,
    " GZip ": GZIP,
    "x-gzip": GZIP,
    "identity": FILE,
    "": FILE,
    "identity, gzip": GZIP,
    "gzip, identity,": GZIP,
    "deflate": zlib.compress(FILE),
    "DEFLATE": zlib.compress(FILE, 9),
    "deflate ": zlib.compress(FILE, wbits=-15),
    "gzip, gzip": gzip.compress(GZIP),
    "deflate, gzip": gzip.compress(zlib.compress(FILE)),
    "gzip, deflate": zlib.compress(GZIP),
    "br": FILE,
    "zstd": FILE,
    "utf-8": FILE,
    "gzip, br": FILE.replace(b"f", "\u00e4".encode()),
}


@pytest.mark.parametrize("coding", [coding for coding in READ if coding != "gzip, br"])
async def test_codings_are_read_where_they_can_be_told(coding: str, way: Way) -> None:
    server = Server(READ[coding], content_encoding=coding)
    assert (await way.get(server.client(way).files.retrieve("f"))).id == "f"
    assert await download(way, server.client(way)) == FILE
    # As bytes come from a slow connection.
    server = Server(*(bytes((byte,)) for byte in READ[coding]), content_encoding=coding)
    assert (await way.get(server.client(way).files.retrieve("f"))).id == "f"


NOT_READ = {
    "br": bytes.fromhex("0b058068656c6c6f03"),
    "br, of nothing": b";",
    "zstd": bytes.fromhex("28b52ffd0458210000616263") + bytes(4),
    "gzip": FILE,
    "deflate": FILE,
    "gzip, br": bytes.fromhex("0b058068656c6c6f03"),
    "gzip, gzip, gzip, gzip, gzip": FILE,
    "binary": b"\x89PNG\r\n",
}
UNDECODABLE = {name: (name.partition(", of")[0], body) for name, body in NOT_READ.items()}


@pytest.mark.parametrize("name", UNDECODABLE)
async def test_a_good_status_that_cannot_be_decoded_keeps_its_status(name: str, way: Way) -> None:
    skip_where_httpx_leaves_generators(way)
    coding, body = UNDECODABLE[name]
    server = Server(body, content_encoding=coding)
    client = server.client(way)
    for call, operation, paid in (
        (lambda: client.files.retrieve("f"), "files.retrieve", False),
        (lambda: download(way, client), "files.content", False),
        (lambda: client.fine_tuning.jobs.create(model="m", training_file="f"), "fine_tuning.jobs.create", True),
    ):
        with pytest.raises(ResponseError, match="has status 200 and cannot be decoded") as caught:
            await way.get(call())
        assert (caught.value.operation, caught.value.status_code) == (operation, 200)
        assert ("check whether it took effect" in str(caught.value)) is paid
    assert server.requests == 3


async def test_what_has_no_coding_arrives_as_it_is(way: Way) -> None:
    for content in (b"\x00\xff", b"a", bytes(range(256)) * 99):
        assert await download(way, Server(content).client(way)) == content
    assert (await way.get(Server(b'{"id": "f"}', b"  ").client(way).files.retrieve("f"))).id == "f"


@pytest.mark.parametrize(("sent", "trace_id", "logged"), [("t-9", "t-9", "t-9"), ("", None, "-")])
async def test_what_cannot_be_decoded_is_logged_and_told_with_its_trace_id(
    sent: str, trace_id: str | None, logged: str, way: Way, caplog: pytest.LogCaptureFixture
) -> None:
    skip_where_httpx_leaves_generators(way)
    caplog.set_level(logging.INFO, "portkey_ft")
    server = Server(b"\xff\xff\xff\xff", content_encoding="br", x_portkey_trace_id=sent)
    with pytest.raises(ResponseError) as caught:
        await way.get(server.client(way).files.retrieve("f"))
    assert caught.value.trace_id == trace_id
    assert f"GET /files/f -> 200 in 0 ms, attempt 1, trace id {logged}" in caplog.messages


@pytest.mark.parametrize("name", UNDECODABLE)
@pytest.mark.parametrize(
    ("status", "kind"), [(401, AuthenticationError), (400, BadRequestError), (307, APIStatusError)]
)
async def test_the_status_of_an_error_counts_and_not_its_body(
    name: str, status: int, kind: type[APIStatusError], way: Way
) -> None:
    coding, body = UNDECODABLE[name]
    server = Server(body, status=status, content_encoding=coding)
    client = server.client(way)
    for call in (
        lambda: client.files.retrieve("f"),
        lambda: client.files.content("f"),
        lambda: client.fine_tuning.jobs.create(model="m", training_file="f"),
    ):
        with pytest.raises(kind) as caught:
            await way.get(call())
        assert (caught.value.status_code, caught.value.trace_id) == (status, "t-1")
        assert not hasattr(caught.value, "outcome_unknown")
        # A proxy that decompresses may leave the label on.
        assert caught.value.body == (json.loads(FILE) if body == FILE else "")
    assert server.requests == 3


async def test_an_error_whose_body_breaks_off_is_that_error(way: Way) -> None:
    skip_where_httpx_leaves_generators(way)
    message = b'{"error": {"message": "the key is wrong"'
    for coding, chunk in (("", message), ("gzip", gzip.compress(message)[:-10]), ("gzip", b"")):
        server = Server(*filter(None, [chunk]), status=401, broken=True, content_encoding=coding)
        with pytest.raises(AuthenticationError) as caught:
            await way.get(server.client(way).files.retrieve("f"))
        assert server.requests == 1
        assert "the key" in caught.value.body or not chunk


async def test_an_error_that_may_pass_is_tried_again_though_its_body_cannot_be_read(way: Way) -> None:
    server = Server(b"\xff\xff\xff\xff", status=429, content_encoding="br")
    with pytest.raises(RateLimitError):
        await way.get(server.client(way).fine_tuning.jobs.create(model="m", training_file="f"))
    assert server.requests == 3


@pytest.mark.parametrize("coding", ["", "gzip"])
async def test_a_good_status_that_breaks_off_is_tried_again_where_that_is_safe(coding: str, way: Way) -> None:
    skip_where_httpx_leaves_generators(way)
    server = Server(GZIP[:-3] if coding else FILE, broken=not coding, content_encoding=coding)
    with pytest.raises(APIConnectionError, match="has status 200 and broke off") as caught:
        await way.get(server.client(way).files.retrieve("f"))
    assert server.requests == 3
    assert (caught.value.outcome_unknown, caught.value.trace_id) == (True, "t-1")
    with pytest.raises(APIConnectionError, match="check whether it took effect"):
        await way.get(server.client(way).fine_tuning.jobs.create(model="m", training_file="f"))
    assert server.requests == 4


async def test_an_empty_response_may_have_a_coding(way: Way) -> None:
    for coding in ("gzip", "deflate", "br"):
        with pytest.raises(ResponseError, match="empty"):
            await way.get(Server(content_encoding=coding).client(way).files.retrieve("f"))


async def test_only_gzip_is_asked_for(way: Way) -> None:
    asked: list[str] = []

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(request.headers["accept-encoding"])
        return httpx.Response(200, content=FILE)

    await way.get(way.client(httpx.MockTransport(handle)).files.retrieve("f"))
    assert asked == ["gzip"]


ZEROS = bytes(64 * 1024 * 1024)
#: Each is made by the test that sends it: all of them take seconds.
BOMBS: Mapping[str, tuple[str, Callable[[], bytes]]] = {
    "gzip": ("gzip", lambda: gzip.compress(ZEROS, 9)),
    "deflate": ("deflate", lambda: zlib.compress(ZEROS, 9)),
    "bare deflate": ("deflate", lambda: zlib.compress(ZEROS, 9, -15)),
    "gzip in gzip": ("gzip, gzip", lambda: gzip.compress(gzip.compress(ZEROS, 9), 9)),
    "deflate in gzip": ("deflate, gzip", lambda: gzip.compress(zlib.compress(ZEROS, 9), 9)),
    "padding in gzip": ("gzip, gzip", lambda: gzip.compress(GZIP + ZEROS, 9)),
    "members of nothing": ("gzip", lambda: gzip.compress(b"") * 500_000),
    "members of nothing in gzip": ("gzip, gzip", lambda: gzip.compress(gzip.compress(b"") * 500_000, 9)),
    "blocks of nothing": ("deflate", lambda: b"\x00\x00\x00\xff\xff" * 500_000),
}


@cache
def bomb(name: str) -> bytes:
    return BOMBS[name][1]()


@pytest.mark.parametrize("name", BOMBS)
async def test_a_bomb_is_broken_off_early(name: str, way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the coding: what is worked through stays near the limit, counted in chunks and not by a clock."""
    skip_where_httpx_leaves_generators(way)
    worked = 0

    class Counting:
        def __init__(self, window_bits: int) -> None:
            self._real = zlib.decompressobj(window_bits)

        def decompress(self, data: bytes, most: int) -> bytes:
            nonlocal worked
            decoded = self._real.decompress(data, most)
            worked += len(decoded)
            return decoded

        def __getattr__(self, attribute: str) -> object:
            return getattr(self._real, attribute)

    # It counts what zlib does, and does it.
    monkeypatch.setattr(decoding, "zlib", type("zlib", (), {**vars(zlib), "decompressobj": Counting}))
    coding, body = BOMBS[name][0], bomb(name)
    for status in (200, 400):
        worked = 0
        client = Server(body, status=status, content_encoding=coding).client(way, max_response_bytes=1024 * 1024)
        with pytest.raises(PortkeyError):
            await way.get(client.files.retrieve("f"))
        assert worked <= 4 * 1024 * 1024


def cut(content: bytes, places: list[int]) -> list[bytes]:
    places = sorted({0, len(content), *(place % (len(content) + 1) for place in places)})
    return [content[start:end] for start, end in pairwise(places)]


def decoded(coding: str, chunks: list[bytes]) -> tuple[bytes, str | None, int]:
    """Decode, and tell how many steps it took."""
    decoder, content, steps = ContentDecoder(coding), bytearray(), 0
    try:
        for chunk in chunks:
            for piece in decoder.feed(chunk):
                assert len(piece) <= max(CHUNK, len(chunk))
                content += piece
                steps += 1
        for piece in decoder.finish():
            content += piece
            steps += 1
    except DecodingError as error:
        return bytes(content), str(error), steps
    return bytes(content), None, steps


ENCODERS = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": lambda content: content,
    "identity": lambda content: content,
}
PARTS = st.lists(
    st.binary(max_size=100) | st.binary(min_size=1, max_size=4).map(lambda part: part * 50_000), max_size=4
)


@given(
    PARTS,
    st.sampled_from([b"", b"\0", bytes(600), b"\1", b"\x1f\x8b", GZIP]),
    st.lists(st.sampled_from(sorted(ENCODERS)), min_size=1, max_size=3),
    st.lists(st.integers(0, 400_000), max_size=6),
)
@example([b"x" * 65_537], b"\0", ["gzip"], [])
@example([b"x" * 65_537, b"y"], b"", ["gzip"], [])
def test_decoding_ends_and_does_not_depend_on_how_the_bytes_come(
    parts: list[bytes], ending: bytes, codings: list[str], places: list[int]
) -> None:
    body = b"".join(gzip.compress(part) for part in parts) if codings[0] == "gzip" else b"".join(parts)
    body += ending
    for coding in codings[1:]:
        body = ENCODERS[coding](body)
    header = ", ".join(codings)
    content, problem, steps = decoded(header, cut(body, places))
    whole, same, _ = decoded(header, [body])
    if problem is None:
        assert (content, same) == (whole, None)
    assert (problem is None) is (same is None)
    if codings[0] == "gzip" and problem is None and "br" not in codings:
        assert content == b"".join(parts) + (FILE if ending == GZIP else b"")
    # No step without consuming: each takes a byte of the input or gives one of the output.
    assert steps <= len(body) + len(content) + len(codings) + len(places) + 2


@given(st.binary(max_size=3000), st.sampled_from(["gzip", "deflate", "br", "gzip, deflate", "x"]), st.data())
def test_decoding_ends_on_any_bytes(body: bytes, coding: str, data: st.DataObject) -> None:
    if data.draw(st.booleans()):
        whole = bytearray(gzip.compress(body) if "gzip" in coding else zlib.compress(body))
        for _ in range(data.draw(st.integers(0, 3))):
            whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
        body = bytes(whole)
    content, _, steps = decoded(coding, cut(body, data.draw(st.lists(st.integers(0, 3000), max_size=4))))
    assert steps <= len(body) + len(content) + 8
