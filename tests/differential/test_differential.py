"""A sample of the differential run, and proofs that a new difference fails it.

The peers are in the dependency group ``bench``; ``nox -s differential`` has them.
"""

from __future__ import annotations

import random
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from types import ModuleType
from typing import TYPE_CHECKING

import pytest
from attrs import evolve

from tests.differential.server import CALLS, Asked, draw_case
from tests.support.watchdog import Watchdog

if TYPE_CHECKING:
    from tests.differential.clients import Outcome
    from tests.differential.server import Case

PEERS = {"openai": "3.57.0", "portkey-ai": "2.3.4"}


def _found(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


if {name: _found(name) for name in PEERS} != PEERS:
    pytest.skip(f"{PEERS} are not there; nox -s differential has them", allow_module_level=True)

#: Another one than the session's, so that the two together look at more.
SEED = 20_260_101
SEQUENCES = 60

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")


@pytest.fixture
def differential() -> ModuleType:
    """The run; imported here, because the peers take seconds and each worker collects this module."""
    return import_module("tests.differential.run")


@pytest.fixture
def clients() -> ModuleType:
    """The three clients."""
    return import_module("tests.differential.clients")


def test_the_clients_differ_only_where_it_is_meant(differential: ModuleType) -> None:
    tally = differential.run(SEED, SEQUENCES, Watchdog())
    for peer in PEERS:
        assert tally.verdicts[peer, "agreed"] > SEQUENCES
        assert tally.verdicts[peer, "better"] > 0


def test_every_call_is_drawn() -> None:
    rng = random.Random(SEED)  # noqa: S311 - to be drawn again
    assert {draw_case(rng).call for _ in range(300)} == set(CALLS)


def test_a_new_difference_fails_and_is_told_with_its_seed(
    differential: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(differential, "DIFFERENCES", differential.DIFFERENCES[1:])
    with pytest.raises(differential.DifferenceError, match=r"sequence \d+, call \d+: openai differs in .*"):
        differential.run(SEED, SEQUENCES, Watchdog())


@pytest.mark.parametrize("field", ["detail", "asked", "kind"])
def test_what_a_client_gives_and_what_it_asks_for_is_compared(
    field: str,
    differential: ModuleType,
    clients: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ours = clients.CLIENTS["portkey-ft"]
    changed = {"detail": {"id": "other"}, "asked": (), "kind": "refused"}[field]

    def otherwise(case: Case) -> Outcome:
        outcome = ours(case)
        return evolve(outcome, **{field: changed}) if outcome.kind == "value" else outcome

    others = {name: client for name, client in clients.CLIENTS.items() if name != "portkey-ft"}
    monkeypatch.setattr(differential, "CLIENTS", {"portkey-ft": otherwise, **others})
    with pytest.raises(differential.DifferenceError):
        differential.run(SEED, SEQUENCES, Watchdog())


def test_an_exception_of_the_language_that_leaves_our_call_is_never_meant(
    differential: ModuleType,
    clients: ModuleType,
) -> None:
    case = draw_case(random.Random(SEED))  # noqa: S311 - to be drawn again
    raw = clients.Outcome("raw", "TypeError", ())
    for theirs in (
        raw,
        clients.Outcome("endless", None, ()),
        clients.Outcome("value", [], (Asked("GET", "/", None),)),
    ):
        with pytest.raises(differential.DifferenceError):
            differential.difference("openai", case, raw, theirs)
