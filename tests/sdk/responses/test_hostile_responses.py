"""Answers that mean to fill the memory or to confuse: bounded, read strictly, and told with operation and trace id."""

from __future__ import annotations

import gzip
import json
import pickle
import tracemalloc
import warnings
import zlib
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portkey_ft import (
    APIStatusError,
    AuthenticationError,
    ConfigurationError,
    InternalServerError,
    Portkey,
    PortkeyError,
    PortkeyWarning,
    ResponseError,
)
from portkey_ft._http.downloads import Unwrapper
from portkey_ft._http.exchange import MAX_ERROR_BYTES
from portkey_ft._json import DEEPEST, is_array, is_object, read_json
from portkey_ft._settings import MAX_RESPONSE_BYTES

if TYPE_CHECKING:
    from tests.support.ways import Way, Wire

pytestmark = [pytest.mark.anyio, pytest.mark.security]
TRACED = {"x-portkey-trace-id": "t-1", "content-type": "application/json"}
MEGABYTE = 1024 * 1024


class Endless(httpx.SyncByteStream, httpx.AsyncByteStream):
    """Gives a chunk again and again, and counts how often it was asked."""

    def __init__(self, chunk: bytes, times: int = 10_000, before: bytes = b"") -> None:
        self.chunk, self.times, self.before = chunk, times, before
        self.given = 0
        self.closed = False

    def _chunks(self) -> Iterator[bytes]:
        if self.before:
            yield self.before
        for _ in range(self.times):
            self.given += 1
            yield self.chunk

    def __iter__(self) -> Iterator[bytes]:
        return self._chunks()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self._chunks():
            yield chunk

    def close(self) -> None:
        """Take note that nobody wants more."""
        self.closed = True

    async def aclose(self) -> None:
        """Take note that nobody wants more."""
        self.closed = True


def saying(stream: httpx.SyncByteStream | bytes, status: int = 200, **headers: str) -> httpx.MockTransport:
    """Answer everything with a stream that is not read before it is asked for."""
    made = httpx.ByteStream(stream) if isinstance(stream, bytes) else stream
    all_headers = {**TRACED, **{name.replace("_", "-"): value.encode() for name, value in headers.items()}}
    return httpx.MockTransport(lambda _: httpx.Response(status, stream=made, headers=all_headers))


def skip_where_httpx_leaves_generators(way: Way) -> None:
    if way.name == "trio":
        pytest.skip("httpx leaves generators of its own to be collected here, of which trio complains")


def assert_told(error: PortkeyError, operation: str) -> None:
    assert (error.operation, error.trace_id) == (operation, "t-1")


async def test_an_answer_that_is_too_large_is_broken_off(way: Way) -> None:
    skip_where_httpx_leaves_generators(way)
    stream = Endless(b"x" * 64 * 1024)
    client = way.client(saying(stream), max_response_bytes=MEGABYTE)
    with pytest.raises(ResponseError, match="larger than the client takes") as caught:
        await way.get(client.files.retrieve("f"))
    assert_told(caught.value, "files.retrieve")
    assert "max_response_bytes" in str(caught.value)
    assert stream.given <= 17
    assert stream.closed


async def test_an_answer_that_announces_too_much_is_not_read(way: Way) -> None:
    skip_where_httpx_leaves_generators(way)
    stream = Endless(b"x" * 1024)
    client = way.client(saying(stream, content_length=str(MAX_RESPONSE_BYTES + 1)))
    with pytest.raises(ResponseError, match="larger"):
        await way.get(client.files.retrieve("f"))
    assert stream.given <= 1


@pytest.mark.parametrize("announced", ["8" * 5000, "1" + "0" * 30])
async def test_a_length_beyond_all_numbers_is_too_much(announced: str, way: Way) -> None:
    skip_where_httpx_leaves_generators(way)
    for body in (b'{"id": "f"}', b"7"):
        client = way.client(saying(body, content_length=announced))
        with pytest.raises(ResponseError, match="larger"):
            await way.get(client.files.retrieve("f"))


