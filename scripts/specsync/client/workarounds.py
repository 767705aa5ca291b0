"""Changes a document for the generator, which cannot process all of OpenAPI; the result is not stored.

Each entry says what the generator does without the change, mostly silently:

* `allOf` of a single `$ref` is an alias, which loses what stands beside it: unwrapped, else padded with an object;
* an array without items is refused: its items are of any type;
* an object with properties beside alternatives that only say what is required loses the properties: no alternatives;
* a default is written into each request, although nobody asked for it: there are no defaults;
* a header that is an array, an object or a date removes its operation: it is text on the wire;
* a parameter that holds a media type, or an array that is not written as repeated keys, is written wrongly: the caller
  of the generated code passes it as the text that goes over the wire;
* of several media types of one body or response the code is wrong or missing: the one that was in use before is taken,
  else the first that the generator can write or read; a response in another form is read as bytes, and an error without
  its form, because errors are read liberally;
* names that the generated code uses itself are overwritten: see client/names.py.
"""

from collections.abc import Mapping
from typing import Final

import attrs

from scripts.specsync.client.names import SafeNames, class_name, module_name, safe_names
from scripts.specsync.document import openapi as grammar
from scripts.specsync.document.json_values import JsonObject, JsonValue
from scripts.specsync.document.openapi import ObjectKind, as_list, as_object, member_object
from scripts.specsync.document.pointer import follow, join

_COMBINERS: Final = ("allOf", "anyOf", "oneOf")
# What the generator ignores; it does not keep a reference from being an alias.
_ANNOTATIONS: Final = frozenset({"deprecated", "readOnly", "writeOnly", "xml", "discriminator"})
_READABLE: Final = ("application/json", "+json", "application/octet-stream", "text/")
_WRITABLE: Final = (
    "application/json",
    "+json",
    "multipart/form-data",
    "application/x-www-form-urlencoded",
    "application/octet-stream",
)
_BYTES: Final = "application/octet-stream"
_DEEPEST: Final = 200


@attrs.frozen
class Adapted:
    """A document as the generator receives it.

    `renames` are the class names that it is told to use, by component; `wire_names` are placeholders in
    the document, which are replaced in the generated code.
    """

    document: JsonObject
    renames: Mapping[str, str]
    wire_names: Mapping[str, str]

    def class_overrides(self) -> JsonObject:
        """Return the renamed classes in the form of the generator's configuration."""
        return {
            class_name(name): {"class_name": new, "module_name": module_name(new)} for name, new in self.renames.items()
        }


def adapt(document: JsonObject, committed: JsonObject | None = None) -> Adapted:
    """Return the document that is generated from; `committed` is the one that the client was generated from before."""
    names = safe_names(document)
    whole = names.with_component_names(document)
    workarounds = _Workarounds(whole, names, _media_types(committed or {}))
    adapted = as_object(grammar.rebuild(whole, ObjectKind.DOCUMENT, "", workarounds.visit), "")
    return Adapted(adapted, names.classes, names.wire_names)


def _media_types(document: JsonObject) -> Mapping[str, frozenset[str]]:
    """Return the media types of the request body of each operation, by its place."""
    found: dict[str, frozenset[str]] = {}
    for path, item in member_object(document, "paths", "").items():
        for method, operation in as_object(item, "").items():
            body = member_object(as_object(operation, ""), "requestBody", "")
            found[join("/paths", path, method)] = frozenset(member_object(body, "content", ""))
    return found


