"""Header names of the gateway, and checks of header names and values."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final, cast

from portkey_ft.errors import ConfigurationError

__all__ = [
    "API_KEY",
    "CONFIG",
    "CUSTOM_HOST",
    "FILE_PURPOSE",
    "METADATA",
    "MODE_HEADERS",
    "OWN_ARGUMENT",
    "PROVIDER",
    "TRACE_ID",
    "VIRTUAL_KEY",
    "check_header_name",
    "check_header_value",
    "check_headers",
    "check_metadata",
    "header_items",
    "metadata_header",
]

API_KEY: Final = "x-portkey-api-key"
CONFIG: Final = "x-portkey-config"
CUSTOM_HOST: Final = "x-portkey-custom-host"
FILE_PURPOSE: Final = "x-portkey-file-purpose"
METADATA: Final = "x-portkey-metadata"
PROVIDER: Final = "x-portkey-provider"
TRACE_ID: Final = "x-portkey-trace-id"
VIRTUAL_KEY: Final = "x-portkey-virtual-key"

#: Headers that decide which credential is used. They come from an auth mode, or not at all.
MODE_HEADERS: Final = frozenset({API_KEY, CONFIG, CUSTOM_HOST, PROVIDER, VIRTUAL_KEY})

#: Headers with an argument of their own: a second way to set one would let two auth modes mix unnoticed.
OWN_ARGUMENT: Final[Mapping[str, str]] = {
    API_KEY: "api_key=",
    VIRTUAL_KEY: "VirtualKey(...) or virtual_key=",
    CONFIG: "Config(...) or config=",
    PROVIDER: "provider=",
    CUSTOM_HOST: "custom_host=",
    TRACE_ID: "trace_id=",
    METADATA: "metadata=",
}


def check_header_value(value: object, name: str) -> str:
    """Return ``value`` if it can be sent as a header as it stands.

    Args:
        value: What the caller passed.
        name: How the caller knows it, for the message.

    Raises:
        ConfigurationError: It is no string, empty, or holds a character that a header cannot carry. The message never
            shows the value.
    """
    if not isinstance(value, str):
        message = f"{name} must be a string, not {type(value).__name__}."
        raise ConfigurationError(message)
    if not value.strip():
        message = f"{name} is empty."
        raise ConfigurationError(message, hint=f"leave {name} out, or pass its real value.")
    if value != value.strip():
        message = f"{name} begins or ends with white space, such as the newline of a file that it was read from."
        raise ConfigurationError(message, hint="pass it through .strip().")
    if not value.isascii() or not value.isprintable():
        message = f"{name} holds a character that no header can carry (a line break, a control or non-ASCII character)."
        raise ConfigurationError(message, hint="check where it was copied from.")
    return value


def check_header_name(name: object, place: str) -> str:
    """Return ``name`` in lower case if it can be the name of a header (RFC 9110, 5.1).

    Args:
        name: What the caller passed.
        place: Where the caller wrote it, for the message.

    Raises:
        ConfigurationError: It is something else.
    """
    lower = check_header_value(name, f"a name in {place}").lower()
    if not all(character.isalnum() or character in "-_.!#$%&'*+^`|~" for character in lower):
        message = f"{place} holds {name!r}, which is no name of a header."
        raise ConfigurationError(message)
    return lower


def header_items(headers: object, name: str) -> Iterable[tuple[object, object]]:
    """Give the pairs in a mapping of headers; none if it is None.

    Raises:
        ConfigurationError: It is something else.
    """
    if headers is None:
        return ()
    if not isinstance(headers, Mapping):
        message = f"{name} must be a mapping of names to values, not a {type(headers).__name__}."
        raise ConfigurationError(message)
    return cast("Mapping[object, object]", headers).items()


def check_metadata(metadata: object) -> dict[str, Any]:
    """Return the metadata that the gateway logs with a request.

    Args:
        metadata: A mapping of JSON data, or the text of a JSON object.

    Raises:
        ConfigurationError: It is something else.
    """
    try:
        read: object = json.loads(metadata) if isinstance(metadata, str) else metadata
        checked = dict(cast("Mapping[str, Any]", read))
        json.dumps(checked, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        message = "metadata for the gateway must be a mapping of JSON data, or the text of a JSON object."
        raise ConfigurationError(message) from None
    return checked


def metadata_header(metadata: object) -> str:
    """Return the metadata of a request as a header's value.

    Raises:
        ConfigurationError: It is no mapping of JSON data.
    """
    return json.dumps(check_metadata(metadata), separators=(",", ":"))


def check_headers(given: Mapping[str, str] | None, argument: str, taken: Collection[str]) -> dict[str, str]:
    """Return headers with lower-case names, if they can be sent beside the credentials.

    Raises:
        ConfigurationError: One cannot be sent, or would replace a credential.
    """
    headers: dict[str, str] = {}
    for name, value in header_items(given, argument):
        lower = check_header_name(name, argument)
        if lower in MODE_HEADERS:
            message = f"{argument} holds {name}, which belongs to an auth mode."
            raise ConfigurationError(message, hint="make a client with that mode, or with_options(auth=...).")
        if lower in taken:
            message = f"{argument} holds {name}, which the client's auth mode sets already."
            raise ConfigurationError(message, hint="make a client with the other credential.")
        headers[lower] = check_header_value(value, f"{argument}[{name!r}]")
    return headers
