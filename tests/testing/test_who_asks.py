from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from portkey_ft import Portkey
from portkey_ft.auth import Managed
from portkey_ft.errors import BadRequestError
from portkey_ft.testing import FakeClock, FakeGateway

if TYPE_CHECKING:
    from collections.abc import Callable

NEITHER = "Either x-portkey-config or x-portkey-provider header is required"
FILES = {"files": {"purpose": (None, b"fine-tune"), "file": ("a.jsonl", b"x")}}


def config(**fields: object) -> dict[str, str]:
    return {"x-portkey-config": json.dumps(fields)}


def test_what_one_key_has_made_no_other_key_sees(
    connect: Callable[..., httpx.Client], gateway: FakeGateway, create: Callable[..., dict[str, Any]], clock: FakeClock
) -> None:
    mine = connect(gateway, {"x-portkey-api-key": "mine", "x-portkey-virtual-key": "vk"})
    yours = connect(gateway, {"x-portkey-api-key": "yours", "x-portkey-virtual-key": "vk"})
    job = create(mine)
    clock.advance(12)
    file_ids = [file["id"] for file in mine.get("/files").json()["data"]]
    assert len(file_ids) == 2
    assert yours.get("/fine_tuning/jobs").json()["data"] == yours.get("/files").json()["data"] == []
    for path in ("", "/events", "/checkpoints"):
        assert yours.get(f"/fine_tuning/jobs/{job['id']}{path}").status_code == 404
    assert yours.post(f"/fine_tuning/jobs/{job['id']}/cancel").status_code == 404
    for file_id in file_ids:
        assert yours.get(f"/files/{file_id}").status_code == 404
        assert yours.get(f"/files/{file_id}/content").status_code == 404
        assert yours.delete(f"/files/{file_id}").status_code == 404
    body = {"model": "m", "training_file": job["training_file"]}
    assert yours.post("/fine_tuning/jobs", json=body).status_code == 400


def test_two_keys_may_have_jobs_of_one_name(connect: Callable[..., httpx.Client], gateway: FakeGateway) -> None:
    for key in ("mine", "yours"):
        gateway.add_job(job_id="ftjob-same", api_key=key)
    gateway.add_file(file_id="file-mine", api_key="mine")
    mine = connect(gateway, {"x-portkey-api-key": "mine", "x-portkey-virtual-key": "vk"})
    yours = connect(gateway, {"x-portkey-api-key": "yours", "x-portkey-virtual-key": "vk"})
    assert mine.post("/fine_tuning/jobs/ftjob-same/cancel").json()["status"] == "cancelled"
    assert yours.get("/fine_tuning/jobs/ftjob-same").json()["status"] == "validating_files"
    assert (mine.get("/files/file-mine").status_code, yours.get("/files/file-mine").status_code) == (200, 404)


def test_providers_do_not_share_jobs(connect: Callable[..., httpx.Client], gateway: FakeGateway) -> None:
    gateway.add_job(job_id="j", provider="fireworks-ai")
    client = connect(gateway)
    assert client.get("/fine_tuning/jobs/j").status_code == 404


@pytest.mark.parametrize("headers", [{}, {"x-portkey-api-key": "wrong"}])
def test_unknown_keys_are_kept_out_when_keys_are_given(
    connect: Callable[..., httpx.Client], clock: FakeClock, headers: dict[str, str]
) -> None:
    client = connect(FakeGateway(clock=clock, api_keys=["right"]), {"x-portkey-virtual-key": "vk", **headers})
    response = client.get("/files")
    assert response.status_code == 401
    assert response.json() == {"status": "failure", "message": "Portkey Error: Invalid API Key. Error Code: 03"}
    assert client.get("/files", headers={"x-portkey-api-key": "right"}).status_code == 200


