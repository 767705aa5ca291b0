"""Makes the frozen values of responses at a third of what their own constructors cost.

A frozen value refuses assignments, so attrs fills it through a call for each field: a fifth of all that an item of a
list cost. Here the fields are assigned while the value still belongs to a class of the same layout that allows it; then
it is given its own class, and is frozen. ``__class__`` may be assigned between classes of one layout:
https://docs.python.org/3/reference/datamodel.html#object.__class__
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar, cast

import attrs

__all__ = ["constructor"]

P = ParamSpec("P")
T = TypeVar("T")


def constructor(cls: Callable[P, T]) -> Callable[P, T]:
    """Give a function that makes values of a frozen class, equal to those that the class makes of the same fields.

    Each field is given by its name, and none is left to its default: a reader that leaves one out has forgotten it.

    Raises:
        TypeError: The class does more with its fields than to keep them, which this function would not do.
    """
    frozen = cast("type[T]", cls)
    fields = attrs.fields(cast("type[attrs.AttrsInstance]", cls))
    if hasattr(frozen, "__attrs_post_init__") or any(
        field.converter or field.validator or not field.init or field.alias != field.name for field in fields
    ):
        message = f"{frozen.__name__} does more with its fields than to keep them"
        raise TypeError(message)
    open_class = type(
        frozen.__name__,
        frozen.__bases__,
        {
            "__slots__": frozen.__dict__["__slots__"],
            "__setattr__": object.__setattr__,
            # Python asks for both before it takes its short way to a slot.
            "__delattr__": object.__delattr__,
        },
    )
    names = [field.name for field in fields]
    source = "\n    ".join(
        [
            f"def construct(*, {', '.join(names)}):",
            "value = new(open_class)",
            *(f"value.{name} = {name}" for name in names),
            "value.__class__ = frozen",
            "return value",
        ]
    )
    # Written out as attrs does it: a loop over the fields would cost as much as it saves.
    scope: dict[str, Any] = {"new": object.__new__, "open_class": open_class, "frozen": frozen}
    exec(source, scope)  # noqa: S102 - of names of our own classes
    return cast("Callable[P, T]", scope["construct"])
