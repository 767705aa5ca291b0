"""Auth modes as values: who pays for a request, and with which credential.

Each mode is one security alternative of Portkey's document. A value is complete by construction: what does not belong
together cannot be put together, and a credential that cannot be sent is refused here, before any request. No ``repr``
shows a credential, and no value that holds one can be pickled.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast, runtime_checkable

from attrs import field, frozen

from portkey_ft._redaction import Unpicklable, discreet
from portkey_ft.errors import ConfigurationError

if TYPE_CHECKING:
    from attrs import Attribute

__all__ = [
    "MODE_HEADERS",
    "Auth",
    "Config",
    "Managed",
    "Provider",
    "VirtualKey",
    "checked_header_name",
    "checked_header_value",
    "header_items",
]

T = TypeVar("T")

HeaderValue = str | int | float | bool | None | Mapping[str, Any]

# Each decides who pays: they come from an auth mode, or not at all.
MODE_HEADERS = frozenset(
    {
        "x-portkey-api-key",
        "x-portkey-config",
        "x-portkey-custom-host",
        "x-portkey-provider",
        "x-portkey-virtual-key",
    }
)

# Headers with a keyword of their own: a second way to set them would let two modes mix unseen.
_RESERVED = {
    "x-portkey-api-key": "api_key=",
    "x-portkey-virtual-key": "VirtualKey(...) or virtual_key=",
    "x-portkey-config": "Config(...) or config=",
    "x-portkey-provider": "provider=",
    "x-portkey-custom-host": "custom_host=",
    "x-portkey-trace-id": "trace_id=",
    "x-portkey-metadata": "metadata=",
}


@runtime_checkable
class Auth(Protocol):
    """What every auth mode can do."""

    def headers(self) -> dict[str, str]:
        """Give the headers of this mode, with lower-case names."""
        ...


def checked_header_value(value: object, name: str) -> str:
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


def checked_header_name(name: object, place: str) -> str:
    """Return ``name`` in lower case if it can be the name of a header (RFC 9110, 5.1).

    Args:
        name: What the caller passed.
        place: Where the caller wrote it, for the message.

    Raises:
        ConfigurationError: It is something else.
    """
    lower = checked_header_value(name, f"a name in {place}").lower()
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


def _masked(value: object) -> str:
    return "None" if value is None else "'***'"


def _header_text(instance: object, attribute: Attribute[str], value: object) -> None:
    del instance
    checked_header_value(value, attribute.name)


def _optional_header_text(instance: object, attribute: Attribute[str | None], value: object) -> None:
    if value is not None:
        _header_text(instance, attribute, value)  # type: ignore[arg-type]  # the same attribute, its None excluded


def _with_scheme(authorization: str | None) -> str | None:
    """Complete a bare token to a bearer credential, as the official SDK does."""
    if authorization is None:
        return None
    token = checked_header_value(authorization, "authorization")
    scheme, _, rest = token.partition(" ")
    if scheme.lower() == "bearer":
        token = checked_header_value(rest, "authorization, behind its Bearer,")
    return f"Bearer {token}"


def _secretive(cls: type[T]) -> type[T]:
    """Let the failures of a class's making not show what it was made from."""
    cls.__init__ = discreet(cls.__init__)  # type: ignore[method-assign]  # the same signature
    return cls


@_secretive
@frozen
class VirtualKey(Unpicklable):
    """A provider's key that Portkey keeps for you, known by its virtual key.

    Args:
        virtual_key: The virtual key.

    Raises:
        ConfigurationError: The key is empty or cannot be sent in a header.
    """

    virtual_key: str = field(repr=_masked, validator=_header_text)

    def headers(self) -> dict[str, str]:
        """Give the headers of this mode."""
        return {"x-portkey-virtual-key": self.virtual_key}


def _config_text(config: str | Mapping[str, Any]) -> str:
    if isinstance(config, str):
        return checked_header_value(config, "config")
    return _json_text(config, "config")


