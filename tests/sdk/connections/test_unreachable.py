"""A gateway that cannot be reached: the error says why, and what to do, in the same words however it was asked."""

from __future__ import annotations

import contextlib
import re
import socket
import ssl
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import trustme

from portkey_ft import APIConnectionError, APITimeoutError, AsyncPortkey, ConfigurationError, NotFoundError, Portkey

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.ways import Way, Wire

pytestmark = pytest.mark.anyio

HOST = "127.0.0.1"
KEY = "sk-canary-0123456789"
ANSWER = b"HTTP/1.1 404 Not Found\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}"
NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """Who issues certificates that are trusted here."""
    return trustme.CA()


@pytest.fixture(scope="module")
def trust(authority: trustme.CA) -> ssl.SSLContext:
    """What a client trusts."""
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


@pytest.fixture(scope="module")
def certificates(authority: trustme.CA) -> dict[str, trustme.LeafCert]:
    """A good certificate, and bad ones."""
    day = timedelta(days=1)
    return {
        "good": authority.issue_cert(HOST),
        "of another name": authority.issue_cert("elsewhere.test"),
        "expired": authority.issue_cert(HOST, not_before=NOW - 9 * day, not_after=NOW - day),
        "of tomorrow": authority.issue_cert(HOST, not_before=NOW + day, not_after=NOW + 9 * day),
        "of an unknown authority": trustme.CA().issue_cert(HOST),
    }


def _answer(connection: socket.socket, context: ssl.SSLContext | None, received: list[bytes]) -> None:
    connection.settimeout(120)
    with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
        if context is not None:
            connection = stack.enter_context(context.wrap_socket(connection, server_side=True))
        received.append(connection.recv(65536))
        connection.sendall(ANSWER)


@contextlib.contextmanager
def _listening(context: ssl.SSLContext | None) -> Iterator[tuple[int, list[bytes]]]:
    """Answer on a port of loopback, in TLS if there is a context; give the port and what was received."""
    received: list[bytes] = []
    with socket.create_server((HOST, 0)) as listener:

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    with connection:
                        _answer(connection, context, received)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listener.getsockname()[1], received
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


Listen = Callable[[str | None], tuple[int, list[bytes]]]


@pytest.fixture
def listen(certificates: dict[str, trustme.LeafCert]) -> Iterator[Listen]:
    """Listen with one of the certificates, or without TLS."""
    with contextlib.ExitStack() as stack:

        def listen(certificate: str | None) -> tuple[int, list[bytes]]:
            context = None
            if certificate is not None:
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                certificates[certificate].configure_cert(context)
            return stack.enter_context(_listening(context))

        yield listen


async def asked(way: Way, base_url: str, trust: ssl.SSLContext | bool, *, create: bool, **given: Any) -> Exception:  # noqa: ANN401, FBT001 - as httpx takes them
    """Ask a gateway for a job, or to create one, and give the error that this ends with."""
    given = {"base_url": base_url, "provider": "openai", "authorization": KEY, "clock": way.clock, **given}

    def called(client: Any) -> Any:  # noqa: ANN401 - either kind
        jobs = client.fine_tuning.jobs
        return jobs.create(model="m", training_file="file-1") if create else jobs.retrieve("ftjob-1")

    async def call() -> None:
        if way.is_async:
            async with httpx.AsyncClient(verify=trust) as http:
                await called(AsyncPortkey(http_client=http, **given))
        else:
            with httpx.Client(verify=trust) as http:
                called(Portkey(http_client=http, **given))

    with pytest.raises((APIConnectionError, NotFoundError)) as caught:
        await call()
    assert KEY not in str(caught.value) + repr(caught.value)
    return caught.value


@pytest.mark.parametrize("create", [False, True])
@pytest.mark.parametrize(
    ("certificate", "reason", "advice"),
    [
        ("of another name", "failed: .*not valid for", "with the name or address that the certificate was issued"),
        ("expired", "failed: certificate has expired", "has to be renewed"),
        ("of tomorrow", "failed: certificate is not yet valid", "is the clock of this machine right"),
        ("of an unknown authority", "failed: unable to get local issuer", "SSL_CERT_FILE, or pass an http_client="),
        (None, "TLS handshake failed", "base_url begins with http://"),
    ],
)
async def test_a_failure_of_tls_is_explained_and_no_key_has_left(  # noqa: PLR0917 - fixtures
    certificate: str | None, reason: str, advice: str, listen: Listen, trust: ssl.SSLContext, way: Way, *, create: bool
) -> None:
    port, received = listen(certificate)
    error = await asked(way, f"https://{HOST}:{port}/v1", trust, create=create)
    assert isinstance(error, APIConnectionError)
    assert not isinstance(error, APITimeoutError)
    # It certainly did not arrive, so a create may be tried again without a look.
    assert not error.outcome_unknown
    assert re.search(rf"^no response from https://{HOST}:{port}/v1: .*{reason}", str(error))
    assert advice in (error.hint or "")
    assert len(way.clock.sleeps) == 2
    assert not [data for data in received if KEY.encode() in data]


