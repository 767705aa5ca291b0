"""The synchronous and the asynchronous client."""

from __future__ import annotations

import os
import weakref
from collections.abc import Callable, Collection, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Never, NoReturn, Self, TypeVar

from attrs import evolve

from portkey_ft._headers import check_header_value, check_headers, check_metadata
from portkey_ft._http.exchange import Connections, Endpoint
from portkey_ft._http.library import DEFAULT_TIMEOUT, check_client, new_async_client, new_client
from portkey_ft._http.transport import AsyncTransport, Transport, checked_base_url
from portkey_ft._redaction import without_traceback
from portkey_ft._settings import (
    MAX_RESPONSE_BYTES,
    Arguments,
    Settings,
    check_auth,
    check_timeout,
    resolve,
)
from portkey_ft.auth import Auth, Authorization, HeaderValue
from portkey_ft.clock import Clock, SystemClock
from portkey_ft.errors import ConfigurationError
from portkey_ft.retries import Retry, RetryPolicy

if TYPE_CHECKING:
    import httpx

    from portkey_ft._plans.known_providers import KnownProviders
    from portkey_ft._plans.runtime import AsyncRuntime, SyncRuntime
    from portkey_ft.files import AsyncFiles, Files
    from portkey_ft.fine_tuning import AsyncFineTuning, FineTuning

__all__ = ["AsyncPortkey", "Portkey"]

FunctionT = TypeVar("FunctionT")


def _settings(
    given: Arguments,
    *,
    timeout: float | None,
    max_retries: int,
    on_retry: Callable[[Retry], object] | None,
    max_response_bytes: int,
    trace_id: str | None,
    metadata: Mapping[str, Any] | str | None,
) -> Settings:
    """Check everything that a client was given."""
    settings = resolve(given, os.environ)
    return _changed(
        evolve(settings, base_url=checked_base_url(settings.base_url)),
        timeout=timeout,
        max_retries=max_retries,
        on_retry=on_retry,
        max_response_bytes=max_response_bytes,
        default_headers=given.default_headers,
        trace_id=trace_id,
        metadata=metadata,
    )


def _changed(
    settings: Settings,
    *,
    timeout: float | None,
    max_retries: int | None,
    on_retry: Callable[[Retry], object] | None,
    max_response_bytes: int | None,
    default_headers: Mapping[str, str] | None,
    trace_id: str | None,
    metadata: Mapping[str, Any] | str | None,
) -> Settings:
    """Give settings that differ in what is not None."""
    if max_retries is not None:
        policy = evolve(settings.policy, max_retries=_check_count(max_retries, "max_retries", least=0))
        settings = evolve(settings, policy=policy)
    if on_retry is not None:
        settings = evolve(settings, on_retry=_check_function(on_retry, "on_retry"))
    if max_response_bytes is not None:
        checked = _check_count(max_response_bytes, "max_response_bytes", least=1)
        settings = evolve(settings, max_response_bytes=checked)
    if default_headers is not None:
        headers = check_headers(default_headers, "default_headers", settings.reserved_headers())
        settings = evolve(settings, default_headers={**settings.default_headers, **headers})
    if trace_id is not None:
        settings = evolve(settings, trace_id=check_header_value(trace_id, "trace_id"))
    if metadata is not None:
        settings = evolve(settings, metadata=check_metadata(metadata))
    if timeout is not None:
        settings = evolve(settings, timeout=check_timeout(timeout))
    return settings


def _refuse_options(kind: type[_Client], unknown: Collection[str]) -> NoReturn:
    from portkey_ft._official_options import refuse_options  # noqa: PLC0415 - a mistake alone needs it

    refuse_options(unknown, kind.__init__.__annotations__, kind.__name__)


def _check_count(value: object, name: str, *, least: int) -> int:
    if type(value) is not int or value < least:
        message = f"{name} must be a whole number of at least {least}, not {value!r}."
        raise ConfigurationError(message)
    return value


def _check_function(value: FunctionT, name: str) -> FunctionT:
    if not callable(value):
        message = f"{name} must be a function, not {type(value).__name__}."
        raise ConfigurationError(message)
    return value


