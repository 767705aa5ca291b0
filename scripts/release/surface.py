"""The public surface as text: every public name with its signature, annotations and defaults, one fact a line.

Read from the source by griffe, without importing it. ``python -m scripts.release.surface`` prints it. The text that a
release promises is committed as ``tests/release/surface.txt``; ``tests/release/test_surface.py`` compares.

A function that is deprecated has a line that says so, with the version in which it will be gone.

Each line stands on its own, so that a difference can be read without the lines around it. Modules and names are in the
order of the alphabet; the members of a class and the parameters of a function are in their own order, which callers
may rely on.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import griffe

__all__ = ["MODULES", "gone_too_early", "overdue", "surface"]

ROOT: Final = Path(__file__).resolve().parents[2]

#: What users may rely on: the public modules, with the names that count; None for all that ``__all__`` has. The modules
#: that are given names have neighbours in ``__all__`` that only other modules of this package use.
MODULES: Final[Mapping[str, tuple[str, ...] | None]] = {
    "portkey_ft": None,
    "portkey_ft.options": None,
    "portkey_ft.auth": ("Auth", "Config", "Managed", "Provider", "VirtualKey"),
    "portkey_ft.checkpoints": ("AsyncCheckpointList", "CheckpointList"),
    # What is promised of the command line is the generated page docs/reference/command-line.md.
    "portkey_ft.cli": (),
    "portkey_ft.client": None,
    "portkey_ft.clock": None,
    "portkey_ft.datasets": None,
    "portkey_ft.errors": None,
    "portkey_ft.files": None,
    "portkey_ft.fine_tuning": None,
    "portkey_ft.methods": ("DPO", "Reinforcement", "Supervised"),
    "portkey_ft.pagination": ("AsyncList", "SyncList"),
    "portkey_ft.retries": ("Retry",),
    "portkey_ft.testing": None,
    "portkey_ft.testing.pytest_plugin": None,
    "portkey_ft.types": None,
}

# Special methods that are part of how a class is used; the others are how Python runs it.
SPECIAL: Final = frozenset(
    {
        "__aenter__",
        "__aexit__",
        "__aiter__",
        "__await__",
        "__enter__",
        "__exit__",
        "__init__",
        "__iter__",
        "__len__",
    }
)

#: A client hands out objects of these modules; nobody makes one.
HANDED_OUT: Final = tuple(f"portkey_ft.{name}." for name in ("checkpoints", "files", "fine_tuning", "pagination"))

# What a deprecation says, in the source and in the surface.
DEPRECATION: Final = re.compile(r"deprecated since (\d+\.\d+), gone in (\d+\.\d+): use \S.*")

_STARS: Final = {griffe.ParameterKind.var_positional: "*", griffe.ParameterKind.var_keyword: "**"}


def surface(root: Path = ROOT) -> str:
    """Write the public surface of the package below ``root``."""
    # Not from the working directory, where griffe would look first.
    package = griffe.load("portkey_ft", search_paths=[str(root)], try_relative_path=False, resolve_aliases=True)
    lines: list[str] = []
    for name, chosen in sorted(MODULES.items()):
        module = package if name == "portkey_ft" else package[name.removeprefix("portkey_ft.")]
        exported = module.exports if chosen is None else chosen
        for member in sorted(str(item) for item in exported or ()):
            lines += _lines(f"{name}.{member}", module.members[member])
    return "".join(f"{line}\n" for line in lines)


def _lines(path: str, thing: griffe.Object | griffe.Alias) -> Iterator[str]:
    if thing.canonical_path != path and _is_public(thing.canonical_path):
        # Described under the name of the module that makes it.
        yield f"{path}: is {thing.canonical_path}"
    elif thing.is_class:
        yield from _class_lines(path, thing)
    elif thing.is_function:
        yield from _function_lines(path, thing)
    else:
        yield _attribute_line(path, thing)


def _is_public(path: str) -> bool:
    """Tell whether a path is described as a name of a public module."""
    module, _, name = path.rpartition(".")
    if module not in MODULES:
        return False
    chosen = MODULES[module]
    return not name.startswith("_") if chosen is None else name in chosen


def _class_lines(path: str, thing: griffe.Object | griffe.Alias) -> Iterator[str]:
    target = thing.final_target if isinstance(thing, griffe.Alias) else thing
    bases = ", ".join(str(base) for base in target.bases) if isinstance(target, griffe.Class) else ""
    yield f"{path}: class({bases})"
    # What comes from a public base is told there.
    inherited = {
        name: member
        for name, member in thing.inherited_members.items()
        if not _is_public(member.canonical_path.rpartition(".")[0])
    }
    for name, member in {**inherited, **thing.members}.items():
        if name.startswith("_") and name not in SPECIAL:
            continue
        if name == "__init__" and path.startswith(HANDED_OUT):
            continue
        if member.is_function:
            yield from _function_lines(f"{path}.{name}", member)
        else:
            yield _attribute_line(f"{path}.{name}", member)


def _function_lines(path: str, thing: griffe.Object | griffe.Alias) -> Iterator[str]:
    function = thing.final_target if isinstance(thing, griffe.Alias) else thing
    if not isinstance(function, griffe.Function):
        return
    kind = "async def" if "async" in function.labels else "def"
    yield from (f"{path}: {_deprecation(path, text)}" for text in _messages(function))
    labels = "".join(f" {label}" for label in ("classmethod", "staticmethod") if label in function.labels)
    yield f"{path}: {kind}{labels} -> {function.returns or 'None'}"
    for parameter in function.parameters:
        if parameter.name not in {"self", "cls"}:
            yield f"{path}({_parameter(parameter)})"


def _messages(function: griffe.Function) -> Iterator[str]:
    """Give what a function's deprecation says in the source, a literal."""
    for decorator in function.decorators:
        call = decorator.value
        if isinstance(call, griffe.ExprCall) and call.canonical_path.rpartition(".")[2] == "deprecated":
            yield ast.literal_eval(str(call.arguments[0]))


