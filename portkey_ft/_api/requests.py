"""Writing strictly: arguments checked and brought into the form of a request, before a byte is sent.

Nothing here knows the generated client.
"""

from __future__ import annotations

import difflib
import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypedDict, TypeGuard, cast
from urllib.parse import unquote

from attrs import field, frozen

from portkey_ft._json import is_object
from portkey_ft._providers import profile_of
from portkey_ft._redaction import Unpicklable
from portkey_ft.errors import ConfigurationError
from portkey_ft.types import DPO, Supervised

__all__ = [
    "CallOptions",
    "JobRequest",
    "RequestOptions",
    "WatchOptions",
    "job_request",
    "json_bytes",
    "path_id",
    "refuse_unknown",
    "required_text",
]


class CallOptions(TypedDict, total=False):
    """What every call takes besides its own arguments.

    Attributes:
        timeout: Seconds for each step of the exchange, in place of the client's.
        extra_headers: Headers of this request alone; treated as secrets.
        trace_id: The id under which the gateway shall log the request.
        gateway_metadata: What the gateway shall log with the request.
    """

    timeout: float
    extra_headers: Mapping[str, str]
    trace_id: str
    gateway_metadata: Mapping[str, Any]


@frozen
class RequestOptions(Unpicklable):
    """What a single call adds to its request.

    Attributes:
        headers: Further headers; treated as secrets.
        timeout: Seconds for each step of the exchange, or None for the client's.
        on_progress: Called with the bytes of a file sent so far and their number in all, if that is known.
    """

    headers: Mapping[str, str] = field(factory=dict[str, str], repr=False)
    timeout: float | None = None
    on_progress: Callable[[int, int | None], None] | None = field(default=None, repr=False)


class WatchOptions(TypedDict, total=False):
    """What a call takes that sends many requests.

    Attributes:
        request_timeout: Seconds for each step of each exchange, in place of the client's.
        extra_headers: Headers of these requests alone; treated as secrets.
        trace_id: The id under which the gateway shall log the requests.
        gateway_metadata: What the gateway shall log with the requests.
    """

    request_timeout: float
    extra_headers: Mapping[str, str]
    trace_id: str
    gateway_metadata: Mapping[str, Any]


def refuse_unknown(options: Mapping[str, Any], known: type, operation: str) -> None:
    """Refuse an option that nothing would read.

    Raises:
        TypeError: As Python does for an argument that a function does not have.
    """
    for name in options:
        if name not in known.__annotations__:
            close = difflib.get_close_matches(name, known.__annotations__, n=1)
            advice = f"; did you mean {close[0]!r}?" if close else ""
            message = f"{operation}() got an unexpected keyword argument {name!r}{advice}"
            raise TypeError(message)


def required_text(value: object, name: str, operation: str) -> str:
    """Return a text that must be there.

    Raises:
        ConfigurationError: It is no text, or empty.
    """
    if not isinstance(value, str):
        # A job or file was passed where its id is wanted.
        hint = f"pass its id: {name}=....id" if hasattr(value, "id") else None
        message = f"{name} must be a string, not {type(value).__name__}."
        raise ConfigurationError(message, hint=hint, operation=operation)
    if not value.strip():
        message = f"{name} is empty."
        raise ConfigurationError(message, operation=operation)
    return value


def path_id(value: object, name: str, operation: str) -> str:
    """Return an id in the plain form, which the request builder encodes once.

    Ids of some providers come percent-encoded (an ARN, an S3 URI); encoding them again would name another thing.

    Raises:
        ConfigurationError: It is no text, empty, or would name another path.
    """
    plain = required_text(value, name, operation)
    if re.search("%[0-9A-Fa-f]{2}", plain):
        # What is no text when decoded is turned into lone surrogates, which are not printable.
        plain = unquote(plain, errors="surrogateescape")
    # A proxy that decodes a path before it looks at it would leave the folder at a step of dots, wherever it stands.
    steps = re.split(r"[/\\]", plain)
    if "." in steps or ".." in steps or not plain.isprintable() or plain != plain.strip():
        message = f"{name} {plain!r} is no id."
        raise ConfigurationError(message, operation=operation)
    return plain


def json_bytes(body: object, operation: str) -> bytes:
    """Write a body as JSON.

    Raises:
        ConfigurationError: It holds something that JSON does not have.
    """
    try:
        return json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=_as_dict).encode()
    except (TypeError, ValueError, RecursionError) as error:
        what = _unwritable(body) if is_object(body) else "the request"
        message = f"{what} cannot be written as JSON: {error}."
        raise ConfigurationError(
            message, hint="pass text, finite numbers, lists and mappings of these.", operation=operation
        ) from None


def _unwritable(body: Mapping[str, Any]) -> str:
    """Name the argument that cannot be written."""
    found = next((name for name, value in body.items() if not _is_writable({name: value})), None)
    return found if found in JobRequest.__annotations__ else "extra_body"


def _is_writable(value: object) -> bool:
    try:
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except (TypeError, ValueError, RecursionError):
        return False
    return True


def _is_mapping(value: object) -> TypeGuard[Mapping[Any, Any]]:
    return isinstance(value, Mapping)


