"""What a run of the tests says at its end, and what it keeps from the programs that tests start."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import coverage

ROOT = Path(__file__).parents[2]
TESTS = """
import os
import pytest

def test_what_is_measured_ends_with_the_worker() -> None:
    assert "COVERAGE_PROCESS_CONFIG" not in os.environ

@pytest.mark.skip(reason="there is no such machine")
def test_that_cannot_run() -> None: ...

def test_that_is_not_wanted() -> None: ...
"""


def test_workers_keep_coverage_to_themselves_and_the_run_says_what_was_left_out(tmp_path: Path) -> None:
    (tmp_path / "test_any.py").write_text(TESTS, "utf-8")
    measured = coverage.Coverage(config_file=False, data_file=str(tmp_path / "data"))
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COVERAGE_"))}
    environment |= {
        "COVERAGE_PROCESS_CONFIG": measured.config.serialize(),
        "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "generated"))),
    }
    command = (sys.executable, "-m", "pytest", "-p", "conftest", "-n", "2", "-k", "not wanted", "test_any.py")
    ended = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - our own words

    assert ended.returncode == 0, ended.stdout + ended.stderr
    *_, left_out, last = ended.stdout.splitlines()
    assert left_out == "Left out: 1 x there is no such machine; 1 x not selected by 'not wanted'"
    assert "1 passed, 1 skipped" in last
