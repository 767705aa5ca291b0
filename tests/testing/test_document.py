"""The fake gateway says nothing that the document, with our overlay, does not allow."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from portkey_ft.testing import FakeClock, FakeGateway, JobScript

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

jsonschema = pytest.importorskip("jsonschema", reason="comes with the dependency group spec")

DOCUMENT = Path(__file__).parents[2] / "spec" / "openapi.yaml"

CHAT = (
    b'{"messages":[{"role":"system","content":"a"},{"role":"user","content":"b"},{"role":"assistant","content":"c"}]}'
)

PROVIDERS = {
    "openai": ({"x-portkey-virtual-key": "vk"}, "file-a"),
    "azure-openai": ({"x-portkey-provider": "azure-openai"}, "file-a"),
    "bedrock": (
        {
            "x-portkey-provider": "bedrock",
            "x-portkey-aws-s3-bucket": "b",
            "x-portkey-aws-bedrock-model": "amazon.titan",
            "x-portkey-file-purpose": "fine-tune",
        },
        "s3://b/k",
    ),
    "vertex-ai": (
        {
            "x-portkey-provider": "vertex-ai",
            "x-portkey-vertex-storage-bucket-name": "b",
            "x-portkey-provider-model": "m",
        },
        "gs://b/k",
    ),
    "fireworks-ai": (
        {
            "x-portkey-provider": "fireworks-ai",
            "authorization": "Bearer k",
            "x-portkey-fireworks-account-id": "a",
            "x-portkey-file-upload-size": str(len(CHAT)),
        },
        "file-a",
    ),
}


def plain(schema: Any) -> Any:  # noqa: ANN401 - any value that YAML has
    """Turn a schema of OpenAPI 3.0 into JSON Schema, reading ``nullable`` as the client's generator does."""
    match schema:
        case {"nullable": True, **rest}:
            return {"anyOf": [{"type": "null"}, plain(rest)]}
        case dict():
            return {name: plain(value) for name, value in schema.items()}
        case list():
            return [plain(value) for value in schema]
        case _:
            return schema


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """The document that the client is made from, with JSON Schema for schemas."""
    loaded: dict[str, Any] = plain(yaml.safe_load(DOCUMENT.read_text("utf-8")))
    return loaded


def complaints(document: dict[str, Any], method: str, path: str, answer: object) -> list[str]:
    """Return what a JSON answer violates of the document."""
    schema = document["paths"][path][method]["responses"]["200"]["content"]["application/json"]["schema"]
    whole = {"components": document["components"], "allOf": [schema]}
    validator = jsonschema.Draft202012Validator(whole)
    return [f"{method} {path} {error.json_path}: {error.message}" for error in validator.iter_errors(answer)]


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("outcome", ["succeeded", "failed", "hibernating"])
def test_every_answer_conforms_to_the_document(
    connect: Callable[..., httpx.Client], document: dict[str, Any], provider: str, outcome: str
) -> None:
    clock = FakeClock()
    headers, training_file = PROVIDERS[provider]
    gateway = FakeGateway(clock=clock, script=JobScript(outcome=outcome))
    gateway.add_file(file_id="file-a", provider=provider)
    client = connect(gateway, headers)
    found: list[str] = []

    def ask(method: str, path: str, *, identifier: str = "", **options: Any) -> Any:  # noqa: ANN401 - what httpx takes
        response = client.request(
            method, path.replace("{file_id}", identifier).replace("{job_id}", identifier), **options
        )
        if response.is_success and "html-message" not in response.json():
            place = path.replace("{job_id}", "{fine_tuning_job_id}")
            found.extend(complaints(document, method.lower(), place, response.json()))
        return response.json() if response.headers["content-type"] == "application/json" else None

    form = [("purpose", (None, b"fine-tune")), ("file", ("a.jsonl", CHAT))]
    file_id = ask("POST", "/files", files=form)["id"]
    ask("GET", "/files")
    ask("GET", "/files/{file_id}", identifier=file_id)
    ask("DELETE", "/files/{file_id}", identifier=file_id)
    body = {"model": "m", "training_file": training_file, "role_arn": "r", "suffix": "s"}
    job_id = ask("POST", "/fine_tuning/jobs", json=body)["id"]
    ask("POST", "/fine_tuning/jobs", json=body)
    for _ in range(14):
        ask("GET", "/fine_tuning/jobs/{job_id}", identifier=job_id)
        clock.advance(1)
    ask("GET", "/fine_tuning/jobs")
    if provider in {"openai", "azure-openai"}:
        ask("GET", "/fine_tuning/jobs/{job_id}/events", identifier=job_id)
        ask("GET", "/fine_tuning/jobs/{job_id}/checkpoints", identifier=job_id)
    gateway.script_next(JobScript())
    ask("POST", "/fine_tuning/jobs/{job_id}/cancel", identifier=ask("POST", "/fine_tuning/jobs", json=body)["id"])
    # These say next to nothing after a cancel, which no document could call a job.
    silent = provider in {"bedrock", "vertex-ai", "fireworks-ai"}
    nameless = "post /fine_tuning/jobs/{fine_tuning_job_id}/cancel $: 'id' is a required property"
    assert found == ([nameless] if silent else [])
