"""A loopback proxy in front of a gateway or a provider, which injects network faults."""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from typing import BinaryIO

from attrs import define, field, frozen

from tests.e2e.loopback import Connection, wait_until_noticed, wait_until_read
from tests.e2e.silence import Silence

HOP_HEADERS = frozenset({"connection", "content-length", "keep-alive", "transfer-encoding"})
#: Generous: it is reached only by a test that fails.
LIMIT = 60.0

Deliver = Callable[[socket.socket, bytes, bytes], bool]
"""Sends a response (head and body) to the client; returns whether the connection stays open."""


@frozen
class Fault:
    """What happens to a request.

    Attributes:
        name: Its name in the table.
        deliver: How the response is sent to the client.
        forwards: Whether the request reaches the gateway before.
        instead: A head and a body that replace the response.
        unread: Whether the connection breaks before the request is read.
        closes: Whether the proxy stops listening.
        idle: Whether the idle connection is closed, before the request.
        at: The custom host that the gateway is given for the provider, if any.
    """

    name: str
    deliver: Deliver
    forwards: bool = True
    instead: tuple[bytes, bytes] | None = None
    unread: bool = False
    closes: bool = False
    idle: bool = False
    at: str | None = None

    @property
    def is_silent(self) -> bool:
        """Whether only a timeout of the client ends it."""
        return self.deliver in {silence, stalling}

    @property
    def stalls_in_body(self) -> bool:
        """Whether the response has begun when it stalls."""
        return self.deliver is stalling


def whole(client: socket.socket, head: bytes, body: bytes) -> bool:
    """Deliver the response unchanged."""
    client.sendall(head + body)
    return True


def reset(client: socket.socket, *_: bytes) -> bool:
    """Break the connection with a reset."""
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return False


def nothing(*_: object) -> bool:
    """Close the connection without a response."""
    return False


def silence(*_: object) -> bool:
    """Send nothing; the proxy keeps the connection open."""
    return False


def late(client: socket.socket, head: bytes, body: bytes) -> bool:
    """Respond after a short delay."""
    time.sleep(0.05)
    return whole(client, head, body)


