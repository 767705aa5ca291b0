"""One change of a text, in every place of a request where a text may stand.

The columns are the verdicts in a field of a body, in a field of an upload, in an object within a body, in a query, and
in a path. The letters are those of `in_responses`.
"""

from collections.abc import Iterator
from typing import Final

from scripts.specsync.document.json_values import JsonObject, JsonValue, copy_json
from tests.specsync.mutations.edits import (
    BODY,
    INTEGER,
    JOB,
    JOBS,
    SCHEMAS,
    STRING,
    Edit,
    Hurts,
    Mutation,
    at,
    codes,
    texts,
)
from tests.specsync.mutations.in_responses import VERDICTS, Place, Row

_FIELDS: Final = (*BODY, "properties")
PLACES: Final = (
    Place("a field", _FIELDS, "validation_file", is_given=True),
    Place("a field of an upload", (*SCHEMAS, "CreateFileRequest", "properties"), "label", is_given=False),
    Place("a field within a field", (*_FIELDS, "options", "properties"), "mode", is_given=False),
    Place("a query", (*JOBS, "get", "parameters", 0), "schema", is_given=True),
    Place("a path", ("paths", JOB, "get", "parameters", 0), "schema", is_given=True),
)

ROWS: Final = (
    Row("another type", INTEGER, "!!!!!", "!!!!!", "request-type-changed", "oasdiff/oasdiff#213"),
    Row("any type", {}, "+++++", "!!!!!", "request-type-widened", "oasdiff/oasdiff#1015"),
    Row("one of a list", {**STRING, "enum": ["a", "b"]}, "!!!!!", "+++++", "request-enum-imposed",
        "oasdiff/oasdiff#224"),
    Row("a date", {**STRING, "format": "date-time"}, "!!!!!", "!!!!!", "request-format-changed",
        "microsoft/typespec#5507"),
    Row("a mail address", {**STRING, "format": "email"}, "!!!!!", "+++++", "request-limit-tightened",
        "oasdiff/oasdiff#720"),
    Row("an unheard-of format", {**STRING, "format": "region-id"}, "+++++", "+++++", "request-format-noted",
        "facts of the generator"),
    Row("a longest length", {**STRING, "maxLength": 9}, "!!!!!", "+++++", "request-limit-tightened",
        "OpenAPITools/openapi-diff#319"),
    Row("a shortest length", {**STRING, "minLength": 2}, "!!!!!", "+++++", "request-limit-tightened",
        "OpenAPITools/openapi-diff#319"),
    Row("a pattern", {**STRING, "pattern": "[a-z]+"}, "!!!!!", "+++++", "request-limit-tightened",
        "oasdiff/oasdiff#720"),
    Row("null too", {**STRING, "nullable": True}, "+++++", "!!!!!", "request-nullable-added", "oasdiff/oasdiff#261"),
    Row("null as an alternative", {"anyOf": [STRING, {"type": "null"}]}, "+++++", "!!!!!", "request-nullable-added",
        "oasdiff/oasdiff#1088"),
    Row("null in a list of types", {"type": ["string", "null"]}, "+++++", "!!!!!", "request-nullable-added",
        "oasdiff/oasdiff#1017"),
    Row("a number as well", {"anyOf": [STRING, INTEGER]}, "+++++", "!!!!!", "request-widened-to-union",
        "oasdiff/oasdiff#929"),
    Row("a list as well", {"oneOf": [STRING, {"type": "array", "items": STRING}]}, "+++++", "!!!!!",
        "request-widened-to-union", "criteo/openapi-comparator#60"),
    Row("a number or a list", {"oneOf": [INTEGER, {"type": "array", "items": STRING}]}, "!!!!!", "!!!!!",
        "request-became-union", "oasdiff/oasdiff#929"),
    Row("a default", {**STRING, "default": "x"}, "+++++", "+++++", "default-changed", "oasdiff/oasdiff#200"),
    Row("read only", {**STRING, "readOnly": True}, "!!!++", "+++++", None, "oasdiff/oasdiff#126"),
    Row("write only", {**STRING, "writeOnly": True}, "+++++", "+++++", "annotation-changed", "oasdiff/oasdiff#281"),
    Row("deprecated", {**STRING, "deprecated": True}, "ddddd", "ddddd", "deprecation-changed", "oasdiff/oasdiff#929"),
    Row("a description", {**STRING, "description": "Words."}, "ddddd", "ddddd", "prose-changed",
        "facts of the toolchain"),
    Row("a title", {**STRING, "title": "Words"}, "+++++", "+++++", "titles-changed", "openapi-python-client#652"),
    Row("an `allOf` of one around it", {"allOf": [STRING]}, "=====", "=====", None, "oasdiff/oasdiff#1088"),
    Row("a `oneOf` of one around it", {"oneOf": [STRING]}, "=====", "=====", None, "criteo/openapi-comparator#60"),
    Row("nothing", None, "!!!!.", "++++.", None, "OpenAPITools/openapi-diff#490"),
)  # fmt: skip


def _given(place: Place) -> Edit:
    def edit(document: JsonObject) -> None:
        if place.name == "a field within a field":
            at(document, *_FIELDS)["options"] = {"type": "object", "properties": {"mode": dict(STRING)}}
        elif not place.is_given:
            at(document, *place.holder)[place.key] = dict(STRING)

    return edit


def _edit(place: Place, change: JsonObject | None) -> Edit:
    def edit(document: JsonObject) -> None:
        holder = at(document, *place.holder)
        if change is not None:
            known: JsonValue = holder[place.key]
            assert known == STRING
            holder[place.key] = copy_json(change)
        elif place.name == "a query":
            texts(at(document, *place.holder[:-1])).pop(int(place.holder[-1]))
        else:
            del holder[place.key]

    return edit


def _demanded(place: Place) -> Edit:
    def edit(document: JsonObject) -> None:
        if place.name == "a query":
            at(document, *place.holder)["required"] = True
            return
        owner = at(document, *place.holder[:-1])
        known = owner.get("required")
        owner["required"] = [*(known if isinstance(known, list) else []), place.key]

    return edit


def _mutations() -> Iterator[Mutation]:
    for row in ROWS:
        for place, verdict, undone in zip(PLACES, row.verdicts, row.undone, strict=True):
            if verdict == ".":
                continue
            yield Mutation(
                f"{place.name} of a request becomes {row.name}",
                _edit(place, row.change),
                codes(VERDICTS[verdict]),
                row.rule,
                codes(VERDICTS[undone]),
                Hurts.SENDER if verdict == "!" else Hurts.NOBODY,
                row.source,
                _given(place),
            )
    for place in PLACES[:-1]:
        rule = "parameter-became-required" if place.name == "a query" else "request-property-became-required"
        yield Mutation(
            f"{place.name} of a request is demanded",
            _demanded(place),
            codes(VERDICTS["!"]),
            rule,
            codes(VERDICTS["+"]),
            Hurts.SENDER,
            "OpenAPITools/openapi-diff#346",
            _given(place),
        )


MUTATIONS: tuple[Mutation, ...] = tuple(_mutations())
