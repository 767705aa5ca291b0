from __future__ import annotations

import os

import pytest


@pytest.fixture(autouse=True)
def environment_without_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what a developer has set in the shell out of the tests; the folder of the spec is no setting."""
    for name in os.environ:
        if name.startswith("PORTKEY_") and name != "PORTKEY_FT_SPEC":
            monkeypatch.delenv(name)
