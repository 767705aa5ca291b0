"""Changes of the wire that hurt a caller, each on its own."""

import attrs

from tests.specsync.mutations.edits import (
    ADDITIVE,
    BODY,
    INTEGER,
    JOB,
    JOB_FIELDS,
    JOBS,
    LIMIT,
    METRICS,
    SCHEMAS,
    SCHEMES,
    STOPPED,
    STRING,
    Edit,
    Hurts,
    Mutation,
    append,
    at,
    both,
    demand_config,
    drop,
    move_servers,
    operation,
    parameters,
    properties,
    purpose,
    set_in,
    status,
    take_out,
    texts,
    wrap,
)


def _breaking(name: str, apply: Edit, rule: str | None = None) -> Mutation:
    undone = frozenset({ADDITIVE}) if name in UNDONE_THEY_HELP else STOPPED
    hurts = Hurts.READER if (rule or "").startswith("response") else Hurts.SENDER
    return Mutation(name, apply, STOPPED, rule, undone, hurts)


# What hurts nobody the other way round.
UNDONE_THEY_HELP = frozenset(
    {
        "a parameter demanded",
        "a parameter gone",
        "a parameter's bound",
        "a request closed",
        "a request enum imposed",
        "a request field demanded",
        "a request field gone",
        "a request field's pattern",
        "a request form gone",
        "a request of forms became one",
        "a security alternative gone",
        "all of an answer's fields optional",
        "an answer without body",
        "an answer's field became a union",
        "an answer's field gone",
        "an answer's field may have one more form",
        "an answer's field renamed",
        "an answer's field widened",
        "an answer's id gone",
        "an answer's id may be null",
        "an answer's items may be null",
        "an answer's media type",
        "an answer's metric gone",
        "an operation gone",
        "no success described",
    }
)

