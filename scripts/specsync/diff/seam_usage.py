"""Reads from the syntax tree of the seam which generated names and fields it uses.

An attribute is read from a value, and which class the value is of stands in an annotation or an `isinstance`. So a
field of one component is not taken for a field of the same name of another. What is read from a value of no known class
may be a field of any.
"""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import attrs

from scripts.specsync.document.json_values import JsonObject
from scripts.specsync.document.names import fold
from scripts.specsync.document.openapi import as_object, components_of, member_list, member_object
from scripts.specsync.document.pointer import join
from scripts.specsync.errors import FacadeError

_Line = tuple[str, int]
_Reads = Mapping[tuple[str | None, str], tuple[_Line, ...]]
# Annotations that say nothing of what a value is.
_UNKNOWN: Final = frozenset({"Any", "object", "JSON"})


@attrs.frozen
class Seam:
    """What a seam reads, and where; without a file everything counts as used.

    A line is a file with a number. `reads` maps a generated class (None: any) and a field, both without spelling
    conventions, to lines; `operations` maps the module of an operation to the lines that use it, and `arguments` those
    with a name to the lines that give this argument.
    """

    present: bool
    reads: _Reads = attrs.field(factory=dict[tuple[str | None, str], tuple[_Line, ...]])
    operations: Mapping[str, tuple[_Line, ...]] = attrs.field(factory=dict[str, tuple[_Line, ...]])
    arguments: _Reads = attrs.field(factory=dict[tuple[str | None, str], tuple[_Line, ...]])

    def lines(self, classes: frozenset[str], name: str) -> tuple[_Line, ...]:
        """Return the lines that read a field of one of some classes, or of a value of no known class."""
        found = {
            line
            for (owner, field), lines in self.reads.items()
            if field == fold(name) and (owner is None or owner in classes)
            for line in lines
        }
        return tuple(sorted(found))

    def joined(self, other: "Seam") -> "Seam":
        """Return the combination of two seams."""
        return Seam(
            present=self.present or other.present,
            reads={**self.reads, **{key: (*self.reads.get(key, ()), *lines) for key, lines in other.reads.items()}},
            operations={**other.operations, **self.operations},
            arguments={**other.arguments, **self.arguments},
        )


@attrs.frozen
class FacadeUsage:
    """What callers of the facade rely on: the fields that the seam reads, and those that it requires."""

    seam: Seam
    strict: frozenset[tuple[str, str]]
    components: frozenset[str] = frozenset()
    media_types: Mapping[str, frozenset[str]] = attrs.field(factory=dict[str, frozenset[str]])

    def reads(self, owner: str | None, name: str | None) -> bool:
        """Return whether a field is read; what has no name is part of one that has."""
        return name is None or not self.seam.present or bool(self.seam.lines(self._classes(owner), name))

    def needs(self, owner: str | None, name: str | None) -> bool:
        """Return whether a response without a value for this field cannot be used."""
        return owner is None or name is None or (owner, name) in self.strict

    def reads_media_type(self, pointer: str, media_type: str) -> bool:
        """Return whether a response is read in a form; one that the client was not generated from may be."""
        known = self.media_types.get(pointer)
        return known is None or media_type in known

    def places(self, owner: str | None, name: str) -> tuple[str, ...]:
        """Return file and line of each place that reads or writes a field."""
        return _places(self.seam.lines(self._classes(owner), name))

    def argument_places(self, operation: str, name: str) -> tuple[str, ...]:
        """Return file and line of each place that gives an argument to an operation."""
        return _places(self.seam.arguments.get((fold(operation), fold(name)), ()))

    def operation_places(self, operation: str) -> tuple[str, ...]:
        """Return file and line of each place that uses an operation."""
        return _places(self.seam.operations.get(fold(operation), ()))

    def _classes(self, owner: str | None) -> frozenset[str]:
        """Return the classes that a component is generated as: its own, and those of the objects within it."""
        classes = frozenset(name for name, _ in self.seam.reads if name is not None)
        if owner is None:
            return classes
        mine = fold(owner)
        # A component whose name begins as that of another is not within it.
        longer = {fold(name) for name in self.components if fold(name) != mine and fold(name).startswith(mine)}
        return frozenset(name for name in classes if name.startswith(mine) and not any(map(name.startswith, longer)))


def _places(lines: tuple[_Line, ...]) -> tuple[str, ...]:
    return tuple(f"{path}:{line}" for path, line in lines)


def facade_usage(seam: Seam, effective: JsonObject | None, facts: JsonObject | None) -> FacadeUsage:
    """Return what a seam relies on, given the document that its client was generated from and the facts."""
    document = effective or {}
    strict: set[tuple[str, str]] = set()
    schemas = components_of(document, "schemas")
    for component, schema in schemas.items():
        if isinstance(schema, dict):
            strict.update((component, str(name)) for name in member_list(schema, "required", ""))
    media_types: dict[str, frozenset[str]] = {}
    for path, item in member_object(document, "paths", "").items():
        for method, operation in as_object(item, "").items():
            for status, response in member_object(as_object(operation, ""), "responses", "").items():
                pointer = join("/paths", path, method, "responses", status)
                media_types[pointer] = frozenset(member_object(as_object(response, ""), "content", ""))
    upstream = components_of(facts or {}, "schemas")
    return FacadeUsage(seam, frozenset(strict), frozenset(upstream), media_types)


