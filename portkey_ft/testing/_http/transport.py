"""The fake gateway as a transport of httpx: the one module of this package that imports httpx.

It is the counterpart of the loopback server for tests that need no sockets, and a transport of httpx cannot be written
without httpx.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx

from portkey_ft.testing._http.messages import Body, Delivery, Request, Response

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Iterator

    from portkey_ft.testing._clock import Clock

_CUT = "peer closed connection without sending complete message body (the fake gateway cut it)"


def _until_cut(body: Body, cut_after: int | None) -> Iterator[bytes]:
    left = cut_after
    for piece in [body] if isinstance(body, bytes) else body:
        if left is None:
            yield piece
            continue
        yield piece[:left]
        left -= len(piece[:left])
        if left == 0:
            break
    if cut_after is not None:
        raise httpx.RemoteProtocolError(_CUT)


class _Stream(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body for both kinds of client."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = pieces

    def __iter__(self) -> Iterator[bytes]:
        yield from self._pieces

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            yield piece


def _read_timeout(request: httpx.Request) -> float | None:
    timeout = request.extensions.get("timeout", {}).get("read")
    return timeout if isinstance(timeout, int | float) else None


def _waiting(request: httpx.Request, delivery: Delivery) -> tuple[float, bool]:
    """Return how long to wait and whether the client's patience ends before the answer comes."""
    patience = _read_timeout(request)
    late = patience is not None and delivery.delay > patience
    return (patience if late and patience is not None else delivery.delay), late


def _incoming(request: httpx.Request) -> Request:
    path, _, query = request.url.raw_path.decode("ascii").partition("?")
    return Request(method=request.method, path=path, query=query, headers=dict(request.headers), body=request.content)


def _outgoing(request: httpx.Request, response: Response, *, late: bool) -> httpx.Response:
    delivery = response.delivery
    if late:
        message = "The fake gateway was slower than the client's timeout."
        raise httpx.ReadTimeout(message, request=request)
    if delivery.silent:
        message = "Server disconnected without sending a response."
        raise httpx.RemoteProtocolError(message, request=request)
    headers = dict(response.headers)
    if isinstance(response.body, bytes):
        headers["content-length"] = str(len(response.body))
    stream = _Stream(_until_cut(response.body, delivery.cut_after))
    return httpx.Response(response.status, headers=headers, stream=stream, request=request)


def _refuse(request: httpx.Request, response: Response) -> None:
    if response.delivery.refused:
        message = "Connection refused by the fake gateway."
        raise httpx.ConnectError(message, request=request)


class GatewayTransport(httpx.MockTransport):
    """Hands requests of ``httpx.Client`` and ``httpx.AsyncClient`` to a fake gateway, without a socket.

    Args:
        handle: the gateway's core.
        clock: what delays are waited on.
    """

    def __init__(self, handle: Callable[[Request], Response], clock: Clock) -> None:
        super().__init__(self.handle_request)
        self._handle = handle
        self._clock = clock

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request of ``httpx.Client``.

        Raises:
            httpx.TransportError: a fault asked for it.
        """
        request.read()
        response = self._handle(_incoming(request))
        _refuse(request, response)
        seconds, late = _waiting(request, response.delivery)
        if seconds:
            self._clock.sleep(seconds)
        return _outgoing(request, response, late=late)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request of ``httpx.AsyncClient``.

        Raises:
            httpx.TransportError: a fault asked for it.
        """
        await request.aread()
        response = self._handle(_incoming(request))
        _refuse(request, response)
        seconds, late = _waiting(request, response.delivery)
        if seconds:
            await self._clock.asleep(seconds)
        return _outgoing(request, response, late=late)
