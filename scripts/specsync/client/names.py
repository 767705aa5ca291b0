"""Replaces names in a document that would clash with each other or with names in the generated code.

* a component that is called as something every module imports (`Response`) shadows that: its class gets another name;
* a component that is called as one of its properties breaks its own reader: its class gets another name;
* two components whose names differ in case or signs alone (`Foo_Bar`, `FooBar`) become one class, and so do a component
  and an object within another that gets its name (`JobError` and the `error` of `Job`); a name that begins with a digit
  or holds other letters than ASCII becomes a class that nobody can find: such components get other names;
* a property that is called as a method or a variable of every class (`to_dict`, `d`), or a parameter as a variable of
  every request builder (`params`), overwrites it: it is generated under another name, which is replaced by the real one
  where it stands for what goes over the wire;
* of two properties, or two parameters, that become one name in Python (`id` and `$id`), one gets another name likewise.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from itertools import count
from typing import Final

import attrs

from scripts.specsync.document import openapi as grammar
from scripts.specsync.document.json_values import JsonObject, JsonValue
from scripts.specsync.document.names import fold
from scripts.specsync.document.openapi import ObjectKind, as_object, components_of, member_list, member_object
from scripts.specsync.document.pointer import join, reference_tokens

# What the generated modules import under this very name.
_IMPORTED: Final = frozenset(
    {
        "any", "authenticatedclient", "bytesio", "client", "datetime", "file", "filetypes", "httpstatus", "iterable",
        "literal", "mapping", "requestfiles", "response", "self", "typevar", "uuid", "unset",
    }
)  # fmt: skip
# Methods and variables of every generated class.
CLASS_NAMES: Final = (
    "to_dict", "from_dict", "to_multipart", "additional_keys", "additional_properties", "field_dict", "src_dict",
    "cls", "self", "d", "files", "prop_name", "prop",
)  # fmt: skip
# Arguments and variables of every generated request builder.
BUILDER_NAMES: Final = ("body", "client", "cookies", "headers", "kwargs", "params", "response")
_WORD_START: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_SEPARATOR: Final = re.compile(r"[^A-Za-z0-9]+")
_PLAIN: Final = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")


def class_name(name: str) -> str:
    """Return the name of the class that the generator makes of a component."""
    words = [word for part in _SEPARATOR.split(name) for word in _WORD_START.split(part) if word]
    return "".join(word[:1].upper() + word[1:] for word in words)


def module_name(name: str) -> str:
    """Return the name of the module of a class."""
    return "_".join(word.lower() for word in _WORD_START.split(name))


@attrs.frozen
class SafeNames:
    """The replaced names: placeholders for components, properties and parameters, and class names by component."""

    components: Mapping[str, str]
    classes: Mapping[str, str]
    wire_names: Mapping[str, str]
    properties: Mapping[str, str]
    parameters: Mapping[str, str]

    def parameter(self, name: str) -> str:
        """Return the name under which a parameter is generated."""
        return self.parameters.get(name, name)

    def with_safe_properties(self, schema: JsonObject) -> JsonObject:
        """Return a schema whose properties do not overwrite members that every class has."""
        renamed = dict(schema)
        if "properties" in schema:
            properties = member_object(schema, "properties", "")
            renamed["properties"] = {self.properties.get(name, name): value for name, value in properties.items()}
        if "required" in schema:
            names = [str(name) for name in member_list(schema, "required", "")]
            renamed["required"] = [self.properties.get(name, name) for name in names]
        return renamed

    def with_component_names(self, document: JsonObject) -> JsonObject:
        """Return a document whose component names become distinct classes."""
        if not self.components:
            return document

        def visit(node: JsonObject, kind: ObjectKind, pointer: str) -> JsonValue:
            if kind is ObjectKind.COMPONENTS:
                schemas = member_object(node, "schemas", pointer)
                return {**node, "schemas": {self.components.get(name, name): schemas[name] for name in schemas}}
            if kind is ObjectKind.SCHEMA and "$ref" in node:
                name = reference_tokens(node["$ref"], pointer)[-1]
                return {**node, "$ref": "#" + join("/components/schemas", self.components.get(name, name))}
            return node

        return as_object(grammar.rebuild(document, ObjectKind.DOCUMENT, "", visit), "")


def safe_names(document: JsonObject) -> SafeNames:
    """Return the names of a document that must be replaced."""
    schemas = components_of(document, "schemas")
    components = _components(schemas)
    classes = {
        components.get(name, name): f"{class_name(components.get(name, name))}Model"
        for name, schema in schemas.items()
        if _shadows(components.get(name, name), schema)
    }
    words = frozenset(_words(document))
    components |= _named_as_inner_ones(schemas, components)
    properties: set[str] = set()
    parameters: set[str] = set()
    for _, kind, node in grammar.walk(document, ObjectKind.DOCUMENT, ""):
        if kind is ObjectKind.SCHEMA and "$ref" not in node:
            properties.update(member_object(node, "properties", ""))
        elif kind is ObjectKind.PARAMETER and node.get("in") != "path":
            parameters.add(str(node.get("name")))
    of_classes = _placeholders(properties, CLASS_NAMES, words)
    of_builders = _placeholders(parameters, BUILDER_NAMES, words | set(of_classes.values()))
    wire_names = {placeholder: name for names in (of_classes, of_builders) for name, placeholder in names.items()}
    return SafeNames(components, classes, wire_names, of_classes, of_builders)


def _components(schemas: JsonObject) -> dict[str, str]:
    """Return new names for components that would become no class, or the class of another."""
    renamed: dict[str, str] = {}
    taken = {fold(class_name(name)) for name in schemas if _PLAIN.fullmatch(name)}
    seen: set[str] = set()
    for name in sorted(schemas):
        plain = _PLAIN.fullmatch(name) is not None
        folded = fold(class_name(name))
        if plain and folded not in seen:
            seen.add(folded)
            continue
        ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
        base = class_name(ascii_name) or "Model"
        base = base if base[0].isalpha() else f"Model{base}"
        number = 2
        new = f"{base}{number}" if fold(base) in taken else base
        while fold(new) in taken:
            number += 1
            new = f"{base}{number}"
        taken.add(fold(new))
        renamed[name] = new
    return renamed


def _named_as_inner_ones(schemas: JsonObject, renamed: Mapping[str, str]) -> dict[str, str]:
    """Return new names for components that are called as the class of an object within another component."""
    inner = {fold(found) for name, schema in schemas.items() for found in _inner_classes(schema, class_name(name))}
    taken = {fold(class_name(renamed.get(name, name))) for name in schemas} | inner
    found: dict[str, str] = {}
    for name in sorted(set(schemas) - set(renamed)):
        if fold(class_name(name)) in inner:
            found[name] = next(new for number in count(2) if fold(new := f"{class_name(name)}{number}") not in taken)
            taken.add(fold(found[name]))
    return found


def _inner_classes(schema: JsonValue, name: str) -> Iterator[str]:
    """Yield the classes that the generator makes of the objects and lists of values within a schema."""
    if not isinstance(schema, dict):
        return
    inner = [(f"{name}{class_name(key)}", value) for key, value in member_object(schema, "properties", "").items()]
    if "items" in schema:
        inner.append((f"{name}Item", schema["items"]))
    for place, value in inner:
        if isinstance(value, dict) and ("properties" in value or value.get("type") == "object" or "enum" in value):
            yield place
        yield from _inner_classes(value, place)


def _shadows(name: str, schema: JsonValue) -> bool:
    folded = fold(name)
    if folded in _IMPORTED:
        return True
    if not isinstance(schema, dict):
        return False
    members = schema.get("allOf")
    parts = members if isinstance(members, list) else []
    holders = [schema, *(member for member in parts if isinstance(member, dict))]
    return any(fold(key) == folded for holder in holders for key in member_object(holder, "properties", ""))


def _placeholders(names: set[str], reserved: tuple[str, ...], words: frozenset[str]) -> dict[str, str]:
    """Return for each name that cannot be generated another that the document does not hold.

    These are names that are reserved in any spelling, and those that become nothing in Python, or the same as another.
    """
    by_fold = {fold(name): name for name in reserved}
    found: dict[str, str] = {}
    seen: set[str] = set()
    # A name that is valid in Python as it stands is kept.
    for name in sorted(names, key=lambda name: (name != _python_name(name), name)):
        own = by_fold.get(fold(name))
        if own is None and _python_name(name) not in {"", *seen}:
            seen.add(_python_name(name))
            continue
        placeholder = f"{own or _python_name(name) or 'name'}_value"
        while placeholder in words or placeholder in found.values():
            placeholder += "_value"
        found[name] = placeholder
    return found


def _python_name(name: str) -> str:
    """Return the name as the generator writes it when two names are in conflict."""
    return "".join(char for char in name if char.isalnum() or char == "_").rstrip("_")


def _words(value: JsonValue) -> Iterator[str]:
    """Yield every key and every text of a document."""
    waiting = [value]
    while waiting:
        node = waiting.pop()
        if isinstance(node, str):
            yield node
        elif isinstance(node, list):
            waiting.extend(node)
        elif isinstance(node, dict):
            yield from node
            waiting.extend(node.values())
