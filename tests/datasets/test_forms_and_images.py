"""The form for reinforcement, and what providers publish about images."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from portkey_ft.datasets import DatasetReport, check_lines

USER = {"role": "user", "content": "1 + 1?"}
ANSWER = {"role": "assistant", "content": "2"}
GRADED = {"messages": [{"role": "developer", "content": "Be exact."}, USER], "reference_answer": "2"}
MEBIBYTE = 1024 * 1024
SIGNATURES = {"png": b"\x89PNG\r\n\x1a\n", "jpeg": b"\xff\xd8\xff", "webp": b"RIFF\0\0\0\0WEBP", "gif": b"GIF89a"}


def report_of(*rows: dict[str, Any], **options: Any) -> DatasetReport:  # noqa: ANN401 - check's
    lines = [json.dumps(row).encode() for row in rows]
    return check_lines(lines, minimum_examples=1, **options)


def looking_at(*urls: str) -> dict[str, Any]:
    parts = [{"type": "image_url", "image_url": {"url": url}} for url in urls]
    return {"messages": [{"role": "user", "content": parts}, ANSWER]}


def embedded(kind: str, size: int = 64) -> str:
    image = SIGNATURES[kind].ljust(size, b"\0")
    return f"data:image/{kind};base64,{base64.b64encode(image).decode()}"


@pytest.mark.parametrize("provider", [None, "openai", "azure-openai", "fireworks-ai"])
@pytest.mark.parametrize("form", [None, "reinforcement"])
def test_a_conversation_that_waits_for_its_answer_and_has_a_field_to_grade_by_is_for_reinforcement(
    provider: str | None,
    form: Any,  # noqa: ANN401 - as callers pass it
) -> None:
    report = report_of(GRADED, GRADED | {"reference_answer": "3"}, provider=provider, format=form)
    assert report.ok, str(report)
    assert report.format == "reinforcement"


def test_a_conversation_without_an_answer_or_a_field_to_grade_by_is_a_chat_that_was_cut_off() -> None:
    report = report_of({"messages": [USER, ANSWER]}, {"messages": [USER]}, GRADED)
    assert report.format == "chat"
    assert [problem.line for problem in report.problems if problem.code == "last-not-assistant"] == [2, 3]


def test_a_chat_in_a_file_for_reinforcement_is_told() -> None:
    report = report_of(GRADED, {"messages": [USER, ANSWER], "reference_answer": "2"})
    assert [(problem.line, problem.code) for problem in report.problems] == [(2, "last-not-user")]


@pytest.mark.parametrize("provider", ["bedrock", "vertex-ai"])
def test_reinforcement_does_not_reach_where_rows_are_written_anew(provider: str) -> None:
    assert report_of(GRADED, provider=provider).count("row-lost") == 1


def test_an_example_with_large_images_is_not_too_long() -> None:
    """Ten images of the size that OpenAI takes make a line that is longer than all others."""
    row = looking_at(*[embedded("png", 4 * MEBIBYTE)] * 3)
    assert len(json.dumps(row)) > 16 * MEBIBYTE
    assert report_of(row, provider="openai").ok


@pytest.mark.parametrize(
    ("provider", "urls", "code"),
    [
        ("openai", [embedded("png"), "https://images.example/cat.webp"], None),
        ("openai", [embedded("gif")], "image-format"),
        ("openai", [embedded("jpeg")] * 10, None),
        ("openai", [embedded("jpeg")] * 11, "too-many-images"),
        ("azure-openai", [embedded("jpeg")] * 64, None),
        ("azure-openai", [embedded("jpeg")] * 65, "too-many-images"),
        ("openai", [embedded("png", 10 * MEBIBYTE)], None),
        ("openai", [embedded("png", 10 * MEBIBYTE + 1)], "image-too-large"),
        ("vertex-ai", [embedded("png", 20 * MEBIBYTE)], None),
        ("vertex-ai", [embedded("png")] * 31, "too-many-images"),
        ("vertex-ai", ["gs://bucket/cat.png"], None),
        ("openai", ["gs://bucket/cat.png"], "bad-url"),
        ("fireworks-ai", [embedded("png"), embedded("jpeg")], None),
        ("fireworks-ai", [embedded("webp")], "image-format"),
        ("fireworks-ai", ["https://images.example/cat.png"], "bad-url"),
        (None, [embedded("gif"), "https://images.example/cat.gif"], None),
        (None, ["data:image/png;base64,@@@"], "image-not-base64"),
        (None, ["data:text/plain,cat"], "image-not-base64"),
        ("openai", [embedded("png").replace("image/png", "image/jpeg")], "image-type"),
    ],
)
def test_images_are_held_against_what_the_provider_publishes(
    provider: str | None, urls: list[str], code: str | None
) -> None:
    report = report_of(looking_at(*urls), provider=provider)
    assert [problem.code for problem in report.problems] == ([] if code is None else [code]), str(report)


def test_images_in_a_preference_count_too() -> None:
    question = {"messages": looking_at(*[embedded("png")] * 11)["messages"][:1]}
    row = {"input": question, "preferred_output": [ANSWER], "non_preferred_output": [{**ANSWER, "content": "3"}]}
    assert report_of(row, provider="openai").count("too-many-images") == 1
