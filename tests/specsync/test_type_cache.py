import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from scripts.specsync.client.mypy_cache import TypeCache, type_cache


def fill(folder: Path) -> Path:
    for name in ("httpx/__init__.data.ff", "httpx/__init__.meta.ff", "shop/seam.data.ff", "shop_api.data.ff"):
        (folder / "3.11" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "3.11" / name).write_text(name)
    return folder


def test_what_is_kept_knows_nothing_of_our_modules(tmp_path: Path) -> None:
    cache = TypeCache(tmp_path / "home/key")
    cache.keep(fill(tmp_path / "run"), frozenset({"shop", "shop_api"}))
    cache.begin(tmp_path / "next")
    files = {path.relative_to(tmp_path / "next").as_posix() for path in (tmp_path / "next").rglob("*.ff")}
    assert files == {"3.11/httpx/__init__.data.ff", "3.11/httpx/__init__.meta.ff"}


def test_a_proof_begins_empty_where_nothing_is_kept(tmp_path: Path) -> None:
    TypeCache(tmp_path / "home/key").begin(tmp_path / "next")
    assert list((tmp_path / "next").iterdir()) == []


def test_old_caches_are_removed(tmp_path: Path) -> None:
    for number in range(6):
        TypeCache(tmp_path / f"home/{number}").keep(fill(tmp_path / f"run-{number}"), frozenset())
    assert len(list((tmp_path / "home").iterdir())) == 3


def test_other_settings_have_another_cache(tmp_path: Path) -> None:
    before = type_cache(tmp_path, tmp_path).folder
    (tmp_path / "pyproject.toml").write_text("[tool.mypy]\nstrict = true\n")
    assert type_cache(tmp_path, tmp_path).folder != before


def test_a_proof_shares_what_is_kept_and_never_changes_it(tmp_path: Path) -> None:
    """Mypy itself is run: on another source it writes new entries in the places of the old ones."""
    (tmp_path / "shop.py").write_text("import decimal\nimport other\n")
    (tmp_path / "other.py").write_text("count = 1\n")

    def check(cache: Path) -> None:
        command = [sys.executable, "-m", "mypy", "--no-sqlite-cache", "--cache-dir", str(cache), "shop.py"]
        subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)  # noqa: S603 - our own command

    def contents() -> dict[str, bytes]:
        return {str(path): path.read_bytes() for path in cache.folder.rglob("*") if path.is_file()}

    cache = TypeCache(tmp_path / "home/key")
    check(tmp_path / "first")
    cache.keep(tmp_path / "first", frozenset({"shop"}))
    before = contents()
    assert any("decimal" in name for name in before)
    cache.begin(tmp_path / "next")
    (tmp_path / "other.py").write_text("count: str = ''\n")
    check(tmp_path / "next")
    assert contents() == before
    shared = [path for path in (tmp_path / "next").rglob("decimal.*") if path.stat().st_nlink > 1]
    assert shared


def test_where_nothing_can_be_shared_it_is_copied(tmp_path: Path) -> None:
    """As onto another file system, whose links the kernel refuses."""
    elsewhere = Path("/dev/shm")  # noqa: S108 - another file system, not a secret's place
    if not elsewhere.is_dir() or elsewhere.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("there is no second file system here")
    cache = TypeCache(tmp_path / "home/key")
    cache.keep(fill(tmp_path / "run"), frozenset())
    with tempfile.TemporaryDirectory(dir=elsewhere) as folder:
        cache.begin(Path(folder, "next"))
        names = {path.name for path in Path(folder, "next").rglob("*.ff")}
    assert "shop_api.data.ff" in names
