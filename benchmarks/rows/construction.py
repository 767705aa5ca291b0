"""Making a client: the first one of a process, and later ones."""

from __future__ import annotations

from functools import partial

import httpx

from benchmarks.measure import Lines, Setting, compare, number_from, ratio_row, take_turns
from portkey_ft import Portkey

FIRST = "import time; {}; begin = time.perf_counter(); client = {}; print(time.perf_counter() - begin)"
RAW_FIRST = FIRST.format("import httpx", "httpx.Client()")
OUR_FIRST = FIRST.format("from portkey_ft import Portkey", "Portkey(api_key='pk', virtual_key='vk')")


def rows(setting: Setting) -> Lines:
    """Make clients beside httpx's."""
    programs = (RAW_FIRST, OUR_FIRST)
    raw, ours = take_turns([partial(number_from, code) for code in programs], setting.rounds, 1)
    yield ratio_row("making the first client", "httpx.Client()", raw, ours, at_most=1.1)

    def by_raw() -> None:
        httpx.Client().close()

    def by_ours() -> None:
        Portkey(api_key="pk", virtual_key="vk", base_url=setting.url).close()

    raw, ours = compare([by_raw, by_ours], setting.rounds)
    yield ratio_row("making a later client", "httpx.Client()", raw, ours, at_most=1.1)
