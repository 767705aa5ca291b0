"""A watchdog that turns a call without end into a failure with the traceback of every thread."""

from __future__ import annotations

import _thread
import faulthandler
import os
import tempfile
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager

from tests.support.interrupts import heeding_ctrl_c

__all__ = ["HangError", "Watchdog"]

# Far more than any call takes on a busy machine; what is looked for never ends.
LIMIT = 60.0
# How long a call that was interrupted may take to notice.
GRACE = 20.0
# How often it looks.
TICK = 0.25


class HangError(AssertionError):
    """A call did not end within its limit."""


class Watchdog:
    """Watches over one call at a time of the main thread.

    Args:
        limit: Seconds that a call may take.
        clock: Tells the seconds; a test of the watchdog has one that it moves itself.
    """

    def __init__(self, limit: float = LIMIT, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = limit
        self._clock = clock
        self._deadline: float | None = None
        self._seen = ""
        threading.Thread(target=self._watch, name="watchdog", daemon=True).start()

    @contextmanager
    def watching(self, what: str) -> Generator[None]:
        """Watch over the code in the with block.

        Raises:
            HangError: It did not end in time; the message holds the traceback of each thread.
        """
        self._seen, self._deadline = "", self._clock() + self._limit
        try:
            # By which the watchdog interrupts.
            with heeding_ctrl_c():
                yield
        except KeyboardInterrupt:
            if not self._seen:
                raise
            message = f"{what} did not end within {self._limit:g} seconds\n{self._seen}"
            raise HangError(message) from None
        finally:
            self._deadline = None

    def _watch(self) -> None:
        while True:
            time.sleep(TICK)
            deadline = self._deadline
            if deadline is None or self._clock() < deadline:
                continue
            self._seen = self._seen or _tracebacks()
            if self._clock() > deadline + GRACE:
                # Not even interrupted: in code that never comes back to Python.
                os.write(2, self._seen.encode())
                os._exit(70)
            # Again and again: an event loop takes the first one for a wish to end its task.
            _thread.interrupt_main()


def _tracebacks() -> str:
    with tempfile.TemporaryFile("w+", encoding="utf-8") as file:
        faulthandler.dump_traceback(file, all_threads=True)
        file.seek(0)
        return file.read()
