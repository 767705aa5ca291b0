"""What the generator would get wrong is stepped around, and what goes over the wire stays what the document says."""

import ast
from pathlib import Path

import pytest

from scripts.specsync.client.audit import audit
from scripts.specsync.client.generate import GeneratorOptions, generate
from scripts.specsync.client.generated_tree import read_tree
from scripts.specsync.client.generator_output import read_complaints
from scripts.specsync.client.names import BUILDER_NAMES, CLASS_NAMES
from scripts.specsync.client.prove import prove_imports, prove_types_of_client
from scripts.specsync.client.workarounds import Adapted, adapt
from scripts.specsync.document.json_values import JsonObject, JsonValue
from scripts.specsync.document.openapi import as_object
from scripts.specsync.errors import GeneratorError

STRING: JsonObject = {"type": "string"}
OBJECT: JsonObject = {"type": "object", "properties": {"a": {"type": "string"}}}
OTHER: JsonObject = {"type": "object", "properties": {"b": {"type": "integer"}}}
LIST: JsonObject = {"type": "array", "items": {"type": "string"}}


def document(operation: JsonObject, **schemas: JsonValue) -> JsonObject:
    whole: JsonObject = {"operationId": "x", "responses": {"200": {"description": ""}}, **operation}
    return {
        "openapi": "3.0.3",
        "info": {"title": "t", "version": "1"},
        "paths": {"/x": {"post": whole}},
        "components": {"schemas": schemas},
    }


def answer(name: str) -> JsonObject:
    schema: JsonObject = {"$ref": f"#/components/schemas/{name}"}
    return {"responses": {"200": {"description": "", "content": {"application/json": {"schema": schema}}}}}


def made(whole: JsonObject, folder: Path) -> tuple[Adapted, Path]:
    adapted = adapt(whole)
    options = GeneratorOptions("x_api", adapted.class_overrides(), adapted.wire_names)
    return adapted, generate(adapted.document, options, folder)


def test_names_that_generated_code_uses_itself_stay_what_they_are_on_the_wire(tmp_path: Path) -> None:
    fields: JsonObject = {name: dict(STRING) for name in CLASS_NAMES}
    parameters: list[JsonValue] = [{"in": "query", "name": name, "schema": STRING} for name in BUILDER_NAMES]
    whole = document({**answer("Thing"), "parameters": parameters}, Thing={"type": "object", "properties": fields})
    adapted, package = made(whole, tmp_path)
    assert audit(adapted, read_tree(package)).lost == ()
    model = (package / "models/thing.py").read_text(encoding="utf-8")
    builder = (package / "api/default/x.py").read_text(encoding="utf-8")
    assert all(f'"{name}"' in model for name in CLASS_NAMES)
    assert all(f'params["{name}"]' in builder for name in BUILDER_NAMES)
    assert prove_imports(package) == "imports"
    assert prove_types_of_client(package) == "types of the client"


def test_components_whose_classes_would_be_one_or_none_get_classes_of_their_own(tmp_path: Path) -> None:
    names = ("Foo_Bar", "FooBar", "3D", "Größe")
    fields: JsonObject = {f"f{index}": {"$ref": f"#/components/schemas/{name}"} for index, name in enumerate(names)}
    schemas: JsonObject = {
        name: {"type": "object", "properties": {f"p{index}": STRING}} for index, name in enumerate(names)
    }
    adapted, package = made(
        document(answer("Thing"), Thing={"type": "object", "properties": fields}, **schemas), tmp_path
    )
    assert audit(adapted, read_tree(package)).lost == ()
    assert prove_imports(package) == "imports"


@pytest.mark.slow
@pytest.mark.parametrize("names", [("id", "$id"), ("type", "type_"), ("a b", "ab", "a-b"), ("$", "%")])
def test_names_that_become_one_in_python_stay_apart(names: tuple[str, ...], tmp_path: Path) -> None:
    fields: JsonObject = {name: dict(STRING) for name in names}
    parameters: list[JsonValue] = [{"in": "query", "name": name, "schema": STRING} for name in names]
    whole = document({**answer("Thing"), "parameters": parameters}, Thing={"type": "object", "properties": fields})
    adapted, package = made(whole, tmp_path)
    assert audit(adapted, read_tree(package)).lost == ()
    model = (package / "models/thing.py").read_text(encoding="utf-8")
    builder = (package / "api/default/x.py").read_text(encoding="utf-8")
    assert all(f'field_dict["{name}"]' in model for name in names)
    assert all(f'params["{name}"]' in builder for name in names)
    assert prove_types_of_client(package) == "types of the client"


@pytest.mark.parametrize(
    "inner", [OBJECT, pytest.param({"type": "string", "enum": ["a", "b"]}, marks=pytest.mark.slow)]
)
def test_a_component_that_is_called_as_an_inner_class_gets_a_class_of_its_own(
    inner: JsonObject, tmp_path: Path
) -> None:
    """`info` of `Job` becomes the class JobInfo; a component of that name must not take its place, or lose its own."""
    job: JsonObject = {
        "type": "object",
        "properties": {"info": inner, "other": {"$ref": "#/components/schemas/JobInfo"}},
    }
    adapted, package = made(document(answer("Job"), Job=job, JobInfo=OTHER), tmp_path)
    assert audit(adapted, read_tree(package)).lost == ()
    assert {"job_info.py", "job_info_2.py"} <= {path.name for path in (package / "models").iterdir()}
    assert prove_types_of_client(package) == "types of the client"


