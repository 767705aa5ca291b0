"""Requests and responses as plain values, without a network library."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, cast
from urllib.parse import parse_qsl

import attrs

Body = bytes | Iterable[bytes]
"""A whole body, or its chunks in order."""


def _lower_names(headers: Mapping[str, str]) -> Mapping[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def names_only(headers: Mapping[str, object]) -> str:
    """Return a repr that shows the names in a mapping and no value."""
    # Any header may carry a credential (providers have dozens of them), so a repr shows no value at all.
    return f"<{', '.join(sorted(headers))}>"


def _size_only(body: Body) -> str:
    return f"<{len(body)} bytes>" if isinstance(body, bytes) else "<streamed>"


@attrs.frozen(kw_only=True)
class Request:
    """An HTTP request as received.

    Args:
        method: in capitals.
        path: as on the wire: percent-encoded, beginning with a slash.
        query: as on the wire, without the question mark.
        headers: names are converted to lower case.
        body: bytes, or an iterable of chunks of a body that is still being received.
    """

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = attrs.field(factory=dict[str, str], converter=_lower_names, repr=names_only)
    body: Body = attrs.field(default=b"", repr=_size_only)

    @property
    def parameters(self) -> Mapping[str, str]:
        """The decoded query. The last value wins if a name is repeated."""
        return dict(parse_qsl(self.query, keep_blank_values=True))

    @property
    def content_type(self) -> str:
        """The media type without its parameters, lower case; empty if there is none."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def read(self) -> bytes:
        """Return the whole body, receiving the rest of it first if necessary."""
        return self.body if isinstance(self.body, bytes) else b"".join(self.body)


@attrs.frozen(kw_only=True)
class Delivery:
    """Connection failures to simulate while the response is sent.

    Args:
        delay: seconds before the first byte.
        cut_after: the connection breaks after that many bytes of the body, or at the end of a shorter body.
        silent: the connection closes without a response.
        refused: the connection fails before the request is received.
    """

    delay: float = 0.0
    cut_after: int | None = None
    silent: bool = False
    refused: bool = False


@attrs.frozen(kw_only=True)
class Response:
    """An HTTP response.

    Args:
        status: the HTTP status.
        headers: names are converted to lower case.
        body: bytes, or an iterable of chunks of a streamed body.
        delivery: connection failures to simulate.
        from_gateway: whether the gateway itself produced it, without the headers that it adds to a provider's.
    """

    status: int = 200
    headers: Mapping[str, str] = attrs.field(factory=dict[str, str], converter=_lower_names)
    body: Body = attrs.field(default=b"", repr=_size_only)
    delivery: Delivery = attrs.field(factory=Delivery)
    from_gateway: bool = False

    def with_headers(self, headers: Mapping[str, str]) -> Response:
        """Return a copy with these headers added."""
        return attrs.evolve(self, headers={**self.headers, **headers})


def json_object(value: object) -> Mapping[str, object] | None:
    """Return a value read from JSON if it is an object."""
    return cast("Mapping[str, object]", value) if isinstance(value, dict) else None


def json_array(value: object) -> Sequence[object]:
    """Return a value read from JSON if it is an array, else an empty one."""
    return cast("Sequence[object]", value) if isinstance(value, list) else ()


def json_response(document: object, *, status: int = 200) -> Response:
    """Return a response with a JSON body.

    Args:
        document: anything that ``json.dumps`` takes.
        status: the HTTP status.
    """
    body = json.dumps(document, separators=(",", ":")).encode()
    return Response(status=status, headers={"content-type": "application/json"}, body=body)


GATEWAY_EXCEPTION: Final[Mapping[str, str]] = {"x-portkey-gateway-exception": "true"}
"""The header of some of the gateway's own errors."""


def gateway_failure(message: str, *, status: int = 400, **more: object) -> Response:
    """Return an error produced by the gateway itself, which has none of the gateway's usual headers.

    Args:
        message: the gateway's text.
        status: the HTTP status.
        **more: further keys of the body, such as ``errors``.
    """
    failure = json_response({"status": "failure", "message": message, **more}, status=status)
    return attrs.evolve(failure, from_gateway=True)


def something_went_wrong() -> Response:
    """Return the gateway's response to any internal exception."""
    return gateway_failure("Something went wrong", status=500)


@attrs.frozen(kw_only=True)
class Problem:
    """A provider's error, before a dialect formats it.

    Args:
        status: the provider's HTTP status.
        message: the provider's text.
        code: the provider's machine-readable code.
        kind: the provider's class of errors.
        param: the invalid field of the request.
    """

    status: int
    message: str
    code: str | None = None
    kind: str | None = "invalid_request_error"
    param: str | None = None
