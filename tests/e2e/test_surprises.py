"""What the gateway gets wrong, or does in its own way: it works through the SDK, or an error says so."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from portkey_ft import Portkey
from portkey_ft.datasets import DatasetError
from portkey_ft.errors import (
    APIStatusError,
    AuthenticationError,
    BadRequestError,
    InternalServerError,
    NotFoundError,
    NotSupportedError,
    PaginationError,
    PortkeyWarning,
    ResponseError,
)
from tests.e2e.cases import CASES, KEY, TRAINING
from tests.e2e.internet import Internet
from tests.e2e.wire import Response, as_json

Connect = Callable[..., Portkey]
PAIR = {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}
WITHOUT_SYSTEM = (json.dumps(PAIR) + "\n").encode() * 12


@pytest.mark.parametrize(
    ("given", "advice"),
    [
        ({"virtual_key": "vk-1"}, "a self-hosted gateway knows no virtual keys"),
        ({"config": "pc-1"}, "a self-hosted gateway knows no config ids"),
        ({"provider": "@mine"}, "known to the hosted gateway alone"),
        ({"provider": "openai", "authorization": KEY, "custom_host": "http://10.0.0.1/v1"}, "told to trust"),
    ],
)
def test_what_only_the_hosted_gateway_knows_is_explained(
    given: dict[str, str], advice: str, sync_client: Connect
) -> None:
    with pytest.raises(BadRequestError, match=advice):
        sync_client(**given).fine_tuning.jobs.retrieve("ftjob-1")


@pytest.mark.parametrize("provider", ["together-ai", "anthropic", "groq"])
def test_a_provider_without_fine_tuning_is_an_error(provider: str, sync_client: Connect) -> None:
    client = sync_client(provider=provider, authorization=KEY)
    with pytest.raises(NotSupportedError, match=provider):
        client.fine_tuning.jobs.create(model="m", training_file="f")


def test_a_wrong_key_is_an_authentication_error_that_does_not_show_it(internet: Internet, sync_client: Connect) -> None:
    client = sync_client(provider="openai", authorization="sk-quite-wrong-key")
    with pytest.raises(AuthenticationError) as caught:
        client.fine_tuning.jobs.list().to_list()
    assert "sk-quite-wrong-key" not in repr(caught.value) + str(caught.value)
    assert len(internet.backends["openai"].store.received) == 1


@pytest.mark.parametrize("provider", CASES)
def test_a_job_that_is_not_there_is_not_found(provider: str, sync_client: Connect) -> None:
    missing = "arn:aws:bedrock:us-east-1:1:model-customization-job/none" if provider == "bedrock" else "none"
    with pytest.raises(NotFoundError):
        sync_client(**CASES[provider].client()).fine_tuning.jobs.retrieve(missing)


def test_metadata_does_not_reach_openai(internet: Internet, sync_client: Connect) -> None:
    client = sync_client(**CASES["openai"].client())
    file = client.files.create(file=("t.jsonl", TRAINING))
    with pytest.warns(PortkeyWarning, match="metadata"):
        client.fine_tuning.jobs.create(
            model="m", training_file=file.id, metadata={"a": "b"}, extra_body={"new_field": 1}, suffix="s"
        )
    (job,) = internet.backends["openai"].store.jobs.values()
    assert set(job.asked) == {"model", "training_file", "suffix"}


def test_a_create_whose_job_id_the_gateway_loses_is_no_silent_success(internet: Internet, sync_client: Connect) -> None:
    internet.backends["azure-openai"].store.response = as_json(
        {"id": "ftjob-1", "status": "pending", "error": None}, 201
    )
    client = sync_client(**CASES["azure-openai"].client())
    with pytest.raises(APIStatusError, match="check before you send it again") as caught:
        client.fine_tuning.jobs.create(model="m", training_file="file-1")
    assert caught.value.status_code == 201
    assert len(internet.backends["azure-openai"].store.received) == 1


def test_an_upload_of_which_nothing_is_left_is_an_error(internet: Internet, sync_client: Connect) -> None:
    client = sync_client(**CASES["bedrock"].client())
    with pytest.raises(ResponseError, match="stored an empty file"):
        client.files.create(file=("t.jsonl", WITHOUT_SYSTEM), check=False)
    (stored,) = internet.backends["bedrock"].store.files.values()
    assert stored.content == b""


def test_examples_that_would_be_left_out_are_refused_before_anything_is_sent(
    internet: Internet, sync_client: Connect, tmp_path: Path
) -> None:
    """Unless the check is turned off: the gateway then stores the rest, and reports success."""
    path = tmp_path / "t.jsonl"
    path.write_bytes(TRAINING + WITHOUT_SYSTEM)
    client = sync_client(**CASES["bedrock"].client())
    for check in (None, True):
        with pytest.raises(DatasetError, match="system"):
            client.files.create(file=path, check=check)
    assert internet.backends["bedrock"].store.received == []
    assert client.files.create(file=path, check=False).status == "processed"
    (stored,) = internet.backends["bedrock"].store.files.values()
    assert stored.content.count(b"\n") == TRAINING.count(b"\n")


def test_bedrock_wants_jsonl(sync_client: Connect) -> None:
    client = sync_client(**CASES["bedrock"].client())
    with pytest.raises(DatasetError, match="file-name"):
        client.files.create(file=("t.txt", TRAINING))
    with pytest.raises(InternalServerError, match="only jsonl files are supported"):
        client.files.create(file=("t.txt", TRAINING), check=False)


def test_neither_limit_nor_cursor_reaches_bedrock(internet: Internet, sync_client: Connect) -> None:
    client = sync_client(**CASES["bedrock"].client())
    jobs = client.fine_tuning.jobs
    for _ in range(3):
        jobs.create(model="amazon.titan", training_file="s3://e2e-bucket/t", suffix="s", role_arn="arn:role")
    assert len(jobs.list(limit=2).to_list()) == 2
    assert len(jobs.list(page_size=1).to_list()) == 3
    jobs.create(model="amazon.titan", training_file="s3://e2e-bucket/t", suffix="s", role_arn="arn:role")
    assert len(jobs.list(limit=3).to_list()) == 3
    with pytest.raises(PaginationError, match="bedrock gives no cursor"):
        jobs.list(page_size=1).to_list()
    with pytest.raises(PaginationError, match="no cursor on to bedrock"):
        jobs.list(after="token-3").to_list()
    assert internet.backends["bedrock"].store.received[-1].query == {}


def test_a_vertex_job_without_hyperparameters_is_a_server_error(internet: Internet, sync_client: Connect) -> None:
    made_elsewhere = {
        "name": "projects/p/locations/l/tuningJobs/1",
        "state": "JOB_STATE_RUNNING",
        "supervisedTuningSpec": {"trainingDatasetUri": "gs://b/t"},
    }
    internet.backends["vertex-ai"].store.response = as_json(made_elsewhere)
    with pytest.raises(InternalServerError, match="Something went wrong"):
        sync_client(**CASES["vertex-ai"].client(), max_retries=0).fine_tuning.jobs.retrieve("1")


@pytest.mark.parametrize("provider", ["vertex-ai", "fireworks-ai"])
def test_uploads_do_not_go_to_a_custom_host(provider: str, internet: Internet, sync_client: Connect) -> None:
    case = CASES[provider]
    client = sync_client(**case.client(custom_host=case.custom_host(internet.url)))
    file = client.files.create(file=("t.jsonl", TRAINING))
    hosts = {request.host for request in internet.backends[provider].store.received}
    job = client.fine_tuning.jobs.create(model=case.model, training_file=file.id, suffix="s")
    assert not [host for host in hosts if host.startswith("custom")]
    assert internet.backends[provider].store.received[-1].host.startswith("custom")
    client.fine_tuning.jobs.cancel(job.id)
    deletes = [request.host for request in internet.backends[provider].store.received if request.method == "DELETE"]
    assert deletes == (["api.fireworks.ai"] if provider == "fireworks-ai" else [])


@pytest.mark.parametrize("kind", ["text/plain; charset=utf-8", "text/plain"])
def test_a_file_that_is_called_text_is_unwrapped(kind: str, internet: Internet, sync_client: Connect) -> None:
    internet.backends["openai"].store.response = Response(200, TRAINING, {"content-type": kind})
    assert sync_client(**CASES["openai"].client()).files.content("file-1").read() == TRAINING


@pytest.mark.parametrize("body", [b"", b"{", b"<html>", b"\xff\xfe", b"[1]", b"null", b"{}"])
@pytest.mark.parametrize("status", [200, 201, 500, 502, 503])
def test_nonsense_from_a_provider_is_an_error_and_one_create(
    body: bytes, status: int, internet: Internet, sync_client: Connect
) -> None:
    store = internet.backends["openai"].store
    store.response = Response(status, body, {"content-type": "application/json"})
    with pytest.raises((ResponseError, APIStatusError)):
        sync_client(**CASES["openai"].client()).fine_tuning.jobs.create(model="m", training_file="f")
    assert len(store.received) == 1


def test_an_unreachable_provider_is_a_server_error_and_one_create(sync_client: Connect) -> None:
    client = sync_client(provider="openai", authorization=KEY, custom_host="http://127.0.0.1:9/v1")
    with pytest.raises(InternalServerError, match="check before you send it again"):
        client.fine_tuning.jobs.create(model="m", training_file="f")


def test_ids_go_to_the_provider_encoded_once(internet: Internet, sync_client: Connect) -> None:
    client = sync_client(**CASES["bedrock"].client())
    job = client.fine_tuning.jobs.create(
        model="amazon.titan", training_file="s3://e2e-bucket/t", suffix="s", role_arn="arn:role"
    )
    for form in (
        job.id,
        "arn:aws:bedrock:us-east-1:123456789012:" + job.id.partition("123456789012%3A")[2].replace("%2F", "/"),
    ):
        assert client.fine_tuning.jobs.retrieve(form).id == job.id
    paths = {request.path for request in internet.backends["bedrock"].store.received if request.method == "GET"}
    assert paths == {f"/model-customization-jobs/{job.id}"}
