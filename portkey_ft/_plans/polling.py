"""Polling: wait for a job or a file, and follow the events of a job.

The loops are plans: they decide when to poll again and when to stop, and a driver does the waiting. Polling backs off
while nothing changes, retries transient errors, and always ends: every limit is finite.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator
from typing import Any, TypeVar

from attrs import field, frozen

from portkey_ft._sansio.plan import Emit, Environment, Plan, Sleep, Stream, Watch
from portkey_ft.errors import (
    APIConnectionError,
    APIStatusError,
    ConfigurationError,
    JobFailedError,
    PortkeyError,
    ResponseError,
    WaitTimeoutError,
)
from portkey_ft.retries import INTERNAL_SERVER_ERROR, REQUEST_TIMEOUT, TOO_MANY_REQUESTS
from portkey_ft.types import File, FineTuningEvent, FineTuningJob, Page

__all__ = ["Polling", "final_job", "follow_events", "processed_file", "watch_file", "watch_job"]

T = TypeVar("T")

#: States that a job passes through. A job in another one is waited for as well, but not as long.
KNOWN_STATES = frozenset({"created", "paused", "pending", "queued", "running", "validating_files"})
PENDING_FILE_STATES = frozenset({"pending", "processing", "running", "uploaded", "uploading"})

# How many polls in a row may fail before the error is no longer taken for a transient one. With the backoff below that
# is some minutes.
MOST_FAILURES_IN_A_ROW = 10
BACKOFF = 1.5
# Far beyond any delay, and far below where a float overflows.
MOST_GROWTHS = 64

DAY = 86_400.0
HOUR = 3_600.0


def _check_seconds(instance: object, attribute: Any, value: object) -> None:  # noqa: ANN401 - attrs' protocol
    del instance
    if isinstance(value, bool) or not isinstance(value, int | float) or math.isnan(value) or value <= 0:
        message = f"{attribute.name} must be a positive number of seconds, not {value!r}."
        raise ConfigurationError(message)


@frozen
class Polling:
    """How often to poll, and for how long.

    Args:
        timeout: Seconds after which waiting ends with :class:`WaitTimeoutError`.
        poll_interval: Seconds between the first polls; they grow while nothing changes.
        longest_interval: Upper limit of the growing interval in seconds, unless ``poll_interval`` does.
        unknown_state_timeout: Seconds that a job may stay in a state that this package does not know.
    """

    timeout: float = field(default=DAY, validator=_check_seconds)
    poll_interval: float = field(default=5.0, validator=_check_seconds)
    longest_interval: float = field(default=60.0, validator=_check_seconds)
    unknown_state_timeout: float = field(default=HOUR, validator=_check_seconds)

    def interval(self, quiet_polls: int) -> float:
        """Return how many seconds to wait after so many polls that found nothing new."""
        grown = self.poll_interval * BACKOFF ** min(quiet_polls, MOST_GROWTHS)
        return min(grown, max(self.poll_interval, self.longest_interval))


@frozen
class _Deadline:
    """When waiting ends.

    Attributes:
        environment: The clock.
        at: The end, by the monotonic clock.
        seconds: How long waiting may take in all.
        subject: What is waited for, for the message.
        operation: The name of the operation.
    """

    environment: Environment
    at: float
    seconds: float
    subject: str
    operation: str

    def sleep(self, seconds: float, *, paused: bool = False) -> Generator[Any, Any, None]:
        """Plan to sleep, but not beyond the deadline.

        Args:
            seconds: How long.
            paused: Whether what is waited for does not go on by itself.
        """
        left = self.at - self.environment.monotonic()
        if left <= 0:
            message = f"{self.subject} has not ended within {self.seconds:g} seconds."
            hint = "it goes on; wait again, with a longer timeout=."
            if paused:
                message = f"{self.subject} has not ended within {self.seconds:g} seconds: it is paused."
                hint = "client.fine_tuning.jobs.resume(...) lets it go on."
            raise WaitTimeoutError(message, hint=hint, operation=self.operation)
        yield Sleep(min(seconds, left))


def _fetch_with_retries(fetch: Callable[[], Plan[T]], polling: Polling, deadline: _Deadline) -> Generator[Any, Any, T]:
    """Plan to fetch, and again after transient errors."""
    failures = 0
    while True:
        try:
            return (yield from fetch())
        except (APIConnectionError, APIStatusError, ResponseError) as error:
            failures += 1
            if failures > MOST_FAILURES_IN_A_ROW or not _is_transient(error):
                raise
            asked = error.retry_after if isinstance(error, APIStatusError) else None
        yield from deadline.sleep(max(polling.interval(failures), asked or 0.0))


def _is_transient(error: PortkeyError) -> bool:
    """Tell whether a poll may succeed later: what is wrong with the request itself stays wrong."""
    if isinstance(error, APIStatusError):
        status = error.status_code
        return status in {REQUEST_TIMEOUT, TOO_MANY_REQUESTS} or status >= INTERNAL_SERVER_ERROR
    return True


def watch_job(
    job_id: str, fetch: Callable[[], Plan[FineTuningJob]], polling: Polling, environment: Environment
) -> Watch[FineTuningJob]:
    """Plan to emit a job at each poll until it has ended; the result is the job as it ended."""
    operation = "fine_tuning.jobs.wait"
    begin = environment.monotonic()
    deadline = _Deadline(environment, begin + polling.timeout, polling.timeout, f"the job {job_id}", operation)
    last: FineTuningJob | None = None
    quiet, unknown_since = 0, begin
    while True:
        job = yield from _fetch_with_retries(fetch, polling, deadline)
        yield Emit(job)
        if job.is_final:
            return job
        now = environment.monotonic()
        if job.status is None or job.status in KNOWN_STATES:
            unknown_since = now
        elif now - unknown_since >= polling.unknown_state_timeout:
            message = (
                f"the job {job_id} has been in the unknown state {job.status!r} for {now - unknown_since:.0f} seconds."
            )
            raise WaitTimeoutError(message, hint="check it in the provider's own console.", operation=operation)
        quiet = quiet + 1 if last == job else 0
        last = job
        yield from deadline.sleep(polling.interval(quiet), paused=job.is_paused)


def final_job(job: FineTuningJob) -> FineTuningJob:
    """Return a job that ended with a model.

    Raises:
        JobFailedError: It ended without one.
    """
    if job.succeeded:
        return job
    reason = job.error.message or job.error.code if job.error else None
    what = "failed" if job.status == "failed" else f"was {job.status}"
    message = f"the job {job.id} {what}: {_sentence(reason)}"
    raise JobFailedError(message, operation="fine_tuning.jobs.wait", trace_id=job.trace_id, job=job)


def _sentence(reason: str | None) -> str:
    """End a provider's words with one full stop, whether they had one or not."""
    return f"{(reason or 'the provider gives no reason').rstrip('. ')}."