async def test_a_certificate_that_is_trusted_is_accepted(listen: Listen, trust: ssl.SSLContext, way: Way) -> None:
    port, received = listen("good")
    assert isinstance(await asked(way, f"https://{HOST}:{port}/v1", trust, create=False), NotFoundError)
    assert KEY.encode() in received[0]


async def test_the_advice_to_name_the_authority_in_the_environment_is_good(
    listen: Listen, authority: trustme.CA, way: Way, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port, _ = listen("good")
    assert "SSL_CERT_FILE" in str(await asked(way, f"https://{HOST}:{port}/v1", True, create=False))  # noqa: FBT003 - as httpx takes it
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    assert isinstance(await asked(way, f"https://{HOST}:{port}/v1", True, create=False), NotFoundError)  # noqa: FBT003 - as above


@pytest.mark.parametrize("create", [False, True])
@pytest.mark.parametrize(
    ("base_url", "reason", "advice"),
    [
        # RFC 2606 keeps this name from ever being given away.
        ("https://gateway.invalid/v1", "DNS lookup failed", "is the host in base_url spelt right"),
        (f"http://{HOST}:1/v1", "connection refused", "is the gateway running there"),
        ("http://localhost:1/v1", "connection refused", "is the gateway running there"),
    ],
)
async def test_a_host_that_is_not_there_is_explained(
    base_url: str, reason: str, advice: str, trust: ssl.SSLContext, way: Way, *, create: bool
) -> None:
    error = await asked(way, base_url, trust, create=create, max_retries=0)
    assert isinstance(error, APIConnectionError)
    assert not error.outcome_unknown
    assert str(error).startswith(f"no response from {base_url}: {reason}")
    assert advice in (error.hint or "")


@pytest.mark.parametrize("create", [False, True])
async def test_plain_http_to_a_port_that_speaks_tls_is_a_broken_connection(
    listen: Listen, trust: ssl.SSLContext, way: Way, *, create: bool
) -> None:
    """Nobody knows what was read of it, so a create says to look first."""
    if create and way.name == "trio":
        pytest.skip("httpx leaves generators of its own to be collected here, of which trio complains")
    port, _ = listen("good")
    error = await asked(way, f"http://{HOST}:{port}/v1", trust, create=create, max_retries=0)
    assert isinstance(error, APIConnectionError)
    assert error.outcome_unknown
    assert ("may have arrived" in str(error)) == create
    assert "ReadError" not in str(error)


class _Silent(httpx.TransportError):
    pass


async def test_an_error_without_words_is_named(way: Way, wire: Wire) -> None:
    client = way.client(wire.say(_Silent("")), max_retries=0)
    with pytest.raises(APIConnectionError, match=r"_Silent\. Hint: check base_url and the network"):
        await way.get(client.files.retrieve("f"))


@pytest.mark.parametrize("kind", [Portkey, AsyncPortkey])
@pytest.mark.parametrize("variable", ["ALL_PROXY", "https_proxy"])
@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("socks://user:canary@h:1", "must begin with http://, https:// or socks5://"),
        ("ftp://user:canary@h", "must begin with http://, https:// or socks5://"),
        ("http://user:canary@h:abc", "cannot be used"),
        ("socks5://user:canary@h:1", "speaks SOCKS, which needs a package that is not installed"),
    ],
)
def test_a_proxy_that_cannot_be_used_is_named_by_its_variable(
    kind: type[Portkey | AsyncPortkey], variable: str, url: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "socksio", None)
    for name in ("ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "all_proxy", "https_proxy", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(variable, url)
    with pytest.raises(ConfigurationError, match=f"the proxy in {variable}.*{words}") as caught:
        kind(api_key="pk-1", provider="@mine")
    assert "canary" not in str(caught.value)
