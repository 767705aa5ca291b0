"""What the dataset checker finds in files as a whole and in single lines."""

from __future__ import annotations

import copy
import errno
import json
import pickle
import sys
import tracemalloc
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from portkey_ft.datasets import (
    DatasetError,
    DatasetFormat,
    DatasetReport,
    Problem,
    check,
    check_lines,
    tiktoken_counter,
)
from portkey_ft.datasets._duplicates import SeenLines
from portkey_ft.errors import ConfigurationError, PortkeyError

SYSTEM = {"role": "system", "content": "Be brief."}
USER = {"role": "user", "content": "How far is the moon?"}
ASSISTANT = {"role": "assistant", "content": "384,400 km."}
CALL = {"id": "call_1", "type": "function", "function": {"name": "distance", "arguments": '{"to": "moon"}'}}
CALLING = {"role": "assistant", "tool_calls": [CALL]}
ANSWER = {"role": "tool", "tool_call_id": "call_1", "content": "384400"}
TOOL = {"type": "function", "function": {"name": "distance", "parameters": {"type": "object", "properties": {}}}}
IMAGE = {"type": "image_url", "image_url": {"url": "https://example.com/moon.png"}}
CHAT = {"messages": [SYSTEM, USER, ASSISTANT]}
TOOLS_CHAT = {"messages": [USER, CALLING, ANSWER, ASSISTANT], "tools": [TOOL], "parallel_tool_calls": False}
COMPLETION = {"prompt": "The moon is", "completion": " far."}
PREFERENCE = {
    "input": {"messages": [USER], "tools": [], "parallel_tool_calls": True},
    "preferred_output": [ASSISTANT],
    "non_preferred_output": [{"role": "assistant", "content": "Far."}],
}
CONTENTS = {
    "systemInstruction": {"role": "system", "parts": [{"text": "Be brief."}]},
    "contents": [
        {
            "role": "user",
            "parts": [{"text": "How far?"}, {"fileData": {"mimeType": "image/png", "fileUri": "gs://b/i"}}],
        },
        {"role": "model", "parts": [{"text": "384,400 km."}]},
    ],
}
VALID: dict[str, dict[str, Any]] = {
    "chat": CHAT,
    "chat without system message": {"messages": [USER, ASSISTANT, USER, ASSISTANT]},
    "developer instead of system": {"messages": [{"role": "developer", "content": "Be brief."}, USER, ASSISTANT]},
    "tools": TOOLS_CHAT,
    "ends with a call": {"messages": [USER, CALLING], "tools": [TOOL]},
    "older functions": {
        "messages": [
            USER,
            {"role": "assistant", "content": None, "function_call": {"name": "distance", "arguments": "{}"}},
            {"role": "function", "name": "distance", "content": "384400"},
            ASSISTANT,
        ],
        "functions": [{"name": "distance"}],
    },
    "weights": {"messages": [USER, ASSISTANT | {"weight": 0}, USER, ASSISTANT | {"weight": 1}]},
    "image": {"messages": [{"role": "user", "content": [{"type": "text", "text": "What?"}, IMAGE]}, ASSISTANT]},
    "refusal part": {"messages": [USER, {"role": "assistant", "content": [{"type": "refusal", "refusal": "No."}]}]},
    "audio part": {
        "messages": [{"role": "user", "content": [{"type": "input_audio", "input_audio": {"data": ""}}]}, ASSISTANT]
    },
    "calls with an empty text": {"messages": [USER, CALLING | {"content": ""}], "tools": [TOOL]},
    "calls with no parts": {"messages": [USER, CALLING | {"content": []}], "tools": [TOOL]},
    "completion": COMPLETION,
    "preference": PREFERENCE,
    "contents": CONTENTS,
}


def _with(example: dict[str, Any], pointer: str, value: object) -> dict[str, Any]:
    """Give the example with one value changed, or removed if the value is an ellipsis."""
    changed: Any = copy.deepcopy(example)
    *path, last = pointer.split("/")[1:]
    holder = changed
    for key in path:
        holder = holder[int(key) if isinstance(holder, list) else key]
    place: Any = int(last) if isinstance(holder, list) else last
    if value is ...:
        del holder[place]
    else:
        holder[place] = value
    result: dict[str, Any] = changed
    return result


def _line(example: object) -> bytes:
    return json.dumps(example).encode()


def _write(path: Path, lines: list[bytes], end: bytes = b"\n") -> Path:
    path.write_bytes(b"\n".join(lines) + end)
    return path


def _numbered(count: int) -> list[bytes]:
    """Give lines that are valid and different."""
    return [_line(_with(CHAT, "/messages/1/content", f"Question {number}")) for number in range(count)]


