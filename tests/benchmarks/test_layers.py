"""What costs what: each layer can be run alone, and the page adds up."""

import pytest

from benchmarks.layers import BREAKDOWNS, FAST, HTTPX, JSON, READING, WHOLE, layers_page, repeat
from benchmarks.server import PAGE
from portkey_ft.types import Checkpoint, FineTuningJob


@pytest.mark.parametrize("breakdown", BREAKDOWNS)
def test_each_layer_can_be_run_alone(breakdown: str) -> None:
    for layer in BREAKDOWNS[breakdown].layers():
        repeat(breakdown, layer, 1)


def test_the_whole_is_what_a_program_gets() -> None:
    assert isinstance(BREAKDOWNS["call"].layers()[WHOLE](), FineTuningJob)
    items = BREAKDOWNS["item"].layers()[WHOLE]()
    assert isinstance(items, list)
    assert [type(item) for item in items] == [Checkpoint] * PAGE


def test_the_values_that_are_made_again_are_the_same() -> None:
    layers = BREAKDOWNS["item"].layers()
    assert layers["of that, the constructors"]() == layers["the facade's value"]() == layers[WHOLE]()


def test_the_layers_of_the_page_add_up_to_the_whole() -> None:
    counts = {name: 1_000_000 * (index + 1) for index, name in enumerate(BREAKDOWNS["item"].layers())}
    counts[WHOLE] = 30_000_000

    def counted(code: str) -> int:
        took = 0 if code.endswith(", 0)") else sum(taken for name, taken in counts.items() if repr(name) in code)
        return 5_000_000 + took * BREAKDOWNS["item"].times

    def count(*codes: str) -> list[int]:
        return [counted(code) for code in codes]

    item, call = layers_page(count, fast=True).split("## ")[1:]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in item.splitlines() if line.startswith("|")]
    figures = {name: float(value.replace(",", "")) for name, value, _ in rows[2:] if "beside" not in name}
    whole = figures.pop(f"**{WHOLE}**")
    del figures["of that, the constructors"]
    assert figures.pop(FAST) == counts[READING] / PAGE
    assert whole == counts[WHOLE] / PAGE
    assert sum(figures.values()) == whole
    assert figures[JSON] == counts[JSON] / PAGE
    # With the decoder of the extra, nothing else changes; here it costs what ours does.
    assert item.count(f"| {counts[WHOLE] / (counts[HTTPX] + counts[JSON]):.2f}x |") == 2
    assert "instructions per call" in call
    assert FAST not in layers_page(count, fast=False)
