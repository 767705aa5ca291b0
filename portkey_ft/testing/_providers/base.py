"""The dialect of a provider: everything that distinguishes it from others, as a value made of pure functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

import attrs

from portkey_ft.testing._http.messages import Problem, Request, Response, json_response

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from portkey_ft.testing._http.multipart import Upload
    from portkey_ft.testing._http.routes import OperationName
    from portkey_ft.testing._model.state import JobSpec, StoredFile
    from portkey_ft.testing._model.timeline import JobView

_MAX_PAGE: Final = 100

Item = TypeVar("Item")


@attrs.frozen(kw_only=True)
class NewFile:
    """An uploaded file as the provider stores it."""

    id: str
    filename: str
    purpose: str
    content: bytes = attrs.field(repr=False)
    content_type: str
    reported_size: int


@attrs.frozen(kw_only=True)
class FileView:
    """A file at a point in time.

    Args:
        file: what is stored.
        processed: whether the provider has finished processing it.
    """

    file: StoredFile
    processed: bool


@attrs.frozen(kw_only=True)
class Creation:
    """A create request as the gateway receives it.

    Args:
        body: the parsed body.
        account_id: the Fireworks account in the headers or in the config; None if there is none.
        serial: makes generated names unique.
    """

    body: Mapping[str, object]
    account_id: str | None
    serial: int


@attrs.frozen(kw_only=True)
class Query:
    """The query of a list request.

    Args:
        parameters: the decoded query.
    """

    parameters: Mapping[str, str]

    @property
    def after(self) -> str | None:
        """The cursor; None for the first page."""
        return self.parameters.get("after")


Reply = Response | Problem
"""The result of an operation: a finished response, or an error that a dialect has yet to format."""


@attrs.frozen(kw_only=True)
class Dialect:
    """How a provider responds through the gateway.

    Args:
        provider: its name in ``x-portkey-provider``.
        needs_authorization: whether it refuses a request without an Authorization header.
        query_joins_id: whether the gateway takes a query for a part of the ID.
        any_post_cancels: whether the gateway turns any POST to a job, such as pause, into a cancellation.
        requires_known_files: whether a create request is refused if its files were not uploaded here.
        encodes_ids: whether IDs are locations, percent-encoded in requests and responses.
        job_id: creates the ID of a job from a serial number.
        takes_overrides: whether the gateway merges ``override_params`` of a config into a create request.
        signs_cancellations: whether a cancellation with a content type has an invalid signature.
        filters_metadata: whether the gateway forwards the filter of a list by metadata.
        forward_job: converts a create request to the body that the provider receives, or returns the gateway's error.
        accept_job: reads the received body, or returns the provider's error.
        created: responds to a create.
        retrieved: responds to a retrieve.
        changed: responds to a cancel, a pause or a resume.
        job_page: responds to a list of jobs (newest first).
        new_file: reads an upload; the serial number makes IDs unique.
        uploaded: responds to an upload.
        file: responds to the retrieval of a file.
        deleted: responds to the deletion of a file.
        file_page: responds to a list of files (in the requested order).
        error_response: formats an error.
        unsupported: responds to operations that the provider does not have; gets the job, if there is one.
    """

    provider: str
    needs_authorization: bool
    query_joins_id: bool
    any_post_cancels: bool
    requires_known_files: bool
    encodes_ids: bool
    job_id: Callable[[int], str]
    takes_overrides: bool
    signs_cancellations: bool
    filters_metadata: bool
    forward_job: Callable[[Creation], Mapping[str, object] | Response]
    accept_job: Callable[[Mapping[str, object]], JobSpec | Problem]
    created: Callable[[JobView], Response]
    retrieved: Callable[[JobView], Response]
    changed: Callable[[JobView], Response]
    job_page: Callable[[Sequence[JobView], Query], Reply]
    new_file: Callable[[Request, Upload, int], NewFile | Reply]
    uploaded: Callable[[FileView], Response]
    file: Callable[[FileView], Response]
    deleted: Callable[[FileView], Response]
    file_page: Callable[[Sequence[FileView], Query], Reply]
    error_response: Callable[[Problem, OperationName], Response]
    unsupported: Mapping[OperationName, Callable[[JobView | None], Reply]]


def required_text(body: Mapping[str, object], name: str) -> str | Problem:
    """Return a field that must be a non-empty string, or the error that it is not."""
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


def seconds(time: float | None) -> int | None:
    """Return a time as in most of OpenAI's fields: whole seconds since the epoch."""
    return None if time is None else int(time)


def milliseconds(time: float | None) -> int | None:
    """Return a time as the gateway formats it for the other providers: whole milliseconds since the epoch."""
    return None if time is None else int(time * 1000)


def page(
    items: Sequence[Item], query: Query, *, default: int, most: int = _MAX_PAGE, identifier: Callable[[Item], str]
) -> tuple[Sequence[Item], bool] | Problem:
    """Return the requested page of a list.

    Args:
        items: all items, in the order of the list.
        query: its ``after`` is the ID of the last item of the previous page.
        default: the page size if the query has none.
        most: the maximum page size.
        identifier: returns the ID of an item.

    Returns:
        the items of the page and whether there are more; or the error that the query is invalid.
    """
    limit = query.parameters.get("limit", str(default))
    if not limit.isascii() or not limit.isdigit() or int(limit) < 1:
        return Problem(
            status=400,
            message=f"Invalid 'limit': {limit!r} is not an integer above 0.",
            code="invalid_value",
            param="limit",
        )
    begin = 0
    if query.after is not None:
        ids = [identifier(item) for item in items]
        if query.after not in ids:
            return Problem(status=400, message=f"No such object: {query.after}", code="invalid_value", param="after")
        begin = ids.index(query.after) + 1
    end = begin + min(int(limit), most)
    return items[begin:end], end < len(items)


def gateway_error(problem: Problem, error: Mapping[str, object], *, speaker: str, provider: object) -> Response:
    """Format an error as the gateway does for most providers.

    Args:
        problem: the error.
        error: the fields beside the message.
        speaker: the name in front of the message.
        provider: the value of the key ``provider``.
    """
    document = {"error": {"message": f"{speaker} error: {problem.message}", **error}, "provider": provider}
    return json_response(document, status=problem.status)
