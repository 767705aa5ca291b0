"""Operations are found by method and shape of path, and made whole: what they inherit, and what they refer to."""

import copy

import pytest

from scripts.specsync.document.json_values import JsonObject, JsonValue
from scripts.specsync.document.openapi import as_object
from scripts.specsync.document.pointer import find
from scripts.specsync.errors import LocatedSourceError, SourceError
from scripts.specsync.facts.select import all_operations, missing_operations, require_openapi, select
from scripts.specsync.settings import WantedOperation

PLACE = "/paths/~1things~1{id}"
GET = WantedOperation("GET", "/things/{thing_id}", "get_thing", "things")
ID: JsonObject = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
OUR_ID: JsonObject = {**ID, "name": "thing_id"}
AFTER: JsonObject = {"name": "after", "in": "query"}
THING: JsonObject = {"$ref": "#/components/schemas/Thing"}
SCHEMA = ("responses", "200", "content", "application/json", "schema")
IN_SCHEMA = f"{PLACE}/get/responses/200/content/application~1json/schema"
IN_THING = "/components/schemas/Thing"
STRING: JsonObject = {"type": "string"}
ANY_THINGS: JsonObject = {"items": True, "not": THING}
OWN: JsonObject = {"url": "/own"}
PATH: JsonObject = {"url": "/path"}
ROOT: JsonObject = {"url": "/root"}
INNER_FORMS: JsonObject = {"discriminator": {"mapping": {"c": "#/components/schemas/C"}}}
FORMS: JsonObject = {
    "oneOf": [{"$ref": "#/components/schemas/A"}],
    "discriminator": {"mapping": {"a": "D", "b": "#/components/schemas/B", "c": 3}},
}

SHOP: JsonObject = {
    "openapi": 3.1,
    "info": {"title": "Shop", "version": 2, "x-note": "any"},
    "servers": [{"url": "https://shop.test"}],
    "security": [{"Key": [], "Unknown": []}, {"Alias": []}],
    "paths": {
        "x-of-paths": "any",
        "/things": {"get": {"operationId": "listThings"}},
        "/things/{id}": {
            "parameters": [ID],
            "get": {
                "operationId": "readThing",
                "tags": ["Things of the shop"],
                "summary": "Read a thing.",
                "parameters": [{"$ref": "#/components/parameters/After"}],
                "responses": {"200": {"$ref": "#/components/responses/Found"}},
                "callbacks": {"changed": {"{$request.body#/url}": {}}},
            },
            "delete": {"operationId": "deleteThing"},
        },
    },
    "components": {
        "parameters": {"After": AFTER},
        "responses": {"Found": {"description": "ok", "content": {"application/json": {"schema": THING}}}},
        "schemas": {
            "Thing": {"properties": {"size": {"$ref": "#/components/schemas/Size"}, "parent": THING}},
            "Size": {"type": "integer"},
            "Unused": {"type": "string"},
        },
        "securitySchemes": {
            "Key": {"type": "http", "scheme": "bearer"},
            "Alias": {"$ref": "#/components/securitySchemes/Key"},
            "Unused": {"type": "http", "scheme": "basic"},
        },
    },
}


def document(item: JsonValue, **more: JsonValue) -> JsonObject:
    """Give a document with one path."""
    return {"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": {"/things/{id}": item}, **more}


def taken(source: JsonObject) -> JsonObject:
    """Give the operation that is selected, without upstream's names."""
    built = as_object(find(select(source, (GET,)), ("paths", GET.path, "get")), "")
    return {key: value for key, value in built.items() if key not in {"x-upstream", "operationId", "tags"}}


def answering(schema: JsonValue) -> JsonObject:
    """Give an operation that answers with a schema."""
    content: JsonObject = {"application/json": {"schema": schema}}
    return {"responses": {"200": {"description": "ok", "content": content}}}


def reading(schema: JsonValue, **more: JsonValue) -> JsonObject:
    """Give a document with one operation, which answers with a schema."""
    return document({"get": answering(schema)}, **more)


