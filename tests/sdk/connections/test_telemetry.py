"""What OpenTelemetry sees of requests, through the instrumentation of the HTTP library."""

from __future__ import annotations

from typing import Any

import anyio
import httpx
import pytest

from portkey_ft import AsyncPortkey, Portkey
from portkey_ft.testing import FakeClock, FakeGateway, Fault

instrumentation = pytest.importorskip("opentelemetry.instrumentation.httpx", reason="an extra")
trace = pytest.importorskip("opentelemetry.sdk.trace", reason="an extra")
export = pytest.importorskip("opentelemetry.sdk.trace.export", reason="an extra")
in_memory = pytest.importorskip("opentelemetry.sdk.trace.export.in_memory_span_exporter", reason="an extra")

CANARIES = {
    "api_key": "pk-canary-1",
    "provider": "openai",
    "authorization": "sk-canary-2",
    "provider_headers": {"aws_secret_access_key": "aws-canary-3"},
    "default_headers": {"x-team-token": "team-canary-4"},
}


@pytest.fixture
def spans() -> Any:  # noqa: ANN401 - not there without the extra
    return in_memory.InMemorySpanExporter()


@pytest.fixture
def provider(spans: Any) -> Any:  # noqa: ANN401 - as above
    provider = trace.TracerProvider()
    provider.add_span_processor(export.SimpleSpanProcessor(spans))
    return provider


def describe(span: Any, request: Any) -> None:  # noqa: ANN401 - as above
    span.update_name(f"{request.extensions['portkey_ft.operation']} {request.extensions['portkey_ft.attempt']}")


async def describe_async(span: Any, request: Any) -> None:  # noqa: ANN401 - as above
    describe(span, request)


def _names(spans: Any) -> list[str]:  # noqa: ANN401 - as above
    finished = spans.get_finished_spans()
    assert "canary" not in repr([(span.name, dict(span.attributes), span.status.description) for span in finished])
    assert all("canary" not in span.to_json() for span in finished)
    return [span.name for span in finished]


def test_each_attempt_is_a_span_with_our_name_and_without_secrets(spans: Any, provider: Any) -> None:  # noqa: ANN401 - as above
    gateway = FakeGateway(clock=FakeClock())
    http_client = httpx.Client(transport=gateway.transport())
    instrumentation.HTTPXClientInstrumentor.instrument_client(
        http_client, tracer_provider=provider, request_hook=describe
    )
    client = Portkey(http_client=http_client, base_url="https://gateway.test/v1", clock=gateway.clock, **CANARIES)
    file = gateway.add_file()
    gateway.fail_next(Fault.answer(429))
    client.files.retrieve(file.id)
    client.fine_tuning.jobs.create(model="m", training_file=file.id, suffix="shop")
    assert _names(spans) == ["files.retrieve 1", "files.retrieve 2", "fine_tuning.jobs.create 1"]
    # The trace goes on at the gateway.
    assert {"traceparent"} <= set(gateway.requests[-1].headers)


def test_the_same_with_await(spans: Any, provider: Any) -> None:  # noqa: ANN401 - as above
    async def go() -> None:
        gateway = FakeGateway(clock=FakeClock())
        async with httpx.AsyncClient(transport=gateway.transport()) as http_client:
            instrumentation.HTTPXClientInstrumentor.instrument_client(
                http_client, tracer_provider=provider, request_hook=describe_async
            )
            client = AsyncPortkey(http_client=http_client, base_url="https://gateway.test/v1", **CANARIES)
            assert [job async for job in client.fine_tuning.jobs.list()] == []

    anyio.run(go)
    assert _names(spans) == ["fine_tuning.jobs.list 1"]
