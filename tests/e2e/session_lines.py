"""Lines that tests of this folder record for the end of the session, where conftest.py prints them."""

import pytest

#: The figures of each load.
LOADS = pytest.StashKey[list[str]]()
#: The outcome of everything that was requested.
TRUTH = pytest.StashKey[list[str]]()
