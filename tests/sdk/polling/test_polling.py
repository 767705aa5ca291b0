"""Waiting and following: every look, every event once, always an end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portkey_ft import (
    APIConnectionError,
    APIStatusError,
    ConfigurationError,
    FineTuningJob,
    InternalServerError,
    JobError,
    JobFailedError,
    NotFoundError,
    NotSupportedError,
    PortkeyError,
    ResponseError,
    WaitTimeoutError,
)
from portkey_ft._plans.polling import MOST_FAILURES_IN_A_ROW, Polling, final_job
from portkey_ft.testing import FakeGateway, Fault, JobScript

if TYPE_CHECKING:
    from tests.support.ways import Answer, Way, Wire

pytestmark = pytest.mark.anyio
PROPERTY = settings(max_examples=25)


def job(status: str | None, **rest: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    return {"id": "j", "status": status, **rest}


async def test_waiting_gives_the_job_in_its_final_state(way: Way, gateway: FakeGateway) -> None:
    made = gateway.add_job()
    seen: list[str | None] = []
    done = await way.get(
        way.client(gateway).fine_tuning.jobs.wait(made.id, on_progress=lambda one: seen.append(one.status))
    )
    assert (done.status, done.succeeded) == ("succeeded", True)
    assert seen[0] == "validating_files"
    assert seen[-1] == "succeeded"


async def test_a_job_that_is_over_is_looked_at_once(way: Way, wire: Wire) -> None:
    await way.get(way.client(wire.say(job("succeeded"))).fine_tuning.jobs.wait("j"))
    assert (len(wire.requests), way.clock.sleeps) == (1, ())


async def test_looks_back_off_while_nothing_changes_and_begin_anew_when_something_does(way: Way, wire: Wire) -> None:
    quiet = [job("running")] * 12
    client = way.client(
        wire.say(*quiet, job("running", trained_tokens=5), job("running", trained_tokens=5), job("succeeded"))
    )
    await way.get(client.fine_tuning.jobs.wait("j", poll_interval=2))
    sleeps = list(way.clock.sleeps)
    assert sleeps[:4] == [2.0, 3.0, 4.5, 6.75]
    assert max(sleeps) == 60.0
    assert sleeps[-2:] == [2.0, 3.0]


@pytest.mark.parametrize(
    ("final", "message"),
    [
        (job("failed", error={"message": "bad file", "code": "c"}), "the job j failed: bad file."),
        (job("failed", error={"code": "c"}), "the job j failed: c."),
        (job("failed", error="S3 is missing"), "the job j failed: S3 is missing."),
        (job("failed"), "the job j failed: the provider gives no reason."),
        (job("cancelled", error={}), "the job j was cancelled: the provider gives no reason."),
        (job("expired"), "the job j was expired: the provider gives no reason."),
    ],
)
async def test_a_job_without_a_model_is_an_error_with_the_reason(
    final: Mapping[str, Any], message: str, way: Way, wire: Wire
) -> None:
    client = way.client(wire.say(job("running"), (200, final, {"x-portkey-trace-id": "t"})))
    with pytest.raises(JobFailedError) as caught:
        await way.get(client.fine_tuning.jobs.wait("j"))
    assert caught.value.message == message
    assert caught.value.job is not None
    assert (caught.value.job.raw, caught.value.trace_id) == (final, "t")
    assert caught.value.operation == "fine_tuning.jobs.wait"


async def test_waiting_ends_at_its_timeout_and_not_before(way: Way, gateway: FakeGateway) -> None:
    made = gateway.add_job(script=JobScript.stuck())
    with pytest.raises(WaitTimeoutError, match=f"^the job {made.id} has not ended within 100 seconds") as caught:
        await way.get(way.client(gateway).fine_tuning.jobs.wait(made.id, timeout=100))
    assert caught.value.operation == "fine_tuning.jobs.wait"
    assert way.clock.monotonic() == pytest.approx(100)


async def test_an_unknown_state_is_waited_for_with_a_limit_of_its_own(way: Way, gateway: FakeGateway) -> None:
    made = gateway.add_job(script=JobScript.stuck("pondering"))
    with pytest.raises(WaitTimeoutError, match="unknown state 'pondering' for"):
        await way.get(way.client(gateway).fine_tuning.jobs.wait(made.id))
    assert 3600 <= way.clock.monotonic() < 3700


async def test_only_the_time_in_an_unknown_state_counts_against_its_limit(way: Way, wire: Wire) -> None:
    """A job that ran for an hour may be in an unknown state as long as one that has just begun."""
    known, unknown = job("running"), job("pondering")
    client = way.client(wire.say(*[known] * 70, *[unknown] * 5, job("succeeded")))
    assert (await way.get(client.fine_tuning.jobs.wait("j", poll_interval=60))).succeeded
    assert way.clock.monotonic() > 3600


async def test_the_limit_of_an_unknown_state_counts_from_the_last_known_one(way: Way, wire: Wire) -> None:
    client = way.client(wire.say(*[job("running")] * 2, job("pondering")))
    with pytest.raises(WaitTimeoutError, match="'pondering' for 3600 seconds"):
        await way.get(client.fine_tuning.jobs.wait("j", poll_interval=60))
    assert way.clock.monotonic() == 3660


async def test_no_state_at_all_is_waited_for(way: Way, wire: Wire) -> None:
    client = way.client(wire.say(job(None), job("pondering"), job("succeeded")))
    assert (await way.get(client.fine_tuning.jobs.wait("j"))).succeeded


PASSING = [
    Fault.refusing(),
    Fault.dropped(),
    Fault.cut(),
    Fault.answer(408),
    Fault.answer(429),
    Fault.answer(500),
    Fault.answer(503),
    Fault.garbage(),
    Fault.wrong_content_type(),
]


@pytest.mark.parametrize("fault", PASSING, ids=range(len(PASSING)))
async def test_faults_that_pass_are_waited_out(fault: Fault, way: Way, gateway: FakeGateway) -> None:
    made = gateway.add_job()
    gateway.fail_next(fault, times=4)
    assert (await way.get(way.client(gateway).fine_tuning.jobs.wait(made.id))).succeeded
    gateway.fail_next(fault, times=4)
    events = await way.items(way.client(gateway).fine_tuning.jobs.follow(made.id))
    assert len({event.id for event in events}) == len(events) > 5


@pytest.mark.parametrize(("status", "error"), [(401, APIStatusError), (404, NotFoundError), (422, APIStatusError)])
async def test_what_does_not_pass_ends_the_waiting(status: int, error: type[Exception], way: Way, wire: Wire) -> None:
    client = way.client(wire.say(job("running"), (status, {})))
    with pytest.raises(error):
        await way.get(client.fine_tuning.jobs.wait("j"))
    assert len(wire.requests) == 2


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx.ReadError("reset"), APIConnectionError),
        ((500, {}), InternalServerError),
        ((200, b"<html>"), ResponseError),
    ],
)
async def test_a_fault_that_does_not_end_is_told_at_last(
    answer: Answer, error: type[Exception], way: Way, wire: Wire
) -> None:
    client = way.client(wire.say(answer), max_retries=0)
    with pytest.raises(error):
        await way.get(client.fine_tuning.jobs.wait("j"))
    assert len(wire.requests) == MOST_FAILURES_IN_A_ROW + 1


async def test_retry_after_is_honoured_between_looks(way: Way, wire: Wire) -> None:
    client = way.client(wire.say((429, {}, {"retry-after": "500"}), job("succeeded")))
    await way.get(client.fine_tuning.jobs.wait("j"))
    assert way.clock.sleeps == (500.0,)


async def test_a_fault_does_not_outlast_the_timeout(way: Way, wire: Wire) -> None:
    client = way.client(wire.say((429, {}, {"retry-after": "500"})))
    with pytest.raises(WaitTimeoutError):
        await way.get(client.fine_tuning.jobs.wait("j", timeout=60))
    assert way.clock.monotonic() == 60


async def test_what_the_callers_function_raises_comes_out(way: Way, wire: Wire) -> None:
    def broken(_: FineTuningJob) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await way.get(way.client(wire.say(job("running"))).fine_tuning.jobs.wait("j", on_progress=broken))
    assert len(wire.requests) == 1


async def test_options_go_out_with_every_look(way: Way, wire: Wire) -> None:
    client = way.client(wire.say(job("running"), job("succeeded")))
    await way.get(client.fine_tuning.jobs.wait("j", trace_id="t", request_timeout=3, extra_headers={"x-a": "b"}))
    assert [request.headers["x-portkey-trace-id"] for request in wire.requests] == ["t", "t"]
    assert {request.extensions["timeout"]["read"] for request in wire.requests} == {3.0}
    assert {request.headers["x-a"] for request in wire.requests} == {"b"}


@pytest.mark.parametrize(
    "pace",
    [{"timeout": 0}, {"timeout": True}, {"poll_interval": -1}, {"poll_interval": float("nan")}, {"timeout": "1"}],
)
async def test_a_pace_that_makes_no_sense_is_refused(pace: dict[str, Any], way: Way, wire: Wire) -> None:
    client = way.client(wire.say(job("succeeded")))
    with pytest.raises(ConfigurationError, match="positive number of seconds"):
        await way.get(client.fine_tuning.jobs.wait("j", **pace))
    with pytest.raises(ConfigurationError):
        await way.items(client.fine_tuning.jobs.follow("j", **pace))
    assert wire.requests == []


@pytest.mark.parametrize("option", ["timeouts", "request_time"])
async def test_an_unknown_option_is_refused(option: str, way: Way, wire: Wire) -> None:
    client = way.client(wire.say(job("succeeded")))
    with pytest.raises(TypeError, match=option):
        await way.get(client.fine_tuning.jobs.wait("j", **{option: 1}))
    assert wire.requests == []


def test_an_interval_that_is_long_already_does_not_shrink() -> None:
    assert Polling(poll_interval=120).interval(50) == 120
    assert Polling(poll_interval=1).interval(10_000) == 60


# ---------------------------------------------------------------------------------------------------------- following


async def test_following_gives_each_event_once_oldest_first(way: Way, gateway: FakeGateway) -> None:
    made = gateway.add_job()
    client = way.client(gateway)
    events = await way.items(client.fine_tuning.jobs.follow(made.id, poll_interval=1))
    newest_first = await way.items(client.fine_tuning.jobs.list_events(made.id))
    assert [event.id for event in events] == [event.id for event in reversed(newest_first)]


async def test_following_reads_every_page_of_events_that_are_new(way: Way, wire: Wire) -> None:
    def events(*names: str, more: bool) -> dict[str, Any]:
        return {"data": [{"id": name} for name in names], "has_more": more}

    done = job("succeeded")
    client = way.client(
        wire.say(done, events("e5", "e4", more=True), events("e3", "e2", more=True), events("e1", more=False))
    )
    assert [event.id for event in await way.items(client.fine_tuning.jobs.follow("j"))] == [
        "e1",
        "e2",
        "e3",
        "e4",
        "e5",
    ]
    assert [request.url.params.get("after") for request in wire.requests[1:]] == [None, "e4", "e2"]


async def test_a_poll_interval_below_a_second_is_kept_after_a_fault(way: Way, wire: Wire) -> None:
    client = way.client(wire.say((503, {}), job("succeeded")), max_retries=0)
    await way.get(client.fine_tuning.jobs.wait("j", poll_interval=0.1))
    assert way.clock.sleeps == (pytest.approx(0.15),)


async def test_following_ends_at_its_timeout(way: Way, gateway: FakeGateway) -> None:
    made = gateway.add_job(script=JobScript.stuck())
    with pytest.raises(WaitTimeoutError, match=f"^the job {made.id} has not ended within 50 seconds") as caught:
        await way.items(way.client(gateway).fine_tuning.jobs.follow(made.id, timeout=50))
    assert caught.value.operation == "fine_tuning.jobs.follow"


async def test_following_a_paused_job_says_so_when_time_is_up(way: Way, wire: Wire) -> None:
    def paused(request: httpx.Request) -> Any:  # noqa: ANN401 - an answer
        events = {"data": [], "has_more": False}
        return events if request.url.path.endswith("/events") else job("paused")

    client = way.client(wire.say(paused))
    with pytest.raises(WaitTimeoutError, match="not ended within 60 seconds: it is paused"):
        await way.items(client.fine_tuning.jobs.follow("j", timeout=60))


async def test_the_last_look_is_at_the_timeout_however_short_the_rest_is(way: Way, wire: Wire) -> None:
    client = way.client(wire.say(job("running")))
    with pytest.raises(WaitTimeoutError):
        await way.get(client.fine_tuning.jobs.wait("j", timeout=10.5, poll_interval=10))
    assert way.clock.sleeps == (10.0, 0.5)


async def test_following_says_where_there_are_no_events(way: Way, wire: Wire) -> None:
    client = way.client(wire.say((200, job("running"), {"x-portkey-provider": "bedrock"})))
    with pytest.raises(NotSupportedError, match="bedrock"):
        await way.items(client.fine_tuning.jobs.follow("j"))


class Diary:
    """A job at a server that writes events as time goes by, and answers them in pages, newest first."""

    def __init__(self, moments: list[float], end: float, size: int, faults: list[int]) -> None:
        self.moments = sorted(moments)
        self._end = end
        self._size = size
        self._faults = list(faults)
        self.now = 0.0

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Answer a look at the job or at a page of its events."""
        if self._faults:
            status = self._faults.pop()
            if status:
                return httpx.Response(status, json={"message": "not now"})
        if not request.url.path.endswith("/events"):
            return httpx.Response(200, json=job("succeeded" if self.now >= self._end else "running"))
        names = [f"e{number}" for number, moment in enumerate(self.moments) if moment <= self.now][::-1]
        after = request.url.params.get("after")
        start = 0 if after is None else names.index(after) + 1
        page = names[start : start + self._size]
        data = [{"id": name} for name in page]
        return httpx.Response(200, json={"data": data, "has_more": start + self._size < len(names)})


