"""What a client was asked to be: arguments and environment resolved into one value.

Pure but for the ``environ`` mapping that is passed in. An argument beats the environment, and an auth mode comes whole
from the one or from the other.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from attrs import field, frozen

from portkey_ft._json import is_array, is_object
from portkey_ft._redaction import Unpicklable
from portkey_ft.auth import (
    MODE_HEADERS,
    Auth,
    Config,
    HeaderValue,
    Managed,
    Provider,
    VirtualKey,
    checked_header_name,
    checked_header_value,
    header_items,
)
from portkey_ft.errors import ConfigurationError
from portkey_ft.retries import RetryPolicy

__all__ = [
    "HOSTED_BASE_URL",
    "MAX_RESPONSE_BYTES",
    "Arguments",
    "Settings",
    "checked_auth",
    "checked_headers",
    "checked_timeout",
    "masked",
    "metadata_header",
    "resolve",
    "secret_texts",
]

HOSTED_BASE_URL = "https://api.portkey.ai/v1"

# A page of ten thousand jobs is a tenth of this.
MAX_RESPONSE_BYTES = 64 * 1024 * 1024

_MODES = "virtual_key=, config=, or provider= with authorization="

# Masking a shorter text would hide half of every message and reveal by its places what it was.
SHORTEST_SECRET = 4
# Headers beside the credentials may hold anything; their short values are flags and names.
SHORTEST_SECRET_IN_EXTRA_HEADER = 8
# Errors quote errors that quote requests; each time text is put into JSON, what is special in it is escaped once more.
DEEPEST_JSON = 4
# Masking these would garble what the gateway says, and hide what a reader looks for.
_NO_SECRETS = frozenset({"x-portkey-file-purpose", "x-portkey-metadata", "x-portkey-trace-id"})


@frozen
class Arguments(Unpicklable):
    """The arguments of a client's constructor that decide where requests go and who pays.

    None of them is in its repr.
    """

    api_key: str | None = field(default=None, repr=False)
    virtual_key: str | None = field(default=None, repr=False)
    config: str | Mapping[str, Any] | None = field(default=None, repr=False)
    provider: str | None = field(default=None, repr=False)
    authorization: str | None = field(default=None, repr=False)
    authorization_synonym: str | None = field(default=None, repr=False)
    custom_host: str | None = field(default=None, repr=False)
    provider_headers: Mapping[str, HeaderValue] | None = field(default=None, repr=False)
    auth: Auth | None = field(default=None, repr=False)
    base_url: str | None = field(default=None, repr=False)
    default_headers: Mapping[str, str] | None = field(default=None, repr=False)


@frozen
class Settings(Unpicklable):
    """A client's settings, checked.

    Attributes:
        base_url: Where requests go, not yet checked as a URL.
        auth: The auth mode.
        api_key: The Portkey key; None for a self-hosted gateway that wants none.
        policy: When a request is sent again.
        timeout: Seconds for each step of an exchange; None for the default.
        default_headers: Headers of every request beside the credentials.
        trace_id: The trace id of every request, if one is set.
        metadata: What the gateway logs with every request.
        max_response_bytes: The most bytes of an answer that are read into memory.
    """

    base_url: str
    auth: Auth
    api_key: str | None = field(default=None, repr=lambda value: "None" if value is None else "'***'")
    policy: RetryPolicy = field(factory=RetryPolicy)
    timeout: float | None = None
    default_headers: Mapping[str, str] = field(factory=dict[str, str], repr=False)
    trace_id: str | None = None
    metadata: Mapping[str, Any] | None = field(default=None, repr=False)
    max_response_bytes: int = MAX_RESPONSE_BYTES

    def headers(self) -> dict[str, str]:
        """Give the headers of every request, credentials included."""
        headers = dict(self.default_headers)
        if self.trace_id is not None:
            headers["x-portkey-trace-id"] = self.trace_id
        if self.metadata is not None:
            headers["x-portkey-metadata"] = metadata_header(self.metadata)
        return headers | self.credentials()

    def credentials(self) -> dict[str, str]:
        """Give the headers that say who pays."""
        key = {} if self.api_key is None else {"x-portkey-api-key": self.api_key}
        return key | self.auth.headers()

    def secrets(self) -> tuple[str, ...]:
        """Give every text that must never be shown."""
        credentials = self.credentials()
        plain = {credentials.get("x-portkey-provider", ""), credentials.get("x-portkey-custom-host", "")}
        found = {text for name, value in credentials.items() for text in _forms(name, value)}
        return tuple(text for text in found - plain if len(text) >= SHORTEST_SECRET) + secret_texts(
            self.default_headers
        )


def secret_texts(headers: Mapping[str, str]) -> tuple[str, ...]:
    """Give the texts that must never be shown of headers beside the credentials."""
    found = {text for name, value in headers.items() if name not in _NO_SECRETS for text in _forms(name, value)}
    return tuple(text for text in found if len(text) >= SHORTEST_SECRET_IN_EXTRA_HEADER)


def masked(text: str, secrets: Iterable[str]) -> str:
    """Mask every secret in a text, the longest first, so that no mask leaves a rest of another."""
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, "***")
    return text


def _forms(name: str, value: str) -> Iterator[str]:
    """Give the forms in which a header's secrets may come back: as they are, within JSON in JSON, within a URL."""
    for text in _parts(name, value):
        yield quote(text, safe="", errors="replace")
        form = text
        for _ in range(DEEPEST_JSON):
            yield form
            form = json.dumps(form)[1:-1]