@pytest.mark.parametrize(
    ("headers", "provider", "option"),
    [
        ({"x-portkey-virtual-key": "vk-bedrock"}, "bedrock", "config"),
        ({"x-portkey-provider": "@vk-bedrock"}, "bedrock", "config"),
        ({"x-portkey-provider": "openai", "authorization": "Bearer k"}, "openai", "config"),
        ({"x-portkey-config": "pc-vertex"}, "vertex-ai", "config"),
        (config(provider="openai", api_key="k"), "openai", "config"),
        (config(provider="bedrock", aws_region="eu"), "bedrock", "config"),
        (config(virtual_key="vk-bedrock"), "bedrock", "config"),
        (config(strategy={}, targets=[{"virtual_key": "vk-bedrock"}]), "bedrock", "config.targets[0]"),
        ({**config(retry={"attempts": 2}), "x-portkey-provider": "openai", "authorization": "k"}, "openai", "config"),
        ({**config(retry={}), "x-portkey-virtual-key": "vk-bedrock"}, "bedrock", "config"),
    ],
)
def test_the_provider_follows_from_the_headers(
    connect: Callable[..., httpx.Client], clock: FakeClock, headers: dict[str, str], provider: str, option: str
) -> None:
    gateway = FakeGateway(clock=clock, virtual_keys={"vk-bedrock": "bedrock"}, configs={"pc-vertex": "vertex-ai"})
    response = connect(gateway, headers).get("/fine_tuning/jobs", headers={"x-portkey-trace-id": "t"})
    assert response.status_code == 200, response.text
    told = {name: value for name, value in response.headers.items() if name.startswith("x-portkey-")}
    assert told == {
        "x-portkey-cache-status": "DISABLED",
        "x-portkey-last-used-option-index": option,
        "x-portkey-provider": provider,
        "x-portkey-retry-attempt-count": "0",
        "x-portkey-trace-id": "t",
    }


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        ({"x-portkey-virtual-key": "nobody"}, "Invalid virtual key passed"),
        ({"x-portkey-provider": "@nobody"}, "Invalid provider passed"),
        ({"x-portkey-provider": "nobody"}, "Invalid provider passed"),
        ({"x-portkey-config": "pc-nobody"}, "Invalid config passed. You need to pass a valid json"),
        ({"x-portkey-config": "{"}, "Invalid config passed. You need to pass a valid json"),
        (config(provider="openai"), "Invalid config passed"),
        (config(provider="nobody"), "Invalid provider passed"),
        (config(targets=[{"virtual_key": "nobody"}]), "Invalid virtual key passed"),
        (config(provider="openai", api_key="k", custom_host="http://10.0.0.1/v1"), "Invalid config passed"),
    ],
)
def test_the_gateway_refuses_what_it_cannot_place(
    connect: Callable[..., httpx.Client], clock: FakeClock, headers: dict[str, str], message: str
) -> None:
    client = connect(FakeGateway(clock=clock, virtual_keys={}, configs={}), headers)
    response = client.get("/files")
    assert (response.status_code, response.json()["message"]) == (400, message)
    assert response.json()["status"] == "failure"
    assert not [name for name in response.headers if name.startswith("x-portkey-")]


@pytest.mark.parametrize("headers", [{}, {"x-portkey-api-key": "k"}, config(retry={}), config(targets=[])])
def test_without_a_provider_the_fake_says_what_it_received(
    connect: Callable[..., httpx.Client], gateway: FakeGateway, headers: dict[str, str]
) -> None:
    response = connect(gateway, headers).get("/files")
    assert (response.status_code, response.json()["status"]) == (400, "failure")
    message = response.json()["message"]
    assert message.startswith(f"{NEITHER} (the fake gateway received no provider, ")
    assert f"x-portkey headers received: {', '.join(headers) or 'none'}." in message
    assert "@slug" in message


def test_what_managed_sends_gets_a_hint(gateway: FakeGateway) -> None:
    with httpx.Client(transport=gateway.transport()) as http_client:
        client = Portkey(api_key="pk", auth=Managed(), base_url="https://gateway.test/v1", http_client=http_client)
        with pytest.raises(BadRequestError, match=r"Managed\(\) .* pass provider=\"@slug\"") as caught:
            client.files.list().to_list()
    assert "x-portkey headers received: x-portkey-api-key." in str(caught.value)
    assert "self-hosted" not in str(caught.value)


