"""Each command does one call and prints what came, for people and for programs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from portkey_ft.testing import Fault, JobScript

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

    from portkey_ft.testing import FakeGateway

    Run = Callable[..., subprocess.CompletedProcess[str]]
    Read = Callable[..., list[Any]]


def test_from_a_file_to_the_best_checkpoint(read: Read, run: Run, training_file: Path) -> None:
    (report,) = read("check", str(training_file), "--provider", "openai")
    assert report["can_upload"]
    assert report["examples"] == 10
    (uploaded,) = read("upload", str(training_file))
    (created,) = read(
        *("jobs", "create", "--model", "gpt-4o-mini-2024-07-18", "--training-file", uploaded["id"]),
        *("--epochs", "2", "--lr-multiplier", "0.5", "--batch-size", "auto", "--suffix", "shop", "--seed", "7"),
    )
    assert created["hyperparameters"]["n_epochs"] == 2
    followed = read("jobs", "follow", created["id"], "--poll-interval", "0.1")
    assert followed[-1]["message"] == "The job has successfully completed"
    ended = run("jobs", "wait", created["id"], "--json")
    assert json.loads(ended.stdout)["status"] == "succeeded"
    assert read("jobs", "get", created["id"])[0]["fine_tuned_model"].startswith("ft:")
    events = read("jobs", "events", created["id"], "--all")
    assert [event["id"] for event in events] == [event["id"] for event in reversed(followed)]
    checkpoints = read("checkpoints", created["id"], "--all")
    (best,) = read("checkpoints", created["id"], "--best", "full_valid_loss")
    assert best["metrics"]["full_valid_loss"] == min(each["metrics"]["full_valid_loss"] for each in checkpoints)
    assert [job["id"] for job in read("jobs", "list")] == [created["id"]]


def test_files_are_listed_shown_downloaded_and_deleted(
    read: Read, run: Run, training_file: Path, tmp_path: Path
) -> None:
    (uploaded,) = read("upload", str(training_file), "--filename", "shop.jsonl")
    assert [file["filename"] for file in read("files", "list", "--purpose", "fine-tune")] == ["shop.jsonl"]
    assert read("files", "get", uploaded["id"]) == [uploaded]
    content = training_file.read_text(encoding="utf-8")
    assert run("files", "content", uploaded["id"]).stdout == content
    written = run("files", "content", uploaded["id"], "--output", "copy.jsonl")
    assert (written.stdout, written.stderr) == ("", f"Wrote {len(content):,} bytes to copy.jsonl.\n")
    assert (tmp_path / "copy.jsonl").read_text(encoding="utf-8") == content
    assert read("files", "delete", uploaded["id"])[0]["deleted"]
    assert read("files", "list") == []


def test_a_job_is_paused_resumed_and_cancelled(read: Read, gateway: FakeGateway) -> None:
    job = gateway.add_job(script=JobScript().lasting(100_000), age=50_000)
    assert read("jobs", "pause", job.id)[0]["status"] == "paused"
    assert read("jobs", "resume", job.id)[0]["status"] == "running"
    assert read("jobs", "cancel", job.id)[0]["status"] == "cancelled"


def test_a_plot_is_written_where_it_was_asked_for(run: Run, gateway: FakeGateway, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="the extra plot is not installed")
    job = gateway.add_job(age=100_000)
    ended = run("checkpoints", job.id, "--plot", "losses.svg")
    assert (ended.returncode, ended.stderr) == (0, "Drew the losses into losses.svg.\n")
    assert "<svg" in (tmp_path / "losses.svg").read_text(encoding="utf-8")


def test_a_table_is_whole_in_a_pipe(run: Run, gateway: FakeGateway) -> None:
    model = f"a-model-with-a-name-as-long-as-{'this' * 20}"
    jobs = [gateway.add_job(model=model, age=100_000) for _ in range(3)]
    header, *rows = run("jobs", "list", COLUMNS="40").stdout.splitlines()
    assert header.split() == ["ID", "STATUS", "MODEL", "CREATED", "(UTC)"]
    assert [row.split()[:3] for row in rows] == [[job.id, "succeeded", model] for job in reversed(jobs)]


def test_what_is_left_out_by_the_limit_is_told_with_the_way_to_it(run: Run, read: Read, gateway: FakeGateway) -> None:
    jobs = [gateway.add_job() for _ in range(3)]
    first = run("jobs", "list", "--limit", "2")
    assert len(first.stdout.splitlines()) == 3
    assert f"--after {jobs[1].id}" in first.stderr
    assert [job["id"] for job in read("jobs", "list", "--after", jobs[1].id)] == [jobs[0].id]
    assert len(read("jobs", "list", "--all")) == 3


def test_an_empty_list_is_told_on_standard_error_alone(run: Run) -> None:
    ended = run("jobs", "list")
    assert (ended.stdout, ended.stderr) == ("", "There are no jobs.\n")


def test_fields_are_shown_a_line_each_with_nothing_that_is_empty(run: Run, gateway: FakeGateway) -> None:
    job = gateway.add_job(age=100_000, fields={"hyperparameters": {"n_epochs": 4}})
    lines = run("jobs", "get", job.id).stdout.splitlines()
    assert lines[0].split() == ["id", job.id]
    assert "succeeded" in lines[1]
    assert lines[lines.index("hyperparameters") + 1].split() == ["n_epochs", "4"]
    assert not [line for line in lines if line.split()[-1] in {"null", "[]", "{}"}]


def test_what_a_provider_says_cannot_steer_the_terminal(run: Run, gateway: FakeGateway) -> None:
    gateway.add_job(model="\x1b]0;title\x07[red]gpt")
    shown = run("jobs", "list").stdout
    assert "\x1b" not in shown
    assert r"\x1b]0;title\x07[red]gpt" in shown


def test_the_settings_of_a_request_arrive(run: Run, gateway: FakeGateway) -> None:
    assert run("jobs", "list", "--trace-id", "nightly").returncode == 0
    headers = gateway.requests[-1].headers
    assert headers["x-portkey-trace-id"] == "nightly"
    assert headers["x-portkey-provider"] == "@my-openai"
    run("jobs", "list", "--provider", "bedrock", "--provider-header", "aws_region=us-east-1", "--max-retries", "0")
    headers = gateway.requests[-1].headers
    assert (headers["x-portkey-provider"], headers["x-portkey-aws-region"]) == ("bedrock", "us-east-1")


def test_provider_options_and_further_fields_are_json(run: Run, gateway: FakeGateway) -> None:
    file = gateway.add_file()
    ended = run(
        *("jobs", "create", "--model", "m", "--training-file", file.id, "--method", "dpo", "--beta", "0.2"),
        *("--extra-body", '{"brand_new": [1, 2]}'),
    )
    assert ended.returncode == 0, ended.stderr
    body = json.loads(gateway.requests[-1].body)
    assert body["brand_new"] == [1, 2]
    assert body["method"] == {"type": "dpo", "dpo": {"hyperparameters": {"beta": 0.2}}}


def test_what_would_be_lost_is_warned_of_on_a_line(run: Run, gateway: FakeGateway) -> None:
    """And it is an error, without a traceback, where Python was told that warnings are."""
    create = ("jobs", "create", "--model", "m", "--training-file", gateway.add_file().id, "--metadata", "team=support")
    warned = run(*create, strict=False)
    assert warned.returncode == 0
    (line,) = warned.stderr.splitlines()
    assert line.startswith("Warning: ")
    assert "metadata" in line
    refused = run(*create)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == f"{line.replace('Warning: ', 'Error: ')}\n"


def test_a_slug_hides_the_provider_so_hyperparameters_go_where_any_provider_reads_them(
    run: Run, gateway: FakeGateway
) -> None:
    file = gateway.add_file()
    create = ("jobs", "create", "--model", "m", "--training-file", file.id)
    assert run(*create, "--hyperparameters", '{"n_epochs": 2}').returncode == 0
    body = json.loads(gateway.requests[-1].body)
    assert body["hyperparameters"] == body["method"]["supervised"]["hyperparameters"] == {"n_epochs": 2}


@pytest.mark.parametrize("provider", ["@my-openai", "brand-new-ai"])
def test_a_provider_that_is_not_known_is_checked_for_by_the_common_rules(
    run: Run, training_file: Path, provider: str
) -> None:
    training_file.write_text("{}\n", encoding="utf-8")
    ended = run("upload", str(training_file), "--provider", provider, "--authorization", "sk-test")
    assert ended.returncode == 1
    assert "should not be uploaded" in ended.stderr


def test_a_create_that_may_have_arrived_says_so_and_is_not_repeated(run: Run, gateway: FakeGateway) -> None:
    file = gateway.add_file()
    gateway.fail_next(Fault(silent=True), path="*/jobs")
    ended = run("jobs", "create", "--model", "m", "--training-file", file.id)
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert len(gateway.requests) == 1


def test_jobs_are_listed_by_label(run: Run, gateway: FakeGateway) -> None:
    assert run("jobs", "list", "--metadata", "team=support", "--json").returncode == 0
    assert "metadata" in gateway.requests[-1].path + str(gateway.requests[-1].query)
