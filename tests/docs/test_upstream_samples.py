"""Portkey's own Python samples for our operations run here once their import is changed."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from types import CodeType
from typing import Any

import pytest
import yaml

from portkey_ft.pagination import SyncList
from portkey_ft.testing import FakeGateway
from tests.support.paths import NO_UPSTREAM, UPSTREAM

DOCUMENT = UPSTREAM / "openapi" / "2026-06-11-a2191f4.yaml"


def _samples() -> Iterator[tuple[str, str]]:
    """Find the samples of the operations under our paths."""
    document = yaml.load(DOCUMENT.read_bytes(), Loader=yaml.CSafeLoader)
    for path, item in document["paths"].items():
        if not path.startswith(("/fine_tuning", "/files")):
            continue
        for method, operation in item.items():
            samples = operation.get("x-code-samples", ()) if isinstance(operation, dict) else ()
            for number, sample in enumerate(samples):
                if sample["lang"].lower() == "python":
                    yield f"{method} {path} {number}", sample["source"]


if not DOCUMENT.exists():
    # What these samples do is done by the blocks of docs/migration.md as well.
    pytest.skip(NO_UPSTREAM, allow_module_level=True)
SAMPLES = dict(_samples())


def test_every_operation_with_samples_has_one_for_python() -> None:
    assert len(SAMPLES) >= 11


@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")  # upstream's sample leaves its file open
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # which is noticed as it goes
@pytest.mark.parametrize("name", SAMPLES)
def test_an_upstream_sample_runs_after_its_import_is_changed(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway = FakeGateway()
    gateway.add_file(b"{}\n", file_id="file-abc123")
    for job_id in ("ftjob-abc123", "ft-AF1WoRqd3aJAHsqc9NY7iL8F", "<ft-job-id>"):
        gateway.add_job(job_id=job_id)
    (tmp_path / "mydata.jsonl").write_text('{"messages": []}\n', encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    source = SAMPLES[name].replace("from portkey_ai import", "from portkey_ft import")
    namespace: dict[str, Any] = {}

    with gateway.serve() as base_url:
        monkeypatch.setenv("PORTKEY_BASE_URL", base_url)
        # A sample for a self-hosted gateway names its URL by a placeholder.
        exec(_keeping_its_result(source.replace("SELF_HOSTED_GATEWAY_URL", base_url)), namespace)  # noqa: S102 - upstream's
        for value in list(namespace.values()):
            if isinstance(value, SyncList):
                value.to_list()
        namespace["client"].close()

    assert [request.method for request in gateway.requests] == [name.split(maxsplit=1)[0].upper()]


def _keeping_its_result(source: str) -> CodeType:
    """Compile a sample so that what its last line makes is not thrown away."""
    tree = ast.parse(source)
    last = tree.body[-1]
    if isinstance(last, ast.Expr):
        target = ast.Name("result", ast.Store())
        tree.body[-1] = ast.Assign([target], last.value)
    return compile(ast.fix_missing_locations(tree), "<sample>", "exec")
