"""What holds for the dataset checker whatever it is given."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portkey_ft._providers import profile_of
from portkey_ft.datasets import check, check_lines
from portkey_ft.datasets._chat import chat_findings, chat_texts, plain_chat_texts
from portkey_ft.datasets._survival import row_findings
from portkey_ft.datasets._tools import Definitions, definitions_of
from portkey_ft.datasets._values import shown

if TYPE_CHECKING:
    from pathlib import Path

    from portkey_ft.datasets import DatasetReport

PROVIDERS = (None, "openai", "azure-openai", "bedrock", "vertex-ai", "fireworks-ai")

texts = st.text(min_size=1).filter(lambda text: not text.isspace())
contents = st.one_of(texts, st.lists(st.builds(lambda text: {"type": "text", "text": text}, texts), min_size=1))
users = st.builds(lambda content: {"role": "user", "content": content}, contents)
answers = st.builds(
    lambda content, weight: {"role": "assistant", "content": content} | weight,
    contents,
    st.sampled_from([{}, {"weight": 1}]),
)


def _calls(names: list[str], city: str, reply: str) -> list[dict[str, Any]]:
    """Give a call and its answer for each of the ids."""
    arguments = json.dumps({"city": city})
    calls = [
        {"id": name, "type": "function", "function": {"name": "weather", "arguments": arguments}} for name in names
    ]
    answered = [{"role": "tool", "tool_call_id": name, "content": reply} for name in reversed(names)]
    return [{"role": "assistant", "tool_calls": calls}, *answered]


calls = st.builds(_calls, st.lists(texts, min_size=1, max_size=3, unique=True), texts, texts)
TOOLS = [{"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}]


@st.composite
def conversations(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Make conversations in which nothing is wrong for any provider."""
    messages: list[dict[str, Any]] = [{"role": "system", "content": draw(texts)}]
    for _turn in range(draw(st.integers(1, 3))):
        messages.append(draw(users))
        if draw(st.booleans()):
            messages += draw(calls)
        messages.append(draw(answers))
    return messages


chats = st.builds(lambda messages: {"messages": messages, "tools": TOOLS}, conversations())
completions = st.builds(lambda prompt, completion: {"prompt": prompt, "completion": completion}, texts, texts)
preferences = st.builds(
    lambda messages, good, bad: {
        "input": {"messages": messages[:-1], "tools": TOOLS},
        "preferred_output": [{"role": "assistant", "content": good}],
        "non_preferred_output": [{"role": "assistant", "content": good + bad}],
    },
    conversations(),
    texts,
    texts,
)
vertex = st.builds(
    lambda system, question, answer: {
        "systemInstruction": {"parts": [{"text": system}]},
        "contents": [{"role": "user", "parts": [{"text": question}]}, {"role": "model", "parts": [{"text": answer}]}],
    },
    texts,
    texts,
    texts,
)
valid = st.one_of(chats, completions, preferences, vertex)
json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text()),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=8), inner, max_size=4)),
    max_leaves=8,
)


def _assert_sound(report: DatasetReport, lines: int) -> None:
    """Check what every report has to keep."""
    assert all(problem.line is None or 1 <= problem.line <= lines for problem in report.problems)
    assert all(problem.message.isprintable() for problem in report.problems)
    assert all(problem.pointer == "" or problem.pointer.startswith("/") for problem in report.problems)
    assert len(report.problems) <= report.errors + report.warnings
    assert report.ok == (not report.problems)
    assert str(report).count("\n") < 25
    assert report.examples <= lines


def _line(example: object) -> bytes:
    return json.dumps(example).encode()


@given(data=st.binary(), provider=st.sampled_from(PROVIDERS))
def test_any_bytes_give_a_report(data: bytes, provider: str | None, tmp_path: Path) -> None:
    path = tmp_path / "train.jsonl"
    path.write_bytes(data)
    report = check(path, provider=provider)
    _assert_sound(report, data.count(b"\n") + 1)
    assert report.bytes == len(data)


@given(st.lists(st.one_of(json_values, valid).map(_line), max_size=6), st.sampled_from(PROVIDERS))
def test_any_json_gives_a_report(lines: list[bytes], provider: str | None) -> None:
    _assert_sound(check_lines(lines, provider=provider), len(lines))


