"""Pause, resume and filters through the real gateway: done where they work, refused where they would do harm."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import anyio
import pytest

from portkey_ft import AsyncPortkey, Portkey
from portkey_ft.errors import NotSupportedError
from tests.e2e.backends.store import Job
from tests.e2e.cases import CASES, Case
from tests.e2e.driving import Client, Scenario, attempt, run, run_async
from tests.e2e.internet import Internet
from tests.e2e.truth.creates import MODES, mode_arguments
from tests.e2e.truth.samples import base

OPENAI_LIKE = ("openai", "azure-openai")
#: Any POST below a job's id cancels it there.
OTHERS = ("bedrock", "vertex-ai", "fireworks-ai")

RunScenario = Callable[[Case, str, Callable[[Client], Scenario[Any]]], Any]


@pytest.fixture(params=["sync", "async"])
def run_scenario(
    request: pytest.FixtureRequest,
    sync_client: Callable[..., Portkey],
    async_client: Callable[..., AsyncPortkey],
    base_urls: Mapping[str, str],
) -> RunScenario:
    """Run a scenario of a client that is connected to a provider in an auth mode."""

    def run_scenario(case: Case, mode: str, scenario: Callable[[Client], Scenario[Any]]) -> Any:  # noqa: ANN401 - the scenario's result
        given = mode_arguments(case, mode) | {"base_url": base_urls[mode]}
        if request.param == "sync":
            return run(scenario(sync_client(**given)))

        async def alive() -> Any:  # noqa: ANN401 - as above
            async with async_client(**given) as client:
                return await run_async(scenario(client))

        return anyio.run(alive)

    return run_scenario


def started(internet: Internet, case: Case) -> Job:
    """Let a provider have a job that runs."""
    store = internet.backends[case.provider].store
    store.states = ("running",)
    arn = "arn:aws:bedrock:us-east-1:123456789012:model-customization-job/e2e000000001"
    asked = {
        "openai": base(case),
        "azure-openai": base(case),
        "bedrock": {"baseModelIdentifier": "m", "jobName": "j", "roleArn": "r", "customizationType": "FINE_TUNING"}
        | {"trainingDataConfig": {"s3Uri": "s3://b/t"}, "outputDataConfig": {"s3Uri": "s3://b/o"}},
        "vertex-ai": {"baseModel": "m", "supervisedTuningSpec": {"training_dataset_uri": "gs://b/t"}},
        "fireworks-ai": {"baseModel": "accounts/fireworks/models/m", "dataset": "accounts/e2e-account/datasets/d"},
    }[case.provider]
    return store.start(arn if case.provider == "bedrock" else "8001", asked)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("provider", OPENAI_LIKE)
def test_a_job_is_paused_and_resumed(provider: str, mode: str, run_scenario: RunScenario, internet: Internet) -> None:
    """Also where the provider is not known: the job is looked at before."""
    job = started(internet, CASES[provider])

    def scenario(client: Client) -> Scenario[list[str]]:
        paused = yield client.fine_tuning.jobs.pause(job.id)
        retrieved = yield client.fine_tuning.jobs.retrieve(job.id)
        resumed = yield client.fine_tuning.jobs.resume(job.id)
        return [paused.status, retrieved.status, resumed.status]

    assert run_scenario(CASES[provider], mode, scenario) == ["paused", "paused", "running"]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("provider", OTHERS)
@pytest.mark.parametrize("action", ["pause", "resume"])
def test_pausing_cancels_no_job(
    action: str, provider: str, mode: str, run_scenario: RunScenario, internet: Internet
) -> None:
    """It is refused before the gateway could turn it into a cancellation; the error names the provider."""
    case = CASES[provider]
    job = started(internet, case)

    def scenario(client: Client) -> Scenario[Any]:
        return (yield from attempt(lambda: getattr(client.fine_tuning.jobs, action)(job.id)))

    refused = run_scenario(case, mode, scenario)
    assert isinstance(refused, NotSupportedError), refused
    assert provider in str(refused)
    assert not job.cancelled
    assert {request.method for request in internet.backends[provider].store.received} <= {"GET"}
    if mode == MODES[0]:
        assert internet.backends[provider].store.received == []


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("provider", OPENAI_LIKE)
def test_jobs_are_listed_by_their_metadata(
    provider: str, mode: str, run_scenario: RunScenario, internet: Internet
) -> None:
    store, case = internet.backends[provider].store, CASES[provider]
    for number, team in enumerate(("red", "blue & green", "red")):
        store.start(f"ftjob-{number}", {**base(case), "metadata": {"team": team, "run": f"{number}"}})

    def scenario(client: Client) -> Scenario[list[list[str]]]:
        jobs = client.fine_tuning.jobs
        red = yield jobs.list(metadata={"team": "red"}).to_list()
        one = yield jobs.list(metadata={"team": "red", "run": "0"}, page_size=1).to_list()
        other = yield jobs.list(metadata={"team": "blue & green"}).to_list()
        return [[job.id for job in found] for found in (red, one, other)]

    assert run_scenario(case, mode, scenario) == [["ftjob-2", "ftjob-0"], ["ftjob-0"], ["ftjob-1"]]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("provider", OTHERS)
def test_a_filter_that_would_be_dropped_is_refused(
    provider: str, mode: str, run_scenario: RunScenario, internet: Internet
) -> None:
    """The list would come unfiltered, and be taken for the jobs that were asked for."""
    started(internet, CASES[provider])

    def scenario(client: Client) -> Scenario[Any]:
        return (yield from attempt(lambda: client.fine_tuning.jobs.list(metadata={"team": "red"}).to_list()))

    refused = run_scenario(CASES[provider], mode, scenario)
    assert isinstance(refused, NotSupportedError), refused
    assert provider in str(refused)
