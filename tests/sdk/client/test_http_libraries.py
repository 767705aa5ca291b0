"""Whose HTTP clients are taken: those of httpx, those of httpx2, and nobody else's."""

from __future__ import annotations

import types
from typing import TYPE_CHECKING, Any

import anyio
import httpx
import pytest

from portkey_ft import (
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    AsyncPortkey,
    BadRequestError,
    ConfigurationError,
    Portkey,
)
from portkey_ft.testing import FakeGateway, Fault

if TYPE_CHECKING:
    from collections.abc import Callable

httpx2 = pytest.importorskip("httpx2", reason="httpx2 is not installed")
# One where the tests run with httpx2 in the place of httpx.
LIBRARIES = list(dict.fromkeys([httpx, httpx2]))
either = pytest.mark.parametrize("library", LIBRARIES, ids=lambda library: library.__name__)
OPTIONS: dict[str, Any] = {"api_key": "pk-0123456789", "provider": "@my-openai", "max_retries": 0}


def answering(library: types.ModuleType, answer: Callable[[Any], Any]) -> Portkey:
    """A client over one of the libraries, whose requests are answered here."""
    client = library.Client(transport=library.MockTransport(answer), follow_redirects=True)
    return Portkey(http_client=client, **OPTIONS)


@either
def test_a_job_goes_its_whole_way_over_a_client_that_was_passed_in(library: types.ModuleType) -> None:
    lines = b'{"messages": [{"role": "user", "content": "1"}, {"role": "assistant", "content": "2"}]}\n' * 10
    with FakeGateway(speed=1000).serve() as url, library.Client(trust_env=False) as http_client:
        client = Portkey(base_url=url, http_client=http_client, **OPTIONS)
        file = client.files.create(file=("train.jsonl", lines))
        assert client.files.content(file.id).read() == lines
        job = client.fine_tuning.jobs.create(model="gpt-4o-mini-2024-07-18", training_file=file.id)
        assert client.fine_tuning.jobs.wait(job.id, poll_interval=0.05).succeeded
        assert [each.id for each in client.fine_tuning.jobs.list(timeout=5)] == [job.id]
        client.close()
        assert not http_client.is_closed


@either
def test_a_job_goes_its_whole_way_with_await(library: types.ModuleType) -> None:
    async def go(url: str) -> None:
        async with library.AsyncClient(trust_env=False) as http_client:
            client = AsyncPortkey(base_url=url, http_client=http_client, **OPTIONS)
            file = await client.files.create(file=("train.jsonl", b"{}\n" * 10))
            assert await (await client.files.content(file.id)).read() == b"{}\n" * 10
            assert [each.id async for each in client.files.list()] == [file.id]

    with FakeGateway().serve() as url:
        anyio.run(go, url)


@either
def test_what_the_library_raises_becomes_an_error_of_ours(library: types.ModuleType) -> None:
    for raised, expected, unknown in (
        (library.ConnectError("no"), APIConnectionError, False),
        (library.ReadError("broken"), APIConnectionError, True),
        (library.ReadTimeout("late"), APITimeoutError, True),
        (library.ConnectTimeout("late"), APITimeoutError, False),
    ):

        def answer(_: object, raised: Exception = raised) -> None:
            raise raised

        with pytest.raises(expected) as caught:
            answering(library, answer).fine_tuning.jobs.cancel("job")
        assert caught.value.outcome_unknown is unknown
        assert caught.value.__context__ is None


@either
def test_redirects_are_not_followed_and_errors_are_read(library: types.ModuleType) -> None:
    seen: list[str] = []

    def answer(request: httpx.Request) -> object:
        seen.append(str(request.url))
        if len(seen) == 1:
            return library.Response(302, headers={"location": "https://elsewhere.test/"})
        return library.Response(400, json={"error": {"message": "no"}})

    client = answering(library, answer)
    with pytest.raises(APIStatusError, match="302"):
        client.files.retrieve("f")
    with pytest.raises(BadRequestError):
        client.files.retrieve("f")
    assert seen == ["https://api.portkey.ai/v1/files/f"] * 2


@either
def test_a_response_that_breaks_off_is_told(library: types.ModuleType) -> None:
    gateway = FakeGateway()
    file = gateway.add_file(b"{}\n" * 100)
    gateway.fail_next(Fault(cut_after=10), times=None)
    with gateway.serve() as url, library.Client(trust_env=False) as http_client:
        client = Portkey(base_url=url, http_client=http_client, **OPTIONS)
        with pytest.raises(APIConnectionError):
            client.files.retrieve(file.id)


@either
@pytest.mark.parametrize(("ours", "name"), [(Portkey, "AsyncClient"), (AsyncPortkey, "Client")])
def test_a_client_of_the_other_kind_is_refused_with_the_way_out(
    library: types.ModuleType, ours: type[Portkey | AsyncPortkey], name: str
) -> None:
    other = "AsyncPortkey" if ours is Portkey else "Portkey"
    wanted = "Client" if ours is Portkey else "AsyncClient"
    with pytest.raises(ConfigurationError) as caught:
        ours(http_client=getattr(library, name)(), **OPTIONS)
    message = f"http_client must be an httpx.{wanted} (or an httpx2.{wanted}), got {library.__name__}.{name}."
    assert caught.value.message == message
    assert caught.value.hint == f"pass it to {other}, or pass an httpx.{wanted} here."


@pytest.mark.parametrize(
    ("wrong", "got"),
    [
        (object(), "builtins.object"),
        (httpx.Client, f"the class {httpx.__name__}.Client"),
        (httpx.HTTPTransport(), f"{httpx.__name__}.HTTPTransport"),
    ],
)
def test_what_is_no_client_is_named(wrong: object, got: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Portkey(**{"http_client": wrong, **OPTIONS})
    assert caught.value.message.endswith(f" got {got}.")
    assert "httpx.Client(...)" in str(caught.value)