def test_without_mappings_any_virtual_key_and_any_config_id_stand_for_openai(
    connect: Callable[..., httpx.Client], gateway: FakeGateway
) -> None:
    for name, value in (("virtual-key", "any"), ("config", "pc-any"), ("provider", "@any")):
        headers = {f"x-portkey-{name}": value}
        assert connect(gateway, headers).get("/files").headers["x-portkey-provider"] == "openai"
    for fields in ({"virtual_key": "any"}, {"provider": "@any"}):
        assert connect(gateway, config(**fields)).get("/files").headers["x-portkey-provider"] == "openai"


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("http://127.0.0.1:8000/v1", 200),
        ("https://models.example.com/v1", 200),
        ("http://8.8.8.8/v1", 200),
        ("http://10.0.0.1/v1", 400),
        ("http://169.254.169.254/", 400),
        ("http://[::1]/v1", 400),
        ("http://[broken/v1", 400),
        ("ftp://example.com", 400),
        ("https://user:pass@example.com", 400),
        ("https://api.portkey.ai/v1", 400),
        ("nothing", 400),
    ],
)
def test_only_some_hosts_may_be_custom(
    connect: Callable[..., httpx.Client], gateway: FakeGateway, host: str, status: int
) -> None:
    headers = {"x-portkey-provider": "openai", "authorization": "Bearer k", "x-portkey-custom-host": host}
    response = connect(gateway, headers).get("/files")
    assert response.status_code == status
    if status == 400:
        assert response.json() == {"status": "failure", "message": "Invalid custom host"}


CHAT = (
    b'{"messages":[{"role":"system","content":"a"},{"role":"user","content":"b"},{"role":"assistant","content":"c"}]}'
)


@pytest.mark.parametrize(
    ("fields", "headers"),
    [
        (
            {"provider": "bedrock", "aws_s3_bucket": "b", "aws_bedrock_model": "titan"},
            {"x-portkey-file-purpose": "fine-tune", "x-portkey-aws-s3-bucket": "wrong"},
        ),
        (
            {"provider": "vertex-ai", "vertex_storage_bucket_name": "b", "vertex_model_name": "gemini"},
            {"x-portkey-vertex-storage-bucket-name": "wrong"},
        ),
        (
            {"provider": "fireworks-ai", "fireworks_account_id": "a", "fireworks_file_length": len(CHAT)},
            {"x-portkey-file-upload-size": "1"},
        ),
        ({"provider": "azure-openai", "azure_ad_token": "t", "forward_headers": ["content-type"]}, {}),
    ],
    ids=lambda value: value.get("provider", ""),
)
def test_a_config_that_names_the_provider_has_the_settings_of_an_upload_too(
    connect: Callable[..., httpx.Client], gateway: FakeGateway, fields: dict[str, Any], headers: dict[str, str]
) -> None:
    client = connect(gateway, {**config(**fields), **headers})
    files = {"purpose": (None, b"fine-tune"), "file": ("a.jsonl", CHAT, "application/octet-stream")}
    response = client.post("/files", files=files)
    assert response.is_success, response.text
    assert gateway.files[0].content
    assert "wrong" not in response.json()["id"]
    # Without them in the config, those in the headers count for nothing.
    lacking = {name: value for name, value in fields.items() if name in {"provider", "azure_ad_token"}}
    client = connect(gateway, {**config(**lacking), **headers})
    assert client.post("/files", files=files).is_error


@pytest.mark.parametrize(
    ("headers", "account"),
    [
        (config(provider="fireworks-ai", fireworks_account_id="top"), "top"),
        (config(targets=[{"provider": "fireworks-ai", "fireworks_account_id": "inner"}]), "undefined"),
        (config(targets=[{"provider": "fireworks-ai"}], fireworks_account_id="top"), "top"),
        ({"x-portkey-virtual-key": "vk"}, "fake"),
    ],
)
def test_the_account_in_the_body_comes_from_headers_or_the_top_of_the_config(
    connect: Callable[..., httpx.Client], clock: FakeClock, headers: dict[str, str], account: str
) -> None:
    gateway = FakeGateway(clock=clock, virtual_keys={"vk": "fireworks-ai"})
    gateway.add_file(file_id="d", provider="fireworks-ai")
    response = connect(gateway, headers).post("/fine_tuning/jobs", json={"model": "m", "training_file": "d"})
    if account == "undefined":
        assert (response.status_code, gateway.jobs) == (400, ())
    else:
        assert gateway.jobs[0].received["dataset"] == f"accounts/{account}/datasets/d"


@pytest.mark.parametrize("provider", ["openai", "fireworks-ai"])
def test_without_a_token_it_is_the_provider_that_refuses(
    connect: Callable[..., httpx.Client], gateway: FakeGateway, provider: str
) -> None:
    response = connect(gateway, {"x-portkey-provider": provider}).get("/files")
    assert response.status_code == 401
    assert response.json()["provider"] == provider
    assert response.headers["x-portkey-provider"] == provider