def _only(report: DatasetReport) -> tuple[int | None, str, str, str]:
    """Give the one problem of a report."""
    assert len(report.problems) == 1, str(report)
    problem = report.problems[0]
    return problem.line, problem.pointer, problem.code, problem.severity


def _found(
    example: object, *, provider: str | None = None, form: DatasetFormat | None = None
) -> set[tuple[str, str, str]]:
    report = check_lines([_line(example)], minimum_examples=0, provider=provider, format=form)
    return {(problem.pointer, problem.code, problem.severity) for problem in report.problems}


@pytest.mark.parametrize("name", VALID)
def test_a_valid_example_of_each_form_is_clean(name: str) -> None:
    assert _found(VALID[name]) == set()


FAULTS: list[tuple[dict[str, Any], str, object, str, str, str]] = [
    # example, what is changed, to what, and then the pointer, code and severity of what is found
    (CHAT, "/messages", "x", "/messages", "wrong-type", "error"),
    (CHAT, "/messages", [], "/messages", "empty-messages", "error"),
    (CHAT, "/messages", None, "/messages", "missing-key", "error"),
    (CHAT, "/extra\u001b", 1, "", "unknown-key", "warning"),
    (CHAT, "/messages/1", 3, "/messages/1", "wrong-type", "error"),
    (CHAT, "/messages/1/role", ..., "/messages/1/role", "missing-key", "error"),
    (CHAT, "/messages/1/role", 1, "/messages/1/role", "wrong-type", "error"),
    (CHAT, "/messages/1/role", "human", "/messages/1/role", "unknown-role", "error"),
    (CHAT, "/messages/1/role", "wizard", "/messages/1/role", "unknown-role", "error"),
    (CHAT, "/messages/1/role", "system", "/messages/1/role", "system-not-first", "warning"),
    (CHAT, "/messages/1/role", "function", "/messages/1/name", "missing-key", "error"),
    (CHAT, "/messages/1/mood", "good", "/messages/1", "unknown-key", "warning"),
    (CHAT, "/messages/1", ASSISTANT, "/messages", "no-user-message", "warning"),
    (CHAT, "/messages/2", ..., "/messages/1", "last-not-assistant", "error"),
    (CHAT, "/messages/2/weight", 2, "/messages/2/weight", "bad-weight", "error"),
    (CHAT, "/messages/2/weight", True, "/messages/2/weight", "bad-weight", "error"),
    (CHAT, "/messages/2/weight", 0.5, "/messages/2/weight", "bad-weight", "error"),
    (CHAT, "/messages/2/weight", 0, "/messages", "nothing-learned", "warning"),
    (CHAT, "/messages/1/weight", 1, "/messages/1/weight", "misplaced-weight", "warning"),
    (CHAT, "/messages/2/content", "", "/messages/2/content", "empty-content", "error"),
    (CHAT, "/messages/2/content", [], "/messages/2/content", "empty-content", "error"),
    (CHAT, "/messages/1/content", "", "/messages/1/content", "empty-content", "warning"),
    (CHAT, "/messages/1/content", " \n", "/messages/1/content", "blank-content", "warning"),
    (CHAT, "/messages/1/content", ..., "/messages/1/content", "missing-content", "error"),
    (CHAT, "/messages/1/content", {}, "/messages/1/content", "wrong-type", "error"),
    (CHAT, "/messages/1/content", ["x"], "/messages/1/content/0", "wrong-type", "error"),
    (CHAT, "/messages/1/content", [{"text": "x"}], "/messages/1/content/0/type", "missing-key", "error"),
    (CHAT, "/messages/1/content", [{"type": "smell"}], "/messages/1/content/0/type", "unknown-part", "warning"),
    (CHAT, "/messages/1/content", [{"type": "text"}], "/messages/1/content/0/text", "missing-key", "error"),
    (
        CHAT,
        "/messages/1/content",
        [{"type": "text", "text": ""}],
        "/messages/1/content/0/text",
        "empty-content",
        "warning",
    ),
    (CHAT, "/messages/1/content", [{"type": "image_url"}], "/messages/1/content/0/image_url", "missing-key", "error"),
    (
        CHAT,
        "/messages/1/content",
        [{"type": "image_url", "image_url": {}}],
        "/messages/1/content/0/image_url/url",
        "missing-key",
        "error",
    ),
    (
        CHAT,
        "/messages/1/content",
        [{"type": "image_url", "image_url": {"url": "moon.png"}}],
        "/messages/1/content/0/image_url/url",
        "bad-url",
        "error",
    ),
    (CHAT, "/messages/2/content", [IMAGE], "/messages/2/content/0", "media-not-from-user", "error"),
    (CHAT, "/tools", 1, "/tools", "wrong-type", "error"),
    (CHAT, "/tools", None, "/tools", "wrong-type", "error"),
    (CHAT, "/tools", [1], "/tools/0", "wrong-type", "error"),
    (CHAT, "/functions", [{}], "/functions/0/name", "missing-key", "error"),
    (CHAT, "/parallel_tool_calls", 1, "/parallel_tool_calls", "wrong-type", "error"),
    (TOOLS_CHAT, "/tools", [TOOL, TOOL], "/tools/1/function/name", "duplicate-tool", "error"),
    (TOOLS_CHAT, "/tools/0/type", "tool", "/tools/0/type", "bad-tool-type", "error"),
    (TOOLS_CHAT, "/tools/0/function", 1, "/tools/0/function", "wrong-type", "error"),
    (TOOLS_CHAT, "/tools/0/function/name", "a b", "/tools/0/function/name", "bad-tool-name", "error"),
    (TOOLS_CHAT, "/tools/0/function/parameters", "{}", "/tools/0/function/parameters", "wrong-type", "error"),
    (TOOLS_CHAT, "/tools", ..., "/messages/1/tool_calls/0/function/name", "undefined-tool", "warning"),
    (TOOLS_CHAT, "/messages/1/tool_calls", 1, "/messages/1/tool_calls", "wrong-type", "error"),
    (TOOLS_CHAT, "/messages/1/tool_calls", [], "/messages/1/tool_calls", "empty-tool-calls", "error"),
    (
        TOOLS_CHAT,
        "/messages/1/tool_calls",
        [CALL, CALL],
        "/messages/1/tool_calls/1/id",
        "duplicate-tool-call-id",
        "error",
    ),
    (TOOLS_CHAT, "/messages/1/tool_calls/0", 1, "/messages/1/tool_calls/0", "wrong-type", "error"),
    (TOOLS_CHAT, "/messages/1/tool_calls/0/id", ..., "/messages/1/tool_calls/0/id", "missing-key", "error"),
    (TOOLS_CHAT, "/messages/1/tool_calls/0/id", "", "/messages/1/tool_calls/0/id", "wrong-type", "error"),
    (TOOLS_CHAT, "/messages/1/tool_calls/0/type", ..., "/messages/1/tool_calls/0/type", "bad-tool-type", "error"),
    (TOOLS_CHAT, "/messages/1/tool_calls/0/function", ..., "/messages/1/tool_calls/0/function", "missing-key", "error"),
    (TOOLS_CHAT, "/messages/1/tool_calls/0/function", 1, "/messages/1/tool_calls/0/function", "wrong-type", "error"),
    (
        TOOLS_CHAT,
        "/messages/1/tool_calls/0/function/name",
        ...,
        "/messages/1/tool_calls/0/function/name",
        "missing-key",
        "error",
    ),
    (
        TOOLS_CHAT,
        "/messages/1/tool_calls/0/function/arguments",
        ...,
        "/messages/1/tool_calls/0/function/arguments",
        "missing-key",
        "error",
    ),
    (
        TOOLS_CHAT,
        "/messages/1/tool_calls/0/function/arguments",
        {"to": "moon"},
        "/messages/1/tool_calls/0/function/arguments",
        "arguments-not-string",
        "error",
    ),
    (
        TOOLS_CHAT,
        "/messages/1/tool_calls/0/function/arguments",
        "{to}",
        "/messages/1/tool_calls/0/function/arguments",
        "arguments-not-json",
        "warning",
    ),
    (TOOLS_CHAT, "/messages/0/tool_calls", [CALL], "/messages/0/tool_calls", "misplaced-tool-calls", "error"),
    (TOOLS_CHAT, "/messages/2", ..., "/messages/2", "unanswered-tool-call", "error"),
    (TOOLS_CHAT, "/messages/3", ..., "/messages/2", "last-not-assistant", "error"),
    (TOOLS_CHAT, "/messages/1", ASSISTANT, "/messages/2/tool_call_id", "unknown-tool-call-id", "error"),
    (TOOLS_CHAT, "/messages/2/tool_call_id", ..., "/messages/2/tool_call_id", "missing-key", "error"),
    (COMPLETION, "/prompt", ..., "/prompt", "missing-key", "error"),
    (COMPLETION, "/completion", 1, "/completion", "wrong-type", "error"),
    (COMPLETION, "/completion", "", "/completion", "empty-content", "error"),
    (COMPLETION, "/completion", " ", "/completion", "blank-content", "warning"),
    (COMPLETION, "/prompt", "", "/prompt", "blank-content", "warning"),
    (COMPLETION, "/score", 1, "", "unknown-key", "warning"),
    (PREFERENCE, "/input", ..., "/input", "missing-key", "error"),
    (PREFERENCE, "/input", "How far?", "/input", "wrong-type", "error"),
    (PREFERENCE, "/input/messages", ..., "/input/messages", "missing-key", "error"),
    (PREFERENCE, "/input/messages", [], "/input/messages", "empty-messages", "error"),
    (PREFERENCE, "/input/tools", 1, "/input/tools", "wrong-type", "error"),
    (PREFERENCE, "/input/topic", 1, "/input", "unknown-key", "warning"),
    (PREFERENCE, "/chosen", 1, "", "unknown-key", "warning"),
    (PREFERENCE, "/preferred_output", ..., "/preferred_output", "missing-key", "error"),
    (PREFERENCE, "/preferred_output", "384,400 km.", "/preferred_output", "wrong-type", "error"),
    (PREFERENCE, "/preferred_output", [], "/preferred_output", "empty-messages", "error"),
    (PREFERENCE, "/preferred_output", [USER, ASSISTANT], "/preferred_output/0/role", "role-in-output", "error"),
    (PREFERENCE, "/preferred_output/0/role", [], "/preferred_output/0/role", "wrong-type", "error"),
    (PREFERENCE, "/preferred_output", [USER], "/preferred_output", "no-assistant-message", "error"),
    (PREFERENCE, "/non_preferred_output", [ASSISTANT], "/non_preferred_output", "same-outputs", "error"),
    (CONTENTS, "/contents", 1, "/contents", "wrong-type", "error"),
    (CONTENTS, "/contents", [], "/contents", "empty-messages", "error"),
    (CONTENTS, "/contents/0", 1, "/contents/0", "wrong-type", "error"),
    (CONTENTS, "/contents/1", 1, "/contents/1", "wrong-type", "error"),
    (CONTENTS, "/contents/0/role", ..., "/contents/0/role", "missing-key", "error"),
    (CONTENTS, "/contents/1/role", "assistant", "/contents/1/role", "unknown-role", "error"),
    (CONTENTS, "/contents/1", ..., "/contents/0", "last-not-assistant", "error"),
    (CONTENTS, "/contents/0/parts", ..., "/contents/0/parts", "missing-key", "error"),
    (CONTENTS, "/contents/0/parts", [], "/contents/0/parts", "empty-content", "error"),
    (CONTENTS, "/contents/0/parts/0", "x", "/contents/0/parts/0", "wrong-type", "error"),
    (CONTENTS, "/contents/0/parts/0", {"words": "x"}, "/contents/0/parts/0", "unknown-part", "error"),
    (CONTENTS, "/contents/0/parts/0/text", 1, "/contents/0/parts/0/text", "wrong-type", "error"),
    (CONTENTS, "/contents/0/parts/0/text", "", "/contents/0/parts/0/text", "empty-content", "error"),
    (CONTENTS, "/contents/0/parts/0/text", "\t", "/contents/0/parts/0/text", "blank-content", "warning"),
    (CONTENTS, "/systemInstruction", "x", "/systemInstruction", "wrong-type", "error"),
    (CONTENTS, "/system", "x", "", "unknown-key", "warning"),
]