def asking(*parameters: JsonValue, **more: JsonValue) -> JsonObject:
    """Give a document with one operation, which has parameters."""
    return document({"get": {"parameters": list(parameters)}}, **more)


def keyed(scheme: JsonValue) -> JsonObject:
    """Give a document with one operation, which demands a key."""
    return document({"get": {}}, security=[{"Key": []}], components={"securitySchemes": {"Key": scheme}})


def components(**schemas: JsonValue) -> JsonObject:
    return {"components": {"schemas": schemas}}


def named(component: str) -> JsonObject:
    return {"$ref": f"#/components/schemas/{component}"}


def test_a_wanted_operation_comes_with_all_that_it_needs_under_our_names_and_with_nothing_else() -> None:
    before = copy.deepcopy(SHOP)
    assert select(SHOP, (WantedOperation("PUT", "/gone"), GET)) == {
        "openapi": "3.1",
        "info": {"title": "Shop", "version": "2", "x-note": "any"},
        "paths": {
            "/things/{thing_id}": {
                "get": {
                    "operationId": "get_thing",
                    "tags": ["things"],
                    "summary": "Read a thing.",
                    "parameters": [OUR_ID, AFTER],
                    **answering(THING),
                    "servers": [{"url": "https://shop.test"}],
                    "security": [{"Key": [], "Unknown": []}, {"Alias": []}],
                    "x-upstream": {
                        "path": "/things/{id}",
                        "operationId": "readThing",
                        "tags": ["Things of the shop"],
                    },
                }
            }
        },
        "components": {
            "schemas": {
                "Thing": {"properties": {"size": {"$ref": "#/components/schemas/Size"}, "parent": THING}},
                "Size": {"type": "integer"},
            },
            "securitySchemes": {
                "Key": {"type": "http", "scheme": "bearer"},
                "Alias": {"type": "http", "scheme": "bearer"},
            },
        },
    }
    assert before == SHOP


def test_an_operation_without_a_name_of_ours_keeps_its_own() -> None:
    paths = select(SHOP, all_operations(SHOP))["paths"]
    assert find(paths, ("/things", "get")) == {
        "operationId": "listThings",
        "parameters": [],
        "servers": [{"url": "https://shop.test"}],
        "security": [{"Key": [], "Unknown": []}, {"Alias": []}],
        "x-upstream": {"path": "/things", "operationId": "listThings"},
    }
    assert find(paths, ("/things/{id}", "get", "tags")) == ["Things of the shop"]
    assert find(paths, ("/things/{id}", "delete", "parameters")) == [ID]


def test_the_operations_of_a_document_are_those_of_its_paths() -> None:
    everything = ("GET", "/things"), ("GET", "/things/{id}"), ("DELETE", "/things/{id}")
    assert all_operations(SHOP) == tuple(WantedOperation(*one) for one in everything)
    assert all_operations({}) == ()
    with pytest.raises(LocatedSourceError) as caught:
        all_operations({"paths": []})
    assert caught.value.pointer == "/paths"


def test_an_operation_is_missing_where_its_path_or_its_method_is() -> None:
    gone = WantedOperation("GET", "/things/{id}/parts"), WantedOperation("PUT", "/things/{other}")
    assert missing_operations(SHOP, (GET, gone[0], WantedOperation("DELETE", "/things/{x}"), gone[1])) == gone


def test_a_document_may_be_asked_for_nothing() -> None:
    assert select({"openapi": "3.0.3", "paths": {"/things": {}}}, ()) == {
        "openapi": "3.0.3",
        "info": {"version": ""},
        "paths": {},
        "components": {"schemas": {}, "securitySchemes": {}},
    }


def test_a_document_without_any_wanted_operation_is_refused() -> None:
    with pytest.raises(SourceError, match=r"^the source lacks GET /a, PUT /b$"):
        select(SHOP, (WantedOperation("GET", "/a"), WantedOperation("PUT", "/b")))


