"""docs/architecture.md and what the modules really import."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "portkey_ft"
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (.+?) \| ((?:`\w+`(?:, )?)+) \|$", PAGE, re.MULTILINE)
#: The modules of the page, each with the number of its row, counted from the top.
FLOORS = {name: number for number, (_, cell) in enumerate(ROWS) for name in re.findall(r"`(\w+)`", cell)}


def imports(package: Path) -> dict[str, set[str]]:
    """Give what each module imports, in whole paths; a package within the package counts as one."""
    found: dict[str, set[str]] = {}
    for path in package.rglob("*.py"):
        parts = path.relative_to(package).parts
        if parts != ("__init__.py",):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            found.setdefault(parts[0].removesuffix(".py"), set()).update(imported(tree))
    return found


def imported(tree: ast.AST) -> Iterator[str]:
    """Give what is imported at run time."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
        elif not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"):
            yield from imported(node)


def problems(package: Path) -> Iterator[str]:
    """Tell where the page and the source differ, a sentence each."""
    graph = imports(package)
    for name in sorted(graph.keys() ^ FLOORS.keys()):
        yield f"{name} is not on the page" if name in graph else f"{name} is on the page alone"
    inside = {
        name: {path.split(".")[1] for path in paths if path.startswith("portkey_ft.")} - {name}
        for name, paths in graph.items()
    }
    for name, others in inside.items():
        for other in sorted(others):
            if FLOORS.get(name, 0) > FLOORS.get(other, len(ROWS)):
                yield f"{name} imports {other}, which stands above it"
    for outside, door in (("portkey_ft_api", "_operations"), ("httpx", "_transport")):
        users = {name for name, paths in graph.items() if any(path.split(".")[0] == outside for path in paths)}
        for name in sorted(users - {door, "testing"}):
            yield f"{name} imports {outside}, which is for {door} alone"
    try:
        TopologicalSorter(inside).prepare()
    except CycleError as error:
        yield f"imports go in a circle: {error.args[1]}"


def test_the_page_tells_what_the_source_imports() -> None:
    assert len(ROWS) == 8
    assert list(problems(PACKAGE)) == []


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("_new.py", "", "_new is not on the page"),
        ("auth.py", None, "auth is on the page alone"),
        ("errors.py", "from portkey_ft.client import Portkey", "errors imports client, which stands above it"),
        (
            "retries.py",
            "from portkey_ft.auth import Auth\nimport httpx",
            "retries imports httpx, which is for _transport",
        ),
        (
            "files.py",
            "from portkey_ft_api.models import X",
            "files imports portkey_ft_api, which is for _operations alone",
        ),
    ],
)
def test_what_the_page_does_not_tell_is_noticed(tmp_path: Path, name: str, text: str | None, problem: str) -> None:
    for path in PACKAGE.rglob("*.py"):
        copy = tmp_path / path.relative_to(PACKAGE)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    if text is None:
        (tmp_path / name).unlink()
    else:
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert any(told.startswith(problem) for told in problems(tmp_path))


def test_a_circle_within_a_row_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "files.py").write_text("from portkey_ft.client import Portkey\n", encoding="utf-8")
    (tmp_path / "client.py").write_text("from portkey_ft.files import Files\n", encoding="utf-8")
    assert any(told.startswith("imports go in a circle") for told in problems(tmp_path))
