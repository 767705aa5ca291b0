"""Faults on demand: what goes wrong, and for which requests."""

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
    """What goes wrong with a request. The class methods make the usual ones; all fields may be combined.

    Args:
        status: replaces the status of the answer.
        body: replaces the body: bytes, text, or a mapping that is sent as JSON.
        headers: added to the answer, over its own ones.
        delay: seconds before the answer begins.
        cut_after: the connection breaks after that many bytes of the body, or at its end if it is shorter.
        silent: the connection closes without an answer.
        refused: the connection fails before the request arrives, so that it is not recorded either. A server can
            only close the connection; in process it is ``httpx.ConnectError``.
        work_done: with a status: whether what was asked for happens nevertheless. Without a status it always does.
        repeats_page: a list ignores its cursor and always says that there is more.
        endless: a list says that there is more whatever it holds, until its pages are empty and after.
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
        """Answer with a status instead.

        Args:
            status: any one, the gateway's own 246 and 446 too.
            body: bytes, text, or a mapping that is sent as JSON. Without it, an error of the provider.
            headers: added to the answer.
            retry_after: the header Retry-After: seconds or an HTTP date.
            work_done: whether what was asked for happens nevertheless.
        """
        error = {"message": f"openai error: a fault asked for status {status}", "type": "server_error"}
        document = {"error": {**error, "param": None, "code": None}, "provider": "openai"}
        told = b"" if status in _WITHOUT_BODY else document
        extra = {} if retry_after is None else {"retry-after": str(retry_after)}
        return cls(
            status=status,
            body=told if body is None else body,
            headers={"content-type": "application/json", **extra, **_headers(headers)},
            work_done=work_done,
        )

    @classmethod
    def delayed(cls, seconds: float) -> Fault:
        """Do what was asked for, and answer late.

        Args:
            seconds: how late. In process the gateway's clock waits; a server waits in real time.
        """
        return cls(delay=seconds)

    @classmethod
    def refusing(cls) -> Fault:
        """Fail the connection before the request arrives."""
        return cls(refused=True)

    @classmethod
    def dropped(cls) -> Fault:
        """Do what was asked for, and close the connection without an answer."""
        return cls(silent=True)

    @classmethod
    def cut(cls, after: int = 10) -> Fault:
        """Do what was asked for, and break the connection within the answer.

        Args:
            after: how many bytes of the body arrive.
        """
        return cls(cut_after=after)

    @classmethod
    def garbage(cls, body: bytes | str = '{"object": "list", "data": [{"id": ') -> Fault:
        """Do what was asked for, and answer 200 with something that is no JSON but says that it is.

        Args:
            body: what is answered.
        """
        return cls(status=200, body=body, headers={"content-type": "application/json"}, work_done=True)

    @classmethod
    def wrong_content_type(cls, content_type: str = "text/html", body: bytes | str = "<html>Sign in</html>") -> Fault:
        """Do what was asked for, and answer 200 with a page as a proxy between would.

        Args:
            content_type: of the answer.
            body: what is answered.
        """
        return cls(status=200, body=body, headers={"content-type": content_type}, work_done=True)

    @classmethod
    def error_in_success(cls) -> Fault:
        """Do what was asked for, and answer 201 with an error, as the gateway does when it misreads a provider."""
        error = {"message": "openai error: undefined", "type": None, "param": None, "code": None}
        return cls.answer(201, {"error": error, "provider": "openai"}, work_done=True)

    @classmethod
    def guardrail_denied(cls) -> Fault:
        """Answer 446: a guardrail has denied the request."""
        error = {"message": "The guardrail checks failed.", "type": "hooks_failed", "param": None, "code": None}
        hooks = {"before_request_hooks": [{"verdict": False, "id": "guardrail-fake"}], "after_request_hooks": []}
        return cls.answer(446, {"error": error, "hook_results": hooks})

    @classmethod
    def guardrail_failed(cls) -> Fault:
        """Do what was asked for, and answer 246: it went well, though a guardrail has complained."""
        return cls(status=246, work_done=True)

    @classmethod
    def repeated_cursor(cls) -> Fault:
        """Answer a list with the first page again and again."""
        return cls(repeats_page=True)

    @classmethod
    def endless_pages(cls) -> Fault:
        """Answer a list with ``has_more`` true, on its last page and on the empty ones after it."""
        return cls(endless=True)

    @property
    def does_work(self) -> bool:
        """Whether the gateway does what was asked for, though the caller may not learn of it."""
        return self.work_done or self.status is None

    def before(self, request: Request) -> Request:
        """Return the request as the gateway sees it under this fault."""
        if not self.repeats_page:
            return request
        kept = [pair for pair in request.query.split("&") if not pair.startswith("after=")]
        return attrs.evolve(request, query="&".join(kept))

    def after(self, response: Response) -> Response:
        """Return the response as the client shall see it under this fault."""
        body = response.body if self.body is None else self.body
        if (self.repeats_page or self.endless) and isinstance(body, bytes):
            body = _saying_more(body)
        return attrs.evolve(
            response,
            status=response.status if self.status is None else self.status,
            headers={**response.headers, **self.headers},
            body=body,
            delivery=Delivery(delay=self.delay, cut_after=self.cut_after, silent=self.silent, refused=self.refused),
        )


def _saying_more(body: bytes) -> bytes:
    document: object = json.loads(body)
    if not isinstance(document, dict):
        return body
    return json.dumps({**cast("dict[str, object]", document), "has_more": True}).encode()


@attrs.frozen(kw_only=True)
class PlannedFault:
    """A fault that waits for its requests.

    Args:
        fault: what goes wrong.
        operation: only with this operation; None for any.
        path: only where this pattern (``*`` stands for anything) matches the path; None for any.
        times: how often it still happens; None for ever.
    """

    fault: Fault
    operation: OperationName | None = None
    path: str | None = None
    times: int | None = 1

    def hits(self, path: str, operation: OperationName | None) -> bool:
        """Say whether a request is meant."""
        return self.operation in {None, operation} and (self.path is None or fnmatch.fnmatchcase(path, self.path))


def next_fault(
    plans: tuple[PlannedFault, ...], path: str, operation: OperationName | None
) -> tuple[Fault | None, tuple[PlannedFault, ...]]:
    """Take the fault that comes first for a request.

    Args:
        plans: all that wait.
        path: of the request.
        operation: of the request.

    Returns:
        the fault, if there is one, and what still waits.
    """
    for place, plan in enumerate(plans):
        if plan.hits(path, operation):
            left = None if plan.times is None else plan.times - 1
            rest = () if left == 0 else (attrs.evolve(plan, times=left),)
            return plan.fault, (*plans[:place], *rest, *plans[place + 1 :])
    return None, plans
