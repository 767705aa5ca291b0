"""Authentication and provider selection, from the headers of a request."""

from __future__ import annotations

import ipaddress
import json
from typing import TYPE_CHECKING, Final, cast
from urllib.parse import urlsplit

import attrs

from portkey_ft.testing._http.messages import Request, Response, gateway_failure, json_array, json_object
from portkey_ft.testing._model.state import Account

if TYPE_CHECKING:
    from collections.abc import Mapping

_FORMS: Final = ("application/json", "multipart/form-data")
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "host.docker.internal"})


@attrs.frozen(kw_only=True)
class AccessPolicy:
    """The credentials that the fake gateway accepts.

    Args:
        api_keys: the accepted Portkey API keys; None accepts any key and a missing one.
        virtual_keys: the provider of each virtual key; None accepts any virtual key, for OpenAI.
        configs: the provider of each config ID; None accepts any config ID, for OpenAI.
        providers: the provider names that the gateway knows.
    """

    api_keys: frozenset[str] | None = attrs.field(default=None, repr=False)
    virtual_keys: Mapping[str, str] | None = attrs.field(default=None, repr=False)
    configs: Mapping[str, str] | None = attrs.field(default=None, repr=False)
    providers: frozenset[str]


@attrs.frozen(kw_only=True)
class Identity:
    """The authenticated sender of a request.

    Args:
        account: the account whose jobs and files the request concerns.
        authorized: whether the provider receives a credential.
        option: the gateway's name for the part of the config that was used.
    """

    account: Account
    authorized: bool
    option: str = "config"


@attrs.frozen(kw_only=True)
class _Choice:
    """The selected provider, the config option that selected it, and whether there is a credential for it."""

    provider: str
    authorized: bool
    option: str = "config"


def _host_allowed(custom_host: str) -> bool:
    try:
        parts = urlsplit(custom_host)
        host = parts.hostname
    except ValueError:
        return False
    if parts.scheme not in {"http", "https"} or not host or "@" in parts.netloc or host.startswith("api.portkey"):
        return False
    if host in _LOOPBACK:
        return True
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return True


def _look_up(key: str, known: Mapping[str, str] | None, message: str) -> _Choice | Response:
    provider = "openai" if known is None else known.get(key)
    return gateway_failure(message) if provider is None else _Choice(provider=provider, authorized=True)


def _virtual_key(key: str, policy: AccessPolicy) -> _Choice | Response:
    return _look_up(key, policy.virtual_keys, "Invalid virtual key passed")


def _provider(name: str, request: Request, policy: AccessPolicy) -> _Choice | Response:
    if name.startswith("@"):
        return _look_up(name.removeprefix("@"), policy.virtual_keys or {}, "Invalid provider passed")
    if name not in policy.providers:
        return gateway_failure("Invalid provider passed")
    return _Choice(provider=name, authorized="authorization" in request.headers)


def _first_target(config: Mapping[str, object]) -> Mapping[str, object] | None:
    targets = json_array(config.get("targets"))
    return json_object(targets[0]) if targets else None


def _config_object(config: Mapping[str, object], request: Request, policy: AccessPolicy) -> _Choice | Response | None:
    """Select the provider by a JSON config; None if the config names none, so that the other headers decide."""
    custom_host = config.get("custom_host")
    if isinstance(custom_host, str) and not _host_allowed(custom_host):
        return gateway_failure("Invalid config passed", errors=["path: , message: Invalid custom host"])
    target = _first_target(config)
    if target is not None:
        chosen = _config_object(target, request, policy)
        return attrs.evolve(chosen, option="config.targets[0]") if isinstance(chosen, _Choice) else chosen
    match config:
        case {"virtual_key": str(key)}:
            return _virtual_key(key, policy)
        case {"provider": str(name)}:
            if name == "openai" and not isinstance(config.get("api_key"), str):
                return gateway_failure("Invalid config passed", errors=["path: api_key, message: Required"])
            chosen = _provider(name, request, policy)
            return attrs.evolve(chosen, authorized=True) if isinstance(chosen, _Choice) else chosen
        case _:
            return None


def _config(text: str, request: Request, policy: AccessPolicy) -> _Choice | Response | None:
    if not text.startswith("{"):
        return _look_up(text, policy.configs, "Invalid config passed. You need to pass a valid json")
    try:
        config: object = json.loads(text)
    except ValueError:
        return gateway_failure("Invalid config passed. You need to pass a valid json")
    return _config_object(cast("Mapping[str, object]", config), request, policy)


def _choice(request: Request, policy: AccessPolicy) -> _Choice | Response:
    headers = request.headers
    chosen = _config(headers["x-portkey-config"], request, policy) if "x-portkey-config" in headers else None
    if chosen is None and "x-portkey-virtual-key" in headers:
        chosen = _virtual_key(headers["x-portkey-virtual-key"], policy)
    if chosen is None and "x-portkey-provider" in headers:
        chosen = _provider(headers["x-portkey-provider"], request, policy)
    return chosen or gateway_failure("Either x-portkey-config or x-portkey-provider header is required")


def identify(request: Request, policy: AccessPolicy) -> Identity | Response:
    """Authenticate a request and select its provider; or return the gateway's error.

    Args:
        request: the request; only its headers matter.
        policy: the accepted credentials.
    """
    headers = request.headers
    api_key = headers.get("x-portkey-api-key", "")
    if policy.api_keys is not None and api_key not in policy.api_keys:
        return gateway_failure("Portkey Error: Invalid API Key. Error Code: 03", status=401)
    media = request.content_type
    if media and media not in _FORMS and not media.startswith("audio/"):
        return gateway_failure("Invalid content type passed")
    chosen = _choice(request, policy)
    if isinstance(chosen, Response):
        return chosen
    if "x-portkey-custom-host" in headers and not _host_allowed(headers["x-portkey-custom-host"]):
        return gateway_failure("Invalid custom host")
    account = Account(api_key=api_key, provider=chosen.provider)
    return Identity(account=account, authorized=chosen.authorized, option=chosen.option)
