"""Every fault that a network knows, for every operation: what comes of it is written down in fault_matrix.md.

The fake gateway stands behind the proxy for all of them, the real one for a sample of each.
"""

from __future__ import annotations

import contextlib
import itertools
import socket
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import anyio
import pytest

from portkey_ft import AsyncPortkey, Portkey
from portkey_ft.errors import PortkeyError
from portkey_ft.testing import FakeClock, FakeGateway
from tests.e2e.cases import KEY, TRAINING
from tests.e2e.driving import Client, run, run_async
from tests.e2e.fault_proxy import FAULTS, Fault, FaultProxy, proxying
from tests.e2e.fault_tables import Compare, FaultTable, in_words
from tests.e2e.gateway_process import GatewayProcess
from tests.e2e.internet import Internet
from tests.e2e.loopback import TABLE
from tests.e2e.operations import OPERATIONS
from tests.e2e.silence import async_http, sync_http

pytestmark = pytest.mark.skipif(not TABLE.exists(), reason=f"needs {TABLE}, to order a fault behind what it follows")

#: Generous: what must time out does so when the proxy has fallen silent, and nothing else may.
TIMEOUT = 60

COMBINATIONS = list(itertools.product(FAULTS, OPERATIONS))


TABLE = FaultTable(
    "Between the SDK and the gateway",
    """\
Each fault happens to one request, with two more attempts allowed; a connection that is refused stays so. "result after
2" is a result of the second attempt. Written by `tests/e2e/test_faults.py`, which asserts it for the sync and the async
client.
""",
    [fault.name for fault in FAULTS],
    list(OPERATIONS),
)


@pytest.fixture
def fake() -> FakeGateway:
    """A gateway with a file and a job."""
    fake = FakeGateway(clock=FakeClock())
    fake.add_file(TRAINING, file_id="file-there")
    fake.add_job(job_id="ftjob-there", training_file="file-there", age=5.0)
    return fake


@pytest.fixture
def proxy(fake: FakeGateway) -> Iterator[FaultProxy]:
    """The proxy before the fake gateway."""
    with fake.serve() as url, proxying(urlsplit(url).port or 0) as proxy:
        yield proxy


def arguments(proxy: FaultProxy, clock: FakeClock) -> dict[str, Any]:
    """Give the arguments of a client that goes through the proxy."""
    return {
        "base_url": f"http://127.0.0.1:{proxy.port}/v1",
        "provider": "openai",
        "authorization": KEY,
        "timeout": TIMEOUT,
        "clock": clock,
    }


def struck(client: Client, proxy: FaultProxy, fault: Fault, operation: str) -> Any:  # noqa: ANN401 - a scenario
    """Warm a connection up, let the fault happen to the operation, and give what comes of it."""
    yield client.fine_tuning.jobs.retrieve("ftjob-there")
    proxy.strike(fault)
    try:
        return (yield OPERATIONS[operation](client, "file-there", "ftjob-there"))
    except PortkeyError as error:
        return error


@pytest.fixture(params=["sync", "async"])
def suffer(request: pytest.FixtureRequest, proxy: FaultProxy) -> Callable[[Fault, str], tuple[object, FakeClock]]:
    """Let a fault happen to an operation; give what came of it, and the clock."""

    def suffer(fault: Fault, operation: str) -> tuple[object, FakeClock]:
        clock = FakeClock()
        given = arguments(proxy, clock)
        if request.param == "sync":
            with sync_http(proxy.silence) as http:
                return run(struck(Portkey(**given, http_client=http), proxy, fault, operation)), clock

        async def suffering() -> object:
            async with async_http(proxy.silence) as http:
                return await run_async(struck(AsyncPortkey(**given, http_client=http), proxy, fault, operation))

        return anyio.run(suffering), clock

    return suffer


@pytest.mark.parametrize(("fault", "operation"), COMBINATIONS, ids=lambda part: getattr(part, "name", part))
def test_what_comes_of_a_fault_is_what_is_written_down(
    fault: Fault,
    operation: str,
    suffer: Callable[[Fault, str], tuple[object, FakeClock]],
    fake: FakeGateway,
    compare: Compare,
) -> None:
    """A result, a result after another attempt, or a typed error; and never a second job, file or cancellation."""
    outcome, clock = suffer(fault, operation)
    compare(fault.name, operation, in_words(outcome, len(clock.sleeps)))
    assert len(fake.jobs) - 1 <= (operation == "fine_tuning.jobs.create")
    assert len(fake.files) - 1 <= (operation == "files.create")
    if operation == "fine_tuning.jobs.create" and not isinstance(outcome, Exception):
        assert len(fake.jobs) == 2
    assert "Retry-After" not in fault.name or all(7 <= seconds <= 8 for seconds in clock.sleeps)
    if operation == "files.content" and "in the body" in fault.name:
        assert outcome == TRAINING


@pytest.mark.parametrize("random", [b"\r\n", b"  \r\n", b"GET / HTTP/1.1\r\n\r\n", b""])
def test_a_tls_handshake_is_no_request_whatever_its_random_bytes_are(proxy: FaultProxy, random: bytes) -> None:
    with socket.create_connection(("127.0.0.1", proxy.port), TIMEOUT) as client:
        client.sendall(b"\x16\x03\x01\x02\x00" + random)
        with contextlib.suppress(ConnectionResetError):  # of what was left unread
            assert client.recv(1) == b""


@pytest.fixture(scope="module")
def compare(rewriting: bool) -> Iterator[Compare]:  # noqa: FBT001 - a fixture
    """Compare what comes of a combination with what is written down."""
    with TABLE.compared(rewriting=rewriting) as compare:
        yield compare


def test_every_combination_is_written_down() -> None:
    assert set(TABLE.read()) == {(fault.name, operation) for fault, operation in COMBINATIONS}
    assert 2 * len(COMBINATIONS) >= 300


def test_no_create_is_repeated_once_it_may_have_arrived() -> None:
    """Read from the table: what starts paid work has a result after more than one attempt only if it was refused."""
    refused = {"429", "429, Retry-After"}
    for (fault, operation), cell in TABLE.read().items():
        if operation in {"fine_tuning.jobs.create", "files.create", "fine_tuning.jobs.cancel"} and cell.startswith(
            "result after"
        ):
            assert fault in refused, (fault, operation)


SAMPLE = ("fine_tuning.jobs.create", "fine_tuning.jobs.retrieve")


@pytest.mark.parametrize("operation", SAMPLE)
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_the_real_gateway_behind_the_fault_makes_no_difference(
    fault: Fault, operation: str, gateway: GatewayProcess, internet: Internet
) -> None:
    """What comes of it is the same as with the fake gateway, and there is never a second job at the provider."""
    store, clock = internet.backends["openai"].store, FakeClock()
    store.keep("file-there", "t.jsonl", TRAINING)
    store.start("ftjob-there", {"model": "gpt-4o-mini", "training_file": "file-there"})
    with proxying(gateway.port) as proxy, sync_http(proxy.silence) as http:
        client = Portkey(**arguments(proxy, clock), http_client=http)
        outcome = run(struck(client, proxy, fault, operation))
    assert len(store.jobs) - 1 <= (operation == "fine_tuning.jobs.create")
    assert in_words(outcome, len(clock.sleeps)) == TABLE.read()[fault.name, operation]
