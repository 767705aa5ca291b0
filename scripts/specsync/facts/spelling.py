"""Normalises spellings: media types, header names, authentication schemes, and explicit defaults.

HTTP compares media types, header names and authentication schemes without case, and JSON is UTF-8 whether a `charset`
says so or not. What a document writes out although the specification says it anyway changes nothing either.
"""

from collections.abc import Callable
from typing import Final

from scripts.specsync.document.json_values import JsonObject, JsonValue
from scripts.specsync.document.openapi import ObjectKind, as_object, member_object

# The specification ignores header parameters of these names: other parts of the document describe those headers.
IGNORED_HEADERS: Final = frozenset({"accept", "authorization", "content-type"})
# Defaults of the specification.
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
    "allowReserved": False,
    "allowEmptyValue": False,
}
_NO_LOWER_LIMIT: Final = ("minLength", "minItems", "minProperties")
_DEFAULT_STYLES: Final = {"query": "form", "cookie": "form", "path": "simple", "header": "simple"}
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_UTF8: Final = frozenset({"utf-8", "utf8"})


def canonical_media_type(text: str) -> str:
    """Return a media type in lower case, with its parameters in order and without a `charset` of UTF-8."""
    base, *parameters = (part.strip() for part in text.split(";"))
    kept: list[str] = []
    for parameter in parameters:
        name, mark, value = parameter.partition("=")
        name = name.strip().lower()
        value = value.strip()
        if not name or (name == "charset" and value.strip('"').lower() in _UTF8):
            continue
        kept.append(f"{name}={value}" if mark else name)
    return ";".join([base.lower(), *sorted(kept)])


def without_written_defaults(node: JsonObject, kind: ObjectKind) -> JsonObject:
    """Return an object without explicit defaults of the specification."""
    built = {
        key: value
        for key, value in node.items()
        if not (key in _DEFAULTS and value is _DEFAULTS[key] and not (key == "required" and kind is ObjectKind.SCHEMA))
    }
    if kind is ObjectKind.SCHEMA:
        _drop_empty_keywords(built)
    if kind in {ObjectKind.PARAMETER, ObjectKind.HEADER}:
        _drop_default_style(built, "header" if kind is ObjectKind.HEADER else str(built.get("in")))
    return built


def canonical_url(text: str) -> str:
    """Return the address of a server in one spelling; a placeholder is unchanged."""
    scheme, mark, rest = text.partition("://")
    host, slash, path = rest.partition("/")
    if not mark or "{" in host:
        return text.rstrip("/") or text
    host = host.lower().removesuffix(f":{_DEFAULT_PORTS.get(scheme.lower())}")
    return f"{scheme.lower()}://{host}{slash}{path}".rstrip("/")


def style_of(parameter: JsonObject) -> str:
    """Return the style of a parameter, explicit or by default."""
    return str(parameter.get("style", _DEFAULT_STYLES.get(str(parameter.get("in")))))


def canonical_spelling(node: JsonObject, kind: ObjectKind) -> JsonObject:
    """Return an object in which names that HTTP compares without case are in lower case."""
    built = dict(node)
    if "content" in built:
        built["content"] = _with_lower_keys(member_object(built, "content", ""), canonical_media_type)
    if kind is ObjectKind.RESPONSE and "headers" in built:
        built["headers"] = _with_lower_keys(member_object(built, "headers", ""), str.lower)
    if kind is ObjectKind.PARAMETER and built.get("in") == "header":
        built["name"] = str(built.get("name")).lower()
    if kind is ObjectKind.SECURITY_SCHEME:
        if built.get("type") == "apiKey" and built.get("in") == "header":
            built["name"] = str(built.get("name")).lower()
        if isinstance(built.get("scheme"), str):
            built["scheme"] = str(built["scheme"]).lower()
    return built


def is_ignored_parameter(parameter: JsonValue) -> bool:
    """Return whether the specification ignores a parameter."""
    node = as_object(parameter, "")
    return node.get("in") == "header" and str(node.get("name")).lower() in IGNORED_HEADERS


def _drop_empty_keywords(node: JsonObject) -> None:
    """Drop keywords of a schema whose value lets everything through."""
    for key in ("additionalProperties", "properties"):
        if node.get(key) == {}:
            del node[key]
    for key in _NO_LOWER_LIMIT:
        if node.get(key) == 0 and node[key] is not False:
            del node[key]
    if node.get("type") == "integer" and node.get("multipleOf") == 1 and node["multipleOf"] is not True:
        del node["multipleOf"]


def _drop_default_style(node: JsonObject, place: str) -> None:
    default = _DEFAULT_STYLES.get(place)
    style = node.get("style", default)
    if node.get("explode") is (style == "form"):
        del node["explode"]
    if "style" in node and node["style"] == default:
        del node["style"]


def _with_lower_keys(members: JsonObject, spell: Callable[[str], str]) -> JsonObject:
    built: JsonObject = {}
    for key, value in members.items():
        spelled = spell(key)
        built[key if spelled in built else spelled] = value
    return built
