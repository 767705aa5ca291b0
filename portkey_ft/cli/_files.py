"""``portkey-ft upload`` and ``portkey-ft files``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

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
    stderr,
)
from portkey_ft.cli._waiting import in_doubt
from portkey_ft.client import Portkey

__all__ = ["app", "upload"]

FINE_TUNE = "fine-tune"

app = typer.Typer(no_args_is_help=True, help="List, show, download and delete files.")

FileId = Annotated[str, typer.Argument(help="The file's id.", metavar="FILE_ID", show_default=False)]


@contextmanager
def _transfer_bar(name: str) -> Generator[Callable[[int, int | None], None]]:
    """Show a bar while bytes are sent, if there is a terminal to show it on."""
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    console = stderr()
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(name, total=None)
        yield lambda sent, total: progress.update(task, completed=sent, total=total)


@with_client
def upload(
    client: Portkey,
    file: Annotated[
        Path,
        typer.Argument(help="The file to upload.", metavar="FILE", exists=True, dir_okay=False, show_default=False),
    ],
    *,
    purpose: Annotated[str, typer.Option(help="What the file is for.", metavar="NAME")] = FINE_TUNE,
    filename: Annotated[
        str | None,
        typer.Option(help="Its name for the provider, in place of its own.", metavar="NAME", show_default=False),
    ] = None,
    check: Annotated[
        bool | None,
        typer.Option(
            "--check/--no-check",
            help="Check it as a training file first; the default for fine-tune.",
            show_default=False,
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Upload a file, after checking it if it is a training file."""
    with in_doubt("the file may have been uploaded", "files list"), _transfer_bar(file.name) as on_progress:
        uploaded = client.files.create(
            file=file,
            purpose=purpose,
            filename=filename,
            check=purpose == FINE_TUNE if check is None else check,
            on_progress=on_progress,
        )
    print_value(uploaded, as_json=json)


@app.command("list")
@with_client
def list_files(
    client: Portkey,
    *,
    purpose: Annotated[
        str | None, typer.Option(help="Only files for this purpose.", metavar="NAME", show_default=False)
    ] = None,
    limit: Limit = DEFAULT_LIMIT,
    all: All = False,  # noqa: A002 - the name of the option
    after: After = None,
    json: Json = False,
) -> None:
    """List files."""
    most = None if all else limit
    files = client.files.list(purpose=purpose, limit=most, after=after)
    columns = {
        "id": "ID",
        "filename": "NAME",
        "bytes": "BYTES",
        "purpose": "PURPOSE",
        "status": "STATUS",
        "created_at": "CREATED (UTC)",
    }
    print_list(files, "files", columns, limit=most, as_json=json)


@app.command("get")
@with_client
def get_file(client: Portkey, file_id: FileId, *, json: Json = False) -> None:
    """Show a file's fields."""
    print_value(client.files.retrieve(file_id), as_json=json)


@app.command("content")
@with_client
def file_content(
    client: Portkey,
    file_id: FileId,
    *,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Write it to this file, in place of standard output.", show_default=False),
    ] = None,
) -> None:
    """Download a file's content to standard output, or to a file that appears once it is complete."""
    download = client.files.content(file_id)
    if output is not None:
        size = download.write_to(output)
        note(f"Wrote {size:,} bytes to {output}.")
        return
    with download:
        for chunk in download.iter_bytes():
            sys.stdout.buffer.write(chunk)
    sys.stdout.buffer.flush()


@app.command("delete")
@with_client
def delete_file(client: Portkey, file_id: FileId, *, json: Json = False) -> None:
    """Delete a file."""
    print_value(client.files.delete(file_id), as_json=json)
