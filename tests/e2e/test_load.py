"""Many calls at once on one client, for a while: nothing leaks, nothing is mixed up, nothing hangs.

What each load held is told at the end of the session, before, at work and after.
"""

from __future__ import annotations

import gc
import resource
import time
import tracemalloc
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import anyio
import pytest
from attrs import frozen

from portkey_ft import AsyncPortkey, Portkey
from tests.e2e.cases import CASES, TRAINING
from tests.e2e.gateway_process import GatewayProcess
from tests.e2e.internet import Internet
from tests.e2e.session_lines import LOADS

TASKS, THREADS = 200, 32
#: What a process may grow by, in KiB, buffers and caches included. A minute makes 10,000 to 30,000 calls: if each left
#: its answer (700 bytes, and some 2 KiB as objects) behind, that would be more.
GROWTH = 24 * 1024
#: What Python's own objects may grow by, in KiB, whatever the number of calls: connections come and go meanwhile, on
#: both ends of which this process has buffers and threads. An answer left behind by each call would be more after 400.
GROWTH_OF_OBJECTS = 512
#: How many connections a client keeps.
MOST_CONNECTIONS = 100
ESTABLISHED = "01"


@frozen
class Held:
    """What this process holds at a moment.

    Attributes:
        memory: In KiB, all in all.
        files: Open files and sockets, but for those of the back ends, which the gateway keeps.
        connections: To the gateway.
    """

    memory: int
    files: int
    connections: int


def held(gateway: GatewayProcess) -> Held:
    """Look at what this process holds."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    port = f"0100007F:{gateway.port:04X}"
    to_gateway = {f"socket:[{line[9]}]" for line in lines if line[2] == port and line[3] == ESTABLISHED}
    connected = {f"socket:[{line[9]}]" for line in lines if line[3] == ESTABLISHED}
    kept = [name for name in open_files() if name in to_gateway or name not in connected]
    return Held(pages * resource.getpagesize() // 1024, len(kept), len(to_gateway))


def open_files() -> Iterator[str]:
    """Name what this process has open; some of it may be closed while one looks."""
    for link in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):
            yield str(link.readlink())


@frozen
class Load:
    """What a load came to."""

    kind: str
    calls: int
    seconds: float
    traced: int
    traced_calls: int
    before: Held
    warm: Held
    at_work: Held
    after: Held

    def line(self) -> str:
        """Give a line of the table at the end of the session."""
        row = [self.kind, f"{self.calls}", f"{self.calls / self.seconds:.0f}/s"]
        row += [f"{held.memory / 1024:.1f}" for held in (self.before, self.warm, self.at_work, self.after)]
        row += [f"{self.traced / 1024:.0f} in {self.traced_calls} calls"]
        row += [f"{self.before.files}, {self.at_work.files}, {self.after.files}"]
        row += [f"{self.before.connections}, {self.at_work.connections}, {self.after.connections}"]
        return f"| {' | '.join(row)} |"

    def check(self, most_connections: int) -> None:
        """Nothing has grown with the number of calls, and nothing is left."""
        assert self.at_work.memory - self.warm.memory < GROWTH
        assert self.traced / 1024 < GROWTH_OF_OBJECTS
        assert 0 < self.at_work.connections <= most_connections
        assert self.after.connections == 0
        assert self.after.files <= self.before.files


pytestmark = [
    pytest.mark.load,
    pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs /proc, to see what is left open"),
]


@pytest.fixture
def job_ids(internet: Internet) -> list[str]:
    """A job for each task, each with a model of its own."""
    store = internet.backends["openai"].store
    store.states = ("running",)
    store.keep("file-1", "t.jsonl", TRAINING)
    for number in range(TASKS):
        store.start(f"ftjob-{number}", {"model": f"model-of-{number}", "training_file": "file-1"})
    return list(store.jobs)


@pytest.fixture
def forgetting(internet: Internet) -> Iterator[Callable[[], int]]:
    """Let the back end forget what it received, so that the growth measured is the client's; give how much it was."""
    received = internet.backends["openai"].store.received
    total = 0

    def forget() -> int:
        nonlocal total
        total += len(received)
        received.clear()
        return total

    yield forget
    forget()