def watch_file(file_id: str, fetch: Callable[[], Plan[File]], polling: Polling, environment: Environment) -> Plan[File]:
    """Plan to fetch a file until it is processed; the result is the file as it was then."""
    at = environment.monotonic() + polling.timeout
    deadline = _Deadline(environment, at, polling.timeout, f"the file {file_id}", "files.wait_for_processing")
    quiet = 0
    while True:
        file = yield from _fetch_with_retries(fetch, polling, deadline)
        if file.status not in PENDING_FILE_STATES:
            return file
        yield from deadline.sleep(polling.interval(quiet))
        quiet += 1


def processed_file(file: File) -> File:
    """Return a file that can be used.

    Raises:
        PortkeyError: The provider could not process it.
    """
    if file.status in {"error", "failed", "deleted"}:
        message = f"the file {file.id} could not be processed: {_sentence(file.status_details)}"
        raise PortkeyError(message, operation="files.wait_for_processing", trace_id=file.trace_id)
    return file


def follow_events(
    job_id: str,
    fetch: Callable[[], Plan[FineTuningJob]],
    fetch_page: Callable[[str | None], Plan[Page[FineTuningEvent]]],
    polling: Polling,
    environment: Environment,
) -> Stream[FineTuningEvent]:
    """Plan to emit each event of a job once, oldest first, until the job has ended."""
    at = environment.monotonic() + polling.timeout
    deadline = _Deadline(environment, at, polling.timeout, f"the job {job_id}", "fine_tuning.jobs.follow")
    seen: set[str] = set()
    quiet = 0
    while True:
        # The job first: whatever it did before it ended is then in the events that are read after.
        job = yield from _fetch_with_retries(fetch, polling, deadline)
        events = yield from _new_events(fetch_page, seen, polling, deadline)
        for event in events:
            yield Emit(event)
        if job.is_final:
            return
        quiet = 0 if events else quiet + 1
        yield from deadline.sleep(polling.interval(quiet), paused=job.is_paused)


def _new_events(
    fetch_page: Callable[[str | None], Plan[Page[FineTuningEvent]]],
    seen: set[str],
    polling: Polling,
    deadline: _Deadline,
) -> Generator[Any, Any, list[FineTuningEvent]]:
    """Plan to collect the events that were not seen yet, oldest first, and note them as seen."""
    new: list[FineTuningEvent] = []
    after: str | None = None
    while True:
        cursor = after
        page = yield from _fetch_with_retries(lambda: fetch_page(cursor), polling, deadline)  # noqa: B023 - called before it changes
        fresh = [event for event in page.items if event.id not in seen]
        seen.update(event.id for event in fresh)
        new.extend(fresh)
        # Events come newest first: a page without a new one is followed by older ones alone, or by itself.
        if not fresh or page.has_more is False:
            return new[::-1]
        after = page.cursor
