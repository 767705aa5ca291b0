"""The clocks of the fake gateway: real time, and a fake clock for tests."""

from __future__ import annotations

import asyncio
import importlib
import math
import threading
import time
from typing import Protocol

import attrs


class Clock(Protocol):
    """The clock interface of the fake gateway. All times are in seconds."""

    def now(self) -> float:
        """Return the seconds since the Unix epoch."""
        ...

    def sleep(self, seconds: float) -> None:
        """Block for that many seconds."""
        ...

    async def asleep(self, seconds: float) -> None:
        """Wait for that many seconds without blocking the event loop."""
        ...


async def _event_loop_sleep(seconds: float) -> None:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        # Not asyncio: the other event loop that httpx supports is trio's. It is imported only here, so that it need not
        # be installed.
        await importlib.import_module("trio").sleep(seconds)
    else:
        await asyncio.sleep(seconds)


def _checked(seconds: float) -> float:
    if not (math.isfinite(seconds) and seconds >= 0):
        message = f"seconds must be a finite number and not negative, got {seconds!r}"
        raise ValueError(message)
    return seconds


class FakeClock:
    """A clock that moves only when code sleeps on it or advances it. Thread-safe.

    ``sleep`` and ``asleep`` advance the clock and return at once. Its methods can be passed wherever a sleep function
    or a time function is expected: ``sleep=clock.sleep``, ``monotonic=clock.monotonic``.

    Args:
        start: the initial value of ``now``, in seconds since the Unix epoch.
    """

    def __init__(self, start: float = 1_750_000_000.0) -> None:
        self._start = start
        self._elapsed = 0.0
        self._sleeps: tuple[float, ...] = ()
        self._lock = threading.Lock()

    def now(self) -> float:
        """Return the seconds since the Unix epoch."""
        return self._start + self._elapsed

    def monotonic(self) -> float:
        """Return the seconds by which the clock has advanced since it was created."""
        return self._elapsed

    @property
    def sleeps(self) -> tuple[float, ...]:
        """The durations of all calls of ``sleep`` and ``asleep`` so far, in order."""
        return self._sleeps

    def advance(self, seconds: float) -> None:
        """Advance the clock.

        Args:
            seconds: by how much; finite and not negative.

        Raises:
            ValueError: the number is negative, infinite or not a number.
        """
        with self._lock:
            self._elapsed += _checked(seconds)

    def sleep(self, seconds: float) -> None:
        """Advance the clock and return at once.

        Args:
            seconds: how long a real clock would sleep.

        Raises:
            ValueError: the number is negative, infinite or not a number.
        """
        with self._lock:
            self._elapsed += _checked(seconds)
            self._sleeps = (*self._sleeps, seconds)

    async def asleep(self, seconds: float) -> None:
        """Advance the clock, and yield once to the other tasks of the event loop (asyncio or trio).

        Args:
            seconds: how long a real clock would sleep.

        Raises:
            ValueError: the number is negative, infinite or not a number.
        """
        self.sleep(seconds)
        # Without this, a task that polls on the fake clock could be neither cancelled nor timed out.
        await _event_loop_sleep(0)

    def __repr__(self) -> str:
        return f"FakeClock(now={self.now()!r})"


def _positive(_instance: object, _attribute: attrs.Attribute[float], value: float) -> None:
    if not (math.isfinite(value) and value > 0):
        message = f"speed must be a finite number above 0, got {value!r}"
        raise ValueError(message)


@attrs.frozen
class RealClock:
    """The system clock, optionally accelerated.

    Args:
        speed: how many seconds ``now`` advances per real second. Sleeping is not scaled.
    """

    speed: float = attrs.field(default=1.0, validator=_positive)
    _began_at: float = attrs.field(init=False, factory=time.time)
    _began: float = attrs.field(init=False, factory=time.monotonic)

    def now(self) -> float:
        """Return the seconds since the Unix epoch, accelerated by ``speed`` since the clock was created."""
        return self._began_at + (time.monotonic() - self._began) * self.speed

    def sleep(self, seconds: float) -> None:
        """Block for that many real seconds."""
        time.sleep(seconds)

    async def asleep(self, seconds: float) -> None:
        """Sleep for that many real seconds on asyncio or trio."""
        await _event_loop_sleep(seconds)