@pytest.mark.parametrize(("content_type", "status"), [("text/plain", 400), ("audio/wav", 500)])
def test_only_some_content_types_are_let_in(client: httpx.Client, content_type: str, status: int) -> None:
    response = client.post("/fine_tuning/jobs", content=b"x", headers={"content-type": content_type})
    assert response.status_code == status


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PATCH", "/fine_tuning/jobs"),
        ("PUT", "/files"),
        ("GET", "/nowhere"),
        ("GET", "/fine_tuning/jobs/"),
        ("GET", "/fine_tuning/jobs/a/b"),
        ("DELETE", "/fine_tuning/jobs/a"),
        ("GET", "/fine_tuning"),
        ("GET", "/../files"),
        ("GET", "/%2e%2E/%2e"),
    ],
)
def test_other_routes_are_not_found(client: httpx.Client, method: str, path: str) -> None:
    response = client.request(method, path)
    assert response.status_code == 404
    assert response.json() == {"message": "Not Found", "ok": False}


def test_encoded_dots_lead_elsewhere_as_they_do_in_the_gateway(client: httpx.Client) -> None:
    assert client.get("/files/%2e%2e/files").json()["object"] == "list"


def test_the_front_door_says_hey(gateway: FakeGateway, connect: Callable[..., httpx.Client]) -> None:
    client = connect(gateway, {})
    assert client.get(client.base_url.copy_with(path="/")).text == "AI Gateway says hey!"


def test_what_arrived_can_be_looked_at(gateway: FakeGateway, client: httpx.Client) -> None:
    client.post("/fine_tuning/jobs", params={"a": "b c"}, json={"model": "m"})
    client.get("/nowhere")
    record, lost = gateway.requests
    assert (record.method, record.path, record.query) == ("POST", "/v1/fine_tuning/jobs", {"a": "b c"})
    assert (record.operation, record.status, record.trace_id) == ("fine_tuning.jobs.create", 400, "trace-fake000001")
    assert record.headers["x-portkey-api-key"] == "key"
    assert record.json() == {"model": "m"}
    assert (lost.operation, lost.body, lost.jobs) == (None, b"", ())


def test_no_repr_shows_a_credential(
    clock: FakeClock, connect: Callable[..., httpx.Client], create: Callable[..., dict[str, Any]]
) -> None:
    secret = "sk-canary-0123456789"
    gateway = FakeGateway(clock=clock, api_keys=[secret], virtual_keys={secret: "openai"}, configs={secret: "openai"})
    client = connect(gateway, {"x-portkey-api-key": secret, "x-portkey-virtual-key": secret, "authorization": secret})
    create(client, suffix="s")
    client.post("/fine_tuning/jobs", json={"portkey_options": {"x-portkey-virtual-key": secret}})
    azure = connect(gateway, {"x-portkey-api-key": secret, "x-portkey-provider": "azure-openai"})
    create(azure, portkey_options={"x-portkey-virtual-key": secret})
    assert len(gateway.jobs) == 2
    shown = repr([gateway, gateway.requests, gateway.jobs, gateway.files])
    assert secret not in shown
    assert "x-portkey-api-key" in shown


def test_a_key_alone_is_a_key_and_not_its_letters(connect: Callable[..., httpx.Client], clock: FakeClock) -> None:
    client = connect(FakeGateway(clock=clock, api_keys="key"))
    assert client.get("/files").status_code == 200
    assert client.get("/files", headers={"x-portkey-api-key": "k"}).status_code == 401


def test_a_provider_that_nobody_knows_is_refused_where_it_is_named(gateway: FakeGateway) -> None:
    for prepare in (
        lambda: FakeGateway(virtual_keys={"secret": "bedrok"}),
        lambda: FakeGateway(configs={"secret": "bedrok"}),
        lambda: gateway.add_job(provider="bedrok"),
        lambda: gateway.add_file(provider="bedrok"),
        lambda: gateway.add_file(provider="anthropic bedrok"),
    ):
        with pytest.raises(ValueError, match="bedrok") as raised:
            prepare()
        assert "secret" not in str(raised.value)
