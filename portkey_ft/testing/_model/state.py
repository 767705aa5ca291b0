"""The fake gateway's memory: files and jobs with their owners, as one immutable value."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import attrs

from portkey_ft.testing._http.messages import json_object, names_only

if TYPE_CHECKING:
    from collections.abc import Mapping

    from portkey_ft.testing._model.job_script import JobScript

OCTETS = "application/octet-stream"


@attrs.frozen(kw_only=True)
class Account:
    """The owner of jobs and files. An account sees only its own.

    Args:
        api_key: the Portkey API key. An owner of None is visible to every key.
        provider: the provider that stores the job or file.
    """

    api_key: str | None = attrs.field(default=None, repr=False)
    provider: str = "openai"

    def sees(self, owner: Account) -> bool:
        """Return whether this account may see what belongs to an owner."""
        return self.provider == owner.provider and owner.api_key in {None, self.api_key}


@attrs.frozen(kw_only=True)
class JobSpec:
    """What a job was created with, without the fields that the gateway or the provider dropped.

    Args:
        model: the base model.
        training_file: the file ID in the provider's own, decoded form.
        fields: all other fields, by their names in the create request.
    """

    model: str
    training_file: str
    fields: Mapping[str, object] = attrs.field(factory=dict[str, object], repr=names_only)

    @property
    def hyperparameters(self) -> Mapping[str, object]:
        """The hyperparameters, from the top level or otherwise from ``method``."""
        methods = json_object(self.fields.get("method")) or {}
        inner = [json_object(value) or {} for value in methods.values()]
        for place in (self.fields, *inner):
            found = json_object(place.get("hyperparameters"))
            if found is not None:
                return found
        return {}

    @property
    def validation_file(self) -> str | None:
        """The ID of the validation file, in the provider's own, decoded form."""
        return self.text("validation_file") or None

    def text(self, name: str) -> str | None:
        """Return a field if it is a string."""
        value = self.fields.get(name)
        return value if isinstance(value, str) else None


@attrs.frozen
class Pause:
    """An interruption of a job.

    Args:
        began_at: seconds since the Unix epoch.
        ended_at: seconds since the Unix epoch; None while the job is paused.
    """

    began_at: float
    ended_at: float | None = None


@attrs.frozen(kw_only=True)
class Job:
    """A fine-tuning job and the script that it follows.

    Args:
        id: in the provider's own form, not percent-encoded.
        owner: the account that created it.
        spec: what it was created with.
        received: the body of the create request as the provider received it, in its own terms; empty for a job added by
            ``add_job``.
        script: determines its status over time.
        created_at: seconds since the Unix epoch.
        cancelled_at: seconds since the Unix epoch; None if it was not cancelled.
        pauses: when it was paused, in order.
        tokens_per_epoch: of the training file.
        trace_id: the trace ID of the create request; None for a job added by ``add_job``.
    """

    id: str
    owner: Account
    spec: JobSpec
    received: Mapping[str, object] = attrs.field(factory=dict[str, object], repr=names_only)
    script: JobScript
    created_at: float
    cancelled_at: float | None = None
    pauses: tuple[Pause, ...] = ()
    trace_id: str | None = None
    tokens_per_epoch: int


def _content(file: StoredFile) -> bytes:
    return file.content


def _size(file: StoredFile) -> int:
    return len(file.content)


def _sha256(file: StoredFile) -> str:
    return hashlib.sha256(file.content).hexdigest()


@attrs.frozen(kw_only=True)
class StoredFile:
    """A file as the provider stores it.

    Args:
        id: in the provider's own form, not percent-encoded.
        owner: the account that uploaded it.
        filename: as uploaded.
        purpose: as uploaded.
        content: the stored bytes. The gateway rewrites or drops lines for some providers.
        created_at: seconds since the Unix epoch.
        processed_at: when its status becomes "processed", in seconds since the Unix epoch.
        content_type: the media type that the provider's store gives a download.
        uploaded: the bytes that the client uploaded.
        reported_size: the size in the response to the upload, which for some providers is not that of ``content``.
        sha256: the SHA-256 digest of ``content``, in hexadecimal.
    """

    id: str
    owner: Account
    filename: str
    purpose: str
    content: bytes = attrs.field(repr=False)
    created_at: float
    processed_at: float
    content_type: str = OCTETS
    uploaded: bytes = attrs.field(default=attrs.Factory(_content, takes_self=True), repr=False)
    reported_size: int = attrs.field(default=attrs.Factory(_size, takes_self=True))
    sha256: str = attrs.field(init=False, default=attrs.Factory(_sha256, takes_self=True))


@attrs.frozen(kw_only=True)
class State:
    """Everything that is stored. Each request maps one state to the next.

    Args:
        jobs: oldest first.
        files: oldest first.
        scripts: the scripts of the next jobs, used up before the default script.
        serial: how many IDs have been assigned.
    """

    jobs: tuple[Job, ...] = ()
    files: tuple[StoredFile, ...] = ()
    scripts: tuple[JobScript, ...] = ()
    serial: int = 0

    def jobs_of(self, account: Account) -> tuple[Job, ...]:
        """Return the jobs visible to an account, newest first."""
        # Sorting is stable: of two jobs created at the same time, the later one comes first.
        seen = [job for job in reversed(self.jobs) if account.sees(job.owner)]
        return tuple(sorted(seen, key=lambda job: -job.created_at))

    def job(self, account: Account, job_id: str) -> Job | None:
        """Return a job visible to an account; None if there is none of that ID."""
        return next((job for job in self.jobs if job.id == job_id and account.sees(job.owner)), None)

    def replace_job(self, changed: Job) -> State:
        """Return a state in which the job of the same ID and owner is replaced."""
        jobs = tuple(changed if (job.id, job.owner) == (changed.id, changed.owner) else job for job in self.jobs)
        return attrs.evolve(self, jobs=jobs)
