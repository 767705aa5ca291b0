"""Fault injection: simulated errors, and the requests that they apply to."""

from __future__ import annotations

import fnmatch
import json
from typing import TYPE_CHECKING, Final, cast

import attrs

from portkey_ft.testing._http.messages import Delivery, Request, Response

if TYPE_CHECKING:
    from collections.abc import Mapping

    from portkey_ft.testing._http.routes import OperationName

_WITHOUT_BODY: Final = frozenset({204, 304})


def _bytes(body: bytes | str | Mapping[str, object] | None) -> bytes | None:
    if body is None or isinstance(body, bytes):
        return body
    return body.encode() if isinstance(body, str) else json.dumps(body).encode()


def _headers(headers: Mapping[str, str] | None) -> Mapping[str, str]:
    return dict(headers or {})


@attrs.frozen(kw_only=True)
class Fault:
    """A simulated failure of a request. The class methods create the usual ones; all fields may be combined.

    Args:
        status: replaces the status of the response.
        body: replaces the body: bytes, text, or a mapping that is sent as JSON.
        headers: added to the response; they replace headers of the same name.
        delay: seconds before the response begins.
        cut_after: the connection breaks after that many bytes of the body, or at the end of a shorter body.
        silent: the connection closes without a response.
        refused: the connection fails before the request is received, so that it is not recorded. A server can only
            close the connection; in process it is ``httpx.ConnectError``.
        work_done: with a status: whether the operation takes effect nevertheless. Without a status it always does.
        repeats_page: a list ignores its cursor and always has ``has_more`` true.
        endless: a list always has ``has_more`` true, on empty pages too.
    """

    status: int | None = None
    body: bytes | None = attrs.field(default=None, converter=_bytes)
    headers: Mapping[str, str] = attrs.field(default=None, converter=_headers)
    delay: float = 0.0
    cut_after: int | None = None
    silent: bool = False
    refused: bool = False
    work_done: bool = False
    repeats_page: bool = False
    endless: bool = False

    @classmethod
    def answer(
        cls,
        status: int,
        body: bytes | str | Mapping[str, object] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        retry_after: str | float | None = None,
        work_done: bool = False,
    ) -> Fault:
        """Respond with a status instead of performing the operation.

        Args:
            status: any status, the gateway's own 246 and 446 included.
            body: bytes, text, or a mapping that is sent as JSON. By default, an error of the provider.
            headers: added to the response.
            retry_after: the header Retry-After: seconds or an HTTP date.
            work_done: whether the operation takes effect nevertheless.
        """
        error = {"message": f"openai error: simulated status {status}", "type": "server_error"}
        document = {"error": {**error, "param": None, "code": None}, "provider": "openai"}
        default = b"" if status in _WITHOUT_BODY else document
        extra = {} if retry_after is None else {"retry-after": str(retry_after)}
        return cls(
            status=status,
            body=default if body is None else body,
            headers={"content-type": "application/json", **extra, **_headers(headers)},
            work_done=work_done,
        )

    @classmethod
    def delayed(cls, seconds: float) -> Fault:
        """Perform the operation and delay the response.

        Args:
            seconds: the delay. In process it passes on the gateway's clock; on a server, in real time.
        """
        return cls(delay=seconds)

    @classmethod
    def refusing(cls) -> Fault:
        """Fail to connect, before the request is received."""
        return cls(refused=True)

    @classmethod
    def dropped(cls) -> Fault:
        """Perform the operation and close the connection without a response."""
        return cls(silent=True)

    @classmethod
    def cut(cls, after: int = 10) -> Fault:
        """Perform the operation and break the connection within the response.

        Args:
            after: how many bytes of the body are sent.
        """
        return cls(cut_after=after)

    @classmethod
    def garbage(cls, body: bytes | str = '{"object": "list", "data": [{"id": ') -> Fault:
        """Perform the operation and respond 200 with invalid JSON as ``application/json``.

        Args:
            body: of the response.
        """
        return cls(status=200, body=body, headers={"content-type": "application/json"}, work_done=True)

    @classmethod
    def wrong_content_type(cls, content_type: str = "text/html", body: bytes | str = "<html>Sign in</html>") -> Fault:
        """Perform the operation and respond 200 with an HTML page, as an intercepting proxy would.

        Args:
            content_type: of the response.
            body: of the response.
        """
        return cls(status=200, body=body, headers={"content-type": content_type}, work_done=True)

    @classmethod
    def error_in_success(cls) -> Fault:
        """Perform the operation and respond 201 with an error, as the gateway does when it misreads a provider."""
        error = {"message": "openai error: undefined", "type": None, "param": None, "code": None}
        return cls.answer(201, {"error": error, "provider": "openai"}, work_done=True)

    @classmethod
    def guardrail_denied(cls) -> Fault:
        """Respond 446: a guardrail denied the request."""
        error = {"message": "The guardrail checks failed.", "type": "hooks_failed", "param": None, "code": None}
        hooks = {"before_request_hooks": [{"verdict": False, "id": "guardrail-fake"}], "after_request_hooks": []}
        return cls.answer(446, {"error": error, "hook_results": hooks})

    @classmethod
    def guardrail_failed(cls) -> Fault:
        """Perform the operation and respond 246: it succeeded, though a guardrail check failed."""
        return cls(status=246, work_done=True)

    @classmethod
    def repeated_cursor(cls) -> Fault:
        """Respond to a list with its first page again and again."""
        return cls(repeats_page=True)

    @classmethod
    def endless_pages(cls) -> Fault:
        """Respond to a list with ``has_more`` true on its last page and on the empty pages after it."""
        return cls(endless=True)

    @property
    def does_work(self) -> bool:
        """Whether the operation takes effect, even if the client cannot know."""
        return self.work_done or self.status is None

    def before(self, request: Request) -> Request:
        """Return the request as the gateway receives it under this fault."""
        if not self.repeats_page:
            return request
        kept = [pair for pair in request.query.split("&") if not pair.startswith("after=")]
        return attrs.evolve(request, query="&".join(kept))

    def after(self, response: Response) -> Response:
        """Return the response as the client receives it under this fault."""
        body = response.body if self.body is None else self.body
        if (self.repeats_page or self.endless) and isinstance(body, bytes):
            body = _with_more_pages(body)
        return attrs.evolve(
            response,
            status=response.status if self.status is None else self.status,
            headers={**response.headers, **self.headers},
            body=body,
            delivery=Delivery(delay=self.delay, cut_after=self.cut_after, silent=self.silent, refused=self.refused),
        )


