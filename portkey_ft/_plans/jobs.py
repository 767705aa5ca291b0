"""Plans of the operations on jobs: each written once, for both ways of driving it."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import suppress
from functools import partial
from typing import Any

from attrs import evolve

from portkey_ft._api import operations
from portkey_ft._api.job_fitting import differences, fit, suits_every_provider
from portkey_ft._api.job_spec import JobSpec
from portkey_ft._api.requests import RequestOptions, check_filters, path_id
from portkey_ft._listing import ListQuery, PageRange
from portkey_ft._plans.polling import Polling, follow_events, watch_job
from portkey_ft._plans.runtime import Runtime
from portkey_ft._providers import profile_of
from portkey_ft._redaction import json_texts
from portkey_ft._sansio.plan import Environment, Plan, Stream, Watch, call
from portkey_ft._warnings import warn
from portkey_ft.errors import APIConnectionError, NotSupportedError, PortkeyError
from portkey_ft.options import CallOptions, WatchOptions
from portkey_ft.types import Checkpoint, FineTuningEvent, FineTuningJob

__all__ = [
    "cancel",
    "create",
    "follow",
    "list_checkpoints",
    "list_events",
    "list_jobs",
    "pause",
    "resume",
    "retrieve",
    "wait",
]

# The ID of a job is checked at the call: a list or a stream of events sends nothing until it is iterated.
JOB_ID = "fine_tuning_job_id"

# How many events one poll asks for. A poll usually finds a few.
FOLLOW_PAGE = 50


def create(runtime: Runtime[Any], options: RequestOptions, spec: JobSpec) -> Plan[FineTuningJob]:
    """Plan to start a job.

    Raises:
        NotSupportedError: Something that changes the training would be lost on the way to the provider.
    """
    if not runtime.providers.names and runtime.providers.can_be_learned and not suits_every_provider(spec):
        yield from _learn_provider(runtime, options)
    fitted = fit(spec, runtime.providers.names)
    for warning in fitted.warnings:
        warn(warning)
    options = evolve(options, secrets=json_texts(_options_with_keys(spec)))
    request = operations.create_job(options, fitted.spec)
    job = operations.JOBS_CREATE.parse((yield from call(request, runtime.environment)))
    if not set(job.raw) - {"id", "object"}:
        # The provider answered with an ID alone. A job that was started must not be lost over a second request that
        # fails, nor over what a function of the caller raises: the source of a token, or on_retry.
        with suppress(Exception):
            job = yield from retrieve(runtime.environment, options, job.id)
    for difference in differences(spec, job, lost=fitted.lost):
        warn(difference)
    return job


def _options_with_keys(spec: JobSpec) -> list[object]:
    """Return the parts of a job that may hold keys: headers of the gateway are written there."""
    names = ("portkey_options", "provider_options")
    return [spec.portkey_options, spec.provider_options, *(spec.extra_body.get(name) for name in names)]


def _learn_provider(runtime: Runtime[Any], options: RequestOptions) -> Generator[Any, Any, None]:
    """Plan to find out the provider: any response names it, be it an error."""
    try:
        yield from call(operations.list_jobs(options, None, None, 1), runtime.environment)
    except APIConnectionError as error:
        error.operation = operations.JOBS_CREATE.name
        error.outcome_unknown = False
        error.hint = "no job was started: this was the request that finds out the provider. Try again."
        raise


def retrieve(environment: Environment, options: RequestOptions, job_id: str) -> Plan[FineTuningJob]:
    """Plan to retrieve a job."""
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
            error.hint = "the cancellation was accepted; only retrieving the job after it failed."
            raise
    return operations.JOBS_CANCEL.parse(response)


def pause(runtime: Runtime[Any], options: RequestOptions, job_id: str) -> Plan[FineTuningJob]:
    """Plan to pause a job."""
    return _pause_or_resume(runtime, options, job_id, operations.JOBS_PAUSE)


def resume(runtime: Runtime[Any], options: RequestOptions, job_id: str) -> Plan[FineTuningJob]:
    """Plan to resume a job."""
    return _pause_or_resume(runtime, options, job_id, operations.JOBS_RESUME)


def _pause_or_resume(
    runtime: Runtime[Any], options: RequestOptions, job_id: str, operation: operations.JobOperation
) -> Plan[FineTuningJob]:
    """Plan to change the state of a job, where the gateway does not take that for a cancellation.

    Raises:
        NotSupportedError: The gateway would cancel the job, or it is not known whether it would.
    """
    providers = runtime.providers.named
    if not providers:
        # What other responses named says nothing about this job: a config, or Portkey itself, may lead to several.
        job = yield from retrieve(runtime.environment, options, job_id)
        if job.response is None or job.response.provider is None:
            message = f"the provider of the job {job_id} is unknown, and for some the gateway would cancel it instead."
            raise NotSupportedError(message, hint="pass provider= to the client.", operation=operation.name)
        providers = runtime.providers.names | {job.response.provider}
    for provider in sorted(providers):
        if profile_of(provider).any_post_cancels:
            message = f"the gateway has no {operation.name} for {provider}, and would cancel the job instead."
            raise NotSupportedError(message, operation=operation.name)
    request = operations.change_job(operation, options, job_id)
    return operation.parse((yield from call(request, runtime.environment)))


def list_jobs(
    runtime: Runtime[Any], metadata: Mapping[str, str] | None, given: CallOptions, page_range: PageRange
) -> ListQuery[FineTuningJob]:
    """Describe the list of jobs.

    Raises:
        NotSupportedError: The gateway drops the filter for a provider that is known to be behind it.
    """
    operation = operations.JOBS_LIST
    filters = check_filters(metadata, "metadata", operation.name)
    for provider in sorted(runtime.providers.names) if filters else ():
        if profile_of(provider).drops_list_filters:
            message = f"the gateway drops the filter metadata= for {provider}: the list would come unfiltered."
            raise NotSupportedError(message, hint="filter the items yourself.", operation=operation.name)
    build = partial(operations.list_jobs, runtime.options(operation.name, given), filters)
    return ListQuery(operation.name, build, operation.parse, runtime.environment, page_range, is_filtered=bool(filters))


def list_events(
    runtime: Runtime[Any], job_id: str, given: CallOptions, page_range: PageRange
) -> ListQuery[FineTuningEvent]:
    """Describe the list of a job's events."""
    operation = operations.JOBS_LIST_EVENTS
    path_id(job_id, JOB_ID, operation.name)
    build = partial(operations.list_events, runtime.options(operation.name, given), job_id)
    return ListQuery(operation.name, build, operation.parse, runtime.environment, page_range)


