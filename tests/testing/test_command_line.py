from __future__ import annotations

import io
import os
import re
import runpy
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from portkey_ft._version import __version__
from portkey_ft.testing import __main__ as command_line
from tests.support.interrupts import heeding_ctrl_c

ROOT = Path(__file__).parents[2]


def stop_at_once() -> None:
    raise KeyboardInterrupt


def base_url(text: str) -> str:
    found = re.search(r"http://\S+/v1", text)
    assert found, text
    return found[0]


def test_it_serves_until_it_is_interrupted() -> None:
    out, seen = io.StringIO(), []

    def look() -> None:
        url = base_url(out.getvalue())
        response = httpx.get(f"{url}/files", headers={"x-portkey-virtual-key": "vk"}, timeout=60)
        seen.append(response.status_code)
        raise KeyboardInterrupt

    assert command_line.main([], out=out, wait=look) == 0
    assert seen == [200]
    assert 'api_key="any"' in out.getvalue()


def test_it_may_also_end_by_itself() -> None:
    assert command_line.main([], out=io.StringIO(), wait=lambda: None) == 0


def test_options_are_heeded() -> None:
    out = io.StringIO()

    def look() -> None:
        headers = {"x-portkey-virtual-key": "vk"}
        url = base_url(out.getvalue())
        assert httpx.get(f"{url}/files", headers=headers, timeout=60).status_code == 401
        headers["x-portkey-api-key"] = "k2"
        files = {"purpose": (None, b"fine-tune"), "file": ("a.jsonl", b"x")}
        file_id = httpx.post(f"{url}/files", headers=headers, files=files, timeout=60).json()["id"]
        body = {"model": "m", "training_file": file_id}
        job = httpx.post(f"{url}/fine_tuning/jobs", headers=headers, json=body, timeout=60).json()
        assert job["status"] == "succeeded"

    arguments = ["--host", "127.0.0.1", "--api-key", "k1", "--api-key", "k2", "--seconds-per-job", "0"]
    assert command_line.main(arguments, out=out, wait=look) == 0
    assert 'api_key="k1"' in out.getvalue()


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--port", "70000"], "between 0 and 65535"),
        (["--port", "x"], "invalid"),
        (["--seconds-per-job", "-1"], "not negative"),
        (["--seconds-per-job", "nan"], "not negative"),
        (["--nonsense"], "unrecognized"),
    ],
)
def test_wrong_arguments_are_told(arguments: list[str], word: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        command_line.main(arguments)
    assert stopped.value.code == 2
    assert word in capsys.readouterr().err


def test_a_taken_port_is_told_in_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert command_line.main(["--port", str(port)], wait=stop_at_once) == 1
    error = capsys.readouterr().err
    assert error.startswith(f"cannot listen on 127.0.0.1:{port}: ")
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    ("option", "word"), [("--help", "--seconds-per-job"), ("--version", f"portkey-ft {__version__}")]
)
def test_it_tells_about_itself(option: str, word: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        command_line.main([option])
    assert stopped.value.code == 0
    assert word in capsys.readouterr().out


def test_it_waits_for_ever(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(command_line.time, "sleep", lambda _seconds: stop_at_once())
    assert command_line.main([]) == 0
    assert "Fake gateway on http://127.0.0.1:" in capsys.readouterr().out


def test_it_runs_as_a_module(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["portkey_ft.testing", "--version"])
    monkeypatch.delitem(sys.modules, "portkey_ft.testing.__main__")
    with pytest.raises(SystemExit) as stopped:
        runpy.run_module("portkey_ft.testing", run_name="__main__")
    assert stopped.value.code == 0
    assert __version__ in capsys.readouterr().out


@pytest.mark.skipif(os.name == "nt", reason="a process is interrupted in another way there")
def test_ctrl_c_stops_it_quietly() -> None:
    paths = os.pathsep.join([str(ROOT), str(ROOT / "generated")])
    with heeding_ctrl_c():
        process = subprocess.Popen(
            [sys.executable, "-m", "portkey_ft.testing"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": paths},
        )
    with process:
        assert process.stdout is not None
        assert process.stderr is not None
        url = base_url(process.stdout.readline())
        assert httpx.get(f"{url}/files", headers={"x-portkey-virtual-key": "vk"}, timeout=60).status_code == 200
        process.send_signal(signal.SIGINT)
        assert process.wait(120) == 0
        assert process.stderr.read() == ""


def test_importing_it_needs_no_tool_of_a_developer() -> None:
    tools = {"coverage", "hypothesis", "pytest", "trio", "yaml"}
    code = f"import sys; import portkey_ft.testing; print({tools!r} & sys.modules.keys())"
    paths = os.pathsep.join([str(ROOT), str(ROOT / "generated")])
    done = subprocess.run(  # noqa: S603 - this interpreter, these words
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": paths},
    )
    assert done.stdout == "set()\n"
