"""One call of each operation with its required arguments, for both clients."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests.e2e.cases import TRAINING
from tests.e2e.driving import Client, content_of

Call = Callable[[Client, str, str], Any]
"""Takes a client, the ID of a file and the ID of a job."""

OPERATIONS: Mapping[str, Call] = {
    "files.create": lambda client, _file, _job: client.files.create(file=("t.jsonl", TRAINING)),
    "files.retrieve": lambda client, file, _job: client.files.retrieve(file),
    "files.list": lambda client, _file, _job: client.files.list().to_list(),
    "files.content": lambda client, file, _job: content_of(client, file),
    "files.delete": lambda client, file, _job: client.files.delete(file),
    "fine_tuning.jobs.create": lambda client, file, _job: client.fine_tuning.jobs.create(
        model="gpt-4o-mini", training_file=file
    ),
    "fine_tuning.jobs.list": lambda client, _file, _job: client.fine_tuning.jobs.list().to_list(),
    "fine_tuning.jobs.retrieve": lambda client, _file, job: client.fine_tuning.jobs.retrieve(job),
    "fine_tuning.jobs.cancel": lambda client, _file, job: client.fine_tuning.jobs.cancel(job),
    "fine_tuning.jobs.list_events": lambda client, _file, job: client.fine_tuning.jobs.list_events(job).to_list(),
    "fine_tuning.jobs.checkpoints.list": lambda client, _file, job: client.fine_tuning.jobs.checkpoints.list(
        job
    ).to_list(),
}
