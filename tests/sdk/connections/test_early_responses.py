"""A server that refuses an upload before it was sent is heard by every client alike."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import trustme

from portkey_ft import APIStatusError, AsyncPortkey, AuthenticationError, Portkey

if TYPE_CHECKING:
    from tests.support.ways import Way

pytestmark = pytest.mark.anyio

BODY = b'{"error": {"message": "refused early"}}'
CHUNK = b'{"a": 1}\n' * 8_000
RESET = struct.pack("ii", 1, 0)


def _serve(listener: socket.socket, status: int, ending: str, context: ssl.SSLContext | None) -> None:
    """Answer as soon as the head of a request is there, and read no further."""
    with contextlib.suppress(OSError):
        while True:
            connection, _ = listener.accept()
            if context is not None:
                connection = context.wrap_socket(connection, server_side=True)
            head = b""
            while b"\r\n\r\n" not in head:
                head += connection.recv(65536)
            lines = f"HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: {len(BODY)}\r\n\r\n"
            connection.sendall(lines.encode() + BODY)
            if ending == "linger":
                # Until the client hangs up, as careful servers do: closing at once resets the connection, which may
                # throw away the response before it is read.
                while connection.recv(65536):
                    pass
            if ending == "reset":
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            connection.close()


@contextlib.contextmanager
def refusing(status: int, ending: str, context: ssl.SSLContext | None = None) -> Iterator[int]:
    """Serve on a port of loopback."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_serve, args=(listener, status, ending, context), daemon=True).start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)


def many_chunks() -> Iterator[bytes]:
    for _ in range(2_000):
        yield CHUNK


async def upload(way: Way, base_url: str) -> None:
    options: dict[str, Any] = {"api_key": "pk-0123456789", "virtual_key": "vk-0123456789", "max_retries": 0}
    if way.is_async:
        async with AsyncPortkey(base_url=base_url, **options) as client:
            await client.files.create(many_chunks())
    else:
        with Portkey(base_url=base_url, **options) as client:
            client.files.create(many_chunks())


@pytest.mark.parametrize("ending", ["close", "reset"])
@pytest.mark.parametrize(("status", "error"), [(401, AuthenticationError), (413, APIStatusError)])
async def test_an_upload_that_is_answered_early_reports_the_status(
    status: int, error: type[APIStatusError], ending: str, way: Way
) -> None:
    with refusing(status, ending) as port, pytest.raises(error, match="refused early") as caught:
        await upload(way, f"http://127.0.0.1:{port}/v1")
    assert caught.value.status_code == status


async def test_an_encrypted_upload_does_so_too(way: Way, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    with refusing(413, "linger", context) as port, pytest.raises(APIStatusError, match="refused early"):
        await upload(way, f"https://127.0.0.1:{port}/v1")
