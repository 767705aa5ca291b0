"""JSON values as types, their one canonical text from which every hash is taken, and a strict JSON reader."""

import hashlib
import json
from typing import NoReturn, TypeAlias, cast

JsonValue: TypeAlias = dict[str, "JsonValue"] | list["JsonValue"] | str | int | float | bool | None
JsonObject: TypeAlias = dict[str, "JsonValue"]


def canonical_json(value: JsonValue) -> str:
    """Return the text that two values share exactly when they are equal, whatever the order of their keys."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def digest(value: JsonValue) -> str:
    """Return the SHA-256 of a value's canonical text."""
    return digest_bytes(canonical_json(value).encode("utf-8", "surrogatepass"))


def digest_bytes(content: bytes) -> str:
    """Return the SHA-256 of bytes, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def copy_json(value: JsonValue) -> JsonValue:
    """Return a copy that shares no container with the original."""
    if isinstance(value, dict):
        return {key: copy_json(member) for key, member in value.items()}
    if isinstance(value, list):
        return [copy_json(member) for member in value]
    return value


def same_json(left: JsonValue, right: JsonValue) -> bool:
    """Return whether two values are equal as JSON, where true is not 1 as it is in Python."""
    if left is right:
        return True
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same_json(member, right[key]) for key, member in left.items())
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same_json, left, right))
    return type(left) is type(right) and left == right


def read_json(text: str, depth: int, nodes: int) -> tuple[JsonValue] | None:
    """Return the value of JSON text in a tuple; None if it is not JSON, or exceeds the limits.

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
        message = "a duplicate key"
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
