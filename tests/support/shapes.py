"""Creates examples of the schemas of a document: any valid ones, by Hypothesis, and one with every property.

What a response may hold is decided upstream, so every form that a schema can have is understood here. One that is not
stops with `ShapeError`, which says that this helper fails, and not what it tests. (Of the libraries that make examples
from schemas, hypothesis-jsonschema does not work with today's Hypothesis.)
"""

from __future__ import annotations

import base64
import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from hypothesis import strategies as st

Schema = Mapping[str, Any]

TEXTS = st.text(max_size=8)
# Providers mean a number where the document lets them write it as text, and times are times.
NUMBER_TEXTS = st.integers(0, 10**9).map(str)
WHOLE = st.integers(0, 4_000_000_000_000)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**12), 10**12)
# What a provider may say besides: any JSON.
UNKNOWN = st.sampled_from([{}, {"new": 1}, {"new": {"deep": [None, "x"]}, "~/": False}])
# Deeper, a component that holds itself holds no more of what may be absent.
DEEPEST = 3
FARTHEST = 40
SAMPLES: Mapping[str, Any] = {
    "date": "2026-06-11",
    "date-time": "2026-06-11T12:00:00Z",
    "uuid": "5f4dcc3b-5aa7-45d6-8d83-27deb882cf99",
    "byte": base64.b64encode(b"bytes").decode(),
}


PLAIN_SAMPLES: Mapping[str | None, Any] = {
    None: {"its": "own"},
    "integer": 1_740_000_000,
    "number": 0.5,
    "boolean": True,
    "null": None,
}


class ShapeError(Exception):
    """The example maker does not support a schema; the tested code may be correct."""

    def __init__(self, schema: object, why: str) -> None:
        super().__init__(f"the test helper tests/support/shapes.py makes no example of {schema!r}: {why}")


