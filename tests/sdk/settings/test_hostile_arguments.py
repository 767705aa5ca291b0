"""What a caller passes stays where it belongs: in one header, in one step of a path, in one field."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from portkey_ft import AsyncPortkey, Config, ConfigurationError, Portkey, PortkeyError, Provider, VirtualKey
from portkey_ft._api.operations import OPERATIONS
from tests.support.calls import CALLS, Argument, Call, answer, arguments_of

if TYPE_CHECKING:
    from tests.support.ways import Way, Wire

pytestmark = [pytest.mark.anyio, pytest.mark.security]

MARK = "mark7f3a"
CANARY = "canary7f3a"
TEXTS = {
    "line break": f"{CANARY}\r\nx-evil: 1",
    "line feed": f"{CANARY}\nx-evil: 1",
    "carriage return": f"{CANARY}\rx-evil: 1",
    "nul": f"{CANARY}\0x",
    "next line": f"{CANARY}\x85x-evil: 1",
    "latin": f"{CANARY}\xe9",
    "astral": f"{CANARY}\U0001f600",
    "half": f"{CANARY}\ud800",
}
# What else has to be given with an argument of a client.
BESIDE: dict[str, dict[str, Any]] = {
    "provider": {"authorization": "sk-0123456789"},
    "authorization": {"provider": "openai"},
    "Authorization": {"provider": "openai", "authorization": None},
    "provider_headers": {"provider": "bedrock", "authorization": None},
    "custom_host": {"provider": "openai"},
}

# Where a message speaks of an argument under another name.
SAID_AS = {"Authorization": "authorization", "gateway_metadata": "metadata for the gateway", "file": "filename"}


def headers_of(wire: Wire) -> str:
    return " ".join(f"{name} {value}" for request in wire.requests for name, value in request.headers.items())


def assert_refused(error: PortkeyError, argument: Argument, wire: Wire) -> None:
    """An argument that cannot be sent is told by its name, before anything is sent."""
    assert isinstance(error, ConfigurationError)
    assert SAID_AS.get(argument.name, argument.name) in str(error)
    assert wire.requests == []


def assert_harmless(wire: Wire) -> None:
    """What went out is well-formed, and the text is data in it."""
    for request in wire.requests:
        assert "x-evil" not in request.headers
        assert all(value.isprintable() for value in request.headers.values())
        assert request.url.raw_path.isascii()
        assert request.url.raw_path.decode().isprintable()
        if request.headers.get("content-type") == "application/json":
            assert isinstance(json.loads(request.content), dict)
        elif request.content:
            # The purpose, a further field if there is one, and one file, whatever they are called.
            boundary = request.headers["content-type"].partition("boundary=")[2]
            assert request.content.count(f"--{boundary}".encode()) - 3 in {0, 1}
            assert b"\r\nx-evil" not in request.content


async def outcome(attempt: Callable[[Any], Any], value: object) -> PortkeyError | None:
    """Pass a value, and tell whether it is refused."""
    try:
        await attempt(value)
    except PortkeyError as error:
        return error
    return None


async def try_out(wire: Wire, argument: Argument, attempt: Callable[[Any], Any]) -> None:
    """Pass a harmless text in an argument, to see where it goes, and then each harmful one."""
    wire.say(answer).requests.clear()
    refused = await outcome(attempt, argument.holding(MARK))
    # No URL begins like that, a method needs its type, an order has a name, and text for metadata is JSON.
    assert refused is None or argument.name in {"custom_host", "base_url", "method", "metadata", "order"}
    is_header = argument.name == "custom_host" or MARK in headers_of(wire)
    for text in TEXTS.values():
        wire.requests.clear()
        error = await outcome(attempt, argument.holding(text))
        if error is None:
            # In a header as JSON, which writes each of these with letters.
            assert not is_header or argument.form.endswith("mapping")
            assert_harmless(wire)
        else:
            assert_refused(error, argument, wire)
            shown = is_header and argument.form != "name in a mapping"
            assert not shown or CANARY not in f"{error} {error!r}"


@pytest.mark.parametrize("call", CALLS, ids=str)
async def test_no_argument_of_a_call_breaks_out_of_its_place(call: Call, way: Way, wire: Wire) -> None:
    found = arguments_of(call.function)
    assert {"extra_headers", "trace_id", "gateway_metadata"} <= {argument.name for argument in found}
    for argument in found:
        await try_out(
            wire, argument, lambda value, name=argument.name: call.make(way, way.client(wire), **{name: value})
        )


async def use(way: Way, client: Any) -> None:  # noqa: ANN401 - either client
    await way.get(client.files.retrieve("f"))


async def test_no_argument_of_a_client_breaks_out_of_its_place(way: Way, wire: Wire) -> None:
    kind = AsyncPortkey if way.is_async else Portkey
    found = arguments_of(kind)
    assert {"api_key", "base_url", "default_headers", "custom_host", "metadata"} <= {
        argument.name for argument in found
    }
    for argument in found:
        beside = BESIDE.get(argument.name, {})
        await try_out(
            wire,
            argument,
            lambda value, name=argument.name, beside=beside: use(way, way.client(wire, **{**beside, name: value})),
        )


async def test_no_argument_of_with_options_breaks_out_of_its_place(way: Way, wire: Wire) -> None:
    for argument in arguments_of(Portkey.with_options):
        await try_out(
            wire,
            argument,
            lambda value, name=argument.name: use(way, way.client(wire).with_options(**{name: value})),
        )


async def make_with(way: Way, wire: Wire, make: Callable[[], Any]) -> None:
    await use(way, way.client(wire, auth=make()))


@pytest.mark.parametrize("mode", [VirtualKey, Config, Provider])
async def test_no_value_of_an_auth_mode_breaks_out_of_its_place(mode: Any, way: Way, wire: Wire) -> None:  # noqa: ANN401 - any mode
    needed = {"provider": "openai", "authorization": "sk-0123456789"} if mode is Provider else {}
    found = [Argument(name, "text") for name in inspect.signature(mode).parameters if name != "provider_headers"]
    if mode is Provider:
        found += [Argument("provider_headers", form) for form in ("value in a mapping", "name in a mapping")]
    for argument in found:
        await try_out(
            wire,
            argument,
            lambda value, name=argument.name: make_with(way, wire, lambda: mode(**(needed | {name: value}))),
        )


@pytest.mark.parametrize(
    "name", ["API_KEY", "VIRTUAL_KEY", "CONFIG", "PROVIDER", "BASE_URL", "AUTHORIZATION", "CUSTOM_HOST"]
)
@pytest.mark.parametrize("kind", [Portkey, AsyncPortkey])
def test_no_variable_of_the_environment_breaks_out_of_its_place(
    name: str, kind: type[Portkey | AsyncPortkey], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORTKEY_API_KEY", "pk-0123456789")
    if name == "BASE_URL":
        monkeypatch.setenv("PORTKEY_VIRTUAL_KEY", "vk-0123456789")
    if name in {"AUTHORIZATION", "CUSTOM_HOST"}:
        monkeypatch.setenv("PORTKEY_PROVIDER", "openai")
    for label, text in TEXTS.items():
        if label in {"nul", "half"}:
            continue  # No environment can hold these.
        monkeypatch.setenv(f"PORTKEY_{name}", text)
        with pytest.raises(ConfigurationError) as caught:
            kind()
        assert name.lower() in str(caught.value)
        assert CANARY not in str(caught.value)


@pytest.mark.parametrize("name", ["a b", "a:b", "a\tb", "a\r\nb", "", "a\x00", "\xe9", "a@b", "a/b"])
async def test_a_name_that_no_header_can_have_is_refused(name: str, way: Way, wire: Wire) -> None:
    wire.say(answer)
    attempts: dict[str, Callable[[], Any]] = {
        "provider_headers": lambda: Provider("bedrock", provider_headers={name: "x"}),
        "default_headers": lambda: way.client(wire, default_headers={name: "x"}),
        "extra_headers": lambda: way.client(wire).files.list(extra_headers={name: "x"}),
    }
    for argument, attempt in attempts.items():
        with pytest.raises(ConfigurationError, match=argument):
            attempt()
    assert wire.requests == []


# Each would lead elsewhere if it were put into a path as it is.
SAFE_IDS = {
    "?x=1": "%3Fx%3D1",
    "#x": "%23x",
    "a/b": "a%2Fb",
    "a\\b": "a%5Cb",
    ";a=b": "%3Ba%3Db",
    "//evil.test": "%2F%2Fevil.test",
    "https://evil.test/": "https%3A%2F%2Fevil.test%2F",
    "%252e%252e": "%252e%252e",
    "\uff0e\uff0e": "%EF%BC%8E%EF%BC%8E",
    "\u2024\u2024": "%E2%80%A4%E2%80%A4",
    "a/\uff0e\uff0e/b": "a%2F%EF%BC%8E%EF%BC%8E%2Fb",
    "...": "...",
    "@evil.test": "%40evil.test",
    ":80": "%3A80",
    "{x}": "%7Bx%7D",
}
REFUSED_IDS = [
    *(
        "",
        " ",
        ".",
        "..",
        "%2e",
        "%2E%2e",
        ".%2e",
        "../x",
        "..%2fx",
        "%2e%2e%2fx",
        "a/../x",
        "a/..",
        "a/./b",
        "./a",
        "/..",
    ),
    *("..\\x", "a\\..\\x", "%2e%2e%5cx", "a\r\nb", "a%0d%0ab", "a\0", "%00", "\ud800", "\u202ex", "a\u2028b", "%ff"),
]
WITH_ID = [(call, name) for call in CALLS for name in call.id_names]


def test_every_operation_with_an_id_is_found() -> None:
    ours = {str(call) for call in CALLS}
    assert {row.name for row in OPERATIONS} <= ours
    without = {"fine_tuning.jobs.create", "fine_tuning.jobs.list", "files.create", "files.list"}
    assert {str(call) for call, _ in WITH_ID} == ours - without


@pytest.mark.parametrize(("call", "name"), WITH_ID, ids=str)
async def test_an_id_is_one_step_of_the_path(call: Call, name: str, way: Way, wire: Wire) -> None:
    client = way.client(wire.say(answer))
    await call.make(way, client)
    expected = wire.last.url.raw_path.decode().partition("?")[0]
    for given, sent in SAFE_IDS.items():
        wire.requests.clear()
        await call.make(way, client, **{name: given})
        paths = {request.url.raw_path.decode().partition("?")[0] for request in wire.requests}
        assert paths & {expected.replace("ID", sent)}
        assert {request.url.host for request in wire.requests} == {"gateway.test"}


@pytest.mark.parametrize(("call", "name"), WITH_ID, ids=str)
async def test_an_id_that_would_leave_the_path_is_refused(call: Call, name: str, way: Way, wire: Wire) -> None:
    client = way.client(wire.say(answer))
    for given in REFUSED_IDS:
        with pytest.raises(ConfigurationError, match=name):
            await call.make(way, client, **{name: given})
    assert wire.requests == []


async def test_an_id_that_a_server_made_up_is_not_followed(way: Way, wire: Wire) -> None:
    client = way.client(wire.say({"id": "../../evil", "object": "fine_tuning.job"}))
    job = await way.get(client.fine_tuning.jobs.create(model="m", training_file="f"))
    assert job.id == "../../evil"
    with pytest.raises(ConfigurationError):
        await way.get(client.fine_tuning.jobs.cancel(job.id))
    assert len(wire.requests) == 1
