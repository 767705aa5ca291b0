"""The project's checks and chores; ``nox --list`` tells them, ``nox`` alone runs every check.

Each session installs what it needs into an environment of its own; nothing is expected of the machine but Python.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import nox

nox.needs_version = ">=2025.5"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.reuse_venv = "yes"
# Which interpreters there are differs between machines; the sessions say which ones they had.
nox.options.error_on_missing_interpreters = False

PROJECT = nox.project.load_toml("pyproject.toml")
PYTHONS = nox.project.python_versions(PROJECT)
ROOT = Path(__file__).parent
# What tries the spec-sync runs once, two at a time.
TOOLCHAIN_TESTS = ("tests/specsync",)
# Real versions of the upstream document, for those who have them beside the checkout. The project is whole without.
UPSTREAM = Path(os.environ.get("PORTKEY_UPSTREAM", ROOT.parent / "shared" / "upstream"))


def _works(python: str) -> bool:
    """Tell whether an interpreter is there and starts; a version manager's shim may be there and not start."""
    found = shutil.which(f"python{python}")
    return found is not None and subprocess.run([found, "-c", ""], check=False, capture_output=True).returncode == 0  # noqa: S603 - an interpreter found on PATH


def _install(session: nox.Session, *groups: str) -> None:
    session.install(*nox.project.dependency_groups(PROJECT, *groups))


def _specsync(session: nox.Session, *arguments: str) -> None:
    # A verdict is an exit code of its own, and none of a failure.
    verdicts = [0, 10, 20]
    session.run("python", "-m", "scripts.specsync", *arguments, success_codes=verdicts)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style, format, and what is written for the changelog."""
    _install(session, "lint")
    session.run("python", "-m", "scripts.release.changelog", silent=True)
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session
def types(session: nox.Session) -> None:
    """Check types with mypy and pyright, both strict, on everything that is written by hand."""
    _install(session, "types")
    session.run("mypy", "portkey_ft", "scripts", "benchmarks", "noxfile.py", "tests/typing")
    session.run("basedpyright", "--level", "error")


@nox.session
def floors(session: nox.Session) -> None:
    """Check that imports only point down, and that the seam is the only door to the generated client."""
    _install(session, "floors")
    session.install("attrs", "httpx")
    session.run("lint-imports", env={"PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "generated")))})


@nox.session(python=PYTHONS)
def verify(session: nox.Session) -> None:
    """Check that spec/ and generated/ are what the lock says, and come out byte for byte again."""
    _install(session, "spec")
    _specsync(session, "verify")
    _specsync(session, "generate", "--check")


@nox.session
def build(session: nox.Session) -> None:
    """Build the wheel, and try it in an environment that knows nothing of this folder."""
    _install(session, "build")
    with tempfile.TemporaryDirectory() as folder:
        session.run("python", "-m", "build", "--outdir", folder, silent=True)
        session.run("twine", "check", "--strict", *map(str, Path(folder).iterdir()))
        (wheel,) = Path(folder).glob("*.whl")
        environment = Path(folder, "environment")
        session.run("python", "-m", "venv", str(environment))
        python = str(environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python"))
        session.run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", str(wheel), external=True)
        shutil.copy(ROOT / "examples" / "quickstart.py", folder)
        session.chdir(folder)
        session.run(python, "-W", "error", "quickstart.py", external=True)
        session.run(python, "-c", "import portkey_ft; print('the wheel gives', portkey_ft.__version__)", external=True)


@nox.session
def demo(session: nox.Session) -> None:
    """Run the main job, from a training file to the best checkpoint, on an embedded gateway."""
    session.install(".[progress]", silent=True)
    session.run("python", "examples/demo.py", *session.posargs)


@nox.session(default=False)
def sync(session: nox.Session) -> None:
    """Pull Portkey's document and regenerate the client: ``nox -s sync -- --source FILE_OR_URL``."""
    _install(session, "spec")
    _specsync(session, "sync", *session.posargs)


@nox.session
def agree(session: nox.Session) -> None:
    """Check that the operation on Portkey's docs page is the one in the document, in all its facts."""
    page = UPSTREAM / "pages" / "list-fine-tuning-checkpoints.md"
    source = session.posargs[0] if session.posargs else str(page)
    if not session.posargs and not page.exists():
        session.skip("there is no copy of the page beside the checkout; name one: nox -s agree -- PAGE_OR_URL")
    _install(session, "spec")
    _specsync(session, "agree", source)


