"""What the one hand-written file that uses generated names relies on, read from its syntax tree."""

import ast
from collections.abc import Mapping
from pathlib import Path

import attrs

from scripts.specsync.document.json_values import JsonObject
from scripts.specsync.document.names import fold
from scripts.specsync.document.openapi import member_list, member_object
from scripts.specsync.errors import FacadeError


@attrs.frozen
class Seam:
    """Names and where they stand; without a seam file everything counts as used, at no place in particular."""

    path: str
    present: bool
    lines: Mapping[str, tuple[int, ...]]

    def uses(self, name: str) -> bool:
        """Tell whether the file names something, as a name, an attribute, an argument or a string."""
        return not self.present or fold(name) in self.lines

    def places(self, name: str) -> tuple[str, ...]:
        """Return file and line of each use of a name."""
        return tuple(f"{self.path}:{line}" for line in self.lines.get(fold(name), ()))


@attrs.frozen
class FacadeUsage:
    """What callers of the facade rely on: the names that the seam reads, and the fields it cannot do without."""

    seam: Seam
    strict: frozenset[tuple[str, str]]

    def reads(self, name: str | None) -> bool:
        """Tell whether a field of an answer is read; what has no name is part of one that has."""
        return name is None or self.seam.uses(name)

    def needs(self, component: str | None, name: str | None) -> bool:
        """Tell whether an answer without a value for this field cannot be used."""
        return component is None or name is None or (component, name) in self.strict


def read_seam(root: Path, path: str | None) -> Seam:
    """Return the names in the seam file."""
    if path is None or not (root / path).is_file():
        return Seam(path or "", present=False, lines={})
    try:
        tree = ast.parse((root / path).read_text(encoding="utf-8"))
    except (SyntaxError, ValueError) as error:
        message = f"{path} is not Python: {error}"
        raise FacadeError(message) from None
    found: dict[str, set[int]] = {}
    documentation = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        name = None if id(node) in documentation else _name(node)
        for part in name.split(".") if name else ():
            found.setdefault(fold(part), set()).add(getattr(node, "lineno", 1))
    return Seam(path, present=True, lines={name: tuple(sorted(lines)) for name, lines in found.items()})


def _name(node: ast.AST) -> str | None:
    """Return the name that a node of a syntax tree brings in, if it does."""
    match node:
        case (
            ast.Attribute(attr=name)
            | ast.Name(id=name)
            | ast.keyword(arg=name)
            | ast.alias(name=name)
            | ast.ImportFrom(module=name)
            | ast.Constant(value=str(name))
        ):
            return name
        case _:
            return None


def promises(seam: Seam, effective: JsonObject | None) -> FacadeUsage:
    """Return the promises of a seam over the document that its client was generated from."""
    strict: set[tuple[str, str]] = set()
    schemas = member_object(member_object(effective or {}, "components", ""), "schemas", "")
    for component, schema in schemas.items():
        if isinstance(schema, dict):
            strict.update((component, str(name)) for name in member_list(schema, "required", ""))
    return FacadeUsage(seam, frozenset(strict))
