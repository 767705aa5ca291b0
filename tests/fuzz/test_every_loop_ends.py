"""No step without end: each loop of the client takes a bounded number of steps, whatever it is given.

Steps are requests, chunks and lines, counted; no clock says when it is enough. Decompression has its own bounds beside
its other tests.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portkey_ft import PortkeyError
from portkey_ft._cursors import SeenCursors
from portkey_ft._http.downloads import LineSplitter, Unwrapper
from portkey_ft._http.multipart import Upload
from portkey_ft._http.upload_sources import CHUNK, source_of
from portkey_ft.testing import FakeClock
from tests.support.ways import Way

pytestmark = pytest.mark.filterwarnings("ignore::portkey_ft.PortkeyWarning")
KINDS = pytest.mark.parametrize("kind", ["sync", "asyncio"])
MANY = settings(max_examples=60)
#: What no bound here comes near; a loop without end is stopped.
FAR_TOO_MANY = 1_000

STATUSES = st.sampled_from([200, 204, 206, 301, 307, 308, 400, 401, 404, 408, 409, 429, 446, 500, 502, 503, 999])
HEADERS = st.dictionaries(
    st.sampled_from(["retry-after", "location", "x-portkey-trace-id", "content-type", "content-encoding"]),
    st.sampled_from(["", "0", "1", "59", "https://gateway.test/v1/files/f", "/", "text/html", "gzip", "br"]),
    max_size=3,
)
IDS = [f"i{number}" for number in range(6)]
MARKS = st.sampled_from([b"\n", b"\r\n", b'{"html-message":"', b"<html", b'"}'])
STATES = st.sampled_from(["queued", "running", "succeeded", "failed", "unheard-of", None, 5])


class Counted:
    """A server that counts what it is asked, and says what a function says."""

    def __init__(self, say: Callable[[int, httpx.Request], httpx.Response]) -> None:
        self._say = say
        self.requests = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Respond, unless it has been asked far too often."""
        self.requests += 1
        assert self.requests < FAR_TOO_MANY, "this loop never ends"
        return self._say(self.requests - 1, request)

    def run(self, kind: str, use: Callable[[Way, Any], Any], **options: Any) -> None:  # noqa: ANN401 - a client's own
        """Make a client and use it, to whatever end."""
        way = Way(kind, FakeClock())

        async def used() -> None:
            client = way.client(httpx.MockTransport(self), **options)
            try:
                await use(way, client)
            except PortkeyError:
                return

        way.drive(used)


