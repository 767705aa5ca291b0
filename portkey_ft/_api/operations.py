"""The seam: the only module that knows the generated client.

One row per operation says how it is called, whether it may be repeated and how its response is read. A request is built
by the generated module's own builder, a response is parsed into the generated model, and the facade's type is built
from that at once. What regeneration does to names and shapes is absorbed in this file, or stopped by the checks.

Not used is what the generated code does at run time: its client, its fixed multipart boundary and its handling of
statuses.
"""

# The generated request builders have private names, and are the door that there is.
# pyright: reportPrivateUsage=false

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, BinaryIO, Generic, ParamSpec, TypeVar, cast

from attrs import evolve, field, frozen
from portkey_ft_api.api.files import create_file as files_create
from portkey_ft_api.api.files import delete_file as files_delete
from portkey_ft_api.api.files import download_file as files_content
from portkey_ft_api.api.files import list_files as files_list
from portkey_ft_api.api.files import retrieve_file as files_retrieve
from portkey_ft_api.api.fine_tuning import cancel_fine_tuning_job as jobs_cancel
from portkey_ft_api.api.fine_tuning import create_fine_tuning_job as jobs_create
from portkey_ft_api.api.fine_tuning import list_fine_tuning_checkpoints as checkpoints_list
from portkey_ft_api.api.fine_tuning import list_fine_tuning_events as jobs_list_events
from portkey_ft_api.api.fine_tuning import list_fine_tuning_jobs as jobs_list
from portkey_ft_api.api.fine_tuning import pause_fine_tuning_job as jobs_pause
from portkey_ft_api.api.fine_tuning import resume_fine_tuning_job as jobs_resume
from portkey_ft_api.api.fine_tuning import retrieve_fine_tuning_job as jobs_retrieve
from portkey_ft_api.models.create_file_request import CreateFileRequest
from portkey_ft_api.models.delete_file_response import DeleteFileResponse
from portkey_ft_api.models.fine_tuning_integration import FineTuningIntegration
from portkey_ft_api.models.fine_tuning_job import FineTuningJob as JobModel
from portkey_ft_api.models.fine_tuning_job_checkpoint import FineTuningJobCheckpoint as CheckpointModel
from portkey_ft_api.models.fine_tuning_job_checkpoint_metrics_type_0 import FineTuningJobCheckpointMetricsType0
from portkey_ft_api.models.fine_tuning_job_error import FineTuningJobError
from portkey_ft_api.models.fine_tuning_job_event import FineTuningJobEvent as EventModel
from portkey_ft_api.models.fine_tuning_job_hyperparameters import FineTuningJobHyperparameters
from portkey_ft_api.models.list_files_response import ListFilesResponse
from portkey_ft_api.models.list_fine_tuning_job_checkpoints_response import ListFineTuningJobCheckpointsResponse
from portkey_ft_api.models.list_fine_tuning_job_events_response import ListFineTuningJobEventsResponse
from portkey_ft_api.models.list_paginated_fine_tuning_jobs_response import ListPaginatedFineTuningJobsResponse
from portkey_ft_api.models.open_ai_file import OpenAIFile as FileModel
from portkey_ft_api.models.portkey_finetune_job import PortkeyFinetuneJob
from portkey_ft_api.types import UNSET, RequestFiles, Unset
from portkey_ft_api.types import File as FilePayload

from portkey_ft._api.constructors import constructor
from portkey_ft._api.error_responses import CHECK_BEFORE_RETRY, json_payload, not_supported, response_info, status_error
from portkey_ft._api.job_spec import JobSpec
from portkey_ft._api.readers import location_of, read_one, read_page, unsupported
from portkey_ft._api.requests import RequestOptions, json_bytes, path_id
from portkey_ft._api.values import (
    FieldLocation,
    is_missing,
    kind_of,
    to_bool,
    to_datetime,
    to_float,
    to_float_or_str,
    to_id,
    to_int,
    to_mapping,
    to_str,
    to_strs,
)
from portkey_ft._http.exchange import is_success
from portkey_ft._http.messages import Request, Response
from portkey_ft._http.multipart import Upload
from portkey_ft._http.upload_sources import UploadSource
from portkey_ft._json import is_array
from portkey_ft._providers import is_unsupported
from portkey_ft._redaction import without_response_in_traceback
from portkey_ft.errors import ConfigurationError, ResponseError
from portkey_ft.types import (
    Checkpoint,
    CheckpointMetrics,
    DeletedFile,
    File,
    FineTuningEvent,
    FineTuningJob,
    Hyperparameters,
    JobError,
)

