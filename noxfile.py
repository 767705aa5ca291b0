"""The project's checks and chores; ``nox --list`` shows them.

``nox`` alone runs the checks of every day, within minutes; ``nox -t full`` runs all others. Sessions that need the same
packages share one environment, which the session ``environment`` makes. Nothing is expected of the machine but Python.
"""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import nox

# The first with ``requires``, ``allow_parallel`` and ``nox.options.parallel`` together.
nox.needs_version = ">=2026.10"
# Tests start hundreds of interpreters. Where none may keep its bytecode, each of them compiles all that it imports.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

nox.options.default_venv_backend = "uv|virtualenv"
nox.options.reuse_venv = "yes"
# Which interpreters there are differs between machines; .ci/run says which ones it had.
nox.options.error_on_missing_interpreters = False
# As many sessions at a time as there are processors, if they may.
nox.options.parallel = os.cpu_count()

PROJECT = nox.project.load_toml("pyproject.toml")
#: The Pythons of the classifiers in pyproject.toml, the one list of them.
PYTHONS = nox.project.python_versions(PROJECT)
ROOT = Path(__file__).parent
#: Where the packages are, for a module that is run from the checkout.
SOURCES = os.pathsep.join((str(ROOT), str(ROOT / "generated")))
HERE = ".".join(map(str, sys.version_info[:2]))
FULL = ["full"]
#: What the shared environment holds.
GROUPS = ("bench", "docs", "layers", "lint", "mutants", "spec", "test", "types")
# The toolchain, the counts and the real gateway have sessions of their own.
ALL_TESTS = ["tests", "README.md", "docs", "--ignore=tests/benchmarks", "--ignore=tests/e2e"]
CLIENT_TESTS = [*ALL_TESTS, "--ignore=tests/specsync"]
#: By files, because the blocks of a page share their names.
TWO_AT_A_TIME = ("-n", "2", "--dist", "loadfile")
NOT_SLOW = ("-m", "not slow")
#: What a change most likely breaks, and no more.
EVERY_DAY = ("-m", "not slow and not trio")


def _in_random_order(seed: str) -> tuple[str, ...]:
    """Return what pytest needs for an order that comes again with the same seed, which it prints."""
    return ("--random-order-bucket=global", f"--random-order-seed={seed}")


# Real versions of the upstream document, for those who have them beside the checkout. The project is whole without.
UPSTREAM = Path(os.environ.get("PORTKEY_UPSTREAM", ROOT.parent / "shared" / "upstream"))


def _works(python: str) -> bool:
    """Return whether an interpreter is there and starts; a version manager's shim may be there and not start."""
    found = shutil.which(f"python{python}")
    return found is not None and subprocess.run([found, "-c", ""], check=False, capture_output=True).returncode == 0  # noqa: S603 - an interpreter found on PATH


#: The other Pythons that are there; the one that runs nox has sessions of its own.
OTHERS = [python for python in PYTHONS if python != HERE and _works(python)]


def _install(session: nox.Session, *groups: str) -> None:
    session.install(*nox.project.dependency_groups(PROJECT, *groups))


def _run(session: nox.Session, *command: str, codes: tuple[int, ...] = (0,), **variables: str) -> None:
    """Run a command of the shared environment, or of the session's own if it has one."""
    if session.venv_backend != "none":
        session.run(*command, success_codes=codes, env=variables)
        return
    environment = session.cache_dir.parent / "environment"
    binaries = environment / ("Scripts" if os.name == "nt" else "bin")
    program = shutil.which(command[0], path=str(binaries))
    if program is None:
        session.error(f"{command[0]} is not in {environment}; run nox -s environment")
    path = os.pathsep.join((str(binaries), os.environ.get("PATH", "")))
    session.run(
        program,
        *command[1:],
        external=True,
        success_codes=codes,
        env={"PATH": path, "VIRTUAL_ENV": str(environment), **variables},
    )


def _specsync(session: nox.Session, *arguments: str) -> None:
    # A verdict is an exit code of its own, and none of a failure.
    _run(session, "python", "-m", "scripts.specsync", *arguments, codes=(0, 10, 20))


@nox.session(default=False)
def environment(session: nox.Session) -> None:
    """Make the environment that most sessions share."""
    if HERE not in PYTHONS:
        told = f"this is Python {HERE}; the project is made for {', '.join(PYTHONS)}"
        if sys.version_info < tuple(map(int, PYTHONS[0].split("."))):
            session.error(told)
        session.warn(told)
    _install(session, *GROUPS)


