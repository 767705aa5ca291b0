"""How many instructions a program takes: a figure that a busy machine does not change.

The processor's own counter is asked through ``perf``, where the machine shows it; else ``valgrind`` counts, some fifty
times slower.
"""

from __future__ import annotations

import gc
import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Final

from attrs import frozen

__all__ = ["NotCountedError", "counted", "read_pages"]


class NotCountedError(Exception):
    """There is no way to count on this machine."""


@frozen
class Counter:
    """A tool that counts, and how its answer is found in what it writes to stderr."""

    command: tuple[str, ...]
    answer: re.Pattern[str]

    def count(self, code: str) -> int:
        """Run code in a new interpreter and give its instructions; 0 if the tool gives none."""
        # Hashes of texts decide the order in sets, and so what is done. What was compiled is to be kept: see `counted`.
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        environment = {**kept, "PYTHONHASHSEED": "0"}
        command = (*self.command, sys.executable, "-c", code)
        done = subprocess.run(command, env=environment, check=False, capture_output=True, text=True)  # noqa: S603 - our own words
        if done.returncode:
            raise NotCountedError(done.stderr)
        found = self.answer.search(done.stderr)
        return int(found[1].replace(",", "")) if found else 0


#: Runs a program and counts nothing.
UNCOUNTED: Final = Counter((), re.compile(r"(?!)"))
COUNTERS: Final = (
    Counter(("perf", "stat", "-x,", "-e", "instructions:u"), re.compile(r"^(\d+),.*instructions", re.MULTILINE)),
    Counter(
        ("valgrind", "--tool=cachegrind", "--cache-sim=no", f"--cachegrind-out-file={os.devnull}"),
        re.compile(r"I +refs: +([\d,]+)"),
    ),
)


@cache
def counter() -> Counter:
    """Find a tool that counts here.

    Raises:
        NotCountedError: There is none.
    """
    for tool in COUNTERS:
        if shutil.which(tool.command[0]) and tool.count("pass"):
            return tool
    message = "neither perf nor valgrind counts instructions on this machine"
    raise NotCountedError(message)


def counted(*codes: str) -> list[int]:
    """Count the instructions of each code in a new interpreter, with the start of the interpreter.

    Raises:
        NotCountedError: There is no tool for it here, or the code failed.
    """
    # They wait for other processes; and what they count, company does not change.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        # Whichever imports a module first compiles it for all.
        list(pool.map(UNCOUNTED.count, codes))
        return list(pool.map(counter().count, codes))


def read_pages(count: int, *, by_ours: bool, fast: bool = False) -> None:
    """Fetch pages of a hundred checkpoints without a network: what ``counted`` is given to run."""
    import httpx

    from benchmarks.decoders import reading_by
    from benchmarks.server import page
    from portkey_ft import Portkey
    from portkey_ft._json import compiled_decoder

    # A collection of everything may fall into one count and not into the other; it costs more than either.
    gc.disable()
    body = page(0, has_more=False)
    transport = httpx.MockTransport(lambda _: httpx.Response(200, content=body))
    with (
        httpx.Client(transport=transport) as raw,
        Portkey(api_key="pk", virtual_key="vk", http_client=raw) as client,
        reading_by(compiled_decoder() if fast else None),
    ):
        for _ in range(count):
            if by_ours:
                assert client.fine_tuning.jobs.checkpoints.list("j").to_list()
            else:
                raw.get("https://localhost/v1/fine_tuning/jobs/j/checkpoints").json()
