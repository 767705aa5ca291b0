"""Finds every call of the facade by inspection, with every argument that can hold text."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterable, Iterable, Iterator, Mapping, Sequence
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import httpx
from attrs import frozen

from portkey_ft import files, fine_tuning
from portkey_ft.files import AsyncDownload, Download
from tests.support.ways import Way

RESOURCES: Mapping[str, type] = {
    "fine_tuning.jobs": fine_tuning.Jobs,
    "fine_tuning.jobs.checkpoints": fine_tuning.Checkpoints,
    "files": files.Files,
}
# The required arguments of each call.
NEEDED: Mapping[str, Any] = {
    "model": "m",
    "training_file": "file-1",
    "file": b"{}\n",
    "fine_tuning_job_id": "ID",
    "file_id": "ID",
}


@frozen
class Argument:
    """One argument: its name, and how a text is passed in it."""

    name: str
    form: str

    def holding(self, text: str) -> Any:  # noqa: ANN401 - any argument
        """Return a value of the argument that holds a text."""
        match self.form:
            case "value in a mapping":
                return {"x-name": text}
            case "name in a mapping":
                return {text: "value"}
            case "mapping in a list":
                return [{"name": text}]
            case "name of a file":
                return (text, b"{}\n")
            case _:
                return text


def _kinds(hint: object) -> Iterator[object]:
    if get_origin(hint) in {Union, UnionType}:
        for part in get_args(hint):
            yield from _kinds(part)
    else:
        yield get_origin(hint) or hint


def _forms(name: str, hint: object) -> Iterator[str]:
    kinds = set(_kinds(hint))
    if name == "file":
        yield "name of a file"
        return
    if str in kinds:
        yield "text"
    if Mapping in kinds:
        yield "value in a mapping"
        yield "name in a mapping"
    if Sequence in kinds:
        yield "mapping in a list"


def arguments_of(function: Any) -> tuple[Argument, ...]:  # noqa: ANN401 - any callable
    """Find every argument of a callable that can hold text, those in its options included."""
    hints = get_type_hints(function.__init__ if inspect.isclass(function) else function, localns={"httpx": httpx})
    found: dict[str, object] = {}
    for name in inspect.signature(function).parameters:
        if name == "options":
            found |= get_type_hints(get_args(hints[name])[0])
        elif name in hints:
            found[name] = hints[name]
    return tuple(Argument(name, form) for name, hint in found.items() for form in _forms(name, hint))


@frozen
class Call:
    """One method of the facade."""

    resource: str
    name: str

    def __str__(self) -> str:
        return f"{self.resource}.{self.name}"

    @property
    def function(self) -> Any:  # noqa: ANN401 - any method
        """The method of the sync class."""
        return getattr(RESOURCES[self.resource], self.name)

    @property
    def id_names(self) -> tuple[str, ...]:
        """The arguments that are put into the path."""
        return tuple(name for name in inspect.signature(self.function).parameters if name.endswith("_id"))

    async def make(self, way: Way, client: Any, **given: Any) -> Any:  # noqa: ANN401 - any client, any result
        """Make the call with its required and the given arguments, and iterate over the result."""
        holder = client
        for part in self.resource.split("."):
            holder = getattr(holder, part)
        names = inspect.signature(self.function).parameters
        needed = {name: value for name, value in NEEDED.items() if name in names}
        if "id" in given:
            # Another name of the same argument.
            del needed["file_id"]
        result = await way.get(getattr(holder, self.name)(**(needed | given)))
        if isinstance(result, Download | AsyncDownload):
            return await way.get(result.read())
        if isinstance(result, AsyncIterable | Iterable):
            return await way.take(result, 1)
        return result


CALLS: tuple[Call, ...] = tuple(
    Call(resource, name)
    for resource, kind in RESOURCES.items()
    for name, member in vars(kind).items()
    if inspect.isfunction(member) and not name.startswith("_")
)


def answer(request: httpx.Request) -> httpx.Response:
    """Respond to any request with something that every call can read to its end."""
    last = request.url.path.rsplit("/", 1)[-1]
    one = {"id": "ID", "object": "thing", "status": "succeeded", "bytes": 3}
    is_list = request.method == "GET" and last in {"jobs", "files", "events", "checkpoints"}
    # A provider that takes everything.
    named = {"x-portkey-provider": "azure-openai"}
    return httpx.Response(200, json={"data": [one], "has_more": False} if is_list else one, headers=named)
