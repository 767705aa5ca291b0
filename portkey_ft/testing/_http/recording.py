"""Records of the requests that the fake gateway has received."""

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
    """A received request and the outcome.

    The repr shows no header values and no body, since either may hold credentials.

    Args:
        request: with its whole body.
        operation: its name; None if there is no such route.
        status: the status of the response, after any fault was applied.
        trace_id: the trace ID of the request; generated if the client sent none.
        jobs: the IDs of the jobs that it started.
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
        """The path as on the wire, percent-encoded."""
        return self.request.path

    @property
    def query(self) -> Mapping[str, str]:
        """The decoded query."""
        return self.request.parameters

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers, with lower-case names."""
        return self.request.headers

    @property
    def body(self) -> bytes:
        """The whole body."""
        return self.request.read()

    def json(self) -> object:
        """Return the body parsed as JSON.

        Raises:
            ValueError: the body is not valid JSON.
        """
        document: object = json.loads(self.body)
        return document


def jobs_per_create(records: Iterable[RecordedRequest]) -> Mapping[str, int]:
    """Count the jobs started by each create request, by trace ID.

    Args:
        records: in any order.
    """
    started: Counter[str] = Counter()
    for record in records:
        if record.operation == "fine_tuning.jobs.create":
            started[record.trace_id] += len(record.jobs)
    return dict(started)
