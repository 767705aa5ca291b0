"""Tests a new client before it replaces the old one.

Every module imports, and the hand-written code type-checks and passes its contract tests against it.
The checks run in a copy of the project in which the new client and documents replace the old ones. The type checker's
cache excludes our modules, because a warm one reports errors that are fixed and misses new ones.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import attrs

from scripts.specsync.client.failed_proofs import failed_checks, failed_tests
from scripts.specsync.client.mypy_cache import type_cache
from scripts.specsync.errors import FacadeError, GeneratorError, SpecSyncError
from scripts.specsync.settings import Settings
from scripts.specsync.source.cache import default_cache

_TIMEOUT: Final = 300
_SHOWN_LINES: Final = 40
# Not copied: caches, histories, and what is replaced.
_LEFT_OUT: Final = ("__pycache__", "*.pyc", "*.egg-info", ".*", "build", "dist", "htmlcov", "node_modules")
_IMPORT_ALL: Final = """
import importlib, pkgutil, sys
sys.path.insert(0, sys.argv[1])
package = importlib.import_module(sys.argv[2])
failures = []
for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
    try:
        importlib.import_module(module.name)
    except Exception as error:
        failures.append(f"{module.name}: {type(error).__name__}: {error}")
print("\\n".join(failures))
sys.exit(bool(failures))
"""


@attrs.frozen
class Proof:
    """The checks that passed, for the report."""

    checks: tuple[str, ...]


def prove_imports(package: Path) -> str:
    """Import every module of a generated package in a process of its own."""
    command = (sys.executable, "-I", "-c", _IMPORT_ALL, str(package.parent), package.name)
    finished = _run(command, package.parent, "the import of the generated client", GeneratorError)
    if finished.returncode != 0:
        message = "generated modules do not import"
        raise GeneratorError(message, _lines(finished))
    return "imports"


def prove_types_of_client(package: Path) -> str:
    """Type-check a generated package, except for one module whose errors are known errors of the generator."""
    options = ("--strict", "--no-warn-redundant-casts", "--no-incremental", "--cache-dir", os.devnull)
    command = (sys.executable, "-m", "mypy", *options, "-p", package.name)
    finished = _run(command, package.parent, "mypy", GeneratorError)
    own = f"{package.name}{os.sep}client.py:"
    faults = [line for line in finished.stdout.splitlines() if ": error:" in line and not line.startswith(own)]
    if faults or finished.returncode not in {0, 1}:
        message = "the generated client does not type-check"
        raise GeneratorError(message, tuple(faults[:_SHOWN_LINES]) or _lines(finished))
    return "types of the client"


def prove(root: Path, settings: Settings, package: Path, documents: Mapping[str, str], workspace: Path) -> Proof:
    """Check the project's hand-written code against a new client and its documents (path and text)."""
    for path in (*settings.typecheck, *settings.tests):
        if not (root / path).exists():
            message = f"{path} is to be proved against the new client and does not exist"
            raise FacadeError(message)
    shadow = workspace / "shadow"
    _copy_project(root, shadow, settings, package, documents)
    checks: list[Callable[[], str]] = [lambda: prove_imports(package)]
    if settings.typecheck:
        checks.append(lambda: _types(shadow, shadow / settings.folder, settings.typecheck))
    if settings.tests:
        checks.append(lambda: _tests(shadow, settings.tests))
    with ThreadPoolExecutor(len(checks)) as pool:
        running = [pool.submit(check) for check in checks]
        failures = [error for error in (future.exception() for future in running) if error is not None]
    # A client that does not import explains every failure of what is built on it.
    for failure in sorted(failures, key=lambda error: not isinstance(error, GeneratorError)):
        raise failure
    return Proof(tuple(future.result() for future in running))


def _copy_project(root: Path, shadow: Path, settings: Settings, package: Path, documents: Mapping[str, str]) -> None:
    ignored = shutil.ignore_patterns(*_LEFT_OUT)
    shadow.mkdir()
    for entry in sorted(root.iterdir()):
        if ignored(str(root), [entry.name]) or entry.name == settings.folder:
            continue
        if entry.is_dir():
            shutil.copytree(entry, shadow / entry.name, ignore=ignored)
        else:
            shutil.copy2(entry, shadow / entry.name)
    for path, text in documents.items():
        (shadow / path).parent.mkdir(parents=True, exist_ok=True)
        (shadow / path).write_text(text, encoding="utf-8")
    shutil.copytree(package, shadow / settings.folder / settings.package, ignore=ignored)


def _types(shadow: Path, generated: Path, paths: tuple[str, ...]) -> str:
    kept = type_cache(default_cache().folder, shadow)
    cache = shadow.with_name("types")
    kept.begin(cache)
    # Without a database, so that the entries of single modules can be separated.
    options = ("--no-sqlite-cache", "--cache-dir", str(cache), "--no-error-summary", "--hide-error-context")
    finished = _run((sys.executable, "-m", "mypy", *options, *paths), shadow, "mypy", FacadeError)
    if finished.returncode != 0:
        message = f"{', '.join(paths)} does not type-check against the new client"
        raise FacadeError(message, _lines(finished), failed_checks(finished.stdout), finished.stdout)
    kept.keep(cache, frozenset(path.stem for folder in (shadow, generated) for path in folder.iterdir()))
    return f"types of {', '.join(paths)}"


def _tests(shadow: Path, paths: tuple[str, ...]) -> str:
    options = ("-q", "-p", "no:cacheprovider", "--no-header", "--tb=short")
    command = (sys.executable, "-m", "pytest", *options, *paths)
    # Rewriting the assertions of the tests and of every plugin takes longer than the tests; only a failure needs it.
    if _run((*command, "--assert=plain"), shadow, "pytest", FacadeError).returncode != 0:
        message = f"{', '.join(paths)} fails against the new client"
        record = shadow.with_name("tests.xml")
        again = _run((*command, f"--junitxml={record}"), shadow, "pytest", FacadeError)
        proofs = failed_tests(record.read_text(encoding="utf-8")) if record.is_file() else ()
        raise FacadeError(message, _lines(again), proofs, again.stdout)
    return f"tests in {', '.join(paths)}"


def _lines(finished: subprocess.CompletedProcess[str]) -> tuple[str, ...]:
    text = finished.stdout.strip() or finished.stderr.strip()
    lines = text.splitlines()
    return tuple(
        lines if len(lines) <= _SHOWN_LINES else [*lines[:_SHOWN_LINES], f"and {len(lines) - _SHOWN_LINES} more"]
    )


def _run(
    command: tuple[str, ...], folder: Path, name: str, kind: type[SpecSyncError]
) -> subprocess.CompletedProcess[str]:
    environment = {
        key: value for key, value in os.environ.items() if not key.startswith(("PYTEST_", "MYPY", "COVERAGE_"))
    }
    environment |= {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONUTF8": "1", "NO_COLOR": "1", "COLUMNS": "200"}
    # What Hypothesis learns from the source it keeps by the hash of each file; learning it takes as long as the tests.
    environment |= {"HYPOTHESIS_STORAGE_DIRECTORY": str(default_cache().folder / "hypothesis")}
    try:
        return subprocess.run(  # noqa: S603 - the command is ours, its variable parts are folders of ours
            command, cwd=folder, env=environment, capture_output=True, text=True, timeout=_TIMEOUT, check=False
        )
    except subprocess.TimeoutExpired:
        message = f"{name} did not end within {_TIMEOUT} s"
        raise kind(message) from None
    except OSError as error:
        message = f"{name} cannot be started: {error.strerror}"
        raise kind(message) from None
