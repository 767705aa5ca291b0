"""What the fake gateway remembers: files and jobs, each with its owner, as one immutable value."""

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
    """Whose a thing is: what one account owns, no other one sees.

    Args:
        api_key: the caller's Portkey key. None as the owner of a thing means that every key sees it.
        provider: the provider that keeps it.
    """

    api_key: str | None = attrs.field(default=None, repr=False)
    provider: str = "openai"

    def sees(self, owner: Account) -> bool:
        """Say whether this account may see what belongs to an owner."""
        return self.provider == owner.provider and owner.api_key in {None, self.api_key}


@attrs.frozen(kw_only=True)
class Order:
    """What a create asked for, after the gateway and the provider have dropped what they do not take.

    Args:
        model: the base model.
        training_file: the file's id in the provider's own, decoded form.
        fields: all other fields taken, by the names of the request.
    """

    model: str
    training_file: str
    fields: Mapping[str, object] = attrs.field(factory=dict[str, object], repr=names_only)

    @property
    def hyperparameters(self) -> Mapping[str, object]:
        """The hyperparameters, from the top level or else from the method."""
        methods = json_object(self.fields.get("method")) or {}
        inner = [json_object(value) or {} for value in methods.values()]
        for place in (self.fields, *inner):
            found = json_object(place.get("hyperparameters"))
            if found is not None:
                return found
        return {}

    @property
    def validation_file(self) -> str | None:
        """The id of the file for validation, in the provider's own, decoded form."""
        return self.text("validation_file") or None

    def text(self, name: str) -> str | None:
        """Return a field if it is a string."""
        value = self.fields.get(name)
        return value if isinstance(value, str) else None


@attrs.frozen(kw_only=True)
class Job:
    """A job: what was ordered, when, and the script that it follows.

    Args:
        id: in the provider's own form, not percent-encoded.
        owner: whose job it is.
        order: what was asked for.
        script: its life.
        created_at: seconds since the Unix epoch.
        cancelled_at: likewise, if somebody cancelled it.
        trace_id: of the create that made it; None for a job that a test put there.
    """

    id: str
    owner: Account
    order: Order
    script: JobScript
    created_at: float
    cancelled_at: float | None = None
    trace_id: str | None = None


def _sha256(file: StoredFile) -> str:
    return hashlib.sha256(file.content).hexdigest()


@attrs.frozen(kw_only=True)
class StoredFile:
    """A file: its bytes and what is told about it.

    Args:
        id: in the provider's own form, not percent-encoded.
        owner: whose file it is.
        filename: as uploaded.
        purpose: as uploaded.
        content: the bytes.
        created_at: seconds since the Unix epoch.
        processed_at: likewise, from when on its status is "processed".
        content_type: what the provider's store calls it when it is downloaded.
        sha256: of the content, in hexadecimal digits.
    """

    id: str
    owner: Account
    filename: str
    purpose: str
    content: bytes = attrs.field(repr=False)
    created_at: float
    processed_at: float
    content_type: str = OCTETS
    sha256: str = attrs.field(init=False, default=attrs.Factory(_sha256, takes_self=True))


@attrs.frozen(kw_only=True)
class State:
    """All that is remembered; a request turns one state into the next.

    Args:
        jobs: oldest first.
        files: oldest first.
        scripts: the scripts of the next jobs, before the default one is used again.
        serial: how many ids have been given out.
    """

    jobs: tuple[Job, ...] = ()
    files: tuple[StoredFile, ...] = ()
    scripts: tuple[JobScript, ...] = ()
    serial: int = 0

    def jobs_of(self, account: Account) -> tuple[Job, ...]:
        """Return the jobs that an account sees, newest first."""
        # Sorting keeps the order of equals: of two jobs of the same moment the later one comes first.
        seen = [job for job in reversed(self.jobs) if account.sees(job.owner)]
        return tuple(sorted(seen, key=lambda job: -job.created_at))

    def job(self, account: Account, job_id: str) -> Job | None:
        """Return a job that an account sees."""
        return next((job for job in self.jobs if job.id == job_id and account.sees(job.owner)), None)

    def replace_job(self, changed: Job) -> State:
        """Return the state with a job of the same id and owner replaced."""
        jobs = tuple(changed if (job.id, job.owner) == (changed.id, changed.owner) else job for job in self.jobs)
        return attrs.evolve(self, jobs=jobs)
