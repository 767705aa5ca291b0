"""The seam: the only module that knows the generated client.

One row per operation says how it is called, whether it may be repeated and how its answer is read. A request is built
by the generated module's own builder, an answer is parsed into the generated model, and the facade's type is built from
that at once. What regeneration does to names and shapes is absorbed in this file, or stopped by the checks.

Not used is what the generated code does at run time: its client, its fixed multipart boundary and its handling of
statuses.
"""

# The generated request builders have private names, and are the door that there is.
# pyright: reportPrivateUsage=false

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from http import HTTPStatus
from typing import Any, BinaryIO, Generic, ParamSpec, TypeVar, cast

from attrs import field, frozen
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

from portkey_ft._api.error_responses import LOOK_FIRST, not_supported, payload, response_info
from portkey_ft._api.requests import JobRequest, RequestOptions, json_bytes, path_id
from portkey_ft._api.values import (
    Place,
    flag,
    identifier,
    integer,
    mapping,
    moment,
    number,
    number_or_name,
    text,
    texts,
)
from portkey_ft._http.messages import Request, Response
from portkey_ft._http.multipart import Source, Upload
from portkey_ft._json import is_array, is_object
from portkey_ft._providers import is_unsupported
from portkey_ft._redaction import discreet_reader
from portkey_ft.errors import NotSupportedError, ResponseError
from portkey_ft.pagination import Identified, Page
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

__all__ = ["OPERATIONS", "Operation"]

P = ParamSpec("P")
T = TypeVar("T")
M = TypeVar("M")
Item = TypeVar("Item", bound=Identified)


@frozen
class Operation(Generic[P, T]):
    """One row of the table.

    Attributes:
        name: The facade's name of the operation.
        build: The generated builder of its request.
        read: Reads its answer, given the operation's name for what may be wrong with it.
        repeatable: Whether it may take effect twice without harm.
        stream: Whether the answer's body is left on the wire.
    """

    name: str
    build: Callable[P, dict[str, Any]]
    read: Callable[[str, Response], T]
    repeatable: bool = field(kw_only=True)
    stream: bool = field(default=False, kw_only=True)

    def request(self, options: RequestOptions, /, *args: P.args, **kwargs: P.kwargs) -> Request:
        """Build the request for these arguments.

        Raises:
            ConfigurationError: The arguments hold something that cannot be written as JSON.
        """
        built = self.build(*args, **kwargs)
        upload = _upload(built["files"], options.on_progress) if "files" in built else None
        return Request(
            operation=self.name,
            method=built["method"].upper(),
            path=built["url"],
            repeatable=self.repeatable,
            params=built.get("params", {}),
            content=json_bytes(built["json"], self.name) if "json" in built else None,
            upload=upload,
            replayable=upload is None or upload.source.replayable,
            headers=options.headers,
            timeout=options.timeout,
            stream=self.stream,
        )

    @discreet_reader
    def answer(self, response: Response) -> T:
        """Read an answer.

        Raises:
            PortkeyError: The answer is an error, or cannot be read.
        """
        try:
            return self.read(self.name, response)
        except ResponseError as error:
            if not self.repeatable and error.hint is None:
                error.hint = LOOK_FIRST
            raise


def _upload(parts: RequestFiles, on_progress: Callable[[int, int | None], None] | None) -> Upload:
    """Order the parts of a form: plain fields first, with no content type of their own."""
    plain = [(name, part[1]) for name, part in parts if part[0] is None]
    (field_name, file), *_ = ((name, part) for name, part in parts if part[0] is not None)
    return Upload(
        fields=tuple((name, value.decode()) for name, value in plain if isinstance(value, bytes)),
        field_name=field_name,
        source=cast("Source", file[1]),
        on_progress=on_progress,
    )


# ------------------------------------------------------------------------------------------------------------ reading


def _given(value: object) -> object:
    return None if isinstance(value, Unset) else value


