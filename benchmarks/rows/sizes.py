"""What is downloaded and what is installed."""

from __future__ import annotations

import ast
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.measure import Lines, Setting, limit_row
from scripts.release.build import build
from scripts.release.check_wheel import DEPENDENCIES, LARGEST_INSTALLED, weigh

GOAL = 200_000
WHY = "the rows below say what it is made of; without one docstring or comment it would still be more than the goal."
PARTS = {
    "the fake gateway": "portkey_ft/testing/",
    "the checks of training files": "portkey_ft/datasets/",
    "the command line": "portkey_ft/cli/",
    "the generated client": "portkey_ft_api/",
}


def rows(setting: Setting) -> Lines:
    """Build the wheel and weigh it."""
    del setting
    with TemporaryDirectory() as folder:
        wheel = build(Path(folder))[0]
        weight, parts = weigh(wheel), dict(_parts(wheel))
    for what, size, most, why in (
        ("the wheel", weight.wheel, GOAL, WHY),
        ("installed, without compiled code", weight.installed, LARGEST_INSTALLED, ""),
    ):
        yield limit_row(what, [size / 1000], "kB", at_most=most / 1000, why=why)
    for part, size in parts.items():
        yield limit_row(f"of the wheel, {part}", [size / 1000], "kB")
    names = ", ".join(sorted(weight.dependencies))
    yield limit_row(f"dependencies: {names}", [len(weight.dependencies)], "packages", at_most=len(DEPENDENCIES))


def _parts(wheel: Path) -> Iterator[tuple[str, int]]:
    """Give what some parts of a wheel take in it, and what is said in it for people alone."""
    with zipfile.ZipFile(wheel) as archive:
        packed = {info.filename: info.compress_size for info in archive.infolist()}
        sources = [archive.read(name) for name in packed if name.endswith(".py")]
    for part, folder in PARTS.items():
        yield part, sum(size for name, size in packed.items() if name.startswith(folder))
    yield "docstrings and comments", sum(_packed(source) - _packed(_bare(source)) for source in sources)


def _packed(source: bytes) -> int:
    return len(zlib.compress(source))


def _bare(source: bytes) -> bytes:
    """Take docstrings and comments out of a module."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and (
            ast.get_docstring(node, clean=False) is not None
        ):
            node.body[:1] = [ast.Pass()]
    return ast.unparse(tree).encode()
