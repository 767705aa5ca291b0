"""Responses that come while a request is still being sent.

A server that refuses an upload (413, 401) says so at once and closes. A socket that blocks can still be read when
sending fails. An event loop's is not: asyncio's transport closes it with the response unread, an encrypted connection
stays broken in both directions, and all that is left is a broken pipe. So the response is listened for while a body
goes out.
"""

# httpx offers no other way to the connections of a client that it has made.
# pyright: reportPrivateUsage=false

from __future__ import annotations

import ssl
from collections.abc import Iterable
from typing import Any, Final

import anyio
import httpcore
import httpx
from anyio.lowlevel import checkpoint

__all__ = ["listen_while_sending"]

_LARGEST: Final = 1024 * 1024
_READ: Final = 64 * 1024
#: The listener begins, the loop finds the socket readable, it is read, the listener wakes and decrypts; one to spare.
_TURNS: Final = 6


def listen_while_sending(client: httpx.AsyncClient) -> httpx.AsyncClient:
    """Let the connections that an HTTP client will open listen while they send."""
    # httpx has no argument for the backend of its pools. A client without them is left as it is.
    for transport in (client._transport, *client._mounts.values()):  # noqa: SLF001 - see above
        pool = getattr(transport, "_pool", None)
        if isinstance(pool, httpcore.AsyncConnectionPool):
            pool._network_backend = _Backend(pool._network_backend)  # noqa: SLF001 - see above
    return client


class _Backend(httpcore.AsyncNetworkBackend):
    """Opens connections as another backend does."""

    def __init__(self, inner: httpcore.AsyncNetworkBackend) -> None:
        self._inner = inner

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's interface
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Open a connection."""
        return _Stream(await self._inner.connect_tcp(host, port, timeout, local_address, socket_options))

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's interface
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Open a connection to a socket of this machine."""
        return _Stream(await self._inner.connect_unix_socket(path, timeout, socket_options))

    async def sleep(self, seconds: float) -> None:
        """Let time pass."""
        await self._inner.sleep(seconds)


class _Stream(httpcore.AsyncNetworkStream):
    """A connection that keeps what comes in while a body goes out."""

    def __init__(self, inner: httpcore.AsyncNetworkStream) -> None:
        self._inner = inner
        self._early = bytearray()
        self._in_body = False

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109 - as above
        """Read what came early, or what comes."""
        self._in_body = False
        if self._early:
            chunk = bytes(self._early[:max_bytes])
            del self._early[:max_bytes]
            return chunk
        return await self._inner.read(max_bytes, timeout)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109 - as above
        """Write, and listen meanwhile."""
        if not (self._in_body and buffer):
            # The head of a request: nothing comes before it.
            self._in_body = True
            await self._inner.write(buffer, timeout)
            return
        failure: Exception | None = None
        async with anyio.create_task_group() as group:
            group.start_soon(self._listen)
            # Writing may close the socket at once; what is there already is heard before.
            for _turn in range(_TURNS):
                await checkpoint()
            try:
                await self._inner.write(buffer, timeout)
            except anyio.EndOfStream:
                # Of an encrypted connection that the other side has closed; httpcore lets it pass.
                failure = httpcore.WriteError("the connection was closed")
            except Exception as error:  # noqa: BLE001 - raised below, where no group wraps it
                failure = error
            group.cancel_scope.cancel()
        if failure is not None:
            raise failure

    async def _listen(self) -> None:
        try:
            while len(self._early) < _LARGEST and (chunk := await self._inner.read(_READ)):
                self._early += chunk
        except httpcore.NetworkError:
            # Writing, or the next read, meets the same.
            return

    async def aclose(self) -> None:
        """Close."""
        await self._inner.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - as above
    ) -> httpcore.AsyncNetworkStream:
        """Go on encrypted."""
        self._in_body = False
        return _Stream(await self._inner.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - httpcore's interface
        """Tell something about the connection."""
        return self._inner.get_extra_info(info)
