"""Failures that do not show what they were raised over.

A traceback keeps the frames that it went through, and tools show their local variables: there a credential that was
refused would stand in full. What handles credentials is therefore left by an exception without a past.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

__all__ = ["discreet"]

P = ParamSpec("P")
R = TypeVar("R")


def discreet(function: Callable[P, R]) -> Callable[P, R]:
    """Let the failures of a function forget where in it they arose, and with what arguments."""

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except Exception as error:  # noqa: BLE001 - raised again below
            failure = error.with_traceback(None)
            failure.__cause__ = failure.__context__ = None
        del args, kwargs
        raise failure

    return call
