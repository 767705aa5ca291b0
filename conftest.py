"""Makes README.md and the pages of docs/ part of the test run, and says at its end what was left out.

The Python of the pages is executed, on a fake gateway. Responses are read as if the extra ``fast`` was not installed;
with ``pytest --fast`` they are read with it.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Generator, Sequence
from contextlib import ExitStack, chdir
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser

from portkey_ft._json import compiled_decoder
from portkey_ft.testing import FakeGateway, JobScript
from tests.support.decoders import reading


def _example(number: int) -> dict[str, object]:
    """Make a row that no other is equal to."""
    question = {"role": "user", "content": f"What is {number} and {number}?"}
    return {"messages": [question, {"role": "assistant", "content": str(2 * number)}]}


@pytest.fixture(scope="module")
def as_a_reader() -> Generator[None, None, None]:
    """Give what a reader of the pages has: a gateway, and a training file in the working directory."""
    with ExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory())
        stack.enter_context(chdir(folder))
        Path("answers.jsonl").write_text(
            "".join(json.dumps(_example(number)) + "\n" for number in range(12)), encoding="utf-8"
        )
        gateway = FakeGateway(script=JobScript().lasting(0))
        os.environ["PORTKEY_BASE_URL"] = stack.enter_context(gateway.serve())
        stack.callback(os.environ.pop, "PORTKEY_BASE_URL")
        yield


def first_names(namespace: dict[str, Any]) -> None:
    """Give the names that a page's snippets may speak of without making them."""
    namespace["__name__"] = "__main__"


pytest_collect_file = Sybil(
    parsers=[PythonCodeBlockParser()],
    patterns=["README.md", "docs/*.md"],
    fixtures=["as_a_reader"],
    setup=first_names,
).pytest()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: Sequence[pytest.Item]) -> None:
    """Keep the blocks of a page in their order, which they build on, when the tests are run in another one."""
    if config.pluginmanager.hasplugin("random_order"):
        for item in items:
            if item.path.suffix == ".md":
                item.add_marker(pytest.mark.random_order(disabled=True))


class LeftOut:
    """Says in one line at the end of a run which tests were left out, and why."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._expression = str(config.getoption("markexpr") or config.getoption("keyword") or "")
        self._deselected = 0

    def pytest_deselected(self, items: Sequence[pytest.Item]) -> None:
        """Count what -m or -k did not select."""
        self._deselected += len(items)

    def pytest_sessionfinish(self) -> None:
        """Tell the controller of pytest-xdist, if this is one of its workers."""
        output = getattr(self._config, "workeroutput", None)
        if output is not None:
            output["deselected"] = self._deselected

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:  # noqa: ANN401 - of a plugin that need not be there
        """Hear from a worker; each of them has the same selection."""
        self._deselected = getattr(node, "workeroutput", {}).get("deselected", self._deselected)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> Generator[None]:
        """Write the line, behind everything but pytest's own last line."""
        yield
        reasons: Counter[str] = Counter()
        for report in terminalreporter.stats.get("skipped", ()):
            reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
            reasons[reason.removeprefix("Skipped: ")] += 1
        if self._deselected and self._expression:
            reasons[f"not selected by {self._expression!r}"] += self._deselected
        if reasons:
            parts = "; ".join(f"{many} x {reason}" for reason, many in reasons.most_common())
            terminalreporter.write_line(f"Left out: {parts}")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the choice of the decoder."""
    parser.addoption("--fast", action="store_true", help="read responses with the decoder of the extra `fast`")


def pytest_configure(config: pytest.Config) -> None:
    """Choose the decoder, add the closing line, and keep coverage from measuring the programs that tests start."""
    if hasattr(config, "workerinput"):
        os.environ.pop("COVERAGE_PROCESS_CONFIG", None)
    stack = ExitStack()
    stack.enter_context(reading(compiled=bool(config.getoption("fast"))))
    config.add_cleanup(stack.close)
    config.pluginmanager.register(LeftOut(config), "left-out")


def pytest_report_header() -> str:
    """Say which decoder reads."""
    return f"responses are read by {'json' if compiled_decoder() is None else 'msgspec'}"
