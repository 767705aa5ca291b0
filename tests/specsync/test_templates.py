"""Our template of the generator makes the classes that the generator's own makes: the same in all that they do."""

from __future__ import annotations

import copy
import importlib
import json
import re
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

pytest.importorskip("openapi_spec_validator", reason="the toolchain's own packages; they are in the group spec")

from scripts.specsync.client.generate import GeneratorOptions, generate
from scripts.specsync.client.generated_tree import read_tree
from scripts.specsync.client.templates import write_changed_templates
from scripts.specsync.client.workarounds import adapt
from scripts.specsync.document.json_values import JsonObject
from scripts.specsync.document.yaml_reader import parse_object
from scripts.specsync.errors import GeneratorError
from scripts.specsync.facts.normalise import effective_base, normalise
from scripts.specsync.facts.select import all_operations, select
from scripts.specsync.project import TEMPLATE_CHANGES
from scripts.specsync.verdicts import ExitCode
from tests.support.shapes import Shapes, json_values, mutated

ROOT = Path(__file__).parents[2]

# Each way in which a model may be read, and each way in which models may refer to each other.
FORMS: Mapping[str, Any] = {
    "id": {"type": "string"},
    "maybe": {"type": "string", "nullable": True},
    "number_or_text": {"nullable": True, "anyOf": [{"type": "number"}, {"type": "string"}]},
    "either": {"anyOf": [{"$ref": "#/components/schemas/Leaf"}, {"$ref": "#/components/schemas/Tree"}]},
    "either_or_text": {
        "oneOf": [{"$ref": "#/components/schemas/Leaf"}, {"$ref": "#/components/schemas/Tree"}, {"type": "string"}]
    },
    "leaf": {"$ref": "#/components/schemas/Leaf"},
    "leaf_or_null": {"nullable": True, "anyOf": [{"$ref": "#/components/schemas/Leaf"}]},
    "leaf_or_text": {"nullable": True, "anyOf": [{"$ref": "#/components/schemas/Leaf"}, {"type": "string"}]},
    "leaf_or_moment": {"anyOf": [{"$ref": "#/components/schemas/Leaf"}, {"type": "string", "format": "date-time"}]},
    "leaves": {"type": "array", "items": {"$ref": "#/components/schemas/Leaf"}},
    "leaves_or_null": {"type": "array", "nullable": True, "items": {"$ref": "#/components/schemas/Leaf"}},
    "words_or_null": {"type": "array", "nullable": True, "items": {"type": "string"}},
    "unions": {
        "type": "array",
        "items": {"anyOf": [{"$ref": "#/components/schemas/Leaf"}, {"type": "integer"}]},
    },
    "lists": {"type": "array", "items": {"type": "array", "items": {"$ref": "#/components/schemas/Leaf"}}},
    "inline": {"type": "object", "nullable": True, "properties": {"n": {"type": "number"}}},
    "word": {"type": "string", "enum": ["a", "b"]},
    "word_or_null": {"type": "string", "nullable": True, "enum": ["a", "b", None]},
    "day_or_null": {"type": "string", "format": "date", "nullable": True},
    "moment": {"type": "string", "format": "date-time"},
    "moment_or_null": {"type": "string", "format": "date-time", "nullable": True},
    "identifier_or_null": {"type": "string", "format": "uuid", "nullable": True},
    "anything": {},
    "class": {"type": "string", "nullable": True},
    "Camel-Case": {"nullable": True, "anyOf": [{"$ref": "#/components/schemas/Open"}]},
}
SCHEMAS: Mapping[str, Any] = {
    "Leaf": {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}},
    "Tree": {
        "type": "object",
        "required": ["name"],
        "properties": {
            "name": {"type": "string"},
            "children": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}},
            "parent": {"nullable": True, "anyOf": [{"$ref": "#/components/schemas/Tree"}]},
            "whole": {"$ref": "#/components/schemas/Whole"},
        },
    },
    "Open": {"type": "object", "additionalProperties": {"$ref": "#/components/schemas/Leaf"}},
    "OpenUnion": {
        "type": "object",
        "properties": {"a": {"type": "string"}},
        "additionalProperties": {"nullable": True, "anyOf": [{"$ref": "#/components/schemas/Leaf"}]},
    },
    "Closed": {"type": "object", "additionalProperties": False, "properties": {"a": {"type": "boolean"}}},
    "Empty": {"type": "object"},
    "Whole": {
        "type": "object",
        "required": ["id", "leaf_or_null", "maybe", "either_or_text"],
        "properties": {
            **FORMS,
            "open_union": {"$ref": "#/components/schemas/OpenUnion"},
            "closed": {"$ref": "#/components/schemas/Closed"},
            "empty": {"nullable": True, "anyOf": [{"$ref": "#/components/schemas/Empty"}]},
        },
    },
}
EVERY_FORM: JsonObject = {
    "openapi": "3.0.3",
    "info": {"title": "t", "version": "1"},
    "paths": {
        "/x": {
            "get": {
                "operationId": "x",
                "responses": {
                    "200": {
                        "description": "",
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Whole"}}},
                    }
                },
            }
        }
    },
    "components": {"schemas": dict(SCHEMAS)},
}


