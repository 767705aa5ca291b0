"""Plans: every loop written once, without I/O.

A plan is a generator. It yields a command (send this request, sleep this long, emit this value) and is sent the
outcome; an error is thrown into it. What the plan returns is the result. Nothing in a plan knows whether threads or an
event loop drive it, and a test can drive it by hand.
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
    """Send a request, and again as the policy allows; the last response is the result, whatever its status."""
    retries_done = 0
    doubtful = False
    renewed = not environment.renews_token
    while True:
        outcome: Response | APIConnectionError
        try:
            response: Response = yield Send(request, attempt=retries_done + 1)
            environment.note(response)
            outcome = response
        except APIConnectionError as error:
            outcome = error
        if isinstance(outcome, Response) and outcome.status_code == UNAUTHORIZED and request.repeatable and not renewed:
            # A token may expire on its way.
            renewed = True
            continue
        if isinstance(outcome, Response) and outcome.status_code < FIRST_ERROR_STATUS:
            return outcome
        delay = environment.policy.delay(
            _to_outcome(outcome),
            retries_done=retries_done,
            repeatable=request.repeatable,
            jitter=environment.random(),
            now=environment.now(),
        )
        # What is left of a body that comes once would pass for the whole of it.
        if delay is None or not request.replayable:
            if isinstance(outcome, APIConnectionError):
                raise outcome
            return evolve(outcome, repeated=True) if doubtful else outcome
        if environment.on_retry is not None:
            environment.on_retry(_retry(request, outcome, retries_done + 1, delay))
        yield Sleep(delay)
        retries_done += 1
        doubtful = doubtful or _may_have_worked(outcome)


def _may_have_worked(outcome: Response | APIConnectionError) -> bool:
    if isinstance(outcome, APIConnectionError):
        return outcome.outcome_unknown
    return outcome.status_code != TOO_MANY_REQUESTS


def _retry(request: Request, outcome: Response | APIConnectionError, attempt: int, delay: float) -> Retry:
    if isinstance(outcome, APIConnectionError):
        return Retry(request.operation, attempt=attempt, delay=delay, error=outcome)
    trace_id = outcome.headers.get("x-portkey-trace-id")
    return Retry(
        request.operation,
        attempt=attempt,
        delay=delay,
        status_code=outcome.status_code,
        trace_id=trace_id and outcome.redact(trace_id),
    )


def _to_outcome(outcome: Response | APIConnectionError) -> Outcome:
    if isinstance(outcome, APIConnectionError):
        return Outcome(error=outcome)
    return Outcome(outcome.status_code, headers=outcome.headers)
