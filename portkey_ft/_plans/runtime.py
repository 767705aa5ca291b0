"""What a client hands to its parts: how to carry out plans, and under which settings."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any, Generic, Protocol, TypeVar, cast

from attrs import field, frozen

from portkey_ft._api.requests import CallOptions, RequestOptions, WatchOptions, refuse_unknown
from portkey_ft._http.messages import Request, Response
from portkey_ft._redaction import discreet
from portkey_ft._sansio.drivers import IO, AsyncIO, AsyncStream, iterate, run, run_async
from portkey_ft._sansio.plan import Environment, Plan, Stream, Watch
from portkey_ft._settings import Settings, checked_headers, checked_timeout, metadata_header
from portkey_ft.auth import Provider, checked_header_value
from portkey_ft.clock import Clock
from portkey_ft.pagination import AsyncList, Identified, ListQuery, Page, SyncList

__all__ = ["AsyncRuntime", "Runtime", "SyncRuntime", "environment_of"]

T = TypeVar("T")
ItemT = TypeVar("ItemT", bound=Identified)
IOT = TypeVar("IOT")
OptionsT = TypeVar("OptionsT", CallOptions, WatchOptions)


def _taken(options: OptionsT) -> OptionsT:
    """Empty a call's own options and give what was in them."""
    as_dict = cast("dict[str, Any]", options)
    taken = dict(as_dict)
    as_dict.clear()
    return cast("OptionsT", taken)


class Row(Protocol[ItemT]):
    """What a list needs to know of its operation."""

    @property
    def name(self) -> str:
        """The facade's name of the operation."""
        ...

    def parse(self, response: Response) -> Page[ItemT]:
        """Read an answer."""
        ...


def environment_of(settings: Settings, clock: Clock) -> Environment:
    """Give the plans the client's clock and its policy."""
    # Spreading retries needs no unguessable numbers.
    return Environment(partial(_time_of_day, clock), clock.monotonic, random=random.random, policy=settings.policy)


def _time_of_day(clock: Clock) -> datetime:
    return datetime.fromtimestamp(clock.now(), UTC)


@frozen
class Runtime(Generic[IOT]):
    """What plans need, whichever way they are driven.

    Attributes:
        io: Carries out commands.
        environment: Clock, chance and retry policy.
        settings: The client's settings.
    """

    io: IOT = field(repr=False)
    environment: Environment
    settings: Settings

    @property
    def provider(self) -> str | None:
        """The provider, if the auth mode names one; a Model Catalog slug does not say which provider is behind it."""
        auth = self.settings.auth
        return auth.provider if isinstance(auth, Provider) and not auth.provider.startswith("@") else None

    @discreet
    def options(self, operation: str, given: CallOptions, **headers: str) -> RequestOptions:
        """Check what a call adds to its request.

        What was given is emptied: the frame of the call keeps it, and a traceback would show the headers in it.

        Raises:
            TypeError: An option does not exist.
            ConfigurationError: An option cannot be sent.
        """
        given = _taken(given)
        refuse_unknown(given, CallOptions, operation)
        added = checked_headers(given.get("extra_headers"), "extra_headers", self.settings.credentials())
        if (trace_id := given.get("trace_id")) is not None:
            added["x-portkey-trace-id"] = checked_header_value(trace_id, "trace_id")
        if (metadata := given.get("gateway_metadata")) is not None:
            added["x-portkey-metadata"] = metadata_header(metadata)
        added |= {name.replace("_", "-"): value for name, value in headers.items()}
        return RequestOptions(headers=added, timeout=checked_timeout(given.get("timeout")))

    @discreet
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

    def listing(
        self,
        row: Row[ItemT],
        build: Callable[[str | None, int | None], Request],
        *,
        after: str | None,
        limit: int | None,
        page_size: int | None,
        prefetch: bool = False,
    ) -> ListQuery[ItemT]:
        """Describe what a list fetches."""
        return ListQuery(row.name, build, row.parse, self.environment, after, limit, page_size, prefetch)


class SyncRuntime(Runtime[IO]):
    """Drives plans by blocking."""

    __slots__ = ()

    def run(self, plan: Plan[T] | Watch[T], observe: Callable[[T], object] | None = None) -> T:
        """Drive a plan to its result, and show what it emits on the way."""
        return run(plan, self.io, observe)

    def iterate(self, plan: Stream[T]) -> Iterator[T]:
        """Hand out what a plan emits."""
        return iterate(plan, self.io)

    def list(self, listing: ListQuery[ItemT]) -> SyncList[ItemT]:
        """Make a list."""
        return SyncList(listing, self.io)


class AsyncRuntime(Runtime[AsyncIO]):
    """Drives plans by awaiting."""

    __slots__ = ()

    async def run(self, plan: Plan[T] | Watch[T], observe: Callable[[T], object] | None = None) -> T:
        """Drive a plan to its result, and show what it emits on the way."""
        return await run_async(plan, self.io, observe)

    def iterate(self, plan: Stream[T]) -> AsyncStream[T]:
        """Hand out what a plan emits."""
        return AsyncStream(plan, self.io)

    def list(self, listing: ListQuery[ItemT]) -> AsyncList[ItemT]:
        """Make a list."""
        return AsyncList(listing, self.io)
