"""A pytest plugin: fixtures for a fake gateway on a fake clock, and for clients connected to it.

Nothing turns it on by itself. Name it in the ``conftest.py`` at the root of your tests::

    pytest_plugins = ["portkey_ft.testing.pytest_plugin"]

or on the command line: ``pytest -p portkey_ft.testing.pytest_plugin``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final, TypeVar

import pytest

from portkey_ft import AsyncPortkey, Portkey
from portkey_ft.testing._clock import FakeClock
from portkey_ft.testing._gateway import FakeGateway
from portkey_ft.testing._http.transport import async_http_client, http_client

__all__ = ["make_async_portkey", "make_portkey", "portkey_clock", "portkey_gateway"]

_BASE_URL: Final = "https://gateway.test/v1"
_AUTH_MODES: Final = frozenset({"auth", "config", "provider", "virtual_key"})

Client = TypeVar("Client")


@pytest.fixture
def portkey_clock() -> FakeClock:
    """Return a ``FakeClock``: the gateway's and the clients', so that hours of waiting pass at once."""
    return FakeClock()


@pytest.fixture
def portkey_gateway(portkey_clock: FakeClock) -> FakeGateway:
    """Return a ``FakeGateway`` without jobs and files. Define a fixture of this name to change its settings."""
    return FakeGateway(clock=portkey_clock)


@pytest.fixture
def make_portkey(portkey_gateway: FakeGateway, portkey_clock: FakeClock) -> Iterator[Callable[..., Portkey]]:
    """Return a function that creates a ``Portkey`` client of ``portkey_gateway``, in this process.

    It takes the arguments of ``Portkey``. Without credentials of a provider the client has ``provider="@openai"``. What
    it creates is closed after the test. The environment is not read.
    """
    with http_client(portkey_gateway.transport()) as connections:
        yield _with_defaults(Portkey, {"http_client": connections, "clock": portkey_clock})


@pytest.fixture
def make_async_portkey(portkey_gateway: FakeGateway, portkey_clock: FakeClock) -> Callable[..., AsyncPortkey]:
    """Return a function that creates an ``AsyncPortkey`` client of ``portkey_gateway``, in this process.

    It takes the arguments of ``AsyncPortkey``. Without credentials of a provider the client has ``provider="@openai"``.
    It works on asyncio and on trio, and need not be closed. The environment is not read.
    """
    # Closing needs an event loop, which a fixture does not have. Without sockets there is nothing to release.
    connections = async_http_client(portkey_gateway.transport())
    return _with_defaults(AsyncPortkey, {"http_client": connections, "clock": portkey_clock})


def _with_defaults(client_class: Callable[..., Client], defaults: Mapping[str, object]) -> Callable[..., Client]:
    def make(**options: object) -> Client:
        provider = {} if _AUTH_MODES & options.keys() else {"provider": "@openai"}
        return client_class(**{"api_key": "pk-test", "base_url": _BASE_URL, **provider, **defaults, **options})

    return make
