"""What makes one provider differ from the next: a value made of pure functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from portkey_ft.testing._http.messages import Problem, Request, Response

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from portkey_ft.testing._http.multipart import Upload
    from portkey_ft.testing._http.routes import OperationName
    from portkey_ft.testing._model.state import Order, StoredFile
    from portkey_ft.testing._model.timeline import JobView


@attrs.frozen(kw_only=True)
class NewFile:
    """What a provider makes of an upload: the file's id and its parts."""

    id: str
    filename: str
    purpose: str
    content: bytes = attrs.field(repr=False)
    content_type: str


@attrs.frozen(kw_only=True)
class FileView:
    """A file at a moment.

    Args:
        file: what is stored.
        processed: whether the provider has finished with it.
    """

    file: StoredFile
    processed: bool


@attrs.frozen(kw_only=True)
class Query:
    """The part of a request that asks for a page.

    Args:
        parameters: the decoded query.
    """

    parameters: Mapping[str, str]

    @property
    def after(self) -> str | None:
        """The cursor; None on the first page."""
        return self.parameters.get("after")


Answer = Response | Problem
"""What an operation leads to: a finished response, or a complaint that a dialect still has to shape."""


@attrs.frozen(kw_only=True)
class Dialect:
    """How a provider speaks through the gateway.

    Args:
        provider: its name in ``x-portkey-provider``.
        needs_authorization: whether it refuses a request without an Authorization header.
        glues_query: whether the gateway takes a query for a part of the id.
        job_id: makes the id of the job with a serial number.
        order: reads the body of a create.
        encodes_ids: whether ids come and go percent-encoded, since they are locations.
        wants_stored_files: whether a create with a training file that was not uploaded here is refused.
        created: answers a create.
        retrieved: answers a retrieve.
        cancelled: answers a cancel.
        job_page: answers a list of jobs (newest first).
        new_file: reads an upload; the serial number makes ids.
        uploaded: answers an upload.
        file: answers the retrieval of a file.
        deleted: answers the deletion of a file.
        file_page: answers a list of files (in the order asked for).
        refused: gives a complaint the provider's form.
        instead: what happens on operations that the provider does not have. It gets the job asked for, if there is one.
    """

    provider: str
    needs_authorization: bool
    glues_query: bool
    wants_stored_files: bool
    encodes_ids: bool
    job_id: Callable[[int], str]
    order: Callable[[Mapping[str, object]], Order | Problem]
    created: Callable[[JobView], Response]
    retrieved: Callable[[JobView], Response]
    cancelled: Callable[[JobView], Response]
    job_page: Callable[[Sequence[JobView], Query], Answer]
    new_file: Callable[[Request, Upload, int], NewFile | Answer]
    uploaded: Callable[[FileView], Response]
    file: Callable[[FileView], Response]
    deleted: Callable[[FileView], Response]
    file_page: Callable[[Sequence[FileView], Query], Answer]
    refused: Callable[[Problem, OperationName], Response]
    instead: Mapping[OperationName, Callable[[JobView | None], Answer]]


def required_text(body: Mapping[str, object], name: str) -> str | Problem:
    """Return a field that must be a string with something in it, or the complaint that it is not."""
    match body.get(name):
        case str(value) if value:
            return value
        case None | "":
            return Problem(
                status=400,
                message=f"Missing required parameter: '{name}'.",
                code="missing_required_parameter",
                param=name,
            )
        case _:
            return Problem(
                status=400,
                message=f"Invalid type for '{name}': expected a string.",
                code="invalid_type",
                param=name,
            )


def seconds(moment: float | None) -> int | None:
    """Return a time as most of OpenAI's fields have it: whole seconds since the epoch."""
    return None if moment is None else int(moment)


def milliseconds(moment: float | None) -> int | None:
    """Return a time as the gateway writes it for the other providers: whole milliseconds since the epoch."""
    return None if moment is None else int(moment * 1000)
