"""What is done about mutants that no test noticed."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.mutants import Area, Equivalent, Outcome, Survivor, judge, read_plan

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


def test_every_module_and_test_of_the_plan_is_there_and_every_reason_belongs_to_a_module() -> None:
    areas, equivalents = read_plan()
    assert len({area.name for area in areas}) == len(areas) > 3
    modules = [path for area in areas for path in area.modules]
    assert len(set(modules)) == len(modules)
    assert [path for area in areas for path in (*area.modules, *area.tests) if not (ROOT / path).exists()] == []
    names = tuple(path.removesuffix(".py").replace("/", ".") + "." for path in modules)
    assert [one.function for one in equivalents if not one.function.startswith(names) or not one.why] == []
