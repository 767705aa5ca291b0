"""Arguments of calls, checked and converted to the parts of a request before anything is sent.

Nothing here knows the generated client.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, TypeGuard
from urllib.parse import unquote

from attrs import field, frozen

from portkey_ft._json import is_object
from portkey_ft._redaction import NotPicklable
from portkey_ft.errors import ConfigurationError

__all__ = [
    "RequestOptions",
    "check_filters",
    "check_query",
    "json_bytes",
    "path_id",
    "plain_text",
    "refuse_unknown",
    "required_text",
]


@frozen
class RequestOptions(NotPicklable):
    """What a single call adds to its request.

    Attributes:
        headers: Further headers; treated as secrets.
        query: Further query parameters.
        timeout: Seconds for each step of the exchange, or None for the client's.
        secrets: Strings of the body that must never be shown.
        on_progress: Called with the bytes of a file sent so far and their number in all, if that is known.
    """

    headers: Mapping[str, str] = field(factory=dict[str, str], repr=False)
    query: Mapping[str, str | int] = field(factory=dict[str, str | int])
    timeout: float | None = None
    secrets: tuple[str, ...] = field(default=(), repr=False)
    on_progress: Callable[[int, int | None], None] | None = field(default=None, repr=False)


def refuse_unknown(options: Mapping[str, Any], known: type, operation: str) -> None:
    """Refuse an option that nothing would read.

    Raises:
        TypeError: As Python does for an argument that a function does not have.
    """
    for name in options:
        if name not in known.__annotations__:
            close = difflib.get_close_matches(name, known.__annotations__)
            advice = f"; did you mean {close[0]!r}?" if close else ""
            message = f"{operation}() got an unexpected keyword argument {name!r}{advice}"
            raise TypeError(message)


def check_query(query: object, operation: str) -> dict[str, str | int]:
    """Return query parameters that can be sent.

    Raises:
        ConfigurationError: They are no mapping of names to strings or whole numbers.
    """
    if query is None:
        return {}
    if is_mapping(query) and all(
        isinstance(name, str)
        and isinstance(value, str | int)
        and not isinstance(value, bool)
        and _is_writable([name, value])
        for name, value in query.items()
    ):
        return {name: value.value if isinstance(value, Enum) else value for name, value in query.items()}
    message = "extra_query must be a mapping of names to text or whole numbers."
    raise ConfigurationError(message, operation=operation)


def check_filters(filters: object, name: str, operation: str) -> dict[str, str]:
    """Return the query parameters of a filter: ``name[key]`` with its value, for each pair.

    Raises:
        ConfigurationError: It is no mapping of text to text.
    """
    if filters is None:
        return {}
    if is_mapping(filters) and _is_writable(filters) and all(type(value) is str for value in filters.values()):
        return {f"{name}[{key}]": value for key, value in filters.items()}
    message = f"{name} must be a mapping of names to text."
    raise ConfigurationError(message, operation=operation)


def required_text(value: object, name: str, operation: str) -> str:
    """Return a string that must not be empty.

    Raises:
        ConfigurationError: It is no string, or empty.
    """
    if hasattr(value, "id") and not isinstance(value, str):
        # A job or a file in place of its ID.
        kind = type(value).__name__
        message = f"{name} must be an ID (str), not a {kind} object."
        raise ConfigurationError(message, hint=f"pass its id, as in {name}=your_object.id.", operation=operation)
    if not isinstance(value, str):
        message = f"{name} must be a string, not {type(value).__name__}."
        raise ConfigurationError(message, operation=operation)
    if not value.strip():
        message = f"{name} is empty."
        raise ConfigurationError(message, operation=operation)
    return value


def plain_text(value: object, name: str, operation: str) -> str:
    """Return a string that must not be empty; of an enumeration of text its value.

    Raises:
        ConfigurationError: It is no string, or empty.
    """
    return required_text(value.value if isinstance(value, Enum) else value, name, operation)


def path_id(value: object, name: str, operation: str) -> str:
    """Return an id in the plain form, which the request builder encodes once.

    Ids of some providers come percent-encoded (an ARN, an S3 URI); encoding them again would name another thing.

    Raises:
        ConfigurationError: It is no text, empty, or would name another path.
    """
    # What is no text when decoded is turned into lone surrogates, which are not printable.
    plain = unquote(required_text(value, name, operation), errors="surrogateescape")
    # A proxy that decodes a path before it looks at it would leave the folder at a step of dots, wherever it stands.
    steps = plain.replace("\\", "/").split("/")
    if "." in steps or ".." in steps or not plain.isprintable() or plain != plain.strip():
        message = f"{name} {plain!r} is no id."
        raise ConfigurationError(message, operation=operation)
    return plain


def json_bytes(body: object, operation: str) -> bytes:
    """Write a body as JSON.

    Raises:
        ConfigurationError: It holds something that JSON does not have.
    """
    try:
        return json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=_as_dict).encode()
    except (TypeError, ValueError, RecursionError) as error:
        what = _unwritable(body) if is_object(body) else "the request"
        message = f"{what} cannot be written as JSON: {error}."
        raise ConfigurationError(
            message, hint="pass text, finite numbers, lists and mappings of these.", operation=operation
        ) from None


def _unwritable(body: Mapping[str, Any]) -> str:
    """Name the argument that cannot be written."""
    found = next((name for name, value in body.items() if not _is_writable({name: value})), None)
    return found or "the request"


def _is_writable(value: object) -> bool:
    """Tell whether a value can be written as JSON in UTF-8."""
    try:
        json.dumps(value, ensure_ascii=False, allow_nan=False, default=_as_dict).encode()
    except (TypeError, ValueError, RecursionError):
        return False
    return True


def is_mapping(value: object) -> TypeGuard[Mapping[Any, Any]]:
    return isinstance(value, Mapping)


def _as_dict(value: object) -> dict[Any, Any]:
    """Write a mapping that is no dict; whatever else JSON does not have is refused in its own words."""
    if is_mapping(value):
        return dict(value)
    message = f"{type(value).__name__} is no JSON data"
    raise TypeError(message)