def replies(*choices: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    """Draw what comes one after the other, the last one again and again."""
    return st.lists(st.one_of(*choices), min_size=1, max_size=8)


def _response(drawn: Any) -> httpx.Response:  # noqa: ANN401 - a drawn reply
    if isinstance(drawn, Exception):
        raise drawn
    status, headers, body = drawn
    return httpx.Response(status, headers=headers, stream=httpx.ByteStream(json.dumps(body).encode()))


FAILURES = st.sampled_from([httpx.ConnectError("no"), httpx.ReadTimeout("no"), httpx.RemoteProtocolError("no")])


def _replies(body: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    return replies(st.tuples(STATUSES, HEADERS, body), FAILURES)


@KINDS
@MANY
@given(drawn=_replies(st.just({"id": "f", "status": "queued"})), retries=st.integers(0, 4), paid=st.booleans())
def test_retries_and_redirects_end(kind: str, drawn: list[Any], retries: int, paid: bool) -> None:  # noqa: FBT001 - drawn
    server = Counted(lambda number, _: _response(drawn[min(number, len(drawn) - 1)]))

    async def use(way: Way, client: Any) -> None:  # noqa: ANN401 - either client
        jobs = client.fine_tuning.jobs
        await way.get(jobs.create(model="m", training_file="f") if paid else client.files.retrieve("f"))

    server.run(kind, use, max_retries=retries)
    assert server.requests <= retries + 1


PAGES = st.fixed_dictionaries(
    {"data": st.one_of(st.none(), st.lists(st.sampled_from(IDS).map(lambda name: {"id": name}), max_size=4))},
    optional={"has_more": st.sampled_from([True, False, None, "yes"]), "last_id": st.sampled_from([*IDS, None, ""])},
)


@KINDS
@MANY
@given(
    first=PAGES,
    others=st.dictionaries(st.sampled_from(IDS), PAGES),
    after=st.sampled_from([None, *IDS]),
    limit=st.sampled_from([None, 1, 5]),
)
def test_pages_end(kind: str, first: Any, others: dict[str, Any], after: str | None, limit: int | None) -> None:  # noqa: ANN401 - JSON
    def say(_: int, request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=others.get(request.url.params.get("after", ""), first))

    server = Counted(say)

    async def use(way: Way, client: Any) -> None:  # noqa: ANN401 - either client
        await way.items(client.files.list(after=after, limit=limit))

    server.run(kind, use)
    # Each cursor once, and the beginning.
    assert server.requests <= len(IDS) + 2


@KINDS
@MANY
@given(drawn=_replies(st.fixed_dictionaries({"id": st.just("j"), "status": STATES})), file=st.booleans())
def test_polling_ends(kind: str, drawn: list[Any], file: bool) -> None:  # noqa: FBT001 - drawn
    server = Counted(lambda number, _: _response(drawn[min(number, len(drawn) - 1)]))

    async def use(way: Way, client: Any) -> None:  # noqa: ANN401 - either client
        if file:
            await way.get(client.files.wait_for_processing("f", max_wait_seconds=100, poll_interval=2))
        else:
            await way.get(client.fine_tuning.jobs.wait("j", timeout=100, poll_interval=2))

    server.run(kind, use)
    # A poll each two seconds at most, and three requests for each.
    assert server.requests <= 3 * (100 // 2 + 2)


@KINDS
@MANY
@given(jobs=_replies(st.fixed_dictionaries({"id": st.just("j"), "status": STATES})), events=st.lists(PAGES, min_size=1))
def test_following_ends(kind: str, jobs: list[Any], events: list[Any]) -> None:
    def say(number: int, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/events"):
            return httpx.Response(200, json=events[number % len(events)])
        return _response(jobs[min(number, len(jobs) - 1)])

    server = Counted(say)

    async def use(way: Way, client: Any) -> None:  # noqa: ANN401 - either client
        await way.items(client.fine_tuning.jobs.follow("j", timeout=60, poll_interval=2))

    server.run(kind, use)
    # For each poll the job and its events, three requests each, and for each new event at most another page.
    assert server.requests <= 6 * (60 // 2 + 2) + 3 * len(IDS)


def _split(text: str) -> list[str]:
    *whole, rest = text.split("\n")
    return [*whole, rest] if rest else whole


@MANY
@given(
    st.lists(st.binary(max_size=40) | st.sampled_from([b"\n", b"\r\n", b'{"html-message":"', b"<html", b'"}'])),
    st.data(),
)
def test_splitting_and_unwrapping_end(chunks: list[bytes], data: st.DataObject) -> None:
    encoding = data.draw(st.sampled_from(["utf-8", "iso8859-1", "utf-16", "utf-32"]))
    splitter = LineSplitter(encoding)
    lines = [line for chunk in chunks for line in splitter.feed(chunk)] + splitter.finish()
    assert lines == [line.removesuffix("\r") for line in _split(b"".join(chunks).decode(encoding, "replace"))]
    # Each line takes at least a byte.
    assert len(lines) <= sum(map(len, chunks)) + 1
    content_type = data.draw(st.sampled_from(["application/json", "text/html", "text/plain"]))
    unwrapper = Unwrapper(content_type)
    given_out = [part for chunk in chunks for part in unwrapper.feed(chunk)]
    assert len(given_out) <= len(chunks)
    assert sum(map(len, given_out)) <= sum(map(len, chunks))


@MANY
@given(st.binary(max_size=30), st.integers(1, 4), st.sampled_from(["a", 'a"\r\nb', "\u00e4" * 50]))
def test_a_form_ends(content: bytes, times: int, name: str) -> None:
    whole = (content or b"x") * (times * CHUNK // 20)
    upload = Upload((("purpose", name),), "file", source_of((name, whole)))
    chunks = list(upload.open())
    # The file in chunks, and what stands before and behind it.
    assert len(chunks) <= len(whole) // CHUNK + 4
    assert sum(map(len, chunks)) <= len(whole) + 2_000


def test_a_loop_without_end_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the guard against circles gone, the bound is what stops the list."""
    monkeypatch.setattr(SeenCursors, "__contains__", lambda *_: False)
    server = Counted(lambda *_: httpx.Response(200, json={"data": [{"id": "i0"}], "has_more": True}))

    async def use(way: Way, client: Any) -> None:  # noqa: ANN401 - either client
        await way.items(client.files.list())

    with pytest.raises(AssertionError, match="this loop never ends"):
        server.run("sync", use)
