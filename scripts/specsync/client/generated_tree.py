"""Reads a generated client with the `ast` module: its operations, models and names. Nothing is imported."""

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import attrs

from scripts.specsync.document.openapi import path_shape
from scripts.specsync.errors import GeneratorError

_WORD: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@attrs.frozen
class Endpoint:
    """One operation's module.

    `texts` are all string constants of its request builder, `arguments` map the builder's arguments to the words of
    their annotations, `statuses` are the numbers that the response's status is compared with.
    """

    module: str
    method: str
    shape: str
    texts: frozenset[str]
    arguments: Mapping[str, frozenset[str]]
    statuses: frozenset[int]
    has_default: bool
    answers: frozenset[str]
    decodings: frozenset[str]


@attrs.frozen
class Model:
    """One class: its attributes with the words of their annotations, and the wire names that it reads and writes."""

    name: str
    module: str
    attributes: Mapping[str, frozenset[str]]
    read: frozenset[str]
    written: frozenset[str]
    rest: frozenset[str]


@attrs.frozen
class GeneratedTree:
    """All endpoints and models of a client; aliases are names for unions and literals."""

    endpoints: tuple[Endpoint, ...]
    models: Mapping[str, Model]
    aliases: Mapping[str, frozenset[str]]

    def endpoint(self, method: str, path: str) -> Endpoint | None:
        """Return the endpoint of an operation."""
        shape = path_shape(path)
        for endpoint in self.endpoints:
            if endpoint.method == method and endpoint.shape == shape:
                return endpoint
        return None


def read_tree(package: Path) -> GeneratedTree:
    """Return what a generated package holds."""
    endpoints: list[Endpoint] = []
    models: dict[str, Model] = {}
    aliases: dict[str, frozenset[str]] = {}
    for path in sorted((package / "api").rglob("*.py")):
        if path.name != "__init__.py":
            endpoint = _endpoint(_parsed(path), path.relative_to(package).as_posix())
            if endpoint is not None:
                endpoints.append(endpoint)
    for path in sorted((package / "models").glob("*.py")):
        if path.name != "__init__.py":
            module = path.relative_to(package).as_posix()
            for statement in _parsed(path).body:
                if isinstance(statement, ast.ClassDef):
                    models[statement.name] = _model(statement, module)
                elif isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
                    aliases[statement.targets[0].id] = _constants(statement.value)
    return GeneratedTree(tuple(endpoints), models, aliases)


def _parsed(path: Path) -> ast.Module:
    try:
        return ast.parse(path.read_text(encoding="utf-8"))
    except (SyntaxError, ValueError) as error:
        message = f"generated module {path.name} is not Python: {error}"
        raise GeneratorError(message) from None


def _functions(body: list[ast.stmt]) -> dict[str, ast.FunctionDef]:
    return {statement.name: statement for statement in body if isinstance(statement, ast.FunctionDef)}


def _constants(node: ast.AST) -> frozenset[str]:
    return frozenset(
        found.value for found in ast.walk(node) if isinstance(found, ast.Constant) and isinstance(found.value, str)
    )


def _words(annotation: ast.expr | None) -> frozenset[str]:
    return frozenset(_WORD.findall(ast.unparse(annotation))) if annotation is not None else frozenset()


def _endpoint(tree: ast.Module, module: str) -> Endpoint | None:
    functions = _functions(tree.body)
    builder, reader = functions.get("_get_kwargs"), functions.get("_parse_response")
    if builder is None or reader is None:
        return None
    method, url = "", ""
    for key, value in _dictionary_items(builder):
        if key == "method" and isinstance(value, ast.Constant):
            method = str(value.value)
        elif key == "url":
            url = _template(value)
    numbers = {
        found.value
        for found in ast.walk(reader)
        if isinstance(found, ast.Constant) and isinstance(found.value, int) and not isinstance(found.value, bool)
    }
    names = {found.id for found in ast.walk(reader) if isinstance(found, ast.Name)}
    decodings = {
        found.attr
        for found in ast.walk(reader)
        if isinstance(found, ast.Attribute) and isinstance(found.value, ast.Name) and found.value.id == "response"
    }
    attributes = {found.attr for found in ast.walk(reader) if isinstance(found, ast.Attribute)}
    arguments = [*builder.args.args, *builder.args.kwonlyargs]
    return Endpoint(
        module=module,
        method=method,
        shape=path_shape(url),
        texts=_constants(builder),
        arguments={argument.arg: _words(argument.annotation) for argument in arguments},
        statuses=frozenset(numbers),
        # A module without a catch-all response ends by checking whether to raise.
        has_default="raise_on_unexpected_status" not in attributes,
        answers=_words(reader.returns) | names,
        decodings=frozenset(decodings),
    )


def _dictionary_items(function: ast.FunctionDef) -> Iterator[tuple[str, ast.expr]]:
    for found in ast.walk(function):
        if isinstance(found, ast.Dict):
            for key, value in zip(found.keys, found.values, strict=True):
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    yield key.value, value


def _template(value: ast.expr) -> str:
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute):
        value = value.func.value
    return str(value.value) if isinstance(value, ast.Constant) else ""


def _model(definition: ast.ClassDef, module: str) -> Model:
    attributes = {
        statement.target.id: _words(statement.annotation)
        for statement in definition.body
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name)
    }
    functions = _functions(definition.body)
    reader = functions.get("from_dict")
    writers = [functions[name] for name in ("to_dict", "to_multipart") if name in functions]
    rest = attributes.get("additional_properties", frozenset[str]())
    return Model(
        name=definition.name,
        module=module,
        attributes=attributes,
        read=_constants(reader) if reader is not None else frozenset(),
        written=frozenset[str]().union(*(_constants(writer) for writer in writers)),
        rest=rest,
    )
