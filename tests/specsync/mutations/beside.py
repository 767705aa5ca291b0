"""Breaks beside, within and after other things, where a comparison of one place alone sees nothing."""

from typing import Final

from scripts.specsync.document.json_values import JsonObject, JsonValue
from tests.specsync.mutations.edits import (
    ADDITIVE,
    BODY,
    BREAKING,
    INTEGER,
    JOB,
    JOB_FIELDS,
    JOBS,
    SCHEMAS,
    STRING,
    Edit,
    append,
    at,
    both,
    drop,
    parameters,
    set_in,
    take_out,
)
from tests.specsync.mutations.rows import Row, mutations

_FIELDS: Final = (*BODY, "properties")
_FILES: Final = ("paths", "/files", "get")
_UPLOAD: Final = (*SCHEMAS, "CreateFileRequest")
_METRICS: Final = (*SCHEMAS, "FineTuningJobCheckpoint", "properties", "metrics")
_CONTENT: Final = (*JOBS, "post", "requestBody", "content", "application/json")
_KIND: Final[JsonValue] = {"$ref": "#/components/schemas/Kind"}
_IN_31: Final = set_in("openapi", value="3.1.0")


def _as_json(document: JsonObject) -> None:
    parameter = parameters(document)[0]
    parameter["content"] = {"application/json": {"schema": parameter.pop("schema")}}


def _suffix(*parts: JsonObject) -> Edit:
    return set_in(*_FIELDS, "suffix", value={"allOf": [dict(part) for part in parts]})


def _status(*members: JsonObject) -> Edit:
    return set_in(*JOB_FIELDS, "status", value={"anyOf": [dict(member) for member in members]})


def _whole_path(document: JsonObject) -> None:
    """Say of all files by reference what is said of them, and ask for one header more."""
    document["openapi"] = "3.1.0"
    at(document, "components")["pathItems"] = {"Files": at(document, "paths", "/files")}
    more: list[JsonValue] = [{"name": "X-Org", "in": "header", "required": True, "schema": dict(STRING)}]
    at(document, "paths")["/files"] = {"$ref": "#/components/pathItems/Files", "parameters": more}


_SHARED: Final = both(
    set_in(*SCHEMAS, "Kind", value={**STRING, "enum": ["a", "b"]}),
    set_in(*_FIELDS, "suffix", value=_KIND),
    set_in(*JOB_FIELDS, "kind", value=_KIND),
)
_FORMS: Final[JsonObject] = {
    "oneOf": [
        {"type": "object", "properties": {"type": STRING}},
        {"type": "object", "properties": {"kind": STRING}},
    ],
    "discriminator": {"propertyName": "type"},
}

