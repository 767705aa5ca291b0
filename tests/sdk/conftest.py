from __future__ import annotations

import pytest

from portkey_ft.testing import FakeClock, FakeGateway
from tests.support.ways import Way, Wire


@pytest.fixture(params=["sync", "asyncio", pytest.param("trio", marks=pytest.mark.trio)])
def way(request: pytest.FixtureRequest, clock: FakeClock) -> Way:
    """Each way to use the package."""
    return Way(request.param, clock)


@pytest.fixture
def anyio_backend(way: Way) -> str:
    """The event loop that a test runs in."""
    return "trio" if way.name == "trio" else "asyncio"


@pytest.fixture
def clock() -> FakeClock:
    """A clock on which waiting takes no time."""
    return FakeClock()


@pytest.fixture
def wire() -> Wire:
    """A transport whose responses the test defines."""
    return Wire()


@pytest.fixture
def gateway(clock: FakeClock) -> FakeGateway:
    """A fake gateway on the same clock."""
    return FakeGateway(clock=clock)
