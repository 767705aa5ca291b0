"""Checkpoints as a table, a picture and a notebook's HTML."""

from __future__ import annotations

from collections.abc import Iterator

import matplotlib as mpl
import pytest

from portkey_ft import AsyncPortkey, Checkpoint, CheckpointMetrics, ConfigurationError, Portkey, PortkeyError
from portkey_ft._notebook import fields_html, rows_html
from portkey_ft._tables import data_frame
from portkey_ft.checkpoints import best_of
from portkey_ft.testing import FakeClock, FakeGateway

mpl.use("Agg")


@pytest.fixture
def base_url() -> Iterator[str]:
    gateway = FakeGateway(clock=FakeClock())
    gateway.add_job(job_id="ftjob-done", age=3600)
    gateway.add_job(job_id="ftjob-new")
    with gateway.serve() as url:
        yield url


@pytest.fixture
def client(base_url: str) -> Iterator[Portkey]:
    with Portkey(api_key="pk", virtual_key="vk", base_url=base_url) as client:
        yield client


def test_a_table_has_a_row_for_each_checkpoint_with_the_earliest_step_first(client: Portkey) -> None:
    frame = client.fine_tuning.jobs.checkpoints.list("ftjob-done").to_pandas()

    assert len(frame) == 12
    assert list(frame["step_number"]) == sorted(frame["step_number"])
    assert frame["full_valid_loss"].notna().all()


def test_a_table_without_checkpoints_has_its_columns(client: Portkey) -> None:
    """So that what is done with it, such as finding the smallest loss, works on a job that has just begun."""
    full = client.fine_tuning.jobs.checkpoints.list("ftjob-done").to_pandas()
    empty = data_frame([])
    assert len(empty) == 0
    assert list(empty.columns) == list(full.columns)


def test_a_plot_shows_the_curves_and_marks_the_best_step(client: Portkey) -> None:
    checkpoints = client.fine_tuning.jobs.checkpoints.list("ftjob-done")

    axes = checkpoints.plot()

    labels = axes.get_legend_handles_labels()[1]
    assert "training" in labels
    assert f"best: step {checkpoints.best().step_number}" in labels


def test_a_plot_goes_on_the_axes_that_it_is_given(client: Portkey) -> None:
    first = client.fine_tuning.jobs.checkpoints.list("ftjob-done").plot()

    assert client.fine_tuning.jobs.checkpoints.list("ftjob-done").plot(ax=first) is first


def test_a_plot_of_nothing_says_that_there_is_nothing(client: Portkey) -> None:
    with pytest.raises(PortkeyError, match="the job has no checkpoints yet"):
        client.fine_tuning.jobs.checkpoints.list("ftjob-new").plot()


@pytest.mark.anyio
async def test_the_async_list_makes_the_same_table_picture_and_choice(base_url: str, client: Portkey) -> None:
    async with AsyncPortkey(api_key="pk", virtual_key="vk", base_url=base_url) as asynchronous:
        checkpoints = asynchronous.fine_tuning.jobs.checkpoints.list("ftjob-done")
        twin = client.fine_tuning.jobs.checkpoints.list("ftjob-done")

        assert (await checkpoints.to_pandas()).equals(twin.to_pandas())
        assert await checkpoints.best() == twin.best()
        assert (await checkpoints.plot()).get_xlabel() == "step"


def _checkpoint(step: int | None, **metrics: float) -> Checkpoint:
    extra = {name: value for name, value in metrics.items() if name.startswith("f1")}
    known = {name: value for name, value in metrics.items() if name not in extra}
    return Checkpoint(id=f"c{step}", step_number=step, metrics=CheckpointMetrics(**known, extra=extra))


def test_the_best_is_the_smallest_loss_and_the_earliest_of_equals() -> None:
    checkpoints = [_checkpoint(3, valid_loss=0.5), _checkpoint(2, valid_loss=0.5), _checkpoint(1, valid_loss=0.9)]

    assert best_of(checkpoints, "valid_loss").step_number == 2


def test_the_best_is_the_largest_accuracy_and_what_the_caller_calls_larger() -> None:
    checkpoints = [
        _checkpoint(1, valid_mean_token_accuracy=0.2, f1_score=0.9),
        _checkpoint(2, valid_mean_token_accuracy=0.7, f1_score=0.1),
    ]

    assert best_of(checkpoints, "valid_mean_token_accuracy").step_number == 2
    assert best_of(checkpoints, "f1_score", largest=True).step_number == 1


def test_a_checkpoint_without_a_step_can_be_the_best() -> None:
    assert best_of([_checkpoint(None, train_loss=1.0)], "train_loss").id == "cNone"


@pytest.mark.parametrize(
    ("checkpoints", "words"),
    [([_checkpoint(1, train_loss=1.0)], "train_loss"), ([_checkpoint(1)], "none has"), ([], "has no checkpoints yet")],
)
def test_a_metric_that_is_not_there_is_answered_with_those_that_are(checkpoints: list[Checkpoint], words: str) -> None:
    with pytest.raises(PortkeyError, match=words) as caught:
        best_of(checkpoints, "full_valid_loss")
    # Requests were made: this is no refusal before anything was sent.
    assert not isinstance(caught.value, ConfigurationError)


def test_a_list_in_a_notebook_fetches_nothing_and_shows_what_was_fetched(client: Portkey) -> None:
    checkpoints = client.fine_tuning.jobs.checkpoints.list("ftjob-done")

    assert " not fetched yet; iterate it, or look at .data<" in checkpoints._repr_html_()
    assert checkpoints.data
    shown = checkpoints._repr_html_()
    assert ">full_valid_loss<" in shown
    assert ">metrics<" not in shown


def test_html_escapes_what_a_provider_says() -> None:
    hostile = Checkpoint(id="<script>alert(1)</script>")

    assert "<script>" not in hostile._repr_html_()
    assert "<img" not in rows_html("<img>", ["<img>"], [["<img>"]], "<img>")


def test_html_names_several_things_one_after_the_other() -> None:
    assert ">file-1, file-2<" in fields_html("job", {"result_files": ("file-1", "file-2")})
    assert ">file-1<" in fields_html("job", {"result_files": ("file-1",)})


def test_html_shows_each_metric_on_a_line(client: Portkey) -> None:
    checkpoint = client.fine_tuning.jobs.checkpoints.list("ftjob-done").best()
    shown = checkpoint._repr_html_()
    assert "metrics.full_valid_loss</td>" in shown
    assert str(checkpoint.metrics.full_valid_loss) in shown
    assert "CheckpointMetrics(" not in shown


def test_html_of_many_rows_is_cut_with_a_count() -> None:
    assert "… and 10 more" in rows_html("jobs", ["id"], [[str(number)] for number in range(60)], "")


def test_html_never_raises() -> None:
    class Hostile:
        def __str__(self) -> str:
            raise RuntimeError

    assert "cannot be shown (RuntimeError)" in fields_html("job", {"id": Hostile()})


def test_a_long_text_is_cut() -> None:
    assert "x" * 200 + "…" in fields_html("job", {"message": "x" * 1000})
