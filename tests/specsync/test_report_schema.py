"""The JSON of a report has the form that docs/report.schema.json describes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, ValidationError

from scripts.specsync.diff.change import Change
from scripts.specsync.diff.rules import RULES
from scripts.specsync.report.report import Failure, Report
from scripts.specsync.verdicts import ExitCode, Severity

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "docs" / "report.schema.json").read_text("utf-8"))


def _validated(report: Any) -> None:  # noqa: ANN401 - JSON
    Draft202012Validator(SCHEMA).validate(report)


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert set(SCHEMA["required"]) == set(SCHEMA["properties"]) == set(Report().as_json())


@pytest.mark.parametrize("code", list(ExitCode))
def test_a_report_with_any_outcome_has_the_form(code: ExitCode) -> None:
    change = Change(
        RULES["response-property-removed"],
        Severity.BREAKING,
        "/components/schemas/C",
        {"a": 1},
        None,
        "C",
        "p",
        ("GET /x",),
    )
    report = Report(code, failures=(Failure(code, "why", ("more",)),), changes=(change,), stages={"pull": 0.1})
    document = json.loads(json.dumps(report.as_json()))
    _validated(document)
    assert document["exit_code"] == int(code)


@pytest.mark.parametrize(("arguments", "code"), [(["verify"], 0), (["sync", "--check", "--source", "LICENSE"], 5)])
def test_what_the_command_prints_has_the_form(arguments: list[str], code: int) -> None:
    command = [sys.executable, "-m", "scripts.specsync", *arguments, "--format", "json"]
    finished = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 - ourselves
    document = json.loads(finished.stdout)
    _validated(document)
    assert (finished.returncode, document["exit_code"]) == (code, code)


def test_the_schema_refuses_another_form() -> None:
    with pytest.raises(ValidationError):
        _validated({**Report().as_json(), "verdikt": "same"})
    with pytest.raises(ValidationError):
        _validated({**Report().as_json(), "exit_code": 9})
