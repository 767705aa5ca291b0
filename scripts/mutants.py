"""Break the code in small ways and see whether a test notices: ``python -m scripts.mutants [AREA ...]``.

mutmut makes the mutants, runs for each the tests that reach its function, and keeps the results of functions that have
not changed. ``tests/mutants.toml`` says which modules are tried with which tests, and which mutants no test can notice
because they behave alike. Any other survivor is an error. A sample is drawn where the whole was tried before, so that
no run fails by what happens to be drawn.
"""

from __future__ import annotations

import argparse
import filecmp
import fnmatch
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import attrs

__all__ = ["Area", "Equivalent", "Outcome", "Survivor", "drawn", "judge", "main", "read_plan"]

ROOT: Final = Path(__file__).resolve().parents[1]
PLAN: Final = ROOT / "tests" / "mutants.toml"
#: What the tests need beside the code.
COPIED: Final = ("portkey_ft", "generated", "scripts", "spec", "tests", "examples", "conftest.py", "README.md")
#: Ends what does not end by itself.
ENDING: Final = "tests.support.processor_time"
#: What mutmut notes of a mutant that no test noticed, and of one whose tests did not end (SIGPROF, SIGXCPU, SIGKILL;
#: in numbers, because not every system has the names).
SURVIVED: Final = frozenset({0, 5, 33})
ENDLESS: Final = frozenset({-27, -24, -9})


@attrs.frozen
class Area:
    """Modules that are broken, the tests that should notice with their data, and patterns of lines that are left alone.

    Attributes:
        settled: Whether the whole area was tried, and each survivor has a reason; samples are drawn from such alone.
    """

    name: str
    modules: tuple[str, ...]
    tests: tuple[str, ...]
    texts: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
    settled: bool = False


@attrs.frozen
class Equivalent:
    """A mutant that behaves like the original, and why."""

    function: str
    change: str
    why: str


@attrs.frozen
class Survivor:
    """A mutant that no test noticed."""

    function: str
    change: str


@attrs.frozen
class Outcome:
    """What came of the mutants of one area."""

    area: Area
    total: int
    survivors: tuple[Survivor, ...]
    endless: int = 0
    whole: bool = True


def read_plan(path: Path = PLAN) -> tuple[tuple[Area, ...], tuple[Equivalent, ...]]:
    """Read which modules are tried with which tests, and which mutants behave like the original."""
    plan = tomllib.loads(path.read_text("utf-8"))
    texts = tuple(plan["texts"])
    areas = tuple(
        Area(
            one["name"],
            tuple(one["modules"]),
            tuple(one["tests"]),
            texts,
            tuple(one.get("data", ())),
            settled=one.get("settled", False),
        )
        for one in plan["area"]
    )
    equivalents = tuple(
        Equivalent(one["function"], f"{one['was']} -> {one['becomes']}", one["why"]) for one in plan["equivalent"]
    )
    return areas, equivalents


def judge(outcome: Outcome, equivalents: Sequence[Equivalent]) -> tuple[list[Survivor], list[Equivalent]]:
    """Return the survivors that are not written down, and what is written down and is no survivor (any more).

    A sample says nothing of the latter.
    """
    written = {(one.function, one.change) for one in equivalents}
    found = {(one.function, one.change) for one in outcome.survivors}
    modules = {path.removesuffix(".py").replace("/", ".") for path in outcome.area.modules}
    stale = [
        one
        for one in equivalents
        if (one.function, one.change) not in found and any(one.function.startswith(f"{name}.") for name in modules)
    ]
    missed = [one for one in outcome.survivors if (one.function, one.change) not in written]
    return missed, stale if outcome.whole else []


def drawn(day: int, areas: Sequence[Area]) -> tuple[Area, str]:
    """Draw what is tried on a day: a settled area, and those of its mutants whose number ends in one of two digits."""
    settled = [area for area in areas if area.settled]
    turn, place = divmod(day, len(settled))
    first = 2 * (turn % 5)
    return settled[place], f"*__mutmut_*[{first}{first + 1}]"


def _refresh(folder: Path) -> None:
    """Bring the copy of the project up to date; what has not changed keeps its time, by which mutmut knows it."""
    for name in COPIED:
        source, target = ROOT / name, folder / name
        paths = [source] if source.is_file() else [path for path in source.rglob("*") if path.is_file()]
        wanted = {path.relative_to(ROOT) for path in paths if "__pycache__" not in path.parts}
        there: set[Path] = {path.relative_to(folder) for path in target.rglob("*") if path.is_file()}
        for path in there - wanted:
            (folder / path).unlink()
            (folder / "mutants" / path).unlink(missing_ok=True)
        for path in wanted:
            if not (folder / path).exists() or not filecmp.cmp(ROOT / path, folder / path, shallow=False):
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(ROOT / path, folder / path)


def _configure(folder: Path, area: Area) -> None:
    settings = {
        "source_paths": ["portkey_ft", "scripts"],
        "only_mutate": area.modules,
        "do_not_mutate_patterns": area.texts,
        "also_copy": [name for name in COPIED if name not in {"portkey_ft", "scripts", "tests"}],
        "pytest_add_cli_args": ["-p", "no:cacheprovider", "-p", ENDING, "-m", "not slow"],
        "pytest_add_cli_args_test_selection": area.tests,
        # mutmut's limit is one of real time, and takes a survivor on a busy machine for one that is noticed. What does
        # not end is found by the plugin, whose limit is one of processor time; this is for what waits for ever.
        "timeout_multiplier": 30.0,
        # Changes of tests are looked after here.
        "use_git_change_detection": False,
    }
    lines = (f"{name} = {json.dumps(value)}" for name, value in settings.items())
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    (folder / "pyproject.toml").write_text(f"{text}\n[tool.mutmut]\n" + "\n".join(lines) + "\n", encoding="utf-8")