@given(
    st.lists(st.floats(0, 500), max_size=15),
    st.floats(0, 600),
    st.integers(1, 5),
    st.lists(st.sampled_from([0, 0, 408, 429, 503]), max_size=12),
)
@PROPERTY
def test_each_event_comes_once_for_any_schedule_any_pages_and_any_fault(
    way: Way, moments: list[float], end: float, size: int, faults: list[int]
) -> None:
    begin = way.clock.monotonic()
    end = max([end, *moments])
    diary = Diary(moments, end, size, faults)

    def answer(request: httpx.Request) -> httpx.Response:
        diary.now = way.clock.monotonic() - begin
        return diary.answer(request)

    async def follow() -> list[str]:
        jobs = way.client(httpx.MockTransport(answer)).fine_tuning.jobs
        return [event.id for event in await way.items(jobs.follow("j"))]

    assert way.drive(follow) == [f"e{number}" for number in range(len(moments))]


@given(
    st.lists(st.sampled_from(["queued", "running", "paused", "odd", None, 408, 429, 503]), max_size=12),
    st.sampled_from(["succeeded", "failed", "cancelled"]),
)
@PROPERTY
def test_waiting_ends_right_under_any_schedule(way: Way, states: list[str | int | None], final: str) -> None:
    answers: list[str | int | None] = [*states, final]

    def answer(_: httpx.Request) -> httpx.Response:
        state = answers.pop(0)
        return httpx.Response(state, json={}) if isinstance(state, int) else httpx.Response(200, json=job(state))

    async def wait() -> str:
        jobs = way.client(httpx.MockTransport(answer), max_retries=0).fine_tuning.jobs
        try:
            return str((await way.get(jobs.wait("j"))).status)
        except JobFailedError as error:
            return str(error.job.status if error.job else None)

    assert way.drive(wait) == final
    assert answers == []


