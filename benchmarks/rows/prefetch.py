"""Fetching the next page while the caller works on this one, where server and caller are equally slow."""

from __future__ import annotations

import asyncio
import time
from functools import partial

from benchmarks.measure import Lines, Setting, compare, ratio_row
from portkey_ft import AsyncPortkey, Portkey

PAGES = 40
PAGE = 100
#: What the server takes for a page of this job, and the caller for working on one, in seconds.
SLOW_JOB, DELAY = "slow", 0.05
ROUNDS = 3
WHY = "half is what waiting gives; reading a page is done between two waits, and on a busy machine takes its share."


def rows(setting: Setting) -> Lines:
    """Go through forty pages, one after the other and with a page ahead: half the time is what can be saved."""
    with Portkey(api_key="pk", virtual_key="vk", base_url=setting.url) as client:

        def work(*, ahead: bool) -> None:
            checkpoints = client.fine_tuning.jobs.checkpoints.list(SLOW_JOB, limit=PAGES * PAGE, prefetch=ahead)
            for number, _ in enumerate(checkpoints, 1):
                if number % PAGE == 0:
                    time.sleep(DELAY)

        sequential, ours = compare([partial(work, ahead=False), partial(work, ahead=True)], ROUNDS, 0)
    what, peer = "{} slow pages, slow caller, prefetch, {}", "the same without"
    yield ratio_row(what.format(PAGES, "sync"), peer, sequential, ours, at_most=0.55, why=WHY)

    loop = asyncio.new_event_loop()
    async_client = AsyncPortkey(api_key="pk", virtual_key="vk", base_url=setting.url)

    async def work_async(*, ahead: bool) -> None:
        number = 0
        async for _ in async_client.fine_tuning.jobs.checkpoints.list(SLOW_JOB, limit=PAGES * PAGE, prefetch=ahead):
            number += 1
            if number % PAGE == 0:
                await asyncio.sleep(DELAY)

    def run(*, ahead: bool) -> None:
        loop.run_until_complete(work_async(ahead=ahead))

    sequential, ours = compare([partial(run, ahead=False), partial(run, ahead=True)], ROUNDS, 0)
    loop.run_until_complete(async_client.close())
    loop.close()
    yield ratio_row(what.format(PAGES, "async"), peer, sequential, ours, at_most=0.55, why=WHY)
