from __future__ import annotations

import socket
import time
from typing import TYPE_CHECKING, Any, cast

import httpx
import pytest

from portkey_ft.testing import FakeClock, FakeGateway, Fault

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

JOBS = "/fine_tuning/jobs"
VK = {"x-portkey-virtual-key": "vk"}


def test_a_status_is_answered_instead_and_nothing_is_done(
    gateway: FakeGateway, client: httpx.Client, upload: Callable[..., dict[str, Any]]
) -> None:
    body = {"model": "m", "training_file": upload(client)["id"]}
    gateway.fail_next(Fault.answer(429, retry_after=7), operation="fine_tuning.jobs.create", times=2)
    for _ in range(2):
        response = client.post(JOBS, json=body)
        assert (response.status_code, response.headers["retry-after"]) == (429, "7")
        assert response.json()["error"]["type"] == "server_error"
        assert response.headers["x-portkey-trace-id"]
    assert gateway.jobs == ()
    assert client.post(JOBS, json=body).status_code == 200
    assert [record.status for record in gateway.requests] == [200, 429, 429, 200]


@pytest.mark.parametrize("body", [b"raw", "text", {"error": "words"}])
def test_a_status_comes_with_any_body_and_headers(gateway: FakeGateway, client: httpx.Client, body: object) -> None:
    gateway.fail_next(Fault.answer(503, body, headers={"X-Extra": "1"}))
    response = client.get(JOBS)
    assert (response.status_code, response.headers["x-extra"]) == (503, "1")
    assert response.text in {"raw", "text", '{"error": "words"}'}


def test_a_status_without_a_body_has_none(gateway: FakeGateway, client: httpx.Client) -> None:
    gateway.fail_next(Fault.answer(204))
    response = client.get(JOBS)
    assert (response.status_code, response.content) == (204, b"")
    assert client.get(JOBS).status_code == 200


def test_work_can_be_done_although_the_answer_is_an_error(
    gateway: FakeGateway, client: httpx.Client, create: Callable[..., dict[str, Any]]
) -> None:
    gateway.fail_next(Fault.answer(504, work_done=True), operation="fine_tuning.jobs.create")
    with pytest.raises(AssertionError):
        create(client)
    assert len(gateway.jobs) == 1


def test_the_server_knows_how_many_jobs_each_create_has_made(
    gateway: FakeGateway, client: httpx.Client, upload: Callable[..., dict[str, Any]]
) -> None:
    body = {"model": "m", "training_file": upload(client)["id"]}
    gateway.fail_next(Fault.answer(504, work_done=True), operation="fine_tuning.jobs.create")
    gateway.fail_next(Fault.answer(429), operation="fine_tuning.jobs.create")
    for trace_id in ("a", "a", "a", "b"):
        client.post(JOBS, json=body, headers={"x-portkey-trace-id": trace_id})
    client.post(JOBS, json={})
    assert gateway.jobs_per_create == {"a": 2, "b": 1, "trace-fake000006": 0}
    assert [job.trace_id for job in gateway.jobs] == ["a", "a", "b"]
    assert gateway.requests[1].jobs == (gateway.jobs[0].id,)


def test_faults_meet_only_what_they_are_meant_for_and_in_order(gateway: FakeGateway, client: httpx.Client) -> None:
    gateway.fail_next(Fault.answer(500), path="*/events")
    gateway.fail_next(Fault.answer(501), operation="files.list")
    gateway.fail_next(Fault.answer(502), times=None)
    gateway.add_job(job_id="j")
    assert client.get("/files").status_code == 501
    assert client.get("/files").status_code == 502
    assert client.get(f"{JOBS}/j/events").status_code == 500
    assert client.get("/nowhere").status_code == 502
    assert [plan.times for plan in gateway.faults] == [None]
    gateway.clear_faults()
    assert client.get("/files").status_code == 200


@pytest.mark.parametrize("wrong", [{"operation": "fine_tuning.jobs.destroy"}, {"times": 0}])
def test_a_fault_that_could_never_happen_is_refused(gateway: FakeGateway, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"jobs\.destroy|times"):
        gateway.fail_next(Fault.refusing(), **wrong)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("jobs.create", "fine_tuning.jobs.create"),
        ("fine_tuning.jobs.creat", "fine_tuning.jobs.create"),
        ("jobs.checkpoint.list", "fine_tuning.jobs.checkpoints.list"),
        ("file.content", "files.content"),
    ],
)
def test_a_wrong_name_of_an_operation_brings_the_right_one_to_mind(gateway: FakeGateway, name: str, meant: str) -> None:
    with pytest.raises(ValueError, match=f"unknown operation '{name}'; did you mean '{meant}'"):
        gateway.fail_next(Fault.refusing(), operation=cast("Any", name))


