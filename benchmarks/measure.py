"""Measuring in pairs: contestants take turns, and what is told is the ratio of their medians.

Times on a busy machine drift; a ratio of runs that alternate does not. The spread is that of the paired ratios.
"""

from __future__ import annotations

import gc
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence

from attrs import frozen

__all__ = ["Row", "compare", "in_new_process", "ratio_row"]


@frozen
class Row:
    """One line of the table.

    Attributes:
        what: What was done.
        peer: Who it is compared with.
        peer_value: What the peer needed, in the unit.
        our_value: What we needed.
        unit: ``ms``, ``MB`` and so on; ``x`` for counts.
        ratio: Ours over theirs, or theirs over ours where more is better for us; see ``goal``.
        spread: The middle half of the paired ratios, as text.
        goal: What is wanted, as text.
        met: Whether it is so.
    """

    what: str
    peer: str
    peer_value: float
    our_value: float
    unit: str
    ratio: float
    spread: str
    goal: str
    met: bool


def compare(contestants: Sequence[Callable[[], object]], rounds: int, warm_up: int = 2) -> list[list[float]]:
    """Let contestants take turns and give each one's times in seconds, round by round."""
    times: list[list[float]] = [[] for _ in contestants]
    for number in range(warm_up + rounds):
        # Turning the order around takes away the advantage of running second on a warm cache.
        order = range(len(contestants)) if number % 2 else reversed(range(len(contestants)))
        for index in order:
            gc.collect()
            begin = time.perf_counter()
            contestants[index]()
            elapsed = time.perf_counter() - begin
            if number >= warm_up:
                times[index].append(elapsed)
    return times


def in_new_process(code: str) -> float:
    """Run code in a new interpreter and give the number that it prints last."""
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)  # noqa: S603 - our own code
    return float(done.stdout.split()[-1])


def ratio_row(
    what: str,
    peer: str,
    peer_times: Sequence[float],
    our_times: Sequence[float],
    *,
    at_most: float | None = None,
    faster: float | None = None,
    unit: str = "ms",
    scale: float = 1000.0,
) -> Row:
    """Make a line of the table from paired measurements.

    Args:
        what: What was done.
        peer: Who it is compared with.
        peer_times: The peer's values, round by round.
        our_times: Ours, round by round.
        at_most: The goal as the largest ratio of ours to theirs.
        faster: The goal as the smallest ratio of theirs to ours.
        unit: What the scaled values are.
        scale: From the measured values to the unit.
    """
    peer_value, our_value = statistics.median(peer_times), statistics.median(our_times)
    pairs = list(zip(peer_times, our_times, strict=True))
    if faster is not None:
        ratio = peer_value / our_value
        ratios = sorted(theirs / ours for theirs, ours in pairs)
        goal, met = f"{faster:g}x faster", ratio >= faster
    else:
        ratio = our_value / peer_value
        ratios = sorted(ours / theirs for theirs, ours in pairs)
        goal, met = f"at most {at_most:g}x", at_most is not None and ratio <= at_most
    quarter = len(ratios) // 4
    spread = f"{ratios[quarter]:.2f} to {ratios[-1 - quarter]:.2f}"
    return Row(what, peer, peer_value * scale, our_value * scale, unit, ratio, spread, goal, met)
