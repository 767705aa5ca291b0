"""Makes README.md and the pages of docs/ part of the test run: their Python is executed, on a fake gateway."""

from __future__ import annotations

import json
import os
from collections.abc import Generator
from contextlib import ExitStack, chdir
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser

from portkey_ft.testing import FakeGateway, JobScript

EXAMPLE = {"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello."}]}


@pytest.fixture(scope="module")
def as_a_reader() -> Generator[None, None, None]:
    """Give what a reader of the pages has: a gateway, and a training file in the working directory."""
    with ExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory())
        stack.enter_context(chdir(folder))
        Path("answers.jsonl").write_text(
            "".join(json.dumps(EXAMPLE | {"id": number}) + "\n" for number in range(12)), encoding="utf-8"
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
