"""Documents that cannot be judged, because they are none that can be read."""

import attrs

from scripts.specsync.document.json_values import copy_json
from tests.specsync.mutations.edits import (
    ADDITIVE,
    JOB,
    JOBS,
    SAME,
    SCHEMAS,
    SOURCE,
    Hurts,
    Mutation,
    answer,
    append,
    at,
    both,
    drop,
    set_in,
)

_ROWS: tuple[Mutation, ...] = (
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

MUTATIONS: tuple[Mutation, ...] = tuple(
    attrs.evolve(row, hurts=Hurts.UNREADABLE, source="facts of the toolchain") for row in _ROWS
)
