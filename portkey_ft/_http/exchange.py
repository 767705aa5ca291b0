"""One request and its response: limits, redaction, the log line and typed errors, whichever way it is sent.

Nothing here knows the HTTP library; :mod:`portkey_ft._http.transport` says how that reports errors.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import chain
from typing import Any, Generic, Protocol, TypeVar

from attrs import field, frozen

from portkey_ft._http.connection_errors import explain
from portkey_ft._http.decoding import ContentDecoder, DecodingError, TextDecoder
from portkey_ft._http.messages import Request, Response
from portkey_ft._redaction import NotPicklable, redact, secret_texts
from portkey_ft._text import escape_unprintable
from portkey_ft.auth import TokenSource
from portkey_ft.clock import Clock
from portkey_ft.errors import APIConnectionError, APITimeoutError, ConfigurationError, PortkeyError, ResponseError

__all__ = ["BodyReader", "Connections", "Endpoint", "Exchange", "Head", "WireErrors", "is_success"]

logger = logging.getLogger("portkey_ft")

# What is read of a response that is an error; its message stands at the beginning.
MAX_ERROR_BYTES = 1024 * 1024

OK, MULTIPLE_CHOICES = 200, 300


def is_success(status_code: int) -> bool:
    """Tell whether a status is one of success (RFC 9110, 15.3)."""
    return OK <= status_code < MULTIPLE_CHOICES


@frozen
class Endpoint(NotPicklable):
    """Where requests go, and what is added to each.

    Attributes:
        base_url: What all paths are appended to, without a slash at its end.
        headers: Headers of every request, credentials included.
        secrets: Strings that must never be shown.
        timeout: Seconds for each step of an exchange; None leaves it to the HTTP client that was passed in.
        max_response_bytes: The most bytes of a response that are read into memory, counted decoded.
        token_source: Is asked for the bearer token of each request, if the token changes.
    """

    base_url: str
    headers: Mapping[str, str] = field(repr=False)
    secrets: tuple[str, ...] = field(repr=False)
    timeout: float | None
    max_response_bytes: int
    token_source: TokenSource | None = field(default=None, repr=False)


@frozen
class Head:
    """The first part of a response.

    Attributes:
        status_code: The HTTP status.
        headers: The headers, with lower-case names.
        url: Where the request was sent.
        content_encoding: The codings of the chunks that will come; empty if somebody has decoded them already.
    """

    status_code: int
    headers: Mapping[str, str]
    url: str
    content_encoding: str


@frozen
class WireErrors:
    """How an HTTP library reports that something went wrong.

    Attributes:
        all: Everything that it raises about a connection or a response.
        timeouts: Those that mean that time was up.
        not_sent: Those before the first byte of the request: it certainly did not arrive.
    """

    all: tuple[type[Exception], ...]
    timeouts: tuple[type[Exception], ...]
    not_sent: tuple[type[Exception], ...]


class BodyReader:
    """Collects a response body, as far as it can be read and as much as is allowed.

    Args:
        head: The first part of the response.
        limit: The most bytes to keep, counted decoded.
    """

    def __init__(self, head: Head, limit: int) -> None:
        self.head = head
        self.content = bytearray()
        #: Whether nothing was left out because of the limit.
        self.whole = True
        self._limit = limit
        # An error is decoded when all of it is there: what cannot be decoded may still be readable.
        self._later = bool(head.content_encoding) and not is_success(head.status_code)
        self._decoder = ContentDecoder(head.content_encoding) if head.content_encoding and not self._later else None

    def feed(self, chunk: bytes) -> bool:
        """Take a chunk.

        Returns:
            Whether more can be taken.

        Raises:
            DecodingError: It cannot be decoded.
        """
        for decoded in (chunk,) if self._decoder is None else self._decoder.feed(chunk):
            self.content += decoded
            if len(self.content) > self._limit:
                self.whole = False
                return False
        return True

    def finish(self) -> None:
        """Take note that there is no more.

        Raises:
            DecodingError: The end is missing.
        """
        if self._later:
            self.finish_error()
        elif self._decoder is not None and self.whole:
            self.content.extend(chain.from_iterable(self._decoder.finish()))

    def finish_error(self) -> None:
        """Decode what came of an error response; what cannot be decoded is left as it is, if it is text."""
        if not self._later:
            return
        self._later = False
        raw, self.content = bytes(self.content), bytearray()
        try:
            self._decoder = ContentDecoder(self.head.content_encoding)
            self.feed(raw)
            self.finish()
        except DecodingError:
            if not self.content and _is_text(raw):
                self.content.extend(raw)


def _is_text(raw: bytes) -> bool:
    decoder = TextDecoder()
    try:
        return all((*decoder.feed(raw), *decoder.finish()))
    except DecodingError:
        return False


@frozen
class Exchange:
    """One attempt to send one request: what the sync and the async way have in common."""

    endpoint: Endpoint
    request: Request
    attempt: int
    clock: Clock
    errors: WireErrors
    began: float

    def redacted(self, text: str) -> str:
        """Mask every secret in a text that will be shown: the client's and those of this request alone."""
        return redact(text, {*self.endpoint.secrets, *self.request.secrets, *secret_texts(self.request.headers)})

    def leaves_body_on_wire(self, head: Head) -> bool:
        """Tell whether the caller reads the body, chunk by chunk."""
        keep = self.request.streams
        return keep is not None and keep(head.status_code, head.headers)

    def reader(self, head: Head) -> BodyReader:
        """Begin to read a body into memory. An excess is broken off: a bomb, or a server gone mad.

        Raises:
            DecodingError: No honest server encodes a body like that.
        """
        largest = self.endpoint.max_response_bytes
        if not is_success(head.status_code):
            return BodyReader(head, min(largest, MAX_ERROR_BYTES))
        announced = head.headers.get("content-length")
        # No more than a beginning is needed of what will not be whole.
        return BodyReader(head, 0 if _exceeds(announced, largest) else largest)

    def to_response(self, head: Head, content: bytes = b"", *, body: Any = None, whole: bool = True) -> Response:  # noqa: ANN401 - opaque
        """Make the response of what came."""
        self._log(str(head.status_code), head.headers.get("x-portkey-trace-id"))
        return Response(
            request=self.request,
            url=head.url,
            status_code=head.status_code,
            headers=head.headers,
            content=content,
            body=body,
            redact=self.redacted,
            arrived=datetime.fromtimestamp(self.clock.now(), UTC),
            whole=whole,
            attempt=self.attempt,
        )

    def settle(self, error: Exception, head: Head | None, reader: BodyReader | None) -> Response | PortkeyError:
        """Decide what became of a request whose response could not be read to its end.

        A status that is known counts: an error is that error, with as much of its body as could be read.
        """
        if head is None or reader is None or is_success(head.status_code):
            return self.to_error(error, head)
        reader.finish_error()
        return self.to_response(head, bytes(reader.content), whole=reader.whole)

    def to_error(self, error: Exception, head: Head | None = None) -> PortkeyError:
        """Turn an error of the HTTP library into ours, without its frames: their locals hold the headers.

        Args:
            error: What was raised.
            head: The first part of the response, if it came.
        """
        if isinstance(error, DecodingError) and head is not None and not error.incomplete:
            return self._undecodable(error, head)
        self._log(type(error).__name__, None)
        unknown = not isinstance(error, self.errors.not_sent)
        place = self.endpoint.base_url
        kind: type[APIConnectionError]
        if isinstance(error, self.errors.timeouts):
            kind, reason = APITimeoutError, f"timed out ({type(error).__name__})"
            message = f"no response from {place}: {reason}."
            hint = 'pass a longer timeout=, in seconds; float("inf") is no limit.'
        else:
            kind = APIConnectionError
            reason, hint = explain(error)
            reason = self.redacted(reason)
            message = f"no response from {place}: {reason}."
        if head is not None:
            message = f"the response from {place} has status {head.status_code} and broke off: {reason}."
        if unknown and not self.request.repeatable:
            hint = "the request may have arrived: check whether it took effect before you send it again."
        return kind(
            message,
            hint=hint,
            operation=self.request.operation,
            trace_id=None if head is None else self._trace_id(head),
            outcome_unknown=unknown,
        )

    def _undecodable(self, error: DecodingError, head: Head) -> ResponseError:
        self._log(str(head.status_code), head.headers.get("x-portkey-trace-id"))
        hint = None
        if not self.request.repeatable:
            hint = "the request arrived: check whether it took effect before you send it again."
        return ResponseError(
            f"the response from {self.endpoint.base_url} has status {head.status_code} and cannot be decoded: "
            f"{self.redacted(str(error))}.",
            hint=hint,
            operation=self.request.operation,
            trace_id=self._trace_id(head),
            status_code=head.status_code,
        )

    def _trace_id(self, head: Head) -> str | None:
        trace_id = head.headers.get("x-portkey-trace-id")
        return self.redacted(trace_id) if trace_id else None

    def already_read(self) -> ConfigurationError:
        """Describe that a download is read again."""
        message = "the content was read already, or the download was closed."
        return ConfigurationError(message, hint="begin the download anew.", operation=self.request.operation)

    def _log(self, outcome: str, trace_id: str | None) -> None:
        if logger.isEnabledFor(logging.INFO):
            logger.info(
                "%s %s -> %s in %.0f ms, attempt %d, trace id %s",
                self.request.method,
                self.request.path,
                outcome,
                (self.clock.monotonic() - self.began) * 1000,
                self.attempt,
                escape_unprintable(self.redacted(trace_id or "-")),
            )


