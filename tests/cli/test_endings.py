"""How a command ends: the exit code, and what is said on standard error."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from portkey_ft.testing import FakeGateway, Fault, JobScript
from tests.support.command_line import COMMAND
from tests.support.interrupts import heeding_ctrl_c

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Run = Callable[..., subprocess.CompletedProcess[str]]

posix = pytest.mark.skipif(os.name == "nt", reason="Windows sends Ctrl-C to every process of a console")


def test_a_file_that_should_not_be_uploaded_is_1_and_is_not_uploaded(
    run: Run, gateway: FakeGateway, tmp_path: Path
) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text('{"messages": []}\n', encoding="utf-8")
    checked = run("check", str(path))
    assert checked.returncode == 1
    assert "should not be uploaded" in checked.stdout
    uploaded = run("upload", str(path))
    assert uploaded.returncode == 1
    assert "should not be uploaded" in uploaded.stderr
    assert gateway.requests == ()
    assert run("upload", str(path), "--no-check").returncode == 0


def test_warnings_are_1_when_they_shall_be(run: Run, training_file: Path) -> None:
    training_file.write_text(training_file.read_text(encoding="utf-8").splitlines()[0], encoding="utf-8")
    assert run("check", str(training_file)).returncode == 0
    assert run("check", str(training_file), "--strict").returncode == 1


def test_what_the_gateway_refuses_is_1_with_its_reason_and_no_traceback(run: Run) -> None:
    ended = run("jobs", "get", "ftjob-nowhere")
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert ended.stderr.startswith("Error: 404")
    assert "fine_tuning.jobs.retrieve" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_gateway_that_is_not_there_is_1(run: Run) -> None:
    ended = run("jobs", "list", "--max-retries", "0", PORTKEY_BASE_URL="http://127.0.0.1:9/v1")
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith("Error: ")
    assert "Traceback" not in ended.stderr


def test_a_job_that_fails_is_1_with_the_providers_reason(run: Run, gateway: FakeGateway) -> None:
    job = gateway.add_job(script=JobScript.failing(code="invalid_training_file", message="Line 7 is odd."))
    ended = run("jobs", "wait", job.id, "--poll-interval", "0.1")
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "Line 7 is odd." in ended.stderr


def test_a_wait_that_is_too_long_is_1(run: Run, gateway: FakeGateway) -> None:
    job = gateway.add_job(script=JobScript().lasting(100_000))
    ended = run("jobs", "wait", job.id, "--timeout", "0.2", "--poll-interval", "0.1")
    assert ended.returncode == 1
    assert "has not ended within 0.2 seconds" in ended.stderr


def test_a_file_that_cannot_be_written_is_1_without_a_traceback(run: Run, gateway: FakeGateway) -> None:
    file = gateway.add_file(b"{}")
    ended = run("files", "content", file.id, "--output", "no/such/folder/copy.jsonl")
    assert ended.returncode == 1
    assert ended.stderr.startswith("Error: ")
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("jobs", "list", "--limit", "none"),
        ("jobs", "create", "--model", "m"),
        ("jobs", "create", "--model", "m", "--training-file", "f", "--extra-body", "[]"),
        ("jobs", "create", "--model", "m", "--training-file", "f", "--extra-body", "{"),
        ("jobs", "create", "--model", "m", "--training-file", "f", "--metadata", "label"),
        ("jobs", "create", "--model", "m", "--training-file", "f", "--beta", "0.1"),
        ("jobs", "wait", "job", "--timeout", "-1"),
        ("jobs", "nothing"),
        ("check", "nowhere.jsonl"),
    ],
)
def test_wrong_usage_is_2_and_nothing_is_sent(run: Run, gateway: FakeGateway, arguments: tuple[str, ...]) -> None:
    ended = run(*arguments)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr
    assert "Traceback" not in ended.stderr
    assert gateway.requests == ()


@pytest.mark.parametrize("missing", ["PORTKEY_PROVIDER", "PORTKEY_BASE_URL"])
def test_settings_that_cannot_work_are_2(run: Run, missing: str) -> None:
    changed = {missing: ""} | ({"PORTKEY_API_KEY": ""} if missing == "PORTKEY_BASE_URL" else {})
    ended = run("jobs", "list", **changed)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith("Error: ")


def test_help_and_version_are_0(run: Run) -> None:
    assert run("--version").stdout.startswith("portkey-ft ")
    for arguments in ((), ("jobs",), ("files",)):
        assert run(*arguments, "--help").returncode == 0


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--api-key", "pk-canary"),
        ("--virtual-key", "vk-canary"),
        ("--config", '{"virtual_key": "vk-canary"}'),
    ],
)
def test_a_key_on_the_command_line_is_warned_of_and_never_shown(run: Run, option: str, value: str) -> None:
    ended = run("jobs", "list", option, value, PORTKEY_PROVIDER="")
    assert f"Warning: other users of this machine can see {option}" in ended.stderr
    assert "canary" not in ended.stdout + ended.stderr


def test_without_the_extra_it_says_how_to_install_it(environment: dict[str, str]) -> None:
    code = "import sys; sys.modules['typer'] = None; from portkey_ft.cli import main; main()"
    ended = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-c", code], env=environment, check=False, capture_output=True, text=True, timeout=60
    )
    assert ended.returncode == 1
    assert ended.stderr == ('The command line needs typer. Install it with: python -m pip install "portkey-ft[cli]"\n')


def test_a_package_that_is_broken_is_not_taken_for_the_missing_extra(environment: dict[str, str]) -> None:
    code = "import sys; sys.modules['httpx'] = None; from portkey_ft.cli import main; main()"
    ended = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-c", code], env=environment, check=False, capture_output=True, text=True, timeout=60
    )
    assert ended.returncode == 1
    assert "httpx" in ended.stderr
    assert "portkey-ft[cli]" not in ended.stderr


@pytest.fixture
def start(environment: dict[str, str]) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start a command line that goes on."""
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str, **more: str) -> subprocess.Popen[str]:
        with heeding_ctrl_c():
            process = subprocess.Popen(  # noqa: S603 - our own words
                [*COMMAND, *arguments],
                env=environment | more,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


@posix
@pytest.mark.parametrize("command", ["wait", "follow"])
def test_ctrl_c_ends_the_waiting_and_says_how_to_come_back(
    start: Callable[..., subprocess.Popen[str]], gateway: FakeGateway, command: str
) -> None:
    job = gateway.add_job(script=JobScript().lasting(100_000))
    process = start("jobs", command, job.id)
    watched = process.stderr if command == "wait" else process.stdout
    assert watched is not None
    assert watched.readline()
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=120)
    assert process.returncode == 130
    assert f"The job {job.id} goes on." in said
    assert f"portkey-ft jobs {command} {job.id}" in said
    assert f"portkey-ft jobs cancel {job.id}" in said
    assert "Traceback" not in said


