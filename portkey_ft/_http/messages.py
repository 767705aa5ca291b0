"""Requests and responses as values, whichever HTTP library sends them.

Apart from the plans, so that making a client loads nothing that only a call needs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from attrs import field, frozen

from portkey_ft._redaction import NotPicklable

__all__ = ["Request", "Response"]

EPOCH = datetime.fromtimestamp(0, UTC)


@frozen
class Request(NotPicklable):
    """A request before it knows its origin and its credentials.

    Attributes:
        operation: The facade's name of the operation, for errors and logs.
        method: The HTTP method.
        path: The path below the base URL, encoded.
        repeatable: Whether it may take effect twice without harm.
        params: The query.
        content: The JSON body, encoded, or None.
        upload: What is sent as a multipart body, or None; the transport knows how.
        headers: Headers of this request alone; treated as secrets.
        timeout: Seconds for each step of the exchange, or None for the client's.
        streams: Tells by status and headers whether the body is left on the wire, to be read chunk by chunk. None if it
            never is.
        replayable: Whether the body can be had a second time.
        secrets: Strings of the body that must never be shown.
    """

    operation: str
    method: str
    path: str
    repeatable: bool
    params: Mapping[str, str | int] = field(factory=dict[str, str | int])
    content: bytes | None = field(default=None, repr=False)
    upload: Any = field(default=None, repr=False)
    headers: Mapping[str, str] = field(factory=dict[str, str], repr=False)
    timeout: float | None = None
    streams: Callable[[int, Mapping[str, str]], bool] | None = None
    replayable: bool = True
    secrets: tuple[str, ...] = field(default=(), repr=False)


@frozen
class Response:
    """A response, whatever its status.

    Attributes:
        request: The request.
        url: Where the request was sent.
        status_code: The HTTP status.
        headers: The headers, with lower-case names.
        content: The body, as far as it could be read; empty if it is streamed.
        body: The transport's handle on a body that is streamed.
        redact: Masks the client's secrets in a text that will be shown.
        arrived: When it arrived, by the client's clock.
        whole: Whether the content is all of it, and was not broken off at the limit for a response.
        repeated: Whether an earlier attempt may have taken effect; noted for errors, which may then mean that it has.
        attempt: Which attempt it is the response to, counted from 1.
    """

    request: Request
    url: str
    status_code: int
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)
    body: Any = field(default=None, repr=False)
    redact: Callable[[str], str] = field(default=str, repr=False)
    arrived: datetime = EPOCH
    whole: bool = True
    repeated: bool = False
    attempt: int = 1
