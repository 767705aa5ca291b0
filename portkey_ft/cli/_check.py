"""``portkey-ft check``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import attrs
import typer

from portkey_ft import datasets
from portkey_ft.cli._output import Json, print_json
from portkey_ft.datasets import DatasetFormat

__all__ = ["check"]


def check(
    file: Annotated[
        Path,
        typer.Argument(
            help="The training file, in JSON Lines.", metavar="FILE", exists=True, dir_okay=False, show_default=False
        ),
    ],
    *,
    provider: Annotated[
        str | None,
        typer.Option(
            help="Where it is going to be trained: openai, azure-openai, bedrock, vertex-ai or fireworks-ai.",
            metavar="NAME",
            show_default=False,
        ),
    ] = None,
    format: Annotated[  # noqa: A002 - the name of the option
        DatasetFormat | None,
        typer.Option(
            help="The form that the examples must have: chat, completion, preference or contents; "
            "that of the first one by default.",
            metavar="FORM",
            show_default=False,
        ),
    ] = None,
    max_problems: Annotated[int, typer.Option(help="How many problems to list.", min=0, metavar="N")] = 100,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 1 for warnings too.")] = False,
    json: Json = False,
) -> None:
    """Check a training file before it is uploaded. Nothing is sent.

    The exit code is 1 if the file should not be uploaded.
    """
    report = datasets.check(file, provider=provider, format=format, max_problems=max_problems)
    if json:
        print_json({**attrs.asdict(report), "can_upload": report.can_upload})
    else:
        sys.stdout.write(f"{report}\n")
    if not (report.ok if strict else report.can_upload):
        raise typer.Exit(1)
