"""The output of a tool that failed is in every report file, and nothing in it can end the block that it stands in."""

import json
import re
from io import StringIO
from pathlib import Path

import pytest

from scripts.specsync.cli import main
from scripts.specsync.report.markdown import LIMIT, render_markdown
from scripts.specsync.report.report import Failure, Report
from scripts.specsync.report.text import render_text
from scripts.specsync.verdicts import ExitCode

HOSTILE = "before\n```\n</details>\n````text\n@somebody <script>\n~~~\n\x1b[31mred\n    after"


def report(raw: str, code: ExitCode = ExitCode.FACADE) -> Report:
    return Report(code, failures=(Failure(code, "checks fails against the new client", ("one line",), raw),))


def blocks(markdown: str) -> list[str]:
    """Take the fenced blocks out of a text, by the rule that a fence ends at a row of backticks at least as long."""
    found, fence = list[str](), ""
    for line in markdown.splitlines():
        row = re.match(r" {0,3}(`{3,})\s*(\w*)$", line)
        if not fence and row:
            fence = row[1]
            found.append("")
        elif fence and row and len(row[1]) >= len(fence) and not row[2]:
            fence = ""
        elif fence:
            found[-1] += line + "\n"
    assert not fence
    return found


def test_a_report_file_in_text_ends_with_the_output() -> None:
    lines = render_text(report("first\nlast\n")).splitlines()
    assert lines[-3:] == ["Output behind failure 8 (2 lines):", "    first", "    last"]
    assert "    the whole output: at the end of this report" in lines


def test_a_terminal_stays_short_and_names_the_place_of_the_output() -> None:
    for text in (render_text(report("first\nlast"), "out.txt"), render_markdown(report("first\nlast"), "out.txt")):
        assert "out.txt" in text
        assert "first" not in text


@pytest.mark.parametrize("code", [ExitCode.FACADE, ExitCode.GENERATOR])
def test_a_report_file_in_markdown_folds_the_output_and_nothing_breaks_out(code: ExitCode) -> None:
    text = render_markdown(report(HOSTILE, code))
    block = blocks(text)[-1]
    assert block == HOSTILE.replace("\x1b", "\\x1b") + "\n"
    assert text.endswith("</details>\n")
    assert text.replace(block, "").count("</details>") == text.count("<details>") == 1


@pytest.mark.parametrize("line", ["x" * 200, "`" * 30_000])
def test_of_a_long_output_the_end_is_kept(line: str) -> None:
    """Where the tools say in the end what failed."""
    text = render_markdown(report("\n".join([*[line] * 1000, "short test summary"])))
    assert len(text) <= LIMIT
    block = blocks(text)[-1].splitlines()
    assert block[-1] == "short test summary"
    assert re.fullmatch(r"\(\d+ lines before these are left out\)", block[0])


def test_a_failed_proof_leaves_its_whole_output_in_the_report_file(synced: Path) -> None:
    """End to end: the contract test of the small project fails against what upstream now says."""
    check = synced / "checks/test_shop.py"
    check.write_text(check.read_text(encoding="utf-8").replace('== ("1", "n")', '== ("1", "```")'), encoding="utf-8")
    text = (synced / "document.yaml").read_text(encoding="utf-8")
    (synced / "new.yaml").write_text(text.replace("[red, blue]", "[red, blue, green]"), encoding="utf-8")
    kept, out = synced / "report.md", StringIO()
    arguments = ("sync", "--check", "--source", str(synced / "new.yaml"), "--format", "md", "--report", str(kept))
    assert main(arguments, synced, out, StringIO()) == 8
    assert str(kept) in out.getvalue()
    assert "short test summary" not in out.getvalue()
    block = blocks(kept.read_text(encoding="utf-8"))[-1]
    assert "test_the_seam_reads_a_thing" in block
    assert "short test summary info" in block


def test_the_json_is_the_same_in_the_file_and_on_the_terminal(synced: Path) -> None:
    (synced / "shop/seam.py").write_text("x: int = ''\n", encoding="utf-8")
    kept, out = synced / "report.json", StringIO()
    arguments = ("generate", "--format", "json", "--report", str(kept))
    assert main(arguments, synced, out, StringIO()) == 8
    assert kept.read_text(encoding="utf-8") == out.getvalue()
    assert "Incompatible types" in json.loads(out.getvalue())["failures"][0]["raw"]
