"""Auth modes as values: which headers they give, how they compare, and what they refuse."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import pytest

from portkey_ft import Config, ConfigurationError, Managed, Provider, VirtualKey

if TYPE_CHECKING:
    from portkey_ft.auth import Auth

VALUES = (
    VirtualKey("vk-0123456789"),
    Config("pc-0123456789"),
    Provider("openai", authorization="sk-0123456789", provider_headers={"aws_region": "us-east-1"}),
    Managed(),
)

# Made in the test and not when the module is read, as are all values below.
MODES: Mapping[str, tuple[Callable[[], Auth], Mapping[str, str]]] = {
    "virtual key": (lambda: VirtualKey("vk"), {"x-portkey-virtual-key": "vk"}),
    "id of a config": (lambda: Config("pc-1"), {"x-portkey-config": "pc-1"}),
    "config": (
        lambda: Config({"provider": "openai", "api_key": "k"}),
        {"x-portkey-config": '{"provider":"openai","api_key":"k"}'},
    ),
    "config as text": (lambda: Config('{"provider": "openai"}'), {"x-portkey-config": '{"provider":"openai"}'}),
    "config on lines": (
        lambda: Config('\n {\n  "provider": "openai"\n}\n'),
        {"x-portkey-config": '{"provider":"openai"}'},
    ),
    "virtual key with a header": (
        lambda: VirtualKey("vk-1", provider_headers={"aws_s3_bucket": "b"}),
        {"x-portkey-virtual-key": "vk-1", "x-portkey-aws-s3-bucket": "b"},
    ),
    "managed with a header": (
        lambda: Managed(provider_headers={"aws_s3_bucket": "b"}),
        {"x-portkey-aws-s3-bucket": "b"},
    ),
    "token": (
        lambda: Provider("openai", authorization="sk-1"),
        {"x-portkey-provider": "openai", "authorization": "Bearer sk-1"},
    ),
    "token with its scheme": (
        lambda: Provider("o", authorization="Bearer sk-1"),
        {"x-portkey-provider": "o", "authorization": "Bearer sk-1"},
    ),
    "scheme in small letters": (
        lambda: Provider("o", authorization="bearer sk-1"),
        {"x-portkey-provider": "o", "authorization": "Bearer sk-1"},
    ),
    "slug": (lambda: Provider("@slug"), {"x-portkey-provider": "@slug"}),
    "host with a slash": (
        lambda: Provider("openai", authorization="sk-1", custom_host="http://127.0.0.1:1/v1/"),
        {
            "x-portkey-provider": "openai",
            "authorization": "Bearer sk-1",
            "x-portkey-custom-host": "http://127.0.0.1:1/v1",
        },
    ),
    "host whose name ends in X": (
        lambda: Provider("@slug", custom_host="https://h/X"),
        {"x-portkey-provider": "@slug", "x-portkey-custom-host": "https://h/X"},
    ),
    "provider headers": (
        lambda: Provider(
            "bedrock",
            provider_headers={
                "aws_region": "us-east-1",
                "X-Portkey-Aws-Role-Arn": "arn",
                "vertex_service_account_json": {"a": [1], "b": 2},
                "nothing": None,
                "on": True,
                "off": False,
                "n": 3,
            },
        ),
        {
            "x-portkey-provider": "bedrock",
            "x-portkey-aws-region": "us-east-1",
            "x-portkey-aws-role-arn": "arn",
            "x-portkey-vertex-service-account-json": '{"a":[1],"b":2}',
            "x-portkey-on": "true",
            "x-portkey-off": "false",
            "x-portkey-n": "3",
        },
    ),
    "managed": (Managed, {}),
}


@pytest.mark.parametrize("name", MODES)
def test_a_mode_gives_these_headers(name: str) -> None:
    make, headers = MODES[name]
    assert make().headers() == headers


def test_values_compare_and_hash_by_what_they_hold() -> None:
    assert VirtualKey("a") == VirtualKey("a") != VirtualKey("b")
    assert len({Provider("o", authorization="k"), Provider("o", authorization="Bearer k")}) == 1


@pytest.mark.parametrize("auth", VALUES, ids=lambda auth: type(auth).__name__)
def test_values_copy_and_do_not_pickle(auth: Auth) -> None:
    assert copy.copy(auth) == copy.deepcopy(auth) == auth
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(auth)


BAD_VALUES: Mapping[str, tuple[Any, str]] = {
    "empty virtual key": (lambda: VirtualKey(""), "virtual_key is empty"),
    "blank virtual key": (lambda: VirtualKey(" "), "virtual_key is empty"),
    "newline at the end": (lambda: VirtualKey("vk\n"), "white space"),
    "newline inside": (lambda: VirtualKey("v\nk"), "no header can carry"),
    "not ASCII": (lambda: VirtualKey("vk\u2013"), "no header can carry"),
    "no text": (lambda: VirtualKey(5), "must be a string, not int"),  # type: ignore[arg-type]
    "empty config": (lambda: Config(""), "config is empty"),
    "empty mapping": (lambda: Config({}), "config is empty"),
    "JSON list": (lambda: Config("[1]"), "is not a JSON object"),
    "broken JSON": (lambda: Config("{x"), "is not a JSON object"),
    "config of no JSON data": (lambda: Config({"a": object()}), "^config must be text, or a mapping of JSON data"),
    "config is a number": (lambda: Config(5), "mapping of JSON data"),  # type: ignore[arg-type]
    "config with NaN": (lambda: Config({"a": float("nan")}), "mapping of JSON data"),
    "empty provider": (lambda: Provider("", authorization="k"), "provider is empty"),
    "no credential": (lambda: Provider("openai"), "has no credential"),
    "empty token": (lambda: Provider("openai", authorization=""), "authorization is empty"),
    "scheme alone": (lambda: Provider("openai", authorization="Bearer"), "authorization, after its Bearer, is empty"),
    "two spaces": (lambda: Provider("openai", authorization="Bearer  k"), "white space"),
    "space first": (lambda: Provider("openai", authorization=" k"), "white space"),
    "token with newline": (lambda: Provider("openai", authorization="k\n"), "white space"),
    "host without scheme": (lambda: Provider("o", authorization="k", custom_host="llm.test"), "https://"),
    "host with password": (lambda: Provider("o", authorization="k", custom_host="https://u:p@h"), "user name"),
    "empty host": (lambda: Provider("o", authorization="k", custom_host=""), "custom_host is empty"),
    "headers are no mapping": (
        lambda: Provider("o", provider_headers="a"),
        "^provider_headers must be a mapping of names",
    ),  # type: ignore[arg-type]
    "authorization as header": (lambda: Provider("o", provider_headers={"Authorization": "k"}), "argument of its own"),
    "virtual key as header": (lambda: Provider("o", provider_headers={"virtual_key": "k"}), "pass VirtualKey"),
    "trace id as header": (lambda: Provider("o", provider_headers={"x-portkey-trace-id": "k"}), "argument of its own"),
    "header without JSON": (
        lambda: Provider("o", provider_headers={"a": {"b": object()}}),
        "^a mapping in provider_headers must be text, or a mapping of JSON data",
    ),
    "header of a list": (lambda: Provider("o", provider_headers={"a": []}), "must be a string"),  # type: ignore[dict-item]
    "empty header name": (lambda: Provider("o", provider_headers={"": "a"}), "a name in provider_headers is empty"),
}


@pytest.mark.parametrize("name", BAD_VALUES)
def test_a_value_that_cannot_work_is_refused_without_being_shown(name: str) -> None:
    make, message = BAD_VALUES[name]
    with pytest.raises(ConfigurationError, match=message):
        make()
