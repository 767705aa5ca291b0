"""What is downloaded and what is installed."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.measure import Lines, Setting, limit_row
from scripts.release.build import build
from scripts.release.check_wheel import DEPENDENCIES, LARGEST_INSTALLED, weigh

GOAL = 200_000
WHY = "a quarter of it is the fake gateway for users' tests; another quarter is docstrings and comments."


def rows(setting: Setting) -> Lines:
    """Build the wheel and weigh it."""
    del setting
    with TemporaryDirectory() as folder:
        weight = weigh(build(Path(folder))[0])
    for what, size, most, why in (
        ("the wheel", weight.wheel, GOAL, WHY),
        ("installed, without compiled code", weight.installed, LARGEST_INSTALLED, ""),
    ):
        yield limit_row(what, [size / 1000], "kB", at_most=most / 1000, why=why)
    names = ", ".join(sorted(weight.dependencies))
    yield limit_row(f"dependencies: {names}", [len(weight.dependencies)], "packages", at_most=len(DEPENDENCIES))
