"""The findings of a run in numbers, with every value that was lost silently."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from tests.e2e.truth.creates import Cell
from tests.e2e.truth.uploads import FileCell

KINDS = ("arrives", "refused", "fails", "warned", "SILENT")


def counts(cells: Sequence[Cell], files: Sequence[FileCell]) -> Counter[str]:
    """Count what became of values and files, of all providers and auth modes."""
    values = Counter(fate.kind for cell in cells for fate in cell.fates[: len(cell.sample.wanted)])
    uploads = Counter(upload.kind for cell in files for upload in (cell.unsaid, cell.checked, cell.streamed))
    return values + uploads


def report(cells: Sequence[Cell], files: Sequence[FileCell]) -> list[str]:
    """Return the findings as lines."""
    lines = ["what became of it: " + ", ".join(KINDS)]
    for provider in dict.fromkeys(cell.provider for cell in cells):
        values = counts([cell for cell in cells if cell.provider == provider], [])
        uploads = counts([], [cell for cell in files if cell.provider == provider])
        numbers = [f"{values[kind]}" for kind in KINDS], [f"{uploads[kind]}" for kind in KINDS]
        lines.append(f"{provider}: values of create {', '.join(numbers[0])}; files {', '.join(numbers[1])}")
    total = counts(cells, files)
    lines.append("all: " + ", ".join(f"{kind} {total[kind]}" for kind in KINDS))
    lines += [f"SILENT {cell}" for cell in cells if cell.silent]
    lines += [f"SILENT {cell}" for cell in files if cell.silent]
    lines += [
        f"refused, though it would arrive: {cell.provider}, {cell.form.name}" for cell in files if cell.too_strict
    ]
    return lines