@pytest.mark.parametrize(
    "fault",
    FAULTS,
    ids=[f"{fault[4]} at {fault[3] or '/'} {number}" for number, fault in enumerate(FAULTS)],
)
def test_each_single_fault_is_found_where_it_is(
    fault: tuple[dict[str, Any], str, object, str, str, str], tmp_path: Path
) -> None:
    """Among valid lines, the faulty one alone is reported, under its number."""
    example, changed, value, pointer, code, severity = fault
    lines = [_line(_with(VALID["chat"], "/messages/1/content", str(number))) for number in range(10)]
    lines.insert(4, _line(_with(example, changed, value)))
    report = check(_write(tmp_path / "train.jsonl", lines))
    found = {(problem.pointer, problem.code, problem.severity) for problem in report.problems}
    assert (pointer, code, severity) in found
    assert (("", "other-format", "error") in found) == ("messages" not in example)
    assert {problem.line for problem in report.problems} == {5}


def test_calls_that_are_answered_in_part_are_reported_at_the_end_and_in_between() -> None:
    two = CALLING | {"tool_calls": [CALL, CALL | {"id": "call_2"}]}
    for tail, place in (([], "/messages"), ([ASSISTANT], "/messages/3")):
        example = {"messages": [USER, two, ANSWER, *tail], "tools": [TOOL]}
        assert (place, "unanswered-tool-call", "error") in _found(example)


