"""JSON of somebody else: read strictly, and told apart in a way that type checkers follow.

``isinstance(value, dict)`` leaves a checker with a dict of unknowns; data out of :mod:`json` has keys that are text.
"""

from __future__ import annotations

import json
from typing import Any, NoReturn, TypeGuard

__all__ = ["is_array", "is_object", "read_json"]

# Deeper than any answer, and far from where Python's own functions for copying and showing give up.
DEEPEST = 100


def is_object(value: object) -> TypeGuard[dict[str, Any]]:
    """Tell whether a value is a JSON object."""
    return isinstance(value, dict)


def is_array(value: object) -> TypeGuard[list[Any]]:
    """Tell whether a value is a JSON array."""
    return isinstance(value, list)


def read_json(content: bytes) -> Any:  # noqa: ANN401 - any JSON
    """Read JSON as RFC 8259 has it, which :mod:`json` does not: in UTF-8 and with finite numbers.

    Of a name that comes twice the last one counts, as everywhere in Python: looking for it costs as much as reading.

    Raises:
        ValueError: It is something else, or nested too deeply to be worked with.
    """
    try:
        data = _DECODER.decode(content.decode("utf-8-sig"))
    except RecursionError:
        raise ValueError(_TOO_DEEP) from None
    # Counting is cheap, and spares nearly every answer the walk.
    if content.count(b"[") + content.count(b"{") > DEEPEST:
        _refuse_depth(data)
    return data


_HOLDERS = frozenset({dict, list})
_TOO_DEEP = f"it is nested more than {DEEPEST} levels deep"


def _not_finite(constant: str) -> NoReturn:
    message = f"it holds {constant}, which is no JSON"
    raise ValueError(message)


_DECODER = json.JSONDecoder(parse_constant=_not_finite)


def _refuse_depth(data: object) -> None:
    level: list[Any] = [data]
    for _ in range(DEEPEST):
        # Looked up by type: this is done for each value of a long list.
        level = [
            item
            for holder in level
            for item in (holder.values() if holder.__class__ is dict else holder)
            if type(item) in _HOLDERS
        ]
        if not level:
            return
    raise ValueError(_TOO_DEEP)
