"""Checks that a generated client contains everything in the document.

The generator leaves out operations with a warning and properties without one. So each operation, parameter, media type,
status, component and property of the document is looked for in the generated code: wire names in what is sent and read,
attributes in the classes. Classes are found through the annotations that lead to them, not by guessing their names.
"""

from collections.abc import Iterator, Mapping
from typing import Final

import attrs

from scripts.specsync.client.generated_tree import Endpoint, GeneratedTree, Model
from scripts.specsync.client.names import CLASS_NAMES
from scripts.specsync.client.workarounds import Adapted
from scripts.specsync.document.json_values import JsonObject, JsonValue
from scripts.specsync.document.names import fold
from scripts.specsync.document.openapi import METHODS, as_list, as_object, components_of, member_list, member_object
from scripts.specsync.document.pointer import follow, join, reference_tokens

_DECODINGS: Final = {"json": "json", "octet": "content", "text": "text"}
_DEEPEST: Final = 60
_OWN_NAMES: Final = frozenset(map(fold, CLASS_NAMES))


@attrs.frozen
class Audit:
    """The result: how many operations were found, and what is missing; each line names the place in the document."""

    selected: int
    generated: int
    lost: tuple[str, ...]


def audit(adapted: Adapted, tree: GeneratedTree) -> Audit:
    """Compare the document that the generator received with a client."""
    document = adapted.document
    auditor = _Auditor(document, tree, adapted.renames, adapted.wire_names)
    lost: list[str] = []
    selected = generated = 0
    for path, item in member_object(document, "paths", "").items():
        for method in METHODS:
            operation = as_object(item, path).get(method)
            if operation is None:
                continue
            selected += 1
            endpoint = tree.endpoint(method, path)
            label = f"{method.upper()} {path}"
            if endpoint is None:
                lost.append(f"{label}: the operation")
                continue
            generated += 1
            lost.extend(f"{label}: {entry}" for entry in auditor.operation(as_object(operation, label), endpoint))
    lost.extend(auditor.components())
    return Audit(selected, generated, tuple(lost))


