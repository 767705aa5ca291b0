"""Changes that hurt nobody, each on its own."""

import attrs

from tests.specsync.mutations.edits import (
    ADDITIVE,
    BODY,
    DOCS,
    INTEGER,
    JOB,
    JOB_FIELDS,
    JOBS,
    LIMIT,
    METRICS,
    OVERLAY,
    SAME,
    SCHEMAS,
    STOPPED,
    STRING,
    Edit,
    Mutation,
    answer,
    append,
    at,
    both,
    drop,
    headers,
    inline,
    move_path,
    rename_component,
    rename_scheme,
    reverse,
    set_in,
    split_base,
    status,
    take_out,
    to_modern,
)


def _mutation(name: str, apply: Edit, wanted: frozenset[int], rule: str | None = None) -> Mutation:
    (first, *_) = sorted(wanted)
    undone = STOPPED if name in UNDONE_THEY_BREAK else frozenset({first, max(wanted - {OVERLAY})})
    return Mutation(name, apply, wanted, rule, undone)


def _additive(name: str, apply: Edit, rule: str | None = None) -> Mutation:
    return _mutation(name, apply, frozenset({ADDITIVE}), rule)


# What a caller may have begun to use, so that taking it away again breaks.
UNDONE_THEY_BREAK = frozenset(
    {
        "a parameter on the list of files",
        "a parameter that the overlay adds",
        "a request body optional",
        "a request enum lifted",
        "a request enum value added",
        "a request field optional",
        "a request field that the overlay adds",
        "a request form added",
        "a request type widened",
        "a request value may be a list too",
        "a request value may be null",
        "a security alternative added",
        "a server added",
        "an answer's type narrowed",
        "an optional body added",
        "an optional parameter added",
        "an optional request field added",
    }
)

