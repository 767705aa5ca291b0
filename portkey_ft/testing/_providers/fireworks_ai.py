"""Fireworks AI through the gateway: files are data sets, and errors have no message."""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING, Final

from portkey_ft.testing._http.messages import Problem, Request, Response, json_object, json_response
from portkey_ft.testing._http.routes import CANCELLATIONS, OperationName
from portkey_ft.testing._model.state import OCTETS, JobSpec
from portkey_ft.testing._providers import javascript
from portkey_ft.testing._providers.base import Creation, Dialect, FileView, NewFile, Reply, milliseconds
from portkey_ft.testing._providers.rewritten import lines_as_read, native_text, token_page

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from portkey_ft.testing._http.multipart import Upload
    from portkey_ft.testing._model.timeline import JobView
    from portkey_ft.testing._providers.base import Query

_MODELS: Final = "accounts/fireworks/models/"
_DATASET: Final = re.compile("accounts/([^/]+)/datasets/([^/]+)")
_KNOWN: Final = frozenset({"running", "succeeded", "failed", "cancelled"})
_FILES_ON_A_PAGE: Final = 50
_NAMES: Final = uuid.UUID("00000000-0000-0000-0000-00000000fa4e")


def _given_hyperparameters(body: Mapping[str, object]) -> Mapping[str, object]:
    given = body.get("hyperparameters")
    if not javascript.is_truthy(given):
        blocks = json_object(body.get("method")) or {}
        block = json_object(blocks.get(str(blocks.get("type")))) or {}
        given = block.get("hyperparameters")
    return json_object(given) or {}


def _forward_job(creation: Creation) -> Mapping[str, object]:
    """Convert a create request: IDs are prefixed whatever they are, and most fields are dropped."""
    body, account = creation.body, creation.account_id or "undefined"
    given = _given_hyperparameters(body)
    rate = given.get("learning_rate_multiplier")
    received: dict[str, object] = {}
    for name, new, prefix in (
        ("training_file", "dataset", f"accounts/{account}/datasets/"),
        ("validation_file", "evaluationDataset", f"accounts/{account}/datasets/"),
        ("suffix", "displayName", None),
        ("model", "baseModel", _MODELS),
    ):
        if name in body:
            value = body[name]
            prefixed = prefix is not None and javascript.is_truthy(value)
            received[new] = f"{prefix}{javascript.to_string(value)}" if prefixed else value
    # The epochs are only sent with hyperparameters at the top level.
    if "hyperparameters" in body and "n_epochs" in given:
        received["epochs"] = given["n_epochs"]
    if rate is not None:
        received["learning_rate"] = rate
    if "output_model" in body:
        suffix = javascript.to_string(body["suffix"]) if "suffix" in body else "undefined"
        received["outputModel"] = f"accounts/{account}/models/{suffix}"
    return received


def _accept_job(received: Mapping[str, object]) -> JobSpec | Problem:
    model = (native_text(received, "baseModel") or "").removeprefix(_MODELS)
    if not model or "/" in model:
        return _invalid(f"invalid base model: {received.get('baseModel')}")
    files: dict[str, str] = {}
    for name, native in (("training_file", "dataset"), ("validation_file", "evaluationDataset")):
        dataset = _DATASET.fullmatch(native_text(received, native) or "")
        if dataset is not None and dataset[1] != "undefined":
            files[name] = dataset[2]
        elif native in received or name == "training_file":
            return _invalid(f"invalid dataset: {received.get(native)}")
    epochs = received.get("epochs")
    if epochs is not None and not isinstance(epochs, int):
        return _invalid(f"invalid epochs: {javascript.to_string(epochs)}")
    hyperparameters = {
        name: received[native]
        for name, native in (("n_epochs", "epochs"), ("learning_rate", "learning_rate"))
        if received.get(native) is not None
    }
    fields = {
        "suffix": received.get("displayName"),
        "output_model": received.get("outputModel"),
        "validation_file": files.get("validation_file"),
        "hyperparameters": hyperparameters,
    }
    return JobSpec(model=model, training_file=files["training_file"], fields=fields)


def _invalid(message: str) -> Problem:
    return Problem(status=400, message=message)


def _job_object(job: JobView) -> Mapping[str, object]:
    given = job.spec.hyperparameters
    epochs = given.get("n_epochs", "auto")
    # It is there from the beginning, and the gateway also calls it the suffix.
    output_model = job.spec.text("output_model") or f"accounts/fake/models/{job.job_id}"
    return {
        "id": job.job_id,
        "model": job.spec.model,
        "suffix": output_model,
        "training_file": job.spec.training_file,
        "validation_file": job.spec.validation_file or "",
        "hyperparameters": {
            "n_epochs": job.epochs if epochs == "auto" else epochs,
            "learning_rate": given.get("learning_rate", 0.0001),
        },
        "created_at": milliseconds(job.created_at),
        "completed_at": milliseconds(job.finished_at),
        "status": job.status if job.status in _KNOWN else "queued",
        "fine_tuned_model": output_model,
        **({"error": {"code": "INTERNAL", "message": job.error_message}} if job.error_message else {}),
    }


