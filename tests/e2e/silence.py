"""HTTP clients whose reads time out when the other side has fallen silent, however busy the machine is.

The other side says when: no test waits for a number of seconds to pass, and none fails because they have passed.
"""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterable
from typing import Any

import httpcore
import httpx
from attrs import define, field

#: How long one attempt to read takes before the client asks again whether there is silence.
TICK = 0.02
#: Generous: it is reached only by a test that fails.
LIMIT = 60.0


@define(eq=False)
class Silence:
    """Whether the other side says nothing more.

    Attributes:
        in_body: Whether it falls silent within the body of a response that has begun to arrive.
        begun: Set by the other side, once it has sent all that it sends.
    """

    in_body: bool = False
    begun: threading.Event = field(factory=threading.Event)

    def ends(self, received: int) -> bool:
        """Return whether a client that has received so many bytes of a response may stop waiting; it does so once."""
        if self.begun.is_set() and (received or not self.in_body):
            self.begun.clear()
            return True
        return False


class _Stream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream, silence: Silence) -> None:
        self._stream = stream
        self._silence = silence
        self._received = 0

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 - silence decides
        for _ in range(round(LIMIT / TICK)):
            # Asked before the attempt: what was sent before the silence began is read first.
            silent = self._silence.begun.is_set()
            try:
                data = self._stream.read(max_bytes, TICK)
            except httpcore.ReadTimeout:
                if silent and self._silence.ends(self._received):
                    raise
            else:
                self._received += len(data)
                return data
        message = f"neither bytes nor silence within {LIMIT:g} seconds"
        raise AssertionError(message)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._received = 0
        self._stream.write(buffer, timeout)

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, timeout), self._silence)

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - httpcore's
        return self._stream.get_extra_info(info)


class _AsyncStream(httpcore.AsyncNetworkStream):
    def __init__(self, stream: httpcore.AsyncNetworkStream, silence: Silence) -> None:
        self._stream = stream
        self._silence = silence
        self._received = 0

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002, ASYNC109 - as above
        for _ in range(round(LIMIT / TICK)):
            silent = self._silence.begun.is_set()
            try:
                data = await self._stream.read(max_bytes, TICK)
            except httpcore.ReadTimeout:
                if silent and self._silence.ends(self._received):
                    raise
            else:
                self._received += len(data)
                return data
        message = f"neither bytes nor silence within {LIMIT:g} seconds"
        raise AssertionError(message)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109 - httpcore's
        self._received = 0
        await self._stream.write(buffer, timeout)

    async def aclose(self) -> None:
        await self._stream.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's
    ) -> httpcore.AsyncNetworkStream:
        return _AsyncStream(await self._stream.start_tls(ssl_context, server_hostname, timeout), self._silence)

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - httpcore's
        return self._stream.get_extra_info(info)


class _Network(httpcore.SyncBackend):
    def __init__(self, silence: Silence) -> None:
        self._silence = silence

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        return _Stream(super().connect_tcp(host, port, timeout, local_address, socket_options), self._silence)


class _AsyncNetwork(httpcore.AnyIOBackend):
    def __init__(self, silence: Silence) -> None:
        self._silence = silence

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        stream = await super().connect_tcp(host, port, timeout, local_address, socket_options)
        return _AsyncStream(stream, self._silence)


def sync_http(silence: Silence) -> httpx.Client:
    """Make an HTTP client whose reads end with a silence."""
    transport = httpx.HTTPTransport(verify=False)
    transport._pool = httpcore.ConnectionPool(network_backend=_Network(silence))
    return httpx.Client(transport=transport, trust_env=False)


def async_http(silence: Silence) -> httpx.AsyncClient:
    """Make an async HTTP client whose reads end with a silence."""
    transport = httpx.AsyncHTTPTransport(verify=False)
    transport._pool = httpcore.AsyncConnectionPool(network_backend=_AsyncNetwork(silence))
    return httpx.AsyncClient(transport=transport, trust_env=False)