# -------------------------------------------------------------------------------------------------------------- files


async def test_a_file_is_waited_for_until_it_is_processed(way: Way, gateway: FakeGateway) -> None:
    gateway.file_seconds = 30
    file = gateway.add_file(b"{}")
    done = await way.get(way.client(gateway).files.wait_for_processing(file.id))
    assert done.status == "processed"
    assert way.clock.monotonic() >= 30


@pytest.mark.parametrize("status", ["processed", None, "odd"])
async def test_a_file_that_is_not_pending_is_done(status: str | None, way: Way, wire: Wire) -> None:
    client = way.client(wire.say({"id": "f", "status": status}))
    assert (await way.get(client.files.wait_for_processing("f"))).status == status


async def test_a_file_that_cannot_be_processed_is_an_error_with_the_reason(way: Way, wire: Wire) -> None:
    client = way.client(
        wire.say({"id": "f", "status": "uploaded"}, {"id": "f", "status": "error", "status_details": "bad line"})
    )
    with pytest.raises(PortkeyError, match="file f could not be processed: bad line"):
        await way.get(client.files.wait_for_processing("f"))


@pytest.mark.parametrize("status", ["error", "failed", "deleted"])
async def test_a_file_that_ended_badly_says_where_and_by_which_request(status: str, way: Way, wire: Wire) -> None:
    client = way.client(wire.say((200, {"id": "f", "status": status}, {"x-portkey-trace-id": "t"})))
    with pytest.raises(PortkeyError, match="the provider gives no reason") as caught:
        await way.get(client.files.wait_for_processing("f"))
    assert (caught.value.operation, caught.value.trace_id) == ("files.wait_for_processing", "t")


