from __future__ import annotations

import difflib
import os
import re
import shutil
import zipfile
from pathlib import Path

import pytest

pytest.importorskip("griffe", reason="griffe reads the public surface; it is in the dependency group test")

from scripts.release import check_wheel
from scripts.release.surface import MODULES, surface

ROOT = Path(__file__).parents[2]
PROMISED = Path(__file__).with_name("surface.txt")
# Read here, because a fixture keeps settings out of the tests.
REWRITE = bool(os.environ.get("PORTKEY_FT_SURFACE_REWRITE"))

METADATA = """\
Metadata-Version: 2.4
Name: portkey-ft
Version: {version}
Requires-Python: >=3.11
License-Expression: MIT
Requires-Dist: attrs>=24.2
Requires-Dist: httpx<0.29,>=0.28.1
Requires-Dist: tqdm>=4.66; extra == 'progress'
Description-Content-Type: text/markdown
"""


def difference(promised: str, found: str) -> str:
    lines = difflib.unified_diff(
        promised.splitlines(), found.splitlines(), "tests/release/surface.txt", "the source", lineterm="", n=0
    )
    return "\n".join(lines)


@pytest.fixture(scope="module")
def found() -> str:
    return surface()


def test_the_public_surface_is_what_was_promised(found: str) -> None:
    """A name, signature, annotation or default that changes shows here; one that is meant to is written down."""
    if REWRITE:
        PROMISED.write_text(found, encoding="utf-8")
    changed = difference(PROMISED.read_text(encoding="utf-8"), found)
    advice = "If that is meant, say so in CHANGELOG.md and run this test with PORTKEY_FT_SURFACE_REWRITE=1."
    if changed:
        pytest.fail(f"The public surface has changed.\n\n{changed}\n\n{advice}", pytrace=False)


def test_every_public_module_is_looked_at() -> None:
    """A module without an underscore is public, so the surface and the reference have it."""
    package = ROOT / "portkey_ft"
    modules = {f"portkey_ft.{path.stem}" for path in package.glob("[!_]*.py")}
    modules |= {f"portkey_ft.testing.{path.stem}" for path in package.glob("testing/[!_]*.py")}
    packages = {f"portkey_ft.{path.parent.name}" for path in package.glob("[!_]*/__init__.py")}
    assert {name for name in MODULES if "._" not in name} == {"portkey_ft"} | modules | packages


def test_the_reference_has_every_public_name(found: str) -> None:
    """Each name of the surface stands on the page of its module; the options of calls have one of their own."""
    pages = {path.stem: path.read_text(encoding="utf-8") for path in (ROOT / "docs" / "reference").glob("*.md")}
    names = {line.partition(":")[0] for line in found.splitlines() if re.match(r"portkey_ft(\.\w+)?\.\w+: ", line)}
    assert len(names) > 100
    for path in names:
        module, _, name = path.rpartition(".")
        page = {"_writing": "options"}.get(module.rpartition(".")[2], module.rpartition(".")[2])
        assert re.search(rf"\b{name}\b", pages[page]), path


def test_a_change_reads_as_lines_that_stand_on_their_own(tmp_path: Path, found: str) -> None:
    """What a default, a name and a return type were and have become is said with the path of each."""
    shutil.copytree(ROOT / "portkey_ft", tmp_path / "portkey_ft", ignore=shutil.ignore_patterns("__pycache__"))
    path = tmp_path / "portkey_ft" / "files.py"
    text = path.read_text(encoding="utf-8")
    for old, new in (
        ('purpose: str = "fine-tune"', 'purpose: str = "batch"'),
        ("def delete(self, file_id", "def remove(self, file_id"),
        ("-> File:", "-> DeletedFile:"),
    ):
        assert old in text
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")
    changed = difference(found, surface(tmp_path)).splitlines()
    assert "-portkey_ft.files.Files.create(purpose: str = 'fine-tune')" in changed
    assert "+portkey_ft.files.Files.create(purpose: str = 'batch')" in changed
    assert "+portkey_ft.files.Files.remove(file_id: str)" in changed
    assert "+portkey_ft.files.AsyncFiles.retrieve: async def -> DeletedFile" in changed