@pytest.mark.parametrize("announced", ["0", "0" * 30 + "11", "eleven", "-11", "1_1", "\u00b2", "", "+11"])
async def test_a_length_that_says_nothing_of_too_much_does_not_keep_the_body_from_being_read(
    announced: str, way: Way
) -> None:
    client = way.client(saying(b'{"id": "f"}', content_length=announced))
    assert (await way.get(client.files.retrieve("f"))).id == "f"


async def test_the_bound_is_a_setting_of_the_client(way: Way, wire: Wire) -> None:
    body = json.dumps({"id": "f", "filename": "x" * 100}).encode()
    client = way.client(wire.say((200, body)), max_response_bytes=len(body))
    assert (await way.get(client.files.retrieve("f"))).id == "f"
    with pytest.raises(ResponseError):
        await way.get(client.with_options(max_response_bytes=len(body) - 1).files.retrieve("f"))
    assert (await way.get(client.with_options(timeout=1).files.retrieve("f"))).id == "f"
    assert Portkey(api_key="pk", virtual_key="vk")._transport.endpoint.max_response_bytes == 64 * MEGABYTE
    for wrong in (0, -1, 1.5, True, "1", float("inf")):
        with pytest.raises(ConfigurationError, match="max_response_bytes"):
            client.with_options(max_response_bytes=wrong)
        with pytest.raises(ConfigurationError, match="max_response_bytes"):
            way.client(wire, max_response_bytes=wrong)


@pytest.mark.parametrize("packed", [False, True])
async def test_a_create_that_is_answered_with_too_much_is_not_repeated(way: Way, *, packed: bool) -> None:
    skip_where_httpx_leaves_generators(way)
    sent = 0

    def handle(_: httpx.Request) -> httpx.Response:
        nonlocal sent
        sent += 1
        content = b" " * 5000
        headers = {**TRACED, "content-encoding": "gzip"} if packed else TRACED
        return httpx.Response(
            200, stream=httpx.ByteStream(gzip.compress(content) if packed else content), headers=headers
        )

    client = way.client(httpx.MockTransport(handle), max_response_bytes=1000)
    calls = {
        "fine_tuning.jobs.create": lambda: client.fine_tuning.jobs.create(model="m", training_file="f"),
        "fine_tuning.jobs.cancel": lambda: client.fine_tuning.jobs.cancel("j"),
        "files.create": lambda: client.files.create(file=b"x"),
    }
    for number, (operation, call) in enumerate(calls.items(), start=1):
        with pytest.raises(ResponseError, match="may have taken effect") as caught:
            await way.get(call())
        assert_told(caught.value, operation)
        assert sent == number


async def test_an_error_that_is_too_large_is_still_that_error(way: Way) -> None:
    skip_where_httpx_leaves_generators(way)
    stream = Endless(b"x" * 64 * 1024)
    with pytest.raises(AuthenticationError) as caught:
        await way.get(way.client(saying(stream, 401)).files.retrieve("f"))
    assert_told(caught.value, "files.retrieve")
    assert stream.given <= MAX_ERROR_BYTES // (64 * 1024) + 1
    assert len(str(caught.value)) < 1000
    client = way.client(saying(Endless(b"x" * 1024), 500), max_response_bytes=10)
    with pytest.raises(InternalServerError, match="may have taken effect"):
        await way.get(client.fine_tuning.jobs.create(model="m", training_file="f"))


async def test_reading_is_repeated_after_an_error_of_any_size(way: Way) -> None:
    skip_where_httpx_leaves_generators(way)
    answers = [
        httpx.Response(503, stream=Endless(b"x" * 64 * 1024)),
        httpx.Response(200, json={"id": "f"}),
    ]
    client = way.client(httpx.MockTransport(lambda _: answers.pop(0)))
    assert (await way.get(client.files.retrieve("f"))).id == "f"