def test_a_property_that_overwrites_a_method_is_missed_without_our_rule(tmp_path: Path) -> None:
    whole = document(answer("Thing"), Thing={"type": "object", "properties": {"to_dict": STRING}})
    package = generate(whole, GeneratorOptions("x_api"), tmp_path)
    (lost,) = audit(Adapted(whole, {}, {}), read_tree(package)).lost
    assert "overwrites what every class has" in lost


def test_a_list_that_is_no_repeated_key_is_missed_without_our_rule(tmp_path: Path) -> None:
    whole = document({"parameters": [{"in": "query", "name": "ids", "explode": False, "schema": LIST}]})
    package = generate(whole, GeneratorOptions("x_api"), tmp_path)
    assert audit(Adapted(whole, {}, {}), read_tree(package)).lost == (
        "POST /x: the query parameter ids: it would be written as repeated keys",
    )


@pytest.mark.parametrize(
    ("parameter", "schema"),
    [
        ({"in": "query", "name": "q", "explode": False, "schema": LIST}, STRING),
        ({"in": "query", "name": "q", "style": "pipeDelimited", "schema": LIST}, STRING),
        ({"in": "query", "name": "q", "schema": LIST}, LIST),
        ({"in": "query", "name": "q", "content": {"application/json": {"schema": LIST}}}, STRING),
        ({"in": "header", "name": "h", "schema": {"type": "string", "format": "date-time"}}, STRING),
        ({"in": "header", "name": "h", "schema": OBJECT}, STRING),
        ({"in": "query", "name": "q", "schema": {"type": "string", "default": "x"}}, STRING),
    ],
)
def test_parameters_reach_the_generator_in_a_form_that_it_writes_rightly(
    parameter: JsonObject, schema: JsonObject
) -> None:
    adapted = adapt(document({"parameters": [parameter]})).document
    operation = as_object(as_object(as_object(adapted["paths"], "")["/x"], "")["post"], "")
    parameters = operation["parameters"]
    assert isinstance(parameters, list)
    assert as_object(parameters[0], "")["schema"] == schema


@pytest.mark.parametrize(
    ("given", "in_use", "kept"),
    [
        (["application/xml", "application/json"], [], "application/json"),
        (["*/*", "application/json"], [], "application/json"),
        (["application/json", "multipart/form-data"], ["multipart/form-data"], "multipart/form-data"),
        (["application/x-www-form-urlencoded", "multipart/form-data"], [], "multipart/form-data"),
    ],
)
def test_of_several_forms_of_a_body_the_one_in_use_is_sent(given: list[str], in_use: list[str], kept: str) -> None:
    def with_forms(forms: list[str]) -> JsonObject:
        return document({"requestBody": {"content": {form: {"schema": OBJECT} for form in forms}}})

    adapted = adapt(with_forms(given), with_forms(in_use)).document
    operation = as_object(as_object(as_object(adapted["paths"], "")["/x"], "")["post"], "")
    assert list(as_object(as_object(operation["requestBody"], "")["content"], "")) == [kept]


def test_what_a_generator_complains_of_begins_with_the_causes_and_has_no_addresses(tmp_path: Path) -> None:
    # Both leaves would be ThingTreeLeaf, and neither is a component, whose name could be another one.
    properties: JsonObject = {"tree": {"type": "object", "properties": {"leaf": OBJECT}}, "tree_leaf": OBJECT}
    whole = document(answer("Thing"), Thing={"type": "object", "properties": properties})
    with pytest.raises(GeneratorError, match="1 of 1 operations are generated, 1 of them without a response") as caught:
        made(whole, tmp_path)
    assert caught.value.details[0].startswith(
        "cause: /components/schemas/Thing: Attempted to generate duplicate models"
    )
    assert caught.value.details[1] == "without a response: POST /x"
    assert not any("0x" in line for line in caught.value.details)
    assert "0x" in caught.value.raw


def test_words_that_nobody_knows_are_handed_on() -> None:
    assert read_complaints("Traceback\n\nKeyError: 'x'\n").lines() == ("Traceback", "KeyError: 'x'")


def test_the_names_are_those_of_the_generated_code(tmp_path: Path) -> None:
    """A new release of the generator may bring new ones: what it defines in a class and a builder is looked at."""
    body: JsonObject = {"content": {"multipart/form-data": {"schema": {"$ref": "#/components/schemas/Thing"}}}}
    thing: JsonObject = {"type": "object", "properties": {"own": OBJECT}, "additionalProperties": OBJECT}
    _, package = made(document({**answer("Thing"), "requestBody": body}, Thing=thing), tmp_path)
    tree = ast.parse((package / "models/thing.py").read_text(encoding="utf-8"))
    (model,) = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    names = {node.name for node in ast.walk(model) if isinstance(node, ast.FunctionDef)}
    names |= {node.arg for node in ast.walk(model) if isinstance(node, ast.arg)}
    names |= {node.id for node in ast.walk(model) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    public = {name for name in names if not name.startswith("_")}
    assert public - set(CLASS_NAMES) <= {"own", "thing", "key", "value", "additional_property", "prop_dict"}
