"""Checkpoints as a table and as a picture; pandas and matplotlib are extras."""

# The hints of matplotlib leave the types of keyword arguments open.
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

import attrs

from portkey_ft.errors import ConfigurationError, PortkeyError
from portkey_ft.types import Checkpoint, CheckpointMetrics

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

__all__ = ["data_frame", "draw_losses", "require", "rows_of"]

# The curves of a loss plot and what they are called, the most telling one last, so that it lies on top.
CURVES = (("train_loss", "training"), ("valid_loss", "validation, batch"), ("full_valid_loss", "full validation"))


def rows_of(checkpoints: Sequence[Checkpoint]) -> list[dict[str, Any]]:
    """Give a row for each checkpoint, earliest step first, with the metrics as columns."""
    ordered = sorted(checkpoints, key=lambda item: (item.step_number is None, item.step_number or 0))
    return [
        {
            "step_number": checkpoint.step_number,
            **{name: value for name, value in checkpoint.metrics.to_dict().items() if name != "step"},
            "checkpoint": checkpoint.fine_tuned_model_checkpoint,
            "created_at": checkpoint.created_at,
            "id": checkpoint.id,
        }
        for checkpoint in ordered
    ]


def require(package: str, method: str, extra: str) -> None:
    """Make sure that an optional package is there, before anything is fetched for it.

    Raises:
        ConfigurationError: It is not installed.
    """
    try:
        import_module(package)
    except ImportError:
        message = f"{method}() needs {package}."
        raise ConfigurationError(message, hint=f'install it with: pip install "portkey-ft[{extra}]".') from None


def data_frame(checkpoints: Sequence[Checkpoint]) -> pd.DataFrame:
    """Return a table of pandas, with a row for each checkpoint, earliest step first.

    Without any checkpoint it has the columns of the known metrics nevertheless, so that what is done with it works.
    """
    import pandas as pd  # noqa: PLC0415 - an extra

    metrics = [field.name for field in attrs.fields(CheckpointMetrics) if field.name not in {"step", "extra"}]
    columns = None if checkpoints else ["step_number", *metrics, "checkpoint", "created_at", "id"]
    return pd.DataFrame(rows_of(checkpoints), columns=columns)


def draw_losses(checkpoints: Sequence[Checkpoint], best: Checkpoint | None, axes: Axes | None) -> Axes:
    """Draw the losses over the steps, with the best step marked.

    Raises:
        PortkeyError: No checkpoint has a loss.
    """
    import matplotlib.pyplot as plt  # noqa: PLC0415 - an extra

    rows = rows_of(checkpoints)
    curves = {
        label: [(row["step_number"], row[name]) for row in rows if row.get(name) is not None and row["step_number"]]
        for name, label in CURVES
    }
    if not any(curves.values()):
        message = "there is no loss to draw: no checkpoint has one." if rows else "the job has no checkpoints yet."
        raise PortkeyError(message, operation="fine_tuning.jobs.checkpoints.list")
    if axes is None:
        _, axes = plt.subplots(layout="constrained")
    for label, points in curves.items():
        if points:
            axes.plot(*zip(*points, strict=True), marker="o", markersize=3, label=label)
    if best is not None and best.step_number is not None:
        axes.axvline(best.step_number, color="0.5", linestyle="--", linewidth=1, label=f"best: step {best.step_number}")
    axes.set_xlabel("step")
    axes.set_ylabel("loss")
    axes.legend(frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    return axes
