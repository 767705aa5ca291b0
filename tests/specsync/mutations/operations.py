"""How parameters and headers are written, paths by reference, and what counts as a success."""

from typing import Final

from scripts.specsync.document.json_values import JsonObject, JsonValue, copy_json
from tests.specsync.mutations.edits import (
    ADDITIVE,
    BREAKING,
    INTEGER,
    JOB,
    JOBS,
    SAME,
    STRING,
    Edit,
    append,
    at,
    drop,
    parameters,
    set_in,
)
from tests.specsync.mutations.rows import Row, mutations

_RESPONSES: Final = (*JOBS, "get", "responses")
_JOB_RESPONSE: Final = ("paths", JOB, "get", "responses", "200")
_ERROR: Final[JsonObject] = {
    "description": "x",
    "content": {"application/json": {"schema": {"type": "object", "properties": {"error": STRING}}}},
}


def _to_content(document: JsonObject) -> None:
    parameter = parameters(document)[0]
    parameter["content"] = {"application/json": {"schema": parameter.pop("schema")}}


def _path_item(document: JsonObject, **more: JsonValue) -> None:
    document["openapi"] = "3.1.0"
    at(document, "components")["pathItems"] = {"Job": at(document, "paths", JOB)}
    at(document, "paths")[JOB] = {"$ref": "#/components/pathItems/Job", **more}


def _status(old: str, new: str, response: JsonValue = None) -> Edit:
    def edit(document: JsonObject) -> None:
        responses = at(document, *_RESPONSES)
        known = responses.pop(old)
        responses[new] = known if response is None else copy_json(response)

    return edit


MUTATIONS = mutations(
    (
        Row(
            "a parameter written as JSON",
            _to_content,
            BREAKING,
            BREAKING,
            "parameter-style-changed",
            "fabien0102/openapi-codegen#238",
        ),
        Row(
            "a parameter written as JSON of another type",
            lambda d: at(parameters(d)[0], "content", "application/json").update(schema=dict(INTEGER)),
            BREAKING,
            BREAKING,
            "request-type-changed",
            "fabien0102/openapi-codegen#238",
            _to_content,
        ),
        Row(
            "a header of a response as a list",
            lambda d: at(d, *_JOB_RESPONSE, "headers", "x-r").update(schema={"type": "array", "items": STRING}),
            ADDITIVE,
            ADDITIVE,
            "response-type-changed",
            "facts of the generator",
            set_in(*_JOB_RESPONSE, "headers", value={"x-r": {"schema": STRING}}),
        ),
        Row(
            "a header of a response that is demanded",
            set_in(*_JOB_RESPONSE, "headers", "x-r", "required", value=True),
            ADDITIVE,
            ADDITIVE,
            "response-header-changed",
            "facts of the toolchain",
            set_in(*_JOB_RESPONSE, "headers", value={"x-r": {"schema": STRING}}),
        ),
        Row(
            "a demanded query beside the reference of a path",
            lambda d: _path_item(
                d, parameters=[{"name": "q", "in": "query", "required": True, "schema": dict(STRING)}]
            ),
            BREAKING,
            BREAKING,
            "parameter-required-added",
            "swagger-api/swagger-editor#1493",
        ),
        Row("a path by reference", _path_item, SAME, SAME, None, "swagger-api/swagger-editor#1493"),
        Row(
            "servers beside the reference of a path",
            lambda d: _path_item(d, servers=[{"url": "https://x.example"}]),
            SAME,
            SAME,
            None,
            "swagger-api/swagger-editor#1493",
        ),
        Row(
            "200 becomes 204 beside a default",
            _status("200", "204", {"description": "x"}),
            BREAKING,
            ADDITIVE,
            "success-status-changed",
            "oasdiff/oasdiff#194",
            set_in(*_RESPONSES, "default", value=_ERROR),
        ),
        Row(
            "200 gone beside a default",
            drop(*_RESPONSES, "200"),
            BREAKING,
            BREAKING,
            None,
            "oasdiff/oasdiff#194",
            set_in(*_RESPONSES, "default", value=_ERROR),
        ),
        Row(
            "200 gone beside 202",
            drop(*_RESPONSES, "200"),
            BREAKING,
            ADDITIVE,
            "response-success-removed",
            "oasdiff/oasdiff#194",
            lambda d: at(d, *_RESPONSES).update({"202": copy_json(at(d, *_RESPONSES, "200"))}),
        ),
        Row(
            "a default for errors",
            set_in(*_RESPONSES, "default", value=_ERROR),
            ADDITIVE,
            ADDITIVE,
            "response-error-added",
            "Azure/openapi-diff#270",
        ),
        Row(
            "200 becomes 2XX",
            _status("200", "2XX"),
            ADDITIVE,
            ADDITIVE,
            "success-status-changed",
            "udamir/api-smart-diff#5",
        ),
        Row(
            "a link",
            set_in(*_JOB_RESPONSE, "links", value={"x": {"operationId": "y"}}),
            ADDITIVE,
            ADDITIVE,
            "annotation-changed",
            "facts of the toolchain",
        ),
        Row(
            "a list written with commas",
            set_in(*JOBS, "get", "parameters", 2, "explode", value=False),
            BREAKING,
            BREAKING,
            "parameter-style-changed",
            "openapi-generators/openapi-python-client#197",
            append(
                *JOBS,
                "get",
                "parameters",
                value={"name": "ids", "in": "query", "schema": {"type": "array", "items": STRING}},
            ),
        ),
        Row(
            "a text taken apart as a list is",
            set_in(*JOBS, "get", "parameters", 0, "explode", value=False),
            ADDITIVE,
            ADDITIVE,
            "parameter-style-changed",
            "hey-api/hey-api#1255",
        ),
        Row(
            "an object in a query written deep",
            set_in(*JOBS, "get", "parameters", 2, "style", value="deepObject"),
            BREAKING,
            BREAKING,
            "parameter-style-changed",
            "oasdiff/oasdiff#861",
            append(*JOBS, "get", "parameters", value={"name": "f", "in": "query", "schema": {"type": "object"}}),
        ),
    )
)
