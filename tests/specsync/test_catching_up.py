"""Upstream may come to describe what the overlay describes, and more: that stops nothing, down to the last proof."""

import json
from io import StringIO
from pathlib import Path

import pytest

from scripts.specsync.cli import main
from scripts.specsync.document.json_values import JsonObject, JsonValue, copy_json
from scripts.specsync.document.openapi import as_object
from scripts.specsync.document.yaml_writer import write_yaml
from tests.specsync.mutations.edits import JOBS, at, every_operation, parameters, properties, texts

ROOT = Path(__file__).resolve().parents[2]
STRING: JsonObject = {"type": "string"}
TEXT_BY_NAME: JsonObject = {"type": "object", "additionalProperties": {"type": "string"}}
AUTO: JsonObject = {"oneOf": [{"type": "string", "enum": ["auto"]}, {"type": "integer"}], "default": "auto"}


def of_openai(document: JsonObject) -> None:
    """Describe what OpenAI's own document describes of a job, its events, a request and the list of files."""
    hyperparameters: JsonObject = {"type": "object", "properties": {"n_epochs": AUTO}}
    method: JsonObject = {
        "type": "object",
        "required": ["type"],
        "properties": {"type": {"type": "string", "enum": ["supervised", "dpo"]}, "supervised": hyperparameters},
    }
    properties(document, "FineTuningJob").update(metadata=TEXT_BY_NAME, method=method)
    properties(document, "FineTuningJobEvent").update(
        type={"type": "string", "enum": ["message"]}, data={"type": "object"}
    )
    integration: JsonObject = {"type": "object", "required": ["type"], "properties": {"type": {"enum": ["wandb"]}}}
    properties(document, "OpenAIFinetuneJob").update(
        metadata=TEXT_BY_NAME,
        hyperparameters=hyperparameters,
        seed={"type": "integer", "nullable": True},
        integrations={"type": "array", "nullable": True, "items": integration},
    )
    order: JsonObject = {"type": "string", "enum": ["asc", "desc"], "default": "desc"}
    files = parameters(document, "/files")
    for name, schema in (("after", STRING), ("limit", {"type": "integer", "default": 10000}), ("order", order)):
        files.append({"in": "query", "name": name, "schema": copy_json(schema)})


def of_any_form(document: JsonObject) -> None:
    """Give a job fields of every form that a schema can have, and a request fields and parameters with defaults."""
    tree: JsonObject = {"$ref": "#/components/schemas/Tree"}
    at(document, "components", "schemas")["Tree"] = {
        "type": "object",
        "properties": {"children": {"type": "array", "items": tree}},
    }
    forms: list[JsonValue] = [
        {"oneOf": [{"type": "string"}, {"type": "integer"}]},
        {"allOf": [{"type": "object", "properties": {"a": STRING}}, {"required": ["a"]}]},
        {"nullable": True},
        {"nullable": True, "enum": [None]},
        tree,
        {"type": "object", "additionalProperties": {"type": "object", "properties": {"x": {"type": "integer"}}}},
        {"type": "string", "format": "date-time"},
        {"type": "integer", "default": "auto"},
    ]
    properties(document, "FineTuningJob").update({f"form_{index}": form for index, form in enumerate(forms)})
    properties(document, "FineTuningJob").update({name: dict(STRING) for name in ("to_dict", "d", "cls", "from_dict")})
    properties(document, "CreateFileRequest")["label"] = {"type": "string", "default": "none"}
    properties(document, "OpenAIFinetuneJob")["tier"] = {"type": "string", "default": "auto"}
    more: JsonValue = [
        {"in": "query", "name": "order", "schema": {"type": "string", "default": "desc"}},
        {"in": "query", "name": "params", "schema": STRING},
        {"in": "query", "name": "ids", "explode": False, "schema": {"type": "array", "items": STRING}},
        {"in": "header", "name": "If-Modified-Since", "schema": {"type": "string", "format": "date-time"}},
    ]
    texts(at(document, *JOBS, "get")["parameters"]).extend(texts(more))


def of_other_ways(document: JsonObject) -> None:
    """Add a way to authenticate, forms of bodies and errors that no generator knows, and files as bytes."""
    flows: JsonObject = {"clientCredentials": {"tokenUrl": "https://example.com/token", "scopes": {}}}
    at(document, "components", "securitySchemes")["OAuth"] = {"type": "oauth2", "flows": flows}
    for operation in every_operation(document):
        texts(operation["security"]).append({"Portkey-Key": [], "OAuth": []})
    at(document, *JOBS, "post", "requestBody", "content").update({"application/xml": {"schema": {}}})
    at(document, *JOBS, "get", "responses")["404"] = {"description": "x", "content": {"*/*": {"schema": STRING}}}
    content = at(document, "paths", "/files/{file_id}/content", "get", "responses", "200")
    content["content"] = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}


@pytest.mark.slow
def test_what_upstream_may_come_to_describe_stops_nothing(document: JsonObject, tmp_path: Path) -> None:
    changed = as_object(copy_json(document), "")
    for edit in (of_openai, of_any_form, of_other_ways):
        edit(changed)
    source = tmp_path / "document.yaml"
    source.write_text(write_yaml(changed), encoding="utf-8")
    out = StringIO()
    code = main(("sync", "--check", "--source", str(source), "--format", "json"), ROOT, out, StringIO())
    report = json.loads(out.getvalue())
    assert (code, report["failures"]) == (20, [])
    assert report["operations"]["lost"] == []
    caught_up = {place for entry in report["overlay"] if entry["state"] == "caught up" for place in entry["met"]}
    assert len(caught_up) == 11
    assert any("the default 'auto' is not a valid value here" in note for note in report["notes"])
