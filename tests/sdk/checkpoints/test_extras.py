"""Tables and pictures need extras, and say so; what cannot be measured is not drawn."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from portkey_ft import Checkpoint, CheckpointMetrics, ConfigurationError
from portkey_ft._notebook import shown
from portkey_ft._tables import draw_losses, require

if TYPE_CHECKING:
    from tests.support.ways import Way, Wire

CHECKPOINTS = [Checkpoint(id="c", step_number=3, metrics=CheckpointMetrics(train_loss=0.5))]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (datetime(2026, 1, 1, 12, 0, 0, 5, tzinfo=UTC), "2026-01-01 12:00:00 UTC"),
        ("x" * 500, "x" * 200 + "…"),
        (5, "5"),
    ],
)
def test_values_are_written_for_readers(value: object, text: str) -> None:
    assert shown(value) == text


def test_a_table_without_pandas_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ConfigurationError, match=r"portkey-ft\[pandas\]"):
        require("pandas", "to_pandas", "pandas")


@pytest.mark.anyio
@pytest.mark.parametrize(("method", "package"), [("to_pandas", "pandas"), ("plot", "matplotlib")])
async def test_nothing_is_fetched_for_an_extra_that_is_missing(
    method: str, package: str, way: Way, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    checkpoints = way.client(wire.say({"data": []})).fine_tuning.jobs.checkpoints.list("j")
    with pytest.raises(ConfigurationError, match=f"{method}.* needs {package}"):
        await way.get(getattr(checkpoints, method)())
    assert wire.requests == []


def test_a_plot_without_matplotlib_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ConfigurationError, match=r"portkey-ft\[plot\]"):
        require("matplotlib", "plot", "plot")


def test_a_plot_has_a_line_for_each_loss_that_was_measured() -> None:
    pytest.importorskip("matplotlib").use("Agg")
    axes = draw_losses(CHECKPOINTS, None, None)
    assert [line.get_label() for line in axes.get_lines()] == ["training"]
