"""What docs/command-line.md shows is what happens, and the reference is generated from the command line."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from portkey_ft.testing import FakeGateway, JobScript
from tests.support.command_line import COMMAND, example
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = ROOT / "docs" / "command-line.md"
REFERENCE = ROOT / "docs" / "reference" / "command-line.md"
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00")


@pytest.fixture
def gateway() -> FakeGateway:
    return FakeGateway(script=JobScript().lasting(0))


def _commands(page: str) -> Iterator[tuple[str, str]]:
    """Give each command of a page with the output below it."""
    for block in BLOCK.findall(page):
        for step in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            # A command goes on behind a backslash at the end of its line.
            whole = re.match(r"(?:.*\\\n)*.*\n", step)
            assert whole is not None
            yield whole.group().rstrip("\n"), step[whole.end() :]


@pytest.mark.skipif(os.name == "nt", reason="the page speaks of a POSIX shell")
def test_the_page_shows_what_happens(environment: dict[str, str], tmp_path: Path) -> None:
    bin_folder = tmp_path / "bin"
    bin_folder.mkdir()
    (bin_folder / "portkey-ft").write_text(f'#!/bin/sh\nexec {" ".join(COMMAND)} "$@"\n', encoding="utf-8")
    (bin_folder / "portkey-ft").chmod(0o755)
    (bin_folder / "python").symlink_to(sys.executable)
    (tmp_path / "answers.jsonl").write_text("".join(f"{example(n)}\n" for n in range(12)), encoding="utf-8")
    commands = list(_commands(PAGE.read_text(encoding="utf-8")))
    assert len(commands) > 5
    for command, output in commands:
        ended = subprocess.run(  # noqa: S602 - the page's own commands
            command,
            shell=True,
            cwd=tmp_path,
            env=environment | {"PATH": f"{bin_folder}:{environment['PATH']}"},
            check=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=60,
        )
        assert TIME.sub("TIME", ended.stdout) == TIME.sub("TIME", output), command


def test_the_reference_is_what_the_command_line_says_of_itself(environment: dict[str, str]) -> None:
    generate = ["-m", "typer", "portkey_ft.cli._app", "utils", "docs", "--name", "portkey-ft"]
    generate += ["--title", "Command-line reference"]
    ended = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, *generate], env=environment, check=True, capture_output=True, text=True, timeout=60
    )
    update = f"python {' '.join(generate[:-1])} '{generate[-1]}' --output docs/reference/command-line.md"
    assert ended.stdout.strip() == REFERENCE.read_text(encoding="utf-8").strip(), f"update it with: {update}"
