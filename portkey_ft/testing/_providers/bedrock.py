"""Bedrock through the gateway: IDs are percent-encoded locations, and responses have few fields."""

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
from portkey_ft.testing._http.routes import CANCELLATIONS, OperationName
from portkey_ft.testing._model.state import OCTETS, JobSpec
from portkey_ft.testing._providers import javascript
from portkey_ft.testing._providers.base import Creation, Dialect, FileView, NewFile, Reply, milliseconds, seconds
from portkey_ft.testing._providers.bedrock_rows import InvalidUploadError, batch_row, chat_row, stored_object, text_row
from portkey_ft.testing._providers.rewritten import (
    chosen_hyperparameters,
    decode_location,
    encoded,
    native_text,
    plain_error,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from portkey_ft.testing._http.multipart import Part, Upload
    from portkey_ft.testing._model.timeline import JobView
    from portkey_ft.testing._providers.base import Query

_HYPERPARAMETERS: Final = {
    "n_epochs": "epochCount",
    "learning_rate_multiplier": "learningRateMultiplier",
    "batch_size": "batchSize",
}
_REQUIRED: Final = ("customModelName", "roleArn", "trainingDataConfig")
_MODELS: Final = ("llama2", "llama3", "titan", "mistral", "anthropic", "ai21", "cohere", "amazon")
"""The gateway accepts an upload only if the name of its model contains one of these."""

_FILE_PART: Final = 'Content-Disposition: form-data; name="file"; filename="'
_MAX_UPLOAD: Final = 1_000_000
"""In UTF-16 units, of the whole form. The gateway uploads a larger one in several parts."""

_NAMES: Final = uuid.UUID("00000000-0000-0000-0000-00000000bed0")
_KNOWN: Final = frozenset({"running", "succeeded", "failed", "cancelled"})
_JOBS_ON_A_PAGE: Final = 100
_ARN: Final = "arn:aws:bedrock:us-east-1:000000000000"


def _forward_job(creation: Creation) -> Mapping[str, object] | Response:
    body = creation.body
    if not javascript.is_truthy(body.get("model")):
        return _no_model()
    try:
        return _native_job(body, creation.serial)
    except ValueError:
        return something_went_wrong()


def _native_job(body: Mapping[str, object], serial: int) -> Mapping[str, object]:
    received: dict[str, object] = {"baseModelIdentifier": body["model"]}
    if "suffix" in body:
        received["customModelName"] = body["suffix"]
    if "hyperparameters" in body:
        received["hyperParameters"] = _native_hyperparameters(body)
    if "training_file" in body:
        received["trainingDataConfig"] = {"s3Uri": decode_location(body["training_file"])}
    if javascript.is_truthy(body.get("validation_file")):
        received["validationDataConfig"] = {"s3Uri": decode_location(body["validation_file"])}
    received["outputDataConfig"] = body["output_file"] if "output_file" in body else _default_output(body)
    received["jobName"] = body["job_name"] if "job_name" in body else _default_job_name(serial)
    if "role_arn" in body:
        received["roleArn"] = body["role_arn"]
    received["customizationType"] = body.get("customization_type", "FINE_TUNING")
    return received


def _native_hyperparameters(body: Mapping[str, object]) -> Mapping[str, object]:
    given = chosen_hyperparameters(body)
    return {
        new: javascript.to_string(given[old])
        for old, new in _HYPERPARAMETERS.items()
        if javascript.is_truthy(given.get(old))
    }


def _default_output(body: Mapping[str, object]) -> Mapping[str, object]:
    training_file = decode_location(body["training_file"]) if "training_file" in body else ""
    suffix = javascript.to_string(body["suffix"]) if "suffix" in body else "undefined"
    folder, slash, _ = training_file.rpartition("/")
    return {"s3Uri": f"{folder}{slash}{suffix}"}


def _default_job_name(serial: int) -> str:
    return f"portkey-finetune-{uuid.uuid5(_NAMES, str(serial))}"


def _accept_job(received: Mapping[str, object]) -> JobSpec | Problem:
    training_file = native_text(received, "trainingDataConfig", "s3Uri")
    missing = [name for name in _REQUIRED if not received.get(name)]
    if missing:
        return _missing(missing[0])
    if training_file is None or not training_file.startswith("s3://"):
        return _invalid("Value at 'trainingDataConfig.s3Uri' failed to satisfy constraint: Member must be an S3 URI")
    if not isinstance(received["outputDataConfig"], dict):
        # The gateway forwards the string where Bedrock expects an object.
        return _invalid("Value at 'outputDataConfig' is not an object")
    if "validationDataConfig" in received:
        # The gateway sends a location where Bedrock expects a list of validators.
        return _invalid(
            "Value null at 'validationDataConfig.validators' failed to satisfy constraint: Member must not be null"
        )
    native = json_object(received.get("hyperParameters")) or {}
    return JobSpec(
        model=javascript.to_string(received["baseModelIdentifier"]),
        training_file=training_file,
        fields={
            "suffix": received["customModelName"],
            "job_name": received["jobName"],
            "hyperparameters": {old: native[new] for old, new in _HYPERPARAMETERS.items() if new in native},
        },
    )


def _missing(name: str) -> Problem:
    return _invalid(f"Value null at '{name}' failed to satisfy constraint: Member must not be null")


def _invalid(message: str) -> Problem:
    return Problem(status=400, message=f"1 validation error detected: {message}")


def _listed(job: JobView) -> Mapping[str, object]:
    return {
        "id": encoded(job.job_id),
        "job_name": job.spec.text("job_name") or f"portkey-finetune-{job.job_id.rpartition('/')[2]}",
        "object": "finetune",
        "status": job.status if job.status in _KNOWN else "running",
        "created_at": milliseconds(job.created_at),
        "finished_at": milliseconds(job.finished_at),
        "suffix": job.spec.text("suffix"),
        "training_file": "",
        "validation_file": "",
        "hyperparameters": {"learning_rate_multiplier": None, "batch_size": None, "n_epochs": None},
        "error": {},
        **({"fine_tuned_model": _model_arn(job)} if job.fine_tuned_model else {}),
    }


def _model_arn(job: JobView) -> str:
    return f"{_ARN}:custom-model/{job.job_id.rpartition('/')[2]}"


def _number(value: object) -> float | None:
    """Convert a value as JavaScript's ``Number`` does; what is not a number becomes null."""
    try:
        return float(value) if isinstance(value, str) else value if isinstance(value, int | float) else None
    except ValueError:
        return None


def _job_object(job: JobView) -> Mapping[str, object]:
    given = job.spec.hyperparameters
    listed = {name: value for name, value in _listed(job).items() if name != "suffix"}
    name = job.spec.text("suffix")
    return {
        **listed,
        # Before the model has an ARN, the gateway takes its name.
        **({"fine_tuned_model": name} if name and not job.fine_tuned_model else {}),
        "training_file": encoded(job.spec.training_file),
        "hyperparameters": {
            # The gateway reads the learning rate itself, and not its multiplier.
            "learning_rate_multiplier": None,
            "batch_size": _number(given.get("batch_size")),
            "n_epochs": _number(given.get("n_epochs", job.epochs)),
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


def _new_file(request: Request, upload: Upload, serial: int) -> NewFile | Reply:
    headers = request.headers
    bucket, model = headers.get("x-portkey-aws-s3-bucket"), headers.get("x-portkey-aws-bedrock-model")
    model = model or headers.get("x-portkey-provider-model")
    if not model or not bucket:
        wanted = "Please make sure you have x-portkey-aws-s3-bucket and x-portkey-aws-bedrock-model headers provided."
        return json_response({"status": "failure", "message": wanted}, status=400)
    if not any(name in model for name in _MODELS):
        return _upload_failed("Invalid model slug")
    # The gateway ignores the purpose in the form, and expects a batch file without the header.
    purpose = headers.get("x-portkey-file-purpose", "batch")
    part = upload.part("file")
    if part is None or not part.disposition.startswith(_FILE_PART):
        # The gateway does not find the file, uploads no part, and S3 does not complete an upload without one.
        return Problem(status=400, code="MalformedXML", message="The XML you provided was not well-formed")
    try:
        stored = _rewritten(part, purpose, headers.get("x-portkey-model-type", "chat"))
    except InvalidUploadError as error:
        return _upload_failed(str(error))
    if javascript.utf16_length(request.read().decode(errors="replace")) > _MAX_UPLOAD:
        # The gateway uploads in several parts, of which S3 refuses all but the last for being too small.
        message = "Your proposed upload is smaller than the minimum allowed size"
        return Problem(status=400, code="EntityTooSmall", message=message)
    named = headers.get("x-portkey-aws-s3-object-key") or headers.get("x-portkey-provider-file-name")
    location = f"s3://{bucket}/{named or f'{uuid.uuid5(_NAMES, str(serial))}.jsonl'}"
    return NewFile(
        id=location,
        filename=location,
        purpose=purpose,
        content=stored.encode(),
        content_type=OCTETS,
        reported_size=javascript.utf16_length(stored),
    )


def _upload_failed(message: str) -> Response:
    error = {"message": message, "type": None, "param": None, "code": 500}
    return json_response({"error": error, "provider": "bedrock"}, status=500)


def _rewritten(part: Part, purpose: str, model_type: str) -> str:
    if not (part.filename or "").endswith(".jsonl"):
        message = "Invalid file extension, only jsonl files are supported"
        raise InvalidUploadError(message)
    convert = text_row if model_type == "text" else chat_row
    return stored_object(part.content, convert if purpose == "fine-tune" else batch_row)


def _uploaded(view: FileView) -> Response:
    file = view.file
    return json_response(
        {
            "id": encoded(file.id),
            "object": "file",
            "created_at": seconds(file.created_at),
            "filename": file.filename,
            "purpose": file.purpose,
            "bytes": file.reported_size,
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
            "status_details": None,
        }
    )


def _no_model(*_arguments: object) -> Response:
    return gateway_failure("Model is required", status=500).with_headers(GATEWAY_EXCEPTION)


def _error_response(problem: Problem, operation: OperationName) -> Response:
    if operation in CANCELLATIONS:
        # The gateway returns these unchanged.
        return json_response({"message": problem.message}, status=problem.status)
    if operation.startswith("files."):
        flat = {"type": "provider_error", "code": problem.status, "param": None}
        error = f"<Error><Code>{problem.code or 'NoSuchKey'}</Code><Message>{problem.message}</Message></Error>"
        return json_response({**flat, "message": f"bedrock error: {error}", "provider": "bedrock"}, status=500)
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
    takes_overrides=True,
    signs_cancellations=True,
    filters_metadata=False,
    forward_job=_forward_job,
    accept_job=_accept_job,
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