@posix
@pytest.mark.parametrize("command", ["jobs create", "upload"])
def test_ctrl_c_in_a_request_that_starts_something_says_that_it_may_have_arrived(
    start: Callable[..., subprocess.Popen[str]], gateway: FakeGateway, training_file: Path, command: str
) -> None:
    file = gateway.add_file()
    gateway.fail_next(Fault(delay=60), times=None)
    arguments = ("--model", "m", "--training-file", file.id) if command == "jobs create" else (str(training_file),)
    process = start(*command.split(), *arguments)
    # The request has arrived when it is recorded; its response is held back.
    while not gateway.requests and process.poll() is None:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=120)
    assert process.returncode == 130
    assert "may have been" in said
    assert f"portkey-ft {'jobs list' if command == 'jobs create' else 'files list'}" in said
    assert "Traceback" not in said


@posix
def test_ctrl_c_stops_the_gateway(start: Callable[..., subprocess.Popen[str]]) -> None:
    process = start("gateway", "--api-key", "only-this")
    assert process.stdout is not None
    assert "http://127.0.0.1:" in process.stdout.readline()
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=120) == 0


@posix
def test_a_reader_that_has_enough_gets_no_traceback(
    start: Callable[..., subprocess.Popen[str]], gateway: FakeGateway
) -> None:
    for _ in range(2_000):
        gateway.add_job()
    process = start("jobs", "list", "--all", "--json")
    assert process.stdout is not None
    assert process.stderr is not None
    assert process.stdout.readline()
    process.stdout.close()
    assert process.stderr.read() == ""
    assert process.wait(timeout=120) == 1
