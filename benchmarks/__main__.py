"""The command line: measures and prints one table, or counts and compares with limits."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import attrs

from benchmarks.counts import LIMITS, check
from benchmarks.decoders import reading_by
from benchmarks.layers import layers_page
from benchmarks.measure import LeftOut, Row, Setting
from benchmarks.report import page, short, table
from benchmarks.rows import ROWS
from benchmarks.server import serving


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="which ones; all by default")
    parser.add_argument("--rounds", type=int, default=15, help="how often each contestant runs (%(default)s)")
    parser.add_argument("--json", type=Path, help="write the figures there")
    parser.add_argument("--markdown", type=Path, help="write the page there: table, machine, versions, date")
    parser.add_argument("--layers", type=Path, help="count instructions by layer, write that page there, and no more")
    parser.add_argument("--counts", action="store_true", help="count what no clock matters for; 1 if a limit is passed")
    parser.add_argument("--wheel", type=Path, help="with --counts: weigh this wheel in place of one that is built")
    arguments = parser.parse_args()
    known = LIMITS if arguments.counts else ROWS
    if unknown := sorted(set(arguments.names) - set(known)):
        parser.error(f"there is no {unknown[0]!r}; there are {', '.join(known)}")
    return arguments


def _measure(names: Sequence[str], rounds: int) -> list[Row | LeftOut]:
    lines: list[Row | LeftOut] = []
    with serving() as url:
        for name in names:
            for line in ROWS[name](Setting(url, rounds)):
                lines.append(line)
                sys.stderr.write(f"{name}: {short(line)}\n")
    return lines


def main() -> int:
    """Run the benchmarks from the command line."""
    with reading_by(None):
        return _run(_arguments())


def _run(arguments: argparse.Namespace) -> int:
    if arguments.layers:
        arguments.layers.write_text(layers_page(), encoding="utf-8")
        return 0
    if arguments.counts:
        return check(arguments.names or list(LIMITS), arguments.wheel)
    load = os.getloadavg() if hasattr(os, "getloadavg") else ()
    lines = _measure(arguments.names or list(ROWS), arguments.rounds)
    print(table([line for line in lines if isinstance(line, Row)]))
    if arguments.json:
        figures = [attrs.asdict(line) for line in lines]
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    if arguments.markdown:
        command = " ".join(["python -m benchmarks", *sys.argv[1:]])
        arguments.markdown.write_text(page(lines, command, load), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