@nox.session(venv_backend="none", requires=["environment"], allow_parallel=True)
def types(session: nox.Session) -> None:
    """Check types with mypy and pyright, both strict, on everything that is written by hand."""
    _run(session, "mypy", "portkey_ft", "scripts", "benchmarks", "noxfile.py", "tests/typing")
    _run(session, "basedpyright", "--level", "error")


@nox.session(venv_backend="none", requires=["environment"], allow_parallel=True)
def tests(session: nox.Session) -> None:
    """Run the tests of the client, the fake gateway, the datasets and the docs, but for the slow ones and trio."""
    _run(session, "pytest", *(session.posargs or [*TWO_AT_A_TIME, *EVERY_DAY, *CLIENT_TESTS]))


@nox.session(venv_backend="none", requires=["environment"], allow_parallel=True)
def toolchain(session: nox.Session) -> None:
    """Run the tests of the spec-sync, but for the slow ones."""
    _run(session, "pytest", *(session.posargs or ["-n", "2", *NOT_SLOW, "tests/specsync"]))


@nox.session(venv_backend="none", requires=["environment"], allow_parallel=True)
def verify(session: nox.Session) -> None:
    """Check that spec/ and generated/ are what the lock says, and come out byte for byte again."""
    _specsync(session, "verify")
    _specsync(session, "generate", "--check")


@nox.session(venv_backend="none", requires=["environment"], allow_parallel=True)
def docs(session: nox.Session) -> None:
    """Build the documentation site into docs/_build/html; a warning is an error."""
    _run(session, "sphinx-build", "-nW", "--keep-going", "-b", "html", "docs", "docs/_build/html", *session.posargs)


@nox.session(venv_backend="none", requires=["environment"], allow_parallel=True)
def lint(session: nox.Session) -> None:
    """Check style, format, and what is written for the changelog."""
    _run(session, "python", "-m", "scripts.release.changelog")
    _run(session, "ruff", "check", ".")
    _run(session, "ruff", "format", "--check", ".")


@nox.session(venv_backend="none", requires=["environment"], allow_parallel=True)
def layers(session: nox.Session) -> None:
    """Check that imports only point down, and that the seam is the only door to the generated client."""
    _run(session, "lint-imports", PYTHONPATH=os.pathsep.join((str(ROOT), str(ROOT / "generated"))))


@nox.session(allow_parallel=True)
def build(session: nox.Session) -> None:
    """Build the wheel, and try it in an environment that knows nothing of this folder."""
    _install(session, "build")
    with tempfile.TemporaryDirectory() as folder:
        session.run("python", "-m", "build", "--outdir", folder, silent=True)
        session.run("twine", "check", "--strict", *map(str, Path(folder).iterdir()))
        (wheel,) = Path(folder).glob("*.whl")
        outside = Path(folder, "environment")
        session.run("python", "-m", "venv", str(outside))
        python = str(outside / ("Scripts/python.exe" if os.name == "nt" else "bin/python"))
        session.run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", str(wheel), external=True)
        shutil.copy(ROOT / "examples" / "quickstart.py", folder)
        session.chdir(folder)
        session.run(python, "-W", "error", "quickstart.py", external=True)
        session.run(python, "-c", "import portkey_ft; print('the wheel gives', portkey_ft.__version__)", external=True)


@nox.session(allow_parallel=True)
def demo(session: nox.Session) -> None:
    """Run the main job, from a training file to the best checkpoint, on an embedded gateway."""
    session.install(".[progress]", silent=True)
    session.run("python", "examples/demo.py", *session.posargs)


