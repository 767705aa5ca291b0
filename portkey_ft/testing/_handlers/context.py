"""What an operation is given, and what it leads to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

import attrs

from portkey_ft.testing._providers.base import Answer, Dialect, Query

if TYPE_CHECKING:
    from portkey_ft.testing._http.messages import Request
    from portkey_ft.testing._http.routes import OperationName
    from portkey_ft.testing._model.job_script import JobScript
    from portkey_ft.testing._model.state import Account, State

_GLUED: Final = frozenset({"files.retrieve", "jobs.retrieve"})
"""The operations of which the gateway takes all after the last slash for the id."""


@attrs.frozen(kw_only=True)
class Call:
    """All that an operation depends on.

    Args:
        request: with its whole body.
        operation: its name.
        segment: the id in the path, as it came.
        account: who asks.
        dialect: of the provider asked.
        state: what is remembered.
        now: seconds since the Unix epoch.
        script: of a job that gets no other one.
        file_seconds: how long the provider processes a file.
        trace_id: of the request.
        authorized: whether the provider gets a credential.
    """

    request: Request
    operation: OperationName
    segment: str
    account: Account
    dialect: Dialect
    state: State
    now: float
    script: JobScript
    file_seconds: float
    trace_id: str
    authorized: bool

    @property
    def identifier(self) -> str:
        """The id asked for, in the form in which things are stored."""
        glued = self.dialect.glues_query and self.operation in _GLUED and self.request.query
        return unquote(f"{self.segment}?{self.request.query}" if glued else self.segment)

    @property
    def query(self) -> Query:
        """The page asked for."""
        return Query(parameters=self.request.parameters)


@attrs.frozen
class Outcome:
    """What an operation leads to: the next state and the answer."""

    state: State
    answer: Answer
