"""A document that is wrong where something is selected is refused, at the place that is wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from scripts.specsync.errors import LocatedSourceError
from scripts.specsync.facts.select import all_operations, missing_operations, select
from scripts.specsync.settings import WantedOperation
from tests.support.small_documents import DONE, document, operation, parameter, refers, returning

LIST = WantedOperation("GET", "/things")


@pytest.mark.parametrize(
    ("item", "pointer", "reason"),
    [
        ({"get": operation(parameters=[parameter("a")] * 2)}, "/get/parameters/1", "the query parameter 'a'"),
        ({"get": operation(), "parameters": [parameter("a")] * 2}, "/parameters/1", "the query parameter 'a'"),
        ({"get": operation(parameters=[{"in": "query"}])}, "/get/parameters/0/name", "a string is expected"),
        ({"get": operation(parameters=[{"name": "a"}])}, "/get/parameters/0/in", "a string is expected"),
        ({"get": operation(parameters=["a"])}, "/get/parameters/0", "a mapping is expected"),
        ({"get": operation(parameters={})}, "/get/parameters", "a list is expected"),
        ({"get": operation(), "parameters": {}}, "/parameters", "a list is expected"),
        ({"get": operation(parameters=[{"$ref": "#/nowhere"}])}, "/get/parameters/0", "points to nothing"),
        ({"get": operation(parameters=[{"$ref": "#/openapi"}])}, "/get/parameters/0", "a mapping is expected"),
        ({"get": {"$ref": "#/openapi"}}, "/get", "a mapping is expected"),
        ({"get": []}, "/get", "a mapping is expected"),
        ([], "", "a mapping is expected"),
        ({"get": operation(security={})}, "/get/security", "a list is expected"),
        ({"get": operation(security=[1])}, "/get/security/0", "a mapping is expected"),
        ({"get": operation(servers={})}, "/get/servers", "a list is expected"),
        ({"get": operation(), "servers": {}}, "/servers", "a list is expected"),
        ({"$ref": "#/nowhere"}, "", "points to nothing"),
        ({"$ref": "#/paths/~1things"}, "", "a \\$ref that leads back to itself"),
        ({"$ref": "#/openapi"}, "", "a mapping is expected"),
    ],
)  # fmt: skip
def test_what_is_no_operation_is_refused_at_its_place(item: object, pointer: str, reason: str) -> None:
    with pytest.raises(LocatedSourceError, match=reason) as caught:
        select(document({"/things": item}), (LIST,))
    assert caught.value.pointer == "/paths/~1things" + pointer


def test_a_chain_of_references_that_never_ends_is_refused() -> None:
    loop = {"parameters": {"A": {"$ref": "#/components/parameters/B"}, "B": {"$ref": "#/components/parameters/A"}}}
    given = document({"/things": {"get": operation(parameters=[{"$ref": "#/components/parameters/A"}])}}, loop)
    with pytest.raises(LocatedSourceError, match="leads back to itself") as caught:
        select(given, (LIST,))
    assert caught.value.pointer == "/paths/~1things/get/parameters/0"


@pytest.mark.parametrize(
    ("schema", "reason"),
    [
        ({"$ref": "#/components/schemas/Gone"}, "points to nothing"),
        ({"$ref": "other.yaml#/Thing"}, "points outside the document"),
        ({"$ref": 5}, "a string is expected"),
        ({"$ref": "#/components/schemas/Text/title"}, "a mapping is expected"),
    ],
)
def test_a_reference_that_leads_nowhere_is_refused_at_its_place(schema: dict[str, Any], reason: str) -> None:
    given = document({"/things": {"get": returning({"items": schema})}}, {"schemas": {"Text": {"title": "Text"}}})
    with pytest.raises(LocatedSourceError, match=reason) as caught:
        select(given, (LIST,))
    place = "/paths/~1things/get/responses/200/content/application~1json/schema/items"
    assert caught.value.pointer == place


def test_a_response_that_contains_itself_is_refused() -> None:
    loop = {"responses": {"A": {"$ref": "#/components/responses/B"}, "B": {"$ref": "#/components/responses/A"}}}
    given = document({"/things": {"get": {"responses": {"200": {"$ref": "#/components/responses/A"}}}}}, loop)
    with pytest.raises(LocatedSourceError, match="'#/components/responses/A' leads back to itself") as caught:
        select(given, (LIST,))
    assert caught.value.pointer == "/paths/~1things/get/responses/200"


@pytest.mark.parametrize(
    ("scheme", "reason"),
    [
        ({"$ref": "#/nowhere"}, "points to nothing"),
        ({"$ref": "#/components/securitySchemes/Key~1"}, "leads back to itself"),
        ("text", "a mapping is expected"),
    ],
)
def test_a_security_scheme_that_is_none_is_refused_at_its_place(scheme: object, reason: str) -> None:
    operations = {"/things": {"get": operation(security=[{"Key/": []}])}}
    with pytest.raises(LocatedSourceError, match=reason) as caught:
        select(document(operations, {"securitySchemes": {"Key/": scheme}}), (LIST,))
    assert caught.value.pointer == "/components/securitySchemes/Key~1"
    with pytest.raises(LocatedSourceError, match="a mapping is expected") as caught:
        select(document(operations, {"securitySchemes": []}), (LIST,))
    assert caught.value.pointer == "/components/securitySchemes"


@pytest.mark.parametrize(
    ("more", "pointer", "reason"),
    [
        ({"info": []}, "/info", "a mapping is expected"),
        ({"components": []}, "/components", "a mapping is expected"),
        ({"security": {}}, "/security", "a list is expected"),
        ({"servers": {}}, "/servers", "a list is expected"),
    ],
)
def test_what_is_no_root_is_refused_at_its_place(more: dict[str, Any], pointer: str, reason: str) -> None:
    with pytest.raises(LocatedSourceError, match=reason) as caught:
        select({**document({"/things": {"get": operation()}}), **more}, (LIST,))
    assert caught.value.pointer == pointer


@pytest.mark.parametrize("look", [all_operations, lambda given: missing_operations(given, (LIST,))])
def test_paths_that_are_no_mapping_are_refused(look: Callable[[Any], object]) -> None:
    with pytest.raises(LocatedSourceError, match="a mapping is expected") as caught:
        look({"paths": []})
    assert caught.value.pointer == "/paths"


@pytest.mark.parametrize(
    ("thing", "pointer", "reason"),
    [
        (5, "", "a mapping is expected"),
        ({"items": {"$ref": "#/nowhere"}}, "/items", "points to nothing"),
        ({"discriminator": {"mapping": []}}, "/discriminator/mapping", "a mapping is expected"),
        ({"discriminator": {"mapping": {"a": "#/nowhere"}}}, "", "'#/nowhere' points to nothing"),
        ({"items": {"discriminator": {"mapping": {"a": "#/nowhere"}}}}, "/items", "'#/nowhere' points to nothing"),
    ],
)
def test_a_fault_in_a_schema_is_told_at_its_place(thing: object, pointer: str, reason: str) -> None:
    in_component = document({"/things": {"get": returning(refers("a~1b"))}}, {"schemas": {"a/b": thing}})
    with pytest.raises(LocatedSourceError, match=reason) as caught:
        select(in_component, (LIST,))
    assert caught.value.pointer == "/components/schemas/a~1b" + pointer
    if isinstance(thing, dict):
        with pytest.raises(LocatedSourceError, match=reason) as caught:
            select(document({"/things": {"get": returning(thing)}}), (LIST,))
        place = "/paths/~1things/get/responses/200/content/application~1json/schema"
        assert caught.value.pointer == place + pointer


@pytest.mark.parametrize(("components", "pointer"), [([], "/components"), ({"schemas": []}, "/components/schemas")])
def test_components_are_a_mapping_where_a_part_needs_a_name_among_them(components: object, pointer: str) -> None:
    part = {"properties": {"next": {"$ref": "#/x-parts/tree"}}}
    given = document({"/things": {"get": returning({"$ref": "#/x-parts/tree"})}}, **{"x-parts": {"tree": part}})
    with pytest.raises(LocatedSourceError, match="a mapping is expected") as caught:
        select({**given, "components": components}, (LIST,))  # type: ignore[dict-item]
    assert caught.value.pointer == pointer


def _links(many: int, last: dict[str, Any], place: str) -> dict[str, Any]:
    """Make a chain of so many references, of which the last is something else."""
    return {f"r{number}": {"$ref": f"#/{place}/r{number + 1}"} for number in range(many)} | {f"r{many}": last}


@pytest.mark.parametrize("kind", ["parameters", "responses", "pathItems"])
def test_a_chain_of_references_may_have_forty_links(kind: str) -> None:
    def asked(links: int) -> Any:  # noqa: ANN401 - any JSON
        place, first = f"components/{kind}", {"$ref": f"#/components/{kind}/r0"}
        last = {"parameters": parameter("a"), "responses": DONE["200"], "pathItems": {"get": operation()}}[kind]
        item = {
            "parameters": {"get": operation(parameters=[first])},
            "responses": {"get": {"responses": {"200": first}}},
            "pathItems": first,
        }[kind]
        return select(document({"/things": item}, {kind: _links(links, last, place)}), (LIST,))

    most = 40 if kind == "responses" else 38
    found = asked(most)["paths"]["/things"]["get"]
    assert found["responses"] == DONE
    assert found["parameters"] == ([parameter("a")] if kind == "parameters" else [])
    with pytest.raises(LocatedSourceError, match="leads back to itself"):
        asked(most + 1)


def test_a_part_may_contain_itself_at_the_end_of_a_long_chain() -> None:
    def asked(links: int) -> Any:  # noqa: ANN401 - any JSON
        inner = {"items": {"$ref": "#/x-parts/r0"}}
        parts = _links(links, inner, "x-parts")
        given = document({"/things": {"get": returning({"$ref": "#/x-parts/r0"})}}, **{"x-parts": parts})
        return select(given, (LIST,))["components"]

    assert asked(39)["schemas"] == {"x-parts_r0_part": {"items": refers("x-parts_r0_part")}}
    with pytest.raises(LocatedSourceError, match="leads back to itself"):
        asked(40)