@contextmanager
def tracing() -> Iterator[Callable[[], int]]:
    """Trace Python's own memory, which slows everything down; give what tells how many bytes it is."""

    def traced() -> int:
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    try:
        yield traced
    finally:
        tracemalloc.stop()


async def look_at_all(client: AsyncPortkey, job_ids: list[str], seconds: float, forget: Callable[[], int]) -> int:
    """Look at all jobs at once, again and again; count the calls. None comes back with another job's answer."""
    calls = 0

    async def look(job_id: str) -> None:
        nonlocal calls
        job = await client.fine_tuning.jobs.retrieve(job_id)
        assert (job.id, job.model) == (job_id, f"model-of-{job_id.removeprefix('ftjob-')}")
        calls += 1

    until = time.monotonic() + seconds
    while time.monotonic() < until:
        async with anyio.create_task_group() as tasks:
            for job_id in job_ids:
                tasks.start_soon(look, job_id)
        forget()
    return calls


def look_from_threads(client: Portkey, job_ids: list[str], seconds: float, forget: Callable[[], int]) -> int:
    """Look at all jobs from many threads, again and again; count the calls. None has another job's answer."""

    def look(number: int) -> int:
        until, calls = time.monotonic() + seconds, 0
        while time.monotonic() < until:
            for job_id in job_ids[number::THREADS]:
                job = client.fine_tuning.jobs.retrieve(job_id)
                assert (job.id, job.model) == (job_id, f"model-of-{job_id.removeprefix('ftjob-')}")
                calls += 1
            forget()
        return calls

    with ThreadPoolExecutor(THREADS) as pool:
        futures = [pool.submit(look, number) for number in range(THREADS)]
        return sum(future.result(timeout=seconds * 3 + 30) for future in futures)


@pytest.fixture
def check(pytestconfig: pytest.Config, forgetting: Callable[[], int]) -> Callable[[Load, int], None]:
    """Note a load, to be told at the end of the session, and check it."""

    def check(load: Load, most_connections: int) -> None:
        pytestconfig.stash[LOADS].append(load.line())
        load.check(most_connections)
        assert forgetting() >= load.calls

    return check


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_two_hundred_calls_at_once_on_one_async_client(  # noqa: PLR0917 - fixtures
    backend: str,
    gateway: GatewayProcess,
    job_ids: list[str],
    forgetting: Callable[[], int],
    load_seconds: float,
    check: Callable[[Load, int], None],
) -> None:
    before = held(gateway)

    async def loaded() -> tuple[tuple[int, float, int, int], Held, Held]:
        async with AsyncPortkey(**CASES["openai"].client(), base_url=gateway.base_url) as client:
            with anyio.fail_after(load_seconds * 3 + 60):
                await look_at_all(client, job_ids, load_seconds / 10, forgetting)
                warm = held(gateway)
                calls = await look_at_all(client, job_ids, load_seconds / 4, forgetting)
                at_work = held(gateway)
                with tracing() as traced:
                    await look_at_all(client, job_ids, load_seconds / 30, forgetting)
                    begin = traced()
                    traced_calls = await look_at_all(client, job_ids, load_seconds / 15, forgetting)
                    return (calls, load_seconds / 4, traced() - begin, traced_calls), warm, at_work

    counts, warm, at_work = anyio.run(loaded, backend=backend)
    load = Load(f"{TASKS} at once, {backend}", *counts, before, warm, at_work, held(gateway))
    check(load, MOST_CONNECTIONS)


def test_threads_share_one_sync_client(
    gateway: GatewayProcess,
    job_ids: list[str],
    forgetting: Callable[[], int],
    load_seconds: float,
    check: Callable[[Load, int], None],
) -> None:
    before = held(gateway)
    with Portkey(**CASES["openai"].client(), base_url=gateway.base_url) as client:
        look_from_threads(client, job_ids, load_seconds / 10, forgetting)
        warm = held(gateway)
        calls = look_from_threads(client, job_ids, load_seconds / 4, forgetting)
        at_work = held(gateway)
        with tracing() as traced:
            look_from_threads(client, job_ids, load_seconds / 30, forgetting)
            begin = traced()
            traced_calls = look_from_threads(client, job_ids, load_seconds / 15, forgetting)
            counts = (calls, load_seconds / 4, traced() - begin, traced_calls)
    load = Load(f"{THREADS} threads", *counts, before, warm, at_work, held(gateway))
    check(load, THREADS)
