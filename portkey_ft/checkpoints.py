"""The checkpoints of a job: choosing the best, as a table and as a picture."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from portkey_ft._tables import data_frame, draw_losses, require
from portkey_ft.errors import PortkeyError
from portkey_ft.pagination import AsyncList, SyncList
from portkey_ft.types import Checkpoint

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

__all__ = ["AsyncCheckpointList", "CheckpointList", "best_of", "metric_value"]


def metric_value(checkpoint: Checkpoint, metric: str) -> float | None:
    """Give a metric of a checkpoint, known by name or not; None if it was not measured."""
    value = getattr(checkpoint.metrics, metric, None) if metric != "extra" else None
    if value is None:
        value = checkpoint.metrics.extra.get(metric)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return value


def best_of(checkpoints: Iterable[Checkpoint], metric: str, *, largest: bool | None = None) -> Checkpoint:
    """Find the best checkpoint; of equals, the earliest step.

    Args:
        checkpoints: Where to look.
        metric: What to compare.
        largest: Whether more is better; if None, it is for an accuracy and not for anything else.

    Raises:
        PortkeyError: There is no checkpoint yet, or none has the metric.
    """
    sign = -1 if (("accuracy" in metric) if largest is None else largest) else 1
    measured: set[str] = set()
    best: tuple[float, float, Checkpoint] | None = None
    seen = False
    for checkpoint in checkpoints:
        seen = True
        measured.update(checkpoint.metrics.to_dict())
        value = metric_value(checkpoint, metric)
        if value is None:
            continue
        step = math.inf if checkpoint.step_number is None else checkpoint.step_number
        if best is None or (sign * value, step) < best[:2]:
            best = (sign * value, step, checkpoint)
    if best is None and not seen:
        message = "the job has no checkpoints yet."
        hint = "wait until it has, or until the job has ended."
        raise PortkeyError(message, hint=hint, operation="fine_tuning.jobs.checkpoints.list")
    if best is None:
        there = f"there are {', '.join(sorted(measured))}" if measured else "none has any metrics"
        message = f"no checkpoint has the metric {metric!r}; {there}."
        raise PortkeyError(message, operation="fine_tuning.jobs.checkpoints.list")
    return best[2]


def _plot(checkpoints: Sequence[Checkpoint], metric: str, axes: Axes | None) -> Axes:
    measured = [checkpoint for checkpoint in checkpoints if metric_value(checkpoint, metric) is not None]
    return draw_losses(checkpoints, best_of(measured, metric) if measured else None, axes)


class CheckpointList(SyncList[Checkpoint]):
    """The checkpoints of a job."""

    def best(self, metric: str = "full_valid_loss", *, largest: bool | None = None) -> Checkpoint:
        """Fetch all of them and give the best one.

        Args:
            metric: What to compare.
            largest: Whether more is better; by default it is for an accuracy and not for anything else.

        Raises:
            PortkeyError: There is no checkpoint yet, or none has the metric.

        Example:
            >>> checkpoints = client.fine_tuning.jobs.checkpoints.list(job.id)
            >>> checkpoints.best("full_valid_loss").step_number
            80
            >>> checkpoints.best("train_mean_token_accuracy").step_number
            120
        """
        return best_of(self, metric, largest=largest)

    def to_pandas(self) -> pd.DataFrame:
        """Fetch all of them into a table of pandas (extra pandas), earliest step first.

        Raises:
            ConfigurationError: pandas is not installed; nothing was sent.

        Example:
            >>> table = client.fine_tuning.jobs.checkpoints.list(job.id).to_pandas()
            >>> table["step_number"].tolist()[:3]
            [10, 20, 30]
        """
        require("pandas", "to_pandas", "pandas")
        return data_frame(self.to_list())

    def plot(self, metric: str = "full_valid_loss", *, ax: Axes | None = None) -> Axes:
        """Fetch all of them and draw the losses, with the best step marked (extra plot).

        Args:
            metric: What the best step is judged by.
            ax: Axes of matplotlib to draw on; new ones by default.

        Raises:
            ConfigurationError: matplotlib is not installed; nothing was sent.
            PortkeyError: No checkpoint has a loss.

        Example:
            >>> axes = client.fine_tuning.jobs.checkpoints.list(job.id).plot("full_valid_loss")
            >>> axes.figure.savefig("losses.png")
        """
        require("matplotlib", "plot", "plot")
        return _plot(self.to_list(), metric, ax)


class AsyncCheckpointList(AsyncList[Checkpoint]):
    """The checkpoints of a job."""

    async def best(self, metric: str = "full_valid_loss", *, largest: bool | None = None) -> Checkpoint:
        """Fetch all of them and give the best one.

        Args:
            metric: What to compare.
            largest: Whether more is better; by default it is for an accuracy and not for anything else.

        Raises:
            PortkeyError: There is no checkpoint yet, or none has the metric.

        Example:
            >>> checkpoints = client.fine_tuning.jobs.checkpoints.list(job.id)
            >>> (await checkpoints.best("full_valid_loss")).step_number
            80
        """
        return best_of(await self.to_list(), metric, largest=largest)

    async def to_pandas(self) -> pd.DataFrame:
        """Fetch all of them into a table of pandas (extra pandas), earliest step first.

        Raises:
            ConfigurationError: pandas is not installed; nothing was sent.

        Example:
            >>> table = await client.fine_tuning.jobs.checkpoints.list(job.id).to_pandas()
            >>> len(table)
            12
        """
        require("pandas", "to_pandas", "pandas")
        return data_frame(await self.to_list())

    async def plot(self, metric: str = "full_valid_loss", *, ax: Axes | None = None) -> Axes:
        """Fetch all of them and draw the losses, with the best step marked (extra plot).

        Args:
            metric: What the best step is judged by.
            ax: Axes of matplotlib to draw on; new ones by default.

        Raises:
            ConfigurationError: matplotlib is not installed; nothing was sent.
            PortkeyError: No checkpoint has a loss.

        Example:
            >>> axes = await client.fine_tuning.jobs.checkpoints.list(job.id).plot("full_valid_loss")
            >>> axes.figure.savefig("losses.png")
        """
        require("matplotlib", "plot", "plot")
        return _plot(await self.to_list(), metric, ax)