@pytest.mark.parametrize("version", ["3.0.0", "3.1.1", 3.0, 3.1])
def test_openapi_of_a_version_that_can_be_generated_from_is_let_through(version: JsonValue) -> None:
    require_openapi({"openapi": version, "paths": {}})


# What the item of the path says, what the document says beside it, what the operation has then.
INHERITED: list[tuple[JsonObject, JsonObject, JsonObject]] = [
    # A parameter of its own comes before that of the path, in the place of it.
    (
        {"parameters": [ID, AFTER, {**ID, "in": "header"}], "get": {"parameters": [{**AFTER, "in": "header"}, ID]}},
        {},
        {"parameters": [OUR_ID, AFTER, {**ID, "in": "header"}, {**AFTER, "in": "header"}]},
    ),
    # A parameter that the template of the path does not have keeps its name.
    ({"get": {"parameters": [{**ID, "name": "x"}]}}, {}, {"parameters": [{**ID, "name": "x"}]}),
    # Its own servers come before those of the path, and these before those of the root.
    ({"servers": [PATH], "get": {"servers": [OWN]}}, {"servers": [ROOT]}, {"parameters": [], "servers": [OWN]}),
    ({"servers": [PATH], "get": {}}, {"servers": [ROOT]}, {"parameters": [], "servers": [PATH]}),
    # Its own security comes before that of the root, even if it is none; a path has none.
    ({"get": {"security": []}}, {"security": [{"Key": []}]}, {"parameters": [], "security": []}),
    ({"security": [{}], "get": {}}, {"security": [{"Key": []}]}, {"parameters": [], "security": [{"Key": []}]}),
    # A path may be described elsewhere, by several steps, and what it says itself comes first.
    (
        {"$ref": "#/x/a", "parameters": [{"$ref": "#/x/after"}]},
        {
            "x": {
                "a": {"$ref": "#/x/b", "servers": [PATH], "parameters": [{**AFTER, "required": True}]},
                "b": {"get": {"summary": "b"}, "servers": [ROOT], "parameters": [ID]},
                "after": AFTER,
            }
        },
        {"summary": "b", "servers": [PATH], "parameters": [OUR_ID, AFTER]},
    ),
    # An operation may be described elsewhere.
    ({"get": {"$ref": "#/x"}, "parameters": [ID]}, {"x": {"summary": "x"}}, {"summary": "x", "parameters": [OUR_ID]}),
]


@pytest.mark.parametrize(("item", "more", "expected"), INHERITED)
def test_what_an_operation_inherits_is_written_out_in_it(
    item: JsonObject, more: JsonObject, expected: JsonObject
) -> None:
    assert taken(document(item, **more)) == expected


