"""Typed use of the package: read by type checkers, never run.

Each ``type: ignore`` below is an expectation: a checker that finds nothing to ignore complains.
"""

# pyright: strict, reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from pathlib import Path
from typing import assert_type

from portkey_ft import (
    DPO,
    APIStatusError,
    AsyncPortkey,
    Checkpoint,
    CheckpointMetrics,
    Config,
    DeletedFile,
    File,
    FineTuningEvent,
    FineTuningJob,
    JobFailedError,
    Managed,
    Portkey,
    Provider,
    Supervised,
    VirtualKey,
)
from portkey_ft.auth import Auth
from portkey_ft.clock import Clock, SystemClock
from portkey_ft.files import AsyncDownload, Download
from portkey_ft.pagination import AsyncList, SyncList
from portkey_ft.testing import FakeClock
from portkey_ft.types import Page


def auth_modes() -> tuple[Auth, ...]:
    """Values of every mode are of one protocol."""
    VirtualKey(5)  # type: ignore[arg-type]
    Provider("openai", "sk")  # type: ignore[call-arg]
    Config(None)  # type: ignore[arg-type]
    return (VirtualKey("vk"), Config({"provider": "openai"}), Provider("openai", authorization="k"), Managed())


def clocks() -> tuple[Clock, ...]:
    """The fake clock is a clock."""
    return (SystemClock(), FakeClock())


def sync_client() -> None:
    """A client that blocks."""
    with Portkey(api_key="k", virtual_key="vk", timeout=5, clock=FakeClock()) as client:
        assert_type(client, Portkey)
        assert_type(client.with_options(timeout=3), Portkey)
        jobs = client.fine_tuning.jobs
        assert_type(jobs.create(model="m", training_file="f", method=Supervised(n_epochs=3)), FineTuningJob)
        jobs.create(model="m", training_file="f", method=DPO(beta=0.1), timeout=5, trace_id="t")
        assert_type(jobs.retrieve("j"), FineTuningJob)
        assert_type(jobs.cancel("j"), FineTuningJob)
        assert_type(jobs.list(), SyncList[FineTuningJob])
        assert_type(jobs.list_events("j"), SyncList[FineTuningEvent])
        assert_type(jobs.wait("j", on_progress=print, request_timeout=3), FineTuningJob)
        assert_type(jobs.follow("j"), Iterator[FineTuningEvent])
        checkpoints = jobs.checkpoints.list(fine_tuning_job_id="j")
        assert_type(checkpoints.best(), Checkpoint)
        assert_type(checkpoints.first(), Checkpoint | None)
        assert_type(checkpoints.to_list(), list[Checkpoint])
        assert_type(checkpoints.data, list[Checkpoint])
        assert_type(checkpoints.cursor, str | None)
        for page in checkpoints.pages():
            assert_type(page, Page[Checkpoint])
        for checkpoint in checkpoints:
            assert_type(checkpoint.metrics, CheckpointMetrics)
            assert_type(checkpoint.metrics.full_valid_loss, float | None)
            assert_type(checkpoint.created_at, datetime | None)
        assert_type(client.files.create(file=Path("a.jsonl")), File)
        client.files.create(file=("a.jsonl", [b"a", b"b"]), on_progress=print)
        assert_type(client.files.delete("f"), DeletedFile)
        assert_type(client.files.content("f"), Download)
        assert_type(client.files.content("f").read(), bytes)
        assert_type(client.files.content("f").iter_lines(), Iterator[str])
        assert_type(client.files.wait_for_processing("f"), File)


async def async_client() -> None:
    """A client that is awaited."""
    async with AsyncPortkey(auth=Managed()) as client:
        assert_type(client, AsyncPortkey)
        jobs = client.fine_tuning.jobs
        assert_type(await jobs.create(model="m", training_file="f"), FineTuningJob)
        assert_type(jobs.list(), AsyncList[FineTuningJob])
        assert_type(await jobs.list(), AsyncList[FineTuningJob])
        assert_type(jobs.follow("j"), AsyncIterator[FineTuningEvent])
        assert_type(await jobs.wait("j"), FineTuningJob)
        assert_type(await jobs.checkpoints.list("j").best(), Checkpoint)
        async for event in jobs.list_events("j"):
            assert_type(event, FineTuningEvent)
        assert_type(await client.files.content("f"), AsyncDownload)
        assert_type(await (await client.files.content("f")).read(), bytes)


def mistakes(client: Portkey, asynchronous: AsyncPortkey, job: FineTuningJob) -> None:
    """What a checker finds before anything is run."""
    Portkey("k")  # type: ignore[call-arg]
    Portkey(api_keys="k")  # type: ignore[arg-type]
    client.fine_tuning.jobs.create(model="m")  # type: ignore[call-arg]
    client.fine_tuning.jobs.create(model=5, training_file="f")  # type: ignore[arg-type]
    client.fine_tuning.jobs.retrieve(job)  # type: ignore[arg-type]
    client.fine_tuning.jobs.retrieve("j", time_out=3)  # type: ignore[call-arg]
    client.fine_tuning.jobs.wait("j", trace_id=3)  # type: ignore[arg-type]
    client.files.create(file=5)  # type: ignore[arg-type]
    len(client.files.list())  # type: ignore[arg-type]
    for _ in asynchronous.files.list():  # type: ignore[attr-defined]
        pass
    job.status = "done"  # type: ignore[misc]
    job.stauts  # type: ignore[attr-defined]  # noqa: B018
    job.fine_tuned_model.upper()  # type: ignore[union-attr]


def errors(error: APIStatusError | JobFailedError) -> int | FineTuningJob | None:
    """Errors are told apart by their class."""
    if isinstance(error, APIStatusError):
        assert_type(error.retry_after, float | None)
        return error.status_code
    return error.job
