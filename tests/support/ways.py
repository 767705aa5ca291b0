"""The ways to use the package (sync, asyncio, trio), and a transport whose responses a test defines."""

from __future__ import annotations

import inspect
import json
from collections.abc import AsyncIterable, Callable, Coroutine, Iterable, Mapping
from typing import Any, TypeAlias, cast

import anyio
import httpx

from portkey_ft import AsyncPortkey, Portkey
from portkey_ft.testing import FakeClock, FakeGateway

BASE_URL = "https://gateway.test/v1"
API_KEY = "pk-0123456789"
VIRTUAL_KEY = "vk-0123456789"

# A client of either kind, or what it gives: the tests say the same of both.
Either: TypeAlias = Any
Answer: TypeAlias = (
    "httpx.Response | Exception | Mapping[str, Any] | tuple[int, Any] | tuple[int, Any, Mapping[str, str]] | None"
)


def _response(answer: Answer) -> httpx.Response:
    if isinstance(answer, Exception):
        raise answer
    if isinstance(answer, httpx.Response):
        return answer
    headers: Mapping[str, str] = {}
    status, body = 200, cast("object", answer)
    if isinstance(answer, tuple):
        status, body, headers = answer if len(answer) == 3 else (*answer, headers)
    if isinstance(body, bytes | str):
        return httpx.Response(status, content=body, headers=headers)
    return httpx.Response(status, json=body, headers=headers)


class Wire:
    """Returns the given responses in order, the last one again and again, and records requests."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []
        self._answers: list[Answer | Callable[[httpx.Request], Answer]] = []

    def say(self, *answers: Answer | Callable[[httpx.Request], Answer]) -> Wire:
        """Set the next responses."""
        self._answers = list(answers)
        return self

    def handle(self, request: httpx.Request) -> httpx.Response:
        """Record a request and respond."""
        self.requests.append(request)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        return _response(answer(request) if callable(answer) else answer)

    def transport(self) -> httpx.MockTransport:
        """Return a transport for both kinds of HTTP client."""
        return httpx.MockTransport(self.handle)

    @property
    def last(self) -> httpx.Request:
        """The last request."""
        return self.requests[-1]

    @property
    def body(self) -> Either:
        """The last request's JSON."""
        return json.loads(self.last.content)

    @property
    def targets(self) -> list[str]:
        """Method and path with query of each request."""
        return [f"{request.method} {request.url.raw_path.decode()}" for request in self.requests]


class Way:
    """One of the ways to use the package: by blocking, with asyncio, or with trio."""

    def __init__(self, name: str, clock: FakeClock) -> None:
        self.name = name
        self.clock = clock
        self.is_async = name != "sync"

    def client(self, source: Wire | FakeGateway | httpx.MockTransport, **options: Either) -> Either:
        """Create a client that sends to a transport, on the fake clock."""
        transport = source if isinstance(source, httpx.MockTransport) else source.transport()
        if not {"auth", "virtual_key", "config", "provider"} & set(options):
            options["virtual_key"] = VIRTUAL_KEY
        if "provider" in options:
            options.setdefault("authorization", "sk-0123456789")
        settings = {"api_key": API_KEY, "base_url": BASE_URL, "clock": self.clock, **options}
        if self.is_async:
            return AsyncPortkey(http_client=httpx.AsyncClient(transport=transport), **settings)
        return Portkey(http_client=httpx.Client(transport=transport), **settings)

    async def get(self, value: Either) -> Either:
        """Await the result of a method if it is awaitable."""
        return await value if inspect.iscoroutine(value) else value

    async def items(self, source: AsyncIterable[Any] | Iterable[Any]) -> list[Any]:
        """Iterate to the end and return the items."""
        return await self.take(source, None)

    async def take(self, source: AsyncIterable[Any] | Iterable[Any], many: int | None) -> list[Any]:
        """Iterate over at most so many items."""
        taken: list[Any] = []
        if isinstance(source, AsyncIterable):
            async for item in source:
                taken.append(item)
                if len(taken) == many:
                    break
        else:
            for item in source:
                taken.append(item)
                if len(taken) == many:
                    break
        return taken

    def iterate(self, source: AsyncIterable[Any] | Iterable[Any]) -> Either:
        """Return an iterator."""
        return aiter(source) if isinstance(source, AsyncIterable) else iter(source)

    async def next(self, iterator: Either) -> Either:
        """Return the next item."""
        return await anext(iterator) if self.is_async else next(iterator)

    def drive(self, function: Callable[..., Coroutine[Any, Any, Any]], *args: object) -> Either:
        """Run an async test of one example."""
        if self.is_async:
            return anyio.run(function, *args, backend=self.name)
        coroutine = function(*args)
        try:
            coroutine.send(None)
        except StopIteration as stop:
            return stop.value
        message = "the sync client has awaited something"
        raise AssertionError(message)
