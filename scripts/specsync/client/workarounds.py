"""Last changes for the generator's sake, which are no facts: they are made on the way to it and stored nowhere.

What stands against each is what the generator does without it, most of it in silence:

* a component that is called as something every module imports (`Response`) shadows that: its class gets another name;
* a component that is called as one of its properties breaks its own reader: its class gets another name;
* a property `additional_properties` and the generator's own attribute overwrite each other: no other extras then;
* an object with properties beside alternatives that only say what is required loses the properties: no alternatives;
* of several media types of one answer it takes the first that it can read: the others are left out, JSON being taken
  before bytes, and those before text.
"""

import re
from typing import Final

import attrs

from scripts.specsync.document import openapi as grammar
from scripts.specsync.document.json_values import JsonObject, JsonValue
from scripts.specsync.document.names import fold
from scripts.specsync.document.openapi import ObjectKind, as_object, member_object

# What the generated modules import under this very name.
_RESERVED: Final = frozenset(
    {
        "any", "authenticatedclient", "bytesio", "client", "datetime", "file", "filetypes", "httpstatus", "iterable",
        "literal", "mapping", "requestfiles", "response", "self", "typevar", "uuid", "unset",
    }
)  # fmt: skip
_EXTRAS: Final = "additionalproperties"
_READABLE: Final = ("application/json", "+json", "application/octet-stream", "text/")
_WORD_START: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_SEPARATOR: Final = re.compile(r"[^A-Za-z0-9]+")


@attrs.frozen
class Adapted:
    """A document as the generator gets it, and the class names that it is told to use."""

    document: JsonObject
    renames: dict[str, str]

    def class_overrides(self) -> JsonObject:
        """Return the renamed classes in the form of the generator's configuration."""
        return {
            _class_name(name): {"class_name": new, "module_name": _module_name(new)}
            for name, new in self.renames.items()
        }


def adapt(document: JsonObject) -> Adapted:
    """Return the document that is generated from, with the classes that must be renamed."""
    schemas = member_object(member_object(document, "components", ""), "schemas", "")
    renames = {name: f"{_class_name(name)}Model" for name, schema in schemas.items() if _must_be_renamed(name, schema)}
    adapted = as_object(grammar.rebuild(document, ObjectKind.DOCUMENT, "", _visit), "")
    return Adapted(adapted, renames)


def _must_be_renamed(name: str, schema: JsonValue) -> bool:
    folded = fold(name)
    if folded in _RESERVED:
        return True
    if not isinstance(schema, dict):
        return False
    holders = [schema, *(member for member in _members(schema, "allOf") if isinstance(member, dict))]
    return any(fold(key) == folded for holder in holders for key in member_object(holder, "properties", ""))


def _visit(node: JsonObject, kind: ObjectKind, _pointer: str) -> JsonValue:
    if kind is ObjectKind.RESPONSE:
        content = member_object(node, "content", "")
        return {**node, "content": _preferred(content)} if len(content) > 1 else node
    if kind is not ObjectKind.SCHEMA:
        return node
    properties = member_object(node, "properties", "")
    if not properties:
        return node
    built = dict(node)
    if any(fold(key) == _EXTRAS for key in properties) and "additionalProperties" not in node:
        built["additionalProperties"] = False
    for key in ("anyOf", "oneOf"):
        members = _members(node, key)
        if members and all(isinstance(member, dict) and set(member) <= {"required", "type"} for member in members):
            del built[key]
    return built


def _preferred(content: JsonObject) -> JsonObject:
    """Return the one form of an answer that the client shall read; all of them where it can read none."""
    for part in _READABLE:
        for media_type, value in content.items():
            if part in media_type:
                return {media_type: value}
    return content


def _members(node: JsonObject, key: str) -> list[JsonValue]:
    value = node.get(key)
    return value if isinstance(value, list) else []


def _class_name(name: str) -> str:
    words = [word for part in _SEPARATOR.split(name) for word in _WORD_START.split(part) if word]
    return "".join(word[:1].upper() + word[1:] for word in words)


def _module_name(name: str) -> str:
    return "_".join(word.lower() for word in _WORD_START.split(name))