# ------------------------------------------------------------------------------------------------------ both clients


@attrs.frozen
class Pair:
    """The classes of both clients, by their names, and the document that both were made from."""

    document: JsonObject
    standard: Mapping[str, Any]
    ours: Mapping[str, Any]
    words: tuple[str, ...]


@attrs.frozen
class Clients:
    """Makes clients, each under a name of its own, so that they can be imported side by side."""

    folder: Path

    def pair(self, document: JsonObject, label: str, changes: Path = TEMPLATE_CHANGES) -> Pair:
        """Generate with the generator's templates as they are, and changed."""
        standard = self._generate(document, f"{label}_standard", None)
        ours = self._generate(document, f"{label}_ours", changes)
        models = read_tree(standard).models.values()
        words = sorted({word for model in models for word in model.read})
        return Pair(document, _classes(standard), _classes(ours), tuple(words))

    def _generate(self, document: JsonObject, name: str, changes: Path | None) -> Path:
        adapted = adapt(document)
        options = GeneratorOptions(name, adapted.class_overrides(), adapted.wire_names, changes)
        workspace = self.folder / name
        workspace.mkdir()
        return generate(adapted.document, options, workspace)


def _classes(package: Path) -> Mapping[str, Any]:
    sys.path.insert(0, str(package.parent))
    try:
        module = importlib.import_module(f"{package.name}.models")
    finally:
        sys.path.pop(0)
    return {name: getattr(module, name) for name in module.__all__ if attrs.has(getattr(module, name))}


@pytest.fixture(scope="module")
def clients(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clients]:
    known = set(sys.modules)
    yield Clients(tmp_path_factory.mktemp("clients"))
    for name in set(sys.modules) - known:
        if name.partition(".")[0].endswith(("_standard", "_ours")):
            del sys.modules[name]


@pytest.fixture(scope="module")
def committed(clients: Clients) -> Pair:
    return clients.pair(parse_object((ROOT / "spec/openapi.yaml").read_bytes()), "committed")


@pytest.fixture(scope="module")
def every_form(clients: Clients) -> Pair:
    return clients.pair(EVERY_FORM, "every_form")


# -------------------------------------------------------------------------------------------------- what is compared


