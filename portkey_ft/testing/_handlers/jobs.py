"""What the operations on jobs do."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import attrs

from portkey_ft.testing._handlers.context import Call, Outcome
from portkey_ft.testing._handlers.files import find_file
from portkey_ft.testing._http.messages import Problem, json_object, something_went_wrong
from portkey_ft.testing._model.job_script import FINAL_STATUSES
from portkey_ft.testing._model.state import Job
from portkey_ft.testing._model.timeline import checkpoint_model, checkpoints, events, status_at, view
from portkey_ft.testing._providers.openai import checkpoint_object, checkpoint_page, event_page

if TYPE_CHECKING:
    from collections.abc import Mapping

    from portkey_ft.testing._http.messages import Request


def _body(request: Request) -> Mapping[str, object] | None:
    try:
        return json_object(json.loads(request.read()))
    except ValueError:
        return None


def _job_not_found(call: Call) -> Problem:
    return Problem(
        status=404,
        message=f"Could not find fine tune: {call.identifier}",
        code="fine_tune_not_found",
        param="fine_tune_id",
    )


def create_job(call: Call) -> Outcome:
    """Start a job."""
    body, dialect, state = _body(call.request), call.dialect, call.state
    if body is None:
        return Outcome(state, something_went_wrong())
    order = dialect.order(body)
    if isinstance(order, Problem):
        return Outcome(state, order)
    for param, file_id in (("training_file", order.training_file), ("validation_file", order.validation_file)):
        if dialect.wants_stored_files and file_id is not None and find_file(call, file_id) is None:
            complaint = Problem(status=400, message=f"invalid {param}: {file_id}", param=param)
            return Outcome(state, complaint)
    script = state.scripts[0] if state.scripts else call.script
    job = Job(
        id=dialect.job_id(state.serial + 1),
        owner=call.account,
        order=order,
        script=script,
        created_at=call.now,
        trace_id=call.trace_id,
    )
    following = attrs.evolve(state, jobs=(*state.jobs, job), scripts=state.scripts[1:], serial=state.serial + 1)
    return Outcome(following, dialect.created(view(job, call.now)))


def _metadata_wanted(parameters: Mapping[str, str]) -> Mapping[str, str]:
    return {
        name.removeprefix("metadata[").removesuffix("]"): value
        for name, value in parameters.items()
        if name.startswith("metadata[")
    }


def _has_metadata(job: Job, wanted: Mapping[str, str]) -> bool:
    metadata = json_object(job.order.fields.get("metadata")) or {}
    return all(metadata.get(name) == value for name, value in wanted.items())


def list_jobs(call: Call) -> Outcome:
    """List jobs."""
    wanted = _metadata_wanted(call.request.parameters)
    jobs = [view(job, call.now) for job in call.state.jobs_of(call.account) if _has_metadata(job, wanted)]
    return Outcome(call.state, call.dialect.job_page(jobs, call.query))


def retrieve_job(call: Call) -> Outcome:
    """Show a job."""
    job = call.state.job(call.account, call.identifier)
    answer = _job_not_found(call) if job is None else call.dialect.retrieved(view(job, call.now))
    return Outcome(call.state, answer)


def cancel_job(call: Call) -> Outcome:
    """Cancel a job."""
    job = call.state.job(call.account, call.identifier)
    if job is None:
        return Outcome(call.state, _job_not_found(call))
    status = status_at(job, call.now)
    if status in FINAL_STATUSES:
        complaint = Problem(status=400, message=f"Job has already {status}.", code="invalid_state")
        return Outcome(call.state, complaint)
    cancelled = attrs.evolve(job, cancelled_at=call.now)
    return Outcome(call.state.replace_job(cancelled), call.dialect.cancelled(view(cancelled, call.now)))


def list_events(call: Call) -> Outcome:
    """List the events of a job."""
    job = call.state.job(call.account, call.identifier)
    answer = _job_not_found(call) if job is None else event_page(job.id, events(job, call.now)[::-1], call.query)
    return Outcome(call.state, answer)


def list_checkpoints(call: Call) -> Outcome:
    """List the checkpoints of a job."""
    job = call.state.job(call.account, call.identifier)
    if job is None:
        return Outcome(call.state, _job_not_found(call))
    objects = [
        checkpoint_object(job.id, checkpoint_model(job, checkpoint.step), checkpoint)
        for checkpoint in checkpoints(job, call.now)[::-1]
    ]
    return Outcome(call.state, checkpoint_page(objects, call.query))
