"""Checks that importing a generated client has no side effects, before anything imports it.

The generator puts names and texts of the document into Python. It escapes them; should it once fail to, the words would
be read as statements here. What a module may hold at its top and in its classes are definitions, known imports and
values that are written out; everything else is refused. Nothing is imported.
"""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from scripts.specsync.errors import GeneratorError

_MODULES: Final = frozenset(
    {
        "__future__", "attrs", "collections.abc", "datetime", "http", "httpx", "io", "json", "ssl", "typing",
        "urllib.parse", "uuid",
    }
)  # fmt: skip
_CALLED: Final = frozenset(
    {
        "TypeVar",
        "UUID",
        "Unset",
        "_attrs_field",
        "datetime.date.fromisoformat",
        "datetime.datetime.fromisoformat",
        "field",
    }
)
_DECORATORS: Final = frozenset({"_attrs_define", "classmethod", "define", "property"})
_PARTS: Final = (
    ast.Attribute, ast.BinOp, ast.BitOr, ast.Constant, ast.Dict, ast.List, ast.Load, ast.Name, ast.Set, ast.Subscript,
    ast.Tuple, ast.UnaryOp, ast.USub, ast.keyword,
)  # fmt: skip


def require_no_side_effects(package: Path) -> None:
    """Refuse a generated package that contains more than definitions, or files outside its folder.

    Raises:
        GeneratorError: With every place that was found.
    """
    found: list[str] = []
    for path in sorted(package.rglob("*")):
        name = path.relative_to(package).as_posix()
        if path.is_symlink() or not (path.is_dir() or path.suffix == ".py" or path.name == "py.typed"):
            found.append(f"{name}: no module")
        elif path.suffix == ".py":
            found += [f"{name}:{line}: {reason}" for line, reason in _module(path)]
    if found:
        message = f"the generated client would do more than define things: {found[0]}"
        raise GeneratorError(message, tuple(found[1:]))


def _module(path: Path) -> Iterator[tuple[int, str]]:
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except (SyntaxError, ValueError, RecursionError) as error:
        yield 1, f"no Python ({type(error).__name__})"
        return
    yield from _body(tree.body)


def _body(statements: list[ast.stmt]) -> Iterator[tuple[int, str]]:
    for statement in statements:
        match statement:
            case ast.Import(names=names):
                yield from _imports(statement.lineno, [name.name for name in names])
            case ast.ImportFrom(module=module, level=level):
                yield from _imports(statement.lineno, [] if level else [str(module)])
            case ast.If(test=ast.Name(id="TYPE_CHECKING"), body=body, orelse=[]):
                yield from _body(body)
            case ast.ClassDef() | ast.FunctionDef() | ast.AsyncFunctionDef():
                yield from _definition(statement)
            case ast.Expr() | ast.Assign() | ast.AnnAssign():
                yield from () if statement.value is None else _value(statement.value)
            case ast.Pass():
                pass
            case _:
                yield statement.lineno, f"a statement {type(statement).__name__}"


def _definition(definition: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[tuple[int, str]]:
    yield from _named(definition.decorator_list)
    if isinstance(definition, ast.ClassDef):
        values = [*definition.bases, *(keyword.value for keyword in definition.keywords)]
        yield from _body(definition.body)
    else:
        values = [*definition.args.defaults, *(value for value in definition.args.kw_defaults if value is not None)]
    for value in values:
        yield from _value(value)


def _imports(line: int, modules: list[str]) -> Iterator[tuple[int, str]]:
    yield from ((line, f"imports {module}") for module in modules if module not in _MODULES)


def _named(decorators: list[ast.expr]) -> Iterator[tuple[int, str]]:
    for decorator in decorators:
        if ast.unparse(decorator) not in _DECORATORS:
            yield decorator.lineno, f"a decorator {ast.unparse(decorator)}"


def _value(value: ast.expr) -> Iterator[tuple[int, str]]:
    for part in ast.walk(value):
        if isinstance(part, ast.Call):
            if ast.unparse(part.func) not in _CALLED:
                yield part.lineno, f"a call of {ast.unparse(part.func)}"
        elif not isinstance(part, _PARTS):
            yield value.lineno, f"a value with {type(part).__name__}"
