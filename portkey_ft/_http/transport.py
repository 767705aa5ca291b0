"""The wire: the only module of the client that knows the HTTP library.

It adds origin and credentials to a request, sends it, and turns whatever goes wrong into the two connection errors. It
keeps the promises about credentials: they travel to the configured origin alone, redirects are never followed, and what
an exception or a log line says has them masked.
"""

from __future__ import annotations

import logging
import math
import os
from contextlib import aclosing
from datetime import UTC, datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar, cast, overload

import httpx
from attrs import field, frozen

from portkey_ft._http.connection_errors import explain
from portkey_ft._http.decoding import ACCEPTED, AsyncDecodedChunks, DecodingError, GzipDecoder, decode_chunks
from portkey_ft._http.messages import Request, Response
from portkey_ft._redaction import NotPicklable, redact, secret_texts, without_traceback
from portkey_ft._settings import MAX_RESPONSE_BYTES
from portkey_ft._text import visible
from portkey_ft._version import __version__
from portkey_ft.clock import Clock
from portkey_ft.errors import APIConnectionError, APITimeoutError, ConfigurationError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping

ClientT = TypeVar("ClientT", httpx.Client, httpx.AsyncClient)

__all__ = [
    "DEFAULT_TIMEOUT",
    "AsyncDownloadBody",
    "AsyncTransport",
    "Connections",
    "DownloadBody",
    "Endpoint",
    "Transport",
    "checked_base_url",
    "checked_client",
    "new_async_client",
    "new_client",
]

logger = logging.getLogger("portkey_ft")

#: Seconds for each step of an exchange (connect, write, read, wait for a connection).
DEFAULT_TIMEOUT = 60.0
#: Seconds until a connection must stand; a gateway that is there answers much sooner.
CONNECT_TIMEOUT = 10.0
# Shorter than the 5 seconds after which the gateway closes an idle connection: one that is closing is not used again.
KEEPALIVE_EXPIRY = 4.0
MAX_CONNECTIONS = 100
#: Beyond it, operating systems take the rest of a division and knock at another door.
LAST_PORT = 65535

# What is read of an answer that is an error; what it tells is at its beginning.
MAX_ERROR_BYTES = 1024 * 1024

# Failures before the first byte of the request: it certainly did not arrive.
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol, httpx.ProxyError)

_USER_AGENT = f"portkey-ft/{__version__}"


def checked_base_url(base_url: object) -> str:
    """Return a base URL in the form that paths are appended to.

    Raises:
        ConfigurationError: It is no http(s) URL, or holds what would not belong there.
    """
    if not isinstance(base_url, str) or not base_url or base_url != base_url.strip():
        message = "base_url is empty, or begins or ends with white space."
        raise ConfigurationError(message, hint='pass a URL such as "https://gateway.example.com/v1".')
    url = _url(base_url)
    if url is None:
        message = "base_url must begin with https:// or http:// and name a host."
        raise ConfigurationError(message, hint='write it as in "https://gateway.example.com/v1".')
    if url.port is not None and not 0 < url.port <= LAST_PORT:
        message = f"base_url must name a port from 1 to {LAST_PORT}."
        raise ConfigurationError(message)
    if url.userinfo:
        message = "base_url must not hold a user name or password."
        raise ConfigurationError(message, hint="pass the credential as api_key= or in default_headers=.")
    if url.query or url.fragment:
        message = "base_url must not hold a query or a fragment."
        raise ConfigurationError(message)
    return str(url).rstrip("/")


def _url(text: str) -> httpx.URL | None:
    """Read a URL, if a request can be sent there."""
    try:
        url = httpx.URL(text)
        # What is no name for DNS would be found out at the first call, in as many ways as there are back ends.
        named = url.host and url.raw_host.decode("ascii").encode("idna")
    except (httpx.InvalidURL, UnicodeError):
        return None
    return url if named and url.scheme in {"http", "https"} else None


