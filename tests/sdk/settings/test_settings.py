"""Who pays and where requests go: keywords and environment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from portkey_ft import AsyncPortkey, Config, ConfigurationError, Managed, Portkey, Provider, VirtualKey
from portkey_ft.auth import Auth

if TYPE_CHECKING:
    from tests.support.ways import Way, Wire

KEY = "pk-0123456789"

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("keywords", "auth"),
    [
        ({"virtual_key": "vk"}, VirtualKey("vk")),
        ({"config": "pc-1"}, Config("pc-1")),
        ({"config": {"provider": "openai"}}, Config({"provider": "openai"})),
        ({"provider": "openai", "authorization": "k"}, Provider("openai", authorization="k")),
        ({"provider": "openai", "Authorization": "Bearer k"}, Provider("openai", authorization="k")),
        (
            {"provider": "openai", "authorization": "k", "custom_host": "https://h"},
            Provider("openai", authorization="k", custom_host="https://h"),
        ),
        (
            {"provider": "bedrock", "provider_headers": {"aws_region": "r"}},
            Provider("bedrock", provider_headers={"aws_region": "r"}),
        ),
        ({"virtual_key": "vk", "provider_headers": {"a": "b"}}, VirtualKey("vk", provider_headers={"a": "b"})),
        ({"config": "pc", "provider_headers": {"a": "b"}}, Config("pc", provider_headers={"a": "b"})),
        ({"auth": Managed()}, Managed()),
    ],
)
@pytest.mark.parametrize("kind", [Portkey, AsyncPortkey])
def test_keywords_are_sugar_for_the_values(
    kind: type[Portkey | AsyncPortkey], keywords: dict[str, Any], auth: Auth
) -> None:
    assert kind(api_key=KEY, **keywords).auth == auth


@pytest.mark.parametrize(
    ("environment", "auth"),
    [
        ({"VIRTUAL_KEY": "vk"}, VirtualKey("vk")),
        ({"CONFIG": "pc-1"}, Config("pc-1")),
        ({"PROVIDER": "openai", "AUTHORIZATION": "k"}, Provider("openai", authorization="k")),
        (
            {"PROVIDER": "openai", "AUTHORIZATION": "k", "CUSTOM_HOST": "https://h"},
            Provider("openai", authorization="k", custom_host="https://h"),
        ),
        ({"PROVIDER": "@slug", "VIRTUAL_KEY": "", "CONFIG": ""}, Provider("@slug")),
    ],
)
def test_the_environment_names_a_mode(
    monkeypatch: pytest.MonkeyPatch, environment: Mapping[str, str], auth: Auth
) -> None:
    monkeypatch.setenv("PORTKEY_API_KEY", KEY)
    monkeypatch.setenv("PORTKEY_BASE_URL", "https://other.test/v1/")
    for name, value in environment.items():
        monkeypatch.setenv(f"PORTKEY_{name}", value)
    client = Portkey()
    assert (client.auth, client.base_url) == (auth, "https://other.test/v1")


@pytest.mark.parametrize("mode", ["VIRTUAL_KEY", "CONFIG", "PROVIDER"])
def test_provider_headers_go_with_the_mode_of_the_environment(monkeypatch: pytest.MonkeyPatch, mode: str) -> None:
    monkeypatch.setenv(f"PORTKEY_{mode}", "@slug")
    client = Portkey(api_key=KEY, provider_headers={"aws_region": "r"})
    assert client.auth.headers()["x-portkey-aws-region"] == "r"


def test_arguments_beat_the_environment_and_a_mode_is_never_mixed(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("API_KEY", "CONFIG", "BASE_URL", "CUSTOM_HOST", "AUTHORIZATION"):
        monkeypatch.setenv(f"PORTKEY_{name}", "https://environment")
    client = Portkey(api_key=KEY, provider="openai", authorization="k", base_url="https://given.test/v1")
    assert client.auth == Provider("openai", authorization="k")
    assert client.base_url == "https://given.test/v1"


BAD_CLIENTS: Mapping[str, tuple[dict[str, Any], str]] = {
    "no key": ({"api_key": None, "virtual_key": "vk"}, "PORTKEY_API_KEY"),
    "no key at the hosted gateway": (
        {"api_key": None, "virtual_key": "vk", "base_url": "https://api.portkey.ai/v1/"},
        "PORTKEY_API_KEY",
    ),
    "no mode": ({}, "PORTKEY_VIRTUAL_KEY"),
    "empty key": ({"api_key": "", "virtual_key": "vk"}, r"api_key is empty. Hint: leave api_key out"),
    "key with a newline": ({"api_key": f"{KEY}\n", "virtual_key": "vk"}, "strip"),
    "two modes": ({"virtual_key": "vk", "config": "pc"}, r"virtual_key= and config= were given; .* Hint: pass one of"),
    "value and keyword": ({"auth": VirtualKey("vk"), "config": "pc"}, "auth= and config= were given"),
    "host without provider": ({"custom_host": "https://h"}, "custom_host= was given without provider="),
    "host beside a virtual key": ({"virtual_key": "vk", "custom_host": "https://h"}, "beside virtual_key="),
    "token beside a virtual key": ({"virtual_key": "vk", "authorization": "k"}, "authorization= was given beside"),
    "headers without provider": ({"provider_headers": {"aws_region": "r"}}, "no provider credentials are configured"),
    "headers beside a value": ({"auth": VirtualKey("vk-1"), "provider_headers": {"aws_region": "r"}}, "beside auth="),
    "two spellings": ({"provider": "o", "authorization": "k", "Authorization": "k"}, "same argument"),
    "auth is text": ({"auth": "vk"}, r"must be a value such as VirtualKey\(\.\.\.\), not a str"),
    "auth is a class": ({"auth": Managed}, "not a class"),
    "base URL without scheme": ({"base_url": "gateway.test"}, "must begin with https://.* Hint: write it as in"),
    "base URL of another scheme": ({"base_url": "ftp://gateway.test"}, "https://"),
    "base URL without host": ({"base_url": "https://"}, "https://"),
    "base URL with password": ({"base_url": "https://u:p@h/v1"}, "user name or password"),
    "base URL with query": ({"base_url": "https://h/v1?a=1"}, "query"),
    "base URL with fragment": ({"base_url": "https://h/v1#a"}, "query or a fragment"),
    "base URL with a bad port": ({"base_url": "https://h:x/v1"}, "https://"),
    "base URL with a port beyond the last": ({"base_url": "https://h:99999/v1"}, "a port from 1 to 65535"),
    "base URL with port 0": ({"base_url": "https://h:0/v1"}, "a port from 1 to 65535"),
    "base URL with an empty label": ({"base_url": "https://a..b/v1"}, "name a host"),
    "base URL with a label beyond DNS": ({"base_url": f"https://{'a' * 64}.test/v1"}, "name a host"),
    "base URL with a label that is none": ({"base_url": "https://xn--/v1"}, "name a host"),
    "base URL with space": ({"base_url": "https://h/v1 "}, "white space"),
    "empty base URL": ({"base_url": ""}, "base_url is empty.* Hint: pass a URL such as"),
    "base URL is a number": ({"base_url": 5, "api_key": None}, "base_url"),
    "timeout is zero": ({"timeout": 0}, "positive number"),
    "timeout is true": ({"timeout": True}, "positive number"),
    "timeout is no number": ({"timeout": float("nan")}, "positive number"),
    "retries below zero": ({"max_retries": -1}, "max_retries"),
    "retries are true": ({"max_retries": True}, "max_retries"),
    "headers are a list": ({"default_headers": [("a", "b")]}, "default_headers must be a mapping"),
    "header name with a space": ({"default_headers": {"a b": "c"}}, "no name of a header"),
    "header with a newline": ({"default_headers": {"a": "b\nc"}}, "no header can carry"),
    "header that is the mode's": ({"default_headers": {"X-Portkey-Virtual-Key": "a"}}, "belongs to an auth mode"),
    "header of another mode": ({"default_headers": {"x-portkey-config": "a"}}, "belongs to an auth mode"),
    "metadata is no mapping": ({"metadata": 5}, "mapping of JSON data"),
    "metadata is no JSON": ({"metadata": {"a": object()}}, "mapping of JSON data"),
    "trace id with a newline": ({"trace_id": "a\nb"}, "trace_id"),
}


@pytest.mark.parametrize("name", BAD_CLIENTS)
@pytest.mark.parametrize("kind", [Portkey, AsyncPortkey])
def test_a_client_that_cannot_work_is_refused_with_advice(name: str, kind: type[Portkey | AsyncPortkey]) -> None:
    keywords, message = BAD_CLIENTS[name]
    mode = set(keywords) & {"virtual_key", "config", "provider", "auth", "custom_host", "provider_headers"}
    sound = {"api_key": KEY} if mode or name == "no mode" else {"api_key": KEY, "virtual_key": "vk"}
    with pytest.raises(ConfigurationError, match=message):
        kind(**{**sound, **keywords})


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("https://h:65535/v1", "https://h:65535/v1"),
        ("http://h:1", "http://h:1"),
        ("https://h/X", "https://h/X"),
        ("https://h/v1//", "https://h/v1"),
    ],
)
def test_a_base_url_is_used_without_the_slashes_at_its_end(given: str, used: str) -> None:
    assert Portkey(base_url=given, virtual_key="vk").base_url == used


def test_a_header_that_the_mode_sets_is_not_set_twice() -> None:
    with pytest.raises(ConfigurationError, match="sets already"):
        Portkey(api_key=KEY, provider="openai", authorization="k", default_headers={"Authorization": "Bearer x"})
    with pytest.raises(ConfigurationError, match="sets already"):
        Portkey(
            api_key=KEY, provider="openai", authorization=lambda: "k", default_headers={"Authorization": "Bearer x"}
        )
    # To a proxy in front of the gateway, say.
    client = Portkey(api_key=KEY, virtual_key="vk", default_headers={"Authorization": "Bearer x"})
    assert client._settings.headers()["authorization"] == "Bearer x"


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"VIRTUAL_KEY": "a", "CONFIG": "b"}, "PORTKEY_VIRTUAL_KEY and PORTKEY_CONFIG are both set"),
        ({"CONFIG": "b", "PROVIDER": "@slug"}, "PORTKEY_CONFIG and PORTKEY_PROVIDER are both set"),
        ({"CUSTOM_HOST": "https://h"}, "without PORTKEY_PROVIDER"),
        ({"AUTHORIZATION": "k"}, "without PORTKEY_PROVIDER"),
        ({}, "no provider credentials"),
    ],
)
def test_an_environment_that_cannot_work_is_refused(
    monkeypatch: pytest.MonkeyPatch, environment: Mapping[str, str], message: str
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(f"PORTKEY_{name}", value)
    with pytest.raises(ConfigurationError, match=message):
        Portkey(api_key=KEY)


def test_the_http_client_is_of_the_right_kind() -> None:
    with pytest.raises(ConfigurationError, match=r"httpx\.Client"):
        Portkey(api_key=KEY, virtual_key="vk", http_client=httpx.AsyncClient())  # type: ignore[arg-type]
    with httpx.Client() as client, pytest.raises(ConfigurationError, match=r"httpx\.AsyncClient"):
        AsyncPortkey(api_key=KEY, virtual_key="vk", http_client=client)  # type: ignore[arg-type]


@pytest.mark.parametrize("base_url", ["http://gateway.test/v1", "https://api.portkey.ai/v1X"])
async def test_a_self_hosted_gateway_needs_no_portkey_key(way: Way, wire: Wire, base_url: str) -> None:
    client = way.client(wire.say({"id": "f"}), api_key=None, base_url=base_url)
    await way.get(client.files.retrieve("f"))
    assert "x-portkey-api-key" not in wire.last.headers


@pytest.mark.parametrize("given", [{"api_key": KEY}, {"api_key": None}])
async def test_the_portkey_key_goes_out_from_the_argument_or_the_environment(
    way: Way, wire: Wire, given: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORTKEY_API_KEY", "pk-other" if given["api_key"] else KEY)
    await way.get(way.client(wire.say({"id": "f"}), **given).files.retrieve("f"))
    assert wire.last.headers["x-portkey-api-key"] == KEY


async def test_settings_of_the_client_go_out_with_every_request(way: Way, wire: Wire) -> None:
    client = way.client(
        wire.say({"id": "f"}),
        trace_id="t-1",
        metadata={"team": "ä", "n": 1},
        default_headers={"X-Extra": "e"},
        timeout=0.5,
    )
    await way.get(client.files.retrieve("f"))
    sent = wire.last.headers
    assert (sent["x-portkey-trace-id"], sent["x-portkey-metadata"], sent["x-extra"]) == (
        "t-1",
        r'{"team":"\u00e4","n":1}',
        "e",
    )
    assert wire.last.extensions["timeout"] == {"connect": 0.5, "read": 0.5, "write": 0.5, "pool": 0.5}


async def test_options_of_a_call_go_out_with_it_alone(way: Way, wire: Wire) -> None:
    client = way.client(wire.say({"id": "f"}), trace_id="t-1")
    options = {
        "trace_id": "t-2",
        "gateway_metadata": {"a": 1},
        "extra_headers": {"X-Extra": "e"},
        "timeout": float("inf"),
    }
    await way.get(client.files.retrieve("f", **options))
    sent = wire.last.headers
    assert (sent["x-portkey-trace-id"], sent["x-portkey-metadata"], sent["x-extra"]) == ("t-2", '{"a":1}', "e")
    assert set(wire.last.extensions["timeout"].values()) == {None}
    await way.get(client.files.retrieve("f"))
    assert wire.last.headers["x-portkey-trace-id"] == "t-1"
    assert "x-extra" not in wire.last.headers


async def test_the_timeout_of_ones_own_http_client_is_respected(way: Way, wire: Wire) -> None:
    client = way.client(wire.say({"id": "f"}))
    await way.get(client.files.retrieve("f"))
    assert wire.last.extensions["timeout"]["read"] == 5.0


BAD_CALLS: Mapping[str, tuple[dict[str, Any], type[Exception], str]] = {
    "misspelt": ({"time_out": 5}, TypeError, "did you mean 'timeout'"),
    "unknown": ({"qqq": 5}, TypeError, "unexpected keyword argument 'qqq'$"),
    "timeout": ({"timeout": "5"}, ConfigurationError, "positive number"),
    "credential": ({"extra_headers": {"x-portkey-api-key": "k"}}, ConfigurationError, "belongs to an auth mode"),
    "header": ({"extra_headers": {"a": ""}}, ConfigurationError, "is empty"),
    "trace id": ({"trace_id": 5}, ConfigurationError, "must be a string"),
    "metadata": ({"gateway_metadata": {"a": float("nan")}}, ConfigurationError, "JSON data"),
}


@pytest.mark.parametrize("name", BAD_CALLS)
async def test_options_that_cannot_work_are_refused_before_anything_is_sent(name: str, way: Way, wire: Wire) -> None:
    options, error, message = BAD_CALLS[name]
    client = way.client(wire.say({"id": "f"}))
    with pytest.raises(error, match=message):
        await way.get(client.fine_tuning.jobs.retrieve("j", **options))
    with pytest.raises(error, match=message):
        client.fine_tuning.jobs.list(**options)
    assert wire.requests == []
