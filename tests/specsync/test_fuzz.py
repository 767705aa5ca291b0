"""Whatever is fed in, only errors of our own come out, and they come soon."""

import contextlib
import json
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scripts.specsync.client.workarounds import adapt
from scripts.specsync.diff.compare import difference
from scripts.specsync.diff.seam_usage import FacadeUsage, Seam
from scripts.specsync.document.json_values import JsonObject, JsonValue, canonical_json, copy_json
from scripts.specsync.document.lint import lint
from scripts.specsync.document.openapi import as_object
from scripts.specsync.document.yaml_reader import parse
from scripts.specsync.document.yaml_writer import write_yaml
from scripts.specsync.errors import OverlayError, SourceError, SpecSyncError
from scripts.specsync.facts.canonical import canonical
from scripts.specsync.facts.normalise import effective_base, normalise
from scripts.specsync.facts.select import all_operations, select
from scripts.specsync.overlay.apply import apply_overlay, read_overlay
from scripts.specsync.source.docs_pages import blocks_of

QUICK = settings(max_examples=150)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
KEYWORDS = st.sampled_from(
    ["$ref", "type", "properties", "required", "enum", "items", "allOf", "anyOf", "nullable", "parameters", "content"]
)
VALUES: st.SearchStrategy[JsonValue] = st.recursive(
    SCALARS | TEXTS | KEYWORDS | st.just("#/components/schemas/Thing"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS | KEYWORDS, inner, max_size=3),
    max_leaves=8,
)


@QUICK
@given(VALUES)
def test_what_is_written_is_read_back_equal(value: JsonValue) -> None:
    assert canonical_json(parse(write_yaml(value).encode())) == canonical_json(value)


@QUICK
@given(st.text(st.sampled_from(list("[]{}:,-?&*!|>'\"%@`#\n\t aA01.~<")), max_size=60))
def test_the_loader_reads_or_refuses_any_yaml(text: str) -> None:
    with contextlib.suppress(SourceError):
        assert json.loads(canonical_json(parse(text.encode()))) is not ...


@QUICK
@given(st.binary(max_size=200))
def test_the_loader_reads_or_refuses_any_bytes(content: bytes) -> None:
    with contextlib.suppress(SourceError):
        assert json.loads(canonical_json(parse(content))) is not ...


@QUICK
@given(st.text(st.sampled_from(list("`~ \nyaml get/post{}x:#")), max_size=120))
def test_the_page_reader_reads_or_refuses_any_page(text: str) -> None:
    with contextlib.suppress(SourceError):
        assert all(block.path.startswith("/") for block in blocks_of(text.encode()))


@QUICK
@given(VALUES, VALUES)
def test_an_overlay_is_applied_or_refused(document: JsonValue, overlay: JsonValue) -> None:
    with contextlib.suppress(OverlayError):
        actions = read_overlay({"overlay": "1.1.0", "info": {"title": "t", "version": "1"}, "actions": [overlay]})
        assert apply_overlay({"document": document}, actions).document is not None


TARGETS = st.sampled_from(["$", "$.a", "$.*", "$..*", "$.a[0]", "$.a[?@.b]", "$.a.b", "$[", "$.a[1:]", "$..b"])


@QUICK
@given(VALUES, VALUES, TARGETS, st.sampled_from(["update", "copy", "remove"]), st.integers(1, 3))
def test_an_action_is_applied_or_refused(
    document: JsonValue, payload: JsonValue, target: str, kind: str, matches: int
) -> None:
    before = canonical_json(document)
    action: JsonObject = {"target": target, "description": "d", "x-expect": {"at_least": matches}}
    action[kind] = True if kind == "remove" else "$.a" if kind == "copy" else payload
    with contextlib.suppress(OverlayError):
        actions = read_overlay({"overlay": "1.1.0", "info": {"title": "t", "version": "1"}, "actions": [action]})
        apply_overlay({"a": document}, actions)
    assert canonical_json(document) == before


def places(value: JsonValue) -> list[tuple[str | int, ...]]:
    found: list[tuple[str | int, ...]] = [()]
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in members:
        found.extend((key, *place) for place in places(member))
    return found


@settings(max_examples=400)
@given(data=st.data())
def test_a_broken_document_is_judged_or_refused(data: st.DataObject, shop_document: JsonObject) -> None:
    broken = as_object(copy_json(shop_document), "")
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.sampled_from([place for place in places(broken) if place]))
        holder: JsonValue = broken
        for token in place[:-1]:
            holder = holder[str(token)] if isinstance(holder, dict) else cast("list[JsonValue]", holder)[int(token)]
        if isinstance(holder, dict):
            holder[str(place[-1])] = data.draw(VALUES)
        else:
            cast("list[JsonValue]", holder)[int(place[-1])] = data.draw(VALUES)
    promises = FacadeUsage(Seam(present=False), frozenset())
    with contextlib.suppress(SpecSyncError):
        old = normalise(select(shop_document, all_operations(shop_document)), "shop")
        new = normalise(select(broken, all_operations(broken)), "shop")
        assert canonical_json(new) == canonical_json(canonical(new))
        difference(old, new, promises)
        difference(new, old, promises)
        lint(effective_base(new))
        adapt(effective_base(new))


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "{a: " * 50_000,
        "a: &a [x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\n"
        + "".join(
            f"{chr(99 + level)}: &{chr(99 + level)} [{','.join(['*' + chr(98 + level)] * 9)}]\n" for level in range(9)
        ),
        "a: &a [*a]",
        "? [a]\n: b",
        "a: " + "9" * 5000,
        "a: .inf",
        "a: !!python/object:os.system x",
        "--- a\n--- b\n",
        "\x00",
        "a:\n\t- b",
    ],
    ids=["deep lists", "deep maps", "laughs", "own alias", "complex key", "number", "inf", "tag", "two", "nul", "tab"],
)
def test_hostile_text_is_refused_with_a_line(text: str) -> None:
    with pytest.raises(SourceError, match=r"line \d+|not YAML"):
        parse(text.encode())


@pytest.fixture(scope="session")
def shop_document(shop_text: str) -> JsonObject:
    return as_object(parse(shop_text.encode()), "")
