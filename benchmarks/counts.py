"""What the SDK costs where no clock matters: counts that are the same on a busy machine, each with its limit.

A limit is passed by a change of the code and by nothing else, so that a check on any machine can fail on it. Whoever
raises one says in ``reason`` what is worth it.
"""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import httpx
from attrs import frozen

from benchmarks.instructions import NotCountedError, counted
from benchmarks.measure import number_from
from benchmarks.server import PAGE, serving
from portkey_ft import Portkey
from portkey_ft._json import compiled_decoder
from scripts.release.build import build
from scripts.release.check_wheel import DEPENDENCIES, LARGEST_INSTALLED, LARGEST_WHEEL, Weight, weigh

__all__ = ["LIMITS", "Limit", "check"]

PAGES: Final = 10
UPLOAD: Final = 64 << 20
BEYOND: Final = """
import sys, httpx, attrs
floor = set(sys.modules)
import portkey_ft
print(sum(name.partition(".")[0] {} "portkey_ft_api" for name in set(sys.modules) - floor))
"""
READ_PAGES: Final = "from benchmarks.instructions import read_pages; read_pages({}, by_ours={}, fast={})"


@frozen
class Limit:
    """A count and its limit.

    Attributes:
        what: What is counted.
        count: Counts it, given the wheel to weigh, or None to build one.
        most: The largest count that is let through.
        reason: Why that much, and no more.
    """

    what: str
    count: Callable[[Path | None], float]
    most: float
    reason: str


@frozen
class Traffic:
    """What a server has seen."""

    connections: int
    requests: int


@contextmanager
def _client() -> Generator[tuple[Portkey, Callable[[], Traffic]]]:
    """Give a client of a server on loopback, and a way to ask what came there since, but for the asking."""
    with (
        serving() as url,
        httpx.Client() as asking,
        Portkey(api_key="pk", virtual_key="vk", base_url=url) as client,
    ):
        before = asking.get(f"{url}/count").json()

        def traffic() -> Traffic:
            now = asking.get(f"{url}/count").json()
            return Traffic(now["connections"] - before["connections"], now["requests"] - before["requests"] - 1)

        yield client, traffic


def _walk() -> Traffic:
    with _client() as (client, traffic):
        assert len(client.fine_tuning.jobs.checkpoints.list("j", limit=PAGES * PAGE).to_list()) == PAGES * PAGE
        return traffic()


def _blocks_of_a_page() -> float:
    with _client() as (client, _):
        checkpoints = client.fine_tuning.jobs.checkpoints
        # Once, so that what is made once is there.
        checkpoints.list("j", limit=PAGE).to_list()
        gc.collect()
        tracemalloc.start()
        kept = checkpoints.list("j", limit=PAGE).to_list()
        gc.collect()
        blocks = sum(line.count for line in tracemalloc.take_snapshot().statistics("filename"))
        tracemalloc.stop()
    assert len(kept) == PAGE
    return blocks


def _peak_of_an_upload() -> float:
    with _client() as (client, _), TemporaryDirectory() as folder:
        path = Path(folder, "train.jsonl")
        with path.open("wb") as file:
            file.truncate(UPLOAD)
        client.files.create(file=path)
        tracemalloc.start()
        client.files.create(file=path)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    return peak / 2**20


def _instructions_of_import() -> float:
    ours, floor = counted("import portkey_ft", "import httpx, attrs")
    return ours / floor


def _instructions_of_a_page(*, fast: bool = False) -> float:
    if fast and compiled_decoder() is None:
        message = "the extra fast is not installed"
        raise NotCountedError(message)
    pages = 5
    ours, raw = ([READ_PAGES.format(count, by_ours, fast) for count in (1, 1 + pages)] for by_ours in (True, False))
    our_one, our_more, raw_one, raw_more = counted(*ours, *raw)
    # The difference takes away what is done once.
    return (our_more - our_one) / (raw_more - raw_one)


@cache
def _weight(wheel: Path | None) -> Weight:
    with TemporaryDirectory() as folder:
        return weigh(wheel or build(Path(folder))[0])


LIMITS: Final[dict[str, Limit]] = {
    "modules": Limit(
        "modules that the import loads beyond httpx and attrs",
        lambda _: number_from(BEYOND.format("!=")),
        22,
        "every program pays for each, some 0.5 ms; the facade's own, and what a client is made of, is all.",
    ),
    "generated": Limit(
        "modules of the generated client that the import loads",
        lambda _: number_from(BEYOND.format("==")),
        0,
        "they are 46, and a program that makes a client need not call.",
    ),
    "requests": Limit(
        f"requests for {PAGES} pages",
        lambda _: _walk().requests,
        PAGES,
        "one a page: the last page says that nothing follows.",
    ),
    "connections": Limit(
        f"connections for {PAGES} pages",
        lambda _: _walk().connections,
        1,
        "each answer is read to its end, so that its connection can be used again.",
    ),
    "blocks": Limit(
        f"blocks of memory held by a page of {PAGE} checkpoints",
        lambda _: _blocks_of_a_page(),
        2_400,
        "a checkpoint holds 22: two values, two times, and the texts and numbers that the provider sent.",
    ),
    "upload": Limit(
        f"peak of memory of an upload of {UPLOAD >> 20} MiB, in MiB",
        lambda _: _peak_of_an_upload(),
        2,
        "a file is sent in pieces of 64 KiB, whatever its size.",
    ),
    "wheel": Limit(
        "bytes of the wheel",
        lambda wheel: _weight(wheel).wheel,
        LARGEST_WHEEL,
        "what every installation downloads; the goal of benchmarks/rows/sizes.py is less.",
    ),
    "installed": Limit(
        "bytes unpacked from the wheel",
        lambda wheel: _weight(wheel).installed,
        LARGEST_INSTALLED,
        "it goes into images and functions whose size is paid for.",
    ),
    "dependencies": Limit(
        "packages that the wheel asks for",
        lambda wheel: len(_weight(wheel).dependencies),
        len(DEPENDENCIES),
        "httpx and attrs; each more is one that can break a user's installation.",
    ),
    "instructions-import": Limit(
        "times the instructions of importing httpx and attrs",
        lambda _: _instructions_of_import(),
        1.35,
        "reading the facade's own modules, and no work at import.",
    ),
    "instructions-page": Limit(
        f"times the instructions of fetching a page of {PAGE} checkpoints with httpx alone, and parsing it",
        lambda _: _instructions_of_a_page(),
        2.8,
        "each checkpoint is read into the generated model, checked, and built into the facade's type.",
    ),
    "instructions-page-fast": Limit(
        "times the same instructions with the extra fast",
        lambda _: _instructions_of_a_page(fast=True),
        2.2,
        "the same, but for reading the JSON.",
    ),
}


def check(names: Sequence[str], wheel: Path | None) -> int:
    """Count and print; the exit code is 1 if a limit is passed.

    Args:
        names: What to count, by its name in ``LIMITS``.
        wheel: The wheel to weigh, or None to build one.
    """
    passed = False
    for name in names:
        limit = LIMITS[name]
        try:
            value = limit.count(wheel)
        except NotCountedError as error:
            print(f"{name}: NOT COUNTED: {error}")
            continue
        print(f"{name}: {value:,.7g} {limit.what}; at most {limit.most:,.7g}")
        if value > limit.most:
            passed = True
            print(f"{name}: TOO MANY; the limit stands because: {limit.reason}")
    return int(passed)