def _json_text(value: Any, name: str) -> str:  # noqa: ANN401 - judged by trying
    try:
        return json.dumps(dict(value), separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        message = f"{name} must be text, or a mapping of JSON data."
        raise ConfigurationError(message) from None


@_secretive
@frozen
class Config(Unpicklable):
    """A gateway config: how to reach the provider, with retries, fallbacks and the rest.

    Args:
        config: The id of a config that Portkey keeps (``"pc-..."``), or the config itself as a mapping or as JSON text.
            It may hold keys, and is treated as a secret.

    Raises:
        ConfigurationError: It is empty, cannot be written as JSON, or begins like JSON and is none.
    """

    config: str = field(repr=_masked, converter=_config_text)

    def __attrs_post_init__(self) -> None:
        if not self.config.startswith(("{", "[")):
            return
        try:
            parsed = json.loads(self.config)
        except ValueError:
            parsed = None
        if not isinstance(parsed, dict) or not parsed:
            message = "config begins like JSON and is no JSON object with anything in it."
            raise ConfigurationError(message, hint="pass a mapping, or the id of a config.")

    def headers(self) -> dict[str, str]:
        """Give the headers of this mode."""
        return {"x-portkey-config": self.config}


def _provider_headers(given: Mapping[str, HeaderValue] | None) -> dict[str, str]:
    """Apply the official rule: ``foo_bar`` is sent as ``x-portkey-foo-bar``, mappings as JSON, None not at all."""
    headers: dict[str, str] = {}
    for key, value in header_items(given, "provider_headers"):
        if value is None:
            continue
        name = checked_header_name(key, "provider_headers").replace("_", "-")
        if name == "authorization":
            message = "provider_headers holds Authorization, which has a keyword of its own."
            raise ConfigurationError(message, hint="pass authorization=.")
        if not name.startswith("x-portkey-"):
            name = f"x-portkey-{name}"
        if name in _RESERVED:
            message = f"provider_headers holds {key}, which has a keyword of its own."
            raise ConfigurationError(message, hint=f"pass {_RESERVED[name]}.")
        headers[name] = checked_header_value(_written(value), f"provider_headers[{key!r}]")
    return headers


def _written(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, Mapping):
        return _json_text(value, "a mapping in provider_headers")
    return value


def _masked_values(headers: Mapping[str, str]) -> str:
    return "{" + ", ".join(f"{name!r}: '***'" for name in headers) + "}"


@_secretive
@frozen
class Provider(Unpicklable):
    """A provider with your own credential for it, optionally at a host of your own.

    Args:
        provider: The provider's name at the gateway (``"openai"``, ``"azure-openai"``, ``"bedrock"``, ``"vertex-ai"``,
            ``"fireworks-ai"``), or the slug of an integration that Portkey keeps (``"@my-openai"``).
        authorization: The bearer token, with or without ``Bearer``.
        custom_host: Base URL of the provider's API in place of its public one.
        provider_headers: What else the provider needs, such as ``{"aws_region": "us-east-1"}``; ``foo_bar`` is sent as
            ``x-portkey-foo-bar``. All values are treated as secrets.

    Raises:
        ConfigurationError: A value is empty or cannot be sent, or there is no credential at all.
    """

    provider: str = field(validator=_header_text)
    authorization: str | None = field(default=None, kw_only=True, repr=_masked, converter=_with_scheme)
    custom_host: str | None = field(default=None, kw_only=True, validator=_optional_header_text)
    provider_headers: Mapping[str, str] = field(
        default=None, kw_only=True, repr=_masked_values, converter=_provider_headers, hash=False
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

    def headers(self) -> dict[str, str]:
        """Give the headers of this mode."""
        headers = {"x-portkey-provider": self.provider, **self.provider_headers}
        if self.authorization is not None:
            headers["authorization"] = self.authorization
        if self.custom_host is not None:
            # A trailing slash would come out doubled in the gateway's URL.
            headers["x-portkey-custom-host"] = self.custom_host.rstrip("/")
        return headers


@frozen
class Managed(Unpicklable):
    """Portkey itself as the provider: the API key alone.

    For managed fine-tuning, where files are kept by Portkey and the job names its provider in ``portkey_options``, and
    for API keys that have a default config attached. Hosted gateway only.
    """

    def headers(self) -> dict[str, str]:
        """Give the headers of this mode: none."""
        return {}
