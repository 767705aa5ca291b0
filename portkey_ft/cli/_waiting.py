"""What is shown while a job is waited for or followed, and what is said if that is broken off."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager

from portkey_ft._text import escape_unprintable
from portkey_ft.cli._output import note, stderr
from portkey_ft.types import FineTuningJob

__all__ = ["in_doubt", "interruptible", "job_status"]


@contextmanager
def interruptible(job_id: str, command: str) -> Generator[None]:
    """Say on Ctrl-C that the job goes on, and how to come back.

    Args:
        job_id: The job.
        command: What was broken off, such as ``wait``.
    """
    try:
        yield
    except KeyboardInterrupt:
        job = escape_unprintable(job_id)
        note(f"\nThe job {job} goes on.\n  portkey-ft jobs {command} {job}   comes back to it")
        note(f"  portkey-ft jobs cancel {job}   stops it")
        raise


@contextmanager
def in_doubt(what: str, command: str) -> Generator[None]:
    """Say on Ctrl-C that a request may have arrived, and how to find out.

    Args:
        what: What may have happened, such as ``the job may have been started``.
        command: The command that shows it.
    """
    try:
        yield
    except KeyboardInterrupt:
        note(f"\nInterrupted; {what}.\n  portkey-ft {command}   shows it then")
        raise


@contextmanager
def job_status(job_id: str) -> Generator[Callable[[FineTuningJob], None]]:
    """Show a job's state: in a terminal on a line that is redrawn, and elsewhere on a line for each change."""
    console = stderr()
    if console.is_terminal:
        with console.status(f"{escape_unprintable(job_id)}: waiting for its state") as spinner:
            yield lambda job: spinner.update(describe(job))
        return
    last: list[str] = []

    def show(job: FineTuningJob) -> None:
        if [job.status] != last:
            last[:] = [str(job.status)]
            note(describe(job))

    yield show


def describe(job: FineTuningJob) -> str:
    """Say in a line how a job gets on."""
    parts = [f"{job.id}: {job.status}"]
    if job.trained_tokens is not None:
        parts.append(f"{job.trained_tokens:,} tokens trained")
    if job.estimated_finish is not None and not job.is_final:
        parts.append(f"estimated to end at {job.estimated_finish:%H:%M:%S} UTC")
    return escape_unprintable(", ".join(parts))
