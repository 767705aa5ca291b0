from __future__ import annotations

import asyncio
import re
import shutil
import warnings
from collections.abc import Generator
from inspect import currentframe
from pathlib import Path
from types import FrameType
from typing import cast

import pytest

from portkey_ft import PortkeyDeprecationWarning, __version__
from portkey_ft._deprecation import deprecated

MESSAGE = "deprecated since 0.3, gone in 0.5: use Shelf.take()"
PACKAGE = Path(__file__).parents[2] / "portkey_ft"


class Shelf:
    """Has an old way to do a thing, sync and async."""

    @deprecated(MESSAGE)
    def fetch(self, name: str, *, times: int = 1) -> str:
        """Fetch it."""
        return name * times

    @deprecated(MESSAGE)
    async def fetch_soon(self, name: str) -> str:
        """Fetch it."""
        return name


def line() -> int:
    """Give the number of the line that calls this."""
    return cast("FrameType", cast("FrameType", currentframe()).f_back).f_lineno


@pytest.fixture
def caught() -> Generator[list[warnings.WarningMessage]]:
    """What was warned of, while each warning is shown."""
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        yield found


def only(caught: list[warnings.WarningMessage]) -> tuple[str, int]:
    """Give the file and the line of the one warning."""
    (one,) = caught
    return one.filename, one.lineno


def test_a_deprecated_method_works_and_warns_at_the_callers_line(caught: list[warnings.WarningMessage]) -> None:
    given, here = Shelf().fetch("a", times=2), line()
    assert given == "aa"
    assert only(caught) == (__file__, here)


def test_the_warning_says_what_since_when_until_when_and_what_instead(caught: list[warnings.WarningMessage]) -> None:
    Shelf().fetch("a")
    assert caught[0].category is PortkeyDeprecationWarning
    assert str(caught[0].message) == "Shelf.fetch is deprecated since 0.3, gone in 0.5: use Shelf.take()"


def test_python_treats_it_as_any_deprecation() -> None:
    assert issubclass(PortkeyDeprecationWarning, DeprecationWarning)
    with pytest.raises(PortkeyDeprecationWarning):
        Shelf().fetch("a")


def test_an_async_method_warns_where_it_is_awaited(caught: list[warnings.WarningMessage]) -> None:
    async def caller() -> int:
        given, here = await Shelf().fetch_soon("a"), line()
        assert given == "a"
        return here

    here = asyncio.run(caller())
    assert only(caught) == (__file__, here)


def test_an_async_method_warns_where_it_is_called_although_another_task_awaits_it(
    caught: list[warnings.WarningMessage],
) -> None:
    async def caller() -> int:
        task, here = asyncio.ensure_future(Shelf().fetch_soon("a")), line()
        assert await task == "a"
        return here

    here = asyncio.run(caller())
    assert only(caught) == (__file__, here)


def test_what_is_deprecated_keeps_its_name_and_its_docstring() -> None:
    assert (Shelf.fetch.__name__, Shelf.fetch.__doc__) == ("fetch", "Fetch it.")


pytest.importorskip("griffe", reason="griffe reads the public surface; it is in the dependency group test")

from scripts.release.surface import gone_too_early, overdue, surface  # noqa: E402 - it needs griffe

OLD = "    def delete(self, file_id: str"


def deprecating(folder: Path, message: str) -> str:
    """Give the surface of a copy of the package in which ``Files.delete`` is deprecated."""
    shutil.copytree(PACKAGE, folder / "portkey_ft", ignore=shutil.ignore_patterns("__pycache__"))
    path = folder / "portkey_ft" / "files.py"
    text = path.read_text(encoding="utf-8")
    assert OLD in text
    text = text.replace(OLD, f'    @deprecated("{message}")\n{OLD}', 1)
    path.write_text(
        text.replace("\nfrom portkey_ft", "\nfrom portkey_ft._deprecation import deprecated\nfrom portkey_ft", 1),
        encoding="utf-8",
    )
    return surface(folder)


def test_the_surface_tells_what_is_deprecated(tmp_path: Path) -> None:
    found = deprecating(tmp_path, "deprecated since 0.3, gone in 0.5: use Files.remove()").splitlines()
    assert "portkey_ft.files.Files.delete: deprecated since 0.3, gone in 0.5: use Files.remove()" in found


@pytest.mark.parametrize(
    "message", ["do not use it", "deprecated since 0.3: use x", "deprecated since 0.3, gone in 0.5: use "]
)
def test_a_deprecation_that_does_not_say_until_when_is_refused(tmp_path: Path, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape("portkey_ft.files.Files.delete is deprecated by")):
        deprecating(tmp_path, message)


def test_nothing_stays_longer_than_its_deprecation_says() -> None:
    """Whoever raises the version to the one in which a name is to be gone takes it away."""
    assert overdue(surface(), __version__) == []


@pytest.mark.parametrize(
    ("version", "late"), [("0.4.9", False), ("0.5.0rc1", True), ("0.5.0", True), ("0.10.0", True), ("1.0.0", True)]
)
def test_a_name_past_its_version_is_found(tmp_path: Path, version: str, *, late: bool) -> None:
    found = deprecating(tmp_path, "deprecated since 0.3, gone in 0.5: use Files.remove()")
    assert bool(overdue(found, version)) is late


def test_a_name_goes_when_it_was_said_and_not_before(tmp_path: Path) -> None:
    old = deprecating(tmp_path, "deprecated since 0.3, gone in 0.5: use Files.remove()")
    new = "".join(one for one in old.splitlines(keepends=True) if "Files.delete" not in one)
    path = "portkey_ft.files.Files.delete"
    assert path in gone_too_early(old, new, "0.4.0")
    assert path not in gone_too_early(old, new, "0.5.0")
    # The async one, which nobody called deprecated, went too.
    assert gone_too_early(old, new, "0.5.0") == ["portkey_ft.files.AsyncFiles.delete"]


def test_a_class_that_goes_is_told_once() -> None:
    old = "portkey_ft.types.A: class()\nportkey_ft.types.A.b: str\nportkey_ft.types.C: class()\n"
    assert gone_too_early(old, "portkey_ft.types.C: class()\n", "9.0") == ["portkey_ft.types.A"]
    assert gone_too_early(old, old, "9.0") == []
