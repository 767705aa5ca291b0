"""Which objects of a document are found, and which names beside them are extensions."""

from __future__ import annotations

import copy
from typing import Any

from scripts.specsync.document.openapi import ObjectKind, rebuild, walk

ANSWER = {"description": "It worked.", "x-internal": 1}
DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "t", "version": "1"},
    "paths": {
        "/jobs": {
            "x-of-a-path": 1,
            "get": {"responses": {"200": {"$ref": "#/components/responses/x-listed"}, "x-of-responses": "any"}},
        },
        "x-of-paths": ["any"],
    },
    "components": {
        "responses": {"x-listed": ANSWER},
        "pathItems": {"x-shared": {"get": {"responses": {"200": ANSWER}}}},
        "schemas": {"x-model": {"properties": {"x-name": {"type": "string"}}}},
    },
}


def test_a_component_may_be_named_like_an_extension() -> None:
    found = {pointer: kind for pointer, kind, _ in walk(DOCUMENT, ObjectKind.DOCUMENT, "")}
    assert found["/components/responses/x-listed"] is ObjectKind.RESPONSE
    assert found["/components/pathItems/x-shared"] is ObjectKind.PATH_ITEM
    assert found["/components/schemas/x-model/properties/x-name"] is ObjectKind.SCHEMA


def test_an_extension_beside_paths_and_beside_responses_is_none_of_them() -> None:
    found = {pointer for pointer, _, _ in walk(DOCUMENT, ObjectKind.DOCUMENT, "")}
    assert found >= {"/paths/~1jobs", "/paths/~1jobs/get/responses/200"}
    assert not found & {"/paths/x-of-paths", "/paths/~1jobs/get/responses/x-of-responses"}


def test_what_is_made_anew_has_every_component_and_leaves_extensions_of_mappings_out() -> None:
    before = copy.deepcopy(DOCUMENT)
    anew: Any = rebuild(DOCUMENT, ObjectKind.DOCUMENT, "", lambda node, _kind, _pointer: dict(node))
    assert before == DOCUMENT
    expected = copy.deepcopy(DOCUMENT)
    del expected["paths"]["x-of-paths"], expected["paths"]["/jobs"]["get"]["responses"]["x-of-responses"]
    assert anew == expected
