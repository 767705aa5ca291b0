"""OpenAI through the gateway."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from portkey_ft.testing._http.messages import Problem, Request, Response, json_response
from portkey_ft.testing._http.routes import CANCELLATIONS, OperationName
from portkey_ft.testing._model.state import OCTETS, JobSpec
from portkey_ft.testing._providers.base import (
    Creation,
    Dialect,
    FileView,
    NewFile,
    Query,
    Reply,
    gateway_error,
    page,
    required_text,
    seconds,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from portkey_ft.testing._http.multipart import Upload
    from portkey_ft.testing._model.timeline import CheckpointView, EventView, JobView

_FORWARDED: Final = (
    "model",
    "suffix",
    "hyperparameters",
    "training_file",
    "validation_file",
    "integrations",
    "seed",
    "method",
)
"""The gateway silently drops all other fields of a create request, ``metadata`` among them."""

_MAX_SUFFIX: Final = 64

PURPOSES: Final = ("assistants", "batch", "evals", "fine-tune", "user_data", "vision")

_RAW: Final = CANCELLATIONS | {"fine_tuning.jobs.list"}
"""The gateway returns the responses of these unchanged; it rewrites the errors of all others."""


def _forward_job(creation: Creation) -> Mapping[str, object]:
    return {name: creation.body[name] for name in _FORWARDED if name in creation.body}


def accept_job(received: Mapping[str, object]) -> JobSpec | Problem:
    """Read the body that the provider received; or return its error."""
    model, training_file = required_text(received, "model"), required_text(received, "training_file")
    if isinstance(model, Problem):
        return model
    if isinstance(training_file, Problem):
        return training_file
    suffix = received.get("suffix")
    if isinstance(suffix, str) and len(suffix) > _MAX_SUFFIX:
        message = (
            f"Invalid 'suffix': string too long. Expected a string with maximum length {_MAX_SUFFIX}, "
            f"but got a string with length {len(suffix)} instead."
        )
        return Problem(status=400, message=message, code="string_above_max_length", param="suffix")
    fields = {name: value for name, value in received.items() if name not in {"model", "training_file"}}
    return JobSpec(model=model, training_file=training_file, fields=fields)


def hyperparameters(job: JobView) -> Mapping[str, object]:
    """Return the hyperparameters as OpenAI reports them: "auto" until training begins."""
    waiting = job.status in {"validating_files", "queued"}
    chosen = {"n_epochs": job.epochs, "batch_size": 1, "learning_rate_multiplier": 1.8}
    asked = job.spec.hyperparameters
    return {
        **asked,
        **{name: ("auto" if waiting else value) for name, value in chosen.items() if asked.get(name, "auto") == "auto"},
    }


def job_error(job: JobView) -> Mapping[str, object]:
    """Return the error of a job: an object even if there is none."""
    if job.error_code is None:
        return {}
    return {"code": job.error_code, "message": job.error_message, "param": None}


def job_object(job: JobView) -> Mapping[str, object]:
    """Return a job as a JSON object."""
    fields = job.spec.fields
    training = job.finished_at is None and job.status == "running"
    return {
        "object": "fine_tuning.job",
        "id": job.job_id,
        "model": job.spec.model,
        "created_at": seconds(job.created_at),
        "finished_at": seconds(job.finished_at),
        "fine_tuned_model": job.fine_tuned_model,
        "organization_id": "org-fake",
        "result_files": list(job.result_files),
        "status": job.status,
        "validation_file": job.spec.validation_file,
        "training_file": job.spec.training_file,
        "hyperparameters": hyperparameters(job),
        "trained_tokens": job.trained_tokens,
        "error": job_error(job),
        "user_provided_suffix": fields.get("suffix"),
        "seed": fields.get("seed", 42),
        "estimated_finish": seconds(job.expected_end) if training else None,
        "integrations": fields.get("integrations") or [],
        "method": fields.get("method")
        or {"type": "supervised", "supervised": {"hyperparameters": hyperparameters(job)}},
        "metadata": fields.get("metadata"),
        "usage_metrics": None,
        "shared_with_openai": False,
        "eval_id": None,
    }


def job_page(jobs: Sequence[JobView], query: Query, *, listed: Callable[[JobView], object] = job_object) -> Reply:
    """Respond to a list of jobs."""
    cut = page(jobs, query, default=20, identifier=lambda job: job.job_id)
    if isinstance(cut, Problem):
        return cut
    items, more = cut
    return json_response({"object": "list", "data": [listed(job) for job in items], "has_more": more})


def event_object(job_id: str, event: EventView) -> Mapping[str, object]:
    """Return an event as a JSON object."""
    return {
        "object": "fine_tuning.job.event",
        "id": f"ftevent-{job_id.rpartition('-')[2]}-{event.number:04d}",
        "created_at": seconds(event.at),
        "level": event.level,
        "message": event.message,
        "data": event.data if event.data is not None else {},
        "type": "metrics" if event.data is not None and "train_loss" in event.data else "message",
    }


def event_page(job_id: str, events: Sequence[EventView], query: Query) -> Reply:
    """Respond to a list of events.

    Args:
        job_id: of their job.
        events: newest first.
        query: the requested page.
    """
    objects = [event_object(job_id, event) for event in events]
    cut = page(objects, query, default=20, identifier=lambda event: str(event["id"]))
    if isinstance(cut, Problem):
        return cut
    items, more = cut
    return json_response({"object": "list", "data": items, "has_more": more})


def checkpoint_object(job_id: str, model: str, checkpoint: CheckpointView) -> Mapping[str, object]:
    """Return a checkpoint as a JSON object."""
    return {
        "object": "fine_tuning.job.checkpoint",
        "id": f"ftckpt-{job_id.rpartition('-')[2]}-{checkpoint.step:06d}",
        "created_at": seconds(checkpoint.at),
        "fine_tuned_model_checkpoint": model,
        "fine_tuning_job_id": job_id,
        "metrics": checkpoint.metrics,
        "step_number": checkpoint.step,
    }


def checkpoint_page(objects: Sequence[Mapping[str, object]], query: Query) -> Reply:
    """Respond to a list of checkpoints.

    Args:
        objects: as JSON objects, newest first.
        query: the requested page.
    """
    cut = page(objects, query, default=10, identifier=lambda checkpoint: str(checkpoint["id"]))
    if isinstance(cut, Problem):
        return cut
    items, more = cut
    ids = [item["id"] for item in items] or [None]
    return json_response({"object": "list", "data": items, "first_id": ids[0], "last_id": ids[-1], "has_more": more})


def _unknown_purpose(purpose: str) -> Problem:
    return Problem(status=400, message=f"{purpose!r} is not one of {list(PURPOSES)} - 'purpose'")


def new_file(
    _request: Request,
    upload: Upload,
    serial: int,
    *,
    unknown_purpose: Callable[[str], Problem] = _unknown_purpose,
) -> NewFile | Reply:
    """Read an upload, whose bytes the gateway forwards unchanged."""
    field, part = upload.part("purpose"), upload.part("file")
    if part is None or part.filename is None:
        return Problem(status=400, message="Missing required parameter: 'file'.", param="file")
    if field is None or not field.content:
        return Problem(status=400, message="Missing required parameter: 'purpose'.", param="purpose")
    purpose = field.content.decode(errors="replace")
    if purpose not in PURPOSES:
        return unknown_purpose(purpose)
    return NewFile(
        id=f"file-fake{serial:06d}",
        filename=part.filename,
        purpose=purpose,
        content=part.content,
        content_type=OCTETS,
        reported_size=len(part.content),
    )


def file_object(view: FileView) -> Mapping[str, object]:
    """Return a file as a JSON object."""
    return {
        "object": "file",
        "id": view.file.id,
        "purpose": view.file.purpose,
        "filename": view.file.filename,
        "bytes": len(view.file.content),
        "created_at": seconds(view.file.created_at),
        "expires_at": None,
        "status": "processed" if view.processed else "uploaded",
        "status_details": None,
    }


def file_page(files: Sequence[FileView], query: Query) -> Reply:
    """Respond to a list of files."""
    cut = page(files, query, default=10_000, most=10_000, identifier=lambda view: view.file.id)
    if isinstance(cut, Problem):
        return cut
    items, more = cut
    ids: list[str | None] = [view.file.id for view in items] or [None]
    data = [file_object(view) for view in items]
    return json_response({"object": "list", "data": data, "first_id": ids[0], "last_id": ids[-1], "has_more": more})


def openai_error(problem: Problem, operation: OperationName, *, speaker: str, provider: object) -> Response:
    """Format an error as OpenAI and the gateway do.

    Args:
        problem: the error.
        operation: the requested operation.
        speaker: the name that the gateway puts in front of the message.
        provider: the value of the gateway's key ``provider``.
    """
    error = {"type": problem.kind, "param": problem.param, "code": problem.code}
    if operation in _RAW:
        return json_response({"error": {"message": problem.message, **error}}, status=problem.status)
    return gateway_error(problem, error, speaker=speaker, provider=provider)


def _error_response(problem: Problem, operation: OperationName) -> Response:
    return openai_error(problem, operation, speaker="openai", provider="openai")


def _show(job: JobView) -> Response:
    return json_response(job_object(job))


def _show_file(view: FileView) -> Response:
    return json_response(file_object(view))


def show_deletion(view: FileView) -> Response:
    """Respond to the deletion of a file."""
    return json_response({"object": "file", "id": view.file.id, "deleted": True})


OPENAI: Final = Dialect(
    provider="openai",
    needs_authorization=True,
    query_joins_id=False,
    any_post_cancels=False,
    requires_known_files=True,
    encodes_ids=False,
    job_id=lambda serial: f"ftjob-fake{serial:06d}",
    takes_overrides=True,
    signs_cancellations=False,
    filters_metadata=True,
    forward_job=_forward_job,
    accept_job=accept_job,
    created=_show,
    retrieved=_show,
    changed=_show,
    job_page=job_page,
    new_file=new_file,
    uploaded=_show_file,
    file=_show_file,
    deleted=show_deletion,
    file_page=file_page,
    error_response=_error_response,
    unsupported={},
)
