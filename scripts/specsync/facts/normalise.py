"""Turns a selection into facts: no prose, one spelling for one meaning, and the form that the generator can take.

The generator's needs, each of which it otherwise answers with loss, and some of those in silence:

* R1 titles name its classes, so that two equal titles remove each other: dropped;
* R2 `allOf` of a single `$ref` is an alias to it, which loses the siblings: unwrapped without any, else padded;
* R3 a header of type object or array removes its operation: it is a string on the wire;
* R4 an array without items is refused: it gets items of any type.
"""

from typing import Final

import attrs

from scripts.specsync.document import openapi as grammar
from scripts.specsync.document.json_values import JsonObject, JsonValue, copy_json
from scripts.specsync.document.openapi import (
    ObjectKind,
    as_list,
    as_object,
    as_texts,
    check_keyword_types,
    fault,
    member_object,
)
from scripts.specsync.document.pointer import follow, join, reference_tokens
from scripts.specsync.facts.canonical import canonical, sorted_unique
from scripts.specsync.facts.openapi31 import needs_openapi31, to_openapi30
from scripts.specsync.facts.prose import UPSTREAM, prose_of, prose_of_document, without_prose

_ANNOTATIONS: Final = frozenset({"deprecated", "readOnly", "writeOnly", "xml", "discriminator"})
_COMBINERS: Final = ("allOf", "anyOf", "oneOf")
# What the specification says anyway.
_DEFAULTS: Final[dict[str, JsonValue]] = {
    "nullable": False,
    "deprecated": False,
    "readOnly": False,
    "writeOnly": False,
    "uniqueItems": False,
    "exclusiveMinimum": False,
    "exclusiveMaximum": False,
    "additionalProperties": True,
    "required": False,
}
_ANSWER: Final = "Answer."


def normalise(selection: JsonObject, title: str) -> JsonObject:
    """Return the facts of a selection; `title` is ours, because the generator writes it into the client."""
    modern = str(selection["openapi"]).startswith("3.1")
    rules = _Rules(selection)
    components = member_object(selection, "components", "")
    schemas = member_object(components, "schemas", "")
    facts: JsonObject = dict(selection)
    version = member_object(selection, "info", "").get("version", "")
    facts["info"] = {"title": title, "version": version, UPSTREAM: prose_of_document(selection)}
    facts["paths"] = {
        path: {
            method: _with_prose(operation, rules.apply(operation, ObjectKind.OPERATION, join("/paths", path, method)))
            for method, operation in as_object(item, join("/paths", path)).items()
        }
        for path, item in member_object(selection, "paths", "").items()
    }
    built: JsonObject = {}
    for name, schema in schemas.items():
        place = join("/components/schemas", name)
        if rules.alias(name) != name:
            continue
        result = rules.apply(schema, ObjectKind.SCHEMA, place)
        prose = prose_of(schema, ObjectKind.SCHEMA).as_json() if isinstance(schema, dict) else {}
        built[name] = {**as_object(result, place), UPSTREAM: prose} if prose else result
    facts["components"] = {
        "schemas": built,
        "securitySchemes": {
            name: rules.apply(scheme, ObjectKind.SECURITY_SCHEME, join("/components/securitySchemes", name))
            for name, scheme in member_object(components, "securitySchemes", "").items()
        },
    }
    facts["openapi"] = "3.1.0" if modern and needs_openapi31(facts) else "3.0.3"
    facts["tags"] = _declared_tags(facts)
    return canonical(facts)


def effective_base(facts: JsonObject) -> JsonObject:
    """Return the facts without the notes on upstream's names and prose: what the overlay is applied to."""

    def visit(node: JsonObject, _kind: ObjectKind, _pointer: str) -> JsonValue:
        return {key: value for key, value in node.items() if key != UPSTREAM}

    base = as_object(grammar.rebuild(copy_json(facts), ObjectKind.DOCUMENT, "", visit), "")
    base["info"] = visit(member_object(base, "info", ""), ObjectKind.DOCUMENT, "")
    return base


def _with_prose(source: JsonValue, built: JsonValue) -> JsonValue:
    operation = as_object(built, "")
    prose = prose_of(source, ObjectKind.OPERATION).as_json()
    return {**operation, UPSTREAM: {**member_object(operation, UPSTREAM, ""), **prose}}


def _declared_tags(facts: JsonObject) -> list[JsonValue]:
    tags = [
        tag
        for _, kind, node in grammar.walk(facts, ObjectKind.DOCUMENT, "")
        if kind is ObjectKind.OPERATION
        for tag in as_list(node.get("tags", []), "")
    ]
    return [{"name": tag} for tag in sorted_unique(tags)]