class Shapes:
    """Creates examples of the components of a document."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._schemas: Mapping[str, Any] = document["components"]["schemas"]

    def of(self, name: str) -> st.SearchStrategy[Any]:
        """Return a strategy of values that conform to a component."""
        return self._of({"$ref": f"#/components/schemas/{name}"}, "", 0)

    def sample(self, name: str) -> Any:  # noqa: ANN401 - JSON
        """Return one value that conforms to a component and has every property."""
        return self._sample({"$ref": f"#/components/schemas/{name}"}, "", 0)

    def whole(self, schema: Any, seen: tuple[str, ...] = ()) -> dict[str, Any]:  # noqa: ANN401 - a schema
        """Return a schema with its reference followed and what it is all of joined into it."""
        if isinstance(schema, bool):
            return {} if schema else {"enum": []}
        if not isinstance(schema, Mapping):
            raise ShapeError(schema, "it is no schema")
        if "$ref" in schema:
            name = str(schema["$ref"]).rpartition("/")[2]
            if name in seen or name not in self._schemas:
                raise ShapeError(schema, "its reference leads nowhere")
            return self.whole(self._schemas[name], (*seen, name))
        joined: dict[str, Any] = {}
        for part in [self.whole(one, seen) for one in schema.get("allOf", ())]:
            joined = _joined(joined, part)
        return _joined(joined, {key: value for key, value in schema.items() if key != "allOf"})

    def _of(self, schema: Any, name: str, depth: int) -> st.SearchStrategy[Any]:  # noqa: ANN401 - a schema
        if depth > FARTHEST:
            # Only what demands itself without end gets here: nothing conforms to it.
            raise ShapeError(schema, "it demands itself without end")
        whole = self.whole(schema)
        found = self._value(whole, name, depth)
        return st.none() | found if whole.get("nullable") else found

    def _value(self, schema: Schema, name: str, depth: int) -> st.SearchStrategy[Any]:
        if "enum" in schema:
            return st.sampled_from(list(schema["enum"])) if schema["enum"] else st.nothing()
        for key in ("anyOf", "oneOf"):
            if key in schema:
                return self._union(schema, schema[key], name, depth)
        kind = _type(schema)
        match kind:
            case "object":
                return self._object(schema, depth)
            case "array":
                items = st.nothing() if depth > DEEPEST else self._of(schema.get("items", {}), name, depth + 1)
                return st.lists(items, max_size=0 if depth > DEEPEST else 2)
            case "string":
                return _text(schema, name)
            case _:
                return _plain(schema, kind)

    def _union(self, schema: Schema, members: Sequence[Any], name: str, depth: int) -> st.SearchStrategy[Any]:
        base = {key: value for key, value in schema.items() if key not in {"anyOf", "oneOf", "nullable"}}
        wholes = [_joined(base, self.whole(one)) for one in members]
        numeric = any(_type(one) == "integer" for one in wholes) and name != "code"
        return st.one_of(
            [
                NUMBER_TEXTS if numeric and _type(one) == "string" and "enum" not in one else self._of(one, name, depth)
                for one in wholes
            ]
        )

    def _object(self, schema: Schema, depth: int) -> st.SearchStrategy[Any]:
        properties = schema.get("properties", {})
        required = {name for name in schema.get("required", ()) if name in properties}
        optional = {} if depth > DEEPEST else {name: one for name, one in properties.items() if name not in required}
        known = st.fixed_dictionaries(
            {name: self._of(properties[name], name, depth + 1) for name in sorted(required)},
            optional={name: self._of(one, name, depth + 1) for name, one in optional.items()},
        )
        extra = schema.get("additionalProperties", True)
        if extra is False:
            return known
        more = UNKNOWN
        if isinstance(extra, Mapping) and extra:
            values = self._of(extra, "", depth + 1)
            more = st.just({}) if depth > DEEPEST else st.dictionaries(TEXTS, values, max_size=2)
        return st.builds(lambda more, given: {**more, **given}, more, known)

    def _sample(self, schema: Any, name: str, depth: int) -> Any:  # noqa: ANN401 - a schema, and JSON
        whole = self.whole(schema)
        if "enum" in whole:
            return next((value for value in whole["enum"] if value is not None), None)
        for key in ("anyOf", "oneOf"):
            if key in whole:
                base = {one: value for one, value in whole.items() if one not in {"anyOf", "oneOf"}}
                return self._sample(_joined(base, self.whole(whole[key][0])), name, depth)
        kind = _type(whole)
        match kind:
            case "object":
                inside = {} if depth > DEEPEST else whole.get("properties", {})
                return {key: self._sample(one, key, depth + 1) for key, one in inside.items()}
            case "array":
                return [] if depth > DEEPEST else [self._sample(whole.get("items", {}), name, depth + 1)] * 2
            case "string":
                return SAMPLES.get(str(whole.get("format")), f"some {name}")
            case _:
                return PLAIN_SAMPLES[kind] if kind in PLAIN_SAMPLES else _unknown(whole, kind)


def _type(schema: Schema) -> str | None:
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next((one for one in kind if one != "null"), "null")
    if kind is None and "properties" in schema:
        return "object"
    if kind is None and isinstance(schema.get("additionalProperties"), Mapping):
        return "object"
    return "array" if kind is None and "items" in schema else kind


def _unknown(schema: Schema, kind: str | None) -> NoReturn:
    raise ShapeError(schema, f"the type {kind!r} is unknown")


def _plain(schema: Schema, kind: str | None) -> st.SearchStrategy[Any]:
    plain: Mapping[str | None, st.SearchStrategy[Any]] = {
        # The provider's own, which the document leaves open and the facade passes on as an object.
        None: st.none() | UNKNOWN,
        "integer": WHOLE,
        "number": NUMBERS,
        "boolean": st.booleans(),
        "null": st.none(),
    }
    return plain[kind] if kind in plain else _unknown(schema, kind)


def _joined(left: Schema, right: Schema) -> dict[str, Any]:
    joined = {**left, **right}
    for key in ("properties", "required"):
        if key in left and key in right:
            both: Any = {**left[key], **right[key]} if key == "properties" else [*left[key], *right[key]]
            joined[key] = both
    if "enum" in left and "enum" in right:
        joined["enum"] = [value for value in right["enum"] if value in left["enum"]]
    return joined


def _text(schema: Schema, name: str) -> st.SearchStrategy[str]:
    match schema.get("format"):
        case "date":
            return st.dates().map(dt.date.isoformat)
        case "date-time":
            moments = st.datetimes(dt.datetime(1971, 1, 1), dt.datetime(2100, 1, 1))  # noqa: DTZ001 - made aware below
            return moments.map(lambda moment: f"{moment.isoformat()}Z")
        case "uuid":
            return st.uuids().map(uuid.UUID.__str__)
        case "byte":
            return st.binary(max_size=6).map(lambda content: base64.b64encode(content).decode())
        case _:
            least = max(int(schema.get("minLength", 0)), 1 if name == "id" else 0)
            # An id that is empty names nothing, whatever the document says.
            return st.text(min_size=least, max_size=max(least, min(int(schema.get("maxLength", 8)), 8)))


def json_values(words: tuple[str, ...]) -> st.SearchStrategy[Any]:
    """Draw any JSON whose names and texts are often those that a model looks for."""
    texts = st.sampled_from([*words, *SAMPLES.values(), "a", "b", ""])
    plain = st.none() | st.booleans() | st.integers(-3, 3) | st.floats(allow_nan=False) | texts
    names = st.sampled_from([*words, "new", "~/"])
    return st.recursive(
        plain, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=6), max_leaves=12
    )


@st.composite
def mutated(draw: st.DrawFn, value: Any, words: tuple[str, ...]) -> Any:  # noqa: ANN401 - JSON
    """Draw a value with some of what is in it replaced or left out, at any depth."""
    if draw(st.integers(0, 5)) == 0:
        return draw(json_values(words))
    if isinstance(value, dict):
        kept = {name: item for name, item in value.items() if draw(st.integers(0, 9))}
        return {name: draw(mutated(item, words)) for name, item in kept.items()}
    if isinstance(value, list):
        return [draw(mutated(item, words)) for item in value]
    return value
