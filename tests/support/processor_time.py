"""A plugin that ends the process when one test has used much processor time: what is looked for would never end.

For runs on code that was broken on purpose. Real time would say how busy the machine is.
"""

from __future__ import annotations

import signal
from collections.abc import Generator
from typing import Final

import pytest

# Several times what the longest test of any area takes.
LIMIT: Final = 20.0


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol() -> Generator[None, object, object]:
    """Have the kernel end the process with SIGPROF at the limit, in whatever code it is then."""
    signal.setitimer(signal.ITIMER_PROF, LIMIT)
    try:
        return (yield)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
