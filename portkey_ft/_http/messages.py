"""What goes over the wire and what comes back, as values: no matter how, and no matter when.

Apart from the plans, so that making a client loads nothing of what only a call needs.
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
        content: The JSON body, written, or None.
        upload: What is sent as a multipart body, or None; the transport knows how.
        headers: Headers of this request alone; treated as secrets.
        timeout: Seconds for each step of the exchange, or None for the client's.
        stream: Whether the body is left on the wire, to be read piece by piece.
        replayable: Whether the body can be had a second time.
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
    stream: bool = False
    replayable: bool = True


@frozen
class Response:
    """An answer, whatever its status.

    Attributes:
        request: The request that was answered.
        url: Where it was sent.
        status_code: The HTTP status.
        headers: The headers, with lower-case names.
        content: The body; empty for a streamed answer.
        body: The transport's handle on the body of a streamed answer.
        redact: Masks the client's secrets in a text that will be shown.
        arrived: When it came, by the client's clock.
        whole: Whether the content is all of it, and was not broken off at the bound for an answer.
        repeated: Whether an attempt before may have taken effect.
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