async def test_polls_of_a_file_back_off_and_a_fault_that_passes_is_waited_out(way: Way, wire: Wire) -> None:
    pending = {"id": "f", "status": "uploaded"}
    client = way.client(wire.say(*[pending] * 4, (503, {}), {"id": "f", "status": "processed"}), max_retries=0)
    await way.get(client.files.wait_for_processing("f", poll_interval=4))
    assert way.clock.sleeps == (4.0, 6.0, 9.0, 13.5, 6.0)


async def test_waiting_for_a_file_ends(way: Way, wire: Wire) -> None:
    client = way.client(wire.say({"id": "f", "status": "uploading"}))
    with pytest.raises(WaitTimeoutError, match=r"^the file f has not ended within 9 seconds\. Hint: it goes") as caught:
        await way.get(client.files.wait_for_processing("f", max_wait_seconds=9))
    assert caught.value.operation == "files.wait_for_processing"


async def test_polls_for_events_back_off_and_begin_anew_with_each_event(way: Way, wire: Wire) -> None:
    none, one = {"data": []}, {"data": [{"id": "e1"}], "has_more": False}
    running = job("running")
    client = way.client(wire.say(running, none, running, none, running, one, running, one, job("succeeded"), one))
    assert len(await way.items(client.fine_tuning.jobs.follow("j", poll_interval=4))) == 1
    assert way.clock.sleeps == (6.0, 9.0, 4.0, 6.0)


def test_no_letter_of_a_providers_reason_is_lost() -> None:
    job = FineTuningJob(id="ftjob-1", status="failed", error=JobError(message="the model is an X"))
    with pytest.raises(JobFailedError, match=r"failed: the model is an X\. \["):
        final_job(job)


@pytest.mark.parametrize("reason", ["the loss diverged", "the loss diverged.", "the loss diverged. "])
def test_a_providers_reason_ends_with_one_full_stop(reason: str) -> None:
    job = FineTuningJob(id="ftjob-1", status="failed", error=JobError(message=reason))
    with pytest.raises(JobFailedError) as caught:
        final_job(job)
    assert caught.value.message == "the job ftjob-1 failed: the loss diverged."