__all__ = ["OPERATIONS", "JobOperation", "Operation"]

P = ParamSpec("P")
T = TypeVar("T")
M = TypeVar("M")


@frozen
class Operation(Generic[P, T]):
    """One row of the table.

    Attributes:
        name: The facade's name of the operation.
        build: The generated builder of its request.
        read: Reads its response, given the operation's name for what may be wrong with it.
        repeatable: Whether it may take effect twice without harm.
        streams: Tells by name, status and headers whether the response's body is left on the wire; None if it never is.
    """

    name: str
    build: Callable[P, dict[str, Any]]
    read: Callable[[str, Response], T]
    repeatable: bool = field(kw_only=True)
    streams: Callable[[str, int, Mapping[str, str]], bool] | None = field(default=None, kw_only=True)

    def request(self, options: RequestOptions, /, *args: P.args, **kwargs: P.kwargs) -> Request:
        """Build the request for these arguments.

        Raises:
            ConfigurationError: The arguments hold something that cannot be written as JSON.
        """
        built = self.build(*args, **kwargs)
        upload = _upload(built["files"], options.on_progress) if "files" in built else None
        params: dict[str, str | int] = built.get("params", {})
        doubled = sorted(set(params) & set(options.query))
        if doubled:
            message = f"extra_query holds {doubled[0]!r}, which an argument sets already."
            raise ConfigurationError(message, hint="pass it once.", operation=self.name)
        return Request(
            operation=self.name,
            method=built["method"].upper(),
            path=built["url"],
            repeatable=self.repeatable,
            params={**params, **options.query},
            content=json_bytes(built["json"], self.name) if "json" in built else None,
            upload=upload,
            replayable=upload is None or upload.source.replayable,
            headers=options.headers,
            timeout=options.timeout,
            secrets=options.secrets,
            streams=None if self.streams is None else partial(self.streams, self.name),
        )

    @without_response_in_traceback
    def parse(self, response: Response) -> T:
        """Read a response.

        Raises:
            PortkeyError: The response is an error, or cannot be read.
        """
        try:
            return self.read(self.name, response)
        except ResponseError as error:
            if not self.repeatable and error.hint is None:
                error.hint = CHECK_BEFORE_RETRY
            raise


def _upload(parts: RequestFiles, on_progress: Callable[[int, int | None], None] | None) -> Upload:
    """Order the parts of a form: plain fields first, with no content type of their own."""
    plain = [(name, part[1]) for name, part in parts if part[0] is None]
    (field_name, file), *_ = ((name, part) for name, part in parts if part[0] is not None)
    return Upload(
        fields=tuple((name, value.decode()) for name, value in plain if isinstance(value, bytes)),
        field_name=field_name,
        source=cast("UploadSource", file[1]),
        on_progress=on_progress,
    )


# ------------------------------------------------------------------------------------------------------------ reading


_make_job = constructor(FineTuningJob)
_make_event = constructor(FineTuningEvent)
_make_checkpoint = constructor(Checkpoint)
_make_metrics = constructor(CheckpointMetrics)
_make_file = constructor(File)


def _unset_to_none(value: object) -> object:
    return None if isinstance(value, Unset) else value


