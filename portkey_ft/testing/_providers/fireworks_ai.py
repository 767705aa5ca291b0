"""Fireworks AI through the gateway: files are data sets, and errors have no message."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Final

from portkey_ft.testing._http.messages import Problem, Request, Response, json_response
from portkey_ft.testing._model.state import OCTETS
from portkey_ft.testing._providers.base import Dialect, FileView, NewFile, Reply, milliseconds
from portkey_ft.testing._providers.rewritten import plain_error, spec_from, token_page

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from portkey_ft.testing._http.multipart import Upload
    from portkey_ft.testing._http.routes import OperationName
    from portkey_ft.testing._model.state import JobSpec
    from portkey_ft.testing._model.timeline import JobView
    from portkey_ft.testing._providers.base import Query

_TAKEN: Final = ("suffix", "hyperparameters", "output_model")
_KNOWN: Final = frozenset({"running", "succeeded", "failed", "cancelled"})
_FILES_ON_A_PAGE: Final = 50
_CANCELLATIONS: Final = frozenset({"fine_tuning.jobs.cancel", "fine_tuning.jobs.pause", "fine_tuning.jobs.resume"})
_NAMES: Final = uuid.UUID("00000000-0000-0000-0000-00000000fa4e")


def _read_spec(body: Mapping[str, object]) -> JobSpec | Problem:
    return spec_from(body, _TAKEN)


def _job_object(job: JobView) -> Mapping[str, object]:
    asked, suffix = job.spec.hyperparameters, job.spec.text("suffix")
    epochs = asked.get("n_epochs", "auto")
    return {
        "id": job.job_id,
        "model": job.spec.model,
        **({"suffix": f"accounts/fake/models/{suffix}"} if suffix else {}),
        "training_file": job.spec.training_file,
        "validation_file": job.spec.validation_file or "",
        "hyperparameters": {
            "n_epochs": job.epochs if epochs == "auto" else epochs,
            "learning_rate": asked.get("learning_rate", 0.0001),
        },
        "created_at": milliseconds(job.created_at),
        "completed_at": milliseconds(job.finished_at),
        "status": job.status if job.status in _KNOWN else "queued",
        **({"fine_tuned_model": f"accounts/fake/models/{job.job_id}"} if job.fine_tuned_model else {}),
        **({"error": {"code": "INTERNAL", "message": job.error_message}} if job.error_message else {}),
    }


def _show(job: JobView) -> Response:
    return json_response(_job_object(job))


def _changed(_job: JobView) -> Response:
    # The gateway converts the response twice, and the second conversion finds nothing.
    return json_response({"hyperparameters": {}, "created_at": None, "status": "queued"})


def _job_page(jobs: Sequence[JobView], query: Query) -> Reply:
    return token_page(jobs, query, default=50, listed=_job_object)


def _lines_size(content: bytes) -> int:
    """Return the size of the lines as the gateway forwards them, each with a line break."""
    return sum(len(line) + 1 for line in content.splitlines() if line.strip())


def _new_file(request: Request, upload: Upload, serial: int) -> NewFile | Reply:
    headers, part = request.headers, upload.part("file")
    if not headers.get("x-portkey-fireworks-account-id"):
        return Problem(status=400, message="The account is missing.")
    if part is None or part.filename is None:
        return Problem(status=400, message="The file is missing.")
    declared = headers.get("x-portkey-file-upload-size", headers.get("content-length", ""))
    # The gateway announces one byte more than the header declares, and the storage insists on it. Without the header
    # it uses the size of the whole form.
    if not declared.isdigit() or int(declared) + 1 != _lines_size(part.content):
        return Problem(status=400, message="The size of the file is not the one that was announced.")
    return NewFile(
        id=str(uuid.uuid5(_NAMES, str(serial))),
        filename=part.filename,
        purpose="fine-tune",
        content=part.content,
        content_type=OCTETS,
    )


def _file_object(view: FileView, time_name: str) -> Mapping[str, object]:
    file = view.file
    return {
        "id": file.id,
        "filename": file.filename,
        "purpose": file.purpose,
        "organisation_id": "fake",
        "status": "processed" if view.processed else "uploading",
        time_name: milliseconds(file.created_at),
        "object": "file",
    }


def _uploaded(view: FileView) -> Response:
    return json_response(_file_object(view, "create_at"))


def _file(view: FileView) -> Response:
    return json_response(_file_object(view, "created_at"))


def _deleted(_view: FileView) -> Response:
    return json_response({})


def _file_page(files: Sequence[FileView], _query: Query) -> Reply:
    # The gateway forwards no query: there is no second page.
    data = [_file_object(view, "created_at") for view in files[:_FILES_ON_A_PAGE]]
    last = {"last_id": data[-1]["id"]} if data else {}
    more = len(files) > len(data)
    return json_response({"object": "list", "data": data, **last, "has_more": more, "total": len(files)})


def _front_page(_job: JobView | None) -> Response:
    return json_response({"html-message": "<html><title>Fireworks</title></html>"})


def _not_found(_job: JobView | None) -> Problem:
    return Problem(status=404, message="There is no job of that name.")


def _error_response(problem: Problem, operation: OperationName) -> Response:
    if operation.startswith("files."):
        return plain_error(problem, "fireworks-ai")
    return json_response({}, status=500 if operation in _CANCELLATIONS else problem.status)


FIREWORKS: Final = Dialect(
    provider="fireworks-ai",
    needs_authorization=True,
    query_joins_id=True,
    any_post_cancels=True,
    requires_known_files=True,
    encodes_ids=False,
    job_id=lambda serial: f"fake{serial:06d}",
    read_spec=_read_spec,
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
        "files.content": _front_page,
        "fine_tuning.jobs.checkpoints.list": _not_found,
        "fine_tuning.jobs.list_events": _not_found,
    },
)
