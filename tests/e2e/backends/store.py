"""What every back end remembers: files, and jobs that go a step further each time somebody looks at them."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any

from attrs import Factory, define, field

from tests.e2e.wire import Answer, Received

#: A moment in the middle of 2025, in seconds since the epoch.
BEGAN = 1_750_000_000


@define
class Job:
    """A job, in the words of OpenAI.

    Attributes:
        id: In the provider's own form.
        asked: The body of the create, as it arrived.
        read: The same as the provider's API defines it: fields that it defines otherwise are not in it, numbers that
            stand for names are those names, and ``kind`` says how it will be trained.
        states: What it goes through, a step with each look.
        looks: How often it was looked at.
        cancelled: Whether somebody stopped it.
    """

    id: str
    asked: Mapping[str, Any]
    states: Sequence[str]
    read: Mapping[str, Any] = field(factory=dict)
    looks: int = 0
    cancelled: bool = False

    def look(self) -> str:
        """Tell the state, and go a step further."""
        status = self.status
        self.looks += 1
        return status

    @property
    def status(self) -> str:
        """The state at present."""
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
    """A provider's memory.

    Attributes:
        jobs: Oldest first.
        files: By their ids.
        received: Every request, in order.
        states: What the next jobs go through.
        answer: What is answered to everything, if that is set.
    """

    jobs: dict[str, Job] = Factory(dict)
    files: dict[str, Stored] = Factory(dict)
    received: list[Received] = Factory(list)
    states: Sequence[str] = ("queued", "running", "succeeded")
    answer: Answer | None = None
    lock: threading.RLock = Factory(threading.RLock)
    serial: count[int] = Factory(lambda: count(1))

    def start(self, job_id: str, asked: Mapping[str, Any], read: Mapping[str, Any] | None = None) -> Job:
        """Remember a new job."""
        job = self.jobs[job_id] = Job(job_id, asked, self.states, asked if read is None else read)
        return job

    def keep(self, file_id: str, name: str, content: bytes, purpose: str = "fine-tune") -> Stored:
        """Remember a file."""
        stored = self.files[file_id] = Stored(file_id, name, content, purpose)
        return stored

    def clear(self) -> None:
        """Forget everything."""
        with self.lock:
            self.jobs.clear()
            self.files.clear()
            self.received.clear()
            self.states = ("queued", "running", "succeeded")
            self.answer = None
