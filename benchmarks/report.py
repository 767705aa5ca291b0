"""What was measured, as one table, and as a page that says where and how."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from benchmarks.measure import LeftOut, Row, Verdict, number
from portkey_ft import __version__

__all__ = ["page", "short", "table"]

PEERS: Final = ("httpx", "attrs", "msgspec", "openai", "portkey-ai", "PyYAML")
HEAD: Final = "| what | ours | peer | peer's | ratio | spread | goal | |\n|---|---|---|---|---|---|---|---|"
READING: Final = """\
Contestants take turns, so that a busy machine is busy for all of them. **Ours** and **peer's** are medians. The
**ratio** is the median of ours over the peer's, round by round, or of the peer's over ours where the goal says
"faster"; it means more than either time. The **spread** is the middle half of the same ratios (of the values, where
there is no peer). A goal is met or missed if the whole spread says so. It is **open** if the spread lies on both sides
of it: run the row again with more rounds. A row without a goal is there to be compared with.
"""


def short(row: Row | LeftOut) -> str:
    """Tell a row in a line."""
    if isinstance(row, LeftOut):
        return f"{row.what}: left out: {row.why}"
    beside = f" / {row.peer}: {number(row.ratio)}" if row.ratio is not None else f": {_value(row.our_value, row.unit)}"
    verdict = f": {row.verdict if row.verdict is Verdict.MET else row.verdict.upper()}" if row.verdict else ""
    return f"{row.what}{beside} ({row.goal or 'no goal'}{verdict})"


def table(rows: Sequence[Row]) -> str:
    """Lay the rows out as a Markdown table."""
    return "\n".join([HEAD, *(_line(row) for row in rows)])


def page(lines: Sequence[Row | LeftOut], command: str, load: Sequence[float]) -> str:
    """Write the page: machine, versions, table, and why what is missed is missed.

    Args:
        lines: What was measured, and what was not.
        command: What was called.
        load: The machine's load before the first row, if the system tells.
    """
    rows = [line for line in lines if isinstance(line, Row)]
    missed = [_reason(row) for row in rows if row.verdict is Verdict.MISSED]
    undecided = [_reason(row) for row in rows if row.verdict is Verdict.OPEN]
    left_out = [f"- **{line.what}**: {line.why}" for line in lines if isinstance(line, LeftOut)]
    facts = [
        ("machine", f"{_processor()}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}"),
        ("load", f"{load[0]:.2f} before, {os.getloadavg()[0]:.2f} after" if load else "not told by the system"),
        ("versions", _versions()),
        ("date", f"{datetime.now(UTC):%Y-%m-%d}"),
        ("command", f"`{command}`"),
    ]
    goals = sum(row.verdict is not Verdict.NONE for row in rows)
    still_open = f"; {len(undecided)} are open" if undecided else ""
    parts = [
        "# What the SDK costs",
        "Measured, not written by hand; [CONTRIBUTING.md](../CONTRIBUTING.md) says how to do it again.",
        "| | |\n|---|---|\n" + "\n".join(f"| {name} | {value} |" for name, value in facts),
        READING.rstrip(),
        f"{goals - len(missed) - len(undecided)} of {goals} goals are met{still_open}.",
        table(rows),
    ]
    if missed:
        parts += ["## What is missed, and why", "\n".join(missed)]
    if undecided:
        parts += ["## What is open, and what weighs", "\n".join(undecided)]
    if left_out:
        parts += ["## What was left out", "\n".join(left_out)]
    return "\n\n".join(parts) + "\n"


def _line(row: Row) -> str:
    theirs = "" if row.peer_value is None else _value(row.peer_value, row.unit)
    ratio = "" if row.ratio is None else number(row.ratio)
    verdict = f"**{row.verdict}**" if row.verdict in {Verdict.MISSED, Verdict.OPEN} else str(row.verdict)
    cells = (row.what, _value(row.our_value, row.unit), row.peer, theirs, ratio, row.spread, row.goal, verdict)
    return f"| {' | '.join(cells)} |"


def _value(value: float, unit: str) -> str:
    return f"{number(value)} {unit}"


def _reason(row: Row) -> str:
    beside = f" beside {row.peer}" if row.peer else ""
    return f"- **{row.what}**{beside}: {row.why or 'not yet looked into.'}"


def _processor() -> str:
    try:
        described = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor() or "unknown processor"
    names = [line.partition(":")[2].strip() for line in described.splitlines() if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _versions() -> str:
    parts = [f"Python {platform.python_version()}", f"portkey-ft {__version__}"]
    for name in PEERS:
        try:
            parts.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            parts.append(f"no {name}")
    return ", ".join(parts)
