"""What an upload is asked for besides its file, checked before anything is sent."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from typing import Any, cast

from attrs import evolve, field, frozen

from portkey_ft._api import operations
from portkey_ft._api.requests import RequestOptions, refuse_unknown, required_text
from portkey_ft._headers import check_header_value
from portkey_ft._json import is_array, is_object
from portkey_ft._plans.runtime import Runtime
from portkey_ft._profile import ProviderProfile
from portkey_ft._providers import profile_of
from portkey_ft._redaction import without_traceback
from portkey_ft.auth import Config
from portkey_ft.errors import ConfigurationError, NotSupportedError
from portkey_ft.options import CallOptions, CheckOptions

__all__ = ["FINE_TUNE", "UploadSettings", "settings_of", "with_size"]

_NAME = operations.FILES_CREATE.name
FINE_TUNE = "fine-tune"
_FORWARD = "x-portkey-forward-headers"
_CONTENT_TYPE = "content-type"
_CONFIG = "x-portkey-config"


@frozen
class UploadSettings:
    """What is known of where an upload goes.

    Attributes:
        options: What the call adds to the request.
        purpose: What the file is for.
        profile: The provider's profile; that of an unknown one if nothing is known.
        headers: The headers that decide about the upload, those among them that a config holds by other names.
        config: The config, if it stands in the request and names its providers itself.
        fields: Further fields of the form.
        file_check: Whether the file is checked: True or options for all rules, None for what is lost, False for
            nothing.
    """

    options: RequestOptions
    purpose: str
    profile: ProviderProfile
    headers: Mapping[str, str] = field(repr=False)
    config: dict[str, Any] | None = field(repr=False)
    fields: Mapping[str, str]
    file_check: bool | CheckOptions | None


@without_traceback
def settings_of(
    runtime: Runtime[Any],
    given: CallOptions,
    purpose: str,
    *,
    check: bool | CheckOptions | None,
    expires_after: Mapping[str, Any] | None,
    extra_body: Mapping[str, Any] | None,
    on_progress: Callable[[int, int | None], Any] | None,
) -> UploadSettings:
    """Check what an upload is asked for besides its file.

    Raises:
        ConfigurationError: Something is missing without which nothing would arrive, or cannot be sent.
        NotSupportedError: The gateway would lose it.
    """
    plain = purpose.value if isinstance(purpose, Enum) else purpose
    plain = check_header_value(required_text(plain, "purpose", _NAME), "purpose")
    # Bedrock reads the purpose from this header alone, and Vertex finds the file by it wherever the form has it.
    options = evolve(runtime.options(_NAME, given, x_portkey_file_purpose=plain), on_progress=on_progress)
    profile = profile_of(runtime.provider)
    given_headers = {**runtime.settings.headers(), **options.headers}
    config = _inline_config(runtime)
    everywhere = [_headers_for(target, profile, given_headers) for target in _targets(config)] or [given_headers]
    for headers in everywhere:
        _refuse_missing(profile, headers, plain, in_config=config is not None)
        options = _with_content_type(options, profile, headers)
    fields = _form_fields(expires_after, extra_body)
    if fields and not profile.upload.further_fields:
        message = f"the gateway drops {min(fields)!r} on the way to {profile.name}, or takes it for a row of the file."
        raise NotSupportedError(message, hint="leave expires_after= and extra_body= out.", operation=_NAME)
    return UploadSettings(options, plain, profile, everywhere[0], config, fields, _checked_check(check))


def _inline_config(runtime: Runtime[Any]) -> dict[str, Any] | None:
    """Give the config that goes out with each request, if it is one that names its provider."""
    auth = runtime.settings.auth
    if not isinstance(auth, Config) or not auth.config.startswith("{"):
        return None
    config = json.loads(auth.config)
    return config if any("provider" in target for target in _targets(config)) else None


def _targets(config: dict[str, Any] | None) -> list[dict[str, Any]]:
    """Give the parts of a config that settings of a provider are read from."""
    if config is None:
        return []
    inner: object = config.get("targets")
    if not is_array(inner) or not inner:
        return [config]
    return [leaf for target in inner if is_object(target) for leaf in _targets(target)]


def _headers_for(target: Mapping[str, Any], profile: ProviderProfile, headers: Mapping[str, str]) -> dict[str, str]:
    """Give the headers as they count beside a config: some are read from there, and from nowhere else."""
    keys = profile.upload.config_keys
    in_config = {name: str(target[key]) for name, key in keys.items() if key in target}
    return {name: value for name, value in headers.items() if name not in keys} | in_config


def _refuse_missing(profile: ProviderProfile, headers: Mapping[str, str], purpose: str, *, in_config: bool) -> None:
    """Refuse an upload that lacks a setting without which the gateway stores nothing."""
    if purpose != FINE_TUNE:
        return
    for setting in profile.upload.required:
        if any(name in headers for name in setting.headers):
            continue
        message = f"an upload for {profile.name} needs {setting.what}."
        hint = f"add it to provider_headers=, as {{{setting.example}}}."
        if in_config:
            key = next(profile.upload.config_keys[name] for name in setting.headers)
            hint = f'add it to the config, as {{"{key}": "..."}}: beside a config the gateway reads no header for it.'
        raise ConfigurationError(message, hint=hint, operation=_NAME)


def _with_content_type(options: RequestOptions, profile: ProviderProfile, headers: Mapping[str, str]) -> RequestOptions:
    """Tell the gateway to keep the form's content type, without which its boundary would be lost."""
    if not profile.upload.loses_content_type & headers.keys():
        return options
    forwarded = [name.strip() for name in headers.get(_FORWARD, "").split(",") if name.strip()]
    if _CONTENT_TYPE not in (name.lower() for name in forwarded):
        forwarded.append(_CONTENT_TYPE)
    return evolve(options, headers={**options.headers, _FORWARD: ",".join(forwarded)})


