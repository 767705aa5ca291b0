"""Stories of a client, told once for the sync and the async one.

A story is a generator: it yields what a client's method returned and is sent what that came to. With the sync client
that is the same thing; with the async one it is awaited in between, and failures are thrown in.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Generator
from typing import Any, TypeVar

from portkey_ft import AsyncPortkey, Portkey
from portkey_ft.errors import PortkeyError

T = TypeVar("T")
Story = Generator[Any, Any, T]
Client = Portkey | AsyncPortkey


def tell(story: Story[T]) -> T:
    """Tell a story of the sync client."""
    value: Any = None
    while True:
        try:
            value = story.send(value)
        except StopIteration as end:
            result: T = end.value
            return result


async def tell_async(story: Story[T]) -> T:
    """Tell a story of the async client."""
    value: Any = None
    step: Callable[[Any], Any] = story.send
    while True:
        try:
            reached = step(value)
        except StopIteration as end:
            result: T = end.value
            return result
        try:
            value, step = (await reached if inspect.isawaitable(reached) else reached), story.send
        except Exception as error:  # noqa: BLE001 - for the story to judge
            value, step = error, story.throw


def attempt(call: Callable[[], Any]) -> Story[Any]:
    """Make a call and give its result, or the error that it ends with."""
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
