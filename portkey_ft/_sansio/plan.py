"""Plans: every loop written once, without I/O.

A plan is a generator. It yields a command (send this request, sleep this long, hand this out) and is sent what came of
it; a failure is thrown into it. What the plan returns is the result. Nothing in a plan knows whether it is driven by
threads or by an event loop, and a test can drive it by hand.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from datetime import datetime
from typing import Any, Generic, TypeVar

from attrs import evolve, frozen

from portkey_ft._http.messages import Request, Response
from portkey_ft.errors import APIConnectionError
from portkey_ft.retries import TOO_MANY_REQUESTS, Outcome, Retry, RetryPolicy

__all__ = [
    "Command",
    "Emit",
    "Environment",
    "Plan",
    "Send",
    "Sleep",
    "Stream",
    "Watch",
    "call",
]

T = TypeVar("T")

FIRST_ERROR_STATUS = 400
UNAUTHORIZED = 401


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
        on_retry: Called before a request is sent again.
        note: Called with each response, whatever its status.
        renews_token: Whether the next request carries a token that was asked for anew.
    """

    now: Callable[[], datetime]
    monotonic: Callable[[], float]
    random: Callable[[], float]
    policy: RetryPolicy
    on_retry: Callable[[Retry], object] | None = None
    note: Callable[[Response], None] = lambda _: None
    renews_token: bool = False


def call(request: Request, environment: Environment) -> Plan[Response]:
    """Send a request, and again as the policy allows; the last answer is the result, whatever its status."""
    retries_done = 0
    doubtful = False
    renewed = not environment.renews_token
    while True:
        answer: Response | APIConnectionError
        try:
            response: Response = yield Send(request, attempt=retries_done + 1)
            environment.note(response)
            answer = response
        except APIConnectionError as error:
            answer = error
        if isinstance(answer, Response) and answer.status_code == UNAUTHORIZED and request.repeatable and not renewed:
            # A token may have expired between the moment it was asked for and the moment it was looked at.
            renewed = True
            continue
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
        if environment.on_retry is not None:
            environment.on_retry(_retry(request, answer, retries_done + 1, delay))
        yield Sleep(delay)
        retries_done += 1
        doubtful = doubtful or _may_have_worked(answer)


def _may_have_worked(answer: Response | APIConnectionError) -> bool:
    if isinstance(answer, APIConnectionError):
        return answer.outcome_unknown
    return answer.status_code != TOO_MANY_REQUESTS


def _retry(request: Request, answer: Response | APIConnectionError, attempt: int, delay: float) -> Retry:
    if isinstance(answer, APIConnectionError):
        return Retry(request.operation, attempt=attempt, delay=delay, error=answer)
    trace_id = answer.headers.get("x-portkey-trace-id")
    return Retry(
        request.operation,
        attempt=attempt,
        delay=delay,
        status_code=answer.status_code,
        trace_id=trace_id and answer.redact(trace_id),
    )


def _outcome(answer: Response | APIConnectionError) -> Outcome:
    if isinstance(answer, APIConnectionError):
        return Outcome(error=answer)
    return Outcome(answer.status_code, headers=answer.headers)
