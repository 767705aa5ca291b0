"""What people see in a terminal of eighty columns."""

from __future__ import annotations

import os
import re
import subprocess
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from portkey_ft.cli._app import app
from portkey_ft.testing import FakeClock, FakeGateway, JobScript
from tests.support.command_line import COMMAND

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Show = Callable[..., str]
    Run = Callable[..., subprocess.CompletedProcess[str]]

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no pseudo-terminals of this kind")

COMMANDS = (
    "check",
    "upload",
    "jobs",
    *(f"jobs {name}" for name in ("create", "list", "get", "wait", "follow", "events", "cancel", "pause", "resume")),
    "checkpoints",
    "files",
    *(f"files {name}" for name in ("list", "get", "content", "delete")),
    "gateway",
)
SEQUENCE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@pytest.fixture
def show(environment: dict[str, str], tmp_path: Path) -> Show:
    """Run a command line in a terminal, and give what arrived there."""
    import fcntl  # noqa: PLC0415 - POSIX
    import pty  # noqa: PLC0415 - POSIX
    import struct  # noqa: PLC0415 - POSIX
    import termios  # noqa: PLC0415 - POSIX

    def show(*arguments: str, seen: Callable[[str], object] = str, **more: str) -> str:
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        process = subprocess.Popen(  # noqa: S603 - our own words
            [*COMMAND, *arguments],
            cwd=tmp_path,
            env=environment | {"TERM": "xterm-256color"} | more,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
        )
        os.close(theirs)
        shown = b""
        while True:
            try:
                chunk = os.read(ours, 65_536)
            except OSError:
                # Linux tells the end of a terminal by an error.
                break
            if not chunk:
                break
            shown += chunk
            seen(SEQUENCE.sub("", shown.decode(errors="replace")))
        os.close(ours)
        assert process.wait(timeout=60) == 0
        return shown.decode().replace("\r\n", "\n")

    return show


@pytest.fixture
def clock() -> FakeClock:
    """The gateway's time, which a test moves."""
    return FakeClock()


@pytest.fixture
def gateway(clock: FakeClock) -> FakeGateway:
    """A gateway in which nothing happens by itself."""
    return FakeGateway(clock=clock)


def _lines(shown: str) -> list[str]:
    return SEQUENCE.sub("", shown).splitlines()


def test_a_table_fits_and_loses_nothing(show: Show, gateway: FakeGateway) -> None:
    model = f"a-model-with-a-name-as-long-as-{'this' * 20}"
    job = gateway.add_job(model=model, age=100_000)
    listed = _lines(show("jobs", "list"))
    assert max(map(len, listed)) <= 80
    assert any(line.startswith(f"{job.id} ") for line in listed)
    column = slice(listed[0].index("MODEL"), listed[0].index("CREATED"))
    assert "".join(line[column].strip() for line in listed[1:]) == model
    fields = _lines(show("jobs", "get", job.id))
    assert max(map(len, fields)) <= 80
    assert model in "".join(line.strip() for line in fields)


def test_states_have_colours_and_no_color_takes_them_away(show: Show, gateway: FakeGateway) -> None:
    gateway.add_job(age=100_000)
    assert "\x1b[32msucceeded" in show("jobs", "list")
    plain = show("jobs", "list", NO_COLOR="1")
    assert "succeeded" in plain
    assert not re.search(r"\x1b\[3[0-9]", plain)


def test_a_wait_is_shown_on_a_line_that_is_redrawn(show: Show, gateway: FakeGateway, clock: FakeClock) -> None:
    """The job runs until it was seen to."""
    job = gateway.add_job(script=JobScript().lasting(300), age=150)

    def end_when_seen(shown: str) -> None:
        if f"{job.id}: running" in shown:
            clock.advance(300)

    shown = show("jobs", "wait", job.id, "--poll-interval", "0.05", seen=end_when_seen)
    assert f"{job.id}: running" in SEQUENCE.sub("", shown)
    # Hidden while the line is redrawn, and given back at the end.
    assert shown.index("\x1b[?25l") < shown.rindex("\x1b[?25h")
    assert re.search(r"^status +succeeded", SEQUENCE.sub("", shown), re.MULTILINE)


def test_help_is_shown_in_a_terminal(show: Show) -> None:
    lines = _lines(show("jobs", "--help"))
    assert any(line.strip().startswith("Usage: portkey-ft jobs") for line in lines)
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_fits_and_is_whole(command: str) -> None:
    lines = CliRunner().invoke(app, [*command.split(), "--help"], env={"COLUMNS": "80"}).stdout.splitlines()
    assert any(line.strip().startswith("Usage: ") for line in lines)
    assert max(map(len, lines)) <= 80
    assert "…" not in "".join(lines)


@pytest.mark.parametrize(
    ("words", "completed"), [("jobs w", "wait"), ("che", "checkpoints"), ("jobs wait --poll", "--poll-interval")]
)
def test_shells_complete(run: Run, words: str, completed: str) -> None:
    ended = run(
        _PORTKEY_FT_COMPLETE="complete_bash",
        COMP_WORDS=f"portkey-ft {words}",
        COMP_CWORD=str(len(words.split())),
    )
    assert completed in ended.stdout.split()
