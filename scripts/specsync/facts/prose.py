"""Separates what a document says to people from its facts: of each text the facts keep a digest and no word."""

from collections.abc import Iterable
from itertools import chain
from typing import Final

import attrs

from scripts.specsync.document import openapi as grammar
from scripts.specsync.document.json_values import JsonObject, JsonValue, canonical_json, digest
from scripts.specsync.document.openapi import ObjectKind
from scripts.specsync.document.pointer import join, split

_PROSE: Final = frozenset({"summary", "description", "example", "examples", "externalDocs", "$comment", "bearerFormat"})
_DIGEST_LENGTH: Final = 12
UPSTREAM: Final = "x-upstream"


@attrs.frozen
class Text:
    """One text: a title, a description, an example or an extension.

    `pointer` leads to it, with parameters by name. `place` is the same with `*` for each position in another list,
    because the order of alternatives says nothing.
    """

    pointer: str
    place: str
    value: JsonValue
    is_title: bool = False

    @property
    def words(self) -> str:
        """The text as reports show it."""
        return self.value if isinstance(self.value, str) else canonical_json(self.value)

    @property
    def digest(self) -> str:
        """The digest that the facts keep of the text."""
        return digest(self.value)[:_DIGEST_LENGTH]


def is_prose(key: str, kind: ObjectKind) -> bool:
    """Return whether a key of an object of this kind holds prose, samples or extensions."""
    return key in _PROSE or (key == "title" and kind is ObjectKind.SCHEMA) or (key.startswith("x-") and key != UPSTREAM)


def without_prose(node: JsonObject, kind: ObjectKind) -> JsonObject:
    """Return one object without its prose; objects within it are left as they are."""
    return {key: value for key, value in node.items() if not is_prose(key, kind)}


def texts_of(value: JsonValue, kind: ObjectKind) -> tuple[Text, ...]:
    """Return all texts below a node."""
    return tuple(
        Text(*_named(value, join(pointer, key)), node[key], is_title=key == "title")
        for pointer, node_kind, node in grammar.walk(value, kind, "")
        for key in sorted(node)
        if is_prose(key, node_kind)
    )


def texts_of_document(document: JsonObject) -> tuple[Text, ...]:
    """Return the texts about a document as a whole and about its security schemes."""
    info = grammar.member_object(document, "info", "")
    about = (join("/info", key) for key in sorted(info) if key != "version")
    components = grammar.member_object(document, "components", "")
    schemes = grammar.member_object(components, "securitySchemes", "").items()
    return (
        *(Text(pointer, pointer, info[split(pointer)[1]]) for pointer in about),
        *chain.from_iterable(_of_scheme(name, scheme) for name, scheme in schemes),
    )


def digests_of(texts: Iterable[Text]) -> JsonObject:
    """Return the digests of texts by their places: titles name things, all other prose explains them."""
    found: dict[str, dict[str, list[str]]] = {}
    for text in texts:
        found.setdefault("titles" if text.is_title else "prose", {}).setdefault(text.place, []).append(text.digest)
    return {
        key: {
            place: digests[0] if len(digests) == 1 else list[JsonValue](sorted(digests))
            for place, digests in places.items()
        }
        for key, places in found.items()
    }


def _of_scheme(name: str, scheme: JsonValue) -> Iterable[Text]:
    base = join("/components/securitySchemes", name)
    for text in texts_of(scheme, ObjectKind.SECURITY_SCHEME):
        yield attrs.evolve(text, pointer=base + text.pointer, place=base + text.place)


def _named(root: JsonValue, pointer: str) -> tuple[str, str]:
    """Return a pointer with parameters by name, and the same without positions in lists."""
    exact, general = list[str](), list[str]()
    node = root
    for token in split(pointer):
        if isinstance(node, dict):
            name = place = token
            node = node.get(token)
        else:
            holder = exact[-1] if exact else ""
            node = node[int(token)] if isinstance(node, list) else None
            named = holder == "parameters" and isinstance(node, dict)
            name = f"{node.get('in')}:{node.get('name')}" if named and isinstance(node, dict) else token
            place = name if named else "*"
        exact.append(name)
        general.append(place)
    return join("", *exact), join("", *general)
