"""What the hosted gateway alone serves cannot be tried here: each request is judged by the document instead."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from portkey_ft import Config, Managed, Portkey, Provider, Supervised, VirtualKey
from tests.support.openapi_judge import problems

if TYPE_CHECKING:
    from portkey_ft.auth import Auth
    from tests.support.seam import Recorder

# Azure's route passes on everything; of the others, each drops something, which is refused.
MODES: Mapping[str, Auth] = {
    "virtual key": VirtualKey("vk-0123456789"),
    "id of a config": Config("pc-0123456789"),
    "config": Config({"provider": "azure-openai", "api_key": "sk-0123456789", "retry": {"attempts": 2}}),
    "provider": Provider("azure-openai", authorization="sk-0123456789"),
    "provider at a host": Provider("azure-openai", authorization="sk-0123456789", custom_host="https://llm.test/v1"),
}
#: What the hosted gateway takes by its documentation and the document does not describe: a provider that Portkey keeps
#: under a slug, and Portkey itself as the provider.
BEYOND: Mapping[str, Auth] = {"slug": Provider("@my-openai"), "managed": Managed()}

#: Each operation with everything that a caller can say.
RICH: Mapping[str, Callable[[Portkey], object]] = {
    "files.content": lambda client: client.files.content("file/1 ä").read(),
    "files.create": lambda client: client.files.create(file=('a "b".jsonl', b"{}\r\n--x\r\n"), purpose="batch"),
    "files.delete": lambda client: client.files.delete("s3%3A%2F%2Fbucket%2Fkey"),
    "files.list": lambda client: client.files.list(
        purpose="fine-tune", order="desc", after="a&b=c/ä", page_size=7
    ).first(),
    "files.retrieve": lambda client: client.files.retrieve("gs://bucket/ID"),
    "fine_tuning.jobs.cancel": lambda client: client.fine_tuning.jobs.cancel("arn:aws:bedrock:r:1:job/x"),
    "fine_tuning.jobs.checkpoints.list": lambda client: client.fine_tuning.jobs.checkpoints.list(
        "j", after="c", page_size=3
    ).first(),
    "fine_tuning.jobs.create": lambda client: client.fine_tuning.jobs.create(
        model="m",
        training_file="file-1",
        validation_file="file-2",
        suffix="s",
        seed=7,
        method=Supervised(n_epochs=2, batch_size=8, learning_rate_multiplier=0.5),
        hyperparameters={"n_epochs": 2},
        integrations=[{"type": "wandb", "wandb": {"project": "p"}}],
        metadata={"team": "ä"},
        job_name="j",
        role_arn="arn:aws:iam::1:role/r",
        output_file="s3://b/o",
        provider_options={"model": "amazon.titan-text-express-v1"},
        portkey_options={"x-portkey-provider": "@my-bedrock", "x-portkey-aws-s3-bucket": "b"},
    ),
    "fine_tuning.jobs.list": lambda client: client.fine_tuning.jobs.list(after="j", limit=3).first(),
    "fine_tuning.jobs.list_events": lambda client: client.fine_tuning.jobs.list_events("j", after="e", limit=3).first(),
    "fine_tuning.jobs.retrieve": lambda client: client.fine_tuning.jobs.retrieve("ftjob-ID"),
}


Asked = Callable[..., httpx.Request]
"""Takes an auth mode, and whether everything is said (``rich=``)."""


@pytest.fixture
def asked(recorder: Recorder, operation: str) -> Asked:
    """Call the operation in an auth mode, with little or with everything, and give the request."""

    def asked(mode: Auth, *, rich: bool) -> httpx.Request:
        recorder.requests.clear()
        if not rich:
            return recorder.call(operation, api_key="pk-0123456789", auth=mode)
        with recorder.client(api_key="pk-0123456789", auth=mode) as client:
            RICH[operation](client)
        # Where the provider is not known, a request that finds it out comes first.
        return recorder.requests[-1]

    return asked


def test_every_operation_is_asked_for_everything(called_operations: frozenset[str]) -> None:
    assert RICH.keys() == called_operations


@pytest.mark.parametrize("rich", [False, True])
@pytest.mark.parametrize("mode", MODES)
def test_the_document_has_nothing_against_a_request(
    mode: str,
    rich: bool,  # noqa: FBT001 - a parameter of the test
    asked: Asked,
    document: Mapping[str, Any],
) -> None:
    assert problems(document, asked(MODES[mode], rich=rich)) == []


@pytest.mark.parametrize("mode", BEYOND)
def test_what_goes_beyond_the_document_does_so_in_its_credentials_alone(
    mode: str, asked: Asked, document: Mapping[str, Any]
) -> None:
    (problem,) = problems(document, asked(BEYOND[mode], rich=True))
    assert "credentials alone" in problem


def test_the_hosted_gateway_of_the_document_is_where_a_client_goes_by_itself(document: Mapping[str, Any]) -> None:
    with Portkey(api_key="pk-0123456789", virtual_key="vk-0123456789") as client:
        for item in document["paths"].values():
            for described in item.values():
                assert client.base_url in [server["url"] for server in described["servers"]]


def _request(method: str, target: str, headers: Mapping[str, str] | None = None, **body: Any) -> httpx.Request:  # noqa: ANN401 - httpx's own
    let_in = {"x-portkey-api-key": "pk", "x-portkey-virtual-key": "vk"}
    return httpx.Request(method, f"https://g.test/v1{target}", headers={**let_in, **(headers or {})}, **body)


CREATE = {"model": "m", "training_file": "f"}
WRONG: Mapping[str, tuple[httpx.Request, str]] = {
    "method": (_request("PATCH", "/files"), "there is no PATCH /files"),
    "path": (_request("GET", "/files/a/b/c"), "there is no GET /files/a/b/c"),
    "type in the query": (_request("GET", "/files?limit=many"), "query limit: 'many' is not of type 'integer'"),
    "name in the query": (_request("GET", "/files?size=1"), "query size is not described"),
    "no credentials": (_request("GET", "/files", {"x-portkey-api-key": ""}), "no alternative has Virtual-Key"),
    "two modes": (_request("GET", "/files", {"x-portkey-config": "c"}), "no alternative has Config"),
    "a bearer too many": (_request("GET", "/files", {"authorization": "Bearer t"}), "Provider-Auth, Virtual-Key"),
    "a body too many": (_request("GET", "/files", json={}), "a body where none is described"),
    "content type": (_request("POST", "/fine_tuning/jobs", content=b"{}"), "content type '' is not described"),
    "field missing": (_request("POST", "/fine_tuning/jobs", json={"model": "m"}), "body: "),
    "type of a field": (_request("POST", "/fine_tuning/jobs", json={**CREATE, "seed": "7"}), "body: "),
    "part missing": (_request("POST", "/files", files={"file": b""}), "'purpose' is a required property"),
    "part too many": (
        _request("POST", "/files", files={"file": b""}, data={"purpose": "p", "x": "y"}),
        "Additional properties are not allowed",
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_the_judge_finds_what_is_wrong(what: str, document: Mapping[str, Any]) -> None:
    request, problem = WRONG[what]
    assert any(problem in one for one in problems(document, request))
