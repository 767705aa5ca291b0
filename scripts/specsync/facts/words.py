"""Shows what changed in the words of a document: facts keep no more of them than a digest."""

from scripts.specsync.document.json_values import JsonObject, JsonValue
from scripts.specsync.document.openapi import ObjectKind
from scripts.specsync.document.pointer import find, split
from scripts.specsync.facts.prose import texts_of


def changed_words(old: JsonObject, new: JsonObject, pointer: str, *, titles: bool) -> tuple[JsonValue, JsonValue]:
    """Return the words that only the old selection has at a place, and those that only the new one has."""
    before, after = _texts(old, pointer, titles=titles), _texts(new, pointer, titles=titles)
    gone: list[JsonValue] = [text for text in before if text not in set(after)]
    come: list[JsonValue] = [text for text in after if text not in set(before)]
    return gone or None, come or None


def _texts(selection: JsonObject, pointer: str, *, titles: bool) -> tuple[str, ...]:
    tokens = split(pointer)
    try:
        node = find(selection, tokens)
    except KeyError:
        return ()
    if tokens[0] == "info":
        return texts_of(node, ObjectKind.LINK, titles=titles)
    return texts_of(node, ObjectKind.OPERATION if tokens[0] == "paths" else ObjectKind.SCHEMA, titles=titles)
