"""Replaces files and folders atomically: a crash leaves either all of the old or all of the new.

Everything is written beside the project first and flushed. Then a journal that names every replacement is put in place
by one rename: that is the moment at which the new tree is decided on. The replacements follow, the lock last; whoever
comes next after a crash finishes what the journal says, by hash, as often as it takes. Before the journal nothing was
touched; an error after it (not a crash) takes back what was done.
"""

import ctypes
import errno
import json
import os
import shutil
import signal
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import attrs

from scripts.specsync.document.json_values import digest_bytes
from scripts.specsync.errors import PinError, UsageError
from scripts.specsync.tree.hash import tree_hash

STATE: Final = ".specsync"
_JOURNAL: Final = "journal.json"
_STAGING: Final = "staging"
_AT_CURRENT_FOLDER: Final = -100
_RENAME_EXCHANGE: Final = 2
_SIGNALS: Final = frozenset({signal.SIGINT, signal.SIGTERM, signal.SIGHUP})


@attrs.frozen
class Entry:
    """One replacement: what is staged, its place in the project, and the hash of the new content."""

    staged: str
    target: str
    sha256: str


def replace(root: Path, texts: Mapping[str, str], folders: Mapping[str, Path]) -> None:
    """Replace files (by text) and folders (by another folder's content); the last of the texts is put in last."""
    state = root / STATE
    staging = state / _STAGING
    try:
        shutil.rmtree(staging, ignore_errors=True)
        staging.mkdir(parents=True)
        entries = _stage(staging, texts, folders)
    except OSError as error:
        _clean(state)
        message = f"nothing was changed: cannot write to {STATE}: {error.strerror}"
        raise UsageError(message) from None
    except BaseException:
        _clean(state)
        raise
    with _undisturbed():
        try:
            _write_durably(state / "journal.new", json.dumps([attrs.asdict(entry) for entry in entries]).encode())
            (state / "journal.new").rename(state / _JOURNAL)
            _flush_folder(state)
        except OSError as error:
            (state / _JOURNAL).unlink(missing_ok=True)
            _clean(state)
            message = f"nothing was changed: cannot write to {STATE}: {error.strerror}"
            raise UsageError(message) from None
        _finish(root, entries)


def is_interrupted(root: Path) -> bool:
    """Return whether a replacement was decided on and not finished."""
    return (root / STATE / _JOURNAL).is_file()


def recover(root: Path) -> bool:
    """Finish an interrupted replacement, and return whether there was one; remove what a crash left behind."""
    state = root / STATE
    if not is_interrupted(root):
        if state.is_dir():
            _clean(state)
        return False
    try:
        rows: list[dict[str, str]] = json.loads((state / _JOURNAL).read_bytes())
        entries = tuple(Entry(**row) for row in rows)
    except (ValueError, TypeError) as error:
        message = f"{STATE}/{_JOURNAL} cannot be read: {error}"
        raise PinError(message) from None
    with _undisturbed():
        _finish(root, entries)
    return True


def _stage(staging: Path, texts: Mapping[str, str], folders: Mapping[str, Path]) -> tuple[Entry, ...]:
    entries: list[Entry] = []
    for index, (target, source) in enumerate(folders.items()):
        staged = staging / f"folder-{index}"
        shutil.copytree(source, staged, ignore=shutil.ignore_patterns("__pycache__"))
        for path in staged.rglob("*"):
            if path.is_file():
                _flush(path)
            else:
                _flush_folder(path)
        _flush_folder(staged)
        entries.append(Entry(staged.name, target, tree_hash(staged)))
    for index, (target, text) in enumerate(texts.items()):
        staged = staging / f"file-{index}"
        _write_durably(staged, text.encode())
        entries.append(Entry(staged.name, target, digest_bytes(text.encode())))
    _flush_folder(staging)
    return tuple(entries)


def _finish(root: Path, entries: tuple[Entry, ...]) -> None:
    state = root / STATE
    done: list[tuple[Path, Path, bool]] = []
    try:
        for entry in entries:
            staged, target = state / _STAGING / entry.staged, root / entry.target
            if _is_new(target, entry):
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            existed = target.exists()
            _put(staged, target)
            done.append((staged, target, existed))
            _flush_folder(target.parent)
    except OSError as error:
        for staged, target, existed in reversed(done):
            with suppress(OSError):
                _put(staged, target) if existed else target.rename(staged)
        (state / _JOURNAL).unlink()
        _clean(state)
        message = f"nothing was changed: cannot replace a file of the project: {error.strerror}"
        raise UsageError(message) from None
    (state / _JOURNAL).unlink()
    _clean(state)


def _is_new(target: Path, entry: Entry) -> bool:
    if target.is_dir():
        return tree_hash(target) == entry.sha256
    return target.is_file() and digest_bytes(target.read_bytes()) == entry.sha256


def _put(staged: Path, target: Path) -> None:
    """Exchange a staged entry with the one in its place, atomically if the system can."""
    aside = staged.with_name(f"{staged.name}.old")
    if not target.exists():
        # Also the state between the two steps below, after a crash.
        staged.rename(target)
    elif not _exchange(staged, target):
        target.rename(aside)
        staged.rename(target)
        aside.rename(staged)


def _exchange(left: Path, right: Path) -> bool:
    """Exchange two names atomically; Linux alone has a call for it, and not on every file system."""
    try:
        call = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError):
        return False
    outcome: int = call(_AT_CURRENT_FOLDER, os.fsencode(left), _AT_CURRENT_FOLDER, os.fsencode(right), _RENAME_EXCHANGE)
    if outcome == 0:
        return True
    number = ctypes.get_errno()
    if number in {errno.ENOSYS, errno.EINVAL, errno.ENOTSUP}:
        return False
    raise OSError(number, os.strerror(number))


def _clean(state: Path) -> None:
    shutil.rmtree(state / _STAGING, ignore_errors=True)
    with suppress(OSError):
        (state / "journal.new").unlink()
    with suppress(OSError):
        # Only if nothing else, such as the cache, is kept there.
        state.rmdir()


@contextmanager
def _undisturbed() -> Generator[None]:
    """Hold back the signals that a person or a scheduler sends until the replacement is done."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _write_durably(path: Path, content: bytes) -> None:
    with path.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


_flush_folder = _flush
