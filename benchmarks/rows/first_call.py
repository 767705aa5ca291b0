"""A program that makes one call, its imports included."""

from __future__ import annotations

from functools import partial

from benchmarks.measure import Lines, Setting, number_from, ratio_row, take_turns

TIMED = "import time; begin = time.perf_counter()\n{}\nprint(time.perf_counter() - begin)"
RAW = TIMED.format("import httpx\nwith httpx.Client() as c: c.get('{url}/fine_tuning/jobs/ftjob-1').json()")
OURS = TIMED.format(
    "from portkey_ft import Portkey\n"
    "with Portkey(api_key='pk', virtual_key='vk', base_url='{url}') as c: c.fine_tuning.jobs.retrieve('ftjob-1')"
)
WHY = "the first call loads what was put off: the seam, the facade's types and the generated modules that it names."


def rows(setting: Setting) -> Lines:
    """Run the program, and the same one with httpx alone."""
    programs = [RAW.format(url=setting.url), OURS.format(url=setting.url)]
    raw, ours = take_turns([partial(number_from, code) for code in programs], setting.rounds, 1)
    yield ratio_row("first call, import included", "raw httpx", raw, ours, at_most=1.5, why=WHY)
