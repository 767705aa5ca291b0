"""What people see who ask a command for help, in a terminal of eighty columns."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
VERBS = ("sync", "diff", "generate", "verify", "agree", "explain")
COMMANDS = [
    "portkey_ft.testing",
    "scripts.specsync",
    *(f"scripts.specsync {verb}" for verb in VERBS),
    "scripts.release",
    "scripts.release.changelog",
]
# An option or an argument, with its help beside it or below.
NAMED = re.compile(r"  (?=-|[A-Z]{2,}\b)")
EXPLAINED = re.compile(r"  \S.*(\S  +\S|\n {6,}\S)")


@pytest.mark.parametrize("command", COMMANDS)
def test_help_fits_a_terminal_and_explains_each_option(command: str) -> None:
    if command.startswith("scripts"):
        pytest.importorskip("griffe", reason="the tools have dependency groups of their own")
    ended = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-m", *command.split(), "--help"],
        cwd=ROOT,
        env=os.environ
        | {"COLUMNS": "80", "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "generated"))), "NO_COLOR": "1"},
        check=True,
        capture_output=True,
        text=True,
    )
    lines = ended.stdout.splitlines()
    assert lines[0].startswith(f"usage: python -m {command} ")
    assert max(map(len, lines)) <= 80
    for number, line in enumerate(lines):
        if NAMED.match(line) and line != "  VERB":
            assert EXPLAINED.match("\n".join(lines[number : number + 2])), line