def _npm(session: nox.Session, folder: str) -> Path:
    """Install what a folder's package-lock.json names, in a copy of the folder; skip the session without node."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        session.skip("node and npm are not there")
    source, copy = ROOT / folder, session.cache_dir / Path(folder).name
    lock = "package-lock.json"
    known = (copy / lock).read_bytes() if (copy / "node_modules").is_dir() else b""
    if known != (source / lock).read_bytes():
        shutil.rmtree(copy, ignore_errors=True)
    # npm puts packages beside the lock file; a copy keeps the checkout as it is.
    shutil.copytree(source, copy, ignore=shutil.ignore_patterns("node_modules"), dirs_exist_ok=True)
    if not (copy / "node_modules").is_dir():
        with session.chdir(copy):
            session.run(npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", external=True, silent=True)
    return copy


@nox.session(name="e2e-sample", venv_backend="none", requires=["environment"], allow_parallel=True)
def e2e_sample(session: nox.Session) -> None:
    """Run a few tests against the real gateway, installed from npm, on loopback."""
    folder = _npm(session, "tests/e2e/gateway")
    _run(session, "pytest", "-m", "sample", "tests/e2e", PORTKEY_FT_GATEWAY=str(folder))


@nox.session(default=False, tags=FULL, venv_backend="none", requires=["environment"], allow_parallel=True)
def e2e(session: nox.Session) -> None:
    """Run all tests against the real gateway, installed from npm, on loopback."""
    folder = _npm(session, "tests/e2e/gateway")
    _run(session, "pytest", *(session.posargs or ["tests/e2e"]), PORTKEY_FT_GATEWAY=str(folder))


@nox.session(default=False, tags=FULL, venv_backend="none", requires=["environment"], allow_parallel=True)
def slow(session: nox.Session) -> None:
    """Run what ``tests`` and ``toolchain`` leave out: tests that take seconds for little, and trio's event loop."""
    _run(session, "pytest", *(session.posargs or ["-n", "2", "-m", "slow or trio", *ALL_TESTS]))


@nox.session(default=False, tags=FULL, venv_backend="none", requires=["environment"], allow_parallel=True)
def coverage(session: nox.Session) -> None:
    """Run the tests of client and toolchain, but for the slow ones, and show which branches they did not reach.

    In another order than the other sessions, so that no test leans on what one before it left behind.
    """
    _run(session, "coverage", "erase")
    _run(session, "coverage", "run", "-m", "pytest", *TWO_AT_A_TIME, *_in_random_order("1"), *NOT_SLOW, *ALL_TESTS)
    _run(session, "coverage", "combine", "--quiet")
    _run(session, "coverage", "report")


@nox.session(default=False, venv_backend="none", requires=["environment"])
def shuffled(session: nox.Session) -> None:
    """Run the tests in random order and with new examples: ``nox -s shuffled -- [SEED]``; the seed is printed."""
    seed = session.posargs[0] if session.posargs else str(secrets.randbelow(1_000_000))
    session.log(f"The seed is {seed}.")
    examples = ("--hypothesis-profile=drawn", f"--hypothesis-seed={seed}")
    elsewhere = ("--ignore=tests/benchmarks", "--ignore=tests/e2e")
    _run(session, "pytest", "-n", "2", *NOT_SLOW, *_in_random_order(seed), *examples, "tests", *elsewhere)


@nox.session(default=False, tags=FULL, python=OTHERS or False, allow_parallel=True)
def pythons(session: nox.Session) -> None:
    """Run the tests of the client, and make the generated client again, on the other supported Pythons."""
    if not OTHERS:
        session.skip("no other supported Python is there")
    _install(session, "spec", "test")
    session.run("pytest", *(session.posargs or [*TWO_AT_A_TIME, *CLIENT_TESTS]))
    if not session.posargs:
        _specsync(session, "verify")
        _specsync(session, "generate", "--check")


@nox.session(default=False, tags=FULL, venv_backend="none", requires=["environment"], allow_parallel=True)
def httpx2(session: nox.Session) -> None:
    """Run the tests of the client with httpx2 in the place of httpx."""
    tests = session.posargs or ["tests/sdk"]
    # The plugin loads anyio before pytest can look at its assertions.
    warning = "ignore::pytest.PytestAssertRewriteWarning"
    _run(session, "pytest", "-p", "tests.support.under_httpx2", "-W", warning, *TWO_AT_A_TIME, *NOT_SLOW, *tests)


@nox.session(default=False, tags=FULL, venv_backend="none", requires=["environment"], allow_parallel=True)
def fast(session: nox.Session) -> None:
    """Run the tests that read responses with the decoder of the extra ``fast``."""
    tests = session.posargs or ["tests/sdk", "tests/contract", "tests/fuzz", "tests/differential"]
    _run(session, "pytest", "--fast", *TWO_AT_A_TIME, *NOT_SLOW, *tests)


@nox.session(default=False, tags=FULL, venv_backend="none", requires=["environment"], allow_parallel=True)
def official(session: nox.Session) -> None:
    """Check what README.md says of the official SDK, beside that SDK."""
    _run(session, "pytest", *(session.posargs or ["tests/docs/test_beside_official.py"]))


