"""Running programs, for what a release is made and tried with."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

import attrs

__all__ = ["Ended", "run"]


@attrs.frozen
class Ended:
    """How a program ended.

    Attributes:
        code: The exit code.
        out: What it wrote to standard output.
        said: All that it wrote, for people.
    """

    code: int
    out: str
    said: str


def run(*command: str | Path, folder: Path, environment: Mapping[str, str] | None = None) -> Ended:
    """Run a program in a folder until it ends."""
    words = [str(word) for word in command]
    ended = subprocess.run(words, cwd=folder, env=environment, check=False, capture_output=True, text=True)  # noqa: S603 - our own words
    return Ended(ended.returncode, ended.stdout, f"{ended.stdout}{ended.stderr}".strip())
