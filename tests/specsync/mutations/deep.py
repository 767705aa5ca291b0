"""What is deeper, or goes round in circles, than can be compared."""

from typing import Final

from scripts.specsync.document.json_values import JsonObject
from tests.specsync.mutations.edits import BODY, INTEGER, SOURCE, STRING, schema, set_in
from tests.specsync.mutations.rows import Row, mutations

_REFERENCE: Final[JsonObject] = {"$ref": "#/components/schemas/OpenAIFinetuneJob"}


def _deep(depth: int, leaf: JsonObject) -> JsonObject:
    built = dict(leaf)
    for _ in range(depth):
        built = {"type": "object", "properties": {"a": built}}
    return built


MUTATIONS = mutations(
    (
        Row(
            "schemas deeper than are compared",
            set_in(*BODY, "properties", "suffix", value=_deep(120, INTEGER)),
            SOURCE,
            SOURCE,
            None,
            "oasdiff/oasdiff#213",
            set_in(*BODY, "properties", "suffix", value=_deep(120, STRING)),
        ),
        Row(
            "a component that is all of itself",
            lambda d: schema(d, "OpenAIFinetuneJob").update(allOf=[dict(_REFERENCE)]),
            SOURCE,
            SOURCE,
            None,
            "oasdiff/oasdiff#281",
        ),
        Row("no operation at all", set_in("paths", value={}), SOURCE, SOURCE, None, "facts of the toolchain"),
    )
)
