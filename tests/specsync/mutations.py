"""Changes that upstream could make to the selected operations, each with the verdict that it must get.

A mutation edits a document in place. `BREAKING`, `ADDITIVE`, `DOCS`, `SAME` and `SOURCE` are the exit codes of the
design; `stopped` stands for a break that any of 30, 6, 7 and 8 may stop.
"""

from collections.abc import Callable
from typing import cast

import attrs

from scripts.specsync.document.json_values import JsonObject, JsonValue, copy_json

SAME, SOURCE, OVERLAY, DOCS, ADDITIVE, BREAKING = 0, 5, 6, 10, 20, 30
STOPPED = frozenset({BREAKING, OVERLAY, 7, 8})
JOB = "/fine_tuning/jobs/{fine_tuning_job_id}"


@attrs.frozen
class Mutation:
    """One change, what it must be judged, and by which rule it is told (None where none is needed)."""

    name: str
    apply: Callable[[JsonObject], None]
    wanted: frozenset[int]
    rule: str | None = None


def at(document: JsonValue, *tokens: str | int) -> JsonObject:
    for token in tokens:
        holder = document
        document = holder[str(token)] if isinstance(holder, dict) else cast("list[JsonValue]", holder)[int(token)]
    return cast("JsonObject", document)


def schema(document: JsonObject, name: str) -> JsonObject:
    return at(document, "components", "schemas", name)


def properties(document: JsonObject, name: str) -> JsonObject:
    return at(document, "components", "schemas", name, "properties")


def operation(document: JsonObject, path: str, method: str) -> JsonObject:
    return at(document, "paths", path, method)


def parameters(document: JsonObject, path: str = "/fine_tuning/jobs", method: str = "get") -> list[JsonObject]:
    return cast("list[JsonObject]", operation(document, path, method)["parameters"])


def answer(document: JsonObject, path: str, method: str) -> JsonObject:
    return at(document, "paths", path, method, "responses", "200", "content", "application/json")


def texts(value: JsonValue) -> list[JsonValue]:
    return cast("list[JsonValue]", value)


def rename_component(document: JsonObject, old: str, new: str) -> None:
    def walk(value: JsonValue) -> None:
        if isinstance(value, dict):
            if value.get("$ref") == f"#/components/schemas/{old}":
                value["$ref"] = f"#/components/schemas/{new}"
            for member in value.values():
                walk(member)
        elif isinstance(value, list):
            for member in value:
                walk(member)

    walk(document)
    schemas = at(document, "components", "schemas")
    schemas[new] = schemas.pop(old)


def rename_scheme(document: JsonObject, old: str, new: str) -> None:
    schemes = at(document, "components", "securitySchemes")
    schemes[new] = schemes.pop(old)
    for item in at(document, "paths").values():
        for entry in cast("JsonObject", item).values():
            for alternative in cast("list[JsonObject]", cast("JsonObject", entry)["security"]):
                if old in alternative:
                    alternative[new] = alternative.pop(old)


def every_operation(document: JsonObject) -> list[JsonObject]:
    return [
        cast("JsonObject", entry)
        for item in at(document, "paths").values()
        for entry in cast("JsonObject", item).values()
    ]


def move_path(document: JsonObject, old: str, new: str, names: dict[str, str]) -> None:
    paths = at(document, "paths")
    paths[new] = paths.pop(old)
    for entry in cast("JsonObject", paths[new]).values():
        for parameter in cast("list[JsonObject]", cast("JsonObject", entry)["parameters"]):
            parameter["name"] = names.get(str(parameter["name"]), parameter["name"])


def wrap(document: JsonObject) -> None:
    content = answer(document, JOB, "get")
    content["schema"] = {"type": "object", "properties": {"data": content["schema"]}}


def inline(document: JsonObject) -> None:
    answer(document, JOB, "get")["schema"] = copy_json(schema(document, "FineTuningJob"))