def _endpoint(settings: Settings, *, own_client: bool) -> Endpoint:
    timeout = settings.timeout
    if timeout is None and own_client:
        timeout = DEFAULT_TIMEOUT
    return Endpoint(
        settings.base_url,
        headers=settings.headers(),
        secrets=settings.secrets(),
        timeout=timeout,
        max_response_bytes=settings.max_response_bytes,
        token_source=settings.token_source,
    )


class _Client:
    """Base of both clients: their settings; neither repr nor pickle shows a credential."""

    _settings: Settings
    # Learned from responses, and shared with clients that differ in other options alone.
    _known_providers: KnownProviders | None = None

    def __repr__(self) -> str:
        # A traceback may show a client whose making failed.
        settings: Settings | None = getattr(self, "_settings", None)
        what = "not made" if settings is None else f"{settings.base_url} {settings.auth!r}"
        return f"<{type(self).__name__} {what}>"

    def __reduce__(self) -> NoReturn:
        message = f"a {type(self).__name__} holds credentials and connections, and cannot be pickled; make a new one."
        raise TypeError(message)

    @property
    def base_url(self) -> str:
        """The URL that requests go to."""
        return self._settings.base_url

    @property
    def auth(self) -> Auth:
        """The auth mode."""
        return self._settings.auth


