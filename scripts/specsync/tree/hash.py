"""The hash of a folder: of every file's path and bytes, in order."""

import hashlib
from pathlib import Path
from typing import Final

_CACHES: Final = frozenset({"__pycache__", ".mypy_cache", ".ruff_cache"})


def tree_files(folder: Path) -> tuple[Path, ...]:
    """Return the files of a folder in order, without caches."""
    return tuple(
        sorted(
            (
                path
                for path in folder.rglob("*")
                if path.is_file() and not _CACHES & set(path.relative_to(folder).parts)
            ),
            key=lambda path: path.relative_to(folder).as_posix(),
        )
    )


def tree_hash(folder: Path) -> str:
    """Return the hash of a folder; a missing one has the hash of an empty one."""
    found = hashlib.sha256()
    for path in tree_files(folder):
        content = path.read_bytes()
        found.update(f"{path.relative_to(folder).as_posix()}\0{len(content)}\0".encode())
        found.update(content)
    return found.hexdigest()
