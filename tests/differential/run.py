"""Runs sequences of calls with three clients against a drawn server, and reports differences that are not intended.

``python -m tests.differential.run --sequences 3300`` is the whole run; the seed reproduces what it finds.
"""

from __future__ import annotations

import argparse
import random
import sys
import warnings
from collections import Counter

from attrs import field, frozen

from tests.differential.clients import CLIENTS, Outcome
from tests.differential.differences import DIFFERENCES, Difference
from tests.differential.server import Case, draw_case
from tests.support.watchdog import Watchdog

__all__ = ["DifferenceError", "Tally", "difference", "run"]

#: Calls of a sequence, on the average.
CALLS = 4


class DifferenceError(AssertionError):
    """A difference that is not intended."""


@frozen
class Tally:
    """The counts of a run.

    Attributes:
        calls: Calls that were compared.
        verdicts: agreed, better and meant, by peer.
        differences: How often each difference of the table was met.
    """

    calls: list[int] = field(factory=lambda: [0])
    verdicts: Counter[tuple[str, str]] = field(factory=Counter[tuple[str, str]])
    differences: Counter[str] = field(factory=Counter[str])


def difference(peer: str, case: Case, ours: Outcome, theirs: Outcome) -> Difference | None:
    """Find the row of the table that tells why they differ; None if they agree.

    Raises:
        DifferenceError: No row does, or ours left its call with an exception of the language, which no row can mean.
    """
    if ours == theirs and ours.kind != "raw":
        return None
    for row in DIFFERENCES if ours.kind != "raw" else ():
        if peer in row.peers and row.applies(case, ours, theirs):
            return row
    seen = f"  got    {case.replies}\n  pages  {case.pages}\n  ours   {ours}\n  theirs {theirs}"
    message = f"{peer} differs in {case.call}:\n{seen}"
    raise DifferenceError(message)


def run(seed: int, sequences: int, watchdog: Watchdog, tally: Tally | None = None) -> Tally:
    """Compare the clients over sequences of calls.

    Args:
        seed: What the first sequence is drawn from; the following ones from the numbers after it.
        sequences: How many.
        watchdog: Ends a call that does not.
        tally: What to go on counting in.

    Raises:
        DifferenceError: There is a difference that the table does not have; the message names the seed.
    """
    tally = Tally() if tally is None else tally
    for number in range(seed, seed + sequences):
        rng = random.Random(number)  # noqa: S311 - to be drawn again
        for step in range(rng.randint(1, 2 * CALLS - 1)):
            case = draw_case(rng)
            outcomes: dict[str, Outcome] = {}
            for name, client in CLIENTS.items():
                with (
                    watchdog.watching(f"sequence {number}, call {step}, {case.call} by {name}"),
                    warnings.catch_warnings(),
                ):
                    warnings.simplefilter("ignore")
                    outcomes[name] = client(case)
            ours, *peers = outcomes
            tally.calls[0] += 1
            for peer in peers:
                try:
                    row = difference(peer, case, outcomes[ours], outcomes[peer])
                except DifferenceError as found:
                    message = f"sequence {number}, call {step}: {found}"
                    raise DifferenceError(message) from None
                tally.verdicts[peer, "agreed" if row is None else row.verdict] += 1
                if row is not None:
                    tally.differences[row.name] += 1
    return tally


def main() -> int:
    """Run the sequences that were asked for, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sequences", type=int, default=3_300)
    parser.add_argument("--seed", type=int, default=1, help="the first sequence's; %(default)s if not given")
    given = parser.parse_args()
    sys.stdout.write(f"seed {given.seed}, {given.sequences} sequences\n")
    sys.stdout.flush()
    watchdog, tally, faults = Watchdog(), Tally(), Counter[str]()
    for number in range(given.seed, given.seed + given.sequences):
        try:
            run(number, 1, watchdog, tally)
        except DifferenceError as found:
            faults["openai" if " openai differs" in str(found) else "portkey-ai"] += 1
            sys.stderr.write(f"{found}\n")
    sys.stdout.write(f"{tally.calls[0]} calls\n{'':12}{'agreed':>8}{'better':>8}{'meant':>8}{'faults':>8}\n")
    for peer in ("openai", "portkey-ai"):
        counts = "".join(f"{tally.verdicts[peer, verdict]:8}" for verdict in ("agreed", "better", "meant"))
        sys.stdout.write(f"{peer:12}{counts}{faults[peer]:8}\n")
    for row in DIFFERENCES:
        sys.stdout.write(f"{tally.differences[row.name]:8} {row.verdict:7} {row.name}: {row.reason}\n")
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
