"""What is selected of a document: the wanted operations made whole, and all that they need."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from scripts.specsync.errors import LocatedSourceError, SourceError
from scripts.specsync.facts.select import all_operations, missing_operations, require_openapi, select
from scripts.specsync.settings import WantedOperation
from tests.support.small_documents import DONE, document, operation, parameter, refers, returning

LIST = WantedOperation("GET", "/things")
CHANGE = WantedOperation("POST", "/things/{thing_id}", "change_thing", "things")


def selected(given: dict[str, Any], *wanted: WantedOperation) -> Any:  # noqa: ANN401 - any JSON
    """Select from a document, which stays as it is."""
    before = copy.deepcopy(given)
    result = select(given, wanted or (LIST,))
    assert given == before
    return result


def schema_of(result: Any) -> Any:  # noqa: ANN401 - any JSON
    return result["paths"]["/things"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]


@pytest.mark.parametrize("version", ["3.0.0", "3.1.1", 3.1])
def test_the_versions_that_the_generator_knows_are_taken(version: object) -> None:
    require_openapi({"openapi": version, "paths": {}})  # type: ignore[dict-item]


@pytest.mark.parametrize(
    ("given", "pointer", "reason"),
    [
        ({"paths": {}}, "", "the key `openapi` is missing"),
        ({"openapi": "2.0", "paths": {}}, "/openapi", "OpenAPI 2.0 is not supported"),
        ({"openapi": "3.2.0", "paths": {}}, "/openapi", "OpenAPI 3.2.0 is not supported"),
        ({"openapi": "3.0.3"}, "/paths", "a mapping is expected here"),
        ({"openapi": "3.0.3", "paths": []}, "/paths", "a mapping is expected here"),
    ],
)
def test_what_is_no_such_document_is_refused(given: dict[str, Any], pointer: str, reason: str) -> None:
    for attempt in (lambda: require_openapi(given), lambda: select(given, (LIST,))):
        with pytest.raises(LocatedSourceError, match=reason) as caught:
            attempt()
        assert caught.value.pointer == pointer


SHOP = document(
    {
        "/things": {"get": operation(), "parameters": [], "summary": "Things."},
        "/things/{id}": {"post": operation(), "get": operation()},
        "x-note": "no path",
    }
)


def test_all_operations_are_found_by_path_and_method() -> None:
    assert all_operations(SHOP) == (
        WantedOperation("GET", "/things"),
        WantedOperation("GET", "/things/{id}"),
        WantedOperation("POST", "/things/{id}"),
    )


def test_an_operation_is_found_by_method_and_shape_and_missed_by_either() -> None:
    elsewhere = (
        WantedOperation("POST", "/things"),
        WantedOperation("GET", "/other"),
        WantedOperation("DELETE", "/things/{x}"),
    )
    assert missing_operations(SHOP, (LIST, CHANGE, *elsewhere)) == elsewhere


def test_a_document_that_lacks_some_operations_gives_the_others() -> None:
    missing = WantedOperation("DELETE", "/things/{id}")
    assert list(selected(SHOP, missing, WantedOperation("GET", "/gone"), LIST)["paths"]) == ["/things"]
    with pytest.raises(SourceError, match=r"the source lacks DELETE /things/\{id\}, GET /gone$"):
        select(SHOP, (missing, WantedOperation("GET", "/gone")))
    assert select(SHOP, ())["paths"] == {}


def test_an_operation_that_is_described_twice_is_refused_at_the_second_place() -> None:
    twice = document({"/things/{a}": {"post": operation()}, "/things/{b~}": {"post": operation()}})
    with pytest.raises(LocatedSourceError, match=r"is described twice, as /things/\{a\} and /things/\{b~\}") as caught:
        select(twice, (CHANGE,))
    assert caught.value.pointer == "/paths/~1things~1{b~0}"


def test_the_head_of_the_document_comes_along() -> None:
    result = selected(document({"/things": {"get": operation()}}, info={"title": "Shop", "version": 2}, openapi=3.1))
    assert {key: result[key] for key in ("openapi", "info", "components")} == {
        "openapi": "3.1",
        "info": {"title": "Shop", "version": "2"},
        "components": {"schemas": {}, "securitySchemes": {}},
    }
    bare = {"openapi": "3.0.3", "paths": {"/things": {"get": operation()}}}
    assert selected(bare)["info"] == {"version": ""}


def test_an_operation_gets_our_names_and_keeps_upstreams_beside_them() -> None:
    source = operation(operationId="postThing", tags=["Stuff"], callbacks={"x": {}}, summary="Change.")
    given = document({"/things/{id}": {"post": source, "parameters": [parameter("id", "path"), parameter("id")]}})
    assert selected(given, CHANGE)["paths"] == {
        "/things/{thing_id}": {
            "post": {
                "responses": DONE,
                "summary": "Change.",
                "operationId": "change_thing",
                "tags": ["things"],
                "parameters": [parameter("thing_id", "path"), parameter("id")],
                "x-upstream": {"path": "/things/{id}", "operationId": "postThing", "tags": ["Stuff"]},
            }
        }
    }


def test_without_names_of_ours_upstreams_are_kept() -> None:
    given = document({"/things": {"get": operation(operationId="getThings", tags=["Stuff"])}})
    assert selected(given)["paths"]["/things"]["get"] == {
        "responses": DONE,
        "operationId": "getThings",
        "tags": ["Stuff"],
        "parameters": [],
        "x-upstream": {"path": "/things", "operationId": "getThings", "tags": ["Stuff"]},
    }
    nameless = selected(document({"/things": {"get": operation()}}))["paths"]["/things"]["get"]
    assert nameless == {"responses": DONE, "parameters": [], "x-upstream": {"path": "/things"}}


def test_a_name_in_a_path_that_upstream_does_not_explain_stays() -> None:
    given = document({"/things/{id}": {"post": operation(parameters=[parameter("other", "path")])}})
    found = selected(given, CHANGE)["paths"]["/things/{thing_id}"]["post"]["parameters"]
    assert found == [parameter("other", "path")]


def test_parameters_of_the_path_are_inherited_and_those_of_the_operation_win() -> None:
    given = document(
        {
            "/things": {
                "parameters": [parameter("after"), parameter("limit"), {"$ref": "#/components/parameters/Trace"}],
                "get": operation(parameters=[parameter("limit", required=True), parameter("limit", "header")]),
            }
        },
        {"parameters": {"Trace": {"$ref": "#/components/parameters/Id"}, "Id": parameter("trace", "header")}},
    )
    assert selected(given)["paths"]["/things"]["get"]["parameters"] == [
        parameter("after"),
        parameter("limit", required=True),
        parameter("trace", "header"),
        parameter("limit", "header"),
    ]


def test_a_path_that_refers_to_another_has_what_is_there_and_what_it_says_itself() -> None:
    shared = {
        "Shared": {
            "$ref": "#/components/pathItems/Inner",
            "parameters": [{"$ref": "#/components/parameters/After"}, parameter("limit")],
            "summary": "Theirs.",
        },
        "Inner": {"get": operation(summary="Inner."), "description": "Inner."},
    }
    item = {"$ref": "#/components/pathItems/Shared", "summary": "Ours.", "parameters": [parameter("limit", style="x")]}
    given = document(
        {"/things": item, "/others": {"$ref": "#/components/pathItems/Inner"}},
        {"pathItems": shared, "parameters": {"After": parameter("after")}},
    )
    result = selected(given, LIST, WantedOperation("GET", "/others"))["paths"]
    assert result["/things"]["get"] == {
        **operation(summary="Inner."),
        "parameters": [parameter("after"), parameter("limit", style="x")],
        "x-upstream": {"path": "/things"},
    }
    assert result["/others"]["get"]["parameters"] == []


@pytest.mark.parametrize("key", ["security", "servers"])
def test_security_and_servers_come_from_the_nearest_that_has_them(key: str) -> None:
    root, own, of_path = ([{"root": []}], [{"own": []}], [{"path": []}])

    def taken(**given: Any) -> Any:  # noqa: ANN401 - any JSON
        item = {"get": operation(**({key: own} if given.get("own") else {}))}
        if given.get("path"):
            item[key] = of_path
        more = {key: root} if given.get("root") else {}
        return selected(document({"/things": item}, **more))["paths"]["/things"]["get"].get(key)

    assert taken(own=True, path=True, root=True) == own
    assert taken(root=True) == root
    assert taken() is None
    # A path has servers, and no security.
    assert taken(path=True, root=True) == (root if key == "security" else of_path)
    assert taken(path=True) == (None if key == "security" else of_path)


def test_what_is_no_schema_is_written_out_and_schemas_stay_references() -> None:
    given = document(
        {"/things": {"get": {"responses": {"200": {"$ref": "#/components/responses/Thing"}}}}},
        {
            "responses": {"Thing": returning(refers("Thing"))["responses"]["200"]},
            "schemas": {"Thing": {"type": "object"}, "Unused": {"type": "string"}},
        },
    )
    result = selected(given)
    assert result["paths"]["/things"]["get"]["responses"] == returning(refers("Thing"))["responses"]
    assert result["components"]["schemas"] == {"Thing": {"type": "object"}}


def test_every_schema_that_is_reached_comes_along_in_order() -> None:
    schemas = {
        "Thing": {"properties": {"size": refers("Size"), "self": refers("Thing"), "any": refers("Any")}},
        "Size": {"oneOf": [refers("Wide"), refers("a~1b")], "discriminator": {"propertyName": "k", "mapping": {}}},
        "Wide": {"type": "object"},
        "a/b": {"discriminator": {"propertyName": "k", "mapping": {"x": "#/components/schemas/Named", "y": "Bare"}}},
        "Named": {"items": refers("Size")},
        "Any": True,
        "Unused": {},
    }
    result = selected(document({"/things": {"get": returning(refers("Thing"))}}, {"schemas": schemas}))
    assert list(result["components"]["schemas"]) == ["Any", "Named", "Size", "Thing", "Wide", "a/b"]
    assert result["components"]["schemas"] == {name: schemas[name] for name in result["components"]["schemas"]}


def test_a_reference_into_a_schema_is_written_out() -> None:
    part = {"$ref": "#/components/schemas/Thing/properties/size"}
    schemas = {"Thing": {"properties": {"size": {"type": "integer", "items": refers("Size")}}}, "Size": {}}
    given = document({"/things": {"get": returning(part)}}, {"schemas": schemas})
    result = selected(given)
    assert schema_of(result) == {"type": "integer", "items": refers("Size")}
    assert result["components"]["schemas"] == {"Size": {}}
    assert (
        schema_of(selected(document({"/things": {"get": returning({"$ref": "#/components/any"})}}, {"any": True})))
        is True
    )


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("3.0.3", {"type": "integer"}),
        ("3.1.0", {"allOf": [{"type": "integer"}], "description": "A size."}),
    ],
)
def test_what_stands_beside_a_reference_counts_since_3_1(version: str, expected: object) -> None:
    part = {"$ref": "#/components/schemas/Thing/properties/size", "description": "A size."}
    schemas = {"Thing": {"properties": {"size": {"type": "integer"}}}}
    result = selected(document({"/things": {"get": returning(part)}}, {"schemas": schemas}, openapi=version))
    assert schema_of(result) == expected
    alone = {"$ref": "#/components/schemas/Thing/properties/size"}
    result = selected(document({"/things": {"get": returning(alone)}}, {"schemas": schemas}, openapi=version))
    assert schema_of(result) == {"type": "integer"}


def test_a_part_of_a_schema_that_contains_itself_becomes_a_component_with_a_name_of_its_own() -> None:
    tree = {"type": "object", "properties": {"child": {"$ref": "#/components/schemas/Tree/properties/node"}}}
    schemas = {"Tree": {"properties": {"node": tree}}, "Tree_node_part": {"type": "string"}}
    whole = returning({"$ref": "#/components/schemas/Tree/properties/node", "title": "Root"})
    result = selected(document({"/things": {"get": whole}}, {"schemas": schemas}))
    inside = {"type": "object", "properties": {"child": refers("Tree_node_part_")}}
    assert schema_of(result) == inside
    assert result["components"]["schemas"] == {"Tree_node_part_": inside}


def test_two_parts_that_contain_themselves_do_not_share_a_name() -> None:
    def part(place: str) -> dict[str, Any]:
        return {"type": "object", "properties": {"next": {"$ref": place}}}

    one, two = "#/components/schemas/A/properties/x", "#/components/schemas/A/items/properties/x"
    schemas = {"A": {"properties": {"x": part(one)}, "items": {"properties": {"x": part(two)}}}}
    both = {"anyOf": [{"$ref": one}, {"$ref": two}, {"$ref": one}]}
    result = selected(document({"/things": {"get": returning(both)}}, {"schemas": schemas}))
    first, second = part(refers("A_x_part")["$ref"]), part(refers("A_x_part_")["$ref"])
    assert schema_of(result) == {"anyOf": [first, second, first]}
    assert result["components"]["schemas"] == {"A_x_part": first, "A_x_part_": second}


def test_the_security_schemes_in_use_come_along_in_order() -> None:
    schemes = {
        "Token": {"type": "http", "scheme": "bearer"},
        "Key": {"$ref": "#/components/securitySchemes/Real"},
        "Real": {"type": "apiKey", "in": "header", "name": "x-key"},
    }
    security = [{"Token": [], "Key": []}, {"Undeclared": []}, {}]
    given = document({"/things": {"get": operation(security=security)}}, {"securitySchemes": schemes})
    found = selected(given)["components"]["securitySchemes"]
    assert found == {"Key": schemes["Real"], "Token": schemes["Token"]}
    assert list(found) == ["Key", "Token"]
