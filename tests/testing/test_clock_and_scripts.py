from __future__ import annotations

import math
import time
from typing import Any

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portkey_ft.testing import FakeClock, FakeGateway, JobScript


def test_a_clock_stands_still_until_it_is_moved() -> None:
    clock = FakeClock(start=100.0)
    assert (clock.now(), clock.monotonic()) == (100.0, 0.0)
    clock.advance(2.5)
    clock.sleep(1.5)
    assert (clock.now(), clock.monotonic(), clock.sleeps) == (104.0, 4.0, (1.5,))


@pytest.mark.parametrize("seconds", [-1.0, math.nan, math.inf])
def test_a_clock_goes_forward_only(seconds: float) -> None:
    clock = FakeClock()
    for move in (clock.advance, clock.sleep):
        with pytest.raises(ValueError, match="seconds must be"):
            move(seconds)
    assert clock.monotonic() == 0.0


async def stop(scope: anyio.CancelScope) -> None:
    scope.cancel()


@pytest.mark.anyio
async def test_sleeping_on_the_clock_lets_others_run_and_can_be_cancelled() -> None:
    clock = FakeClock()
    with anyio.CancelScope() as scope:
        async with anyio.create_task_group() as others:
            # Runs while the clock sleeps, and not before.
            others.start_soon(stop, scope)
            while True:
                await clock.asleep(10)
    assert scope.cancelled_caught
    assert clock.monotonic() >= 10


@pytest.mark.parametrize("speed", [0.0, -1.0, math.nan, math.inf])
def test_time_cannot_stand_still_or_run_backwards(speed: float) -> None:
    with pytest.raises(ValueError, match="speed"):
        FakeGateway(speed=speed)


def test_real_time_can_be_told_faster_while_sleeping_stays_real() -> None:
    clock = FakeGateway(speed=1000).clock
    before = clock.now()
    clock.sleep(0.01)
    assert clock.now() - before >= 10


@pytest.mark.anyio
async def test_real_time_passes_asleep() -> None:
    clock = FakeGateway().clock
    began = time.monotonic()
    await clock.asleep(0.01)
    assert time.monotonic() - began >= 0.009


@pytest.mark.parametrize(
    "wrong",
    [
        {"steps": -1},
        {"checkpoints": -1},
        {"trained_tokens": -1},
        {"epochs": 0},
        {"steps_per_event": 0},
        {"steps": 3, "checkpoints": 4},
        {"phases": [("queued", -1.0)]},
        {"phases": [("queued", math.inf)]},
    ],
)
def test_a_script_that_cannot_happen_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"must|need"):
        JobScript(**wrong)


@given(
    seconds=st.lists(st.floats(0, 1e6), max_size=5),
    ends=st.floats(0, 1e6),
    asked=st.floats(0, 1e7),
)
def test_a_script_can_be_stretched_to_any_length(seconds: list[float], ends: float, asked: float) -> None:
    script = JobScript(phases=[("queued", value) for value in seconds]).lasting(ends)
    assert script.seconds == pytest.approx(ends if sum(seconds) else 0.0, rel=1e-6, abs=1e-6)
    assert script.status_at(asked) in {"queued", "succeeded"}
    assert script.status_at(script.seconds) == "succeeded"


@given(steps=st.integers(2, 400), data=st.data())
def test_the_last_checkpoint_is_never_the_best(steps: int, data: st.DataObject) -> None:
    checkpoints = data.draw(st.integers(2, steps))
    script = JobScript(steps=steps, checkpoints=checkpoints)
    assert len(set(script.checkpoint_steps)) == checkpoints
    assert script.checkpoint_steps[-1] == steps
    gateway = FakeGateway(clock=FakeClock())
    gateway.add_job(script=script)
