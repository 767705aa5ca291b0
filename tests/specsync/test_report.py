import json
from io import StringIO

import attrs
import pytest

from scripts.specsync.context import StageTimer
from scripts.specsync.diff.change import Change
from scripts.specsync.diff.compare import difference
from scripts.specsync.diff.rules import RULES
from scripts.specsync.diff.seam_usage import FacadeUsage, Seam
from scripts.specsync.document.json_values import JsonObject
from scripts.specsync.report.markdown import LIMIT, render_markdown
from scripts.specsync.report.report import Failure, Report
from scripts.specsync.report.text import render_text
from scripts.specsync.verdicts import ExitCode, Severity, verdict_name


def change(number: int, before: str = "x") -> Change:
    pointer = f"/components/schemas/C{number}/properties/p"
    return Change(
        RULES["response-property-removed"], Severity.BREAKING, pointer, before, None, f"C{number}", "p", ("GET /x",)
    )


def test_markdown_fits_a_pull_request_and_counts_what_it_leaves_out() -> None:
    report = Report(ExitCode.BREAKING, changes=tuple(change(number, "y" * 500) for number in range(2000)))
    text = render_markdown(report)
    assert len(text) <= LIMIT
    assert "more groups of changes are in the full report" in text


@pytest.mark.parametrize("count", [0, 1, 5])
def test_markdown_folds_each_component(count: int) -> None:
    text = render_markdown(Report(changes=tuple(change(number) for number in range(count))))
    assert text.count("<details>") == text.count("</details>") == count


def test_words_of_upstream_are_no_markup_and_mention_nobody() -> None:
    failure = Failure(ExitCode.SOURCE, "<script>@somebody</script>", ("```", "@other"))
    text = render_markdown(Report(ExitCode.SOURCE, failures=(failure,), changes=(change(1, "`</details>"),)))
    assert "<script>" not in text
    assert "@somebody" not in text
    assert text.count("</details>") - text.count("`'</details>`") == 1


def test_text_names_the_worst_first_with_its_fingerprint() -> None:
    worst, docs = change(1), Change(RULES["prose-changed"], Severity.DOCS, "/info", "a", "b")
    lines = render_text(Report(ExitCode.BREAKING, changes=(worst, docs))).splitlines()
    assert lines[0] == "breaking (exit 30): 0 operations"
    assert any(worst.fingerprint in line for line in lines)


def test_a_fingerprint_is_of_rule_place_and_what_changed() -> None:
    """So that accepting one change of a thing accepts no later one."""
    marks = {change(1, "a").fingerprint, change(1, "b").fingerprint, change(2, "a").fingerprint}
    assert len(marks) == 3
    assert change(1, "a").fingerprint == attrs.evolve(change(1, "a"), seam=("x:1",)).fingerprint


def test_the_json_of_a_report_is_json() -> None:
    report = Report(ExitCode.BREAKING, changes=(change(1),)).as_json()
    assert json.loads(json.dumps(report)) == report


def test_progress_is_told_to_a_stream_and_to_nobody_without_one() -> None:
    stream = StringIO()
    told, silent = StageTimer(stream), StageTimer()
    for stages in (told, silent):
        with stages.stage("parse"):
            assert stages.seconds == {}
        assert list(stages.seconds) == ["parse"]
    assert stream.getvalue().startswith("parse")


def test_a_first_document_adds_its_operations(committed_facts: JsonObject) -> None:
    nobody = FacadeUsage(Seam(present=False), frozenset())
    added = difference({}, committed_facts, nobody)
    assert {entry.rule.identifier for entry in added} == {"operation-added"}
    gone = difference(committed_facts, {}, nobody)
    assert {entry.rule.identifier for entry in gone if entry.severity is Severity.BREAKING} == {"operation-removed"}


def test_every_verdict_has_a_word() -> None:
    assert [verdict_name(code) for code in (ExitCode.SAME, ExitCode.DOCS, ExitCode.ADDITIVE, ExitCode.BREAKING)] == [
        "same", "docs", "additive", "breaking",
    ]  # fmt: skip
    assert verdict_name(ExitCode.OVERLAY) == "failed"


@pytest.mark.parametrize("length", [1, 30, 60])
def test_text_fits_a_terminal_of_eighty_columns(length: int) -> None:
    """What is too long for a line is divided at its arrow; nothing is left out by it."""
    report = Report(changes=(change(1, "y" * length),), stages=dict.fromkeys("abcdefghijkl", 1.0))
    lines = render_text(report).splitlines()
    assert max(map(len, lines)) <= 80
    assert "y" * length in "".join(lines)
    assert any(line.strip().startswith("/components/schemas/C1/properties/p:") for line in lines)
