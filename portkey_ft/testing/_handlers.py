"""What each operation does: from a state and a request to the next state and an answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Final, cast

import attrs

from portkey_ft.testing._dialect import Answer, Dialect, FileView, Query
from portkey_ft.testing._lives import (
    checkpoint_model,
    checkpoints,
    events,
    result_file,
    result_file_id,
    status_at,
    view,
)
from portkey_ft.testing._messages import (
    Problem,
    Request,
    Response,
    json_response,
    something_went_wrong,
)
from portkey_ft.testing._multipart import read_upload
from portkey_ft.testing._openai import checkpoint_object, checkpoint_page, event_page
from portkey_ft.testing._scripts import FINAL_STATUSES, JobScript
from portkey_ft.testing._state import OCTETS, Account, Job, State, StoredFile

if TYPE_CHECKING:
    from portkey_ft.testing._operations import OperationName

_PIECE: Final = 64 * 1024

_UNAUTHORIZED: Final = Problem(status=401, message="Incorrect API key provided: undefined.", code="invalid_api_key")


@attrs.frozen(kw_only=True)
class Call:
    """All that an operation depends on.

    Args:
        request: with its whole body.
        operation: its name.
        segment: the id in the path, as it came.
        account: who asks.
        dialect: of the provider asked.
        state: what is remembered.
        now: seconds since the Unix epoch.
        script: of a job that gets no other one.
        file_seconds: how long the provider processes a file.
        trace_id: of the request.
        authorized: whether the provider gets a credential.
    """

    request: Request
    operation: OperationName
    segment: str
    account: Account
    dialect: Dialect
    state: State
    now: float
    script: JobScript
    file_seconds: float
    trace_id: str
    authorized: bool

    @property
    def identifier(self) -> str:
        """The id asked for, in the form in which things are stored."""
        return self.dialect.identifier(self.request, self.segment)

    @property
    def query(self) -> Query:
        """The page asked for."""
        return Query(parameters=self.request.parameters)


@attrs.frozen
class Outcome:
    """What an operation leads to: the next state and the answer."""

    state: State
    answer: Answer


def _job_not_found(call: Call) -> Problem:
    return Problem(
        status=404,
        message=f"Could not find fine tune: {call.identifier}",
        code="fine_tune_not_found",
        param="fine_tune_id",
    )


def _file_not_found(call: Call) -> Problem:
    return Problem(status=404, message=f"No such File object: {call.identifier}", param="id")


def _files(call: Call) -> list[StoredFile]:
    """Return the files that the caller sees, oldest first, the ones that jobs have made among them."""
    uploaded = [file for file in call.state.files if call.account.sees(file.owner)]
    jobs = call.state.jobs_of(call.account)
    made = [result_file(job) for job in jobs if status_at(job, call.now) == "succeeded"]
    return sorted([*uploaded, *made], key=lambda file: file.created_at)


def _file(call: Call, file_id: str) -> StoredFile | None:
    return next((file for file in _files(call) if file.id == file_id), None)


def _file_view(call: Call, file: StoredFile) -> FileView:
    return FileView(file=file, processed=file.processed_at <= call.now)


def _json_object(body: bytes) -> Mapping[str, object] | None:
    try:
        document = json.loads(body)
    except ValueError:
        return None
    return cast("Mapping[str, object]", document) if isinstance(document, dict) else None


def _create_job(call: Call) -> Outcome:
    body, dialect, state = _json_object(call.request.read()), call.dialect, call.state
    if body is None:
        return Outcome(state, something_went_wrong())
    order = dialect.order(body)
    if isinstance(order, Problem):
        return Outcome(state, order)
    for param, file_id in (("training_file", order.training_file), ("validation_file", order.validation_file)):
        if dialect.wants_stored_files and file_id is not None and _file(call, file_id) is None:
            complaint = Problem(status=400, message=f"invalid {param}: {file_id}", param=param)
            return Outcome(state, complaint)
    script = state.scripts[0] if state.scripts else call.script
    job = Job(
        id=dialect.job_id(state.serial + 1),
        owner=call.account,
        order=order,
        script=script,
        created_at=call.now,
        trace_id=call.trace_id,
    )
    following = attrs.evolve(state, jobs=(*state.jobs, job), scripts=state.scripts[1:], serial=state.serial + 1)
    return Outcome(following, dialect.created(view(job, call.now)))


def _metadata_wanted(parameters: Mapping[str, str]) -> Mapping[str, str]:
    return {
        name.removeprefix("metadata[").removesuffix("]"): value
        for name, value in parameters.items()
        if name.startswith("metadata[")
    }


def _has_metadata(job: Job, wanted: Mapping[str, str]) -> bool:
    metadata = job.order.fields.get("metadata")
    return not wanted or (isinstance(metadata, Mapping) and wanted.items() <= metadata.items())


def _list_jobs(call: Call) -> Outcome:
    wanted = _metadata_wanted(call.request.parameters)
    jobs = [view(job, call.now) for job in call.state.jobs_of(call.account) if _has_metadata(job, wanted)]
    return Outcome(call.state, call.dialect.job_page(jobs, call.query))


def _retrieve_job(call: Call) -> Outcome:
    job = call.state.job(call.account, call.identifier)
    answer = _job_not_found(call) if job is None else call.dialect.retrieved(view(job, call.now))
    return Outcome(call.state, answer)


def _cancel_job(call: Call) -> Outcome:
    job = call.state.job(call.account, call.identifier)
    if job is None:
        return Outcome(call.state, _job_not_found(call))
    status = status_at(job, call.now)
    if status in FINAL_STATUSES:
        complaint = Problem(status=400, message=f"Job has already {status}.", code="invalid_state")
        return Outcome(call.state, complaint)
    cancelled = attrs.evolve(job, cancelled_at=call.now)
    return Outcome(call.state.replace_job(cancelled), call.dialect.cancelled(view(cancelled, call.now)))


def _list_events(call: Call) -> Outcome:
    job = call.state.job(call.account, call.identifier)
    answer = _job_not_found(call) if job is None else event_page(job.id, events(job, call.now)[::-1], call.query)
    return Outcome(call.state, answer)


def _list_checkpoints(call: Call) -> Outcome:
    job = call.state.job(call.account, call.identifier)
    if job is None:
        return Outcome(call.state, _job_not_found(call))
    objects = [
        checkpoint_object(job.id, checkpoint_model(job, checkpoint.step), checkpoint)
        for checkpoint in checkpoints(job, call.now)[::-1]
    ]
    return Outcome(call.state, checkpoint_page(objects, call.query))


def _create_file(call: Call) -> Outcome:
    upload, state = read_upload(call.request), call.state
    if upload is None:
        return Outcome(state, something_went_wrong())
    new = call.dialect.new_file(call.request, upload, state.serial + 1)
    if isinstance(new, Response | Problem):
        return Outcome(state, new)
    file = StoredFile(
        id=new.id,
        owner=call.account,
        filename=new.filename,
        purpose=new.purpose,
        content=new.content,
        content_type=new.content_type,
        created_at=call.now,
        processed_at=call.now + call.file_seconds,
    )
    following = attrs.evolve(state, files=(*state.files, file), serial=state.serial + 1)
    return Outcome(following, call.dialect.uploaded(_file_view(call, file)))


def _list_files(call: Call) -> Outcome:
    parameters = call.request.parameters
    purpose = parameters.get("purpose")
    views = [_file_view(call, file) for file in _files(call) if purpose in {None, file.purpose}]
    if parameters.get("order") != "asc":
        views.reverse()
    return Outcome(call.state, call.dialect.file_page(views, call.query))


def _retrieve_file(call: Call) -> Outcome:
    file = _file(call, call.identifier)
    answer = _file_not_found(call) if file is None else call.dialect.file(_file_view(call, file))
    return Outcome(call.state, answer)


def _delete_file(call: Call) -> Outcome:
    file = _file(call, call.identifier)
    if file is None or file.id in {result_file_id(job) for job in call.state.jobs}:
        return Outcome(call.state, _file_not_found(call))
    following = attrs.evolve(call.state, files=tuple(kept for kept in call.state.files if kept is not file))
    return Outcome(following, json_response({"object": "file", "id": file.id, "deleted": True}))


def _pieces(content: bytes) -> Iterable[bytes]:
    yield from (content[begin : begin + _PIECE] for begin in range(0, len(content), _PIECE))


def _content(file: StoredFile) -> Response:
    """Answer a download as the gateway does, which depends on the type that the provider's store names."""
    if file.content_type == OCTETS:
        return Response(headers={"content-type": OCTETS}, body=_pieces(file.content))
    if file.content_type.startswith("text/") and not file.content_type.startswith("text/csv"):
        return json_response({"html-message": file.content.decode(errors="replace")})
    # The gateway reads all other types as one JSON document, which a file of many lines is not.
    try:
        return json_response(json.loads(file.content))
    except ValueError:
        return something_went_wrong()


