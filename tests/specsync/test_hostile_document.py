"""A document, an overlay and settings that mean harm: nothing of them runs, and nothing of them leaves its place."""

from __future__ import annotations

import ast
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("openapi_spec_validator", reason="the toolchain's own packages; they are in the group spec")

from scripts.specsync.client.audit import audit
from scripts.specsync.client.generate import GeneratorOptions, generate
from scripts.specsync.client.generated_tree import read_tree
from scripts.specsync.client.safety import require_no_side_effects
from scripts.specsync.client.workarounds import adapt
from scripts.specsync.diff.change import Change
from scripts.specsync.diff.rules import RULES
from scripts.specsync.document.lint import lint
from scripts.specsync.errors import GeneratorError, SpecSyncError, UsageError
from scripts.specsync.facts.normalise import effective_base, normalise
from scripts.specsync.facts.select import all_operations, select
from scripts.specsync.overlay.apply import apply_overlay, read_overlay
from scripts.specsync.report.markdown import LIMIT, render_markdown
from scripts.specsync.report.report import Failure, Report
from scripts.specsync.report.text import render_text
from scripts.specsync.settings import parse_settings
from scripts.specsync.verdicts import ExitCode, Severity

pytestmark = pytest.mark.security

ROOT = Path(__file__).parents[2]
Document = Any

# Each would be a call if it left the string, the docstring, the template or the name that it is put in.
PAYLOADS = {
    "triple quotes": '"""\ncanary_call()\n"""',
    "quote and line break": "x'\ncanary_call()\n'",
    "end of a call": 'x"); canary_call(); ("',
    "backslash": "canary\\",
    "braces": "{canary_call()}",
    "class": "X(canary_call()):\n    pass\nclass Y",
    "folder": "../../canary",
    "special": "__init__",
}


def document() -> Document:
    """Give a small document that has each kind of thing."""
    thing = {"$ref": "#/components/schemas/Thing"}
    return {
        "openapi": "3.0.3",
        "info": {"title": "t", "version": "1"},
        "servers": [{"url": "https://example.com"}],
        "security": [{"Key": []}],
        "paths": {
            "/things/{id}": {
                "post": {
                    "operationId": "op",
                    "tags": ["things"],
                    "parameters": [
                        {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}},
                        {"name": "after", "in": "query", "schema": {"type": "string", "default": "d"}},
                        {"name": "kind", "in": "query", "schema": {"type": "string", "enum": ["a"]}},
                        {"name": "x-h", "in": "header", "schema": {"type": "string"}},
                    ],
                    "requestBody": {"required": True, "content": {"application/json": {"schema": thing}}},
                    "responses": {"200": {"description": "ok", "content": {"application/json": {"schema": thing}}}},
                }
            }
        },
        "components": {
            "schemas": {
                "Thing": {
                    "type": "object",
                    "required": ["a"],
                    "properties": {
                        "a": {"type": "string"},
                        "b": {"type": "string", "default": "d"},
                        "c": {"type": "string", "enum": ["x", "y"]},
                        "n": {"type": "integer", "default": 1},
                        "t": {"type": "string", "format": "date-time"},
                    },
                }
            },
            "securitySchemes": {"Key": {"type": "apiKey", "in": "header", "name": "x-key"}},
        },
    }


def operation(of: Document) -> Document:
    return next(iter(of["paths"].values()))["post"]


def properties(of: Document) -> Document:
    return of["components"]["schemas"]["Thing"]["properties"]


def rename_component(of: Document, name: str) -> None:
    of["components"]["schemas"][name] = of["components"]["schemas"].pop("Thing")
    reference = {"$ref": "#/components/schemas/" + name.replace("~", "~0").replace("/", "~1")}
    operation(of)["requestBody"]["content"]["application/json"]["schema"] = reference
    operation(of)["responses"]["200"]["content"]["application/json"]["schema"] = reference


def rename_path_parameter(of: Document, name: str) -> None:
    operation(of)["parameters"][0]["name"] = name
    of["paths"] = {f"/things/{{{name}}}": of["paths"].popitem()[1]}


def say_everywhere(of: Document, text: str) -> None:
    """Put a text in each place that is meant for readers."""
    said = {"description": text, "title": text, "example": text}
    of["info"].update(title=text, version=text, description=text)
    of["servers"][0]["description"] = text
    of["components"]["schemas"]["Thing"].update(said)
    properties(of)["a"].update(said)
    operation(of).update(summary=text, description=text)
    operation(of)["responses"]["200"]["description"] = text
    operation(of)["parameters"][1].update(description=text, example=text)
    of["components"]["securitySchemes"]["Key"]["description"] = text


