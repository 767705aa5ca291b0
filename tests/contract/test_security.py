"""The auth modes are the security alternatives of the document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pytest

from portkey_ft import Config, Managed, Provider, VirtualKey
from portkey_ft.auth import Auth

if TYPE_CHECKING:
    from tests.support.seam import Recorder

# Every auth mode in each of its forms; the document knows no other.
MODES: tuple[Auth, ...] = (
    VirtualKey("vk-0123456789"),
    Config("pc-0123456789"),
    Provider("openai", authorization="sk-0123456789"),
    Provider("openai", authorization="sk-0123456789", custom_host="https://llm.test/v1"),
)


def _header_names(document: Mapping[str, Any]) -> Mapping[str, str]:
    """Tell which header each security scheme is sent in; one that is sent otherwise is of no use here."""
    names: dict[str, str] = {}
    for name, scheme in document["components"]["securitySchemes"].items():
        if scheme["type"] == "apiKey" and scheme["in"] == "header":
            names[name] = scheme["name"].lower()
        elif scheme["type"] == "http" and scheme["scheme"] == "bearer":
            names[name] = "authorization"
    return names


def _alternatives(document: Mapping[str, Any]) -> Mapping[str, frozenset[frozenset[str]]]:
    """Tell, for each operation, which sets of headers let a request in."""
    names = _header_names(document)
    return {
        f"{method} {path}": frozenset(
            frozenset(names[scheme] for scheme in alternative)
            for alternative in described.get("security", document.get("security", ()))
            if alternative.keys() <= names.keys()
        )
        for path, item in document["paths"].items()
        for method, described in item.items()
    }


def _shared(document: Mapping[str, Any]) -> frozenset[frozenset[str]]:
    """Give the alternatives that every operation accepts. One that is new, or at some operations only, harms nobody."""
    return frozenset.intersection(*_alternatives(document).values())


def test_each_mode_sends_an_alternative_that_every_operation_accepts(
    recorder: Recorder, operation: str, document: Mapping[str, Any]
) -> None:
    credentials = set(_header_names(document).values())
    sent: list[frozenset[str]] = []
    for mode in MODES:
        recorder.requests.clear()
        request = recorder.call(operation, api_key="pk-0123456789", auth=mode)
        sent.append(frozenset(set(request.headers) & credentials))
    assert frozenset(sent) <= _shared(document)
    assert len(set(sent)) == len(MODES)


def test_the_bearer_scheme_is_sent_as_one(recorder: Recorder) -> None:
    request = recorder.call("files.list", api_key="pk-0123456789", auth=MODES[2])
    assert request.headers["authorization"] == "Bearer sk-0123456789"


def test_managed_is_the_stated_exception(recorder: Recorder, document: Mapping[str, Any]) -> None:
    request = recorder.call("files.list", api_key="pk-0123456789", auth=Managed())
    credentials = set(_header_names(document).values())
    assert set(request.headers) & credentials == {"x-portkey-api-key"}
    assert frozenset({"x-portkey-api-key"}) not in _shared(document)


@pytest.mark.parametrize("mode", MODES, ids=["virtual key", "config", "provider", "provider at a host"])
def test_a_mode_alone_needs_no_portkey_key_at_a_gateway_of_ones_own(recorder: Recorder, mode: Auth) -> None:
    request = recorder.call("files.list", auth=mode)
    assert "x-portkey-api-key" not in request.headers
