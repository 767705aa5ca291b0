"""A sample of the fuzz run, and proofs that it finds what it looks for."""

from __future__ import annotations

import random
import signal

import pytest

from portkey_ft._api import error_responses
from portkey_ft._http import decoding
from portkey_ft.testing import FakeClock
from tests.fuzz.run import CALLS, CaseError, run
from tests.fuzz.wire_bytes import draw_script
from tests.support.watchdog import HangError, Watchdog

#: ``python -m tests.fuzz.run`` draws a new one each time.
SEED = 20_260_101


@pytest.fixture(scope="module")
def watchdog() -> Watchdog:
    """One thread that watches over all of it."""
    return Watchdog()


def test_nothing_but_our_errors_leaves_a_call_whatever_the_server_sends(watchdog: Watchdog) -> None:
    ended = run(SEED, 400, watchdog)
    assert {name for name, _ in ended} == set(CALLS)
    # Drawn are responses that can be read, and such that cannot.
    assert {"a value", "APIConnectionError", "ResponseError", "NotFoundError"} <= {outcome for _, outcome in ended}


def test_the_same_seed_draws_the_same_bytes() -> None:
    drawn = [draw_script(random.Random(SEED)) for _ in range(2)]  # noqa: S311 - see the name of the test
    assert drawn[0] == drawn[1]


def test_an_exception_of_the_language_is_found(watchdog: Watchdog, monkeypatch: pytest.MonkeyPatch) -> None:
    def overflowing(*_: object, **__: object) -> None:
        raise OverflowError

    # As a date in a header once did.
    monkeypatch.setattr(error_responses, "retry_after_seconds", overflowing)
    with pytest.raises(CaseError, match=r"(?s)case \d+ of .*OverflowError left the call.*The server sent:\nScript"):
        run(SEED, 50, watchdog)


def test_a_call_without_end_is_found_with_where_each_thread_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = FakeClock()

    def forever(*_: object) -> None:
        # So that no machine is too slow for the calls before it.
        clock.advance(70)
        while True:
            pass

    # As the decoder once did after the end of a gzip member.
    monkeypatch.setattr(decoding.GzipDecoder, "feed", forever)
    with pytest.raises(CaseError, match=r"(?s)did not end within 60 seconds.*in forever") as caught:
        run(SEED, 400, Watchdog(clock=clock.monotonic))
    assert "most recent call first" in str(caught.value)


def test_a_watchdog_lets_pass_what_ends_and_an_interruption_by_the_user() -> None:
    clock = FakeClock()
    watchdog = Watchdog(clock=clock.monotonic)
    for _ in range(3):
        with watchdog.watching("a call"):
            clock.advance(50)

    def interrupted() -> None:
        with watchdog.watching("a call"):
            raise KeyboardInterrupt

    def hanging() -> None:
        with watchdog.watching("a call"):
            clock.advance(70)
            while True:
                pass

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    with pytest.raises(HangError, match=r"a call did not end within 60 seconds"):
        hanging()


def test_a_watchdog_bites_in_the_background_of_a_shell_too() -> None:
    """Where Ctrl-C is ignored."""
    clock = FakeClock()
    watchdog = Watchdog(clock=clock.monotonic)

    def hanging() -> None:
        with watchdog.watching("a call"):
            clock.advance(70)
            while True:
                pass

    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with pytest.raises(HangError):
            hanging()
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
