"""The next page ahead: asked for while the caller is busy with this one, and nothing else is different."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import anyio
import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portkey_ft import AsyncPortkey, InternalServerError, Portkey

if TYPE_CHECKING:
    from tests.support.ways import Way, Wire

pytestmark = pytest.mark.anyio


def page(*ids: str, more: bool = True) -> dict[str, Any]:
    return {"object": "list", "data": [{"id": name} for name in ids], "has_more": more}


async def until(happened: Callable[[], bool]) -> None:
    """Give what runs in the background the time that it needs."""
    with anyio.fail_after(120):
        while not happened():  # noqa: ASYNC110 - it may happen in a thread, which sets no event
            await anyio.sleep(0.001)


async def test_nothing_is_sent_before_the_first_item_and_one_page_more_after_it(way: Way, wire: Wire) -> None:
    client = way.client(wire.say(page("a", "b"), page("c"), page("d", more=False)), max_retries=0)
    listing = client.fine_tuning.jobs.list(prefetch=True)
    assert wire.requests == []
    items = way.iterate(listing)
    assert (await way.next(items)).id == "a"
    await until(lambda: len(wire.requests) == 2)
    assert listing.cursor == "a"
    assert (await way.next(items)).id == "b"
    assert len(wire.requests) == 2
    assert [(await way.next(items)).id, (await way.next(items)).id] == ["c", "d"]
    assert len(wire.requests) == 3


async def test_every_list_can_be_prefetched(way: Way, wire: Wire) -> None:
    client = way.client(wire)
    jobs = client.fine_tuning.jobs
    for listing in (
        jobs.list(prefetch=True),
        jobs.list_events("j", prefetch=True),
        jobs.checkpoints.list("j", prefetch=True),
        client.files.list(prefetch=True),
    ):
        wire.say(page("a"), page("b", more=False))
        assert [item.id for item in await way.items(listing)] == ["a", "b"]
        wire.say(page("a"), page("b", more=False))
        assert [len(one) for one in await way.items(listing.pages())] == [1, 1]


async def test_an_iterator_of_pages_is_iterable_itself(way: Way, wire: Wire) -> None:
    listing = way.client(wire.say(page("a"), page("b", more=False))).files.list(prefetch=True)
    assert [len(one) for one in await way.items(way.iterate(listing.pages()))] == [1, 1]
    plain: Any = listing._pages()
    assert (aiter(plain) if way.is_async else iter(plain)) is plain


async def test_what_needs_one_page_asks_for_one(way: Way, wire: Wire) -> None:
    client = way.client(wire.say(page("a"), page("b", more=False)))
    assert [item.id for item in await way.items(client.files.list(prefetch=True, limit=1))] == ["a"]
    assert len(wire.requests) == 1


async def test_a_fault_is_told_when_the_caller_gets_there(way: Way, wire: Wire) -> None:
    client = way.client(wire.say(page("a", "b"), (500, {"error": {"message": "no"}})), max_retries=0)
    listing = client.files.list(prefetch=True)
    items = way.iterate(listing)
    got = [(await way.next(items)).id, (await way.next(items)).id]
    with pytest.raises(InternalServerError):
        await way.next(items)
    assert (got, listing.cursor) == (["a", "b"], "b")


async def test_a_caller_who_leaves_waits_for_nothing(way: Way, wire: Wire) -> None:
    client = way.client(wire.say(page("a"), page("b"), page("c", more=False)))
    items = way.iterate(client.files.list(prefetch=True))
    assert (await way.next(items)).id == "a"
    del items
    await until(lambda: len(wire.requests) == 2)


@settings(max_examples=40)
@given(st.lists(st.integers(1, 4), min_size=1, max_size=5), st.integers(0, 20) | st.none())
def test_each_item_comes_once_and_in_order_for_any_cut_and_any_limit(
    way: Way, wire: Wire, cuts: list[int], limit: int | None
) -> None:
    names = [f"i{number}" for number in range(sum(cuts))]
    rest = iter(names)
    pages = [page(*(next(rest) for _ in range(cut)), more=index + 1 < len(cuts)) for index, cut in enumerate(cuts)]

    async def run() -> None:
        wire.requests.clear()
        client = way.client(wire.say(*pages))
        got = [item.id for item in await way.items(client.files.list(prefetch=True, limit=limit))]
        assert got == names[:limit]

    way.drive(run)


def test_the_next_page_is_on_its_way_while_the_caller_works() -> None:
    """The server answers the second request only while the caller still holds the first page."""
    working = threading.Event()

    def answer(request: httpx.Request) -> httpx.Response:
        if b"after" in request.url.query:
            assert working.wait(120)
            return httpx.Response(200, json=page("b", more=False))
        return httpx.Response(200, json=page("a"))

    with Portkey(api_key="pk", virtual_key="vk", http_client=httpx.Client(transport=httpx.MockTransport(answer))) as c:
        got = []
        for item in c.files.list(prefetch=True):
            got.append(item.id)
            working.set()
    assert got == ["a", "b"]


def _stalling(asked: Callable[[], Awaitable[None]]) -> AsyncPortkey:
    async def answer(request: httpx.Request) -> httpx.Response:
        if b"after" in request.url.query:
            await asked()
            await anyio.sleep_forever()
        return httpx.Response(200, json=page("a"))

    client = httpx.AsyncClient(transport=httpx.MockTransport(answer))
    return AsyncPortkey(api_key="pk", virtual_key="vk", http_client=client)


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_caller_who_is_cancelled_takes_the_step_along_and_the_list_has_ended(backend: str) -> None:
    async def main() -> None:
        begun, stopped = anyio.Event(), anyio.Event()

        async def asked() -> None:
            begun.set()
            try:
                await anyio.sleep_forever()
            finally:
                stopped.set()

        items = aiter(_stalling(asked).files.list(prefetch=True))
        assert (await anext(items)).id == "a"

        async def ask(scope: anyio.CancelScope) -> None:
            with scope:
                waiting.set()
                await anext(items)

        waiting = anyio.Event()
        async with anyio.create_task_group() as tasks:
            scope = anyio.CancelScope()
            tasks.start_soon(ask, scope)
            await waiting.wait()
            await begun.wait()
            # Until the caller waits for the page that is under way.
            await anyio.wait_all_tasks_blocked()
            scope.cancel()
        assert scope.cancelled_caught
        await stopped.wait()
        with pytest.raises(StopAsyncIteration):
            await anext(items)

    anyio.run(main, backend=backend)


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_step_under_way_does_not_outlive_the_event_loop(backend: str) -> None:
    ended: list[str] = []

    async def main() -> None:
        begun = anyio.Event()

        async def asked() -> None:
            begun.set()
            try:
                await anyio.sleep_forever()
            finally:
                ended.append("cancelled")

        items = aiter(_stalling(asked).files.list(prefetch=True))
        assert (await anext(items)).id == "a"
        await begun.wait()

    anyio.run(main, backend=backend)
    assert ended == ["cancelled"]


async def test_a_mistake_in_a_background_step_is_raised_to_the_caller_and_to_nobody_else() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if b"after" in request.url.query:
            raise LookupError
        return httpx.Response(200, json=page("a"))

    client = httpx.AsyncClient(transport=httpx.MockTransport(answer))
    items = aiter(AsyncPortkey(api_key="pk", virtual_key="vk", http_client=client).files.list(prefetch=True))
    await anext(items)
    with pytest.raises(LookupError):
        await anext(items)


def test_asyncio_is_told_from_trio_where_both_are_loaded() -> None:
    import trio  # noqa: F401, PLC0415 - its being there is the point

    async def main() -> list[str]:
        def answer(request: httpx.Request) -> httpx.Response:
            return httpx.Response(200, json=page("b", more=False) if b"after" in request.url.query else page("a"))

        client = httpx.AsyncClient(transport=httpx.MockTransport(answer))
        listing = AsyncPortkey(api_key="pk", virtual_key="vk", http_client=client).files.list(prefetch=True)
        return [item.id async for item in listing]

    assert asyncio.run(main()) == ["a", "b"]
