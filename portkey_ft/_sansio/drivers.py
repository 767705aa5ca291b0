"""Drivers: run a plan against the wire and the clock, by blocking or by awaiting."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing
from typing import Any, Generic, Protocol, TypeVar

from attrs import frozen

from portkey_ft._http.messages import Request, Response
from portkey_ft._sansio.plan import Command, Emit, Plan, Send, Stream, Watch

__all__ = [
    "IO",
    "AsyncIO",
    "AsyncStream",
    "Done",
    "advance",
    "advance_async",
    "iterate",
    "run",
    "run_async",
]

T = TypeVar("T")


class IO(Protocol):
    """Carries out commands by blocking."""

    def send(self, request: Request, attempt: int) -> Response:
        """Send a request; raises :class:`APIConnectionError` if there is no response."""
        ...

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        ...


class AsyncIO(Protocol):
    """Carries out commands by awaiting."""

    async def send(self, request: Request, attempt: int) -> Response:
        """Send a request; raises :class:`APIConnectionError` if there is no response."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Let time pass."""
        ...


@frozen
class Done:
    """A plan has ended with this result."""

    value: Any


def run(plan: Plan[T] | Watch[T], io: IO, observe: Callable[[T], object] | None = None) -> T:
    """Drive a plan to its result, and show what it emits on the way."""
    with closing(plan):
        while isinstance(reached := advance(plan, io), Emit):
            if observe is not None:
                observe(reached.value)
    result: T = reached.value
    return result


async def run_async(plan: Plan[T] | Watch[T], io: AsyncIO, observe: Callable[[T], object] | None = None) -> T:
    """Drive a plan to its result, and show what it emits on the way."""
    with closing(plan):
        while isinstance(reached := await advance_async(plan, io), Emit):
            if observe is not None:
                observe(reached.value)
    result: T = reached.value
    return result


def iterate(plan: Stream[T], io: IO) -> Iterator[T]:
    """Drive a plan and hand out what it emits."""
    with closing(plan):
        while isinstance(reached := advance(plan, io), Emit):
            yield reached.value


class AsyncStream(Generic[T]):
    """Drive a plan and hand out what it emits.

    An iterator and no async generator: one that is left half-way needs no event loop to be cleaned up, which trio would
    complain about.
    """

    def __init__(self, plan: Stream[T], io: AsyncIO) -> None:
        self._plan = plan
        self._io = io

    def __aiter__(self) -> AsyncIterator[T]:
        return self

    async def __anext__(self) -> T:
        try:
            reached = await advance_async(self._plan, self._io)
        except BaseException:
            # A plan that was left where it waits for a response cannot go on without it.
            self._plan.close()
            raise
        if isinstance(reached, Emit):
            value: T = reached.value
            return value
        raise StopAsyncIteration


def advance(plan: Plan[Any] | Stream[Any] | Watch[Any], io: IO) -> Emit[Any] | Done:
    """Carry out a plan's commands until it emits a value or ends."""
    step: Callable[[Any], Command | Emit[Any]] = plan.send
    value: Any = None
    while True:
        try:
            command = step(value)
        except StopIteration as stop:
            return Done(stop.value)
        if isinstance(command, Emit):
            return command
        try:
            value, step = _perform(command, io), plan.send
        except Exception as error:  # noqa: BLE001 - the plan decides, be it of a function of the caller
            value, step = error, plan.throw


async def advance_async(plan: Plan[Any] | Stream[Any] | Watch[Any], io: AsyncIO) -> Emit[Any] | Done:
    """Carry out a plan's commands until it emits a value or ends."""
    step: Callable[[Any], Command | Emit[Any]] = plan.send
    value: Any = None
    while True:
        try:
            command = step(value)
        except StopIteration as stop:
            return Done(stop.value)
        if isinstance(command, Emit):
            return command
        try:
            value, step = await _perform_async(command, io), plan.send
        except Exception as error:  # noqa: BLE001 - the plan decides, be it of a function of the caller
            value, step = error, plan.throw


def _perform(command: Command, io: IO) -> Response | None:
    if isinstance(command, Send):
        return io.send(command.request, command.attempt)
    io.sleep(command.seconds)
    return None


async def _perform_async(command: Command, io: AsyncIO) -> Response | None:
    if isinstance(command, Send):
        return await io.send(command.request, command.attempt)
    await io.sleep(command.seconds)
    return None
