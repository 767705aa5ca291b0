"""Many calls at once on one client, for a while: nothing leaks, nothing is mixed up, nothing hangs."""

from __future__ import annotations

import gc
import resource
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import anyio
import pytest

from portkey_ft import AsyncPortkey, Portkey
from tests.e2e.cases import CASES, TRAINING
from tests.e2e.gateway_process import GatewayProcess
from tests.e2e.internet import Internet

TASKS, THREADS = 200, 32
#: What a process may grow by, in KiB: buffers and caches, and no leak that goes with the number of calls.
GROWTH = 24 * 1024
#: How many connections a client keeps.
MOST_CONNECTIONS = 100


def connections(port: int) -> int:
    """Count the connections of clients to a port of loopback."""
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    established = "01"
    return sum(line[3] == established and line[2] == f"0100007F:{port:04X}" for line in lines)


def memory() -> int:
    """Tell how much memory this process holds at present, in KiB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() // 1024


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


async def look_at_all(client: AsyncPortkey, job_ids: list[str], seconds: float, forget: Callable[[], int]) -> int:
    """Look at all jobs at once, again and again; count the calls that came back with another job's answer."""
    mixed_up = 0

    async def look(job_id: str) -> None:
        nonlocal mixed_up
        job = await client.fine_tuning.jobs.retrieve(job_id)
        mixed_up += (job.id, job.model) != (job_id, f"model-of-{job_id.removeprefix('ftjob-')}")

    until = time.monotonic() + seconds
    while time.monotonic() < until:
        async with anyio.create_task_group() as tasks:
            for job_id in job_ids:
                tasks.start_soon(look, job_id)
        forget()
    return mixed_up


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_two_hundred_calls_at_once_on_one_async_client(
    backend: str,
    gateway: GatewayProcess,
    job_ids: list[str],
    forgetting: Callable[[], int],
    load_seconds: float,
) -> None:
    async def loaded() -> tuple[int, int, int]:
        async with AsyncPortkey(**CASES["openai"].client(), base_url=gateway.base_url) as client:
            mixed_up = await look_at_all(client, job_ids, load_seconds / 10, forgetting)
            gc.collect()
            warm = memory()
            with anyio.fail_after(load_seconds * 3 + 30):
                mixed_up += await look_at_all(client, job_ids, load_seconds / 4, forgetting)
            gc.collect()
            return mixed_up, memory() - warm, connections(gateway.port)

    mixed_up, growth, at_work = anyio.run(loaded, backend=backend)
    assert mixed_up == 0
    assert growth < GROWTH
    assert forgetting() >= TASKS
    assert 0 < at_work <= MOST_CONNECTIONS
    assert connections(gateway.port) == 0


def test_threads_share_one_sync_client(
    gateway: GatewayProcess, job_ids: list[str], forgetting: Callable[[], int], load_seconds: float
) -> None:
    with Portkey(**CASES["openai"].client(), base_url=gateway.base_url) as client:

        def look(number: int, seconds: float) -> list[str]:
            until, wrong = time.monotonic() + seconds, []
            while time.monotonic() < until:
                for job_id in job_ids[number::THREADS]:
                    job = client.fine_tuning.jobs.retrieve(job_id)
                    if (job.id, job.model) != (job_id, f"model-of-{job_id.removeprefix('ftjob-')}"):
                        wrong.append(job_id)
                forgetting()
            return wrong

        measured = []
        for seconds in (load_seconds / 10, load_seconds / 4):
            with ThreadPoolExecutor(THREADS) as pool:
                futures = [pool.submit(look, number, seconds) for number in range(THREADS)]
                wrong = [job_id for future in futures for job_id in future.result(timeout=load_seconds * 3 + 30)]
            gc.collect()
            measured.append(memory())
            assert wrong == []
            assert 0 < connections(gateway.port) <= THREADS
    assert measured[1] - measured[0] < GROWTH
    assert forgetting() >= TASKS
    assert connections(gateway.port) == 0
