"""A replacement is all or nothing, whatever ends it."""

import ctypes
import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.specsync.errors import PinError, UsageError
from scripts.specsync.tree import atomic_replace as swap
from scripts.specsync.tree.atomic_replace import STATE, is_interrupted, recover, replace
from scripts.specsync.tree.file_lock import project_lock
from scripts.specsync.tree.hash import tree_hash

ROOT = Path(__file__).resolve().parents[2]
TEXTS = {"spec/a.yaml": "new a\n", "spec/b.yaml": "new b\n", "spec/lock.toml": "new lock\n"}
# Ends the process at the given event of the interpreter: every opening, renaming, removing and listing is one.
KILLED = """
import os, signal, sys
from pathlib import Path
from scripts.specsync.tree import atomic_replace as swap
count = 0
def hook(event, arguments):
    global count
    if event.startswith(("os.", "shutil.", "ctypes.")) or event == "open":
        count += 1
        if count == int(sys.argv[3]):
            os.kill(os.getpid(), signal.SIGKILL)
texts = {"spec/a.yaml": "new a\\n", "spec/b.yaml": "new b\\n", "spec/lock.toml": "new lock\\n"}
if sys.argv[4] == "without":
    swap._exchange = lambda left, right: False
sys.addaudithook(hook)
swap.replace(Path(sys.argv[1]), texts, {"generated/p": Path(sys.argv[2])})
"""


def write_old(root: Path) -> Path:
    for path in TEXTS:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(f"old {path}\n")
    (root / "generated/p/api").mkdir(parents=True)
    (root / "generated/p/api/x.py").write_text("old = 1\n")
    (root / "generated/p/gone.py").write_text("")
    return root


def write_new(folder: Path) -> Path:
    (folder / "api").mkdir(parents=True)
    (folder / "api/x.py").write_text("new = 1\n")
    (folder / "come.py").write_text("")
    return folder


@pytest.fixture
def old(tmp_path: Path) -> Path:
    return write_old(tmp_path / "project")


@pytest.fixture
def new(tmp_path: Path) -> Path:
    return write_new(tmp_path / "new")


def test_everything_is_replaced_and_nothing_left_behind(old: Path, new: Path) -> None:
    replace(old, TEXTS, {"generated/p": new})
    assert {path: (old / path).read_text() for path in TEXTS} == TEXTS
    assert tree_hash(old / "generated/p") == tree_hash(new)
    assert not (old / STATE).exists()


def test_what_was_not_there_is_put_there(tmp_path: Path, new: Path) -> None:
    (tmp_path / "empty").mkdir()
    replace(tmp_path / "empty", TEXTS, {"generated/p": new})
    assert (tmp_path / "empty/spec/lock.toml").read_text() == "new lock\n"


@pytest.mark.parametrize("exchange", ["with", "without"])
@pytest.mark.parametrize("step", [4, pytest.param(1, marks=pytest.mark.slow)])
def test_a_kill_at_any_moment_leaves_all_old_or_all_new(step: int, exchange: str, tmp_path: Path) -> None:
    new = write_new(tmp_path / "new")
    old_hash = tree_hash(write_old(tmp_path / "model"))
    replace(write_old(tmp_path / "done"), TEXTS, {"generated/p": new})
    new_hash = tree_hash(tmp_path / "done")
    outcomes: list[str] = []
    for number in range(1, 400, step):
        root = write_old(tmp_path / f"project-{number}")
        arguments = [str(root), str(new), str(number), exchange]
        command = [sys.executable, "-c", KILLED, *arguments]
        ended = subprocess.run(command, cwd=ROOT, check=False)  # noqa: S603 - our own interpreter
        decided = is_interrupted(root)
        recover(root)
        assert not (root / STATE).exists(), f"something is left behind after event {number}"
        found = tree_hash(root)
        assert found in {old_hash, new_hash}, f"neither old nor new after event {number}"
        outcomes.append("new" if found == new_hash else "old")
        assert not decided or found == new_hash
        if ended.returncode == 0:
            break
        assert ended.returncode == -signal.SIGKILL
    assert outcomes[0] == "old"
    assert outcomes[-1] == "new"
    # Once it is new, it stays new: there is one moment of decision.
    assert outcomes == sorted(outcomes, reverse=True)


def test_folders_that_are_missing_on_the_way_are_made(tmp_path: Path) -> None:
    replace(tmp_path, {"a/b/c/d.txt": "new\n"}, {})
    assert (tmp_path / "a/b/c/d.txt").read_text() == "new\n"


def test_what_python_compiled_is_not_taken_along(old: Path, new: Path) -> None:
    (new / "api/__pycache__").mkdir()
    (new / "api/__pycache__/x.pyc").write_bytes(b"")
    replace(old, TEXTS, {"generated/p": new})
    assert not list(old.rglob("__pycache__"))


def leave_behind(root: Path) -> None:
    """Leave what a crash leaves before anything was decided on."""
    (root / STATE / "staging").mkdir(parents=True)
    (root / STATE / "staging" / "file-0").write_text("half")
    (root / STATE / "journal.new").write_text("[")


def test_what_a_crash_left_behind_is_in_nobodys_way(old: Path, new: Path) -> None:
    leave_behind(old)
    replace(old, TEXTS, {"generated/p": new})
    assert not (old / STATE).exists()
    leave_behind(old)
    assert not recover(old)
    assert not (old / STATE).exists()


