"""One row of a table of mutations."""

from collections.abc import Iterable
from typing import NamedTuple

from tests.specsync.mutations.edits import BREAKING, SOURCE, Edit, Hurts, Mutation, codes


class Row(NamedTuple):
    """One change, with the verdicts of it and of its reverse, and an edit that prepares the document."""

    name: str
    change: Edit
    wanted: int | frozenset[int]
    undone: int | frozenset[int]
    rule: str | None
    source: str
    given: Edit | None = None


def mutations(rows: Iterable[Row]) -> tuple[Mutation, ...]:
    """Return the mutations of a table."""
    return tuple(map(_mutation, rows))


def _mutation(row: Row) -> Mutation:
    wanted = codes(row.wanted)
    breaks = Hurts.READER if (row.rule or "").startswith("response") else Hurts.SENDER
    hurts = Hurts.UNREADABLE if SOURCE in wanted else breaks if BREAKING in wanted else Hurts.NOBODY
    return Mutation(row.name, row.change, wanted, row.rule, codes(row.undone), hurts, row.source, row.given)
