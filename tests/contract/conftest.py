from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.seam import CALLS, Reader, Recorder


@pytest.fixture(scope="session")
def spec_folder() -> Path:
    """The folder of the facts: a staged tree that is being tested, or the project's own."""
    staged = os.environ.get("PORTKEY_FT_SPEC")
    return Path(staged) if staged else Path(__file__).parents[2] / "spec"


@pytest.fixture(scope="session")
def document(spec_folder: Path) -> Mapping[str, Any]:
    """The document that the client was generated from."""
    loaded: Mapping[str, Any] = yaml.load((spec_folder / "openapi.yaml").read_text("utf-8"), yaml.CSafeLoader)
    return loaded


@pytest.fixture(scope="session")
def selection(spec_folder: Path) -> Mapping[str, Any]:
    """The selected operations, under our names."""
    return tomllib.loads((spec_folder / "selection.toml").read_text("utf-8"))


@pytest.fixture(scope="session")
def payloads() -> Mapping[str, Mapping[str, Any]]:
    """The providers' responses through the gateway, by kind and by name."""
    loaded: Mapping[str, Mapping[str, Any]] = json.loads((Path(__file__).parent / "payloads.json").read_text("utf-8"))
    return loaded


@pytest.fixture
def recorder() -> Recorder:
    """A transport that records requests and responds."""
    return Recorder()


@pytest.fixture(params=sorted(CALLS))
def operation(request: pytest.FixtureRequest) -> str:
    """Every operation of the facade."""
    return str(request.param)


@pytest.fixture(scope="session")
def called_operations() -> frozenset[str]:
    """The operations that the tests here call."""
    return frozenset(CALLS)


@pytest.fixture(scope="session")
def reader() -> Reader:
    """Parses responses as the facade does."""
    return Reader()