def _parts(name: str, value: str) -> Iterator[str]:
    """Find the texts in a header's value that are secret by themselves: a bare token, the strings in a JSON config."""
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
    # Names of providers and modes are no secrets, and masking them would garble the gateway's messages.
    elif isinstance(value, str) and key not in {"provider", "mode", "strategy", "model"}:
        yield value


def metadata_header(metadata: Mapping[str, Any]) -> str:
    """Write what the gateway logs with a request.

    Raises:
        ConfigurationError: It is no mapping of JSON data.
    """
    try:
        return json.dumps(dict(metadata), separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError):
        message = "metadata for the gateway must be a mapping of JSON data."
        raise ConfigurationError(message) from None


def checked_headers(given: Mapping[str, str] | None, argument: str, taken: Mapping[str, str]) -> dict[str, str]:
    """Return headers with lower-case names, if they can be sent beside the credentials.

    Raises:
        ConfigurationError: One cannot be sent, or would replace a credential.
    """
    headers: dict[str, str] = {}
    for name, value in header_items(given, argument):
        lower = checked_header_name(name, argument)
        if lower in MODE_HEADERS:
            message = f"{argument} holds {name}, which belongs to an auth mode."
            raise ConfigurationError(message, hint="make a client with that mode, or with_options(auth=...).")
        if lower in taken:
            message = f"{argument} holds {name}, which the client's auth mode sets already."
            raise ConfigurationError(message, hint="make a client with the other credential.")
        headers[lower] = checked_header_value(value, f"{argument}[{name!r}]")
    return headers


def checked_timeout(timeout: object) -> float | None:
    """Return a timeout in seconds.

    Raises:
        ConfigurationError: It is no positive number.
    """
    if timeout is None:
        return None
    if isinstance(timeout, bool) or not isinstance(timeout, int | float) or math.isnan(timeout) or timeout <= 0:
        message = f"timeout must be a positive number of seconds, not {timeout!r}."
        raise ConfigurationError(message, hint='leave it out for the default; float("inf") waits for ever.')
    return float(timeout)


def checked_auth(auth: object) -> Auth:
    """Return an auth mode.

    Raises:
        ConfigurationError: It is something else.
    """
    if isinstance(auth, type) or not isinstance(auth, Auth):
        message = f"auth must be a value such as VirtualKey(...), not {_article(auth)}."
        raise ConfigurationError(message, hint="see portkey_ft.auth.")
    return auth


def _article(value: object) -> str:
    return "a class" if isinstance(value, type) else f"a {type(value).__name__}"


