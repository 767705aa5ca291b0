"""docs/dataset-rules.md shows every rule with what it finds; it is written by this test, and fails when it is stale.

``PORTKEY_FT_RULES_REWRITE=1`` writes it anew.
"""

from __future__ import annotations

import ast
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from portkey_ft import datasets
from portkey_ft._providers import PROFILES
from portkey_ft.datasets import Problem, check
from tests.datasets.rule_examples import CHAPTERS, EXAMPLES, Example
from tests.support.paths import ROOT

PAGE = ROOT / "docs" / "dataset-rules.md"
BEGIN, END = "<!-- rules: written by tests/datasets/test_rules_page.py -->", "<!-- end of the rules -->"
MAKERS = {"error", "warning", "make"}
REWRITE = bool(os.environ.get("PORTKEY_FT_RULES_REWRITE"))


def codes(folder: Path) -> Iterator[str]:
    """Find the code of every rule in the source."""
    for path in folder.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MAKERS:
                code = node.args[1] if len(node.args) == 3 else None
                if isinstance(code, ast.Constant):
                    yield str(code.value)


def found(example: Example, folder: Path) -> Problem:
    """Check an example, and give what the rule says."""
    path = folder / example.name
    path.write_bytes(example.content)
    report = check(path, provider=example.provider, max_problems=5, **example.options)
    return next(problem for problem in report.problems if problem.code == example.code)


def chapter(title: str, entries: list[tuple[Example, Problem]]) -> Iterator[str]:
    """Write the rules of a chapter."""
    yield from (f"### {title}", "")
    for example, problem in entries:
        last = example.lines[-1] if example.lines else b""
        line = example.shown or (
            last.decode().rstrip("\n") if isinstance(last, bytes) else json.dumps(last, ensure_ascii=False)
        )
        provider = f", for `{example.provider}`" if example.provider else ""
        yield from (f"`{example.code}` ({problem.severity}{provider})", "")
        yield from (("```text", line, "```") if line.startswith(("{", "[")) else (f"*{line}*",))
        place = f"`{problem.pointer}`: " if problem.pointer else ""
        yield from ("", f"> {place}{problem.message}".replace("<", "&lt;"), "")


def providers() -> Iterator[str]:
    """Write what each provider takes."""
    yield "| provider | forms | examples | size | images |"
    yield "| --- | --- | --- | --- | --- |"
    for profile in PROFILES:
        rules, rows, images = profile.dataset, profile.upload.rows, profile.dataset.images
        forms = rules.formats if rows.formats is None else rules.formats & rows.formats
        size = f"{rules.maximum_bytes >> 20:,} MiB" if rules.maximum_bytes else "no limit published"
        if profile.upload.maximum_characters:
            size = f"{profile.upload.maximum_characters:,} characters, through the gateway"
        limits = [
            ", ".join(sorted(images.formats or ())),
            f"{images.per_example} an example" if images.per_example else "",
            f"{images.maximum_bytes >> 20} MB each" if images.maximum_bytes else "",
            f"{images.maximum_examples:,} examples with images" if images.maximum_examples else "",
            "embedded" if images.schemes == ("data:",) else "",
        ]
        taken = "; ".join(filter(None, limits)) if rows.parts != frozenset() else "none, through the gateway"
        yield f"| `{profile.name}` | {', '.join(sorted(forms))} | {rules.minimum_examples} or more | {size} | {taken} |"


def written(folder: Path) -> str:
    """Write the part of the page that is generated."""
    lines: list[str] = ["## What each provider takes", "", *providers(), "", "## Every rule", ""]
    entries: list[tuple[Example, Problem]] = []
    title = ""
    for example in EXAMPLES:
        if example.code in CHAPTERS:
            lines += chapter(title, entries) if title else ()
            title, entries = CHAPTERS[example.code], []
        entries.append((example, found(example, folder)))
    lines += chapter(title, entries)
    return "\n".join(lines)


def test_every_rule_has_an_example() -> None:
    folder = Path(datasets.__file__).parent
    assert {example.code for example in EXAMPLES} == set(codes(folder))


def test_a_rule_without_an_example_would_be_found(tmp_path: Path) -> None:
    source = 'def f():\n    yield error("", "brand-new", "A new rule.")\n'
    (tmp_path / "broken.py").write_text(source, encoding="utf-8")
    assert list(codes(tmp_path)) == ["brand-new"]


@pytest.mark.parametrize("code", sorted({example.code for example in EXAMPLES}))
def test_a_code_is_a_name_in_lower_case(code: str) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", code)


def test_the_page_shows_what_the_rules_find(tmp_path: Path) -> None:
    page = PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    wanted = f"{before}{BEGIN}\n\n{written(tmp_path)}\n{END}{after}"
    if REWRITE:
        PAGE.write_text(wanted, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == wanted, "write it anew with PORTKEY_FT_RULES_REWRITE=1"
