"""Finds the place in the source that a place in the facts was taken from.

Facts have our paths, parameters by name, references written out and lists in an order of their own; a maintainer looks
at upstream's document.
"""

from collections.abc import Sequence
from typing import Final

import attrs

from scripts.specsync.document.json_values import JsonObject, JsonValue, canonical_json
from scripts.specsync.document.openapi import METHODS, ObjectKind, member_object
from scripts.specsync.document.pointer import follow, join, reference_tokens, split
from scripts.specsync.errors import SpecSyncError
from scripts.specsync.facts.prose import UPSTREAM, without_prose
from scripts.specsync.facts.spelling import canonical_media_type

_LISTS: Final = frozenset({"allOf", "anyOf", "oneOf"})
_INHERITED: Final = frozenset({"parameters", "security", "servers"})
_LONGEST_CHAIN: Final = 40


@attrs.frozen
class Origin:
    """A source document and the facts that were taken from it."""

    document: JsonObject
    facts: JsonObject

    def pointer(self, place: str) -> str:
        """Return the pointer in the source to what stands at a place in the facts, or to what is around it."""
        tokens = split(place)
        found = "" if self.document else place
        node: JsonValue = self.document
        known: JsonValue = self.facts
        for index, token in enumerate(tokens):
            is_path = index == 1 and tokens[0] == "paths"
            wanted = self._path(token, tokens) if is_path else token
            step = self._step(node, known, wanted, found, tokens[:index])
            if step is None:
                break
            found, node = step
            known = _member(known, token)
        return found

    def _path(self, path: str, tokens: Sequence[str]) -> str:
        """Return upstream's template of a path of ours."""
        item = member_object(member_object(self.facts, "paths", ""), path, "") if path in self._paths() else {}
        methods = [tokens[2]] if len(tokens) > 2 else list(METHODS)  # noqa: PLR2004 - paths, path and method
        for method in methods:
            operation = item.get(method)
            if isinstance(operation, dict):
                return str(member_object(operation, UPSTREAM, "").get("path", path))
        return path

    def _paths(self) -> JsonObject:
        return member_object(self.facts, "paths", "")

    def _step(
        self, node: JsonValue, known: JsonValue, token: str, found: str, before: Sequence[str]
    ) -> tuple[str, JsonValue] | None:
        """Return place and value of a member of a node, through the references on the way to it."""
        for _ in range(_LONGEST_CHAIN):
            key = self._key(node, known, token, before)
            if key is not None:
                return join(found, key), _member(node, key)
            if len(before) == 3 and token in _INHERITED:  # noqa: PLR2004 - what an operation inherits
                return self._inherited(token, before)
            if not isinstance(node, dict) or not isinstance(node.get("$ref"), str):
                return None
            try:
                target = follow(self.document, node["$ref"], found)
            except SpecSyncError:
                return None
            found, node = join("", *reference_tokens(node["$ref"], found)), target
        return None

    def _inherited(self, token: str, before: Sequence[str]) -> tuple[str, JsonValue] | None:
        place = join("/paths", self._path(before[1], before))
        item = member_object(member_object(self.document, "paths", ""), split(place)[1], "")
        if token in item:
            return join(place, token), item[token]
        return (join("", token), self.document[token]) if token in self.document else None

    def _key(self, node: JsonValue, known: JsonValue, token: str, before: Sequence[str]) -> str | None:
        """Return the key by which a node holds what the facts hold under a token."""
        if isinstance(node, dict):
            if token in node:
                return token
            spelled = (key for key in node if canonical_media_type(key) == token or key.lower() == token)
            return next(spelled, None)
        if isinstance(node, list) and before:
            if before[-1] == "parameters":
                return self._parameter(node, token)
            if before[-1] in _LISTS and isinstance(known, list) and token.isdecimal():
                return _twin(node, known, int(token))
            return token if token.isdecimal() and int(token) < len(node) else None
        return None

    def _parameter(self, parameters: list[JsonValue], token: str) -> str | None:
        for index, value in enumerate(parameters):
            target = value
            if isinstance(value, dict) and isinstance(value.get("$ref"), str):
                target = follow(self.document, value["$ref"], "")
            if isinstance(target, dict) and f"{target.get('in')}:{target.get('name')}".lower() == token.lower():
                return str(index)
        return None


def _member(value: JsonValue, token: str) -> JsonValue:
    if isinstance(value, dict):
        return value.get(token)
    if isinstance(value, list) and token.isdecimal() and int(token) < len(value):
        return value[int(token)]
    return None


def _twin(members: list[JsonValue], known: list[JsonValue], index: int) -> str | None:
    """Return where in upstream's list the alternative stands that the facts have at an index."""
    if index >= len(known):
        return None
    wanted = _shape(known[index])
    for place, member in enumerate(members):
        if _shape(member) == wanted:
            return str(place)
    return str(index) if index < len(members) else None


def _shape(value: JsonValue) -> str:
    if isinstance(value, dict) and "$ref" in value:
        return str(value["$ref"])
    return canonical_json(without_prose(value, ObjectKind.SCHEMA)) if isinstance(value, dict) else canonical_json(value)
