"""What is held while a million checkpoints are gone through: flat."""

from __future__ import annotations

from benchmarks.measure import LeftOut, Lines, Setting, in_new_process, limit_row, resident
from portkey_ft import Portkey

#: After how many checkpoints the process is weighed; what it has at the first is what it needs to work at all.
STOPS = (10_000, 100_000, 250_000, 500_000, 1_000_000)


def walk(url: str) -> list[float]:
    """Go through the checkpoints and give the resident memory in MB at each stop.

    Resident memory is asked of the system: tracing each allocation would take minutes, and the system's figure is the
    one that a user pays for.
    """
    found: list[float] = []
    with Portkey(api_key="pk", virtual_key="vk", base_url=url) as client:
        checkpoints = client.fine_tuning.jobs.checkpoints.list("endless", limit=STOPS[-1])
        for number, _ in enumerate(checkpoints, 1):
            if number == STOPS[len(found)]:
                found.append(resident())
    return found


def rows(setting: Setting) -> Lines:
    """Go through the checkpoints in a process of its own."""
    what = "held after 1,000,000 checkpoints"
    try:
        resident()
    except OSError:
        yield LeftOut(what, "the system does not tell a process its resident memory in /proc.")
        return
    first, *later = in_new_process(f"from benchmarks.rows.memory import walk; print(*walk({setting.url!r}))")
    grown = [value - first for value in later]
    samples = ", ".join(f"{more:.2f} at {stop // 1000}k" for more, stop in zip(grown, STOPS[1:], strict=True))
    yield limit_row(what, [max(grown)], "MB", at_most=0.5, spread=samples)
