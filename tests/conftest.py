from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

# How long an example takes says how busy the machine is. Fixtures are made once for all examples, which the tests know.
PATIENT = settings(
    deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture], print_blob=True
)
# The same examples in each run, so that none fails by chance; `--hypothesis-profile=drawn` looks for new ones.
settings.register_profile("repeated", PATIENT, derandomize=True)
settings.register_profile("drawn", PATIENT)
settings.load_profile("repeated")


@pytest.fixture(autouse=True)
def environment_without_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what a developer has set in the shell out of the tests; the folder of the spec is no setting."""
    for name in os.environ:
        if name.startswith("PORTKEY_") and name != "PORTKEY_FT_SPEC":
            monkeypatch.delenv(name)
