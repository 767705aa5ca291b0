"""The limits on what the SDK costs: each holds, and each fails when what it guards is broken."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from benchmarks.counts import LIMITS
from benchmarks.instructions import NotCountedError, counted, counter

ROOT = Path(__file__).resolve().parents[2]

ON_IMPORT = """
import sys

class Also:
    def find_spec(self, name, path=None, target=None):
        if name == "portkey_ft":
            {}

sys.meta_path.insert(0, Also())
"""
ON_SENDING = """
import httpx
send = httpx.Client.send

def otherwise(self, request, **options):
    if "{}" in str(request.url) and "x-portkey-api-key" in request.headers:
        {}
    return send(self, request, **options)

httpx.Client.send = otherwise
"""
#: What Python does before anything else, for a limit to be passed.
BREAKS = {
    "modules": ON_IMPORT.format("import sqlite3, unittest.mock, xml.dom.minidom"),
    "generated": ON_IMPORT.format("import portkey_ft_api.models"),
    "requests": ON_SENDING.format("checkpoints", "send(self, request, **options).read()"),
    "connections": ON_SENDING.format("checkpoints", "request.headers['connection'] = 'close'"),
    "blocks": """
import json
decode, kept = json.JSONDecoder.raw_decode, []

def hoarding(*args, **options):
    kept.append(decode(*args, **options))
    return decode(*args, **options)

json.JSONDecoder.raw_decode = hoarding
""",
    "upload": ON_SENDING.format("files", "request.stream = httpx.ByteStream(b''.join(request.stream))"),
    "instructions-import": ON_IMPORT.format("sum(range(5_000_000))"),
    "instructions-page": ON_SENDING.format("checkpoints", "sum(range(500_000))"),
    "instructions-page-fast": ON_SENDING.format("checkpoints", "sum(range(500_000))"),
}
#: What a wheel holds, for a limit to be passed.
WHEELS = {
    "wheel": {"portkey_ft/weights.bin": os.urandom(500_000)},
    "installed": {"portkey_ft/zeros.bin": bytes(2_000_000)},
    "dependencies": {
        "portkey_ft-1.dist-info/METADATA": b"Requires-Dist: attrs\nRequires-Dist: httpx\nRequires-Dist: rich\n"
    },
}


def count(folder: Path, *names: str, before: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """Count in a process whose Python does something before."""
    folder.joinpath("sitecustomize.py").write_text(before, encoding="utf-8")
    path = os.pathsep.join((str(folder), str(ROOT), str(ROOT / "generated")))
    return subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-m", "benchmarks", "--counts", *names],
        env={**os.environ, "PYTHONPATH": path, **environment},
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )


def wheel(folder: Path, contents: dict[str, bytes]) -> str:
    """Write a wheel, as far as it is weighed."""
    path = folder / "portkey_ft-1-py3-none-any.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return str(path)


@pytest.fixture
def countable() -> None:
    try:
        counter()
    except NotCountedError as error:
        pytest.skip(str(error))


def test_each_limit_is_shown_to_fail() -> None:
    assert BREAKS.keys() | WHEELS.keys() == LIMITS.keys()


def test_each_limit_has_a_reason() -> None:
    assert all(limit.reason for limit in LIMITS.values())


@pytest.mark.parametrize("name", [name for name in BREAKS if not name.startswith("instructions")])
def test_a_limit_that_is_passed_fails_and_says_why(name: str, tmp_path: Path) -> None:
    done = count(tmp_path, name, before=BREAKS[name])
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"{name}: TOO MANY; the limit stands because: {LIMITS[name].reason}" in done.stdout


@pytest.mark.usefixtures("countable")
@pytest.mark.parametrize("name", [name for name in BREAKS if name.startswith("instructions")])
def test_more_instructions_fail_wherever_they_are_counted(name: str, tmp_path: Path) -> None:
    done = count(tmp_path, name, before=BREAKS[name])
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"{name}: TOO MANY" in done.stdout


@pytest.mark.parametrize("name", WHEELS)
def test_a_wheel_that_weighs_too_much_fails(name: str, tmp_path: Path) -> None:
    done = count(tmp_path, name, "--wheel", wheel(tmp_path, WHEELS[name]))
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"{name}: TOO MANY" in done.stdout


def test_what_cannot_be_counted_here_is_said_and_is_no_failure(tmp_path: Path) -> None:
    done = count(tmp_path, "instructions-import", PATH="")
    said = "instructions-import: NOT COUNTED: neither perf nor valgrind counts instructions on this machine\n"
    assert (done.returncode, done.stdout) == (0, said)


def test_compiling_a_module_is_not_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever of two programs ran first would take more, and the ratio would be of that."""
    (tmp_path / "large.py").write_text("".join(f"def f{number}(a, b): return a + b\n" for number in range(1_000)))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    (first,), (second,) = counted("import large"), counted("import large")
    assert abs(first - second) < second / 100
