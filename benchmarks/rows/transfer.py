"""512 MiB up and down: the rate, and the peak of memory."""

from __future__ import annotations

import tracemalloc
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from benchmarks.measure import Lines, Setting, compare, limit_row, ratio_row
from portkey_ft import Portkey

SIZE = 512 << 20
WHY = {
    "up": "the spread reaches over the goal: on loopback the kernel's part varies more than ours.",
    "down": (
        "a CRC-32 is kept of what was handed out, so that a download that breaks off can begin again; on loopback, "
        "which is far faster than a network, it takes half as long as the transport."
    ),
}
HEADERS = {"x-portkey-api-key": "pk", "x-portkey-virtual-key": "vk"}


def rows(setting: Setting) -> Lines:
    """Send a file and fetch one."""
    with (
        TemporaryDirectory() as folder,
        httpx.Client(headers=HEADERS, timeout=60) as raw,
        Portkey(api_key="pk", virtual_key="vk", base_url=setting.url) as client,
    ):
        path = Path(folder, "big.jsonl")
        with path.open("wb") as file:
            file.truncate(SIZE)

        def raw_upload() -> None:
            with path.open("rb") as file:
                raw.post(f"{setting.url}/files", data={"purpose": "fine-tune"}, files={"file": file})

        def upload() -> None:
            client.files.create(file=path)

        def raw_download() -> None:
            with raw.stream("GET", f"{setting.url}/files/f/content") as response:
                for _ in response.iter_bytes():
                    pass

        def download() -> None:
            for _ in client.files.content("f").iter_bytes():
                pass

        for name, theirs, ours in (("up", raw_upload, upload), ("down", raw_download, download)):
            times = compare([theirs, ours], setting.few, 1)
            yield ratio_row(f"512 MiB {name}", "raw httpx", *times, at_most=1 / 0.9, why=WHY[name])
            # Allocations are traced in a run of their own, which takes longer by that.
            tracemalloc.start()
            ours()
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            yield limit_row(f"peak of 512 MiB {name}", [peak / 2**20], "MiB", at_most=4)