@nox.session
def docs(session: nox.Session) -> None:
    """Build the documentation site into docs/_build/html; a warning is an error."""
    _install(session, "docs")
    session.install(".")
    session.run("sphinx-build", "-nW", "--keep-going", "-b", "html", "docs", "docs/_build/html", *session.posargs)


@nox.session(default=False)
def release_check(session: nox.Session) -> None:
    """Look at what a release would give, and whether it keeps what was promised: ``-- --tag vX.Y.Z --keep dist``."""
    _install(session, "release")
    session.install(".")
    session.run("pytest", "tests/release")
    session.run("python", "-m", "scripts.release", *session.posargs)


# The same, as people type it.
nox.session(name="release-check", default=False)(release_check)


@nox.session
def official(session: nox.Session) -> None:
    """Check what README.md says of the official SDK, beside that SDK."""
    _install(session, "test", "bench")
    session.run("pytest", *(session.posargs or ["tests/docs/test_beside_official.py"]))


@nox.session
def counts(session: nox.Session) -> None:
    """Check what the SDK costs where no clock matters: modules, requests, connections, memory, bytes, instructions."""
    _install(session, "build", "test")
    session.install(".")
    session.run("python", "-m", "benchmarks", "--counts", *session.posargs)
    if not session.posargs:
        session.run("pytest", "tests/benchmarks")


@nox.session(default=False)
def bench(session: nox.Session) -> None:
    """Measure what the SDK costs beside its peers: ``nox -s bench -- [ROW ...] [--rounds N]``."""
    # The wheel and the spec-sync are measured too.
    _install(session, "bench", "build", "spec")
    session.install(".")
    session.run("python", "-m", "benchmarks", *session.posargs)


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """Run the tests on every supported Python that is there."""
    _install(session, "test", "spec")
    # The counts, the toolchain and the real gateway have sessions of their own.
    elsewhere = [f"--ignore={path}" for path in ("tests/benchmarks", "tests/e2e", *TOOLCHAIN_TESTS)]
    arguments = session.posargs or ["tests", "README.md", "docs", *elsewhere]
    if session.posargs:
        session.run("pytest", *arguments)
        return
    if session.python != PYTHONS[0]:
        session.install("pytest-xdist>=3.8")
        # By files: the blocks of a page share their names.
        session.run("pytest", "-n", "2", "--dist", "loadfile", *arguments)
        return
    session.run("coverage", "erase")
    session.run("coverage", "run", "-m", "pytest", *arguments)
    session.notify("coverage")


@nox.session
def toolchain(session: nox.Session) -> None:
    """Run the tests of the spec-sync, two at a time; ``verify`` shows on each Python that it makes the same bytes."""
    _install(session, "spec")
    session.install("pytest-xdist>=3.8")
    session.run("pytest", *(session.posargs or ["-n", "2", *TOOLCHAIN_TESTS]))


@nox.session
def e2e(session: nox.Session) -> None:
    """Run the tests against the real gateway, installed from npm, on loopback."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        session.skip("node and npm are not there; the real gateway was not tried")
    _install(session, "test")
    # npm puts packages beside the lock file; a copy keeps the checkout as it is.
    folder = Path(session.create_tmp()) / "gateway"
    shutil.copytree(ROOT / "tests" / "e2e" / "gateway", folder, dirs_exist_ok=True)
    with session.chdir(folder):
        session.run(npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", external=True, silent=True)
    arguments = session.posargs or ["tests/e2e"]
    session.run("pytest", *arguments, env={"PORTKEY_FT_GATEWAY": str(folder)})


@nox.session(default=False)
def coverage(session: nox.Session) -> None:
    """Tell what the tests did not reach."""
    session.install("coverage[toml]")
    session.run("coverage", "combine")
    session.run("coverage", "report")


_checks = ["lint", "types", "floors", "build", "counts", "demo", "docs", "official", "agree", "e2e", "toolchain"]
nox.options.sessions = _checks
for _python in PYTHONS:
    if _works(_python):
        nox.options.sessions += [f"verify-{_python}", f"tests-{_python}"]
