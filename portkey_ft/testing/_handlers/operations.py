"""Which function does which operation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from portkey_ft.testing._handlers import files, jobs
from portkey_ft.testing._handlers.context import Call, Outcome
from portkey_ft.testing._http.messages import Problem, Response, something_went_wrong
from portkey_ft.testing._model.timeline import view

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from portkey_ft.testing._http.routes import OperationName
    from portkey_ft.testing._model.state import State

_UNAUTHORIZED: Final = Problem(status=401, message="Incorrect API key provided: undefined.", code="invalid_api_key")

_NEEDS_LOCATION: Final = frozenset({"files.content", "files.retrieve"})

_HANDLERS: Final[Mapping[OperationName, Callable[[Call], Outcome]]] = {
    "files.content": files.file_content,
    "files.create": files.create_file,
    "files.delete": files.delete_file,
    "files.list": files.list_files,
    "files.retrieve": files.retrieve_file,
    "jobs.cancel": jobs.cancel_job,
    "jobs.checkpoints.list": jobs.list_checkpoints,
    "jobs.create": jobs.create_job,
    "jobs.list": jobs.list_jobs,
    "jobs.list_events": jobs.list_events,
    "jobs.retrieve": jobs.retrieve_job,
}


def perform(call: Call) -> tuple[State, Response]:
    """Do what a request asks for.

    Args:
        call: all that it depends on.

    Returns:
        the next state and the provider's response, without the headers that the gateway adds.
    """
    dialect, operation = call.dialect, call.operation
    if dialect.needs_authorization and not call.authorized:
        # The gateway does not look: it sends "Bearer undefined", and the provider refuses that.
        return call.state, dialect.refused(_UNAUTHORIZED, operation)
    if dialect.encodes_ids and operation in _NEEDS_LOCATION and "://" not in call.identifier:
        # Encoded twice, or no location at all: the gateway cannot take it apart.
        return call.state, something_went_wrong()
    if operation in dialect.instead:
        job = call.state.job(call.account, call.identifier)
        outcome = Outcome(call.state, dialect.instead[operation](None if job is None else view(job, call.now)))
    else:
        outcome = _HANDLERS[operation](call)
    answer = outcome.answer
    return outcome.state, dialect.refused(answer, operation) if isinstance(answer, Problem) else answer
