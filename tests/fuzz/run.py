"""Runs every call of the client against drawn bytes: each must end with a value or an error of this package.

``python -m tests.fuzz.run --cases 100000`` is the whole run; the seed reproduces what it finds.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import ssl
import sys
import traceback
import warnings
from collections import Counter
from collections.abc import AsyncIterable, Callable, Iterable, Iterator
from typing import Any

import httpcore
import httpx

from portkey_ft import AsyncPortkey, Portkey, PortkeyError, PortkeyWarning
from portkey_ft.testing import FakeClock
from tests.fuzz.wire_bytes import Script, draw_script
from tests.support.watchdog import HangError, Watchdog

__all__ = ["CALLS", "CaseError", "run"]

BASE_URL = "http://gateway.test/v1"
# A list may go on for as long as the server says so; a caller need not.
MOST_ITEMS = 20
KEY = "pk-canary-0123456789"
# Made once: making one takes longer than a case, and nothing here is encrypted.
_NO_TLS = ssl.create_default_context()


class _Stream(httpcore.NetworkStream, httpcore.AsyncNetworkStream):
    """A connection that returns the bytes of a script, whatever is sent."""

    def __init__(self, script: Script) -> None:
        self._chunks = list(script.chunks)
        self._end = script.end

    def _read(self) -> bytes:
        if self._chunks:
            return self._chunks.pop(0)
        if self._end == "silent":
            raise httpcore.ReadTimeout
        if self._end == "broken":
            raise httpcore.ReadError
        return b""

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 - the library's
        """Return the next bytes."""
        return self._read()

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Accept any bytes."""

    def close(self) -> None:
        """Do nothing: no socket is open."""

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - the library's
        """Say that it can be used again."""
        return False if info == "is_readable" else None


class _AsyncStream(httpcore.AsyncNetworkStream):
    def __init__(self, script: Script) -> None:
        self._stream = _Stream(script)

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002, ASYNC109 - the library's
        return self._stream.read(max_bytes)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002, ASYNC109 - the library's
        return

    async def aclose(self) -> None:
        return

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - the library's
        return self._stream.get_extra_info(info)


class _Backend(httpcore.NetworkBackend):
    """Opens connections with scripts that are drawn one after the other."""

    def __init__(self, draw: Callable[[], Script]) -> None:
        self._draw = draw

    def connect_tcp(self, *_: object, **__: object) -> httpcore.NetworkStream:
        """Open one."""
        return _Stream(self._draw())


class _AsyncBackend(httpcore.AsyncNetworkBackend):
    def __init__(self, draw: Callable[[], Script]) -> None:
        self._draw = draw

    async def connect_tcp(self, *_: object, **__: object) -> httpcore.AsyncNetworkStream:
        return _AsyncStream(self._draw())


CALLS: dict[str, Callable[[Any], Any]] = {
    "fine_tuning.jobs.create": lambda client: client.fine_tuning.jobs.create(model="m", training_file="f"),
    "fine_tuning.jobs.retrieve": lambda client: client.fine_tuning.jobs.retrieve("j"),
    "fine_tuning.jobs.cancel": lambda client: client.fine_tuning.jobs.cancel("j"),
    "fine_tuning.jobs.list": lambda client: client.fine_tuning.jobs.list(),
    "fine_tuning.jobs.list_events": lambda client: client.fine_tuning.jobs.list_events("j"),
    "fine_tuning.jobs.checkpoints.list": lambda client: client.fine_tuning.jobs.checkpoints.list("j"),
    "fine_tuning.jobs.wait": lambda client: client.fine_tuning.jobs.wait("j", timeout=30),
    "fine_tuning.jobs.follow": lambda client: client.fine_tuning.jobs.follow("j", timeout=30),
    "files.create": lambda client: client.files.create(file=("t.jsonl", b"{}\n")),
    "files.retrieve": lambda client: client.files.retrieve("f"),
    "files.list": lambda client: client.files.list(),
    "files.delete": lambda client: client.files.delete("f"),
    "files.content": lambda client: client.files.content("f"),
    "files.wait_for_processing": lambda client: client.files.wait_for_processing("f", max_wait_seconds=30),
}


class CaseError(AssertionError):
    """A case that did not end as it should."""


def _used(result: Any) -> None:  # noqa: ANN401 - what a call gives
    if hasattr(result, "iter_lines"):
        result.text()
    elif isinstance(result, Iterable):
        for number, _ in enumerate(result):
            if number >= MOST_ITEMS:
                break
    else:
        repr(result)


