"""Measuring in pairs: contestants take turns, and what is told is the median of their ratios, round by round.

Times on a busy machine drift; a ratio of runs that alternate does not. The spread is the middle half of these ratios.
"""

from __future__ import annotations

import gc
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TypeAlias

from attrs import frozen

from benchmarks.decoders import WITHOUT_FAST

__all__ = [
    "LeftOut",
    "Lines",
    "Row",
    "Setting",
    "Verdict",
    "compare",
    "in_new_process",
    "limit_row",
    "number",
    "number_from",
    "ratio_row",
    "resident",
    "take_turns",
]


@frozen
class Setting:
    """What a measurement is given.

    Attributes:
        url: The base URL of the server on loopback.
        rounds: How often each contestant runs, where a run is short.
    """

    url: str
    rounds: int

    @property
    def few(self) -> int:
        """How often each contestant runs where a run takes seconds."""
        return max(3, self.rounds // 3)


class Verdict(StrEnum):
    """What a spread says of a goal."""

    MET = "met"
    MISSED = "missed"
    OPEN = "open"
    """The spread lies on both sides of the goal."""
    NONE = ""
    """There is no goal."""


@frozen
class Row:
    """One line of the table.

    Attributes:
        what: What was done.
        peer: Who it is compared with; empty if the goal is a number of its own.
        peer_value: What the peer needed, in the unit; None without a peer.
        our_value: What we needed.
        unit: ``ms``, ``MB`` and so on.
        ratio: The median of the paired ratios, ours over theirs, or theirs over ours where the goal says "faster"; None
            without a peer.
        spread: The middle half of the paired ratios or of the values, as text.
        goal: What is wanted, as text; empty if the row is there to be compared with.
        verdict: Whether the whole spread is as wanted.
        why: Why it is not so, for when it is not.
    """

    what: str
    peer: str
    peer_value: float | None
    our_value: float
    unit: str
    ratio: float | None
    spread: str
    goal: str
    verdict: Verdict
    why: str = ""


@frozen
class LeftOut:
    """What was not measured, and why."""

    what: str
    why: str


Lines: TypeAlias = Iterator[Row | LeftOut]


def take_turns(contestants: Sequence[Callable[[], float]], rounds: int, warm_up: int = 0) -> list[list[float]]:
    """Let contestants take turns at measuring, and give what each one found, round by round."""
    found: list[list[float]] = [[] for _ in contestants]
    for number in range(warm_up + rounds):
        # Turning the order around takes away the advantage of running second on a warm cache.
        order = range(len(contestants)) if number % 2 else reversed(range(len(contestants)))
        for index in order:
            value = contestants[index]()
            if number >= warm_up:
                found[index].append(value)
    return found


def compare(contestants: Sequence[Callable[[], object]], rounds: int, warm_up: int = 2) -> list[list[float]]:
    """Let contestants take turns and give each one's times in seconds, round by round."""

    def timed(run: Callable[[], object]) -> Callable[[], float]:
        def seconds() -> float:
            gc.collect()
            begin = time.perf_counter()
            run()
            return time.perf_counter() - begin

        return seconds

    return take_turns([timed(run) for run in contestants], rounds, warm_up)


def in_new_process(code: str) -> list[float]:
    """Run code in a new interpreter, without the extra ``fast``, and give the numbers on its last line of output."""
    command = [sys.executable, "-c", WITHOUT_FAST + code]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own code
    return [float(word) for word in done.stdout.splitlines()[-1].split()]


def number_from(code: str) -> float:
    """Run code in a new interpreter and give the one number on the last line that it prints."""
    (number,) = in_new_process(code)
    return number


def resident(*, peak: bool = False) -> float:
    """Give the resident memory of this process in MB, now or at its peak.

    Raises:
        OSError: The system does not tell; Linux does.
    """
    # getrusage() will not do: a child inherits its parent's peak there.
    name = "VmHWM:" if peak else "VmRSS:"
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition(name)[2].split()[0]) * 1024 / 1e6


def ratio_row(
    what: str,
    peer: str,
    peer_values: Sequence[float],
    our_values: Sequence[float],
    *,
    at_most: float | None = None,
    faster: float | None = None,
    unit: str = "ms",
    scale: float = 1000.0,
    why: str = "",
) -> Row:
    """Make a line of the table from paired measurements.

    Args:
        what: What was done.
        peer: Who it is compared with.
        peer_values: The peer's values, round by round.
        our_values: Ours, round by round.
        at_most: The goal as the largest ratio of ours to theirs.
        faster: The goal as the smallest ratio of theirs to ours.
        unit: What the scaled values are.
        scale: From the measured values to the unit.
        why: Why the goal is missed, for when it is.
    """
    theirs, ours = statistics.median(peer_values) * scale, statistics.median(our_values) * scale
    pairs = list(zip(peer_values, our_values, strict=True))
    if faster is not None:
        ratios = [a / b for a, b in pairs]
        goal, verdict = f"{faster:g}x faster", _verdict(ratios, at_least=faster)
    else:
        ratios = [b / a for a, b in pairs]
        goal = "" if at_most is None else f"at most {at_most:.3g}x"
        verdict = _verdict(ratios, at_most=at_most)
    return Row(what, peer, theirs, ours, unit, statistics.median(ratios), _spread(ratios), goal, verdict, why)


def limit_row(
    what: str,
    values: Sequence[float],
    unit: str,
    *,
    at_most: float | None = None,
    at_least: float | None = None,
    spread: str | None = None,
    why: str = "",
) -> Row:
    """Make a line of the table whose goal is a number and no peer.

    Args:
        what: What was done.
        values: What was measured, round by round, in the unit.
        unit: What the values are.
        at_most: The goal as the largest value.
        at_least: The goal as the smallest value.
        spread: What to tell in place of the middle half of the values.
        why: Why the goal is missed, for when it is.
    """
    goal = ""
    if at_most is not None:
        goal = f"at most {at_most:,g} {unit}"
    elif at_least is not None:
        goal = f"at least {at_least:,g} {unit}"
    verdict = _verdict(values, at_most=at_most, at_least=at_least)
    told = _spread(values) if spread is None else spread
    return Row(what, "", None, statistics.median(values), unit, None, told, goal, verdict, why)


def number(value: float) -> str:
    """Write a number of the table; two that are in order stay in order."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _middle_half(values: Sequence[float]) -> tuple[float, float]:
    ordered = sorted(values)
    quarter = len(ordered) // 4
    return ordered[quarter], ordered[-1 - quarter]


def _verdict(values: Sequence[float], *, at_most: float | None = None, at_least: float | None = None) -> Verdict:
    if at_most is None and at_least is None:
        return Verdict.NONE
    ends = {
        (at_most is None or end <= at_most) and (at_least is None or end >= at_least) for end in _middle_half(values)
    }
    if len(ends) > 1:
        return Verdict.OPEN
    return Verdict.MET if True in ends else Verdict.MISSED


def _spread(values: Sequence[float]) -> str:
    return "" if len(values) == 1 else " to ".join(map(number, _middle_half(values)))
