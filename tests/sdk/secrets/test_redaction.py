"""Which texts are secret, in which forms they are looked for, and what an error no longer carries."""

from __future__ import annotations

import asyncio
import json
import traceback
from collections.abc import Callable
from typing import Any

import pytest

from portkey_ft import PortkeyError
from portkey_ft._redaction import (
    async_without_arguments_in_traceback,
    credential_texts,
    hides_init_arguments,
    json_texts,
    redact,
    secret_texts,
    without_arguments_in_traceback,
    without_response_in_traceback,
    without_traceback,
)

pytestmark = pytest.mark.security


def test_a_secret_is_looked_for_as_it_is_in_a_url_and_in_json_within_json() -> None:
    secret = 'key/with"quote'
    once = 'key/with\\"quote'
    twice = 'key/with\\\\\\"quote'
    assert json.loads(f'"{once}"') == secret
    assert json.loads(json.loads(f'"\\"{twice}\\""')) == secret
    found = set(json_texts(secret))
    assert found >= {secret, once, twice, "key%2Fwith%22quote"}
    assert found == {secret, once, twice, json.dumps(twice)[1:-1], "key%2Fwith%22quote"}


def test_a_text_that_cannot_be_encoded_is_looked_for_as_it_is() -> None:
    assert "\ud800 and more" in json_texts("\ud800 and more")


@pytest.mark.parametrize(
    ("texts", "shortest"),
    [
        (lambda text: credential_texts({"x-portkey-api-key": text}), 4),
        (lambda text: secret_texts({"x-session": text}), 8),
        (json_texts, 8),
    ],
)
def test_what_is_shorter_than_a_key_is_no_secret(texts: Callable[[str], tuple[str, ...]], shortest: int) -> None:
    assert texts("k" * shortest) == ("k" * shortest,)
    assert texts("k" * (shortest - 1)) == ()


@pytest.mark.parametrize("name", ["authorization", "proxy-authorization"])
def test_a_token_is_a_secret_without_its_scheme(name: str) -> None:
    found = {"Bearer to ken", "Bearer%20to%20ken", "to ken", "to%20ken"}
    assert set(credential_texts({name: "Bearer to ken"})) == found
    assert set(credential_texts({"x-other": "Bearer to ken"})) == {"Bearer to ken", "Bearer%20to%20ken"}


def test_the_names_of_provider_and_host_are_no_secrets() -> None:
    headers = {"x-portkey-provider": "openai", "x-portkey-custom-host": "ollama", "x-portkey-api-key": "canary"}
    assert credential_texts(headers) == ("canary",)


def test_names_in_a_config_are_no_secrets_wherever_they_stand() -> None:
    config = {
        "provider": "a-provider",
        "model": ["a-model-name", "another-model"],
        "targets": [{"mode": "a-fallback", "keys": ["a-long-key-1", "a-long-key-2"]}],
    }
    assert set(json_texts(config)) == {"a-long-key-1", "a-long-key-2"}
    assert {"a-long-key-1", "a-long-key-2"} <= set(credential_texts({"x-portkey-config": json.dumps(config)}))


def test_the_longest_secret_is_replaced_first() -> None:
    assert redact("it was secret-and-more", ["secret", "secret-and-more"]) == "it was ***"


def fail(kind: type[Exception]) -> None:
    """Fail while another exception is being handled, with a cause."""
    try:
        int("none")
    except ValueError as error:
        message = "no"
        raise kind(message) from error


async def fail_async(kind: type[Exception]) -> None:
    """Fail in the same way."""
    await asyncio.sleep(0)
    fail(kind)


class Refusing:
    """Refuses what it is made of."""

    def __init__(self, kind: type[Exception]) -> None:
        """Fail."""
        fail(kind)


def failed_async(kind: type[Exception]) -> None:
    """Run the coroutine function to its end."""
    asyncio.run(async_without_arguments_in_traceback(fail_async)(kind))


HIDDEN: dict[str, tuple[Callable[[], Callable[..., Any]], set[type[Exception]]]] = {
    "everything": (lambda: without_traceback(fail), {PortkeyError, LookupError}),
    "__init__": (lambda: hides_init_arguments(type("Hiding", (Refusing,), {})), {PortkeyError, LookupError}),
    "arguments": (lambda: without_arguments_in_traceback(fail), {PortkeyError}),
    "arguments, async": (lambda: failed_async, {PortkeyError}),
    "response": (lambda: without_response_in_traceback(fail), {PortkeyError}),
}


@pytest.mark.parametrize("what", HIDDEN)
@pytest.mark.parametrize("kind", [PortkeyError, LookupError])
def test_an_error_loses_its_frames_cause_and_context_where_they_show_a_key(what: str, kind: type[Exception]) -> None:
    decorated, hidden = HIDDEN[what]
    with pytest.raises(kind, match="no") as caught:
        decorated()(kind)
    names = [frame.name for frame in traceback.extract_tb(caught.tb)]
    if kind in hidden:
        assert caught.value.__cause__ is caught.value.__context__ is None
        assert "fail" not in names
    else:
        assert isinstance(caught.value.__cause__, ValueError)
        assert names[-1] == "fail"