@nox.session(default=False, tags=FULL, venv_backend="none", requires=["environment"], allow_parallel=True)
def agree(session: nox.Session) -> None:
    """Check that the operation on Portkey's docs page is the one in the document, in all its facts."""
    page = UPSTREAM / "pages" / "list-fine-tuning-checkpoints.md"
    source = session.posargs[0] if session.posargs else str(page)
    if not session.posargs and not page.exists():
        session.skip("there is no copy of the page beside the checkout; name one: nox -s agree -- PAGE_OR_URL")
    _specsync(session, "agree", source)


@nox.session(default=False, tags=FULL, allow_parallel=True)
def pyodide(session: nox.Session) -> None:
    """Run the wheel's tests that need neither threads nor sockets on CPython 3.14 in WebAssembly, by node."""
    runner = _npm(session, "tests/webassembly")
    _install(session, "build")
    session.install("pip")
    with tempfile.TemporaryDirectory() as folder:
        session.run("python", "-m", "build", "--wheel", "--outdir", folder, silent=True)
        (wheel,) = Path(folder).glob("*.whl")
        packages, tests = Path(folder, "packages"), Path(folder, "tests")
        # What has no machine code runs anywhere.
        anywhere = ("--only-binary=:all:", "--platform=any", "--implementation=py", "--abi=none")
        needed = (f"{wheel}[progress]", "anyio", "hypothesis", "pytest>=9.2,<10")
        pip = ("python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--python-version=3.14")
        session.run(*pip, "--target", str(packages), *anywhere, *needed)
        elsewhere = shutil.ignore_patterns("__pycache__", "_build", "e2e", "specsync")
        for name in ("tests", "docs"):
            shutil.copytree(ROOT / name, tests / name, ignore=elsewhere)
        shutil.copy(runner / "pytest.ini", tests)
        given = session.posargs or ["-q", "tests/sdk", "tests/datasets", "--ignore=tests/sdk/secrets"]
        # Deep recursion needs a stack beyond the usual megabyte.
        command = ("node", "--stack-size=4000", str(runner / "run.mjs"), str(packages), str(tests))
        session.run(*command, *given, external=True)


@nox.session(default=False, venv_backend="none", requires=["environment"])
def mutants(session: nox.Session) -> None:
    """Break the code in small ways and see whether a test notices: ``nox -s mutants -- [AREA ...] [--again]``."""
    if not hasattr(os, "fork"):
        session.skip("mutmut needs fork")
    _run(session, "python", "-m", "scripts.mutants", "--cache", str(session.cache_dir / "mutants"), *session.posargs)


@nox.session(
    name="mutants-today",
    default=False,
    tags=FULL,
    venv_backend="none",
    requires=["environment"],
    allow_parallel=True,
)
def mutants_today(session: nox.Session) -> None:
    """Break a fifth of a settled area of the code, another one each day."""
    if not hasattr(os, "fork"):
        session.skip("mutmut needs fork")
    cache = str(session.cache_dir / "mutants")
    _run(session, "python", "-m", "scripts.mutants", "--today", "--cache", cache)


@nox.session(default=False, tags=FULL, venv_backend="none", requires=["environment"], allow_parallel=True)
def differential(session: nox.Session) -> None:
    """Compare the client with its peers call by call: ``nox -s differential -- [--sequences N] [--seed N]``."""
    arguments = session.posargs or ["--sequences", "1000"]
    _run(session, "python", "-m", "tests.differential.run", *arguments, PYTHONPATH=SOURCES)


@nox.session(default=False, tags=FULL, venv_backend="none", requires=["environment"], allow_parallel=True)
def fuzz(session: nox.Session) -> None:
    """Send drawn bytes to every call of the client: ``nox -s fuzz -- [--cases N] [--seed N]``."""
    arguments = session.posargs or ["--cases", "100000"]
    _run(session, "python", "-m", "tests.fuzz.run", *arguments, PYTHONPATH=SOURCES)


@nox.session(default=False, tags=FULL, allow_parallel=True)
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


@nox.session(default=False, venv_backend="none", requires=["environment"])
def sync(session: nox.Session) -> None:
    """Pull Portkey's document and regenerate the client: ``nox -s sync -- --source FILE_OR_URL``."""
    _specsync(session, "sync", *session.posargs)


@nox.session(name="release-check", default=False)
def release_check(session: nox.Session) -> None:
    """Look at what a release would give, and whether it keeps what was promised: ``-- --tag vX.Y.Z --keep dist``."""
    _install(session, "release")
    session.install(".")
    session.run("pytest", "tests/release")
    session.run("python", "-m", "scripts.release", *session.posargs)
