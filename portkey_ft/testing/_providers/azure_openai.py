"""How Azure OpenAI answers through the gateway: like OpenAI, but for its states, its fields and its errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from portkey_ft.testing._http.messages import Problem, Response, json_object, json_response
from portkey_ft.testing._providers.base import Answer, FileView, Query, seconds
from portkey_ft.testing._providers.openai import (
    OPENAI,
    file_object,
    hyperparameters,
    job_error,
    job_page,
    openai_refused,
    whole_order,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from portkey_ft.testing._http.routes import OperationName
    from portkey_ft.testing._model.state import Order
    from portkey_ft.testing._model.timeline import JobView

_WAITING: Final = frozenset({"validating_files", "queued"})

_MISREAD: Final = frozenset(
    {"files.content", "files.create", "files.delete", "files.list", "files.retrieve", "jobs.create"}
)
"""For these the gateway takes the headers for the provider's name when it writes an error."""


def _order(body: Mapping[str, object]) -> Order | Problem:
    """Read a create: nothing is dropped, but the method's hyperparameters move to the top level."""
    method = json_object(body.get("method"))
    if method is None:
        return whole_order(body)
    inner = [json_object(value) or {} for value in method.values()]
    moved = [value["hyperparameters"] for value in inner if "hyperparameters" in value]
    rest = {name: value for name, value in body.items() if name != "method"}
    return whole_order({**body, "hyperparameters": moved[0]} if moved else rest)


def _job_object(job: JobView, status: str) -> Mapping[str, object]:
    error = job_error(job)
    return {
        "object": "fine_tuning.job",
        "id": job.job_id,
        "model": job.order.model,
        "created_at": seconds(job.created_at),
        "finished_at": seconds(job.finished_at),
        "fine_tuned_model": job.fine_tuned_model,
        "status": status,
        "training_file": job.order.training_file,
        "validation_file": job.order.validation_file,
        "hyperparameters": hyperparameters(job),
        "result_files": list(job.result_files) or None,
        "suffix": job.order.fields.get("suffix"),
        "trained_tokens": job.trained_tokens,
        # A job without an error has no such key: with it, the gateway would lose the answer of a create.
        **({"error": error} if error else {}),
    }


def _untouched(job: JobView) -> Mapping[str, object]:
    return _job_object(job, "pending" if job.status in _WAITING else job.status)


def _created(job: JobView) -> Response:
    return json_response(_untouched(job), status=201)


def _retrieved(job: JobView) -> Response:
    return json_response(_job_object(job, "queued" if job.status in _WAITING else job.status))


def _cancelled(job: JobView) -> Response:
    return json_response(_untouched(job))


def _job_page(jobs: Sequence[JobView], query: Query) -> Answer:
    return job_page(jobs, query, listed=_untouched)


def _uploaded(view: FileView) -> Response:
    return json_response(file_object(view), status=201)


def _refused(problem: Problem, operation: OperationName) -> Response:
    if operation in _MISREAD:
        return openai_refused(problem, operation, speaker="[object Headers]", provider={})
    return openai_refused(problem, operation, speaker="azure-openai", provider="azure-openai")


AZURE: Final = attrs.evolve(
    OPENAI,
    provider="azure-openai",
    # Azure takes its credentials in many headers; which of them are needed is between it and its user.
    needs_authorization=False,
    order=_order,
    created=_created,
    retrieved=_retrieved,
    cancelled=_cancelled,
    job_page=_job_page,
    uploaded=_uploaded,
    refused=_refused,
)
