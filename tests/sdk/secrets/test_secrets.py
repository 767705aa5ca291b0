"""A key in each place that a key can be in, looked for in each place that it could come out of."""

from __future__ import annotations

import json
import logging
import pickle
import traceback
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from portkey_ft import (
    AsyncPortkey,
    Config,
    ConfigurationError,
    Managed,
    Portkey,
    PortkeyError,
    Provider,
    VirtualKey,
)
from portkey_ft.testing import FakeGateway

if TYPE_CHECKING:
    from tests.support.ways import Way, Wire

pytestmark = pytest.mark.anyio

# With characters that JSON and URLs write differently.
CANARY = 'canary/7f"3a+b'
OURS = ("portkey_ft", "httpx", "httpcore", "h11", "attr")

PLACES: dict[str, dict[str, Any]] = {
    "api key": {"api_key": CANARY},
    "virtual key": {"virtual_key": CANARY},
    "config id": {"config": CANARY},
    "config": {"config": {"provider": "openai", "api_key": CANARY, "targets": [{"api_key": f"2{CANARY}"}]}},
    "authorization": {"provider": "openai", "authorization": CANARY},
    "Authorization": {"provider": "openai", "Authorization": f"Bearer {CANARY}", "authorization": None},
    "provider headers": {"provider": "bedrock", "provider_headers": {"aws_secret_access_key": CANARY}},
    "service account": {
        "provider": "vertex-ai",
        "provider_headers": {"vertex_service_account_json": {"private_key": CANARY}},
    },
    "default headers": {"default_headers": {"x-portkey-aws-session-token": CANARY}},
    "value": {"auth": Provider("openai", authorization=CANARY)},
    "basic": {"default_headers": {"authorization": f"Basic {CANARY}"}},
}


def forms(secret: str) -> list[str]:
    return [secret, repr(secret)[1:-1], json.dumps(secret)[1:-1], json.dumps(json.dumps(secret))[2:-2], "canary"]


def assert_clean(*texts: object) -> None:
    for text in texts:
        for form in forms(CANARY):
            assert form not in str(text)


def chain(error: BaseException | None) -> Iterator[BaseException]:
    if error is not None:
        yield error
        yield from chain(error.__cause__)
        yield from chain(error.__context__)


def shown(error: BaseException) -> str:
    """Show an exception with all that hangs on it, and the local variables of every frame that is not a test's."""
    lines: list[str] = []
    for one in chain(error):
        lines += [str(one), repr(one), repr(vars(one)), *getattr(one, "__notes__", [])]
        for frame in traceback.TracebackException.from_exception(one, capture_locals=True).stack:
            if "/tests/" not in frame.filename:
                lines += [frame.filename, str(frame.locals)]
    return "\n".join(lines)


def echo(request: httpx.Request) -> tuple[int, dict[str, Any], dict[str, str]]:
    """Answer with an error that repeats every header and the body, as providers like to."""
    said = {name: value for name, value in request.headers.items() if name not in {"user-agent", "host"}}
    tokens = " ".join(value.partition(" ")[2] for value in said.values())
    told = json.dumps(said)
    return 401, {"error": {"message": f"bad {tokens} in {told}", "code": told}, "said": said}, {"x-echo": tokens}


def garbled(request: httpx.Request) -> httpx.Response:
    said = " ".join(request.headers.values())
    return httpx.Response(200, content=said.encode(), headers={"content-type": f"text/{said[-20:]}"})


def broken(request: httpx.Request) -> httpx.Response:
    message = f"cannot send {json.dumps(dict(request.headers))}"
    raise httpx.ReadError(message)


