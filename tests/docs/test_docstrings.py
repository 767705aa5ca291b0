"""The examples in docstrings are run, each on a gateway of its own, and print what they say."""

from __future__ import annotations

import ast
import asyncio
import contextlib
import doctest
import importlib
import inspect
import io
import json
import pydoc
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args, get_type_hints

import httpx
import pytest

import portkey_ft
from portkey_ft import File
from portkey_ft.testing import FakeClock, FakeGateway, JobScript
from scripts.release.surface import MODULES

if TYPE_CHECKING:
    from collections.abc import Iterator

PARSER = doctest.DocTestParser()
CHECKER = doctest.OutputChecker()
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
# Classes whose every method a program calls, so that each has an example.
CALLED = {
    "AsyncCheckpointList",
    "AsyncCheckpoints",
    "AsyncDownload",
    "AsyncFiles",
    "AsyncJobs",
    "AsyncList",
    "AsyncPortkey",
    "CheckpointList",
    "Checkpoints",
    "Download",
    "Files",
    "Jobs",
    "Portkey",
    "SyncList",
}


def documented() -> Iterator[tuple[str, Any]]:
    """Give every public module, class, function and method by its name."""
    for module_name, names in MODULES.items():
        module = importlib.import_module(module_name)
        yield module_name, module
        for name in module.__all__ if names is None else names:
            thing = getattr(module, name)
            # A name that is only handed on is looked at where it comes from.
            if not getattr(thing, "__module__", "").startswith(module_name):
                continue
            if inspect.isclass(thing):
                yield f"{module_name}.{name}", thing
                yield from ((f"{module_name}.{name}.{key}", value) for key, value in methods(thing))
            elif inspect.isfunction(thing):
                yield f"{module_name}.{name}", thing


def methods(thing: type) -> Iterator[tuple[str, Any]]:
    """Give the public methods that a class defines or replaces."""
    for name, value in vars(thing).items():
        function = value.__func__ if isinstance(value, classmethod | staticmethod) else value
        if not name.startswith("_") and inspect.isfunction(function):
            yield name, function


DOCUMENTED = dict(documented())
WITH_EXAMPLES = {name: thing for name, thing in DOCUMENTED.items() if ">>>" in (thing.__doc__ or "")}


def test_each_method_that_a_program_calls_has_an_example() -> None:
    expected = {
        name for name, thing in DOCUMENTED.items() if inspect.isfunction(thing) and name.split(".")[-2] in CALLED
    }
    assert len(expected) > 50
    assert sorted(expected - set(WITH_EXAMPLES)) == []


def world(clock: FakeClock, gateway: FakeGateway) -> dict[str, Any]:
    """Give what examples speak of: a finished job with its file, and one that goes on."""
    lines = b'{"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]}\n' * 10
    Path("train.jsonl").write_bytes(lines)
    file = gateway.add_file(lines, file_id="file-1", filename="train.jsonl")
    done = gateway.add_job(job_id="ftjob-1", training_file=file.id, fields={"suffix": "support"}, age=100_000)
    return {
        **{name: getattr(portkey_ft, name) for name in portkey_ft.__all__},
        "__name__": "example",
        "clock": clock,
        "file": File(file.id, bytes=len(lines)),
        "gateway": gateway,
        "job": done,
        "json": json,
    }


async def execute(example: doctest.Example, namespace: dict[str, Any]) -> str:
    """Run an example as Python's shell would, with ``await`` wherever it stands, and give what it prints."""
    printed = io.StringIO()
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    tree = ast.parse(example.source)
    with contextlib.redirect_stdout(printed):
        if len(tree.body) == 1 and isinstance(tree.body[0], ast.Expr):
            code = compile(ast.Expression(tree.body[0].value), "<example>", "eval", flags)
            value = eval(code, namespace)  # noqa: S307 - the project's own examples
            value = await value if inspect.isawaitable(value) else value
            if value is not None:
                print(repr(value))  # noqa: T201 - as a shell does
        else:
            code = compile(tree, "<example>", "exec", flags)
            value = eval(code, namespace)  # noqa: S307 - see above
            if inspect.isawaitable(value):
                await value
    return printed.getvalue()


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_an_example_prints_what_it_says(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "agg")
    clock = FakeClock()
    gateway = FakeGateway(clock=clock)
    namespace = world(clock, gateway)
    text = inspect.cleandoc(WITH_EXAMPLES[name].__doc__)
    for state in ("running", "paused"):
        if f"{state}.id" in text:
            namespace[state] = gateway.add_job(job_id="ftjob-2", script=JobScript().lasting(7200), age=3000)
    if "paused" in namespace:
        with httpx.Client(transport=gateway.transport(), headers={"x-portkey-provider": "@my-openai"}) as client:
            client.post("https://gateway.test/v1/fine_tuning/jobs/ftjob-2/pause").raise_for_status()
    examples = PARSER.get_examples(text)

    async def go() -> None:
        asynchronous = ".Async" in name
        options: dict[str, Any] = {"api_key": "pk-...", "provider": "@my-openai", "clock": clock}
        options["base_url"] = "https://gateway.test/v1"
        if asynchronous:
            http_client: Any = httpx.AsyncClient(transport=gateway.transport())
            namespace["client"] = portkey_ft.AsyncPortkey(http_client=http_client, **options)
        else:
            http_client = httpx.Client(transport=gateway.transport())
            namespace["client"] = portkey_ft.Portkey(http_client=http_client, **options)
        for example in examples:
            printed = await execute(example, namespace)
            assert CHECKER.check_output(example.want, printed, FLAGS), (
                f"{example.source}\nsays:   {example.want}\nprints: {printed}"
            )
        if asynchronous:
            await http_client.aclose()
        else:
            http_client.close()

    asyncio.run(go())


@pytest.mark.parametrize(
    "name",
    [name for name, thing in DOCUMENTED.items() if inspect.isfunction(thing) and "options" in thing.__annotations__],
)
def test_help_lists_the_options_of_a_call(name: str) -> None:
    """A signature shows them as ``**options`` alone, so the docstring names each."""
    hints = get_type_hints(DOCUMENTED[name], include_extras=True)
    (known,) = get_args(hints["options"])
    text = pydoc.render_doc(DOCUMENTED[name])
    assert [option for option in get_type_hints(known) if option not in text] == []