@overload
def checked_client(client: object, *, asynchronous: Literal[False]) -> httpx.Client: ...
@overload
def checked_client(client: object, *, asynchronous: Literal[True]) -> httpx.AsyncClient: ...
def checked_client(client: object, *, asynchronous: bool) -> httpx.Client | httpx.AsyncClient:
    """Return an HTTP client of the kind that a client of ours can use.

    Raises:
        ConfigurationError: It is something else.
    """
    kind = httpx.AsyncClient if asynchronous else httpx.Client
    if not isinstance(client, kind):
        message = f"http_client must be an httpx.{kind.__name__}, not a {type(client).__name__}."
        raise ConfigurationError(message)
    return client


@frozen
class Endpoint(NotPicklable):
    """Where requests go, and what they are given on the way.

    Attributes:
        base_url: Where the paths begin, without a slash at its end.
        headers: Headers of every request, credentials included.
        secrets: Texts that must never be shown.
        timeout: Seconds for each step of an exchange; None leaves it to the HTTP client that was passed in.
        max_response_bytes: The most bytes of an answer that are read into memory, counted unpacked.
    """

    base_url: str
    headers: Mapping[str, str] = field(repr=False)
    secrets: tuple[str, ...] = field(repr=False)
    timeout: float | None = DEFAULT_TIMEOUT
    max_response_bytes: int = MAX_RESPONSE_BYTES


def _timeout(seconds: float) -> httpx.Timeout:
    if math.isinf(seconds):
        return httpx.Timeout(None)
    return httpx.Timeout(seconds, connect=min(seconds, CONNECT_TIMEOUT))


def _limits() -> httpx.Limits:
    return httpx.Limits(max_connections=MAX_CONNECTIONS, keepalive_expiry=KEEPALIVE_EXPIRY)


def _no_cookies() -> CookieJar:
    # Several credentials may go over the same connections; a cookie that one was given must not go along with another.
    return CookieJar(DefaultCookiePolicy(allowed_domains=()))


@without_traceback
def _prepared(
    client: httpx.Client | httpx.AsyncClient, endpoint: Endpoint, request: Request, *, asynchronous: bool
) -> httpx.Request:
    """Complete a request with origin, credentials and body."""
    headers = {"user-agent": _USER_AGENT, "accept-encoding": ACCEPTED, **endpoint.headers, **request.headers}
    body: dict[str, Any] = {}
    if request.content is not None:
        body["content"] = request.content
        headers["content-type"] = "application/json"
    elif request.upload is not None:
        body["content"] = request.upload.open_async() if asynchronous else request.upload.open()
        headers.update(request.upload.headers)
    seconds = endpoint.timeout if request.timeout is None else request.timeout
    try:
        return client.build_request(
            request.method,
            endpoint.base_url + request.path,
            params=request.params or None,
            headers=headers,
            timeout=httpx.USE_CLIENT_DEFAULT if seconds is None else _timeout(seconds),
            **body,
        )
    except (httpx.InvalidURL, UnicodeEncodeError):
        what = " or ".join(request.params) or "an id"
        message = f"{what} cannot be written in a URL: it is far too long, or no text."
    raise ConfigurationError(message, operation=request.operation)


def _is_download(request: Request, response: httpx.Response, headers: Mapping[str, str]) -> bool:
    """Tell whether an answer holds the file that was asked for, and no error and no other thing."""
    if not response.is_success or headers.get("content-type", "").startswith("text/html"):
        # The gateway wraps a page of HTML; one that comes bare is from somebody in between.
        return False
    from portkey_ft._providers import is_unsupported  # noqa: PLC0415 - nothing else of an import needs it

    return not is_unsupported(request.operation, headers.get("x-portkey-provider"))


def _headers(response: httpx.Response) -> dict[str, str]:
    """Give an answer's headers with lower-case names; what comes twice is joined (RFC 9110, 5.3).

    The HTTP library looks each one up in a list, which for a handful takes a tenth of the time of a call.
    """
    headers: dict[str, str] = {}
    for raw_name, raw_value in response.headers.raw:
        name, value = _text(raw_name).lower(), _text(raw_value)
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("iso-8859-1")


