"""JSON pointers (RFC 6901) and the local `$ref`s that are written with them."""

from collections.abc import Iterable
from urllib.parse import unquote

from scripts.specsync.document.json_values import JsonValue
from scripts.specsync.errors import LocatedSourceError


def join(pointer: str, *tokens: str | int) -> str:
    """Return the pointer to a member of what `pointer` points to."""
    for token in tokens:
        pointer = f"{pointer}/{str(token).replace('~', '~0').replace('/', '~1')}"
    return pointer


def split(pointer: str) -> tuple[str, ...]:
    """Return the unescaped tokens of a pointer."""
    return tuple(token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:])


def find(value: JsonValue, tokens: Iterable[str]) -> JsonValue:
    """Return the value that the tokens lead to; raise KeyError if there is none."""
    for token in tokens:
        if isinstance(value, dict):
            value = value[token]
        elif isinstance(value, list) and token.isdecimal() and int(token) < len(value):
            value = value[int(token)]
        else:
            raise KeyError(token)
    return value


def reference_tokens(reference: JsonValue, pointer: str) -> tuple[str, ...]:
    """Return the tokens of a local `$ref`; `pointer` says where it stands, for the message."""
    if not isinstance(reference, str):
        reason = "$ref is not a string"
        raise LocatedSourceError(reason, pointer)
    if not reference.startswith("#/"):
        reason = f"$ref {reference!r} points outside the document"
        raise LocatedSourceError(reason, pointer)
    return split(unquote(reference[1:]))


def follow(document: JsonValue, reference: JsonValue, pointer: str) -> JsonValue:
    """Return what a local `$ref` points to."""
    try:
        return find(document, reference_tokens(reference, pointer))
    except KeyError:
        reason = f"$ref {reference!r} points to nothing"
        raise LocatedSourceError(reason, pointer) from None
