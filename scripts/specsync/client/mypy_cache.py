"""A mypy cache of third-party packages, without our own modules.

A cache with our own modules reports errors that are fixed, and misses new ones, after a client is regenerated. An empty
one spends most of its time on the standard library and the packages installed, which no sync changes. So the
entries of those are kept, per set of installed packages and settings, and each proof begins with a copy of them.
"""

import os
import platform
import shutil
import tempfile
import tomllib
from contextlib import suppress
from importlib.metadata import distributions
from pathlib import Path
from typing import Final, cast

import attrs

from scripts.specsync.document.json_values import JsonValue, digest

_KEPT: Final = 3


@attrs.frozen
class TypeCache:
    """The folder of kept entries for one set of packages and settings."""

    folder: Path

    def begin(self, target: Path) -> None:
        """Fill the cache of one check with the kept entries.

        The files are shared and not copied where that is possible: mypy puts a new file in the place of an old one and
        never writes into one.
        """
        if self.folder.is_dir():
            with suppress(OSError, shutil.Error):
                shutil.copytree(self.folder, target, copy_function=_link)
                return
            shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True, exist_ok=True)

    def keep(self, source: Path, own: frozenset[str]) -> None:
        """Keep the cache of one check, without our own modules."""
        if self.folder.is_dir():
            return
        with suppress(OSError, shutil.Error):
            self.folder.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=self.folder.parent, prefix=".") as temporary:
                filled = Path(temporary) / "cache"
                shutil.copytree(source, filled, ignore=lambda _, names: [name for name in names if _root(name) in own])
                filled.rename(self.folder)
            kept = sorted(self.folder.parent.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
            for old in kept[_KEPT:]:
                shutil.rmtree(old, ignore_errors=True)


def type_cache(home: Path, project: Path) -> TypeCache:
    """Return the cache for the packages that are installed beside this interpreter and a project's settings of mypy."""
    installed = sorted(f"{found.name}=={found.version}" for found in distributions())
    key: list[JsonValue] = [platform.python_version(), _settings(project / "pyproject.toml"), *installed]
    return TypeCache(home / "types" / digest(key))


def _link(source: str, target: str) -> None:
    """Hard-link a file; copy it where that is not possible."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _root(name: str) -> str:
    return name.split(".", 1)[0]


def _settings(path: Path) -> str:
    if not path.is_file():
        return ""
    try:
        tools: object = tomllib.loads(path.read_text(encoding="utf-8")).get("tool", {})
    except ValueError:
        return ""
    return repr(cast("dict[str, object]", tools).get("mypy"))
