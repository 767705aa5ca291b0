"""Build the wheel and the archive of the source, so that the same source gives the same bytes."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from scripts.release.processes import run

__all__ = ["build", "differences", "twine_problems"]

ROOT: Final = Path(__file__).resolve().parents[2]
# 2020-02-02, where hatchling begins too: any time will do, as long as it is the same one.
EPOCH: Final = "1580601600"


def build(folder: Path) -> tuple[Path, Path]:
    """Build both into a folder, the wheel from the archive; every time in them is fixed."""
    environment = {"SOURCE_DATE_EPOCH": EPOCH, **os.environ}
    ended = run(sys.executable, "-m", "build", "--outdir", folder, ROOT, folder=folder, environment=environment)
    if ended.code:
        sys.exit(f"the package cannot be built:\n{ended.said}")
    (wheel,), (archive,) = folder.glob("*.whl"), folder.glob("*.tar.gz")
    return wheel, archive


def differences(built: tuple[Path, ...], again: tuple[Path, ...]) -> Iterator[str]:
    """Tell which files of two builds are not the same, a sentence each."""
    for one, other in zip(built, again, strict=True):
        if one.read_bytes() != other.read_bytes():
            yield f"{one.name}: a second build of the same source gives other bytes"


def twine_problems(built: tuple[Path, ...]) -> Iterator[str]:
    """Tell what the package index would not take or not show."""
    ended = run(sys.executable, "-m", "twine", "check", "--strict", *built, folder=ROOT)
    if ended.code:
        yield f"twine refuses it:\n{ended.said}"