MUTATIONS = mutations(
    (
        Row("another type beside alternatives of what is demanded",
            set_in(*_METRICS, "properties", "step", value=STRING), BREAKING, BREAKING, "response-type-changed",
            "oasdiff/oasdiff#607",
            both(set_in(*_METRICS, "oneOf", value=[{"required": ["step"]}, {"required": ["train_loss"]}]),
                 set_in(*_METRICS, "properties", "step", value={"type": "number"}))),
        Row("a demanded field of an upload beside alternatives",
            both(append(*_UPLOAD, "required", value="owner"), set_in(*_UPLOAD, "properties", "owner", value=STRING)),
            BREAKING, BREAKING, "request-property-required-added", "criteo/openapi-comparator#60",
            set_in(*_UPLOAD, "anyOf", value=[{"required": ["file"]}, {"required": ["purpose"]}])),
        Row("fewer members beside alternatives", set_in(*_CONTENT, "schema", "maxProperties", value=2), BREAKING,
            ADDITIVE, "request-limit-tightened", "facts of the toolchain"),
        Row("null among the types of one alternative",
            both(_IN_31, _status({"type": ["string", "null"], "enum": ["a", None]}, INTEGER)),
            frozenset({ADDITIVE, BREAKING}), frozenset({ADDITIVE, BREAKING}), None, "oasdiff/oasdiff#1017",
            _status({"type": "string", "enum": ["a"]}, INTEGER)),
        Row("a limit within a parameter that is JSON",
            set_in(*JOBS, "get", "parameters", 0, "content", "application/json", "schema", "maxLength", value=3),
            BREAKING, ADDITIVE, "request-limit-tightened", "fabien0102/openapi-codegen#238", _as_json),
        Row("a parameter that is text in place of JSON",
            lambda d: parameters(d)[0].update(content={"text/plain": {"schema": dict(STRING)}}), BREAKING, BREAKING,
            None, "fabien0102/openapi-codegen#238", _as_json),
        Row("a list between bars", lambda d: parameters(d)[2].update(style="pipeDelimited", explode=False), BREAKING,
            BREAKING, "parameter-style-changed", "openapi-generators/openapi-python-client#197",
            append(*JOBS, "get", "parameters",
                   value={"name": "ids", "in": "query", "schema": {"type": "array", "items": STRING}})),
        Row("a path with a dot before its value", set_in("paths", JOB, "get", "parameters", 0, "style", value="label"),
            BREAKING, BREAKING, "parameter-style-changed", "oasdiff/oasdiff#861"),
        Row("a demanded header beside the reference of a path", _whole_path, BREAKING, BREAKING,
            "parameter-required-added", "swagger-api/swagger-editor#1493"),
        Row("a body gone beside a default",
            drop("paths", f"{JOB}/checkpoints", "get", "responses", "200", "content"), BREAKING, ADDITIVE,
            "response-body-removed", "oasdiff/oasdiff#194",
            set_in("paths", f"{JOB}/checkpoints", "get", "responses", "default", value={"description": "x"})),
        Row("201 in place of 200 beside a default",
            lambda d: at(d, "paths", "/files", "post", "responses").update(
                {"201": at(d, "paths", "/files", "post", "responses").pop("200")}),
            ADDITIVE, ADDITIVE, "success-status-changed", "oasdiff/oasdiff#194",
            set_in("paths", "/files", "post", "responses", "default", value={"description": "x"})),
        Row("a value gone that requests and responses share", take_out(*SCHEMAS, "Kind", "enum", value="b"), BREAKING,
            ADDITIVE, "request-enum-value-removed", "oasdiff/oasdiff#213", _SHARED),
        Row("a value gone from what a reference beside an `allOf` leads to",
            take_out(*SCHEMAS, "Kind", "enum", value="b"), BREAKING, ADDITIVE, "request-enum-value-removed",
            "facts of the toolchain",
            both(_IN_31, set_in(*SCHEMAS, "Kind", value={**STRING, "enum": ["a", "b"]}),
                 set_in(*_FIELDS, "suffix", value={"$ref": "#/components/schemas/Kind", "allOf": [{"maxLength": 9}]}))),
        Row("a shared type where one of two lists is read", set_in(*SCHEMAS, "Kind", value=STRING), BREAKING, BREAKING,
            "response-type-changed", "oasdiff/oasdiff#213",
            both(set_in(*SCHEMAS, "Kind", value=INTEGER),
                 set_in(*JOB_FIELDS, "aaa", value={"type": "array", "items": _KIND}),
                 set_in(*JOB_FIELDS, "trained_tokens", value=_KIND))),
        Row("the id of a checkpoint optional",
            take_out(*SCHEMAS, "FineTuningJobCheckpoint", "required", value="id"), BREAKING, ADDITIVE,
            "response-property-became-optional", "Azure/openapi-diff#207"),
        Row("the data of events optional",
            take_out(*SCHEMAS, "ListFineTuningJobEventsResponse", "required", value="data"), BREAKING, ADDITIVE,
            "response-property-became-optional", "Azure/openapi-diff#207"),
        Row("nothing of a list of jobs demanded", drop(*SCHEMAS, "ListPaginatedFineTuningJobsResponse", "required"),
            BREAKING, ADDITIVE, "response-property-became-optional", "Azure/openapi-diff#207"),
        Row("another name for the form of a field",
            set_in(*_FIELDS, "shape", "discriminator", "propertyName", value="kind"), BREAKING, BREAKING,
            "request-discriminator-changed", "docktape/swagger-brake#202", set_in(*_FIELDS, "shape", value=_FORMS)),
        Row("two lists of values with nothing in common",
            set_in(*_FIELDS, "suffix", "allOf", 1, value={"enum": ["c"]}), BREAKING, ADDITIVE,
            "request-enum-value-removed", "OpenAPITools/openapi-diff#346",
            _suffix({**STRING, "enum": ["a", "b"]}, {"enum": ["b", "c"]})),
        Row("an `allOf` of items that demands a field",
            append(*_FIELDS, "integrations", "items", "allOf", value={"required": ["entity"]}), BREAKING, ADDITIVE,
            "request-property-became-required", "oasdiff/oasdiff#607",
            set_in(*_FIELDS, "integrations", value={"type": "array", "items": {
                "allOf": [{"type": "object", "properties": {"entity": STRING}}, {"description": "x"}]}})),
        Row("a second pattern", append(*_FIELDS, "suffix", "allOf", value={"pattern": "^b"}), BREAKING, BREAKING,
            None, "OpenAPITools/openapi-diff#346", _suffix({**STRING, "pattern": "^a"}, {"maxLength": 9})),
        Row("one field that demands another",
            both(_IN_31, set_in(*BODY, "dependentRequired", value={"seed": ["suffix"]})), BREAKING, BREAKING,
            "unclassified-changed", "oasdiff/oasdiff#861"),
        Row("more rights for a credential",
            set_in(*_FILES, "security", 0, value={"OAuth": ["files", "jobs"]}), BREAKING, BREAKING,
            "security-alternative-removed", "Netcracker/qubership-apihub#413",
            both(set_in("components", "securitySchemes", "OAuth", value={"type": "oauth2", "flows": {}}),
                 set_in(*_FILES, "security", 0, value={"OAuth": ["files"]}))),
        Row("calls without any credential", append(*_FILES, "security", value={}), ADDITIVE, BREAKING,
            "security-alternative-added", "Netcracker/qubership-apihub#413"),
        Row("a key in the query", set_in("components", "securitySchemes", "Virtual-Key", "in", value="query"),
            BREAKING, BREAKING, "security-scheme-changed", "Netcracker/qubership-apihub#413"),
        Row("a value of a header of a response", set_in(*_FILES, "responses", "200", "headers", "x-r", "schema",
                                                        value={**STRING, "enum": ["a"]}),
            ADDITIVE, ADDITIVE, "response-enum-imposed", "facts of the toolchain",
            set_in(*_FILES, "responses", "200", "headers", value={"x-r": {"schema": STRING}})),
    )
)  # fmt: skip
