"""Each operation, in all ways, against a whole gateway and against the odd answers of its providers."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from portkey_ft import (
    APIStatusError,
    Checkpoint,
    ConfigurationError,
    DeletedFile,
    FineTuningEvent,
    NotFoundError,
    NotSupportedError,
    Supervised,
)
from portkey_ft.testing import FakeGateway, Fault, JobScript

if TYPE_CHECKING:
    from tests.support.ways import Way, Wire

pytestmark = pytest.mark.anyio


async def test_a_jobs_whole_life(way: Way, gateway: FakeGateway) -> None:
    client = way.client(gateway)
    file = await way.get(client.files.create(file=("train.jsonl", b'{"messages":[]}\n' * 10)))
    assert (file.filename, file.bytes, file.purpose) == ("train.jsonl", 160, "fine-tune")
    job = await way.get(
        client.fine_tuning.jobs.create(model="gpt-4o-mini", training_file=file.id, suffix="mine", seed=3)
    )
    assert (job.status, job.model, job.training_file, job.is_final) == (
        "validating_files",
        "gpt-4o-mini",
        file.id,
        False,
    )
    assert (await way.get(client.fine_tuning.jobs.wait(job.id))).succeeded
    job = await way.get(client.fine_tuning.jobs.retrieve(job.id))
    assert job.fine_tuned_model
    assert job.trained_tokens
    events = await way.items(client.fine_tuning.jobs.list_events(job.id))
    assert all(isinstance(event, FineTuningEvent) for event in events)
    assert len({event.id for event in events}) == len(events) > 5
    checkpoints = client.fine_tuning.jobs.checkpoints.list(job.id, page_size=5)
    found = await way.items(checkpoints)
    assert all(isinstance(checkpoint, Checkpoint) for checkpoint in found)
    assert len(found) == JobScript().checkpoints
    best = await way.get(checkpoints.best())
    assert best.metrics.full_valid_loss == min(checkpoint.metrics.full_valid_loss for checkpoint in found)
    assert [one.id for one in await way.items(client.fine_tuning.jobs.list())] == [job.id]
    assert [one.id for one in await way.items(client.files.list(purpose="fine-tune"))] == [file.id]
    assert (await way.get(client.files.retrieve(file.id))).id == file.id
    content = await way.get(client.files.content(file.id))
    assert await way.get(content.read()) == b'{"messages":[]}\n' * 10
    assert await way.get(client.files.delete(file.id)) == DeletedFile(id=file.id, object="file")
    with pytest.raises(NotFoundError):
        await way.get(client.files.retrieve(file.id))


FILE_IDS = {
    "openai": "file-1",
    "azure-openai": "file-1",
    "bedrock": "s3://bucket/train.jsonl",
    "vertex-ai": "gs://bucket/train.jsonl",
    "fireworks-ai": "dataset-1",
}


async def test_a_job_is_cancelled(way: Way, gateway: FakeGateway) -> None:
    job = gateway.add_job()
    cancelled = await way.get(way.client(gateway).fine_tuning.jobs.cancel(job.id))
    assert (cancelled.id, cancelled.status) == (job.id, "cancelled")


@pytest.mark.parametrize("provider", sorted(FILE_IDS))
async def test_every_provider_gives_a_whole_job_from_create_and_cancel(
    provider: str, way: Way, gateway: FakeGateway
) -> None:
    headers = {
        "aws_region": "us-east-1",
        "aws_access_key_id": "AKIA0123456789",
        "aws_secret_access_key": "secret-0123456789",
        "vertex_project_id": "project-1",
        "vertex_region": "us-central1",
        "fireworks_account_id": "account-1",
        "azure_resource_name": "resource-1",
        "azure_api_version": "2024-10-21",
    }
    client = way.client(gateway, provider=provider, provider_headers=headers)
    job = await way.get(
        client.fine_tuning.jobs.create(
            model="base-model",
            training_file=gateway.add_file(b"{}\n", provider=provider, file_id=FILE_IDS[provider]).id,
            suffix="mine",
            role_arn="arn:aws:iam::1:role/r" if provider == "bedrock" else None,
            method=Supervised(n_epochs=2),
        )
    )
    assert job.id
    assert job.status in {"queued", "running", "validating_files", "pending"}
    assert job.created_at is not None
    assert 2025 <= job.created_at.year <= 2026
    cancelled = await way.get(client.fine_tuning.jobs.cancel(job.id))
    assert cancelled.id == job.id
    assert cancelled.status is not None
    assert sum(gateway.jobs_per_create.values()) == 1


async def test_a_create_that_is_answered_with_an_id_alone_looks_once(way: Way, wire: Wire) -> None:
    client = way.client(wire.say({"id": "a%3Ab"}, {"id": "a%3Ab", "status": "running"}))
    job = await way.get(client.fine_tuning.jobs.create(model="m", training_file="f", extra_headers={"x-a": "b"}))
    assert (job.id, job.status) == ("a%3Ab", "running")
    assert wire.targets == ["POST /v1/fine_tuning/jobs", "GET /v1/fine_tuning/jobs/a%3Ab"]
    assert wire.last.headers["x-a"] == "b"


async def test_a_job_is_not_lost_over_the_look_after_its_creation(way: Way, wire: Wire) -> None:
    client = way.client(wire.say({"id": "j"}, (404, {})))
    job = await way.get(client.fine_tuning.jobs.create(model="m", training_file="f"))
    assert (job.id, job.status) == ("j", None)


@pytest.mark.parametrize("answer", [{}, {"status": "queued", "hyperparameters": {}, "created_at": None}, b""])
async def test_a_cancellation_that_tells_nothing_is_looked_after(answer: object, way: Way, wire: Wire) -> None:
    client = way.client(wire.say((200, answer), {"id": "j", "status": "cancelled"}))
    assert (await way.get(client.fine_tuning.jobs.cancel("j"))).status == "cancelled"
    assert wire.targets == ["POST /v1/fine_tuning/jobs/j/cancel", "GET /v1/fine_tuning/jobs/j"]


async def test_a_look_that_fails_after_a_cancellation_says_that_it_was_accepted(way: Way, wire: Wire) -> None:
    client = way.client(wire.say({}, (404, {"message": "gone"})))
    with pytest.raises(NotFoundError, match="cancellation was accepted"):
        await way.get(client.fine_tuning.jobs.cancel("j"))


async def test_a_cancellation_that_is_refused_is_an_error(way: Way, wire: Wire) -> None:
    client = way.client(wire.say((409, {"error": {"message": "already over"}})))
    with pytest.raises(APIStatusError, match="409: already over"):
        await way.get(client.fine_tuning.jobs.cancel("j"))
    assert len(wire.requests) == 1


@pytest.mark.parametrize("what", ["list_events", "checkpoints"])
async def test_a_job_in_place_of_a_list_is_told_as_not_supported(what: str, way: Way, wire: Wire) -> None:
    jobs = way.client(wire.say((200, {"id": "j"}, {"x-portkey-provider": "vertex-ai"}))).fine_tuning.jobs
    listing = jobs.list_events("j") if what == "list_events" else jobs.checkpoints.list("j")
    with pytest.raises(NotSupportedError, match=f"{what}.* for vertex-ai"):
        await way.items(listing)


async def test_a_deletion_that_tells_nothing_is_one(way: Way, wire: Wire) -> None:
    deleted = await way.get(way.client(wire.say({})).files.delete("f"))
    assert (deleted.id, deleted.deleted) == ("f", True)


async def test_a_guardrail_that_only_complains_is_no_error(way: Way, gateway: FakeGateway) -> None:
    job = gateway.add_job()
    gateway.fail_next(Fault.guardrail_failed())
    found = await way.get(way.client(gateway).fine_tuning.jobs.retrieve(job.id))
    assert found.response.status_code == 246


async def test_an_answer_tells_how_it_came(way: Way, wire: Wire) -> None:
    headers = {
        "x-portkey-trace-id": "t",
        "x-portkey-provider": "openai",
        "x-portkey-retry-attempt-count": "-1",
        "x-portkey-last-used-option-index": "config.targets[1]",
    }
    client = way.client(
        wire.say(
            (200, {"id": "j", "new": 1}, headers),
            {"id": "j"},
            (200, {"id": "j"}, {"x-portkey-retry-attempt-count": "x"}),
        )
    )
    job = await way.get(client.fine_tuning.jobs.retrieve("j"))
    assert (job.trace_id, job.extra, job.raw) == ("t", {"new": 1}, {"id": "j", "new": 1})
    how = job.response
    assert (how.provider, how.retry_attempt_count, how.last_used_option_index) == ("openai", -1, "config.targets[1]")
    for _ in range(2):
        bare = (await way.get(client.fine_tuning.jobs.retrieve("j"))).response
        assert (bare.trace_id, bare.provider, bare.retry_attempt_count, bare.last_used_option_index) == (None,) * 4


async def test_the_trace_id_that_was_sent_stands_in_for_one_that_was_not_returned(way: Way, wire: Wire) -> None:
    client = way.client(wire.say((200, {"id": "j"}, {"x-portkey-trace-id": ""})))
    job = await way.get(client.fine_tuning.jobs.retrieve("j", trace_id="mine"))
    assert job.trace_id == "mine"


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "no model": ({"model": ""}, "model is empty"),
    "model is None": ({"model": None}, "model must be a string, not NoneType"),
    "file is no id": (
        {"training_file": DeletedFile(id="f")},
        "must be an ID .str., not a DeletedFile object",
    ),
    "validation file": ({"validation_file": " "}, "validation_file is empty"),
    "suffix": ({"suffix": ""}, "suffix is empty"),
    "seed": ({"seed": 1.5}, "seed must be a whole number"),
    "seed is true": ({"seed": True}, "seed must be a whole number"),
    "hyperparameter is NaN": ({"hyperparameters": {"n": float("nan")}}, "hyperparameter n is nan"),
    "hyperparameter is endless": ({"method": Supervised(n_epochs=float("inf"))}, "is inf"),  # type: ignore[arg-type]
    "NaN elsewhere": ({"metadata": {"a": float("nan")}}, "cannot be written as JSON"),
    "no JSON": ({"metadata": {"a": object()}}, "cannot be written as JSON"),
    "lone surrogate": ({"metadata": {"a": "\ud800"}}, "cannot be written as JSON"),
    "method is text": ({"method": "dpo"}, "method must be a mapping, not str"),
    "hyperparameters are a list": ({"hyperparameters": [1]}, "hyperparameters must be a mapping"),
    "metadata is text": ({"metadata": "a"}, "metadata must be a mapping"),
    "integrations are text": ({"integrations": "wandb"}, "integrations must be a list of mappings"),
    "integrations are one": ({"integrations": {"type": "wandb"}}, "integrations must be a list of mappings"),
    "integrations are a number": ({"integrations": 5}, "integrations must be a list of mappings"),
    "integrations hold text": ({"integrations": ["wandb"]}, "integrations must be a list of mappings"),
    "method without a type": ({"method": {"dpo": {}}}, "method says no type"),
    "extra body is a list": ({"extra_body": ["a"]}, "extra_body must be a mapping"),
    "extra body collides": (
        {"extra_body": {"model": "x"}},
        r"model was given as an argument and in extra_body\. Hint: pass model= or extra_body=, not both\.",
    ),
    "options are text": ({"portkey_options": "a"}, "portkey_options must be a mapping"),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_a_create_that_cannot_work_is_refused_before_anything_is_sent(name: str, way: Way, wire: Wire) -> None:
    given, message = REFUSED[name]
    client = way.client(wire.say({"id": "j"}))
    with pytest.raises(ConfigurationError, match=message) as caught:
        await way.get(client.fine_tuning.jobs.create(**{"model": "m", "training_file": "f", **given}))
    assert caught.value.operation == "fine_tuning.jobs.create"
    assert wire.requests == []


@pytest.mark.parametrize("name", ["trained_file", "n_epochs"])
async def test_an_unknown_argument_of_a_create_is_refused(name: str, way: Way, wire: Wire) -> None:
    client = way.client(wire.say({"id": "j"}))
    with pytest.raises(TypeError, match=name):
        await way.get(client.fine_tuning.jobs.create(model="m", training_file="f", **{name: "x"}))
    assert wire.requests == []


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("ftjob-1", "ftjob-1"),
        ("s3://b/k", "s3%3A%2F%2Fb%2Fk"),
        ("s3%3A%2F%2Fb%2Fk", "s3%3A%2F%2Fb%2Fk"),
        ("a b", "a%20b"),
        ("a%2", "a%252"),
        ("100%", "100%25"),
        ("a?b#c", "a%3Fb%23c"),
        ("ä", "%C3%A4"),
        ("...", "..."),
    ],
)
async def test_ids_are_encoded_once(given: str, sent: str, way: Way, wire: Wire) -> None:
    client = way.client(wire.say({"id": "x", "status": "queued"}))
    await way.get(client.fine_tuning.jobs.retrieve(given))
    await way.get(client.fine_tuning.jobs.cancel(given))
    await way.get(client.files.retrieve(given))
    assert [target.split(" ")[1] for target in wire.targets] == [
        f"/v1/fine_tuning/jobs/{sent}",
        f"/v1/fine_tuning/jobs/{sent}/cancel",
        f"/v1/files/{sent}",
    ]


@pytest.mark.parametrize("given", ["", " ", ".", "..", "%2E%2E", "a\nb", " a", "\ud800", "%FF", None, 5])
async def test_ids_that_would_name_something_else_are_refused(given: object, way: Way, wire: Wire) -> None:
    client = way.client(wire.say({"id": "x"}))
    jobs, files = client.fine_tuning.jobs, client.files
    for method in (jobs.retrieve, jobs.cancel, files.retrieve, files.delete, files.content, jobs.wait):
        with pytest.raises(ConfigurationError):
            await way.get(method(given))
    for method in (jobs.list_events, jobs.checkpoints.list, jobs.follow):
        # At the call, and not when the result is iterated.
        with pytest.raises(ConfigurationError):
            method(given)
    assert wire.requests == []


async def test_an_id_that_fits_in_no_url_is_refused(way: Way, wire: Wire) -> None:
    client = way.client(wire.say({"id": "x"}))
    with pytest.raises(ConfigurationError, match="cannot be written in a URL"):
        await way.get(client.files.retrieve("a" * 100_000))


async def test_any_mapping_is_written_however_deep_it_stands(way: Way, wire: Wire) -> None:
    inner = MappingProxyType({"hyperparameters": MappingProxyType({"n_epochs": 2})})
    method = MappingProxyType({"type": "supervised", "supervised": inner})
    client = way.client(wire.say({"id": "j", "status": "queued"}))
    await way.get(client.fine_tuning.jobs.create(model="m", training_file="f", method=method, metadata=inner))
    assert wire.body["method"] == {"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 2}}}
    assert wire.body["metadata"] == {"hyperparameters": {"n_epochs": 2}}


async def test_a_header_that_is_no_utf8_and_one_that_comes_twice_are_read(way: Way, wire: Wire) -> None:
    raw = [(b"X-Portkey-Trace-Id", b"caf\xe9"), (b"X-Two", b"a"), (b"x-two", b"b")]
    answer = httpx.Response(200, content=b'{"id": "f"}', headers=raw)
    info = (await way.get(way.client(wire.say(answer)).files.retrieve("f"))).response
    assert (info.trace_id, info.headers["x-two"]) == ("caf\xe9", "a, b")
