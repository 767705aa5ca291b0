"""Bedrock through the gateway: IDs are percent-encoded locations, and responses have few fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from portkey_ft.testing._http.messages import (
    Problem,
    Request,
    Response,
    gateway_failure,
    json_array,
    json_object,
    json_response,
)
from portkey_ft.testing._providers.base import Dialect, FileView, NewFile, Reply, milliseconds, seconds
from portkey_ft.testing._providers.rewritten import encoded, json_lines, plain_error, spec_from, stored_type

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from portkey_ft.testing._http.multipart import Upload
    from portkey_ft.testing._http.routes import OperationName
    from portkey_ft.testing._model.state import JobSpec
    from portkey_ft.testing._model.timeline import JobView
    from portkey_ft.testing._providers.base import Query

_TAKEN: Final = ("suffix", "hyperparameters", "job_name", "role_arn", "output_file", "customization_type")
_KNOWN: Final = frozenset({"running", "succeeded", "failed", "cancelled"})
_JOBS_ON_A_PAGE: Final = 100
_ARN: Final = "arn:aws:bedrock:us-east-1:000000000000"


def _read_spec(body: Mapping[str, object]) -> JobSpec | Problem:
    order = spec_from(body, _TAKEN, scheme="s3://")
    if isinstance(order, Problem):
        return order
    if order.text("role_arn") is None:
        return Problem(status=400, message="Value null at 'roleArn' failed to satisfy constraint: must not be null")
    if "output_file" in order.fields:
        # The gateway forwards the string where Bedrock expects an object.
        return Problem(status=400, message="Value at 'outputDataConfig' is not an object")
    return order


def _listed(job: JobView) -> Mapping[str, object]:
    return {
        "id": encoded(job.job_id),
        "job_name": job.spec.text("job_name") or f"portkey-finetune-{job.job_id.rpartition('/')[2]}",
        "object": "finetune",
        "status": job.status if job.status in _KNOWN else "running",
        "created_at": milliseconds(job.created_at),
        "finished_at": None,
        "suffix": job.spec.text("suffix"),
        "training_file": "",
        "validation_file": "",
        "hyperparameters": {"learning_rate_multiplier": None, "batch_size": None, "n_epochs": None},
        "error": {},
        **({"fine_tuned_model": _model(job)} if job.fine_tuned_model else {}),
    }


def _model(job: JobView) -> str:
    return f"{_ARN}:custom-model/{job.job_id.rpartition('/')[2]}"


def _number(value: object) -> float | None:
    return value if isinstance(value, int | float) else None


def _job_object(job: JobView) -> Mapping[str, object]:
    asked = job.spec.hyperparameters
    return {
        **_listed(job),
        "finished_at": milliseconds(job.finished_at),
        "training_file": encoded(job.spec.training_file),
        "validation_file": encoded(job.spec.validation_file or ""),
        "hyperparameters": {
            "learning_rate_multiplier": _number(asked.get("learning_rate_multiplier")),
            "batch_size": _number(asked.get("batch_size")),
            "n_epochs": _number(asked.get("n_epochs", job.epochs)),
        },
        "error": job.error_message or {},
    }


def _created(job: JobView) -> Response:
    return json_response({"id": encoded(job.job_id)}, status=201)


def _retrieved(job: JobView) -> Response:
    return json_response(_job_object(job))


def _changed(_job: JobView) -> Response:
    return json_response({})


def _job_page(jobs: Sequence[JobView], _query: Query) -> Reply:
    # The gateway forwards no query. "last_id" is the provider's token for a page that cannot be requested.
    data = [_listed(job) for job in jobs[:_JOBS_ON_A_PAGE]]
    token = {"last_id": "token-fake"} if len(jobs) > len(data) else {}
    return json_response({"data": data, "object": "list", "total_count": len(data), **token})


def _kept_lines(content: bytes, *, chat: bool) -> bytes | None:
    """Return the lines that the gateway forwards; None if it cannot parse the file."""
    documents = json_lines(content)
    if documents is None:
        return None
    lines = [line for line in content.splitlines() if line.strip()]
    kept = [line for line, document in zip(lines, documents, strict=True) if not chat or _begins_right(document)]
    return b"\n".join(kept)


def _begins_right(example: Mapping[str, object]) -> bool:
    """Return whether a chat starts with a system message; the gateway silently drops others."""
    messages = json_array(example.get("messages"))
    return bool(messages) and (json_object(messages[0]) or {}).get("role") == "system"


def _new_file(request: Request, upload: Upload, serial: int) -> NewFile | Reply:
    headers, part = request.headers, upload.part("file")
    bucket = headers.get("x-portkey-aws-s3-bucket")
    if not (headers.get("x-portkey-aws-bedrock-model") or headers.get("x-portkey-provider-model")):
        return gateway_failure("Model is required", status=500)
    if not bucket:
        return Problem(status=400, message="The S3 bucket is missing.")
    if part is None or part.filename is None or not part.filename.endswith(".jsonl"):
        return Problem(status=400, message="The name of the file must end in .jsonl.")
    # The gateway ignores the purpose in the form, and expects a batch file without the header.
    purpose = headers.get("x-portkey-file-purpose", "batch")
    chat = headers.get("x-portkey-model-type", "chat") == "chat"
    content = _kept_lines(part.content, chat=chat) if purpose == "fine-tune" else None
    if content is None:
        return gateway_failure("Your file contains invalid json lines", status=500)
    named = headers.get("x-portkey-aws-s3-object-key") or headers.get("x-portkey-provider-file-name")
    location = f"s3://{bucket}/{named or f'fake{serial:06d}-{part.filename}'}"
    return NewFile(id=location, filename=location, purpose=purpose, content=content, content_type=stored_type(part))


def _uploaded(view: FileView) -> Response:
    file = view.file
    return json_response(
        {
            "id": encoded(file.id),
            "object": "file",
            "created_at": seconds(file.created_at),
            "filename": file.filename,
            "purpose": file.purpose,
            "bytes": len(file.content),
            "status": "processed",
            "status_details": "",
        }
    )


def _file(view: FileView) -> Response:
    file = view.file
    return json_response(
        {
            "object": "file",
            "id": encoded(file.id),
            "bytes": str(len(file.content)),
            "createdAt": seconds(file.created_at),
            "filename": file.filename,
            "purpose": "",
            "status": "processed",
        }
    )


def _no_model(*_arguments: object) -> Response:
    return gateway_failure("Model is required", status=500)


def _error_response(problem: Problem, operation: OperationName) -> Response:
    if operation.startswith("files."):
        flat = {"type": "provider_error", "code": problem.status, "param": None}
        message = f"bedrock error: <Error><Message>{problem.message}</Message></Error>"
        return json_response({**flat, "message": message, "provider": "bedrock"}, status=500)
    return plain_error(problem, "bedrock")


def _no_such_path(_job: JobView | None) -> Problem:
    return Problem(status=400, message="1 validation error detected: the job identifier is invalid")


BEDROCK: Final = Dialect(
    provider="bedrock",
    needs_authorization=False,
    query_joins_id=True,
    any_post_cancels=True,
    requires_known_files=False,
    encodes_ids=True,
    job_id=lambda serial: f"{_ARN}:model-customization-job/fake{serial:06d}",
    read_spec=_read_spec,
    created=_created,
    retrieved=_retrieved,
    changed=_changed,
    job_page=_job_page,
    new_file=_new_file,
    uploaded=_uploaded,
    file=_file,
    deleted=_no_model,
    file_page=_no_model,
    error_response=_error_response,
    unsupported={
        "files.delete": _no_model,
        "files.list": _no_model,
        "fine_tuning.jobs.checkpoints.list": _no_such_path,
        "fine_tuning.jobs.list_events": _no_such_path,
    },
)
