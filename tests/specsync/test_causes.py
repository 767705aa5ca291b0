"""A proof that fails is told with the change that led to it, and with what has to be fixed."""

import attrs
import pytest

from scripts.specsync.client.failed_proofs import failed_checks, failed_tests
from scripts.specsync.diff.change import change
from scripts.specsync.errors import FacadeError, FailedProof
from scripts.specsync.overlay.apply import Outcome, State, read_overlay
from scripts.specsync.report.causes import causes
from scripts.specsync.report.report import Report, failed
from scripts.specsync.report.text import render_text

RECORD = """<?xml version="1.0"?><testsuites><testsuite><testcase classname="tests.contract.test_answers"
 name="test_one[files]"><failure message="KeyError: 'scheme'">tests/contract/test_answers.py:9: in test_one
    problems()
tests/support/openapi_judge.py:65: in _is_sent
    scheme["scheme"]
E   KeyError: 'scheme'</failure></testcase><testcase classname="tests.contract.test_answers" name="test_two"/>
</testsuite></testsuites>"""
SEED = change("response-property-added", "/components/schemas/Job/properties/seed", None, {}, "seed")
TIER = change("request-property-optional-added", "/components/schemas/Order/properties/tier", None, {}, "tier")


def test_failures_are_read_from_a_record_of_tests() -> None:
    (proof,) = failed_tests(RECORD)
    assert (proof.name, proof.place) == (
        "tests/contract/test_answers.py::test_one[files]",
        "tests/support/openapi_judge.py:65",
    )
    assert proof.message == "KeyError: 'scheme'"
    assert failed_tests("<testsuites") == ()


def test_errors_are_read_from_what_a_type_checker_writes() -> None:
    (proof,) = failed_checks('shop/seam.py:7: error: "Thing" has no attribute "seed"  [attr-defined]\nFound 1 error\n')
    assert (proof.place, proof.message) == ("shop/seam.py:7", '"Thing" has no attribute "seed"  [attr-defined]')


@pytest.mark.parametrize(
    ("place", "who"),
    [
        ("portkey_ft/_api/operations.py:7", "in the facade, portkey_ft/_api/operations.py:7"),
        ("tests/support/shapes.py:7", "in a test helper (the facade may be correct), tests/support/shapes.py:7"),
        ("tests/contract/test_answers.py:7", "in a test, tests/contract/test_answers.py:7"),
    ],
)
def test_it_is_said_what_has_to_be_fixed_and_which_change_led_to_it(place: str, who: str) -> None:
    proof = FailedProof("tests/x.py::test_one", place, "KeyError: 'seed'", "")
    lines = list(causes([proof], [TIER, SEED], []))
    assert lines[0] == "tests/x.py::test_one: KeyError: 'seed'"
    assert lines[1].strip() == who
    assert lines[2].strip() == f"caused by response-property-added at {SEED.pointer}"


def test_a_change_that_names_the_line_is_the_cause() -> None:
    there = attrs.evolve(TIER, seam=("shop/seam.py:7",))
    proof = FailedProof("types", "shop/seam.py:7", "seed is odd", "")
    assert any(TIER.pointer in line for line in causes([proof], [SEED, there], []))


def test_the_overlay_action_that_speaks_of_it_is_named() -> None:
    written = {
        "overlay": "1.1.0",
        "info": {"title": "t", "version": "1"},
        "actions": [
            {
                "target": "$.components.schemas.Job.properties",
                "description": "d",
                "x-expect": {"matches": 1},
                "update": {},
            }
        ],
    }
    (action,) = read_overlay(written)  # type: ignore[arg-type]  # JSON
    outcome = Outcome(action, 1, State.APPLIED, ("/components/schemas/Job/properties",))
    proof = FailedProof("t", "tests/x.py:1", "seed", "")
    assert any("overlay action: actions[0]" in line for line in causes([proof], [SEED], [outcome]))


def test_what_no_change_explains_says_where_to_look() -> None:
    assert any("see the whole output" in line for line in causes([FailedProof("t", "x.py:1", "odd", "")], [SEED], []))


def test_the_report_keeps_what_the_tool_wrote() -> None:
    error = FacadeError("tests fail", ("raw line",), failed_tests(RECORD), "all that it wrote")
    report = failed(Report(changes=(SEED,)), error)
    assert report.failures[0].as_json()["raw"] == "all that it wrote"
    assert "openapi_judge.py:65" in render_text(report)
    assert "all that it wrote" not in render_text(report, "a.txt")
    assert "the whole output: a.txt" in render_text(report, "a.txt")


def test_proofs_that_failed_alike_are_told_once() -> None:
    proofs = [FailedProof(f"t[{number}]", "x.py:1", "seed", "") for number in range(40)]
    lines = list(causes(proofs, [SEED], []))
    assert sum("caused by" in line for line in lines) == 1
    assert lines[-1].startswith("40 checks failed")
