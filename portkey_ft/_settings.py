"""Client settings from arguments and environment.

Pure: the environment is passed in. An argument beats the environment, and an auth mode comes whole from one of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from attrs import field, frozen

from portkey_ft._headers import API_KEY, METADATA, TRACE_ID, check_header_value, metadata_header
from portkey_ft._redaction import NotPicklable, credential_texts, hidden, secret_texts
from portkey_ft.auth import Auth, Authorization, Config, HeaderValue, Managed, Provider, TokenSource, VirtualKey
from portkey_ft.errors import ConfigurationError
from portkey_ft.retries import Retry, RetryPolicy

__all__ = [
    "HOSTED_BASE_URL",
    "MAX_RESPONSE_BYTES",
    "Arguments",
    "Settings",
    "check_auth",
    "check_timeout",
    "resolve",
]

HOSTED_BASE_URL = "https://api.portkey.ai/v1"

# A page of ten thousand jobs is a tenth of this.
MAX_RESPONSE_BYTES = 64 * 1024 * 1024

_MODES = 'provider="@slug", virtual_key=, config=, or provider= with authorization='


@frozen
class Arguments(NotPicklable):
    """The arguments of a client's constructor that decide where requests go and with which credentials.

    None of them is in its repr.
    """

    api_key: str | None = field(default=None, repr=False)
    virtual_key: str | None = field(default=None, repr=False)
    config: str | Mapping[str, Any] | None = field(default=None, repr=False)
    provider: str | None = field(default=None, repr=False)
    authorization: Authorization | None = field(default=None, repr=False)
    authorization_synonym: Authorization | None = field(default=None, repr=False)
    custom_host: str | None = field(default=None, repr=False)
    provider_headers: Mapping[str, HeaderValue] | None = field(default=None, repr=False)
    auth: Auth | None = field(default=None, repr=False)
    base_url: str | None = field(default=None, repr=False)
    default_headers: Mapping[str, str] | None = field(default=None, repr=False)


@frozen
class Settings(NotPicklable):
    """A client's settings, checked.

    Attributes:
        base_url: Where requests go, not yet checked as a URL.
        auth: The auth mode.
        api_key: The Portkey key; None for a self-hosted gateway that wants none.
        policy: When a request is sent again.
        on_retry: Called before a request is sent again.
        timeout: Seconds for each step of an exchange; None for the default.
        default_headers: Headers of every request beside the credentials.
        trace_id: The trace id of every request, if one is set.
        metadata: What the gateway logs with every request.
        max_response_bytes: The most bytes of an answer that are read into memory.
    """

    base_url: str
    auth: Auth
    api_key: str | None = field(default=None, repr=hidden)
    policy: RetryPolicy = field(factory=RetryPolicy)
    on_retry: Callable[[Retry], object] | None = field(default=None, repr=False)
    timeout: float | None = None
    default_headers: Mapping[str, str] = field(factory=dict[str, str], repr=False)
    trace_id: str | None = None
    metadata: Mapping[str, Any] | None = field(default=None, repr=False)
    max_response_bytes: int = MAX_RESPONSE_BYTES

    def headers(self) -> dict[str, str]:
        """Return the headers of every request, credentials included."""
        headers = dict(self.default_headers)
        if self.trace_id is not None:
            headers[TRACE_ID] = self.trace_id
        if self.metadata is not None:
            headers[METADATA] = metadata_header(self.metadata)
        return headers | self.credentials()

    def credentials(self) -> dict[str, str]:
        """Return the headers that authenticate."""
        key = {} if self.api_key is None else {API_KEY: self.api_key}
        return key | self.auth.headers()

    def reserved_headers(self) -> frozenset[str]:
        """Return the names of the headers that the auth mode sets, also those that are set for each request."""
        asked_for = () if self.token_source is None else ("authorization",)
        return frozenset({*self.credentials(), *asked_for})

    def secrets(self) -> tuple[str, ...]:
        """Return every text that must never be shown."""
        return credential_texts(self.credentials()) + secret_texts(self.default_headers)

    @property
    def token_source(self) -> TokenSource | None:
        """What is asked for a bearer token before each request, if the auth mode has such a thing."""
        return self.auth.token_source if isinstance(self.auth, Provider) else None


def check_timeout(timeout: object) -> float | None:
    """Return a timeout in seconds.

    Raises:
        ConfigurationError: It is no positive number.
    """
    if timeout is None:
        return None
    if isinstance(timeout, bool) or not isinstance(timeout, int | float) or math.isnan(timeout) or timeout <= 0:
        message = f"timeout must be a positive number of seconds, not {timeout!r}."
        hint = 'leave it out for the default; float("inf") waits for ever.'
        if hasattr(timeout, "connect"):
            hint = "pass the seconds of each step as one number, or an http_client= that has this timeout."
        raise ConfigurationError(message, hint=hint)
    return float(timeout)


def check_auth(auth: object) -> Auth:
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
    """Decide where requests go and with which credentials.

    Args:
        given: The constructor's arguments.
        environ: The environment; an empty variable counts as unset.

    Raises:
        ConfigurationError: Something is missing, does not belong together, or cannot be sent.
    """
    base_url = given.base_url if given.base_url is not None else environ.get("PORTKEY_BASE_URL") or None
    api_key = given.api_key if given.api_key is not None else environ.get("PORTKEY_API_KEY") or None
    if api_key is not None:
        check_header_value(api_key, "api_key")
    elif base_url is None or str(base_url).rstrip("/") == HOSTED_BASE_URL:
        message = "no Portkey API key is configured."
        raise ConfigurationError(
            message,
            hint="pass api_key=, or set PORTKEY_API_KEY; a self-hosted gateway needs none, but base_url= "
            "or PORTKEY_BASE_URL.",
        )
    return Settings(
        base_url=HOSTED_BASE_URL if base_url is None else base_url,
        auth=_given_mode(given) or _environment_mode(environ, given.provider_headers),
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
        message = "authorization= and Authorization= are the same argument, and both were given."
        raise ConfigurationError(message, hint="pass one of them.")
    if len(named) > 1:
        message = f"{' and '.join(f'{name}=' for name in named)} were given; a client has one auth mode."
        raise ConfigurationError(message, hint=f"pass one of {_MODES}.")
    authorization = given.authorization if given.authorization is not None else given.authorization_synonym
    _refuse_stray_arguments(given, authorization, named)
    if given.auth is not None:
        return check_auth(given.auth)
    if given.virtual_key is not None:
        return VirtualKey(given.virtual_key, provider_headers=given.provider_headers)
    if given.config is not None:
        return Config(given.config, provider_headers=given.provider_headers)
    if given.provider is not None:
        return Provider(
            given.provider,
            authorization=authorization,
            custom_host=given.custom_host,
            provider_headers=given.provider_headers,
        )
    return None


def _refuse_stray_arguments(given: Arguments, authorization: Authorization | None, named: list[str]) -> None:
    """Refuse arguments that the auth mode has no use for."""
    if given.auth is not None and given.provider_headers is not None:
        message = "provider_headers= was given beside auth=."
        raise ConfigurationError(message, hint="pass it to the value: auth=VirtualKey(..., provider_headers={...}).")
    companions = {"authorization": authorization, "custom_host": given.custom_host}
    stray = [name for name, value in companions.items() if value is not None]
    if stray and named != ["provider"]:
        beside = f" beside {named[0]}=" if named else ""
        message = f"{stray[0]}= was given{beside} without provider=, and it belongs to a provider."
        raise ConfigurationError(message, hint="pass provider= with it, or leave it out.")


def _environment_mode(environ: Mapping[str, str], provider_headers: Mapping[str, HeaderValue] | None) -> Auth:
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
        return VirtualKey(virtual_key, provider_headers=provider_headers)
    if config is not None:
        return Config(config, provider_headers=provider_headers)
    if provider is not None:
        return Provider(
            provider, authorization=authorization, custom_host=custom_host, provider_headers=provider_headers
        )
    if custom_host is not None or authorization is not None:
        message = "PORTKEY_CUSTOM_HOST or PORTKEY_AUTHORIZATION is set without PORTKEY_PROVIDER."
        raise ConfigurationError(message, hint="set PORTKEY_PROVIDER too, or unset it.")
    message = "no provider credentials are configured."
    raise ConfigurationError(
        message,
        hint=f"pass {_MODES}, or set PORTKEY_PROVIDER, PORTKEY_VIRTUAL_KEY or PORTKEY_CONFIG; for Portkey's own "
        f"managed fine-tuning pass auth={Managed.__name__}().",
    )
