"""Ctrl-C, where it is ignored: in what a shell runs in its background, and in all that this starts."""

from __future__ import annotations

import signal
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def heeding_ctrl_c() -> Generator[None]:
    """Heed Ctrl-C within the context, whatever was before; a process that is started there does as well."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