def _show(job: JobView) -> Response:
    return json_response(_job_object(job))


def _changed(_job: JobView) -> Response:
    # The gateway converts the response twice, and the second conversion finds nothing.
    return json_response({"hyperparameters": {}, "created_at": None, "status": "queued"})


def _job_page(jobs: Sequence[JobView], query: Query) -> Reply:
    return token_page(jobs, query, default=50, listed=_job_object)


def _stored_object(body: bytes) -> bytes:
    """Return the object that the gateway stores: every line of the form that is JSON, trimmed."""
    kept: list[str] = []
    for line in lines_as_read(body):
        try:
            javascript.parse(line)
        except ValueError:
            continue
        kept.append(line + "\n")
    return "".join(kept).encode()


def _upload_failed(message: str) -> Response:
    return Response(status=500, headers={"content-type": "text/plain;charset=utf-8"}, body=message.encode())


def _new_file(request: Request, _upload: Upload, serial: int) -> NewFile | Reply:
    headers = request.headers
    if not headers.get("x-portkey-fireworks-account-id"):
        return _upload_failed("The account is missing.")
    content = _stored_object(request.read())
    # The gateway announces one byte more than the header declares, and the storage insists on it. Without the header
    # it uses the size of the whole form.
    declared = re.match(r"-?\d+", headers.get("x-portkey-file-upload-size") or headers.get("content-length", ""))
    if declared is None or int(declared[0]) + 1 != len(content):
        return _upload_failed("Failed to upload file")
    file_id = str(uuid.uuid5(_NAMES, str(serial)))
    return NewFile(
        id=file_id,
        filename=f"{file_id}.jsonl",
        purpose="fine-tune",
        content=content,
        content_type=OCTETS,
        reported_size=int(declared[0]) + 1,
    )


def _file_object(view: FileView) -> Mapping[str, object]:
    file = view.file
    return {
        "id": file.id,
        "filename": file.filename,
        "purpose": file.purpose,
        "organisation_id": "fake",
        "status": "processed" if view.processed else "uploading",
        "created_at": milliseconds(file.created_at),
        "object": "file",
    }


def _uploaded(view: FileView) -> Response:
    file = view.file
    return json_response(
        {
            "id": file.id,
            "bytes": file.reported_size,
            "create_at": milliseconds(file.created_at),
            "filename": file.filename,
            "status": "processed",
            "purpose": "fine-tune",
        }
    )


def _file(view: FileView) -> Response:
    return json_response(_file_object(view))


def _deleted(_view: FileView) -> Response:
    return json_response({})


def _file_page(files: Sequence[FileView], _query: Query) -> Reply:
    # The gateway forwards no query: there is no second page.
    data = [_file_object(view) for view in files[:_FILES_ON_A_PAGE]]
    last = {"last_id": data[-1]["id"]} if data else {}
    more = len(files) > len(data)
    return json_response({"object": "list", "data": data, **last, "has_more": more, "total": len(files)})


def _account(_job: JobView | None) -> Response:
    # The gateway omits the path, and Fireworks describes the account.
    return json_response({"name": "accounts/fake", "state": "READY"})


def _not_found(_job: JobView | None) -> Problem:
    return Problem(status=404, message="The job was not found.")


_NOT_FOUND: Final = 5
"""Google's code of an error about something that does not exist."""


def _error_response(problem: Problem, operation: OperationName) -> Response:
    if operation == "files.create":
        return _upload_failed(problem.message)
    if operation == "files.list":
        error = {"message": problem.message, "param": None}
        return json_response({"error": error, "provider": "fireworks-ai"}, status=problem.status)
    if operation.startswith("files."):
        return json_response({"code": _NOT_FOUND, "message": problem.message, "details": []}, status=problem.status)
    return json_response({}, status=500 if operation in CANCELLATIONS else problem.status)


FIREWORKS: Final = Dialect(
    provider="fireworks-ai",
    needs_authorization=True,
    query_joins_id=True,
    any_post_cancels=True,
    requires_known_files=True,
    encodes_ids=False,
    job_id=lambda serial: f"fake{serial:06d}",
    takes_overrides=False,
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
    deleted=_deleted,
    file_page=_file_page,
    error_response=_error_response,
    unsupported={
        "files.content": _account,
        "fine_tuning.jobs.checkpoints.list": _not_found,
        "fine_tuning.jobs.list_events": _not_found,
    },
)