def _form_fields(expires_after: Mapping[str, Any] | None, extra_body: Mapping[str, Any] | None) -> dict[str, str]:
    """Write further fields as the official client does: what is inside another goes in brackets."""
    for argument, value in (("expires_after", expires_after), ("extra_body", extra_body)):
        _require_mapping(argument, value)
    for name in ("expires_after", "file", "purpose"):
        if name in (extra_body or {}):
            message = f"extra_body holds {name!r}, which is an argument of its own."
            raise ConfigurationError(message, hint=f"pass {name}=.", operation=_NAME)
    fields = dict(_flattened(expires_after or {}, "expires_after", "expires_after"))
    return fields | dict(_flattened(extra_body or {}, "", "extra_body"))


def _require_mapping(argument: str, value: object) -> None:
    if value is not None and not isinstance(value, Mapping):
        message = f"{argument} must be a mapping, not {type(value).__name__}."
        raise ConfigurationError(message, operation=_NAME)


def _flattened(value: object, name: str, argument: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, inner in cast("Mapping[object, object]", value).items():
            plain = _written(key, f"a name in {argument}")
            yield from _flattened(inner, f"{name}[{plain}]" if name else plain, argument)
    elif isinstance(value, list | tuple):
        for inner in cast("list[object]", value):
            yield from _flattened(inner, f"{name}[]", argument)
    elif value is not None:
        yield name, _written(value, f"{argument}: {name}")


def _written(value: object, what: str) -> str:
    """Write a value as a form carries it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        text = str(value.value if isinstance(value, Enum) else value)
        if text.isprintable():
            return text
        message = f"{what} holds a line break or another character that is not printable."
        raise ConfigurationError(message, operation=_NAME)
    message = f"{what} is a {type(value).__name__}, which a form cannot carry."
    raise ConfigurationError(message, operation=_NAME)


def _checked_check(check: object) -> bool | CheckOptions | None:
    if check is None or isinstance(check, bool):
        return check
    if isinstance(check, Mapping):
        options = cast("CheckOptions", dict(cast("Mapping[str, Any]", check)))
        refuse_unknown(options, CheckOptions, f"{_NAME}: check")
        return options
    message = f"check must be True, False or a mapping of options, not {type(check).__name__}."
    hint = 'pass for example check={"format": "preference", "max_line_bytes": 2**26}.'
    raise ConfigurationError(message, hint=hint, operation=_NAME)


def with_size(options: RequestOptions, settings: UploadSettings, size: int) -> RequestOptions:
    """Announce the size of what will be stored, less one, where the provider is told it."""
    route = settings.profile.upload
    if route.size_header is None:
        return options
    headers = {**options.headers, route.size_header: str(size)}
    if settings.config is not None and (key := route.config_keys.get(route.size_header)) is not None:
        config = copy.deepcopy(settings.config)
        for target in _targets(config):
            target[key] = size
        headers[_CONFIG] = json.dumps(config, separators=(",", ":"))
    return evolve(options, headers=headers)
