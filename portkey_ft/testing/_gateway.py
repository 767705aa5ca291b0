"""FakeGateway: the fake gateway behind a transport or a server."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import attrs

from portkey_ft.testing._clock import Clock, RealClock
from portkey_ft.testing._faults import Fault, PlannedFault, next_fault
from portkey_ft.testing._handlers.router import IncomingRequest, Settings, respond, with_gateway_headers
from portkey_ft.testing._http.messages import Delivery, Request, Response
from portkey_ft.testing._http.recording import RecordedRequest, jobs_per_create
from portkey_ft.testing._http.routes import OperationName, check_operation, route
from portkey_ft.testing._http.server import serving
from portkey_ft.testing._http.transport import GatewayTransport
from portkey_ft.testing._model.auth import AccessPolicy
from portkey_ft.testing._model.job_script import JobScript
from portkey_ft.testing._model.state import OCTETS, Account, Job, JobSpec, State, StoredFile
from portkey_ft.testing._model.timeline import tokens_in
from portkey_ft.testing._providers.registry import DIALECTS, PROVIDERS, checked_provider, checked_providers

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Mapping


def _names(names: str | Iterable[str] | None) -> frozenset[str] | None:
    return None if names is None else frozenset([names] if isinstance(names, str) else names)


def _real_clock(gateway: FakeGateway) -> Clock:
    return RealClock(speed=gateway.speed)


@attrs.define(eq=False, repr=False, kw_only=True)
class FakeGateway:
    """A fake Portkey gateway with fake providers, for tests, demos and experiments.

    It runs in process (``transport``) or as a server (``serve``). Both share one memory and may be used at the same
    time and from many threads. The headers of each request select the provider, as with the real gateway.

    Args:
        speed: if no clock is given: how many seconds of fake time pass per real second.
        clock: the clock; the system clock by default.
        script: the script of each job that has no script of its own.
        api_keys: the accepted Portkey API key or keys. None accepts any key and a missing one. Jobs and files are
            visible only to the key that created them.
        virtual_keys: the provider of each virtual key, such as ``{"vk-bedrock": "bedrock"}``, which is also the slug in
            ``provider="@vk-bedrock"``. None accepts any virtual key and any slug, for OpenAI.
        configs: the provider of each config ID. None accepts any config ID, for OpenAI.
        file_seconds: how long the provider processes an uploaded file, in seconds.
        models: the name or names of the base models that the providers know. None accepts any model.

    Raises:
        ValueError: the speed is not a finite number above 0, or a provider is unknown.
    """

    speed: float = 1.0
    clock: Clock = attrs.field(default=attrs.Factory(_real_clock, takes_self=True))
    script: JobScript = attrs.field(factory=JobScript)
    api_keys: frozenset[str] | None = attrs.field(default=None, converter=_names)
    virtual_keys: Mapping[str, str] | None = attrs.field(default=None, converter=checked_providers)
    configs: Mapping[str, str] | None = attrs.field(default=None, converter=checked_providers)
    file_seconds: float = 0.0
    models: frozenset[str] | None = attrs.field(default=None, converter=_names)
    _state: State = attrs.field(init=False, factory=State)
    _requests: tuple[RecordedRequest, ...] = attrs.field(init=False, default=())
    _faults: tuple[PlannedFault, ...] = attrs.field(init=False, default=())
    _lock: threading.Lock = attrs.field(init=False, factory=threading.Lock)

    def __repr__(self) -> str:
        return f"<FakeGateway: {len(self.requests)} requests, {len(self.jobs)} jobs, {len(self.files)} files>"

    # Connecting to it.

    def transport(self) -> GatewayTransport:
        """Return a transport for ``httpx.Client`` and ``httpx.AsyncClient`` that needs no socket.

        It is an ``httpx.MockTransport``. Delays pass on the gateway's clock; one longer than the request's read timeout
        raises ``httpx.ReadTimeout``.
        """
        return GatewayTransport(self.handle, self.clock)

    @contextmanager
    def serve(self, *, host: str = "127.0.0.1", port: int = 0) -> Generator[str, None, None]:
        """Serve HTTP requests while the context lasts. No thread and no socket is left afterwards.

        Args:
            host: the address to listen on.
            port: the port to listen on; 0 picks a free one.

        Yields:
            the base URL, which ends in ``/v1``.

        Raises:
            OSError: the server cannot listen on that address.
        """
        with serving(self.handle, host, port) as url:
            yield f"{url}/v1"

    # Preparing a test.

    def fail_next(
        self,
        fault: Fault,
        *,
        operation: OperationName | None = None,
        path: str | None = None,
        times: int | None = 1,
    ) -> None:
        """Let the next matching requests fail. If several faults match a request, the one added first applies.

        Args:
            fault: the failure.
            operation: the operation that it applies to, such as ``fine_tuning.jobs.create``; None for any.
            path: a pattern for the path, in which ``*`` matches anything; None for any path.
            times: how many requests fail; None for all.

        Raises:
            ValueError: there is no such operation, or ``times`` is below 1.
        """
        if operation is not None:
            check_operation(operation)
        if times is not None and times < 1:
            message = f"times must be at least 1, or None for every request, got {times}"
            raise ValueError(message)
        with self._lock:
            self._faults += (PlannedFault(fault=fault, operation=operation, path=path, times=times),)

    def clear_faults(self) -> None:
        """Remove all faults that are still waiting for requests."""
        with self._lock:
            self._faults = ()

    def script_next(self, *scripts: JobScript) -> None:
        """Set the scripts of the next jobs, one each, in this order. Later jobs get the gateway's default script again.

        Args:
            *scripts: the scripts of the next jobs.
        """
        with self._lock:
            self._state = attrs.evolve(self._state, scripts=(*self._state.scripts, *scripts))

    def add_file(
        self,
        content: bytes = b"",
        *,
        file_id: str | None = None,
        filename: str = "training.jsonl",
        purpose: str = "fine-tune",
        content_type: str = OCTETS,
        provider: str = "openai",
        api_key: str | None = None,
    ) -> StoredFile:
        """Add a file without an upload.

        Args:
            content: its bytes.
            file_id: its ID in the provider's own form, not percent-encoded; generated by default.
            filename: its name.
            purpose: its purpose.
            content_type: its media type in the provider's store, which determines how the gateway returns a download.
            provider: the provider that stores it.
            api_key: the only Portkey API key that sees it; None for every key.

        Raises:
            ValueError: the provider is unknown or has no fine-tuning.
        """
        now, owner = self.clock.now(), Account(api_key=api_key, provider=checked_provider(provider))
        with self._lock:
            serial = self._state.serial + 1
            file = StoredFile(
                id=file_id or f"file-fake{serial:06d}",
                owner=owner,
                filename=filename,
                purpose=purpose,
                content=content,
                content_type=content_type,
                created_at=now,
                processed_at=now + self.file_seconds,
            )
            self._state = attrs.evolve(self._state, files=(*self._state.files, file), serial=serial)
        return file

    def add_job(
        self,
        *,
        job_id: str | None = None,
        script: JobScript | None = None,
        model: str = "gpt-4o-mini-2024-07-18",
        training_file: str = "file-abc123",
        fields: Mapping[str, object] | None = None,
        age: float = 0.0,
        provider: str = "openai",
        api_key: str | None = None,
    ) -> Job:
        """Add a job without a create request. Its files need not exist.

        Args:
            job_id: its ID in the provider's own form, not percent-encoded; generated by default.
            script: its script; the gateway's default script by default.
            model: the base model.
            training_file: the ID of the training file.
            fields: further fields, by their names in the create request, such as ``metadata``.
            age: how many seconds ago it was created.
            provider: the provider that runs it.
            api_key: the only Portkey API key that sees it; None for every key.

        Raises:
            ValueError: the provider is unknown or has no fine-tuning.
        """
        owner = Account(api_key=api_key, provider=checked_provider(provider))
        spec = JobSpec(model=model, training_file=training_file, fields=fields or {})
        with self._lock:
            serial = self._state.serial + 1
            known = {file.id: file for file in self._state.files}
            job = Job(
                id=job_id or DIALECTS[provider].job_id(serial),
                owner=owner,
                spec=spec,
                script=script or self.script,
                created_at=self.clock.now() - age,
                tokens_per_epoch=tokens_in(known.get(training_file)),
            )
            self._state = attrs.evolve(self._state, jobs=(*self._state.jobs, job), serial=serial)
        return job

    # Inspecting what happened.

    @property
    def requests(self) -> tuple[RecordedRequest, ...]:
        """All received requests, in order."""
        return self._requests

    @property
    def jobs(self) -> tuple[Job, ...]:
        """All jobs of all accounts, oldest first."""
        return self._state.jobs

    @property
    def files(self) -> tuple[StoredFile, ...]:
        """All uploaded and added files of all accounts, oldest first."""
        return self._state.files

    @property
    def faults(self) -> tuple[PlannedFault, ...]:
        """The faults that are still waiting for matching requests."""
        return self._faults

    @property
    def jobs_per_create(self) -> Mapping[str, int]:
        """The number of jobs started by each create request, by trace ID.

        A client that retries a create keeps its trace ID: so a number above 1 is a job that was paid for twice.
        """
        return jobs_per_create(self._requests)

    # Handling requests.

    def handle(self, request: Request) -> Response:
        """Return the response to a request. ``transport`` and ``serve`` call it. Thread-safe.

        Args:
            request: the request as received; its body may still be arriving.
        """
        where = route(request.method, request.path)
        operation = None if where is None else where.operation
        with self._lock:
            fault, self._faults = next_fault(self._faults, request.path, operation)
        if fault is not None and fault.refused:
            return Response(delivery=Delivery(refused=True))
        whole = attrs.evolve(request, body=request.read())
        with self._lock:
            incoming = IncomingRequest(request=whole, route=where, number=len(self._requests) + 1, now=self.clock.now())
            before = self._state
            response = self._respond(incoming, fault)
            self._requests += (
                RecordedRequest(
                    request=whole,
                    operation=operation,
                    status=response.status,
                    trace_id=incoming.trace_id,
                    jobs=tuple(job.id for job in self._state.jobs[len(before.jobs) :]),
                ),
            )
            return response

    def _respond(self, incoming: IncomingRequest, fault: Fault | None) -> Response:
        if fault is not None and not fault.does_work:
            provider = incoming.request.headers.get("x-portkey-provider", "openai")
            return fault.after(with_gateway_headers(Response(), incoming, provider=provider))
        seen = incoming if fault is None else attrs.evolve(incoming, request=fault.before(incoming.request))
        policy = AccessPolicy(
            api_keys=self.api_keys,
            virtual_keys=self.virtual_keys,
            configs=self.configs,
            providers=PROVIDERS,
        )
        settings = Settings(policy=policy, script=self.script, file_seconds=self.file_seconds, models=self.models)
        self._state, response = respond(seen, self._state, settings)
        return response if fault is None else fault.after(response)
