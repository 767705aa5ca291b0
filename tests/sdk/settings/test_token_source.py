"""A bearer token that a function is asked for: for each request, and once more when one was refused."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import httpx
import pytest

from portkey_ft import AuthenticationError, ConfigurationError, Provider

if TYPE_CHECKING:
    from tests.support.ways import Way, Wire

pytestmark = [pytest.mark.anyio, pytest.mark.security]

JOB = {"id": "j", "status": "running"}


class Tokens:
    """Gives another token each time."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self) -> str:
        """Give the next one."""
        self.asked += 1
        return f"canary-token-{self.asked}"


def _sent(wire: Wire) -> list[str]:
    return [request.headers["authorization"] for request in wire.requests]


async def test_each_request_carries_a_token_that_was_asked_for_then(way: Way, wire: Wire) -> None:
    client = way.client(wire.say(JOB), provider="openai", authorization=Tokens())
    for _ in range(2):
        await way.get(client.fine_tuning.jobs.retrieve("j"))
    assert _sent(wire) == ["Bearer canary-token-1", "Bearer canary-token-2"]


async def test_an_async_function_is_awaited_and_refused_by_a_client_that_blocks(way: Way, wire: Wire) -> None:
    async def token() -> str:
        return "canary-token"

    client = way.client(wire.say(JOB), provider="openai", authorization=token)
    if way.is_async:
        await way.get(client.fine_tuning.jobs.retrieve("j"))
        assert _sent(wire) == ["Bearer canary-token"]
    else:
        with pytest.raises(ConfigurationError, match="an async function, which a client that blocks cannot call"):
            client.fine_tuning.jobs.retrieve("j")
        assert wire.requests == []


async def test_a_token_that_expired_is_asked_for_once_more(way: Way, wire: Wire) -> None:
    client = way.client(wire.say((401, {}), JOB), provider="vertex-ai", authorization=Tokens())
    assert (await way.get(client.fine_tuning.jobs.retrieve("j"))).id == "j"
    assert _sent(wire) == ["Bearer canary-token-1", "Bearer canary-token-2"]


async def test_a_second_refusal_is_the_error(way: Way, wire: Wire) -> None:
    client = way.client(wire.say((401, {})), provider="openai", authorization=Tokens())
    with pytest.raises(AuthenticationError):
        await way.get(client.fine_tuning.jobs.retrieve("j"))
    assert len(wire.requests) == 2


async def test_what_may_not_be_repeated_is_not_sent_again(way: Way, wire: Wire) -> None:
    client = way.client(wire.say((401, {})), provider="openai", authorization=Tokens())
    with pytest.raises(AuthenticationError):
        await way.get(client.fine_tuning.jobs.create(model="m", training_file="f"))
    assert len(wire.requests) == 1


async def test_a_token_that_is_a_text_is_not_asked_for_again(way: Way, wire: Wire) -> None:
    client = way.client(wire.say((401, {})), provider="openai", authorization="sk-0123456789")
    with pytest.raises(AuthenticationError):
        await way.get(client.fine_tuning.jobs.retrieve("j"))
    assert len(wire.requests) == 1


async def test_hours_of_waiting_outlive_a_token(way: Way, wire: Wire) -> None:
    begin = way.clock.now()

    def expire(request: httpx.Request) -> httpx.Response:
        hours = (way.clock.now() - begin) / 3600
        if request.headers["authorization"] != f"Bearer token-of-hour-{int(hours)}":
            return httpx.Response(401, json={})
        return httpx.Response(200, json={"id": "j", "status": "running" if hours < 3 else "succeeded"})

    def token() -> str:
        return f"token-of-hour-{int((way.clock.now() - begin) / 3600)}"

    client = way.client(wire.say(expire), provider="vertex-ai", authorization=token)
    assert (await way.get(client.fine_tuning.jobs.wait("j"))).succeeded


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        (lambda: "", "authorization is empty"),
        (lambda: "a\nb", "authorization"),
        (lambda: 5, "authorization must be a string, not int"),
    ],
)
async def test_a_token_that_cannot_be_sent_is_refused(
    source: Callable[[], str | Awaitable[str]], problem: str, way: Way, wire: Wire
) -> None:
    client = way.client(wire.say(JOB), provider="openai", authorization=source)
    with pytest.raises(ConfigurationError, match=problem):
        await way.get(client.fine_tuning.jobs.retrieve("j"))
    assert wire.requests == []


async def test_a_token_is_shown_nowhere(way: Way, wire: Wire, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    def echo(request: httpx.Request) -> httpx.Response:
        return httpx.Response(400, json={"error": {"message": f"wrong: {request.headers['authorization']}"}})

    client = way.client(wire.say(echo), provider="openai", authorization=Tokens())
    with pytest.raises(Exception, match=r"wrong: (Bearer )?\*\*\*") as caught:
        await way.get(client.fine_tuning.jobs.retrieve("j"))
    assert "canary" not in f"{caught.value} {caught.value!r} {vars(caught.value)} {caplog.text} {client!r}"


async def test_a_header_of_a_call_does_not_stand_beside_it(way: Way, wire: Wire) -> None:
    client = way.client(wire.say(JOB), provider="openai", authorization=Tokens())
    with pytest.raises(ConfigurationError, match="which the client's auth mode sets already"):
        await way.get(client.fine_tuning.jobs.retrieve("j", extra_headers={"Authorization": "Bearer x"}))


def test_the_value_shows_nothing_of_the_function() -> None:
    assert repr(Provider("openai", authorization=Tokens())) == (
        "Provider(provider='openai', authorization='***', custom_host=None, provider_headers={})"
    )
