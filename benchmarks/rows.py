"""The rows of the table: what is measured, and against whom."""

from __future__ import annotations

import asyncio
import json
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from benchmarks.measure import Row, compare, in_new_process, ratio_row
from portkey_ft import AsyncPortkey, Portkey, datasets

__all__ = ["ROWS"]

CHECKPOINTS = 10_000
HEADERS = {"x-portkey-api-key": "pk", "x-portkey-virtual-key": "vk"}

TIMED_IMPORT = "import time; begin = time.perf_counter(); import {}; print(time.perf_counter() - begin)"
COUNTED_IMPORT = "import sys; import {}; print(len(sys.modules))"
FIRST_CALL = "import time; begin = time.perf_counter()\n{}\nprint(time.perf_counter() - begin)"


def _imports(rounds: int, what: str, peer: str, ours: str = "portkey_ft") -> tuple[list[float], list[float]]:
    theirs, mine = [], []
    for _ in range(rounds):
        theirs.append(in_new_process(TIMED_IMPORT.format(peer)))
        mine.append(in_new_process(TIMED_IMPORT.format(ours)))
    del what
    return theirs, mine


def import_time(url: str, rounds: int) -> Iterator[Row]:
    """Importing the package."""
    del url
    theirs, ours = _imports(rounds, "import", "httpx, attrs")
    yield ratio_row("import portkey_ft", "import httpx, attrs", theirs, ours, at_most=1.25)
    theirs, ours = _imports(max(3, rounds // 3), "import", "portkey_ai")
    yield ratio_row("import portkey_ft", "import portkey_ai", theirs, ours, faster=12)
    modules = [in_new_process(COUNTED_IMPORT.format(name)) for name in ("httpx, attrs", "portkey_ft")]
    yield ratio_row("modules imported", "httpx, attrs", modules[:1], modules[1:], at_most=1.25, unit="modules", scale=1)


def first_call(url: str, rounds: int) -> Iterator[Row]:
    """A program that makes one call, its imports included."""
    raw = FIRST_CALL.format(f"import httpx\nwith httpx.Client() as c: c.get('{url}/fine_tuning/jobs/ftjob-1').json()")
    ours = FIRST_CALL.format(
        "from portkey_ft import Portkey\n"
        f"with Portkey(api_key='pk', virtual_key='vk', base_url='{url}') as c: c.fine_tuning.jobs.retrieve('ftjob-1')"
    )
    times: list[tuple[float, float]] = [(in_new_process(raw), in_new_process(ours)) for _ in range(rounds)]
    theirs, mine = zip(*times, strict=True)
    yield ratio_row("first call, import included", "raw httpx", theirs, mine, at_most=1.5)


def small_call(url: str, rounds: int) -> Iterator[Row]:
    """One small call on a connection that stands."""
    calls = 100
    with httpx.Client(headers=HEADERS) as raw, Portkey(api_key="pk", virtual_key="vk", base_url=url) as client:
        target, jobs = f"{url}/fine_tuning/jobs/ftjob-1", client.fine_tuning.jobs

        def theirs() -> None:
            for _ in range(calls):
                raw.get(target).json()

        def ours() -> None:
            for _ in range(calls):
                jobs.retrieve("ftjob-1")

        yield ratio_row(
            "one call, sync", "raw httpx", *compare([theirs, ours], rounds), at_most=1.15, scale=1000 / calls
        )

    loop = asyncio.new_event_loop()
    raw_async = httpx.AsyncClient(headers=HEADERS)
    async_client = AsyncPortkey(api_key="pk", virtual_key="vk", base_url=url)

    async def theirs_async() -> None:
        for _ in range(calls):
            (await raw_async.get(target)).json()

    async def ours_async() -> None:
        for _ in range(calls):
            await async_client.fine_tuning.jobs.retrieve("ftjob-1")

    runs = [lambda: loop.run_until_complete(theirs_async()), lambda: loop.run_until_complete(ours_async())]
    yield ratio_row("one call, async", "raw httpx", *compare(runs, rounds), at_most=1.2, scale=1000 / calls)
    loop.run_until_complete(raw_async.aclose())
    loop.run_until_complete(async_client.close())
    loop.close()


def _raw_checkpoints(client: httpx.Client, url: str) -> int:
    count, after, more = 0, None, True
    while more:
        page = client.get(f"{url}/fine_tuning/jobs/j/checkpoints", params={"after": after} if after else None).json()
        count += len(page["data"])
        after, more = page["last_id"], page["has_more"]
    return count


def pages(url: str, rounds: int) -> Iterator[Row]:
    """Ten thousand checkpoints, in pages of a hundred."""
    from openai import OpenAI
    from portkey_ai import Portkey as Official

    raw = httpx.Client(headers=HEADERS)
    client = Portkey(api_key="pk", virtual_key="vk", base_url=url)
    openai = OpenAI(api_key="k", base_url=url)
    official = Official(api_key="pk", virtual_key="vk", base_url=url)

    def by_ours() -> None:
        assert sum(1 for _ in client.fine_tuning.jobs.checkpoints.list("j")) == CHECKPOINTS

    def by_raw() -> None:
        assert _raw_checkpoints(raw, url) == CHECKPOINTS

    def by_openai() -> None:
        assert sum(1 for _ in openai.fine_tuning.jobs.checkpoints.list("j")) == CHECKPOINTS

    def by_official() -> None:
        count, after, more = 0, None, True
        while more:
            options = {"after": after} if after else {}
            page = official.fine_tuning.jobs.checkpoints.list("j", **options)
            count += len(page.data or ())
            after, more = page.last_id, page.has_more
        assert count == CHECKPOINTS

    raw_times, ours, openai_times, official_times = compare([by_raw, by_ours, by_openai, by_official], rounds)
    what = "10,000 checkpoints"
    yield ratio_row(what, "openai's pager", openai_times, ours, faster=5)
    yield ratio_row(what, "portkey-ai by hand", official_times, ours, faster=1.2)
    yield ratio_row(what, "raw httpx + json", raw_times, ours, at_most=2)
    raw.close()
    client.close()


def memory(url: str, rounds: int) -> Iterator[Row]:
    """What is held after many items were gone through: counted by tracemalloc, so that no clock matters."""
    del rounds
    with Portkey(api_key="pk", virtual_key="vk", base_url=url) as client:
        for _ in client.fine_tuning.jobs.checkpoints.list("j"):
            pass
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        for _ in client.fine_tuning.jobs.checkpoints.list("j"):
            pass
        held = tracemalloc.get_traced_memory()[0] - before
        tracemalloc.stop()
    yield Row("held after 10,000 checkpoints", "nothing", 0, held / 1e6, "MB", held / 2e6, "", "2 MB", held <= 2e6)


def construction(url: str, rounds: int) -> Iterator[Row]:
    """Making a client."""

    def theirs() -> None:
        httpx.Client().close()

    def ours() -> None:
        Portkey(api_key="pk", virtual_key="vk", base_url=url).close()

    yield ratio_row("making a client", "httpx.Client()", *compare([theirs, ours], rounds), at_most=1.1)


def transfer(url: str, rounds: int) -> Iterator[Row]:
    """512 MiB up and down."""
    rounds = max(3, rounds // 3)
    with (
        TemporaryDirectory() as folder,
        httpx.Client(headers=HEADERS, timeout=60) as raw,
        Portkey(api_key="pk", virtual_key="vk", base_url=url) as client,
    ):
        path = Path(folder, "big.jsonl")
        with path.open("wb") as file:
            file.truncate(512 << 20)

        def raw_upload() -> None:
            with path.open("rb") as file:
                raw.post(f"{url}/files", data={"purpose": "fine-tune"}, files={"file": file})

        def upload() -> None:
            client.files.create(file=path)

        def raw_download() -> None:
            with raw.stream("GET", f"{url}/files/f/content") as response:
                for _ in response.iter_bytes():
                    pass

        def download() -> None:
            for _ in client.files.content("f").iter_bytes():
                pass

        yield ratio_row("512 MiB up", "raw httpx", *compare([raw_upload, upload], rounds, 1), at_most=1 / 0.9)
        yield ratio_row("512 MiB down", "raw httpx", *compare([raw_download, download], rounds, 1), at_most=1 / 0.9)
        for name, run in (("up", upload), ("down", download)):
            tracemalloc.start()
            run()
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            yield Row(
                f"peak of 512 MiB {name}", "nothing", 0, peak / 2**20, "MiB", peak / 2**22, "", "4 MiB", peak <= 2**22
            )


def datasets_check(url: str, rounds: int) -> Iterator[Row]:
    """Checking a training file."""
    del url
    rounds = max(3, rounds // 3)
    words = "the parcel is on its way and the tracking page shows each of its stops "
    with TemporaryDirectory() as folder:
        path = Path(folder, "train.jsonl")
        with path.open("w", encoding="utf-8") as file:
            for number in range(60_000):
                messages = [
                    {"role": "user", "content": f"{number} {words * 5}"},
                    {"role": "assistant", "content": words * 7},
                ]
                file.write(json.dumps({"messages": messages}) + "\n")
        size = path.stat().st_size

        def parse() -> None:
            with path.open("rb") as file:
                for line in file:
                    json.loads(line)

        def check() -> None:
            assert datasets.check(path).ok

        theirs, ours = compare([parse, check], rounds, 1)
        yield ratio_row("datasets.check", "json.loads alone", theirs, ours, at_most=2)
        rate = size / 1e6 / sorted(ours)[len(ours) // 2]
        yield Row("datasets.check", "60 MB/s", 60, rate, "MB/s", rate / 60, "", "60 MB/s a core", rate >= 60)


ROWS: dict[str, Callable[[str, int], Iterator[Row]]] = {
    function.__name__: function
    for function in (import_time, first_call, small_call, pages, memory, construction, transfer, datasets_check)
}
