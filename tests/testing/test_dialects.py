"""What the other providers answer through the gateway, compared with recorded answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from portkey_ft.testing import FakeClock, FakeGateway, JobScript

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

RECORDED = Path(__file__).with_name("recorded_answers.json")

BEDROCK = {
    "x-portkey-provider": "bedrock",
    "x-portkey-aws-s3-bucket": "bucket",
    "x-portkey-aws-bedrock-model": "amazon.titan",
    "x-portkey-file-purpose": "fine-tune",
}
VERTEX = {
    "x-portkey-provider": "vertex-ai",
    "x-portkey-vertex-storage-bucket-name": "bucket",
    "x-portkey-provider-model": "model",
}
FIREWORKS = {
    "x-portkey-provider": "fireworks-ai",
    "authorization": "Bearer fw",
    "x-portkey-fireworks-account-id": "acc",
}
AZURE = {"x-portkey-provider": "azure-openai"}
CHAT = (
    b'{"messages":[{"role":"system","content":"a"},{"role":"user","content":"b"},{"role":"assistant","content":"c"}]}'
)
MUTE = b'{"messages":[{"role":"user","content":"b"},{"role":"assistant","content":"c"}]}'
CLAUDE = b'{"system":"a","messages":[{"role":"user","content":"b"},{"role":"assistant","content":"c"}]}\r\n'
TITAN = b'{"completion":"c","prompt":"b"}\r\n'
GEMINI = (
    b'{"contents":[{"role":"user","parts":[{"text":"b"}]},{"role":"model","parts":[{"text":"c"}]}],'
    b'"systemInstruction":{"parts":[{"text":"a"}],"role":"system"}}\n'
)


@pytest.fixture(scope="module")
def payloads() -> dict[str, Any]:
    """What providers have answered through the real gateway."""
    answers: dict[str, Any] = json.loads(RECORDED.read_text("utf-8"))
    return answers


def put(
    client: httpx.Client,
    content: bytes = CHAT,
    *,
    name: str = "training.jsonl",
    purpose_type: str | None = None,
    first: str = "purpose",
    headers: dict[str, str] | None = None,
) -> httpx.Response:
    """Upload a file with the parts of the form in a chosen layout."""
    purpose = (None, b"fine-tune", purpose_type) if purpose_type else (None, b"fine-tune")
    parts = [("purpose", purpose), ("file", (name, content, "application/octet-stream"))]
    return client.post("/files", files=parts if first == "purpose" else parts[::-1], headers=headers)


def start(client: httpx.Client, training_file: str, **fields: object) -> httpx.Response:
    return client.post("/fine_tuning/jobs", json={"model": "m", "training_file": training_file, **fields})


# Bedrock


@pytest.fixture
def bedrock(connect: Callable[..., httpx.Client], gateway: FakeGateway) -> httpx.Client:
    return connect(gateway, BEDROCK)


def test_bedrock_creates_with_nothing_but_an_encoded_id(bedrock: httpx.Client, payloads: dict[str, Any]) -> None:
    response = start(bedrock, "s3%3A%2F%2Fbucket%2Fkey.jsonl", role_arn="arn:aws:iam::1:role/r", suffix="s")
    assert response.status_code == 201
    assert response.json().keys() == payloads["jobs"]["bedrock create"].keys()
    assert response.json()["id"].startswith("arn%3Aaws%3Abedrock%3A")


def test_bedrock_shows_a_job_in_its_own_words(
    bedrock: httpx.Client, clock: FakeClock, payloads: dict[str, Any]
) -> None:
    fields = {"role_arn": "r", "suffix": "s", "job_name": "j", "hyperparameters": {"n_epochs": 2, "batch_size": "8"}}
    job_id = start(bedrock, "s3://b/k", **fields).json()["id"]
    job = bedrock.get(f"/fine_tuning/jobs/{job_id}").json()
    # Bedrock itself gives the name of the model as another field than in its list.
    assert job.keys() ^ payloads["jobs"]["bedrock retrieve running"].keys() == {"suffix", "fine_tuned_model"}
    assert (job["status"], job["created_at"], job["finished_at"]) == ("running", 1_750_000_000_000, None)
    assert (job["training_file"], job["validation_file"]) == ("s3%3A%2F%2Fb%2Fk", "")
    assert (job["job_name"], job["fine_tuned_model"], job["error"]) == ("j", "s", {})
    assert job["hyperparameters"] == {"learning_rate_multiplier": None, "batch_size": 8, "n_epochs": 2}
    clock.advance(12)
    job = bedrock.get(f"/fine_tuning/jobs/{job_id}").json()
    assert (job["status"], job["finished_at"]) == ("succeeded", 1_750_000_012_000)
    assert job["fine_tuned_model"].startswith("arn:aws:bedrock:")


def test_bedrock_shows_null_for_a_value_that_is_no_number(bedrock: httpx.Client) -> None:
    job_id = start(bedrock, "s3://b/k", role_arn="r", suffix="s", hyperparameters={"n_epochs": "auto"}).json()["id"]
    assert bedrock.get(f"/fine_tuning/jobs/{job_id}").json()["hyperparameters"]["n_epochs"] is None


def test_bedrock_takes_an_id_encoded_once_or_not_at_all_but_not_twice(bedrock: httpx.Client) -> None:
    job_id = start(bedrock, "s3://b/k", role_arn="r", suffix="s").json()["id"]
    raw = job_id.replace("%3A", ":")
    assert bedrock.get(f"/fine_tuning/jobs/{raw}").json()["id"] == job_id
    assert bedrock.get(f"/fine_tuning/jobs/{quote(job_id)}").status_code == 404
    # The gateway takes a query for a part of the id.
    assert bedrock.get(f"/fine_tuning/jobs/{job_id}?x=1").status_code == 404
    file_id = put(bedrock).json()["id"]
    assert bedrock.get(f"/files/{file_id}").status_code == 200
    response = bedrock.get(f"/files/{quote(file_id)}")
    assert (response.status_code, response.json()["message"]) == (500, "Something went wrong")


def test_bedrock_tells_a_failure_as_a_string(
    bedrock: httpx.Client, gateway: FakeGateway, clock: FakeClock, payloads: dict[str, Any]
) -> None:
    gateway.script_next(JobScript.failing("The S3 object is missing", seconds=1))
    job_id = start(bedrock, "s3://b/k", role_arn="r", suffix="s").json()["id"]
    clock.advance(1)
    job = bedrock.get(f"/fine_tuning/jobs/{job_id}").json()
    assert job["error"] == payloads["jobs"]["bedrock retrieve failed"]["error"]


def test_bedrock_lists_everything_whatever_is_asked(bedrock: httpx.Client, payloads: dict[str, Any]) -> None:
    for _ in range(3):
        start(bedrock, "s3://b/k", role_arn="r", suffix="s")
    page = bedrock.get("/fine_tuning/jobs", params={"limit": 1, "after": "x"}).json()
    recorded = payloads["job_lists"]["bedrock list"]
    assert page.keys() == recorded.keys() - {"last_id"}
    assert page["total_count"] == len(page["data"]) == 3
    assert page["data"][0].keys() == recorded["data"][0].keys()
    assert page["data"][0]["training_file"] == ""


def test_bedrock_gives_a_token_where_it_divides_the_list(
    bedrock: httpx.Client, gateway: FakeGateway, payloads: dict[str, Any]
) -> None:
    for number in range(101):
        gateway.add_job(job_id=f"arn:{number}", provider="bedrock")
    page = bedrock.get("/fine_tuning/jobs").json()
    assert page.keys() == payloads["job_lists"]["bedrock list"].keys()
    assert page["total_count"] == len(page["data"]) == 100


def test_bedrock_cancels_without_a_word(bedrock: httpx.Client) -> None:
    job_id = start(bedrock, "s3://b/k", role_arn="r", suffix="s").json()["id"]
    response = bedrock.post(f"/fine_tuning/jobs/{job_id}/cancel")
    assert (response.status_code, response.json()) == (200, {})
    assert bedrock.get(f"/fine_tuning/jobs/{job_id}").json()["status"] == "cancelled"


def test_bedrock_refuses_a_cancellation_with_a_content_type_which_the_gateway_signs_wrongly(
    bedrock: httpx.Client, gateway: FakeGateway
) -> None:
    gateway.add_job(job_id="arn:x", provider="bedrock")
    path = "/fine_tuning/jobs/arn:x/cancel"
    response = bedrock.post(path, headers={"content-type": "application/json"})
    assert (response.status_code, "signature" in response.json()["message"]) == (403, True)
    assert bedrock.post(path).status_code == 200


@pytest.mark.parametrize("verb", ["pause", "resume"])
@pytest.mark.parametrize(
    ("headers", "fields"),
    [
        (BEDROCK, {"training_file": "s3://b/k", "role_arn": "r", "suffix": "s"}),
        (VERTEX, {"training_file": "gs://b/k"}),
        (FIREWORKS, {"training_file": "d"}),
    ],
    ids=["bedrock", "vertex-ai", "fireworks-ai"],
)
def test_the_gateway_takes_pause_and_resume_for_a_cancellation_where_it_rewrites_jobs(
    connect: Callable[..., httpx.Client],
    gateway: FakeGateway,
    headers: dict[str, str],
    fields: dict[str, Any],
    verb: str,
) -> None:
    client = connect(gateway, headers)
    gateway.add_file(file_id="d", provider="fireworks-ai")
    job_id = start(client, **fields).json()["id"]
    assert client.post(f"/fine_tuning/jobs/{job_id}/{verb}").status_code == 200
    assert client.get(f"/fine_tuning/jobs/{job_id}").json()["status"] == "cancelled"


@pytest.mark.parametrize(
    "body",
    [
        {"model": "m", "role_arn": "r", "suffix": "s"},
        {"model": "m", "training_file": "file-x", "role_arn": "r", "suffix": "s"},
        {"model": "m", "training_file": "s3://b/k", "suffix": "s"},
        {"model": "m", "training_file": "s3://b/k", "role_arn": "r"},
        {"model": "m", "training_file": "s3://b/k", "role_arn": "r", "suffix": "s", "output_file": "s3://b/out"},
        {"model": "m", "training_file": "s3://b/k", "role_arn": "r", "suffix": "s", "validation_file": "s3://b/v"},
    ],
)
def test_bedrock_refuses_an_incomplete_create(bedrock: httpx.Client, body: object) -> None:
    response = bedrock.post("/fine_tuning/jobs", json=body)
    assert response.status_code == 400
    assert response.json()["error"].keys() == {"message", "type", "param", "code"}
    assert response.json()["error"]["message"].startswith("bedrock error: ")
    assert response.json()["provider"] == "bedrock"


def test_bedrock_creates_need_a_model_that_the_gateway_asks_for(bedrock: httpx.Client) -> None:
    response = bedrock.post("/fine_tuning/jobs", json={"training_file": "s3://b/k"})
    assert (response.status_code, response.json()["message"]) == (500, "Model is required")
    response = start(bedrock, "100%")
    assert (response.status_code, response.json()["message"]) == (500, "Something went wrong")


@pytest.mark.parametrize("what", ["events", "checkpoints"])
def test_bedrock_has_no_events_and_no_checkpoints(bedrock: httpx.Client, what: str) -> None:
    job_id = start(bedrock, "s3://b/k", role_arn="r", suffix="s").json()["id"]
    assert bedrock.get(f"/fine_tuning/jobs/{job_id}/{what}").status_code == 400


def test_bedrock_keeps_a_file_by_its_location(bedrock: httpx.Client, payloads: dict[str, Any]) -> None:
    response = put(bedrock)
    assert response.json().keys() == payloads["files"]["bedrock upload"].keys()
    file_id = response.json()["id"]
    assert file_id.startswith("s3%3A%2F%2Fbucket%2F")
    file = bedrock.get(f"/files/{file_id}").json()
    assert (file["bytes"], file["purpose"], file["createdAt"]) == (str(len(CLAUDE)), "", 1_750_000_000)
    assert bedrock.get(f"/files/{file_id}/content").content == CLAUDE


def test_bedrock_takes_a_key_and_drops_chats_without_a_system_message(
    bedrock: httpx.Client, gateway: FakeGateway
) -> None:
    named = {"x-portkey-aws-s3-object-key": "my/key.jsonl"}
    uploaded = MUTE + b"\n" + CHAT + b"\n{}\n"
    file = put(bedrock, uploaded, headers=named).json()
    assert (file["id"], file["bytes"]) == ("s3%3A%2F%2Fbucket%2Fmy%2Fkey.jsonl", len(CLAUDE))
    stored = gateway.files[0]
    assert (stored.filename, stored.content, stored.uploaded) == ("s3://bucket/my/key.jsonl", CLAUDE, uploaded)
    text = put(bedrock, CHAT, headers={"x-portkey-model-type": "text"}).json()
    assert (text["bytes"], gateway.files[1].content) == (len(TITAN), TITAN)


def test_bedrock_counts_utf_16_units(bedrock: httpx.Client, gateway: FakeGateway) -> None:
    file = put(bedrock, CHAT.replace(b'"a"', '"\N{GRINNING FACE}é"'.encode())).json()
    assert (file["bytes"], len(gateway.files[0].content)) == (len(CLAUDE) + 2, len(CLAUDE) + 5)


def test_bedrock_takes_no_file_that_the_gateway_divides(bedrock: httpx.Client) -> None:
    response = put(bedrock, (CHAT + b"\n") * 9_000)
    assert (response.status_code, response.json()["type"]) == (500, "provider_error")


@pytest.mark.parametrize(
    ("headers", "name", "content", "status", "word"),
    [
        ({"x-portkey-aws-bedrock-model": ""}, "a.jsonl", CHAT, 400, "x-portkey-aws-bedrock-model"),
        ({"x-portkey-aws-s3-bucket": ""}, "a.jsonl", CHAT, 400, "x-portkey-aws-s3-bucket"),
        ({"x-portkey-aws-bedrock-model": "nova"}, "a.jsonl", CHAT, 500, "Invalid model slug"),
        ({"x-portkey-file-purpose": "batch"}, "a.jsonl", CHAT, 500, "invalid json lines"),
        ({}, "a.txt", CHAT, 500, "only jsonl files"),
        ({}, "a.jsonl", b"{", 500, "invalid json lines"),
        ({}, "a.jsonl", CHAT + b"\n\n" + CHAT, 500, "or empty lines"),
    ],
)
def test_bedrock_refuses_uploads_it_cannot_use(
    bedrock: httpx.Client, headers: dict[str, str], *, name: str, content: bytes, status: int, word: str
) -> None:
    response = put(bedrock, content, name=name, headers=headers)
    assert response.status_code == status
    assert word in response.text


def test_bedrock_finds_a_file_only_in_a_part_that_is_written_in_one_way(
    bedrock: httpx.Client, gateway: FakeGateway
) -> None:
    parts = [b'Content-Disposition: form-data; name="file"; filename="a.jsonl"', b"", CHAT]
    form = {"content-type": "multipart/form-data; boundary=b"}
    for head, status in ((parts[0], 200), (parts[0].lower(), 500), (parts[0].replace(b"; name", b";name"), 500)):
        body = b"\r\n".join([b"--b", head, *parts[1:], b"--b--", b""])
        assert bedrock.post("/files", content=body, headers=form).status_code == status
    assert [file.content for file in gateway.files] == [CLAUDE]


def test_bedrock_takes_a_batch_file_for_what_it_is(bedrock: httpx.Client, gateway: FakeGateway) -> None:
    put(bedrock, b'{"custom_id": "1", "body": {"a": 1}}\n', headers={"x-portkey-file-purpose": "batch"})
    assert gateway.files[0].content == b'{"recordId":"1","modelInput":{"a":1}}\r\n'


def test_bedrock_has_no_list_of_files_and_no_deletion(bedrock: httpx.Client) -> None:
    for response in (bedrock.get("/files"), bedrock.delete("/files/s3%3A%2F%2Fb%2Fk")):
        assert (response.status_code, response.json()["message"]) == (500, "Model is required")
        assert response.json()["status"] == "failure"


def test_bedrock_tells_a_missing_file_as_500_with_the_status_inside(bedrock: httpx.Client) -> None:
    response = bedrock.get("/files/s3%3A%2F%2Fb%2Fnone")
    assert response.status_code == 500
    assert (response.json()["code"], response.json()["type"]) == (404, "provider_error")


# Vertex


@pytest.fixture
def vertex(connect: Callable[..., httpx.Client], gateway: FakeGateway) -> httpx.Client:
    return connect(gateway, VERTEX)


def test_vertex_shows_a_job_in_its_own_words(vertex: httpx.Client, clock: FakeClock, payloads: dict[str, Any]) -> None:
    fields = {"hyperparameters": {"n_epochs": 3, "batch_size": 2}, "validation_file": "gs://b/v"}
    created = start(vertex, "gs://b/k", **fields).json()
    assert created["id"].isdigit()
    assert created["status"] == "queued"
    assert created["validation_file"] == "gs%3A%2F%2Fb%2Fv"
    clock.advance(12)
    job = vertex.get(f"/fine_tuning/jobs/{created['id']}").json()
    assert payloads["jobs"]["vertex retrieve"].keys() <= job.keys()
    assert job["hyperparameters"] == payloads["jobs"]["vertex retrieve"]["hyperparameters"]
    assert (job["trained_tokens"], job["training_file"]) == ("96000", "gs%3A%2F%2Fb%2Fk")
    assert (job["status"], job["finished_at"]) == ("succeeded", 1_750_000_012_000)


def test_vertex_tells_a_failure_with_a_number(
    vertex: httpx.Client, gateway: FakeGateway, clock: FakeClock, payloads: dict[str, Any]
) -> None:
    gateway.script_next(JobScript.failing("bad"))
    job_id = start(vertex, "gs://b/k").json()["id"]
    clock.advance(2)
    job = vertex.get(f"/fine_tuning/jobs/{job_id}").json()
    assert job["error"].keys() == payloads["jobs"]["vertex error"]["error"].keys()
    assert job["error"] == {"code": 13, "message": "bad"}


def test_vertex_breaks_the_gateway_when_a_job_has_no_hyperparameters(
    vertex: httpx.Client, gateway: FakeGateway
) -> None:
    gateway.add_job(job_id="12", provider="vertex-ai", fields={"hyperparameters": None})
    assert vertex.get("/fine_tuning/jobs/12").status_code == 500
    assert vertex.get("/fine_tuning/jobs").status_code == 500


def test_vertex_refuses_a_cursor_which_nobody_can_have(vertex: httpx.Client, payloads: dict[str, Any]) -> None:
    empty = vertex.get("/fine_tuning/jobs").json()
    assert empty == payloads["job_lists"]["vertex list empty"]
    for _ in range(3):
        start(vertex, "gs://b/k")
    page = vertex.get("/fine_tuning/jobs", params={"limit": 2}).json()
    assert page["has_more"] is True
    assert (page["first_id"], page["last_id"]) == (page["data"][0]["id"], page["data"][1]["id"])
    response = vertex.get("/fine_tuning/jobs", params={"after": page["last_id"]})
    assert (response.status_code, response.json()["error"]["code"]) == (400, 400)
    assert vertex.get("/fine_tuning/jobs", params={"limit": "x"}).status_code == 400


@pytest.mark.parametrize("what", ["events", "checkpoints"])
def test_vertex_has_no_job_of_that_name_where_a_list_is_asked_for(vertex: httpx.Client, what: str) -> None:
    job_id = start(vertex, "gs://b/k").json()["id"]
    response = vertex.get(f"/fine_tuning/jobs/{job_id}/{what}", params={"limit": 5})
    assert (response.status_code, response.json()["error"]["status"]) == (404, "NOT_FOUND")


def test_vertex_cancels_without_a_word_and_refuses_in_googles_words(vertex: httpx.Client) -> None:
    job_id = start(vertex, "gs://b/k").json()["id"]
    assert vertex.post(f"/fine_tuning/jobs/{job_id}/cancel").json() == {}
    response = vertex.get("/fine_tuning/jobs/none")
    assert (response.status_code, response.json()["error"]["status"]) == (404, "NOT_FOUND")
    assert "provider" not in response.json()
    response = start(vertex, "file-x")
    assert (response.status_code, response.json()["error"]["status"]) == (400, "INVALID_ARGUMENT")
    assert response.json()["provider"] == "vertex-ai"


def test_vertex_keeps_a_file_in_a_bucket(vertex: httpx.Client, gateway: FakeGateway, payloads: dict[str, Any]) -> None:
    file = put(vertex).json()
    assert file.keys() == payloads["files"]["vertex upload"].keys() - {"filename"}
    assert (file["create_at"], file["purpose"]) == (1_750_000_000_000, "fine-tune")
    request = gateway.requests[0]
    assert file["bytes"] == len(request.body) > len(GEMINI)
    shown = vertex.get(f"/files/{file['id']}").json()
    assert shown.keys() == {"bytes", "updatedAt", "createdAt", "id", "filename", "purpose", "status"}
    assert (shown["bytes"], shown["purpose"], shown["createdAt"]) == (len(GEMINI), None, 1_750_000_000_000)
    assert vertex.get(f"/files/{file['id']}/content").content == gateway.files[0].content == GEMINI


def test_vertex_takes_a_key(vertex: httpx.Client) -> None:
    file = put(vertex, headers={"x-portkey-provider-file-name": "key"}).json()
    assert (file["id"], file["filename"]) == ("gs%3A%2F%2Fbucket%2Fkey", "key")


@pytest.mark.parametrize(
    ("layout", "purpose"),
    [({"first": "file"}, ""), ({"purpose_type": "text/plain"}, "Content-Type: text/plain")],
)
def test_vertex_stores_an_empty_file_when_the_form_is_not_laid_out_as_it_likes(
    vertex: httpx.Client, gateway: FakeGateway, layout: dict[str, Any], purpose: str
) -> None:
    lost = put(vertex, **layout).json()
    assert (gateway.files[0].content, lost["purpose"], lost["status"]) == (b"", purpose, "processed")
    kept = put(vertex, **layout, headers={"x-portkey-file-purpose": "fine-tune"}).json()
    assert (gateway.files[1].content, kept["purpose"]) == (GEMINI, "fine-tune")


def test_vertex_decodes_what_it_reads_and_cuts_characters(vertex: httpx.Client, gateway: FakeGateway) -> None:
    put(vertex, CHAT.replace(b'"a"', b'"' + "€".encode() * 100_000 + b'"'))
    system = json.loads(gateway.files[0].content)["systemInstruction"]["parts"][0]["text"]
    assert 0 < system.count("\N{REPLACEMENT CHARACTER}") < 20
    put(vertex, CHAT.replace(b'"a"', b'"' + b"\\u00e9" * 100_000 + b'"'))
    assert "\N{REPLACEMENT CHARACTER}" not in gateway.files[1].content.decode()


def test_vertex_wants_bucket_and_model(vertex: httpx.Client) -> None:
    response = put(vertex, headers={"x-portkey-provider-model": ""})
    assert response.status_code == 400
    assert response.json()["error"].startswith("Invalid request, please provide ")


@pytest.mark.parametrize(
    "hyperparameters", [{"n_epochs": "auto"}, {"batch_size": 16}, {"batch_size": "ADAPTER_SIZE_NONE"}]
)
def test_vertex_wants_numbers_and_the_sizes_of_adapters(vertex: httpx.Client, hyperparameters: dict[str, Any]) -> None:
    response = start(vertex, "gs://b/k", hyperparameters=hyperparameters)
    assert (response.status_code, response.json()["error"]["status"]) == (400, "INVALID_ARGUMENT")


@pytest.mark.parametrize("size", [4, "ADAPTER_SIZE_SIXTEEN"])
def test_vertex_takes_a_batch_size_for_the_size_of_an_adapter(vertex: httpx.Client, size: object) -> None:
    job = start(vertex, "gs://b/k", hyperparameters={"batch_size": size}).json()
    assert job["hyperparameters"]["batch_size"] == "ADAPTER_SIZE_SIXTEEN"


@pytest.mark.parametrize("body", [{}, {"model": "m"}, {"model": "m", "training_file": "100%"}])
def test_vertex_refuses_an_incomplete_create(vertex: httpx.Client, body: object) -> None:
    response = vertex.post("/fine_tuning/jobs", json=body)
    assert response.status_code == (500 if "100%" in str(body) else 400)


def test_vertex_has_no_list_of_files_and_no_deletion(vertex: httpx.Client) -> None:
    response = vertex.get("/files")
    assert response.status_code == 500
    assert response.json() == {
        "message": "listFiles is not supported by Google Vertex AI",
        "status": "failure",
        "provider": "vertex-ai",
    }
    response = vertex.delete("/files/gs%3A%2F%2Fb%2Fk")
    assert (response.status_code, response.headers["content-type"]) == (400, "text/html; charset=utf-8")
    response = vertex.get("/files/gs%3A%2F%2Fb%2Fnone/content")
    assert (response.status_code, response.json()["message"]) == (500, "Something went wrong")
    response = vertex.get("/files/gs%3A%2F%2Fb%2Fnone")
    assert (response.status_code, list(response.json())) == (500, ["html-message"])


# Fireworks


@pytest.fixture
def fireworks(connect: Callable[..., httpx.Client], gateway: FakeGateway) -> httpx.Client:
    return connect(gateway, FIREWORKS)


def sized(content: bytes = CHAT) -> dict[str, str]:
    return {"x-portkey-file-upload-size": str(len(content))}


def test_fireworks_shows_a_job_in_its_own_words(
    fireworks: httpx.Client, clock: FakeClock, payloads: dict[str, Any]
) -> None:
    file_id = put(fireworks, headers=sized()).json()["id"]
    job = start(fireworks, file_id, suffix="s", hyperparameters={"n_epochs": 1, "learning_rate_multiplier": 0.1}).json()
    recorded = payloads["jobs"]["fireworks"]
    assert recorded.keys() <= job.keys()
    assert job["hyperparameters"] == recorded["hyperparameters"]
    model = f"accounts/fake/models/{job['id']}"
    assert (job["suffix"], job["fine_tuned_model"], job["completed_at"]) == (model, model, None)
    assert (job["status"], job["training_file"]) == ("queued", file_id)
    clock.advance(12)
    job = fireworks.get(f"/fine_tuning/jobs/{job['id']}").json()
    assert (job["completed_at"], job["status"]) == (1_750_000_012_000, "succeeded")
    page = fireworks.get("/fine_tuning/jobs").json()
    assert page.keys() == payloads["job_lists"]["fireworks list"].keys()


def test_fireworks_tells_a_failure(fireworks: httpx.Client, gateway: FakeGateway, payloads: dict[str, Any]) -> None:
    gateway.add_job(job_id="j", provider="fireworks-ai", script=JobScript.failing("x"), age=10)
    job = fireworks.get("/fine_tuning/jobs/j").json()
    assert job["error"] == payloads["jobs"]["fireworks failed"]["error"]


def test_fireworks_names_the_model_after_the_suffix_if_an_output_is_asked_for(
    fireworks: httpx.Client, gateway: FakeGateway
) -> None:
    gateway.add_file(file_id="d", provider="fireworks-ai")
    job = start(fireworks, "d", suffix="s", output_model="anything").json()
    assert (job["suffix"], job["fine_tuned_model"]) == ("accounts/acc/models/s",) * 2
    job = start(fireworks, "d", output_model="anything").json()
    assert job["suffix"] == "accounts/acc/models/undefined"


@pytest.mark.parametrize(
    "fields",
    [
        {"model": "accounts/fireworks/models/m"},
        {"training_file": "accounts/acc/datasets/d"},
        {"validation_file": "accounts/acc/datasets/d"},
        {"validation_file": "none"},
        {"hyperparameters": {"n_epochs": "auto"}},
    ],
)
def test_fireworks_takes_no_whole_names_which_the_gateway_doubles(
    fireworks: httpx.Client, gateway: FakeGateway, fields: dict[str, Any]
) -> None:
    gateway.add_file(file_id="d", provider="fireworks-ai")
    body = {"model": "m", "training_file": "d"}
    assert fireworks.post("/fine_tuning/jobs", json=body).status_code == 200
    assert fireworks.post("/fine_tuning/jobs", json=body | fields).status_code == 400


def test_fireworks_cancels_with_a_job_that_says_nothing(fireworks: httpx.Client, gateway: FakeGateway) -> None:
    gateway.add_job(job_id="j", provider="fireworks-ai")
    answer = fireworks.post("/fine_tuning/jobs/j/cancel").json()
    assert answer == {"hyperparameters": {}, "created_at": None, "status": "queued"}
    assert fireworks.get("/fine_tuning/jobs/j").json()["status"] == "cancelled"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "", 404),
        ("POST", "/cancel", 500),
        ("GET", "/events", 404),
        ("GET", "/checkpoints", 404),
    ],
)
def test_fireworks_refuses_without_a_word(fireworks: httpx.Client, method: str, path: str, status: int) -> None:
    response = fireworks.request(method, f"/fine_tuning/jobs/none{path}")
    assert (response.status_code, response.json()) == (status, {})


def test_fireworks_refuses_a_cursor_and_a_file_it_does_not_know(fireworks: httpx.Client) -> None:
    response = fireworks.get("/fine_tuning/jobs", params={"after": "j"})
    assert (response.status_code, response.json()) == (400, {})
    response = start(fireworks, "none")
    assert (response.status_code, response.json()) == (400, {})
    response = fireworks.post("/fine_tuning/jobs", json={"model": "m"})
    assert (response.status_code, response.json()) == (400, {})


def test_fireworks_keeps_a_data_set(
    connect: Callable[..., httpx.Client], clock: FakeClock, payloads: dict[str, Any]
) -> None:
    client = connect(FakeGateway(clock=clock, file_seconds=1), FIREWORKS)
    empty = client.get("/files").json()
    assert empty == {"object": "list", "data": [], "has_more": False, "total": 0}
    file = put(client, headers=sized()).json()
    assert file["create_at"] == 1_750_000_000_000
    shown = client.get(f"/files/{file['id']}").json()
    assert shown.keys() == payloads["files"]["fireworks"].keys()
    assert shown["status"] == "uploading"
    page = client.get("/files", params={"limit": 1}).json()
    assert page.keys() == payloads["file_lists"]["fireworks files"].keys()
    clock.advance(1)
    assert client.get(f"/files/{file['id']}").json()["status"] == "processed"
    # The gateway asks for the account instead.
    assert client.get(f"/files/{file['id']}/content").json() == {"name": "accounts/fake", "state": "READY"}
    assert client.delete(f"/files/{file['id']}").json() == {}
    assert client.get("/files").json()["total"] == 0


def test_fireworks_shows_one_page_of_files_and_says_that_there_are_more(
    fireworks: httpx.Client, gateway: FakeGateway
) -> None:
    for number in range(51):
        gateway.add_file(file_id=f"f{number}", provider="fireworks-ai")
    page = fireworks.get("/files", params={"after": "f3"}).json()
    assert (len(page["data"]), page["has_more"], page["total"]) == (50, True, 51)


@pytest.mark.parametrize(
    "headers",
    [{}, {"x-portkey-file-upload-size": "1"}, {"x-portkey-fireworks-account-id": ""}],
)
def test_fireworks_wants_account_and_size(fireworks: httpx.Client, headers: dict[str, str]) -> None:
    response = put(fireworks, headers=headers)
    assert (response.status_code, response.headers["content-type"]) == (500, "text/plain;charset=utf-8")


def test_fireworks_refuses_a_wrong_token_in_a_different_form_for_each_operation(
    connect: Callable[..., httpx.Client], gateway: FakeGateway
) -> None:
    client = connect(gateway, {name: value for name, value in FIREWORKS.items() if name != "authorization"})
    assert put(client, headers=sized()).text == "Incorrect API key provided: undefined."
    assert client.get("/files").json()["provider"] == "fireworks-ai"
    assert client.get("/files/d").json().keys() == {"code", "message", "details"}
    assert client.get("/fine_tuning/jobs").json() == {}


def test_fireworks_drops_lines_that_are_no_json_and_misses_their_bytes(
    fireworks: httpx.Client, gateway: FakeGateway
) -> None:
    content = b"\xef\xbb\xbf  " + CHAT + b"\r\n\r\n" + MUTE
    file = put(fireworks, content, headers=sized(CHAT + b"\n" + MUTE)).json()
    assert gateway.files[0].content == CHAT + b"\n" + MUTE + b"\n"
    assert file["bytes"] == len(gateway.files[0].content)
    content = CHAT + b"\nno json\n"
    assert put(fireworks, content, headers=sized(CHAT + b"\nno json")).status_code == 500


# Azure


@pytest.fixture
def azure(connect: Callable[..., httpx.Client], gateway: FakeGateway) -> httpx.Client:
    return connect(gateway, AZURE)


def test_azure_is_pending_in_most_answers_and_queued_in_one(
    azure: httpx.Client, upload: Callable[..., dict[str, Any]], clock: FakeClock, payloads: dict[str, Any]
) -> None:
    file = upload(azure)
    response = start(azure, file["id"], suffix="s")
    assert response.status_code == 201
    job = response.json()
    assert payloads["jobs"]["azure"].keys() <= job.keys()
    assert "error" not in job
    assert "organization_id" not in job
    assert job["status"] == azure.get("/fine_tuning/jobs").json()["data"][0]["status"] == "pending"
    assert azure.get(f"/fine_tuning/jobs/{job['id']}").json()["status"] == "queued"
    clock.advance(12)
    assert azure.get(f"/fine_tuning/jobs/{job['id']}").json()["status"] == "succeeded"
    assert azure.get(f"/fine_tuning/jobs/{job['id']}/checkpoints").json()["data"][0]["step_number"] == 120


@pytest.mark.parametrize(
    ("method", "stored"),
    [
        (
            {"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 2}}},
            {"hyperparameters": {"n_epochs": 2}},
        ),
        ({"type": "supervised", "supervised": {}}, {"hyperparameters": {}}),
        ("supervised", {"hyperparameters": {}}),
    ],
)
def test_azure_is_given_the_hyperparameters_at_the_top(
    azure: httpx.Client,
    upload: Callable[..., dict[str, Any]],
    gateway: FakeGateway,
    method: object,
    stored: dict[str, Any],
) -> None:
    response = start(azure, upload(azure)["id"], method=method, metadata={"a": "b"})
    assert response.is_success
    fields = dict(gateway.jobs[0].spec.fields)
    assert fields.pop("metadata") == {"a": "b"}
    assert fields == stored


@pytest.mark.parametrize("top", [{}, {"n_epochs": 1}])
def test_azure_is_given_the_method_beside_hyperparameters_even_if_they_are_empty(
    azure: httpx.Client, upload: Callable[..., dict[str, Any]], gateway: FakeGateway, top: dict[str, Any]
) -> None:
    fields = {"method": {"type": "dpo", "dpo": {"hyperparameters": {"beta": 0.1}}}, "hyperparameters": top}
    start(azure, upload(azure)["id"], **fields)
    assert gateway.jobs[0].received == {"model": "m", "training_file": gateway.files[0].id, **fields}


def test_azure_gets_no_form_with_a_token_unless_its_content_type_is_forwarded(azure: httpx.Client) -> None:
    token = {"x-portkey-azure-ad-token": "t"}
    assert put(azure, headers=token).status_code == 400
    assert put(azure, headers={**token, "x-portkey-forward-headers": "Content-Type"}).status_code == 201
    assert put(azure, headers={"x-portkey-azure-auth-mode": "managed"}).status_code == 400


def test_azure_words_an_unknown_purpose_in_its_own_way(azure: httpx.Client) -> None:
    response = azure.post("/files", data={"purpose": "fine-tuning"}, files={"file": ("a.jsonl", b"x")})
    error = response.json()["error"]
    assert (response.status_code, error["code"]) == (400, "invalidPayload")
    assert "Invalid value for purpose." in error["message"]


def test_azure_tells_a_failed_and_a_cancelled_job(azure: httpx.Client, gateway: FakeGateway) -> None:
    gateway.add_job(job_id="f", provider="azure-openai", script=JobScript.failing("bad", code="c"), age=10)
    gateway.add_job(job_id="c", provider="azure-openai")
    assert azure.get("/fine_tuning/jobs/f").json()["error"] == {"code": "c", "message": "bad", "param": None}
    assert azure.post("/fine_tuning/jobs/c/cancel").json()["status"] == "cancelled"


def test_azure_errors_lose_their_speaker_in_some_answers(azure: httpx.Client) -> None:
    answer = azure.get("/files/none").json()
    assert answer["provider"] == {}
    assert answer["error"]["message"].startswith("[object Headers] error: ")
    assert azure.get("/fine_tuning/jobs/none").json()["provider"] == "azure-openai"
    assert "provider" not in azure.post("/fine_tuning/jobs/none/cancel").json()


def test_azure_uploads_with_201(azure: httpx.Client) -> None:
    assert put(azure).status_code == 201


# OpenAI, against what is recorded


def test_openai_shows_what_is_recorded(
    client: httpx.Client, create: Callable[..., dict[str, Any]], payloads: dict[str, Any]
) -> None:
    job = create(client)
    recorded = payloads["jobs"]["openai newer"]
    assert recorded.keys() <= job.keys()
    file = client.get(f"/files/{job['training_file']}").json()
    assert file.keys() == payloads["files"]["openai user_data"].keys()


@pytest.mark.parametrize("provider", ["together-ai", "anthropic"])
def test_other_providers_have_no_fine_tuning(
    connect: Callable[..., httpx.Client], gateway: FakeGateway, provider: str
) -> None:
    client = connect(gateway, {"x-portkey-provider": provider})
    for path, function in (("", "createFinetune"), ("/j/cancel", "cancelFinetune")):
        response = client.post(f"/fine_tuning/jobs{path}", json={})
        assert response.status_code == 500
        assert response.json()["message"] == f"{function} is not supported by {provider}"
        assert response.headers["x-portkey-gateway-exception"] == "true"
    assert put(client).json()["message"] == "Something went wrong"
    assert "html-message" in client.get("/fine_tuning/jobs").json()
