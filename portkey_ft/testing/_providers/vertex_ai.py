"""Vertex AI through the gateway: tuning jobs with numbers as IDs, and files in a bucket."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Final

from portkey_ft.testing._http.messages import (
    GATEWAY_EXCEPTION,
    Problem,
    Request,
    Response,
    gateway_failure,
    json_object,
    json_response,
    something_went_wrong,
)
from portkey_ft.testing._model.state import OCTETS, JobSpec
from portkey_ft.testing._providers import javascript
from portkey_ft.testing._providers.base import Creation, Dialect, FileView, NewFile, Reply, milliseconds
from portkey_ft.testing._providers.rewritten import (
    chosen_hyperparameters,
    decode_location,
    encoded,
    native_text,
    token_page,
)
from portkey_ft.testing._providers.vertex_rows import stored_object

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from portkey_ft.testing._http.multipart import Upload
    from portkey_ft.testing._http.routes import OperationName
    from portkey_ft.testing._model.timeline import JobView
    from portkey_ft.testing._providers.base import Query

_HYPERPARAMETERS: Final = {
    "n_epochs": "epochCount",
    "learning_rate_multiplier": "learningRateMultiplier",
    "batch_size": "adapterSize",
}
_TRIGGERS: Final = ("training_file", "validation_file", "method", "hyperparameters")
"""The gateway sends a tuning specification if one of these is in the request."""

_KNOWN: Final = frozenset({"running", "succeeded", "failed", "cancelled"})
_ADAPTERS: Final[Mapping[object, str]] = {
    1: "ADAPTER_SIZE_ONE",
    2: "ADAPTER_SIZE_FOUR",
    3: "ADAPTER_SIZE_EIGHT",
    4: "ADAPTER_SIZE_SIXTEEN",
    5: "ADAPTER_SIZE_THIRTY_TWO",
    6: "ADAPTER_SIZE_TWO",
}
"""Google's enumeration: a batch size arrives as the number of an adapter size."""

_DEFAULT_ADAPTER: Final = "ADAPTER_SIZE_FOUR"
_NAMES: Final = uuid.UUID("00000000-0000-0000-0000-0000000009e7")
_INTERNAL: Final = 13
"""Google's code of an internal error."""


def _forward_job(creation: Creation) -> Mapping[str, object] | Response:
    try:
        return _native_job(creation.body)
    except ValueError:
        return something_went_wrong()


def _native_job(body: Mapping[str, object]) -> Mapping[str, object]:
    received: dict[str, object] = {}
    if "model" in body:
        received["baseModel"] = body["model"]
    if any(name in body for name in _TRIGGERS):
        given = chosen_hyperparameters(body)
        training_file = body.get("training_file")
        location = "" if training_file is None else decode_location(training_file)
        spec: dict[str, object] = {"training_dataset_uri": location}
        if javascript.is_truthy(body.get("validation_file")):
            spec["validation_dataset_uri"] = decode_location(body["validation_file"])
        spec["hyperParameters"] = {new: given[old] for old, new in _HYPERPARAMETERS.items() if old in given}
        received["supervisedTuningSpec"] = spec
    if "suffix" in body:
        received["tunedModelDisplayName"] = body["suffix"]
    return received


def _accept_job(received: Mapping[str, object]) -> JobSpec | Problem:
    model = native_text(received, "baseModel")
    training_file = native_text(received, "supervisedTuningSpec", "training_dataset_uri")
    validation_file = native_text(received, "supervisedTuningSpec", "validation_dataset_uri")
    if model is None:
        return _invalid("The base model is required.")
    if training_file is None:
        return _invalid("The training dataset URI is required.")
    for location in (training_file, validation_file):
        if location is not None and not location.startswith("gs://"):
            return _invalid(f"The dataset URI must begin with gs://, got: {location}")
    spec = json_object(received.get("supervisedTuningSpec")) or {}
    given = json_object(spec.get("hyperParameters")) or {}
    epochs, size = given.get("epochCount"), given.get("adapterSize")
    if epochs is not None and not javascript.to_string(epochs).isdigit():
        return _invalid(f"Invalid value at 'epoch_count' (TYPE_INT64), {javascript.to_string(epochs)}")
    if size is not None and _adapter(size) is None:
        return _invalid(f"Invalid value at 'adapter_size', {javascript.to_string(size)}")
    hyperparameters = {old: given[new] for old, new in _HYPERPARAMETERS.items() if given.get(new) is not None}
    fields = {"suffix": received.get("tunedModelDisplayName"), "validation_file": validation_file}
    return JobSpec(model=model, training_file=training_file, fields={**fields, "hyperparameters": hyperparameters})