def bomb(megabytes: int) -> bytes:
    """Pack many megabytes of nothing into a thousandth of them."""
    packer = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    return b"".join(packer.compress(bytes(MEGABYTE)) for _ in range(megabytes)) + packer.flush()


BOMB = bomb(64)


def peak(function: Any, *args: object) -> int:  # noqa: ANN401 - any function
    """Tell how much memory a function needs at its height."""
    tracemalloc.start()
    try:
        function(*args)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("status", [200, 400])
def test_a_packed_bomb_is_found_early(status: int, way: Way) -> None:
    """What is counted is what it unpacks to, and a piece is never larger than 64 KiB."""
    skip_where_httpx_leaves_generators(way)

    async def retrieve() -> None:
        client = way.client(saying(BOMB, status, content_encoding="gzip"), max_response_bytes=MEGABYTE)
        with pytest.raises(ResponseError if status == 200 else APIStatusError) as caught:
            await way.get(client.files.retrieve("f"))
        assert_told(caught.value, "files.retrieve")

    assert peak(way.drive, retrieve) < 16 * MEGABYTE


def test_a_packed_download_takes_no_more_memory_than_a_few_pieces(way: Way, tmp_path: Any) -> None:  # noqa: ANN401 - a path
    async def download() -> None:
        headers = {"content_encoding": "gzip", "content_type": "application/octet-stream"}
        client = way.client(saying(BOMB, **headers), max_response_bytes=1)
        got = await way.get(client.files.content("f"))
        assert await way.get(got.write_to(tmp_path / "out")) == 64 * MEGABYTE

    assert peak(way.drive, download) < 8 * MEGABYTE


def test_a_wrapped_download_is_unwrapped_as_it_comes(way: Way, tmp_path: Any) -> None:  # noqa: ANN401 - a path
    stream = Endless(b"x\\n" * 20_000, 500, before=b'{"html-message":"')

    async def download() -> None:
        client = way.client(saying(stream), max_response_bytes=1)
        got = await way.get(client.files.content("f"))
        with pytest.raises(ResponseError, match="wrapped"):
            # It never ends as JSON does.
            await way.get(got.write_to(tmp_path / "out"))

    assert peak(way.drive, download) < 8 * MEGABYTE
    assert stream.given == 500


NO_TEXT = ('"\\uZZZZ', '"x"}', "5", '"\\x')


@pytest.mark.parametrize("start", NO_TEXT)
def test_what_cannot_be_unwrapped_is_not_piled_up(start: str) -> None:
    unwrapper = Unwrapper("application/json")
    assert b"".join(unwrapper.feed(b'{"html-message":' + start.encode())) in {b"", b"x"}

    def feed() -> None:
        assert [piece for _ in range(200) for piece in unwrapper.feed(b"x" * 64 * 1024) if piece] == []

    assert peak(feed) < MEGABYTE
    with pytest.raises(ResponseError, match="wrapped"):
        unwrapper.finish()


def test_a_wrapping_may_be_written_with_blanks() -> None:
    unwrapper = Unwrapper("application/json")
    parts = ('{"html-message":', " ", '"\\ud83d', '\\ude00\\n"', " ", "\r\n}", "  ")
    assert b"".join(piece for part in parts for piece in unwrapper.feed(part.encode())) == "\U0001f600\n".encode()
    assert unwrapper.finish() == []


NO_JSON = {
    "deep lists": b"[" * 100_000,
    "deep lists that end": b"[" * 200_000 + b"]" * 200_000,
    "deep objects": b'{"a":' * 500 + b"1" + b"}" * 500,
    "deep below": b'{"id": "f", "x": ' + b"[" * DEEPEST + b"]" * DEEPEST + b"}",
    "huge number": b'{"id": "f", "bytes": ' + b"9" * 5000 + b"}",
    "huge float": b'{"id": "f", "bytes": 1e999}',
    "latin": b'{"id": "\xe4"}',
    "utf-16": '{"id": "f"}'.encode("utf-16"),
    "surrogates in bytes": b'{"id": "\xed\xa0\x80"}',
    "two values": b'{"id": "f"} {"id": "g"}',
    "control": b'{"id": "a\nb"}',
    "nothing": b"",
}


