"""Files: synchronous and asynchronous resource classes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Literal, TypeVar, Unpack

from portkey_ft._api import operations
from portkey_ft._downloads import AsyncDownload, Download
from portkey_ft._http.upload_sources import FileContent
from portkey_ft._listing import PageRange
from portkey_ft._plans import files as plans
from portkey_ft._plans import uploads
from portkey_ft._plans.downloads import AsyncResumingBody, ResumingBody
from portkey_ft._plans.polling import Polling, processed_file
from portkey_ft._plans.runtime import AsyncRuntime, SyncRuntime
from portkey_ft._plans.upload_settings import settings_of
from portkey_ft._warnings import warn
from portkey_ft.options import CallOptions, CheckOptions, WatchOptions
from portkey_ft.pagination import AsyncList, SyncList
from portkey_ft.types import DeletedFile, File

__all__ = ["AsyncDownload", "AsyncFiles", "Download", "Files"]

T = TypeVar("T")

MAX_WAIT_SECONDS = 1_800.0


def _one_id(file_id: str | None, same: str | None) -> str:
    """Take an id that goes by two names."""
    if (given := file_id if same is None else same) is None or None not in (file_id, same):
        message = "files.wait_for_processing() takes one id, as file_id or as id"
        raise TypeError(message)
    return given


def _warn_of(loss: str | None) -> None:
    if loss is not None:
        warn(loss)


async def _in_thread(work: Callable[[Callable[[], object]], T]) -> T:
    """Do in a worker thread what blocks, and end it between two chunks when the task is cancelled."""
    from anyio.from_thread import check_cancelled  # noqa: PLC0415 - a sync client never needs it; it comes with httpx
    from anyio.to_thread import run_sync  # noqa: PLC0415 - likewise

    return await run_sync(work, check_cancelled)


class Files:
    """Uploaded files, as client.files."""

    def __init__(self, runtime: SyncRuntime) -> None:
        self._runtime = runtime

    def create(
        self,
        file: FileContent,
        purpose: str = "fine-tune",
        *,
        filename: str | None = None,
        check: bool | CheckOptions | None = None,
        expires_after: Mapping[str, Any] | None = None,
        on_progress: Callable[[int, int | None], Any] | None = None,
        extra_body: Mapping[str, Any] | None = None,
        **options: Unpack[CallOptions],
    ) -> File:
        """Upload a file. It is streamed, and sent again only if the server certainly did not receive it.

        Args:
            file: A path, an open binary file (from its beginning, wherever it stands), bytes, an iterable of bytes, an
                upload that a web framework received, or a pair of a name and one of these or text.
            purpose: What the file is for.
            filename: The name that the provider shows, in place of the file's own.
            check: By default, a file for training is held against what reaches the provider: where the gateway writes
                rows anew (Bedrock, Vertex, Fireworks), nothing may be lost, and what can be said in a form that
                survives is sent in that form. True checks it by all rules of portkey_ft.datasets as well;
                a mapping does so with options, such as {"format": "preference", "max_line_bytes": 2**26}. False
                sends the bytes as they are.
            expires_after: When the provider deletes it, such as {"anchor": "created_at", "seconds": 3600}.
            on_progress: Called with the bytes sent so far and their number in all (None if that is unknown).
            extra_body: Further fields of the form.
            **options: Options of this call alone: timeout (seconds for each step of the exchange), extra_headers,
                extra_query, trace_id and gateway_metadata; see portkey_ft.options.CallOptions.

        Raises:
            ConfigurationError: There is nothing to upload, it cannot be read as bytes, or a setting is missing without
                which nothing would be stored.
            DatasetError: A row would be lost on its way, or was checked and would be refused.
            NotSupportedError: The gateway would lose a field of the form.
            FileNotFoundError: There is no file at the path.
            IsADirectoryError: There is a directory at the path.
            APIConnectionError: No response. If outcome_unknown is true, the file may have been uploaded.
            ResponseError: What was stored is not what was sent; the file's id is in the message.
            PortkeyError: The file changed while it was sent; or any other error of portkey_ft.errors.

        Example:
            >>> file = client.files.create("train.jsonl", purpose="fine-tune", check=True)
            >>> file.status
            'processed'
        """
        settings = settings_of(
            self._runtime,
            options,
            purpose,
            check=check,
            expires_after=expires_after,
            extra_body=extra_body,
            on_progress=on_progress,
        )
        upload = uploads.prepare(settings, file, filename)
        _warn_of(upload.warning)
        created = self._runtime.run(plans.create(self._runtime.environment, upload))
        _warn_of(upload.late_warning())
        if uploads.is_unforeseen(created, upload, settings):
            _warn_of(uploads.look_back(created, upload, settings))
        return created

    def list(
        self,
        *,
        purpose: str | None = None,
        order: Literal["asc", "desc"] | None = None,
        after: str | None = None,
        limit: int | None = None,
        page_size: int | None = None,
        prefetch: bool = False,
        **options: Unpack[CallOptions],
    ) -> SyncList[File]:
        """List files; nothing is sent before the list is iterated.

        Args:
            purpose: Only files for this purpose.
            order: "asc" or "desc" by time of upload, where the provider knows an order.
            after: Where to begin: the cursor of an earlier list, or the id of the file before the first.
            limit: How many in all; all by default.
            page_size: How many to ask for in one request; the provider's choice by default.
            prefetch: Whether to ask for the next page while you are busy with this one. It saves the time of waiting,
                and costs a request more if you stop early.
            **options: Options of this call alone: timeout (seconds for each step of the exchange), extra_headers,
                extra_query, trace_id and gateway_metadata; see portkey_ft.options.CallOptions.

        Raises:
            ConfigurationError: An argument cannot work.
            PaginationError: While iterating: there are more, and the provider gives no cursor that works.
            PortkeyError: While iterating: any other error of portkey_ft.errors.

        Example:
            >>> for file in client.files.list(purpose="fine-tune"):
            ...     print(file.id, file.filename)
            file-1 train.jsonl
        """
        page_range = PageRange(after=after, limit=limit, page_size=page_size, prefetch=prefetch)
        return SyncList(plans.list_files(self._runtime, purpose, order, options, page_range), self._runtime.io)

    def retrieve(self, file_id: str, **options: Unpack[CallOptions]) -> File:
        """Retrieve a file.

        Args:
            file_id: The file.
            **options: Options of this call alone: timeout (seconds for each step of the exchange), extra_headers,
                extra_query, trace_id and gateway_metadata; see portkey_ft.options.CallOptions.

        Raises:
            NotFoundError: There is no such file.
            PortkeyError: Any other error of portkey_ft.errors.

        Example:
            >>> client.files.retrieve(file.id).filename
            'train.jsonl'
        """
        given = self._runtime.options(operations.FILES_RETRIEVE.name, options)
        return self._runtime.run(plans.retrieve(self._runtime.environment, given, file_id))

    def delete(self, file_id: str, **options: Unpack[CallOptions]) -> DeletedFile:
        """Delete a file.

        Args:
            file_id: The file.
            **options: Options of this call alone: timeout (seconds for each step of the exchange), extra_headers,
                extra_query, trace_id and gateway_metadata; see portkey_ft.options.CallOptions.

        Raises:
            NotFoundError: There is no such file.
            PortkeyError: Any other error of portkey_ft.errors.

        Example:
            >>> client.files.delete(file.id).deleted
            True
        """
        given = self._runtime.options(operations.FILES_DELETE.name, options)
        return self._runtime.run(plans.delete(self._runtime.environment, given, file_id))

    def content(self, file_id: str, **options: Unpack[CallOptions]) -> Download:
        """Begin the download of a file.

        Args:
            file_id: The file.
            **options: Options of this call alone: timeout (seconds for each step of the exchange), extra_headers,
                extra_query, trace_id and gateway_metadata; see portkey_ft.options.CallOptions.

        Raises:
            NotFoundError: There is no such file.
            PortkeyError: Any other error of portkey_ft.errors.

        Example:
            >>> client.files.content(file.id).write_to("copy.jsonl") == file.bytes
            True
        """
        given = self._runtime.options(operations.FILES_CONTENT.name, options)
        response = self._runtime.run(plans.content(self._runtime.environment, given, file_id))
        return Download(response, ResumingBody(response, self._runtime.environment, self._runtime.run))

    def wait_for_processing(
        self,
        file_id: str | None = None,
        *,
        id: str | None = None,  # noqa: A002 - the official client's name for it
        poll_interval: float = Polling().poll_interval,
        max_wait_seconds: float = MAX_WAIT_SECONDS,
        **options: Unpack[WatchOptions],
    ) -> File:
        """Wait until a file is processed.

        Args:
            file_id: The file.
            id: The same, by the name that the official client has for it.
            poll_interval: Seconds between the first looks; they grow to a minute.
            max_wait_seconds: Seconds after which waiting ends, half an hour by default.
            **options: Options of the requests of this call: request_timeout (seconds for each step of an exchange),
                extra_headers, trace_id and gateway_metadata; see portkey_ft.options.WatchOptions.

        Raises:
            WaitTimeoutError: It was not processed in time.
            PortkeyError: It could not be processed; or any other error of portkey_ft.errors.

        Example:
            >>> client.files.wait_for_processing(file.id).status
            'processed'
        """
        polling = Polling(timeout=max_wait_seconds, poll_interval=poll_interval)
        watched = plans.wait(self._runtime, _one_id(file_id, id), polling, options)
        return processed_file(self._runtime.run(watched))


class AsyncFiles:
    """Uploaded files, as client.files."""

    def __init__(self, runtime: AsyncRuntime) -> None:
        self._runtime = runtime

    async def create(
        self,
        file: FileContent,
        purpose: str = "fine-tune",
        *,
        filename: str | None = None,
        check: bool | CheckOptions | None = None,
        expires_after: Mapping[str, Any] | None = None,
        on_progress: Callable[[int, int | None], Any] | None = None,
        extra_body: Mapping[str, Any] | None = None,
        **options: Unpack[CallOptions],
    ) -> File:
        """Upload a file. It is streamed, and sent again only if the server certainly did not receive it.

        Args:
            file: A path, an open binary file (from its beginning, wherever it stands), bytes, an iterable of bytes, an
                upload that a web framework received, or a pair of a name and one of these or text.
            purpose: What the file is for.
            filename: The name that the provider shows, in place of the file's own.
            check: By default, a file for training is held against what reaches the provider: where the gateway writes
                rows anew (Bedrock, Vertex, Fireworks), nothing may be lost, and what can be said in a form that
                survives is sent in that form. True checks it by all rules of portkey_ft.datasets as well;
                a mapping does so with options, such as {"format": "preference", "max_line_bytes": 2**26}. False
                sends the bytes as they are.
            expires_after: When the provider deletes it, such as {"anchor": "created_at", "seconds": 3600}.
            on_progress: Called with the bytes sent so far and their number in all (None if that is unknown).
            extra_body: Further fields of the form.
            **options: Options of this call alone: timeout (seconds for each step of the exchange), extra_headers,
                extra_query, trace_id and gateway_metadata; see portkey_ft.options.CallOptions.

        Raises:
            ConfigurationError: There is nothing to upload, it cannot be read as bytes, or a setting is missing without
                which nothing would be stored.
            DatasetError: A row would be lost on its way, or was checked and would be refused.
            NotSupportedError: The gateway would lose a field of the form.
            FileNotFoundError: There is no file at the path.
            IsADirectoryError: There is a directory at the path.
            APIConnectionError: No response. If outcome_unknown is true, the file may have been uploaded.
            ResponseError: What was stored is not what was sent; the file's id is in the message.
            PortkeyError: The file changed while it was sent; or any other error of portkey_ft.errors.

        Example:
            >>> file = await client.files.create("train.jsonl", purpose="fine-tune", check=True)
            >>> file.status
            'processed'
        """
        settings = settings_of(
            self._runtime,
            options,
            purpose,
            check=check,
            expires_after=expires_after,
            extra_body=extra_body,
            on_progress=on_progress,
        )
        # Reading a file blocks; the event loop goes on meanwhile.
        upload = await _in_thread(partial(uploads.prepare, settings, file, filename))
        _warn_of(upload.warning)
        created = await self._runtime.run(plans.create(self._runtime.environment, upload))
        _warn_of(upload.late_warning())
        if uploads.is_unforeseen(created, upload, settings):
            _warn_of(await _in_thread(partial(uploads.look_back, created, upload, settings)))
        return created

    def list(
        self,
        *,
        purpose: str | None = None,
        order: Literal["asc", "desc"] | None = None,
        after: str | None = None,
        limit: int | None = None,
        page_size: int | None = None,
        prefetch: bool = False,
        **options: Unpack[CallOptions],
    ) -> AsyncList[File]:
        """List files; nothing is sent before the list is iterated.

        Args:
            purpose: Only files for this purpose.
            order: "asc" or "desc" by time of upload, where the provider knows an order.
            after: Where to begin: the cursor of an earlier list, or the id of the file before the first.
            limit: How many in all; all by default.
            page_size: How many to ask for in one request; the provider's choice by default.
            prefetch: Whether to ask for the next page while you are busy with this one. It saves the time of waiting,
                and costs a request more if you stop early.
            **options: Options of this call alone: timeout (seconds for each step of the exchange), extra_headers,
                extra_query, trace_id and gateway_metadata; see portkey_ft.options.CallOptions.

        Raises:
            ConfigurationError: An argument cannot work.
            PaginationError: While iterating: there are more, and the provider gives no cursor that works.
            PortkeyError: While iterating: any other error of portkey_ft.errors.

        Example:
            >>> async for file in client.files.list(purpose="fine-tune"):
            ...     print(file.id, file.filename)
            file-1 train.jsonl
        """
        page_range = PageRange(after=after, limit=limit, page_size=page_size, prefetch=prefetch)
        return AsyncList(plans.list_files(self._runtime, purpose, order, options, page_range), self._runtime.io)

    async def retrieve(self, file_id: str, **options: Unpack[CallOptions]) -> File:
        """Retrieve a file.

        Args:
            file_id: The file.
            **options: Options of this call alone: timeout (seconds for each step of the exchange), extra_headers,
                extra_query, trace_id and gateway_metadata; see portkey_ft.options.CallOptions.

        Raises:
            NotFoundError: There is no such file.
            PortkeyError: Any other error of portkey_ft.errors.

        Example:
            >>> (await client.files.retrieve(file.id)).filename
            'train.jsonl'
        """
        given = self._runtime.options(operations.FILES_RETRIEVE.name, options)
        return await self._runtime.run(plans.retrieve(self._runtime.environment, given, file_id))

    async def delete(self, file_id: str, **options: Unpack[CallOptions]) -> DeletedFile:
        """Delete a file.

        Args:
            file_id: The file.
            **options: Options of this call alone: timeout (seconds for each step of the exchange), extra_headers,
                extra_query, trace_id and gateway_metadata; see portkey_ft.options.CallOptions.

        Raises:
            NotFoundError: There is no such file.
            PortkeyError: Any other error of portkey_ft.errors.

        Example:
            >>> (await client.files.delete(file.id)).deleted
            True
        """
        given = self._runtime.options(operations.FILES_DELETE.name, options)
        return await self._runtime.run(plans.delete(self._runtime.environment, given, file_id))

    async def content(self, file_id: str, **options: Unpack[CallOptions]) -> AsyncDownload:
        """Begin the download of a file.

        Args:
            file_id: The file.
            **options: Options of this call alone: timeout (seconds for each step of the exchange), extra_headers,
                extra_query, trace_id and gateway_metadata; see portkey_ft.options.CallOptions.

        Raises:
            NotFoundError: There is no such file.
            PortkeyError: Any other error of portkey_ft.errors.

        Example:
            >>> download = await client.files.content(file.id)
            >>> await download.write_to("copy.jsonl") == file.bytes
            True
        """
        given = self._runtime.options(operations.FILES_CONTENT.name, options)
        response = await self._runtime.run(plans.content(self._runtime.environment, given, file_id))
        return AsyncDownload(response, AsyncResumingBody(response, self._runtime.environment, self._runtime.run))

    async def wait_for_processing(
        self,
        file_id: str | None = None,
        *,
        id: str | None = None,  # noqa: A002 - the official client's name for it
        poll_interval: float = Polling().poll_interval,
        max_wait_seconds: float = MAX_WAIT_SECONDS,
        **options: Unpack[WatchOptions],
    ) -> File:
        """Wait until a file is processed.

        Args:
            file_id: The file.
            id: The same, by the name that the official client has for it.
            poll_interval: Seconds between the first looks; they grow to a minute.
            max_wait_seconds: Seconds after which waiting ends, half an hour by default.
            **options: Options of the requests of this call: request_timeout (seconds for each step of an exchange),
                extra_headers, trace_id and gateway_metadata; see portkey_ft.options.WatchOptions.

        Raises:
            WaitTimeoutError: It was not processed in time.
            PortkeyError: It could not be processed; or any other error of portkey_ft.errors.

        Example:
            >>> (await client.files.wait_for_processing(file.id)).status
            'processed'
        """
        polling = Polling(timeout=max_wait_seconds, poll_interval=poll_interval)
        watched = plans.wait(self._runtime, _one_id(file_id, id), polling, options)
        return processed_file(await self._runtime.run(watched))