@given(valid)
def test_a_valid_example_is_clean(example: dict[str, Any]) -> None:
    """With escapes or as UTF-8, with any white space that JSON allows."""
    for line in (_line(example), json.dumps(example, ensure_ascii=False, indent=1).replace("\n", "\r").encode()):
        report = check_lines([line], minimum_examples=1)
        assert report.ok, str(report)


def _places(value: Any) -> list[tuple[Any, Any]]:  # noqa: ANN401 - any JSON
    """List the places of all values within a value, as holder and key."""
    items = (
        list(value.items()) if isinstance(value, dict) else list(enumerate(value)) if isinstance(value, list) else []
    )
    return [(value, key) for key, _inner in items] + [place for _key, inner in items for place in _places(inner)]


@given(valid, json_values, st.data())
def test_a_value_in_any_place_may_be_anything(example: dict[str, Any], value: object, data: st.DataObject) -> None:
    """A single change anywhere is at worst a problem on its own line, never an exception."""
    changed = copy.deepcopy(example)
    holder, key = data.draw(st.sampled_from(_places(changed)))
    holder[key] = value
    report = check_lines([_line(example), _line(changed), _line(example)], minimum_examples=0)
    _assert_sound(report, 3)
    assert {problem.line for problem in report.problems if problem.code != "duplicate-line"} <= {2}


@given(chats, st.integers(0, 20))
def test_a_message_without_a_role_is_found_in_any_line(example: dict[str, Any], place: int) -> None:
    lines = [
        _line({"messages": [{"role": "user", "content": str(number)}, *example["messages"][1:]]})
        for number in range(21)
    ]
    lines[place] = _line({"messages": [{"content": "x"}, *example["messages"][1:]]})
    report = check_lines(lines)
    missing = [problem for problem in report.problems if problem.code == "missing-key"]
    assert [(problem.line, problem.pointer) for problem in missing] == [(place + 1, "/messages/0/role")]


messages = st.builds(
    lambda role, content, extra: {"role": role, "content": content} | extra,
    st.sampled_from(["system", "user", "assistant", "tool", "wizard"]),
    st.sampled_from(["", " ", "text", None]),
    st.sampled_from([{}, {}, {}, {"weight": 0}]),
)


@given(st.lists(messages, max_size=4), st.sampled_from([{}, {}, {"tools": TOOLS}]), st.sampled_from(PROVIDERS))
def test_the_shortcut_agrees_with_the_rules(
    conversation: list[dict[str, Any]], extra: dict[str, Any], provider: str | None
) -> None:
    """It takes nothing that the rules would find fault with, collects the same texts, and takes all that is usual."""
    example: Any = {"messages": conversation} | extra
    profile = profile_of(provider)
    rows = profile.upload.rows
    plain = plain_chat_texts(example, rows)
    faults = [
        *chat_findings(example, profile.dataset, definitions_of(example, Definitions())),
        *row_findings(example, "chat", rows, str(provider)),
    ]
    if plain is not None:
        assert faults == []
        assert plain == chat_texts(example)
    else:
        assert faults or any(len(message) != 2 for message in conversation) or extra


@given(st.text(), st.integers(0, 80))
def test_text_from_a_file_is_shown_without_control_characters(text: str, length: int) -> None:
    safe = shown(text, length)
    assert safe.isprintable()
    assert len(safe) <= 10 * length + 3
    if len(text) <= length and text.isprintable():
        assert safe == text


@pytest.mark.parametrize("longest", [1, 5, 6, 7])
def test_a_line_of_exactly_the_longest_length_is_read(longest: int, tmp_path: Path) -> None:
    for end in (b"", b"\n", b"\n\n"):
        path = tmp_path / "train.jsonl"
        path.write_bytes(b"[0, 1]" + end)
        reports = (check(path, max_line_bytes=longest), check_lines([b"[0, 1]" + end], max_line_bytes=longest))
        for report in reports:
            assert report.count("line-too-long") == (longest < 6)
            assert report.count("not-an-object") == (longest >= 6)
            assert report.count("no-final-line-end") == 0
