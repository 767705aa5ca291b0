"""What the fake gateway writes down about the requests that have reached it."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from portkey_ft.testing._http.messages import Request
    from portkey_ft.testing._http.routes import OperationName


@attrs.frozen(kw_only=True)
class RecordedRequest:
    """A request that arrived, and what it was answered.

    Its repr shows no header values and no body: credentials may be in both.

    Args:
        request: with its whole body.
        operation: what it asked for; None if there is no such route.
        status: of the answer, as the client was meant to see it.
        trace_id: of the answer; empty if the gateway itself refused the request.
        jobs: the ids of the jobs that it started.
    """

    request: Request
    operation: OperationName | None
    status: int
    trace_id: str
    jobs: tuple[str, ...] = ()

    @property
    def method(self) -> str:
        """The HTTP method, in capitals."""
        return self.request.method

    @property
    def path(self) -> str:
        """The path as it was on the wire: percent-encoded."""
        return self.request.path

    @property
    def query(self) -> Mapping[str, str]:
        """The decoded query."""
        return self.request.parameters

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers; names are lower case."""
        return self.request.headers

    @property
    def body(self) -> bytes:
        """The whole body."""
        return self.request.read()

    def json(self) -> object:
        """Return the body read as JSON.

        Raises:
            ValueError: it is no JSON.
        """
        document: object = json.loads(self.body)
        return document


def jobs_per_create(records: Iterable[RecordedRequest]) -> Mapping[str, int]:
    """Return how many jobs were started under each trace id that a create came with.

    Args:
        records: in any order.
    """
    started: Counter[str] = Counter()
    for record in records:
        if record.operation == "jobs.create":
            started[record.trace_id] += len(record.jobs)
    return dict(started)
