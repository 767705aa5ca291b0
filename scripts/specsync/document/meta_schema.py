"""The specification's JSON Schema of OpenAPI documents, split into one schema per kind of object.

One schema for the whole says of an error deep inside that "none of the forms fits" at the top, and takes a minute for a
large document. Here each object is held against the part that describes it, with everything that is an object of its
own left open: the error is where it is, and said once.
"""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final, cast

import attrs
import jsonschema_rs

from scripts.specsync.document.json_values import JsonObject, JsonValue
from scripts.specsync.document.openapi import ObjectKind
from scripts.specsync.document.pointer import join
from scripts.specsync.errors import SourceError

_PACKAGE: Final = "openapi_spec_validator"
_SCHEMA: Final = "resources/schemas/v3.0/schema.json"
_DEFINITIONS: Final[Mapping[ObjectKind, str]] = {
    ObjectKind.OPERATION: "Operation",
    ObjectKind.PARAMETER: "Parameter",
    ObjectKind.REQUEST_BODY: "RequestBody",
    ObjectKind.RESPONSE: "Response",
    ObjectKind.HEADER: "Header",
    ObjectKind.MEDIA_TYPE: "MediaType",
    ObjectKind.ENCODING: "Encoding",
    ObjectKind.SCHEMA: "Schema",
    ObjectKind.SECURITY_SCHEME: "SecurityScheme",
    ObjectKind.SERVER: "Server",
}
_OPEN: Final = frozenset({*_DEFINITIONS.values(), "Callback", "Link"}) - {"Server", "SecurityScheme"}
_LONGEST_REASON: Final = 160


@attrs.frozen
class MetaSchema:
    """The validators of the kinds of objects."""

    validators: Mapping[ObjectKind, jsonschema_rs.Draft4Validator]

    def errors(self, node: JsonObject, kind: ObjectKind, pointer: str) -> Iterator[tuple[str, str]]:
        """Yield place and reason of each error of one object itself."""
        validator = self.validators.get(kind)
        if validator is None or "$ref" in node or validator.is_valid(node):
            return
        for error in validator.iter_errors(node):
            yield join(pointer, *error.instance_path), _brief(error)


@cache
def meta_schema() -> MetaSchema:
    """Return the validators, built once from the schema in the installed package."""
    found = find_spec(_PACKAGE)
    if found is None or found.origin is None:
        message = f"{_PACKAGE} is not installed beside this interpreter; install the dependency group `spec`"
        raise SourceError(message)
    whole = cast("JsonObject", json.loads((Path(found.origin).parent / _SCHEMA).read_bytes()))
    definitions = cast("JsonObject", whole["definitions"])
    opened = {name: _opened(value) for name, value in definitions.items()}
    return MetaSchema(
        {
            kind: jsonschema_rs.Draft4Validator({**cast("JsonObject", opened[name]), "definitions": opened})
            for kind, name in _DEFINITIONS.items()
        }
    )


def _opened(value: JsonValue) -> JsonValue:
    """Return a part of the schema in which nested objects of their own kind may be anything."""
    if isinstance(value, list):
        return [_opened(member) for member in value]
    if not isinstance(value, dict):
        return value
    references = [value, *(member for member in _list(value.get("oneOf")) if isinstance(member, dict))]
    if any(str(one.get("$ref", "")).rpartition("/")[2] in _OPEN for one in references):
        return {}
    return {key: _opened(member) for key, member in value.items()}


def _list(value: JsonValue) -> list[JsonValue]:
    return value if isinstance(value, list) else []


def _brief(error: jsonschema_rs.ValidationError) -> str:
    """Return a validator's message without long quotations."""
    kind = type(error.kind).__name__.rpartition("_")[2]
    if kind in {"OneOfNotValid", "AnyOf", "OneOfMultipleValid"}:
        return f"{shown(error.instance)} matches none of the forms that are allowed here"
    return shortened(error.message)


def shown(value: object) -> str:
    """Return a value as a message shows it."""
    if isinstance(value, dict):
        keys = sorted(str(key) for key in cast("dict[object, object]", value))
        return f"an object with {', '.join(keys) or 'nothing in it'}"
    return shortened(repr(value))


def shortened(text: str) -> str:
    """Return a text, shortened."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_REASON else f"{line[:_LONGEST_REASON]}..."