@attrs.frozen
class _Auditor:
    document: JsonObject
    tree: GeneratedTree
    renames: Mapping[str, str]
    wire_names: Mapping[str, str]

    def _on_the_wire(self, name: str) -> str:
        """Return the name on the wire for a name in the document."""
        return self.wire_names.get(name, name)

    def operation(self, operation: JsonObject, endpoint: Endpoint) -> Iterator[str]:
        for value in member_list(operation, "parameters", ""):
            parameter = as_object(value, "")
            name = str(parameter.get("name"))
            names = {fold(argument) for argument in endpoint.arguments}
            known = fold(name) in names or fold(f"{name}_{parameter.get('in')}") in names
            if not known or (
                parameter.get("in") in {"header", "query", "cookie"} and not self._sent(parameter, endpoint)
            ):
                yield f"the {parameter.get('in')} parameter {self._on_the_wire(name)}"
            if parameter.get("in") == "query" and self._is_written_as_one(parameter):
                yield f"the query parameter {self._on_the_wire(name)}: it would be written as repeated keys"
        yield from self._body(operation, endpoint)
        yield from self._responses(operation, endpoint)

    def _sent(self, parameter: JsonObject, endpoint: Endpoint) -> bool:
        schema = self._resolved(parameter.get("schema"))
        name = self._on_the_wire(str(parameter.get("name")))
        return name in endpoint.texts or bool(self.properties(schema))

    def _is_written_as_one(self, parameter: JsonObject) -> bool:
        """Return whether a list goes over the wire as one value, which no generated code writes."""
        schema = self._resolved(parameter.get("schema"))
        is_list = isinstance(schema, dict) and schema.get("type") == "array"
        return is_list and (parameter.get("explode") is False or parameter.get("style", "form") != "form")

    def _body(self, operation: JsonObject, endpoint: Endpoint) -> Iterator[str]:
        body = member_object(operation, "requestBody", "")
        for media_type, value in member_object(body, "content", "").items():
            if media_type.startswith("multipart/"):
                sent = "files" in endpoint.texts and any(text.startswith("multipart/") for text in endpoint.texts)
            else:
                sent = media_type in endpoint.texts
            if "body" not in endpoint.arguments or not sent:
                yield f"the request body as {media_type}"
                continue
            schema = as_object(value, "").get("schema")
            yield from self._schema(schema, endpoint.arguments["body"], f"request body ({media_type})", 0)

    def _responses(self, operation: JsonObject, endpoint: Endpoint) -> Iterator[str]:
        for status, value in member_object(operation, "responses", "").items():
            if not _has_status(status, endpoint):
                yield f"the response {status}"
                continue
            for media_type, content in member_object(as_object(value, ""), "content", "").items():
                if not _decoded(media_type, endpoint):
                    yield f"the response {status} as {media_type}"
                    continue
                schema = as_object(content, "").get("schema")
                yield from self._schema(schema, endpoint.answers, f"response {status} ({media_type})", 0)

    def components(self) -> Iterator[str]:
        schemas = components_of(self.document, "schemas")
        for name, schema in schemas.items():
            place = join("/components/schemas", name)
            if self.properties(schema):
                model = self._component(name)
                if model is None:
                    yield f"{place}: the class"
                else:
                    yield from self._class(schema, model, place, 0)
            elif isinstance(schema, dict):
                yield from self._parts_without_class(schema, name, place)

    def _parts_without_class(self, schema: JsonObject, name: str, place: str) -> Iterator[str]:
        """A component that is a union or a list is no class; what uses it is checked where it is used."""
        if "enum" in schema and not schema.get("nullable"):
            words = {fold(alias) for alias in (*self.tree.aliases, *self.tree.models)}
            if fold(name) not in words and fold(self.renames.get(name, name)) not in words:
                yield f"{place}: the enumeration"

    def _component(self, name: str) -> Model | None:
        renamed = fold(self.renames.get(name, name))
        # The members of a component that may be null are classes of their own: the object is the first.
        wanted = {fold(name), renamed, f"{renamed}type0", f"{renamed}type1"}
        found = [model for model in self.tree.models.values() if fold(model.name) in wanted]
        return found[0] if found else None

    def properties(self, schema: JsonValue, depth: int = 0) -> dict[str, JsonValue]:
        """Return all properties of a schema, those of its allOf included; none for a union or a scalar."""
        if not isinstance(schema, dict) or depth > _DEEPEST:
            return {}
        if "$ref" in schema:
            return self.properties(self._resolved(schema), depth + 1)
        found: dict[str, JsonValue] = {}
        for member in as_list(schema.get("allOf", []), ""):
            found.update(self.properties(member, depth + 1))
        found.update(member_object(schema, "properties", ""))
        return found

    def _resolved(self, schema: JsonValue) -> JsonValue:
        for _ in range(_DEEPEST):
            if not isinstance(schema, dict) or "$ref" not in schema:
                return schema
            schema = follow(self.document, schema["$ref"], "")
        return schema

    def _schema(self, schema: JsonValue, words: frozenset[str], place: str, depth: int) -> Iterator[str]:
        """Check that the classes that an annotation names hold what a schema at that place has."""
        if not isinstance(schema, dict) or depth > _DEEPEST:
            return
        if "$ref" in schema:
            yield from self._reference(schema, words, place, depth)
            return
        wanted = self.properties(schema)
        if wanted:
            yield from self._inline(schema, words, place, depth)
        for key in ("anyOf", "oneOf"):
            for index, member in enumerate(as_list(schema.get(key, []), place)):
                yield from self._schema(member, words, join(place, key, index), depth + 1)
        if "items" in schema:
            yield from self._schema(schema["items"], words, join(place, "items"), depth + 1)
        extra = schema.get("additionalProperties")
        if isinstance(extra, dict) and not wanted:
            rests = [self.tree.models[word].rest for word in words if word in self.tree.models]
            yield from self._schema(extra, words.union(*rests), join(place, "additionalProperties"), depth + 1)

    def _reference(self, schema: JsonObject, words: frozenset[str], place: str, depth: int) -> Iterator[str]:
        """Check that an annotation names the class of the component that a schema refers to."""
        target = self._resolved(schema)
        if self.properties(target):
            name = reference_tokens(schema["$ref"], place)[-1]
            model = self._component(name)
            if model is None or model.name not in words:
                yield f"{place}: the reference to {name}"
        elif isinstance(target, dict) and "enum" not in target:
            yield from self._schema(target, words, place, depth + 1)

    def _inline(self, schema: JsonObject, words: frozenset[str], place: str, depth: int) -> Iterator[str]:
        """Check that one of the classes that an annotation names has all properties of a schema."""
        models = [self.tree.models[word] for word in words if word in self.tree.models]
        attempts = [list(self._class(schema, model, place, depth + 1)) for model in models]
        if not attempts:
            yield f"{place}: the class with {', '.join(sorted(self.properties(schema)))}"
        elif all(attempts):
            yield from min(attempts, key=len)

    def _class(self, schema: JsonValue, model: Model, place: str, depth: int) -> Iterator[str]:
        """Check that a class has all properties of a schema."""
        if depth > _DEEPEST:
            return
        attributes = {fold(name): words for name, words in model.attributes.items()}
        for name, member in self.properties(schema).items():
            spot = join(place, "properties", name)
            words = attributes.get(fold(name), attributes.get(f"field{fold(name)}"))
            wire_name = self._on_the_wire(name)
            if fold(name) in _OWN_NAMES:
                yield f"{spot}: the property, which overwrites what every class has, in {model.module}"
            elif wire_name not in model.read or wire_name not in model.written:
                yield f"{spot}: the property, in {model.module}"
            elif words is None and fold(name):
                yield f"{spot}: the attribute, in {model.module}"
            elif words is not None:
                yield from self._schema(member, words, spot, depth + 1)
        extra = schema.get("additionalProperties") if isinstance(schema, dict) else None
        if isinstance(extra, dict):
            yield from self._schema(extra, model.rest, join(place, "additionalProperties"), depth + 1)


def _has_status(status: str, endpoint: Endpoint) -> bool:
    if status == "default":
        return endpoint.has_default
    if status.upper().endswith("XX"):
        return status[0].isdecimal() and int(status[0]) * 100 in endpoint.statuses
    return status.isdecimal() and int(status) in endpoint.statuses


def _decoded(media_type: str, endpoint: Endpoint) -> bool:
    for part, decoding in _DECODINGS.items():
        if part in media_type:
            return decoding in endpoint.decodings
    return False
