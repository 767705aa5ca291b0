"""Vertex AI through the gateway: tuning jobs with numbers as IDs, and files in a bucket."""

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
from portkey_ft.testing._providers.base import Dialect, FileView, NewFile, Reply, milliseconds
from portkey_ft.testing._providers.rewritten import encoded, plain_error, spec_from, stored_type, token_page

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from portkey_ft.testing._http.multipart import Upload
    from portkey_ft.testing._http.routes import OperationName
    from portkey_ft.testing._model.state import JobSpec
    from portkey_ft.testing._model.timeline import JobView
    from portkey_ft.testing._providers.base import Query

_TAKEN: Final = ("suffix", "hyperparameters", "method")
_KNOWN: Final = frozenset({"running", "succeeded", "failed", "cancelled"})
_ADAPTERS: Final = {1: "ADAPTER_SIZE_ONE", 4: "ADAPTER_SIZE_FOUR", 8: "ADAPTER_SIZE_EIGHT", 16: "ADAPTER_SIZE_SIXTEEN"}
_INTERNAL: Final = 13
"""Google's code of an internal error."""


def _read_spec(body: Mapping[str, object]) -> JobSpec | Problem:
    return spec_from(body, _TAKEN, scheme="gs://")


def _hyperparameters(job: JobView) -> Mapping[str, object]:
    asked = job.spec.hyperparameters
    size = asked.get("batch_size")
    epochs = asked.get("n_epochs", "auto")
    return {
        "batch_size": _ADAPTERS.get(size, "ADAPTER_SIZE_FOUR") if isinstance(size, int) else "ADAPTER_SIZE_FOUR",
        "learning_rate_multiplier": asked.get("learning_rate_multiplier", 1),
        "n_epochs": str(job.epochs if epochs == "auto" else epochs),
    }


def _job_object(job: JobView) -> Mapping[str, object]:
    failed = job.error_message is not None
    validation_file = job.spec.validation_file
    return {
        "id": job.job_id,
        "object": "finetune",
        "status": job.status if job.status in _KNOWN else "queued",
        "created_at": milliseconds(job.created_at),
        "hyperparameters": _hyperparameters(job),
        "model": job.spec.model,
        "training_file": encoded(job.spec.training_file),
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
    fields = job.spec.fields
    if "hyperparameters" in fields and fields["hyperparameters"] is None:
        # The gateway reads them without checking that they are there.
        return something_went_wrong()
    return json_response(_job_object(job))


def _changed(_job: JobView) -> Response:
    return json_response({})


def _job_page(jobs: Sequence[JobView], query: Query) -> Reply:
    return token_page(jobs, query, default=100, listed=_job_object)


def _new_file(request: Request, upload: Upload, serial: int) -> NewFile | Reply:
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
    """Return the purpose that the gateway reads, and whether it then finds the file.

    Without the header it reads the purpose from a fixed line of the form. If the form has another layout, it takes
    whatever stands on that line for the purpose and silently stores an empty file.
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
    # The gateway omits the path, and the storage responds with an error page.
    return json_response({"html-message": "<html><title>400. That is an error.</title></html>"}, status=400)


def _error_response(problem: Problem, operation: OperationName) -> Response:
    if operation in {"files.retrieve", "files.content"}:
        return json_response({"html-message": problem.message}, status=500)
    kind = "NOT_FOUND" if problem.kind == "invalid_request_error" and _is_missing(problem) else "INVALID_ARGUMENT"
    return plain_error(problem, "vertex-ai", kind=kind, code=str(problem.status))


def _is_missing(problem: Problem) -> bool:
    return problem.code == "fine_tune_not_found"


def _job_instead_of_list(job: JobView | None) -> Reply:
    # The gateway takes "events" and "checkpoints" for the ID of a job.
    return Problem(status=404, message="The TuningJob does not exist.") if job is None else _retrieved(job)


VERTEX: Final = Dialect(
    provider="vertex-ai",
    needs_authorization=False,
    query_joins_id=True,
    any_post_cancels=True,
    requires_known_files=False,
    encodes_ids=True,
    job_id=lambda serial: str(7_000_000_000 + serial),
    read_spec=_read_spec,
    created=_created,
    retrieved=_retrieved,
    changed=_changed,
    job_page=_job_page,
    new_file=_new_file,
    uploaded=_uploaded,
    file=_file,
    deleted=_no_delete,
    file_page=_no_list,
    error_response=_error_response,
    unsupported={
        "files.delete": _no_delete,
        "files.list": _no_list,
        "fine_tuning.jobs.checkpoints.list": _job_instead_of_list,
        "fine_tuning.jobs.list_events": _job_instead_of_list,
    },
)