_ROWS: tuple[Mutation, ...] = (
    Mutation("everything in another order", reverse, frozenset({SAME})),
    Mutation("OpenAPI 3.1 spelling", to_modern, frozenset({SAME})),
    # No fact changes; but the overlay speaks of properties by their place, and must be moved along.
    Mutation("a part moved into an allOf base", split_base, frozenset({SAME, ADDITIVE, OVERLAY})),
    Mutation(
        "an answer wrapped in an allOf of one",
        lambda d: answer(d, JOB, "get").update(schema={"allOf": [{"$ref": "#/components/schemas/FineTuningJob"}]}),
        frozenset({SAME}),
    ),
    Mutation(
        "an unselected operation added",
        lambda d: at(d, "paths").update({"/x": {"get": {"responses": {}}}}),
        frozenset({SAME}),
    ),
    Mutation("an unused component added", set_in(*SCHEMAS, "Unused", value={"type": "object"}), frozenset({SAME})),
    Mutation("required: false written out", set_in(*LIMIT, "required", value=False), frozenset({SAME})),
    Mutation("nullable: false written out", set_in(*JOB_FIELDS, "status", "nullable", value=False), frozenset({SAME})),
    Mutation("a summary", set_in(*JOBS, "get", "summary", value="List."), frozenset({DOCS}), "prose-changed"),
    Mutation("a description of a field", set_in(*JOB_FIELDS, "status", "description", value="S."), frozenset({DOCS})),
    Mutation("an example", set_in(*JOB_FIELDS, "status", "example", value="x"), frozenset({DOCS}), "prose-changed"),
    Mutation("code samples", set_in(*JOBS, "get", "x-code-samples", value=[{"lang": "x"}]), frozenset({DOCS})),
    Mutation("the description of the whole", set_in("info", "description", value="New."), frozenset({DOCS})),
    Mutation(
        "the version of the whole", set_in("info", "version", value="2.1.0"), frozenset({DOCS}), "version-changed"
    ),
    Mutation("a deprecation", set_in(*JOBS, "get", "deprecated", value=True), frozenset({DOCS}), "deprecation-changed"),
    _additive("an operationId", set_in(*JOBS, "get", "operationId", value="other"), "operation-renamed"),
    _additive("a tag", set_in(*JOBS, "get", "tags", value=["Other"]), "tags-changed"),
    _additive("a title", set_in(*SCHEMAS, "FineTuningJob", "title", value="Job"), "titles-changed"),
    _additive(
        "a path parameter",
        lambda d: move_path(d, JOB, "/fine_tuning/jobs/{job_id}", {"fine_tuning_job_id": "job_id"}),
        "path-renamed",
    ),
    _additive("a security scheme's name", lambda d: rename_scheme(d, "Config", "Config-Id"), "security-scheme-renamed"),
    Mutation(
        "a component's name",
        lambda d: rename_component(d, "FineTuningJobEvent", "TuningEvent"),
        frozenset({ADDITIVE, OVERLAY}),
        "component-renamed",
    ),
    Mutation("an answer written in place", inline, frozenset({ADDITIVE}), "component-inlined"),
    _additive("an answer's field added", set_in(*JOB_FIELDS, "region", value=STRING), "response-property-added"),
    _additive(
        "an answer's required field added",
        both(
            set_in(*JOB_FIELDS, "region", value=STRING), append(*SCHEMAS, "FineTuningJob", "required", value="region")
        ),
        "response-property-added",
    ),
    _additive(
        "an answer's metric added", set_in(*METRICS, "perplexity", value={"type": "number"}), "response-property-added"
    ),
    _additive(
        "an answer's enum value added",
        append(*JOB_FIELDS, "status", "enum", value="paused"),
        "response-enum-value-added",
    ),
    _additive(
        "an answer's enum value gone",
        take_out(*JOB_FIELDS, "status", "enum", value="queued"),
        "response-enum-value-removed",
    ),
    _additive("an answer's enum lifted", drop(*JOB_FIELDS, "status", "enum"), "response-enum-lifted"),
    _additive(
        "an answer's field limited to a list",
        set_in(*JOB_FIELDS, "model", "enum", value=["a"]),
        "response-enum-imposed",
    ),
    _additive(
        "an answer's field optional",
        take_out(*SCHEMAS, "FineTuningJob", "required", value="model"),
        "response-property-became-optional",
    ),
    _additive(
        "an answer's field required",
        append(*SCHEMAS, "FineTuningJob", "required", value="integrations"),
        "response-property-became-required",
    ),
    _additive(
        "an answer's field may be null", set_in(*JOB_FIELDS, "model", "nullable", value=True), "response-nullable-added"
    ),
    _additive(
        "an answer's field never null", drop(*JOB_FIELDS, "finished_at", "nullable"), "response-nullable-removed"
    ),
    _additive("an answer's bound", set_in(*JOB_FIELDS, "seed", "minimum", value=1), "response-limit-changed"),
    _additive(
        "an answer closed", set_in(*SCHEMAS, "FineTuningJob", "additionalProperties", value=False), "response-closed"
    ),
    _additive("another status of success", lambda d: status(d, "200", "201"), "success-status-changed"),
    _additive(
        "a second status of success",
        lambda d: at(d, *JOBS, "post", "responses").update({"202": {"description": "x"}}),
        "response-success-added",
    ),
    _additive(
        "an error described",
        set_in(*JOBS, "get", "responses", "404", value={"description": "x"}),
        "response-error-added",
    ),
    _additive(
        "a header of an answer",
        lambda d: headers(d).update(headers={"x-id": {"schema": dict(STRING)}}),
        "response-header-added",
    ),
    _additive(
        "an answer in another form too",
        set_in(*JOBS, "get", "responses", "200", "content", "text/csv", value={"schema": STRING}),
        "response-media-type-added",
    ),
    _additive(
        "an optional parameter added",
        append(*JOBS, "get", "parameters", value={"name": "order", "in": "query", "schema": STRING}),
        "parameter-optional-added",
    ),
    _additive(
        "a parameter that the overlay adds",
        append("paths", "/files", "get", "parameters", value={"name": "after", "in": "query", "schema": STRING}),
        "parameter-optional-added",
    ),
    _additive(
        "a parameter on the list of files",
        append("paths", "/files", "get", "parameters", value={"name": "limit", "in": "query", "schema": INTEGER}),
        "parameter-optional-added",
    ),
    _additive("a default", set_in(*LIMIT, "schema", "default", value=10), "default-changed"),
    _additive(
        "an optional request field added",
        set_in(*BODY, "properties", "region", value=STRING),
        "request-property-optional-added",
    ),
    _additive(
        "a request field that the overlay adds",
        set_in(*BODY, "properties", "seed", value=INTEGER),
        "request-property-optional-added",
    ),
    _additive(
        "a request field optional", take_out(*BODY, "required", value="suffix"), "request-property-became-optional"
    ),
    _additive(
        "a request enum value added",
        append(*SCHEMAS, "CreateFileRequest", "properties", "purpose", "enum", value="evals"),
        "request-enum-value-added",
    ),
    _additive(
        "a request enum lifted",
        drop(*SCHEMAS, "CreateFileRequest", "properties", "purpose", "enum"),
        "request-enum-lifted",
    ),
    _additive(
        "a request value may be null",
        set_in(*BODY, "properties", "suffix", "nullable", value=True),
        "request-nullable-added",
    ),
    _additive("a request type widened", set_in(*LIMIT, "schema", "type", value="number"), "request-type-widened"),
    _additive(
        "a request form added",
        append(
            *JOBS,
            "post",
            "requestBody",
            "content",
            "application/json",
            "schema",
            "anyOf",
            value={"type": "object", "properties": {"recipe": STRING}},
        ),
        "request-alternative-added",
    ),
    _additive(
        "a server added", append(*JOBS, "get", "servers", value={"url": "https://eu.portkey.ai/v1"}), "server-added"
    ),
    _additive(
        "a placeholder added",
        append(*JOBS, "get", "servers", value={"url": "EU_GATEWAY_URL"}),
        "server-placeholder-added",
    ),
    _additive(
        "a security alternative added",
        append(*JOBS, "get", "security", value={"Portkey-Key": []}),
        "security-alternative-added",
    ),
    _additive(
        "a request body optional",
        set_in(*JOBS, "post", "requestBody", "required", value=False),
        "request-body-became-optional",
    ),
    _additive(
        "an optional body added",
        set_in(
            "paths",
            JOB + "/cancel",
            "post",
            "requestBody",
            value={"content": {"application/json": {"schema": {"type": "object"}}}},
        ),
        "request-body-optional-added",
    ),
    _additive("an answer's type narrowed", set_in(*METRICS, "step", value=INTEGER), "response-type-narrowed"),
    _additive(
        "a request value may be a list too",
        set_in(*BODY, "properties", "suffix", value={"anyOf": [STRING, {"type": "array", "items": STRING}]}),
        "request-widened-to-union",
    ),
)

# The tools that were compared and the generator that was measured before this project began.
MUTATIONS: tuple[Mutation, ...] = tuple(
    attrs.evolve(row, source="facts of the generator and of the toolchain", undone=row.undone or row.wanted)
    for row in _ROWS
)
