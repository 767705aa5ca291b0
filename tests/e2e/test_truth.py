"""What is asked for arrives, is refused before anything is sent, or is warned of: each value is looked for."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.e2e.cases import CASES
from tests.e2e.conftest import TRUTH
from tests.e2e.truth.creates import BY_PROVIDER, MODES, Cell
from tests.e2e.truth.report import counts, report
from tests.e2e.truth.samples import SAMPLES, arguments

Creates = Callable[[str, str], list[Cell]]

WAYS = [
    pytest.param(provider, mode, marks=[pytest.mark.sample] if mode == BY_PROVIDER else [])
    for provider in CASES
    for mode in MODES
]


def test_every_argument_of_a_create_is_tried() -> None:
    """And no argument that there is not."""
    assert set(SAMPLES) == set(arguments())


@pytest.mark.parametrize(("provider", "mode"), WAYS)
def test_no_value_of_a_create_is_lost_silently(provider: str, mode: str, creates: Creates) -> None:
    cells = creates(provider, mode)
    assert [str(cell) for cell in cells if cell.silent] == []
    assert {cell.sample.argument for cell in cells} == set(arguments())


def test_the_run_tells_its_numbers(creates: Creates, pytestconfig: pytest.Config) -> None:
    """At the end of the session, with everything that was lost."""
    cells = [cell for provider in CASES for mode in MODES for cell in creates(provider, mode)]
    pytestconfig.stash[TRUTH] += report(cells, [])
    assert counts(cells, [])["arrives"] > counts(cells, [])["refused"]
