"""Every fault between the real gateway and a provider: what comes of it is written down in fault_matrix.md."""

from __future__ import annotations

import itertools
import ssl
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

import anyio
import pytest
import trustme

from portkey_ft import AsyncPortkey, Portkey
from portkey_ft.errors import PortkeyError
from portkey_ft.testing import FakeClock
from tests.e2e.backends.store import Store
from tests.e2e.cases import CASES, TRAINING, Case
from tests.e2e.driving import Client, run, run_async
from tests.e2e.fault_proxy import FAULTS, Fault, FaultProxy, proxying, whole
from tests.e2e.fault_tables import Compare, FaultTable, in_words
from tests.e2e.gateway_process import running
from tests.e2e.internet import Internet
from tests.e2e.loopback import TABLE
from tests.e2e.operations import OPERATIONS
from tests.e2e.silence import async_http, sync_http

pytestmark = pytest.mark.skipif(not TABLE.exists(), reason=f"needs {TABLE}, to order a fault behind what it follows")

#: Generous: what must time out does so when the proxy has fallen silent, and nothing else may.
TIMEOUT = 60

#: What the gateway passes on while it comes; of everything else it reads the whole response before it answers.
STREAMED = ("files.content",)

#: With what the gateway makes of a fault, both kinds of client do the same: the first table shows it for all of them.
ASYNC_SAMPLE = ("files.content", "fine_tuning.jobs.create", "fine_tuning.jobs.retrieve")

#: What takes effect once, and costs something.
PAID = ("files.create", "fine_tuning.jobs.create", "fine_tuning.jobs.cancel")

# Where the gateway is told to find a provider. The first two names are mapped: RFC 2606 keeps ".invalid" from ever
# being given away, and the gateway refuses it as a custom host.
UNKNOWN, UNTRUSTED = "https://unknown.example.com", "https://untrusted.example.com"
PLACES = (
    Fault("connection refused", whole, at="http://127.0.0.1:1"),
    Fault("host unknown to DNS", whole, at=UNKNOWN),
    Fault("plain HTTP where TLS is expected", whole, at="https://plain.example.com"),
    Fault("certificate of nobody", whole, at=UNTRUSTED),
)
PROVIDER_FAULTS = (*(fault for fault in FAULTS if not fault.closes), *PLACES)
NAMES = [fault.name for fault in PROVIDER_FAULTS]

BY_OPERATION = FaultTable(
    "Between the gateway and OpenAI",
    """\
The same faults, and some more, behind the real gateway: each happens to one of its requests, with two more attempts of
the SDK allowed. The gateway tries once. A file whose announced length is too small comes short, which nobody after the
gateway can see; `files.retrieve(...).bytes` tells. Written by `tests/e2e/test_provider_faults.py`.
""",
    NAMES,
    list(OPERATIONS),
)
LOOK_AFTER = "bedrock, the look after it"
BY_PROVIDER = FaultTable(
    "A create, between the gateway and each provider",
    """\
Never more than one job, whatever happens. Bedrock's create is followed by a look at the job, which may fail without
harm. Written by `tests/e2e/test_provider_faults.py`.
""",
    NAMES,
    [*CASES, LOOK_AFTER],
)


@pytest.fixture(scope="module")
def proxy(_internet: Internet) -> Iterator[FaultProxy]:
    """What the gateway takes for the internet."""
    with proxying(urlsplit(_internet.url).port or 0) as proxy:
        yield proxy


@pytest.fixture(scope="module")
def untrusted(_internet: Internet) -> Iterator[FaultProxy]:
    """The same, in TLS, with a certificate of an authority that nobody knows."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    with proxying(urlsplit(_internet.url).port or 0, context) as proxy:
        yield proxy


@pytest.fixture(scope="module")
def exposed(gateway_folder: Path, _internet: Internet, proxy: FaultProxy, untrusted: FaultProxy) -> Iterator[str]:
    """The real gateway, with faults between it and the providers; its base URL."""
    hosts = dict.fromkeys(_internet.hosts, f"http://127.0.0.1:{proxy.port}")
    hosts["unknown.example.com"] = "https://provider.invalid"
    hosts["untrusted.example.com"] = f"https://127.0.0.1:{untrusted.port}"
    hosts["plain.example.com"] = f"https://127.0.0.1:{proxy.port}"
    with running(gateway_folder, hosts) as gateway:
        yield gateway.base_url


def arguments(fault: Fault, case: Case, base_url: str, clock: FakeClock) -> dict[str, Any]:
    """Give the arguments of a client that suffers a fault."""
    given = case.client(base_url=base_url, clock=clock, timeout=TIMEOUT)
    return given if fault.at is None else {**given, "custom_host": case.custom_host(fault.at)}


def struck(client: Client, strike: Callable[[], None], call: Callable[[Client], Any]) -> Any:  # noqa: ANN401 - a scenario
    """Let the fault happen to a call, and give what comes of it."""
    strike()
    try:
        return (yield call(client))
    except PortkeyError as error:
        return error


class Suffer(Protocol):
    """Lets a fault happen to a call; gives what came of it, and the clock."""

    def __call__(
        self, fault: Fault, case: Case, call: Callable[[Client], Any], *, spared: int = 0, streamed: bool = False
    ) -> tuple[object, FakeClock]:
        """Spare so many of the gateway's requests; say whether the response is passed on while it comes."""


