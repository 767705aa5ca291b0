"""A client at the ends of its life: closed, in another event loop, after a fork, in a finalizer."""

from __future__ import annotations

import asyncio
import gc
import multiprocessing
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import anyio
import httpx
import pytest
import trio

from portkey_ft import AsyncPortkey, ConfigurationError, Portkey
from portkey_ft.testing import FakeGateway
from tests.support.calls import CALLS, Call, answer

if TYPE_CHECKING:
    from tests.support.ways import Way, Wire

pytestmark = pytest.mark.security

KEY = {"virtual_key": "vk-0123456789"}


@pytest.mark.anyio
@pytest.mark.parametrize("call", CALLS, ids=str)
async def test_no_call_can_be_made_after_close(call: Call, way: Way, wire: Wire) -> None:
    wire.say(answer)
    for closed_how in ("close", "with"):
        kind: Any = AsyncPortkey if way.is_async else Portkey
        client = kind(base_url="https://gateway.test/v1", **KEY)
        child = client.with_options(timeout=3)
        if closed_how == "close":
            await way.get(client.close())
            await way.get(client.close())
        elif way.is_async:
            async with client:
                pass
        else:
            with client:
                pass
        for one in (client, child):
            with pytest.raises(ConfigurationError, match="the client is closed"):
                await call.make(way, one)


def loops(main: Any) -> tuple[Any, ...]:  # noqa: ANN401 - a coroutine function
    """Give the ways to run in an event loop that is new each time."""
    return (lambda: asyncio.run(main()), lambda: asyncio.run(main()), lambda: trio.run(main), lambda: anyio.run(main))


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
@pytest.mark.filterwarnings("ignore:Exception ignored:pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("first", [0, 2])
@pytest.mark.parametrize("passed_in", [False, True])
def test_connections_are_not_taken_into_another_event_loop(
    gateway: FakeGateway,
    first: int,
    *,
    passed_in: bool,
) -> None:
    """It is refused with advice; connections that were passed in are tried, and work or are refused."""
    gateway.add_job(job_id="j")
    with gateway.serve() as url:
        http_client = httpx.AsyncClient() if passed_in else None
        client = AsyncPortkey(base_url=url, http_client=http_client, **KEY)

        async def main() -> str:
            with anyio.fail_after(120):
                return (await client.with_options(timeout=60).fine_tuning.jobs.retrieve("j")).id

        async def close() -> None:
            with anyio.fail_after(120):
                await client.close()

        assert loops(main)[first]() == "j"
        for run in loops(main):
            if passed_in:
                try:
                    assert run() == "j"
                except ConfigurationError as error:
                    assert "another event loop" in str(error)  # noqa: PT017 - both outcomes are right
                    assert error.operation == "fine_tuning.jobs.retrieve"  # noqa: PT017 - likewise
            else:
                with pytest.raises(ConfigurationError, match="within one run of an event loop") as caught:
                    run()
                assert caught.value.operation == "fine_tuning.jobs.retrieve"
        for run in loops(close):
            try:
                run()
            except ConfigurationError as error:
                assert "another event loop" in str(error)  # noqa: PT017 - both outcomes are right
        gc.collect()


def test_a_transport_without_connections_works_in_every_loop(gateway: FakeGateway) -> None:
    gateway.add_job(job_id="j")
    client = AsyncPortkey(
        base_url="https://gateway.test/v1", http_client=httpx.AsyncClient(transport=gateway.transport()), **KEY
    )

    async def main() -> str:
        return (await client.fine_tuning.jobs.retrieve("j")).id

    assert [run() for run in loops(main)] == ["j"] * 4


@pytest.mark.anyio
async def test_a_mistake_in_a_transport_of_ones_own_is_passed_on(way: Way, wire: Wire) -> None:
    client = way.client(wire.say(RuntimeError("a mistake")))
    with pytest.raises(RuntimeError, match="a mistake"):
        await way.get(client.files.retrieve("f"))


@pytest.mark.anyio
@pytest.mark.parametrize("used", [False, True])
async def test_a_mistake_in_closing_is_passed_on(way: Way, *, used: bool) -> None:
    class Broken(httpx.MockTransport):
        def close(self) -> None:
            """Fail."""
            message = "a mistake"
            raise RuntimeError(message)

        async def aclose(self) -> None:
            """Fail."""
            self.close()

    kind: Any = AsyncPortkey if way.is_async else Portkey
    client = kind(base_url="https://gateway.test/v1", **KEY)
    client._transport.client._transport = Broken(answer)
    if used:
        await way.get(client.files.retrieve("f"))
    with pytest.raises(RuntimeError, match="a mistake"):
        await way.get(client.close())


def in_a_child(function: Any) -> str:  # noqa: ANN401 - any function that gives text
    """Run a function in a forked process, and give what it gave or what it raised."""
    ours, theirs = multiprocessing.get_context("fork").Pipe()
    child = os.fork()
    if child == 0:
        try:
            theirs.send(function())
        except BaseException as error:  # noqa: BLE001 - told to the parent
            theirs.send(f"{type(error).__name__}: {error}")
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    return str(ours.recv())


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
@pytest.mark.parametrize("kind", [Portkey, AsyncPortkey])
def test_a_client_goes_into_the_process_that_uses_it_first(kind: Any, gateway: FakeGateway) -> None:  # noqa: ANN401 - either
    gateway.add_job(job_id="j")
    with gateway.serve() as url:
        client = kind(base_url=url, **KEY)
        child = client.with_options(trace_id="t")

        async def main(one: Any) -> str:  # noqa: ANN401 - either client
            return str((await one.fine_tuning.jobs.retrieve("j")).id)

        def use(one: Any) -> str:  # noqa: ANN401 - either client
            return str(one.fine_tuning.jobs.retrieve("j").id) if kind is Portkey else asyncio.run(main(one))

        # Nothing was opened yet: the child may open, and so may we afterwards.
        assert in_a_child(lambda: use(client)) == "j"
        if kind is Portkey:
            assert use(client) == "j"
            refusal = "ConfigurationError: the client was used in another process"
            assert in_a_child(lambda: use(client)).startswith(refusal)
            assert in_a_child(lambda: use(child)).startswith(refusal)
            assert use(child) == "j"
            client.close()


SCRIPT = """
import atexit, gc, sys, weakref
from portkey_ft import AsyncPortkey, ConfigurationError, Portkey

{before}
client = Portkey(base_url=sys.argv[1], virtual_key="vk-0123456789")
jobs = client.fine_tuning.jobs
def use(where):
    try:
        print(where, jobs.retrieve("j").id, flush=True)
    except ConfigurationError as error:
        print(where, error.message, flush=True)
{after}
"""


def run_script(before: str, after: str, url: str) -> str:
    finished = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-X", "dev", "-W", "error", "-c", SCRIPT.format(before=before, after=after), url],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PYTHONDONTWRITEBYTECODE": "1"},
    )
    # No traceback, no warning of a socket, no exception that was ignored.
    assert finished.stderr == ""
    assert finished.returncode == 0
    return finished.stdout.strip()


