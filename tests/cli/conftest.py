"""Runs the command line as a process, against a fake gateway."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from portkey_ft.testing import FakeGateway
from tests.support.command_line import COMMAND, example
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytest.importorskip("typer", reason="the command line is an extra")


@pytest.fixture
def gateway() -> FakeGateway:
    """A fake gateway whose jobs take a moment."""
    return FakeGateway(speed=100)


@pytest.fixture
def base_url(gateway: FakeGateway) -> Iterator[str]:
    """The base URL of the gateway."""
    with gateway.serve() as url:
        yield url


@pytest.fixture
def environment(base_url: str) -> dict[str, str]:
    """The environment of a user with a provider in the Model Catalog, without the machine's own variables."""
    kept = {name: os.environ[name] for name in ("SYSTEMROOT", "COVERAGE_PROCESS_START") if name in os.environ}
    return kept | {
        "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "generated"))),
        "PORTKEY_API_KEY": "pk-test",
        "PORTKEY_PROVIDER": "@my-openai",
        "PORTKEY_BASE_URL": base_url,
        "PATH": os.environ["PATH"],
    }


@pytest.fixture
def run(environment: dict[str, str], tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run a command line and wait until it ends."""

    def run(*arguments: str, strict: bool = True, **more: str) -> subprocess.CompletedProcess[str]:
        command = COMMAND if strict else [word for word in COMMAND if word not in {"-W", "error"}]
        return subprocess.run(  # noqa: S603 - our own words
            [*command, *arguments],
            cwd=tmp_path,
            env=environment | more,
            check=False,
            capture_output=True,
            text=True,
            timeout=60,
        )

    return run


@pytest.fixture
def read(run: Callable[..., subprocess.CompletedProcess[str]]) -> Callable[..., list[Any]]:
    """Run a command line that succeeds with ``--json``, and read its lines."""

    def read(*arguments: str) -> list[Any]:
        ended = run(*arguments, "--json")
        assert (ended.returncode, ended.stderr) == (0, "")
        return [json.loads(line) for line in ended.stdout.splitlines()]

    return read


@pytest.fixture
def training_file(tmp_path: Path) -> Path:
    """A file that can be uploaded."""
    path = tmp_path / "train.jsonl"
    path.write_text("".join(f"{example(number)}\n" for number in range(10)), encoding="utf-8")
    return path