def _job(model: JobModel, raw: Mapping[str, Any], location: FieldLocation) -> FineTuningJob:
    return _make_job(
        id=to_id(model.id, location),
        status=to_str(model.status, "status", location),
        model=to_str(model.model, "model", location),
        fine_tuned_model=to_str(model.fine_tuned_model, "fine_tuned_model", location),
        created_at=to_datetime(model.created_at, "created_at", location),
        finished_at=to_datetime(model.finished_at, "finished_at", location)
        or to_datetime(model.completed_at, "completed_at", location),
        estimated_finish=to_datetime(model.estimated_finish, "estimated_finish", location),
        training_file=to_str(model.training_file, "training_file", location),
        validation_file=to_str(model.validation_file, "validation_file", location),
        hyperparameters=_hyperparameters(_unset_to_none(model.hyperparameters), location),
        method=to_mapping(model.method, "method", location),
        trained_tokens=to_int(model.trained_tokens, "trained_tokens", location),
        error=_job_error(_unset_to_none(model.error), location),
        organization_id=to_str(model.organization_id, "organization_id", location),
        result_files=to_strs(model.result_files, "result_files", location),
        integrations=_integrations(model.integrations, location),
        seed=to_int(model.seed, "seed", location),
        suffix=to_str(model.suffix, "suffix", location)
        or to_str(model.user_provided_suffix, "user_provided_suffix", location),
        metadata=to_mapping(model.metadata, "metadata", location),
        job_name=to_str(model.job_name, "job_name", location),
        object=to_str(model.object_, "object", location),
        extra=model.additional_properties,
        raw=raw,
        response=location.response,
    )


def _integrations(value: object, location: FieldLocation) -> tuple[Mapping[str, Any], ...]:
    if value is None or isinstance(value, Unset):
        return ()
    if is_array(value):
        found = tuple(item.to_dict() for item in value if isinstance(item, FineTuningIntegration))
        if len(found) == len(value):
            return found
    location.note("integrations", f"expected a list of objects, got {kind_of(value)}")
    return ()


def _job_error(value: object, location: FieldLocation) -> JobError | None:
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return JobError(message=location.redacted(value))
    if not isinstance(value, FineTuningJobError):
        location.note("error", f"expected an object or text, got {kind_of(value)}")
        return None
    error = JobError(
        message=location.redacted(to_str(value.message, "error/message", location)),
        code=location.redacted(to_str(value.code, "error/code", location)),
        param=to_str(value.param, "error/param", location),
    )
    return None if error == JobError() else error


def _hyperparameters(value: object, location: FieldLocation) -> Hyperparameters | None:
    if value is None:
        return None
    if not isinstance(value, FineTuningJobHyperparameters):
        location.note("hyperparameters", f"expected an object, got {kind_of(value)}")
        return None
    return Hyperparameters(
        n_epochs=to_float_or_str(value.n_epochs, "hyperparameters/n_epochs", location),
        batch_size=to_float_or_str(value.batch_size, "hyperparameters/batch_size", location),
        learning_rate_multiplier=to_float_or_str(
            value.learning_rate_multiplier, "hyperparameters/learning_rate_multiplier", location
        ),
        beta=to_float_or_str(value.beta, "hyperparameters/beta", location),
        extra=value.additional_properties,
    )


def _event(model: EventModel, raw: Mapping[str, Any], location: FieldLocation) -> FineTuningEvent:
    return _make_event(
        id=to_id(model.id, location),
        created_at=to_datetime(model.created_at, "created_at", location),
        level=to_str(model.level, "level", location),
        message=to_str(model.message, "message", location),
        type=to_str(model.type_, "type", location),
        data=to_mapping(model.data, "data", location),
        object=to_str(model.object_, "object", location),
        extra=model.additional_properties,
        raw=raw,
        response=location.response,
    )


def _checkpoint(model: CheckpointModel, raw: Mapping[str, Any], location: FieldLocation) -> Checkpoint:
    return _make_checkpoint(
        id=to_id(model.id, location),
        step_number=to_int(model.step_number, "step_number", location),
        fine_tuned_model_checkpoint=to_str(model.fine_tuned_model_checkpoint, "fine_tuned_model_checkpoint", location),
        fine_tuning_job_id=to_str(model.fine_tuning_job_id, "fine_tuning_job_id", location),
        metrics=_metrics(model.metrics, location),
        created_at=to_datetime(model.created_at, "created_at", location),
        object=to_str(model.object_, "object", location),
        extra=model.additional_properties,
        raw=raw,
        response=location.response,
    )


