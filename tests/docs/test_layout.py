"""The rules for all hand-written modules: what tests may import, and how long a module may be."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("portkey_ft", "scripts", "tests", "benchmarks", "examples")
MOST_LINES = 400
#: The longer ones, with the lines that they must not exceed either; docs/decisions.md has the reasons.
LONG = {
    "portkey_ft/_api/operations.py": 600,
    "portkey_ft/client.py": 600,
    "portkey_ft/files.py": 500,
    "portkey_ft/fine_tuning.py": 900,
    "tests/datasets/test_checker.py": 700,
    "tests/sdk/lists/test_lists.py": 500,
    "tests/sdk/polling/test_polling.py": 500,
    "tests/sdk/responses/test_hostile_responses.py": 450,
    "tests/sdk/transfers/test_upload_survival.py": 500,
    "tests/specsync/test_hostile_document.py": 500,
    "tests/testing/test_dialects.py": 750,
    "tests/testing/test_jobs.py": 500,
}


def modules() -> list[Path]:
    return [*ROOT.glob("*.py"), *(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))]


def too_long(lengths: dict[str, int]) -> set[str]:
    """Find the modules that are longer than they may be, and those of the list that need not be on it."""
    allowed = {name: LONG.get(name, MOST_LINES) for name in lengths}
    return {name for name, lines in lengths.items() if lines > allowed[name] or (name in LONG and lines <= MOST_LINES)}


def imported(source: str) -> set[str]:
    """Find the modules that a module imports, those that it may import from one included."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            found.update(f"{node.module or ''}.{alias.name}" for alias in node.names)
    return found


def forbidden(names: set[str]) -> set[str]:
    """Find the imports of a conftest.py, or of another test."""
    return {
        name
        for name in names
        if any(
            part == "conftest" or (part.startswith("test_") and name.startswith("tests.")) for part in name.split(".")
        )
    }


def test_no_module_is_longer_than_a_reader_can_follow() -> None:
    lengths = {
        path.relative_to(ROOT).as_posix(): len(path.read_text(encoding="utf-8").splitlines()) for path in modules()
    }
    assert set(LONG) <= set(lengths)
    assert too_long(lengths) == set()


def test_a_reason_is_given_for_every_longer_module() -> None:
    page = (ROOT / "docs/decisions.md").read_text(encoding="utf-8")
    assert [name for name in LONG if f"`{name}`" not in page] == []


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("portkey_ft/errors.py", 401),
        ("tests/specsync/mutations/neutral.py", 407),
        ("portkey_ft/files.py", 501),
        ("portkey_ft/files.py", 300),
    ],
)
def test_a_module_that_grows_is_found_and_so_is_one_that_need_not_be_listed(name: str, lines: int) -> None:
    assert too_long({name: lines, "portkey_ft/types.py": 400, "portkey_ft/client.py": 546}) == {name}


def test_no_test_imports_from_a_conftest_or_from_another_test() -> None:
    found = {
        path.relative_to(ROOT).as_posix(): names
        for path in (ROOT / "tests").rglob("*.py")
        if (names := forbidden(imported(path.read_text(encoding="utf-8"))))
    }
    assert found == {}


@pytest.mark.parametrize(
    "line",
    [
        "from tests.e2e.conftest import TRUTH",
        "from tests.e2e import conftest",
        "import tests.e2e.conftest as settings",
        "from .conftest import gateway",
        "from tests.e2e.test_load import run",
    ],
)
def test_an_import_of_a_conftest_or_of_a_test_is_found(line: str) -> None:
    allowed = "from tests.e2e.truth.report import report\nfrom tests.support import calls\n"
    assert len(forbidden(imported(allowed + line))) == 1
