"""Failures that do not show what they were raised over.

A traceback keeps the frames that it went through, and tools show their local variables: there a credential that was
refused would stand in full. What handles credentials is therefore left by an exception without a past.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from portkey_ft.errors import PortkeyError

__all__ = ["Unpicklable", "discreet", "discreet_reader"]

P = ParamSpec("P")
R = TypeVar("R")


class Unpicklable:
    """A mixin for values that hold a credential: it must not travel to a cache, a queue or a file unseen."""

    __slots__ = ()

    def __reduce__(self) -> str:
        message = f"{type(self).__name__} holds a credential and cannot be pickled; build it anew where it is needed."
        raise TypeError(message)

    def __copy__(self) -> Unpicklable:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Unpicklable:
        del memo
        return self


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