# A schema, what the document says beside it, the schema that is selected, the components that come along.
REFERENCES: list[tuple[JsonObject, JsonObject, JsonValue, JsonObject]] = [
    # What is no component is written out, be it a part of one or look like one.
    ({"items": {"$ref": "#/x/a~1b"}}, {"x": {"a/b": {"$ref": "#/x/c"}, "c": STRING}}, {"items": STRING}, {}),
    ({"$ref": "#/components/schemas/Thing/not"}, components(Thing={"not": STRING}), STRING, {}),
    ({"$ref": "#/components/parameters/Thing"}, {"components": {"parameters": {"Thing": STRING}}}, STRING, {}),
    # True and false are schemas.
    ({"items": {"$ref": "#/x"}, "not": THING}, {"x": True, **components(Thing=False)}, ANY_THINGS, {"Thing": False}),
    # What stands beside a reference is ignored in 3.0, and counts in 3.1.
    ({"$ref": "#/x", "nullable": True}, {"x": STRING}, STRING, {}),
    ({"not": {"$ref": "#/x"}}, {"openapi": 3.1, "x": STRING}, {"not": STRING}, {}),
    ({"$ref": "#/x", "type": "string"}, {"openapi": 3.1, "x": True}, {"type": "string", "allOf": [True]}, {}),
    ({"$ref": "#/x", "allOf": [{}]}, {"openapi": 3.1, "x": STRING}, {"allOf": [STRING, {}]}, {}),
    # A part that contains itself becomes a component, under a name that no other one has.
    (
        {"items": {"$ref": "#/x/items"}, "not": {"$ref": "#/x/items"}},
        {"x": {"items": {"not": {"$ref": "#/x/items"}}}},
        {"items": {"not": named("x_part")}, "not": {"not": named("x_part")}},
        {"x_part": {"not": named("x_part")}},
    ),
    (
        {"items": {"$ref": "#/x"}, "not": {"$ref": "#/items/x"}},
        {"x": {"not": {"$ref": "#/x"}}, "items": {"x": {"not": {"$ref": "#/items/x"}}}, **components(x_part={})},
        {"items": {"not": named("x_part_")}, "not": {"not": named("x_part__")}},
        {"x_part_": {"not": named("x_part_")}, "x_part__": {"not": named("x_part__")}},
    ),
    # Components that a discriminator names come along; others of its names are those of alternatives.
    (FORMS, components(A=INNER_FORMS, B={}, C={}, D={}), FORMS, {"A": INNER_FORMS, "B": {}, "C": {}}),
    ({"discriminator": "kind"}, {}, {"discriminator": "kind"}, {}),
    # A component that is met again does not end the search.
    (
        {"allOf": [named("A"), THING, THING]},
        components(A=STRING, Thing={"not": THING}),
        {"allOf": [named("A"), THING, THING]},
        {"A": STRING, "Thing": {"not": THING}},
    ),
]


@pytest.mark.parametrize(("schema", "more", "expected", "along"), REFERENCES)
def test_only_references_to_components_are_left_and_all_of_these_come_along(
    schema: JsonObject, more: JsonObject, expected: JsonValue, along: JsonObject
) -> None:
    selected = select(reading(schema, **more), (GET,))
    assert find(selected, ("paths", GET.path, "get", *SCHEMA)) == expected
    assert find(selected, ("components", "schemas")) == along


def chain(length: int) -> JsonObject:
    """Give answers of which each refers to the next one."""
    links: JsonObject = {str(number): {"$ref": f"#/x/{number + 1}"} for number in range(length)}
    return document({"get": {"responses": {"200": links.pop("0")}}}, x={**links, str(length): {"description": "end"}})


def test_references_lead_on_for_some_time_and_not_for_ever() -> None:
    assert taken(chain(41))["responses"] == {"200": {"description": "end"}}
    with pytest.raises(LocatedSourceError, match="leads back to itself"):
        taken(chain(42))


