"""``portkey-ft checkpoints``."""

# The hints of matplotlib leave the types of keyword arguments open.
# pyright: reportUnknownMemberType=false

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from portkey_ft.cli._connection import with_client
from portkey_ft.cli._output import (
    DEFAULT_LIMIT,
    After,
    All,
    Json,
    Limit,
    note,
    print_list,
    print_value,
)
from portkey_ft.client import Portkey

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["checkpoints"]

DEFAULT_METRIC = "full_valid_loss"


@with_client
def checkpoints(
    client: Portkey,
    job_id: Annotated[str, typer.Argument(help="The job's id.", metavar="JOB_ID", show_default=False)],
    *,
    best: Annotated[
        str | None,
        typer.Option(
            help="Show only the best checkpoint by this metric, such as full_valid_loss: "
            "the smallest loss, or the largest accuracy.",
            metavar="METRIC",
            show_default=False,
        ),
    ] = None,
    plot: Annotated[
        Path | None,
        typer.Option(
            help="Draw the losses into this file, such as losses.png or losses.svg (needs the extra plot).",
            metavar="FILE",
            dir_okay=False,
            show_default=False,
        ),
    ] = None,
    limit: Limit = DEFAULT_LIMIT,
    all: All = False,  # noqa: A002 - the name of the option
    after: After = None,
    json: Json = False,
) -> None:
    """List the checkpoints of a job, newest first, or show the best one."""
    listing = client.fine_tuning.jobs.checkpoints.list
    if plot is not None:
        # A picture in a file needs no window.
        os.environ.setdefault("MPLBACKEND", "agg")
        figure = cast("Figure", listing(job_id).plot(best or DEFAULT_METRIC).figure)
        figure.savefig(plot)
        note(f"Drew the losses into {plot}.")
    if best is not None:
        print_value(listing(job_id).best(best), as_json=json)
        return
    most = None if all else limit
    columns = {
        "step_number": "STEP",
        "metrics.train_loss": "TRAIN LOSS",
        "metrics.full_valid_loss": "FULL VALID LOSS",
        "fine_tuned_model_checkpoint": "CHECKPOINT",
    }
    print_list(listing(job_id, limit=most, after=after), "checkpoints", columns, limit=most, as_json=json)
