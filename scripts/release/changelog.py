"""The changelog: fragments in ``changelog.d/``, of which towncrier makes the section of a release.

``python -m scripts.release.changelog`` checks the fragments and shows what they will become; ``--section v1.2.3``
prints what CHANGELOG.md says of a release.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

__all__ = ["draft", "fragment_problems", "fragments", "heading", "main", "section"]

ROOT: Final = Path(__file__).resolve().parents[2]


def kinds(root: Path = ROOT) -> tuple[str, ...]:
    """Give the kinds of fragments, in their order."""
    settings = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    return tuple(kind["directory"] for kind in settings["tool"]["towncrier"]["type"])


def fragments(root: Path = ROOT) -> list[Path]:
    """Give the files of what has changed since the last release."""
    return sorted(path for path in (root / "changelog.d").iterdir() if path.name != "README.md")


def fragment_problems(root: Path = ROOT) -> Iterator[str]:
    """Tell what is wrong with fragments, a sentence each."""
    known = kinds(root)
    name = re.compile(rf"(\d+|\+[a-z0-9][a-z0-9-]*)\.({'|'.join(known)})\.md")
    for path in fragments(root):
        place = f"changelog.d/{path.name}"
        if not name.fullmatch(path.name):
            yield f"{place}: a name is 123.KIND.md or +some-words.KIND.md, and KIND one of {', '.join(known)}"
            continue
        text = path.read_text(encoding="utf-8")
        if not text.strip():
            yield f"{place}: it is empty"
        elif text[0] in "#-*" or text[0].isspace():
            yield f"{place}: it begins with {text[0]!r}; headings and bullets are made for it"
        elif not re.search(r"[.!?`)]\n\Z", text):
            yield f"{place}: it does not end with a sentence and one line break"


def draft(version: str, root: Path = ROOT) -> tuple[str, str]:
    """Give the section that the fragments become, and what towncrier complains of, of which one is empty."""
    command = (sys.executable, "-m", "towncrier", "build", "--draft", "--version", version, "--dir", str(root))
    ended = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603 - our own words
    return (ended.stdout, "") if ended.returncode == 0 else ("", ended.stderr + ended.stdout)


def heading(changelog: str, version: str) -> str | None:
    """Give the line that a version's section begins with."""
    return next((line for line in changelog.splitlines() if line.startswith(f"## {version} ")), None)


def section(changelog: str, version: str) -> str:
    """Give what a changelog says of a version, without the heading; nothing if it says nothing."""
    found = re.search(rf"^## {re.escape(version)} [^\n]*\n(.*?)(?=^## |\Z)", changelog, re.MULTILINE | re.DOTALL)
    return found[1].strip() if found else ""


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Run the command line; the exit code is 1 if anything is wrong."""
    parser = argparse.ArgumentParser(prog="python -m scripts.release.changelog", description=__doc__)
    parser.add_argument("--section", metavar="TAG", help="print what CHANGELOG.md says of a release, and nothing else")
    options = parser.parse_args(arguments)
    if options.section is not None:
        text = section((root / "CHANGELOG.md").read_text(encoding="utf-8"), options.section.removeprefix("v"))
        sys.stdout.write(f"{text}\n" if text else "")
        return 0 if text else 1
    problems = list(fragment_problems(root))
    shown, complaint = draft("next", root)
    sys.stdout.write(shown)
    sys.stderr.writelines(f"changelog: {problem}\n" for problem in (*problems, *complaint.splitlines()))
    return 1 if problems or complaint else 0


if __name__ == "__main__":
    sys.exit(main())
