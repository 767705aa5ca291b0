"""Downloads that go on where they broke off: by a range where the server offers it, from the start otherwise."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from typing import Any, Final
from zlib import crc32

from attrs import evolve

from portkey_ft._api import operations
from portkey_ft._api.error_responses import response_info
from portkey_ft._http.messages import Request, Response
from portkey_ft._sansio.plan import FIRST_ERROR_STATUS, Environment, Plan, Send, Sleep
from portkey_ft.errors import APIConnectionError, ResponseError
from portkey_ft.retries import Outcome, Retry

__all__ = ["AsyncResumingBody", "DownloadProgress", "ResumingBody"]

PARTIAL_CONTENT: Final = 206
RANGE_NOT_SATISFIABLE: Final = 416
_CONTENT_RANGE: Final = re.compile(r"bytes (?:(?P<start>[0-9]{1,20})-[0-9]{1,20}|\*)/(?P<size>[0-9]{1,20}|\*)")


class DownloadProgress:
    """How far a download got, and the plan to go on after the connection broke.

    Bytes are counted and summed as they are handed out. A server that starts again sends them a second time: they are
    dropped, and their sum shows whether it is still the same file.

    Args:
        environment: Clock and retry policy.
        response: The first response.
    """

    def __init__(self, environment: Environment, response: Response) -> None:
        self._environment = environment
        self._request = response.request
        self._headers = response.headers
        self._trace_id = response_info(response).trace_id
        self._size = self._sum = 0
        self._left_to_drop = self._sum_of_dropped = 0
        self._attempts = response.attempt

    def take(self, chunk: bytes) -> bytes:
        """Take a chunk from the wire and give what of it is new.

        Raises:
            ResponseError: The server sent another file the second time.
        """
        if self._left_to_drop:
            dropped = chunk[: self._left_to_drop]
            self._left_to_drop -= len(dropped)
            self._sum_of_dropped = crc32(dropped, self._sum_of_dropped)
            if not self._left_to_drop and self._sum_of_dropped != self._sum:
                raise self._changed()
            chunk = chunk[len(dropped) :]
        self._size += len(chunk)
        self._sum = crc32(chunk, self._sum)
        return chunk

    def finish(self) -> None:
        """Make sure that the file is not shorter than what was handed out.

        Raises:
            ResponseError: The server sent another file the second time.
        """
        if self._left_to_drop:
            raise self._changed()

    def resume(self, error: APIConnectionError) -> Plan[Response | None]:
        """Plan to get the rest; None if nothing is left.

        Raises:
            APIConnectionError: There were as many attempts as the client allows.
            PortkeyError: The server refuses the file, or has another one now.
        """
        environment = self._environment
        broken: APIConnectionError | None = error
        response: Response | None = None
        while True:
            outcome = Outcome(error=broken) if response is None else Outcome(response.status_code, response.headers)
            delay = environment.policy.delay(
                outcome,
                retries_done=self._attempts - 1,
                repeatable=True,
                jitter=environment.random(),
                now=environment.now(),
            )
            if delay is None and broken is not None:
                raise broken
            if delay is None and response is not None:
                return self._rest(response)
            if environment.on_retry is not None:
                environment.on_retry(self._retry(outcome, delay or 0.0))
            yield Sleep(delay or 0.0)
            self._attempts += 1
            try:
                answered: Response = yield Send(self._next_request(), attempt=self._attempts)
            except APIConnectionError as again:
                response, broken = None, again
                continue
            response, broken = answered, None
            environment.note(answered)
            if answered.status_code < FIRST_ERROR_STATUS or answered.status_code == RANGE_NOT_SATISFIABLE:
                return self._rest(answered)

    def _retry(self, outcome: Outcome, delay: float) -> Retry:
        return Retry(
            self._request.operation,
            attempt=self._attempts,
            delay=delay,
            status_code=outcome.status_code,
            error=outcome.error,
        )

    def _next_request(self) -> Request:
        etag = self._headers.get("etag", "")
        # A weak tag (RFC 9110, 8.8.1) does not tell whether the bytes are the same; a coding is made anew each time.
        if not self._size or not etag.startswith('"') or self._headers.get("content-encoding"):
            return self._request
        if self._headers.get("accept-ranges", "").lower() != "bytes":
            return self._request
        headers = {"range": f"bytes={self._size}-", "if-range": etag}
        return evolve(self._request, headers={**self._request.headers, **headers})

    def _rest(self, response: Response) -> Response | None:
        span = _CONTENT_RANGE.fullmatch(response.headers.get("content-range", ""))
        if response.status_code == RANGE_NOT_SATISFIABLE and span and span["size"] == str(self._size):
            # All of it was there; only the end was not heard of.
            return None
        response = operations.FILES_CONTENT.parse(response)
        self._left_to_drop, self._sum_of_dropped = self._size, 0
        if response.status_code == PARTIAL_CONTENT:
            self._left_to_drop = 0
            if span is None or span["start"] != str(self._size) or response.headers.get("content-encoding"):
                message = "the download broke off, and the server sent another part of the file than was asked for."
                raise ResponseError(message, operation=self._request.operation, trace_id=self._trace_id)
        return response

    def _changed(self) -> ResponseError:
        message = "the download broke off, and the server sent another file the second time."
        return ResponseError(
            message, hint="download it anew.", operation=self._request.operation, trace_id=self._trace_id
        )


class ResumingBody:
    """The body of a download, over as many responses as it takes.

    Args:
        response: The first response.
        environment: Clock and retry policy.
        run: Drives a plan.
    """

    def __init__(
        self, response: Response, environment: Environment, run: Callable[[Plan[Response | None]], Response | None]
    ) -> None:
        self._body = response.body
        self._progress = DownloadProgress(environment, response)
        self._run = run

    def __iter__(self) -> Iterator[bytes]:
        while True:
            try:
                for chunk in self._body:
                    if fresh := self._progress.take(chunk):
                        yield fresh
            except APIConnectionError as error:
                failure = error
            else:
                self._progress.finish()
                return
            response = self._run(self._progress.resume(failure))
            if response is None:
                return
            self._body = response.body

    def close(self) -> None:
        """Give the connection back, read to the end or not."""
        self._body.close()


class AsyncResumingBody:
    """The body of a download, over as many responses as it takes.

    Args:
        response: The first response.
        environment: Clock and retry policy.
        run: Drives a plan.
    """

    def __init__(
        self,
        response: Response,
        environment: Environment,
        run: Callable[[Plan[Response | None]], Coroutine[Any, Any, Response | None]],
    ) -> None:
        self._body = response.body
        self._chunks: AsyncIterator[bytes] | None = None
        self._progress = DownloadProgress(environment, response)
        self._run = run

    def __aiter__(self) -> AsyncIterator[bytes]:
        self._chunks = aiter(self._body)
        return self

    async def __anext__(self) -> bytes:
        while self._chunks is not None:
            try:
                if fresh := self._progress.take(await anext(self._chunks)):
                    return fresh
                continue
            except StopAsyncIteration:
                break
            except APIConnectionError as error:
                failure = error
            self._chunks = None
            response = await self._run(self._progress.resume(failure))
            if response is None:
                raise StopAsyncIteration
            self._body = response.body
            self._chunks = aiter(self._body)
        self._progress.finish()
        raise StopAsyncIteration

    async def close(self) -> None:
        """Give the connection back, read to the end or not."""
        await self._body.close()
