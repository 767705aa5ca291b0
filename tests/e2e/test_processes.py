"""What processes and ports have to do with it: nothing is left behind, crashes are lived through, forks are refused."""

from __future__ import annotations

import contextlib
import http.client
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import anyio
import pytest

from portkey_ft import AsyncPortkey, Portkey
from portkey_ft.errors import APIConnectionError, ConfigurationError
from portkey_ft.testing import FakeClock
from tests.e2e.cases import CASES, TRAINING
from tests.e2e.gateway_process import GatewayProcess, running
from tests.e2e.internet import Internet, reachable

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="needs /proc, to see what is left open")


def greets(port: int) -> bool:
    """Tell whether a gateway listens on a port of loopback. Another process may have taken the port since."""
    with contextlib.suppress(OSError, http.client.HTTPException):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        with contextlib.closing(connection):
            connection.request("GET", "/")
            return connection.getresponse().read() == b"AI Gateway says hey!"
    return False


def listening() -> set[int]:
    """Find the ports on which this process listens."""
    ours = {str(link.readlink()) for link in Path("/proc/self/fd").iterdir() if link.is_symlink()}
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return {int(line[1].partition(":")[2], 16) for line in lines if line[3] == "0A" and f"socket:[{line[9]}]" in ours}


def lives(pid: int) -> bool:
    """Tell whether there is a process that has not ended."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def test_neither_process_nor_port_nor_thread_is_left_after_a_failure(gateway_folder: Path) -> None:
    threads, ports = threading.active_count(), listening()
    with contextlib.suppress(KeyboardInterrupt), reachable() as net, running(gateway_folder, net.hosts) as gateway:
        pid, port = gateway.pid or 0, gateway.port
        assert lives(pid)
        assert greets(port)
        assert len(listening() - ports) == 1
        raise KeyboardInterrupt
    assert not lives(pid)
    assert not greets(port)
    assert listening() <= ports
    assert threading.active_count() <= threads


def test_the_gateway_listens_on_loopback_alone(gateway: GatewayProcess) -> None:
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    places = {line[1] for line in lines if line[3] == "0A"} | set(_listening_v6())
    assert {place for place in places if place.endswith(f":{gateway.port:04X}")} == {f"0100007F:{gateway.port:04X}"}


def _listening_v6() -> list[str]:
    table = Path("/proc/net/tcp6")
    lines = [line.split() for line in table.read_text().splitlines()[1:]] if table.exists() else []
    return [line[1] for line in lines if line[3] == "0A"]


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_the_gateway_ends_with_the_tests_that_started_it(how: signal.Signals, gateway_folder: Path) -> None:
    """Also if they are killed, and clean nothing up."""
    program = (
        "import sys, pathlib, signal, time\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from tests.e2e.gateway_process import running\n"
        "with running(pathlib.Path(sys.argv[1]), {}) as gateway:\n"
        "    print(gateway.pid, gateway.port, flush=True)\n"
        "    time.sleep(60)\n"
    )
    command = [sys.executable, "-c", program, str(gateway_folder)]
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'generated'}"}
    with subprocess.Popen(  # noqa: S603 - this interpreter
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=ROOT, env=environment
    ) as tests:
        assert tests.stdout is not None
        pid, port = map(int, tests.stdout.readline().split())
        tests.send_signal(how)
    deadline = time.monotonic() + 60
    while lives(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not lives(pid)
    assert not greets(port)


def gateways_of(pid: int) -> dict[int, int]:
    """Find the gateways that a process has started, and the port of each."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        # A process may end while one looks at it.
        with contextlib.suppress(OSError):
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            arguments = (folder / "cmdline").read_text().split("\0")
            if parent == pid and arguments[0] == "node":
                found[int(folder.name)] = int(arguments[-2].removeprefix("--port="))
    return found


