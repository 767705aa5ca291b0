"""JSON from a server: read strictly, and distinguished in a way that type checkers follow.

``isinstance(value, dict)`` leaves a checker with a dict of unknowns; data out of :mod:`json` has keys that are text.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any, TypeGuard

__all__ = ["is_array", "is_object", "read_json", "redacted_json"]

# Deeper than any response, and far from where Python's own functions for copying and showing give up.
DEEPEST = 100


def is_object(value: object) -> TypeGuard[dict[str, Any]]:
    """Tell whether a value is a JSON object."""
    return isinstance(value, dict)


def is_array(value: object) -> TypeGuard[list[Any]]:
    """Tell whether a value is a JSON array."""
    return isinstance(value, list)


def read_json(content: bytes, encoding: str = "utf-8") -> Any:  # noqa: ANN401 - any JSON
    """Read JSON. ``NaN`` and ``Infinity``, which are none, are read as None: a diverged loss is written that way.

    Of a name that comes twice the last one counts, as everywhere in Python: looking for it costs as much as reading.

    Args:
        content: The bytes.
        encoding: How they are encoded; UTF-8 (RFC 8259, 8.1), unless the server says otherwise.

    Raises:
        ValueError: It is something else, or nested too deeply to be worked with.
    """
    try:
        text = content.decode("utf-8-sig" if encoding == "utf-8" else encoding)
        data = _DECODER.decode(text)
    except RecursionError:
        raise ValueError(_TOO_DEEP) from None
    _refuse_depth(data, text.count("[") + text.count("{"))
    return data


_HOLDERS = frozenset({dict, list})
_TOO_DEEP = f"it is nested more than {DEEPEST} levels deep"


def _not_finite(constant: str) -> None:
    """Read a number that is none."""
    del constant


_DECODER = json.JSONDecoder(parse_constant=_not_finite)


def _refuse_depth(data: object, brackets: int) -> None:
    """Look for what is nested too deeply, no further than there are brackets for it.

    Each array and object has an opening bracket of its own, so that those not found yet reach at most as many levels
    below those that were. That ends the walk at once in most responses, and behind a few items of a page.
    """
    level: list[Any] = [data]
    left = brackets - 1
    for depth in range(1, DEEPEST + 1):
        found: list[Any] = []
        for holder in level:
            if depth + left < DEEPEST:
                return
            inner: Iterable[Any] = holder.values() if is_object(holder) else holder
            # Looked up by type: this is done for each value of a long list.
            holders = [item for item in inner if type(item) in _HOLDERS]
            found += holders
            left -= len(holders)
        if not found:
            return
        level = found
    raise ValueError(_TOO_DEEP)


def redacted_json(value: object, redact: Callable[[str], str]) -> object:
    """Mask secrets in all that JSON data say."""
    if isinstance(value, str):
        return redact(value)
    if is_object(value):
        return {redact(name): redacted_json(item, redact) for name, item in value.items()}
    if is_array(value):
        return [redacted_json(item, redact) for item in value]
    return value