def reverse(document: JsonObject) -> None:
    paths = at(document, "paths")
    document["paths"] = dict(reversed(paths.items()))
    for entry in every_operation(document):
        for key in ("parameters", "security", "servers"):
            if isinstance(entry.get(key), list):
                entry[key] = list(reversed(texts(entry[key])))
    for value in at(document, "components", "schemas").values():
        if isinstance(value, dict) and isinstance(value.get("required"), list):
            value["required"] = list(reversed(texts(value["required"])))
        if isinstance(value, dict) and isinstance(value.get("properties"), dict):
            value["properties"] = dict(reversed(cast("JsonObject", value["properties"]).items()))


def form_body(document: JsonObject) -> None:
    content = at(document, "paths", "/fine_tuning/jobs", "post", "requestBody", "content")
    content["application/x-www-form-urlencoded"] = copy_json(content["application/json"])


def status(document: JsonObject, old: str, new: str) -> None:
    responses = at(document, "paths", "/fine_tuning/jobs", "post", "responses")
    responses[new] = responses.pop(old)


def headers(document: JsonObject) -> JsonObject:
    return at(document, "paths", "/files", "get", "responses", "200")


def purpose(document: JsonObject) -> JsonObject:
    return at(document, "components", "schemas", "CreateFileRequest", "properties", "purpose")


def to_modern(document: JsonObject) -> None:
    def walk(value: JsonValue) -> None:
        if isinstance(value, dict):
            if value.get("nullable") is True and isinstance(value.get("type"), str):
                value["type"] = [value["type"], "null"]
                del value["nullable"]
            for member in value.values():
                walk(member)
        elif isinstance(value, list):
            for member in value:
                walk(member)

    document["openapi"] = "3.1.0"
    walk(document["components"])


def split_base(document: JsonObject) -> None:
    """Move half of a component's properties into a base that it is all of."""
    whole = schema(document, "OpenAIFile")
    moved = at(whole, "properties")
    names = sorted(moved)[:4]
    base: JsonObject = {"type": "object", "properties": {name: moved.pop(name) for name in names}}
    at(document, "components", "schemas")["FileBase"] = base
    document_schemas = at(document, "components", "schemas")
    document_schemas["OpenAIFile"] = {"allOf": [{"$ref": "#/components/schemas/FileBase"}, whole]}


def demand_config(document: JsonObject) -> None:
    for alternative in texts(operation(document, "/files", "get")["security"]):
        cast("JsonObject", alternative)["Config"] = []


def move_servers(document: JsonObject) -> None:
    for entry in every_operation(document):
        entry["servers"] = [{"url": "https://api.portkey.ai/v2"}]


def both(*changes: Callable[[JsonObject], None]) -> Callable[[JsonObject], None]:
    def apply(document: JsonObject) -> None:
        for change in changes:
            change(document)

    return apply


def set_in(*path: str | int, value: JsonValue) -> Callable[[JsonObject], None]:
    def apply(document: JsonObject) -> None:
        at(document, *path[:-1])[str(path[-1])] = copy_json(value)

    return apply


def drop(*path: str | int) -> Callable[[JsonObject], None]:
    def apply(document: JsonObject) -> None:
        del at(document, *path[:-1])[str(path[-1])]

    return apply


def append(*path: str | int, value: JsonValue) -> Callable[[JsonObject], None]:
    def apply(document: JsonObject) -> None:
        texts(at(document, *path)).append(copy_json(value))

    return apply


def take_out(*path: str | int, value: JsonValue) -> Callable[[JsonObject], None]:
    def apply(document: JsonObject) -> None:
        texts(at(document, *path)).remove(value)

    return apply


