"""What commands print: results to standard output, as tables or JSON; everything else to standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from typing import IO, TYPE_CHECKING, Annotated, Any, Protocol, TypeVar, cast

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from portkey_ft._text import escape_unprintable

if TYPE_CHECKING:
    from portkey_ft.pagination import SyncList
    from portkey_ft.types import FineTuningEvent

__all__ = [
    "After",
    "All",
    "Json",
    "Limit",
    "note",
    "print_error",
    "print_event",
    "print_json",
    "print_list",
    "print_value",
    "print_warning",
    "stderr",
]

#: A table that is not shown in a terminal is as wide as it needs to be, so that nothing in it is cut.
UNLIMITED_WIDTH = 100_000
DEFAULT_LIMIT = 20
#: Characters of an ID that stay on one line; those of some clouds are longer than a terminal is wide.
LONGEST_ID = 36

STYLES = {
    "succeeded": "green",
    "processed": "green",
    "failed": "red",
    "error": "red",
    "cancelled": "yellow",
    "running": "cyan",
    "warn": "yellow",
}

Json = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
Limit = Annotated[int, typer.Option("--limit", help="How many to list.", min=1, metavar="N")]
All = Annotated[bool, typer.Option("--all", help="List all of them, whatever the limit.")]
After = Annotated[
    str | None, typer.Option("--after", help="Where to begin: the cursor of an earlier list, or an id.", metavar="ID")
]


class Value(Protocol):
    """A value of :mod:`portkey_ft.types`."""

    @property
    def id(self) -> str:
        """The ID."""
        ...

    def to_dict(self) -> dict[str, Any]:
        """Give the fields as JSON data."""
        ...


T = TypeVar("T", bound=Value)


def _console(file: IO[str]) -> Console:
    width = None if file.isatty() else UNLIMITED_WIDTH
    return Console(file=file, width=width, highlight=False, markup=False, emoji=False, soft_wrap=False)


def stderr() -> Console:
    """Return the console for everything that is not a result."""
    return _console(sys.stderr)


def note(text: str) -> None:
    """Tell people something that is not a result."""
    stderr().print(text)


def print_error(text: str) -> None:
    """Say what went wrong."""
    stderr().print(Text.assemble(("Error: ", "bold red"), text))


def print_warning(text: str) -> None:
    """Say what may be wrong."""
    stderr().print(Text.assemble(("Warning: ", "bold yellow"), text))


def print_json(value: object) -> None:
    """Print one value, or an item of a list, as a line of JSON. It is ASCII, so a terminal obeys nothing in it."""
    sys.stdout.write(f"{json.dumps(value)}\n")
    # Each event of a job that is followed is read as it happens.
    sys.stdout.flush()


def _cell(value: object) -> Text:
    """Write a value for a reader: times to the second, losses to four places, nothing for None."""
    if value is None:
        return Text()
    if isinstance(value, datetime):
        return Text(value.strftime("%Y-%m-%d %H:%M:%S"))
    if isinstance(value, int | float):
        return Text(f"{value:.4f}" if isinstance(value, float) else str(value), justify="right")
    text = str(value)
    return Text(escape_unprintable(text), style=STYLES.get(text, ""))


def print_value(value: Value, *, as_json: bool) -> None:
    """Print one thing: as JSON, or a line for each field, with the fields that this package does not know last."""
    fields = value.to_dict()
    if as_json:
        print_json(fields)
        return
    unknown: Mapping[str, object] = getattr(value, "extra", {})
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(overflow="fold")
    table.add_column(overflow="fold")
    for name, leaf in _branches(dict(sorted(fields.items(), key=lambda field: field[0] in unknown))):
        table.add_row(
            Text(escape_unprintable(name), style="bold"), Text(escape_unprintable(leaf), style=STYLES.get(leaf, ""))
        )
    _print_table(table)


def _branches(fields: Mapping[str, object], indent: str = "") -> Iterator[tuple[str, str]]:
    """Give every field that says something, its name indented below that of the field that holds it."""
    for name, value in fields.items():
        if isinstance(value, Mapping):
            inner = list(_branches(cast("Mapping[str, object]", value), f"{indent}  "))
            if inner:
                yield f"{indent}{name}", ""
                yield from inner
        elif value not in (None, [], ()):
            yield f"{indent}{name}", value if isinstance(value, str) else json.dumps(value)


def print_event(event: FineTuningEvent) -> None:
    """Print what happened to a job as it happens, on a line."""
    level = "" if event.level in {None, "info"} else f"{event.level}: "
    line = Text.assemble(_cell(event.created_at), "  ", _cell(level + (event.message or "")))
    _console(sys.stdout).print(line, soft_wrap=True)
    sys.stdout.flush()


def print_list(
    items: SyncList[T],
    what: str,
    columns: Mapping[str, str],
    *,
    limit: int | None,
    as_json: bool,
) -> None:
    """Print a list as a table, or as lines of JSON while it is read.

    Args:
        items: The list.
        what: What it is a list of, in the plural.
        columns: The names of the fields to show, with their titles.
        limit: How many were asked for; None for all.
        as_json: Whether to print JSON.
    """
    count = 0
    if as_json:
        for count, item in enumerate(items, 1):  # noqa: B007 - the number that there were
            print_json(item.to_dict())
    else:
        rows = items.to_list()
        count = len(rows)
        if rows:
            _print_rows(columns.values(), [[attrgetter(name)(row) for name in columns] for row in rows])
        else:
            note(f"There are no {what}.")
    if count == limit and items.cursor is not None:
        after = escape_unprintable(items.cursor)
        note(f"These are the first {count}. The next ones: --after {after}; all of them: --all.")


def _print_rows(titles: Iterable[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a table. Where a terminal is too narrow for it, cells are folded and never cut."""
    cells = [[_cell(value) for value in row] for row in rows]
    table = Table(box=None, pad_edge=False, header_style="bold")
    for number, title in enumerate(titles):
        # What a row is about is copied from the table, so the others are folded first.
        width = min(max(len(row[0]) for row in cells), LONGEST_ID) if number == 0 else None
        table.add_column(title, overflow="fold", min_width=width)
    for row in cells:
        table.add_row(*row)
    _print_table(table)


def _print_table(table: Table) -> None:
    console = _console(sys.stdout)
    with console.capture() as captured:
        console.print(table)
    for line in captured.get().splitlines():
        sys.stdout.write(f"{line.rstrip()}\n")
    sys.stdout.flush()