@pytest.mark.parametrize("name", [name for name in NO_JSON if name != "huge float"])
async def test_what_is_no_json_is_a_typed_error(name: str, way: Way, wire: Wire) -> None:
    client = way.client(wire.say((200, NO_JSON[name], TRACED)))
    for operation, call in (
        ("files.retrieve", lambda: client.files.retrieve("f")),
        ("fine_tuning.jobs.create", lambda: client.fine_tuning.jobs.create(model="m", training_file="f")),
    ):
        wire.requests.clear()
        with pytest.raises(ResponseError) as caught:
            await way.get(call())
        assert_told(caught.value, operation)
        assert ("may have taken effect" in str(caught.value)) is (operation == "fine_tuning.jobs.create")
        assert isinstance(caught.value.body, str)
        assert len(str(caught.value)) < 1000
        assert len(wire.requests) == 1


@pytest.mark.parametrize("name", NO_JSON)
async def test_an_error_that_is_no_json_is_still_that_error(name: str, way: Way, wire: Wire) -> None:
    client = way.client(wire.say((400, NO_JSON[name], TRACED)))
    with pytest.raises(APIStatusError) as caught:
        await way.get(client.files.retrieve("f"))
    assert_told(caught.value, "files.retrieve")


def test_numbers_that_fit_in_no_field_are_none_with_a_warning(wire: Wire) -> None:
    client = Portkey(api_key="pk", virtual_key="vk", http_client=httpx.Client(transport=wire.transport()))
    for content, pointer in (
        (b'{"id": "f", "bytes": ' + b"9" * 4000 + b"}", "/bytes"),
        (b'{"id": "f", "created_at": ' + b"9" * 400 + b"}", "/created_at"),
        (b'{"id": "f", "created_at": 1e300}', "/created_at"),
    ):
        wire.say((200, content, TRACED))
        with pytest.warns(PortkeyWarning, match=f"the field {pointer} of the response was read as None") as caught:
            file = client.files.retrieve("f")
        assert (file.id, file.bytes, file.created_at) == ("f", None, None)
        # At the line of the caller.
        assert caught[0].filename == __file__
    # One that is not finite counts as missing.
    wire.say((200, NO_JSON["huge float"]))
    assert client.files.retrieve("f").bytes is None


async def test_a_loss_that_is_no_number_does_not_hide_the_page(way: Way, wire: Wire) -> None:
    page = b'{"data": [{"id": "c1", "metrics": {"train_loss": NaN, "step": 1, "own": -Infinity}}, {"id": "c2"}]}'
    client = way.client(wire.say((200, page), {"data": []}))
    first, second = await way.items(client.fine_tuning.jobs.checkpoints.list("j"))
    assert (first.metrics.train_loss, first.metrics.step, first.metrics.extra) == (None, 1, {"own": None})
    assert second.id == "c2"


def test_what_is_not_too_deep_is_read() -> None:
    assert read_json(b"[" * DEEPEST + b"]" * DEEPEST)
    assert read_json(b'["' + b"[" * 1000 + b'"]') == ["[" * 1000]
    assert len(read_json(b"[" + b",".join([b"[[]]"] * 1000) + b"]")) == 1000
    assert read_json(b'\xef\xbb\xbf{"a": [{"b": null}]}') == {"a": [{"b": None}]}


def levels(data: object) -> int:
    if is_object(data):
        data = list(data.values())
    return 1 + max(map(levels, data), default=0) if is_array(data) else 0


def nested(data: object, depth: int, *, by_list: bool) -> object:
    for _ in range(depth):
        data = [data] if by_list else {"a": data}
    return data


# Text of brackets misleads who counts them, and escapes mislead who looks for the end of a text.
MISLEADING = st.text('[{]}"\\n\x00é', max_size=150)
LEAVES = st.none() | MISLEADING
WIDE = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=8) | st.dictionaries(MISLEADING, inner, max_size=8))


