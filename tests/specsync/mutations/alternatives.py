"""What stands beside alternatives, and alternatives beside others."""

from typing import Final

from scripts.specsync.document.json_values import JsonValue
from tests.specsync.mutations.edits import (
    ADDITIVE,
    BREAKING,
    JOB_FIELDS,
    JOBS,
    OVERLAY,
    SAME,
    SCHEMAS,
    STRING,
    at,
    drop,
    set_in,
    texts,
)
from tests.specsync.mutations.rows import Row, mutations

_CONTENT: Final = (*JOBS, "post", "requestBody", "content", "application/json")
_UNION: Final = (*_CONTENT, "schema")
_EITHER: Final[JsonValue] = [{"required": ["a"]}, {"required": ["b"]}]


MUTATIONS = mutations(
    (
        Row(
            "a field gone beside alternatives",
            drop(*JOB_FIELDS, "status"),
            BREAKING,
            ADDITIVE,
            "response-property-removed",
            "oasdiff/oasdiff#607",
            set_in(*SCHEMAS, "FineTuningJob", "anyOf", value=[{"required": ["id"]}, {"required": ["status"]}]),
        ),
        Row(
            "a demanded field beside alternatives",
            lambda d: at(d, *_UNION).update(required=["organization"], properties={"organization": dict(STRING)}),
            BREAKING,
            BREAKING,
            "request-property-required-added",
            "criteo/openapi-comparator#60",
        ),
        Row(
            "an optional field beside alternatives",
            lambda d: at(d, *_UNION).update(properties={"note": dict(STRING)}),
            ADDITIVE,
            BREAKING,
            "request-property-optional-added",
            "criteo/openapi-comparator#60",
        ),
        Row(
            "`not` beside alternatives",
            set_in(*_UNION, "not", value={"required": ["seed"]}),
            BREAKING,
            BREAKING,
            "unclassified-changed",
            "facts of the toolchain",
        ),
        Row(
            "`enum` beside alternatives",
            set_in(*_UNION, "enum", value=[{}]),
            BREAKING,
            ADDITIVE,
            "request-enum-imposed",
            "oasdiff/oasdiff#861",
        ),
        Row(
            "`default` beside alternatives",
            set_in(*_UNION, "default", value={}),
            ADDITIVE,
            ADDITIVE,
            "default-changed",
            "oasdiff/oasdiff#200",
        ),
        Row(
            "closed beside alternatives",
            set_in(*_UNION, "additionalProperties", value=False),
            BREAKING,
            ADDITIVE,
            "request-closed",
            "udamir/api-smart-diff#5",
        ),
        Row(
            "nullable beside alternatives",
            set_in(*_UNION, "nullable", value=True),
            ADDITIVE,
            BREAKING,
            "request-nullable-added",
            "oasdiff/oasdiff#1088",
        ),
        Row(
            "a second kind of alternatives gone by one",
            lambda d: texts(at(d, *_UNION)["oneOf"]).pop(),
            BREAKING,
            ADDITIVE,
            None,
            "oasdiff/oasdiff#929",
            set_in(*_UNION, "oneOf", value=_EITHER),
        ),
        Row(
            "a second kind of alternatives",
            set_in(*_UNION, "oneOf", value=[{"required": ["a"]}, {"required": ["b"]}]),
            BREAKING,
            ADDITIVE,
            "request-became-union",
            "oasdiff/oasdiff#929",
        ),
        Row(
            "alternatives of a field of a response that demand a field more",
            set_in(*SCHEMAS, "FineTuningJob", "anyOf", value=[{"required": ["seed"]}, {"required": ["model"]}]),
            ADDITIVE,
            ADDITIVE,
            "response-became-union",
            "oasdiff/oasdiff#607",
        ),
        Row(
            "`anyOf` becomes `oneOf`",
            lambda d: at(d, *_UNION).update(oneOf=at(d, *_UNION).pop("anyOf")),
            frozenset({ADDITIVE, OVERLAY}),
            frozenset({ADDITIVE, OVERLAY}),
            "union-keyword-changed",
            "oasdiff/oasdiff#929",
        ),
        Row(
            "alternatives in another order",
            lambda d: texts(at(d, *_UNION)["anyOf"]).reverse(),
            SAME,
            SAME,
            None,
            "oasdiff/oasdiff#929",
        ),
    )
)