_ROWS: tuple[Mutation, ...] = (
    _breaking("all of an answer's fields optional", drop(*SCHEMAS, "FineTuningJob", "required")),
    _breaking("an operation gone", drop("paths", JOB + "/cancel"), "operation-removed"),
    _breaking("a cursor renamed", lambda d: parameters(d)[0].update(name="cursor"), "parameter-optional-removed"),
    _breaking("a parameter gone", lambda d: parameters(d).pop(), "parameter-optional-removed"),
    _breaking(
        "a parameter moved to a header",
        lambda d: parameters(d)[1].update({"in": "header"}),
        "parameter-optional-removed",
    ),
    _breaking("a parameter demanded", set_in(*LIMIT, "required", value=True), "parameter-became-required"),
    _breaking(
        "a demanded parameter added",
        append(*JOBS, "get", "parameters", value={"name": "org", "in": "query", "required": True, "schema": STRING}),
        "parameter-required-added",
    ),
    _breaking("a parameter's type", set_in(*LIMIT, "schema", "type", value="boolean"), "request-type-changed"),
    _breaking("a parameter's style", set_in(*LIMIT, "style", value="deepObject"), "parameter-style-changed"),
    _breaking("a parameter's bound", set_in(*LIMIT, "schema", "maximum", value=5), "request-limit-tightened"),
    _breaking(
        "a request field demanded",
        append(*BODY, "required", value="validation_file"),
        "request-property-became-required",
    ),
    _breaking(
        "a demanded request field added",
        both(set_in(*BODY, "properties", "org", value=STRING), append(*BODY, "required", value="org")),
        "request-property-required-added",
    ),
    _breaking(
        "a request field gone", drop(*BODY, "properties", "validation_file"), "request-property-optional-removed"
    ),
    _breaking(
        "a demanded request field gone",
        both(drop(*BODY, "properties", "training_file"), take_out(*BODY, "required", value="training_file")),
        "request-property-required-removed",
    ),
    _breaking(
        "a request field's type", set_in(*BODY, "properties", "training_file", value=INTEGER), "request-type-changed"
    ),
    _breaking(
        "a request enum value renamed",
        lambda d: purpose(d).update(enum=["assistants", "batch", "fine_tune", "vision"]),
        "request-enum-value-removed",
    ),
    _breaking(
        "a request enum imposed", set_in(*BODY, "properties", "model", "enum", value=["gpt"]), "request-enum-imposed"
    ),
    _breaking(
        "a request format",
        set_in(*SCHEMAS, "CreateFileRequest", "properties", "file", "format", value="byte"),
        "request-format-changed",
    ),
    _breaking("a request closed", set_in(*BODY, "additionalProperties", value=False), "request-closed"),
    _breaking(
        "a request form gone",
        lambda d: texts(at(d, *JOBS, "post", "requestBody", "content", "application/json", "schema")["anyOf"]).pop(),
        "request-alternative-removed",
    ),
    _breaking(
        "a request of forms became one",
        set_in(
            *JOBS,
            "post",
            "requestBody",
            "content",
            "application/json",
            "schema",
            value={"$ref": "#/components/schemas/OpenAIFinetuneJob"},
        ),
        None,
    ),
    _breaking("a request body gone", drop(*JOBS, "post", "requestBody"), "request-body-required-removed"),
    _breaking(
        "a demanded body added",
        set_in(
            "paths",
            JOB + "/cancel",
            "post",
            "requestBody",
            value={"required": True, "content": {"application/json": {"schema": {"type": "object"}}}},
        ),
        "request-body-required-added",
    ),
    _breaking(
        "a request's media type",
        lambda d: at(d, "paths", "/files", "post", "requestBody", "content").update(
            {"application/json": at(d, "paths", "/files", "post", "requestBody", "content").pop("multipart/form-data")}
        ),
        "request-media-type-removed",
    ),
    _breaking("an answer's field gone", drop(*JOB_FIELDS, "status"), "response-property-removed"),
    _breaking("an answer's metric gone", drop(*METRICS, "full_valid_loss"), "response-property-removed"),
    _breaking("an answer's id gone", drop(*JOB_FIELDS, "id"), "response-property-removed"),
    _breaking(
        "an answer's field renamed",
        lambda d: properties(d, "FineTuningJob").update(state=properties(d, "FineTuningJob").pop("status")),
        "response-property-removed",
    ),
    _breaking(
        "an answer's field's type", set_in(*JOB_FIELDS, "created_at", value={"type": "string"}), "response-type-changed"
    ),
    _breaking(
        "an answer's field's format",
        set_in(*JOB_FIELDS, "training_file", "format", value="date-time"),
        "response-format-changed",
    ),
    _breaking(
        "an answer's field became an object",
        set_in(*JOB_FIELDS, "status", value={"type": "object", "properties": {"state": STRING}}),
        "response-type-changed",
    ),
    _breaking(
        "an answer's field became a union",
        set_in(*JOB_FIELDS, "status", value={"anyOf": [STRING, {"type": "object", "properties": {"state": STRING}}]}),
        "response-became-union",
    ),
    _breaking(
        "a request value became other forms",
        set_in(*BODY, "properties", "suffix", value={"anyOf": [INTEGER, {"type": "array", "items": STRING}]}),
        "request-became-union",
    ),
    _breaking(
        "an answer's field may have one more form",
        append(*JOB_FIELDS, "hyperparameters", "properties", "n_epochs", "oneOf", value={"type": "boolean"}),
        "response-alternative-added",
    ),
    _breaking(
        "an answer's field widened", set_in(*JOB_FIELDS, "created_at", "type", value="number"), "response-type-widened"
    ),
    _breaking(
        "an answer's id may be null", set_in(*JOB_FIELDS, "id", "nullable", value=True), "response-nullable-added"
    ),
    _breaking(
        "an answer's items may be null",
        set_in(*SCHEMAS, "ListFilesResponse", "properties", "data", "nullable", value=True),
        "response-nullable-added",
    ),
    _breaking(
        "a list became an object",
        set_in(*SCHEMAS, "ListFilesResponse", "properties", "data", value={"type": "object"}),
        "response-type-changed",
    ),
    _breaking("an answer wrapped", wrap, "response-wrapped"),
    _breaking("an answer without body", drop(*JOBS, "get", "responses", "200", "content"), "response-body-removed"),
    _breaking("no success described", lambda d: status(d, "200", "400"), "response-success-removed"),
    _breaking(
        "an answer's media type",
        lambda d: at(d, *JOBS, "get", "responses", "200", "content").update(
            {"text/csv": at(d, *JOBS, "get", "responses", "200", "content").pop("application/json")}
        ),
        "response-media-type-removed",
    ),
    _breaking(
        "a security alternative gone",
        lambda d: texts(operation(d, "/files", "get")["security"]).pop(),
        "security-alternative-removed",
    ),
    _breaking("all alternatives need one more", demand_config, "security-alternative-removed"),
    _breaking(
        "a credential's header renamed",
        set_in(*SCHEMES, "Virtual-Key", "name", value="x-virtual"),
        "security-scheme-changed",
    ),
    _breaking(
        "a credential in the query", set_in(*SCHEMES, "Portkey-Key", "in", value="query"), "security-scheme-changed"
    ),
    _breaking("the server changed", move_servers, "server-removed"),
    _breaking("an unheard-of keyword", set_in(*BODY, "not", value={"required": ["seed"]}), "unclassified-changed"),
    _breaking(
        "a request field's pattern",
        set_in(*BODY, "properties", "suffix", "pattern", value="[a-z]+"),
        "request-limit-tightened",
    ),
    _breaking(
        "a path parameter's type",
        set_in("paths", JOB, "get", "parameters", 0, "schema", value=INTEGER),
        "request-type-changed",
    ),
)

# The tools that were compared and the generator that was measured before this project began.
MUTATIONS: tuple[Mutation, ...] = tuple(
    attrs.evolve(row, source="facts of the generator and of the toolchain", undone=row.undone or row.wanted)
    for row in _ROWS
)
