"""How Vertex AI answers through the gateway: tuning jobs with numbers for ids, files in a bucket."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from portkey_ft.testing._http.messages import (
    Problem,
    Request,
    Response,
    gateway_failure,
    json_response,
    something_went_wrong,
)
from portkey_ft.testing._providers.base import Answer, Dialect, FileView, NewFile, milliseconds
from portkey_ft.testing._providers.rewritten import encoded, order_from, plain_error, stored_type, token_page

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from portkey_ft.testing._http.multipart import Upload
    from portkey_ft.testing._http.routes import OperationName
    from portkey_ft.testing._model.state import Order
    from portkey_ft.testing._model.timeline import JobView
    from portkey_ft.testing._providers.base import Query

_TAKEN: Final = ("suffix", "hyperparameters", "method")
_KNOWN: Final = frozenset({"running", "succeeded", "failed", "cancelled"})
_ADAPTERS: Final = {1: "ADAPTER_SIZE_ONE", 4: "ADAPTER_SIZE_FOUR", 8: "ADAPTER_SIZE_EIGHT", 16: "ADAPTER_SIZE_SIXTEEN"}
_INTERNAL: Final = 13
"""The number of Google's error for whatever failed inside."""


def _order(body: Mapping[str, object]) -> Order | Problem:
    return order_from(body, _TAKEN, scheme="gs://")


def _hyperparameters(job: JobView) -> Mapping[str, object]:
    asked = job.order.hyperparameters
    size = asked.get("batch_size")
    epochs = asked.get("n_epochs", "auto")
    return {
        "batch_size": _ADAPTERS.get(size, "ADAPTER_SIZE_FOUR") if isinstance(size, int) else "ADAPTER_SIZE_FOUR",
        "learning_rate_multiplier": asked.get("learning_rate_multiplier", 1),
        "n_epochs": str(job.epochs if epochs == "auto" else epochs),
    }


def _job_object(job: JobView) -> Mapping[str, object]:
    failed = job.error_message is not None
    validation_file = job.order.validation_file
    return {
        "id": job.job_id,
        "object": "finetune",
        "status": job.status if job.status in _KNOWN else "queued",
        "created_at": milliseconds(job.created_at),
        "hyperparameters": _hyperparameters(job),
        "model": job.order.model,
        "training_file": encoded(job.order.training_file),
        **({"validation_file": encoded(validation_file)} if validation_file else {}),
        **({"finished_at": milliseconds(job.finished_at)} if job.finished_at else {}),
        **({"fine_tuned_model": _model(job)} if job.fine_tuned_model else {}),
        **({"trained_tokens": str(job.trained_tokens)} if job.trained_tokens is not None else {}),
        **({"error": {"code": _INTERNAL, "message": job.error_message}} if failed else {}),
    }


def _model(job: JobView) -> str:
    return f"projects/fake/locations/us-central1/models/{job.job_id}"


def _created(job: JobView) -> Response:
    return json_response(_job_object(job))


def _retrieved(job: JobView) -> Response:
    fields = job.order.fields
    if "hyperparameters" in fields and fields["hyperparameters"] is None:
        # The gateway reads them without looking whether they are there.
        return something_went_wrong()
    return json_response(_job_object(job))


def _cancelled(_job: JobView) -> Response:
    return json_response({})


def _job_page(jobs: Sequence[JobView], query: Query) -> Answer:
    return token_page(jobs, query, default=100, listed=_job_object)


def _new_file(request: Request, upload: Upload, serial: int) -> NewFile | Answer:
    headers = request.headers
    bucket = headers.get("x-portkey-vertex-storage-bucket-name")
    if not bucket or not headers.get("x-portkey-provider-model"):
        wanted = "Invalid request, please provide x-portkey-vertex-storage-bucket-name and x-portkey-provider-model"
        document = {"success": False, "error": wanted, "param": None, "provider": "vertex-ai"}
        return attrs.evolve(json_response(document, status=400), from_gateway=True)
    part = upload.part("file")
    if part is None:
        return Problem(status=400, message="The file is missing.", code="400", kind="INVALID_ARGUMENT")
    purpose, whole = _purpose(request, upload)
    name = headers.get("x-portkey-provider-file-name") or f"fake{serial:06d}-{part.filename}"
    return NewFile(
        id=f"gs://{bucket}/{name}",
        filename=part.filename or "",
        purpose=purpose,
        content=part.content if whole else b"",
        content_type=stored_type(part),
    )


def _purpose(request: Request, upload: Upload) -> tuple[str, bool]:
    """Return the purpose that the gateway finds, and whether it then also finds the file.

    Without the header it looks for the purpose on a certain line of the form. If the form is not laid out as it
    expects, it takes that line for the purpose and stores an empty file, without a word.
    """
    named = request.headers.get("x-portkey-file-purpose")
    if named:
        return named, True
    first = upload.parts[0]
    if first.name != "purpose":
        return "", False
    if first.content_type is not None:
        return f"Content-Type: {first.content_type}", False
    return first.content.decode(errors="replace"), True


def _uploaded(view: FileView) -> Response:
    file = view.file
    return json_response(
        {
            "filename": file.filename,
            "id": encoded(file.id),
            "object": "file",
            "create_at": milliseconds(file.created_at),
            "purpose": file.purpose,
            "bytes": len(file.content),
            "status": "processed",
        }
    )


def _file(view: FileView) -> Response:
    file = view.file
    return json_response(
        {
            "bytes": len(file.content),
            "updatedAt": milliseconds(file.created_at),
            "createdAt": milliseconds(file.created_at),
            "id": encoded(file.id),
            "filename": file.filename,
            "purpose": None,
            "status": "processed",
        }
    )


def _no_list(*_arguments: object) -> Response:
    return gateway_failure("listFiles is not supported by Google Vertex AI", status=500, provider="vertex-ai")


def _no_delete(*_arguments: object) -> Response:
    # The gateway forgets the path, and the storage answers for its front page.
    return json_response({"html-message": "<html><title>400. That is an error.</title></html>"}, status=400)


def _refused(problem: Problem, operation: OperationName) -> Response:
    if operation in {"files.retrieve", "files.content"}:
        return json_response({"html-message": problem.message}, status=500)
    kind = "NOT_FOUND" if problem.kind == "invalid_request_error" and _is_missing(problem) else "INVALID_ARGUMENT"
    return plain_error(problem, "vertex-ai", kind=kind, code=str(problem.status))


def _is_missing(problem: Problem) -> bool:
    return problem.code == "fine_tune_not_found"


def _job_instead(job: JobView | None) -> Answer:
    # The gateway takes "events" and "checkpoints" for the id of a job.
    return Problem(status=404, message="The TuningJob does not exist.") if job is None else _retrieved(job)


VERTEX: Final = Dialect(
    provider="vertex-ai",
    needs_authorization=False,
    glues_query=True,
    wants_stored_files=False,
    encodes_ids=True,
    job_id=lambda serial: str(7_000_000_000 + serial),
    order=_order,
    created=_created,
    retrieved=_retrieved,
    cancelled=_cancelled,
    job_page=_job_page,
    new_file=_new_file,
    uploaded=_uploaded,
    file=_file,
    deleted=_no_delete,
    file_page=_no_list,
    refused=_refused,
    instead={
        "files.delete": _no_delete,
        "files.list": _no_list,
        "jobs.checkpoints.list": _job_instead,
        "jobs.list_events": _job_instead,
    },
)
