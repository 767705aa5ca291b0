"""Edits of documents, and mutations: a change with the verdicts that it and its reverse must get."""

from collections.abc import Callable
from enum import StrEnum
from typing import cast

import attrs

from scripts.specsync.document.json_values import JsonObject, JsonValue, copy_json

SAME, SOURCE, OVERLAY, DOCS, ADDITIVE, BREAKING = 0, 5, 6, 10, 20, 30
STOPPED = frozenset({BREAKING, OVERLAY, 7, 8})
JOB = "/fine_tuning/jobs/{fine_tuning_job_id}"
Edit = Callable[[JsonObject], None]


class Hurts(StrEnum):
    """Whom a change hurts, which decides on the verdict."""

    NOBODY = "nobody"
    READER = "who reads a response"
    SENDER = "who sends a request"
    CALLER = "who calls at all"
    UNREADABLE = "the maintainer: there is no document to judge"


@attrs.frozen
class Mutation:
    """One change that upstream could make.

    `wanted` are the exit codes that it may get, and `undone` those of its reverse; `rule` is the rule that
    must report it, if any. `source` is a public report of such a change. `given` prepares the document.
    """

    name: str
    apply: Edit
    wanted: frozenset[int]
    rule: str | None = None
    undone: frozenset[int] = frozenset()
    hurts: Hurts = Hurts.NOBODY
    source: str = ""
    given: Edit | None = None


def codes(verdict: int | frozenset[int]) -> frozenset[int]:
    """Return the exit codes that count as a verdict: any way of stopping counts as a break."""
    if isinstance(verdict, frozenset):
        return verdict
    return STOPPED if verdict == BREAKING else frozenset({verdict})


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
        holder: JsonValue = at(document, *path[:-1])
        if isinstance(holder, list):
            holder[int(path[-1])] = copy_json(value)
        else:
            cast("JsonObject", holder)[str(path[-1])] = copy_json(value)

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
