"""Look through the wheel: what it holds, what it says of itself, its size; and whether a tag says the same."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Sequence
from email.message import Message
from email.parser import BytesParser
from pathlib import Path
from typing import Final, NamedTuple

from scripts.release.changelog import heading

__all__ = [
    "DEPENDENCIES",
    "LARGEST_INSTALLED",
    "LARGEST_WHEEL",
    "Weight",
    "problems_of",
    "source_files",
    "tag_problems",
    "version",
    "weigh",
]

ROOT: Final = Path(__file__).resolve().parents[2]
PACKAGES: Final = {"portkey_ft": ROOT / "portkey_ft", "portkey_ft_api": ROOT / "generated" / "portkey_ft_api"}
DEPENDENCIES: Final = frozenset({"attrs", "httpx"})
RELATIVE_LINK: Final = re.compile(r"\]\((?!https://)[^)]*\)")
# What a release may weigh; the goal, which benchmarks/rows/sizes.py holds it against, is less. A third of it is the
# fake gateway, a double of the real one for five providers, and a fifth is docstrings.
LARGEST_WHEEL: Final = 350_000
LARGEST_INSTALLED: Final = 1_200_000


class Weight(NamedTuple):
    """What a wheel weighs: its bytes, those that are unpacked from it, and what it brings along."""

    wheel: int
    installed: int
    dependencies: frozenset[str]


def version() -> str:
    """Read the version from the one place that says it."""
    text = (ROOT / "portkey_ft" / "_version.py").read_text(encoding="utf-8")
    return text.partition('__version__ = "')[2].partition('"')[0]


def tag_problems(tag: str, changelog: str, fragments: Sequence[Path] = ()) -> Iterator[str]:
    """Tell why a tag cannot be released, a sentence each."""
    if tag != f"v{version()}":
        yield f"the tag is {tag!r}; the version in portkey_ft/_version.py is {version()!r}"
    told = heading(changelog, version())
    if told is None or not re.search(r"\d{4}-\d{2}-\d{2}$", told):
        yield f"CHANGELOG.md has no heading with a date, such as '## {version()} - 2026-01-31'; it has {told!r}"
    if fragments:
        names = ", ".join(path.name for path in fragments)
        yield f"changelog.d still holds {names}; 'towncrier build --version {version()}' moves them into CHANGELOG.md"


def source_files() -> dict[str, Path]:
    """Give each file that belongs into the wheel, by its name there."""
    return {
        f"{name}/{path.relative_to(folder).as_posix()}": path
        for name, folder in PACKAGES.items()
        for path in folder.rglob("*")
        if path.is_file() and path.suffix in {".py", ".typed"}
    }


def weigh(wheel: Path) -> Weight:
    """Weigh a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        infos = archive.infolist()
        metadata = b"".join(archive.read(info) for info in infos if info.filename.endswith(".dist-info/METADATA"))
    installed = sum(info.file_size for info in infos)
    return Weight(wheel.stat().st_size, installed, _dependencies(BytesParser().parsebytes(metadata)))


def problems_of(wheel: Path) -> Iterator[str]:
    """Tell what is wrong with a wheel, a sentence each."""
    with zipfile.ZipFile(wheel) as archive:
        contents = {info.filename: archive.read(info) for info in archive.infolist()}
    home = f"portkey_ft-{version()}.dist-info/"
    code = {name: content for name, content in contents.items() if not name.startswith(home)}
    yield from _content_problems(code)
    yield from _metadata_problems({name.removeprefix(home): contents[name] for name in contents if name not in code})
    weight = weigh(wheel)
    for what, size, most in (
        ("the wheel", weight.wheel, LARGEST_WHEEL),
        ("the wheel when installed", weight.installed, LARGEST_INSTALLED),
    ):
        if size > most:
            yield f"{what} has {size} bytes; {most} are allowed"


def _content_problems(code: dict[str, bytes]) -> Iterator[str]:
    expected = source_files()
    for name in sorted(expected.keys() - code.keys()):
        yield f"{name} is missing"
    for name in sorted(code.keys() - expected.keys()):
        yield f"{name} does not belong there"
    for name in sorted(code.keys() & expected.keys()):
        if code[name] != expected[name].read_bytes():
            yield f"{name} differs from the source"
    for name in PACKAGES:
        if f"{name}/py.typed" not in code:
            yield f"{name}/py.typed is missing: type checkers would not look at the hints"


def _metadata_problems(files: dict[str, bytes]) -> Iterator[str]:
    for name in ("METADATA", "WHEEL", "RECORD", "licenses/LICENSE"):
        if name not in files:
            yield f"{name} is missing"
    metadata = BytesParser().parsebytes(files.get("METADATA", b""))
    wheel = BytesParser().parsebytes(files.get("WHEEL", b""))
    for name, wanted in {
        "Name": "portkey-ft",
        "Version": version(),
        "Requires-Python": ">=3.11",
        "License-Expression": "MIT",
        "Description-Content-Type": "text/markdown",
    }.items():
        if metadata[name] != wanted:
            yield f"the metadata say {name}: {metadata[name]!r}; it should be {wanted!r}"
    shown = str(metadata.get_payload())
    yield from (f"the page of the index would have a dead link: {link}" for link in RELATIVE_LINK.findall(shown))
    if wheel["Tag"] != "py3-none-any":
        yield f"the tag is {wheel['Tag']!r}; pure Python is 'py3-none-any'"
    if needed := _dependencies(metadata) ^ DEPENDENCIES:
        yield f"run-time dependencies are not {sorted(DEPENDENCIES)}; they differ in {sorted(needed)}"


def _dependencies(metadata: Message) -> frozenset[str]:
    """Give the names of what is installed without any extra."""
    required: list[str] = metadata.get_all("Requires-Dist", [])
    return frozenset(re.split(r"[^A-Za-z0-9_.-]", text, maxsplit=1)[0] for text in required if "extra ==" not in text)
