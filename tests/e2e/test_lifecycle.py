"""The whole life of a job, through the SDK and the real gateway, to the back end of each provider."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

import anyio
import pytest

from portkey_ft import AsyncPortkey, Portkey, Supervised
from portkey_ft.errors import NotSupportedError
from portkey_ft.types import File, FineTuningJob
from tests.e2e.backends.store import Store
from tests.e2e.cases import CASES, TRAINING, Case
from tests.e2e.driving import Client, Scenario, attempt, content_of, events_of, run, run_async
from tests.e2e.hosted import virtual_key
from tests.e2e.internet import Internet
from tests.e2e.truth.creates import BY_KEY, BY_PROVIDER
from tests.e2e.wire import Received

#: What this package sends to the gateway alone.
TRACE, METADATA, PORTKEY_KEY = "trace-of-e2e", "metadata-of-e2e", "portkey-key-of-e2e"

#: Where the gateway does not do what is asked for; see docs/providers.md.
OPENAI_LIKE = ("openai", "azure-openai")


def mode_arguments(mode: str, case: Case, internet: Internet) -> dict[str, Any]:
    """Give a client's arguments for an auth mode."""
    host = case.custom_host(internet.url)
    match mode:
        case "provider":
            return case.client()
        case "provider, custom host":
            return case.client(custom_host=host)
        case "config":
            return {"config": case.config()}
        case "virtual key":
            return virtual_key(case)
        case _:
            return {"config": case.config(custom_host=host)}


MODES = ("provider", "provider, custom host", "config", "config, custom host", "virtual key")
WALKS = [
    pytest.param(case.provider, mode, marks=[pytest.mark.sample] if mode == MODES[0] else [])
    for case in CASES.values()
    for mode in MODES
]


def life(client: Client, case: Case, store: Store) -> Scenario[Mapping[str, Any]]:
    """Live through a job: everything that works for all providers."""
    jobs = client.fine_tuning.jobs
    # Where the auth mode names no provider, the first response does.
    yield jobs.list(limit=1).to_list()
    results: dict[str, Any] = {}
    results["file"] = file = yield client.files.create(file=("training.jsonl", TRAINING))
    results["looked at"] = yield client.files.retrieve(file.id)
    results["job"] = job = yield jobs.create(
        model=case.model, training_file=file.id, suffix="e2e", method=Supervised(n_epochs=3), **case.create
    )
    results["listed"] = yield jobs.list(limit=5).to_list()
    results["waited for"] = yield jobs.wait(job.id)
    store.states = ("running",)
    results["second"] = second = yield jobs.create(model=case.model, training_file=file.id, suffix="e2e", **case.create)
    results["events"] = yield from attempt(lambda: jobs.list_events(job.id).to_list())
    results["checkpoints"] = yield from attempt(lambda: jobs.checkpoints.list(job.id).to_list())
    results["followed"] = yield from attempt(lambda: events_of(client, job.id))
    results["cancelled"] = yield from attempt(lambda: jobs.cancel(second.id))
    results["content"] = yield from attempt(lambda: content_of(client, file.id))
    results["files"] = yield from attempt(lambda: client.files.list().to_list())
    results["deleted"] = yield from attempt(lambda: client.files.delete(file.id))
    return results


@pytest.fixture(params=["sync", "async"])
def lived(
    request: pytest.FixtureRequest,
    internet: Internet,
    sync_client: Callable[..., Portkey],
    async_client: Callable[..., AsyncPortkey],
    base_urls: Mapping[str, str],
) -> Callable[[str, str], Mapping[str, Any]]:
    """Live through a job with a provider in an auth mode, and return the results."""

    def live(provider: str, mode: str) -> Mapping[str, Any]:
        case, store = CASES[provider], internet.backends[provider].store
        given = mode_arguments(mode, case, internet)
        given["base_url"] = base_urls[BY_KEY if mode == "virtual key" else BY_PROVIDER]
        given |= {"api_key": PORTKEY_KEY, "trace_id": TRACE, "metadata": {"who": METADATA}, "max_retries": 0}
        if request.param == "sync":
            return run(life(sync_client(**given), case, store))

        async def alive() -> Mapping[str, Any]:
            async with async_client(**given) as client:
                return await run_async(life(client, case, store))

        return anyio.run(alive)

    return live


@pytest.mark.parametrize(("provider", "mode"), WALKS)
def test_a_job_lives_through_the_real_gateway(
    provider: str, mode: str, lived: Callable[[str, str], Mapping[str, Any]], internet: Internet
) -> None:
    """Upload, create, look, list, wait, events, checkpoints, cancel, download and delete, in every auth mode."""
    case, store = CASES[provider], internet.backends[provider].store
    results = lived(provider, mode)
    check_files(provider, mode, results)
    check_jobs(case, results, store)
    check_extras(provider, mode, results)
    for request in store.received:
        check_nothing_leaked(request, case)


