"""JSON as the gateway reads and writes it: it is a JavaScript program, so numbers and strings follow JavaScript."""

from __future__ import annotations

import json
import math
import re
from decimal import Decimal
from typing import Final, cast

_LARGEST_EXACT: Final = 2**53
_LARGEST_WRITTEN_OUT: Final = 10**21
_SMALLEST_WRITTEN_OUT: Final = 1e-6
_LONE_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def _refuse(constant: str) -> object:
    raise ValueError(constant)


def _number(text: str) -> int | float | None:
    """Parse a number as a double: large integers lose digits, ``1.0`` is ``1``, and an infinity is written as null."""
    number = float(text)
    if math.isinf(number):
        return None
    if number.is_integer() and abs(number) < _LARGEST_WRITTEN_OUT:
        return int(Decimal(repr(number)))
    return number


def _integer(text: str) -> int | float | None:
    exact = len(text) < len(str(_LARGEST_EXACT))
    return int(text) if exact else _number(text)


def parse(text: str) -> object:
    """Parse JSON as ``JSON.parse`` does.

    Args:
        text: the document.

    Raises:
        ValueError: it is not valid JSON. ``NaN`` and ``Infinity`` are not.
    """
    try:
        value: object = json.loads(text, parse_constant=_refuse, parse_float=_number, parse_int=_integer)
    except RecursionError:
        message = "the document is nested too deeply"
        raise ValueError(message) from None
    return value


def stringify(value: object) -> str:
    """Format a value as ``JSON.stringify`` does: compact, with characters beyond ASCII unescaped."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return _LONE_SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def to_string(value: object) -> str:
    """Format a value as ``String`` does, such as ``0.00001`` for a float that Python writes as ``1e-05``."""
    match value:
        case str():
            return value
        case float():
            return _float_to_string(value)
        case bool() | int() | None:
            return json.dumps(value)
        case list():
            return ",".join("" if item is None else to_string(item) for item in cast("list[object]", value))
        case _:
            return "[object Object]"


def _float_to_string(value: float) -> str:
    if _SMALLEST_WRITTEN_OUT <= abs(value) < 1:
        return format(Decimal(repr(value)), "f")
    mantissa, mark, exponent = repr(value).partition("e")
    return f"{mantissa}e{int(exponent):+d}" if mark else mantissa


def is_truthy(value: object) -> bool:
    """Return whether JavaScript takes a value for true; unlike in Python, an empty object or array is."""
    return isinstance(value, dict | list) or bool(value)


def utf16_length(text: str) -> int:
    """Return the length of a string in JavaScript: its number of UTF-16 code units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
