"""JSON values to Python values, read liberally.

Five providers say the same thing in different ways: times in seconds or milliseconds, numbers as text, an error as an
object, a string or an empty object. Each function here takes one such value and gives the one form that the facade has
for it. What cannot be read is None, and is noted with its place; only an id is needed. Nothing here knows the generated
client.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import attrs
from attrs import frozen

from portkey_ft._json import is_array, is_object, redacted_json
from portkey_ft.errors import ResponseError
from portkey_ft.types import ResponseInfo

__all__ = [
    "FieldLocation",
    "Unreadable",
    "id_of",
    "is_missing",
    "kind_of",
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
SMALLEST_EXACT = -LARGEST_EXACT

INFINITY, MINUS_INFINITY = math.inf, -math.inf

# What JSON data are besides null.
_JSON_TYPES = frozenset({bool, int, float, str, list, dict})

# What the gateway writes, in JavaScript, into an id or a location whose parts the provider did not send.
UNDEFINED = "undefined"


@frozen
class Unreadable:
    """A field that could not be read.

    Attributes:
        pointer: Where in the response, as a JSON pointer (RFC 6901).
        problem: What is wrong with it.
    """

    pointer: str
    problem: str


@frozen
class FieldLocation:
    """Where in a response something is being read, and what could not be.

    Attributes:
        operation: The facade's name of the operation.
        response: How the response came.
        tokens: Names and indexes on the way to the object that is being read.
        redact: Masks the client's secrets in a text that goes into messages.
        body: The whole response, as JSON data.
        unreadable: What could not be read, in the order in which it was met; shared by all locations of a response.
    """

    operation: str
    response: ResponseInfo
    tokens: tuple[str | int, ...] = ()
    redact: Callable[[str], str] = attrs.field(default=str, repr=False, eq=False)
    body: Any = attrs.field(default=None, repr=False, eq=False)
    unreadable: list[Unreadable] = attrs.field(factory=list[Unreadable], repr=False, eq=False)

    def child(self, *tokens: str | int) -> FieldLocation:
        """Give the location further inside."""
        # Named one by one: evolve() would look for the fields of each item that is read on its own.
        return FieldLocation(
            self.operation, self.response, self.tokens + tokens, self.redact, self.body, self.unreadable
        )

    def redacted(self, message: str | None) -> str | None:
        """Mask secrets in a message of the provider's, in which it may have repeated a key."""
        return None if message is None else self.redact(message)

    @property
    def pointer(self) -> str:
        """The JSON pointer (RFC 6901) of the location; written when it is needed, which is when something is wrong."""
        return "".join(f"/{_escaped(token)}" for token in self.tokens)

    def note(self, field: str, problem: str) -> None:
        """Note a field that cannot be read, and that can be done without.

        Args:
            field: The field's name, or the names on the way to it with slashes between; ours, so nothing to escape.
            problem: What is wrong.
        """
        self.unreadable.append(Unreadable(f"{self.pointer}/{field}", problem))

    def error(self, field: str | None, problem: str) -> ResponseError:
        """Describe what cannot be read, and cannot be done without, at a field or at the location itself.

        Args:
            field: The field's name; None for the location itself.
            problem: What is wrong.
        """
        pointer = self.pointer if field is None else f"{self.pointer}/{field}"
        return ResponseError(
            f"the response cannot be read at {pointer or 'its root'}: {self.redact(problem)}.",
            operation=self.operation,
            trace_id=self.redacted(self.response.trace_id),
            pointer=pointer,
            status_code=self.response.status_code,
            id=self.redacted(id_of(self.body)),
            body=redacted_json(self.body, self.redact),
        )


def id_of(data: object) -> str | None:
    """Give the id of what a response is about, if it has one that can be used."""
    return _id(data.get("id")) if is_object(data) else None


def _id(value: object) -> str | None:
    if isinstance(value, str) and value and value != UNDEFINED:
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


def _escaped(token: str | int) -> str:
    return str(token).replace("~", "~0").replace("/", "~1")


def kind_of(value: object) -> str:
    """Name the kind of a JSON value, with its article."""
    names = {"NoneType": "null", "bool": "true or false", "dict": "an object", "list": "a list", "str": "text"}
    return names.get(type(value).__name__, "a number")


def is_missing(value: object) -> bool:
    """Tell whether a value is null or absent; what stands for an absent one is falsy and no JSON."""
    return value is None or (type(value) not in _JSON_TYPES and not value)