def check_files(provider: str, mode: str, results: Mapping[str, Any]) -> None:
    """The file has arrived, and can be looked at by the id that came back."""
    file: File = results["file"]
    assert results["looked at"].id == file.id
    assert file.status == "processed"
    if provider in OPENAI_LIKE:
        assert results["content"] == TRAINING
        assert [listed.id for listed in results["files"]] == [file.id]
        assert results["deleted"].deleted
    elif provider == "fireworks-ai":
        assert isinstance(results["content"], NotSupportedError)
        assert results["deleted"].id == file.id
    else:
        assert isinstance(results["files"], NotSupportedError)
        assert isinstance(results["deleted"], NotSupportedError)
        if not (provider == "vertex-ai" and "custom host" in mode):
            assert results["content"].count(b"\n") == TRAINING.count(b"\n")


def check_jobs(case: Case, results: Mapping[str, Any], store: Store) -> None:
    """Two jobs were asked for, and there are two."""
    job: FineTuningJob = results["job"]
    assert len(store.jobs) == 2
    assert [listed.id for listed in results["listed"]] == [job.id]
    assert results["waited for"].id == job.id
    assert results["waited for"].succeeded
    assert results["waited for"].fine_tuned_model
    asked = next(iter(store.jobs.values())).asked
    wanted: dict[str, Any] = {
        "openai": {"method": {"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 3}}}},
        "azure-openai": {"hyperparameters": {"n_epochs": 3}},
        "bedrock": {"hyperParameters": {"epochCount": "3"}, "jobName": "e2e-job"},
        "vertex-ai": {"tunedModelDisplayName": "e2e"},
        "fireworks-ai": {"epochs": 3, "displayName": "e2e"},
    }
    assert wanted[case.provider].items() <= asked.items()
    assert case.model in json.dumps(asked)


def check_extras(provider: str, mode: str, results: Mapping[str, Any]) -> None:
    """Events and checkpoints come from OpenAI and Azure; for the others an error says that there are none."""
    if provider in OPENAI_LIKE:
        assert [checkpoint.step_number for checkpoint in results["checkpoints"]] == [4, 3, 2, 1]
        assert [event.message for event in results["followed"]] == ["Step 1", "Step 2", "Step 3", "Step 4"]
        assert len(results["events"]) == 4
    else:
        for name in ("events", "checkpoints", "followed"):
            assert isinstance(results[name], NotSupportedError), name
    if provider == "fireworks-ai" and "custom host" in mode:
        return  # the gateway cancels at the provider's public host, whatever the custom one is
    assert results["cancelled"].id == results["second"].id
    assert results["cancelled"].status == "cancelled"


def check_nothing_leaked(request: Received, case: Case) -> None:
    """Nothing that is meant for the gateway has gone on to the provider."""
    shown = " ".join(f"{name}: {value}" for name, value in request.headers.items()) + request.path
    assert not [name for name in request.headers if name.startswith("x-portkey") and name != "x-portkey-file-purpose"]
    for secret in (PORTKEY_KEY, TRACE, METADATA, "portkey-ft", case.needs.get("aws_secret_access_key", PORTKEY_KEY)):
        assert secret not in shown
        assert secret.encode() not in request.body


@pytest.mark.parametrize("provider", OPENAI_LIKE)
def test_the_bytes_of_a_file_arrive_as_they_are(
    provider: str, internet: Internet, sync_client: Callable[..., Portkey]
) -> None:
    client = sync_client(**CASES[provider].client())
    client.files.create(file=("training.jsonl", TRAINING))
    (stored,) = internet.backends[provider].store.files.values()
    assert stored.sha256 == hashlib.sha256(TRAINING).hexdigest()


def test_each_row_arrives_at_fireworks_in_ascii(internet: Internet, sync_client: Callable[..., Portkey]) -> None:
    """The gateway would cut characters beyond ASCII in two wherever one of its reads ends."""
    content = TRAINING * 500
    sync_client(**CASES["fireworks-ai"].client()).files.create(file=("training.jsonl", content))
    (stored,) = internet.backends["fireworks-ai"].store.files.values()
    assert stored.content.isascii()
    assert [json.loads(row) for row in stored.content.splitlines()] == [json.loads(row) for row in content.splitlines()]


@pytest.mark.parametrize("provider", ["bedrock", "vertex-ai"])
def test_the_lines_of_a_file_arrive_in_the_providers_form(
    provider: str, internet: Internet, sync_client: Callable[..., Portkey]
) -> None:
    """The gateway rewrites each example for Bedrock and Vertex; none is lost, and each says the same."""
    sync_client(**CASES[provider].client()).files.create(file=("training.jsonl", TRAINING))
    (stored,) = internet.backends[provider].store.files.values()
    lines = stored.content.decode().splitlines()
    assert len(lines) == TRAINING.count(b"\n")
    for number, line in enumerate(lines):
        assert f"What is {number} and {number}? é" in json.dumps(json.loads(line), ensure_ascii=False)


@pytest.mark.parametrize("size", [1, 700_000, 3_000_000])
def test_a_large_file_arrives_whole(size: int, internet: Internet, sync_client: Callable[..., Portkey]) -> None:
    content = b'{"messages": "' + b"x" * size + b'"}\n'
    sync_client(**CASES["openai"].client()).files.create(file=iter([content[:7], content[7:]]))
    (stored,) = internet.backends["openai"].store.files.values()
    assert stored.sha256 == hashlib.sha256(content).hexdigest()
