"""What OpenAPI 3.1 writes in another way than 3.0, and what only 3.1 can say."""

from typing import Final

from tests.specsync.mutations.edits import (
    ADDITIVE,
    INTEGER,
    JOB_FIELDS,
    METRICS,
    SAME,
    SCHEMAS,
    STRING,
    Edit,
    both,
    schema,
    set_in,
)
from tests.specsync.mutations.rows import Row, mutations

_UPLOAD: Final = (*SCHEMAS, "CreateFileRequest")


def _in_31(*changes: Edit) -> Edit:
    return both(set_in("openapi", value="3.1.0"), *changes)


MUTATIONS = mutations(
    (
        Row(
            "`byte` as an encoding",
            _in_31(set_in(*_UPLOAD, "properties", "note", value={"type": "string", "contentEncoding": "base64"})),
            SAME,
            SAME,
            None,
            "microsoft/typespec#5507",
            set_in(*_UPLOAD, "properties", "note", value={"type": "string", "format": "byte"}),
        ),
        Row(
            "`binary` as a media type",
            _in_31(set_in(*_UPLOAD, "properties", "file", value={"contentMediaType": "application/octet-stream"})),
            SAME,
            SAME,
            None,
            "orval-labs/orval#2636",
        ),
        Row(
            "`enum` as one of several constants",
            _in_31(
                set_in(
                    *JOB_FIELDS,
                    "status",
                    value={"type": "string", "oneOf": [{"const": "a"}, {"const": "b", "title": "B"}]},
                )
            ),
            frozenset({SAME, ADDITIVE}),
            frozenset({SAME, ADDITIVE}),
            None,
            "microsoft/typespec#5507",
            set_in(*JOB_FIELDS, "status", value={"type": "string", "enum": ["a", "b"]}),
        ),
        Row(
            "`$defs` in place of a schema written out",
            _in_31(
                lambda d: schema(d, "FineTuningJob").update({"$defs": {"Name": dict(STRING)}}),
                set_in(*JOB_FIELDS, "model", value={"$ref": "#/components/schemas/FineTuningJob/$defs/Name"}),
            ),
            SAME,
            SAME,
            None,
            "pb33f/openapi-changes#247",
        ),
        Row(
            "an exclusive limit of 3.1",
            _in_31(set_in(*METRICS, "step", value={"type": "number", "exclusiveMinimum": 0})),
            SAME,
            SAME,
            None,
            "facts of the generator",
            set_in(*METRICS, "step", value={"type": "number", "minimum": 0, "exclusiveMinimum": True}),
        ),
        Row(
            "an exclusive limit beside a keyword of 3.1",
            _in_31(
                set_in(*JOB_FIELDS, "score", value={"type": "number", "exclusiveMinimum": 0}),
                set_in(*JOB_FIELDS, "pair", value={"type": "array", "prefixItems": [STRING, INTEGER]}),
            ),
            ADDITIVE,
            ADDITIVE,
            "response-property-added",
            "OpenAPITools/openapi-generator#23850",
        ),
        Row(
            "a field that is `true`",
            _in_31(set_in(*JOB_FIELDS, "any", value=True)),
            ADDITIVE,
            ADDITIVE,
            "response-property-added",
            "pb33f/openapi-changes#247",
        ),
        Row(
            "any items, as `true`",
            _in_31(set_in(*JOB_FIELDS, "list", value={"type": "array", "items": True})),
            SAME,
            SAME,
            None,
            "pb33f/openapi-changes#247",
            set_in(*JOB_FIELDS, "list", value={"type": "array", "items": {}}),
        ),
    )
)
