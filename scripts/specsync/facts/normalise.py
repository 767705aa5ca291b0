"""Turns a selection into facts: no prose, and one spelling for one meaning.

Facts know no generator: what it needs is changed on the way to it (client/workarounds.py), because a change made here
is one that the comparison cannot see.
"""

from typing import Final

import attrs

from scripts.specsync.document import openapi as grammar
from scripts.specsync.document.json_values import JsonObject, JsonValue, copy_json
from scripts.specsync.document.openapi import (
    GRAMMAR,
    Container,
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
from scripts.specsync.facts.openapi31 import beside, needs_openapi31, to_openapi30
from scripts.specsync.facts.prose import UPSTREAM, digests_of, texts_of, texts_of_document, without_prose
from scripts.specsync.facts.spelling import (
    canonical_spelling,
    canonical_url,
    is_ignored_parameter,
    without_written_defaults,
)

_COMBINERS: Final = ("allOf", "anyOf", "oneOf")
# Where true and false say more than a schema that anything or nothing fits.
_MAY_BE_BOOLEAN: Final = frozenset({"additionalProperties", "unevaluatedItems", "unevaluatedProperties"})
_ANSWER: Final = "Answer."


def normalise(selection: JsonObject, title: str) -> JsonObject:
    """Return the facts of a selection; `title` is ours, because the generator writes it into the client."""
    modern = str(selection["openapi"]).startswith("3.1")
    rules = _Rules(selection)
    components = member_object(selection, "components", "")
    schemas = member_object(components, "schemas", "")
    facts: JsonObject = dict(selection)
    version = member_object(selection, "info", "").get("version", "")
    facts["info"] = {"title": title, "version": version, UPSTREAM: digests_of(texts_of_document(selection))}
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
        result = rules.apply(_as_schema(schema), ObjectKind.SCHEMA, place)
        prose = digests_of(texts_of(schema, ObjectKind.SCHEMA)) if isinstance(schema, dict) else {}
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
    prose = digests_of(texts_of(source, ObjectKind.OPERATION))
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
        built = canonical_spelling(without_written_defaults(without_prose(node, kind), kind), kind)
        _replace_boolean_schemas(built, kind)
        if kind is ObjectKind.SCHEMA:
            return self._schema(built, pointer)
        if kind is ObjectKind.RESPONSE:
            built["description"] = _ANSWER
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
            built = beside(renamed, siblings)
        built = _unwrapped(_flattened(built), pointer)
        _sort_lists(built, pointer)
        return built

    def _renamed(self, reference: JsonValue, pointer: str) -> str:
        name = reference_tokens(reference, pointer)[-1]
        return "#" + join("/components/schemas", self.alias(name))


def _flattened(node: JsonObject) -> JsonObject:
    """Return a schema in which no `anyOf` is a member of another: any of some, or of others, is any of all."""
    members = node.get("anyOf")
    if not isinstance(members, list):
        return node
    built = dict(node)
    flat: list[JsonValue] = []
    for member in members:
        inner = member.get("anyOf") if isinstance(member, dict) and set(member) <= {"anyOf", "nullable"} else None
        if isinstance(member, dict) and isinstance(inner, list):
            flat.extend(inner)
            if member.get("nullable") is True:
                built["nullable"] = True
        else:
            flat.append(member)
    return {**built, "anyOf": flat}


def _unwrapped(node: JsonObject, pointer: str) -> JsonObject:
    """Return a schema without a combiner of one member, where nothing gets lost or overwritten by that."""
    present = [key for key in _COMBINERS if key in node]
    if len(present) != 1:
        return node
    members = as_list(node[present[0]], join(pointer, present[0]))
    siblings = {key: value for key, value in node.items() if key != present[0]}
    if len(members) != 1 or not isinstance(members[0], dict):
        return node
    member = members[0]
    if "$ref" in member:
        # Of one member, all combiners say the same.
        return {"allOf": members, **siblings} if siblings else member
    # `additionalProperties` refers only to the properties beside it.
    apart = ("additionalProperties" in member) != ("additionalProperties" in siblings)
    if set(member) & set(siblings) or (apart and {"properties"} & (set(member) | set(siblings)) and siblings):
        return node
    return {**member, **siblings}


def _as_schema(value: JsonValue) -> JsonValue:
    """Return the schema that a boolean stands for."""
    if isinstance(value, bool):
        nothing: JsonObject = {"not": {}}
        return {} if value else nothing
    return value


def _replace_boolean_schemas(node: JsonObject, kind: ObjectKind) -> None:
    for key, field in GRAMMAR[kind].items():
        if field.kind is not ObjectKind.SCHEMA or key not in node or key in _MAY_BE_BOOLEAN:
            continue
        value = node[key]
        if field.container is Container.ONE:
            node[key] = _as_schema(value)
        elif isinstance(value, list):
            node[key] = [_as_schema(member) for member in value]
        elif isinstance(value, dict):
            node[key] = {name: _as_schema(member) for name, member in value.items()}


def _operation(node: JsonObject, pointer: str) -> None:
    parameters = [
        value
        for value in as_list(node.get("parameters", []), join(pointer, "parameters"))
        if not is_ignored_parameter(value)
    ]
    node.pop("parameters", None)
    if parameters:
        node["parameters"] = parameters
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
        _server(as_object(server, join(pointer, "servers", place))) for place, server in enumerate(servers)
    ]


def _server(node: JsonObject) -> JsonObject:
    built = without_prose(node, ObjectKind.SERVER)
    return {**built, "url": canonical_url(url)} if isinstance(url := built.get("url"), str) else built


def _sort_lists(built: JsonObject, pointer: str) -> None:
    """Put lists whose order means nothing in order."""
    for key in ("required", "enum"):
        if key in built:
            values = as_list(built[key], join(pointer, key))
            if key == "required":
                as_texts(values, join(pointer, key))
            built[key] = sorted_unique(values)
            if not values:
                del built[key]
