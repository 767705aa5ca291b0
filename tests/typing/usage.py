"""Programs as users write them: checked by mypy and pyright, both strict, and never run.

A line that must be refused says so with an ignore of exactly that error; both checkers complain about an ignore that
ignores nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from portkey_ft import (
    DPO,
    AsyncPortkey,
    Checkpoint,
    Config,
    File,
    FineTuningEvent,
    FineTuningJob,
    Portkey,
    Provider,
    Supervised,
    VirtualKey,
)
from portkey_ft.pagination import Page


def every_auth_mode() -> list[Portkey]:
    """Make a client in each way."""
    return [
        Portkey(api_key="k", virtual_key="v"),
        Portkey(api_key="k", config={"provider": "openai", "api_key": "s"}),
        Portkey(api_key="k", provider="openai", authorization="s", custom_host="https://example.com/v1"),
        Portkey(api_key="k", provider="bedrock", provider_headers={"aws_region": "us-east-1"}),
        Portkey(auth=VirtualKey("v"), base_url="https://gateway.example.com/v1", timeout=5, max_retries=0),
        Portkey(auth=Config("pc-1")),
        Portkey(auth=Provider("openai", authorization="s")),
    ]


def jobs(client: Portkey) -> FineTuningJob:
    """Start, list and wait."""
    job: FineTuningJob = client.fine_tuning.jobs.create(
        model="m", training_file="f", method=Supervised(n_epochs=3, batch_size="auto"), timeout=3, trace_id="t"
    )
    client.fine_tuning.jobs.create(model="m", training_file="f", method=DPO(beta=0.1), extra_body={"x": 1})
    created: datetime | None = job.created_at
    for listed in client.fine_tuning.jobs.list(limit=3):
        status: str | None = listed.status
        print(status, created)
    events: Iterator[FineTuningEvent] = client.fine_tuning.jobs.follow(job.id)
    print(next(events).message)
    return client.fine_tuning.jobs.wait(job.id, progress=True, on_progress=lambda seen: print(seen.status))


def checkpoints(client: Portkey) -> float | None:
    """Go through checkpoints by item and by page."""
    listing = client.fine_tuning.jobs.checkpoints.list(fine_tuning_job_id="j", page_size=10)
    pages: list[Page[Checkpoint]] = list(listing.pages())
    best: Checkpoint = listing.best()
    print(len(pages), listing.cursor)
    return best.metrics.full_valid_loss


def files(client: Portkey) -> int:
    """Upload and download."""
    file: File = client.files.create(file="train.jsonl", purpose="fine-tune")
    return client.files.content(file.id).write_to("copy.jsonl")


async def asynchronously(client: AsyncPortkey) -> str:
    """Do the same, awaiting."""
    job = await client.fine_tuning.jobs.retrieve("j")
    async for checkpoint in client.fine_tuning.jobs.checkpoints.list("j"):
        print(checkpoint.step_number)
    async for event in client.fine_tuning.jobs.follow("j"):
        print(event.message)
    content: bytes = await (await client.files.content("f")).read()
    return job.id + content.decode()


def refused(client: Portkey) -> None:
    """Make mistakes that a checker finds."""
    client.fine_tuning.jobs.create(model="m")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    client.fine_tuning.jobs.list(limit="3")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    client.fine_tuning.jobs.retrieve("j", timout=3)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    client.fine_tuning.jobs.retrieve("j").id = "k"  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
