"""What a program is told of retries, before each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from portkey_ft import APIConnectionError, ConfigurationError, InternalServerError
from portkey_ft.retries import Retry

if TYPE_CHECKING:
    from tests.support.ways import Way, Wire

pytestmark = pytest.mark.anyio
LIST = "fine_tuning.jobs.list"
EMPTY = {"object": "list", "data": []}


async def test_each_retry_is_told_with_what_why_and_how_long(way: Way, wire: Wire) -> None:
    told: list[Retry] = []
    wire.say((429, {}, {"retry-after": "7", "x-portkey-trace-id": "t-1"}), httpx.ConnectError("no"), EMPTY)
    client = way.client(wire, on_retry=told.append)
    await way.items(client.fine_tuning.jobs.list())
    first, second = told
    assert (first.operation, first.attempt, first.status_code, first.trace_id) == (LIST, 1, 429, "t-1")
    assert (first.delay, first.error, first.reason) == (7.0, None, "HTTP 429")
    assert str(first) == f"{LIST}: attempt 1 failed (HTTP 429), the next in 7.0 seconds"
    assert (second.operation, second.attempt, second.status_code, second.trace_id) == (LIST, 2, None, None)
    assert isinstance(second.error, APIConnectionError)
    assert second.reason == second.error.message
    assert 0.5 <= second.delay <= 1.0


async def test_the_wait_follows_what_was_told(way: Way, wire: Wire) -> None:
    """The function is called before the wait, so that whoever watches knows what is being waited for."""
    wire.say((503, ""), EMPTY)
    requests_then: list[int] = []
    client = way.client(wire, on_retry=lambda _: requests_then.append(len(wire.requests)))
    await way.items(client.fine_tuning.jobs.list())
    assert requests_then == [1]


async def test_what_is_not_sent_again_is_not_told(way: Way, wire: Wire) -> None:
    told: list[Retry] = []
    client = way.client(wire.say((503, "")), on_retry=told.append, max_retries=0)
    with pytest.raises(InternalServerError):
        await way.items(client.fine_tuning.jobs.list())
    assert told == []


async def test_an_exception_of_the_function_ends_the_call(way: Way, wire: Wire) -> None:
    def enough(_: Retry) -> None:
        raise LookupError

    client = way.client(wire.say((503, ""), EMPTY), on_retry=enough)
    with pytest.raises(LookupError):
        await way.items(client.fine_tuning.jobs.list())
    assert len(wire.requests) == 1


async def test_a_client_with_other_options_tells_another_function(way: Way, wire: Wire) -> None:
    told: list[str] = []
    client = way.client(wire.say((503, ""), EMPTY, (503, ""), EMPTY), on_retry=lambda _: told.append("first"))
    other = client.with_options(on_retry=lambda _: told.append("other"))
    await way.items(other.fine_tuning.jobs.list())
    await way.items(client.with_options(timeout=3).fine_tuning.jobs.list())
    assert told == ["other", "first"]


async def test_what_is_told_holds_no_secret(way: Way, wire: Wire) -> None:
    told: list[Retry] = []
    wire.say((503, "", {"x-portkey-trace-id": "trace of vk-canary-0123"}), EMPTY)
    client = way.client(wire, on_retry=told.append, virtual_key="vk-canary-0123", max_retries=1)
    with pytest.raises(InternalServerError):
        # A response with a trace id went through the gateway, which has retries of its own.
        await way.items(client.fine_tuning.jobs.list())
    wire.say((429, "", {"x-portkey-trace-id": "trace of vk-canary-0123"}), EMPTY)
    await way.items(client.fine_tuning.jobs.list())
    assert "canary" not in repr(told)
    assert told


@pytest.mark.parametrize("wrong", ["print", 3])
async def test_what_is_no_function_is_refused(way: Way, wire: Wire, wrong: object) -> None:
    with pytest.raises(ConfigurationError, match="on_retry must be a function"):
        way.client(wire.say(EMPTY), on_retry=wrong)
