"""What is asked before a release, each question with something that answers it wrongly."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("griffe", reason="griffe reads the public surface; it is in the dependency group test")

from scripts.release import __main__ as release
from scripts.release import check_wheel, trial
from scripts.release.build import differences
from scripts.release.promises import broken_promises, previous_tag

SURFACE = "portkey_ft.A: class()\nportkey_ft.B: class()\n"
SAMPLE = "from portkey_ft import A, B\n\nprint(A(), B())\n"


def git(folder: Path, *words: str) -> None:
    """Run git with an author of its own, whatever the machine is set to."""
    author = ("-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *author, *words], cwd=folder, check=True, capture_output=True)  # noqa: S603, S607 - our own words


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with a release v0.1.0 that promised A and B, in its surface and in a typed sample."""
    if shutil.which("git") is None:
        pytest.skip("git is not there")
    folder = tmp_path / "repository"
    typing = folder / "tests" / "typing"
    typing.mkdir(parents=True)
    (typing / "usage.py").write_text(SAMPLE, encoding="utf-8")
    (folder / "tests" / "release").mkdir()
    (folder / "tests" / "release" / "surface.txt").write_text(SURFACE, encoding="utf-8")
    git(folder, "init", "--quiet")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "-m", "first")
    git(folder, "tag", "v0.1.0")
    # Since then the sample was adapted, which must not help.
    (typing / "usage.py").write_text("from portkey_ft import A\n", encoding="utf-8")
    git(folder, "commit", "--quiet", "-am", "second")
    return folder


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package of today that still has A and B, where a type checker finds it."""
    folder = tmp_path / "today" / "portkey_ft"
    folder.mkdir(parents=True)
    (folder / "py.typed").touch()
    (folder / "__init__.py").write_text("class A: ...\n\n\nclass B: ...\n", encoding="utf-8")
    monkeypatch.setenv("MYPYPATH", str(folder.parent))
    return folder / "__init__.py"


def broken(repository: Path, surface: str) -> list[str]:
    """Ask version 0.2.0 whether it keeps what v0.1.0 promised."""
    folder = repository.parent / "samples"
    folder.mkdir()
    python = Path(sys.executable)
    return list(broken_promises(repository, "v0.1.0", version="0.2.0", surface=surface, python=python, folder=folder))


def test_what_still_has_every_name_breaks_no_promise(repository: Path, package: Path) -> None:
    pytest.importorskip("mypy", reason="mypy reads the samples; it is in the dependency group release")
    assert package.exists()
    assert broken(repository, SURFACE) == []


def test_a_typed_sample_of_the_previous_release_that_uses_a_removed_name_fails(repository: Path, package: Path) -> None:
    """The sample is the one of the tag, not today's, which no longer uses the name."""
    pytest.importorskip("mypy", reason="mypy reads the samples; it is in the dependency group release")
    package.write_text("class A: ...\n", encoding="utf-8")
    gone, untyped = broken(repository, "portkey_ft.A: class()\n")
    assert gone == "portkey_ft.B is gone; v0.1.0 did not say that it would be"
    assert untyped.startswith("typed programs of v0.1.0 no longer pass:\n")
    assert 'Module "portkey_ft" has no attribute "B"' in untyped


def test_an_error_that_a_sample_of_then_expected_may_have_gone_away(repository: Path, package: Path) -> None:
    pytest.importorskip("mypy", reason="mypy reads the samples; it is in the dependency group release")
    sample = repository.parent / "sample.py"
    sample.write_text("from portkey_ft import A\n\nA()  # type: ignore[call-arg]\n", encoding="utf-8")
    assert package.exists()
    assert list(trial.problems_of_types(Path(sys.executable), [sample], exactly=False)) == []
    (unused,) = trial.problems_of_types(Path(sys.executable), [sample], exactly=True)
    assert 'Unused "type: ignore" comment' in unused


def test_the_previous_release_is_the_newest_tag_but_the_one_of_this_version(repository: Path) -> None:
    assert previous_tag(repository, "0.1.0") is None
    assert previous_tag(repository, "0.2.0") == "v0.1.0"
    for tag in ("v0.9.0", "v0.10.0", "vision"):
        git(repository, "tag", tag)
    assert previous_tag(repository, "0.11.0") == "v0.10.0"
    assert previous_tag(repository, "0.10.0") == "v0.9.0"


def test_a_release_of_another_line_is_not_the_previous_one(repository: Path) -> None:
    git(repository, "checkout", "--quiet", "-b", "other")
    git(repository, "commit", "--quiet", "--allow-empty", "-m", "third")
    git(repository, "tag", "v9.0.0")
    git(repository, "checkout", "--quiet", "-")
    assert previous_tag(repository, "0.2.0") == "v0.1.0"


