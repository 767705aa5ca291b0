"""The settings in spec/selection.toml: everything that the toolchain knows about the project."""

import keyword
import tomllib
from pathlib import Path
from typing import Final, NoReturn, cast

import attrs

from scripts.specsync.document.openapi import METHODS, path_shape
from scripts.specsync.errors import UsageError

_TABLES: Final = {"source", "generate", "prove", "operation"}


@attrs.frozen
class WantedOperation:
    """One operation that is taken; without a name of our own, upstream's names are kept."""

    method: str
    path: str
    identifier: str | None = None
    tag: str | None = None

    @property
    def shape(self) -> str:
        """The path without the names in its braces, by which upstream's template is found."""
        return path_shape(self.path)

    @property
    def label(self) -> str:
        """The operation as messages name it."""
        return f"{self.method} {self.path}"


@attrs.frozen
class SourceSettings:
    """Where the document is read when no source is given, and which hosts a pull may talk to."""

    repository: str | None = None
    path: str | None = None
    ref: str | None = None
    hosts: tuple[str, ...] = ()


@attrs.frozen
class Settings:
    """The whole of selection.toml."""

    source: SourceSettings
    folder: str
    package: str
    seam: str | None
    readers: tuple[str, ...]
    typecheck: tuple[str, ...]
    tests: tuple[str, ...]
    operations: tuple[WantedOperation, ...]


def read_settings(path: Path) -> Settings:
    """Read the settings from a file."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        message = f"{path.name}: {error.strerror}"
        raise UsageError(message) from None
    return parse_settings(text, path.name)


def parse_settings(text: str, name: str) -> Settings:
    """Return the settings in TOML text; `name` is the file's, for messages."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = f"{name}: {error}"
        raise UsageError(message) from None
    reader = _Reader(name)
    unknown = sorted(set(tables) - _TABLES)
    if unknown:
        reader.refuse(f"unknown table {unknown[0]!r}")
    source = reader.table(tables, "source", required=False)
    generate = reader.table(tables, "generate")
    prove = reader.table(tables, "prove", required=False)
    entries = cast("object", tables.get("operation", []))
    if not isinstance(entries, list) or not entries:
        reader.refuse("no [[operation]] is selected")
    seam = reader.text(prove, "seam")
    operations = tuple(reader.operation(entry) for entry in cast("list[object]", entries))
    for key in ("shape", "identifier"):
        _refuse_twins(operations, key, reader)
    return Settings(
        source=SourceSettings(
            repository=reader.text(source, "repository"),
            path=reader.text(source, "path"),
            ref=reader.text(source, "ref"),
            hosts=reader.texts(source, "hosts"),
        ),
        folder=reader.inside(reader.needed(generate, "folder")),
        package=reader.name_of_module(reader.needed(generate, "package")),
        seam=None if seam is None else reader.inside(seam),
        readers=tuple(map(reader.inside, reader.texts(prove, "readers"))),
        typecheck=tuple(map(reader.inside, reader.texts(prove, "typecheck"))),
        tests=tuple(map(reader.inside, reader.texts(prove, "tests"))),
        operations=operations,
    )


def _refuse_twins(operations: tuple[WantedOperation, ...], key: str, reader: "_Reader") -> None:
    seen: set[str] = set()
    for operation in operations:
        mark = f"{operation.method} {operation.shape}" if key == "shape" else operation.identifier or operation.label
        if mark in seen:
            reader.refuse(f"{mark} is selected twice")
        seen.add(mark)


@attrs.frozen
class _Reader:
    """Takes typed values out of TOML tables."""

    name: str

    def refuse(self, reason: str) -> NoReturn:
        message = f"{self.name}: {reason}"
        raise UsageError(message)

    def table(self, tables: dict[str, object], key: str, *, required: bool = True) -> dict[str, object]:
        value = tables.get(key)
        if value is None and not required:
            return {}
        if not isinstance(value, dict):
            self.refuse(f"table [{key}] is missing")
        return cast("dict[str, object]", value)

    def text(self, table: dict[str, object], key: str) -> str | None:
        value = table.get(key)
        if value is None:
            return None
        if not isinstance(value, str) or not value:
            self.refuse(f"{key} is not a string, or empty")
        return value

    def needed(self, table: dict[str, object], key: str) -> str:
        value = self.text(table, key)
        if value is None:
            self.refuse(f"{key} is missing")
        return value

    def texts(self, table: dict[str, object], key: str) -> tuple[str, ...]:
        value = table.get(key, [])
        if not isinstance(value, list):
            self.refuse(f"{key} is not a list")
        members = cast("list[object]", value)
        if not all(isinstance(member, str) for member in members):
            self.refuse(f"{key} contains something other than strings")
        return tuple(str(member) for member in members)

    def inside(self, path: str) -> str:
        """Return a path that stays within the project, and that no command takes for an option."""
        parts = path.replace("\\", "/").split("/")
        if not path.isprintable() or path.startswith("-") or ":" in path or {"", ".", ".."} & set(parts):
            self.refuse(f"{path!r} is not a path inside the project")
        return path

    def name_of_module(self, name: str) -> str:
        if not name.isascii() or not name.isidentifier() or keyword.iskeyword(name):
            self.refuse(f"{name!r} cannot name a module")
        return name

    def operation(self, entry: object) -> WantedOperation:
        if not isinstance(entry, dict):
            self.refuse("[[operation]] is not a table")
        table = cast("dict[str, object]", entry)
        method = self.needed(table, "method")
        if method.lower() not in METHODS:
            self.refuse(f"unknown method {method!r}")
        path = self.needed(table, "path")
        if not path.startswith("/"):
            self.refuse(f"path {path!r} does not begin with a slash")
        identifier, tag = (self.name_of_module(self.needed(table, key)) for key in ("id", "tag"))
        return WantedOperation(method.upper(), path, identifier, tag)