def read_seam(root: Path, path: str | None, package: str) -> Seam:
    """Return what a seam file reads; `package` is the generated client."""
    if path is None or not (root / path).is_file():
        return Seam(present=False)
    try:
        tree = ast.parse((root / path).read_text(encoding="utf-8"))
    except (SyntaxError, ValueError) as error:
        message = f"{path} is not Python: {error}"
        raise FacadeError(message) from None
    reader = _Reader(*_imports(tree, package))
    reader.module(tree)
    return Seam(
        present=True,
        reads=_frozen(reader.reads, path),
        operations={name: tuple((path, line) for line in sorted(lines)) for name, lines in reader.uses.items()},
        arguments=_frozen(reader.arguments, path),
    )


def _frozen(found: Mapping[tuple[str | None, str], set[int]], path: str) -> _Reads:
    return {key: tuple((path, line) for line in sorted(lines)) for key, lines in found.items()}


def _imports(tree: ast.Module, package: str) -> tuple[dict[str, str], dict[str, str], set[str]]:
    """Return the generated classes and operations by the names that they have in the file, and all other imports."""
    classes: dict[str, str] = {}
    operations: dict[str, str] = {}
    others: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            module = node.module or ""
            for alias in node.names:
                bound = alias.asname or alias.name
                if module.startswith(f"{package}.models"):
                    classes[bound] = fold(alias.name)
                elif module.startswith(f"{package}.api"):
                    operations[bound] = fold(alias.name)
                else:
                    others.add(bound)
    return classes, operations, others


@attrs.frozen
class _Reader:
    """Collects what one file reads."""

    classes: Mapping[str, str]
    operations: dict[str, str]
    others: set[str]
    reads: dict[tuple[str | None, str], set[int]] = attrs.field(factory=dict[tuple[str | None, str], set[int]])
    uses: dict[str, set[int]] = attrs.field(factory=dict[str, set[int]])
    arguments: dict[tuple[str | None, str], set[int]] = attrs.field(factory=dict[tuple[str | None, str], set[int]])

    def module(self, tree: ast.Module) -> None:
        constants: dict[str, str] = {}
        for statement in tree.body:
            # A row of a table stands for the operation whose module it names.
            if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
                named = self._named(statement.value)
                if len(named) == 1:
                    constants[statement.targets[0].id] = next(iter(named))
        self.operations.update(constants)
        for statement in tree.body:
            if not isinstance(statement, (ast.Import, ast.ImportFrom)):
                self._scope(statement, {})

    def _named(self, node: ast.AST) -> set[str]:
        return {
            self.operations[found.id]
            for found in ast.walk(node)
            if isinstance(found, ast.Name) and found.id in self.operations
        }

    def _scope(self, node: ast.AST, known: Mapping[str, str | None]) -> None:
        """Note what a statement reads; `known` are the classes of the names in reach, None for none of ours."""
        known = dict(known)
        operations = self._named(node)
        for found in ast.walk(node):
            if isinstance(found, ast.arg):
                known[found.arg] = self._annotated(found.annotation)
            elif isinstance(found, ast.Call):
                self._narrow(found, known)
        for found in ast.walk(node):
            line = getattr(found, "lineno", 1)
            match found:
                case ast.Name(id=name) if name in self.operations:
                    self.uses.setdefault(self.operations[name], set()).add(line)
                case ast.Attribute(value=ast.Name(id=name), attr=field) if known.get(name, "") is not None:
                    if name not in self.operations and name not in self.others and name not in self.classes:
                        self._read(known.get(name), field, line)
                case ast.Call():
                    self._call(found, operations)
                case _:
                    for asked in _keys(found):
                        self._read(None, asked, line)

    def _annotated(self, annotation: ast.expr | None) -> str | None:
        """Return the class that an annotation names; "" if it may be any, None if it is none of the generated ones."""
        if annotation is None:
            return ""
        words = {found.id for found in ast.walk(annotation) if isinstance(found, ast.Name)}
        generated = [self.classes[word] for word in words if word in self.classes]
        if generated:
            return generated[0] if len(generated) == 1 else ""
        return "" if words & _UNKNOWN else None

    def _narrow(self, call: ast.Call, known: dict[str, str | None]) -> None:
        match call:
            case ast.Call(func=ast.Name(id="isinstance"), args=[ast.Name(id=name), ast.Name(id=kind)]):
                if kind in self.classes:
                    known[name] = self.classes[kind]
            case _:
                pass

    def _call(self, call: ast.Call, operations: set[str]) -> None:
        built = self.classes.get(call.func.id) if isinstance(call.func, ast.Name) else None
        for keyword in call.keywords:
            if keyword.arg is None:
                continue
            if built is not None:
                self._read(built, keyword.arg, keyword.value.lineno)
            else:
                for operation in operations:
                    key = (operation, fold(keyword.arg))
                    self.arguments.setdefault(key, set()).add(keyword.value.lineno)
        match call:
            case ast.Call(func=ast.Attribute(attr="get"), args=[ast.Constant(value=str(asked)), *_]):
                self._read(None, asked, call.lineno)
            case _:
                pass

    def _read(self, owner: str | None, field: str, line: int) -> None:
        self.reads.setdefault((owner or None, fold(field)), set()).add(line)


def _keys(node: ast.AST) -> Iterator[str]:
    """Yield the keys by which a mapping is asked."""
    match node:
        case ast.Subscript(slice=ast.Constant(value=str(key)), ctx=ast.Load()):
            yield key
        case ast.Compare(left=ast.Constant(value=str(key)), ops=[ast.In() | ast.NotIn(), *_]):
            yield key
        case _:
            pass
