"""What arrives at the providers through the real gateway, as it was recorded, arrives through the fake one too.

``tests/e2e/test_fake_gateway.py`` records it and holds the record against the real gateway.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.gateway_samples import CREATIONS, PROVIDERS, UPLOADS, comparable, creation, forwarded, uploaded

RECORDED: dict[str, dict[str, Any]] = json.loads(Path(__file__).with_name("recorded_arrivals.json").read_text("utf-8"))


def test_every_sample_is_recorded() -> None:
    assert set(RECORDED["uploads"]) == set(UPLOADS)
    assert set(RECORDED["creations"]) == {f"{name}, {provider}" for name in CREATIONS for provider in PROVIDERS}


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("name", CREATIONS)
def test_the_body_of_a_create_is_forwarded_as_it_was_recorded(name: str, provider: str) -> None:
    assert comparable(forwarded(provider, creation(provider, name))) == RECORDED["creations"][f"{name}, {provider}"]


@pytest.mark.parametrize("name", UPLOADS)
def test_an_upload_is_stored_as_it_was_recorded(name: str) -> None:
    assert uploaded(UPLOADS[name]) == RECORDED["uploads"][name]