def _with_more_pages(body: bytes) -> bytes:
    document: object = json.loads(body)
    if not isinstance(document, dict):
        return body
    return json.dumps({**cast("dict[str, object]", document), "has_more": True}).encode()


@attrs.frozen(kw_only=True)
class PlannedFault:
    """A fault that is waiting for matching requests.

    Args:
        fault: the failure.
        operation: the operation that it applies to; None for any.
        path: a pattern for the path, in which ``*`` matches anything; None for any path.
        times: how many more times it happens; None for every time.
    """

    fault: Fault
    operation: OperationName | None = None
    path: str | None = None
    times: int | None = 1

    def matches(self, path: str, operation: OperationName | None) -> bool:
        """Return whether the fault applies to a request."""
        return self.operation in {None, operation} and (self.path is None or fnmatch.fnmatchcase(path, self.path))


def next_fault(
    plans: tuple[PlannedFault, ...], path: str, operation: OperationName | None
) -> tuple[Fault | None, tuple[PlannedFault, ...]]:
    """Take the first fault that applies to a request.

    Args:
        plans: the waiting faults.
        path: of the request.
        operation: of the request.

    Returns:
        the fault, if there is one, and the faults that are still waiting.
    """
    for index, plan in enumerate(plans):
        if plan.matches(path, operation):
            left = None if plan.times is None else plan.times - 1
            rest = () if left == 0 else (attrs.evolve(plan, times=left),)
            return plan.fault, (*plans[:index], *rest, *plans[index + 1 :])
    return None, plans