def _file_content(call: Call) -> Outcome:
    file = _file(call, call.identifier)
    return Outcome(call.state, _file_not_found(call) if file is None else _content(file))


_HANDLERS: Final[Mapping[OperationName, Callable[[Call], Outcome]]] = {
    "files.content": _file_content,
    "files.create": _create_file,
    "files.delete": _delete_file,
    "files.list": _list_files,
    "files.retrieve": _retrieve_file,
    "jobs.cancel": _cancel_job,
    "jobs.checkpoints.list": _list_checkpoints,
    "jobs.create": _create_job,
    "jobs.list": _list_jobs,
    "jobs.list_events": _list_events,
    "jobs.retrieve": _retrieve_job,
}


def perform(call: Call) -> tuple[State, Response]:
    """Do what a request asks for.

    Args:
        call: all that it depends on.

    Returns:
        the next state and the provider's response, without the headers that the gateway adds.
    """
    dialect, operation = call.dialect, call.operation
    if dialect.needs_authorization and not call.authorized:
        # The gateway does not look: it sends "Bearer undefined", and the provider refuses that.
        return call.state, dialect.refused(_UNAUTHORIZED, operation)
    if operation in dialect.instead:
        job = call.state.job(call.account, call.identifier)
        outcome = Outcome(call.state, dialect.instead[operation](None if job is None else view(job, call.now)))
    else:
        outcome = _HANDLERS[operation](call)
    answer = outcome.answer
    return outcome.state, dialect.refused(answer, operation) if isinstance(answer, Problem) else answer