class Portkey(_Client):
    """A client of the Portkey gateway.

    Create one client, use it for everything, and close it, best with a with block: it keeps connections open.

    Args:
        api_key: The Portkey API key; PORTKEY_API_KEY by default. A self-hosted gateway needs none.
        provider: Auth mode: a provider of Portkey's Model Catalog by its slug ("@my-openai"), or a provider by name
            with your own credential for it; PORTKEY_PROVIDER by default.
        virtual_key: Auth mode: a provider's key that Portkey stores; PORTKEY_VIRTUAL_KEY by default.
        config: Auth mode: a gateway config, by ID, as a mapping or as JSON text; PORTKEY_CONFIG by default.
        authorization: The provider's bearer token, with or without Bearer, or a function that returns one for each
            request; PORTKEY_AUTHORIZATION by default.
        custom_host: Base URL of the provider's API in place of its public one.
        provider_headers: Further headers for the provider, such as {"aws_region": "us-east-1"}.
        auth: The auth mode as a value of portkey_ft.auth, in place of the arguments above.
        base_url: The URL of the gateway; PORTKEY_BASE_URL by default, or else Portkey's own.
        timeout: Seconds for each step of an exchange (connect, write, read); 60 by default, float("inf") for no
            limit.
        max_retries: How often a request may be sent again, where that is safe; 2 by default.
        on_retry: Called before a request is sent again, with a portkey_ft.retries.Retry: which request, why, and
            after how long. An exception that it raises ends the call.
        max_response_bytes: Upper limit of a response that is read into memory, in bytes; 64 MiB by default. A larger
            response is an error. Downloads have no limit.
        http_client: An httpx.Client, or one of httpx2, whose connections are used; you close it yourself.
        default_headers: Headers of every request beside the credentials.
        trace_id: The ID under which the gateway logs every request.
        metadata: Key-value pairs that the gateway logs with every request.
        clock: The clock by which the client waits, in place of the system's; see portkey_ft.clock.
        Authorization: Synonym of authorization, as the official SDK spells it.

    An argument beats the environment, and an auth mode comes whole from one of them: an argument that names a mode
    makes the environment's mode invisible.

    Raises:
        ConfigurationError: Something is missing, does not belong together, or cannot be sent.
        TypeError: An argument does not exist; the message says what to write instead.
    """

    @without_traceback
    def __init__(
        self,
        *,
        api_key: str | None = None,
        virtual_key: str | None = None,
        config: str | Mapping[str, Any] | None = None,
        provider: str | None = None,
        authorization: Authorization | None = None,
        custom_host: str | None = None,
        provider_headers: Mapping[str, HeaderValue] | None = None,
        auth: Auth | None = None,
        base_url: str | None = None,
        timeout: float | None = None,
        max_retries: int = RetryPolicy().max_retries,
        on_retry: Callable[[Retry], object] | None = None,
        max_response_bytes: int = MAX_RESPONSE_BYTES,
        http_client: httpx.Client | None = None,
        default_headers: Mapping[str, str] | None = None,
        trace_id: str | None = None,
        metadata: Mapping[str, Any] | str | None = None,
        clock: Clock | None = None,
        Authorization: Authorization | None = None,  # noqa: N803 - the official SDK's spelling
        **unknown: Never,
    ) -> None:
        if unknown:
            _refuse_options(type(self), unknown)
        given = Arguments(
            api_key=api_key,
            virtual_key=virtual_key,
            config=config,
            provider=provider,
            authorization=authorization,
            authorization_synonym=Authorization,
            custom_host=custom_host,
            provider_headers=provider_headers,
            auth=auth,
            base_url=base_url,
            default_headers=default_headers,
        )
        settings = _settings(
            given,
            timeout=timeout,
            max_retries=max_retries,
            on_retry=on_retry,
            max_response_bytes=max_response_bytes,
            trace_id=trace_id,
            metadata=metadata,
        )
        endpoint = _endpoint(settings, own_client=http_client is None)
        if http_client is None:
            client = new_client(endpoint.timeout or DEFAULT_TIMEOUT)
        else:
            client = check_client(http_client, asynchronous=False)
        connections = Connections(client, owned=http_client is None)
        if http_client is None:
            # A script may end without close(), and then should end without a complaint about open sockets. The
            # connections and not the client: jobs, files, lists and downloads outlive the client that they came from.
            weakref.finalize(connections, client.close)
        transport = Transport(endpoint, connections, SystemClock() if clock is None else clock)
        self._assemble(settings, transport, owns_client=http_client is None)

    def _assemble(self, settings: Settings, transport: Transport, *, owns_client: bool) -> None:
        self._settings = settings
        self._transport = transport
        self._owns_client = owns_client

    @cached_property
    def _runtime(self) -> SyncRuntime:
        from portkey_ft._plans.runtime import SyncRuntime  # noqa: PLC0415 - lists, types: on first use

        return SyncRuntime.of(self._transport, self._settings, self._transport.clock, self._known_providers)

    @cached_property
    def fine_tuning(self) -> FineTuning:
        """Fine-tuning jobs and their checkpoints."""
        from portkey_ft.fine_tuning import FineTuning  # noqa: PLC0415 - loads the generated client, on first use

        return FineTuning(self._runtime)

    @cached_property
    def files(self) -> Files:
        """Uploaded files."""
        from portkey_ft.files import Files  # noqa: PLC0415 - loads the generated client, on first use

        return Files(self._runtime)

    @without_traceback
    def with_options(
        self,
        *,
        auth: Auth | None = None,
        timeout: float | None = None,
        max_retries: int | None = None,
        on_retry: Callable[[Retry], object] | None = None,
        max_response_bytes: int | None = None,
        default_headers: Mapping[str, str] | None = None,
        trace_id: str | None = None,
        metadata: Mapping[str, Any] | str | None = None,
    ) -> Self:
        """Return a client that differs in these options and shares the connections.

        It is this client that owns the connections: closing the other one does nothing.

        Args:
            auth: Another auth mode.
            timeout: Seconds for each step of an exchange.
            max_retries: How often a request may be sent again, where that is safe.
            on_retry: Called before a request is sent again, with a portkey_ft.retries.Retry: which one,
                why, and after how long. An exception that it raises ends the call.
            max_response_bytes: Upper limit of a response that is read into memory, in bytes.
            default_headers: Further headers of every request.
            trace_id: The ID under which the gateway logs every request.
            metadata: Key-value pairs that the gateway logs with every request.

        Raises:
            ConfigurationError: An option cannot work.

        Example:
            >>> patient = client.with_options(timeout=300, max_retries=5)
            >>> patient.fine_tuning.jobs.list(limit=1).first().id
            'ftjob-1'
        """
        settings = _changed(
            self._settings if auth is None else evolve(self._settings, auth=check_auth(auth)),
            timeout=timeout,
            max_retries=max_retries,
            on_retry=on_retry,
            max_response_bytes=max_response_bytes,
            default_headers=default_headers,
            trace_id=trace_id,
            metadata=metadata,
        )
        other = type(self).__new__(type(self))
        transport = self._transport.with_endpoint(_endpoint(settings, own_client=self._owns_client))
        other._assemble(settings, transport, owns_client=False)  # noqa: SLF001 - one of the same class
        if auth is None:
            other._known_providers = self._runtime.providers  # noqa: SLF001 - see above
        return other

    def close(self) -> None:
        """Close the connections. A client that was passed as http_client stays open.

        Example:
            >>> client.close()
        """
        if self._owns_client:
            self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


