"""What was measured, as one table, and as a page that says where and how."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from benchmarks.measure import LeftOut, Row
from portkey_ft import __version__

__all__ = ["page", "short", "table"]

PEERS: Final = ("httpx", "attrs", "openai", "portkey-ai", "PyYAML")
HEAD: Final = "| what | ours | peer | peer's | ratio | spread | goal | |\n|---|---|---|---|---|---|---|---|"
READING: Final = """\
Contestants take turns, so that a busy machine is busy for all of them. **Ours** and **peer's** are medians. The
**ratio** is ours over the peer's, or the peer's over ours where the goal says "faster"; it means more than either time.
The **spread** is the middle half of the ratios, round by round (of the values, where there is no peer): if it reaches
over the goal, run the row again with more rounds. A row without a goal is there to be compared with.
"""


def short(row: Row | LeftOut) -> str:
    """Tell a row in a line."""
    if isinstance(row, LeftOut):
        return f"{row.what}: left out: {row.why}"
    beside = f" / {row.peer}: {row.ratio:.2f}" if row.ratio is not None else f": {_value(row.our_value, row.unit)}"
    return f"{row.what}{beside} ({row.goal or 'no goal'}{_verdict(row)})"


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
    missed = [_reason(row) for row in rows if row.met is False]
    left_out = [f"- **{line.what}**: {line.why}" for line in lines if isinstance(line, LeftOut)]
    facts = [
        ("machine", f"{_processor()}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}"),
        ("load", f"{load[0]:.2f} before, {os.getloadavg()[0]:.2f} after" if load else "not told by the system"),
        ("versions", _versions()),
        ("date", f"{datetime.now(UTC):%Y-%m-%d}"),
        ("command", f"`{command}`"),
    ]
    met = sum(row.met is True for row in rows)
    parts = [
        "# What the SDK costs",
        "Measured, not written by hand; [CONTRIBUTING.md](../CONTRIBUTING.md) says how to do it again.",
        "| | |\n|---|---|\n" + "\n".join(f"| {name} | {value} |" for name, value in facts),
        READING.rstrip(),
        f"{met} of {met + len(missed)} goals are met.",
        table(rows),
    ]
    if missed:
        parts += ["## What is missed, and why", "\n".join(missed)]
    if left_out:
        parts += ["## What was left out", "\n".join(left_out)]
    return "\n\n".join(parts) + "\n"


def _line(row: Row) -> str:
    theirs = "" if row.peer_value is None else _value(row.peer_value, row.unit)
    ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
    verdict = {True: "met", False: "**missed**", None: ""}[row.met]
    cells = (row.what, _value(row.our_value, row.unit), row.peer, theirs, ratio, row.spread, row.goal, verdict)
    return f"| {' | '.join(cells)} |"


def _value(value: float, unit: str) -> str:
    return f"{value:,.0f} {unit}" if abs(value) >= 100 else f"{value:.3g} {unit}"


def _reason(row: Row) -> str:
    beside = f" beside {row.peer}" if row.peer else ""
    return f"- **{row.what}**{beside}: {row.why or 'not yet looked into.'}"


def _verdict(row: Row) -> str:
    return {True: ": met", False: ": MISSED", None: ""}[row.met]


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
