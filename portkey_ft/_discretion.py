"""Failures that do not show what they were raised over.

A traceback keeps the frames that it went through, and tools show their local variables: there a credential that was
refused would stand in full. What handles credentials is therefore left by an exception without a past.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from portkey_ft.errors import PortkeyError

__all__ = ["discreet", "discreet_reader"]

P = ParamSpec("P")
R = TypeVar("R")


def discreet(function: Callable[P, R]) -> Callable[P, R]:
    """Let the failures of a function forget where in it they arose, and with what arguments."""
    return _forgetful(function, Exception)


def discreet_reader(function: Callable[P, R]) -> Callable[P, R]:
    """Let the errors about an answer forget the answer: a provider may repeat a key in it.

    Only those that are raised on purpose; what is a mistake in the program keeps its traceback.
    """
    return _forgetful(function, PortkeyError)


def _forgetful(function: Callable[P, R], kind: type[Exception]) -> Callable[P, R]:
    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except kind as error:
            failure = error.with_traceback(None)
            failure.__cause__ = failure.__context__ = None
        del args, kwargs
        raise failure

    return call
