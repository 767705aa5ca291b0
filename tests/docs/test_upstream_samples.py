"""Portkey's own Python samples for our operations run here once their import is changed."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import CodeType
from typing import Any

import pytest
import yaml

from portkey_ft.pagination import SyncList
from portkey_ft.testing import FakeGateway
from tests.support.paths import NO_UPSTREAM, ROOT, UPSTREAM

DOCUMENT = UPSTREAM / "openapi" / "2026-06-11-a2191f4.yaml"
SELECTED = tomllib.loads((ROOT / "spec" / "selection.toml").read_text(encoding="utf-8"))["operation"]
OPERATIONS = [(one["method"].lower(), one["path"]) for one in SELECTED]


@cache
def samples() -> Mapping[tuple[str, str], tuple[str, ...]]:
    """Find the samples for Python, by operation; read once they are asked for, because that takes seconds."""
    if not DOCUMENT.exists():
        # What these samples do is done by the blocks of docs/migration.md as well.
        pytest.skip(NO_UPSTREAM)
    document = yaml.load(DOCUMENT.read_bytes(), Loader=yaml.CSafeLoader)
    return {
        (method, path): tuple(
            sample["source"]
            for sample in document["paths"][path][method]["x-code-samples"]
            if sample["lang"].lower() == "python"
        )
        for method, path in OPERATIONS
    }


@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")  # upstream's sample leaves its file open
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # which is noticed as it goes
@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_an_upstream_sample_runs_after_its_import_is_changed(
    method: str, path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mydata.jsonl").write_text('{"messages": []}\n', encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert samples()[method, path]
    for sample in samples()[method, path]:
        source = sample.replace("from portkey_ai import", "from portkey_ft import")
        assert methods_of(source, monkeypatch) == [method.upper()]


def methods_of(source: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Run a program against a gateway that has what the samples name, and return the methods of its requests."""
    gateway = FakeGateway()
    gateway.add_file(b"{}\n", file_id="file-abc123")
    for job_id in ("ftjob-abc123", "ft-AF1WoRqd3aJAHsqc9NY7iL8F", "<ft-job-id>"):
        gateway.add_job(job_id=job_id)
    namespace: dict[str, Any] = {}
    with gateway.serve() as base_url:
        monkeypatch.setenv("PORTKEY_BASE_URL", base_url)
        # A sample for a self-hosted gateway names its URL by a placeholder.
        exec(_keeping_its_result(source.replace("SELF_HOSTED_GATEWAY_URL", base_url)), namespace)  # noqa: S102 - upstream's
        for value in list(namespace.values()):
            if isinstance(value, SyncList):
                value.to_list()
        namespace["client"].close()
    return [request.method for request in gateway.requests]


def _keeping_its_result(source: str) -> CodeType:
    """Compile a sample so that what its last line makes is not thrown away."""
    tree = ast.parse(source)
    last = tree.body[-1]
    if isinstance(last, ast.Expr):
        target = ast.Name("result", ast.Store())
        tree.body[-1] = ast.Assign([target], last.value)
    return compile(ast.fix_missing_locations(tree), "<sample>", "exec")
