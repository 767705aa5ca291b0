"""How values look in a notebook: small tables in HTML, in light and in dark.

Nothing here asks the network for anything, and nothing here raises: what cannot be shown is told in a line. Texts come
from providers and from training files, so every one of them is escaped, and what is not printable is made visible.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol, cast, runtime_checkable

from portkey_ft._json import is_object
from portkey_ft._text import escape_unprintable

__all__ = ["fields_html", "rows_html", "shown"]

#: Rows of a table, at most; a notebook is no place for ten thousand.
MOST_ROWS = 50
LONGEST_TEXT = 200

# Colours are left to the notebook, so that a dark theme stays readable.
_CAPTION = "text-align:left;white-space:nowrap"
_CELL = "padding:2px 12px 2px 0;text-align:left;vertical-align:top;border:0"


def shown(value: object) -> str:
    """Write a value for a reader: times to the second, texts cut, nothing for None, commas between several."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S %Z")
    text = ", ".join(map(str, cast("tuple[object, ...]", value))) if isinstance(value, tuple) else str(value)
    return escape_unprintable(text) if len(text) <= LONGEST_TEXT else f"{escape_unprintable(text[:LONGEST_TEXT])}…"


def _table(head: str, body: Iterable[str]) -> str:
    return f'<table style="border-collapse:collapse">{head}{"".join(body)}</table>'


def _row(cells: Iterable[object], tag: str = "td") -> str:
    return "<tr>" + "".join(f'<{tag} style="{_CELL}">{html.escape(shown(cell))}</{tag}>' for cell in cells) + "</tr>"


def _safely(write: Callable[[], str], what: str) -> str:
    try:
        return write()
    except Exception as error:  # noqa: BLE001 - a notebook shows a traceback in place of the value otherwise
        return f"<em>{html.escape(what)}, which cannot be shown ({html.escape(type(error).__name__)})</em>"


@runtime_checkable
class _Fields(Protocol):
    def to_dict(self) -> dict[str, object]: ...


def _leaves(fields: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    """Give the fields, and those of a field with fields of its own on lines of their own: ``metrics.train_loss``."""
    for name, value in fields.items():
        # Of values of this package, a metric or a method, all that is known is that they can be written as fields.
        inner = value.to_dict() if isinstance(value, _Fields) else value
        if is_object(inner) and inner:
            yield from ((f"{name}.{key}", item) for key, item in _leaves(inner))
        else:
            yield name, value


def fields_html(title: str, fields: Mapping[str, object]) -> str:
    """Show one thing as a table of its fields."""

    def write() -> str:
        head = f'<caption style="{_CAPTION}"><b>{html.escape(title)}</b></caption>'
        return _table(head, (_row((name, value)) for name, value in _leaves(fields)))

    return _safely(write, title)


def rows_html(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]], note: str) -> str:
    """Show many things as a table with a line each."""

    def write() -> str:
        head = f'<caption style="{_CAPTION}"><b>{html.escape(title)}</b> {html.escape(note)}</caption>'
        left = len(rows) - MOST_ROWS
        more = [_row((f"… and {left} more",))] if left > 0 else []
        return _table(head + _row(columns, "th"), [*(_row(row) for row in rows[:MOST_ROWS]), *more])

    return _safely(write, title)
