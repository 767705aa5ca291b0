"""The two ways to reach a fake gateway: each test uses both."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

import httpx
import pytest

from portkey_ft.testing import FakeClock, FakeGateway

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Raise the timeout of httpx, for a busy machine."""
    for name in ("connect", "read", "write", "pool"):
        monkeypatch.setattr(httpx._config.DEFAULT_TIMEOUT_CONFIG, name, 120.0)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def gateway(clock: FakeClock) -> FakeGateway:
    return FakeGateway(clock=clock)


@pytest.fixture(params=["in process", "loopback"])
def connect(request: pytest.FixtureRequest) -> Iterator[Callable[..., httpx.Client]]:
    """Open clients of a gateway; ``headers`` are the credentials."""
    # Loading certificates, which plain HTTP has no use for, would be the longest part of most tests.
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    closing = []

    def connect(gateway: FakeGateway, headers: dict[str, str] | None = None, **options: object) -> httpx.Client:
        headers = {"x-portkey-api-key": "key", "x-portkey-virtual-key": "vk"} if headers is None else headers
        # No machine is too slow for it; httpx allows five seconds.
        options = {"timeout": 60, **options}
        if request.param == "loopback":
            serving = gateway.serve()
            url = serving.__enter__()
            client = httpx.Client(base_url=url, headers=headers, trust_env=False, verify=tls, **options)
            closing.extend([lambda: serving.__exit__(None, None, None), client.close])
        else:
            client = httpx.Client(
                transport=gateway.transport(), base_url="http://gateway.test/v1", headers=headers, **options
            )
            closing.append(client.close)
        return client

    yield connect
    for close in reversed(closing):
        close()


@pytest.fixture
def client(gateway: FakeGateway, connect: Callable[..., httpx.Client]) -> httpx.Client:
    """A client of OpenAI behind a virtual key."""
    return connect(gateway)


@pytest.fixture
def upload() -> Callable[..., dict[str, object]]:
    """Upload a file as the official SDK does: the purpose first."""

    def upload(client: httpx.Client, content: bytes = b'{"messages": []}\n', **headers: str) -> dict[str, object]:
        response = client.post(
            "/files",
            data={"purpose": "fine-tune"},
            files={"file": ("training.jsonl", content)},
            headers={name.replace("_", "-"): value for name, value in headers.items()},
        )
        assert response.is_success, response.text
        answer: dict[str, object] = response.json()
        return answer

    return upload


@pytest.fixture
def create(upload: Callable[..., dict[str, object]]) -> Callable[..., dict[str, object]]:
    """Upload a file and start a job with it."""

    def create(client: httpx.Client, **fields: object) -> dict[str, object]:
        body = {"model": "gpt-4o-mini", "training_file": upload(client)["id"], **fields}
        response = client.post("/fine_tuning/jobs", json=body)
        assert response.is_success, response.text
        answer: dict[str, object] = response.json()
        return answer

    return create