@pytest.mark.parametrize(("log", "stopped"), [("", True), ("### Breaking\n\n- `B` is gone.\n", False)])
def test_a_broken_promise_stops_a_release_unless_the_changelog_tells_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str], log: str, *, stopped: bool
) -> None:
    monkeypatch.setattr(release, "previous_tag", lambda *_: "v0.0.1")
    monkeypatch.setattr(release, "broken_promises", lambda *_, **__: iter(["B is gone"]))
    text = f"## {check_wheel.version()} - 2026-01-31\n\n{log}"
    problems = list(release._problems_of_promises(Path(sys.executable), tmp_path, text))
    assert problems == (["B is gone"] if stopped else [])
    assert ("B is gone" in capsys.readouterr().out) is not stopped


def test_without_an_earlier_release_it_is_said_that_there_is_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(release, "previous_tag", lambda *_: None)
    assert list(release._problems_of_promises(Path(sys.executable), tmp_path, "")) == []
    assert capsys.readouterr().out.startswith("there is no earlier release to be seen")


def test_a_build_that_gives_other_bytes_the_second_time_is_noticed(tmp_path: Path) -> None:
    one, same, other = (tmp_path / name for name in ("one.whl", "same.whl", "other.whl"))
    one.write_bytes(b"1")
    same.write_bytes(b"1")
    other.write_bytes(b"2")
    assert list(differences((one,), (same,))) == []
    assert list(differences((one,), (other,))) == ["one.whl: a second build of the same source gives other bytes"]


def test_the_pythons_to_try_are_those_of_the_classifiers() -> None:
    assert trial.pythons() == ["3.11", "3.12", "3.13", "3.14"]
    assert trial.interpreters(["2.1"]) == {"2.1": None}


def test_a_python_that_is_not_there_stops_a_release_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(trial, "pythons", lambda: ["2.1"])
    usable: list[Path] = []
    assert list(release._problems_of_use(tmp_path, tmp_path, usable, on_all=False)) == []
    assert capsys.readouterr().out == "Python 2.1 is not there; the wheel was not tried on it\n"
    (told,) = release._problems_of_use(tmp_path, tmp_path, usable, on_all=True)
    assert told == "Python 2.1 is not there, and a release is tried on each"
    assert usable == []


@pytest.mark.parametrize(
    ("program", "told"),
    [
        ("import portkey_ft_missing", "No module named"),
        ("import warnings\nwarnings.warn('old', DeprecationWarning)", "DeprecationWarning: old"),
    ],
)
def test_a_program_that_fails_or_warns_stops_a_release(tmp_path: Path, program: str, told: str) -> None:
    path = tmp_path / "usage.py"
    path.write_text(program, encoding="utf-8")
    folder = tmp_path / "there"
    folder.mkdir()
    (problem,) = trial.problems_of_use(Path(sys.executable), folder, path)
    assert problem.startswith("usage.py fails:\n")
    assert told in problem


@pytest.mark.slow
def test_what_cannot_be_installed_is_told(tmp_path: Path) -> None:
    wheel = tmp_path / "portkey_ft-0.1.0-py3-none-any.whl"
    wheel.write_bytes(b"no zip")
    _, wrong = trial.installed(wheel, Path(sys.executable), tmp_path / "environment")
    assert "portkey_ft" in wrong


@pytest.mark.parametrize(("tag", "code"), [(None, 0), ("v99.0.0", 1)])
def test_everything_is_asked_and_what_was_built_is_kept(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str], tag: str | None, code: int
) -> None:
    """Here the building and the looking are stand-ins; the exit code and the folder are what a workflow relies on."""

    def build(folder: Path) -> tuple[Path, Path]:
        built = (folder / "one.whl", folder / "one.tar.gz")
        for path in built:
            path.write_bytes(b"same")
        return built

    monkeypatch.setattr(release, "build", build)
    for name in ("twine_problems", "problems_of"):
        monkeypatch.setattr(release, name, lambda _: iter(()))
    monkeypatch.setattr(trial, "pythons", list)
    arguments = ["--keep", str(tmp_path / "dist"), *(["--tag", tag] if tag else [])]
    assert release.main(arguments) == code
    assert sorted(path.name for path in (tmp_path / "dist").iterdir()) == ["one.tar.gz", "one.whl"]
    told = capsys.readouterr()
    assert told.out.startswith("built one.whl: 4 bytes, sha256 ")
    assert ("release: the tag is 'v99.0.0'" in told.err) is (tag is not None)
