"""Upstream's real documents, where they are at hand: history, pages, and every operation of the newest."""

import itertools
import json
from io import StringIO
from pathlib import Path

import pytest

from scripts.specsync.cli import main
from scripts.specsync.settings import WantedOperation
from scripts.specsync.tree.hash import tree_hash

ROOT = Path(__file__).resolve().parents[2]
OLDEST, MIDDLE, NEWEST = "2024-06-11-b591289.yaml", "2025-02-25-381b2f1.yaml", "2026-06-11-a2191f4.yaml"
DUPLICATE = "2025-08-27-cd38cb9-duplicate-key.yaml"
VERDICTS = {
    (OLDEST, MIDDLE): 30,
    (OLDEST, NEWEST): 30,
    (MIDDLE, NEWEST): 20,
    (NEWEST, MIDDLE): 20,
    (NEWEST, OLDEST): 30,
    (MIDDLE, OLDEST): 30,
}


def call(*arguments: str) -> tuple[int, str]:
    out = StringIO()
    return main(arguments, ROOT, out, StringIO()), out.getvalue()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("old", "new"), list(itertools.product([OLDEST, MIDDLE, NEWEST, DUPLICATE], repeat=2)), ids=str
)
def test_any_two_versions_are_judged(old: str, new: str, upstream: Path) -> None:
    code, out = call("diff", str(upstream / "openapi" / old), str(upstream / "openapi" / new))
    if DUPLICATE in {old, new}:
        assert code == 5
        assert "line 29004: key 'type' is already in this mapping, on line 28998" in out
    else:
        assert code == VERDICTS.get((old, new), 0)


def test_an_object_that_became_a_union_is_told_as_that(upstream: Path) -> None:
    _, out = call("diff", str(upstream / "openapi" / OLDEST), str(upstream / "openapi" / NEWEST), "--format", "json")
    rules = [(change["rule"], change["pointer"]) for change in json.loads(out)["changes"]]
    unions = [pointer for rule, pointer in rules if rule == "request-became-union"]
    assert unions == ["/paths/~1fine_tuning~1jobs/post/requestBody/content/application~1json/schema"]
    # What every form still has is not called gone.
    assert not [
        pointer for rule, pointer in rules if "removed" in rule and pointer.endswith(("/model", "/training_file"))
    ]


def test_the_newest_document_is_what_is_committed(upstream: Path) -> None:
    before = tree_hash(ROOT / "spec")
    code, out = call("sync", "--check", "--source", str(upstream / "openapi" / NEWEST), "--format", "json")
    assert (code, json.loads(out)["changes"], tree_hash(ROOT / "spec")) == (0, [], before)


def test_the_page_agrees_with_the_document(upstream: Path) -> None:
    code, out = call("agree", "--source", str(upstream / "pages/list-fine-tuning-checkpoints.md"))
    assert code == 0
    assert "agrees in every fact" in out


def test_a_page_alone_lacks_the_other_operations(upstream: Path) -> None:
    code, out = call("sync", "--check", "--source", str(upstream / "pages/list-fine-tuning-checkpoints.md"))
    assert code == 5
    assert "the source lacks POST /fine_tuning/jobs" in out


@pytest.mark.slow
@pytest.mark.parametrize(("name", "count"), [(OLDEST, 64), (MIDDLE, 130), (NEWEST, 231)])
def test_every_operation_of_a_version_goes_through(name: str, count: int, upstream: Path) -> None:
    code, out = call("sync", "--check", "--all", "--source", str(upstream / "openapi" / name), "--format", "json")
    report = json.loads(out)
    assert (code, report["failures"]) == (0, [])
    assert report["operations"] == {"selected": count, "generated": count, "lost": []}


def test_whole_documents_are_compared(upstream: Path) -> None:
    code, _ = call("diff", "--all", str(upstream / "openapi" / MIDDLE), str(upstream / "openapi" / NEWEST))
    assert code == 30


def test_wanted_operations_are_labelled_by_method_and_path() -> None:
    assert WantedOperation("GET", "/x").label == "GET /x"
