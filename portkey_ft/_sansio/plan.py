"""Plans: every loop written once, without I/O, and the drivers that run it.

A plan is a generator. It yields a command (send this request, sleep this long, hand this out) and is sent what came of
it; a failure is thrown into it. What the plan returns is the result. Nothing in a plan knows whether it is driven by
threads or by an event loop, and a test can drive it by hand.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Generator, Iterator
from contextlib import closing
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from attrs import evolve, frozen

from portkey_ft._http.messages import Request, Response
from portkey_ft.errors import APIConnectionError, PortkeyError
from portkey_ft.retries import TOO_MANY_REQUESTS, Outcome, RetryPolicy

__all__ = [
    "AsyncPerformer",
    "AsyncStream",
    "Command",
    "Emit",
    "End",
    "Environment",
    "Performer",
    "Plan",
    "Send",
    "Sleep",
    "Stream",
    "Watch",
    "advance",
    "advance_async",
    "call",
    "iterate",
    "run",
    "run_async",
]

T = TypeVar("T")

FIRST_ERROR_STATUS = 400


@frozen
class Send:
    """The command to send a request; the plan is sent the :class:`Response`, whatever its status."""

    request: Request
    attempt: int = 1


@frozen
class Sleep:
    """The command to let time pass, in seconds."""

    seconds: float


@frozen
class Emit(Generic[T]):
    """The command to hand a value to whoever iterates."""

    value: T


Command = Send | Sleep
Plan = Generator[Command, Any, T]
Stream = Generator[Command | Emit[T], Any, None]
Watch = Generator[Command | Emit[T], Any, T]


@frozen
class Environment:
    """What a plan needs from the world besides its commands.

    Attributes:
        now: The time of day.
        monotonic: A clock in seconds that never goes back.
        random: Random numbers from 0 to 1.
        policy: When a request is sent again.
    """

    now: Callable[[], datetime]
    monotonic: Callable[[], float]
    random: Callable[[], float]
    policy: RetryPolicy


class Performer(Protocol):
    """Carries out commands by blocking."""

    def send(self, request: Request, attempt: int) -> Response:
        """Send a request; raises :class:`APIConnectionError` if no answer comes."""
        ...

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        ...


class AsyncPerformer(Protocol):
    """Carries out commands by awaiting."""

    async def send(self, request: Request, attempt: int) -> Response:
        """Send a request; raises :class:`APIConnectionError` if no answer comes."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Let time pass."""
        ...


@frozen
class End:
    """A plan has ended with this result."""

    value: Any


def run(plan: Plan[T] | Watch[T], performer: Performer, observe: Callable[[T], object] | None = None) -> T:
    """Drive a plan to its result, and show what it emits on the way."""
    with closing(plan):
        while isinstance(reached := advance(plan, performer), Emit):
            if observe is not None:
                observe(reached.value)
    result: T = reached.value
    return result


async def run_async(
    plan: Plan[T] | Watch[T], performer: AsyncPerformer, observe: Callable[[T], object] | None = None
) -> T:
    """Drive a plan to its result, and show what it emits on the way."""
    with closing(plan):
        while isinstance(reached := await advance_async(plan, performer), Emit):
            if observe is not None:
                observe(reached.value)
    result: T = reached.value
    return result


def iterate(plan: Stream[T], performer: Performer) -> Iterator[T]:
    """Drive a plan and hand out what it emits."""
    with closing(plan):
        while isinstance(reached := advance(plan, performer), Emit):
            yield reached.value


class AsyncStream(Generic[T]):
    """Drive a plan and hand out what it emits.

    An iterator and no async generator: one that is left half-way needs no event loop to be cleaned up, which trio would
    complain about.
    """

    def __init__(self, plan: Stream[T], performer: AsyncPerformer) -> None:
        self._plan = plan
        self._performer = performer

    def __aiter__(self) -> AsyncIterator[T]:
        return self

    async def __anext__(self) -> T:
        try:
            reached = await advance_async(self._plan, self._performer)
        except BaseException:
            # A plan that was left where it waits for an answer cannot go on without it.
            self._plan.close()
            raise
        if isinstance(reached, Emit):
            value: T = reached.value
            return value
        raise StopAsyncIteration


def advance(plan: Plan[Any] | Stream[Any] | Watch[Any], performer: Performer) -> Emit[Any] | End:
    """Carry out a plan's commands until it emits a value or ends."""
    step: Callable[[Any], Command | Emit[Any]] = plan.send
    value: Any = None
    while True:
        try:
            command = step(value)
        except StopIteration as stop:
            return End(stop.value)
        if isinstance(command, Emit):
            return command
        try:
            value, step = _perform(command, performer), plan.send
        except PortkeyError as error:
            value, step = error, plan.throw


async def advance_async(plan: Plan[Any] | Stream[Any] | Watch[Any], performer: AsyncPerformer) -> Emit[Any] | End:
    """Carry out a plan's commands until it emits a value or ends."""
    step: Callable[[Any], Command | Emit[Any]] = plan.send
    value: Any = None
    while True:
        try:
            command = step(value)
        except StopIteration as stop:
            return End(stop.value)
        if isinstance(command, Emit):
            return command
        try:
            value, step = await _perform_async(command, performer), plan.send
        except PortkeyError as error:
            value, step = error, plan.throw


def _perform(command: Command, performer: Performer) -> Response | None:
    if isinstance(command, Send):
        return performer.send(command.request, command.attempt)
    performer.sleep(command.seconds)
    return None


async def _perform_async(command: Command, performer: AsyncPerformer) -> Response | None:
    if isinstance(command, Send):
        return await performer.send(command.request, command.attempt)
    await performer.sleep(command.seconds)
    return None


def call(request: Request, environment: Environment) -> Plan[Response]:
    """Send a request, and again as the policy allows; the last answer is the result, whatever its status."""
    retries_done = 0
    doubtful = False
    while True:
        answer: Response | APIConnectionError
        try:
            answer = yield Send(request, attempt=retries_done + 1)
        except APIConnectionError as error:
            answer = error
        if isinstance(answer, Response) and answer.status_code < FIRST_ERROR_STATUS:
            return evolve(answer, repeated=True) if doubtful else answer
        delay = environment.policy.delay(
            _outcome(answer),
            retries_done=retries_done,
            repeatable=request.repeatable,
            jitter=environment.random(),
            now=environment.now(),
        )
        # What is left of a body that comes once would pass for the whole of it.
        if delay is None or not request.replayable:
            if isinstance(answer, APIConnectionError):
                raise answer
            return evolve(answer, repeated=True) if doubtful else answer
        yield Sleep(delay)
        retries_done += 1
        doubtful = doubtful or _may_have_worked(answer)


def _may_have_worked(answer: Response | APIConnectionError) -> bool:
    if isinstance(answer, APIConnectionError):
        return answer.outcome_unknown
    return answer.status_code != TOO_MANY_REQUESTS


def _outcome(answer: Response | APIConnectionError) -> Outcome:
    if isinstance(answer, APIConnectionError):
        return Outcome(error=answer)
    return Outcome(answer.status_code, headers=answer.headers)
