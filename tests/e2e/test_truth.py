"""What is asked for arrives, is refused before anything is sent, or is warned of: each value is looked for."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.e2e.cases import CASES
from tests.e2e.session_lines import TRUTH
from tests.e2e.truth.creates import BY_PROVIDER, FAILS, MODES, Cell
from tests.e2e.truth.report import counts, report
from tests.e2e.truth.samples import SAMPLES, arguments
from tests.e2e.truth.uploads import FileCell

Creates = Callable[[str, str], list[Cell]]
Uploads = Callable[[str], list[FileCell]]

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
    """And none is sent that the provider refuses: an error comes before."""
    cells = creates(provider, mode)
    assert [str(cell) for cell in cells if cell.silent] == []
    assert [cell.sample.label for cell in cells if any(fate.kind == FAILS for fate in cell.fates)] == []
    assert {cell.sample.argument for cell in cells} == set(arguments())


@pytest.mark.parametrize("provider", CASES)
def test_no_line_of_a_training_file_is_lost_silently(provider: str, uploads: Uploads) -> None:
    """Neither without ``check=``, nor with it, nor from an iterator; and none is sent that ends in an error."""
    cells = uploads(provider)
    assert [str(cell) for cell in cells if cell.silent] == []
    sent = [(cell.form.name, upload) for cell in cells for upload in (cell.unsaid, cell.streamed, cell.checked)]
    assert [name for name, upload in sent if upload.kind == FAILS] == []


@pytest.mark.parametrize("provider", CASES)
def test_no_file_is_refused_unasked_that_would_arrive(provider: str, uploads: Uploads) -> None:
    assert [cell.form.name for cell in uploads(provider) if cell.too_strict] == []


def test_the_run_tells_its_numbers(creates: Creates, uploads: Uploads, pytestconfig: pytest.Config) -> None:
    """At the end of the session, with everything that was lost."""
    cells = [cell for provider in CASES for mode in MODES for cell in creates(provider, mode)]
    files = [cell for provider in CASES for cell in uploads(provider)]
    pytestconfig.stash[TRUTH] += report(cells, files)
    assert counts(cells, files)["arrives"] > counts(cells, files)["refused"]
