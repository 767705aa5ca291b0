"""Showing how a job gets on, and saying that it goes on when the watching stops."""

from __future__ import annotations

import io
import sys
from datetime import UTC, datetime, timedelta
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from tqdm import tqdm

from portkey_ft import FineTuningJob, NotFoundError
from portkey_ft._plans.progress import progress_share
from portkey_ft.testing import FakeGateway, JobScript

if TYPE_CHECKING:
    from tests.support.ways import Way, Wire

pytestmark = pytest.mark.anyio
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def without_tqdm(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make tqdm look as if it were not installed."""
    for name in ("tqdm", "tqdm.auto"):
        monkeypatch.setitem(sys.modules, name, None)


class Terminal(io.StringIO):
    """A terminal that keeps what it was told."""

    def isatty(self) -> bool:
        """Say that it is one."""
        return True


@pytest.mark.parametrize(
    ("job", "elapsed", "share"),
    [
        (FineTuningJob(id="j", status="succeeded"), 0, 1.0),
        (FineTuningJob(id="j", status="running"), 5, None),
        (FineTuningJob(id="j", status="running", created_at=BEGIN), 5, None),
        (FineTuningJob(id="j", created_at=BEGIN, estimated_finish=BEGIN + timedelta(seconds=10)), 5, 0.5),
        (FineTuningJob(id="j", created_at=BEGIN, estimated_finish=BEGIN + timedelta(seconds=10)), 50, 0.99),
        (FineTuningJob(id="j", created_at=BEGIN, estimated_finish=BEGIN + timedelta(seconds=10)), -5, 0.0),
        (FineTuningJob(id="j", created_at=BEGIN, estimated_finish=BEGIN), 5, None),
    ],
)
def test_the_share_is_what_the_provider_lets_one_guess(job: FineTuningJob, elapsed: float, share: float | None) -> None:
    assert progress_share(job, BEGIN + timedelta(seconds=elapsed)) == share


@pytest.mark.usefixtures("without_tqdm")
async def test_without_the_extra_there_is_a_line_for_each_change(
    way: Way, wire: Wire, capsys: pytest.CaptureFixture[str]
) -> None:
    now = way.clock.now()
    running = {"id": "j", "status": "running", "created_at": int(now), "estimated_finish": int(now) + 100}
    client = way.client(wire.say({"id": "j", "status": "queued"}, running, running, {"id": "j", "status": "succeeded"}))
    await way.get(client.fine_tuning.jobs.wait("j", progress=True, poll_interval=1))
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == ["j queued", "j [          ]   0 % running", "j [##########] 100 % succeeded"]


async def test_with_the_extra_there_is_a_bar_that_ends(
    way: Way, gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    made = gateway.add_job()
    await way.get(way.client(gateway).fine_tuning.jobs.wait(made.id, progress=True))
    shown = terminal.getvalue()
    assert made.id in shown
    assert "100%" in shown
    assert "succeeded, 96000 tokens" in shown
    assert shown.endswith("\n")


async def test_nothing_is_shown_unless_asked_for(
    way: Way, gateway: FakeGateway, capsys: pytest.CaptureFixture[str]
) -> None:
    made = gateway.add_job()
    await way.get(way.client(gateway).fine_tuning.jobs.wait(made.id))
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("progress", [False, True])
@pytest.mark.usefixtures("without_tqdm")
async def test_ctrl_c_says_that_the_job_goes_on_and_how_to_stop_it(
    way: Way, gateway: FakeGateway, capsys: pytest.CaptureFixture[str], *, progress: bool
) -> None:
    made = gateway.add_job(script=JobScript.stuck())

    def interrupt(_: FineTuningJob) -> None:
        raise KeyboardInterrupt

    jobs = way.client(gateway).fine_tuning.jobs
    with pytest.raises(KeyboardInterrupt) as caught:
        await way.get(jobs.wait(made.id, on_progress=interrupt, progress=progress))
    (note,) = caught.value.__notes__
    assert note.startswith(f"Stopped watching; the job {made.id} goes on.")
    assert f"fine_tuning.jobs.cancel({made.id!r})" in note
    assert (note in capsys.readouterr().err) is progress
    assert not [one for one in gateway.requests if one.operation == "fine_tuning.jobs.cancel"]


async def test_a_bar_is_closed_when_the_watching_stops(
    way: Way, gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    made = gateway.add_job(script=JobScript.stuck())

    def interrupt(_: FineTuningJob) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await way.get(way.client(gateway).fine_tuning.jobs.wait(made.id, on_progress=interrupt, progress=True))
    assert terminal.getvalue().endswith(f".wait({made.id!r}) watches it again.\n")


async def test_an_error_gets_no_note(way: Way, wire: Wire) -> None:
    with pytest.raises(NotFoundError) as caught:
        await way.get(way.client(wire.say((404, {}))).fine_tuning.jobs.wait("j", progress=False))
    assert getattr(caught.value, "__notes__", []) == []


async def test_a_task_that_watches_can_be_cancelled(way: Way, gateway: FakeGateway) -> None:
    if not way.is_async:
        pytest.skip("a sync call is stopped by Ctrl-C")
    made = gateway.add_job(script=JobScript.stuck())
    jobs: Any = way.client(gateway).fine_tuning.jobs
    with anyio.CancelScope() as scope:
        await jobs.wait(made.id, on_progress=lambda _: scope.cancel() if len(gateway.requests) > 3 else None)
    assert scope.cancelled_caught
    assert len(gateway.requests) == 4


async def test_a_stream_that_was_cancelled_has_ended(way: Way, gateway: FakeGateway) -> None:
    if not way.is_async:
        pytest.skip("a sync call is stopped by Ctrl-C")
    made = gateway.add_job(script=JobScript.stuck())
    events: Any = way.client(gateway).fine_tuning.jobs.follow(made.id)
    got: list[Any] = []
    with anyio.CancelScope() as scope:
        scope.cancel()
        got += [event async for event in events]
    assert await way.items(events) == got == []


@pytest.mark.usefixtures("without_tqdm")
async def test_a_terminal_without_the_extra_gets_lines(
    way: Way, gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    made = gateway.add_job()
    await way.get(way.client(gateway).fine_tuning.jobs.wait(made.id, progress=True))
    assert terminal.getvalue().splitlines()[-1] == f"{made.id} [##########] 100 % succeeded"


@pytest.fixture
def in_a_notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look like a notebook that has no widgets."""
    monkeypatch.setitem(sys.modules, "ipykernel", ModuleType("ipykernel"))
    monkeypatch.setitem(sys.modules, "ipywidgets", None)


@pytest.mark.usefixtures("in_a_notebook")
async def test_a_notebook_without_widgets_gets_a_plain_bar_and_no_warning(
    way: Way, gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What looks for widgets warns where there are none, so it is not even imported."""
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    monkeypatch.setattr(sys, "stderr", shown := io.StringIO())
    made = gateway.add_job()
    await way.get(way.client(gateway).fine_tuning.jobs.wait(made.id, progress=True))
    lines = shown.getvalue().split("\r")
    assert len(lines) > 2
    assert lines[-1].startswith(f"{made.id} 100%|")


@pytest.mark.usefixtures("in_a_notebook")
async def test_a_notebook_with_widgets_gets_the_bar_that_tqdm_chooses(
    way: Way, gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    widgets, chosen = ModuleType("ipywidgets"), ModuleType("tqdm.auto")
    widgets.__spec__ = ModuleSpec("ipywidgets", None)
    made: list[dict[str, Any]] = []

    class Widget(tqdm):  # type: ignore[type-arg]
        def __init__(self, **options: Any) -> None:  # noqa: ANN401 - whatever a bar takes
            made.append(options)
            super().__init__(**options, file=io.StringIO())

    monkeypatch.setattr(chosen, "tqdm", Widget, raising=False)
    monkeypatch.setitem(sys.modules, "ipywidgets", widgets)
    monkeypatch.setitem(sys.modules, "tqdm.auto", chosen)
    job = gateway.add_job()
    await way.get(way.client(gateway).fine_tuning.jobs.wait(job.id, progress=True))
    assert [options["desc"] for options in made] == [job.id]
