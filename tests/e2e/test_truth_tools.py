"""What the truth table is found out with: it sees a value wherever it is, and misses none that is not there."""

from __future__ import annotations

import json

import pytest

from tests.e2e.truth.forms import ROWS, WITH_HEADERS, forms
from tests.e2e.truth.rows import compare
from tests.e2e.truth.search import places

pytestmark = pytest.mark.sample


@pytest.mark.parametrize(
    ("document", "asked", "place"),
    [
        ({"seed": 7}, 7, ("seed",)),
        ({"H": {"epochCount": "7"}}, 7, ("H", "epochCount")),
        ({"H": {"rate": "1.375"}}, 1.375, ("H", "rate")),
        ({"dataset": "accounts/a/datasets/d-1"}, "d-1", ("dataset",)),
        ({"uri": "s3://b/a b"}, "s3%3A%2F%2Fb%2Fa%20b", ("uri",)),
        ({"list": [{"a": 1}, {"a": 2}]}, 2, ("list", 1, "a")),
        ({"labels": {"team": "x"}}, {"team": "x"}, ("labels", "team")),
        (
            {"method": {"dpo": {"grader": {"name": "g", "type": "t"}}}},
            {"name": "g", "type": "t"},
            ("method", "dpo", "grader"),
        ),
        ({"i": [{"wandb": {"tags": ["x", "y"]}}]}, [{"wandb": {"tags": ["y"]}}], ("i", 0, "wandb", "tags", 1)),
    ],
)
def test_a_value_is_found_where_it_is(document: object, asked: object, place: tuple[str | int, ...]) -> None:
    assert places(document, asked) == [place]


@pytest.mark.parametrize(
    ("document", "asked"),
    [
        ({"seed": 70}, 7),
        ({"seed": True}, 1),
        ({"H": {"epochCount": "70"}}, 7),
        ({"seed": 2.0**53}, 2**53 + 1),
        ({"labels": {"group": "x"}}, {"team": "x"}),
        ({"labels": {"team": "x"}}, {"team": "x", "run": "y"}),
        ({"wandb": {"project": "p"}}, [{"wandb": {"project": "p", "tags": ["t"]}}]),
        ({"seed": None}, 0),
    ],
)
def test_a_value_that_is_not_there_is_not_found(document: object, asked: object) -> None:
    """Neither another number, nor a rounded one, nor the right value under another name, nor half of an object."""
    assert places(document, asked) == []


def _lines(*rows: object) -> bytes:
    return b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows)


U, A = {"role": "user", "content": "truth-u"}, {"role": "assistant", "content": "truth-a"}


@pytest.mark.parametrize(
    ("sent", "stored", "said"),
    [
        (_lines({"messages": [U, A]}), _lines({}), "`content` lost"),
        (_lines({"messages": [U, A]}), _lines({"messages": [U]}), "`content` lost"),
        (_lines({"messages": [U, A]}) * 2, _lines({"messages": [U, A]}), "1 of 2 lines stored"),
        (_lines({"messages": [U, A]}), _lines({"messages": [U, A]}) * 2, "2 of 1 lines stored"),
        (_lines({"messages": [{**A, "weight": 0}]}), _lines({"messages": [A]}), "`weight` lost"),
        (_lines({"messages": [{**A, "weight": 0}]}), _lines({"messages": [{**A, "weight": 1}]}), "`weight` lost"),
        (_lines({"text": "日本"}), _lines({"text": "日\ufffd"}), "`text` lost, `text` made up"),
        (_lines({"a": [U], "n": 2**53 + 1}), _lines({"a": [U], "n": float(2**53)}), "`n` lost"),
        (_lines({"messages": [U]}), _lines({"messages": [U], "name": "filler"}), "`name` made up"),
        (b"no JSON\n", b"", "0 of 1 lines stored"),
        (_lines({"url": "gs://b/a"}), _lines({"fileData": {"fileUri": "gs://b/a"}}), "`image_url` lost"),
    ],
)
def test_what_a_row_has_lost_is_seen(sent: bytes, stored: bytes, said: str) -> None:
    assert str(compare(sent, stored)) == said
    assert not compare(sent, stored).whole


@pytest.mark.parametrize(
    "stored",
    [
        _lines({"messages": [U, A]}).replace(b": ", b":").replace(b"\n", b"\r\n"),
        _lines({"system": "", "messages": [U, A]}),
        _lines(
            {
                "contents": [
                    {"role": "user", "parts": [{"text": "truth-u"}]},
                    {"role": "model", "parts": [{"text": "truth-a"}]},
                ]
            }
        ),
    ],
)
def test_another_form_of_the_same_is_no_loss(stored: bytes) -> None:
    assert compare(_lines({"messages": [U, A]}), stored).whole


def test_each_text_of_a_row_is_unlike_the_others() -> None:
    """Or else one that is lost would be taken for another."""
    rows = [*ROWS.values(), *(row for with_headers in WITH_HEADERS.values() for _, _, row in with_headers)]
    for row in rows:
        texts = [text for text in _texts(row(3)) if "truth" in text and text not in {"truth_weather", "truth-tool"}]
        assert not [text for text in texts if sum(text in other for other in texts) > 1], row(3)


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return [text for part in parts for text in _texts(part)]


def test_every_form_has_a_name_of_its_own() -> None:
    names = [form.name for form in forms("bedrock")]
    assert len(names) == len(set(names)) > 40
