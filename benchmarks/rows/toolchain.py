"""The spec-sync on upstream's real documents: what a maintainer waits for."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

from attrs import frozen

from benchmarks.measure import LeftOut, Lines, Setting, compare, limit_row, ratio_row

ROOT: Final = Path(__file__).resolve().parents[2]
UPSTREAM: Final = Path(os.environ.get("PORTKEY_UPSTREAM") or ROOT.parent / "shared" / "upstream") / "openapi"
#: What is committed was taken from the newest; from the older one a client has to be generated.
NEWEST: Final = UPSTREAM / "2026-06-11-a2191f4.yaml"
OLDER: Final = UPSTREAM / "2025-02-25-381b2f1.yaml"
SELECT_TO_LINT: Final = ("select", "normalise", "difference", "overlay", "lint")
ROUNDS: Final = 3
WHY: Final = (
    "the goal is a time and no ratio. It was set where yaml.CSafeLoader reads upstream's document in 0.58 s; the row "
    "of that says how long it takes here."
)


@frozen
class Call:
    """A call of the spec-sync: the seconds from start to end of the process, and those of its stages."""

    seconds: float
    stages: dict[str, float]


def specsync(*arguments: str) -> Call:
    """Call the spec-sync."""
    command = [sys.executable, "-m", "scripts.specsync", *arguments, "--format", "json"]
    begin = time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, check=False, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own words
    seconds = time.perf_counter() - begin
    report = json.loads(done.stdout)
    # Verdicts, and no failures of the tools.
    assert report["exit_code"] in {0, 10, 20, 30}, report["failures"]
    return Call(seconds, report["stages"])


def rows(setting: Setting) -> Lines:
    """Call each verb, after once to fill the type checker's cache."""
    del setting
    if missing := [path.name for path in (NEWEST, OLDER) if not path.is_file()]:
        why = f"there is no {missing[0]} beside the checkout; PORTKEY_UPSTREAM names the folder of openapi/."
        yield LeftOut("the spec-sync", why)
        return
    yield from _parsing()
    yield from _generating()
    for what, goal, arguments in (
        ("sync --check, nothing changed", 1, ("sync", "--check", "--source", str(NEWEST))),
        ("diff of two whole documents", 1.5, ("diff", "--all", str(OLDER), str(NEWEST))),
        ("verify", 0.5, ("verify",)),
        ("sync --check --all", 20, ("sync", "--check", "--all", "--source", str(NEWEST))),
    ):
        seconds = [specsync(*arguments).seconds for _ in range(ROUNDS)]
        yield limit_row(what, seconds, "s", at_most=goal, why=WHY)


def _parsing() -> Lines:
    import yaml

    from scripts.specsync.document.yaml_reader import parse_object

    content = NEWEST.read_bytes()
    theirs, ours = compare([lambda: yaml.load(content, Loader=yaml.CSafeLoader), lambda: parse_object(content)], 5)
    yield ratio_row("parsing upstream's document", "yaml.CSafeLoader", theirs, ours, at_most=1)
    yield limit_row("parsing upstream's document", ours, "s", at_most=0.3, why=WHY)


def _generating() -> Lines:
    arguments = ("sync", "--check", "--source", str(OLDER))
    specsync(*arguments)
    calls = [specsync(*arguments) for _ in range(ROUNDS)]
    what = "sync --check of another version: generated, audited, proved"
    yield limit_row(what, [call.seconds for call in calls], "s", at_most=5, why=WHY)
    early = [sum(call.stages[name] for name in SELECT_TO_LINT) for call in calls]
    yield limit_row("of that, from select to lint", early, "s", at_most=0.8, why=WHY)