async def _used_async(result: Any) -> None:  # noqa: ANN401 - what a call gives
    if hasattr(result, "__await__") and not isinstance(result, AsyncIterable):
        result = await result
    if hasattr(result, "iter_lines"):
        await result.text()
    elif isinstance(result, AsyncIterable):
        number = 0
        async for _ in result:
            number += 1
            if number > MOST_ITEMS:
                break
    else:
        repr(result)


def _options() -> dict[str, Any]:
    return {"api_key": KEY, "virtual_key": "vk-0123456789", "base_url": BASE_URL, "clock": FakeClock()}


def _sync_case(call: Callable[[Any], Any], draw: Callable[[], Script]) -> None:
    transport = httpx.HTTPTransport(verify=_NO_TLS)
    transport._pool = httpcore.ConnectionPool(network_backend=_Backend(draw))
    with Portkey(http_client=httpx.Client(transport=transport), **_options()) as client:
        _used(call(client))


async def _async_case(call: Callable[[Any], Any], draw: Callable[[], Script]) -> None:
    transport = httpx.AsyncHTTPTransport(verify=_NO_TLS)
    transport._pool = httpcore.AsyncConnectionPool(network_backend=_AsyncBackend(draw))
    async with AsyncPortkey(http_client=httpx.AsyncClient(transport=transport), **_options()) as client:
        await _used_async(call(client))


def _judged(error: BaseException | None) -> str:
    """Name how a case ended.

    Raises:
        CaseError: With an exception that is not this package's, or that cannot be formatted.
    """
    if error is None:
        return "a value"
    if not isinstance(error, PortkeyError):
        message = f"{type(error).__name__} left the call:\n{''.join(traceback.format_exception(error))}"
        raise CaseError(message) from None
    if KEY in f"{error}{error!r}{vars(error)}" or not error.operation:
        message = f"it names no operation, or shows a key: {error!r}"
        raise CaseError(message)
    return type(error).__name__


def run(seed: int, cases: int, watchdog: Watchdog) -> Counter[tuple[str, str]]:
    """Run cases, and count how each operation ended.

    Args:
        seed: What the first case is drawn from; the following ones from the numbers after it.
        cases: How many.
        watchdog: Ends a call that does not.

    Raises:
        CaseError: A case ended otherwise than it should; the message names its seed.
    """
    ended: Counter[tuple[str, str]] = Counter()
    with asyncio.Runner() as runner, warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", PortkeyWarning)
        for number in range(seed, seed + cases):
            ended[_case(number, runner, watchdog)] += 1
    return ended


def _case(number: int, runner: asyncio.Runner, watchdog: Watchdog) -> tuple[str, str]:
    rng = random.Random(number)  # noqa: S311 - to be drawn again
    name = rng.choice(sorted(CALLS))
    drawn: list[Script] = []

    def draw() -> Script:
        drawn.append(draw_script(rng))
        return drawn[-1]

    error: BaseException | None = None
    try:
        with watchdog.watching(f"case {number}, {name}"):
            try:
                if rng.random() < 0.5:
                    _sync_case(CALLS[name], draw)
                else:
                    runner.run(_async_case(CALLS[name], draw))
            except Exception as raised:  # noqa: BLE001 - judged below
                error = raised
        return name, _judged(error)
    except (CaseError, HangError) as failure:
        sent = "\n".join(repr(script) for script in drawn)
        message = f"case {number} of {name}: {failure}\nThe server sent:\n{sent}"
        raise CaseError(message) from None


def _table(ended: Counter[tuple[str, str]]) -> Iterator[str]:
    outcomes = sorted({outcome for _, outcome in ended}, key=lambda outcome: (outcome != "a value", outcome))
    for outcome in outcomes:
        yield f"{outcome:28} {sum(count for (_, one), count in ended.items() if one == outcome):8}"


def main() -> int:
    """Run the cases that were asked for, and print how they ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1, help="the first case's; %(default)s if not given")
    given = parser.parse_args()
    sys.stdout.write(f"seed {given.seed}, {given.cases} cases\n")
    sys.stdout.flush()
    watchdog, ended = Watchdog(), Counter[tuple[str, str]]()
    failures = 0
    step = 5_000
    for start in range(given.seed, given.seed + given.cases, step):
        try:
            ended += run(start, min(step, given.seed + given.cases - start), watchdog)
        except CaseError as failure:
            failures += 1
            sys.stderr.write(f"{failure}\n")
    sys.stdout.write("\n".join(_table(ended)) + f"\n{'failures':28} {failures:8}\n")
    return 1 if failures else 0


if __name__ == "__main__":
    raise SystemExit(main())
