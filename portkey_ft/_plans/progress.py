"""Showing how a job gets on: a bar where tqdm is there, plain lines where it is not. All of it goes to stderr."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import datetime
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Protocol

from portkey_ft._text import visible
from portkey_ft.types import FineTuningJob

__all__ = ["Observer", "progress_share", "watching"]

Observer = Callable[[FineTuningJob], None]


class _Display(Protocol):
    """Something that a job can be shown on."""

    def show(self, job: FineTuningJob, share: float | None) -> None:
        """Show a job, with how much of it is done, if that is known."""
        ...

    def close(self) -> None:
        """Leave the terminal as it should be."""
        ...


class _Lines:
    """A line on stderr for each change of state, and for each tenth of the way."""

    def __init__(self) -> None:
        self._last: tuple[str | None, int | None] | None = None

    def show(self, job: FineTuningJob, share: float | None) -> None:
        percent = None if share is None else int(share * 10) * 10
        if (job.status, percent) == self._last:
            return
        self._last = (job.status, percent)
        done = "" if percent is None else f" [{'#' * (percent // 10):10}] {percent:3} %"
        sys.stderr.write(f"{visible(job.id)}{done} {visible(str(job.status))}\n")
        sys.stderr.flush()

    def close(self) -> None:
        """Lines need no end."""


class _Bar:
    """A tqdm bar: in a terminal, or in a notebook, where it is a widget if ipywidgets is there."""

    def __init__(self, job_id: str, bar_class: Callable[..., Any]) -> None:
        layout = "{desc} {percentage:3.0f}%|{bar}| {elapsed}{postfix}"
        self._bar = bar_class(total=100, desc=visible(job_id), bar_format=layout, dynamic_ncols=True)

    def show(self, job: FineTuningJob, share: float | None) -> None:
        self._bar.n = int((share or 0.0) * 100)
        tokens = "" if job.trained_tokens is None else f", {job.trained_tokens} tokens"
        # refresh=True draws at once; the state is what people wait for.
        self._bar.set_postfix_str(f"{visible(str(job.status))}{tokens}", refresh=True)

    def close(self) -> None:
        self._bar.close()


def progress_share(job: FineTuningJob, now: datetime) -> float | None:
    """Estimate how much of a job is done, from 0 to 1, if the provider says when it will end."""
    if job.is_final:
        return 1.0
    if job.created_at is None or job.estimated_finish is None:
        return None
    whole = (job.estimated_finish - job.created_at).total_seconds()
    done = (now - job.created_at).total_seconds()
    return min(max(done / whole, 0.0), 0.99) if whole > 0 else None


@contextmanager
def watching(
    job_id: str, *, now: Callable[[], datetime], on_progress: Callable[[FineTuningJob], Any] | None, progress: bool
) -> Generator[Observer]:
    """Show a job while it is waited for.

    If watching is broken off, by Ctrl-C or because the task is cancelled, it is said that the job goes on.

    Args:
        job_id: The job.
        now: The time of day.
        on_progress: The caller's function, called with each look at the job.
        progress: Whether to show anything.
    """
    display = _display(job_id) if progress else None

    def observe(job: FineTuningJob) -> None:
        if display is not None:
            display.show(job, progress_share(job, now()))
        if on_progress is not None:
            on_progress(job)

    try:
        yield observe
    except Exception:
        raise
    except BaseException as stop:
        notice = (
            f"Stopped watching; the job {visible(job_id)} goes on. "
            f"client.fine_tuning.jobs.cancel({job_id!r}) stops it, .wait({job_id!r}) watches it again."
        )
        stop.add_note(notice)
        if display is not None:
            display.close()
            sys.stderr.write(f"{notice}\n")
        raise
    finally:
        if display is not None:
            display.close()


def _display(job_id: str) -> _Display:
    # A bar redraws its line, which a log file shows as a heap of bars. A notebook is no terminal and redraws too.
    in_notebook = "ipykernel" in sys.modules
    if not sys.stderr.isatty() and not in_notebook:
        return _Lines()
    # Asked for a widget where there are none, tqdm warns.
    kind = "tqdm.auto" if in_notebook and find_spec("ipywidgets") is not None else "tqdm"
    try:
        # An extra, needed by those who want a bar.
        bars = import_module(kind)
    except ImportError:
        return _Lines()
    return _Bar(job_id, bars.tqdm)