#: One test of the gateway that all share, and a module that has one of its own.
TESTS = ("tests/e2e/test_surprises.py::test_bedrock_wants_jsonl", "tests/e2e/test_provider_faults.py")


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_session_that_is_broken_off_leaves_no_gateway_behind(how: signal.Signals, gateway_folder: Path) -> None:
    """A run of such tests as these, stopped while they talk to two gateways."""
    # Whoever runs this in the background of a shell has Ctrl-C ignored, and so would the run.
    program = "import signal, sys, pytest\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n"
    arguments = ["-p", "no:cacheprovider", "-q", *TESTS]
    command = [sys.executable, "-c", f"{program}sys.exit(pytest.main(sys.argv[1:]))", *arguments]
    environment = {**os.environ, "PORTKEY_FT_GATEWAY": str(gateway_folder)}
    with subprocess.Popen(  # noqa: S603 - this interpreter
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT, env=environment
    ) as session:
        deadline = time.monotonic() + 60
        while len(started := gateways_of(session.pid)) < 2 or not all(map(greets, started.values())):
            assert session.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        session.send_signal(how)
        said, _ = session.communicate(timeout=60)
    # Which code it ends with goes by where Ctrl-C met it: pytest itself now and then fails over its traceback.
    assert session.returncode != pytest.ExitCode.OK, said
    deadline = time.monotonic() + 60
    while any(map(lives, started)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not any(map(lives, started))
    assert not any(map(greets, started.values()))


class Crashing(FakeClock):
    """A clock on which the gateway crashes while somebody waits, and comes back a few waits later."""

    def __init__(self, gateway: GatewayProcess) -> None:
        super().__init__()
        self._gateway = gateway
        self._waits = 0

    def sleep(self, seconds: float) -> None:
        """Let time pass; crash at the first wait, come back at the fourth."""
        super().sleep(seconds)
        self._waits += 1
        if self._waits == 1:
            self._gateway.stop()
        elif self._waits == 4:
            self._gateway.start()


@pytest.mark.parametrize("asynchronous", [False, True])
def test_a_job_is_followed_through_a_crash_of_the_gateway(
    asynchronous: bool,  # noqa: FBT001 - a parameter of the test
    gateway_folder: Path,
    internet: Internet,
) -> None:
    """Each event comes once, although the gateway is away for some looks."""
    store = internet.backends["openai"].store
    store.keep("file-1", "t.jsonl", TRAINING)
    store.states = ("queued", "running", "running", "succeeded")
    store.start("ftjob-1", {"model": "m", "training_file": "file-1"})
    with running(gateway_folder, internet.hosts) as own:
        given = {**CASES["openai"].client(), "base_url": own.base_url, "clock": Crashing(own), "timeout": 60}

        async def followed() -> list[str | None]:
            async with AsyncPortkey(**given) as client:
                return [event.message async for event in client.fine_tuning.jobs.follow("ftjob-1")]

        if asynchronous:
            messages = anyio.run(followed)
        else:
            with Portkey(**given) as client:
                messages = [event.message for event in client.fine_tuning.jobs.follow("ftjob-1")]
    assert messages == ["Step 1", "Step 2", "Step 3", "Step 4"]
    assert len(given["clock"].sleeps) >= 4


def test_a_create_into_a_crashed_gateway_says_that_nothing_was_sent(gateway_folder: Path, internet: Internet) -> None:
    with running(gateway_folder, internet.hosts) as own:
        client = Portkey(**CASES["openai"].client(), base_url=own.base_url, clock=FakeClock())
        client.fine_tuning.jobs.list().to_list()
        own.stop()
        with client, pytest.raises(APIConnectionError) as caught:
            client.fine_tuning.jobs.create(model="m", training_file="file-1")
    assert not caught.value.outcome_unknown
    assert internet.backends["openai"].store.jobs == {}


def in_a_child(client: Portkey, job_id: str, told: multiprocessing.connection.Connection) -> None:
    """Use a client that the parent made, and tell what came of it."""
    for used in (client, client.with_options(max_retries=0)):
        try:
            told.send(used.fine_tuning.jobs.retrieve(job_id).id)
        except ConfigurationError as error:
            told.send(str(error))


def test_a_client_in_use_is_refused_in_a_forked_child(sync_client: Callable[..., Portkey], internet: Internet) -> None:
    """The child is told; the parent goes on undisturbed."""
    if "fork" not in multiprocessing.get_all_start_methods():
        pytest.skip("this system does not fork")
    internet.backends["openai"].store.start("ftjob-1", {"model": "m", "training_file": "file-1"})
    client = sync_client(**CASES["openai"].client())
    assert client.fine_tuning.jobs.retrieve("ftjob-1").id == "ftjob-1"
    ours, theirs = multiprocessing.Pipe(duplex=False)
    child = multiprocessing.get_context("fork").Process(target=in_a_child, args=(client, "ftjob-1", theirs))
    child.start()
    said = [ours.recv() if ours.poll(60) else "nothing" for _ in range(2)]
    child.join(60)
    ours.close()
    theirs.close()
    assert child.exitcode == 0
    assert all("used in another process" in text for text in said), said
    assert client.fine_tuning.jobs.retrieve("ftjob-1").id == "ftjob-1"


@pytest.mark.parametrize("asynchronous", [False, True])
def test_a_closed_client_says_that_it_is_closed(
    asynchronous: bool,  # noqa: FBT001 - a parameter of the test
    sync_client: Callable[..., Portkey],
    async_client: Callable[..., AsyncPortkey],
) -> None:
    async def closed() -> None:
        client = async_client(**CASES["openai"].client())
        await client.close()
        await client.fine_tuning.jobs.retrieve("ftjob-1")

    def closed_sync() -> None:
        client = sync_client(**CASES["openai"].client())
        client.close()
        client.fine_tuning.jobs.retrieve("ftjob-1")

    with pytest.raises(ConfigurationError, match="the client is closed"):
        anyio.run(closed) if asynchronous else closed_sync()
