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

_PIECE: Final = 64 * 1024


class _Server(http.server.ThreadingHTTPServer):
    """Knows its open connections, so that it can close those that are idle when it stops."""

    # Threads are joined when the server closes: none outlives it.
    daemon_threads = False
    block_on_close = True
    # A burst of clients must not meet a full queue.
    request_queue_size = 1024

    def __init__(self, address: tuple[str, int], handle: Callable[[Request], Response]) -> None:
        self.handle = handle
        self.stopping = threading.Event()
        self._connections: set[socket.socket] = set()
        self._lock = threading.Lock()
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        super().__init__(address, _Handler)

    def server_bind(self) -> None:
        """Bind without asking for the host's name, which may go to the network."""
        socketserver.TCPServer.server_bind(self)

    def enter(self, connection: socket.socket) -> None:
        """Remember a connection."""
        with self._lock:
            self._connections.add(connection)
            if self.stopping.is_set():
                _hang_up(connection)

    def leave(self, connection: socket.socket) -> None:
        """Forget a connection."""
        with self._lock:
            self._connections.discard(connection)

    def hang_up(self) -> None:
        """End all connections, which wakes the threads that wait on them."""
        self.stopping.set()
        with self._lock:
            for connection in self._connections:
                _hang_up(connection)

    def handle_error(self, request: socket.socket | tuple[bytes, socket.socket], client_address: object) -> None:
        """Say nothing if a client breaks off, which is no error of a server; tell all else."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


def _chunk_size(line: bytes) -> int:
    try:
        return int(line.partition(b";")[0], 16)
    except ValueError:
        raise ConnectionAbortedError from None


def _hang_up(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


class _Handler(http.server.BaseHTTPRequestHandler):
    """One connection: reads requests from it, one after the other."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    @property
    def _own_server(self) -> _Server:
        return cast("_Server", self.server)

    def setup(self) -> None:
        super().setup()
        self._own_server.enter(self.connection)

    def finish(self) -> None:
        self._own_server.leave(self.connection)
        super().finish()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Say nothing."""

    def _chunks(self) -> Iterator[bytes]:
        while size := _chunk_size(self.rfile.readline()):
            yield self._exactly(size)
            self.rfile.readline()
        while self.rfile.readline().strip():
            continue

    def _counted(self, left: int) -> Iterator[bytes]:
        while left:
            piece = self._exactly(min(left, _PIECE))
            left -= len(piece)
            yield piece

    def _exactly(self, size: int) -> bytes:
        piece = self.rfile.read(size)
        if len(piece) < size:
            # Half a request must not be taken for a whole one.
            raise ConnectionAbortedError
        return piece

    def _request(self) -> Request:
        path, _, query = self.path.partition("?")
        chunked = self.headers.get("transfer-encoding", "").lower() == "chunked"
        pieces = self._chunks() if chunked else self._counted(int(self.headers.get("content-length") or 0))
        return Request(method=self.command, path=path, query=query, headers=dict(self.headers.items()), body=pieces)

    def _answer(self) -> None:
        response = self._own_server.handle(self._request())
        delivery = response.delivery
        if delivery.delay:
            self._own_server.stopping.wait(delivery.delay)
        if delivery.refused or delivery.silent or self._own_server.stopping.is_set():
            self.close_connection = True
            return
        self._send(response)

    # The base class looks for a method of the name of the HTTP method.
    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer  # noqa: N815 - these names are the base class's

    def _send(self, response: Response) -> None:
        body, cut_after = response.body, response.delivery.cut_after
        framing = _length(body, cut_after) if isinstance(body, bytes) else "transfer-encoding: chunked"
        lines = [f"HTTP/1.1 {response.status} {_phrase(response.status)}", framing]
        lines += [f"{name}: {value}" for name, value in response.headers.items()]
        head = "\r\n".join([*lines, "", ""]).encode("latin-1")
        if cut_after is not None:
            self.close_connection = True
        if isinstance(body, bytes):
            # One write: two of them cost tens of milliseconds when the client delays its acknowledgement.
            self.connection.sendall(head + body[:cut_after])
        else:
            self._stream(head, body, cut_after)

    def _stream(self, head: bytes, pieces: Iterable[bytes], cut_after: int | None) -> None:
        self.connection.sendall(head)
        left = cut_after
        for piece in pieces:
            sent = piece[:left]
            self.connection.sendall(b"%x\r\n%b\r\n" % (len(sent), sent) if sent else b"")
            if left is not None:
                left -= len(sent)
                if left == 0:
                    return
        if cut_after is None:
            self.connection.sendall(b"0\r\n\r\n")


def _length(body: bytes, cut_after: int | None) -> str:
    # A body that is shorter than the cut is cut at its end: so more is promised than there is.
    return f"content-length: {len(body) if cut_after is None else max(len(body), cut_after + 1)}"


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:  # the gateway's own 246 and 446
        return "Guardrail"


@contextlib.contextmanager
def serving(handle: Callable[[Request], Response], host: str, port: int) -> Generator[str, None, None]:
    """Answer HTTP requests while the context lasts.

    Args:
        handle: answers a request; called from several threads at once.
        host: the address to listen on.
        port: likewise; 0 takes a free one.

    Yields:
        the URL of the server, without a slash at the end.

    Raises:
        OSError: the address cannot be listened on.
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
            server.hang_up()