def test_an_output_of_a_preference_may_call_and_answer_tools() -> None:
    example = _with(PREFERENCE, "/preferred_output", [CALLING, ANSWER, ASSISTANT])
    assert _found(_with(example, "/input/tools", [TOOL])) == set()


def test_definitions_are_looked_at_again_when_they_change() -> None:
    """What is remembered of one example's tools does not hide a fault in the next, nor lend it names."""
    older = VALID["older functions"]
    undefined = {key: value for key, value in older.items() if key != "functions"}
    for first, second, code in (
        (TOOLS_CHAT, _with(TOOLS_CHAT, "/tools/0/type", "x"), "bad-tool-type"),
        (_with(TOOLS_CHAT, "/tools/0/type", "x"), _with(TOOLS_CHAT, "/tools/0/type", "x"), "bad-tool-type"),
        (TOOLS_CHAT, _with(TOOLS_CHAT, "/parallel_tool_calls", 0), "wrong-type"),
        (older, undefined, "undefined-tool"),
        (CHAT, CHAT | {"tools": None}, "wrong-type"),
    ):
        report = check_lines([_line(first), _line(second)], minimum_examples=0)
        assert (2, code) in {(problem.line, problem.code) for problem in report.problems}


@pytest.mark.parametrize(
    ("line", "code", "words"),
    [
        (b'{"messages": [}', "not-json", "column 15, near '}'"),
        (b'  {"messages": [}', "not-json", "column 17, near '}'"),
        (b'{"messages": ', "not-json", "the end of the line"),
        (b"{", "not-json", "without line breaks"),
        (b'{"a": 1} {"b": 2}', "not-json", "goes on after its JSON at column 10"),
        (b'{"a": "NaN", "b": NaN}', "not-a-number", "at column 19"),
        (b'{"a": -Infinity}', "not-a-number", "at column 7"),
        (b'{"a": 1' + b"0" * 5000 + b"}", "not-json", "too many digits"),
        (b'{"a": "\xff"}', "not-utf-8", "Byte 8"),
        (b"\xff\xfe{\x00", "not-utf-8", "UTF-16"),
        (b"\x1f\x8b\x08", "not-utf-8", "gzip"),
        (b"[" * 100_000, "too-deep", "nested"),
        (b"[{}]", "not-an-object", "one JSON array"),
        (b"3", "not-an-object", "a number"),
        (b" \t", "blank-line", "Remove"),
        (b"{}", "unknown-format", "(none)"),
        (b'{"text\\u001b[31m": 1}', "unknown-format", "text\\x1b[31m"),
    ],
)
def test_a_line_that_holds_no_example_is_explained(line: bytes, code: str, words: str) -> None:
    report = check_lines([line], minimum_examples=0)
    assert _only(report)[:3] == (1, "", code)
    assert words in report.problems[0].message
    assert report.problems[0].message.isprintable()


