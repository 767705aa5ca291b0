from __future__ import annotations

import gc
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import anyio
import httpx
import pytest

from portkey_ft.testing import FakeGateway, Fault, JobScript
from portkey_ft.testing._http.server import _Server

VK = {"x-portkey-virtual-key": "vk"}


def address(url: str) -> tuple[str, int]:
    parts = httpx.URL(url)
    assert parts.port is not None
    return parts.host, parts.port


def test_the_base_url_is_on_loopback_and_ends_in_v1(gateway: FakeGateway) -> None:
    with gateway.serve() as url:
        assert url.startswith("http://127.0.0.1:")
        assert url.endswith("/v1")


def test_the_port_can_be_chosen_and_a_taken_one_is_told(gateway: FakeGateway) -> None:
    with gateway.serve() as url:
        port = address(url)[1]
        with pytest.raises(OSError, match="in use"), gateway.serve(port=port):
            pass
    with gateway.serve(port=port) as again:
        assert again == url


def test_the_server_listens_on_ipv6_too(gateway: FakeGateway) -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("no IPv6 on this machine")
    with gateway.serve(host="::1") as url:
        assert url.startswith("http://[::1]:")
        assert httpx.get(f"{url}/files", headers=VK, trust_env=False, timeout=60).status_code == 200


def test_nothing_is_left_when_the_server_stops(gateway: FakeGateway) -> None:
    threads = threading.active_count()
    with gateway.serve() as url:
        idle = httpx.Client(headers=VK, timeout=60)
        assert idle.get(f"{url}/files").status_code == 200
        silent = socket.create_connection(address(url))
    # Neither the idle connection nor the one that never asked has held it up.
    assert threading.active_count() == threads
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(address(url))
    silent.close()
    idle.close()
    gc.collect()  # a socket that was not closed would warn, and warnings are errors here


def test_it_can_be_served_again_and_remembers(gateway: FakeGateway) -> None:
    for number in range(3):
        with gateway.serve() as url:
            assert len(gateway.requests) == number
            assert httpx.get(f"{url}/files", headers=VK, timeout=60).status_code == 200


def test_one_connection_serves_many_requests(gateway: FakeGateway) -> None:
    with gateway.serve() as url, httpx.Client(base_url=url, headers=VK, timeout=60) as client:
        for _ in range(100):
            client.get("/files")
        pool = client._transport._pool
        assert len(pool.connections) == 1


def test_a_response_is_sent_in_one_piece(gateway: FakeGateway) -> None:
    """In two pieces each would cost 40 ms, by the delayed acknowledgement of the first."""
    with gateway.serve() as url, socket.create_connection(address(url)) as connection:
        for _ in range(20):
            connection.sendall(b"GET /v1/files HTTP/1.1\r\nhost: g\r\nx-portkey-virtual-key: vk\r\n\r\n")
            head, _, body = connection.recv(65_536).partition(b"\r\n\r\n")
            assert f"content-length: {len(body)}".encode() in head.lower()
            assert body.endswith(b"}")


def test_two_hundred_requests_at_once_are_all_answered(gateway: FakeGateway) -> None:
    async def burst(url: str) -> list[int]:
        limits = httpx.Limits(max_connections=200, max_keepalive_connections=0)
        async with httpx.AsyncClient(base_url=url, headers=VK, limits=limits, timeout=120) as client:
            statuses = []

            async def create() -> None:
                response = await client.post("/fine_tuning/jobs", json={"model": "m", "training_file": "file-a"})
                statuses.append(response.status_code)

            async with anyio.create_task_group() as tasks:
                for _ in range(200):
                    tasks.start_soon(create)
            return statuses

    gateway.add_file(file_id="file-a")
    with gateway.serve() as url:
        assert anyio.run(burst, url) == [200] * 200
    assert len({job.id for job in gateway.jobs}) == 200
    assert set(gateway.jobs_per_create.values()) == {1}


def test_threads_share_a_transport(gateway: FakeGateway) -> None:
    gateway.add_job(job_id="j", script=JobScript.stuck())
    with httpx.Client(transport=gateway.transport(), headers=VK) as client, ThreadPoolExecutor(16) as pool:
        answers = pool.map(lambda _: client.get("http://g/v1/fine_tuning/jobs/j").status_code, range(64))
        assert set(answers) == {200}
    assert len({record.trace_id for record in gateway.requests}) == 64


def test_chunks_with_extensions_and_trailers_are_read(gateway: FakeGateway) -> None:
    content = b'--b\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nx\r\n--b--\r\n'
    with gateway.serve() as url, socket.create_connection(address(url)) as connection:
        connection.sendall(
            b"POST /v1/files HTTP/1.1\r\nHost: x\r\nX-Portkey-Virtual-Key: v\r\nTransfer-Encoding: chunked\r\n"
            b"Content-Type: multipart/form-data; boundary=b\r\nConnection: close\r\n\r\n"
        )
        for begin in range(0, len(content), 20):
            piece = content[begin : begin + 20]
            connection.sendall(b"%x;note=1\r\n%b\r\n" % (len(piece), piece))
        connection.sendall(b"0\r\nX-Trailer: 1\r\n\r\n")
        answer = connection.makefile("rb").read()
    assert answer.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert gateway.requests[0].body == content


def test_a_client_that_leaves_in_the_middle_of_a_download_does_no_harm(
    gateway: FakeGateway, capsys: pytest.CaptureFixture[str]
) -> None:
    gateway.add_file(b"x" * 20_000_000, file_id="f")
    with gateway.serve() as url:
        with httpx.stream("GET", f"{url}/files/f/content", headers=VK, timeout=60) as response:
            next(response.iter_raw())
        assert httpx.get(f"{url}/files", headers=VK, timeout=60).status_code == 200
    assert capsys.readouterr().err == ""


def test_a_bug_in_the_gateway_is_told_on_stderr(gateway: FakeGateway, capsys: pytest.CaptureFixture[str]) -> None:
    class Broken(JobScript):
        def status_at(self, elapsed: float) -> str:
            return str(elapsed / 0)

    gateway.add_job(job_id="j", script=Broken())
    with gateway.serve() as url, pytest.raises(httpx.RemoteProtocolError):
        httpx.get(f"{url}/fine_tuning/jobs/j", headers=VK, timeout=60)
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_a_request_that_waits_when_the_server_stops_gets_no_answer() -> None:
    gateway = FakeGateway()
    outcome = []

    def ask(url: str) -> None:
        try:
            httpx.get(f"{url}/files", headers=VK, timeout=120)
        except httpx.TransportError as error:
            outcome.append(type(error))

    gateway.fail_next(Fault.delayed(60))
    with gateway.serve() as url:
        asking = threading.Thread(target=ask, args=(url,))
        asking.start()
        while not gateway.requests:
            time.sleep(0.005)
    asking.join(120)
    assert outcome == [httpx.RemoteProtocolError]


def test_a_connection_that_comes_while_the_server_stops_is_ended_at_once(gateway: FakeGateway) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs, _Server(("127.0.0.1", 0), gateway.handle) as server:
        server.close_connections()
        server.add(ours)
        assert theirs.recv(1) == b""
        server.remove(ours)
