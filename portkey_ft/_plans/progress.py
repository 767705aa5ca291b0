"""Progress of a job on stderr: a bar if tqdm is installed, plain lines otherwise."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import datetime
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Protocol

from portkey_ft._text import escape_unprintable
from portkey_ft.types import FineTuningJob

__all__ = ["Observer", "progress_share", "show_progress"]

Observer = Callable[[FineTuningJob], None]


class _Display(Protocol):
    """Where the progress of a job is shown."""

    def show(self, job: FineTuningJob, share: float | None) -> None:
        """Show a job, with the share of it that is done, if that is known."""
        ...

    def close(self) -> None:
        """Restore the terminal."""
        ...


class _Lines:
    """A line for each change of the status, and for each tenth of the way."""

    def __init__(self) -> None:
        self._last: tuple[str | None, int | None] | None = None

    def show(self, job: FineTuningJob, share: float | None) -> None:
        percent = None if share is None else int(share * 10) * 10
        if (job.status, percent) == self._last:
            return
        self._last = (job.status, percent)
        done = "" if percent is None else f" [{'#' * (percent // 10):10}] {percent:3} %"
        sys.stderr.write(f"{escape_unprintable(job.id)}{done} {_status(job)}\n")
        sys.stderr.flush()

    def close(self) -> None:
        """Lines need no end."""


class _Bar:
    """A tqdm bar: in a terminal, or in a notebook, where it is a widget if ipywidgets is there."""

    def __init__(self, job_id: str, bar_class: Callable[..., Any]) -> None:
        layout = "{desc} {percentage:3.0f}%|{bar}| {elapsed}{postfix}"
        self._bar = bar_class(total=100, desc=escape_unprintable(job_id), bar_format=layout, dynamic_ncols=True)

    def show(self, job: FineTuningJob, share: float | None) -> None:
        if share is not None:
            self._bar.n = int(share * 100)
        tokens = "" if job.trained_tokens is None else f", {job.trained_tokens} tokens"
        # refresh=True draws at once; the state is what people wait for.
        self._bar.set_postfix_str(f"{_status(job)}{tokens}", refresh=True)

    def close(self) -> None:
        self._bar.close()


def progress_share(job: FineTuningJob, now: datetime) -> float | None:
    """Estimate the share of a job that is done, from 0 to 1, if the provider says when it will end."""
    if job.succeeded:
        return 1.0
    if job.is_final or job.created_at is None or job.estimated_finish is None:
        return None
    whole = (job.estimated_finish - job.created_at).total_seconds()
    done = (now - job.created_at).total_seconds()
    return min(max(done / whole, 0.0), 0.99) if whole > 0 else None


def _status(job: FineTuningJob) -> str:
    if job.is_paused:
        return "paused (client.fine_tuning.jobs.resume lets it go on)"
    return escape_unprintable(str(job.status))


@contextmanager
def show_progress(
    job_id: str, *, now: Callable[[], datetime], on_progress: Callable[[FineTuningJob], Any] | None, progress: bool
) -> Generator[Observer]:
    """Show the progress of a job while it is waited for.

    If waiting is interrupted, by Ctrl-C or because the task is cancelled, a notice says once that the job goes on: on
    stderr where progress is shown, in the traceback otherwise.

    Args:
        job_id: The ID of the job.
        now: The time of day.
        on_progress: The caller's function, called with the job at each poll.
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
            f"Stopped waiting; the job {escape_unprintable(job_id)} goes on. "
            f"client.fine_tuning.jobs.cancel({job_id!r}) stops it, .wait({job_id!r}) waits again."
        )
        if display is None:
            stop.add_note(notice)
        else:
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
