"""The fake gateway: one core, behind a transport or a server."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import attrs

from portkey_ft.testing._clock import Clock, RealClock
from portkey_ft.testing._faults import Fault, PlannedFault, next_fault
from portkey_ft.testing._handlers.router import Arrival, Settings, respond, with_gateway_headers
from portkey_ft.testing._http.messages import Delivery, Request, Response
from portkey_ft.testing._http.recording import RecordedRequest, jobs_per_create
from portkey_ft.testing._http.routes import OPERATIONS, OperationName, route
from portkey_ft.testing._http.server import serving
from portkey_ft.testing._http.transport import GatewayTransport
from portkey_ft.testing._model.auth import Doors
from portkey_ft.testing._model.job_script import JobScript
from portkey_ft.testing._model.state import OCTETS, Account, Job, Order, State, StoredFile
from portkey_ft.testing._providers.registry import DIALECTS, PROVIDERS, checked_provider, checked_providers

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Mapping


def _keys(api_keys: str | Iterable[str] | None) -> frozenset[str] | None:
    return None if api_keys is None else frozenset([api_keys] if isinstance(api_keys, str) else api_keys)


def _real_clock(gateway: FakeGateway) -> Clock:
    return RealClock(speed=gateway.speed)


@attrs.define(eq=False, repr=False, kw_only=True)
class FakeGateway:
    """A gateway with providers behind it that cost nothing: for tests, demos and trying things out.

    It runs in process (``transport``) or as a server (``serve``), both on the same memory, also at the same time and
    from many threads. Which provider's dialect it speaks follows from each request's headers, as with the real one.

    Args:
        speed: without a clock of its own: how many seconds of a job's life pass in a real one.
        clock: what time it is; real time if not given.
        script: the life of each job that is given no other one.
        api_keys: the Portkey key or keys that are let in. None lets any one in, and a request without a key. Whatever
            the keys are, one does not see what another one has made.
        virtual_keys: the provider behind each virtual key, such as ``{"vk-bedrock": "bedrock"}``. None takes any
            virtual key, and OpenAI is behind it.
        configs: likewise for the ids of configs.
        file_seconds: how long the provider processes an uploaded file.

    Raises:
        ValueError: the speed is not a finite number above 0, or the gateway knows no such provider.
    """

    speed: float = 1.0
    clock: Clock = attrs.field(default=attrs.Factory(_real_clock, takes_self=True))
    script: JobScript = attrs.field(factory=JobScript)
    api_keys: frozenset[str] | None = attrs.field(default=None, converter=_keys)
    virtual_keys: Mapping[str, str] | None = attrs.field(default=None, converter=checked_providers)
    configs: Mapping[str, str] | None = attrs.field(default=None, converter=checked_providers)
    file_seconds: float = 0.0
    _state: State = attrs.field(init=False, factory=State)
    _requests: tuple[RecordedRequest, ...] = attrs.field(init=False, default=())
    _faults: tuple[PlannedFault, ...] = attrs.field(init=False, default=())
    _lock: threading.Lock = attrs.field(init=False, factory=threading.Lock)

    def __repr__(self) -> str:
        return f"<FakeGateway: {len(self.requests)} requests, {len(self.jobs)} jobs, {len(self.files)} files>"

    # How to talk to it.

    def transport(self) -> GatewayTransport:
        """Return a transport for ``httpx.Client`` and ``httpx.AsyncClient`` that needs no socket.

        It is an ``httpx.MockTransport``. Delays are waited on the gateway's clock; one above the request's read timeout
        is ``httpx.ReadTimeout``.
        """
        return GatewayTransport(self.handle, self.clock)

    @contextmanager
    def serve(self, *, host: str = "127.0.0.1", port: int = 0) -> Generator[str, None, None]:
        """Answer HTTP requests while the context lasts; afterwards no thread and no socket is left.

        Args:
            host: the address to listen on.
            port: likewise; 0 takes a free one.

        Yields:
            the base URL, which ends in ``/v1``.

        Raises:
            OSError: the address cannot be listened on.
        """
        with serving(self.handle, host, port) as url:
            yield f"{url}/v1"

    # What to prepare.

    def fail_next(
        self,
        fault: Fault,
        *,
        operation: OperationName | None = None,
        path: str | None = None,
        times: int | None = 1,
    ) -> None:
        """Let something go wrong with the next requests. Faults are used up in the order in which they were asked for.

        Args:
            fault: what goes wrong.
            operation: only with this operation, such as ``jobs.create``; None for any.
            path: only where this pattern (``*`` stands for anything) matches the path; None for any.
            times: how often; None for ever.

        Raises:
            ValueError: there is no such operation, or the number of times is below 1.
        """
        if operation is not None and operation not in OPERATIONS:
            message = f"no operation {operation!r}; there are {', '.join(sorted(OPERATIONS))}"
            raise ValueError(message)
        if times is not None and times < 1:
            message = f"times must be at least 1, or None for ever, got {times}"
            raise ValueError(message)
        with self._lock:
            self._faults += (PlannedFault(fault=fault, operation=operation, path=path, times=times),)

    def clear_faults(self) -> None:
        """Let nothing go wrong any more."""
        with self._lock:
            self._faults = ()

    def script_next(self, *scripts: JobScript) -> None:
        """Give the next jobs these scripts, one each, in this order; later ones get the gateway's own again.

        Args:
            *scripts: the lives of the next jobs.
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
        """Put a file there without an upload.

        Args:
            content: its bytes.
            file_id: in the provider's own form, not percent-encoded; made up if not given.
            filename: its name.
            purpose: what it is for.
            content_type: what the provider's store calls it; the gateway's form of a download depends on it.
            provider: where it is.
            api_key: the only Portkey key that sees it; None for all of them.

        Raises:
            ValueError: the provider has no fine-tuning.
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
        """Put a job there without a create. Its files need not exist.

        Args:
            job_id: in the provider's own form, not percent-encoded; made up if not given.
            script: its life; the gateway's own if not given.
            model: the base model.
            training_file: the id of the file.
            fields: other fields by the names of the create request, ``metadata`` too.
            age: how many seconds ago it was created.
            provider: where it runs.
            api_key: the only Portkey key that sees it; None for all of them.

        Raises:
            ValueError: the provider has no fine-tuning.
        """
        owner = Account(api_key=api_key, provider=checked_provider(provider))
        order = Order(model=model, training_file=training_file, fields=fields or {})
        with self._lock:
            serial = self._state.serial + 1
            job = Job(
                id=job_id or DIALECTS[provider].job_id(serial),
                owner=owner,
                order=order,
                script=script or self.script,
                created_at=self.clock.now() - age,
            )
            self._state = attrs.evolve(self._state, jobs=(*self._state.jobs, job), serial=serial)
        return job

    # What to look at afterwards.

    @property
    def requests(self) -> tuple[RecordedRequest, ...]:
        """All requests that have arrived, in order."""
        return self._requests

    @property
    def jobs(self) -> tuple[Job, ...]:
        """All jobs of all accounts, oldest first."""
        return self._state.jobs

    @property
    def files(self) -> tuple[StoredFile, ...]:
        """All files of all accounts that were uploaded or put there, oldest first."""
        return self._state.files

    @property
    def faults(self) -> tuple[PlannedFault, ...]:
        """The faults that still wait for their requests."""
        return self._faults

    @property
    def jobs_per_create(self) -> Mapping[str, int]:
        """How many jobs were started under each trace id that a create came with.

        A client that repeats a create keeps its trace id: so a number above 1 is a job paid for twice.
        """
        return jobs_per_create(self._requests)

    # The core.

    def handle(self, request: Request) -> Response:
        """Answer a request: the one core behind ``transport`` and ``serve``. Safe to call from many threads.

        Args:
            request: as it arrived; a body in pieces is drawn in here.
        """
        where = route(request.method, request.path)
        operation = None if where is None else where.operation
        with self._lock:
            fault, self._faults = next_fault(self._faults, request.path, operation)
        if fault is not None and fault.refused:
            return Response(delivery=Delivery(refused=True))
        whole = attrs.evolve(request, body=request.read())
        with self._lock:
            arrival = Arrival(request=whole, route=where, number=len(self._requests) + 1, now=self.clock.now())
            before = self._state
            response = self._answer(arrival, fault)
            self._requests += (
                RecordedRequest(
                    request=whole,
                    operation=operation,
                    status=response.status,
                    trace_id=arrival.trace_id,
                    jobs=tuple(job.id for job in self._state.jobs[len(before.jobs) :]),
                ),
            )
            return response

    def _answer(self, arrival: Arrival, fault: Fault | None) -> Response:
        if fault is not None and not fault.does_work:
            provider = arrival.request.headers.get("x-portkey-provider", "openai")
            return fault.after(with_gateway_headers(Response(), arrival, provider=provider))
        seen = arrival if fault is None else attrs.evolve(arrival, request=fault.before(arrival.request))
        doors = Doors(
            api_keys=self.api_keys,
            virtual_keys=self.virtual_keys,
            configs=self.configs,
            providers=PROVIDERS,
        )
        settings = Settings(doors=doors, script=self.script, file_seconds=self.file_seconds)
        self._state, response = respond(seen, self._state, settings)
        return response if fault is None else fault.after(response)
