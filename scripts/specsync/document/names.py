"""Compares names independently of their spelling convention."""

import re
from typing import Final

_NOT_ALPHANUMERIC: Final = re.compile(r"[^a-z0-9]")


def fold(name: str) -> str:
    """Return a name in lower case without separators."""
    return _NOT_ALPHANUMERIC.sub("", name.lower())
