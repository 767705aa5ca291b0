"""Where requests go, and what a proxy, a redirect, a cookie or a file of passwords could change about it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from portkey_ft import APIConnectionError, APIStatusError, AsyncPortkey, Portkey, VirtualKey
from portkey_ft.testing import FakeGateway
from tests.support.calls import CALLS, Call, answer

if TYPE_CHECKING:
    from tests.support.ways import Way, Wire

pytestmark = [pytest.mark.anyio, pytest.mark.security]

KEYS = {"api_key": "pk-canary7f3a", "provider": "openai", "authorization": "sk-canary7f3a"}
LOCATIONS = {
    "other host": "https://elsewhere.test/v1/files",
    "no encryption": "http://gateway.test/v1/files",
    "other port": "https://gateway.test:8443/v1/files",
    "other name below": "https://evil.gateway.test/v1/files",
    "name before": "https://gateway.test@elsewhere.test/v1",
    "same host": "/v1/elsewhere",
    "without a scheme": "//elsewhere.test/v1",
    "no URL": "https://[",
    "control": "https://elsewhere.test/\x1b[2J",
}
BROKEN = (LOCATIONS["no URL"], LOCATIONS["control"])


@pytest.mark.parametrize("call", CALLS, ids=str)
async def test_no_call_follows_a_redirect(call: Call, way: Way, wire: Wire) -> None:
    for status in (300, 301, 302, 303, 307, 308):
        for location in LOCATIONS.values():
            wire.requests.clear()
            client = way.client(wire.say((status, b"", {"location": location})), **KEYS)
            client._transport.client.follow_redirects = True
            # A location that is no URL is a broken answer to the HTTP library.
            with pytest.raises((APIStatusError, APIConnectionError)) as caught:
                await call.make(way, client)
            assert isinstance(caught.value, APIStatusError) or location in BROKEN
            assert str(caught.value).isprintable()
            assert {str(request.url.copy_with(path="/", query=None)) for request in wire.requests} == {
                "https://gateway.test/"
            }
            assert len(wire.requests) == 1 or location in BROKEN


async def test_a_redirect_that_repeats_a_key_does_not_show_it(way: Way, wire: Wire) -> None:
    location = f"https://elsewhere.test/login?key={KEYS['api_key']}&token={KEYS['authorization']}"
    with pytest.raises(APIStatusError, match="elsewhere") as caught:
        await way.get(way.client(wire.say((302, b"", {"location": location})), **KEYS).files.retrieve("f"))
    assert "canary" not in f"{caught.value} {vars(caught.value)}"


def own(way: Way, **options: Any) -> Any:  # noqa: ANN401 - either client
    """Make a client that makes its own connections."""
    return AsyncPortkey(**options) if way.is_async else Portkey(**options)


async def test_a_cookie_does_not_go_from_one_credential_to_another(way: Way) -> None:
    cookies: list[str | None] = []

    def handle(request: httpx.Request) -> httpx.Response:
        cookies.append(request.headers.get("cookie"))
        return httpx.Response(200, json={"id": "f"}, headers={"set-cookie": "session=one; Path=/"})

    client = own(way, base_url="https://gateway.test/v1", virtual_key="vk-one")
    client._transport.client._transport = httpx.MockTransport(handle)
    for one in (client, client, client.with_options(auth=VirtualKey("vk-two"))):
        await way.get(one.files.retrieve("f"))
    assert cookies == [None, None, None]
    await way.get(client.close())


@contextmanager
def listening() -> Iterator[tuple[int, list[bytes]]]:
    """Listen on a port, take down the head of what comes, and hang up."""
    heads: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    head = b""
                    while b"\r\n\r\n" not in head and (piece := connection.recv(65536)):
                        head += piece
                    if head:
                        heads.append(head)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1], heads
        # Wakes the thread up on every system.
        server.shutdown(socket.SHUT_RDWR)
    thread.join()


@pytest.fixture
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment without proxies, in which some can be set."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "NETRC"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    return monkeypatch


async def test_a_proxy_gets_nothing_of_an_encrypted_request(way: Way, no_proxies: pytest.MonkeyPatch) -> None:
    with listening() as (port, heads):
        no_proxies.setenv("HTTPS_PROXY", f"http://user:proxypass@127.0.0.1:{port}")
        client = own(way, base_url="https://gateway.invalid/v1", max_retries=0, **KEYS)
        with pytest.raises(APIConnectionError) as caught:
            await way.get(client.files.retrieve("f"))
        await way.get(client.close())
    (head,) = heads
    assert head.startswith(b"CONNECT gateway.invalid:443 HTTP/1.1\r\n")
    # The proxy's own password is for the proxy; nothing else goes there.
    assert b"canary" not in head
    assert b"portkey" not in head.lower()
    assert "proxypass" not in str(caught.value)


async def test_a_proxy_sees_a_request_that_is_not_encrypted(way: Way, no_proxies: pytest.MonkeyPatch) -> None:
    """A limit that is told: whoever names an http:// gateway and an HTTP proxy shows the proxy everything."""
    with listening() as (port, heads):
        no_proxies.setenv("HTTP_PROXY", f"http://127.0.0.1:{port}")
        client = own(way, base_url="http://gateway.invalid/v1", max_retries=0, **KEYS)
        with pytest.raises(APIConnectionError):
            await way.get(client.files.retrieve("f"))
        await way.get(client.close())
    assert heads[0].startswith(b"GET http://gateway.invalid/v1/files/f HTTP/1.1\r\n")
    assert b"pk-canary7f3a" in heads[0]