def _deprecation(path: str, message: str) -> str:
    if not DEPRECATION.fullmatch(message):
        wrong = f"{path} is deprecated by {message!r}; the form is 'deprecated since 0.3, gone in 0.5: use ...'"
        raise ValueError(wrong)
    return message


def overdue(text: str, version: str) -> list[str]:
    """Give the lines of a surface whose names should be gone by a version."""
    return [line for line in text.splitlines() if (gone := _gone_in(line)) and gone <= _numbers(version)]


def gone_too_early(old: str, new: str, version: str) -> list[str]:
    """Give the names of an old surface that a new one lacks, and that were not to be gone by a version.

    A name that went with the class or function it belongs to is not told by itself.
    """
    allowed = {line.partition(":")[0] for line in overdue(old, version)}
    gone = _names(old) - _names(new)
    return sorted(path for path in gone - allowed if path.rpartition(".")[0] not in gone)


def _names(text: str) -> set[str]:
    return {found[1] for line in text.splitlines() if (found := re.match(r"([\w.]+): ", line))}


def _gone_in(line: str) -> tuple[int, ...]:
    found = DEPRECATION.fullmatch(line.partition(": ")[2])
    return _numbers(found[2]) if found else ()


def _numbers(version: str) -> tuple[int, ...]:
    """Give the numbers that a version begins with: (1, 2, 0) for 1.2.0rc1."""
    return tuple(int(number) for number in re.match(r"[\d.]*\d", version)[0].split("."))  # type: ignore[index]


def _parameter(parameter: griffe.Parameter) -> str:
    stars = _STARS.get(parameter.kind) if parameter.kind is not None else None
    only = "*, " if parameter.kind is griffe.ParameterKind.keyword_only else ""
    default = "" if stars or parameter.default is None else f" = {parameter.default}"
    return f"{only}{stars or ''}{parameter.name}: {parameter.annotation}{default}"


def _attribute_line(path: str, thing: griffe.Object | griffe.Alias) -> str:
    attribute = thing.final_target if isinstance(thing, griffe.Alias) else thing
    if not isinstance(attribute, griffe.Attribute):
        return f"{path}: {attribute.kind.value}"
    kind = "property " if "property" in attribute.labels else ""
    if attribute.annotation is None:
        return f"{path}: attribute"
    value = "" if kind or attribute.value is None else _default(attribute.value)
    return f"{path}: {kind}{attribute.annotation}{value}"


def _default(value: str | griffe.Expr) -> str:
    """Write the default of a field, without what only the class itself cares about."""
    if not isinstance(value, griffe.ExprCall) or str(value.function) not in {"field", "attrs.field"}:
        return f" = {value}"
    options = {item.name: str(item.value) for item in value.arguments if isinstance(item, griffe.ExprKeyword)}
    default = f" = {options['default']}" if "default" in options else ""
    made = f" = {options['factory']}()" if "factory" in options else ""
    keyword = " (keyword only)" if options.get("kw_only") == "True" else ""
    inner = " (no parameter)" if options.get("init") == "False" else ""
    return f"{default}{made}{keyword}{inner}"


if __name__ == "__main__":
    sys.stdout.write(surface())
