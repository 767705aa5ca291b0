"""Look at what a release would give: ``python -m scripts.release``.

Builds the wheel and the archive of the source twice, looks through the wheel, installs it on each supported Python,
uses it there, and asks whether the promises of the previous release are kept. Exits with 1 and a sentence for each
thing that is not as it should be. ``--keep FOLDER`` leaves what was built there; ``--tag v1.2.3`` says what is going to
be released.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from scripts.release import changelog, trial
from scripts.release.build import build, differences, twine_problems
from scripts.release.check_wheel import problems_of, tag_problems, version
from scripts.release.promises import broken_promises, previous_tag
from scripts.release.surface import surface

ROOT: Final = Path(__file__).resolve().parents[2]


def _tell(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _problems(tag: str | None, keep: Path | None, folder: Path) -> Iterator[str]:
    """Go through everything, telling on the way what is well."""
    for name in ("first", "again", "samples", "before"):
        (folder / name).mkdir()
    log = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    yield from changelog.fragment_problems()
    if tag is not None:
        yield from tag_problems(tag, log, changelog.fragments())
    built = build(folder / "first")
    yield from differences(built, build(folder / "again"))
    yield from twine_problems(built)
    for path in built:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        _tell(f"built {path.name}: {path.stat().st_size} bytes, sha256 {digest}")
        if keep is not None:
            keep.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, keep)
    wheel, _ = built
    yield from problems_of(wheel)
    usable: list[Path] = []
    yield from _problems_of_use(wheel, folder, usable, on_all=tag is not None)
    if usable:
        yield from _problems_of_types(usable[0], folder / "samples")
        yield from _problems_of_promises(usable[0], folder / "before", log)


def _problems_of_use(wheel: Path, folder: Path, usable: list[Path], *, on_all: bool) -> Iterator[str]:
    for name, interpreter in trial.interpreters(trial.pythons()).items():
        if interpreter is None:
            _tell(f"Python {name} is not there; the wheel was not tried on it")
            if on_all:
                yield f"Python {name} is not there, and a release is tried on each"
            continue
        python, wrong = trial.installed(wheel, interpreter, folder / f"environment-{name}")
        problems = [wrong] if wrong else list(trial.problems_of_use(python, folder))
        yield from (f"on Python {name}: {problem}" for problem in problems)
        if not problems:
            usable.append(python)
            _tell(f"installed and used on Python {name}")


def _problems_of_types(python: Path, folder: Path) -> Iterator[str]:
    samples = [Path(shutil.copy(path, folder)) for path in (*ROOT.glob("tests/typing/*.py"), trial.USAGE)]
    problems = list(trial.problems_of_types(python, samples, exactly=True))
    yield from (f"typed programs do not pass with the wheel:\n{problem}" for problem in problems)
    if not problems:
        _tell("typed programs pass with the wheel")


def _problems_of_promises(python: Path, folder: Path, log: str) -> Iterator[str]:
    before = previous_tag(ROOT, version())
    if before is None:
        _tell("there is no earlier release to be seen, so none whose promises could be broken")
        return
    broken = list(broken_promises(ROOT, before, version=version(), surface=surface(), python=python, folder=folder))
    if not broken:
        _tell(f"kept what {before} promised")
    elif "### Breaking" in changelog.section(log, version()):
        _tell(f"breaks what {before} promised, and the changelog says so:")
        for problem in broken:
            _tell(problem)
    else:
        yield from broken


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit code is 1 if anything is wrong."""
    parser = argparse.ArgumentParser(prog="python -m scripts.release", description=__doc__)
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="leave what was built in this folder")
    parser.add_argument("--tag", metavar="TAG", help="what is going to be released")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        problems = list(_problems(options.tag, options.keep, Path(folder)))
    for problem in problems:
        sys.stderr.write(f"release: {problem}\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
