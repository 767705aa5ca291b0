"""A pytest plugin for CPython in WebAssembly, which has neither threads, processes, sockets nor event loops.

The sync client needs none of them: its tests run, also those that are coroutines because they say the same of the async
client. What needs one of them is skipped with a reason. A C stack that is used up ends the interpreter, so the tests
that nest deeply are not begun.
"""

from __future__ import annotations

import ast
import importlib.util
import inspect
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from portkey_ft import APIConnectionError

#: Modules that were left out, with what they need.
NOT_COLLECTED: dict[str, str] = {}
#: Tests that end the interpreter or say something about a file system that is another one here.
ELSEWHERE = {
    "deep": "the C stack is short",
    "test_a_success_that_is_no_json_says_what_to_look_at": "the C stack is short",
    "test_what_is_no_json_is_a_typed_error": "the C stack is short",
    "test_asyncio_is_told_from_trio": "there is no event loop here",
    "nested_to_the_limit": "the C stack is short",
    "test_the_page_shows_what_the_rules_find": "the C stack is short",
    "test_a_partial_file_has_a_name_that_nobody_can_take_before": "opening for exclusive creation follows links here",
    "test_writing_does_not_open_the_files_of_other_threads": "files have no rights here",
}
LACKS = {
    "can't start new thread": "there are no threads here",
    "emscripten does not support processes": "there are no processes here",
}


def _packages(module: Path) -> set[str]:
    """Return the packages that a module imports when it is loaded."""
    found: set[str] = set()
    for node in ast.parse(module.read_text("utf-8")).body:
        if isinstance(node, ast.Import):
            found |= {name.name.split(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").split(".")[0])
    return found


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Skip modules that need packages which are not available, mostly because they contain machine code."""
    if collection_path.suffix != ".py":
        return None
    missing = sorted(name for name in _packages(collection_path) if importlib.util.find_spec(name) is None)
    if missing:
        NOT_COLLECTED[collection_path.name] = ", ".join(missing)
    return True if missing else None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Report which modules were skipped."""
    for name, packages in sorted(NOT_COLLECTED.items()):
        terminalreporter.write_line(f"Left out: {name}, which needs {packages}")


def _reason(item: pytest.Item) -> str | None:
    values = getattr(getattr(item, "callspec", None), "params", {}).values()
    function = getattr(item, "obj", None)
    if {"asyncio", "trio"} & {value for value in values if isinstance(value, str)}:
        return "there is no event loop here"
    if inspect.iscoroutinefunction(function) and "way" not in getattr(item, "fixturenames", ()):
        return "there is no event loop here"
    return next((reason for name, reason in ELSEWHERE.items() if name in item.name), None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip tests that cannot run here."""
    for item in items:
        if reason := _reason(item):
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run a test that is a coroutine without an event loop: with the sync client it never waits for one."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    names = inspect.signature(pyfuncitem.obj).parameters
    coroutine = pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in names if name in pyfuncitem.funcargs})
    try:
        coroutine.send(None)
    except StopIteration:
        return True
    coroutine.close()
    pytest.fail("the sync client has awaited something")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[Any]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a failure over what this platform lacks into a skip."""
    report = yield
    error = call.excinfo.value if call.excinfo else None
    lacks = next((reason for words, reason in LACKS.items() if words in str(error)), None) if error else None
    if lacks is not None and not isinstance(error, APIConnectionError | AssertionError):
        report.outcome = "skipped"
        report.longrepr = (str(item.path), 0, f"Skipped: {lacks}")
    return report
