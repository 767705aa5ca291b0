"""The table of operations is the selection, and each operation sends what the document describes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from portkey_ft import DPO
from portkey_ft._api.operations import OPERATIONS

if TYPE_CHECKING:
    from tests.support.seam import Recorder


def _wanted(document: Mapping[str, Any]) -> set[tuple[str, str]]:
    """Give the operations that were selected, and those that the overlay adds."""
    return {(method.upper(), path) for path, item in document["paths"].items() for method in item}


def _template(path: str, wanted: set[tuple[str, str]]) -> str:
    """Give the template that a path with the id ``ID`` was made from."""
    shapes = {"/".join("ID" if part.startswith("{") else part for part in path.split("/")): path for _, path in wanted}
    return shapes[path.removeprefix("/v1")]


def test_every_row_is_called_here(called_operations: frozenset[str]) -> None:
    assert {row.name for row in OPERATIONS} == called_operations


def test_every_selected_operation_is_in_the_document(selection: Mapping[str, Any], document: Mapping[str, Any]) -> None:
    assert {(entry["method"], entry["path"]) for entry in selection["operation"]} <= _wanted(document)


def test_rows_and_operations_of_the_document_are_the_same(recorder: Recorder, document: Mapping[str, Any]) -> None:
    wanted = _wanted(document)
    for row in OPERATIONS:
        recorder.call(row.name)
    # A list's first page and a created job need one request each; nothing else may have been sent.
    sent = {(request.method, _template(request.url.path, wanted)) for request in recorder.requests}
    assert sent == wanted
    assert len(OPERATIONS) == len(wanted)


def test_each_row_is_built_by_the_module_that_bears_our_name(document: Mapping[str, Any]) -> None:
    built = {row.build.__module__.rpartition(".")[2] for row in OPERATIONS}
    assert built == {one["operationId"] for item in document["paths"].values() for one in item.values()}


def test_every_query_parameter_is_in_the_document(
    recorder: Recorder, operation: str, document: Mapping[str, Any]
) -> None:
    request = recorder.call(operation)
    described = document["paths"][_template(request.url.path, _wanted(document))][request.method.lower()]
    known = {one["name"] for one in described.get("parameters", ()) if one["in"] == "query"}
    assert set(request.url.params) <= known


GOLDEN: Mapping[str, tuple[str, str, object]] = {
    "fine_tuning.jobs.create": ("POST", "/v1/fine_tuning/jobs", {"model": "m", "training_file": "file-1"}),
    "fine_tuning.jobs.list": ("GET", "/v1/fine_tuning/jobs?after=ftjob-0&limit=3", None),
    "fine_tuning.jobs.retrieve": ("GET", "/v1/fine_tuning/jobs/ID", None),
    "fine_tuning.jobs.cancel": ("POST", "/v1/fine_tuning/jobs/ID/cancel", None),
    "fine_tuning.jobs.pause": ("POST", "/v1/fine_tuning/jobs/ID/pause", None),
    "fine_tuning.jobs.resume": ("POST", "/v1/fine_tuning/jobs/ID/resume", None),
    "fine_tuning.jobs.list_events": ("GET", "/v1/fine_tuning/jobs/ID/events", None),
    "fine_tuning.jobs.checkpoints.list": ("GET", "/v1/fine_tuning/jobs/ID/checkpoints", None),
    "files.list": ("GET", "/v1/files?after=f&limit=2&order=asc&purpose=fine-tune", None),
    "files.retrieve": ("GET", "/v1/files/ID", None),
    "files.delete": ("DELETE", "/v1/files/ID", None),
    "files.content": ("GET", "/v1/files/ID/content", None),
}


def test_each_operation_sends_exactly_this(recorder: Recorder, operation: str) -> None:
    request = recorder.call(operation)
    if operation == "files.create":
        assert (request.method, request.url.raw_path) == ("POST", b"/v1/files")
        return
    method, target, body = GOLDEN[operation]
    path, _, query = request.url.raw_path.decode().partition("?")
    sent_query = "&".join(sorted(query.split("&")))
    assert (request.method, f"{path}?{sent_query}" if query else path) == (method, target)
    assert (json.loads(request.content) if request.content else None) == body


def test_requests_carry_these_headers_and_no_others(recorder: Recorder, operation: str) -> None:
    request = recorder.call(operation)
    ours = {"x-portkey-api-key": "pk-0123456789", "x-portkey-virtual-key": "vk-0123456789"}
    technical = {"host", "accept", "accept-encoding", "connection", "user-agent", "content-length"}
    extra = {name: value for name, value in request.headers.items() if name not in technical}
    if operation == "files.create":
        assert extra.pop("content-type").startswith("multipart/form-data; boundary=")
        assert extra.pop("x-portkey-file-purpose") == "fine-tune"
    elif operation == "fine_tuning.jobs.create":
        assert extra.pop("content-type") == "application/json"
    assert extra == ours
    assert request.headers["user-agent"].startswith("portkey-ft/")


def test_an_upload_is_a_form_with_the_purpose_before_the_file(recorder: Recorder) -> None:
    request = recorder.call("files.create")
    boundary = request.headers["content-type"].partition("boundary=")[2].encode()
    assert request.content == (
        b"--" + boundary + b'\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nfine-tune\r\n'
        b"--" + boundary + b'\r\nContent-Disposition: form-data; name="file"; filename="train.jsonl"\r\n'
        b"Content-Type: application/octet-stream\r\n\r\n{}\n\r\n"
        b"--" + boundary + b"--\r\n"
    )
    assert request.headers["content-length"] == str(len(request.content))


def test_an_upload_has_the_demanded_fields_of_the_document_and_no_others(
    recorder: Recorder, document: Mapping[str, Any]
) -> None:
    request = recorder.call("files.create")
    fields = {
        part.split(b'"')[1].decode() for part in request.content.split(b"form-data; name=")[1:] for part in [part]
    }
    schema = document["components"]["schemas"]["CreateFileRequest"]
    # What was not asked for is not sent, a field with a default neither.
    assert set(schema["required"]) <= fields == {"file", "purpose"} <= set(schema["properties"])


def test_a_create_with_everything_sends_everything_and_every_field_is_in_the_document(
    recorder: Recorder, document: Mapping[str, Any]
) -> None:
    with recorder.client(api_key="pk-0123456789", virtual_key="vk-0123456789") as client:
        client.fine_tuning.jobs.create(
            model="m",
            training_file="file-1",
            validation_file="file-2",
            suffix="s",
            seed=7,
            method=DPO(n_epochs=2, beta=0.5),
            hyperparameters={"n_epochs": 2},
            integrations=[{"type": "wandb", "wandb": {"project": "p"}}],
            metadata={"team": "a"},
            job_name="j",
            role_arn="arn:aws:iam::1:role/r",
            output_file="s3://b/o",
            provider_options={"model": "pm"},
            portkey_options={"x-portkey-provider": "@p"},
            extra_body={"customization_type": "FINE_TUNING"},
        )
    body = json.loads(recorder.requests[-1].content)
    assert body == {
        "model": "m",
        "training_file": "file-1",
        "validation_file": "file-2",
        "suffix": "s",
        "seed": 7,
        "method": {"type": "dpo", "dpo": {"hyperparameters": {"n_epochs": 2, "beta": 0.5}}},
        "hyperparameters": {"n_epochs": 2},
        "integrations": [{"type": "wandb", "wandb": {"project": "p"}}],
        "metadata": {"team": "a"},
        "job_name": "j",
        "role_arn": "arn:aws:iam::1:role/r",
        "output_file": "s3://b/o",
        "provider_options": {"model": "pm"},
        "portkey_options": {"x-portkey-provider": "@p"},
        "customization_type": "FINE_TUNING",
    }
    schemas = document["components"]["schemas"]
    known = set(schemas["OpenAIFinetuneJob"]["properties"]) | set(schemas["PortkeyFinetuneJob"]["properties"])
    assert set(body) - known == {"customization_type"}


def test_a_create_needs_no_more_than_the_facade_demands(document: Mapping[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    forms = (schemas["OpenAIFinetuneJob"], schemas["PortkeyFinetuneJob"])
    demanded = {name for form in forms for name in form.get("required", ())}
    assert demanded == {"model", "training_file"}
