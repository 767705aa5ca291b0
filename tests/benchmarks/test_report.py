"""The table says no more than was measured: ratio, spread and verdict come from the same pairs."""

import json

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.measure import LeftOut, Row, Verdict, limit_row, number, ratio_row
from benchmarks.report import page, short, table

TIMES = st.floats(0.0001, 10_000)
PAIRS = st.lists(st.tuples(TIMES, TIMES), min_size=2, max_size=40)


def cells(row: Row) -> list[str]:
    return [cell.strip() for cell in table([row]).splitlines()[-1].strip("|").split("|")]


def told(text: str) -> float:
    return float(text.replace(",", ""))


def drifting(*, at_most: float) -> Row:
    """Measure on a machine that becomes slower; the middle half of the ratios is 1.1 to 1.3."""
    theirs = [1.0, 2.0, 2.0, 5.0, 5.0]
    ours = [1.3, 2.1, 2.6, 5.5, 6.5]
    return ratio_row("a call", "raw", theirs, ours, at_most=at_most, why="it is.")


@given(pairs=PAIRS, faster=st.none() | st.floats(0.01, 100))
def test_a_ratio_lies_within_its_spread_as_it_is_shown(pairs: list[tuple[float, float]], faster: float | None) -> None:
    row = ratio_row("a", "b", [a for a, _ in pairs], [b for _, b in pairs], faster=faster, unit="ms")
    *_, ratio, spread, _, _ = cells(row)
    low, high = map(told, spread.split(" to "))
    assert low <= told(ratio) <= high


@given(values=st.lists(TIMES, min_size=2, max_size=40))
def test_a_value_lies_within_its_spread_as_it_is_shown(values: list[float]) -> None:
    _, ours, *_, spread, _, _ = cells(limit_row("a", values, "s", at_most=1))
    low, high = map(told, spread.split(" to "))
    assert low <= told(ours.removesuffix(" s")) <= high


@given(pairs=PAIRS, goal=st.floats(0.01, 100), faster=st.booleans())
def test_a_goal_is_met_or_missed_if_the_whole_spread_says_so(
    pairs: list[tuple[float, float]],
    goal: float,
    faster: bool,  # noqa: FBT001 - drawn
) -> None:
    theirs, ours = [a for a, _ in pairs], [b for _, b in pairs]
    row = ratio_row("a", "b", theirs, ours, faster=goal if faster else None, at_most=None if faster else goal)
    ratios = sorted([a / b if faster else b / a for a, b in pairs])
    middle = ratios[len(ratios) // 4 : len(ratios) - len(ratios) // 4]
    good = [ratio >= goal if faster else ratio <= goal for ratio in middle]
    assert row.verdict == ("met" if all(good) else "open" if any(good) else "missed")


def test_a_ratio_is_that_of_rounds_and_not_that_of_medians() -> None:
    """In two rounds of three both take as long; the medians are 2 and 3."""
    assert ratio_row("a", "b", [2, 1, 3], [2, 3, 3]).ratio == 1


@pytest.mark.parametrize(
    ("at_most", "verdict"), [(1.0, "missed"), (1.2, "open"), (1.3, "met"), (1.29, "open"), (1.4, "met")]
)
def test_a_spread_on_the_other_side_of_the_goal_is_not_met(at_most: float, verdict: str) -> None:
    assert drifting(at_most=at_most).verdict == verdict


@pytest.mark.parametrize(
    ("values", "at_least", "verdict"), [([1.0], 2, "missed"), ([2.0], 2, "met"), ([1, 2, 3, 4], 2.5, "open")]
)
def test_a_limit_is_judged_by_its_spread_too(values: list[float], at_least: float, verdict: str) -> None:
    assert limit_row("a", values, "MB/s", at_least=at_least).verdict == verdict


def test_a_row_without_a_goal_is_not_judged() -> None:
    assert limit_row("a", [1], "s").verdict is Verdict.NONE
    assert short(ratio_row("a", "b", [1], [2])) == "a / b: 2 (no goal)"


def test_the_page_counts_what_is_met_missed_and_open() -> None:
    rows = [drifting(at_most=goal) for goal in (1.0, 1.2, 1.4)]
    text = page([*rows, ratio_row("b", "raw", [1], [1]), LeftOut("c", "no room.")], "python -m benchmarks", ())
    assert "1 of 3 goals are met; 1 are open." in text
    assert "| at most 1x | **missed** |" in text
    assert "| at most 1.2x | **open** |" in text
    assert "| at most 1.4x | met |" in text
    assert "## What is missed, and why\n\n- **a call** beside raw: it is." in text
    assert "## What is open, and what weighs\n\n- **a call** beside raw: it is." in text
    assert [short(row) for row in rows] == [
        "a call / raw: 1.3 (at most 1x: MISSED)",
        "a call / raw: 1.3 (at most 1.2x: OPEN)",
        "a call / raw: 1.3 (at most 1.4x: met)",
    ]


def test_a_row_becomes_json_with_its_verdict() -> None:
    assert json.loads(json.dumps(attrs.asdict(drifting(at_most=1.2))))["verdict"] == "open"


@given(a=TIMES, b=TIMES)
def test_numbers_stay_in_order(a: float, b: float) -> None:
    assert (told(number(a)) <= told(number(b))) or a > b
