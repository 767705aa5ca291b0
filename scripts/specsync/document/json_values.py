"""JSON values as types, and the one canonical text from which every hash is taken."""

import hashlib
import json
from typing import TypeAlias

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
    """Tell whether two values are equal as JSON, where true is not 1 as it is in Python."""
    return canonical_json(left) == canonical_json(right)