# What is wrong with a document, what is said of it, where it is.
FAULTS: list[tuple[JsonObject, str, str]] = [
    ({"paths": {}}, "the key `openapi` is missing", ""),
    ({"openapi": "2.0", "paths": {}}, "OpenAPI 2.0 is not supported", "/openapi"),
    ({"openapi": "3.0.3"}, "not nothing", "/paths"),
    ({"openapi": "3.0.3", "paths": []}, "not a list", "/paths"),
    ({**SHOP, "info": "Shop"}, "not a string", "/info"),
    (document([]), "not a list", PLACE),
    (document({"$ref": "#/nowhere"}), "points to nothing", PLACE),
    (document({"$ref": "#/info/title"}), "not a string", PLACE),
    (document({"$ref": "#/paths/~1things~1{id}"}), "leads back to itself", PLACE),
    (document({"$ref": "#/x", "parameters": [1]}, x={}), "not a number", f"{PLACE}/parameters/0"),
    (document({"$ref": "#/x"}, x={"parameters": [1]}), "not a number", f"{PLACE}/parameters/0"),
    (document({"get": []}), "not a list", f"{PLACE}/get"),
    (document({"get": {"$ref": "#/nowhere"}}), "points to nothing", f"{PLACE}/get"),
    (document({"get": {}, "parameters": 1}), "not a number", f"{PLACE}/parameters"),
    (document({"get": {"parameters": 1}}), "not a number", f"{PLACE}/get/parameters"),
    (asking(ID, 1), "not a number", f"{PLACE}/get/parameters/1"),
    (asking({"$ref": "#/nowhere"}), "points to nothing", f"{PLACE}/get/parameters/0"),
    (asking({"$ref": "#/info/title"}), "not a string", f"{PLACE}/get/parameters/0"),
    (asking({"$ref": "#/x"}, x={"$ref": "#/x"}), "leads back to itself", f"{PLACE}/get/parameters/0"),
    (asking({"name": "a"}), "not nothing", f"{PLACE}/get/parameters/0/in"),
    (asking({"in": "path"}), "not nothing", f"{PLACE}/get/parameters/0/name"),
    (asking(ID, AFTER, ID), "the path parameter 'id' is described twice", f"{PLACE}/get/parameters/2"),
    (document({"get": {"requestBody": {"$ref": "#/x"}}}, x={"$ref": "#/x"}), "leads back", f"{PLACE}/get/requestBody"),
    (document({"get": {"security": {}}}), "not a mapping", f"{PLACE}/get/security"),
    (document({"get": {"security": [{}, "Key"]}}), "not a string", f"{PLACE}/get/security/1"),
    (document({"get": {}}, security=["Key"]), "not a string", "/security/0"),
    (document({"get": {}, "servers": ["/a"]}), "not a string", f"{PLACE}/servers/0"),
    (reading({"$ref": 1}), "not a number", IN_SCHEMA),
    (reading({"$ref": "a.yaml"}), "points outside the document", IN_SCHEMA),
    (reading(THING), "points to nothing", IN_SCHEMA),
    (reading({"$ref": "#/info/title"}), "not a string", IN_SCHEMA),
    (reading({"discriminator": {"mapping": ["A"]}}), "not a list", f"{IN_SCHEMA}/discriminator/mapping"),
    (reading({"discriminator": {"mapping": {"a": "#/A"}}}), "points to nothing", IN_SCHEMA),
    (reading(THING, **components(Thing=[])), "not a list", IN_THING),
    (reading(THING, **components(Thing={"not": {"$ref": "#/a"}})), "points to nothing", f"{IN_THING}/not"),
    (reading(THING, **components(Thing={"discriminator": {"mapping": {"a": "#/A"}}})), "points to nothing", IN_THING),
    (reading({"$ref": "#/x"}, x={"not": {"$ref": "#/x"}}, components=1), "not a number", "/components"),
    (
        reading({"$ref": "#/x"}, x={"not": {"$ref": "#/x"}}, components={"schemas": 1}),
        "not a number",
        "/components/schemas",
    ),
    (keyed(1), "not a number", "/components/securitySchemes/Key"),
    (keyed({"$ref": "#/nowhere"}), "points to nothing", "/components/securitySchemes/Key"),
]


@pytest.mark.parametrize(("source", "reason", "pointer"), FAULTS)
def test_what_is_wrong_with_a_document_is_told_with_its_place(source: JsonObject, reason: str, pointer: str) -> None:
    with pytest.raises(LocatedSourceError) as caught:
        select(source, (GET,))
    assert reason in caught.value.reason
    assert caught.value.pointer == pointer


def test_an_operation_that_is_described_twice_is_refused() -> None:
    source = document({"get": {}})
    as_object(source["paths"], "").update({"/things/{x}": {"get": {}}, "/things/{y}": {"put": {}}})
    with pytest.raises(LocatedSourceError, match=r"twice, as /things/\{id\} and /things/\{x\}") as caught:
        select(source, (GET,))
    assert caught.value.pointer == "/paths/~1things~1{x}"
    assert missing_operations(source, (GET,)) == ()
