"""Try a wheel as a stranger would: in a new environment of each supported Python, far from this folder."""

from __future__ import annotations

import shutil
import sys
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from scripts.release.processes import run

__all__ = ["installed", "interpreters", "problems_of_types", "problems_of_use", "pythons"]

ROOT: Final = Path(__file__).resolve().parents[2]
USAGE: Final = ROOT / "examples" / "quickstart.py"


def pythons(root: Path = ROOT) -> list[str]:
    """Give the Pythons that the package says it supports."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    begin = "Programming Language :: Python :: 3."
    return [text.rpartition(" ")[2] for text in project["classifiers"] if text.startswith(begin)]


def interpreters(versions: Sequence[str]) -> dict[str, Path | None]:
    """Find the interpreter of each version; a version manager's shim may be there and not start."""
    found = {version: shutil.which(f"python{version}") for version in versions}
    return {
        version: Path(path) if path and run(path, "-c", "", folder=ROOT).code == 0 else None
        for version, path in found.items()
    }


def installed(wheel: Path, interpreter: Path, folder: Path) -> tuple[Path, str]:
    """Install a wheel into a new environment; gives its Python, and what went wrong or nothing."""
    ended = run(interpreter, "-m", "venv", folder, folder=folder.parent)
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    if ended.code == 0:
        pip = (python, "-m", "pip", "--disable-pip-version-check")
        ended = run(*pip, "install", "--quiet", wheel, folder=folder)
        if ended.code == 0:
            ended = run(*pip, "check", folder=folder)
    return python, ended.said if ended.code else ""


def problems_of_use(python: Path, folder: Path, usage: Path = USAGE) -> Iterator[str]:
    """Tell what goes wrong when a program is run with the wheel, where each warning is an error."""
    program = Path(shutil.copy(usage, folder))
    # Isolated: neither this folder nor the environment's variables can lend the wheel what it lacks.
    ended = run(python, "-I", "-W", "error", program, folder=folder)
    if ended.code:
        yield f"{usage.name} fails:\n{ended.said}"


def problems_of_types(python: Path, samples: Sequence[Path], *, exactly: bool) -> Iterator[str]:
    """Tell what a strict type checker says of programs that use what is installed for a Python.

    Args:
        python: The Python that the package is installed for.
        samples: The programs.
        exactly: Whether an error that a sample expects must be there; errors may go away with time.
    """
    folder = samples[0].parent
    options = ("--strict", "--python-executable", python, "--cache-dir", folder / ".cache")
    lenient = () if exactly else ("--no-warn-unused-ignores",)
    ended = run(sys.executable, "-m", "mypy", *options, *lenient, *samples, folder=folder)
    if ended.code:
        yield ended.said