def give_values(of: Document, text: str) -> None:
    """Put a text in each place that holds a value."""
    properties(of)["b"]["default"] = text
    properties(of)["c"].update(enum=["x", text], default=text)
    operation(of)["parameters"][1]["schema"]["default"] = text
    operation(of)["parameters"][2]["schema"].update(enum=[text], default=text)


def rename_scheme(of: Document, name: str) -> None:
    of["components"]["securitySchemes"] = {name: {"type": "apiKey", "in": "header", "name": name}}
    of["security"] = [{name: []}]


PLACES: dict[str, Callable[[Document, str], object]] = {
    "prose": say_everywhere,
    "values": give_values,
    "number": lambda of, text: properties(of)["n"].update(default=text),
    "time": lambda of, text: properties(of)["t"].update(default=text),
    "format": lambda of, text: properties(of)["a"].update(format=text, pattern=re.escape(text)),
    "property": lambda of, text: properties(of).update({text: {"type": "string"}}),
    "inner object": lambda of, text: properties(of).update(
        {text: {"type": "object", "title": text, "properties": {"z": {"type": "string"}}}}
    ),
    "component": rename_component,
    "operation": lambda of, text: operation(of).update(operationId=text),
    "tag": lambda of, text: operation(of).update(tags=[text]),
    "path": lambda of, text: of["paths"].update({f"/things/{{id}}/{text}": of["paths"].popitem()[1]}),
    "path parameter": rename_path_parameter,
    "query parameter": lambda of, text: operation(of)["parameters"][1].update(name=text),
    "header": lambda of, text: operation(of)["parameters"][3].update(name=text),
    "scheme": rename_scheme,
    "server": lambda of, text: of["servers"].append({"url": text}),
    "status": lambda of, text: operation(of)["responses"].update({text: {"description": ""}}),
    "media type": lambda of, text: operation(of)["responses"]["200"].update(content={text: {"schema": {}}}),
}


def effective(of: Document) -> Document:
    """Take a document through the stages before the generator, under its own names, which is what harms most."""
    base: Document = effective_base(normalise(select(of, all_operations(of)), "t"))
    faults = lint(base)
    if faults:
        raise GeneratorError(str(faults[0]))
    return base


def generated(of: Document, folder: Path) -> Path:
    """Take a document to a client as the sync does, up to where the client would be imported."""
    adapted = adapt(effective(of))
    folder.mkdir()
    package = generate(
        adapted.document, GeneratorOptions("x_api", adapted.class_overrides(), adapted.wire_names), folder
    )
    require_no_side_effects(package)
    lost = audit(adapted, read_tree(package)).lost
    if lost:
        raise GeneratorError(lost[0])
    return package


def called(package: Path) -> set[str]:
    """Give every name in a client that is called."""
    return {
        ast.unparse(found.func)
        for path in package.rglob("*.py")
        for found in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(found, ast.Call)
    }


def files_below(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


@pytest.mark.parametrize(
    "place", [pytest.param(place, marks=[pytest.mark.slow] if number else []) for number, place in enumerate(PLACES)]
)
def test_code_in_a_document_stays_text_or_is_refused(place: str, tmp_path: Path) -> None:
    survived = 0
    for number, text in enumerate(PAYLOADS.values()):
        hostile = document()
        PLACES[place](hostile, text)
        work = tmp_path / "work" / str(number)
        work.parent.mkdir(exist_ok=True)
        try:
            package = generated(hostile, work)
        except SpecSyncError:
            continue
        finally:
            # Refused or not, nothing was written beside the package.
            above = {name for name in files_below(tmp_path) if "/staged/x_api" not in name}
            assert not any("canary" in name for name in above)
        survived += 1
        assert not {"canary_call", "canary"} & called(package)
        assert all(path.resolve().is_relative_to(package.resolve()) for path in package.rglob("*"))
    if place in {"prose", "values"}:
        # What is refused proves nothing about the generator: here all of it was let through.
        assert survived == len(PAYLOADS)


NAMES = [
    *("../../x", "__init__", "__main__", "con", "types", "client"),
    *("self", "None", "class", "Any", "httpx", "T", "THING"),
]


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] if number % 3 else []) for number, name in enumerate(NAMES)]
)
def test_names_of_components_stay_inside_and_do_not_replace_each_other(name: str, tmp_path: Path) -> None:
    hostile = document()
    hostile["components"]["schemas"][name] = {"type": "object", "properties": {"z": {"type": "string"}}}
    properties(hostile)["other"] = {"$ref": "#/components/schemas/" + name.replace("/", "~1")}
    try:
        package = generated(hostile, tmp_path / "work")
    except SpecSyncError:
        pass
    else:
        files = [file.lower() for file in files_below(package)]
        assert len(files) == len(set(files))
        assert len(read_tree(package).models) >= 2
    assert {path.name for path in tmp_path.iterdir()} <= {"work"}


