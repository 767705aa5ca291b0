"""Error responses: the many shapes of an error, made one typed exception.

The gateway has its own shapes, passes on each provider's, and wraps what is no JSON. Messages are redacted before they
are put into an exception: providers tend to repeat the key that they refuse.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from attrs import frozen

from portkey_ft._http.content_type import charset, decode_text
from portkey_ft._http.messages import Response
from portkey_ft._json import is_array, is_object, read_json, redacted_json
from portkey_ft._providers import PROVIDER_HINTS, unsupported_provider
from portkey_ft.errors import NotSupportedError, PortkeyError, ResponseError, status_error_class
from portkey_ft.retries import retry_after_seconds
from portkey_ft.types import ResponseInfo

__all__ = ["CHECK_BEFORE_RETRY", "is_disguised_error", "json_payload", "not_supported", "response_info", "status_error"]

# A longer message is a page of HTML; its beginning is enough.
LONGEST_MESSAGE = 500

CHECK_BEFORE_RETRY = "it may have taken effect all the same: check before you send it again."


@frozen
class ErrorDetails:
    """What the body of an error says."""

    message: str | None = None
    code: str | None = None
    type: str | None = None
    param: str | None = None
    provider: str | None = None


def response_info(response: Response) -> ResponseInfo:
    """Give status, headers and trace ID of a response."""
    trace_id = response.headers.get("x-portkey-trace-id") or response.request.headers.get("x-portkey-trace-id")
    return ResponseInfo(response.status_code, response.headers, trace_id)


def json_payload(response: Response) -> Any:  # noqa: ANN401 - any JSON
    """Read the JSON of a response that is no error.

    Raises:
        PortkeyError: The response is an error, whatever its status, or no JSON.
    """
    if not HTTPStatus.OK <= response.status_code < HTTPStatus.MULTIPLE_CHOICES:
        raise status_error(response)
    if not response.whole:
        hint = "max_response_bytes= of the client sets the limit." + _unknown_outcome(response, " ")
        raise _unreadable(response, "larger than the client takes", hint)
    kind = response.headers.get("content-type", "")
    try:
        data = read_json(response.content, charset(kind))
    except ValueError as error:
        why = "" if isinstance(error, UnicodeDecodeError | json.JSONDecodeError) else f": {error}"
        what = f"not JSON ({response.redact(kind or 'no content type')}){why}" if response.content.strip() else "empty"
        hint = "is base_url the gateway's API, with /v1 at its end?" + _unknown_outcome(response, " ")
        raise _unreadable(response, what, hint) from None
    if is_disguised_error(data):
        raise status_error(response)
    return data


def _safe_trace_id(response: Response) -> str | None:
    """Give the trace id for a message: a server may put anything there."""
    trace_id = response_info(response).trace_id
    return None if trace_id is None else response.redact(trace_id)


def _unreadable(response: Response, what: str, hint: str) -> ResponseError:
    return ResponseError(
        f"the response of {response.url} has status {response.status_code} and is {what}.",
        hint=hint,
        operation=response.request.operation,
        trace_id=_safe_trace_id(response),
        status_code=response.status_code,
        body=_body(response) if response.whole else None,
    )


def is_disguised_error(data: object) -> bool:
    """Tell whether the body of a good status is an error: the gateway wraps some failures that way."""
    if not is_object(data) or "id" in data or "data" in data:
        return False
    return (
        bool(data.get("error"))
        or (data.get("status") == "failure" and "message" in data)
        or data.get("success") is False
        or set(data) == {"html-message"}
    )


def status_error(response: Response) -> PortkeyError:
    """Turn a response that is an error into an exception."""
    body = _body(response)
    details = parse_error_body(body)
    info = response_info(response)
    message = _shortened(details.message) or _reason(response.status_code)
    operation = response.request.operation
    if "is not supported by" in message:
        return NotSupportedError(f"{message.rstrip('.')}.", operation=operation, trace_id=_safe_trace_id(response))
    lacking = unsupported_provider(operation, details.provider or info.provider, response.status_code, message)
    if lacking is not None:
        return not_supported(
            response, lacking, hint=f"asked nevertheless, it answered {response.status_code}: {message}"
        )
    return status_error_class(response.status_code)(
        message,
        status_code=response.status_code,
        hint=_hint(response, message) or None,
        operation=operation,
        trace_id=_safe_trace_id(response),
        code=details.code,
        type=details.type,
        param=details.param,
        provider=details.provider or info.provider,
        body=body,
        headers={name: response.redact(value) for name, value in response.headers.items()},
        request=f"{response.request.method} {response.url}",
        retry_after=retry_after_seconds(response.headers, now=response.arrived),
    )


def _body(response: Response) -> Any:  # noqa: ANN401 - any JSON
    """Give an error's body as JSON data or as text, without secrets.

    They are searched for in the decoded JSON: some servers escape a slash, or a plus.
    """
    kind = response.headers.get("content-type", "")
    try:
        return redacted_json(read_json(response.content, charset(kind)), response.redact)
    except ValueError:
        return response.redact(decode_text(response.content, kind))


def not_supported(response: Response, provider: str, *, hint: str | None = None) -> NotSupportedError:
    """Say that the gateway has no way to do what was asked for."""
    operation = response.request.operation
    message = f"the gateway has no {operation} for {provider}."
    return NotSupportedError(message, hint=hint, operation=operation, trace_id=_safe_trace_id(response))


def parse_error_body(body: object) -> ErrorDetails:
    """Find the details of an error, in whichever shape (gateway, provider, wrapped text)."""
    if isinstance(body, str):
        return ErrorDetails(message=body.strip() or None)
    if is_array(body) and body:
        # Google's APIs wrap an error in a list of one.
        return parse_error_body(body[0])
    if not is_object(body):
        return ErrorDetails()
    # Azure's is an empty object.
    provider = _text(body.get("provider"))
    error: object = body.get("error")
    if is_object(error) and error:
        return ErrorDetails(
            message=_text(error.get("message")) or _text(error.get("code")),
            code=_text(error.get("code")),
            type=_text(error.get("type")),
            param=_text(error.get("param")),
            provider=provider,
        )
    data: object = body.get("data")
    if is_object(data):
        return ErrorDetails(message=_text(data.get("message")), code=_text(data.get("errorCode")), provider=provider)
    message = _text(error) or _text(body.get("message")) or _text(body.get("html-message")) or _detail(body)
    problems: object = body.get("errors")
    if is_array(problems) and problems:
        message = f"{message or 'refused'}: {'; '.join(str(problem) for problem in problems)}"
    return ErrorDetails(
        message=message,
        code=_text(body.get("code")),
        type=_text(body.get("type")),
        param=_text(body.get("param")),
        provider=provider,
    )


def _detail(body: Mapping[str, Any]) -> str | None:
    detail: object = body.get("detail")
    return json.dumps(detail) if is_array(detail) or is_object(detail) else _text(detail)


def _text(value: object) -> str | None:
    return None if value is None or isinstance(value, dict | list) or value == "" else str(value)


def _shortened(message: str | None) -> str | None:
    if message is None or len(message) <= LONGEST_MESSAGE:
        return message
    return f"{message[:LONGEST_MESSAGE]}… ({len(message)} characters)"


def _reason(status_code: int) -> str:
    try:
        return HTTPStatus(status_code).phrase.lower()
    except ValueError:
        return "the response says nothing more"


def _unknown_outcome(response: Response, separator: str = "") -> str:
    return "" if response.request.repeatable else separator + CHECK_BEFORE_RETRY


# What the open gateway says, word for word, and what to do about it.
_HINTS_BY_MESSAGE = {
    "Either x-portkey-config or x-portkey-provider header is required": (
        "a self-hosted gateway knows no virtual keys: pass provider= with authorization=, or config= as a mapping."
    ),
    "Invalid config passed. You need to pass a valid json": (
        "a self-hosted gateway knows no config ids: pass config= as a mapping."
    ),
    "Invalid provider passed": "check provider=; names that begin with @ are known to the hosted gateway alone.",
    "Invalid custom host": "the gateway reaches public hosts and those it is told to trust.",
    **PROVIDER_HINTS,
}

_HINTS_BY_STATUS: dict[int, str] = {
    HTTPStatus.UNAUTHORIZED: "check api_key and the credential of the provider.",
    HTTPStatus.PRECONDITION_FAILED: "a budget or a rate limit set in Portkey is used up.",
}


def _hint(response: Response, message: str) -> str:
    """Suggest what to do, as far as the response lets one guess."""
    status = response.status_code
    if hint := _HINTS_BY_MESSAGE.get(message) or _HINTS_BY_STATUS.get(status):
        return hint
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        location = _shortened(response.redact(response.headers.get("location", "")))
        return f"redirects are not followed, because credentials would be; set base_url to where {location!r} leads."
    if status == HTTPStatus.NOT_FOUND and "/v1" not in response.url:
        return "base_url usually ends in /v1."
    if (
        status < HTTPStatus.BAD_REQUEST
        or status == HTTPStatus.REQUEST_TIMEOUT
        or status >= HTTPStatus.INTERNAL_SERVER_ERROR
    ):
        return _unknown_outcome(response)
    return ""