@frozen
class _Exchange:
    """One attempt to send one request: what the sync and the async way have in common."""

    endpoint: Endpoint
    request: Request
    attempt: int
    clock: Clock
    began: float

    def redacted(self, text: str) -> str:
        """Mask every secret in a text that will be shown: the client's and those of this request alone."""
        return redact(text, {*self.endpoint.secrets, *secret_texts(self.request.headers)})

    def to_response(
        self,
        response: httpx.Response,
        headers: Mapping[str, str],
        content: bytes,
        body: Any = None,  # noqa: ANN401 - opaque
        *,
        whole: bool = True,
    ) -> Response:
        """Take over an answer."""
        self._log(str(response.status_code), headers.get("x-portkey-trace-id"))
        return Response(
            request=self.request,
            url=str(response.request.url),
            status_code=response.status_code,
            headers=headers,
            content=content,
            body=body,
            redact=self.redacted,
            arrived=datetime.fromtimestamp(self.clock.now(), UTC),
            whole=whole,
        )

    def read_limit(self, response: httpx.Response, headers: Mapping[str, str]) -> int:
        """Tell how much of an answer to read: an excess is broken off (a bomb, or a server gone mad)."""
        largest = self.endpoint.max_response_bytes
        if not response.is_success:
            return min(largest, MAX_ERROR_BYTES)
        announced = headers.get("content-length", "")
        # No more than a beginning is needed of what will not be whole.
        return 0 if announced.isdecimal() and int(announced) > largest else largest

    def to_error(self, error: httpx.HTTPError | DecodingError) -> APIConnectionError:
        """Turn a failure of the HTTP library into ours, without its frames: their locals hold the headers."""
        self._log(type(error).__name__, None)
        unknown = not isinstance(error, _NOT_SENT)
        place = self.endpoint.base_url
        kind: type[APIConnectionError]
        if isinstance(error, httpx.TimeoutException):
            kind = APITimeoutError
            message = f"no answer from {place} in time ({type(error).__name__})."
            hint = "pass a longer timeout=, in seconds."
        else:
            kind = APIConnectionError
            reason, hint = explain(error)
            message = f"no answer from {place}: {self.redacted(reason)}."
        if unknown and not self.request.repeatable:
            hint = "the request may have arrived: look whether it took effect before you send it again."
        return kind(message, hint=hint, operation=self.request.operation, outcome_unknown=unknown)

    def already_read(self) -> ConfigurationError:
        """Describe that a download is read again."""
        return ConfigurationError(
            "the content was read already, or given back.",
            hint="begin the download anew.",
            operation=self.request.operation,
        )

    def _log(self, outcome: str, trace_id: str | None) -> None:
        if logger.isEnabledFor(logging.INFO):
            logger.info(
                "%s %s -> %s in %.0f ms, attempt %d, trace id %s",
                self.request.method,
                self.request.path,
                outcome,
                (self.clock.monotonic() - self.began) * 1000,
                self.attempt,
                visible(self.redacted(trace_id or "-")),
            )


class Connections(Generic[ClientT]):
    """The connections of an HTTP client, shared by all transports over it, and who opened them.

    They are of no use to another process, which has them as well after a fork, and to another event loop.

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
        """Take note of who uses them, and stop before they are used that are closed or of somebody else.

        Raises:
            ConfigurationError: They cannot be used, or not from here.
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
        return ConfigurationError(
            "the client was used in another event loop, which its connections belong to.",
            hint="make and close a client within one run of an event loop, best by async with.",
            operation=operation,
        )


def _event_loop() -> object:
    from anyio.lowlevel import current_token  # noqa: PLC0415 - a sync client never needs it; it comes with httpx

    return current_token()


def _packing(response: httpx.Response, headers: Mapping[str, str]) -> str:
    """Tell how the chunks of an answer are packed; one that a transport had at once is unpacked already."""
    return "" if response.is_stream_consumed else headers.get("content-encoding", "")


