"""Components that several places share, fields that the facade cannot do without, and `allOf`."""

from typing import Final

from scripts.specsync.document.json_values import JsonObject, copy_json
from tests.specsync.mutations.edits import (
    ADDITIVE,
    BODY,
    BREAKING,
    INTEGER,
    JOB_FIELDS,
    JOBS,
    SCHEMAS,
    STRING,
    Edit,
    append,
    at,
    both,
    drop,
    schema,
    set_in,
    take_out,
)
from tests.specsync.mutations.rows import Row, mutations

_CONTENT: Final = (*JOBS, "post", "requestBody", "content", "application/json")
_UNION: Final = (*_CONTENT, "schema")
_NAMED: Final[JsonObject] = {"propertyName": "kind", "mapping": {"a": "#/components/schemas/OpenAIFinetuneJob"}}


def _stamp(schema_of_it: JsonObject, field: str) -> Edit:
    def edit(document: JsonObject) -> None:
        at(document, *SCHEMAS)["Stamp"] = copy_json(schema_of_it)
        for name in ("aaa", field):
            at(document, *JOB_FIELDS)[name] = {"$ref": "#/components/schemas/Stamp"}

    return edit


def _deep(depth: int, leaf: JsonObject) -> JsonObject:
    built = dict(leaf)
    for _ in range(depth):
        built = {"type": "object", "properties": {"a": built}}
    return built


def _suffix(*parts: JsonObject) -> Edit:
    return set_in(*BODY, "properties", "suffix", value={"allOf": [dict(part) for part in parts]})


MUTATIONS = mutations(
    (
        Row(
            "a shared type where one of two is read",
            set_in(*SCHEMAS, "Stamp", value=STRING),
            BREAKING,
            BREAKING,
            "response-type-changed",
            "oasdiff/oasdiff#213",
            _stamp(INTEGER, "created_at"),
        ),
        Row(
            "null in a shared type where one of two is needed",
            set_in(*SCHEMAS, "Stamp", "nullable", value=True),
            BREAKING,
            ADDITIVE,
            "response-nullable-added",
            "oasdiff/oasdiff#223",
            _stamp(STRING, "id"),
        ),
        Row(
            "null in a shared type where none is needed",
            set_in(*SCHEMAS, "Stamp", "nullable", value=True),
            ADDITIVE,
            ADDITIVE,
            "response-nullable-added",
            "oasdiff/oasdiff#223",
            _stamp(STRING, "model"),
        ),
        Row(
            "the id of a job optional",
            take_out(*SCHEMAS, "FineTuningJob", "required", value="id"),
            BREAKING,
            ADDITIVE,
            "response-property-became-optional",
            "Azure/openapi-diff#207",
        ),
        Row(
            "the id of a file optional",
            take_out(*SCHEMAS, "OpenAIFile", "required", value="id"),
            BREAKING,
            ADDITIVE,
            "response-property-became-optional",
            "Azure/openapi-diff#207",
        ),
        Row(
            "the data of a list optional",
            take_out(*SCHEMAS, "ListFilesResponse", "required", value="data"),
            BREAKING,
            ADDITIVE,
            "response-property-became-optional",
            "Azure/openapi-diff#207",
        ),
        Row(
            "another field of a list optional",
            take_out(*SCHEMAS, "ListFilesResponse", "required", value="object"),
            ADDITIVE,
            ADDITIVE,
            "response-property-became-optional",
            "Azure/openapi-diff#207",
        ),
        Row(
            "another name for the form of a request",
            set_in(*_UNION, "discriminator", "propertyName", value="sort"),
            BREAKING,
            BREAKING,
            "request-discriminator-changed",
            "docktape/swagger-brake#202",
            set_in(*_UNION, "discriminator", value=_NAMED),
        ),
        Row(
            "a name of a form of a request gone",
            drop(*_UNION, "discriminator", "mapping", "a"),
            BREAKING,
            ADDITIVE,
            "request-discriminator-value-removed",
            "docktape/swagger-brake#202",
            set_in(*_UNION, "discriminator", value=_NAMED),
        ),
        Row(
            "a name of a form of a request for another form",
            set_in(*_UNION, "discriminator", "mapping", "a", value="#/components/schemas/BedrockFinetuneJob"),
            BREAKING,
            BREAKING,
            "request-discriminator-changed",
            "Azure/openapi-diff#350",
            set_in(*_UNION, "discriminator", value=_NAMED),
        ),
        Row(
            "another name for the form of a response",
            set_in(*SCHEMAS, "FineTuningJob", "discriminator", value={"propertyName": "object"}),
            ADDITIVE,
            ADDITIVE,
            "response-discriminator-changed",
            "oasdiff/oasdiff#347",
        ),
        Row(
            "a name of a form of a response",
            set_in(
                *SCHEMAS, "FineTuningJob", "discriminator", "mapping", value={"x": "#/components/schemas/FineTuningJob"}
            ),
            ADDITIVE,
            ADDITIVE,
            "response-discriminator-value-added",
            "oasdiff/oasdiff#347",
            set_in(*SCHEMAS, "FineTuningJob", "discriminator", value={"propertyName": "object"}),
        ),
        Row(
            "the stricter of two limits stricter",
            set_in(*BODY, "properties", "suffix", "allOf", 0, "maxLength", value=20),
            BREAKING,
            ADDITIVE,
            "request-limit-tightened",
            "OpenAPITools/openapi-diff#346",
            _suffix({**STRING, "maxLength": 40}, {**STRING, "maxLength": 64}),
        ),
        Row(
            "an `allOf` with a stricter limit last",
            append(*BODY, "properties", "suffix", "allOf", value={"maxLength": 8}),
            BREAKING,
            ADDITIVE,
            "request-limit-tightened",
            "oasdiff/oasdiff#607",
            _suffix({**STRING, "maxLength": 40}),
        ),
        Row(
            "an `allOf` with a list of values that narrows another",
            append(*BODY, "properties", "suffix", "allOf", value={"enum": ["a"]}),
            BREAKING,
            ADDITIVE,
            "request-enum-value-removed",
            "OpenAPITools/openapi-diff#346",
            _suffix({**STRING, "enum": ["a", "b"]}),
        ),
        Row(
            "an `allOf` that demands an inherited field",
            both(set_in(*SCHEMAS, "BedrockFinetuneJob", "required", value=["model", "validation_file"])),
            BREAKING,
            frozenset({ADDITIVE, BREAKING}),
            None,
            "oasdiff/oasdiff#607",
        ),
        Row(
            "a type deep within",
            set_in(*BODY, "properties", "suffix", value=_deep(60, INTEGER)),
            BREAKING,
            BREAKING,
            "request-type-changed",
            "oasdiff/oasdiff#213",
            set_in(*BODY, "properties", "suffix", value=_deep(60, STRING)),
        ),
        Row(
            "a list of fields that names none",
            append(*SCHEMAS, "OpenAIFile", "required", value="nothing"),
            ADDITIVE,
            ADDITIVE,
            "response-property-became-required",
            "facts of the toolchain",
        ),
        Row(
            "a demand for a field that is not described",
            append(*BODY, "required", value="nothing"),
            BREAKING,
            ADDITIVE,
            "request-property-became-required",
            "OpenAPITools/openapi-diff#319",
        ),
        Row(
            "the type of an object written out",
            set_in(*SCHEMAS, "OpenAIFile", "type", value="object"),
            ADDITIVE,
            ADDITIVE,
            "type-stated",
            "OpenAPITools/openapi-diff#357",
            lambda d: schema(d, "OpenAIFile").pop("type", None),
        ),
    )
)
