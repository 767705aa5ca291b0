"""Who asks, and which provider is meant: the headers that the gateway reads before anything else."""

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
class Doors:
    """Which credentials are let in.

    Args:
        api_keys: the Portkey keys; None lets any one in, and none.
        virtual_keys: the provider behind each virtual key; None takes any one, for OpenAI.
        configs: the provider behind each config id; None takes any one, for OpenAI.
        providers: those that the gateway knows.
    """

    api_keys: frozenset[str] | None = attrs.field(default=None, repr=False)
    virtual_keys: Mapping[str, str] | None = attrs.field(default=None, repr=False)
    configs: Mapping[str, str] | None = attrs.field(default=None, repr=False)
    providers: frozenset[str]


@attrs.frozen(kw_only=True)
class Caller:
    """Who asks.

    Args:
        account: whose things are meant.
        authorized: whether the provider gets a credential.
        option: what the gateway names as the last used option.
    """

    account: Account
    authorized: bool
    option: str = "config"


@attrs.frozen(kw_only=True)
class _Choice:
    """A provider, how the gateway came to it, and whether a credential came along."""

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


def _behind(key: str, known: Mapping[str, str] | None, complaint: str) -> _Choice | Response:
    provider = "openai" if known is None else known.get(key)
    return gateway_failure(complaint) if provider is None else _Choice(provider=provider, authorized=True)


def _virtual_key(key: str, doors: Doors) -> _Choice | Response:
    return _behind(key, doors.virtual_keys, "Invalid virtual key passed")


def _provider(name: str, request: Request, doors: Doors) -> _Choice | Response:
    if name.startswith("@"):
        return _behind(name.removeprefix("@"), doors.virtual_keys or {}, "Invalid provider passed")
    if name not in doors.providers:
        return gateway_failure("Invalid provider passed")
    return _Choice(provider=name, authorized="authorization" in request.headers)


def _first_target(config: Mapping[str, object]) -> Mapping[str, object] | None:
    targets = json_array(config.get("targets"))
    return json_object(targets[0]) if targets else None


def _config_object(config: Mapping[str, object], request: Request, doors: Doors) -> _Choice | Response | None:
    """Read a config given as JSON; None if it names no provider, so that the other headers decide."""
    custom_host = config.get("custom_host")
    if isinstance(custom_host, str) and not _host_allowed(custom_host):
        return gateway_failure("Invalid config passed", errors=["path: , message: Invalid custom host"])
    target = _first_target(config)
    if target is not None:
        chosen = _config_object(target, request, doors)
        return attrs.evolve(chosen, option="config.targets[0]") if isinstance(chosen, _Choice) else chosen
    match config:
        case {"virtual_key": str(key)}:
            return _virtual_key(key, doors)
        case {"provider": str(name)}:
            if name == "openai" and not isinstance(config.get("api_key"), str):
                return gateway_failure("Invalid config passed", errors=["path: api_key, message: Required"])
            chosen = _provider(name, request, doors)
            return attrs.evolve(chosen, authorized=True) if isinstance(chosen, _Choice) else chosen
        case _:
            return None


def _config(text: str, request: Request, doors: Doors) -> _Choice | Response | None:
    if not text.startswith("{"):
        return _behind(text, doors.configs, "Invalid config passed. You need to pass a valid json")
    try:
        config: object = json.loads(text)
    except ValueError:
        return gateway_failure("Invalid config passed. You need to pass a valid json")
    return _config_object(cast("Mapping[str, object]", config), request, doors)


def _choice(request: Request, doors: Doors) -> _Choice | Response:
    headers = request.headers
    chosen = _config(headers["x-portkey-config"], request, doors) if "x-portkey-config" in headers else None
    if chosen is None and "x-portkey-virtual-key" in headers:
        chosen = _virtual_key(headers["x-portkey-virtual-key"], doors)
    if chosen is None and "x-portkey-provider" in headers:
        chosen = _provider(headers["x-portkey-provider"], request, doors)
    return chosen or gateway_failure("Either x-portkey-config or x-portkey-provider header is required")


def caller(request: Request, doors: Doors) -> Caller | Response:
    """Return who asks, or the gateway's refusal.

    Args:
        request: its headers decide.
        doors: which credentials are let in.
    """
    headers = request.headers
    api_key = headers.get("x-portkey-api-key", "")
    if doors.api_keys is not None and api_key not in doors.api_keys:
        return gateway_failure("Portkey Error: Invalid API Key. Error Code: 03", status=401)
    media = request.content_type
    if media and media not in _FORMS and not media.startswith("audio/"):
        return gateway_failure("Invalid content type passed")
    chosen = _choice(request, doors)
    if isinstance(chosen, Response):
        return chosen
    if "x-portkey-custom-host" in headers and not _host_allowed(headers["x-portkey-custom-host"]):
        return gateway_failure("Invalid custom host")
    account = Account(api_key=api_key, provider=chosen.provider)
    return Caller(account=account, authorized=chosen.authorized, option=chosen.option)
