"""Retries: when a request is sent again, as a policy and a pure function.

A request that can be repeated (GET, DELETE) is sent again after any transient error. One that starts paid work (create
a job, upload a file, cancel) is sent again only if the server certainly did not receive it, or refused it with 429: a
second job costs as much as the first.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from attrs import field, frozen, validators

from portkey_ft.errors import APIConnectionError

__all__ = ["Outcome", "Retry", "RetryPolicy", "retry_after_seconds"]

REQUEST_TIMEOUT = 408
TOO_MANY_REQUESTS = 429
INTERNAL_SERVER_ERROR = 500

# Far beyond any delay, and far below where a float overflows.
MOST_DOUBLINGS = 64

_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")

# A response with one of these passed through the gateway, which has its own retries for the provider's failures. The
# official SDK draws the line in the same place (portkey_ai/api_resources/base_client.py, _should_retry).
GATEWAY_HANDLED = ("x-portkey-trace-id", "x-portkey-request-id", "x-portkey-gateway-exception")


@frozen
class Outcome:
    """What became of one attempt.

    Attributes:
        status_code: The HTTP status, or None if there was no response.
        headers: The response's headers, with lower-case names.
        error: Why there was no response.
    """

    status_code: int | None = None
    headers: Mapping[str, str] = field(factory=dict[str, str], repr=False)
    error: APIConnectionError | None = None


@frozen
class Retry:
    """A request that is about to be sent again, as ``on_retry=`` of a client is told.

    Polling is not a retry: ``wait`` and ``follow`` send further requests, each of which may be retried.

    Attributes:
        operation: The operation, such as ``"fine_tuning.jobs.list"``.
        attempt: The number of the attempt that failed, from 1.
        delay: Seconds until the next one.
        status_code: The HTTP status of the response; None if there was none.
        error: Why there was no response; None if there was one.
        trace_id: The ID under which the gateway's logs know the failed attempt, if the response had one.
    """

    operation: str
    attempt: int = field(kw_only=True)
    delay: float = field(kw_only=True)
    status_code: int | None = field(default=None, kw_only=True)
    error: APIConnectionError | None = field(default=None, kw_only=True)
    trace_id: str | None = field(default=None, kw_only=True)

    @property
    def reason(self) -> str:
        """Why: the status, or what went wrong with the connection."""
        return f"HTTP {self.status_code}" if self.error is None else self.error.message

    def __str__(self) -> str:
        return f"{self.operation}: attempt {self.attempt} failed ({self.reason}), the next in {self.delay:.1f} seconds"


@frozen
class RetryPolicy:
    """How often and after how long a request is sent again.

    Args:
        max_retries: How many more attempts after the first.
        first_delay: Seconds before the first retry; doubled for each one after.
        longest_delay: Upper limit of a delay in seconds, unless the response asks for a longer one.
        longest_retry_after: Seconds up to which a Retry-After is honoured. A longer one ends the attempts: the caller
            gets the error rather than a long silence.
    """

    max_retries: int = field(default=2, validator=[validators.instance_of(int), validators.ge(0)])
    first_delay: float = field(default=0.5, validator=validators.ge(0))
    longest_delay: float = field(default=8.0, validator=validators.ge(0))
    longest_retry_after: float = field(default=60.0, validator=validators.ge(0))

    def delay(
        self, outcome: Outcome, *, retries_done: int, repeatable: bool, jitter: float, now: datetime
    ) -> float | None:
        """Return how long to wait before another attempt.

        Args:
            outcome: What became of the last one.
            retries_done: How many retries there were before.
            repeatable: Whether the request may take effect twice without harm.
            jitter: A random number from 0 to 1, which spreads the retries of many clients.
            now: The time against which a date in Retry-After is read.

        Returns:
            Seconds to wait, or None if the outcome stands.
        """
        if retries_done >= self.max_retries or not may_pass(outcome, repeatable=repeatable):
            return None
        asked = retry_after_seconds(outcome.headers, now=now)
        if asked is not None and asked > self.longest_retry_after:
            return None
        grown = self.first_delay * 2.0 ** min(retries_done, MOST_DOUBLINGS)
        backoff = min(grown, self.longest_delay) * (1 - jitter / 2)
        return backoff if asked is None else max(asked, backoff)


def may_pass(outcome: Outcome, *, repeatable: bool) -> bool:
    """Tell whether another attempt is safe and has a chance."""
    if outcome.error is not None:
        return repeatable or not outcome.error.outcome_unknown
    status = outcome.status_code or 0
    if status == TOO_MANY_REQUESTS:
        return True
    if not repeatable:
        return False
    if status == REQUEST_TIMEOUT:
        return True
    return status >= INTERNAL_SERVER_ERROR and not any(outcome.headers.get(name) for name in GATEWAY_HANDLED)


def retry_after_seconds(headers: Mapping[str, str], *, now: datetime) -> float | None:
    """Read how long a response asks to wait: ``Retry-After`` in seconds or as a date (RFC 9110, 10.2.3).

    ``Retry-After-Ms``, which Azure OpenAI sends, is more exact and comes first.

    Returns:
        Seconds, never negative; None if the response does not say or cannot be understood.
    """
    milliseconds = headers.get("retry-after-ms", "").strip()
    text = headers.get("retry-after", "").strip()
    try:
        if _NUMBER.fullmatch(milliseconds):
            seconds = float(milliseconds) / 1000
        elif _NUMBER.fullmatch(text):
            seconds = float(text)
        else:
            seconds = _seconds_until(text, now)
    except (ArithmeticError, LookupError, TypeError, ValueError):
        # What the standard library's parser raises on dates that are none: all of these.
        return None
    return max(0.0, seconds) if math.isfinite(seconds) else None


def _seconds_until(text: str, now: datetime) -> float:
    date = parsedate_to_datetime(text)
    return ((date if date.tzinfo else date.replace(tzinfo=UTC)) - now).total_seconds()