def test_a_name_like_no_operation_is_told_which_there_are(gateway: FakeGateway) -> None:
    with pytest.raises(ValueError, match=r"unknown operation 'x'\. The operations are") as raised:
        gateway.fail_next(Fault.refusing(), operation=cast("Any", "x"))
    assert all(operation in str(raised.value) for operation in ("files.content", "fine_tuning.jobs.pause"))


def test_a_refused_connection_leaves_no_trace(gateway: FakeGateway, client: httpx.Client) -> None:
    gateway.fail_next(Fault.refusing())
    with pytest.raises((httpx.ConnectError, httpx.RemoteProtocolError, httpx.ReadError)):
        client.get(JOBS)
    assert gateway.requests == ()
    assert client.get(JOBS).status_code == 200


def test_in_process_a_refused_connection_is_a_connect_error() -> None:
    gateway = FakeGateway(clock=FakeClock())
    gateway.fail_next(Fault.refusing())
    with httpx.Client(transport=gateway.transport()) as client, pytest.raises(httpx.ConnectError):
        client.get("http://gateway.test/v1/files")


def test_a_dropped_answer_hides_the_work_that_was_done(
    gateway: FakeGateway, client: httpx.Client, upload: Callable[..., dict[str, Any]]
) -> None:
    gateway.fail_next(Fault.dropped(), operation="files.create")
    with pytest.raises(httpx.RemoteProtocolError):
        upload(client)
    assert len(gateway.files) == len(gateway.requests) == 1


@pytest.mark.parametrize("after", [0, 5, 100_000])
def test_an_answer_can_be_cut(
    gateway: FakeGateway, client: httpx.Client, create: Callable[..., dict[str, Any]], after: int
) -> None:
    gateway.fail_next(Fault.cut(after), operation="fine_tuning.jobs.create")
    with pytest.raises(httpx.RemoteProtocolError):
        create(client)
    assert len(gateway.jobs) == 1


@pytest.mark.parametrize("after", [0, 10, 65_536, 100_000])
def test_a_download_can_be_cut_anywhere(gateway: FakeGateway, client: httpx.Client, after: int) -> None:
    content = b"x" * 150_000
    gateway.add_file(content, file_id="f")
    gateway.fail_next(Fault.cut(after))
    received: list[bytes] = []
    with client.stream("GET", "/files/f/content") as response, pytest.raises(httpx.RemoteProtocolError):
        received.extend(response.iter_raw())
    assert len(b"".join(received)) == after
    assert client.get("/files/f/content").content == content


def test_a_download_that_ends_before_the_cut_is_cut_at_its_end(gateway: FakeGateway, client: httpx.Client) -> None:
    gateway.add_file(b"abc", file_id="f")
    gateway.fail_next(Fault.cut(1000))
    with pytest.raises(httpx.RemoteProtocolError):
        client.get("/files/f/content")


def test_garbage_and_wrong_types_come_with_200(gateway: FakeGateway, client: httpx.Client) -> None:
    gateway.fail_next(Fault.garbage())
    gateway.fail_next(Fault.wrong_content_type())
    response = client.get(JOBS)
    assert response.status_code == 200
    with pytest.raises(ValueError, match="Expecting value"):
        response.json()
    response = client.get(JOBS)
    assert (response.status_code, response.headers["content-type"]) == (200, "text/html")


def test_success_can_be_an_error(
    gateway: FakeGateway, client: httpx.Client, create: Callable[..., dict[str, Any]]
) -> None:
    gateway.fail_next(Fault.error_in_success(), operation="fine_tuning.jobs.create")
    answer = create(client)
    assert answer["error"]["message"] == "openai error: undefined"
    assert len(gateway.jobs) == 1


def test_guardrails_have_statuses_of_their_own(gateway: FakeGateway, client: httpx.Client) -> None:
    gateway.fail_next(Fault.guardrail_denied())
    gateway.fail_next(Fault.guardrail_failed())
    denied, failed = client.get(JOBS), client.get(JOBS)
    assert (denied.status_code, denied.json()["error"]["type"]) == (446, "hooks_failed")
    assert (failed.status_code, failed.json()["object"]) == (246, "list")


def test_a_repeated_cursor_gives_the_same_page_again(gateway: FakeGateway, client: httpx.Client) -> None:
    for number in range(5):
        gateway.add_job(job_id=f"j{number}")
    gateway.fail_next(Fault.repeated_cursor(), times=None)
    pages = [client.get(JOBS, params={"limit": 2, "after": after}).json() for after in ("j4", "j3")]
    assert pages[0] == pages[1]
    assert [job["id"] for job in pages[0]["data"]] == ["j4", "j3"]
    assert pages[0]["has_more"] is True


