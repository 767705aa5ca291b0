"""What is done with jobs, as plans: each operation once, for both ways of driving it."""

from __future__ import annotations

from functools import partial
from typing import Any

from portkey_ft._api import operations
from portkey_ft._api.requests import CallOptions, JobRequest, RequestOptions, WatchOptions
from portkey_ft._plans.polling import Pace, follow_events, watch_job
from portkey_ft._plans.runtime import Runtime
from portkey_ft._sansio.plan import Environment, Plan, Stream, Watch, call
from portkey_ft.errors import PortkeyError
from portkey_ft.pagination import ListQuery, Page
from portkey_ft.types import Checkpoint, FineTuningEvent, FineTuningJob

__all__ = ["cancel", "checkpoints", "create", "events", "followed", "jobs", "retrieve", "watched"]

# Events asked for at a look. One look usually finds a few.
FOLLOW_PAGE = 50


def create(environment: Environment, options: RequestOptions, given: JobRequest) -> Plan[FineTuningJob]:
    """Plan to start a job."""
    request = operations.create_job(options, given)
    job = operations.JOBS_CREATE.parse((yield from call(request, environment)))
    if set(job.raw) - {"id", "object"}:
        return job
    # Bedrock answers with an id alone. What was started must not be lost over a second request that fails.
    try:
        return (yield from retrieve(environment, options, job.id))
    except PortkeyError:
        return job


def retrieve(environment: Environment, options: RequestOptions, job_id: str) -> Plan[FineTuningJob]:
    """Plan to look at a job."""
    request = operations.retrieve_job(options, job_id)
    return operations.JOBS_RETRIEVE.parse((yield from call(request, environment)))


def cancel(environment: Environment, options: RequestOptions, job_id: str) -> Plan[FineTuningJob]:
    """Plan to stop a job."""
    request = operations.cancel_job(options, job_id)
    response = yield from call(request, environment)
    if operations.says_nothing_of_the_job(response):
        try:
            return (yield from retrieve(environment, options, job_id))
        except PortkeyError as error:
            error.hint = "the cancellation was accepted; only the look at the job after it failed."
            raise
    return operations.JOBS_CANCEL.parse(response)


def jobs(runtime: Runtime[Any], given: CallOptions, **span: Any) -> ListQuery[FineTuningJob]:  # noqa: ANN401 - ListQuery's
    """Describe the list of jobs."""
    row = operations.JOBS_LIST
    build = partial(operations.list_jobs, runtime.options(row.name, given))
    return runtime.listing(row, build, **span)


def events(
    runtime: Runtime[Any],
    job_id: str,
    given: CallOptions,
    **span: Any,  # noqa: ANN401 - ListQuery's
) -> ListQuery[FineTuningEvent]:
    """Describe the list of a job's events."""
    row = operations.JOBS_LIST_EVENTS
    build = partial(operations.list_events, runtime.options(row.name, given), job_id)
    return runtime.listing(row, build, **span)


def checkpoints(
    runtime: Runtime[Any],
    job_id: str,
    given: CallOptions,
    **span: Any,  # noqa: ANN401 - ListQuery's
) -> ListQuery[Checkpoint]:
    """Describe the list of a job's checkpoints."""
    row = operations.CHECKPOINTS_LIST
    build = partial(operations.list_checkpoints, runtime.options(row.name, given), job_id)
    return runtime.listing(row, build, **span)


def watched(runtime: Runtime[Any], job_id: str, pace: Pace, given: WatchOptions) -> Watch[FineTuningJob]:
    """Plan to look at a job until it has ended."""
    options = runtime.watch_options("fine_tuning.jobs.wait", given)
    fetch = partial(retrieve, runtime.environment, options, job_id)
    return watch_job(job_id, fetch, pace, runtime.environment)


def followed(runtime: Runtime[Any], job_id: str, pace: Pace, given: WatchOptions) -> Stream[FineTuningEvent]:
    """Plan to emit what happens to a job until it has ended."""
    options = runtime.watch_options("fine_tuning.jobs.follow", given)
    fetch = partial(retrieve, runtime.environment, options, job_id)
    build = partial(operations.list_events, options, job_id)
    listing = runtime.listing(operations.JOBS_LIST_EVENTS, build, after=None, limit=None, page_size=FOLLOW_PAGE)
    return follow_events(job_id, fetch, partial(_page_after, listing), pace, runtime.environment)


def _page_after(events: ListQuery[FineTuningEvent], after: str | None) -> Plan[Page[FineTuningEvent]]:
    return events.fetch(after, None)