@pytest.fixture(params=["sync", "async"])
def suffer(request: pytest.FixtureRequest, proxy: FaultProxy, exposed: str) -> Suffer:
    """Let a fault happen to a call."""

    def suffer(
        fault: Fault, case: Case, call: Callable[[Client], Any], *, spared: int = 0, streamed: bool = False
    ) -> tuple[object, FakeClock]:
        clock = FakeClock()
        given = arguments(fault, case, exposed, clock)

        def strike() -> None:
            if fault.at is None:
                proxy.strike(fault, spared)
                proxy.silence.in_body = fault.stalls_in_body and streamed

        async def suffering() -> object:
            async with async_http(proxy.silence) as http:
                return await run_async(struck(AsyncPortkey(**given, http_client=http), strike, call))

        try:
            if request.param == "async":
                return anyio.run(suffering), clock
            with sync_http(proxy.silence) as http:
                return run(struck(Portkey(**given, http_client=http), strike, call)), clock
        finally:
            # The gateway waits on.
            proxy.release()

    return suffer


def check_create(outcome: Any, store: Store, before: int) -> None:  # noqa: ANN401 - a job or an error
    """There is one job at most, and whoever is not given it is told to look."""
    started = len(store.jobs) - before
    assert started <= 1
    if isinstance(outcome, Exception):
        assert not started or "before you send it again" in str(outcome)
    else:
        assert [unquote(outcome.id)] == list(store.jobs)[before:]


@pytest.fixture(scope="module")
def compare_operations(rewriting: bool) -> Iterator[Compare]:  # noqa: FBT001 - a fixture
    """Compare with the table of operations."""
    with BY_OPERATION.compared(rewriting=rewriting) as compare:
        yield compare


@pytest.mark.parametrize(
    ("operation", "suffer"),
    [*((name, "sync") for name in OPERATIONS), *((name, "async") for name in ASYNC_SAMPLE)],
    indirect=["suffer"],
)
@pytest.mark.parametrize("fault", PROVIDER_FAULTS, ids=lambda fault: fault.name)
def test_what_comes_of_a_fault_at_the_provider_is_what_is_written_down(
    fault: Fault, operation: str, suffer: Suffer, internet: Internet, compare_operations: Compare
) -> None:
    """A result, a result after another attempt, or a typed error; and never a second job, file or cancellation."""
    store = internet.backends["openai"].store
    store.keep("file-there", "t.jsonl", TRAINING)
    store.start("ftjob-there", {"model": "gpt-4o-mini", "training_file": "file-there"})

    def there(client: Client) -> Any:  # noqa: ANN401 - a result, or what can be awaited for one
        return OPERATIONS[operation](client, "file-there", "ftjob-there")

    outcome, clock = suffer(fault, CASES["openai"], there, streamed=operation in STREAMED)
    assert len(store.files) - 1 <= (operation == "files.create")
    cancels = [request for request in store.received if request.path.endswith("/cancel")]
    assert len(cancels) <= (operation == "fine_tuning.jobs.cancel")
    if operation == "fine_tuning.jobs.create":
        check_create(outcome, store, 1)
    else:
        assert len(store.jobs) == 1
    if operation in PAID and isinstance(outcome, Exception):
        assert "before you send it again" in str(outcome)
    compare_operations(fault.name, operation, in_words(outcome, len(clock.sleeps)))
    assert "Retry-After" not in fault.name or all(7 <= seconds <= 8 for seconds in clock.sleeps)
    if operation == "files.content" and "in the body" in fault.name:
        assert outcome == TRAINING


@pytest.fixture(scope="module")
def compare_providers(rewriting: bool) -> Iterator[Compare]:  # noqa: FBT001 - a fixture
    """Compare with the table of providers."""
    with BY_PROVIDER.compared(rewriting=rewriting) as compare:
        yield compare


@pytest.mark.parametrize("suffer", ["sync"], indirect=True)
@pytest.mark.parametrize("column", [*CASES, LOOK_AFTER])
@pytest.mark.parametrize("fault", PROVIDER_FAULTS, ids=lambda fault: fault.name)
def test_no_provider_starts_two_jobs_for_one_create(
    fault: Fault, column: str, suffer: Suffer, internet: Internet, compare_providers: Compare
) -> None:
    provider, _, looking = column.partition(", ")
    case, store = CASES[provider], internet.backends[provider].store
    training_file = {"bedrock": "s3://e2e-bucket/t.jsonl", "vertex-ai": "gs://e2e-bucket/t.jsonl"}.get(
        provider, "file-1"
    )
    store.keep(training_file, "t.jsonl", TRAINING)

    def create(client: Client) -> Any:  # noqa: ANN401 - a job, or what can be awaited for one
        given = {"model": case.model, "training_file": training_file, "suffix": "e2e", **case.create}
        return client.fine_tuning.jobs.create(**given)

    outcome, clock = suffer(fault, case, create, spared=1 if looking else 0)
    check_create(outcome, store, 0)
    compare_providers(fault.name, column, in_words(outcome, len(clock.sleeps)))


def test_every_fault_at_a_provider_is_written_down() -> None:
    for table in (BY_OPERATION, BY_PROVIDER):
        assert set(table.read()) == set(itertools.product(table.faults, table.columns))


def test_no_create_is_repeated_by_a_fault_at_a_provider_unless_it_was_refused() -> None:
    """Read from the tables: what starts paid work has a result after another attempt only if it was refused."""
    refused = {"429", "429, Retry-After"}
    cells: Mapping[tuple[str, str], str] = BY_OPERATION.read()
    repeated = {fault for (fault, name), cell in cells.items() if name in PAID and cell.startswith("result after")}
    assert repeated <= refused
    repeated = {fault for (fault, name), cell in BY_PROVIDER.read().items() if name in CASES and "after" in cell}
    assert repeated <= refused
