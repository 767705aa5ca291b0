"""What is done with files, as plans: each operation once, for both ways of driving it."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from typing import Any

from attrs import evolve

from portkey_ft._api import operations
from portkey_ft._api.error_responses import response_info
from portkey_ft._api.requests import RequestOptions, required_text
from portkey_ft._headers import check_header_value
from portkey_ft._http.messages import Response
from portkey_ft._http.multipart import FileContent, Source, source_of
from portkey_ft._listing import ListQuery, PageRange
from portkey_ft._plans.polling import Pace, watch_file
from portkey_ft._plans.runtime import Runtime
from portkey_ft._providers import profile_of
from portkey_ft._sansio.plan import Environment, Plan, Watch, call
from portkey_ft.errors import ConfigurationError, NotFoundError, ResponseError
from portkey_ft.options import CallOptions, WatchOptions
from portkey_ft.types import DeletedFile, File

__all__ = ["content", "create", "delete", "list_files", "retrieve", "upload_options", "upload_source", "wait"]


def upload_source(file: FileContent, filename: str | None, *, check: bool, provider: str | None) -> Source:
    """Find out how to read a file, and check it if that is wanted.

    Raises:
        ConfigurationError: It cannot be uploaded, or cannot be checked.
        DatasetError: It was checked, and a provider would refuse it.
    """
    source = source_of(file, filename)
    try:
        source.name.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        message = "the filename is no text: it holds half of a character."
        raise ConfigurationError(message, operation=operations.FILES_CREATE.name) from None
    if check:
        from portkey_ft import datasets  # noqa: PLC0415 - most uploads are not checked

        if not isinstance(file, str | os.PathLike):
            message = "only a file that is given by its path can be checked before it is uploaded."
            raise ConfigurationError(message, operation=operations.FILES_CREATE.name)
        # What nothing is known about gets the rules that are common to all.
        datasets.check(file, provider=profile_of(provider).name).raise_for_problems()
    return source


def upload_options(
    runtime: Runtime[Any],
    given: CallOptions,
    purpose: str,
    on_progress: Callable[[int, int | None], Any] | None,
) -> RequestOptions:
    """Check what an upload adds to its request."""
    purpose = check_header_value(required_text(purpose, "purpose", operations.FILES_CREATE.name), "purpose")
    # Bedrock reads the purpose from this header alone, and Vertex finds the file by it wherever the form has it.
    options = runtime.options(operations.FILES_CREATE.name, given, x_portkey_file_purpose=purpose)
    return evolve(options, on_progress=on_progress)


def create(environment: Environment, options: RequestOptions, source: Source, purpose: str) -> Plan[File]:
    """Plan to upload a file."""
    request = operations.create_file(options, source, purpose)
    file = operations.FILES_CREATE.parse((yield from call(request, environment)))
    if file.bytes == 0:
        # The gateway skips what it cannot turn into the provider's form, and calls the rest a file.
        message = f"the gateway skipped every line of {source.name}, and stored an empty file, {file.id}."
        raise ResponseError(
            message,
            hint="upload with check=True and the name of the provider to be shown what it cannot use.",
            operation=operations.FILES_CREATE.name,
            trace_id=file.trace_id,
            pointer="/bytes",
        )
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
    """Describe the list of files."""
    operation = operations.FILES_LIST
    build = partial(operations.list_files, runtime.options(operation.name, given), purpose, order)
    return ListQuery(operation.name, build, operation.parse, runtime.environment, page_range)


def wait(runtime: Runtime[Any], file_id: str, pace: Pace, given: WatchOptions) -> Watch[File]:
    """Plan to poll a file until it is processed."""
    options = runtime.watch_options("files.wait_for_processing", given)
    fetch = partial(retrieve, runtime.environment, options, file_id)
    return watch_file(file_id, fetch, pace, runtime.environment)