def dripping(client: socket.socket, head: bytes, body: bytes) -> bool:
    """Respond in small chunks."""
    data = head + body
    size = max(1, len(data) // 20)
    for start in range(0, len(data), size):
        client.sendall(data[start : start + size])
        time.sleep(0.002)
    return True


def stalling(client: socket.socket, head: bytes, body: bytes) -> bool:
    """Stop in the middle of the body; the proxy keeps the connection open."""
    client.sendall(head + body[: len(body) // 2])
    return False


def cut_in_head(client: socket.socket, head: bytes, _: bytes) -> bool:
    """Stop within the head."""
    client.sendall(head[:20])
    return False


def cut_in_body(client: socket.socket, head: bytes, body: bytes) -> bool:
    """Stop within the body."""
    client.sendall(head + body[: len(body) // 2])
    return False


def reset_in_body(client: socket.socket, head: bytes, body: bytes) -> bool:
    """Break the connection with a reset within the body."""
    client.sendall(head + body[: len(body) // 2])
    # A reset makes the other side forget what it has not read.
    wait_until_read(client)
    return reset(client)


def announcing_less(client: socket.socket, head: bytes, body: bytes) -> bool:
    """Say that the body is shorter than it is."""
    short = head.replace(b"content-length: %d\r\n" % len(body), b"content-length: %d\r\n" % (len(body) // 2))
    client.sendall(short + body)
    return False


def _response(status: str, kind: str, body: bytes, *lines: str) -> tuple[bytes, bytes]:
    head = [f"HTTP/1.1 {status}", f"content-type: {kind}", f"content-length: {len(body)}", *lines, "", ""]
    return "\r\n".join(head).encode(), body


_JSON = "application/json"
_BUSY = b'{"error": {"message": "come back later"}}'
_ELSEWHERE = ("location: http://127.0.0.1:9/elsewhere",)
_TLS_ALERT = b"\x15\x03\x03\x00\x02\x02\x28"

FAULTS = (
    Fault("latency", late),
    Fault("slow drip", dripping),
    Fault("idle connection closed", whole, idle=True),
    Fault("closed without a response, not arrived", nothing, forwards=False, unread=True),
    Fault("closed without a response, arrived", nothing),
    Fault("reset, not arrived", reset, forwards=False, unread=True),
    Fault("reset, arrived", reset),
    Fault("half-open, not arrived", silence, forwards=False),
    Fault("half-open, arrived", silence),
    Fault("stalls in the body", stalling),
    Fault("cut in the head", cut_in_head),
    Fault("cut in the body", cut_in_body),
    Fault("reset in the body", reset_in_body),
    Fault("length too small", announcing_less),
    Fault("garbage in place of HTTP", whole, instead=(b"\x00\x01garbage\r\n\r\n", b"")),
    Fault("TLS in place of HTTP", whole, instead=(_TLS_ALERT, b"")),
    Fault("garbage in place of JSON", whole, instead=_response("200 OK", _JSON, b'{"object": "li')),
    Fault("a page to sign in", whole, instead=_response("200 OK", "text/html", b"<html>Sign in</html>")),
    Fault("redirect", whole, forwards=False, instead=_response("302 Found", "text/html", b"", *_ELSEWHERE)),
    Fault("429", whole, forwards=False, instead=_response("429 Busy", _JSON, _BUSY)),
    Fault("429, Retry-After", whole, forwards=False, instead=_response("429 Busy", _JSON, _BUSY, "retry-after: 7")),
    Fault("503", whole, forwards=False, instead=_response("503 Down", _JSON, _BUSY)),
    Fault("503, Retry-After", whole, forwards=False, instead=_response("503 Down", _JSON, _BUSY, "retry-after: 7")),
    Fault("500, a page", whole, instead=_response("500 Oops", "text/html", b"<html><h1>Oops</h1></html>")),
    Fault("503, arrived", whole, instead=_response("503 Down", _JSON, _BUSY)),
    Fault("connection refused", nothing, closes=True),
)


@define(eq=False)
class FaultProxy:
    """A proxy that injects a fault into one request, and forwards all others.

    Attributes:
        upstream: The port that it forwards to.
        tls: The TLS settings towards clients, if any.
        silence: Begins when the proxy has sent all that a silent fault lets it send.
        listener: The socket that clients connect to.
    """

    upstream: int
    tls: ssl.SSLContext | None = None
    silence: Silence = field(factory=Silence)
    listener: socket.socket = field(factory=lambda: socket.create_server(("127.0.0.1", 0)))
    _fault: Fault | None = None
    _spared: int = 0
    _open: set[socket.socket] = field(factory=set)
    _silent: set[socket.socket] = field(factory=set)
    _threads: list[threading.Thread] = field(factory=list)
    _lock: threading.Lock = field(factory=threading.Lock)

    @property
    def port(self) -> int:
        """The port that clients connect to."""
        port: int = self.listener.getsockname()[1]
        return port

    def strike(self, fault: Fault, spared: int = 0) -> None:
        """Inject a fault into the next request, or into a later one: ``spared`` requests are left alone before."""
        self._spared = spared
        self.silence.begun.clear()
        self.silence.in_body = fault.stalls_in_body
        if fault.closes:
            self.close_listener()
            self.hang_up()
        elif fault.idle:
            self.hang_up()
        else:
            self._fault = fault

    def close_listener(self) -> None:
        """Stop listening."""
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def hang_up(self) -> None:
        """Close every connection, and wait until whoever is connected can know it."""
        with self._lock:
            wait_until_noticed(filter(None, map(_shut_down, self._open)))

    def release(self) -> None:
        """Close the connections on which the proxy is silent, for a gateway that waits longer than the client."""
        with self._lock:
            for client in self._silent:
                _shut_down(client)

    def accept(self) -> None:
        """Serve clients until the listener is closed."""
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.tls is not None:
                # The thread that serves it does the handshake.
                client = self.tls.wrap_socket(client, server_side=True, do_handshake_on_connect=False)
            thread = threading.Thread(target=self._serve, args=(client,), name="fault proxy")
            with self._lock:
                self._open.add(client)
                self._threads.append(thread)
            thread.start()

    def join(self) -> None:
        """Wait until all connections have ended."""
        for thread in self._threads:
            thread.join()

    def _serve(self, client: socket.socket) -> None:
        with client, client.makefile("rb") as stream, contextlib.suppress(OSError, http.client.HTTPException):
            while self._exchange(client, stream):
                pass
        with self._lock:
            self._open.discard(client)

    def _exchange(self, client: socket.socket, stream: BinaryIO) -> bool:
        first = stream.read(1)
        if not first.isalpha():
            # The end of the connection, or a TLS handshake: its random bytes hold line ends, or none.
            return False
        line = first + stream.readline()
        with self._lock:
            fault = None if self._spared else self._fault
            self._spared = max(0, self._spared - 1)
            if fault is not None:
                self._fault = None
        if fault is not None and fault.unread:
            return fault.deliver(client, b"", b"")
        request = _read(line, stream)
        head, body = self._forward(*request) if fault is None or fault.forwards else (b"", b"")
        if fault is None:
            return whole(client, head, body)
        lives = fault.deliver(client, *(fault.instead or (head, body)))
        if fault.is_silent:
            self._stay_silent(client)
        return lives

    def _stay_silent(self, client: socket.socket) -> None:
        """Keep a connection open until the other side closes it, or the test releases it."""
        wait_until_read(client)
        with self._lock:
            self._silent.add(client)
        self.silence.begun.set()
        client.settimeout(LIMIT)
        try:
            client.recv(1)
        finally:
            with self._lock:
                self._silent.discard(client)

    def _forward(self, method: str, path: str, headers: dict[str, str], content: bytes) -> tuple[bytes, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.upstream, timeout=LIMIT)
        with contextlib.closing(connection):
            connection.request(method, path, body=content or None, headers=headers)
            response = connection.getresponse()
            body = response.read()
        kept = [f"{name}: {value}" for name, value in response.getheaders() if name.lower() not in HOP_HEADERS]
        lines = [f"HTTP/1.1 {response.status} Status", f"content-length: {len(body)}", *kept, "", ""]
        return "\r\n".join(lines).encode("latin-1"), body


def _shut_down(client: socket.socket) -> Connection | None:
    """End a connection, and describe it; None if it has ended already."""
    with contextlib.suppress(OSError):
        connection = Connection.of(client)
        client.shutdown(socket.SHUT_RDWR)
        return connection
    return None


def _read(line: bytes, stream: BinaryIO) -> tuple[str, str, dict[str, str], bytes]:
    """Read a request: method, path, headers and body."""
    method, path, _ = line.decode("latin-1").split(" ", 2)
    headers = {name.lower(): value for name, value in http.client.parse_headers(stream).items()}
    if headers.get("transfer-encoding") != "chunked":
        content = stream.read(int(headers.get("content-length", "0")))
    else:
        chunks = []
        while size := int(stream.readline(), 16):
            chunks.append(stream.read(size))
            stream.readline()
        stream.readline()
        content = b"".join(chunks)
    kept = {name: value for name, value in headers.items() if name not in HOP_HEADERS}
    return method, path, kept, content


@contextlib.contextmanager
def proxying(upstream: int, tls: ssl.SSLContext | None = None) -> Iterator[FaultProxy]:
    """Proxy a gateway or a provider while the context lasts; leave no thread and no port behind."""
    proxy = FaultProxy(upstream, tls)
    thread = threading.Thread(target=proxy.accept, name="fault proxy")
    thread.start()
    try:
        yield proxy
    finally:
        proxy.close_listener()
        thread.join()
        proxy.hang_up()
        proxy.join()