INERT = '''"""Docstring."""
from __future__ import annotations
import datetime
from typing import TYPE_CHECKING, TypeVar
from attrs import define as _attrs_define
from ..types import UNSET
if TYPE_CHECKING:
    from ..models.y import Y
T = TypeVar("T", bound="X")
VALUES: set[str] = {"a", "b"}
@_attrs_define
class X:
    """Docstring."""
    a: str
    b: int = -1
    c: datetime.date = datetime.date.fromisoformat("2020-01-01")
    @classmethod
    def f(cls, x: int = 1, *, y: str | None = None) -> None:
        anything_may_stand_here()
class Y:
    pass
'''
ACTIVE = {
    "call": "canary_call()",
    "call in a value": "x = canary_call()",
    "call in a class": "class X:\n    canary_call()",
    "call in a field": "class X:\n    a: int = field(default=canary_call())",
    "call in a default": "def f(x=canary_call()): pass",
    "call in a keyword default": "def f(*, x=canary_call()): pass",
    "call in a decorator": "@canary_call()\ndef f(): pass",
    "other decorator": "@canary\nclass X: pass",
    "call as a base": "class X(canary_call()): pass",
    "call in a keyword of a class": "class X(metaclass=canary_call()): pass",
    "call in an index": "x = list[canary_call()]",
    "call behind type checking": "if TYPE_CHECKING:\n    canary_call()",
    "other condition": "if True:\n    pass",
    "import": "import os",
    "import from": "from os import system",
    "loop": "for x in []: pass",
    "comprehension": "x = [y for y in z]",
    "lambda": "x = lambda: 1",
    "f-string": "x = f'{y}'",
    "walrus": "x = (y := 1)",
    "no Python": "x = (",
    "deletion": "del x",
}


@pytest.mark.parametrize("name", ACTIVE)
def test_a_generated_module_that_does_something_is_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / "good.py").write_text(INERT, "utf-8")
    require_no_side_effects(tmp_path)
    (tmp_path / "bad.py").write_text(ACTIVE[name], "utf-8")
    with pytest.raises(GeneratorError, match=r"bad\.py:"):
        require_no_side_effects(tmp_path)


def test_a_generated_package_holds_modules_alone(tmp_path: Path) -> None:
    (tmp_path / "x.so").touch()
    (tmp_path / "y.py").symlink_to(tmp_path.parent)
    with pytest.raises(GeneratorError, match="no module") as caught:
        require_no_side_effects(tmp_path)
    assert len(caught.value.details) == 1


def test_the_committed_client_does_nothing_by_being_imported(tmp_path: Path) -> None:
    # Compiled modules come and go beside the others as tests import them.
    committed = ROOT / "generated" / "portkey_ft_api"
    require_no_side_effects(shutil.copytree(committed, tmp_path / "c", ignore=shutil.ignore_patterns("__pycache__")))


SETTINGS = """
[generate]
folder = "{folder}"
package = "{package}"
[prove]
seam = "{seam}"
tests = ["{tests}"]
[[operation]]
method = "GET"
path = "/x"
id = "{id}"
tag = "{tag}"
"""
GOOD = {"folder": "generated", "package": "x_api", "seam": "a/b.py", "tests": "a/b", "id": "op", "tag": "things"}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *(
            (key, value)
            for key in ("folder", "seam", "tests")
            for value in ("../x", "/x", "a/../../x", "-x", "C:x", "a//b")
        ),
        *(
            (key, value)
            for key in ("package", "id", "tag")
            for value in ("../x", "a.b", "x()", "class", "\u0430", "a b")
        ),
        ("folder", "a\\nb"),
    ],
)
def test_settings_do_not_lead_out_of_the_project(key: str, value: str) -> None:
    assert parse_settings(SETTINGS.format(**GOOD), "selection.toml").package == "x_api"
    with pytest.raises(UsageError, match=r"selection\.toml: "):
        parse_settings(SETTINGS.format(**(GOOD | {key: value})), "selection.toml")


