"""The folders of the toolchain import only what lies below them, and what guards that finds a breach."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import cast

import pytest

pytest.importorskip("importlinter", reason="the import contracts are checked by the group lint")

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "scripts/specsync"


def contracts() -> str:
    """Give the toolchain's own contracts as a configuration that needs none of the other packages."""
    tables = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
    lines = ["[tool.importlinter]", 'root_packages = ["scripts"]']
    for table in cast("list[dict[str, object]]", tables):
        if str(table["name"]).startswith("Spec-sync"):
            lines.append("[[tool.importlinter.contracts]]")
            lines += [f"{key} = {str(value).lower() if value is True else value!r}" for key, value in table.items()]
    return "\n".join(lines)


def checked(root: Path) -> subprocess.CompletedProcess[str]:
    (root / "pyproject.toml").write_text(contracts(), encoding="utf-8")
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()", "--no-cache"]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)  # noqa: S603 - our own words


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A copy of the toolchain's source."""
    shutil.copytree(SOURCE, tmp_path / "scripts/specsync", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "scripts/__init__.py").write_text("", encoding="utf-8")
    return tmp_path


def test_the_layers_hold(copied: Path) -> None:
    ended = checked(copied)
    assert ended.returncode == 0, ended.stdout
    assert "2 kept, 0 broken" in ended.stdout


@pytest.mark.parametrize(
    ("module", "imported"),
    [("document/pointer.py", "scripts.specsync.facts.prose"), ("diff/rules.py", "scripts.specsync.client.audit")],
)
def test_an_import_of_what_lies_above_or_beside_is_found(copied: Path, module: str, imported: str) -> None:
    path = copied / "scripts/specsync" / module
    path.write_text(f"{path.read_text(encoding='utf-8')}\nimport {imported}\n", encoding="utf-8")
    ended = checked(copied)
    assert ended.returncode != 0
    assert f"-> {imported}" in ended.stdout


def test_a_new_folder_must_be_put_on_a_layer(copied: Path) -> None:
    (copied / "scripts/specsync/misc").mkdir()
    (copied / "scripts/specsync/misc/__init__.py").write_text("", encoding="utf-8")
    assert checked(copied).returncode != 0