def _unpacked(response: httpx.Response, headers: Mapping[str, str]) -> Iterator[bytes]:
    chunks = response.iter_bytes() if response.is_stream_consumed else response.iter_raw()
    packing = _packing(response, headers)
    return decode_chunks(chunks, GzipDecoder(packing)) if packing else chunks


def _async_chunks(response: httpx.Response) -> AsyncGenerator[bytes]:
    return _generator(response.aiter_bytes() if response.is_stream_consumed else response.aiter_raw())


def _async_unpacked(
    response: httpx.Response, headers: Mapping[str, str], chunks: AsyncIterator[bytes]
) -> AsyncIterator[bytes]:
    packing = _packing(response, headers)
    return AsyncDecodedChunks(chunks, GzipDecoder(packing)) if packing else chunks


def _generator(chunks: AsyncIterator[bytes]) -> AsyncGenerator[bytes]:
    """Give an iterator of httpx as the generator that it is, and is not declared as."""
    return cast("AsyncGenerator[bytes]", chunks)


class Transport:
    """Sends requests and lets time pass, by blocking.

    Args:
        endpoint: Where requests go.
        connections: What it goes over. Those that nobody holds on to any more are closed.
        clock: Tells the time and lets it pass.
    """

    def __init__(self, endpoint: Endpoint, connections: Connections[httpx.Client], clock: Clock) -> None:
        self.endpoint = endpoint
        self.connections = connections
        self.client = connections.client
        self.clock = clock

    def send(self, request: Request, attempt: int) -> Response:
        """Send a request once."""
        self.connections.claim(request)
        exchange = _Exchange(self.endpoint, request, attempt, self.clock, self.clock.monotonic())
        prepared = _prepared(self.client, self.endpoint, request, asynchronous=False)
        try:
            response = self.client.send(prepared, stream=True, auth=None, follow_redirects=False)
            headers = _headers(response)
            if request.stream and _is_download(request, response, headers):
                return exchange.to_response(
                    response, headers, b"", DownloadBody(response, headers, exchange, self.connections)
                )
            content, read_limit, whole = bytearray(), exchange.read_limit(response, headers), True
            try:
                for chunk in _unpacked(response, headers):
                    content += chunk
                    if len(content) > read_limit:
                        whole = False
                        break
            finally:
                response.close()
            return exchange.to_response(response, headers, bytes(content), whole=whole)
        except (httpx.HTTPError, DecodingError) as error:
            failure = exchange.to_error(error)
        # Raised here and not above: the context of an exception would keep the frames whose locals hold the headers.
        raise failure

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.clock.sleep(seconds)

    def with_endpoint(self, endpoint: Endpoint) -> Transport:
        """Give a transport to another endpoint over the same connections."""
        return Transport(endpoint, self.connections, self.clock)

    def close(self) -> None:
        """Close the connections."""
        self.client.close()


