"""What the operations on files do."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

import attrs

from portkey_ft.testing._handlers.context import Call, Outcome
from portkey_ft.testing._http.messages import Problem, Response, json_response, something_went_wrong
from portkey_ft.testing._http.multipart import read_upload
from portkey_ft.testing._model.state import OCTETS, StoredFile
from portkey_ft.testing._model.timeline import result_file, result_file_id, status_at
from portkey_ft.testing._providers.base import FileView

if TYPE_CHECKING:
    from collections.abc import Iterable

_PIECE: Final = 64 * 1024


def _file_not_found(call: Call) -> Problem:
    return Problem(status=404, message=f"No such File object: {call.identifier}", param="id")


def _files(call: Call) -> list[StoredFile]:
    """Return the files that the caller sees, oldest first, the ones that jobs have made among them."""
    uploaded = [file for file in call.state.files if call.account.sees(file.owner)]
    jobs = call.state.jobs_of(call.account)
    made = [result_file(job) for job in jobs if status_at(job, call.now) == "succeeded"]
    return sorted([*uploaded, *made], key=lambda file: file.created_at)


def find_file(call: Call, file_id: str) -> StoredFile | None:
    """Return a file that the caller sees."""
    return next((file for file in _files(call) if file.id == file_id), None)


def _file_view(call: Call, file: StoredFile) -> FileView:
    return FileView(file=file, processed=file.processed_at <= call.now)


def create_file(call: Call) -> Outcome:
    """Keep a file."""
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


def list_files(call: Call) -> Outcome:
    """List files."""
    parameters = call.request.parameters
    purpose = parameters.get("purpose")
    views = [_file_view(call, file) for file in _files(call) if purpose in {None, file.purpose}]
    if parameters.get("order") != "asc":
        views.reverse()
    return Outcome(call.state, call.dialect.file_page(views, call.query))


def retrieve_file(call: Call) -> Outcome:
    """Show a file."""
    file = find_file(call, call.identifier)
    answer = _file_not_found(call) if file is None else call.dialect.file(_file_view(call, file))
    return Outcome(call.state, answer)


def delete_file(call: Call) -> Outcome:
    """Delete a file."""
    file = find_file(call, call.identifier)
    if file is None or file.id in {result_file_id(job) for job in call.state.jobs}:
        return Outcome(call.state, _file_not_found(call))
    following = attrs.evolve(call.state, files=tuple(kept for kept in call.state.files if kept is not file))
    return Outcome(following, call.dialect.deleted(_file_view(call, file)))


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


def file_content(call: Call) -> Outcome:
    """Download a file."""
    file = find_file(call, call.identifier)
    return Outcome(call.state, _file_not_found(call) if file is None else _content(file))