ENDS = {
    "nothing": ("", "use('body')", "body j"),
    "atexit": ("", "use('body')\natexit.register(use, 'exit')", "body j\nexit j"),
    "atexit before": (
        "atexit.register(lambda: use('exit'))",
        "use('body')",
        "body j\nexit the client is closed.",
    ),
    "finalizer": ("", "class X: pass\nx = X()\nweakref.finalize(x, use, 'final')\ndel x\ngc.collect()", "final j"),
    "finalizer at exit": ("", "class X: pass\nx = X()\nweakref.finalize(x, use, 'final')", "final j"),
    "del": ("", "class X:\n    def __del__(self): use('del')\nx = X()\ndel x", "del j"),
    "del at exit": (
        "",
        "class X:\n    def __del__(self): use('del')\nx = X()",
        "del the client is closed.",
    ),
    "iterator left": ("", "it = iter(client.fine_tuning.jobs.list())\nnext(it)\nprint('left')", "left"),
    "download left": (
        "",
        "got = client.files.content('f')\nprint('left')",
        "left",
    ),
    "unused": ("", "print('unused')", "unused"),
}


@pytest.mark.parametrize("name", ENDS)
def test_a_script_ends_without_noise_wherever_it_uses_a_client_last(name: str, gateway: FakeGateway) -> None:
    """A client that nobody closed is closed at the end, as is one that nobody holds on to: there is no warning."""
    before, after, said = ENDS[name]
    gateway.add_job(job_id="j")
    gateway.add_file(b"x" * 10_000_000, file_id="f")
    with gateway.serve() as url:
        assert run_script(before, after, url) == said


def test_a_download_outlives_its_client(gateway: FakeGateway) -> None:
    content = b"x" * 3_000_000
    gateway.add_file(content, file_id="f")
    with gateway.serve() as url:
        download = Portkey(base_url=url, **KEY).files.content("f")
        gc.collect()
        assert download.read() == content
