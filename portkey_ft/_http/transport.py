"""The wire: what is called of an HTTP client, whichever library it is of.

It adds origin and credentials to a request and sends it. It keeps the promises about credentials: they are sent to the
configured origin alone, redirects are never followed, and exceptions and log lines have them masked.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, cast

from attrs import evolve

from portkey_ft._http.decoding import ACCEPTED, DecodingError
from portkey_ft._http.exchange import BodyReader, Connections, Endpoint, Exchange, Head
from portkey_ft._http.library import HTTPLibrary, library_of, parse_url
from portkey_ft._http.messages import Request, Response
from portkey_ft._redaction import without_traceback
from portkey_ft._version import __version__
from portkey_ft.auth import bearer
from portkey_ft.clock import Clock
from portkey_ft.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator

    import httpx

    from portkey_ft.auth import TokenSource

__all__ = ["AsyncTransport", "Transport", "checked_base_url"]

#: Beyond it, operating systems wrap around, silently, to a different port.
LAST_PORT = 65535

#: Extensions of each request, for hooks and instrumentation of the HTTP library: the operation, and the attempt from 1.
OPERATION = "portkey_ft.operation"
ATTEMPT = "portkey_ft.attempt"

# Where a redirect leads, and where that is kept among a response's extensions.
_LOCATION = "location"
_KEPT_LOCATION = "portkey_ft.location"

_USER_AGENT = f"portkey-ft/{__version__}"


def checked_base_url(base_url: object) -> str:
    """Return a base URL in the form that paths are appended to.

    Raises:
        ConfigurationError: It is no http(s) URL, or holds what would not belong there.
    """
    if not isinstance(base_url, str) or not base_url or base_url != base_url.strip():
        message = "base_url is empty, or begins or ends with white space."
        raise ConfigurationError(message, hint='pass a URL such as "https://gateway.example.com/v1".')
    url = parse_url(base_url)
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


@without_traceback
def _prepared(
    client: httpx.Client | httpx.AsyncClient,
    library: HTTPLibrary,
    endpoint: Endpoint,
    request: Request,
    attempt: int,
    *,
    asynchronous: bool = False,
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
        prepared = client.build_request(
            request.method,
            endpoint.base_url + request.path,
            params=request.params or None,
            headers=headers,
            timeout=library.timeout_of(seconds),
            extensions={OPERATION: request.operation, ATTEMPT: attempt},
            **body,
        )
        if asynchronous and request.upload is not None:
            # Around an iterator the library puts an async generator, which is left to be collected if sending fails.
            prepared.stream = library.async_body(cast("AsyncIterator[bytes]", body["content"]))
        return prepared  # noqa: TRY300 - the except clause raises
    except (library.unwritable_url, UnicodeEncodeError) as error:
        what = " or ".join(request.params) or "an id"
        message = f"{what} cannot be written in a URL: it is far too long, or no text."
        if isinstance(error, UnicodeEncodeError) and error.encoding == "ascii":
            # Ours were checked.
            message = "a header or cookie of http_client= cannot be sent: it is not ASCII."
    raise ConfigurationError(message, operation=request.operation)


def _headers(response: httpx.Response) -> dict[str, str]:
    """Give a response's headers with lower-case names; a header that comes twice is joined (RFC 9110, 5.3).

    The HTTP library looks each one up in a list, which for a handful takes a tenth of the time of a call.
    """
    headers: dict[str, str] = {**response.extensions.get(_KEPT_LOCATION, {})}
    for raw_name, raw_value in response.headers.raw:
        name, value = _text(raw_name).lower(), _text(raw_value)
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def _set_location_aside(response: httpx.Response) -> None:
    """Keep the library from reading where a redirect leads: it is not followed, and a bad URL would hide the status."""
    if response.has_redirect_location and OPERATION in response.request.extensions:
        response.extensions[_KEPT_LOCATION] = {_LOCATION: response.headers.pop(_LOCATION)}


async def _set_location_aside_async(response: httpx.Response) -> None:
    _set_location_aside(response)


def _add_hook(client: httpx.Client | httpx.AsyncClient, hook: Callable[[httpx.Response], Any]) -> None:
    """Call a hook with each response, after those that a client that was passed in has already."""
    hooks = client.event_hooks
    if hook not in hooks["response"]:
        client.event_hooks = {**hooks, "response": [*hooks["response"], hook]}


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("iso-8859-1")


def _event_loop() -> object:
    from anyio.lowlevel import current_token  # noqa: PLC0415 - a sync client never needs it; it comes with httpx

    return current_token()


def _head(response: httpx.Response) -> Head:
    """Give the first part of a response. A body that a transport had at once is decoded already."""
    headers = _headers(response)
    encoding = "" if response.is_stream_consumed else headers.get("content-encoding", "")
    return Head(response.status_code, headers, str(response.request.url), encoding)


def _chunks(response: httpx.Response) -> Iterator[bytes]:
    return response.iter_bytes() if response.is_stream_consumed else response.iter_raw()


def _async_chunks(response: httpx.Response) -> AsyncGenerator[bytes]:
    chunks = response.aiter_bytes() if response.is_stream_consumed else response.aiter_raw()
    # Generators, though they are not declared as such.
    return cast("AsyncGenerator[bytes]", chunks)


def _token(request: Request, source: TokenSource) -> object:
    token = source()
    if not isinstance(token, Awaitable):
        return token
    if isinstance(token, Coroutine):
        # It would warn that it was never awaited.
        token.close()
    message = "authorization is an async function, which a client that blocks cannot call."
    raise ConfigurationError(message, hint="pass a plain function, or use AsyncPortkey.", operation=request.operation)


async def _async_token(source: TokenSource) -> object:
    token = source()
    return await token if isinstance(token, Awaitable) else token


@without_traceback
def _authorized(request: Request, token: object) -> Request:
    """Add a token that was asked for, which is a secret of this request alone."""
    try:
        return evolve(request, headers={**request.headers, "authorization": bearer(token)})
    except ConfigurationError as error:
        error.operation = request.operation
        raise


class Transport:
    """Sends requests and lets time pass, by blocking.

    Args:
        endpoint: Where requests go.
        connections: The connections. They are closed when nothing refers to them any more.
        clock: Tells the time and lets it pass.
    """

    def __init__(self, endpoint: Endpoint, connections: Connections[httpx.Client], clock: Clock) -> None:
        self.endpoint = endpoint
        self.connections = connections
        self.client = connections.client
        self._library = library_of(connections.client)
        self._failures: tuple[type[Exception], ...] = (*self._library.errors.all, DecodingError)
        self.clock = clock
        _add_hook(self.client, _set_location_aside)

    def send(self, request: Request, attempt: int) -> Response:
        """Send a request once."""
        self.connections.claim(request)
        if self.endpoint.token_source is not None:
            request = _authorized(request, _token(request, self.endpoint.token_source))
        exchange = Exchange(self.endpoint, request, attempt, self.clock, self._library.errors, self.clock.monotonic())
        prepared = _prepared(self.client, self._library, self.endpoint, request, attempt)
        head: Head | None = None
        reader: BodyReader | None = None
        try:
            response = self.client.send(prepared, stream=True, auth=None, follow_redirects=False)
            head = _head(response)
            if exchange.leaves_body_on_wire(head):
                from portkey_ft._http.bodies import StreamedBody  # noqa: PLC0415 - for downloads alone

                return exchange.to_response(head, body=StreamedBody(_chunks(response), response, head, exchange))
            try:
                reader = exchange.reader(head)
                for chunk in _chunks(response):
                    if not reader.feed(chunk):
                        break
                reader.finish()
            finally:
                response.close()
            return exchange.to_response(head, bytes(reader.content), whole=reader.whole)
        except self._failures as error:
            outcome = exchange.settle(error, head, reader)
        if isinstance(outcome, Response):
            return outcome
        # Raised here and not above: the context of an exception would keep the frames whose locals hold the headers.
        raise outcome

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
        self._library = library_of(connections.client)
        self._failures: tuple[type[Exception], ...] = (*self._library.errors.all, DecodingError)
        self.clock = clock
        _add_hook(self.client, _set_location_aside_async)

    async def send(self, request: Request, attempt: int) -> Response:
        """Send a request once."""
        loop = _event_loop()
        self.connections.claim(request, loop)
        if self.endpoint.token_source is not None:
            request = _authorized(request, await _async_token(self.endpoint.token_source))
        exchange = Exchange(self.endpoint, request, attempt, self.clock, self._library.errors, self.clock.monotonic())
        prepared = _prepared(self.client, self._library, self.endpoint, request, attempt, asynchronous=True)
        head: Head | None = None
        reader: BodyReader | None = None
        outcome: Response | Exception
        try:
            response = await self.client.send(prepared, stream=True, auth=None, follow_redirects=False)
            head = _head(response)
            if exchange.leaves_body_on_wire(head):
                from portkey_ft._http.bodies import AsyncStreamedBody  # noqa: PLC0415 - for downloads alone

                return exchange.to_response(
                    head, body=AsyncStreamedBody(_async_chunks(response), response, head, exchange)
                )
            try:
                reader = exchange.reader(head)
                # Closed here if it is left early: trio complains of generators that are left to be collected.
                async with aclosing(_async_chunks(response)) as chunks:
                    async for chunk in chunks:
                        if not reader.feed(chunk):
                            break
                reader.finish()
            finally:
                await response.aclose()
            return exchange.to_response(head, bytes(reader.content), whole=reader.whole)
        except self._failures as error:
            outcome = exchange.settle(error, head, reader)
        except RuntimeError:
            # What event loops say of sockets that are another's. A mistake in somebody's own transport is passed on.
            if not self.connections.is_elsewhere(loop):
                raise
            outcome = self.connections.wrong_loop_error(request.operation)
        if isinstance(outcome, Response):
            return outcome
        raise outcome

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
