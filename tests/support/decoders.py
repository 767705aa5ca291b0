"""Which decoder reads responses: the standard library's, or the compiled one of the extra ``fast``.

A run of pytest reads as if the extra was not installed; with ``pytest --fast`` it reads with it.
"""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import contextmanager

import pytest

from portkey_ft._json import compiled_decoder

try:
    import msgspec
except ImportError:
    msgspec = None

__all__ = ["needs_compiled", "reading"]

needs_compiled = pytest.mark.skipif(msgspec is None, reason="msgspec is not installed")


@contextmanager
def reading(*, compiled: bool) -> Generator[None]:
    """Have responses read by the compiled decoder, or as if it was not installed.

    Raises:
        pytest.UsageError: It is not installed.
    """
    if compiled and msgspec is None:
        message = "msgspec is not installed"
        raise pytest.UsageError(message)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "msgspec", msgspec if compiled else None)
        compiled_decoder.cache_clear()
        yield
    compiled_decoder.cache_clear()
