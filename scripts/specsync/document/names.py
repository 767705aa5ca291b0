"""Compares names whatever their spelling convention."""

import re
from typing import Final

_NOT_ALPHANUMERIC: Final = re.compile(r"[^a-z0-9]")


def fold(name: str) -> str:
    """Return what is left of a name when spelling conventions are taken away."""
    return _NOT_ALPHANUMERIC.sub("", name.lower())
