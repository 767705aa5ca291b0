"""The runner: measures, prints one table, and writes it down."""

from __future__ import annotations

import argparse
import json
import platform
import sys
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import attrs

from benchmarks.measure import Row
from benchmarks.rows import ROWS
from benchmarks.server import serving


def _versions() -> str:
    parts = [f"Python {platform.python_version()}"]
    for name in ("httpx", "attrs", "openai", "portkey-ai"):
        try:
            parts.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            parts.append(f"no {name}")
    return ", ".join(parts)


def _table(rows: list[Row]) -> str:
    lines = ["| what | peer | peer's | ours | ratio | spread | goal | |", "|---|---|---|---|---|---|---|---|"]
    lines += [
        f"| {row.what} | {row.peer} | {row.peer_value:.4g} {row.unit} | {row.our_value:.4g} {row.unit} "
        f"| {row.ratio:.2f} | {row.spread} | {row.goal} | {'met' if row.met else 'NOT met'} |"
        for row in rows
    ]
    return "\n".join(lines)


def main() -> int:
    """Run the benchmarks from the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"one or more of {', '.join(ROWS)}; all by default")
    parser.add_argument("--rounds", type=int, default=15, help="how often each contestant runs (%(default)s)")
    parser.add_argument("--json", type=Path, help="write the figures there")
    parser.add_argument("--markdown", type=Path, help="write the table there, with machine, versions and date")
    arguments = parser.parse_args()
    unknown = sorted(set(arguments.rows) - set(ROWS))
    if unknown:
        parser.error(f"there is no row {unknown[0]!r}; there are {', '.join(ROWS)}")

    rows: list[Row] = []
    with serving() as url:
        for name in arguments.rows or ROWS:
            for row in ROWS[name](url, arguments.rounds):
                rows.append(row)
                sys.stderr.write(f"{name}: {row.what} / {row.peer}: {row.ratio:.2f} ({row.goal})\n")
    table = _table(rows)
    print(table)
    if arguments.json:
        arguments.json.write_text(json.dumps([attrs.asdict(row) for row in rows], indent=2) + "\n", encoding="utf-8")
    if arguments.markdown:
        where = f"{platform.system()} {platform.machine()}, {datetime.now(UTC):%Y-%m-%d}, {_versions()}"
        arguments.markdown.write_text(f"# Benchmarks\n\n{where}\n\n{table}\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
