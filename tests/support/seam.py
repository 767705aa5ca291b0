"""One call of the facade for each operation of the seam, with its request and how its response is read."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import httpx

from portkey_ft import Portkey
from portkey_ft._api import operations
from portkey_ft._http.messages import Request, Response

BASE_URL = "https://gateway.test/v1"


def _list_first(client: Portkey) -> None:
    client.fine_tuning.jobs.list(after="ftjob-0", page_size=3).first()


# One call of the facade for each row of the table, with an id that says where it lands.
CALLS: Mapping[str, Callable[[Portkey], object]] = {
    "fine_tuning.jobs.create": lambda client: client.fine_tuning.jobs.create(model="m", training_file="file-1"),
    "fine_tuning.jobs.list": _list_first,
    "fine_tuning.jobs.retrieve": lambda client: client.fine_tuning.jobs.retrieve("ID"),
    "fine_tuning.jobs.cancel": lambda client: client.fine_tuning.jobs.cancel("ID"),
    "fine_tuning.jobs.pause": lambda client: client.fine_tuning.jobs.pause("ID"),
    "fine_tuning.jobs.resume": lambda client: client.fine_tuning.jobs.resume("ID"),
    "fine_tuning.jobs.list_events": lambda client: client.fine_tuning.jobs.list_events("ID").first(),
    "fine_tuning.jobs.checkpoints.list": lambda client: client.fine_tuning.jobs.checkpoints.list("ID").first(),
    "files.create": lambda client: client.files.create(file=("train.jsonl", b"{}\n")),
    "files.list": lambda client: client.files.list(purpose="fine-tune", order="asc", after="f", page_size=2).first(),
    "files.retrieve": lambda client: client.files.retrieve("ID"),
    "files.delete": lambda client: client.files.delete("ID"),
    "files.content": lambda client: client.files.content("ID").read(),
}


def _answer(request: httpx.Request) -> httpx.Response:
    """Respond to any request with something that every operation can read."""
    is_list = request.method == "GET" and not request.url.path.endswith("ID")
    one = {"id": "ID", "object": "thing", "status": "running"}
    named = {"x-portkey-provider": "azure-openai"}
    return httpx.Response(200, json={"data": [one], "has_more": False} if is_list else one, headers=named)


class Recorder:
    """Records what a client sends."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []

    def client(self, **options: Any) -> Portkey:  # noqa: ANN401 - a client's own options
        """Create a client whose requests are recorded."""
        http_client = httpx.Client(transport=httpx.MockTransport(self._take))
        return Portkey(base_url=BASE_URL, http_client=http_client, **options)

    def _take(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.requests.append(request)
        return _answer(request)

    def call(self, operation: str, **options: Any) -> httpx.Request:  # noqa: ANN401 - a client's own options
        """Call an operation and return its own request, before which others may find out the provider."""
        options = options or {"api_key": "pk-0123456789", "virtual_key": "vk-0123456789"}
        with self.client(**options) as client:
            CALLS[operation](client)
        return self.requests[-1]


class Reader:
    """Parses responses as the facade does, without HTTP."""

    def __init__(self) -> None:
        self._rows = {row.name: row for row in operations.OPERATIONS}

    def read(self, operation: str, data: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Any:  # noqa: ANN401 - whatever the operation gives
        """Parse a response."""
        return self.read_bytes(operation, json.dumps(data).encode(), status, headers)

    def read_bytes(
        self, operation: str, content: bytes, status: int = 200, headers: Mapping[str, str] | None = None
    ) -> Any:  # noqa: ANN401 - see above
        """Read the bytes of a response."""
        row = self._rows[operation]
        request = Request(operation, "GET", "/", repeatable=True)
        return row.parse(Response(request, f"{BASE_URL}/", status, headers=headers or {}, content=content))
