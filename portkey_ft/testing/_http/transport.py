"""The fake gateway as an httpx transport: the only module of ``portkey_ft.testing`` that imports httpx.

It does without sockets what the loopback server does with them.
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
    for chunk in [body] if isinstance(body, bytes) else body:
        if left is None:
            yield chunk
            continue
        yield chunk[:left]
        left -= len(chunk[:left])
        if left == 0:
            break
    if cut_after is not None:
        raise httpx.RemoteProtocolError(_CUT)


class _Stream(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A response body for both the sync and the async client."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks_of = chunks

    def __iter__(self) -> Iterator[bytes]:
        yield from self._chunks_of

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self._chunks_of:
            yield chunk


def _read_timeout(request: httpx.Request) -> float | None:
    timeout = request.extensions.get("timeout", {}).get("read")
    return timeout if isinstance(timeout, int | float) else None


def _wait(request: httpx.Request, delivery: Delivery) -> tuple[float, bool]:
    """Return how long to wait, and whether the client's read timeout expires first."""
    timeout = _read_timeout(request)
    if timeout is not None and delivery.delay > timeout:
        return timeout, True
    return delivery.delay, False


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
    """Passes the requests of ``httpx.Client`` and ``httpx.AsyncClient`` to a fake gateway, without a socket.

    Args:
        handle: returns the response to a request.
        clock: sleeps for the delays of faults.
    """

    def __init__(self, handle: Callable[[Request], Response], clock: Clock) -> None:
        super().__init__(self.handle_request)
        self._handle = handle
        self._clock = clock

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Return the response to a request of ``httpx.Client``.

        Raises:
            httpx.TransportError: a ``Fault`` simulates a connection failure or a delay.
        """
        request.read()
        response = self._handle(_incoming(request))
        _refuse(request, response)
        seconds, late = _wait(request, response.delivery)
        if seconds:
            self._clock.sleep(seconds)
        return _outgoing(request, response, late=late)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Return the response to a request of ``httpx.AsyncClient``.

        Raises:
            httpx.TransportError: a ``Fault`` simulates a connection failure or a delay.
        """
        await request.aread()
        response = self._handle(_incoming(request))
        _refuse(request, response)
        seconds, late = _wait(request, response.delivery)
        if seconds:
            await self._clock.asleep(seconds)
        return _outgoing(request, response, late=late)
