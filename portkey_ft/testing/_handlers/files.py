"""The file operations."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

import attrs

from portkey_ft.testing._handlers.context import OperationContext, OperationResult
from portkey_ft.testing._http.messages import Problem, Response, json_response, something_went_wrong
from portkey_ft.testing._http.multipart import Upload, read_upload
from portkey_ft.testing._model.state import OCTETS, StoredFile
from portkey_ft.testing._model.timeline import result_file, result_file_id, status_at
from portkey_ft.testing._providers.base import FileView

if TYPE_CHECKING:
    from collections.abc import Iterable

_CHUNK: Final = 64 * 1024


def _file_not_found(context: OperationContext) -> Problem:
    return Problem(status=404, message=f"No such File object: {context.identifier}", param="id")


def _visible_files(context: OperationContext) -> list[StoredFile]:
    """Return the files that the sender sees, result files of jobs included, oldest first."""
    uploaded = [file for file in context.state.files if context.account.sees(file.owner)]
    jobs = context.state.jobs_of(context.account)
    results = [result_file(job) for job in jobs if status_at(job, context.now) == "succeeded"]
    return sorted([*uploaded, *results], key=lambda file: file.created_at)


def find_file(context: OperationContext, file_id: str) -> StoredFile | None:
    """Return a file that the sender sees; None if there is none of that ID."""
    return next((file for file in _visible_files(context) if file.id == file_id), None)


def _view(context: OperationContext, file: StoredFile) -> FileView:
    return FileView(file=file, processed=file.processed_at <= context.now)


def create_file(context: OperationContext) -> OperationResult:
    """Store an uploaded file."""
    upload, state = read_upload(context.request), context.state
    if upload is None:
        return OperationResult(state, something_went_wrong())
    new = context.dialect.new_file(context.request, upload, state.serial + 1)
    if isinstance(new, Response | Problem):
        return OperationResult(state, new)
    file = StoredFile(
        id=new.id,
        owner=context.account,
        filename=new.filename,
        purpose=new.purpose,
        content=new.content,
        content_type=new.content_type,
        uploaded=_sent(upload),
        reported_size=new.reported_size,
        created_at=context.now,
        processed_at=context.now + context.file_seconds,
    )
    following = attrs.evolve(state, files=(*state.files, file), serial=state.serial + 1)
    return OperationResult(following, context.dialect.uploaded(_view(context, file)))


def _sent(upload: Upload) -> bytes:
    part = upload.part("file")
    return b"" if part is None else part.content


def list_files(context: OperationContext) -> OperationResult:
    """List files."""
    parameters = context.request.parameters
    purpose = parameters.get("purpose")
    views = [_view(context, file) for file in _visible_files(context) if purpose in {None, file.purpose}]
    if parameters.get("order") != "asc":
        views.reverse()
    return OperationResult(context.state, context.dialect.file_page(views, context.query))


def retrieve_file(context: OperationContext) -> OperationResult:
    """Return a file's metadata."""
    file = find_file(context, context.identifier)
    reply = _file_not_found(context) if file is None else context.dialect.file(_view(context, file))
    return OperationResult(context.state, reply)


def delete_file(context: OperationContext) -> OperationResult:
    """Delete a file."""
    file = find_file(context, context.identifier)
    if file is None or file.id in {result_file_id(job) for job in context.state.jobs}:
        return OperationResult(context.state, _file_not_found(context))
    following = attrs.evolve(context.state, files=tuple(kept for kept in context.state.files if kept is not file))
    return OperationResult(following, context.dialect.deleted(_view(context, file)))


def _chunks(content: bytes) -> Iterable[bytes]:
    yield from (content[begin : begin + _CHUNK] for begin in range(0, len(content), _CHUNK))


def _content(file: StoredFile) -> Response:
    """Return a download in the form that the gateway derives from the media type of the provider's store."""
    if file.content_type == OCTETS:
        return Response(headers={"content-type": OCTETS}, body=_chunks(file.content))
    if file.content_type.startswith("text/") and not file.content_type.startswith("text/csv"):
        return json_response({"html-message": file.content.decode(errors="replace")})
    # The gateway parses all other types as one JSON document, which a file of several lines is not.
    try:
        return json_response(json.loads(file.content))
    except ValueError:
        return something_went_wrong()


def file_content(context: OperationContext) -> OperationResult:
    """Download a file."""
    file = find_file(context, context.identifier)
    return OperationResult(context.state, _file_not_found(context) if file is None else _content(file))
