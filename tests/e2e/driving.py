"""Scenarios that are written once for the sync and the async client.

A scenario is a generator: it yields what a client's method returned and is sent the result. With the sync client that
is the same object; with the async client it is awaited in between, and errors are thrown into the generator.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Generator
from typing import Any, TypeVar

from portkey_ft import AsyncPortkey, Portkey
from portkey_ft.errors import PortkeyError

T = TypeVar("T")
Scenario = Generator[Any, Any, T]
Client = Portkey | AsyncPortkey


def run(scenario: Scenario[T]) -> T:
    """Run a scenario with the sync client."""
    value: Any = None
    while True:
        try:
            value = scenario.send(value)
        except StopIteration as end:
            result: T = end.value
            return result


async def run_async(scenario: Scenario[T]) -> T:
    """Run a scenario with the async client."""
    value: Any = None
    step: Callable[[Any], Any] = scenario.send
    while True:
        try:
            reached = step(value)
        except StopIteration as end:
            result: T = end.value
            return result
        try:
            value, step = (await reached if inspect.isawaitable(reached) else reached), scenario.send
        except Exception as error:  # noqa: BLE001 - for the scenario to handle
            value, step = error, scenario.throw


def attempt(call: Callable[[], Any]) -> Scenario[Any]:
    """Make a call and return its result, or the error that it raises."""
    try:
        return (yield call())
    except PortkeyError as error:
        return error


def events_of(client: Client, job_id: str) -> Any:  # noqa: ANN401 - a list, or what can be awaited for one
    """Follow a job to its end."""
    if isinstance(client, Portkey):
        return list(client.fine_tuning.jobs.follow(job_id))

    async def collected() -> list[Any]:
        return [event async for event in client.fine_tuning.jobs.follow(job_id)]

    return collected()


def content_of(client: Client, file_id: str) -> Any:  # noqa: ANN401 - bytes, or what can be awaited for them
    """Download a file."""
    if isinstance(client, Portkey):
        return client.files.content(file_id).read()

    async def read() -> bytes:
        return await (await client.files.content(file_id)).read()

    return read()