def resolve(given: Arguments, environ: Mapping[str, str]) -> Settings:
    """Decide where requests go and who pays.

    Args:
        given: The constructor's arguments.
        environ: The environment; an empty variable counts as unset.

    Raises:
        ConfigurationError: Something is missing, does not belong together, or cannot be sent.
    """
    base_url = given.base_url if given.base_url is not None else environ.get("PORTKEY_BASE_URL") or None
    api_key = given.api_key if given.api_key is not None else environ.get("PORTKEY_API_KEY") or None
    if api_key is not None:
        checked_header_value(api_key, "api_key")
    elif base_url is None or str(base_url).rstrip("/") == HOSTED_BASE_URL:
        message = "there is no Portkey API key."
        raise ConfigurationError(
            message,
            hint="pass api_key=, or set PORTKEY_API_KEY; a self-hosted gateway needs none, but base_url= "
            "or PORTKEY_BASE_URL.",
        )
    return Settings(
        base_url=HOSTED_BASE_URL if base_url is None else base_url,
        auth=_given_mode(given) or _environment_mode(environ),
        api_key=api_key,
    )


def _given_mode(given: Arguments) -> Auth | None:
    """Build the auth mode that the arguments name, if they name one."""
    modes = {
        "auth": given.auth,
        "virtual_key": given.virtual_key,
        "config": given.config,
        "provider": given.provider,
    }
    named = [name for name, value in modes.items() if value is not None]
    if given.authorization is not None and given.authorization_synonym is not None:
        message = "authorization= and Authorization= are the same thing, and both were given."
        raise ConfigurationError(message, hint="pass one of them.")
    authorization = given.authorization if given.authorization is not None else given.authorization_synonym
    companions = {
        "authorization": authorization,
        "custom_host": given.custom_host,
        "provider_headers": given.provider_headers,
    }
    stray = [name for name, value in companions.items() if value is not None]
    if len(named) > 1:
        message = f"{' and '.join(f'{name}=' for name in named)} were given; a client has one auth mode."
        raise ConfigurationError(message, hint=f"pass one of {_MODES}.")
    if stray and named != ["provider"]:
        beside = f" beside {named[0]}=" if named else ""
        message = f"{stray[0]}= was given{beside} without provider=, and it belongs to a provider."
        raise ConfigurationError(message, hint="pass provider= with it, or leave it out.")
    if given.auth is not None:
        return checked_auth(given.auth)
    if given.virtual_key is not None:
        return VirtualKey(given.virtual_key)
    if given.config is not None:
        return Config(given.config)
    if given.provider is not None:
        return Provider(
            given.provider,
            authorization=authorization,
            custom_host=given.custom_host,
            provider_headers=given.provider_headers,
        )
    return None


def _environment_mode(environ: Mapping[str, str]) -> Auth:
    """Build the auth mode that the environment names."""
    virtual_key, config, provider, custom_host, authorization = (
        environ.get(f"PORTKEY_{name}") or None
        for name in ("VIRTUAL_KEY", "CONFIG", "PROVIDER", "CUSTOM_HOST", "AUTHORIZATION")
    )
    named = [
        name
        for name, value in (
            ("PORTKEY_VIRTUAL_KEY", virtual_key),
            ("PORTKEY_CONFIG", config),
            ("PORTKEY_PROVIDER", provider),
        )
        if value is not None
    ]
    if len(named) > 1:
        message = f"{' and '.join(named)} are both set; a client has one auth mode."
        raise ConfigurationError(message, hint="unset all but one of them, or pass the mode as an argument.")
    if virtual_key is not None:
        return VirtualKey(virtual_key)
    if config is not None:
        return Config(config)
    if provider is not None:
        return Provider(provider, authorization=authorization, custom_host=custom_host)
    if custom_host is not None or authorization is not None:
        message = "PORTKEY_CUSTOM_HOST or PORTKEY_AUTHORIZATION is set without PORTKEY_PROVIDER."
        raise ConfigurationError(message, hint="set PORTKEY_PROVIDER too, or unset it.")
    message = "there is no auth mode: nothing says which provider's key to use."
    raise ConfigurationError(
        message,
        hint=f"pass {_MODES}, or set PORTKEY_VIRTUAL_KEY, PORTKEY_CONFIG or PORTKEY_PROVIDER; for Portkey's own "
        f"managed fine-tuning pass auth={Managed.__name__}().",
    )
