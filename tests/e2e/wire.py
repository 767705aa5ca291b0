"""A small HTTP server on loopback, which the providers' back ends run on."""

from __future__ import annotations

import contextlib
import http.server
import json
import socket
import socketserver
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast
from urllib.parse import parse_qs, unquote

from attrs import field, frozen

JSON_TYPE = "application/json"
OCTETS = "application/octet-stream"


@frozen
class Received:
    """A received request.

    Attributes:
        method: The HTTP method.
        path: The path, still encoded, without the query.
        query: The query, decoded; the last value of each name.
        headers: The headers, with lower-case names.
        body: The whole body.
        target: The path with the query, as it was sent.
        host: The intended host, where the gateway's hosts are mapped.
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    target: str = ""
    host: str = ""

    @property
    def json(self) -> Any:  # noqa: ANN401 - any JSON
        """The body as JSON."""
        return json.loads(self.body)

    def segments(self) -> list[str]:
        """The decoded parts of the path."""
        return [unquote(segment) for segment in self.path.strip("/").split("/")]


@frozen
class Response:
    """A response."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(factory=dict)


def as_json(document: object, status: int = 200, **headers: str) -> Response:
    """Respond with JSON."""
    return Response(status, json.dumps(document).encode(), {"content-type": JSON_TYPE, **headers})


def as_bytes(content: bytes, **headers: str) -> Response:
    """Respond with the bytes of a file."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(200, content, {"content-type": OCTETS, **named})


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = False
    block_on_close = True
    request_queue_size = 256

    def __init__(self, respond: Callable[[Received], Response]) -> None:
        self.respond = respond
        self.open: set[socket.socket] = set()
        self.lock = threading.Lock()
        super().__init__(("127.0.0.1", 0), _Handler)

    def server_bind(self) -> None:
        """Bind without a reverse lookup of the host name, which may need the network."""
        socketserver.TCPServer.server_bind(self)

    def hang_up(self) -> None:
        """Close the connections that clients keep alive."""
        with self.lock:
            for connection in self.open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, *_: object) -> None:
        """Do not log a client that disconnected."""


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 30

    def setup(self) -> None:
        super().setup()
        server = cast("_Server", self.server)
        with server.lock:
            server.open.add(self.connection)

    def finish(self) -> None:
        server = cast("_Server", self.server)
        with server.lock:
            server.open.discard(self.connection)
        with contextlib.suppress(OSError):
            super().finish()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Do not log requests."""

    def _body(self) -> bytes:
        if self.headers.get("transfer-encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("content-length") or 0))
        chunks = []
        while size := int(self.rfile.readline().split(b";")[0] or b"0", 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)

    def _serve(self) -> None:
        path, _, query = self.path.partition("?")
        parsed = {name: values[-1] for name, values in parse_qs(query, keep_blank_values=True).items()}
        headers = {name.lower(): value for name, value in self.headers.items()}
        response = cast("_Server", self.server).respond(
            Received(self.command, path, parsed, headers, self._body(), self.path)
        )
        given = {"content-length": str(len(response.body)), **response.headers}
        lines = [f"HTTP/1.1 {response.status} Status", *(f"{name}: {value}" for name, value in given.items()), "", ""]
        # Head and body in one write: a second one would wait for a delayed acknowledgement.
        body = b"" if self.command == "HEAD" else response.body
        self.connection.sendall("\r\n".join(lines).encode("latin-1") + body)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _serve  # noqa: N815 - these names are the base class's


@contextlib.contextmanager
def serving(respond: Callable[[Received], Response]) -> Iterator[str]:
    """Serve on a free loopback port while the context lasts; leave no thread and no port behind.

    Yields:
        The server's URL, without a trailing slash.
    """
    with _Server(respond) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, name="back end")
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()
            server.hang_up()
