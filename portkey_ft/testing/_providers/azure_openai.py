"""Azure OpenAI through the gateway: like OpenAI, except for its statuses, fields and errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from portkey_ft.testing._http.messages import Problem, Response, json_object, json_response
from portkey_ft.testing._providers.base import FileView, Query, Reply, seconds
from portkey_ft.testing._providers.openai import (
    OPENAI,
    file_object,
    hyperparameters,
    job_error,
    job_page,
    openai_error,
    spec_of_all,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from portkey_ft.testing._http.routes import OperationName
    from portkey_ft.testing._model.state import JobSpec
    from portkey_ft.testing._model.timeline import JobView

_WAITING: Final = frozenset({"validating_files", "queued"})

_MISREAD: Final = frozenset(
    {"files.content", "files.create", "files.delete", "files.list", "files.retrieve", "fine_tuning.jobs.create"}
)
"""For these the gateway confuses the headers with the provider's name when it formats an error."""


def _read_spec(body: Mapping[str, object]) -> JobSpec | Problem:
    """Read a create request: nothing is dropped, but the method's hyperparameters move to the top level."""
    method = json_object(body.get("method"))
    if method is None:
        return spec_of_all(body)
    inner = [json_object(value) or {} for value in method.values()]
    moved = [value["hyperparameters"] for value in inner if "hyperparameters" in value]
    rest = {name: value for name, value in body.items() if name != "method"}
    return spec_of_all({**body, "hyperparameters": moved[0]} if moved else rest)


def _job_object(job: JobView, status: str) -> Mapping[str, object]:
    error = job_error(job)
    return {
        "object": "fine_tuning.job",
        "id": job.job_id,
        "model": job.spec.model,
        "created_at": seconds(job.created_at),
        "finished_at": seconds(job.finished_at),
        "fine_tuned_model": job.fine_tuned_model,
        "status": status,
        "training_file": job.spec.training_file,
        "validation_file": job.spec.validation_file,
        "hyperparameters": hyperparameters(job),
        "result_files": list(job.result_files) or None,
        "suffix": job.spec.fields.get("suffix"),
        "trained_tokens": job.trained_tokens,
        # A job without an error has no such key: with it, the gateway would lose the response to a create.
        **({"error": error} if error else {}),
    }


def _untouched(job: JobView) -> Mapping[str, object]:
    return _job_object(job, "pending" if job.status in _WAITING else job.status)


def _created(job: JobView) -> Response:
    return json_response(_untouched(job), status=201)


def _retrieved(job: JobView) -> Response:
    return json_response(_job_object(job, "queued" if job.status in _WAITING else job.status))


def _changed(job: JobView) -> Response:
    return json_response(_untouched(job))


def _job_page(jobs: Sequence[JobView], query: Query) -> Reply:
    return job_page(jobs, query, listed=_untouched)


def _uploaded(view: FileView) -> Response:
    return json_response(file_object(view), status=201)


def _error_response(problem: Problem, operation: OperationName) -> Response:
    if operation in _MISREAD:
        return openai_error(problem, operation, speaker="[object Headers]", provider={})
    return openai_error(problem, operation, speaker="azure-openai", provider="azure-openai")


AZURE: Final = attrs.evolve(
    OPENAI,
    provider="azure-openai",
    # Azure accepts credentials in many headers; the gateway does not check which.
    needs_authorization=False,
    read_spec=_read_spec,
    created=_created,
    retrieved=_retrieved,
    changed=_changed,
    job_page=_job_page,
    uploaded=_uploaded,
    error_response=_error_response,
)