JOBS = ("paths", "/fine_tuning/jobs")
SCHEMAS = ("components", "schemas")
JOB_FIELDS = (*SCHEMAS, "FineTuningJob", "properties")
BODY = (*SCHEMAS, "OpenAIFinetuneJob")
METRICS = (*SCHEMAS, "FineTuningJobCheckpoint", "properties", "metrics", "properties")
LIMIT = (*JOBS, "get", "parameters", 1)
SCHEMES = ("components", "securitySchemes")
INTEGER: JsonObject = {"type": "integer"}
STRING: JsonObject = {"type": "string"}


def _additive(name: str, apply: Callable[[JsonObject], None], rule: str | None = None) -> Mutation:
    return Mutation(name, apply, frozenset({ADDITIVE}), rule)


def _breaking(name: str, apply: Callable[[JsonObject], None], rule: str | None = None) -> Mutation:
    return Mutation(name, apply, STOPPED, rule)


MUTATIONS: tuple[Mutation, ...] = (
    # ------------------------------------------------------------------------------------------------ nothing at all
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
    # ---------------------------------------------------------------------------------------------------------- docs
    Mutation("a summary", set_in(*JOBS, "get", "summary", value="List."), frozenset({DOCS}), "prose-changed"),
    Mutation("a description of a field", set_in(*JOB_FIELDS, "status", "description", value="S."), frozenset({DOCS})),
    Mutation("an example", set_in(*JOB_FIELDS, "status", "example", value="x"), frozenset({DOCS}), "prose-changed"),
    Mutation("code samples", set_in(*JOBS, "get", "x-code-samples", value=[{"lang": "x"}]), frozenset({DOCS})),
    Mutation("the description of the whole", set_in("info", "description", value="New."), frozenset({DOCS})),
    Mutation(
        "the version of the whole", set_in("info", "version", value="2.1.0"), frozenset({DOCS}), "version-changed"
    ),
    Mutation("a deprecation", set_in(*JOBS, "get", "deprecated", value=True), frozenset({DOCS}), "deprecation-changed"),
    # --------------------------------------------------------------------------------------------------------- names
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
    # ------------------------------------------------------------------------------------------------ wire, harmless
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
    _additive("all of an answer's fields optional", drop(*SCHEMAS, "FineTuningJob", "required")),
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
    # ----------------------------------------------------------------------------------------- breaks of the wire
    Mutation("an operation gone", drop("paths", JOB + "/cancel"), frozenset({SOURCE})),
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
    # ------------------------------------------------------------------------------------------------ no document more
    Mutation(
        "a dangling reference",
        lambda d: answer(d, JOB, "get").update(schema={"$ref": "#/components/schemas/Gone"}),
        frozenset({SOURCE}),
    ),
    Mutation(
        "a reference to elsewhere",
        lambda d: answer(d, JOB, "get").update(schema={"$ref": "other.yaml#/X"}),
        frozenset({SOURCE}),
    ),
    Mutation("OpenAPI 3.2", set_in("openapi", value="3.2.0"), frozenset({SOURCE})),
    Mutation("Swagger 2", both(drop("openapi"), set_in("swagger", value="2.0")), frozenset({SOURCE})),
    Mutation("paths as a list", set_in("paths", value=[]), frozenset({SOURCE})),
    Mutation("parameters as a mapping", set_in(*JOBS, "get", "parameters", value={}), frozenset({SOURCE})),
    Mutation("properties as a list", set_in(*SCHEMAS, "FineTuningJob", "properties", value=[]), frozenset({SOURCE})),
    Mutation("an unknown security scheme", append(*JOBS, "get", "security", value={"Nobody": []}), frozenset({SOURCE})),
    Mutation(
        "a required field that is none",
        append(*SCHEMAS, "OpenAIFile", "required", value="nothing"),
        frozenset({SOURCE, ADDITIVE, SAME}),
    ),
    Mutation(
        "an operation under two templates",
        lambda d: at(d, "paths").update({"/files/{other}": copy_json(at(d, "paths", "/files/{file_id}"))}),
        frozenset({SOURCE}),
    ),
)