def wheel_of(folder: Path, changes: dict[str, bytes | None]) -> Path:
    """Write a wheel as it should be, with some files changed, added or (None) left out."""
    home = f"portkey_ft-{check_wheel.version()}.dist-info"
    files: dict[str, bytes | None] = {
        **{name: path.read_bytes() for name, path in check_wheel.source_files().items()},
        f"{home}/METADATA": METADATA.format(version=check_wheel.version()).encode(),
        f"{home}/WHEEL": b"Wheel-Version: 1.0\nTag: py3-none-any\n",
        f"{home}/RECORD": b"",
        f"{home}/licenses/LICENSE": b"MIT",
        **changes,
    }
    wheel = folder / "portkey_ft.whl"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in files.items():
            if content is not None:
                archive.writestr(name, content)
    return wheel


def without_sizes(wheel: Path) -> list[str]:
    return [problem for problem in check_wheel.problems_of(wheel) if " bytes; " not in problem]


def test_a_good_wheel_has_no_problem(tmp_path: Path) -> None:
    assert without_sizes(wheel_of(tmp_path, {})) == []


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"portkey_ft/client.py": None}, "portkey_ft/client.py is missing"),
        ({"tests/test_it.py": b""}, "tests/test_it.py does not belong there"),
        ({"portkey_ft/client.py": b"pass"}, "portkey_ft/client.py differs from the source"),
        (
            {"portkey_ft/py.typed": None},
            "portkey_ft/py.typed is missing: type checkers would not look at the hints",
        ),
    ],
)
def test_what_a_wheel_holds_is_what_the_source_holds(
    tmp_path: Path, changes: dict[str, bytes | None], problem: str
) -> None:
    assert problem in without_sizes(wheel_of(tmp_path, changes))


def test_a_further_dependency_is_noticed(tmp_path: Path) -> None:
    text = METADATA.format(version=check_wheel.version()) + "Requires-Dist: pydantic>=2\n"
    name = f"portkey_ft-{check_wheel.version()}.dist-info/METADATA"
    (problem,) = without_sizes(wheel_of(tmp_path, {name: text.encode()}))
    assert problem.endswith("they differ in ['pydantic']")


def test_a_link_that_leads_nowhere_on_the_page_of_the_index_is_noticed(tmp_path: Path) -> None:
    text = METADATA.format(version=check_wheel.version()) + "\n[here](https://example.com), [there](docs/errors.md)\n"
    name = f"portkey_ft-{check_wheel.version()}.dist-info/METADATA"
    (problem,) = without_sizes(wheel_of(tmp_path, {name: text.encode()}))
    assert problem == "the page of the index would have a dead link: ](docs/errors.md)"


def test_another_name_version_or_licence_is_noticed(tmp_path: Path) -> None:
    name = f"portkey_ft-{check_wheel.version()}.dist-info/METADATA"
    problems = without_sizes(wheel_of(tmp_path, {name: METADATA.format(version="9").replace("MIT", "BSD").encode()}))
    assert [problem.partition(";")[0] for problem in problems] == [
        "the metadata say Version: '9'",
        "the metadata say License-Expression: 'BSD'",
    ]


def test_a_wheel_that_is_too_large_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check_wheel, "LARGEST_WHEEL", 1_000)
    monkeypatch.setattr(check_wheel, "LARGEST_INSTALLED", 2_000)
    told = [problem for problem in check_wheel.problems_of(wheel_of(tmp_path, {})) if " bytes; " in problem]
    assert [problem.partition(" has ")[0] for problem in told] == ["the wheel", "the wheel when installed"]


def test_a_tag_is_released_with_its_version_and_its_date() -> None:
    version = check_wheel.version()
    assert list(check_wheel.tag_problems(f"v{version}", f"# Changelog\n\n## {version} - 2026-01-31\n")) == []
    (unlike,) = check_wheel.tag_problems("v99", f"## {version} - 2026-01-31\n")
    assert unlike.startswith("the tag is 'v99'")
    (undated,) = check_wheel.tag_problems(f"v{version}", f"## {version} - unreleased\n")
    assert undated.endswith(f"it has '## {version} - unreleased'")


def test_a_fragment_that_was_left_behind_stops_a_release() -> None:
    version = check_wheel.version()
    (left,) = check_wheel.tag_problems(f"v{version}", f"## {version} - 2026-01-31\n", [Path("changelog.d/12.fixed.md")])
    assert left.startswith("changelog.d still holds 12.fixed.md")