@given(
    wide=WIDE,
    depth=st.integers(DEEPEST - 8, DEEPEST + 1) | st.just(0),
    above=st.integers(0, 3),
    before=st.integers(0, 150),
    by_list=st.booleans(),
)
def test_depth_is_found_wherever_it_is(wide: object, depth: int, above: int, before: int, by_list: bool) -> None:  # noqa: FBT001 - drawn
    """One item of a page is deep, among items that are not."""
    item = nested(wide, depth, by_list=by_list)
    data = nested([*([{"metrics": {"step": 1}}] * before), item, wide], above, by_list=not by_list)
    content = json.dumps(data, ensure_ascii=by_list).encode()
    if levels(data) > DEEPEST:
        with pytest.raises(ValueError, match=f"more than {DEEPEST} levels deep"):
            read_json(content)
    else:
        assert read_json(content) == data


def test_texts_that_close_what_they_do_not_open_hide_no_depth() -> None:
    """Counted with the brackets in its texts, it goes up and down between one and none."""
    assert read_json(b'["]",' * DEEPEST + b"1" + b',"["]' * DEEPEST)
    with pytest.raises(ValueError, match="levels deep"):
        read_json(b'["]",' * (DEEPEST + 1) + b"1" + b',"["]' * (DEEPEST + 1))
    with pytest.raises(ValueError, match="levels deep"):
        read_json(rb'["\"]\\",' * (DEEPEST + 1) + b"1" + rb',"\"[\\"]' * (DEEPEST + 1))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-7", "cp037"])
def test_depth_is_found_in_any_encoding(encoding: str) -> None:
    """Brackets are counted as they are read: some encodings have other bytes for them."""
    assert read_json(("[" * DEEPEST + "]" * DEEPEST).encode(encoding), encoding)
    with pytest.raises(ValueError, match="levels deep"):
        read_json(("[" * (DEEPEST + 1) + "]" * (DEEPEST + 1)).encode(encoding), encoding)


def test_what_was_read_can_be_copied_and_shown(wire: Wire) -> None:
    """At the bound for nesting, nothing that is done with a value gives up."""
    deep = b'{"id": "f", "status": "queued", "method": ' + b'{"a":' * (DEEPEST - 2) + b"1" + b"}" * (DEEPEST - 1)
    client = Portkey(
        api_key="pk", virtual_key="vk", http_client=httpx.Client(transport=wire.say((200, deep)).transport())
    )
    job = client.fine_tuning.jobs.retrieve("j")
    assert json.loads(json.dumps(job.to_dict()))
    assert repr(job)
    assert job._repr_html_()


async def test_a_created_job_is_named_where_warnings_are_errors(way: Way, wire: Wire) -> None:
    client = way.client(wire.say({"id": "ftjob-7", "status": "queued", "seed": 1.5}))
    with warnings.catch_warnings():
        warnings.simplefilter("error", PortkeyWarning)
        with pytest.raises(PortkeyWarning, match=r"fine_tuning\.jobs\.create \(ftjob-7\): the field /seed"):
            await way.get(client.fine_tuning.jobs.create(model="m", training_file="f"))
    assert len(wire.requests) == 1


async def test_an_error_about_a_response_holds_its_id_and_its_body_without_keys(way: Way, wire: Wire) -> None:
    file = {"id": "file-1", "bytes": 0, "status": "uploaded"}
    with pytest.raises(ResponseError, match=r"stored an empty file\. Its id is file-1\. Hint") as caught:
        await way.get(way.client(wire.say(file)).files.create(file=b"{}\n"))
    assert caught.value.id == "file-1"
    wire.say((200, {"object": "vk-0123456789", "x": ["vk-0123456789"]}))
    with pytest.raises(ResponseError) as caught:
        await way.get(way.client(wire).files.retrieve("f"))
    assert caught.value.body == {"object": "***", "x": ["***"]}
    assert pickle.loads(pickle.dumps(caught.value)).body == caught.value.body  # noqa: S301 - our own
