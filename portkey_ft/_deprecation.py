"""How a function or method goes: for a while it still works, and warns.

It is marked by a decorator::

    @deprecated("deprecated since 0.3, gone in 0.5: use Files.content()")
    def retrieve_content(self, file_id: str) -> str: ...

The message has this form; `scripts.release.surface` reads both versions from it. To type checkers this is the decorator
of PEP 702, so that an editor strikes the name through; Python has one of its own only since 3.13.
"""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, ParamSpec, TypeVar

__all__ = ["PortkeyDeprecationWarning", "deprecated"]

P = ParamSpec("P")
T = TypeVar("T")


class PortkeyDeprecationWarning(DeprecationWarning):
    """What was called will be gone; the message says in which version, and what to use instead."""


if TYPE_CHECKING:
    from typing_extensions import deprecated
else:

    def deprecated(message: str) -> Callable[[Callable[P, T]], Callable[P, T]]:
        """Let each call of a function or method warn, at the line of the caller."""

        def mark(function: Callable[P, T]) -> Callable[P, T]:
            # Also where the function is async: the call warns, and not the await, which may be in another task.
            @functools.wraps(function)
            def warning(*arguments: P.args, **options: P.kwargs) -> T:
                warnings.warn(f"{function.__qualname__} is {message}", PortkeyDeprecationWarning, stacklevel=2)
                return function(*arguments, **options)

            return warning

        return mark