def _exceeds(announced: str | None, largest: int) -> bool:
    """Tell whether a Content-Length is too large; one of thousands of digits is no int for Python."""
    if announced is None or not (announced.isascii() and announced.isdigit()):
        return False
    digits = announced.lstrip("0")
    return len(digits) > len(str(largest)) or int(digits or "0") > largest


class _Closable(Protocol):
    """An HTTP client, as far as its connections are concerned."""

    @property
    def is_closed(self) -> bool:
        """Whether it was closed."""
        ...


ClientT = TypeVar("ClientT", bound=_Closable)


class Connections(Generic[ClientT]):
    """The connections of an HTTP client, shared by all transports over it, and who opened them.

    They cannot be used by another process, which has them as well after a fork, nor by another event loop.

    Args:
        client: The HTTP client.
        owned: Whether it was made here and nobody else uses it.
    """

    def __init__(self, client: ClientT, *, owned: bool) -> None:
        self.client: ClientT = client
        self._owned = owned
        self._process: int | None = None
        self._loop: object = None

    def claim(self, request: Request, loop: object = None) -> None:
        """Record the first user; raise if the client is closed, forked, or on another event loop.

        Raises:
            ConfigurationError: The connections cannot be used, or not from here.
        """
        process = os.getpid()
        if self._process is None:
            self._process, self._loop = process, loop
        if self._process != process:
            message = "the client was used in another process, whose connections it would break."
            raise ConfigurationError(message, hint="make a client after the fork.", operation=request.operation)
        if self.client.is_closed:
            message = "the client is closed."
            raise ConfigurationError(
                message, hint="make the call inside its with block, or before close().", operation=request.operation
            )
        # What was passed in may have a transport without any connection, which works in every loop.
        if self._owned and loop != self._loop:
            raise self.wrong_loop_error(request.operation)

    def is_elsewhere(self, loop: object) -> bool:
        """Tell whether they were opened in another event loop."""
        return self._process is not None and loop != self._loop

    def wrong_loop_error(self, operation: str | None = None) -> ConfigurationError:
        """Describe that they were opened in another event loop."""
        message = "the client was used in another event loop, which its connections belong to."
        hint = "make and close a client within one run of an event loop, best by async with."
        return ConfigurationError(message, hint=hint, operation=operation)