def test_an_example_that_is_nested_to_the_limit_of_the_decoder_is_refused_not_crashed_on() -> None:
    depths = range(sys.getrecursionlimit() - 120, sys.getrecursionlimit())
    # The decoder's limit is the interpreter's up to Python 3.11 and one of its own, some thousands, after it.
    lines = [b'{"messages": [], "tools": ' + b"[" * depth + b"]" * depth + b"}" for depth in (*depths, 50_000)]
    report = check_lines(lines, minimum_examples=0)
    assert report.count("too-deep") > 0
    assert report.count("empty-messages") + report.count("too-deep") >= len(lines)


def test_a_constant_that_cannot_be_found_again_is_still_refused() -> None:
    """A broken string in front of it leads the search astray, not the decoder."""
    report = check_lines([b'[NaN, "'], minimum_examples=0)
    assert _only(report)[2] == "not-a-number"


def test_half_a_character_is_refused() -> None:
    line = b'{"prompt": "\\ud83d", "completion": "x"}'
    assert _only(check_lines([line], minimum_examples=0, count_tokens=len))[2] == "lone-surrogate"


def test_a_line_that_repeats_another_is_named_with_the_first(tmp_path: Path) -> None:
    lines = _numbered(12)
    report = check(_write(tmp_path / "train.jsonl", [*lines, lines[3]], end=b""))
    assert {(problem.line, problem.code) for problem in report.problems} == {
        (13, "duplicate-line"),
        (13, "no-final-line-end"),
    }
    assert "line 4" in report.problems[0].message + report.problems[1].message


