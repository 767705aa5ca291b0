from __future__ import annotations

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portkey_ft.testing import FakeClock, FakeGateway, JobScript

HEADERS = {"x-portkey-virtual-key": "vk"}


def walk(client: httpx.Client, path: str, limits: list[int]) -> list[str]:
    """Follow the cursor, with another page size for each page, and return the ids in the order met."""
    seen: list[str] = []
    parameters: dict[str, str | int] = {}
    for number in range(1000):
        parameters["limit"] = limits[number % len(limits)]
        page = client.get(path, params=parameters).json()
        seen += [item["id"] for item in page["data"]]
        assert len(page["data"]) <= parameters["limit"]
        if not page["has_more"]:
            return seen
        parameters["after"] = page["data"][-1]["id"]
    raise AssertionError(seen)


@given(
    count=st.integers(0, 12),
    limits=st.lists(st.integers(1, 7), min_size=1, max_size=4),
    gaps=st.lists(st.sampled_from([0.0, 0.4, 5.0]), min_size=12, max_size=12),
)
def test_every_list_gives_each_item_once_however_it_is_cut(count: int, limits: list[int], gaps: list[float]) -> None:
    clock = FakeClock()
    gateway = FakeGateway(clock=clock)
    script = JobScript(steps=count, checkpoints=count, steps_per_event=1)
    with httpx.Client(transport=gateway.transport(), base_url="http://g/v1", headers=HEADERS) as client:
        for number in range(count):
            gateway.add_job(job_id=f"ftjob-{number}", script=JobScript.stuck())
            gateway.add_file(file_id=f"file-{number}")
            clock.advance(gaps[number])
        assert walk(client, "/fine_tuning/jobs", limits) == [f"ftjob-{number}" for number in reversed(range(count))]
        assert walk(client, "/files", limits) == [f"file-{number}" for number in reversed(range(count))]
        gateway.add_job(job_id="ftjob-long", script=script, age=script.seconds)
        events = walk(client, "/fine_tuning/jobs/ftjob-long/events", limits)
        assert len(set(events)) == len(events) == 6 + 2 * count
        assert events == sorted(events, reverse=True)
        checkpoints = walk(client, "/fine_tuning/jobs/ftjob-long/checkpoints", limits)
        assert len(set(checkpoints)) == len(checkpoints) == count


@pytest.mark.parametrize("limit", ["0", "-1", "many", "1.5", "²"])
@pytest.mark.parametrize(
    "path", ["/fine_tuning/jobs", "/fine_tuning/jobs/j/events", "/fine_tuning/jobs/j/checkpoints", "/files"]
)
def test_a_limit_that_is_no_number_above_zero_is_refused(
    gateway: FakeGateway, client: httpx.Client, path: str, limit: str
) -> None:
    gateway.add_job(job_id="j")
    response = client.get(path, params={"limit": limit})
    assert (response.status_code, response.json()["error"]["param"]) == (400, "limit")


@pytest.mark.parametrize("path", ["/fine_tuning/jobs", "/fine_tuning/jobs/j/events", "/files"])
def test_an_unknown_cursor_is_refused(gateway: FakeGateway, client: httpx.Client, path: str) -> None:
    gateway.add_job(job_id="j")
    response = client.get(path, params={"after": "nobody"})
    assert (response.status_code, response.json()["error"]["param"]) == (400, "after")


@pytest.mark.parametrize(
    ("path", "size"),
    [
        ("/fine_tuning/jobs", 20),
        ("/fine_tuning/jobs/ftjob-x/events", 20),
        ("/fine_tuning/jobs/ftjob-x/checkpoints", 10),
    ],
)
def test_a_page_has_the_providers_size_if_nothing_else_is_asked_for(
    gateway: FakeGateway, client: httpx.Client, path: str, size: int
) -> None:
    gateway.add_job(job_id="ftjob-x", age=100)
    for _ in range(150):
        gateway.add_job()
    page = client.get(path).json()
    assert (len(page["data"]), page["has_more"]) == (size, True)
    assert len(client.get("/fine_tuning/jobs", params={"limit": 1000}).json()["data"]) == 100
