"""Clocks: the real one, and one that tests turn by hand."""

from __future__ import annotations

import asyncio
import importlib
import math
import threading
import time
from typing import Protocol

import attrs


class Clock(Protocol):
    """What the fake gateway asks of a clock. All times are seconds."""

    def now(self) -> float:
        """Return the seconds since the Unix epoch."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait for that many seconds."""
        ...

    async def asleep(self, seconds: float) -> None:
        """Wait for that many seconds without blocking the event loop."""
        ...


async def _event_loop_sleep(seconds: float) -> None:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        # Somebody runs this coroutine, and it is not asyncio: the other loop that httpx knows is trio's. It is looked
        # up only here, so that nobody has to install it.
        await importlib.import_module("trio").sleep(seconds)
    else:
        await asyncio.sleep(seconds)


def _checked(seconds: float) -> float:
    if not (math.isfinite(seconds) and seconds >= 0):
        message = f"seconds must be a finite number and not negative, got {seconds!r}"
        raise ValueError(message)
    return seconds


class FakeClock:
    """A clock that stands still until it is told to move; safe to share between threads.

    Sleeping moves it: ``sleep`` and ``asleep`` return at once and the clock has then advanced by the time asked for.
    Its methods fit wherever a callable for sleeping or for the time is taken: ``sleep=clock.sleep``,
    ``monotonic=clock.monotonic``.

    Args:
        start: the first time that ``now`` tells, in seconds since the Unix epoch.
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
        """Return the seconds by which the clock has moved since it was made."""
        return self._elapsed

    @property
    def sleeps(self) -> tuple[float, ...]:
        """The seconds of every ``sleep`` and ``asleep`` so far, in order."""
        return self._sleeps

    def advance(self, seconds: float) -> None:
        """Move the clock forward.

        Args:
            seconds: how far; finite, not negative.

        Raises:
            ValueError: the number is negative, infinite or not a number.
        """
        with self._lock:
            self._elapsed += _checked(seconds)

    def sleep(self, seconds: float) -> None:
        """Move the clock forward and return at once.

        Args:
            seconds: how long a real clock would sleep.

        Raises:
            ValueError: the number is negative, infinite or not a number.
        """
        with self._lock:
            self._elapsed += _checked(seconds)
            self._sleeps = (*self._sleeps, seconds)

    async def asleep(self, seconds: float) -> None:
        """Do what ``sleep`` does, and let the other tasks of the event loop (asyncio or trio) run once.

        Args:
            seconds: how long a real clock would sleep.

        Raises:
            ValueError: the number is negative, infinite or not a number.
        """
        self.sleep(seconds)
        # Without this, a loop that polls on the fake clock could be neither cancelled nor timed out.
        await _event_loop_sleep(0)

    def __repr__(self) -> str:
        return f"FakeClock(now={self.now()!r})"


def _positive(_instance: object, _attribute: attrs.Attribute[float], value: float) -> None:
    if not (math.isfinite(value) and value > 0):
        message = f"speed must be a finite number above 0, got {value!r}"
        raise ValueError(message)


@attrs.frozen
class RealClock:
    """The time of this computer, told faster or slower.

    Args:
        speed: how many told seconds pass in a real one. Sleeping is not scaled.
    """

    speed: float = attrs.field(default=1.0, validator=_positive)
    _began_at: float = attrs.field(init=False, factory=time.time)
    _began: float = attrs.field(init=False, factory=time.monotonic)

    def now(self) -> float:
        """Return the seconds since the Unix epoch, counted with ``speed`` from when the clock was made."""
        return self._began_at + (time.monotonic() - self._began) * self.speed

    def sleep(self, seconds: float) -> None:
        """Block for that many real seconds."""
        time.sleep(seconds)

    async def asleep(self, seconds: float) -> None:
        """Wait for that many real seconds on asyncio or trio."""
        await _event_loop_sleep(seconds)
