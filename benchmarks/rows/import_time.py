"""Importing the package: the time, and the number of modules."""

from __future__ import annotations

from functools import partial

from benchmarks.measure import Lines, Setting, number_from, ratio_row, take_turns

TIMED = "import time; begin = time.perf_counter(); import {}; print(time.perf_counter() - begin)"
WHY = "a fifth of what is ours goes into making sixteen attrs classes, the rest into reading twenty modules."
COUNTED = "import sys; import {}; print(len(sys.modules))"


def _importing(names: str, code: str = TIMED) -> partial[float]:
    return partial(number_from, code.format(names))


def rows(setting: Setting) -> Lines:
    """Import the package in new processes, beside its dependencies alone and beside the official SDK."""
    floor, ours = take_turns([_importing("httpx, attrs"), _importing("portkey_ft")], setting.rounds, 1)
    yield ratio_row("import portkey_ft", "import httpx, attrs", floor, ours, at_most=1.15, why=WHY)
    official, ours = take_turns([_importing("portkey_ai"), _importing("portkey_ft")], setting.few, 1)
    yield ratio_row(
        "import portkey_ft",
        "import portkey_ai",
        official,
        ours,
        faster=12,
        why="the import of httpx and attrs alone takes most of what a twelfth of the peer's import is.",
    )
    counts = [[_importing(names, COUNTED)()] for names in ("httpx, attrs", "portkey_ft")]
    yield ratio_row("modules imported", "import httpx, attrs", *counts, at_most=1.25, unit="modules", scale=1)
