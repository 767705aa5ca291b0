from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from portkey_ft.testing import FakeClock, FakeGateway, JobScript

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx


def test_a_job_lives_through_its_script(
    client: httpx.Client, create: Callable[..., dict[str, Any]], clock: FakeClock
) -> None:
    job = create(client, suffix="mine", seed=7)
    assert job["status"] == "validating_files"
    assert job["hyperparameters"] == {"n_epochs": "auto", "batch_size": "auto", "learning_rate_multiplier": "auto"}
    seen = []
    for _ in range(13):
        seen.append(client.get(f"/fine_tuning/jobs/{job['id']}").json()["status"])
        clock.advance(1)
    assert seen == ["validating_files"] * 2 + ["queued"] + ["running"] * 9 + ["succeeded"]
    done = client.get(f"/fine_tuning/jobs/{job['id']}").json()
    assert done["finished_at"] - done["created_at"] == 12
    assert done["fine_tuned_model"].startswith("ft:gpt-4o-mini:fake-org:mine:")
    assert (done["seed"], done["error"]) == (7, {})
    assert done["hyperparameters"]["n_epochs"] == 3


def test_a_running_job_says_when_it_will_end(
    client: httpx.Client, create: Callable[..., dict[str, Any]], clock: FakeClock
) -> None:
    job = create(client)
    clock.advance(5)
    running = client.get(f"/fine_tuning/jobs/{job['id']}").json()
    assert running["estimated_finish"] == running["created_at"] + 12


def test_create_lets_through_what_the_real_gateway_lets_through(
    client: httpx.Client, create: Callable[..., dict[str, Any]]
) -> None:
    job = create(
        client, metadata={"a": "b"}, job_name="x", method={"type": "dpo", "dpo": {}}, integrations=[{"type": "wandb"}]
    )
    assert job["metadata"] is None
    assert job["method"] == {"type": "dpo", "dpo": {}}
    assert job["integrations"] == [{"type": "wandb"}]