def test_endless_pages_end_in_empty_ones_that_promise_more(gateway: FakeGateway, client: httpx.Client) -> None:
    gateway.add_job(job_id="j")
    gateway.fail_next(Fault.endless_pages(), times=None)
    assert client.get(JOBS).json()["has_more"] is True
    page = client.get(JOBS, params={"after": "j"}).json()
    assert (page["data"], page["has_more"]) == ([], True)


def test_paging_faults_leave_other_answers_alone(gateway: FakeGateway, client: httpx.Client) -> None:
    gateway.add_file(b"abc", file_id="f")
    gateway.add_file(b"[1]", file_id="g", content_type="application/json")
    gateway.fail_next(Fault.endless_pages(), times=None)
    assert client.get("/files/f/content").content == b"abc"
    assert client.get("/files/g/content").json() == [1]


def test_in_process_a_delay_passes_on_the_gateways_clock(gateway: FakeGateway, clock: FakeClock) -> None:
    gateway.fail_next(Fault.delayed(30), times=2)
    with httpx.Client(transport=gateway.transport(), timeout=60, headers=VK) as client:
        assert client.get("http://g/v1/files").status_code == 200
    with httpx.Client(transport=gateway.transport(), timeout=httpx.Timeout(None), headers=VK) as client:
        assert client.get("http://g/v1/files").status_code == 200
    assert clock.sleeps == (30, 30)


def test_in_process_a_long_delay_meets_the_clients_timeout(gateway: FakeGateway, clock: FakeClock) -> None:
    gateway.fail_next(Fault.delayed(30))
    with httpx.Client(transport=gateway.transport(), timeout=5, headers=VK) as client, pytest.raises(httpx.ReadTimeout):
        client.get("http://g/v1/files")
    assert clock.sleeps == (5,)
    assert len(gateway.requests) == 1


def test_a_server_delays_in_real_time(gateway: FakeGateway, clock: FakeClock) -> None:
    gateway.fail_next(Fault.delayed(30))
    gateway.fail_next(Fault.delayed(0.1))
    with gateway.serve() as url:
        with pytest.raises(httpx.ReadTimeout):
            httpx.get(f"{url}/files", headers=VK, timeout=httpx.Timeout(60, read=0.1))
        began = time.monotonic()
        assert httpx.get(f"{url}/files", headers=VK, timeout=60).status_code == 200
        assert time.monotonic() - began >= 0.1
    assert clock.sleeps == ()


async def _faults_async(gateway: FakeGateway, clock: FakeClock) -> None:
    gateway.add_file(b"x" * 100_000, file_id="f")
    gateway.fail_next(Fault.refusing())
    gateway.fail_next(Fault.dropped())
    gateway.fail_next(Fault.cut(70_000))
    gateway.fail_next(Fault.delayed(3))
    gateway.fail_next(Fault.delayed(9))
    transport = gateway.transport()
    async with httpx.AsyncClient(transport=transport, base_url="http://g/v1", headers=VK, timeout=5) as client:
        with pytest.raises(httpx.ConnectError):
            await client.get("/files")
        with pytest.raises(httpx.RemoteProtocolError):
            await client.get("/files")
        with pytest.raises(httpx.RemoteProtocolError):
            await client.get("/files/f/content")
        assert (await client.get("/files")).status_code == 200
        with pytest.raises(httpx.ReadTimeout):
            await client.get("/files")
        assert (await client.get("/files/f/content")).content == b"x" * 100_000

        async def pieces() -> AsyncIterator[bytes]:
            yield b"{"
            yield b"}"

        response = await client.post("/fine_tuning/jobs", content=pieces())
        assert response.status_code == 400
    assert clock.sleeps == (3, 5)


@pytest.mark.anyio
async def test_an_async_client_meets_the_same_faults(gateway: FakeGateway, clock: FakeClock) -> None:
    await _faults_async(gateway, clock)


@pytest.mark.anyio
async def test_an_async_client_uses_the_server_too(gateway: FakeGateway) -> None:
    with gateway.serve() as url:
        async with httpx.AsyncClient(base_url=url, headers=VK, timeout=60) as client:
            assert (await client.get("/files")).json()["data"] == []


def test_a_request_that_is_cut_off_is_not_taken_for_a_whole_one(gateway: FakeGateway) -> None:
    with gateway.serve() as url:
        host, port = url.removeprefix("http://").removesuffix("/v1").split(":")
        for rest in (b"Content-Length: 100\r\n\r\nabc", b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"):
            with socket.create_connection((host, int(port))) as connection:
                head = b"POST /v1/files HTTP/1.1\r\nHost: x\r\nX-Portkey-Virtual-Key: v\r\n"
                connection.sendall(head + rest)
                connection.shutdown(socket.SHUT_WR)
                assert connection.recv(1000) == b""
    assert gateway.requests == ()
    assert gateway.files == ()
