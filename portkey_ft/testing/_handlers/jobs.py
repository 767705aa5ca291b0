"""The fine-tuning job operations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from portkey_ft.testing._handlers.context import OperationContext, OperationResult
from portkey_ft.testing._handlers.files import find_file
from portkey_ft.testing._http.messages import Problem, Response, json_object, something_went_wrong
from portkey_ft.testing._model.job_script import FINAL_STATUSES
from portkey_ft.testing._model.state import Job
from portkey_ft.testing._model.timeline import (
    cancel,
    checkpoint_model,
    checkpoints,
    events,
    pause,
    resume,
    status_at,
    tokens_in,
    view,
)
from portkey_ft.testing._providers import javascript
from portkey_ft.testing._providers.base import Creation
from portkey_ft.testing._providers.openai import checkpoint_object, checkpoint_page, event_page

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from portkey_ft.testing._http.messages import Request
    from portkey_ft.testing._model.state import JobSpec
    from portkey_ft.testing._model.timeline import JobView
    from portkey_ft.testing._providers.base import Reply


def _body(request: Request) -> Mapping[str, object] | None:
    """Return the body as the gateway reads it; None if that raises.

    It takes a document that is not an object for an empty one.
    """
    try:
        return json_object(javascript.parse(request.read().decode())) or {}
    except ValueError:
        return None


def _job_not_found(context: OperationContext) -> Problem:
    return Problem(
        status=404,
        message=f"Could not find fine tune: {context.identifier}",
        code="fine_tune_not_found",
        param="fine_tune_id",
    )


def create_job(context: OperationContext) -> OperationResult:
    """Create a job."""
    body, dialect, state = _body(context.request), context.dialect, context.state
    if body is None:
        return OperationResult(state, something_went_wrong())
    if dialect.takes_overrides:
        body = {**body, **context.override_params}
    creation = Creation(body=body, account_id=context.account_id, serial=state.serial + 1)
    # Without a content type, the gateway forwards no body.
    received = dialect.forward_job(creation) if context.request.content_type else dict[str, object]()
    if isinstance(received, Response):
        return OperationResult(state, received)
    spec = dialect.accept_job(received)
    if isinstance(spec, Problem):
        return OperationResult(state, spec)
    problem = _unknown(spec, context)
    if problem is not None:
        return OperationResult(state, problem)
    script = state.scripts[0] if state.scripts else context.script
    job = Job(
        id=dialect.job_id(state.serial + 1),
        owner=context.account,
        spec=spec,
        received=received,
        script=script,
        created_at=context.now,
        trace_id=context.trace_id,
        tokens_per_epoch=tokens_in(find_file(context, spec.training_file)),
    )
    following = attrs.evolve(state, jobs=(*state.jobs, job), scripts=state.scripts[1:], serial=state.serial + 1)
    return OperationResult(following, dialect.created(view(job, context.now)))


def _unknown(spec: JobSpec, context: OperationContext) -> Problem | None:
    """Return the error that the model or a file is unknown to the provider; None if they are known."""
    if context.models is not None and spec.model not in context.models:
        message = f"Model {spec.model} is not available for fine-tuning or does not exist."
        return Problem(status=400, message=message, code="model_not_available")
    for param, file_id in (("training_file", spec.training_file), ("validation_file", spec.validation_file)):
        if context.dialect.requires_known_files and file_id is not None and find_file(context, file_id) is None:
            return Problem(status=400, message=f"invalid {param}: {file_id}", param=param)
    return None


def _metadata_filter(parameters: Mapping[str, str]) -> Mapping[str, str]:
    return {
        name.removeprefix("metadata[").removesuffix("]"): value
        for name, value in parameters.items()
        if name.startswith("metadata[")
    }


def _has_metadata(job: Job, wanted: Mapping[str, str]) -> bool:
    metadata = json_object(job.spec.fields.get("metadata")) or {}
    return all(metadata.get(name) == value for name, value in wanted.items())


def list_jobs(context: OperationContext) -> OperationResult:
    """List jobs."""
    parameters = context.request.parameters if context.dialect.filters_metadata else dict[str, str]()
    wanted = _metadata_filter(parameters)
    jobs = [view(job, context.now) for job in context.state.jobs_of(context.account) if _has_metadata(job, wanted)]
    return OperationResult(context.state, context.dialect.job_page(jobs, context.query))


def retrieve_job(context: OperationContext) -> OperationResult:
    """Return a job."""
    job = context.state.job(context.account, context.identifier)
    reply = _job_not_found(context) if job is None else context.dialect.retrieved(view(job, context.now))
    return OperationResult(context.state, reply)


def _change_job(
    context: OperationContext,
    change: Callable[[Job, float], Job],
    reply: Callable[[JobView], Reply],
    *,
    refusal: Callable[[str], str | None] = lambda _status: None,
) -> OperationResult:
    """Change a job that has not ended; ``refusal`` returns the error message for a status that does not allow it."""
    job = context.state.job(context.account, context.identifier)
    if job is None:
        return OperationResult(context.state, _job_not_found(context))
    status = status_at(job, context.now)
    message = f"Job has already {status}." if status in FINAL_STATUSES else refusal(status)
    if message is not None:
        return OperationResult(context.state, Problem(status=400, message=message, code="invalid_state"))
    changed = change(job, context.now)
    return OperationResult(context.state.replace_job(changed), reply(view(changed, context.now)))


def cancel_job(context: OperationContext) -> OperationResult:
    """Cancel a job."""
    if context.dialect.signs_cancellations and context.request.content_type:
        # The gateway sends a body that it has not signed.
        message = "The request signature we calculated does not match the signature you provided."
        return OperationResult(context.state, Problem(status=403, message=message))
    return _change_job(context, cancel, context.dialect.changed)


def pause_job(context: OperationContext) -> OperationResult:
    """Pause a job; or cancel it, where the gateway takes any POST to a job for that."""
    if context.dialect.any_post_cancels:
        return cancel_job(context)
    return _change_job(
        context,
        pause,
        context.dialect.changed,
        refusal=lambda status: "Job is already paused." if status == "paused" else None,
    )


def resume_job(context: OperationContext) -> OperationResult:
    """Resume a job; or cancel it, where the gateway takes any POST to a job for that."""
    if context.dialect.any_post_cancels:
        return cancel_job(context)
    return _change_job(
        context,
        resume,
        context.dialect.changed,
        refusal=lambda status: None if status == "paused" else f"Job is not paused: its status is {status}.",
    )


def list_events(context: OperationContext) -> OperationResult:
    """List the events of a job."""
    job = context.state.job(context.account, context.identifier)
    if job is None:
        return OperationResult(context.state, _job_not_found(context))
    return OperationResult(context.state, event_page(job.id, events(job, context.now)[::-1], context.query))


def list_checkpoints(context: OperationContext) -> OperationResult:
    """List the checkpoints of a job."""
    job = context.state.job(context.account, context.identifier)
    if job is None:
        return OperationResult(context.state, _job_not_found(context))
    objects = [
        checkpoint_object(job.id, checkpoint_model(job, checkpoint.step), checkpoint)
        for checkpoint in checkpoints(job, context.now)[::-1]
    ]
    return OperationResult(context.state, checkpoint_page(objects, context.query))