@pytest.mark.parametrize(
    "fields",
    [
        {"hyperparameters": {"n_epochs": 5}},
        {"method": {"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 5}}}},
    ],
)
def test_hyperparameters_are_read_from_both_places(
    client: httpx.Client, create: Callable[..., dict[str, Any]], clock: FakeClock, fields: dict[str, Any]
) -> None:
    job = create(client, **fields)
    clock.advance(20)
    assert client.get(f"/fine_tuning/jobs/{job['id']}").json()["hyperparameters"]["n_epochs"] == 5


@pytest.mark.parametrize(
    ("body", "param", "code"),
    [
        ({"training_file": "f"}, "model", "missing_required_parameter"),
        ({"model": "", "training_file": "f"}, "model", "missing_required_parameter"),
        ({"model": "m"}, "training_file", "missing_required_parameter"),
        ({"model": "m", "training_file": 3}, "training_file", "invalid_type"),
        ({"model": "m", "training_file": "file-nobody"}, "training_file", None),
    ],
)
def test_an_incomplete_create_is_refused_in_the_providers_way(
    client: httpx.Client, gateway: FakeGateway, body: object, param: str, code: str | None
) -> None:
    response = client.post("/fine_tuning/jobs", json=body)
    assert response.status_code == 400
    error = response.json()["error"]
    assert (error["param"], error["code"]) == (param, code)
    assert error["message"].startswith("openai error: ")
    assert response.json()["provider"] == "openai"
    assert gateway.jobs == ()


def test_an_unknown_validation_file_is_refused(client: httpx.Client, upload: Callable[..., dict[str, Any]]) -> None:
    body = {"model": "m", "training_file": upload(client)["id"], "validation_file": "file-nobody"}
    response = client.post("/fine_tuning/jobs", json=body)
    assert (response.status_code, response.json()["error"]["param"]) == (400, "validation_file")


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[" * 100_000])
def test_a_create_that_is_no_json_breaks_the_gateway(client: httpx.Client, content: bytes) -> None:
    response = client.post("/fine_tuning/jobs", content=content, headers={"content-type": "application/json"})
    assert response.status_code == 500
    assert response.json() == {"status": "failure", "message": "Something went wrong"}
    assert "x-portkey-trace-id" not in response.headers


@pytest.mark.parametrize("content", [b"[]", b"null", b"3", b"{}"])
def test_a_create_that_is_no_object_arrives_as_an_empty_one(client: httpx.Client, content: bytes) -> None:
    response = client.post("/fine_tuning/jobs", content=content, headers={"content-type": "application/json"})
    assert (response.status_code, response.json()["error"]["param"]) == (400, "model")


def test_without_a_content_type_no_body_is_forwarded(client: httpx.Client, gateway: FakeGateway) -> None:
    gateway.add_file(file_id="f")
    response = client.post("/fine_tuning/jobs", content=b'{"model": "m", "training_file": "f"}')
    assert (response.status_code, response.json()["error"]["param"]) == (400, "model")


@pytest.mark.parametrize("provider", ["openai", "bedrock", "vertex-ai", "azure-openai", "fireworks-ai"])
def test_a_config_overrides_what_is_created_for_some_providers(
    connect: Callable[..., httpx.Client], gateway: FakeGateway, provider: str
) -> None:
    override = {"suffix": "over", "metadata": {"a": "b"}}
    given = {"provider": provider, "api_key": "k", "override_params": override, "fireworks_account_id": "a"}
    client = connect(gateway, {"x-portkey-config": json.dumps(given)})
    locations = {"bedrock": "s3://b/k", "vertex-ai": "gs://b/k"}
    gateway.add_file(file_id="f", provider=provider)
    body = {"model": "m", "training_file": locations.get(provider, "f"), "suffix": "s", "role_arn": "r"}
    assert client.post("/fine_tuning/jobs", json=body).is_success
    ((job),) = gateway.jobs
    assert ("over" in job.received.values()) is (provider not in {"azure-openai", "fireworks-ai"})
    assert "metadata" not in job.received


def test_a_job_knows_what_arrived_at_the_provider(
    client: httpx.Client, create: Callable[..., dict[str, Any]], gateway: FakeGateway
) -> None:
    job = create(client, metadata={"a": "b"}, suffix="s", seed=12345678901234567890, unknown=1)
    received = {"model": "gpt-4o-mini", "training_file": job["training_file"], "suffix": "s"}
    # The gateway is a JavaScript program: an integer has no more digits than a double.
    assert gateway.jobs[0].received == {**received, "seed": 12345678901234567000}
    assert gateway.add_job().received == {}


@pytest.mark.parametrize(
    ("size", "fields", "tokens"),
    [(4_000, {}, 3_000), (4_000, {"hyperparameters": {"n_epochs": 5}}, 5_000), (0, {}, 96_000), (1, {}, 3)],
)
def test_the_tokens_trained_follow_from_the_size_of_the_file_and_the_epochs(
    client: httpx.Client, gateway: FakeGateway, clock: FakeClock, *, size: int, fields: dict[str, Any], tokens: int
) -> None:
    file = gateway.add_file(b"x" * size)
    body = {"model": "m", "training_file": file.id, **fields}
    job_id = client.post("/fine_tuning/jobs", json=body).json()["id"]
    added = gateway.add_job(training_file=file.id, fields=fields)
    clock.advance(12)
    for one in (job_id, added.id):
        assert client.get(f"/fine_tuning/jobs/{one}").json()["trained_tokens"] == tokens


def test_a_script_may_say_how_many_tokens_were_trained(
    client: httpx.Client, create: Callable[..., dict[str, Any]], gateway: FakeGateway
) -> None:
    gateway.script_next(JobScript(phases=(), trained_tokens=7))
    assert create(client)["trained_tokens"] == 7


@pytest.mark.parametrize("models", ["gpt-4o-mini", ["gpt-4o-mini", "other"]])
def test_only_known_models_can_be_trained_where_they_are_named(
    connect: Callable[..., httpx.Client],
    create: Callable[..., dict[str, Any]],
    clock: FakeClock,
    models: str | list[str],
) -> None:
    gateway = FakeGateway(clock=clock, models=models)
    client = connect(gateway)
    training_file = create(client)["training_file"]
    response = client.post("/fine_tuning/jobs", json={"model": "gpt-2", "training_file": training_file})
    error = response.json()["error"]
    assert (response.status_code, error["code"]) == (400, "model_not_available")
    assert error["message"] == "openai error: Model gpt-2 is not available for fine-tuning or does not exist."
    assert len(gateway.jobs) == 1


def test_a_suffix_is_no_longer_than_openai_takes(
    client: httpx.Client, create: Callable[..., dict[str, Any]], gateway: FakeGateway
) -> None:
    job = create(client, suffix="s" * 64)
    body = {"model": "m", "training_file": job["training_file"], "suffix": "s" * 65}
    response = client.post("/fine_tuning/jobs", json=body)
    error = response.json()["error"]
    assert (response.status_code, error["code"], error["param"]) == (400, "string_above_max_length", "suffix")
    assert "maximum length 64, but got a string with length 65" in error["message"]
    assert len(gateway.jobs) == 1


def test_cancelling_ends_a_job_and_stops_its_training(
    client: httpx.Client, create: Callable[..., dict[str, Any]], clock: FakeClock
) -> None:
    job = create(client)
    clock.advance(6)
    before = client.get(f"/fine_tuning/jobs/{job['id']}/events", params={"limit": 100}).json()["data"]
    cancelled = client.post(f"/fine_tuning/jobs/{job['id']}/cancel").json()
    clock.advance(100)
    after = client.get(f"/fine_tuning/jobs/{job['id']}/events", params={"limit": 100}).json()["data"]
    assert cancelled["status"] == "cancelled"
    assert cancelled["finished_at"] == job["created_at"] + 6
    assert after[0]["message"] == "The job was cancelled"
    assert after[1:] == before
    assert 0 < len(client.get(f"/fine_tuning/jobs/{job['id']}/checkpoints").json()["data"]) < 12
    assert client.get(f"/fine_tuning/jobs/{job['id']}").json()["status"] == "cancelled"


def test_a_job_that_has_ended_cannot_be_cancelled(
    client: httpx.Client, create: Callable[..., dict[str, Any]], clock: FakeClock
) -> None:
    job = create(client)
    clock.advance(12)
    response = client.post(f"/fine_tuning/jobs/{job['id']}/cancel")
    assert response.status_code == 400
    # The gateway passes the answer to cancel and list on as it is: no prefix, no provider.
    assert response.json()["error"]["message"] == "Job has already succeeded."
    assert "provider" not in response.json()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("POST", "/cancel"),
        ("POST", "/pause"),
        ("POST", "/resume"),
        ("GET", "/events"),
        ("GET", "/checkpoints"),
    ],
)
def test_an_unknown_job_is_not_found(client: httpx.Client, method: str, path: str) -> None:
    response = client.request(method, f"/fine_tuning/jobs/ftjob-nobody{path}")
    assert response.status_code == 404
    assert response.json()["error"]["code"] == "fine_tune_not_found"


def test_events_tell_the_whole_story_newest_first(
    client: httpx.Client, create: Callable[..., dict[str, Any]], clock: FakeClock
) -> None:
    job = create(client)
    clock.advance(12)
    page = client.get(f"/fine_tuning/jobs/{job['id']}/events", params={"limit": 100}).json()
    assert (page["object"], page["has_more"]) == ("list", False)
    told = [event["message"] for event in reversed(page["data"])]
    assert told[0].startswith("Created fine-tuning job: ftjob-")
    assert told[1].startswith("Validating training file: file-")
    assert told[2:4] == ["Files validated, moving job to queued state", "Fine-tuning job started"]
    assert told[4] == "Step 10/120: training loss=1.50, validation loss=1.41"
    assert told[5] == "Checkpoint created at step 10"
    assert told[-1] == "The job has successfully completed"
    metrics = [event for event in page["data"] if event["type"] == "metrics"]
    assert len(metrics) == 12
    assert metrics[0]["data"]["step"] == metrics[0]["data"]["total_steps"] == 120
    assert [event["created_at"] for event in page["data"]] == sorted(
        (e["created_at"] for e in page["data"]), reverse=True
    )


def test_events_keep_their_ids_as_time_goes_on(
    client: httpx.Client, create: Callable[..., dict[str, Any]], clock: FakeClock
) -> None:
    job = create(client)
    seen = []
    for _ in range(14):
        clock.advance(1)
        data = client.get(f"/fine_tuning/jobs/{job['id']}/events", params={"limit": 100}).json()["data"]
        ids = [event["id"] for event in reversed(data)]
        assert ids[: len(seen)] == seen
        seen = ids
    assert len(set(seen)) == len(seen)


def test_the_best_checkpoint_is_not_the_last_and_the_training_loss_falls(
    client: httpx.Client, create: Callable[..., dict[str, Any]], clock: FakeClock
) -> None:
    job = create(client)
    clock.advance(12)
    page = client.get(f"/fine_tuning/jobs/{job['id']}/checkpoints", params={"limit": 100}).json()
    data = page["data"]
    assert (page["first_id"], page["last_id"], page["has_more"]) == (data[0]["id"], data[-1]["id"], False)
    assert [checkpoint["step_number"] for checkpoint in data] == list(range(120, 0, -10))
    losses = [checkpoint["metrics"]["full_valid_loss"] for checkpoint in reversed(data)]
    assert 0 < losses.index(min(losses)) < len(losses) - 1
    train = [checkpoint["metrics"]["train_loss"] for checkpoint in reversed(data)]
    assert train == sorted(train, reverse=True)
    assert data[0]["fine_tuned_model_checkpoint"].endswith(":ckpt-step-120")
    assert data[0]["fine_tuning_job_id"] == job["id"]


def test_a_job_without_checkpoints_yet_has_an_empty_list(
    client: httpx.Client, create: Callable[..., dict[str, Any]]
) -> None:
    job = create(client)
    page = client.get(f"/fine_tuning/jobs/{job['id']}/checkpoints").json()
    assert page == {"object": "list", "data": [], "first_id": None, "last_id": None, "has_more": False}


def test_a_failed_job_says_why(
    gateway: FakeGateway, client: httpx.Client, create: Callable[..., dict[str, Any]], clock: FakeClock
) -> None:
    gateway.script_next(JobScript.failing("No example is valid.", code="invalid_file"))
    job = create(client)
    clock.advance(2)
    failed = client.get(f"/fine_tuning/jobs/{job['id']}").json()
    assert failed["status"] == "failed"
    assert failed["error"] == {"code": "invalid_file", "message": "No example is valid.", "param": None}
    assert failed["fine_tuned_model"] is None
    event = client.get(f"/fine_tuning/jobs/{job['id']}/events").json()["data"][0]
    assert (event["level"], event["message"]) == ("error", "The job failed: No example is valid.")


def test_a_stuck_job_keeps_an_unknown_status(
    gateway: FakeGateway, client: httpx.Client, create: Callable[..., dict[str, Any]], clock: FakeClock
) -> None:
    gateway.script_next(JobScript.stuck("hibernating"), JobScript(phases=[("dreaming", 1)], outcome="cancelled"))
    stuck, dreaming = create(client), create(client)
    ordinary = create(client)
    assert (dreaming["status"], ordinary["status"]) == ("dreaming", "validating_files")
    clock.advance(1e6)
    assert client.get(f"/fine_tuning/jobs/{stuck['id']}").json()["status"] == "hibernating"
    event = client.get(f"/fine_tuning/jobs/{stuck['id']}/events").json()["data"][0]
    assert event["message"] == "The job is now hibernating"
    event = client.get(f"/fine_tuning/jobs/{dreaming['id']}/events").json()["data"][0]
    assert event["message"] == "The job was cancelled"


def test_jobs_are_listed_newest_first(
    client: httpx.Client, create: Callable[..., dict[str, Any]], clock: FakeClock
) -> None:
    ids = []
    for number in range(4):
        ids.append(create(client)["id"])
        clock.advance(number % 2)
    listed = client.get("/fine_tuning/jobs").json()
    assert [job["id"] for job in listed["data"]] == ids[::-1]
    assert sorted(listed) == ["data", "has_more", "object"]


def test_jobs_put_there_are_found_and_can_be_filtered_by_metadata(gateway: FakeGateway, client: httpx.Client) -> None:
    gateway.add_job(job_id="ftjob-abc123", fields={"metadata": {"team": "a"}, "validation_file": "file-v"}, age=60)
    gateway.add_job()
    listed = client.get("/fine_tuning/jobs", params={"metadata[team]": "a"}).json()["data"]
    assert [job["id"] for job in listed] == ["ftjob-abc123"]
    job = client.get("/fine_tuning/jobs/ftjob-abc123").json()
    assert (job["status"], job["validation_file"]) == ("succeeded", "file-v")
    assert job["result_files"] == ["file-result-abc123"]


def test_a_job_that_succeeded_leaves_its_metrics_as_a_file(
    client: httpx.Client, create: Callable[..., dict[str, Any]], clock: FakeClock
) -> None:
    job = create(client)
    assert len(client.get("/files").json()["data"]) == 1
    clock.advance(12)
    file_id = client.get(f"/fine_tuning/jobs/{job['id']}").json()["result_files"][0]
    assert client.get(f"/files/{file_id}").json()["purpose"] == "fine-tune-results"
    table = client.get(f"/files/{file_id}/content").text.splitlines()
    assert table[0].startswith("step,train_loss,")
    assert len(table) == 121
    assert client.delete(f"/files/{file_id}").status_code == 404


def test_a_job_without_steps_leaves_an_empty_table(
    client: httpx.Client, create: Callable[..., dict[str, Any]], gateway: FakeGateway
) -> None:
    gateway.script_next(JobScript(phases=(), steps=0, checkpoints=0))
    job = create(client)
    assert client.get(f"/files/{job['result_files'][0]}/content").text == "step\n"


def test_without_a_clock_real_time_passes(
    connect: Callable[..., httpx.Client], create: Callable[..., dict[str, Any]]
) -> None:
    gateway = FakeGateway(speed=1e6)
    client = connect(gateway)
    job = create(client)
    # However many looks fit into the moment that it takes; a clock that stands still would never let it end.
    while client.get(f"/fine_tuning/jobs/{job['id']}").json()["status"] != "succeeded":
        pass


def test_the_gateway_tells_how_much_it_has_done_but_no_key(
    gateway: FakeGateway, client: httpx.Client, create: Callable[..., dict[str, Any]], clock: FakeClock
) -> None:
    create(client)
    assert repr(gateway) == "<FakeGateway: 2 requests, 1 jobs, 1 files>"
    assert repr(clock) == "FakeClock(now=1750000000.0)"


def test_a_paused_job_makes_no_progress_until_it_is_resumed(
    client: httpx.Client, create: Callable[..., dict[str, Any]], clock: FakeClock
) -> None:
    job = create(client)
    path = f"/fine_tuning/jobs/{job['id']}"
    clock.advance(6)
    assert client.post(f"{path}/pause").json()["status"] == "paused"
    before = client.get(f"{path}/events", params={"limit": 100}).json()["data"]
    checkpoints = client.get(f"{path}/checkpoints").json()
    clock.advance(100)
    assert client.get(path).json()["status"] == "paused"
    assert client.get(f"{path}/events", params={"limit": 100}).json()["data"] == before
    assert before[0]["message"] == "The job was paused"
    assert client.post(f"{path}/resume").json()["status"] == "running"
    assert client.get(f"{path}/checkpoints").json() == checkpoints
    clock.advance(6)
    finished = client.get(path).json()
    assert (finished["status"], finished["finished_at"]) == ("succeeded", job["created_at"] + 112)
    events = client.get(f"{path}/events", params={"limit": 100}).json()["data"][::-1]
    assert events[: len(before)] == before[::-1]
    assert events[len(before)]["message"] == "The job was resumed"
    times = [event["created_at"] - job["created_at"] for event in events]
    assert times == sorted(times)
    assert not [time for time in times if 6 < time < 106]


def test_a_job_is_paused_once_resumed_once_and_neither_after_its_end(
    client: httpx.Client, create: Callable[..., dict[str, Any]], clock: FakeClock
) -> None:
    path = f"/fine_tuning/jobs/{create(client)['id']}"
    refusals = []
    for verb in ("resume", "pause", "pause", "resume"):
        response = client.post(f"{path}/{verb}")
        refusals.append(response.json()["error"]["message"] if response.is_error else None)
    clock.advance(12)
    refusals += [client.post(f"{path}/{verb}").json()["error"]["message"] for verb in ("pause", "resume")]
    assert refusals == [
        "Job is not paused: its status is validating_files.",
        None,
        "Job is already paused.",
        None,
        "Job has already succeeded.",
        "Job has already succeeded.",
    ]


def test_a_paused_job_can_be_cancelled(
    client: httpx.Client, create: Callable[..., dict[str, Any]], clock: FakeClock
) -> None:
    job = create(client)
    path = f"/fine_tuning/jobs/{job['id']}"
    clock.advance(1)
    client.post(f"{path}/pause")
    clock.advance(1)
    cancelled = client.post(f"{path}/cancel").json()
    assert (cancelled["status"], cancelled["finished_at"]) == ("cancelled", job["created_at"] + 2)
    events = client.get(f"{path}/events").json()["data"]
    assert [event["message"] for event in events[:2]] == ["The job was cancelled", "The job was paused"]


def test_a_job_whose_script_is_paused_stays_so(
    client: httpx.Client, create: Callable[..., dict[str, Any]], gateway: FakeGateway
) -> None:
    gateway.script_next(JobScript.stuck("paused"))
    path = f"/fine_tuning/jobs/{create(client)['id']}"
    assert client.post(f"{path}/resume").json()["status"] == "paused"