def to_id(value: object, location: FieldLocation) -> str:
    """Read an id, the one field that is always needed."""
    if type(value) is str and value and value != UNDEFINED:
        return value
    found = _id(value)
    if found is not None:
        return found
    there = {"": "empty text", UNDEFINED: "the word undefined"}.get(value) if isinstance(value, str) else None
    raise location.error("id", f"expected an id, got {there or kind_of(value)}")


def to_str(value: object, field: str, location: FieldLocation) -> str | None:
    """Read text; an empty or undefined one counts as missing, and a number is a code."""
    if type(value) is str:
        return value if value and value != UNDEFINED else None
    if is_missing(value):
        return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    location.note(field, f"expected text, got {kind_of(value)}")
    return None


def to_float(value: object, field: str, location: FieldLocation) -> float | None:
    """Read a number, which may be written as text; one that is not finite counts as missing."""
    # What nearly all are is spared further calls: a checkpoint has half a dozen.
    if type(value) is float and MINUS_INFINITY < value < INFINITY:
        return value
    if type(value) is int and SMALLEST_EXACT <= value <= LARGEST_EXACT:
        return value
    try:
        return _number(value)
    except ValueError as error:
        location.note(field, f"expected a number, got {error}")
        return None


def _number(value: object) -> float | None:
    """Read a number.

    Raises:
        ValueError: It is something else, which the message names.
    """
    if type(value) is float:
        return value if math.isfinite(value) else None
    if isinstance(value, str):
        return _finite(_from_text(value))
    if type(value) is int:
        return _finite(value)
    if is_missing(value):
        return None
    raise ValueError(kind_of(value))


def _finite(value: float) -> float | None:
    try:
        return value if math.isfinite(value) else None
    except OverflowError:
        message = "a number of hundreds of digits"
        raise ValueError(message) from None


def _from_text(value: str) -> float:
    # A whole number where it looks like one: a float would lose its last digits.
    for kind in (int, float):
        with suppress(ValueError):
            return kind(value)
    message = "other text"
    raise ValueError(message)


def to_int(value: object, field: str, location: FieldLocation) -> int | None:
    """Read a whole number, which may be written as text."""
    if type(value) is int and SMALLEST_EXACT <= value <= LARGEST_EXACT:
        return value
    if is_missing(value):
        return None
    found = None if value == "" else to_float(value, field, location)
    if found is None:
        return None
    if not float(found).is_integer():
        location.note(field, "expected a whole number, got a fraction")
        return None
    return int(found)


def to_float_or_str(value: object, field: str, location: FieldLocation) -> float | str | None:
    """Read a hyperparameter: a number, a number as text, or a name such as ``auto``."""
    if is_missing(value):
        return None
    try:
        return _number(value)
    except ValueError as error:
        if isinstance(value, str):
            return value or None
        location.note(field, f"expected a number or a name, got {error}")
        return None


def to_bool(value: object, field: str, location: FieldLocation) -> bool | None:
    """Read a boolean."""
    if isinstance(value, bool):
        return value
    if is_missing(value):
        return None
    location.note(field, f"expected true or false, got {kind_of(value)}")
    return None


def to_datetime(value: object, field: str, location: FieldLocation) -> datetime | None:
    """Read a time, into UTC: Unix seconds, milliseconds, either as text, or ISO 8601. 0 stands for no time."""
    if type(value) is int and 0 < value < FIRST_MILLISECONDS:
        return datetime.fromtimestamp(value, UTC)
    if is_missing(value):
        return None
    try:
        if isinstance(value, str) and value and not value.lstrip("+-").replace(".", "", 1).isdigit():
            parsed = datetime.fromisoformat(value)
            return parsed.astimezone(UTC) if parsed.tzinfo else parsed.replace(tzinfo=UTC)
        seconds = None if value == "" else _number(value)
        if not seconds:
            return None
        return datetime.fromtimestamp(seconds / 1000 if abs(seconds) > FIRST_MILLISECONDS else seconds, UTC)
    except (OverflowError, OSError, ValueError):
        location.note(field, f"expected a timestamp, got {kind_of(value)}")
        return None


def to_mapping(value: object, field: str, location: FieldLocation) -> Mapping[str, Any] | None:
    """Read an object whose fields are the provider's own."""
    if is_object(value):
        return value
    if is_missing(value):
        return None
    location.note(field, f"expected an object, got {kind_of(value)}")
    return None


def to_strs(value: object, field: str, location: FieldLocation) -> tuple[str, ...]:
    """Read a list of strings; null is an empty one."""
    if is_missing(value):
        return ()
    if is_array(value):
        found = tuple(item for item in value if isinstance(item, str))
        if len(found) == len(value):
            return found
    location.note(field, f"expected a list of strings, got {kind_of(value)}")
    return ()