def _parsed(parse: Callable[[Any], M], data: object, place: Place) -> M:
    """Parse with a generated model, whose own errors name neither operation nor place."""
    if not is_object(data):
        raise place.fault(None, f"an object is expected, and there is {type(data).__name__}")
    try:
        return parse(data)
    except KeyError as error:
        raise place.fault(str(error.args[0]), "a field is missing that is always needed") from None
    except (TypeError, ValueError, AttributeError) as error:
        raise place.fault(None, f"its shape is not the expected one ({error})") from None


def _one(parse: Callable[[Any], M], build: Callable[[M, Any, Place], T], operation: str, response: Response) -> T:
    """Read an answer that is one thing."""
    data = payload(response)
    place = Place(operation, response_info(response), redact=response.redact)
    return build(_parsed(parse, data, place), data, place)


def _page(
    parse: Callable[[Any], Any],
    parse_item: Callable[[Any], Any],
    build: Callable[[Any, Any, Place], Item],
    operation: str,
    response: Response,
) -> Page[Item]:
    """Read an answer that is a page of a list."""
    data = payload(response)
    place = Place(operation, response_info(response), redact=response.redact)
    raws: object = data.get("data") if is_object(data) else None
    if not is_array(raws):
        raise _no_list(data, place)
    try:
        model = parse(data)
    except (KeyError, TypeError, ValueError, AttributeError):
        # One of the items: find out which.
        for index, item in enumerate(raws):
            _parsed(parse_item, item, place.below("data", index))
        raise place.fault(None, "its shape is not the expected one") from None
    pairs = list(zip(model.data, raws, strict=True))
    try:
        items = tuple([build(item, raw, place) for item, raw in pairs])
    except ResponseError:
        # Read again, each at its own place, which is worked out only when something is wrong with one.
        items = tuple([build(item, raw, place.below("data", index)) for index, (item, raw) in enumerate(pairs)])
    has_more = flag(model.has_more, "has_more", place)
    last_id = text(model.last_id, "last_id", place)
    if has_more is None and last_id is not None and all(item.id != last_id for item in items):
        # Bedrock's: no id but AWS's token for the next page, which is there only if there is a next page.
        has_more = True
    return Page(
        items,
        has_more=has_more,
        cursor=last_id or (items[-1].id if items else None),
        object=text(model.object_, "object", place),
        response=place.response,
    )


def _no_list(data: object, place: Place) -> Exception:
    if isinstance(data, dict) and "id" in data:
        # The gateway routes events and checkpoints of most providers to the job itself.
        return _not_there(place, "it answered with the job in place of a list.")
    return place.fault("data" if isinstance(data, dict) else None, "a list is expected")


def _not_there(place: Place, hint: str) -> NotSupportedError:
    message = f"the gateway has no {place.operation} for {place.response.provider or 'this provider'}."
    return NotSupportedError(
        message, hint=hint, operation=place.operation, trace_id=place.told(place.response.trace_id)
    )


def _job(model: JobModel, raw: Mapping[str, Any], place: Place) -> FineTuningJob:
    return FineTuningJob(
        id=identifier(model.id, place),
        status=text(model.status, "status", place),
        model=text(model.model, "model", place),
        fine_tuned_model=text(model.fine_tuned_model, "fine_tuned_model", place),
        created_at=moment(model.created_at, "created_at", place),
        finished_at=moment(model.finished_at, "finished_at", place)
        or moment(model.completed_at, "completed_at", place),
        estimated_finish=moment(model.estimated_finish, "estimated_finish", place),
        training_file=text(model.training_file, "training_file", place),
        validation_file=text(model.validation_file, "validation_file", place),
        hyperparameters=_hyperparameters(_given(model.hyperparameters), place),
        method=mapping(model.method, "method", place),
        trained_tokens=integer(model.trained_tokens, "trained_tokens", place),
        error=_job_error(_given(model.error), place),
        organization_id=text(model.organization_id, "organization_id", place),
        result_files=texts(model.result_files, "result_files", place),
        integrations=_integrations(model.integrations, place),
        seed=integer(model.seed, "seed", place),
        suffix=text(model.suffix, "suffix", place) or text(model.user_provided_suffix, "user_provided_suffix", place),
        metadata=mapping(model.metadata, "metadata", place),
        job_name=text(model.job_name, "job_name", place),
        object=text(model.object_, "object", place),
        extra=model.additional_properties,
        raw=raw,
        response=place.response,
    )


