"""The router: maps a request and the state to a response and the next state. No I/O and no clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from portkey_ft.testing._handlers import files, jobs
from portkey_ft.testing._handlers.context import OperationContext, OperationResult
from portkey_ft.testing._http.messages import (
    GATEWAY_EXCEPTION,
    Problem,
    Request,
    Response,
    gateway_failure,
    json_response,
    something_went_wrong,
)
from portkey_ft.testing._model.auth import AccessPolicy, Identity, identify
from portkey_ft.testing._model.timeline import view
from portkey_ft.testing._providers.registry import DIALECTS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from portkey_ft.testing._http.routes import OperationName, Route
    from portkey_ft.testing._model.job_script import JobScript
    from portkey_ft.testing._model.state import State

_UNAUTHORIZED: Final = Problem(status=401, message="Incorrect API key provided: undefined.", code="invalid_api_key")

_NEEDS_LOCATION: Final = frozenset({"files.content", "files.retrieve"})

_HANDLERS: Final[Mapping[OperationName, Callable[[OperationContext], OperationResult]]] = {
    "files.content": files.file_content,
    "files.create": files.create_file,
    "files.delete": files.delete_file,
    "files.list": files.list_files,
    "files.retrieve": files.retrieve_file,
    "fine_tuning.jobs.cancel": jobs.cancel_job,
    "fine_tuning.jobs.checkpoints.list": jobs.list_checkpoints,
    "fine_tuning.jobs.create": jobs.create_job,
    "fine_tuning.jobs.list": jobs.list_jobs,
    "fine_tuning.jobs.list_events": jobs.list_events,
    "fine_tuning.jobs.pause": jobs.pause_job,
    "fine_tuning.jobs.resume": jobs.resume_job,
    "fine_tuning.jobs.retrieve": jobs.retrieve_job,
}


@attrs.frozen(kw_only=True)
class Settings:
    """The settings of a fake gateway.

    Args:
        policy: the accepted credentials.
        script: the script of a job that gets no other one.
        file_seconds: how long the provider processes a file.
        models: the base models that the providers know; None for any.
    """

    policy: AccessPolicy
    script: JobScript
    file_seconds: float
    models: frozenset[str] | None


@attrs.frozen(kw_only=True)
class IncomingRequest:
    """A request, with what the router cannot know by itself.

    Args:
        request: with its whole body.
        route: the operation that it leads to; None if there is no such route.
        number: how many requests have been received, this one included.
        now: seconds since the Unix epoch.
    """

    request: Request
    route: Route | None
    number: int
    now: float

    @property
    def trace_id(self) -> str:
        """The trace ID that the client sent, or a new one."""
        return self.request.headers.get("x-portkey-trace-id") or f"trace-fake{self.number:06d}"


def with_gateway_headers(
    response: Response, incoming: IncomingRequest, *, provider: str, option: str = "config"
) -> Response:
    """Add the headers that the gateway adds to a provider's response.

    Args:
        response: the provider's response.
        incoming: the request.
        provider: the provider's name.
        option: the part of the config that selected the provider.
    """
    if response.from_gateway:
        return response
    added = {
        "x-request-id": f"req-fake{incoming.number:06d}",
        "x-portkey-cache-status": "DISABLED",
        "x-portkey-last-used-option-index": option,
        "x-portkey-provider": provider,
        "x-portkey-retry-attempt-count": "0",
        "x-portkey-trace-id": incoming.trace_id,
    }
    return attrs.evolve(response, headers={**added, **response.headers})


def respond(incoming: IncomingRequest, state: State, settings: Settings) -> tuple[State, Response]:
    """Handle a request.

    Args:
        incoming: the request.
        state: what is stored.
        settings: of the gateway.

    Returns:
        the next state, and the response.
    """
    request, route = incoming.request, incoming.route
    if route is None:
        return state, _no_route(request)
    identity = identify(request, settings.policy)
    if isinstance(identity, Response):
        return state, identity
    following, response = _dispatch(incoming, route, identity, state, settings)
    provider, option = identity.account.provider, identity.option
    return following, with_gateway_headers(response, incoming, provider=provider, option=option)


def _no_route(request: Request) -> Response:
    if (request.method, request.path) == ("GET", "/"):
        return Response(headers={"content-type": "text/plain"}, body=b"AI Gateway says hey!", from_gateway=True)
    return attrs.evolve(json_response({"message": "Not Found", "ok": False}, status=404), from_gateway=True)


def _dispatch(
    incoming: IncomingRequest, route: Route, identity: Identity, state: State, settings: Settings
) -> tuple[State, Response]:
    dialect = DIALECTS.get(identity.account.provider)
    if dialect is None:
        return state, _without_fine_tuning(route.operation, identity.account.provider)
    return _perform(
        OperationContext(
            request=identity.request,
            operation=route.operation,
            segment=route.identifier,
            account=identity.account,
            dialect=dialect,
            state=state,
            now=incoming.now,
            script=settings.script,
            file_seconds=settings.file_seconds,
            models=settings.models,
            trace_id=incoming.trace_id,
            authorized=identity.authorized,
            account_id=identity.account_id,
            override_params=identity.override_params,
        )
    )


def _without_fine_tuning(operation: OperationName, provider: str) -> Response:
    """Respond for a provider that the gateway knows but has no fine-tuning for."""
    if operation == "files.create":
        return something_went_wrong()
    if operation == "fine_tuning.jobs.create":
        return _not_supported("createFinetune", provider)
    if operation in {"fine_tuning.jobs.cancel", "fine_tuning.jobs.pause", "fine_tuning.jobs.resume"}:
        return _not_supported("cancelFinetune", provider)
    # The gateway requests the provider's front page and returns what it gets there.
    return json_response({"html-message": f"<html><title>{provider}</title></html>"})


def _not_supported(function: str, provider: str) -> Response:
    return gateway_failure(f"{function} is not supported by {provider}", status=500).with_headers(GATEWAY_EXCEPTION)


def _perform(context: OperationContext) -> tuple[State, Response]:
    dialect, operation = context.dialect, context.operation
    if dialect.needs_authorization and not context.authorized:
        # The gateway does not check: it sends "Bearer undefined", which the provider refuses.
        return context.state, dialect.error_response(_UNAUTHORIZED, operation)
    if dialect.encodes_ids and operation in _NEEDS_LOCATION and "://" not in context.identifier:
        # Encoded twice, or not a location: the gateway cannot parse it.
        return context.state, something_went_wrong()
    if operation in dialect.unsupported:
        job = context.state.job(context.account, context.identifier)
        reply = dialect.unsupported[operation](None if job is None else view(job, context.now))
        result = OperationResult(context.state, reply)
    else:
        result = _HANDLERS[operation](context)
    reply = result.reply
    return result.state, dialect.error_response(reply, operation) if isinstance(reply, Problem) else reply
