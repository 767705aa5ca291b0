"""Paths of files that tests read."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
#: Real versions of Portkey's document, for those who have them beside the checkout; the tests do without.
UPSTREAM = Path(os.environ.get("PORTKEY_UPSTREAM") or ROOT.parent / "shared" / "upstream")
#: Why a test is left out that needs one.
NO_UPSTREAM = "upstream's documents are not at hand; PORTKEY_UPSTREAM names their folder"
