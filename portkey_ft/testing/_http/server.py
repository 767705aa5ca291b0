"""The fake gateway as an HTTP server on a socket."""

from __future__ import annotations

import contextlib
import http.server
import socket
import socketserver
import sys
import threading
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, cast

from portkey_ft.testing._http.messages import Request, Response

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator

_CHUNK: Final = 64 * 1024


class _Server(http.server.ThreadingHTTPServer):
    """An HTTP server that tracks its open connections, so that it can close idle ones when it stops."""

    # Threads are joined when the server closes, so that none outlives it.
    daemon_threads = False
    block_on_close = True
    # A burst of connections must not overflow the queue.
    request_queue_size = 1024

    def __init__(self, address: tuple[str, int], handle: Callable[[Request], Response]) -> None:
        self.handle = handle
        self.stopping = threading.Event()
        self._connections: set[socket.socket] = set()
        self._lock = threading.Lock()
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        super().__init__(address, _Handler)

    def server_bind(self) -> None:
        """Bind without resolving the host's name, which may need the network."""
        socketserver.TCPServer.server_bind(self)

    def add(self, connection: socket.socket) -> None:
        """Start tracking a connection."""
        with self._lock:
            self._connections.add(connection)
            if self.stopping.is_set():
                _shut_down(connection)

    def remove(self, connection: socket.socket) -> None:
        """Stop tracking a connection."""
        with self._lock:
            self._connections.discard(connection)

    def close_connections(self) -> None:
        """Shut down all connections, which wakes the threads that wait for data."""
        self.stopping.set()
        with self._lock:
            for connection in self._connections:
                _shut_down(connection)

    def handle_error(self, request: socket.socket | tuple[bytes, socket.socket], client_address: object) -> None:
        """Ignore a client that disconnects; report everything else."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


def _chunk_size(line: bytes) -> int:
    try:
        return int(line.partition(b";")[0], 16)
    except ValueError:
        raise ConnectionAbortedError from None


def _shut_down(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


class _Handler(http.server.BaseHTTPRequestHandler):
    """Handles the requests of one connection, one after the other."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    @property
    def _own_server(self) -> _Server:
        return cast("_Server", self.server)

    def setup(self) -> None:
        super().setup()
        self._own_server.add(self.connection)

    def finish(self) -> None:
        self._own_server.remove(self.connection)
        super().finish()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Log nothing."""

    def _chunks(self) -> Iterator[bytes]:
        while size := _chunk_size(self.rfile.readline()):
            yield self._exactly(size)
            self.rfile.readline()
        while self.rfile.readline().strip():
            continue

    def _counted(self, left: int) -> Iterator[bytes]:
        while left:
            chunk = self._exactly(min(left, _CHUNK))
            left -= len(chunk)
            yield chunk

    def _exactly(self, size: int) -> bytes:
        chunk = self.rfile.read(size)
        if len(chunk) < size:
            # An incomplete request must not be handled as a complete one.
            raise ConnectionAbortedError
        return chunk

    def _request(self) -> Request:
        path, _, query = self.path.partition("?")
        chunked = self.headers.get("transfer-encoding", "").lower() == "chunked"
        chunks = self._chunks() if chunked else self._counted(int(self.headers.get("content-length") or 0))
        return Request(method=self.command, path=path, query=query, headers=dict(self.headers.items()), body=chunks)

    def _respond(self) -> None:
        response = self._own_server.handle(self._request())
        delivery = response.delivery
        if delivery.delay:
            self._own_server.stopping.wait(delivery.delay)
        if delivery.refused or delivery.silent or self._own_server.stopping.is_set():
            self.close_connection = True
            return
        self._send(response)

    # The base class looks up a method named after the HTTP method.
    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _respond  # noqa: N815 - these names are the base class's

    def _send(self, response: Response) -> None:
        body, cut_after = response.body, response.delivery.cut_after
        framing = _length(body, cut_after) if isinstance(body, bytes) else "transfer-encoding: chunked"
        lines = [f"HTTP/1.1 {response.status} {_phrase(response.status)}", framing]
        lines += [f"{name}: {value}" for name, value in response.headers.items()]
        head = "\r\n".join([*lines, "", ""]).encode("latin-1")
        if cut_after is not None:
            self.close_connection = True
        if isinstance(body, bytes):
            # One write: two would cost tens of milliseconds when the client delays its acknowledgement.
            self.connection.sendall(head + body[:cut_after])
        else:
            self._stream(head, body, cut_after)

    def _stream(self, head: bytes, chunks: Iterable[bytes], cut_after: int | None) -> None:
        self.connection.sendall(head)
        left = cut_after
        for chunk in chunks:
            sent = chunk[:left]
            self.connection.sendall(b"%x\r\n%b\r\n" % (len(sent), sent) if sent else b"")
            if left is not None:
                left -= len(sent)
                if left == 0:
                    return
        if cut_after is None:
            self.connection.sendall(b"0\r\n\r\n")


def _length(body: bytes, cut_after: int | None) -> str:
    # A body shorter than the cut is cut at its end: so announce more bytes than are sent.
    return f"content-length: {len(body) if cut_after is None else max(len(body), cut_after + 1)}"


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:  # the gateway's own 246 and 446
        return "Guardrail"


@contextlib.contextmanager
def serving(handle: Callable[[Request], Response], host: str, port: int) -> Generator[str, None, None]:
    """Serve HTTP requests while the context lasts.

    Args:
        handle: returns the response to a request; called from several threads at once.
        host: the address to listen on.
        port: the port to listen on; 0 picks a free one.

    Yields:
        the URL of the server, without a trailing slash.

    Raises:
        OSError: the server cannot listen on that address.
    """
    with _Server((host, port), handle) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, name="fake-gateway")
        thread.start()
        try:
            name = f"[{host}]" if ":" in host else host
            yield f"http://{name}:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()
            server.close_connections()
