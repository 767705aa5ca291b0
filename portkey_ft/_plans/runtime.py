"""Runtime: how a client's parts run plans, and with which settings."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any, Generic, Self, TypeVar, cast

from attrs import field, frozen

from portkey_ft._api.requests import RequestOptions, check_query, refuse_unknown
from portkey_ft._headers import check_header_value, check_headers, metadata_header
from portkey_ft._plans.known_providers import KnownProviders
from portkey_ft._redaction import without_traceback
from portkey_ft._sansio.drivers import IO, AsyncIO, AsyncStream, iterate, run, run_async
from portkey_ft._sansio.plan import Environment, Plan, Stream, Watch
from portkey_ft._settings import Settings, check_timeout
from portkey_ft.clock import Clock
from portkey_ft.options import CallOptions, WatchOptions

__all__ = ["AsyncRuntime", "Runtime", "SyncRuntime"]

T = TypeVar("T")
IOT = TypeVar("IOT")
OptionsT = TypeVar("OptionsT", CallOptions, WatchOptions)


def _taken(options: OptionsT) -> OptionsT:
    """Empty a call's own options and give what was in them."""
    as_dict = cast("dict[str, Any]", options)
    taken = dict(as_dict)
    as_dict.clear()
    return cast("OptionsT", taken)


def _environment_of(settings: Settings, clock: Clock, providers: KnownProviders) -> Environment:
    """Return what plans need: the client's clock and retry policy, and where to note what responses say."""
    return Environment(
        partial(_time_of_day, clock),
        clock.monotonic,
        # Spreading retries needs no unguessable numbers.
        random=random.random,
        policy=settings.policy,
        on_retry=settings.on_retry,
        note=providers.note,
        renews_token=settings.token_source is not None,
    )


def _time_of_day(clock: Clock) -> datetime:
    return datetime.fromtimestamp(clock.now(), UTC)


@frozen
class Runtime(Generic[IOT]):
    """What plans need, whichever way they are driven.

    Attributes:
        io: Carries out commands.
        environment: Clock, chance and retry policy.
        settings: The client's settings.
        providers: Which providers the requests may reach, as far as that is known.
    """

    io: IOT = field(repr=False)
    environment: Environment
    settings: Settings
    providers: KnownProviders

    @classmethod
    def of(cls, io: IOT, settings: Settings, clock: Clock, known: KnownProviders | None = None) -> Self:
        """Build the runtime of a client.

        Args:
            io: Carries out commands.
            settings: The client's settings.
            clock: The client's clock.
            known: What another client with the same auth mode knows of its providers.
        """
        providers = KnownProviders(settings.auth) if known is None else known
        return cls(io, _environment_of(settings, clock, providers), settings, providers)

    @property
    def provider(self) -> str | None:
        """The name of the provider, if it is known."""
        return self.providers.only

    @without_traceback
    def options(self, operation: str, given: CallOptions, **headers: str) -> RequestOptions:
        """Check what a call adds to its request.

        What was given is emptied: the frame of the call keeps it, and a traceback would show the headers in it.

        Raises:
            TypeError: An option does not exist.
            ConfigurationError: An option cannot be sent.
        """
        if not given and not headers:
            return RequestOptions()
        given = _taken(given)
        refuse_unknown(given, CallOptions, operation)
        added = check_headers(given.get("extra_headers"), "extra_headers", self.settings.reserved_headers())
        if (trace_id := given.get("trace_id")) is not None:
            added["x-portkey-trace-id"] = check_header_value(trace_id, "trace_id")
        if (metadata := given.get("gateway_metadata")) is not None:
            added["x-portkey-metadata"] = metadata_header(metadata)
        added |= {name.replace("_", "-"): value for name, value in headers.items()}
        query = check_query(given.get("extra_query"), operation)
        return RequestOptions(headers=added, query=query, timeout=check_timeout(given.get("timeout")))

    @without_traceback
    def watch_options(self, operation: str, given: WatchOptions) -> RequestOptions:
        """Check what a call adds to its many requests.

        Raises:
            TypeError: An option does not exist.
            ConfigurationError: An option cannot be sent.
        """
        given = _taken(given)
        refuse_unknown(given, WatchOptions, operation)
        call_options = cast("CallOptions", {name: value for name, value in given.items() if name != "request_timeout"})
        if (seconds := given.get("request_timeout")) is not None:
            call_options["timeout"] = seconds
        return self.options(operation, call_options)


class SyncRuntime(Runtime[IO]):
    """Drives plans by blocking."""

    __slots__ = ()

    def run(self, plan: Plan[T] | Watch[T], observe: Callable[[T], object] | None = None) -> T:
        """Drive a plan to its result, and show what it emits on the way."""
        return run(plan, self.io, observe)

    def iterate(self, plan: Stream[T]) -> Iterator[T]:
        """Hand out what a plan emits."""
        return iterate(plan, self.io)


class AsyncRuntime(Runtime[AsyncIO]):
    """Drives plans by awaiting."""

    __slots__ = ()

    async def run(self, plan: Plan[T] | Watch[T], observe: Callable[[T], object] | None = None) -> T:
        """Drive a plan to its result, and show what it emits on the way."""
        return await run_async(plan, self.io, observe)

    def iterate(self, plan: Stream[T]) -> AsyncStream[T]:
        """Hand out what a plan emits."""
        return AsyncStream(plan, self.io)