def test_what_was_decided_on_is_finished_by_the_next_one(old: Path, new: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(swap, "_finish", lambda *_: None)
    replace(old, TEXTS, {"generated/p": new})
    monkeypatch.undo()
    assert is_interrupted(old)
    assert recover(old)
    assert tree_hash(old / "generated/p") == tree_hash(new)
    assert not recover(old)


@pytest.fixture
def exchanging(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Skip the test where the system, or this file system, cannot exchange two names; asked without our code."""
    left, right = (tmp_path_factory.mktemp("name") for _ in range(2))
    try:
        refused = ctypes.CDLL(None).renameat2(-100, os.fsencode(left), -100, os.fsencode(right), 2)
    except (OSError, AttributeError):
        refused = True
    if refused:
        pytest.skip("no two names can be exchanged here")


@pytest.mark.usefixtures("exchanging")
@pytest.mark.parametrize("given", ["relative", "absolute"])
def test_two_names_are_exchanged_in_one_step(given: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder = Path() if given == "relative" else tmp_path
    left, right = folder / "left", folder / "right"
    left.write_text("was left")
    right.mkdir()
    assert swap._exchange(left, right)
    assert right.is_file()
    assert left.is_dir()


@pytest.mark.usefixtures("exchanging")
def test_what_cannot_be_exchanged_is_an_error_and_what_cannot_be_at_once_is_told(tmp_path: Path) -> None:
    (tmp_path / "folder/inside").mkdir(parents=True)
    # A folder and one within it: the system says what it says on a file system that cannot exchange.
    assert not swap._exchange(tmp_path / "folder", tmp_path / "folder/inside")
    with pytest.raises(FileNotFoundError, match=os.strerror(errno.ENOENT)) as caught:
        swap._exchange(tmp_path / "folder", tmp_path / "missing")
    assert caught.value.errno == errno.ENOENT


def test_a_system_without_the_call_does_it_in_steps(old: Path, new: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda *_, **__: object())
    assert not swap._exchange(old / "spec/a.yaml", old / "spec/b.yaml")
    replace(old, TEXTS, {"generated/p": new})
    assert {path: (old / path).read_text() for path in TEXTS} == TEXTS
    assert not (old / STATE).exists()


@pytest.mark.parametrize("failures", [{3}, {4}, {4, 6}], ids=["third", "fourth", "fourth, and taking back fails once"])
def test_an_error_on_the_way_takes_back_what_was_done(
    failures: set[int], old: Path, new: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = tree_hash(old)
    put = swap._put
    calls: list[Path] = []

    def failing(staged: Path, target: Path) -> None:
        calls.append(target)
        if len(calls) in failures:
            raise OSError(5, "Input/output error")
        put(staged, target)

    monkeypatch.setattr(swap, "_put", failing)
    # The first is new in its place, and is taken away again.
    texts = {"spec/first.yaml": "new first\n", **TEXTS}
    with pytest.raises(
        UsageError, match="nothing was changed: cannot replace a file of the project: Input/output error"
    ):
        replace(old, texts, {"generated/p": new})
    assert not (old / STATE).exists()
    assert not (old / "spec/first.yaml").exists()
    if len(failures) == 1:
        assert tree_hash(old) == before


@pytest.mark.parametrize(
    ("name", "only"),
    [("_write_durably", None), ("_flush", None), ("_write_durably", "journal.new")],
    ids=["at the first file", "at the first folder", "at the decision"],
)
def test_a_full_disk_changes_nothing(
    name: str, only: str | None, old: Path, new: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = tree_hash(old)
    real = getattr(swap, name)

    def full(path: Path, *content: bytes) -> None:
        if only in {None, path.name}:
            raise OSError(28, "No space left on device")
        real(path, *content)

    monkeypatch.setattr(swap, name, full)
    with pytest.raises(UsageError, match=f"nothing was changed: cannot write to {STATE}: No space left on device"):
        replace(old, TEXTS, {"generated/p": new})
    assert tree_hash(old) == before
    assert not (old / STATE).exists()


def test_ctrl_c_before_the_decision_leaves_nothing_behind(
    old: Path, new: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = tree_hash(old)

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(swap, "_flush", interrupted)
    with pytest.raises(KeyboardInterrupt):
        replace(old, TEXTS, {"generated/p": new})
    assert tree_hash(old) == before
    assert not (old / STATE).exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is read-only to root")
def test_a_read_only_tree_changes_nothing(old: Path, new: Path) -> None:
    before = tree_hash(old)
    old.chmod(0o555)
    try:
        with pytest.raises(UsageError, match="nothing was changed"):
            replace(old, TEXTS, {"generated/p": new})
    finally:
        old.chmod(0o755)
    assert tree_hash(old) == before


def test_a_place_that_cannot_be_written_changes_nothing(old: Path, new: Path) -> None:
    (old / STATE).write_text("a file stands where the folder would")
    before = tree_hash(old)
    with pytest.raises(UsageError, match="nothing was changed"):
        replace(old, TEXTS, {"generated/p": new})
    assert tree_hash(old) == before


def test_a_broken_journal_is_said(old: Path) -> None:
    (old / STATE).mkdir()
    (old / STATE / "journal.json").write_text("{")
    with pytest.raises(PinError, match="cannot be read"):
        recover(old)


def test_two_at_once_are_refused(old: Path) -> None:
    with project_lock(old / "spec"), pytest.raises(UsageError, match="another sync"), project_lock(old / "spec"):
        pytest.fail("both were let in")


def test_the_lock_is_free_again_afterwards(old: Path) -> None:
    for _ in range(2):
        with project_lock(old / "spec"):
            assert not (old / STATE).exists()
