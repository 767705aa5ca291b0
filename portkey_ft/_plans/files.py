"""What is done with files, as plans: each operation once, for both ways of driving it."""

from __future__ import annotations

from functools import partial
from typing import Any

from attrs import evolve

from portkey_ft._api import operations
from portkey_ft._api.error_responses import response_info
from portkey_ft._api.requests import RequestOptions, plain_text
from portkey_ft._http.messages import Response
from portkey_ft._listing import ListQuery, PageRange
from portkey_ft._plans.polling import Polling, watch_file
from portkey_ft._plans.runtime import Runtime
from portkey_ft._plans.uploads import FileUpload, compare_stored
from portkey_ft._sansio.plan import Environment, Plan, call
from portkey_ft.errors import ConfigurationError, NotFoundError
from portkey_ft.options import CallOptions, WatchOptions
from portkey_ft.types import DeletedFile, File

__all__ = ["content", "create", "delete", "list_files", "retrieve", "wait"]

_ORDERS = frozenset({"asc", "desc"})


def create(environment: Environment, upload: FileUpload) -> Plan[File]:
    """Plan to upload a file that was made ready."""
    request = operations.create_file(upload.options, upload.source, upload.purpose, upload.fields)
    file = operations.FILES_CREATE.parse((yield from call(request, environment)))
    compare_stored(file, upload)
    return file


def retrieve(environment: Environment, options: RequestOptions, file_id: str) -> Plan[File]:
    """Plan to retrieve a file."""
    request = operations.retrieve_file(options, file_id)
    return operations.FILES_RETRIEVE.parse((yield from call(request, environment)))


def delete(environment: Environment, options: RequestOptions, file_id: str) -> Plan[DeletedFile]:
    """Plan to delete a file."""
    request = operations.delete_file(options, file_id)
    response = yield from call(request, environment)
    try:
        deleted = operations.FILES_DELETE.parse(response)
    except NotFoundError:
        if not response.repeated:
            raise
        # An attempt before has deleted it, and its answer was lost.
        return DeletedFile(file_id, response=response_info(response))
    # Fireworks answers without an id: the caller knows which file it was.
    return deleted if deleted.id else evolve(deleted, id=file_id)


def content(environment: Environment, options: RequestOptions, file_id: str) -> Plan[Response]:
    """Plan to begin the download of a file."""
    request = operations.download_file(options, file_id)
    return operations.FILES_CONTENT.parse((yield from call(request, environment)))


def list_files(
    runtime: Runtime[Any], purpose: str | None, order: str | None, given: CallOptions, page_range: PageRange
) -> ListQuery[File]:
    """Describe the list of files.

    Raises:
        ConfigurationError: The purpose is no text, or the order none that there is.
    """
    operation = operations.FILES_LIST
    if purpose is not None:
        purpose = plain_text(purpose, "purpose", operation.name)
    if order is not None and (order := plain_text(order, "order", operation.name)) not in _ORDERS:
        message = f"order must be 'asc' or 'desc', not {order!r}."
        raise ConfigurationError(message, operation=operation.name)
    build = partial(operations.list_files, runtime.options(operation.name, given), purpose, order)
    return ListQuery(operation.name, build, operation.parse, runtime.environment, page_range)


def wait(runtime: Runtime[Any], file_id: str, polling: Polling, given: WatchOptions) -> Plan[File]:
    """Plan to poll a file until it is processed."""
    options = runtime.watch_options("files.wait_for_processing", given)
    fetch = partial(retrieve, runtime.environment, options, file_id)
    return watch_file(file_id, fetch, polling, runtime.environment)
