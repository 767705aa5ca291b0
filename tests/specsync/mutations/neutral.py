"""Other words for the same, and what hurts nobody although it looks as if it did."""

from typing import Final

from scripts.specsync.document.json_values import JsonObject
from tests.specsync.mutations.edits import (
    ADDITIVE,
    BODY,
    BREAKING,
    DOCS,
    INTEGER,
    JOB,
    JOB_FIELDS,
    JOBS,
    LIMIT,
    SAME,
    SCHEMAS,
    SCHEMES,
    STRING,
    Edit,
    append,
    at,
    both,
    drop,
    every_operation,
    parameters,
    set_in,
)
from tests.specsync.mutations.rows import Row, mutations

_CONTENT: Final = (*JOBS, "post", "requestBody", "content", "application/json")
_RESPONSES: Final = (*JOBS, "get", "responses")
_JOB_RESPONSE: Final = ("paths", JOB, "get", "responses", "200")
_FILES: Final = ("paths", "/files", "get")
_UPLOAD: Final = (*SCHEMAS, "CreateFileRequest")


def _problem(document: JsonObject) -> None:
    """Describe errors by a component of their own whose field is called as one that is read elsewhere."""
    at(document, *SCHEMAS)["Problem"] = {
        "type": "object",
        "required": ["status"],
        "properties": {"status": dict(STRING)},
    }
    for entry in every_operation(document):
        for status in ("404", "500", "default"):
            at(entry, "responses")[status] = {
                "description": "x",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
            }


def _rename_media_type(old: str, new: str) -> Edit:
    def edit(document: JsonObject) -> None:
        for entry in every_operation(document):
            for holder in (entry.get("requestBody"), *at(entry, "responses").values()):
                content = holder.get("content") if isinstance(holder, dict) else None
                if isinstance(content, dict) and old in content:
                    content[new] = content.pop(old)

    return edit