class AsyncTransport:
    """Sends requests and lets time pass, by awaiting.

    Args:
        endpoint: Where requests go.
        connections: What it goes over.
        clock: Tells the time and lets it pass.
    """

    def __init__(self, endpoint: Endpoint, connections: Connections[httpx.AsyncClient], clock: Clock) -> None:
        self.endpoint = endpoint
        self.connections = connections
        self.client = connections.client
        self.clock = clock

    async def send(self, request: Request, attempt: int) -> Response:
        """Send a request once."""
        loop = _event_loop()
        self.connections.claim(request, loop)
        exchange = _Exchange(self.endpoint, request, attempt, self.clock, self.clock.monotonic())
        prepared = _prepared(self.client, self.endpoint, request, asynchronous=True)
        try:
            response = await self.client.send(prepared, stream=True, auth=None, follow_redirects=False)
            headers = _headers(response)
            if request.stream and _is_download(request, response, headers):
                return exchange.to_response(response, headers, b"", AsyncDownloadBody(response, headers, exchange))
            content, read_limit, whole = bytearray(), exchange.read_limit(response, headers), True
            try:
                # Closed here if it is left early: trio complains of generators that are left to be collected.
                async with aclosing(_async_chunks(response)) as chunks:
                    async for chunk in _async_unpacked(response, headers, chunks):
                        content += chunk
                        if len(content) > read_limit:
                            whole = False
                            break
            finally:
                await response.aclose()
            return exchange.to_response(response, headers, bytes(content), whole=whole)
        except (httpx.HTTPError, DecodingError) as error:
            failure: Exception = exchange.to_error(error)
        except RuntimeError:
            # What event loops say of sockets that are another's. A mistake in somebody's own transport is passed on.
            if not self.connections.is_elsewhere(loop):
                raise
            failure = self.connections.wrong_loop_error(request.operation)
        raise failure

    async def sleep(self, seconds: float) -> None:
        """Let time pass."""
        await self.clock.asleep(seconds)

    def with_endpoint(self, endpoint: Endpoint) -> AsyncTransport:
        """Give a transport to another endpoint over the same connections."""
        return AsyncTransport(endpoint, self.connections, self.clock)

    async def close(self) -> None:
        """Close the connections.

        Raises:
            ConfigurationError: They belong to another event loop.
        """
        try:
            await self.client.aclose()
        except RuntimeError:
            if not self.connections.is_elsewhere(_event_loop()):
                raise
            failure = self.connections.wrong_loop_error()
        else:
            return
        raise failure


class DownloadBody:
    """The body of a streamed answer, still on the wire. It is gone through once."""

    def __init__(
        self,
        response: httpx.Response,
        headers: Mapping[str, str],
        exchange: _Exchange,
        connections: Connections[httpx.Client],
    ) -> None:
        self._response = response
        self._headers = headers
        self._exchange = exchange
        # Held on to: it may be read when the client is long gone.
        self._connections = connections
        self._spent = False

    def __iter__(self) -> Iterator[bytes]:
        if self._spent:
            raise self._exchange.already_read()
        self._spent = True
        try:
            yield from _unpacked(self._response, self._headers)
        except (httpx.HTTPError, DecodingError) as error:
            failure = self._exchange.to_error(error)
        else:
            return
        finally:
            self._response.close()
        raise failure

    def close(self) -> None:
        """Give the connection back, read to the end or not."""
        self._spent = True
        self._response.close()


class AsyncDownloadBody:
    """The body of a streamed answer, still on the wire. It is gone through once."""

    def __init__(self, response: httpx.Response, headers: Mapping[str, str], exchange: _Exchange) -> None:
        self._response = response
        self._headers = headers
        self._exchange = exchange
        self._chunks = _async_chunks(response)
        self._unpacked: AsyncIterator[bytes] | None = None
        self._spent = False

    def __aiter__(self) -> AsyncIterator[bytes]:
        # An iterator that has ended would pass for an empty file.
        if self._spent:
            raise self._exchange.already_read()
        self._spent = True
        return self

    async def __anext__(self) -> bytes:
        try:
            if self._unpacked is None:
                self._unpacked = _async_unpacked(self._response, self._headers, self._chunks)
            return await anext(self._unpacked)
        except StopAsyncIteration:
            await self._response.aclose()
            raise
        except (httpx.HTTPError, DecodingError) as error:
            failure = self._exchange.to_error(error)
        await self._response.aclose()
        raise failure

    async def close(self) -> None:
        """Give the connection back, read to the end or not."""
        self._spent = True
        await self._chunks.aclose()
        await self._response.aclose()


def new_client(timeout: float) -> httpx.Client:
    """Make an HTTP client with this package's limits."""
    return httpx.Client(timeout=_timeout(timeout), limits=_limits(), cookies=_no_cookies())


def new_async_client(timeout: float) -> httpx.AsyncClient:
    """Make an HTTP client with this package's limits."""
    return httpx.AsyncClient(timeout=_timeout(timeout), limits=_limits(), cookies=_no_cookies())