class AsyncPortkey(_Client):
    """A client of the Portkey gateway, for asyncio and trio.

    Create one client, use it for everything, and close it, best with an async with block: it keeps connections open.
    It belongs to the event loop that uses it first.

    Args:
        api_key: The Portkey API key; PORTKEY_API_KEY by default. A self-hosted gateway needs none.
        provider: Auth mode: a provider of Portkey's Model Catalog by its slug ("@my-openai"), or a provider by name
            with your own credential for it; PORTKEY_PROVIDER by default.
        virtual_key: Auth mode: a provider's key that Portkey stores; PORTKEY_VIRTUAL_KEY by default.
        config: Auth mode: a gateway config, by ID, as a mapping or as JSON text; PORTKEY_CONFIG by default.
        authorization: The provider's bearer token, with or without Bearer, or a function that returns one for each
            request; PORTKEY_AUTHORIZATION by default.
        custom_host: Base URL of the provider's API in place of its public one.
        provider_headers: Further headers for the provider, such as {"aws_region": "us-east-1"}.
        auth: The auth mode as a value of portkey_ft.auth, in place of the arguments above.
        base_url: The URL of the gateway; PORTKEY_BASE_URL by default, or else Portkey's own.
        timeout: Seconds for each step of an exchange (connect, write, read); 60 by default, float("inf") for no
            limit.
        max_retries: How often a request may be sent again, where that is safe; 2 by default.
        on_retry: Called before a request is sent again, with a portkey_ft.retries.Retry: which request, why, and
            after how long. An exception that it raises ends the call.
        max_response_bytes: Upper limit of a response that is read into memory, in bytes; 64 MiB by default. A larger
            response is an error. Downloads have no limit.
        http_client: An httpx.AsyncClient, or one of httpx2, whose connections are used; it stays yours to
            close.
        default_headers: Headers of every request beside the credentials.
        trace_id: The id under which the gateway shall log every request.
        metadata: What the gateway shall log with every request.
        clock: The clock by which the client waits, in place of the system's; see portkey_ft.clock.
        Authorization: Synonym of authorization, as the official SDK spells it.

    An argument beats the environment, and an auth mode comes whole from one of them: an argument that names a mode
    makes the environment's mode invisible.

    Raises:
        ConfigurationError: Something is missing, does not belong together, or cannot be sent.
    """

    @without_traceback
    def __init__(
        self,
        *,
        api_key: str | None = None,
        virtual_key: str | None = None,
        config: str | Mapping[str, Any] | None = None,
        provider: str | None = None,
        authorization: Authorization | None = None,
        custom_host: str | None = None,
        provider_headers: Mapping[str, HeaderValue] | None = None,
        auth: Auth | None = None,
        base_url: str | None = None,
        timeout: float | None = None,
        max_retries: int = RetryPolicy().max_retries,
        on_retry: Callable[[Retry], object] | None = None,
        max_response_bytes: int = MAX_RESPONSE_BYTES,
        http_client: httpx.AsyncClient | None = None,
        default_headers: Mapping[str, str] | None = None,
        trace_id: str | None = None,
        metadata: Mapping[str, Any] | str | None = None,
        clock: Clock | None = None,
        Authorization: Authorization | None = None,  # noqa: N803 - the official SDK's spelling
        **unknown: Never,
    ) -> None:
        if unknown:
            _refuse_options(type(self), unknown)
        given = Arguments(
            api_key=api_key,
            virtual_key=virtual_key,
            config=config,
            provider=provider,
            authorization=authorization,
            authorization_synonym=Authorization,
            custom_host=custom_host,
            provider_headers=provider_headers,
            auth=auth,
            base_url=base_url,
            default_headers=default_headers,
        )
        settings = _settings(
            given,
            timeout=timeout,
            max_retries=max_retries,
            on_retry=on_retry,
            max_response_bytes=max_response_bytes,
            trace_id=trace_id,
            metadata=metadata,
        )
        endpoint = _endpoint(settings, own_client=http_client is None)
        if http_client is None:
            client = new_async_client(endpoint.timeout or DEFAULT_TIMEOUT)
        else:
            client = check_client(http_client, asynchronous=True)
        connections = Connections(client, owned=http_client is None)
        transport = AsyncTransport(endpoint, connections, SystemClock() if clock is None else clock)
        self._assemble(settings, transport, owns_client=http_client is None)

    def _assemble(self, settings: Settings, transport: AsyncTransport, *, owns_client: bool) -> None:
        self._settings = settings
        self._transport = transport
        self._owns_client = owns_client

    @cached_property
    def _runtime(self) -> AsyncRuntime:
        from portkey_ft._plans.runtime import AsyncRuntime  # noqa: PLC0415 - lists, types: on first use

        return AsyncRuntime.of(self._transport, self._settings, self._transport.clock, self._known_providers)

    @cached_property
    def fine_tuning(self) -> AsyncFineTuning:
        """Fine-tuning jobs and their checkpoints."""
        from portkey_ft.fine_tuning import AsyncFineTuning  # noqa: PLC0415 - loads the generated client, on first use

        return AsyncFineTuning(self._runtime)

    @cached_property
    def files(self) -> AsyncFiles:
        """Uploaded files."""
        from portkey_ft.files import AsyncFiles  # noqa: PLC0415 - loads the generated client, on first use

        return AsyncFiles(self._runtime)

    @without_traceback
    def with_options(
        self,
        *,
        auth: Auth | None = None,
        timeout: float | None = None,
        max_retries: int | None = None,
        on_retry: Callable[[Retry], object] | None = None,
        max_response_bytes: int | None = None,
        default_headers: Mapping[str, str] | None = None,
        trace_id: str | None = None,
        metadata: Mapping[str, Any] | str | None = None,
    ) -> Self:
        """Return a client that differs in these options and shares the connections.

        It is this client that owns the connections: closing the other one does nothing.

        Args:
            auth: Another auth mode.
            timeout: Seconds for each step of an exchange.
            max_retries: How often a request may be sent again, where that is safe.
            on_retry: Called before a request is sent again, with a portkey_ft.retries.Retry: which one,
                why, and after how long. An exception that it raises ends the call.
            max_response_bytes: Upper limit of a response that is read into memory, in bytes.
            default_headers: Further headers of every request.
            trace_id: The ID under which the gateway logs every request.
            metadata: Key-value pairs that the gateway logs with every request.

        Raises:
            ConfigurationError: An option cannot work.

        Example:
            >>> patient = client.with_options(timeout=300, max_retries=5)
            >>> (await patient.fine_tuning.jobs.list(limit=1).first()).id
            'ftjob-1'
        """
        settings = _changed(
            self._settings if auth is None else evolve(self._settings, auth=check_auth(auth)),
            timeout=timeout,
            max_retries=max_retries,
            on_retry=on_retry,
            max_response_bytes=max_response_bytes,
            default_headers=default_headers,
            trace_id=trace_id,
            metadata=metadata,
        )
        other = type(self).__new__(type(self))
        transport = self._transport.with_endpoint(_endpoint(settings, own_client=self._owns_client))
        other._assemble(settings, transport, owns_client=False)  # noqa: SLF001 - one of the same class
        if auth is None:
            other._known_providers = self._runtime.providers  # noqa: SLF001 - see above
        return other

    async def close(self) -> None:
        """Close the connections. A client that was passed as http_client stays open.

        Example:
            >>> await client.close()
        """
        if self._owns_client:
            await self._transport.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.close()