def test_the_memory_for_duplicates_is_bounded() -> None:
    seen = SeenLines(most=2)
    numbers = [seen.first(line, number) for number, line in enumerate((b"a", b"b", b"c", b"c", b"a", b"b"), start=1)]
    assert numbers == [1, 2, 3, 4, 1, 2]


def test_many_lines_are_told_apart_and_found_again() -> None:
    seen = SeenLines(size=5000 * 8)
    lines = [str(number).encode() for number in range(1, 5001)]
    for again in (False, True):
        for number, line in enumerate(lines, start=1):
            assert seen.first(line, number + 5000 * again) == number


def test_mixed_forms_are_reported_on_the_lines_that_differ() -> None:
    lines = [_line(CHAT), _line(COMPLETION), _line({"words": 1}), _line(_with(CHAT, "/messages/1/content", "x"))]
    report = check_lines(lines, minimum_examples=0)
    assert [(problem.line, problem.code) for problem in report.problems] == [(2, "other-format"), (3, "unknown-format")]
    assert report.format == "chat"
    assert report.examples == 4


def test_a_form_that_is_asked_for_is_demanded() -> None:
    assert _found(CHAT, form="preference") == {("", "other-format", "error")}
    assert ("/messages", "missing-key", "error") in _found({"words": 1}, form="chat")


def test_every_provider_takes_its_own_form_and_bedrock_wants_a_system_message() -> None:
    bare = VALID["chat without system message"]
    assert _found(CHAT, provider="bedrock") == set()
    assert _found(bare, provider="bedrock") == {("/messages/0", "system-required", "error")}
    assert _found(bare, provider="openai") == set()
    assert _found(CONTENTS) == set()
    for provider in ("vertex", "bedrock"):
        # The gateway turns them into empty rows, or drops them.
        assert ("", "format-not-for-provider", "error") in _found(CONTENTS, provider=provider)
    assert _found(CONTENTS, provider="openai") == {("", "format-not-for-provider", "error")}
    late = _with(CHAT, "/messages/1", SYSTEM)
    assert ("/messages/1/role", "system-not-first", "error") in _found(late, provider="fireworks")


@pytest.mark.parametrize(
    ("provider", "minimum", "count", "severity"),
    [
        (None, None, 9, "warning"),
        (None, None, 10, None),
        ("openai", None, 9, "error"),
        ("fireworks-ai", None, 3, None),
        ("openai", 5, 9, None),
        (None, 20, 10, "error"),
    ],
)
def test_too_few_examples(provider: str | None, minimum: int | None, count: int, severity: str | None) -> None:
    report = check_lines(_numbered(count), provider=provider, minimum_examples=minimum)
    assert [problem.severity for problem in report.problems] == ([severity] if severity else [])
    assert report.count("too-few-examples") == (severity is not None)


def test_a_file_without_any_example_is_an_error_even_without_a_provider() -> None:
    assert not check_lines([b""]).can_upload


def test_a_byte_order_mark_is_welcome_at_azure_only() -> None:
    lines = [b"\xef\xbb\xbf" + _line(CHAT)]
    assert _only(check_lines(lines, minimum_examples=0))[2:] == ("byte-order-mark", "warning")
    assert check_lines(lines, minimum_examples=0, provider="azure").ok


def test_windows_line_ends_and_several_lines_in_an_item_are_fine() -> None:
    lines = _numbered(10)
    report = check_lines([b"\r\n".join(lines[:5]) + b"\r\n", *lines[5:]])
    assert report.ok
    assert report.examples == 10


def test_a_file_that_is_too_large_is_refused_where_the_limit_is_known(tmp_path: Path) -> None:
    """A sparse file: one endless line, which is not read into memory."""
    path = tmp_path / "train.jsonl"
    with path.open("wb") as file:
        file.truncate(513 * 1024 * 1024)
    for provider, severity in ((None, "warning"), ("openai", "error"), ("bedrock", None)):
        report = check(path, provider=provider)
        found = {problem.code: problem.severity for problem in report.problems}
        assert found.get("too-large") == severity
        assert found["line-too-long"] == "error"
        assert report.bytes == 513 * 1024 * 1024


def test_a_line_that_is_too_long_is_skipped_and_the_next_is_read(tmp_path: Path) -> None:
    lines = _numbered(11)
    longest = max(map(len, lines))
    lines[4] = _line(_with(CHAT, "/messages/1/content", "x" * 300_000))
    report = check(_write(tmp_path / "train.jsonl", lines), max_line_bytes=longest)
    assert _only(report) == (5, "", "line-too-long", "error")
    assert report.examples == 10
    assert report.bytes == (tmp_path / "train.jsonl").stat().st_size
    assert _only(check_lines(lines, max_line_bytes=longest)) == (5, "", "line-too-long", "error")


