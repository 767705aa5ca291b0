"""Reads text that is JSON by JSON's own rules: YAML's reader knows not all of its escapes."""

import json
from typing import NoReturn, cast

from scripts.specsync.document.json_values import JsonObject, JsonValue, canonical_json


def read_json(text: str, depth: int, nodes: int) -> tuple[JsonValue] | None:
    """Return the value of JSON text in a tuple; None if it is not JSON, or not within bounds.

    What is refused here is read as YAML, which says why and on which line.
    """
    if not text.lstrip().startswith(("{", "[")):
        return None
    try:
        value = cast("JsonValue", json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse))
        if "\\ud" in text.lower():
            # Half of a surrogate pair is no character, and no text file can hold it.
            canonical_json(value).encode()
    except (ValueError, RecursionError):
        return None
    return (value,) if _within(value, depth, nodes) else None


def _unique(pairs: list[tuple[str, JsonValue]]) -> JsonObject:
    built = dict(pairs)
    if len(built) != len(pairs):
        message = "a key is there twice"
        raise ValueError(message)
    return built


def _refuse(_constant: str) -> NoReturn:
    message = "not a number"
    raise ValueError(message)


def _within(value: JsonValue, depth: int, nodes: int) -> bool:
    level = [value]
    while level:
        nodes -= len(level)
        if depth < 0 or nodes < 0:
            return False
        depth -= 1
        level = [
            member
            for holder in level
            if isinstance(holder, (dict, list))
            for member in (holder.values() if isinstance(holder, dict) else holder)
        ]
    return True