def _invalid(message: str) -> Problem:
    return Problem(status=400, message=message)


def _adapter(size: object) -> str | None:
    """Return the name of an adapter size, given by name or by number; None if there is none."""
    return size if isinstance(size, str) and size in _ADAPTERS.values() else _ADAPTERS.get(size)


def _hyperparameters(job: JobView) -> Mapping[str, object]:
    given = job.spec.hyperparameters
    epochs = given.get("n_epochs", "auto")
    return {
        "batch_size": _adapter(given.get("batch_size")) or _DEFAULT_ADAPTER,
        "learning_rate_multiplier": given.get("learning_rate_multiplier", 1),
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


def _breaks_gateway(job: JobView) -> bool:
    """Return whether a job has no hyperparameters: the gateway reads them without checking that they are there."""
    fields = job.spec.fields
    return "hyperparameters" in fields and fields["hyperparameters"] is None


def _show(job: JobView) -> Response:
    return something_went_wrong() if _breaks_gateway(job) else json_response(_job_object(job))


def _changed(_job: JobView) -> Response:
    return json_response({})


def _job_page(jobs: Sequence[JobView], query: Query) -> Reply:
    if any(_breaks_gateway(job) for job in jobs):
        return something_went_wrong()
    return token_page(jobs, query, default=100, listed=_job_object)


def _new_file(request: Request, _upload: Upload, serial: int) -> NewFile | Reply:
    headers = request.headers
    bucket = headers.get("x-portkey-vertex-storage-bucket-name")
    if not bucket or not headers.get("x-portkey-provider-model"):
        wanted = (
            "Invalid request, please provide `x-portkey-provider-model` and `x-portkey-vertex-storage-bucket-name` "
            "in the request headers"
        )
        return json_response({"success": False, "error": wanted, "param": None, "provider": "vertex-ai"}, status=400)
    purpose, content = stored_object(request.read(), headers.get("x-portkey-file-purpose", ""))
    named = headers.get("x-portkey-provider-file-name")
    return NewFile(
        id=f"gs://{bucket}/{named or f'{uuid.uuid5(_NAMES, str(serial))}.jsonl'}",
        filename=named or "",
        purpose=purpose,
        content=content,
        content_type=OCTETS,
        # The gateway reports the length of the request, which a chunked one does not declare.
        reported_size=int(headers.get("content-length") or 0),
    )


def _uploaded(view: FileView) -> Response:
    file = view.file
    return json_response(
        {
            **({"filename": file.filename} if file.filename else {}),
            "id": encoded(file.id),
            "object": "file",
            "create_at": milliseconds(file.created_at),
            "purpose": file.purpose,
            "bytes": file.reported_size,
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
    page = b"<html><title>400. That is an error.</title></html>"
    return Response(status=400, headers={"content-type": "text/html; charset=utf-8"}, body=page)


_STATUSES: Final = {400: "INVALID_ARGUMENT", 404: "NOT_FOUND"}


def _error_response(problem: Problem, operation: OperationName) -> Response:
    if operation == "files.retrieve":
        return json_response({"html-message": "Message: File not found Cause: NA Name: Error"}, status=500)
    if operation == "files.content":
        return something_went_wrong().with_headers(GATEWAY_EXCEPTION)
    # Google's own form, which the gateway returns with at most one key more.
    error = {"code": problem.status, "status": _STATUSES.get(problem.status), "message": problem.message}
    added = {"provider": "vertex-ai"} if operation in _NAMING_PROVIDER else {}
    return json_response({"error": error, **added}, status=problem.status)


_NAMING_PROVIDER: Final = frozenset({"fine_tuning.jobs.create", "fine_tuning.jobs.list"})


def _no_such_job(_job: JobView | None) -> Problem:
    # The gateway takes "events" and "checkpoints" for the ID of a job.
    return Problem(status=404, message="The TuningJob does not exist.")


VERTEX: Final = Dialect(
    provider="vertex-ai",
    needs_authorization=False,
    query_joins_id=True,
    any_post_cancels=True,
    requires_known_files=False,
    encodes_ids=True,
    job_id=lambda serial: str(7_000_000_000 + serial),
    takes_overrides=True,
    signs_cancellations=False,
    filters_metadata=False,
    forward_job=_forward_job,
    accept_job=_accept_job,
    created=_show,
    retrieved=_show,
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
        "fine_tuning.jobs.checkpoints.list": _no_such_job,
        "fine_tuning.jobs.list_events": _no_such_job,
    },
)
