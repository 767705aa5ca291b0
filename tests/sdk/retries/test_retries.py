"""When a request is sent again, and above all when it is not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portkey_ft import (
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    ConfigurationError,
    InternalServerError,
    PortkeyError,
    RateLimitError,
)
from portkey_ft.retries import GATEWAY_HANDLED, Outcome, RetryPolicy, may_pass, retry_after_seconds
from portkey_ft.testing import FakeGateway, Fault

if TYPE_CHECKING:
    from tests.support.ways import Way, Wire

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 1, 1, tzinfo=UTC)

errors = st.booleans().map(lambda unknown: APIConnectionError("x", outcome_unknown=unknown))
headers = st.dictionaries(
    st.sampled_from(["retry-after", *GATEWAY_HANDLED]), st.sampled_from(["", "0", "3", "61", "x"]), max_size=3
)
outcomes = st.builds(Outcome, st.integers(200, 599), headers=headers) | st.builds(Outcome, error=errors)
policies = st.builds(
    RetryPolicy, max_retries=st.integers(0, 5), first_delay=st.floats(0, 5), longest_delay=st.floats(0, 20)
)


@given(
    policy=policies,
    outcome=outcomes,
    done=st.integers(0, 2000),
    repeatable=st.booleans(),
    jitter=st.floats(0, 1),
)
@settings(max_examples=300)
def test_the_policy_is_bounded_and_never_repeats_what_may_have_worked(
    policy: RetryPolicy,
    outcome: Outcome,
    done: int,
    *,
    repeatable: bool,
    jitter: float,
) -> None:
    delay = policy.delay(outcome, retries_done=done, repeatable=repeatable, jitter=jitter, now=NOW)
    if delay is None:
        return
    assert done < policy.max_retries
    assert may_pass(outcome, repeatable=repeatable)
    asked = retry_after_seconds(outcome.headers, now=NOW)
    assert max(asked or 0.0, 0.0) <= delay <= max(policy.longest_delay, policy.longest_retry_after)
    if not repeatable:
        refused = outcome.status_code == 429
        assert refused or (outcome.error is not None and not outcome.error.outcome_unknown)


@given(
    st.text(max_size=30)
    | st.from_regex(r"[A-Z][a-z]{2}, \d{1,20} Jan \d{1,20} \d\d:\d\d:\d\d [+-]\d{1,20}", fullmatch=True)
)
@settings(max_examples=300)
def test_any_retry_after_is_read_or_ignored(text: str) -> None:
    seconds = retry_after_seconds({"retry-after": text}, now=NOW)
    assert seconds is None or seconds >= 0


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("3", 3.0),
        ("0.5", 0.5),
        ("-3", 0.0),
        (" 3 ", 3.0),
        ("inf", None),
        ("nan", None),
        ("soon", None),
        (format_datetime(NOW + timedelta(seconds=9), usegmt=True), 9.0),
        ("Thu, 01 Jan 2026 00:00:09 -0000", 9.0),
        ("Thu, 01 Jan 2026 01:00:09 +0100", 9.0),
        (format_datetime(NOW - timedelta(days=9), usegmt=True), 0.0),
    ],
)
def test_retry_after_is_seconds_or_a_date(text: str, seconds: float | None) -> None:
    assert retry_after_seconds({"retry-after": text}, now=NOW) == seconds


def test_milliseconds_are_more_exact_and_come_first() -> None:
    assert retry_after_seconds({"retry-after-ms": "1500", "retry-after": "2"}, now=NOW) == 1.5
    assert retry_after_seconds({"retry-after-ms": "soon", "retry-after": "2"}, now=NOW) == 2
    assert retry_after_seconds({"retry-after-ms": "soon"}, now=NOW) is None


@pytest.mark.parametrize("name", ["retry-after", "retry-after-ms"])
def test_no_wait_is_negative_or_without_end(name: str) -> None:
    assert retry_after_seconds({name: "-1500"}, now=NOW) == 0
    assert retry_after_seconds({name: "9" * 400}, now=NOW) is None


def waits(policy: RetryPolicy, asked: str | None = None, *, done: int = 0, jitter: float = 0.0) -> float | None:
    """Return how long a policy waits after a 503 that may ask for something."""
    outcome = Outcome(503, {} if asked is None else {"retry-after": asked})
    return policy.delay(outcome, retries_done=done, repeatable=True, jitter=jitter, now=NOW)


def test_the_delay_doubles_up_to_its_limit_and_chance_takes_up_to_half_of_it() -> None:
    policy = RetryPolicy(max_retries=9, first_delay=2, longest_delay=10)
    assert [waits(policy, done=done) for done in range(5)] == [2, 4, 8, 10, 10]
    assert [waits(policy, jitter=jitter) for jitter in (0, 0.5, 1)] == [2, 1.5, 1]


def test_a_retry_after_never_shortens_the_delay() -> None:
    policy = RetryPolicy(max_retries=9, first_delay=4, longest_retry_after=60)
    assert [waits(policy, asked) for asked in ("0", "3", "4", "5")] == [4, 4, 4, 5]


def test_a_retry_after_is_honoured_up_to_its_limit_and_with_it() -> None:
    policy = RetryPolicy(longest_retry_after=60)
    assert [waits(policy, asked) for asked in ("59", "60", "60.001")] == [59, 60, None]


def test_without_retry_after_there_is_none() -> None:
    assert retry_after_seconds({}, now=NOW) is None


FAULTS = {
    "refused": Fault.refusing(),
    "dropped": Fault.dropped(),
    "cut": Fault.cut(),
    "slow": Fault.delayed(120),
    "408": Fault.answer(408),
    "429": Fault.answer(429),
    "500": Fault.answer(500),
    "500 after the work": Fault.answer(500, work_done=True),
    "503": Fault.answer(503, headers={"x-portkey-trace-id": ""}),
    "garbage": Fault.garbage(),
    "page of a proxy": Fault.wrong_content_type(),
    "error in success": Fault.error_in_success(),
    "guardrail": Fault.guardrail_denied(),
}


@pytest.mark.parametrize("times", [1, 2, 9])
@pytest.mark.parametrize("name", FAULTS)
async def test_no_fault_makes_a_second_job(name: str, times: int, way: Way, gateway: FakeGateway) -> None:
    gateway.add_file(b"{}", file_id="file-1")
    gateway.fail_next(FAULTS[name], operation="fine_tuning.jobs.create", times=times)
    client = way.client(gateway, max_retries=5)
    try:
        await way.get(client.fine_tuning.jobs.create(model="m", training_file="file-1", trace_id="paid"))
    except PortkeyError as error:
        assert error.operation == "fine_tuning.jobs.create"  # noqa: PT017 - either is right
    assert gateway.jobs_per_create.get("paid", 0) <= 1
    posts = [one for one in gateway.requests if one.operation == "fine_tuning.jobs.create"]
    assert len(posts) == {"refused": int(times <= 5), "429": min(times, 5) + 1}.get(name, 1)
    assert len(gateway.jobs) <= 1


@pytest.mark.parametrize("name", ["dropped", "cut", "500", "408", "garbage"])
async def test_no_fault_uploads_or_cancels_twice(name: str, way: Way, gateway: FakeGateway) -> None:
    job = gateway.add_job()
    gateway.fail_next(FAULTS[name], operation="files.create", times=9)
    gateway.fail_next(FAULTS[name], operation="fine_tuning.jobs.cancel", times=9)
    client = way.client(gateway, max_retries=5)
    with pytest.raises(PortkeyError):
        await way.get(client.files.create(file=b"{}\n"))
    with pytest.raises(PortkeyError):
        await way.get(client.fine_tuning.jobs.cancel(job.id))
    assert len(gateway.requests) == 2


@pytest.mark.parametrize("name", ["refused", "dropped", "cut", "408", "429", "503"])
async def test_reading_is_repeated_after_what_may_pass(name: str, way: Way, gateway: FakeGateway) -> None:
    job = gateway.add_job()
    gateway.fail_next(FAULTS[name], times=2)
    assert (await way.get(way.client(gateway).fine_tuning.jobs.retrieve(job.id))).id == job.id
    assert len(way.clock.sleeps) == 2
    assert 0.25 <= way.clock.sleeps[0] <= 0.5
    assert 0.5 <= way.clock.sleeps[1] <= 1.0


@pytest.mark.parametrize("header", GATEWAY_HANDLED)
async def test_a_failure_that_the_gateway_handled_is_not_repeated(header: str, way: Way, wire: Wire) -> None:
    client = way.client(wire.say((503, {"message": "no"}, {header: "x"})))
    with pytest.raises(InternalServerError):
        await way.get(client.files.retrieve("f"))
    assert len(wire.requests) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 412, 422, 446])
async def test_a_refusal_is_not_repeated(status: int, way: Way, wire: Wire) -> None:
    client = way.client(wire.say((status, {})))
    with pytest.raises(APIStatusError):
        await way.get(client.files.retrieve("f"))
    assert len(wire.requests) == 1


async def test_attempts_end(way: Way, wire: Wire) -> None:
    client = way.client(wire.say((500, {})), max_retries=3)
    with pytest.raises(InternalServerError):
        await way.get(client.files.retrieve("f"))
    assert len(wire.requests) == 4


async def test_a_deletion_may_be_repeated(way: Way, wire: Wire) -> None:
    client = way.client(wire.say(httpx.ReadError("reset"), {"id": "f", "deleted": True}))
    assert (await way.get(client.files.delete("f"))).deleted
    assert wire.targets == ["DELETE /v1/files/f"] * 2


async def test_retry_after_is_waited_for_even_before_a_create(way: Way, wire: Wire) -> None:
    date = datetime.fromtimestamp(way.clock.now(), UTC) + timedelta(seconds=20)
    refused: tuple[int, object, dict[str, str]] = (429, {}, {"retry-after": format_datetime(date, usegmt=True)})
    client = way.client(wire.say((429, {}, {"retry-after": "7"}), refused, {"id": "j", "status": "queued"}))
    await way.get(client.fine_tuning.jobs.create(model="m", training_file="f"))
    assert way.clock.sleeps == (7.0, 13.0)


async def test_a_retry_after_beyond_patience_ends_the_attempts_and_is_told(way: Way, wire: Wire) -> None:
    client = way.client(wire.say((429, {"message": "later"}, {"retry-after": "3600"})))
    with pytest.raises(RateLimitError) as caught:
        await way.get(client.files.retrieve("f"))
    assert (caught.value.retry_after, len(wire.requests), way.clock.sleeps) == (3600.0, 1, ())


async def test_a_date_in_retry_after_is_told_by_the_clients_clock(way: Way, wire: Wire) -> None:
    date = datetime.fromtimestamp(way.clock.now(), UTC) + timedelta(hours=1)
    client = way.client(wire.say((429, {}, {"retry-after": format_datetime(date, usegmt=True)})))
    with pytest.raises(RateLimitError) as caught:
        await way.get(client.files.retrieve("f"))
    assert caught.value.retry_after == 3600.0


@pytest.mark.parametrize(
    ("error", "kind", "unknown"),
    [
        (httpx.ConnectError("no route"), APIConnectionError, False),
        (httpx.ConnectTimeout("slow"), APITimeoutError, False),
        (httpx.PoolTimeout("full"), APITimeoutError, False),
        (httpx.ReadTimeout("slow"), APITimeoutError, True),
        (httpx.WriteError("broken"), APIConnectionError, True),
        (httpx.RemoteProtocolError(""), APIConnectionError, True),
    ],
)
async def test_an_unknown_outcome_is_said(
    error: Exception,
    kind: type[APIConnectionError],
    way: Way,
    wire: Wire,
    *,
    unknown: bool,
) -> None:
    client = way.client(wire.say(error), max_retries=0)
    with pytest.raises(kind) as caught:
        await way.get(client.fine_tuning.jobs.create(model="m", training_file="f"))
    assert type(caught.value) is kind
    assert (f"timed out ({type(error).__name__})" in str(caught.value)) is (kind is APITimeoutError)
    assert caught.value.outcome_unknown is unknown
    assert ("may have arrived" in str(caught.value)) is unknown
    assert caught.value.__context__ is None
    with pytest.raises(kind) as caught:
        await way.get(client.files.retrieve("f"))
    assert "may have arrived" not in str(caught.value)


async def test_a_body_that_comes_once_is_sent_once(way: Way, wire: Wire) -> None:
    client = way.client(wire.say((429, {}), {"id": "f"}))
    with pytest.raises(RateLimitError):
        await way.get(client.files.create(file=iter([b"a", b"b"])))
    assert len(wire.requests) == 1


async def test_a_one_shot_body_whose_connection_fails_is_not_tried_again(way: Way, wire: Wire) -> None:
    client = way.client(wire.say(httpx.ConnectError("no")))
    with pytest.raises(APIConnectionError):
        await way.get(client.files.create(file=iter([b"a"])))
    assert len(wire.requests) == 1


@pytest.mark.parametrize("content", [b"a\n", [b"a", b"\n"]], ids=["bytes", "list"])
async def test_a_body_that_can_be_had_again_is_whole_the_second_time(content: object, way: Way, wire: Wire) -> None:
    client = way.client(wire.say((429, {}), {"id": "f"}))
    await way.get(client.files.create(file=content))
    first, second = wire.requests
    assert first.content == second.content
    assert b"\r\n\r\na\n\r\n--" in second.content


@pytest.mark.parametrize("policy", [{"max_retries": -1}, {"first_delay": -1.0}, {"max_retries": 1.5}])
def test_a_policy_that_makes_no_sense_is_refused(policy: dict[str, Any]) -> None:
    with pytest.raises((TypeError, ValueError)):
        RetryPolicy(**policy)


async def test_a_closed_client_says_so(way: Way, wire: Wire) -> None:
    client = way.client(wire.say({"id": "f"}))
    http_client = client._transport.client
    await way.get(http_client.aclose() if way.is_async else http_client.close())
    with pytest.raises(ConfigurationError, match="client is closed"):
        await way.get(client.files.retrieve("f"))


NO_DATES = (
    "Mon, 01 Jan 99999999999 00:00:00 GMT",
    "Mon, 99999999999 Jan 2025 00:00:00 GMT",
    "Mon, 01 Jan 2025 99999999999:00:00 GMT",
    "Mon, 01 Jan 2025 00:00:00 +999999999999",
    ",",
    "1_000",
    "0x10",
    "\u0661",
    "1" * 5000,
    "nan",
)


@pytest.mark.parametrize("text", NO_DATES)
@pytest.mark.anyio
async def test_a_retry_after_that_cannot_be_read_is_none_and_the_status_counts(text: str, way: Way, wire: Wire) -> None:
    client = way.client(wire.say((429, {"message": "later"}, {"retry-after": text.encode()})))
    with pytest.raises(RateLimitError, match="429: later") as caught:
        await way.get(client.files.retrieve("f"))
    assert caught.value.retry_after is None
    assert len(wire.requests) == 3
