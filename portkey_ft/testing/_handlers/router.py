"""The router: from what is remembered and a request to what is remembered next and a response. No I/O, no clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from portkey_ft.testing._handlers.context import Call
from portkey_ft.testing._handlers.operations import perform
from portkey_ft.testing._http.messages import Request, Response, gateway_failure, json_response, something_went_wrong
from portkey_ft.testing._model.auth import Caller, Doors, caller
from portkey_ft.testing._providers.registry import DIALECTS

if TYPE_CHECKING:
    from portkey_ft.testing._http.routes import OperationName, Route
    from portkey_ft.testing._model.job_script import JobScript
    from portkey_ft.testing._model.state import State


@attrs.frozen(kw_only=True)
class Settings:
    """How a gateway was set up.

    Args:
        doors: which credentials are let in.
        script: of a job that gets no other one.
        file_seconds: how long the provider processes a file.
    """

    doors: Doors
    script: JobScript
    file_seconds: float


@attrs.frozen(kw_only=True)
class Arrival:
    """A request with what is known about it from outside.

    Args:
        request: with its whole body.
        route: where it goes; None if there is no such route.
        number: how many requests have arrived, this one included.
        now: seconds since the Unix epoch.
    """

    request: Request
    route: Route | None
    number: int
    now: float

    @property
    def trace_id(self) -> str:
        """The caller's trace id, or a new one."""
        return self.request.headers.get("x-portkey-trace-id") or f"trace-fake{self.number:06d}"


def with_gateway_headers(response: Response, arrival: Arrival, *, provider: str, option: str = "config") -> Response:
    """Add the headers that the gateway puts on whatever a provider has answered.

    Args:
        response: the provider's.
        arrival: the request that it answers.
        provider: which one.
        option: the option of the config that led to it.
    """
    if response.from_gateway:
        return response
    added = {
        "x-request-id": f"req-fake{arrival.number:06d}",
        "x-portkey-cache-status": "DISABLED",
        "x-portkey-last-used-option-index": option,
        "x-portkey-provider": provider,
        "x-portkey-retry-attempt-count": "0",
        "x-portkey-trace-id": arrival.trace_id,
    }
    return attrs.evolve(response, headers={**added, **response.headers})


def _no_route(request: Request) -> Response:
    if (request.method, request.path) == ("GET", "/"):
        return Response(headers={"content-type": "text/plain"}, body=b"AI Gateway says hey!", from_gateway=True)
    return attrs.evolve(json_response({"message": "Not Found", "ok": False}, status=404), from_gateway=True)


def _without_fine_tuning(operation: OperationName, provider: str) -> Response:
    """Answer for a provider that the gateway knows and that has no fine-tuning there."""
    match operation:
        case "jobs.create" | "jobs.cancel":
            function = "createFinetune" if operation == "jobs.create" else "cancelFinetune"
            failure = gateway_failure(f"{function} is not supported by {provider}", status=500)
            return failure.with_headers({"x-portkey-gateway-exception": "true"})
        case "files.create":
            return something_went_wrong()
        case _:
            # The gateway asks for the provider's front page and passes on what it gets there.
            return json_response({"html-message": f"<html><title>{provider}</title></html>"})


def respond(arrival: Arrival, state: State, settings: Settings) -> tuple[State, Response]:
    """Answer a request.

    Args:
        arrival: the request.
        state: what is remembered.
        settings: how the gateway was set up.

    Returns:
        what is remembered next, and the response.
    """
    request, route = arrival.request, arrival.route
    if route is None:
        return state, _no_route(request)
    who = caller(request, settings.doors)
    if isinstance(who, Response):
        return state, who
    following, response = _perform(arrival, route, who, state, settings)
    return following, with_gateway_headers(response, arrival, provider=who.account.provider, option=who.option)


def _perform(arrival: Arrival, route: Route, who: Caller, state: State, settings: Settings) -> tuple[State, Response]:
    dialect = DIALECTS.get(who.account.provider)
    if dialect is None:
        return state, _without_fine_tuning(route.operation, who.account.provider)
    call = Call(
        request=arrival.request,
        operation=route.operation,
        segment=route.identifier,
        account=who.account,
        dialect=dialect,
        state=state,
        now=arrival.now,
        script=settings.script,
        file_seconds=settings.file_seconds,
        trace_id=arrival.trace_id,
        authorized=who.authorized,
    )
    return perform(call)
