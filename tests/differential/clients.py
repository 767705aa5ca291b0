"""The three clients: how each makes a call, and the outcome in a form that can be compared."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from typing import Any

import httpx
from attrs import frozen

import portkey_ft
from portkey_ft.testing import FakeClock
from tests.differential.server import Asked, Case, EndlessError, Server

with warnings.catch_warnings():
    # Warnings of the other clients do not concern us.
    warnings.simplefilter("ignore")
    import openai
    import openai._base_client
    import portkey_ai
    import portkey_ai._vendor.openai as vendored
    import portkey_ai._vendor.openai._base_client

__all__ = ["CLIENTS", "Outcome"]

BASE_URL = "https://gateway.test/v1"
_FILE = ("id", "filename", "purpose", "bytes", "status")
_JOB = ("id", "status", "model", "training_file", "trained_tokens")
#: The fields of results that are compared.
COMPARED: Mapping[str, tuple[str, ...]] = {
    "fine_tuning.jobs.list_events": ("id", "level", "message"),
    "fine_tuning.jobs.checkpoints.list": ("id", "step_number"),
    "files.delete": ("id",),
    **dict.fromkeys(("files.create", "files.retrieve", "files.list"), _FILE),
}


@frozen
class Outcome:
    """The outcome of a call.

    Attributes:
        kind: value, status, connection, unreadable, refused, raw or endless.
        detail: The value, the status, or the name of what was raised.
        asked: The requests that it took.
    """

    kind: str
    detail: Any
    asked: tuple[Asked, ...]


def _without_waiting(client_class: Any) -> None:  # noqa: ANN401 - of either package
    """Make another client retry at once: delays are not compared."""
    client_class._sleep_for_retry = lambda *_, **__: None


for module in (openai._base_client, portkey_ai._vendor.openai._base_client):
    _without_waiting(module.SyncAPIClient)


def _of(value: Any, call: str) -> Any:  # noqa: ANN401 - of any client
    """Return the part of a value that is compared."""
    if isinstance(value, bytes | str):
        return value
    if isinstance(value, list):
        return [_of(item, call) for item in value]
    return {name: found for name in COMPARED.get(call, _JOB) if (found := getattr(value, name, None)) is not None}


def _ours(client: portkey_ft.Portkey, call: str) -> Any:  # noqa: ANN401 - whatever it gives
    jobs, files = client.fine_tuning.jobs, client.files
    calls: Mapping[str, Callable[[], Any]] = {
        "fine_tuning.jobs.create": lambda: jobs.create(model="m", training_file="file-1"),
        "fine_tuning.jobs.retrieve": lambda: jobs.retrieve("ftjob-1"),
        "fine_tuning.jobs.cancel": lambda: jobs.cancel("ftjob-1"),
        "fine_tuning.jobs.list": lambda: jobs.list().to_list(),
        "fine_tuning.jobs.list_events": lambda: jobs.list_events("ftjob-1").to_list(),
        "fine_tuning.jobs.checkpoints.list": lambda: jobs.checkpoints.list("ftjob-1").to_list(),
        "files.create": lambda: files.create(file=("t.jsonl", b'{"a": 1}\n'), purpose="fine-tune"),
        "files.retrieve": lambda: files.retrieve("f"),
        "files.list": lambda: files.list().to_list(),
        "files.delete": lambda: files.delete("f"),
        "files.content": lambda: files.content("f").read(),
    }
    return calls[call]()


def _peers(client: Any, call: str, items: Callable[[Any], list[Any]]) -> Any:  # noqa: ANN401 - of either package
    jobs, files = client.fine_tuning.jobs, client.files
    calls: Mapping[str, Callable[[], Any]] = {
        "fine_tuning.jobs.create": lambda: jobs.create(model="m", training_file="file-1"),
        "fine_tuning.jobs.retrieve": lambda: jobs.retrieve("ftjob-1"),
        "fine_tuning.jobs.cancel": lambda: jobs.cancel("ftjob-1"),
        "fine_tuning.jobs.list": lambda: items(jobs.list()),
        "fine_tuning.jobs.list_events": lambda: items(jobs.list_events("ftjob-1")),
        "fine_tuning.jobs.checkpoints.list": lambda: items(jobs.checkpoints.list("ftjob-1")),
        "files.create": lambda: files.create(file=("t.jsonl", b'{"a": 1}\n'), purpose="fine-tune"),
        "files.retrieve": lambda: files.retrieve("f"),
        "files.list": lambda: items(files.list()),
        "files.delete": lambda: files.delete("f"),
        "files.content": lambda: files.content("f").read(),
    }
    return calls[call]()


def _ended(server: Server, call: str, make: Callable[[], Any], errors: Any) -> Outcome:  # noqa: ANN401 - a module of errors
    """Make a call and return its outcome; ``errors`` is the module with its exceptions."""
    root = getattr(errors, "PortkeyError", None) or errors.OpenAIError
    kind, detail = "value", None
    try:
        detail = _of(make(), call)
    except EndlessError:
        kind = "endless"
    except errors.APIStatusError as error:
        kind, detail = "status", error.status_code
    except errors.APIConnectionError as error:
        kind, detail = "connection", type(error).__name__
        if isinstance(error.__cause__, EndlessError):
            kind, detail = "endless", None
    except root as error:
        kind, detail = "unreadable" if "Response" in type(error).__name__ else "refused", type(error).__name__
    except Exception as error:  # noqa: BLE001 - what left the call is what is compared
        kind, detail = "raw", type(error).__name__
    return Outcome(kind, detail, tuple(server.asked))


def _run_ours(case: Case) -> Outcome:
    server = Server(case)
    http_client = httpx.Client(transport=httpx.MockTransport(server))
    client = portkey_ft.Portkey(
        api_key="pk", virtual_key="vk", base_url=BASE_URL, http_client=http_client, clock=FakeClock()
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", portkey_ft.PortkeyWarning)
        return _ended(server, case.call, lambda: _ours(client, case.call), portkey_ft)


def _run_openai(case: Case) -> Outcome:
    server = Server(case)
    http_client = httpx.Client(transport=httpx.MockTransport(server))
    client = openai.OpenAI(api_key="sk", base_url=BASE_URL, http_client=http_client)
    return _ended(server, case.call, lambda: _peers(client, case.call, list), openai)


def _run_official(case: Case) -> Outcome:
    server = Server(case)
    http_client = httpx.Client(transport=httpx.MockTransport(server))
    client = portkey_ai.Portkey(api_key="pk", virtual_key="vk", base_url=BASE_URL, http_client=http_client)
    return _ended(server, case.call, lambda: _peers(client, case.call, lambda page: list(page.data)), vendored)


#: Ours first.
CLIENTS: Mapping[str, Callable[[Case], Outcome]] = {
    "portkey-ft": _run_ours,
    "openai": _run_openai,
    "portkey-ai": _run_official,
}
