"""The page on security names tests that are there, and every module of tests that is marked ``security``."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "security.md"
MARK = re.compile(r"^pytestmark = .*\bpytest\.mark\.security\b", re.MULTILINE)
NAME = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def missing(page: str) -> list[str]:
    """Give what is named on a page and is no test."""
    return [f"{path}::{name}" for path, name in NAME.findall(page) if name not in functions_in(ROOT / path)]


def functions_in(path: Path) -> set[str]:
    if not path.is_file():
        return set()
    tree = ast.parse(path.read_text("utf-8"))
    functions = (node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return {function.name for function in functions if function.name.startswith("test_")}


def test_every_test_that_the_page_names_exists() -> None:
    assert missing(PAGE.read_text("utf-8")) == []


@pytest.mark.parametrize("name", ["tests/docs/test_security_page.py::test_no", "tests/no/test_page.py::test_x"])
def test_a_name_that_is_wrong_is_found(name: str) -> None:
    assert missing(f"{PAGE.read_text('utf-8')}\n| x | `{name}` |\n") == [name]


def test_every_line_of_the_page_names_a_test() -> None:
    rows = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("|") and "---" not in line]
    lines = [row for row in rows if row != "| what | test |"]
    assert len(lines) > 40
    assert [row for row in lines if not NAME.search(row)] == []


def test_every_module_of_security_tests_is_on_the_page() -> None:
    named = {path for path, _ in NAME.findall(PAGE.read_text("utf-8"))}
    modules = (ROOT / "tests").rglob("test_*.py")
    marked = {path.relative_to(ROOT).as_posix() for path in modules if MARK.search(path.read_text("utf-8"))}
    assert len(marked) > 8
    assert marked - named == set()


def test_the_promises_lead_to_the_page() -> None:
    assert "docs/security.md" in (ROOT / "SECURITY.md").read_text("utf-8")
    assert "\nsecurity\n" in (ROOT / "docs" / "index.md").read_text("utf-8")
