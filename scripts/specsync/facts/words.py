"""Finds the texts of a document by the digests that the facts keep."""

from collections.abc import Iterator, Mapping
from typing import Final

import attrs

from scripts.specsync.document.json_values import JsonObject, JsonValue
from scripts.specsync.document.openapi import ObjectKind, as_object, components_of, member_object
from scripts.specsync.document.pointer import join
from scripts.specsync.facts.prose import Text, texts_of, texts_of_document

_DIGEST: Final = "sha256"


def digest_value(digest: str | None) -> JsonValue:
    """Return the value by which a report represents a text that is not available."""
    return None if digest is None else {_DIGEST: digest}


def known_digest(value: JsonValue) -> str | None:
    """Return the digest in such a value; None if it is a text."""
    found = value.get(_DIGEST) if isinstance(value, dict) and set(value) == {_DIGEST} else None
    return found if isinstance(found, str) else None


@attrs.frozen
class Words:
    """The texts of a selection by their place in the facts and their digest."""

    texts: Mapping[tuple[str, str], Text]

    @classmethod
    def of(cls, selection: JsonObject) -> "Words":
        """Return the texts of a selection."""
        return cls({(text.place, text.digest): text for text in _all_texts(selection)})

    def text(self, place: str, value: JsonValue) -> Text | None:
        """Return the text that a digest at a place stands for, if this selection has it."""
        digest = known_digest(value)
        return None if digest is None else self.texts.get((place, digest))


def _all_texts(selection: JsonObject) -> Iterator[Text]:
    yield from texts_of_document(selection)
    for path, item in member_object(selection, "paths", "").items():
        for method, operation in as_object(item, "").items():
            yield from _below(join("/paths", path, method), texts_of(operation, ObjectKind.OPERATION))
    for name, schema in components_of(selection, "schemas").items():
        if isinstance(schema, dict):
            yield from _below(join("/components/schemas", name), texts_of(schema, ObjectKind.SCHEMA))


def _below(base: str, texts: tuple[Text, ...]) -> Iterator[Text]:
    for text in texts:
        yield attrs.evolve(text, pointer=base + text.pointer, place=base + text.place)