def test_a_last_line_that_is_cut_off_is_told_from_one_without_a_line_end(tmp_path: Path) -> None:
    lines = _numbered(11)
    path = tmp_path / "train.jsonl"
    assert _only(check(_write(path, lines, end=b""))) == (11, "", "no-final-line-end", "warning")
    _write(path, [*lines, lines[0][:40]], end=b"")
    assert _only(check(path)) == (12, "", "cut-off", "error")


def test_an_empty_file_is_a_problem_and_not_an_exception(tmp_path: Path) -> None:
    path = tmp_path / "train.jsonl"
    path.touch()
    assert _only(check(path)) == (None, "", "empty-file", "error")


def test_a_name_that_does_not_end_in_jsonl_is_unusual_and_refused_by_bedrock(tmp_path: Path) -> None:
    path = _write(tmp_path / "train.json", _numbered(10))
    assert _only(check(path)) == (None, "", "file-name", "warning")
    assert _only(check(str(path), provider="bedrock")) == (None, "", "file-name", "error")


def test_a_missing_file_and_a_directory_are_raised_with_help(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="working directory") as missing:
        check(tmp_path / "none.jsonl")
    assert missing.value.filename == str(tmp_path / "none.jsonl")
    with pytest.raises(IsADirectoryError, match="directory"):
        check(tmp_path)


def test_a_file_that_may_not_be_read_keeps_its_own_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object, **_options: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(PermissionError):
        check(_write_nothing(tmp_path))
    with pytest.raises(IsADirectoryError):
        check(tmp_path)


