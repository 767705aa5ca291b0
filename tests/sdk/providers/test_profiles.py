"""What is known of providers stands in one module, and nothing else in the client names one."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from portkey_ft._providers import KNOWN_PROVIDERS, UNKNOWN, is_unsupported, profile_of

PACKAGE = Path(__file__).parents[3] / "portkey_ft"
#: A gateway of its own, for tests: an oracle shares no data with its subject.
APART = PACKAGE / "testing"
HOME = PACKAGE / "_providers.py"
NAMES = re.compile(r"openai|azure|bedrock|vertex|fireworks", re.IGNORECASE)
#: Its strings are the command line's help, which is documentation; but it decides nothing by a provider's name.
HELP = PACKAGE / "cli"


def texts(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Give the string constants of a module with their lines; docstrings excepted, texts in f-strings included."""
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.lineno, node.value


def named(package: Path) -> list[str]:
    """Give where a provider is named outside of its module."""
    return [
        f"{path.relative_to(package).as_posix()}:{line}: {text}"
        for path in sorted(package.rglob("*.py"))
        if path != package / HOME.name and APART.name not in path.relative_to(package).parts
        for line, text in texts(ast.parse(path.read_text(encoding="utf-8")))
        if (text in KNOWN_PROVIDERS if HELP.name in path.relative_to(package).parts else NAMES.search(text))
    ]


def test_no_other_module_of_the_client_names_a_provider() -> None:
    assert named(PACKAGE) == []


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ('"""Vertex may be explained."""\nBAD = {"vertex-ai"}\n', 2),
        ('def f(name):\n    """OpenAI."""\n    return name == "openai"\n', 3),
        ('def f(name):\n    raise ValueError(f"Bedrock does not know {name}")\n', 2),
    ],
)
def test_a_provider_named_elsewhere_is_found(tmp_path: Path, source: str, line: int) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "broken.py").write_text(source, encoding="utf-8")
    (tmp_path / HOME.name).write_text('NAME = "openai"\n', encoding="utf-8")
    (found,) = named(tmp_path)
    assert found.startswith(f"inner/broken.py:{line}: ")


def test_a_decision_of_the_command_line_is_found(tmp_path: Path) -> None:
    (tmp_path / "cli").mkdir()
    source = 'HELP = "Role of the job (Bedrock)."\nDECIDES = name == "bedrock"\n'
    (tmp_path / "cli" / "broken.py").write_text(source, encoding="utf-8")
    assert named(tmp_path) == ["cli/broken.py:2: bedrock"]


def test_the_search_knows_every_provider() -> None:
    assert all(NAMES.search(name) for name in KNOWN_PROVIDERS)


def test_an_unknown_provider_has_the_profile_of_none() -> None:
    assert profile_of(None) is profile_of("@my-openai") is profile_of("groq") is UNKNOWN
    assert profile_of("azure-openai") is not UNKNOWN
    assert not is_unsupported("files.list", None)
    assert is_unsupported("files.list", "bedrock")