def test_an_overlay_is_data(tmp_path: Path) -> None:
    """What an overlay puts into the document is worth no more than what upstream says."""
    overlay = {
        "overlay": "1.1.0",
        "info": {"title": "canary_call()", "version": "1"},
        "actions": [
            {
                "target": "$.components.schemas.Thing",
                "description": '"""\ncanary_call()',
                "x-expect": {"matches": 1},
                "update": {"description": PAYLOADS["triple quotes"], "title": PAYLOADS["class"]},
            }
        ],
    }
    result = apply_overlay(effective(document()), read_overlay(overlay))
    adapted = adapt(result.document)
    (tmp_path / "w").mkdir()
    package = generate(adapted.document, GeneratorOptions("x_api"), tmp_path / "w")
    require_no_side_effects(package)
    assert "canary_call" not in called(package)


@pytest.mark.parametrize(
    "target", ["$.__class__", "$[?@.__globals__]", "$[?canary_call()]", "__import__('os')", "$" * 9]
)
def test_a_target_of_an_overlay_is_a_path_and_nothing_else(target: str) -> None:
    action = {"target": target, "description": "x", "update": {"a": 1}, "x-expect": {"matches": 1}}
    overlay = {"overlay": "1.1.0", "info": {"title": "t", "version": "1"}, "actions": [action]}
    with pytest.raises(SpecSyncError):
        apply_overlay(document(), read_overlay(overlay))


WORDS = "\x1b]0;canary\x07\x1b[2J\r\u202e\x9b31m"
MARKUP = (
    "</summary></details><script>x</script> @canary #12 [x](https://evil.test) ![x](//evil.test/x.png) www.evil.test "
    "`` ``` **x** <!-- \r\r\n\n# Title\n> x\n| a |\n&#64;canary"
)


def report(text: str) -> Report:
    """Give a report that says a text in each of its places."""
    change = Change(
        RULES["response-property-removed"], Severity.BREAKING, f"/{text}", text, text, text, text, (text,), seam=(text,)
    )
    failure = Failure(ExitCode.SOURCE, text, (text, "```", text))
    return Report(
        ExitCode.SOURCE,
        failures=(failure,),
        changes=(change,),
        lost=(text,),
        notes=(text,),
        source={"repository": text, "commit": text, "sha256": text},
    )


def test_a_report_at_a_terminal_shows_controls_as_their_escapes() -> None:
    text = render_text(report(WORDS))
    assert all(line.isprintable() for line in text.split("\n"))
    assert "\\x1b[2J" in text


def outside_of_code(markdown: str) -> str:
    """Take away what Markdown shows as it stands: blocks and spans of code."""
    assert markdown.count("\n```") % 2 == 0
    blocks = re.sub(r"^```.*?^```$", "", markdown, flags=re.DOTALL | re.MULTILINE)
    return re.sub(r"`[^`\n]*`", "", blocks)


def test_a_report_for_a_pull_request_holds_no_markup_of_upstreams() -> None:
    text = outside_of_code(render_markdown(report(MARKUP)))
    assert "canary" in text
    assert text.count("<details>") == text.count("</details>") == 1
    for found in (
        "<script",
        "@canary",
        "](",
        "![",
        "://",
        "www.",
        "#12",
        "&#64;canary",
        "**x**",
        "\r",
        "\n# ",
        "\n> ",
        "`",
    ):
        assert found not in text, found
    for line in text.split("\n"):
        assert line.isprintable()
        # Every comment is one of ours, and closed.
        assert "<!--" not in line.replace("<!-- -->", "")


def test_a_long_report_is_cut_where_nothing_stays_open() -> None:
    many = tuple(f"{number} {MARKUP}" for number in range(1000))
    text = render_markdown(
        Report(ExitCode.SOURCE, failures=(Failure(ExitCode.SOURCE, "x", many),), lost=many, notes=many)
    )
    assert len(text) <= LIMIT
    assert "More is in the full report." in outside_of_code(text)
    assert "<!--" not in outside_of_code(text).replace("<!-- -->", "")


def test_the_json_of_a_report_says_the_words_as_they_are() -> None:
    assert json.loads(json.dumps(report(WORDS).as_json())) == report(WORDS).as_json()