@attrs.frozen
class _Rules:
    """The rules, which look up what a `$ref` points to."""

    document: JsonObject

    def apply(self, value: JsonValue, kind: ObjectKind, pointer: str) -> JsonValue:
        return grammar.rebuild(value, kind, pointer, self._visit)

    def alias(self, name: str) -> str:
        """Return the component that a component which is nothing but a `$ref` stands for."""
        seen = [name]
        while True:
            place = join("/components/schemas", seen[-1])
            value = follow(self.document, "#" + place, place)
            if (
                not isinstance(value, dict)
                or "$ref" not in value
                or set(without_prose(value, ObjectKind.SCHEMA)) != {"$ref"}
            ):
                return seen[-1]
            target = reference_tokens(value["$ref"], place)[-1]
            if target in seen:
                reason = f"$ref {value['$ref']!r} leads back to itself"
                raise fault(reason, place)
            seen.append(target)

    def _visit(self, node: JsonObject, kind: ObjectKind, pointer: str) -> JsonValue:
        check_keyword_types(node, kind, pointer)
        built = _without_defaults(without_prose(node, kind), kind)
        if kind is ObjectKind.SCHEMA:
            return self._schema(built, pointer)
        if kind is ObjectKind.RESPONSE:
            built["description"] = _ANSWER
        elif kind in {ObjectKind.HEADER, ObjectKind.PARAMETER}:
            self._header(built, pointer)
        elif kind is ObjectKind.OPERATION:
            _operation(built, pointer)
        return built

    def _schema(self, node: JsonObject, pointer: str) -> JsonValue:
        built = to_openapi30(node, pointer)
        for key in _COMBINERS:
            if built.get(key) == []:
                del built[key]
        if "$ref" in built:
            siblings = {key: value for key, value in built.items() if key != "$ref"}
            renamed: JsonObject = {"$ref": self._renamed(built["$ref"], pointer)}
            if not siblings or not str(self.document["openapi"]).startswith("3.1"):
                # OpenAPI 3.0 says of the siblings of a $ref that they shall be ignored.
                return renamed
            built = dict[str, JsonValue]({"allOf": [renamed], **siblings})
        built = self._single(built, pointer)
        kinds = built.get("type")
        if kinds == "array" and "items" not in built:
            built["items"] = {}
        _lists(built, pointer)
        return built

    def _renamed(self, reference: JsonValue, pointer: str) -> str:
        name = reference_tokens(reference, pointer)[-1]
        return "#" + join("/components/schemas", self.alias(name))

    def _single(self, node: JsonObject, pointer: str) -> JsonObject:
        """Rule R2, for any combiner of one member."""
        present = [key for key in _COMBINERS if key in node]
        if len(present) != 1:
            return node
        members = as_list(node[present[0]], join(pointer, present[0]))
        siblings = {key: value for key, value in node.items() if key != present[0]}
        if len(members) != 1 or not isinstance(members[0], dict):
            return node
        member = members[0]
        if "$ref" not in member:
            return node if set(member) & set(siblings) else {**member, **siblings}
        return self._reference(member, siblings, pointer) or node

    def _reference(self, member: JsonObject, siblings: JsonObject, pointer: str) -> JsonObject | None:
        """Return a reference with siblings in a form that keeps both; None where it is kept as it is."""
        weighty = set(siblings) - _ANNOTATIONS
        target_is_object = self._is_object(member, pointer, 0)
        if target_is_object and siblings.get("type") == "object":
            weighty -= {"type"}
        if not weighty:
            return member
        if weighty == {"nullable"}:
            return {"anyOf": [member], "nullable": True}
        return {"allOf": [member, {"type": "object"}], **siblings} if target_is_object else None

    def _is_object(self, schema: JsonValue, pointer: str, depth: int) -> bool:
        if not isinstance(schema, dict) or depth > len(member_object(self.document, "components", "")) * 40:
            return False
        if "$ref" in schema:
            return self._is_object(follow(self.document, schema["$ref"], pointer), pointer, depth + 1)
        kinds = schema.get("type")
        if kinds == "object" or (isinstance(kinds, list) and "object" in kinds) or "properties" in schema:
            return True
        members = schema.get("allOf")
        return isinstance(members, list) and any(self._is_object(member, pointer, depth + 1) for member in members)

    def _header(self, node: JsonObject, pointer: str) -> None:
        """Rule R3, and parameters that hold a media type: both are text on the wire."""
        if "content" in node:
            del node["content"]
            node["schema"] = {"type": "string"}
        if node.get("in", "header") != "header" or "schema" not in node:
            return
        schema = node["schema"]
        if isinstance(schema, dict) and "$ref" in schema:
            schema = follow(self.document, schema["$ref"], pointer)
        if isinstance(schema, dict) and (schema.get("type") == "array" or self._is_object(schema, pointer, 0)):
            node["schema"] = {"type": "string"}


def _operation(node: JsonObject, pointer: str) -> None:
    if not node.get("parameters"):
        node.pop("parameters", None)
    security = as_list(node.get("security", []), join(pointer, "security"))
    node["security"] = [
        {
            name: sorted_unique(as_list(scopes, join(pointer, "security", index)))
            for name, scopes in as_object(alternative, join(pointer, "security", index)).items()
        }
        for index, alternative in enumerate(security)
    ]
    servers = as_list(node.get("servers", []), join(pointer, "servers"))
    node["servers"] = [
        without_prose(as_object(server, join(pointer, "servers", index)), ObjectKind.SERVER)
        for index, server in enumerate(servers)
    ]


def _lists(built: JsonObject, pointer: str) -> None:
    """Put lists whose order means nothing in order, and schemas that say nothing in their usual form."""
    for key in ("required", "enum"):
        if key in built:
            values = as_list(built[key], join(pointer, key))
            if key == "required":
                as_texts(values, join(pointer, key))
            built[key] = sorted_unique(values)
            if not values:
                del built[key]
    for key, member in _properties(built, pointer).items():
        # A boolean schema says no more than "anything" to a generator.
        if isinstance(member, bool):
            _properties(built, pointer)[key] = {}


def _properties(node: JsonObject, pointer: str) -> JsonObject:
    return member_object(node, "properties", pointer)


def _without_defaults(node: JsonObject, kind: ObjectKind) -> JsonObject:
    built = {
        key: value
        for key, value in node.items()
        if not (key in _DEFAULTS and value is _DEFAULTS[key] and not (key == "required" and kind is ObjectKind.SCHEMA))
    }
    if kind is ObjectKind.SCHEMA and built.get("additionalProperties") == {}:
        del built["additionalProperties"]
    return built