def _metrics(value: object, location: FieldLocation) -> CheckpointMetrics:
    if not isinstance(value, FineTuningJobCheckpointMetricsType0):
        if not is_missing(value):
            location.note("metrics", f"expected an object, got {kind_of(value)}")
        return CheckpointMetrics()
    return _make_metrics(
        step=to_float(value.step, "metrics/step", location),
        train_loss=to_float(value.train_loss, "metrics/train_loss", location),
        train_mean_token_accuracy=to_float(
            value.train_mean_token_accuracy, "metrics/train_mean_token_accuracy", location
        ),
        valid_loss=to_float(value.valid_loss, "metrics/valid_loss", location),
        valid_mean_token_accuracy=to_float(
            value.valid_mean_token_accuracy, "metrics/valid_mean_token_accuracy", location
        ),
        full_valid_loss=to_float(value.full_valid_loss, "metrics/full_valid_loss", location),
        full_valid_mean_token_accuracy=to_float(
            value.full_valid_mean_token_accuracy, "metrics/full_valid_mean_token_accuracy", location
        ),
        extra=value.additional_properties,
    )


def _file(model: FileModel, raw: Mapping[str, Any], location: FieldLocation) -> File:
    created = (
        (model.created_at, "created_at"),
        (model.create_at, "create_at"),  # Vertex, after an upload
        (model.createdAt, "createdAt"),  # Vertex and Bedrock, later
    )
    return _make_file(
        id=to_id(model.id, location),
        filename=to_str(model.filename, "filename", location),
        bytes=to_int(model.bytes_, "bytes", location),
        purpose=to_str(model.purpose, "purpose", location),
        status=to_str(model.status, "status", location),
        status_details=location.redacted(to_str(model.status_details, "status_details", location)),
        created_at=next(
            (time for value, name in created if (time := to_datetime(value, name, location)) is not None), None
        ),
        expires_at=to_datetime(model.expires_at, "expires_at", location),
        object=to_str(model.object_, "object", location),
        extra=model.additional_properties,
        raw=raw,
        response=location.response,
    )


def _deleted(model: DeleteFileResponse, raw: Mapping[str, Any], location: FieldLocation) -> DeletedFile:
    if "id" not in raw and is_unsupported(location.operation, location.response.provider):
        raise unsupported(location, "asked nevertheless, it answered with something that names no file.")
    return DeletedFile(
        # Fireworks responds with {}: the caller knows which file it was.
        id=to_id(model.id, location) if "id" in raw else "",
        deleted=to_bool(model.deleted, "deleted", location) is not False,
        object=to_str(model.object_, "object", location),
        extra=model.additional_properties,
        raw=raw,
        response=location.response,
    )


def _read_deletion(operation: str, response: Response) -> DeletedFile:
    """Read the response to a deletion; one without a body says that it worked (RFC 9110, 15.3.5)."""
    info = response_info(response)
    if is_success(response.status_code) and response.whole and not response.content.strip():
        if is_unsupported(operation, info.provider):
            raise unsupported(location_of(operation, response, None), "asked nevertheless, it responded with nothing.")
        return DeletedFile("", response=info)
    return read_one(DeleteFileResponse.from_dict, _deleted, operation, response)


# ------------------------------------------------------------------------------------------------------------ the table


def _holds_file(operation: str, status_code: int, headers: Mapping[str, str]) -> bool:
    """Tell whether a response holds the file that was asked for, and no error and nothing else."""
    return is_success(status_code) and not is_unsupported(operation, headers.get("x-portkey-provider"))


def _read_stream(_: str, response: Response) -> Response:
    """Leave a download on the wire."""
    if response.body is not None:
        return response
    provider = response_info(response).provider
    if is_success(response.status_code) and provider is not None:
        raise not_supported(response, provider, hint="asked nevertheless, it responded with something else.")
    raise status_error(response)


_read_job = partial(read_one, JobModel.from_dict, _job)
_read_file = partial(read_one, FileModel.from_dict, _file)

