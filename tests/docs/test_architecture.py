"""The folders of the facade import only what lies below them, and docs/architecture.md describes each of them."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("importlinter", reason="the import contracts are checked by the group lint")

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
CONTRACTS: list[dict[str, Any]] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"][
    "importlinter"
]["contracts"]


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A copy of the package, with its own contracts alone."""
    shutil.copytree(ROOT / "portkey_ft", tmp_path / "portkey_ft", ignore=shutil.ignore_patterns("__pycache__"))
    lines = ["[tool.importlinter]", 'root_packages = ["portkey_ft"]', "exclude_type_checking_imports = true"]
    for table in CONTRACTS:
        if str(table["name"]).startswith("Facade"):
            lines.append("[[tool.importlinter.contracts]]")
            lines += [f"{key} = {str(value).lower() if value is True else value!r}" for key, value in table.items()]
    (tmp_path / "pyproject.toml").write_text("\n".join(lines), encoding="utf-8")
    return tmp_path


def checked(root: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()", "--no-cache"]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)  # noqa: S603 - our own words


def test_the_layers_hold(copied: Path) -> None:
    ended = checked(copied)
    assert ended.returncode == 0, ended.stdout
    assert "2 kept, 0 broken" in ended.stdout


@pytest.mark.parametrize(
    ("module", "imported"),
    [
        ("errors.py", "portkey_ft.client"),
        ("_http/messages.py", "portkey_ft._api.requests"),
        ("retries.py", "portkey_ft.auth"),
    ],
)
def test_an_import_of_what_lies_above_or_beside_is_found(copied: Path, module: str, imported: str) -> None:
    path = copied / "portkey_ft" / module
    path.write_text(f"{path.read_text(encoding='utf-8')}\nimport {imported}\n", encoding="utf-8")
    ended = checked(copied)
    assert ended.returncode != 0
    assert f"-> {imported}" in ended.stdout


def test_a_new_module_must_be_put_on_a_layer(copied: Path) -> None:
    (copied / "portkey_ft" / "misc.py").write_text("", encoding="utf-8")
    assert checked(copied).returncode != 0


def test_the_page_describes_what_has_a_layer_of_its_own() -> None:
    described = set(re.findall(r"`(\w+)(?:/|\.py)`", PAGE.partition("## Where")[0]))
    (layers,) = [table["layers"] for table in CONTRACTS if table["name"] == "Facade: imports only point down"]
    # The last rows are helpers with one line of docstring each.
    modules = {name for layer in layers for name in re.split(r" \| ", layer)}
    helpers = {"_deprecation", "_json", "_notebook", "_official_options", "_tables", "_text", "_version", "_warnings"}
    assert modules - helpers == described - {"operations"}


def missing(text: str) -> set[str]:
    """Find the files and folders that a text names, and that are not there."""
    folders = [ROOT, *(ROOT / name for name in ("portkey_ft", "scripts/specsync"))]
    named = set(re.findall(r"`([\w./-]+(?:\.(?:py|toml|yaml|json|txt)|/))`", text))
    return {name for name in named if not any((folder / name).exists() for folder in folders)}


@pytest.mark.parametrize("page", ["architecture", "contract", "maintaining"])
def test_the_page_names_files_that_are_there(page: str) -> None:
    # It is made when the first change is accepted.
    assert missing((ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8")) <= {"spec/accepted.toml"}


def test_a_file_that_was_moved_is_found() -> None:
    assert missing("In `_plans/jobs.py` or `_job_plans.py`, and in `_plan/`.") == {"_job_plans.py", "_plan/"}
