from __future__ import annotations

import shutil
from pathlib import Path

import pytest

pytest.importorskip("towncrier", reason="towncrier makes the changelog; it is in the dependency group test")

from scripts.release import changelog

ROOT = Path(__file__).parents[2]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Copy what towncrier looks at, with two fragments."""
    for name in ("pyproject.toml", "CHANGELOG.md"):
        shutil.copy(ROOT / name, tmp_path)
    folder = tmp_path / "changelog.d"
    folder.mkdir()
    shutil.copy(ROOT / "changelog.d" / "README.md", folder)
    (folder / "12.fixed.md").write_text("`wait` ends when the job does.\n", encoding="utf-8")
    (folder / "+resume.breaking.md").write_text("`after=` takes an id alone; pass `job.id`.\n", encoding="utf-8")
    return tmp_path


def test_the_fragments_are_well_formed_and_towncrier_takes_them() -> None:
    assert changelog.main([]) == 0


def test_fragments_become_a_section_in_the_order_of_the_kinds(project: Path) -> None:
    shown, complaint = changelog.draft("0.2.0", project)
    lines = [line for line in shown.splitlines() if line]
    assert complaint == ""
    assert lines[0].startswith("## 0.2.0 - ")
    assert lines[1:] == [
        "### Breaking",
        "- `after=` takes an id alone; pass `job.id`.",
        "### Fixed",
        "- `wait` ends when the job does. ([#12](https://github.com/portkey-ft/portkey-ft/issues/12))",
    ]
    assert list(changelog.fragment_problems(project)) == []


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("12.mended.md", "It is mended.\n", "a name is 123.KIND.md"),
        ("notes.txt", "It is mended.\n", "a name is 123.KIND.md"),
        ("Resume.fixed.md", "It is mended.\n", "a name is 123.KIND.md"),
        ("13.fixed.md", "\n", "it is empty"),
        ("13.fixed.md", "- It is mended.\n", "it begins with '-'"),
        ("13.fixed.md", "### Fixed\n\nIt is mended.\n", "it begins with '#'"),
        ("13.fixed.md", "It is mended\n", "it does not end with a sentence"),
        ("13.fixed.md", "It is mended.\n\n", "it does not end with a sentence"),
    ],
)
def test_a_fragment_that_would_read_badly_or_get_lost_is_refused(
    project: Path, name: str, text: str, problem: str
) -> None:
    (project / "changelog.d" / name).write_text(text, encoding="utf-8")
    (told,) = changelog.fragment_problems(project)
    assert told.startswith(f"changelog.d/{name}: {problem}")
    assert changelog.main([], project) == 1


def test_what_towncrier_complains_of_is_passed_on(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = project / "pyproject.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('name = "portkey-ft"\ndir', 'template = "none.md"\ndir'), encoding="utf-8")
    assert changelog.main([], project) == 1
    assert "changelog: " in capsys.readouterr().err


def test_the_section_of_a_release_is_what_stands_below_its_heading(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "# Changelog\n\n## 0.2.0 - 2026-12-01\n\n### Fixed\n\n- It.\n\n## 0.1.0 - 2026-11-01\n\n- All.\n"
    (project / "CHANGELOG.md").write_text(text, encoding="utf-8")
    assert changelog.main(["--section", "v0.2.0"], project) == 0
    assert capsys.readouterr().out == "### Fixed\n\n- It.\n"
    assert changelog.main(["--section", "0.1.0"], project) == 0
    assert capsys.readouterr().out == "- All.\n"
    assert changelog.main(["--section", "v0.3.0"], project) == 1
    assert capsys.readouterr().out == ""
