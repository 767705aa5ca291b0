"""The same again, spelled in another way, and what hurts nobody because it says less than it seems to."""

from typing import Final

from scripts.specsync.document.json_values import JsonObject, JsonValue
from tests.specsync.mutations.edits import (
    ADDITIVE,
    BODY,
    BREAKING,
    INTEGER,
    JOB,
    JOB_FIELDS,
    LIMIT,
    SAME,
    SCHEMAS,
    STRING,
    Edit,
    append,
    at,
    both,
    drop,
    set_in,
)
from tests.specsync.mutations.rows import Row, mutations

_FIELDS: Final = (*BODY, "properties")
_FILES: Final = ("paths", "/files", "get")
_FILES_URL: Final = (*_FILES, "servers", 0, "url")
_BOOLEAN: Final[JsonObject] = {"type": "boolean"}
_IN_31: Final = set_in("openapi", value="3.1.0")


def _server(url: str, **variables: JsonValue) -> Edit:
    names: JsonObject = {name: {"default": value} for name, value in variables.items()}
    return set_in(*_FILES, "servers", value=[{"url": url, **({"variables": names} if names else {})}])


def _suffix(schema: JsonObject) -> Edit:
    return set_in(*_FIELDS, "suffix", value=schema)


def _field(schema: JsonObject) -> Edit:
    return set_in(*JOB_FIELDS, "note", value=schema)


def _error_component(document: JsonObject) -> None:
    at(document, *SCHEMAS)["Fault"] = {"type": "object", "properties": {"code": dict(STRING)}}
    at(document, *JOB_FIELDS)["error"] = {"allOf": [{"$ref": "#/components/schemas/Fault"}], "nullable": True}


_ADDRESS: Final = _server("https://api.portkey.ai/v1")
_LIST: Final[JsonObject] = {"type": "array", "items": STRING}

