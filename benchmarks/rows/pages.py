"""Ten thousand checkpoints, in pages of a hundred."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import httpx
from portkey_ft_api.api.fine_tuning import list_fine_tuning_checkpoints as generated_call
from portkey_ft_api.client import AuthenticatedClient
from portkey_ft_api.types import UNSET, Unset

from benchmarks.decoders import reading_by
from benchmarks.measure import LeftOut, Lines, Setting, compare, ratio_row
from portkey_ft import Portkey
from portkey_ft._json import compiled_decoder

Times: TypeAlias = Sequence[float]

CHECKPOINTS = 10_000
FAST = "10,000 checkpoints, with the extra fast"
WHY = "each item is read into the generated model and then into the facade's value; benchmarks/LAYERS.md says by layer."
HEADERS = {"x-portkey-api-key": "pk", "x-portkey-virtual-key": "vk"}


def rows(setting: Setting) -> Lines:
    """Go through the checkpoints with each of the clients."""
    from openai import OpenAI
    from portkey_ai import Portkey as Official

    url = setting.url
    compiled = compiled_decoder()
    openai = OpenAI(api_key="k", base_url=url)
    # Its hints speak of other pages than it gives.
    official: Any = Official(api_key="pk", virtual_key="vk", base_url=url)
    with (
        httpx.Client(headers=HEADERS) as raw,
        AuthenticatedClient(base_url=url, token="pk", headers=HEADERS) as generated,
        Portkey(api_key="pk", virtual_key="vk", base_url=url) as client,
    ):

        def by_ours() -> None:
            assert sum(1 for _ in client.fine_tuning.jobs.checkpoints.list("j")) == CHECKPOINTS

        def by_ours_fast() -> None:
            with reading_by(compiled):
                by_ours()

        def by_openai() -> None:
            assert sum(1 for _ in openai.fine_tuning.jobs.checkpoints.list("j")) == CHECKPOINTS

        def by_raw() -> None:
            after: str | None = None
            count, more = 0, True
            while more:
                params = {"after": after} if after else None
                page = raw.get(f"{url}/fine_tuning/jobs/j/checkpoints", params=params).json()
                count += len(page["data"])
                after, more = page["last_id"], page["has_more"]
            assert count == CHECKPOINTS

        def by_generated() -> None:
            after: str | Unset = UNSET
            count, more = 0, True
            while more:
                page = generated_call.sync("j", client=generated, after=after)
                assert page is not None
                count += len(page.data)
                after, more = str(page.last_id), bool(page.has_more)
            assert count == CHECKPOINTS

        def by_official() -> None:
            after: str | None = None
            count, more = 0, True
            while more:
                options = {"after": after} if after else {}
                page = official.fine_tuning.jobs.checkpoints.list("j", **options)
                count += len(page.data or ())
                after, more = page.last_id, page.has_more
            assert count == CHECKPOINTS

        contestants = [by_raw, by_generated, by_ours, by_ours_fast, by_openai, by_official]
        floor, bare, ours, fast, openai_times, official_times = compare(contestants, setting.rounds)
    what = "10,000 checkpoints"
    yield ratio_row(what, "openai's pager", openai_times, ours, faster=5.5, why=WHY)
    yield ratio_row(what, "portkey-ai by hand", official_times, ours, faster=1.2, why=WHY)
    yield ratio_row(what, "raw httpx + json", floor, ours, at_most=1.8, why=WHY)
    yield ratio_row(what, "generated client", bare, ours)
    yield from _fast_rows(official_times, floor, ours, fast) if compiled else [LeftOut(FAST, "it is not installed.")]


def _fast_rows(official: Times, floor: Times, ours: Times, fast: Times) -> Lines:
    yield ratio_row(FAST, "portkey-ai by hand", official, fast, faster=1.6, why=WHY)
    yield ratio_row(FAST, "raw httpx + json", floor, fast, at_most=1.3, why=WHY)
    yield ratio_row(FAST, "the same without", ours, fast)
