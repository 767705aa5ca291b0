"""Keep credentials out of reprs, tracebacks, pickles, logs and messages.

A traceback keeps the frames that it went through, and tools show their local variables: a credential that was refused
would be shown in full. Functions that handle credentials therefore raise exceptions without traceback, cause and
context. Servers repeat credentials in their messages, in several encodings: each is replaced before a message is shown.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping
from functools import wraps
from typing import Any, ParamSpec, TypeVar
from urllib.parse import quote

from portkey_ft._headers import CUSTOM_HOST, FILE_PURPOSE, METADATA, PROVIDER, TRACE_ID
from portkey_ft._json import is_array, is_object
from portkey_ft.errors import PortkeyError

__all__ = [
    "NotPicklable",
    "async_without_arguments_in_traceback",
    "credential_texts",
    "hidden",
    "hidden_values",
    "hides_init_arguments",
    "json_texts",
    "redact",
    "secret_texts",
    "without_arguments_in_traceback",
    "without_response_in_traceback",
    "without_traceback",
]

# Redacting a shorter text would hide half of every message, and its positions would reveal what it was.
SHORTEST_SECRET = 4
# Headers beside the credentials may hold anything; their short values are flags and names.
SHORTEST_SECRET_IN_EXTRA_HEADER = 8
# Errors quote errors that quote requests; each time text is put into JSON, its special characters are escaped again.
DEEPEST_JSON = 4
# Redacting these would garble the gateway's messages and hide what a reader looks for.
_NO_SECRETS = frozenset({FILE_PURPOSE, METADATA, TRACE_ID})

# Names of providers, models and modes, which the gateway's messages are about.
_PLAIN_KEYS = frozenset({"mode", "model", "provider", "strategy", PROVIDER})

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")


class NotPicklable:
    """Mixin for values that hold a credential, which a pickle would carry into a cache, a queue or a file."""

    __slots__ = ()

    def __reduce__(self) -> str:
        message = f"{type(self).__name__} holds a credential and cannot be pickled; create it again where it is needed."
        raise TypeError(message)

    def __copy__(self) -> NotPicklable:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> NotPicklable:
        del memo
        return self


def without_traceback(function: Callable[P, R]) -> Callable[P, R]:
    """Raise a function's exceptions without traceback, cause and context, which would show its arguments."""
    return _raising_without_traceback(function, Exception)


def without_arguments_in_traceback(function: Callable[P, R]) -> Callable[P, R]:
    """Raise a method's PortkeyErrors without traceback: its arguments may hold keys.

    A programming error keeps its traceback.
    """
    return _raising_without_traceback(function, PortkeyError)


def async_without_arguments_in_traceback(
    function: Callable[P, Coroutine[Any, Any, R]],
) -> Callable[P, Coroutine[Any, Any, R]]:
    """Do the same as :func:`without_arguments_in_traceback` for a coroutine function."""

    @wraps(function)
    async def call(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return await function(*args, **kwargs)
        except PortkeyError as error:
            failure = error.with_traceback(None)
            failure.__cause__ = failure.__context__ = None
        del args, kwargs
        raise failure

    return call


def without_response_in_traceback(function: Callable[P, R]) -> Callable[P, R]:
    """Raise the errors about a response without traceback: a provider may repeat a key in the response.

    Applies to PortkeyError alone; a programming error keeps its traceback.
    """
    return _raising_without_traceback(function, PortkeyError)


def _raising_without_traceback(function: Callable[P, R], kind: type[Exception]) -> Callable[P, R]:
    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except kind as error:
            failure = error.with_traceback(None)
            failure.__cause__ = failure.__context__ = None
        del args, kwargs
        raise failure

    return call


def hides_init_arguments(cls: type[T]) -> type[T]:
    """Class decorator: exceptions of ``__init__`` do not show its arguments."""
    cls.__init__ = without_traceback(cls.__init__)  # type: ignore[method-assign]  # the same signature
    return cls


def hidden(value: object) -> str:
    """Repr of a credential: only whether there is one."""
    return "None" if value is None else "'***'"


def hidden_values(headers: Mapping[str, str]) -> str:
    """Repr of headers that may hold credentials: their names alone."""
    return "{" + ", ".join(f"{name!r}: '***'" for name in headers) + "}"


def secret_texts(headers: Mapping[str, str]) -> tuple[str, ...]:
    """Return the texts to redact for headers beside the credentials, in every encoding."""
    secret = {name: value for name, value in headers.items() if name not in _NO_SECRETS}
    found = {text for name, value in secret.items() for text in _encoded_variants(name, value)}
    return tuple(text for text in found if len(text) >= SHORTEST_SECRET_IN_EXTRA_HEADER)


def credential_texts(headers: Mapping[str, str]) -> tuple[str, ...]:
    """Return the texts to redact for an auth mode's headers, in every encoding.

    The names of provider and host are no secrets.
    """
    plain = {headers.get(name) for name in (PROVIDER, CUSTOM_HOST)}
    found = {text for name, value in headers.items() for text in _encoded_variants(name, value)}
    return tuple(text for text in found - plain if len(text) >= SHORTEST_SECRET)


def json_texts(value: object) -> tuple[str, ...]:
    """Return the texts to redact for JSON data in which a caller may have put keys, in every encoding."""
    found = {text for part in _strings(value) for text in _variants(part)}
    return tuple(text for text in found if len(text) >= SHORTEST_SECRET_IN_EXTRA_HEADER)


def redact(text: str, secrets: Iterable[str]) -> str:
    """Replace every secret in a text with ``***``, the longest first, so that none is left in part."""
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, "***")
    return text


def _encoded_variants(name: str, value: str) -> Iterator[str]:
    """Yield the forms in which a header's secrets may come back."""
    for text in _parts(name, value):
        yield from _variants(text)


def _variants(text: str) -> Iterator[str]:
    """Yield a text as it is, within JSON (itself within JSON, and so on), and within a URL."""
    yield quote(text, safe="", errors="replace")
    for _ in range(DEEPEST_JSON):
        yield text
        text = json.dumps(text)[1:-1]


def _parts(name: str, value: str) -> Iterator[str]:
    """Yield the texts in a header's value that are secret by themselves: a bare token, the strings in a JSON config."""
    yield value
    if name in {"authorization", "proxy-authorization"}:
        yield value.partition(" ")[2]
    if value.startswith("{"):
        try:
            data = json.loads(value)
        except ValueError:
            return
        yield from _strings(data)


def _strings(value: object, key: str = "") -> Iterator[str]:
    if is_object(value):
        for name, item in value.items():
            yield from _strings(item, name)
    elif is_array(value):
        for item in value:
            yield from _strings(item, key)
    elif isinstance(value, str) and key not in _PLAIN_KEYS:
        yield value
