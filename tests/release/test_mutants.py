"""What is done about mutants that no test noticed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
from attrs import evolve

from scripts.mutants import ENDLESS, Area, Equivalent, Outcome, Survivor, drawn, judge, read_plan

ROOT = Path(__file__).parents[2]
AREA = Area("a", ("pkg/one.py",), ("tests/one",))


@pytest.mark.parametrize(
    ("survivors", "written", "missed", "stale"),
    [
        ([], [], 0, 0),
        ([Survivor("pkg.one.f", "x -> y")], [], 1, 0),
        ([Survivor("pkg.one.f", "x -> y")], [Equivalent("pkg.one.f", "x -> y", "why")], 0, 0),
        ([Survivor("pkg.one.f", "x -> y")], [Equivalent("pkg.one.g", "x -> y", "why")], 1, 1),
        ([], [Equivalent("pkg.one.f", "x -> y", "why")], 0, 1),
        ([], [Equivalent("pkg.two.f", "x -> y", "another area")], 0, 0),
    ],
)
def test_a_survivor_has_a_written_reason_and_a_reason_has_a_survivor(
    survivors: list[Survivor], written: list[Equivalent], missed: int, stale: int
) -> None:
    found = judge(Outcome(AREA, 9, tuple(survivors)), written)
    assert tuple(map(len, found)) == (missed, stale)


def test_a_sample_says_nothing_of_the_reasons_whose_mutants_were_not_drawn() -> None:
    written = [Equivalent("pkg.one.f", "x -> y", "why")]
    assert judge(Outcome(AREA, 9, (), whole=False), written) == ([], [])


ENDLESS_TEST = """
def test_that_never_ends():
    while True:
        pass
"""
# The plugin with a limit that only such a test reaches.
WITH_PLUGIN = """
import sys
import pytest
from tests.support import processor_time
processor_time.LIMIT = 0.2
pytest.main(["-p", "no:cacheprovider", "--rootdir", sys.argv[1], sys.argv[1]], plugins=[processor_time])
"""


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this system does not end a process by its processor time")
def test_what_never_ends_is_ended_by_the_processor_time_that_it_used(tmp_path: Path) -> None:
    (tmp_path / "test_endless.py").write_text(ENDLESS_TEST, encoding="utf-8")
    command = [sys.executable, "-c", WITH_PLUGIN, str(tmp_path)]
    ended = subprocess.run(  # noqa: S603 - our own words
        command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False, capture_output=True, timeout=300
    )
    assert ended.returncode == -signal.SIGPROF, ended.stdout
    assert ended.returncode in ENDLESS


FOLDER_TEST = """
def test_where(tmp_path, pytestconfig):
    (pytestconfig.rootpath / "where").write_text(str(tmp_path))
"""


def test_each_run_has_temporary_folders_of_its_own_and_leaves_none(tmp_path: Path) -> None:
    (tmp_path / "test_folder.py").write_text(FOLDER_TEST, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path), "TEMP": str(tmp_path)}
    command = [sys.executable, "-c", WITH_PLUGIN.replace("= 0.2", "= 20"), str(tmp_path)]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, timeout=300)  # noqa: S603 - our own words
    where = Path((tmp_path / "where").read_text("utf-8"))
    assert where.parts[-3].startswith("pytest-of-")
    assert where.is_relative_to(tmp_path)
    assert not where.parents[2].exists()


def test_each_mutant_of_a_settled_area_has_its_day_and_no_other() -> None:
    """A sample from an area that was never tried as a whole would fail by what was drawn."""
    areas = [evolve(AREA, name=name, settled=settled) for name, settled in {"a": True, "b": False, "c": True}.items()]
    days = [drawn(day, areas) for day in range(100, 110)]
    assert {area.name for area, _ in days} == {"a", "c"}
    for area in (areas[0], areas[2]):
        patterns = [only for one, only in days if one is area]
        for number in range(1, 40):
            assert sum(fnmatchcase(f"pkg.x_f__mutmut_{number}", only) for only in patterns) == 1


def test_every_module_and_test_of_the_plan_is_there_and_every_reason_belongs_to_a_module() -> None:
    areas, equivalents = read_plan()
    assert any(area.settled for area in areas)
    assert len({area.name for area in areas}) == len(areas) > 3
    modules = [path for area in areas for path in area.modules]
    assert len(set(modules)) == len(modules)
    assert [path for area in areas for path in (*area.modules, *area.tests) if not (ROOT / path).exists()] == []
    names = tuple(path.removesuffix(".py").replace("/", ".") + "." for path in modules)
    assert [one.function for one in equivalents if not one.function.startswith(names) or not one.why] == []
