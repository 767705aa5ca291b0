"""Which decoder ours reads with: all rows but those that name the extra ``fast`` are measured without it."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Final
from unittest.mock import patch

from portkey_ft import _json
from portkey_ft._json import CompiledDecoder

__all__ = ["FAST_IS_THERE", "WITHOUT_FAST", "reading_by"]

#: Whether the extra is installed.
FAST_IS_THERE: Final = find_spec("msgspec") is not None

#: What a new process runs first, to find the extra not installed.
WITHOUT_FAST: Final = "import sys; sys.modules['msgspec'] = None\n"


@contextmanager
def reading_by(decoder: CompiledDecoder | None) -> Generator[None]:
    """Have responses read by a decoder that is made already, or as if the extra was not installed."""
    with patch.object(_json, "compiled_decoder", lambda: decoder):
        yield
