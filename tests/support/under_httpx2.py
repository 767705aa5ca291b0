"""A plugin of pytest that makes every ``import httpx`` an import of httpx2: ``pytest -p tests.support.under_httpx2``.

So the tests of the client, its helpers and the fake gateway run on httpx2 alone, as they would in a program that has
moved to it as a whole.
"""

from __future__ import annotations

import httpx2

httpx2.alias_httpx()


def pytest_report_header() -> str:
    """Say which library the tests run on."""
    import httpx  # noqa: PLC0415 - after it was made an alias

    return f"httpx is {httpx.__name__} {httpx.__version__}"