JOBS_CREATE = Operation("fine_tuning.jobs.create", jobs_create._get_kwargs, _read_job, repeatable=False)
JOBS_LIST = Operation(
    "fine_tuning.jobs.list",
    jobs_list._get_kwargs,
    partial(read_page, ListPaginatedFineTuningJobsResponse.from_dict, JobModel.from_dict, _job),
    repeatable=True,
)
JOBS_RETRIEVE = Operation("fine_tuning.jobs.retrieve", jobs_retrieve._get_kwargs, _read_job, repeatable=True)
JOBS_CANCEL = Operation("fine_tuning.jobs.cancel", jobs_cancel._get_kwargs, _read_job, repeatable=False)
JOBS_PAUSE = Operation("fine_tuning.jobs.pause", jobs_pause._get_kwargs, _read_job, repeatable=False)
JOBS_RESUME = Operation("fine_tuning.jobs.resume", jobs_resume._get_kwargs, _read_job, repeatable=False)
JOBS_LIST_EVENTS = Operation(
    "fine_tuning.jobs.list_events",
    jobs_list_events._get_kwargs,
    partial(read_page, ListFineTuningJobEventsResponse.from_dict, EventModel.from_dict, _event),
    repeatable=True,
)
CHECKPOINTS_LIST = Operation(
    "fine_tuning.jobs.checkpoints.list",
    checkpoints_list._get_kwargs,
    partial(read_page, ListFineTuningJobCheckpointsResponse.from_dict, CheckpointModel.from_dict, _checkpoint),
    repeatable=True,
)
FILES_CREATE = Operation("files.create", files_create._get_kwargs, _read_file, repeatable=False)
FILES_LIST = Operation(
    "files.list",
    files_list._get_kwargs,
    partial(read_page, ListFilesResponse.from_dict, FileModel.from_dict, _file),
    repeatable=True,
)
FILES_RETRIEVE = Operation("files.retrieve", files_retrieve._get_kwargs, _read_file, repeatable=True)
FILES_DELETE = Operation("files.delete", files_delete._get_kwargs, _read_deletion, repeatable=True)
FILES_CONTENT = Operation(
    "files.content", files_content._get_kwargs, _read_stream, repeatable=True, streams=_holds_file
)

#: An operation on a job that takes its ID alone.
JobOperation = Operation[[str], FineTuningJob]

OPERATIONS: tuple[Operation[..., Any], ...] = (
    JOBS_CREATE,
    JOBS_LIST,
    JOBS_RETRIEVE,
    JOBS_CANCEL,
    JOBS_PAUSE,
    JOBS_RESUME,
    JOBS_LIST_EVENTS,
    CHECKPOINTS_LIST,
    FILES_CREATE,
    FILES_LIST,
    FILES_RETRIEVE,
    FILES_DELETE,
    FILES_CONTENT,
)


# ------------------------------------------------------------------------------------------------------------- requests


def create_job(options: RequestOptions, spec: JobSpec) -> Request:
    """Build the request that starts a job."""
    # What is not given is not sent.
    body = PortkeyFinetuneJob(
        model=spec.model,
        training_file=spec.training_file,
        validation_file=_none_to_unset(spec.validation_file),
        suffix=_none_to_unset(spec.suffix),
        seed=_none_to_unset(spec.seed),
        method=_none_to_unset(spec.method),
        hyperparameters=_none_to_unset(spec.hyperparameters),
        integrations=UNSET if spec.integrations is None else [*spec.integrations],
        metadata=_none_to_unset(spec.metadata),
        job_name=_none_to_unset(spec.job_name),
        role_arn=_none_to_unset(spec.role_arn),
        output_file=spec.output_file if isinstance(spec.output_file, str) else UNSET,
        provider_options=_none_to_unset(spec.provider_options),
        portkey_options=_none_to_unset(spec.portkey_options),
    )
    body.additional_properties = dict(spec.extra_body)
    if isinstance(spec.output_file, Mapping):
        # The document has it as text; Bedrock wants an object, and the gateway passes on what it is given.
        body.additional_properties["output_file"] = spec.output_file
    return JOBS_CREATE.request(options, body=body)


