"""Lines that tests of this folder leave for the end of the session, where conftest.py shows them."""

import pytest

#: What each load held.
LOADS = pytest.StashKey[list[str]]()
#: What became of everything that was asked for.
TRUTH = pytest.StashKey[list[str]]()
