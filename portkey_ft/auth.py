"""Authentication: one value per auth mode.

Each mode is one security alternative of Portkey's OpenAPI document. A value is checked when it is created: a
combination that cannot work, or a credential that no header can carry, is refused before any request. No ``repr`` shows
a credential, and no value that holds one can be pickled.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from attrs import field, frozen

from portkey_ft._headers import (
    CONFIG,
    CUSTOM_HOST,
    OWN_ARGUMENT,
    PROVIDER,
    VIRTUAL_KEY,
    check_header_name,
    check_header_value,
    header_items,
)
from portkey_ft._redaction import NotPicklable, hidden, hidden_values, hides_init_arguments
from portkey_ft.errors import ConfigurationError

if TYPE_CHECKING:
    from attrs import Attribute

__all__ = ["Auth", "Config", "Managed", "Provider", "VirtualKey"]

HeaderValue = str | int | float | bool | None | Mapping[str, Any]
TokenSource = Callable[[], str | Awaitable[str]]
Authorization = str | TokenSource


@runtime_checkable
class Auth(Protocol):
    """The interface of every auth mode."""

    def headers(self) -> dict[str, str]:
        """Return the headers of this mode, with lower-case names."""
        ...


def _header_text(instance: object, attribute: Attribute[str], value: object) -> None:
    del instance
    check_header_value(value, attribute.name)


def _optional_header_text(instance: object, attribute: Attribute[str | None], value: object) -> None:
    del instance
    if value is not None:
        check_header_value(value, attribute.name)


def bearer(token: object) -> str:
    """Complete a bare token to a bearer credential, as the official SDK does.

    Raises:
        ConfigurationError: It is empty or cannot be sent in a header.
    """
    checked = check_header_value(token, "authorization")
    scheme, _, rest = checked.partition(" ")
    if scheme.lower() == "bearer":
        checked = check_header_value(rest, "authorization, after its Bearer,")
    return f"Bearer {checked}"


def _to_authorization(given: Authorization | None) -> Authorization | None:
    return given if given is None or callable(given) else bearer(given)


def _json_text(value: Any, name: str) -> str:  # noqa: ANN401 - judged by trying
    try:
        return json.dumps(dict(value), separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        message = f"{name} must be text, or a mapping of JSON data."
        raise ConfigurationError(message) from None


def _provider_headers(given: Mapping[str, HeaderValue] | None) -> dict[str, str]:
    """Convert by the official rule: ``foo_bar`` becomes ``x-portkey-foo-bar``, a mapping JSON; None is left out."""
    headers: dict[str, str] = {}
    for key, value in header_items(given, "provider_headers"):
        if value is None:
            continue
        name = check_header_name(key, "provider_headers").replace("_", "-")
        if name == "authorization":
            message = "provider_headers holds Authorization, which has an argument of its own."
            raise ConfigurationError(message, hint="pass authorization=.")
        if not name.startswith("x-portkey-"):
            name = f"x-portkey-{name}"
        if name in OWN_ARGUMENT:
            message = f"provider_headers holds {key}, which has an argument of its own."
            raise ConfigurationError(message, hint=f"pass {OWN_ARGUMENT[name]}.")
        headers[name] = check_header_value(_to_header_text(value), f"provider_headers[{key!r}]")
    return headers


def _to_header_text(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, Mapping):
        return _json_text(value, "a mapping in provider_headers")
    return value


@hides_init_arguments
@frozen
class VirtualKey(NotPicklable):
    """A provider's key that Portkey stores for you, referred to by its virtual key.

    Args:
        virtual_key: The virtual key.
        provider_headers: Further headers for the provider, such as ``{"aws_s3_bucket": "..."}``; see :class:`Provider`.

    Raises:
        ConfigurationError: A value is empty or cannot be sent in a header.

    Example:
        >>> VirtualKey("vk-...")
        VirtualKey(virtual_key='***', provider_headers={})
    """

    virtual_key: str = field(repr=hidden, validator=_header_text)
    provider_headers: Mapping[str, str] = field(
        default=None, kw_only=True, repr=hidden_values, converter=_provider_headers, hash=False
    )

    def headers(self) -> dict[str, str]:
        """Return the headers of this mode."""
        return {VIRTUAL_KEY: self.virtual_key, **self.provider_headers}


def _config_text(config: str | Mapping[str, Any]) -> str:
    """Return a config as one line: an id as it is, JSON in its compact form."""
    parsed: Any = config
    if isinstance(config, str):
        if not config.lstrip().startswith(("{", "[")):
            return check_header_value(config, "config")
        try:
            parsed = json.loads(config)
        except ValueError:
            parsed = None
    if isinstance(config, str) and not isinstance(parsed, dict):
        message = "config begins like JSON and is not a JSON object."
        raise ConfigurationError(message, hint="pass a mapping, or the id of a config.")
    if not parsed:
        message = "config is empty."
        raise ConfigurationError(message, hint="pass a mapping with a provider in it, or the id of a config.")
    return _json_text(parsed, "config")


@hides_init_arguments
@frozen
class Config(NotPicklable):
    """A gateway config: which provider to use and how to reach it, with retries, fallbacks and more.

    Args:
        config: The id of a config that Portkey stores (``"pc-..."``), or the config itself as a mapping or as JSON
            text. It may hold keys, and is treated as a secret.
        provider_headers: Further headers for the provider; see :class:`Provider`. Where the config itself names the
            provider, the gateway reads most settings from the config alone.

    Raises:
        ConfigurationError: It is empty, cannot be written as JSON, or begins like JSON and is none.

    Example:
        >>> Config({"provider": "openai", "api_key": "sk-..."})
        Config(config='***', provider_headers={})
    """

    config: str = field(repr=hidden, converter=_config_text)
    provider_headers: Mapping[str, str] = field(
        default=None, kw_only=True, repr=hidden_values, converter=_provider_headers, hash=False
    )

    def headers(self) -> dict[str, str]:
        """Return the headers of this mode."""
        return {CONFIG: self.config, **self.provider_headers}


@hides_init_arguments
@frozen
class Provider(NotPicklable):
    """A provider: one of Portkey's Model Catalog by its slug, or by name with your own credential for it.

    Args:
        provider: The slug of a provider in Portkey's Model Catalog (``"@my-openai"``), or a provider's name at the
            gateway (``"openai"``, ``"azure-openai"``, ``"bedrock"``, ``"vertex-ai"``, ``"fireworks-ai"``).
        authorization: The provider's bearer token, with or without ``Bearer``; or a function that returns one, called
            for each request, for tokens that expire. A client for asyncio or trio takes an ``async`` function too.
        custom_host: Base URL of the provider's API in place of its public one.
        provider_headers: Further headers for the provider, such as ``{"aws_region": "us-east-1"}``; ``foo_bar`` is
            sent as ``x-portkey-foo-bar``. All values are treated as secrets.

    Raises:
        ConfigurationError: A value is empty or cannot be sent, or a provider by name has no credential at all.

    Example:
        >>> Provider("@my-openai")
        Provider(provider='@my-openai', authorization=None, custom_host=None, provider_headers={})
    """

    provider: str = field(validator=_header_text)
    authorization: Authorization | None = field(default=None, kw_only=True, repr=hidden, converter=_to_authorization)
    custom_host: str | None = field(default=None, kw_only=True, validator=_optional_header_text)
    provider_headers: Mapping[str, str] = field(
        default=None, kw_only=True, repr=hidden_values, converter=_provider_headers, hash=False
    )

    def __attrs_post_init__(self) -> None:
        if self.custom_host is not None and not self.custom_host.startswith(("http://", "https://")):
            message = "custom_host must begin with https:// or http://."
            raise ConfigurationError(message)
        if self.custom_host is not None and "@" in self.custom_host:
            message = "custom_host must not hold a user name or password."
            raise ConfigurationError(message, hint="pass the credential as authorization=.")
        if self.authorization is None and not self.provider_headers and not self.provider.startswith("@"):
            message = f"provider {self.provider!r} has no credential."
            raise ConfigurationError(
                message,
                hint="pass authorization= (its bearer token), or in provider_headers= the keys that it takes instead.",
            )

    @property
    def token_source(self) -> TokenSource | None:
        """The function that returns the bearer token, if one was passed as ``authorization``."""
        return self.authorization if callable(self.authorization) else None

    def headers(self) -> dict[str, str]:
        """Return the headers of this mode; without a bearer token that a function is asked for."""
        headers = {PROVIDER: self.provider, **self.provider_headers}
        if isinstance(self.authorization, str):
            headers["authorization"] = self.authorization
        if self.custom_host is not None:
            # A trailing slash would come out doubled in the gateway's URL.
            headers[CUSTOM_HOST] = self.custom_host.rstrip("/")
        return headers


@hides_init_arguments
@frozen
class Managed(NotPicklable):
    """Portkey itself as the provider: the Portkey API key alone.

    For managed fine-tuning, where Portkey stores the files and the job names its provider in ``portkey_options``, and
    for API keys that have a default config attached. Hosted gateway only.

    Example:
        >>> Managed()
        Managed(provider_headers={})
    """

    provider_headers: Mapping[str, str] = field(
        default=None, kw_only=True, repr=hidden_values, converter=_provider_headers, hash=False
    )

    def headers(self) -> dict[str, str]:
        """Return the headers of this mode: none of its own."""
        return dict(self.provider_headers)