def _integrations(value: object, place: Place) -> tuple[Mapping[str, Any], ...]:
    if value is None or isinstance(value, Unset):
        return ()
    if is_array(value):
        found = tuple(item.to_dict() for item in value if isinstance(item, FineTuningIntegration))
        if len(found) == len(value):
            return found
    raise place.fault("integrations", "a list of objects is expected")


def _job_error(value: object, place: Place) -> JobError | None:
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return JobError(message=place.told(value))
    if not isinstance(value, FineTuningJobError):
        raise place.fault("error", "an object or text is expected")
    inside = place.below("error")
    error = JobError(
        message=place.told(text(value.message, "message", inside)),
        code=place.told(text(value.code, "code", inside)),
        param=text(value.param, "param", inside),
    )
    return None if error == JobError() else error


def _hyperparameters(value: object, place: Place) -> Hyperparameters | None:
    if value is None:
        return None
    if not isinstance(value, FineTuningJobHyperparameters):
        raise place.fault("hyperparameters", "an object is expected")
    inside = place.below("hyperparameters")
    return Hyperparameters(
        n_epochs=number_or_name(value.n_epochs, "n_epochs", inside),
        batch_size=number_or_name(value.batch_size, "batch_size", inside),
        learning_rate_multiplier=number_or_name(value.learning_rate_multiplier, "learning_rate_multiplier", inside),
        beta=number_or_name(value.beta, "beta", inside),
        extra=value.additional_properties,
    )


def _event(model: EventModel, raw: Mapping[str, Any], place: Place) -> FineTuningEvent:
    return FineTuningEvent(
        id=identifier(model.id, place),
        created_at=moment(model.created_at, "created_at", place),
        level=text(model.level, "level", place),
        message=text(model.message, "message", place),
        type=text(model.type_, "type", place),
        data=mapping(model.data, "data", place),
        object=text(model.object_, "object", place),
        extra=model.additional_properties,
        raw=raw,
        response=place.response,
    )


def _checkpoint(model: CheckpointModel, raw: Mapping[str, Any], place: Place) -> Checkpoint:
    return Checkpoint(
        id=identifier(model.id, place),
        step_number=integer(model.step_number, "step_number", place),
        fine_tuned_model_checkpoint=text(model.fine_tuned_model_checkpoint, "fine_tuned_model_checkpoint", place),
        fine_tuning_job_id=text(model.fine_tuning_job_id, "fine_tuning_job_id", place),
        metrics=_metrics(_given(model.metrics), place),
        created_at=moment(model.created_at, "created_at", place),
        object=text(model.object_, "object", place),
        extra=model.additional_properties,
        raw=raw,
        response=place.response,
    )


def _metrics(value: object, place: Place) -> CheckpointMetrics:
    if value is None:
        return CheckpointMetrics()
    if not isinstance(value, FineTuningJobCheckpointMetricsType0):
        raise place.fault("metrics", "an object is expected")
    return CheckpointMetrics(
        step=number(value.step, "metrics/step", place),
        train_loss=number(value.train_loss, "metrics/train_loss", place),
        train_mean_token_accuracy=number(value.train_mean_token_accuracy, "metrics/train_mean_token_accuracy", place),
        valid_loss=number(value.valid_loss, "metrics/valid_loss", place),
        valid_mean_token_accuracy=number(value.valid_mean_token_accuracy, "metrics/valid_mean_token_accuracy", place),
        full_valid_loss=number(value.full_valid_loss, "metrics/full_valid_loss", place),
        full_valid_mean_token_accuracy=number(
            value.full_valid_mean_token_accuracy, "metrics/full_valid_mean_token_accuracy", place
        ),
        extra=value.additional_properties,
    )


