"""The input and the result of an operation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

import attrs

from portkey_ft.testing._providers.base import Dialect, Query, Reply

if TYPE_CHECKING:
    from collections.abc import Mapping

    from portkey_ft.testing._http.messages import Request
    from portkey_ft.testing._http.routes import OperationName
    from portkey_ft.testing._model.job_script import JobScript
    from portkey_ft.testing._model.state import Account, State

_RETRIEVALS: Final = frozenset({"files.retrieve", "fine_tuning.jobs.retrieve"})
"""The operations for which the gateway takes everything after the last slash as the ID."""


@attrs.frozen(kw_only=True)
class OperationContext:
    """Everything that the result of an operation depends on.

    Args:
        request: with its whole body.
        operation: its name.
        segment: the ID in the path, as received.
        account: the sender.
        dialect: of the selected provider.
        state: what is stored.
        now: seconds since the Unix epoch.
        script: the script of a job that gets no other one.
        file_seconds: how long the provider processes a file.
        models: the base models that the providers know; None for any.
        trace_id: of the request.
        authorized: whether the provider receives a credential.
        account_id: the Fireworks account in the headers or in the config.
        override_params: of the config.
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
    models: frozenset[str] | None
    trace_id: str
    authorized: bool
    account_id: str | None
    override_params: Mapping[str, object]

    @property
    def identifier(self) -> str:
        """The ID in the path, in the form in which jobs and files are stored."""
        joined = self.dialect.query_joins_id and self.operation in _RETRIEVALS and self.request.query
        return unquote(f"{self.segment}?{self.request.query}" if joined else self.segment)

    @property
    def query(self) -> Query:
        """The requested page."""
        return Query(parameters=self.request.parameters)


@attrs.frozen
class OperationResult:
    """The next state, and the response or the provider's error."""

    state: State
    reply: Reply
