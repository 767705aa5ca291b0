from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pytest

from portkey_ft.testing import FakeClock, FakeGateway

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

FORM = "multipart/form-data; boundary=b"


def test_a_file_is_kept_byte_for_byte(
    client: httpx.Client, upload: Callable[..., dict[str, Any]], gateway: FakeGateway
) -> None:
    content = bytes(range(256)) * 1000 + b"\r\n--not-the-boundary\r\n"
    file = upload(client, content)
    assert file["bytes"] == len(content)
    assert (file["object"], file["purpose"], file["filename"]) == ("file", "fine-tune", "training.jsonl")
    response = client.get(f"/files/{file['id']}/content")
    assert response.content == content
    assert response.headers["content-type"] == "application/octet-stream"
    assert gateway.files[0].sha256 == hashlib.sha256(content).hexdigest()


def test_an_empty_file_is_a_file(client: httpx.Client, upload: Callable[..., dict[str, Any]]) -> None:
    file = upload(client, b"")
    assert file["bytes"] == 0
    assert client.get(f"/files/{file['id']}/content").content == b""


def test_a_body_that_arrives_in_pieces_is_taken_whole(client: httpx.Client, gateway: FakeGateway) -> None:
    content = b"x" * 200_000
    head = b'--b\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nfine-tune\r\n--b\r\n'
    middle = 'Content-Disposition: form-data; name="file"; filename="tränen.jsonl"\r\n\r\n'.encode() + content
    pieces = [head, middle[:1000], middle[1000:], b"\r\n--b--\r\n"]
    response = client.post("/files", content=iter(pieces), headers={"content-type": FORM})
    assert response.json()["filename"] == "tränen.jsonl"
    assert gateway.files[0].content == content


def test_a_file_can_be_processed_for_a_while(
    clock: FakeClock, connect: Callable[..., httpx.Client], upload: Callable[..., dict[str, Any]]
) -> None:
    client = connect(FakeGateway(clock=clock, file_seconds=5))
    file = upload(client)
    assert file["status"] == "uploaded"
    clock.advance(5)
    assert client.get(f"/files/{file['id']}").json()["status"] == "processed"


def test_a_deleted_file_is_gone(client: httpx.Client, upload: Callable[..., dict[str, Any]]) -> None:
    file = upload(client)
    assert client.delete(f"/files/{file['id']}").json() == {"object": "file", "id": file["id"], "deleted": True}
    for method, path in (("GET", ""), ("DELETE", ""), ("GET", "/content")):
        response = client.request(method, f"/files/{file['id']}{path}")
        assert response.status_code == 404
        assert response.json()["error"]["message"] == f"openai error: No such File object: {file['id']}"


def test_files_are_listed_by_purpose_and_in_both_orders(
    gateway: FakeGateway, client: httpx.Client, upload: Callable[..., dict[str, Any]]
) -> None:
    first, second = upload(client)["id"], upload(client)["id"]
    gateway.add_file(file_id="file-other", purpose="batch", filename="other.jsonl")
    listed = client.get("/files", params={"purpose": "fine-tune"}).json()
    assert [file["id"] for file in listed["data"]] == [second, first]
    listed = client.get("/files", params={"order": "asc", "limit": 2}).json()
    assert [file["id"] for file in listed["data"]] == [first, second]
    assert (listed["first_id"], listed["last_id"], listed["has_more"]) == (first, second, True)
    assert client.get("/files", params={"purpose": "vision"}).json()["first_id"] is None


@pytest.mark.parametrize(
    ("content_type", "content", "answer"),
    [
        ("text/plain", b"a\xff", {"html-message": "a�"}),
        ("text/html; charset=utf-8", b"<p>", {"html-message": "<p>"}),
        ("text/csv", b"a,b", None),
        ("application/jsonl", b'{"a":1}\n{"a":2}\n', None),
        ("application/jsonl", b'{"a":1}\n', {"a": 1}),
    ],
)
def test_a_download_takes_the_form_that_the_stored_type_leads_to(
    gateway: FakeGateway, client: httpx.Client, content_type: str, content: bytes, answer: object | None
) -> None:
    gateway.add_file(content, file_id="file-x", content_type=content_type)
    response = client.get("/files/file-x/content")
    if answer is None:
        assert response.status_code == 500
        assert response.json() == {"status": "failure", "message": "Something went wrong"}
    else:
        assert (response.status_code, response.json()) == (200, answer)


@pytest.mark.parametrize(
    ("form", "param"),
    [
        ({"data": {"purpose": "fine-tune"}, "files": {"other": ("a", b"a")}}, "file"),
        ({"files": {"file": ("a", b"a")}}, "purpose"),
        ({"data": {"purpose": ""}, "files": {"file": ("a", b"a")}}, "purpose"),
    ],
)
def test_an_incomplete_upload_is_refused(client: httpx.Client, form: dict[str, Any], param: str) -> None:
    response = client.post("/files", **form)
    assert (response.status_code, response.json()["error"]["param"]) == (400, param)


def test_an_unknown_purpose_is_refused(client: httpx.Client, gateway: FakeGateway) -> None:
    response = client.post("/files", data={"purpose": "fine-tuning"}, files={"file": ("a", b"a")})
    error = response.json()["error"]
    assert (response.status_code, error["type"]) == (400, "invalid_request_error")
    assert error["message"].startswith("openai error: 'fine-tuning' is not one of ['assistants', 'batch', ")
    assert gateway.files == ()


def test_a_field_instead_of_a_file_is_refused(client: httpx.Client) -> None:
    content = b"--b\r\nContent-Disposition: form-data; name=file\r\n\r\nx\r\n--b--\r\n"
    response = client.post("/files", content=content, headers={"content-type": FORM})
    assert (response.status_code, response.json()["error"]["param"]) == (400, "file")


@pytest.mark.parametrize(
    ("content_type", "content"),
    [
        (FORM, b""),
        (FORM, b"--b\r\n\r\nx"),
        (FORM, b"before--b\r\n\r\nx\r\n--b--"),
        ("multipart/form-data", b"--b--"),
        ("application/json", b"{}"),
    ],
)
def test_an_upload_that_is_no_whole_form_breaks_the_gateway(
    client: httpx.Client, gateway: FakeGateway, content_type: str, content: bytes
) -> None:
    response = client.post("/files", content=content, headers={"content-type": content_type})
    assert response.status_code == 500
    assert gateway.files == ()


@pytest.mark.parametrize("part", [b"no head", b"X: y\r\n\r\nz"])
def test_parts_without_a_name_are_passed_over(client: httpx.Client, part: bytes) -> None:
    content = b"--b\r\n" + part + b"\r\n--b--\r\n"
    response = client.post("/files", content=content, headers={"content-type": FORM})
    assert response.json()["error"]["param"] == "file"
