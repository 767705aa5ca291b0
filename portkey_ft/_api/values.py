"""Reading liberally: values as the providers send them, made uniform.

Five providers say the same thing in different ways: times in seconds or milliseconds, numbers as text, an error as an
object, a string or an empty object. Each function here takes one such value and gives the one form that the facade has
for it, or raises an error that says where in the answer the fault is. Nothing here knows the generated client.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import attrs
from attrs import frozen

from portkey_ft._json import is_array, is_object
from portkey_ft.errors import ResponseError
from portkey_ft.types import ResponseInfo

__all__ = [
    "FieldLocation",
    "is_missing",
    "to_bool",
    "to_datetime",
    "to_float",
    "to_float_or_str",
    "to_id",
    "to_int",
    "to_mapping",
    "to_str",
    "to_strs",
]

# Seconds beyond this are the year 5138; milliseconds below it are March 1973. Neither is when a job ran.
FIRST_MILLISECONDS = 1e11

# Whole numbers up to this are the same as text, as JSON of any reader, and as a float.
LARGEST_EXACT = 2**53

# What the gateway writes, in JavaScript, into an id or a location whose parts the provider did not send.
UNDEFINED = "undefined"


@frozen
class FieldLocation:
    """Where in an answer something is being read.

    Attributes:
        operation: The facade's name of the operation.
        response: How the answer came.
        tokens: Names and indexes on the way to the object that is being read.
        redact: Masks the client's secrets in a text that goes into messages.
    """

    operation: str
    response: ResponseInfo
    tokens: tuple[str | int, ...] = ()
    redact: Callable[[str], str] = attrs.field(default=str, repr=False, eq=False)

    def child(self, *tokens: str | int) -> FieldLocation:
        """Give the location further inside."""
        return FieldLocation(self.operation, self.response, self.tokens + tokens, self.redact)

    def redacted(self, said: str | None) -> str | None:
        """Give a reason in the provider's words, in which it may have repeated a key."""
        return None if said is None else self.redact(said)

    @property
    def pointer(self) -> str:
        """The JSON pointer (RFC 6901) of the location; written when it is needed, which is when something is wrong."""
        return "".join(f"/{_escaped(token)}" for token in self.tokens)

    def error(self, field: str | None, problem: str) -> ResponseError:
        """Describe what cannot be read at a field, or at the location itself.

        Args:
            field: The field's name, or the names on the way to it with slashes between; ours, so nothing to escape.
            problem: What is wrong.
        """
        pointer = self.pointer if field is None else f"{self.pointer}/{field}"
        return ResponseError(
            f"the answer cannot be read at {pointer or 'its root'}: {self.redact(problem)}.",
            operation=self.operation,
            trace_id=self.redacted(self.response.trace_id),
            pointer=pointer,
            status_code=self.response.status_code,
        )


def _escaped(token: str | int) -> str:
    return str(token).replace("~", "~0").replace("/", "~1")


def _kind(value: object) -> str:
    names = {"dict": "an object", "list": "a list", "str": "text", "bool": "true or false"}
    return names.get(type(value).__name__, "a number")


def is_missing(value: object) -> bool:
    """Tell whether a value is null or absent; what stands for an absent one is false and no JSON."""
    return not value and not isinstance(value, bool | int | float | str | list | dict)


def to_id(value: object, location: FieldLocation) -> str:
    """Read an id, without which there is nothing to speak of."""
    if isinstance(value, str) and value and value != UNDEFINED:
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    found = {"": "empty text", UNDEFINED: "the word undefined"}.get(value) if isinstance(value, str) else None
    raise location.error("id", f"an id is needed, and there is {found or _kind(value)}")


def to_str(value: object, field: str, location: FieldLocation) -> str | None:
    """Read a text; an empty or undefined one says nothing, and a number is a code."""
    if isinstance(value, str):
        return value if value and value != UNDEFINED else None
    if is_missing(value):
        return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    raise location.error(field, f"text is expected, and there is {_kind(value)}")


def to_float(value: object, field: str, location: FieldLocation) -> float | None:
    """Read a number, which may be written as text; one that is not finite says nothing."""
    if type(value) is float:
        return value if math.isfinite(value) else None
    if isinstance(value, str):
        # Text is a whole number where it looks like one: a float would lose its last digits.
        for kind in (int, float):
            with suppress(ValueError):
                return _finite(kind(value), field, location)
        raise location.error(field, "a number is expected, and there is other text")
    if type(value) is int:
        return _finite(value, field, location)
    if is_missing(value):
        return None
    raise location.error(field, f"a number is expected, and there is {_kind(value)}")


def _finite(value: float, field: str, location: FieldLocation) -> float | None:
    try:
        return value if math.isfinite(value) else None
    except OverflowError:
        raise location.error(field, "a number is expected, and there is one beyond all measure") from None


def to_int(value: object, field: str, location: FieldLocation) -> int | None:
    """Read a whole number, which may be written as text."""
    if type(value) is int and -LARGEST_EXACT <= value <= LARGEST_EXACT:
        return value
    found = None if value == "" else to_float(value, field, location)
    if found is None:
        return None
    if not float(found).is_integer():
        raise location.error(field, "a whole number is expected, and there is a fraction")
    return int(found)


def to_float_or_str(value: object, field: str, location: FieldLocation) -> float | str | None:
    """Read a hyperparameter: a number, a number as text, or a name such as ``auto``."""
    try:
        return to_float(value, field, location)
    except ResponseError:
        if isinstance(value, str):
            return value or None
        raise


def to_bool(value: object, field: str, location: FieldLocation) -> bool | None:
    """Read a yes or no."""
    if isinstance(value, bool):
        return value
    if is_missing(value):
        return None
    raise location.error(field, f"true or false is expected, and there is {_kind(value)}")


def to_datetime(value: object, field: str, location: FieldLocation) -> datetime | None:
    """Read a time, into UTC: Unix seconds, milliseconds, either as text, or ISO 8601."""
    if type(value) is int and 0 <= value < FIRST_MILLISECONDS:
        return datetime.fromtimestamp(value, UTC)
    try:
        if isinstance(value, str) and value and not value.lstrip("+-").replace(".", "", 1).isdigit():
            parsed = datetime.fromisoformat(value)
            return parsed.astimezone(UTC) if parsed.tzinfo else parsed.replace(tzinfo=UTC)
        seconds = None if value == "" else to_float(value, field, location)
        if seconds is None:
            return None
        return datetime.fromtimestamp(seconds / 1000 if abs(seconds) > FIRST_MILLISECONDS else seconds, UTC)
    except (OverflowError, OSError, ValueError):
        raise location.error(field, "a time is expected, and there is something that is none") from None


def to_mapping(value: object, field: str, location: FieldLocation) -> Mapping[str, Any] | None:
    """Read an object whose fields are the provider's own."""
    if is_object(value):
        return value
    if is_missing(value):
        return None
    raise location.error(field, f"an object is expected, and there is {_kind(value)}")


def to_strs(value: object, field: str, location: FieldLocation) -> tuple[str, ...]:
    """Read a list of texts; null is an empty one."""
    if is_array(value):
        found = tuple(item for item in value if isinstance(item, str))
        if len(found) < len(value):
            raise location.error(field, "a list of texts is expected, and it holds something else")
        return found
    if is_missing(value):
        return ()
    raise location.error(field, f"a list of texts is expected, and there is {_kind(value)}")