def _write_nothing(folder: Path) -> Path:
    path = folder / "train.jsonl"
    path.touch()
    return path


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"provider": "acme"}, "azure-openai, bedrock, fireworks-ai, openai, vertex-ai"),
        ({"format": "csv"}, "chat, completion, preference, reinforcement, contents"),
        ({"max_problems": -1}, "max_problems is -1"),
        ({"minimum_examples": -1}, "minimum_examples is -1"),
        ({"max_line_bytes": 0}, "at least 1"),
    ],
)
def test_arguments_that_cannot_be_used_are_refused(options: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        check_lines([], **options)


def test_text_instead_of_bytes_is_refused() -> None:
    lines: Any = ["{}"]
    with pytest.raises(TypeError, match="binary mode"):
        check_lines(lines)


def test_problems_are_bounded_and_a_frequent_one_does_not_hide_a_rare_one() -> None:
    lines = [b"nonsense"] * 500 + [b"[]"] * 3 + [b""]
    report = check_lines(lines, max_problems=5)
    assert len(report.problems) == 5
    assert {problem.code for problem in report.problems} == {
        "not-json",
        "not-an-object",
        "blank-line",
        "too-few-examples",
    }
    assert (report.count("not-json"), report.errors, report.warnings) == (500, 504, 1)
    assert report.counts[0].code == "not-json"
    assert len(check_lines(lines, max_problems=2).problems) == 2
    assert check_lines(lines, max_problems=0).problems == ()


def test_the_summary_is_short_and_safe_for_a_terminal(tmp_path: Path) -> None:
    kinds = [value for _example, _changed, value, *_rest in FAULTS]
    lines = [_line(_with(example, changed, value)) for example, changed, value, *_rest in FAULTS for _ in kinds[:2]]
    path = tmp_path / "tr\u001b[31main.jsonl"
    report = check(_write(path, [*lines, b'{"\\u0007\\u202e' + b"x" * 500 + b'": 1}']), max_problems=10_000)
    summary = str(report)
    assert all(line.isprintable() for line in summary.split("\n"))
    assert summary.count("\n") < 25
    assert max(map(len, summary.split("\n"))) < 300
    assert "should not be uploaded" in summary
    assert summary.count("... and") == 2


def test_the_summary_of_a_clean_file(tmp_path: Path) -> None:
    report = check(_write(tmp_path / "train.jsonl", _numbered(2_000)), provider="openai")
    assert report.ok
    assert str(report) == (
        "train.jsonl can be uploaded: no problems\n"
        f"  chat, 2,000 examples, {report.bytes / 1000:.1f} kB, {report.characters:,} characters, "
        f"about {report.tokens:,} tokens"
    )
    assert "1 error, 1 warning" in str(check_lines([b"", b"[]"], minimum_examples=0, max_problems=0))
    assert "1 byte," in str(check_lines([b""], minimum_examples=0))
    assert "1.0 MB" in str(check_lines([b" " * 1_000_000], minimum_examples=0))
    assert "no known form" in str(check_lines([b""], minimum_examples=0))


def test_a_problem_says_where_it_is() -> None:
    assert str(Problem(3, "/messages", "empty-messages", "error", "Why.")) == (
        "line 3, /messages: error empty-messages: Why."
    )
    assert str(Problem(None, "", "empty-file", "error", "Why.")) == "file: error empty-file: Why."


def test_reports_and_errors_are_values_that_can_be_pickled_and_compared() -> None:
    report = check_lines([b"nonsense"])
    with pytest.raises(DatasetError, match="should not be uploaded") as raised:
        report.raise_for_problems()
    assert isinstance(raised.value, PortkeyError)
    assert isinstance(raised.value, ValueError)
    again = pickle.loads(pickle.dumps(raised.value))  # noqa: S301 - made in the line before
    assert (str(again), again.report) == (str(raised.value), report)
    assert len({report, again.report}) == 1


def test_warnings_stop_an_upload_only_when_asked() -> None:
    report = check_lines(_numbered(3))
    assert (report.ok, report.can_upload) == (False, True)
    report.raise_for_problems()
    with pytest.raises(DatasetError):
        report.raise_for_problems(warnings=True)
    check_lines(_numbered(10)).raise_for_problems(warnings=True)


def test_all_texts_are_measured() -> None:
    """Contents, parts, calls and definitions count; names of roles and keys do not."""
    definitions = len(json.dumps([TOOL], separators=(",", ":")))
    calls = len("distance") + len('{"to": "moon"}')
    for example, characters in (
        (CHAT, 9 + 20 + 11),
        (TOOLS_CHAT, 20 + calls + 6 + 11 + definitions),
        (VALID["older functions"], 20 + len("distance{}") + 6 + 11 + len('[{"name":"distance"}]')),
        (VALID["image"], 5 + 11),
        (COMPLETION, 11 + 5),
        (PREFERENCE, 20 + 11 + 4),
        (CONTENTS, 9 + 8 + 11),
    ):
        assert check_lines([_line(example)]).characters == characters


def test_tokens_are_estimated_by_script_and_counted_on_demand() -> None:
    english = check_lines([_line(_with(COMPLETION, "/prompt", "a" * 395))], minimum_examples=0)
    assert (english.tokens, english.tokens_counted) == (100 + 2 * 3 + 3, False)
    chinese = check_lines([_line(_with(COMPLETION, "/prompt", "\u6708" * 395))], minimum_examples=0)
    assert 300 < chinese.tokens < 400
    counted = check_lines([_line(COMPLETION)], minimum_examples=0, count_tokens=len)
    assert (counted.tokens, counted.tokens_counted) == (16 + 2 * 3 + 3, True)
    assert "about" not in str(counted)


def test_tiktoken_is_used_when_it_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    def encoding_for_model(name: str) -> SimpleNamespace:
        return {"gpt-4o-mini": SimpleNamespace(encode_ordinary=str.split)}[name]

    monkeypatch.setitem(sys.modules, "tiktoken", SimpleNamespace(encoding_for_model=encoding_for_model))
    assert tiktoken_counter("gpt-4o-mini")("how far is it") == 4
    with pytest.raises(ConfigurationError, match="no encoding for model 'mystery'"):
        tiktoken_counter("mystery")


def test_without_tiktoken_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tiktoken", None)
    with pytest.raises(ImportError, match=r"portkey-ft\[tokens\]"):
        tiktoken_counter("gpt-4o-mini")


def test_memory_does_not_grow_with_the_file_nor_with_a_line(tmp_path: Path) -> None:
    """Not with many lines, not with many problems, and not with a line that never ends."""
    many = tmp_path / "many.jsonl"
    with many.open("wb") as file:
        for number in range(12_000):
            file.write(_line(_with(CHAT, "/messages/1/content", f"{number} " + "x" * 800)) + b"\n")
            file.write(b"nonsense\n")
    endless = tmp_path / "endless.jsonl"
    with endless.open("wb") as file:
        file.truncate(100 * 1024 * 1024)
    for path in (many, endless):
        tracemalloc.start()
        check(path, max_line_bytes=4 * 1024 * 1024)
        _now, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 16 * 1024 * 1024


def test_the_largest_memory_for_duplicates_is_within_the_budget() -> None:
    tracemalloc.start()
    seen = SeenLines()
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert seen.first(b"x", 1) == 1
    assert peak < 11 * 1024 * 1024