def _file(model: FileModel, raw: Mapping[str, Any], place: Place) -> File:
    created = (
        (model.created_at, "created_at"),
        (model.create_at, "create_at"),  # Vertex, after an upload
        (model.createdAt, "createdAt"),  # Vertex and Bedrock, later
    )
    return File(
        id=identifier(model.id, place),
        filename=text(model.filename, "filename", place),
        bytes=integer(model.bytes_, "bytes", place),
        purpose=text(model.purpose, "purpose", place),
        status=text(model.status, "status", place),
        status_details=place.told(text(model.status_details, "status_details", place)),
        created_at=next((time for value, name in created if (time := moment(value, name, place)) is not None), None),
        expires_at=moment(model.expires_at, "expires_at", place),
        object=text(model.object_, "object", place),
        extra=model.additional_properties,
        raw=raw,
        response=place.response,
    )


def _deleted(model: DeleteFileResponse, raw: Mapping[str, Any], place: Place) -> DeletedFile:
    if "id" not in raw and is_unsupported(place.operation, place.response.provider):
        raise _not_there(place, "asked nevertheless, it answered with something that names no file.")
    return DeletedFile(
        # Fireworks answers {}: the caller knows which file it was.
        id=identifier(model.id, place) if "id" in raw else "",
        deleted=flag(model.deleted, "deleted", place) is not False,
        object=text(model.object_, "object", place),
        extra=model.additional_properties,
        raw=raw,
        response=place.response,
    )


# ------------------------------------------------------------------------------------------------------------ the table


def _streamed(name: str, response: Response) -> Response:
    """Leave a download on the wire."""
    if response.body is None:
        provider = response_info(response).provider
        fine = HTTPStatus.OK <= response.status_code < HTTPStatus.MULTIPLE_CHOICES
        if fine and provider is not None and is_unsupported(name, provider):
            raise not_supported(response, provider, hint="asked nevertheless, it answered with something else.")
        payload(response)  # raises: only an error was read to its end
    return response


_read_job = partial(_one, JobModel.from_dict, _job)
_read_file = partial(_one, FileModel.from_dict, _file)

JOBS_CREATE = Operation("fine_tuning.jobs.create", jobs_create._get_kwargs, _read_job, repeatable=False)
JOBS_LIST = Operation(
    "fine_tuning.jobs.list",
    jobs_list._get_kwargs,
    partial(_page, ListPaginatedFineTuningJobsResponse.from_dict, JobModel.from_dict, _job),
    repeatable=True,
)
JOBS_RETRIEVE = Operation("fine_tuning.jobs.retrieve", jobs_retrieve._get_kwargs, _read_job, repeatable=True)
JOBS_CANCEL = Operation("fine_tuning.jobs.cancel", jobs_cancel._get_kwargs, _read_job, repeatable=False)
JOBS_LIST_EVENTS = Operation(
    "fine_tuning.jobs.list_events",
    jobs_list_events._get_kwargs,
    partial(_page, ListFineTuningJobEventsResponse.from_dict, EventModel.from_dict, _event),
    repeatable=True,
)
CHECKPOINTS_LIST = Operation(
    "fine_tuning.jobs.checkpoints.list",
    checkpoints_list._get_kwargs,
    partial(_page, ListFineTuningJobCheckpointsResponse.from_dict, CheckpointModel.from_dict, _checkpoint),
    repeatable=True,
)
FILES_CREATE = Operation("files.create", files_create._get_kwargs, _read_file, repeatable=False)
FILES_LIST = Operation(
    "files.list",
    files_list._get_kwargs,
    partial(_page, ListFilesResponse.from_dict, FileModel.from_dict, _file),
    repeatable=True,
)
FILES_RETRIEVE = Operation("files.retrieve", files_retrieve._get_kwargs, _read_file, repeatable=True)
FILES_DELETE = Operation(
    "files.delete", files_delete._get_kwargs, partial(_one, DeleteFileResponse.from_dict, _deleted), repeatable=True
)
FILES_CONTENT = Operation("files.content", files_content._get_kwargs, _streamed, repeatable=True, stream=True)