def _as_dict(value: object) -> dict[Any, Any]:
    """Write a mapping that is no dict; whatever else JSON does not have is refused in its own words."""
    if _is_mapping(value):
        return dict(value)
    message = f"{type(value).__name__} is no JSON data"
    raise TypeError(message)


MAPPINGS = ("extra_body", "hyperparameters", "metadata", "method", "portkey_options", "provider_options")


@frozen
class JobRequest:
    """What a job is created from, checked; fields that are None are not sent."""

    model: str
    training_file: str
    validation_file: str | None = None
    suffix: str | None = None
    seed: int | None = None
    hyperparameters: Mapping[str, Any] | None = None
    method: Mapping[str, Any] | None = None
    integrations: Sequence[Mapping[str, Any]] | None = None
    metadata: Mapping[str, Any] | None = None
    job_name: str | None = None
    role_arn: str | None = None
    output_file: str | None = None
    provider_options: Mapping[str, Any] | None = None
    portkey_options: Mapping[str, Any] | None = None
    extra_body: Mapping[str, Any] = field(factory=dict[str, Any])


def job_request(operation: str, provider: str | None, **given: Any) -> JobRequest:  # noqa: ANN401 - checked below
    """Check the arguments of a create and complete them.

    Args:
        operation: The facade's name of the operation.
        provider: The provider, if the client knows it.
        **given: The fields of :class:`JobRequest`; ``method`` may be one of the typed values.

    Raises:
        ConfigurationError: Something is missing or cannot be sent.
    """
    for name in ("model", "training_file"):
        required_text(given[name], name, operation)
    for name in ("validation_file", "suffix", "job_name", "role_arn", "output_file"):
        if given[name] is not None:
            required_text(given[name], name, operation)
    seed = given["seed"]
    if seed is not None and (isinstance(seed, bool) or not isinstance(seed, int)):
        message = f"seed must be a whole number, not {seed!r}."
        raise ConfigurationError(message, operation=operation)
    method = given.pop("method")
    given["method"] = method.to_dict() if isinstance(method, Supervised | DPO) else method
    for name in MAPPINGS:
        given[name] = _checked_mapping(given[name], name, operation)
    if given["method"] is not None and not isinstance(given["method"].get("type"), str):
        message = "method says no type."
        hint = 'pass Supervised(...), DPO(...), or a mapping such as {"type": "supervised", "supervised": {...}}.'
        raise ConfigurationError(message, hint=hint, operation=operation)
    given["integrations"] = _checked_integrations(given["integrations"], operation)
    extra_body = dict(given.pop("extra_body") or {})
    doubled = sorted(set(extra_body) & set(JobRequest.__annotations__))
    if doubled:
        message = f"extra_body holds {doubled[0]!r}, which is an argument of its own."
        raise ConfigurationError(message, hint=f"pass {doubled[0]}=.", operation=operation)
    method, hyperparameters = _both_forms(given.pop("method"), given.pop("hyperparameters"), provider)
    _refuse_not_finite(hyperparameters, operation)
    return JobRequest(**given, method=method, hyperparameters=hyperparameters, extra_body=extra_body)


def _both_forms(
    method: Mapping[str, Any] | None, hyperparameters: Mapping[str, Any] | None, provider: str | None
) -> tuple[Mapping[str, Any] | None, Mapping[str, Any] | None]:
    """Give hyperparameters in both places that providers read them from.

    Bedrock and Fireworks look at the top level alone, and drop what is said in ``method`` without a word.
    """
    if profile_of(provider).reads_method:
        return method, hyperparameters
    if method is not None and hyperparameters is None:
        settings = method.get(str(method.get("type")))
        inner = settings.get("hyperparameters") if is_object(settings) else None
        return method, inner or None
    if method is None and hyperparameters and provider is None:
        return {"type": "supervised", "supervised": {"hyperparameters": dict(hyperparameters)}}, hyperparameters
    return method, hyperparameters


def _checked_mapping(value: object, name: str, operation: str) -> Mapping[str, Any] | None:
    if value is None or isinstance(value, Mapping):
        return cast("Mapping[str, Any] | None", value)
    message = f"{name} must be a mapping, not {type(value).__name__}."
    raise ConfigurationError(message, hint="pass names with their values, as in a dict.", operation=operation)


def _checked_integrations(value: object, operation: str) -> list[Mapping[str, Any]] | None:
    if value is None:
        return None
    items = list(cast("Sequence[object]", value)) if isinstance(value, Sequence) else [value]
    if all(isinstance(item, Mapping) for item in items) and not isinstance(value, Mapping):
        return cast("list[Mapping[str, Any]]", items)
    message = "integrations must be a list of mappings."
    hint = 'pass for example [{"type": "wandb", "wandb": {"project": "..."}}].'
    raise ConfigurationError(message, hint=hint, operation=operation)


def _refuse_not_finite(hyperparameters: Mapping[str, Any] | None, operation: str) -> None:
    for name, value in (hyperparameters or {}).items():
        if isinstance(value, float) and not math.isfinite(value):
            message = f"the hyperparameter {name} is {value}, which is no number to train with."
            raise ConfigurationError(message, operation=operation)