def shown(value: object) -> object:
    """Give all that a value says, in a form that is the same for both clients."""
    if attrs.has(type(value)):
        fields = {field.name: shown(getattr(value, field.name)) for field in attrs.fields(type(value))}
        return type(value).__name__, fields
    if isinstance(value, dict):
        return {key: shown(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shown(item) for item in value]
    if type(value).__name__ == "Unset":
        # Each client has its own, which has no words.
        return "Unset"
    return type(value).__name__, repr(value)


def outcome(call: Callable[[], object]) -> object:
    """Give what comes of a call: a value, or the kind of error and its words."""
    try:
        return shown(call())
    except Exception as error:  # noqa: BLE001 - whatever is raised is compared
        return "raised", type(error).__name__, str(error)


def reading(model: Any, data: object) -> object:  # noqa: ANN401 - a generated class
    """Read data into a model and write it again; give all that can be seen of it."""
    given_data = copy.deepcopy(data)

    def there_and_back() -> object:
        value = model.from_dict(given_data)
        return [value, outcome(value.to_dict)]

    came = outcome(there_and_back)
    return came, given_data == data


def differences(pair: Pair, names: Iterable[str], data: st.DataObject) -> list[str]:
    """Draw data for each of these models and name those that the two clients read or write in another way."""
    found: list[str] = []
    for name in names:
        drawn = data.draw(responses(pair, name), label=name)
        if reading(pair.standard[name], drawn) != reading(pair.ours[name], drawn):
            found.append(f"{name}: {drawn!r}")
    return found


def responses(pair: Pair, name: str) -> st.SearchStrategy[Any]:
    """Draw what a model may be given: what conforms, that with odd things in it, and anything."""
    anything = json_values(pair.words)
    schemas: Any = pair.document["components"]
    if name not in schemas["schemas"]:
        return anything
    conforming = Shapes(pair.document).of(name)
    return conforming | conforming.flatmap(lambda value: mutated(value, pair.words)) | anything


# -------------------------------------------------------------------------------------------------------------- tests

# What differs is shown as it was drawn: to make it smaller takes minutes where all models differ.
MANY = settings(
    max_examples=100, derandomize=True, database=None, deadline=None, phases=(Phase.explicit, Phase.generate)
)


@pytest.mark.parametrize(
    ("document", "examples"),
    [
        ("committed", 5),
        ("every_form", 10),
        pytest.param("committed", 400, marks=pytest.mark.slow),
        pytest.param("every_form", 400, marks=pytest.mark.slow),
    ],
)
def test_each_model_reads_and_writes_as_the_generators_own(
    document: str, examples: int, request: pytest.FixtureRequest
) -> None:
    pair: Pair = request.getfixturevalue(document)

    @settings(MANY, max_examples=examples)
    @given(st.data())
    def compare(data: st.DataObject) -> None:
        assert differences(pair, pair.standard, data) == []

    compare()


@pytest.mark.parametrize("document", ["committed", "every_form"])
def test_each_class_has_the_same_fields_and_methods(document: str, request: pytest.FixtureRequest) -> None:
    pair: Pair = request.getfixturevalue(document)
    assert list(pair.ours) == list(pair.standard)
    for name, standard in pair.standard.items():
        ours = pair.ours[name]
        assert ours.__doc__ == standard.__doc__
        assert ours.__slots__ == standard.__slots__
        assert [(field.name, field.type) for field in attrs.fields(ours)] == [
            (field.name, field.type) for field in attrs.fields(standard)
        ]
        assert sorted(vars(ours)) == sorted(vars(standard))


@pytest.mark.slow
def test_each_model_of_the_whole_document_reads_as_the_generators_own(clients: Clients, upstream: Path) -> None:
    source = parse_object(max((upstream / "openapi").glob("*.yaml")).read_bytes())
    facts = normalise(select(source, all_operations(source)), "whole")
    pair = clients.pair(effective_base(facts), "whole")

    # One model at a time: all in one example are more than Hypothesis draws.
    assert [name for name in pair.standard if not reads_alike(pair, name)] == []


def reads_alike(pair: Pair, name: str) -> bool:
    """Draw data for one model, and return whether the two clients read and write it in the same way."""
    found: list[str] = []

    @settings(MANY, max_examples=3)
    @given(st.data())
    def compare(data: st.DataObject) -> None:
        found.extend(differences(pair, [name], data))

    compare()
    return not found


@pytest.fixture
def changes(tmp_path: Path) -> Path:
    """A copy of what is changed, to be edited."""
    return shutil.copytree(TEMPLATE_CHANGES, tmp_path / "template_changes")


def append_change(changes: Path, pattern: str, replacement: str) -> None:
    # A text in JSON is one in TOML.
    texts = [json.dumps(text) for text in (pattern, replacement.replace("\\", r"\\"))]
    with (changes / "model.toml").open("a", encoding="utf-8") as file:
        file.write('\n[[change]]\nwhy = "a test"\ntimes = 1\npattern = {}\nreplacement = {}\n'.format(*texts))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            "except (TypeError, ValueError, AttributeError, KeyError):",
            "except (TypeError, ValueError, AttributeError):",
        ),
        ("{{ name }} = {{ inner_property.python_name }}", "pass"),
        ("""'", UNSET)' %}""", """'", None)' %}"""),
        (
            "declared. #}\n{% for property in model.required_properties + model.optional_properties %}",
            "declared. #}\n{% for property in (model.required_properties + model.optional_properties) | reverse %}",
        ),
        ("{{ module_name }}.additional_properties = d\n", "{{ module_name }}.additional_properties = {}\n"),
        ("d = dict(src_dict)", "d = src_dict"),
    ],
)
def test_a_change_that_reads_in_another_way_is_found(
    old: str, new: str, clients: Clients, changes: Path, request: pytest.FixtureRequest
) -> None:
    append_change(changes, re.escape(old), new)
    number = request.node.callspec.indices["old"]
    pair = clients.pair(EVERY_FORM, f"broken_{number}", changes)

    @MANY
    @given(st.data())
    def compare(data: st.DataObject) -> None:
        assert differences(pair, pair.standard, data) == []

    with pytest.raises(AssertionError):
        compare()


def test_a_changed_template_is_written_where_the_generator_looks_first(tmp_path: Path) -> None:
    write_changed_templates(TEMPLATE_CHANGES, tmp_path)
    assert [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.jinja")] == ["model.py.jinja"]


@pytest.mark.parametrize("name", ["model.py.jinja", "property_templates/union_property.py.jinja", "gone.py.jinja"])
def test_a_generator_with_another_template_generates_nothing(name: str, changes: Path, tmp_path: Path) -> None:
    path = changes / "model.toml"
    known = re.sub(rf'\n"{re.escape(name)}" = .*', "", path.read_text(encoding="utf-8"))
    path.write_text(known.replace("[originals]", f'[originals]\n"{name}" = "{"0" * 64}"'), encoding="utf-8")
    with pytest.raises(GeneratorError, match="not those that client/template_changes was written for") as caught:
        write_changed_templates(changes, tmp_path / "templates")
    assert caught.value.details == (name,)
    assert caught.value.exit_code is ExitCode.GENERATOR
    assert not (tmp_path / "templates").exists()


@pytest.mark.parametrize(("pattern", "places"), [("there is no such line", 0), ("from_dict|to_dict", 4)])
def test_a_change_that_fits_elsewhere_or_nowhere_generates_nothing(
    pattern: str, places: int, changes: Path, tmp_path: Path
) -> None:
    append_change(changes, pattern, "")
    with pytest.raises(
        GeneratorError, match=f"a change of model.py.jinja fits {places} places in place of 1"
    ) as caught:
        write_changed_templates(changes, tmp_path / "templates")
    assert caught.value.details == ("a test",)