OPERATIONS: tuple[Operation[..., Any], ...] = (
    JOBS_CREATE,
    JOBS_LIST,
    JOBS_RETRIEVE,
    JOBS_CANCEL,
    JOBS_LIST_EVENTS,
    CHECKPOINTS_LIST,
    FILES_CREATE,
    FILES_LIST,
    FILES_RETRIEVE,
    FILES_DELETE,
    FILES_CONTENT,
)


# ------------------------------------------------------------------------------------------------------------- requests


def create_job(options: RequestOptions, given: JobRequest) -> Request:
    """Build the request that starts a job."""
    # What is not given is not sent.
    body = PortkeyFinetuneJob(
        model=given.model,
        training_file=given.training_file,
        validation_file=_sent(given.validation_file),
        suffix=_sent(given.suffix),
        seed=_sent(given.seed),
        method=_sent(given.method),
        hyperparameters=_sent(given.hyperparameters),
        integrations=UNSET if given.integrations is None else [*given.integrations],
        metadata=_sent(given.metadata),
        job_name=_sent(given.job_name),
        role_arn=_sent(given.role_arn),
        output_file=_sent(given.output_file),
        provider_options=_sent(given.provider_options),
        portkey_options=_sent(given.portkey_options),
    )
    body.additional_properties = dict(given.extra_body)
    return JOBS_CREATE.request(options, body=body)


def _sent(value: T | None) -> T | Unset:
    return UNSET if value is None else value


def list_jobs(options: RequestOptions, after: str | None, size: int | None) -> Request:
    """Build the request for a page of jobs."""
    return JOBS_LIST.request(options, after=_sent(after), limit=_sent(size))


def retrieve_job(options: RequestOptions, job_id: str) -> Request:
    """Build the request for a job."""
    return JOBS_RETRIEVE.request(options, path_id(job_id, "fine_tuning_job_id", JOBS_RETRIEVE.name))


def cancel_job(options: RequestOptions, job_id: str) -> Request:
    """Build the request that stops a job."""
    return JOBS_CANCEL.request(options, path_id(job_id, "fine_tuning_job_id", JOBS_CANCEL.name))


@discreet_reader
def says_nothing_of_the_job(response: Response) -> bool:
    """Tell whether a cancellation was accepted with an answer that is no job (Bedrock, Vertex and Fireworks)."""
    if not HTTPStatus.OK <= response.status_code < HTTPStatus.MULTIPLE_CHOICES:
        return False
    if response.whole and not response.content.strip():
        return True
    data = payload(response)
    return isinstance(data, dict) and "id" not in data


def list_events(options: RequestOptions, job_id: str, after: str | None, size: int | None) -> Request:
    """Build the request for a page of a job's events."""
    job_id = path_id(job_id, "fine_tuning_job_id", JOBS_LIST_EVENTS.name)
    return JOBS_LIST_EVENTS.request(options, job_id, after=_sent(after), limit=_sent(size))


def list_checkpoints(options: RequestOptions, job_id: str, after: str | None, size: int | None) -> Request:
    """Build the request for a page of a job's checkpoints."""
    job_id = path_id(job_id, "fine_tuning_job_id", CHECKPOINTS_LIST.name)
    return CHECKPOINTS_LIST.request(options, job_id, after=_sent(after), limit=_sent(size))


def create_file(options: RequestOptions, source: Source, purpose: str) -> Request:
    """Build the request that uploads a file."""
    # The source takes the place of the open file that the generated body was made for; _upload reads it out again.
    payload_of = FilePayload(payload=cast("BinaryIO", source), file_name=source.name)
    return FILES_CREATE.request(options, body=CreateFileRequest(file=payload_of, purpose=purpose))


def list_files(
    options: RequestOptions, purpose: str | None, order: str | None, after: str | None, size: int | None
) -> Request:
    """Build the request for a page of files."""
    return FILES_LIST.request(
        options, purpose=_sent(purpose), order=_sent(order), after=_sent(after), limit=_sent(size)
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
