"""What is told of a changed schema: in a request and in a response, where, and how bad it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from scripts.specsync.diff.compare import difference
from scripts.specsync.diff.seam_usage import FacadeUsage, Seam
from scripts.specsync.document.json_values import canonical_json
from scripts.specsync.errors import LocatedSourceError
from tests.support.small_documents import operation, refers

CASES: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("schema_differences.yaml").read_text("utf-8"))
NAMES = [case["change"] for case in CASES]
READ = {("thing", name): (("seam.py", 3),) for name in ("used", "needed", "early")}
USAGE = FacadeUsage(Seam(present=True, reads=READ), frozenset({("Thing", "needed")}), frozenset({"Thing"}))
PLACES = {
    "request": "/paths/~1things/post/requestBody/content/application~1json/schema",
    "response": "/paths/~1things/post/responses/200/content/application~1json/schema",
}


def facts(schema: Any, direction: str, components: Any = None, status: str = "200") -> dict[str, Any]:  # noqa: ANN401 - any JSON
    content = {"application/json": {"schema": schema}}
    body: dict[str, Any] = {"requestBody": {"content": content, "required": True}}
    if direction == "response":
        body = {"responses": {status: {"description": "Done.", "content": content}}}
    paths = {"/things": {"post": operation(**body)}}
    return {"openapi": "3.0.3", "info": {}, "paths": paths, "components": {"schemas": components or {}}}


def told(old: dict[str, Any], new: dict[str, Any], direction: str) -> list[str]:
    """Write each change on a line."""
    return [
        f"{change.severity} {change.rule.identifier.removeprefix(f'{direction}-')}"
        f" {change.pointer.replace(PLACES[direction], '').replace('/components/schemas/', '&') or '.'}:"
        f" {canonical_json(change.before)} > {canonical_json(change.after)}"
        for change in difference(old, new, USAGE)
    ]


def both(case: dict[str, Any], direction: str, status: str = "200") -> tuple[dict[str, Any], dict[str, Any]]:
    return (
        facts(case["before"], direction, case.get("components"), status),
        facts(case["after"], direction, case.get("later"), status),
    )


@pytest.mark.parametrize("direction", ["request", "response"])
@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_a_changed_schema_is_told(case: dict[str, Any], direction: str) -> None:
    assert told(*both(case, direction), direction) == case[direction].splitlines()


@pytest.mark.parametrize("direction", ["request", "response"])
@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_an_unchanged_schema_is_not_told(case: dict[str, Any], direction: str) -> None:
    for one in both(case, direction):
        assert told(one, one, direction) == []


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_no_change_of_an_error_breaks_anything(case: dict[str, Any]) -> None:
    """Errors are read liberally; but a person looks at what no rule knows."""
    old, new = both(case, "response", "400")
    known = [change for change in difference(old, new, USAGE) if change.rule.identifier != "unclassified-changed"]
    assert {str(change.severity) for change in known} <= {"additive", "docs"}


def test_what_was_done_is_told_when_it_is_undone() -> None:
    for case in CASES:
        for direction in ("request", "response"):
            old, new = both(case, direction)
            assert bool(told(old, new, direction)) == bool(told(new, old, direction)), case["change"]


def test_schemas_may_be_nested_a_hundred_deep() -> None:
    def nested(levels: int, inner: dict[str, Any]) -> dict[str, Any]:
        for _ in range(levels):
            inner = {"type": "array", "items": inner}
        return inner

    def compared(levels: int) -> list[str]:
        old, new = nested(levels, {"type": "string"}), nested(levels, {"type": "integer"})
        return told(facts(old, "request"), facts(new, "request"), "request")

    assert compared(100) == [f'breaking type-changed {"/items" * 100}: "string" > "integer"']
    with pytest.raises(LocatedSourceError, match="schemas nested more than 100 deep are not compared") as caught:
        compared(101)
    assert caught.value.pointer == PLACES["request"] + "/items" * 101


def test_alternatives_may_be_nested_a_hundred_deep() -> None:
    def compared(levels: int) -> list[str]:
        schema: dict[str, Any] = refers("Part")
        for _ in range(levels):
            schema = {"anyOf": [{"type": "string"}, schema]}
        old, new = (facts(schema, "request", {"Part": {"type": kind}}) for kind in ("integer", "boolean"))
        return told(old, new, "request")

    assert compared(100) == ['breaking type-changed &Part: "integer" > "boolean"']
    with pytest.raises(LocatedSourceError, match="schemas nested more than 100 deep are not compared") as caught:
        compared(101)
    assert caught.value.pointer == PLACES["request"] + "/anyOf/1" * 100 + "/anyOf/0"


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"required": {}}, "/required"),
        ({"discriminator": []}, "/discriminator"),
        ({"discriminator": {"mapping": []}}, "/discriminator/mapping"),
    ],
)
@pytest.mark.parametrize("later", [False, True])
def test_what_is_no_schema_is_refused_at_its_place(wrong: object, pointer: str, *, later: bool) -> None:
    pair = [facts({"items": {}}, "request"), facts({"items": wrong}, "request")]
    with pytest.raises(LocatedSourceError, match="is expected here") as caught:
        told(*(pair if later else pair[::-1]), "request")
    assert caught.value.pointer == PLACES["request"] + "/items" + pointer


def test_a_component_counts_as_deep_as_where_it_is_used() -> None:
    def chain(links: int, last: str) -> dict[str, Any]:
        named = {f"C{number}": {"type": "array", "items": refers(f"C{number + 1}")} for number in range(links)}
        return {**named, f"C{links}": {"type": last}}

    def compared(links: int) -> list[str]:
        old, new = (facts(refers("C0"), "request", chain(links, last)) for last in ("string", "integer"))
        return told(old, new, "request")

    assert compared(49) == ['breaking type-changed &C49: "string" > "integer"']
    with pytest.raises(LocatedSourceError, match="nested more than 100 deep"):
        compared(51)