def _digest(folder: Path, area: Area) -> str:
    """Hash the tests of an area and what they stand on."""
    digest = hashlib.sha256(repr(area).encode())
    for name in (*area.tests, *area.data, "tests/support", "tests/conftest.py", "tests/sdk/conftest.py", "conftest.py"):
        path = folder / name
        for one in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            digest.update(one.read_bytes())
    return digest.hexdigest()


def _metas(folder: Path, area: Area) -> Iterator[tuple[Path, dict[str, Any]]]:
    for module in area.modules:
        path = folder / "mutants" / f"{module}.meta"
        if path.exists():
            yield path, json.loads(path.read_text("utf-8"))


def _mutmut(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST_", "COVERAGE_"))}
    command = (sys.executable, "-m", "mutmut", *arguments)
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - our own words


def _survivor(folder: Path, name: str) -> Survivor:
    shown = _mutmut(folder, "show", name).stdout
    lines = [line for line in shown.splitlines() if line[:1] in {"-", "+"} and line[:3] not in {"---", "+++"}]
    was = " ".join(line[1:].strip() for line in lines if line[0] == "-")
    becomes = " ".join(line[1:].strip() for line in lines if line[0] == "+")
    module, _, mangled = name.rpartition("__mutmut_")[0].rpartition(".")
    function = re.sub(r"^x_?", "", mangled).replace("ǁ", ".").lstrip(".")
    return Survivor(f"{module}.{function}", f"{was} -> {becomes}")


def run_area(area: Area, cache: Path, *, only: str = "*", again: bool = False) -> Outcome:
    """Try the mutants of an area whose result is not known yet; with ``again``, the survivors once more."""
    folder = cache / area.name
    folder.mkdir(parents=True, exist_ok=True)
    _refresh(folder)
    _configure(folder, area)
    stamp, digest = folder / "tests.sha256", _digest(folder, area)
    known = stamp.read_text("utf-8") if stamp.exists() else ""
    if known != digest and not again:
        shutil.rmtree(folder / "mutants", ignore_errors=True)
    for path, meta in _metas(folder, area):
        codes = meta["exit_code_by_key"]
        meta["exit_code_by_key"] = {key: None if code in SURVIVED else code for key, code in codes.items()}
        path.write_text(json.dumps(meta), encoding="utf-8")
    (folder / "mutants" / "mutmut-stats.json").unlink(missing_ok=True)
    ended = _mutmut(folder, "run", *([] if only == "*" else [only]))
    if ended.returncode != 0:
        message = (
            f"mutmut failed on {area.name} with exit code {ended.returncode}:\n{ended.stdout[-2000:]}{ended.stderr}"
        )
        raise RuntimeError(message)
    stamp.write_text(digest, encoding="utf-8")
    results: Mapping[str, int | None] = {
        key: code
        for _, meta in _metas(folder, area)
        for key, code in meta["exit_code_by_key"].items()
        if fnmatch.fnmatchcase(key, only)
    }
    names = sorted(key for key, code in results.items() if code in SURVIVED or code is None)
    endless = sum(code in ENDLESS for code in results.values())
    return Outcome(area, len(results), tuple(_survivor(folder, name) for name in names), endless, only == "*")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line."""
    areas, equivalents = read_plan()
    parser = argparse.ArgumentParser(prog="python -m scripts.mutants", description=__doc__)
    parser.add_argument("areas", nargs="*", metavar="AREA", help=f"of {', '.join(one.name for one in areas)}")
    parser.add_argument("--today", action="store_true", help="a fifth of a settled area, another one each day")
    parser.add_argument("--again", action="store_true", help="after a change of tests: the survivors alone")
    parser.add_argument("--cache", type=Path, default=ROOT / ".mutants", help="where results are kept")
    given = parser.parse_args(arguments)
    chosen = [(area, "*") for area in areas if not given.areas or area.name in given.areas]
    if given.today:
        chosen = [drawn(int(time.time() // 86_400), areas)]
    unknown = set(given.areas) - {area.name for area in areas}
    if unknown or not chosen:
        parser.error(f"there is no area {', '.join(sorted(unknown))}")
    wrong = 0
    for area, only in chosen:
        began = time.monotonic()
        outcome = run_area(area, given.cache.resolve(), only=only, again=given.again)
        missed, stale = judge(outcome, equivalents)
        total, survivors = outcome.total, len(outcome.survivors)
        counted = (
            f"{total} mutants, {outcome.endless} did not end, {survivors} survived ({100 * survivors / total:.1f} %)"
        )
        took = f"{time.monotonic() - began:.0f} s"
        sys.stdout.write(f"{area.name}, {only}: {counted}, {len(missed)} of them without a reason; {took}\n")
        sys.stdout.writelines(f"  NOT NOTICED {one.function}: {one.change}\n" for one in missed)
        sys.stdout.writelines(f"  NO SURVIVOR {one.function}: {one.change}\n" for one in stale)
        sys.stdout.flush()
        wrong += len(missed) + len(stale)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
