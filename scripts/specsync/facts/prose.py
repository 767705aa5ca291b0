"""What in a document is said to people: it is dropped from the facts, and only its digest is kept."""

import re
from typing import Final

import attrs

from scripts.specsync.document import openapi as grammar
from scripts.specsync.document.json_values import JsonObject, JsonValue, canonical_json, digest
from scripts.specsync.document.openapi import ObjectKind

_PROSE: Final = frozenset({"summary", "description", "example", "examples", "externalDocs", "$comment", "bearerFormat"})
_DIGEST_LENGTH: Final = 16
# Places in lists are left out, because the order of parameters or alternatives says nothing.
_NUMBER: Final = re.compile(r"/[0-9]+(?=/|$)")
UPSTREAM: Final = "x-upstream"


@attrs.frozen
class Prose:
    """The digests of what was dropped from one operation or component: titles name things, the rest explains them."""

    titles: str | None
    texts: str | None

    def as_json(self) -> JsonObject:
        """Return the digests that are not empty."""
        named = {"titles": self.titles, "prose": self.texts}
        return {key: value for key, value in named.items() if value is not None}


def is_prose(key: str, kind: ObjectKind) -> bool:
    """Tell whether a key of an object of this kind holds prose, samples or extensions."""
    return key in _PROSE or (key == "title" and kind is ObjectKind.SCHEMA) or (key.startswith("x-") and key != UPSTREAM)


def without_prose(node: JsonObject, kind: ObjectKind) -> JsonObject:
    """Return one object without its prose; what it holds is not looked at."""
    return {key: value for key, value in node.items() if not is_prose(key, kind)}


def prose_of(value: JsonValue, kind: ObjectKind) -> Prose:
    """Return the digests of all prose below a node."""
    titles: list[JsonValue] = []
    texts: list[JsonValue] = []
    for pointer, node_kind, node in grammar.walk(value, kind, ""):
        for key in sorted(node):
            if is_prose(key, node_kind):
                (titles if key == "title" else texts).append([_NUMBER.sub("/*", pointer), key, node[key]])
    return Prose(_digest(titles), _digest(texts))


def texts_of(value: JsonValue, kind: ObjectKind, *, titles: bool) -> tuple[str, ...]:
    """Return all titles, or all other prose, below a node: each with its place in it."""
    found = [
        f"{pointer}/{key}: {node[key] if isinstance(node[key], str) else canonical_json(node[key])}"
        for pointer, node_kind, node in grammar.walk(value, kind, "")
        for key in sorted(node)
        if is_prose(key, node_kind) and (key == "title") is titles
    ]
    return tuple(found)


def prose_of_document(document: JsonObject) -> JsonObject:
    """Return the digest of what a document says of itself and of its security schemes in use."""
    info = grammar.member_object(document, "info", "")
    components = grammar.member_object(document, "components", "")
    texts: list[JsonValue] = [[key, value] for key, value in sorted(info.items()) if key != "version"]
    for name, scheme in sorted(grammar.member_object(components, "securitySchemes", "").items()):
        texts.append([name, prose_of(scheme, ObjectKind.SECURITY_SCHEME).texts])
    return Prose(None, _digest(texts)).as_json()


def _digest(entries: list[JsonValue]) -> str | None:
    if not entries:
        return None
    ordered = sorted(entries, key=digest)
    return digest(list[JsonValue](ordered))[:_DIGEST_LENGTH]