@attrs.frozen
class _Workarounds:
    document: JsonObject
    names: SafeNames
    in_use: Mapping[str, frozenset[str]]

    def visit(self, node: JsonObject, kind: ObjectKind, pointer: str) -> JsonValue:
        """Return one object in a form that the generator can process; nested objects are already done."""
        match kind:
            case ObjectKind.SCHEMA:
                return self._schema(node, pointer)
            case ObjectKind.HEADER | ObjectKind.PARAMETER:
                return self._parameter(dict(node))
            case ObjectKind.OPERATION:
                return self._operation(node, pointer)
            case _:
                return node

    def _schema(self, node: JsonObject, pointer: str) -> JsonObject:
        built = {key: value for key, value in node.items() if key != "default"}
        built = self._single(built, pointer)
        if built.get("type") == "array" and "items" not in built:
            built["items"] = {}
        for key in ("anyOf", "oneOf") if "properties" in built else ():
            members = built.get(key)
            if isinstance(members, list) and all(
                isinstance(member, dict) and set(member) <= {"required", "type"} for member in members
            ):
                del built[key]
        return self.names.with_safe_properties(built)

    def _single(self, node: JsonObject, pointer: str) -> JsonObject:
        """Return a schema without a combiner of one member, which the generator treats as an alias."""
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

    def _resolved(self, schema: JsonValue) -> JsonValue:
        for _ in range(_DEEPEST):
            if not isinstance(schema, dict) or "$ref" not in schema:
                return schema
            schema = follow(self.document, schema["$ref"], "")
        return schema

    def _is_object(self, schema: JsonValue, pointer: str, depth: int) -> bool:
        schema = self._resolved(schema)
        if not isinstance(schema, dict) or depth > _DEEPEST:
            return False
        kinds = schema.get("type")
        if kinds == "object" or (isinstance(kinds, list) and "object" in kinds) or "properties" in schema:
            return True
        members = schema.get("allOf")
        return isinstance(members, list) and any(self._is_object(member, pointer, depth + 1) for member in members)

    def _parameter(self, node: JsonObject) -> JsonObject:
        text: JsonObject = {"type": "string"}
        place = str(node.get("in", "header"))
        if node.pop("content", None) is not None:
            node["schema"] = text
        schema = self._resolved(node.get("schema"))
        if isinstance(schema, dict):
            is_list = schema.get("type") == "array"
            is_object = self._is_object(schema, "", 0)
            split = node.get("explode") is False or node.get("style") in {"spaceDelimited", "pipeDelimited"}
            dated = schema.get("type", "string") == "string" and "format" in schema
            if (place in {"header", "cookie"} and (is_list or is_object or dated)) or (
                place == "query" and split and (is_list or is_object)
            ):
                node["schema"] = text
        if place != "path" and "name" in node:
            node["name"] = self.names.parameter(str(node["name"]))
        return node

    def _operation(self, node: JsonObject, pointer: str) -> JsonObject:
        built = dict(node)
        if "requestBody" in built:
            body = dict(as_object(built["requestBody"], pointer))
            body["content"] = _written(member_object(body, "content", pointer), self.in_use.get(pointer, frozenset()))
            built["requestBody"] = body
        built["responses"] = {
            status: _read(as_object(response, pointer), is_error=not status.startswith("2"))
            for status, response in member_object(built, "responses", pointer).items()
        }
        return built


def _written(content: JsonObject, in_use: frozenset[str]) -> JsonObject:
    """Return the one form in which a body is sent; all of them where the generator can write none."""
    candidates = sorted(content, key=lambda media_type: media_type not in in_use)
    for known in (True, False):
        for part in _WRITABLE:
            for media_type in candidates:
                if part in media_type and (media_type in in_use) is known:
                    value = as_object(content[media_type], "")
                    return {media_type: {"schema": {}, **{key: value[key] for key in value if key != "encoding"}}}
    return content


def _read(response: JsonObject, *, is_error: bool) -> JsonObject:
    """Return a response in the one form in which it is read."""
    content = member_object(response, "content", "")
    if not content:
        return response
    for part in _READABLE:
        for media_type, value in content.items():
            if part in media_type:
                return {**response, "content": {media_type: value}}
    rest = {key: value for key, value in response.items() if key != "content"}
    if is_error:
        return rest
    return {**rest, "content": {_BYTES: {"schema": {"type": "string", "format": "binary"}}}}
