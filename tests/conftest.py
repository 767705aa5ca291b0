from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

# How long an example takes says how busy the machine is. Fixtures are made once for all examples, which the tests know.
settings.register_profile(
    "patient", deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
settings.load_profile("patient")


@pytest.fixture(autouse=True)
def environment_without_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what a developer has set in the shell out of the tests; the folder of the spec is no setting."""
    for name in os.environ:
        if name.startswith("PORTKEY_") and name != "PORTKEY_FT_SPEC":
            monkeypatch.delenv(name)
