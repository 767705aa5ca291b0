"""The values that go in and out of the fake gateway, free of any network library."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import cast
from urllib.parse import parse_qsl

import attrs

Body = bytes | Iterable[bytes]
"""All of a body, or its pieces in order."""


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
    """A request as it arrived.

    Args:
        method: in capitals.
        path: as on the wire: percent-encoded, from the first slash on.
        query: as on the wire, without the question mark.
        headers: names are made lower case.
        body: bytes, or the pieces of a body that is still arriving.
    """

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = attrs.field(factory=dict[str, str], converter=_lower_names, repr=names_only)
    body: Body = attrs.field(default=b"", repr=_size_only)

    @property
    def parameters(self) -> Mapping[str, str]:
        """The decoded query; of a name given twice the last value."""
        return dict(parse_qsl(self.query, keep_blank_values=True))

    @property
    def content_type(self) -> str:
        """The media type without its parameters, lower case; empty if there is none."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def read(self) -> bytes:
        """Return the whole body, drawing it in if it is still arriving."""
        return self.body if isinstance(self.body, bytes) else b"".join(self.body)


@attrs.frozen(kw_only=True)
class Delivery:
    """How an adapter brings a response to the client, if not simply.

    Args:
        delay: seconds before the first byte.
        cut_after: the connection breaks after that many bytes of the body, or at its end if it is shorter.
        silent: the connection closes without an answer.
        refused: the connection fails before the request has arrived.
    """

    delay: float = 0.0
    cut_after: int | None = None
    silent: bool = False
    refused: bool = False


@attrs.frozen(kw_only=True)
class Response:
    """An answer.

    Args:
        status: the HTTP status.
        headers: names are made lower case.
        body: bytes, or the pieces of a body that is sent as it comes.
        delivery: how it is brought to the client.
        from_gateway: whether the gateway says this itself, without the headers that it puts on a provider's answers.
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


def gateway_failure(message: str, *, status: int = 400, **more: object) -> Response:
    """Return an error that the gateway itself raises, which carries none of its usual headers.

    Args:
        message: the text that the gateway uses.
        status: the HTTP status.
        **more: further keys of the body, such as ``errors``.
    """
    failure = json_response({"status": "failure", "message": message, **more}, status=status)
    return attrs.evolve(failure, from_gateway=True)


def something_went_wrong() -> Response:
    """Return the gateway's answer to whatever breaks inside it."""
    return gateway_failure("Something went wrong", status=500)


@attrs.frozen(kw_only=True)
class Problem:
    """What a provider has to complain about, before a dialect gives it a shape.

    Args:
        status: the provider's HTTP status.
        message: the provider's text.
        code: the provider's machine-readable code.
        kind: the provider's class of errors.
        param: the request field at fault.
    """

    status: int
    message: str
    code: str | None = None
    kind: str | None = "invalid_request_error"
    param: str | None = None
