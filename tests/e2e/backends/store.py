"""The state of a back end: files, and jobs that advance one step with each retrieval."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any

from attrs import Factory, define, field

from tests.e2e.wire import Received, Response

#: A moment in the middle of 2025, in seconds since the epoch.
BEGAN = 1_750_000_000


@define
class Job:
    """A job, with OpenAI's names for its states.

    Attributes:
        id: In the provider's own form.
        asked: The body of the create, as it arrived.
        read: The same as the provider's API defines it: fields that it defines otherwise are not in it, numbers that
            stand for names are those names, and ``kind`` says how it will be trained.
        states: Its states in order, one step per retrieval.
        looks: How often it was retrieved.
        cancelled: Whether it was cancelled.
        paused: Whether it is paused; it then does not advance.
    """

    id: str
    asked: Mapping[str, Any]
    states: Sequence[str]
    read: Mapping[str, Any] = field(factory=dict)
    looks: int = 0
    cancelled: bool = False
    paused: bool = False

    def look(self) -> str:
        """Return the status, and advance one step."""
        status = self.status
        self.looks += not self.paused
        return status

    @property
    def status(self) -> str:
        """The current status."""
        if self.paused:
            return "paused"
        return "cancelled" if self.cancelled else self.states[min(self.looks, len(self.states) - 1)]


@define
class Stored:
    """A file."""

    id: str
    name: str
    content: bytes = field(repr=False)
    purpose: str = "fine-tune"

    @property
    def sha256(self) -> str:
        """The hash of its bytes."""
        return hashlib.sha256(self.content).hexdigest()


@define(eq=False)
class Store:
    """The state of a provider.

    Attributes:
        jobs: Oldest first.
        files: By their ids.
        received: Every request, in order.
        states: The states of the next jobs, in order.
        response: The response to everything, if set.
    """

    jobs: dict[str, Job] = Factory(dict)
    files: dict[str, Stored] = Factory(dict)
    received: list[Received] = Factory(list)
    states: Sequence[str] = ("queued", "running", "succeeded")
    response: Response | None = None
    lock: threading.RLock = Factory(threading.RLock)
    serial: count[int] = Factory(lambda: count(1))

    def start(self, job_id: str, asked: Mapping[str, Any], read: Mapping[str, Any] | None = None) -> Job:
        """Store a new job."""
        job = self.jobs[job_id] = Job(job_id, asked, self.states, asked if read is None else read)
        return job

    def keep(self, file_id: str, name: str, content: bytes, purpose: str = "fine-tune") -> Stored:
        """Store a file."""
        stored = self.files[file_id] = Stored(file_id, name, content, purpose)
        return stored

    def clear(self) -> None:
        """Clear everything."""
        with self.lock:
            self.jobs.clear()
            self.files.clear()
            self.received.clear()
            self.states = ("queued", "running", "succeeded")
            self.response = None