MUTATIONS = mutations(
    (
        Row("a shortest length of nothing", set_in(*_FIELDS, "suffix", "minLength", value=0), SAME, SAME, None,
            "OpenAPITools/openapi-diff#319"),
        Row("at least no items", set_in(*_FIELDS, "integrations", "minItems", value=0), SAME, SAME, None,
            "OpenAPITools/openapi-diff#319", set_in(*_FIELDS, "integrations", value=_LIST)),
        Row("at least no members", set_in(*_FIELDS, "options", "minProperties", value=0), SAME, SAME, None,
            "OpenAPITools/openapi-diff#319", set_in(*_FIELDS, "options", value={"type": "object"})),
        Row("multiples of one", set_in(*LIMIT, "schema", "multipleOf", value=1), SAME, SAME, None,
            "oasdiff/oasdiff#720"),
        Row("an object without fields written out", set_in(*_FIELDS, "options", "properties", value={}), SAME, SAME,
            None, "OpenAPITools/openapi-diff#357", set_in(*_FIELDS, "options", value={"type": "object"})),
        Row("an empty list of demanded fields", set_in(*_FIELDS, "options", "required", value=[]), SAME, SAME, None,
            "facts of the toolchain", set_in(*_FIELDS, "options", value={"type": "object"})),
        Row("a server with a slash at its end", set_in(*_FILES_URL, value="https://api.portkey.ai/v1/"), SAME, SAME,
            None, "Netcracker/qubership-apihub#413", _ADDRESS),
        Row("a server with the port that is meant anyway", set_in(*_FILES_URL, value="https://api.portkey.ai:443/v1"),
            SAME, SAME, None, "Netcracker/qubership-apihub#413", _ADDRESS),
        Row("a server in other letters", set_in(*_FILES_URL, value="HTTPS://API.Portkey.ai/v1"), SAME, SAME, None,
            "Netcracker/qubership-apihub#413", _ADDRESS),
        Row("a server whose path is in other letters", set_in(*_FILES_URL, value="https://api.portkey.ai/V1"),
            BREAKING, BREAKING, "server-removed", "Netcracker/qubership-apihub#413", _ADDRESS),
        Row("a server with another port", set_in(*_FILES_URL, value="https://api.portkey.ai:8443/v1"),
            BREAKING, BREAKING, "server-removed", "Netcracker/qubership-apihub#413", _ADDRESS),
        Row("a server as a variable with a default", _server("https://{host}/v1", host="api.portkey.ai"),
            ADDITIVE, ADDITIVE, "server-removed", "OpenAPITools/openapi-diff#805", _ADDRESS),
        Row("a server as a variable with another default", _server("https://{host}/v1", host="api.example.com"),
            BREAKING, BREAKING, "server-removed", "OpenAPITools/openapi-diff#805", _ADDRESS),
        Row("any of some within any of others", _suffix({"anyOf": [STRING, {"anyOf": [INTEGER, _BOOLEAN]}]}),
            SAME, SAME, None, "oasdiff/oasdiff#929", _suffix({"anyOf": [STRING, INTEGER, _BOOLEAN]})),
        Row("any of some that may be null within any of others",
            _suffix({"anyOf": [STRING, {"anyOf": [INTEGER, _BOOLEAN], "nullable": True}]}), ADDITIVE, BREAKING,
            "request-nullable-added", "oasdiff/oasdiff#1017", _suffix({"anyOf": [STRING, INTEGER, _BOOLEAN]})),
        Row("one of some within any of others stays within",
            _suffix({"anyOf": [STRING, {"oneOf": [INTEGER, _BOOLEAN]}]}), BREAKING, BREAKING, None,
            "oasdiff/oasdiff#929", _suffix({"anyOf": [STRING, INTEGER, _BOOLEAN]})),
        Row("an alternative twice", append(*_FIELDS, "suffix", "anyOf", value=INTEGER), SAME, SAME, None,
            "oasdiff/oasdiff#929", _suffix({"anyOf": [STRING, INTEGER]})),
        Row("a number as an integer or a number", _suffix({"anyOf": [INTEGER, {"type": "number"}]}),
            frozenset({SAME, ADDITIVE}), frozenset({SAME, ADDITIVE}), None, "oasdiff/oasdiff#1015",
            _suffix({"type": "number"})),
        Row("a component or null, as 3.1 has it",
            both(_IN_31, set_in(*JOB_FIELDS, "error", value={
                "anyOf": [{"$ref": "#/components/schemas/Fault"}, {"type": "null"}]})),
            SAME, SAME, None, "microsoft/typespec#5507", _error_component),
        Row("a component or null, as one of one", set_in(*JOB_FIELDS, "error", value={
                "oneOf": [{"$ref": "#/components/schemas/Fault"}], "nullable": True}),
            SAME, SAME, None, "criteo/openapi-comparator#60", _error_component),
        Row("a component that was null at times and is not", set_in(*JOB_FIELDS, "error", value={
                "$ref": "#/components/schemas/Fault"}),
            ADDITIVE, ADDITIVE, "response-nullable-removed", "oasdiff/oasdiff#261", _error_component),
        Row("a list of one type", both(_IN_31, _field({"type": ["string"]})), SAME, SAME, None,
            "microsoft/typespec#5507", _field(STRING)),
        Row("a keyword of 3.1 in a field that nobody reads",
            both(_IN_31, _field({"type": "object", "patternProperties": {"^x": STRING}})), ADDITIVE, ADDITIVE,
            "unclassified-changed", "OpenAPITools/openapi-generator#23850", _field({"type": "object"})),
        Row("the same keyword in a field that is sent",
            both(_IN_31, set_in(*_FIELDS, "options", "patternProperties", value={"^x": STRING})), BREAKING, BREAKING,
            "unclassified-changed", "OpenAPITools/openapi-generator#23850",
            set_in(*_FIELDS, "options", value={"type": "object"})),
        Row("a list in a header taken apart", set_in(*_FILES, "parameters", 1, "explode", value=True), ADDITIVE,
            ADDITIVE, "parameter-style-changed", "hey-api/hey-api#1255",
            append(*_FILES, "parameters", value={"name": "x-ids", "in": "header", "schema": _LIST})),
        Row("an object in a header taken apart", set_in(*_FILES, "parameters", 1, "explode", value=True), BREAKING,
            BREAKING, "parameter-style-changed", "hey-api/hey-api#1255",
            append(*_FILES, "parameters", value={"name": "x-o", "in": "header", "schema": {"type": "object"}})),
        Row("a rarer success gone", drop("paths", "/files/{file_id}/content", "get", "responses", "206"), ADDITIVE,
            ADDITIVE, "response-success-removed", "oasdiff/oasdiff#194",
            set_in("paths", "/files/{file_id}/content", "get", "responses", "206", value={"description": "x"})),
        Row("an event stream beside JSON",
            set_in("paths", f"{JOB}/events", "get", "responses", "200", "content", "text/event-stream",
                   value={"schema": STRING}),
            ADDITIVE, ADDITIVE, "response-media-type-added", "OpenAPITools/openapi-diff#805"),
    )
)  # fmt: skip
