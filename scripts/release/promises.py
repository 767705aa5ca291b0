"""What the previous release promised: its typed samples, and the names of its surface."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from scripts.release.processes import run
from scripts.release.surface import gone_too_early
from scripts.release.trial import problems_of_types

__all__ = ["broken_promises", "previous_tag"]

SAMPLES: Final = "tests/typing"
SURFACE: Final = "tests/release/surface.txt"


def previous_tag(root: Path, version: str) -> str | None:
    """Give the tag of the release before this version, or None if there is none to be seen."""
    ended = run("git", "tag", "--merged", "HEAD", "--list", "v[0-9]*", "--sort=-version:refname", folder=root)
    return next((tag for tag in ended.out.split() if tag != f"v{version}"), None)


def broken_promises(root: Path, tag: str, *, version: str, surface: str, python: Path, folder: Path) -> Iterator[str]:
    """Tell what the release of a tag promised and this version does not keep, a sentence each.

    Args:
        root: The repository.
        tag: The release.
        version: This version.
        surface: The public surface of this version.
        python: A Python that this version is installed for.
        folder: An empty folder.
    """
    listed = run("git", "ls-tree", "-r", "--name-only", tag, SAMPLES, SURFACE, folder=root)
    texts = {name: run("git", "show", f"{tag}:{name}", folder=root).out for name in listed.out.splitlines()}
    for name in gone_too_early(texts.pop(SURFACE, ""), surface, version):
        yield f"{name} is gone; {tag} did not say that it would be"
    samples = [folder / Path(name).name for name in texts if name.endswith(".py")]
    for sample, text in zip(samples, texts.values(), strict=True):
        sample.write_text(text, encoding="utf-8")
    if samples:
        for problem in problems_of_types(python, samples, exactly=False):
            yield f"typed programs of {tag} no longer pass:\n{problem}"
