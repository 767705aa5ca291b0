"""Finds what is wrong in a document: the validator's findings, said briefly, and four faults that it does not see."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, cast

import attrs

from scripts.specsync.document import openapi as grammar
from scripts.specsync.document.json_values import JsonObject, JsonValue
from scripts.specsync.document.openapi import ObjectKind, as_object, member_list, member_object, path_names
from scripts.specsync.document.pointer import join
from scripts.specsync.document.schemas import Schemas
from scripts.specsync.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterable

_LONGEST_REASON: Final = 160


@attrs.frozen
class Finding:
    """One fault: where it is and what is wrong."""

    pointer: str
    reason: str

    def __str__(self) -> str:
        """Return the finding as a message shows it."""
        return f"{self.pointer or '/'}: {self.reason}"


def lint(document: JsonObject) -> tuple[Finding, ...]:
    """Return every fault of a document."""
    own = [*_undeclared_tags(document), *_unknown_schemes(document), *_schemas(document), *_path_parameters(document)]
    return tuple(sorted({*_validated(document), *own}, key=str))


def _validated(document: JsonObject) -> Iterator[Finding]:
    # Takes half a second to import, and most verbs lint nothing.
    from openapi_spec_validator import OpenAPIV30SpecValidator, OpenAPIV31SpecValidator  # noqa: PLC0415

    modern = str(document.get("openapi")).startswith("3.1")
    validator = (OpenAPIV31SpecValidator if modern else OpenAPIV30SpecValidator)(document)
    try:
        for error in cast("Iterable[object]", validator.iter_errors()):
            path = [token for token in getattr(error, "absolute_path", ()) if isinstance(token, (str, int))]
            yield Finding(join("", *path), _brief(error))
    except Exception as error:  # noqa: BLE001 - the validator raises what its libraries raise, none of it documented
        message = f"the validator cannot read the document: {type(error).__name__}: {_shortened(str(error))}"
        raise SourceError(message) from None


def _brief(error: object) -> str:
    """Return a validator's message without the schema that it quotes."""
    keyword = getattr(error, "validator", None)
    value = getattr(error, "validator_value", None)
    instance = getattr(error, "instance", None)
    message = str(getattr(error, "message", error))
    if keyword in {"oneOf", "anyOf"}:
        return f"{_shown(instance)} fits none of the forms that may stand here"
    if keyword == "type":
        return f"{_shown(instance)} is not of type {value}"
    if keyword == "enum":
        return f"{_shown(instance)} is none of {_shown(value)}"
    return _shortened(message)


def _shown(value: object) -> str:
    if isinstance(value, dict):
        keys = sorted(str(key) for key in cast("dict[object, object]", value))
        return f"an object with {', '.join(keys) or 'nothing in it'}"
    return _shortened(repr(value))


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_REASON else f"{line[:_LONGEST_REASON]}..."


def _undeclared_tags(document: JsonObject) -> Iterator[Finding]:
    declared = {str(as_object(tag, "/tags").get("name")) for tag in member_list(document, "tags", "")}
    for pointer, kind, node in grammar.walk(document, ObjectKind.DOCUMENT, ""):
        if kind is ObjectKind.OPERATION:
            for index, tag in enumerate(member_list(node, "tags", pointer)):
                if tag not in declared:
                    yield Finding(join(pointer, "tags", index), f"tag {tag!r} is not declared")


def _unknown_schemes(document: JsonObject) -> Iterator[Finding]:
    known = member_object(member_object(document, "components", ""), "securitySchemes", "/components")
    for pointer, kind, node in grammar.walk(document, ObjectKind.DOCUMENT, ""):
        if kind is ObjectKind.OPERATION:
            for index, alternative in enumerate(member_list(node, "security", pointer)):
                place = join(pointer, "security", index)
                for name in as_object(alternative, place):
                    if name not in known:
                        yield Finding(place, f"security scheme {name!r} is not described")


def _schemas(document: JsonObject) -> Iterator[Finding]:
    schemas = Schemas(document)
    for pointer, kind, node in grammar.walk(document, ObjectKind.DOCUMENT, ""):
        if kind is not ObjectKind.SCHEMA:
            continue
        if node.get("type") == "array" and "items" not in node and "prefixItems" not in node:
            yield Finding(pointer, "an array without items")
        if "required" not in node or "$ref" in node or _is_part_of_all(pointer):
            continue
        flat = schemas.flat(node)
        properties = member_object(flat, "properties", pointer)
        if not properties and ("anyOf" in flat or "oneOf" in flat or "type" not in node):
            # Such a list only says which of another schema's properties must be there.
            continue
        for name in member_list(node, "required", pointer):
            if name not in properties and schemas.union(flat) is None:
                yield Finding(join(pointer, "required"), f"requires {name!r}, which is no property")


def _is_part_of_all(pointer: str) -> bool:
    return any(token in pointer.split("/") for token in ("allOf", "anyOf", "oneOf", "not"))


def _path_parameters(document: JsonObject) -> Iterator[Finding]:
    for path, item in member_object(document, "paths", "").items():
        names = set(path_names(path))
        for method, operation in as_object(item, "").items():
            if method not in grammar.METHODS:
                continue
            pointer = join("/paths", path, method)
            values: list[JsonValue] = member_list(as_object(operation, pointer), "parameters", pointer)
            found = [as_object(value, pointer) for value in values]
            given = {str(parameter.get("name")) for parameter in found if parameter.get("in") == "path"}
            for name in sorted(names ^ given):
                word = "is not described" if name in names else "is not in the path"
                yield Finding(pointer, f"path parameter {name!r} {word}")
