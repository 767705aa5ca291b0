"""Warnings that name the line of the caller, however deep in the package they arise."""

from __future__ import annotations

import os
import sys
import warnings
from pathlib import Path

from portkey_ft.errors import PortkeyWarning

__all__ = ["warn"]

# With its separator: a script beside the package may be called portkey_ft_something.py.
_PACKAGE = str(Path(__file__).parent) + os.sep


def warn(message: str) -> None:
    """Warn of something that goes on with a part of it lost.

    Args:
        message: What is lost and what to do. It must hold no credential.
    """
    # warnings itself counts frames; skip_file_prefixes is for 3.12.
    frame, level = sys._getframe(1), 2  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        frame, level = frame.f_back, level + 1
    warnings.warn(message, PortkeyWarning, stacklevel=level)
