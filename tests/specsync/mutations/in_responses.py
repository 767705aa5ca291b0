"""One change of a text, in every place of a response where a text may stand: who is hurt depends on the place.

The columns are the verdicts where the facade reads the value and can do without it, where nobody reads it, where it
cannot do without it, in an error, and in a header. A letter stands for a verdict: `=` same, `d` docs, `+` additive, `!`
breaking, `.` does not apply.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from scripts.specsync.document.json_values import JsonObject, JsonValue, copy_json
from tests.specsync.mutations.edits import (
    ADDITIVE,
    BREAKING,
    DOCS,
    INTEGER,
    JOB,
    JOB_FIELDS,
    SAME,
    SCHEMAS,
    STRING,
    Edit,
    Hurts,
    Mutation,
    at,
    codes,
)

VERDICTS: Final = {"=": SAME, "d": DOCS, "+": ADDITIVE, "!": BREAKING}
# What stands in a place that the document does not have yet.
_PROBLEM: Final[JsonObject] = {"type": "object", "properties": {"message": {"type": "string"}}}
_NOT_FOUND: Final[JsonObject] = {
    "description": "x",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
_HEADER: Final = (*("paths", JOB, "get", "responses", "200"), "headers")


class Place(NamedTuple):
    """A place of a text: the object that holds it and the key under which it stands there."""

    name: str
    holder: tuple[str | int, ...]
    key: str
    is_given: bool


PLACES: Final = (
    Place("a field that is read", JOB_FIELDS, "model", is_given=True),
    Place("a field that nobody reads", JOB_FIELDS, "region", is_given=False),
    Place("a field that is needed", JOB_FIELDS, "id", is_given=True),
    Place("a field of an error", (*SCHEMAS, "Problem", "properties"), "message", is_given=False),
    Place("a header", (*_HEADER, "x-region"), "schema", is_given=False),
)


class Row(NamedTuple):
    """One change with its verdicts, and those of its reverse, by place."""

    name: str
    change: JsonObject | None
    verdicts: str
    undone: str
    rule: str | None
    source: str


ROWS: Final = (
    Row("another type", INTEGER, "!+!++", "!+!++", "response-type-changed", "OpenAPITools/openapi-diff#199"),
    Row("an object", {"type": "object", "properties": {"a": STRING}}, "!+!++", "!+!++", "response-type-changed",
        "oasdiff/oasdiff#365"),
    Row("any type", {}, "!+!++", "+++++", "response-type-widened", "oasdiff/oasdiff#1015"),
    Row("null too", {**STRING, "nullable": True}, "++!++", "+++++", "response-nullable-added", "oasdiff/oasdiff#223"),
    Row("null as an alternative", {"anyOf": [STRING, {"type": "null"}]}, "++!++", "+++++", "response-nullable-added",
        "oasdiff/oasdiff#398"),
    Row("null as an alternative of exactly one", {"oneOf": [{"type": "null"}, STRING]}, "++!++", "+++++",
        "response-nullable-added", "oasdiff/oasdiff#1091"),
    Row("null in a list of types", {"type": ["string", "null"]}, "++!++", "+++++", "response-nullable-added",
        "pb33f/openapi-changes#247"),
    Row("one of a list", {**STRING, "enum": ["a", "b"]}, "+++++", "+++++", "response-enum-imposed",
        "oasdiff/oasdiff#861"),
    Row("a date", {**STRING, "format": "date-time"}, "!+!++", "!+!++", "response-format-changed",
        "oasdiff/oasdiff#398"),
    Row("a mail address", {**STRING, "format": "email"}, "+++++", "+++++", "response-limit-changed",
        "OpenAPITools/openapi-diff#490"),
    Row("an unheard-of format", {**STRING, "format": "region-id"}, "+++++", "+++++", "response-limit-changed",
        "facts of the generator"),
    Row("a longest length", {**STRING, "maxLength": 9}, "+++++", "+++++", "response-limit-changed",
        "facts of the generator"),
    Row("a pattern", {**STRING, "pattern": "[a-z]+"}, "+++++", "+++++", "response-limit-changed",
        "oasdiff/oasdiff#720"),
    Row("a number as well", {"anyOf": [STRING, INTEGER]}, "!+!++", "+++++", "response-became-union",
        "oasdiff/oasdiff#398"),
    Row("a list as well", {"oneOf": [STRING, {"type": "array", "items": STRING}]}, "!+!++", "+++++",
        "response-became-union", "facts of the gateway"),
    Row("a default", {**STRING, "default": "x"}, "+++++", "+++++", "default-changed", "OpenAPITools/openapi-diff#484"),
    Row("read only", {**STRING, "readOnly": True}, "+++++", "+++++", "annotation-changed", "Azure/openapi-diff#172"),
    Row("write only", {**STRING, "writeOnly": True}, "!+!+.", "++++.", "response-property-removed",
        "oasdiff/oasdiff#1214"),
    Row("deprecated", {**STRING, "deprecated": True}, "ddddd", "ddddd", "deprecation-changed", "oasdiff/oasdiff#929"),
    Row("a description", {**STRING, "description": "Words."}, "ddddd", "ddddd", "prose-changed",
        "facts of the toolchain"),
    Row("a title", {**STRING, "title": "Words"}, "+++++", "+++++", "titles-changed", "openapi-python-client#652"),
    Row("an `allOf` of one around it", {"allOf": [STRING]}, "=====", "=====", None, "oasdiff/oasdiff#1088"),
    Row("an `anyOf` of one around it", {"anyOf": [STRING]}, "=====", "=====", None, "criteo/openapi-comparator#60"),
    Row("nothing", None, "!+!+.", "++++.", "response-property-removed", "OpenAPITools/openapi-diff#198"),
)  # fmt: skip


def _given(place: Place) -> Edit:
    def edit(document: JsonObject) -> None:
        if place.name == "a field of an error":
            at(document, *SCHEMAS)["Problem"] = copy_json(_PROBLEM)
            at(document, "paths", JOB, "get", "responses")["404"] = copy_json(_NOT_FOUND)
        elif place.name == "a header":
            at(document, *_HEADER[:-1])["headers"] = {"x-region": {"schema": dict(STRING)}}
        elif not place.is_given:
            at(document, *place.holder)[place.key] = dict(STRING)

    return edit


def _edit(place: Place, change: JsonObject | None) -> Edit:
    def edit(document: JsonObject) -> None:
        holder = at(document, *place.holder)
        if change is None:
            del holder[place.key]
        else:
            known: JsonValue = holder[place.key]
            assert known == STRING
            holder[place.key] = copy_json(change)

    return edit


def _mutations() -> Iterator[Mutation]:
    for row in ROWS:
        for place, verdict, undone in zip(PLACES, row.verdicts, row.undone, strict=True):
            if verdict == ".":
                continue
            yield Mutation(
                f"{place.name} of a response becomes {row.name}",
                _edit(place, row.change),
                codes(VERDICTS[verdict]),
                row.rule,
                codes(VERDICTS[undone]),
                Hurts.READER if verdict == "!" else Hurts.NOBODY,
                row.source,
                _given(place),
            )


MUTATIONS: tuple[Mutation, ...] = tuple(_mutations())