async def test_no_proxy_is_heeded(way: Way, gateway: FakeGateway, no_proxies: pytest.MonkeyPatch) -> None:
    gateway.add_file(b"x", file_id="f")
    with listening() as (port, heads), gateway.serve() as url:
        no_proxies.setenv("HTTP_PROXY", f"http://127.0.0.1:{port}")
        no_proxies.setenv("NO_PROXY", "127.0.0.1,localhost,::1")
        client = own(way, base_url=url, virtual_key="vk-0123456789")
        assert (await way.get(client.files.retrieve("f"))).id == "f"
        await way.get(client.close())
    assert heads == []


async def test_an_http_client_of_ones_own_decides_about_proxies(
    way: Way, gateway: FakeGateway, no_proxies: pytest.MonkeyPatch
) -> None:
    gateway.add_file(b"x", file_id="f")
    with listening() as (port, heads), gateway.serve() as url:
        no_proxies.setenv("HTTP_PROXY", f"http://127.0.0.1:{port}")
        http_client: Any = httpx.AsyncClient(trust_env=False) if way.is_async else httpx.Client(trust_env=False)
        client = own(way, base_url=url, virtual_key="vk-0123456789", http_client=http_client)
        assert (await way.get(client.files.retrieve("f"))).id == "f"
        await way.get(http_client.aclose() if way.is_async else http_client.close())
    assert heads == []


@pytest.mark.parametrize("mode", [{"virtual_key": "vk-0123456789"}, {"provider": "openai", "authorization": "sk-0123"}])
async def test_a_file_of_passwords_changes_nothing(
    mode: dict[str, Any], way: Way, gateway: FakeGateway, no_proxies: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".netrc").write_text("default login user password netrcpass\n")
    (tmp_path / ".netrc").chmod(0o600)
    no_proxies.setenv("NETRC", str(tmp_path / ".netrc"))
    no_proxies.setenv("HOME", str(tmp_path))
    gateway.add_file(b"x", file_id="f")
    with gateway.serve() as url:
        client = own(way, base_url=url, **mode)
        await way.get(client.files.retrieve("f"))
        await way.get(client.close())
    sent = gateway.requests[-1].headers.get("authorization")
    assert sent == ("Bearer sk-0123" if "provider" in mode else None)


async def test_the_own_authorization_of_an_http_client_is_not_used(way: Way, wire: Wire) -> None:
    client = way.client(wire.say(answer))
    client._transport.client.auth = ("user", "password")
    await way.get(client.files.retrieve("f"))
    assert "authorization" not in wire.last.headers
