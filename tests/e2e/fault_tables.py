"""Reads and writes fault_matrix.md: a section for each place where a fault can happen, with a table of outcomes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from attrs import frozen

from portkey_ft.errors import APIConnectionError

PAGE = Path(__file__).parent / "fault_matrix.md"
HEAD = "# What comes of a fault\n"

Compare = Callable[[str, str, str], None]
"""Takes a fault, the operation, and the outcome."""


def in_words(outcome: object, sleeps: int) -> str:
    """Return the outcome of a call in words."""
    if isinstance(outcome, APIConnectionError):
        name = type(outcome).__name__
        return f"{name}, {'outcome unknown' if outcome.outcome_unknown else 'not sent'}"
    if isinstance(outcome, Exception):
        return type(outcome).__name__
    return f"result after {sleeps + 1}" if sleeps else "result"


@frozen
class FaultTable:
    """A section of the page.

    Attributes:
        title: Its heading.
        text: What is said before the table.
        faults: The names of the rows.
        columns: What a fault happens to.
    """

    title: str
    text: str
    faults: Sequence[str]
    columns: Sequence[str]

    def read(self) -> Mapping[tuple[str, str], str]:
        """Read the outcomes on the page, by fault and column."""
        section = _sections().get(self.title, "")
        lines = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("|")]
        if not lines:
            return {}
        (_, *names), _, *rows = lines
        return {(row[0], name): cell for row in rows for name, cell in zip(names, row[1:], strict=True)}

    def write(self, found: Mapping[tuple[str, str], str]) -> None:
        """Rewrite the section and keep the others."""
        head = ["fault", *self.columns]
        rows = [[fault, *(found[fault, column] for column in self.columns)] for fault in self.faults]
        lines = ["| " + " | ".join(row) + " |\n" for row in (head, ["---"] * len(head), *rows)]
        sections = _sections() | {self.title: f"\n{self.text}\n{''.join(lines)}"}
        page = "".join(f"\n## {title}\n{section}" for title, section in sections.items())
        PAGE.write_text(f"{HEAD}{page}", encoding="utf-8")

    @contextmanager
    def compared(self, *, rewriting: bool) -> Iterator[Compare]:
        """Compare what comes of each fault with what is written down; or write it down at the end, if it is whole."""
        found: dict[tuple[str, str], str] = {}
        written = self.read()

        def compare(fault: str, column: str, said: str) -> None:
            found[fault, column] = said
            assert rewriting or said == written.get((fault, column))

        yield compare
        if rewriting and len(found) == len(self.faults) * len(self.columns):
            self.write(found)


def _sections() -> dict[str, str]:
    if not PAGE.exists():
        return {}
    parts = (part.partition("\n") for part in f"\n{PAGE.read_text(encoding='utf-8')}".split("\n## ")[1:])
    return {title: f"{text.rstrip()}\n" for title, _, text in parts}
