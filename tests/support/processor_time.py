"""A plugin that ends the process when one test has used much processor time: what is looked for would never end.

For runs on code that was broken on purpose. Real time would say how busy the machine is. There are thousands of such
runs, several at a time, so each has temporary folders of its own: those that pytest numbers can be missed by chance.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Generator
from tempfile import TemporaryDirectory
from typing import Final

import pytest

# Several times what the longest test of any area takes.
LIMIT: Final = 20.0


def pytest_configure(config: pytest.Config) -> None:
    """Make a folder for those of ``tmp_path``."""
    folder = TemporaryDirectory(ignore_cleanup_errors=True)
    config.add_cleanup(folder.cleanup)
    os.environ["PYTEST_DEBUG_TEMPROOT"] = folder.name


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol() -> Generator[None, object, object]:
    """Have the kernel end the process with SIGPROF at the limit, in whatever code it is then."""
    signal.setitimer(signal.ITIMER_PROF, LIMIT)
    try:
        return (yield)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
