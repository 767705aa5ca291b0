"""Time as the client takes it: told and passed by a clock that can be exchanged.

A client is given another one by ``clock=``, such as :class:`portkey_ft.testing.FakeClock`, on which hours of waiting
pass at once.
"""

from __future__ import annotations

import time
from typing import Protocol

__all__ = ["Clock", "SystemClock"]


class Clock(Protocol):
    """What a client asks of a clock. All times are seconds."""

    def now(self) -> float:
        """Tell the seconds since the Unix epoch."""
        ...

    def monotonic(self) -> float:
        """Tell the seconds since some moment; never goes back."""
        ...

    def sleep(self, seconds: float) -> None:
        """Let time pass by blocking, for the sync client."""
        ...

    async def asleep(self, seconds: float) -> None:
        """Let time pass by awaiting, for the async client."""
        ...


class SystemClock:
    """The time of this computer."""

    def now(self) -> float:
        """Tell the seconds since the Unix epoch."""
        return time.time()

    def monotonic(self) -> float:
        """Tell the seconds since some moment; never goes back."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Let time pass by blocking."""
        time.sleep(seconds)

    async def asleep(self, seconds: float) -> None:
        """Let time pass on asyncio or trio."""
        import anyio  # noqa: PLC0415 - comes with httpx; a sync client never needs it

        await anyio.sleep(seconds)
