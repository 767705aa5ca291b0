"""One small call on a connection that stands, sync and async."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

import httpx
from portkey_ft_api.api.fine_tuning import retrieve_fine_tuning_job as generated_call
from portkey_ft_api.client import AuthenticatedClient

from benchmarks.measure import Lines, Setting, compare, ratio_row
from portkey_ft import AsyncPortkey, Portkey

CALLS = 100
WHY = "the generated client is a row here; what else is ours and what httpx's, benchmarks/LAYERS.md says by layer."
HEADERS = {"x-portkey-api-key": "pk", "x-portkey-virtual-key": "vk"}


def rows(setting: Setting) -> Lines:
    """Retrieve one job, a hundred times a round."""
    yield from _sync(setting)
    yield from _async(setting)


def _sync(setting: Setting) -> Lines:
    with (
        httpx.Client(headers=HEADERS) as raw,
        AuthenticatedClient(base_url=setting.url, token="pk", headers=HEADERS) as generated,
        Portkey(api_key="pk", virtual_key="vk", base_url=setting.url) as client,
    ):
        target, jobs = f"{setting.url}/fine_tuning/jobs/ftjob-1", client.fine_tuning.jobs

        def by_raw() -> None:
            for _ in range(CALLS):
                raw.get(target).json()

        def by_generated() -> None:
            for _ in range(CALLS):
                assert generated_call.sync("ftjob-1", client=generated)

        def by_ours() -> None:
            for _ in range(CALLS):
                jobs.retrieve("ftjob-1")

        floor, bare, ours = compare([by_raw, by_generated, by_ours], setting.rounds)
    scale = 1000 / CALLS
    yield ratio_row("one call, sync", "raw httpx", floor, ours, at_most=1.15, scale=scale, why=WHY)
    yield ratio_row("one call, sync", "generated client", bare, ours, scale=scale)


def _async(setting: Setting) -> Lines:
    loop = asyncio.new_event_loop()
    raw = httpx.AsyncClient(headers=HEADERS)
    generated = AuthenticatedClient(base_url=setting.url, token="pk", headers=HEADERS)
    client = AsyncPortkey(api_key="pk", virtual_key="vk", base_url=setting.url)
    target = f"{setting.url}/fine_tuning/jobs/ftjob-1"

    async def by_raw() -> None:
        (await raw.get(target)).json()

    async def by_generated() -> None:
        assert await generated_call.asyncio("ftjob-1", client=generated)

    async def by_ours() -> None:
        await client.fine_tuning.jobs.retrieve("ftjob-1")

    async def repeat(call: Callable[[], Awaitable[None]]) -> None:
        for _ in range(CALLS):
            await call()

    def run(call: Callable[[], Awaitable[None]]) -> None:
        loop.run_until_complete(repeat(call))

    async def close() -> None:
        await raw.aclose()
        await generated.get_async_httpx_client().aclose()
        await client.close()

    contestants = [partial(run, call) for call in (by_raw, by_generated, by_ours)]
    floor, bare, ours = compare(contestants, setting.rounds)
    loop.run_until_complete(close())
    loop.close()
    scale = 1000 / CALLS
    yield ratio_row("one call, async", "raw httpx", floor, ours, at_most=1.2, scale=scale, why=WHY)
    yield ratio_row("one call, async", "generated client", bare, ours, scale=scale)