SERVERS: dict[str, Callable[[httpx.Request], Any]] = {"echo": echo, "garbled": garbled, "broken": broken}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("server", SERVERS)
async def test_no_failure_shows_a_key(
    place: str, server: str, way: Way, wire: Wire, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    client = way.client(wire.say(SERVERS[server]), max_retries=1, **PLACES[place])
    calls: list[Callable[[], Any]] = [
        lambda: client.files.retrieve("f"),
        lambda: client.files.create(file=b"x"),
        lambda: client.files.content("f") if server == "echo" else client.files.delete("f"),
        lambda: client.fine_tuning.jobs.create(model="m", training_file="f"),
        lambda: client.fine_tuning.jobs.wait("j", timeout=1),
        lambda: client.fine_tuning.jobs.list().first(),
    ]
    for call in calls:
        with pytest.raises(PortkeyError) as caught:
            await way.get(call())
        assert_clean(shown(caught.value), pickle.dumps(caught.value))
    # The wire itself has seen it, or all this would prove nothing.
    assert any("canary" in value for value in wire.last.headers.values())
    assert_clean(caplog.text)


@pytest.mark.parametrize("place", PLACES)
async def test_no_object_shows_a_key(place: str, way: Way, wire: Wire) -> None:
    client = way.client(wire.say({"id": "j", "status": "queued"}), **PLACES[place])
    jobs = client.fine_tuning.jobs
    job = await way.get(jobs.retrieve("j"))
    things = [
        client,
        client.auth,
        jobs,
        client.files,
        jobs.list(),
        jobs.checkpoints.list("j"),
        job,
        client.with_options(timeout=3),
    ]
    hidden = [
        client._settings,
        client._transport,
        client._transport.endpoint,
        client._runtime,
        client._transport.client,
    ]
    for thing in [*things, *hidden]:
        assert_clean(repr(thing), str(thing), f"{thing:}", vars(thing) if hasattr(thing, "__dict__") else "")
    assert_clean(pickle.dumps(job), job.to_dict())
    for thing in (client, client.auth):
        with pytest.raises(TypeError) as caught:
            pickle.dumps(thing)
        assert_clean(caught.value)


@pytest.mark.parametrize("argument", ["portkey_options", "provider_options", "extra_body"])
@pytest.mark.parametrize("status", [200, 400, 500])
async def test_a_key_in_the_options_of_a_job_is_hidden_like_the_clients(
    argument: str, status: int, way: Way, wire: Wire, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    def repeat(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(200, json={"data": []})
        said = json.loads(request.content)
        if status == 200:
            return httpx.Response(200, content=b"no JSON: " + request.content)
        return httpx.Response(status, json={"error": {"message": f"refused {json.dumps(said)}", "said": said}})

    jobs = way.client(wire.say(repeat)).fine_tuning.jobs
    given: dict[str, Any] = {"x-portkey-virtual-key": CANARY, "inner": [{"key": CANARY}]}
    given = {"portkey_options": given} if argument == "extra_body" else given
    with pytest.raises(PortkeyError) as caught:
        await way.get(jobs.create(model="m", training_file="f", **{argument: given}))
    assert b"canary" in wire.last.content
    # The frame of this test holds it too; it is what was given.
    del given
    assert_clean(shown(caught.value), pickle.dumps(caught.value), caplog.text)


async def test_a_key_of_a_single_call_is_hidden_like_the_clients(
    way: Way, wire: Wire, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    jobs = way.client(wire.say(echo)).fine_tuning.jobs

    def headers() -> dict[str, dict[str, str]]:
        return {"extra_headers": {"x-portkey-aws-session-token": CANARY, "authorization": f"Bearer {CANARY}"}}

    calls: list[Callable[[], Any]] = [
        lambda: jobs.retrieve("j", **headers()),
        lambda: jobs.create(model="m", training_file="f", **headers()),
        lambda: jobs.create(model="", training_file="f", **headers()),
        lambda: jobs.retrieve("", **headers()),
        lambda: jobs.retrieve("j", wrong=1, **headers()),
        lambda: jobs.cancel("j", **headers()),
        lambda: jobs.list(**headers()).first(),
        lambda: jobs.list(limit=-1, **headers()),
        lambda: jobs.wait("j", **headers()),
        lambda: jobs.retrieve("j", extra_headers={"a b": CANARY}),
        lambda: jobs.retrieve("j", extra_headers={"a": f"{CANARY}\n"}),
        lambda: jobs.retrieve("j", extra_headers={"x-portkey-api-key": CANARY}),
    ]
    for call in calls:
        with pytest.raises((PortkeyError, TypeError)) as caught:
            await way.get(call())
        assert_clean(shown(caught.value))
    assert_clean(caplog.text)


BAD = f"{CANARY}\n"
REFUSED: dict[str, Callable[[], object]] = {
    "virtual key": lambda: VirtualKey(BAD),
    "config": lambda: Config(BAD),
    "broken config": lambda: Config('{"api_key": "' + CANARY),
    "config with an object": lambda: Config({"api_key": CANARY, "x": object()}),
    "authorization": lambda: Provider("o", authorization=BAD),
    "host": lambda: Provider("o", authorization=CANARY, custom_host=f"https://u:{CANARY}@h"),
    "provider headers": lambda: Provider("o", provider_headers={"a": BAD}),
    "provider headers of an object": lambda: Provider("o", provider_headers={"a": {"b": CANARY, "c": object()}}),
    "provider headers are text": lambda: Provider("o", provider_headers=CANARY),  # type: ignore[arg-type]
    "client's key": lambda: Portkey(api_key=BAD, virtual_key="vk"),
    "client's modes": lambda: Portkey(api_key=CANARY, virtual_key=CANARY, config=CANARY),
    "client's spellings": lambda: Portkey(api_key=CANARY, provider="o", authorization=CANARY, Authorization=CANARY),
    "client's base URL": lambda: Portkey(api_key=CANARY, virtual_key=CANARY, base_url=f"https://u:{CANARY}@h"),
    "client's headers": lambda: Portkey(api_key=CANARY, virtual_key="vk", default_headers={"a": BAD}),
    "client's timeout": lambda: Portkey(api_key=CANARY, virtual_key=CANARY, timeout=-1),
    "client's HTTP client": lambda: Portkey(api_key=CANARY, virtual_key=CANARY, http_client=5),  # type: ignore[arg-type]
    "async client": lambda: AsyncPortkey(api_key=BAD, virtual_key=CANARY),
    "options": lambda: Portkey(api_key="pk", virtual_key="vk").with_options(
        auth=VirtualKey(CANARY), default_headers={"a": BAD}
    ),
    "no mode": lambda: Portkey(api_key=CANARY),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_is_not_shown(name: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        REFUSED[name]()
    assert_clean(shown(caught.value), pickle.dumps(caught.value))


@pytest.mark.parametrize("kind", [Portkey, AsyncPortkey])
def test_the_environment_is_not_shown_either(
    kind: type[Portkey | AsyncPortkey], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORTKEY_API_KEY", CANARY)
    with pytest.raises(ConfigurationError) as caught:
        kind()
    assert_clean(shown(caught.value))


async def test_an_upload_that_fails_half_way_over_a_real_connection_shows_no_key(
    way: Way, gateway: FakeGateway
) -> None:
    def content() -> Iterator[bytes]:
        yield b"x"
        raise ZeroDivisionError

    with gateway.serve() as url:
        keys: dict[str, Any] = {"base_url": url, "api_key": CANARY, "virtual_key": CANARY}
        client: Any = AsyncPortkey(**keys) if way.is_async else Portkey(**keys)
        with pytest.raises(ZeroDivisionError) as caught:
            await way.get(client.files.create(file=content()))
        await way.get(client.close())
    assert_clean(shown(caught.value))


async def test_of_a_key_that_holds_another_nothing_is_left(way: Way, wire: Wire) -> None:
    """The longest is replaced first; the shorter one would leave the ends of the longer one, whichever sorts first."""
    inner, outer = "zz-inner-0123", "a-begin-zz-inner-0123-and-an-end"
    wire.say((401, {"error": {"message": f"the key {outer} is not known"}}))
    client = way.client(wire, api_key=inner, provider="openai", authorization=outer, max_retries=0)
    with pytest.raises(PortkeyError) as caught:
        await way.get(client.files.retrieve("f"))
    assert "the key *** is not known" in str(caught.value)
    for part in ("a-begin", "zz-inner", "an-end"):
        assert part not in shown(caught.value)


def test_a_credential_shows_whether_it_is_there_and_nothing_else() -> None:
    assert "authorization=None" in repr(Provider("@my-openai"))
    assert "authorization='***'" in repr(Provider("openai", authorization=CANARY))
    several = Provider("bedrock", provider_headers={"aws_region": "us-east-1", "aws_secret_access_key": CANARY})
    assert "{'x-portkey-aws-region': '***', 'x-portkey-aws-secret-access-key': '***'}" in repr(several)


def test_a_header_that_is_no_json_after_all_is_no_trouble() -> None:
    headers = {"vertex_service_account_json": "{no json"}
    client = Portkey(api_key="pk", provider="vertex-ai", provider_headers=headers)
    assert "{no json" not in repr(client)


def test_names_of_providers_are_no_secrets(gateway: FakeGateway) -> None:
    config = {"strategy": {"mode": "fallback"}, "targets": [{"provider": "openai", "virtual_key": "vk-0123456789"}]}
    client = Portkey(api_key="pk-0123456789", config=config, http_client=httpx.Client(transport=gateway.transport()))
    secrets = client._settings.secrets()
    assert {"vk-0123456789", "pk-0123456789"} <= set(secrets)
    assert not {"openai", "fallback"} & set(secrets)


def test_a_client_without_any_key_has_no_secret() -> None:
    assert Portkey(base_url="https://gateway.test/v1", auth=Managed())._settings.secrets() == ()


async def test_a_log_line_tells_of_each_attempt_and_of_nothing_secret(
    way: Way, wire: Wire, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "portkey_ft")

    def late(_: httpx.Request) -> tuple[int, dict[str, str], dict[str, str]]:
        way.clock.sleep(4)
        return 200, {"id": "f"}, {"x-portkey-trace-id": "t-1"}

    client = way.client(wire.say(httpx.ConnectError("no"), late))
    await way.get(client.files.retrieve("f"))
    lines = [record.getMessage() for record in caplog.records if record.name == "portkey_ft"]
    assert lines == [
        "GET /files/f -> ConnectError in 0 ms, attempt 1, trace id -",
        "GET /files/f -> 200 in 4000 ms, attempt 2, trace id t-1",
    ]


async def test_logging_is_off_by_default(way: Way, wire: Wire, caplog: pytest.LogCaptureFixture) -> None:
    await way.get(way.client(wire.say({"id": "f"})).files.retrieve("f"))
    assert [record for record in caplog.records if record.name == "portkey_ft"] == []
    assert logging.getLogger("portkey_ft").handlers == []