MUTATIONS = mutations(
    (
        Row(
            "`style: form` written out",
            set_in(*LIMIT, "style", value="form"),
            SAME,
            SAME,
            None,
            "facts of the toolchain",
        ),
        Row(
            "`explode: true` written out",
            set_in(*LIMIT, "explode", value=True),
            SAME,
            SAME,
            None,
            "hey-api/hey-api#1255",
        ),
        Row(
            "`allowReserved: false` written out",
            set_in(*LIMIT, "allowReserved", value=False),
            SAME,
            SAME,
            None,
            "facts of the toolchain",
        ),
        Row(
            "`style: simple` of a path written out",
            set_in("paths", JOB, "get", "parameters", 0, "style", value="simple"),
            SAME,
            SAME,
            None,
            "facts of the toolchain",
        ),
        Row(
            "a charset of JSON",
            _rename_media_type("application/json", "application/json; charset=utf-8"),
            SAME,
            SAME,
            None,
            "oasdiff/oasdiff#593",
        ),
        Row(
            "a media type in other letters",
            _rename_media_type("application/json", "Application/JSON"),
            SAME,
            SAME,
            None,
            "cdimascio/express-openapi-validator#463",
        ),
        Row(
            "a credential's header in other letters",
            set_in(*SCHEMES, "Virtual-Key", "name", value="X-Portkey-Virtual-Key"),
            SAME,
            SAME,
            None,
            "Netcracker/qubership-apihub#413",
        ),
        Row(
            "`scheme: Bearer` in other letters",
            set_in(*SCHEMES, "Provider-Auth", "scheme", value="Bearer"),
            SAME,
            SAME,
            None,
            "Netcracker/qubership-apihub#413",
        ),
        Row(
            "a header parameter in other letters",
            lambda d: parameters(d)[2].update(name="X-Trace"),
            SAME,
            SAME,
            None,
            "udamir/api-smart-diff#5",
            append(*JOBS, "get", "parameters", value={"name": "x-trace", "in": "header", "schema": STRING}),
        ),
        *(
            Row(
                f"a header parameter {name}",
                append(
                    *JOBS, "get", "parameters", value={"name": name, "in": "header", "required": True, "schema": STRING}
                ),
                SAME,
                SAME,
                None,
                "udamir/api-smart-diff#5",
            )
            for name in ("Accept", "Authorization", "Content-Type")
        ),
        Row(
            "a demanded field that is only read, in a request",
            both(
                set_in(*BODY, "properties", "owner", value={**STRING, "readOnly": True}),
                append(*BODY, "required", value="owner"),
            ),
            ADDITIVE,
            ADDITIVE,
            "annotation-changed",
            "oasdiff/oasdiff#126",
        ),
        Row(
            "`format: int64` in a request",
            set_in(*LIMIT, "schema", "format", value="int64"),
            ADDITIVE,
            ADDITIVE,
            "request-format-noted",
            "oasdiff/oasdiff#720",
        ),
        Row(
            "`format: int32` in a request",
            set_in(*LIMIT, "schema", "format", value="int32"),
            BREAKING,
            ADDITIVE,
            "request-limit-tightened",
            "oasdiff/oasdiff#720",
        ),
        Row(
            "a multiple of less",
            set_in(*LIMIT, "schema", "multipleOf", value=2),
            ADDITIVE,
            BREAKING,
            "request-limit-loosened",
            "oasdiff/oasdiff#720",
            set_in(*LIMIT, "schema", "multipleOf", value=4),
        ),
        Row(
            "a multiple of something else",
            set_in(*LIMIT, "schema", "multipleOf", value=3),
            BREAKING,
            BREAKING,
            None,
            "oasdiff/oasdiff#720",
            set_in(*LIMIT, "schema", "multipleOf", value=4),
        ),
        Row(
            "another type in errors alone",
            set_in(*SCHEMAS, "Problem", "properties", "status", value=INTEGER),
            ADDITIVE,
            ADDITIVE,
            "response-type-changed",
            "oasdiff/oasdiff#194",
            _problem,
        ),
        Row(
            "a field gone from errors alone",
            drop(*SCHEMAS, "Problem", "properties", "status"),
            ADDITIVE,
            ADDITIVE,
            "response-property-removed",
            "oasdiff/oasdiff#194",
            _problem,
        ),
        Row(
            "a field of errors optional",
            drop(*SCHEMAS, "Problem", "required"),
            ADDITIVE,
            ADDITIVE,
            "response-property-became-optional",
            "oasdiff/oasdiff#194",
            _problem,
        ),
        Row(
            "errors as problem documents",
            lambda d: at(d, *_RESPONSES, "404", "content").update(
                {"application/problem+json": at(d, *_RESPONSES, "404", "content").pop("application/json")}
            ),
            ADDITIVE,
            ADDITIVE,
            "response-media-type-removed",
            "oasdiff/oasdiff#686",
            _problem,
        ),
        Row(
            "a field of another thing gone that is called as one that is read",
            drop(*SCHEMAS, "ListFilesResponse", "properties", "status"),
            ADDITIVE,
            ADDITIVE,
            "response-property-removed",
            "facts of the toolchain",
            set_in(*SCHEMAS, "ListFilesResponse", "properties", "status", value=STRING),
        ),
        Row(
            "a new way to authenticate with a new credential",
            both(
                set_in(*SCHEMES, "OAuth", value={"type": "http", "scheme": "bearer"}),
                append(*JOBS, "get", "security", value={"Portkey-Key": [], "OAuth": []}),
            ),
            ADDITIVE,
            BREAKING,
            "security-alternative-added",
            "Netcracker/qubership-apihub#413",
        ),
        Row(
            "a file as bytes",
            set_in(
                "paths",
                "/files/{file_id}/content",
                "get",
                "responses",
                "200",
                "content",
                value={"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
            ),
            ADDITIVE,
            BREAKING,
            "response-media-type-removed",
            "endpoints4s/endpoints4s#1205",
        ),
        Row(
            "a form of a body that no generator writes",
            set_in(*_CONTENT[:-1], "application/xml", value={"schema": {}}),
            ADDITIVE,
            BREAKING,
            "request-media-type-added",
            "OpenAPITools/openapi-diff#805",
        ),
        Row(
            "an error in any form",
            set_in(*_RESPONSES, "404", value={"description": "x", "content": {"*/*": {"schema": STRING}}}),
            ADDITIVE,
            ADDITIVE,
            "response-error-added",
            "facts of the generator",
        ),
        Row(
            "a default of another type in a field that nobody reads",
            set_in(*JOB_FIELDS, "tries", value={"type": "integer", "default": "auto"}),
            ADDITIVE,
            ADDITIVE,
            "response-property-added",
            "OpenAPITools/openapi-diff#484",
        ),
        Row(
            "a field that contains itself, by reference to a part",
            both(
                set_in(
                    *JOB_FIELDS,
                    "tree",
                    value={
                        "type": "object",
                        "properties": {"child": {"$ref": "#/components/schemas/FineTuningJob/properties/tree"}},
                    },
                )
            ),
            ADDITIVE,
            ADDITIVE,
            "response-property-added",
            "oasdiff/oasdiff#281",
        ),
        Row(
            "an operation deprecated and described anew",
            both(set_in(*_FILES, "deprecated", value=True), set_in(*_FILES, "description", value="Words.")),
            DOCS,
            DOCS,
            "deprecation-changed",
            "oasdiff/oasdiff#929",
        ),
    )
)
