from pathlib import Path

from scripts.specsync.type_cache import TypeCache, type_cache


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