def list_checkpoints(
    runtime: Runtime[Any], job_id: str, given: CallOptions, page_range: PageRange
) -> ListQuery[Checkpoint]:
    """Describe the list of a job's checkpoints."""
    operation = operations.CHECKPOINTS_LIST
    path_id(job_id, JOB_ID, operation.name)
    build = partial(operations.list_checkpoints, runtime.options(operation.name, given), job_id)
    return ListQuery(operation.name, build, operation.parse, runtime.environment, page_range)


def wait(runtime: Runtime[Any], job_id: str, polling: Polling, given: WatchOptions) -> Watch[FineTuningJob]:
    """Plan to poll a job until it has ended."""
    path_id(job_id, JOB_ID, "fine_tuning.jobs.wait")
    options = runtime.watch_options("fine_tuning.jobs.wait", given)
    fetch = partial(retrieve, runtime.environment, options, job_id)
    return watch_job(job_id, fetch, polling, runtime.environment)


def follow(runtime: Runtime[Any], job_id: str, polling: Polling, given: WatchOptions) -> Stream[FineTuningEvent]:
    """Plan to emit the events of a job until it has ended."""
    path_id(job_id, JOB_ID, "fine_tuning.jobs.follow")
    options = runtime.watch_options("fine_tuning.jobs.follow", given)
    fetch = partial(retrieve, runtime.environment, options, job_id)
    operation = operations.JOBS_LIST_EVENTS
    build = partial(operations.list_events, options, job_id)
    events = ListQuery(operation.name, build, operation.parse, runtime.environment, PageRange(page_size=FOLLOW_PAGE))
    return follow_events(job_id, fetch, lambda after: events.fetch(after, None), polling, runtime.environment)
