"""Authentication and provider selection, from the headers of a request."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Mapping
from typing import Final, cast
from urllib.parse import urlsplit

import attrs

from portkey_ft.testing._http.messages import Request, Response, gateway_failure, json_array, json_object, names_only
from portkey_ft.testing._model.state import Account

_FORMS: Final = ("application/json", "multipart/form-data")
_ACCOUNT_HEADER: Final = "x-portkey-fireworks-account-id"
_VAULT_ACCOUNT: Final = "fake"
"""The Fireworks account that is stored with every virtual key."""

_SETTINGS: Final[Mapping[str, str]] = {
    "aws_s3_bucket": "x-portkey-aws-s3-bucket",
    "aws_s3_object_key": "x-portkey-aws-s3-object-key",
    "aws_bedrock_model": "x-portkey-aws-bedrock-model",
    "vertex_storage_bucket_name": "x-portkey-vertex-storage-bucket-name",
    "filename": "x-portkey-provider-file-name",
    "vertex_model_name": "x-portkey-provider-model",
    "fireworks_file_length": "x-portkey-file-upload-size",
    "fireworks_account_id": _ACCOUNT_HEADER,
    "azure_ad_token": "x-portkey-azure-ad-token",
    "azure_auth_mode": "x-portkey-azure-auth-mode",
}
"""The upload settings in a config that names the provider, and the headers that they replace."""

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
        request: the request, with the upload settings of the config as headers.
        authorized: whether the provider receives a credential.
        option: the gateway's name for the part of the config that was used.
        account_id: the Fireworks account in the headers or at the top level of the config.
        override_params: of the config that names the provider.
    """

    account: Account
    request: Request
    authorized: bool
    option: str = "config"
    account_id: str | None = None
    override_params: Mapping[str, object] = attrs.field(factory=dict[str, object], repr=names_only)


@attrs.frozen(kw_only=True)
class _Choice:
    """The selected provider.

    Args:
        provider: its name.
        authorized: whether there is a credential for it.
        option: the config option that selected it.
        settings: the settings of the config that named it; None if the headers are to be read.
        account_id: the Fireworks account that belongs to the key or the config.
    """

    provider: str
    authorized: bool
    option: str = "config"
    settings: Mapping[str, object] | None = None
    account_id: str | None = None


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
    if provider is None:
        return gateway_failure(message)
    return _Choice(provider=provider, authorized=True, account_id=_VAULT_ACCOUNT)


def _virtual_key(key: str, policy: AccessPolicy) -> _Choice | Response:
    return _look_up(key, policy.virtual_keys, "Invalid virtual key passed")


def _provider(name: str, request: Request, policy: AccessPolicy) -> _Choice | Response:
    if name.startswith("@"):
        return _look_up(name.removeprefix("@"), policy.virtual_keys, "Invalid provider passed")
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
            return attrs.evolve(chosen, authorized=True, settings=config) if isinstance(chosen, _Choice) else chosen
        case _:
            return None


def _config(text: str, request: Request, policy: AccessPolicy) -> _Choice | Response | None:
    if not text.startswith("{"):
        return _look_up(text, policy.configs, "Invalid config passed. You need to pass a valid json")
    try:
        config: object = json.loads(text)
    except ValueError:
        return gateway_failure("Invalid config passed. You need to pass a valid json")
    given = cast("Mapping[str, object]", config)
    chosen = _config_object(given, request, policy)
    account_id = given.get("fireworks_account_id")
    if isinstance(chosen, _Choice) and isinstance(account_id, str):
        return attrs.evolve(chosen, account_id=account_id)
    return chosen


def _choice(request: Request, policy: AccessPolicy) -> _Choice | Response:
    headers = request.headers
    chosen = _config(headers["x-portkey-config"], request, policy) if "x-portkey-config" in headers else None
    if chosen is None and "x-portkey-virtual-key" in headers:
        chosen = _virtual_key(headers["x-portkey-virtual-key"], policy)
    if chosen is None and "x-portkey-provider" in headers:
        chosen = _provider(headers["x-portkey-provider"], request, policy)
    return chosen or gateway_failure(_no_provider(headers))


def _no_provider(headers: Mapping[str, str]) -> str:
    """Return the gateway's message, with a hint of the fake about what was received."""
    received = ", ".join(sorted(name for name in headers if name.startswith("x-portkey-"))) or "none"
    return (
        "Either x-portkey-config or x-portkey-provider header is required (the fake gateway received no provider, "
        f"virtual key or config that names one; x-portkey headers received: {received}. Managed() and clients without "
        'credentials of a provider send none: pass provider="@slug", virtual_key= or config= to the client)'
    )


def _with_settings(request: Request, settings: Mapping[str, object]) -> Request:
    """Return the request with the upload settings of a config as headers, instead of those in the headers."""
    kept = {name: value for name, value in request.headers.items() if name not in _SETTINGS.values()}
    given = {header: settings[key] for key, header in _SETTINGS.items() if isinstance(settings.get(key), str | int)}
    forwarded = ",".join(str(name) for name in json_array(settings.get("forward_headers")))
    more = {"x-portkey-forward-headers": forwarded} if forwarded else {}
    return attrs.evolve(request, headers={**kept, **{name: str(value) for name, value in given.items()}, **more})


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
    account_id = headers.get(_ACCOUNT_HEADER) or chosen.account_id
    if chosen.settings is not None:
        request = _with_settings(request, chosen.settings)
    elif account_id is not None:
        request = attrs.evolve(request, headers={_ACCOUNT_HEADER: account_id, **headers})
    return Identity(
        account=Account(api_key=api_key, provider=chosen.provider),
        request=request,
        authorized=chosen.authorized,
        option=chosen.option,
        account_id=account_id,
        override_params=json_object((chosen.settings or {}).get("override_params")) or {},
    )
