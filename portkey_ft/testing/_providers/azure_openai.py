"""Azure OpenAI through the gateway: like OpenAI, except for its statuses, fields and errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from portkey_ft.testing._http.messages import Problem, Response, json_object, json_response
from portkey_ft.testing._providers import javascript
from portkey_ft.testing._providers.base import Creation, FileView, NewFile, Query, Reply, seconds
from portkey_ft.testing._providers.openai import (
    OPENAI,
    file_object,
    hyperparameters,
    job_error,
    job_page,
    new_file,
    openai_error,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from portkey_ft.testing._http.messages import Request
    from portkey_ft.testing._http.multipart import Upload
    from portkey_ft.testing._http.routes import OperationName
    from portkey_ft.testing._model.timeline import JobView

_TOKEN_MODES: Final = frozenset({"entra", "managed", "workload"})
_WAITING: Final = frozenset({"validating_files", "queued"})

_MISREAD: Final = frozenset(
    {"files.content", "files.create", "files.delete", "files.list", "files.retrieve", "fine_tuning.jobs.create"}
)
"""For these the gateway confuses the headers with the provider's name when it formats an error."""


def _forward_job(creation: Creation) -> Mapping[str, object]:
    """Forward everything, except that without ``hyperparameters``, those of ``method`` replace it."""
    body = creation.body
    if not javascript.is_truthy(body.get("method")) or javascript.is_truthy(body.get("hyperparameters")):
        return body
    method = json_object(body["method"]) or {}
    block = json_object(method.get(str(method.get("type")))) or {}
    rest = {name: value for name, value in body.items() if name != "method"}
    moved = block.get("hyperparameters")
    return {**rest, "hyperparameters": {} if moved is None else moved}


def _unknown_purpose(_purpose: str) -> Problem:
    return Problem(status=400, message="Invalid value for purpose.", code="invalidPayload", kind=None)


def _new_file(request: Request, upload: Upload, serial: int) -> NewFile | Reply:
    headers = request.headers
    forwarded = headers.get("x-portkey-forward-headers", "").lower().replace(" ", "").split(",")
    if _uses_token(headers) and "content-type" not in forwarded:
        # The gateway declares the form as JSON, so that Azure does not learn its boundary.
        return Problem(status=400, message="The request body is not valid JSON.", code="invalidPayload", kind=None)
    return new_file(request, upload, serial, unknown_purpose=_unknown_purpose)


def _uses_token(headers: Mapping[str, str]) -> bool:
    return bool(headers.get("x-portkey-azure-ad-token") or headers.get("x-portkey-azure-auth-mode") in _TOKEN_MODES)


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
    takes_overrides=False,
    forward_job=_forward_job,
    new_file=_new_file,
    created=_created,
    retrieved=_retrieved,
    changed=_changed,
    job_page=_job_page,
    uploaded=_uploaded,
    error_response=_error_response,
)