def _none_to_unset(value: T | None) -> T | Unset:
    return UNSET if value is None else value


def list_jobs(
    options: RequestOptions, filters: Mapping[str, str] | None, after: str | None, size: int | None
) -> Request:
    """Build the request for a page of jobs."""
    if filters:
        # The document has no filters; the gateway passes them on.
        options = evolve(options, query={**options.query, **filters})
    return JOBS_LIST.request(options, after=_none_to_unset(after), limit=_none_to_unset(size))


def retrieve_job(options: RequestOptions, job_id: str) -> Request:
    """Build the request for a job."""
    return JOBS_RETRIEVE.request(options, path_id(job_id, "fine_tuning_job_id", JOBS_RETRIEVE.name))


def change_job(operation: JobOperation, options: RequestOptions, job_id: str) -> Request:
    """Build the request that pauses or resumes a job."""
    return operation.request(options, path_id(job_id, "fine_tuning_job_id", operation.name))


def cancel_job(options: RequestOptions, job_id: str) -> Request:
    """Build the request that stops a job."""
    return JOBS_CANCEL.request(options, path_id(job_id, "fine_tuning_job_id", JOBS_CANCEL.name))


@without_response_in_traceback
def says_nothing_of_the_job(response: Response) -> bool:
    """Tell whether a cancellation was accepted with a response that is no job (Bedrock, Vertex and Fireworks)."""
    if not is_success(response.status_code):
        return False
    if response.whole and not response.content.strip():
        return True
    data = json_payload(response)
    return isinstance(data, dict) and "id" not in data


def list_events(options: RequestOptions, job_id: str, after: str | None, size: int | None) -> Request:
    """Build the request for a page of a job's events."""
    job_id = path_id(job_id, "fine_tuning_job_id", JOBS_LIST_EVENTS.name)
    return JOBS_LIST_EVENTS.request(options, job_id, after=_none_to_unset(after), limit=_none_to_unset(size))


def list_checkpoints(options: RequestOptions, job_id: str, after: str | None, size: int | None) -> Request:
    """Build the request for a page of a job's checkpoints."""
    job_id = path_id(job_id, "fine_tuning_job_id", CHECKPOINTS_LIST.name)
    return CHECKPOINTS_LIST.request(options, job_id, after=_none_to_unset(after), limit=_none_to_unset(size))


def create_file(options: RequestOptions, source: UploadSource, purpose: str, fields: Mapping[str, str]) -> Request:
    """Build the request that uploads a file, with further fields of the form behind the purpose."""
    # The source takes the place of the open file that the generated body was made for; _upload reads it out again.
    payload_of = FilePayload(payload=cast("BinaryIO", source), file_name=source.name)
    request = FILES_CREATE.request(options, body=CreateFileRequest(file=payload_of, purpose=purpose))
    upload: Upload = request.upload
    return evolve(request, upload=evolve(upload, fields=(*upload.fields, *fields.items())))


def list_files(
    options: RequestOptions, purpose: str | None, order: str | None, after: str | None, size: int | None
) -> Request:
    """Build the request for a page of files."""
    return FILES_LIST.request(
        options,
        purpose=_none_to_unset(purpose),
        order=_none_to_unset(order),
        after=_none_to_unset(after),
        limit=_none_to_unset(size),
    )


def retrieve_file(options: RequestOptions, file_id: str) -> Request:
    """Build the request for what is known about a file."""
    return FILES_RETRIEVE.request(options, path_id(file_id, "file_id", FILES_RETRIEVE.name))


def delete_file(options: RequestOptions, file_id: str) -> Request:
    """Build the request that deletes a file."""
    return FILES_DELETE.request(options, path_id(file_id, "file_id", FILES_DELETE.name))


def download_file(options: RequestOptions, file_id: str) -> Request:
    """Build the request for a file's content."""
    return FILES_CONTENT.request(options, path_id(file_id, "file_id", FILES_CONTENT.name))
