"""README.md's table of what the official SDK does and what this package does: each cell is found out here.

The official SDK is in the dependency group ``bench``; ``nox -s official`` has it.
"""

from __future__ import annotations

import json
import threading
import tracemalloc
import warnings
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import pytest

import portkey_ft

ROOT = Path(__file__).parents[2]
PEER = "2.3.4"
MEGABYTES = 8
JOB = {"id": "ftjob-1", "object": "fine_tuning.job", "status": "running", "created_at": 1_763_942_400_000}
LIST = {"object": "list", "data": [JOB, JOB | {"id": "ftjob-2"}], "has_more": False}

try:
    found = version("portkey-ai")
except PackageNotFoundError:
    found = ""
if found != PEER:
    pytest.skip(f"portkey-ai {PEER} is not there; nox -s official has it", allow_module_level=True)

with warnings.catch_warnings():
    # What the official SDK is warned of is not this package's.
    warnings.simplefilter("ignore")
    import portkey_ai

pytestmark = [
    pytest.mark.filterwarnings("ignore:::portkey_ai"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


class Server:
    """A gateway on loopback that answers all alike and keeps what it was asked."""

    def __init__(self) -> None:
        self.status: int | None = 200
        self.body: object = JOB
        self.location = ""
        self.asked: list[tuple[str, str, str]] = []

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                server.answer(self)

            def do_POST(self) -> None:
                server.answer(self)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        server = self
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_port}/v1"
        # The same place under another name is another host.
        self.elsewhere = f"http://localhost:{self._http.server_port}/elsewhere"
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """Answer one request."""
        length = int(handler.headers.get("content-length") or 0)
        while length > 0:
            length -= len(handler.rfile.read(min(length, 65_536)))
        self.asked.append((handler.command, handler.path, handler.headers.get("x-portkey-api-key", "")))
        if self.status is None:
            handler.close_connection = True
            handler.connection.close()
            return
        content = json.dumps(self.body).encode()
        handler.send_response(self.status)
        handler.send_header("content-type", "application/json")
        handler.send_header("content-length", str(len(content)))
        if self.location:
            handler.send_header("location", self.location)
        handler.end_headers()
        handler.wfile.write(content)

    def close(self) -> None:
        """Stop listening."""
        self._http.shutdown()
        self._http.server_close()


@pytest.fixture
def server() -> Generator[Server]:
    """A server, gone afterwards."""
    made = Server()
    yield made
    made.close()


@contextmanager
def quietly() -> Generator[None]:
    """Go on where a call ends with an error: what was sent is what counts."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 - each package has errors of its own
        del error


def creates(client: Any, server: Server, *, status: int | None) -> str:  # noqa: ANN401 - a client of either package
    server.status = status
    with quietly():
        client.fine_tuning.jobs.create(model="m", training_file="file-1")
    return str(len(server.asked))


def after_503(client: Any, server: Server, tmp_path: Path) -> str:  # noqa: ANN401 - see above
    del tmp_path
    return creates(client, server, status=503)


def after_a_broken_connection(client: Any, server: Server, tmp_path: Path) -> str:  # noqa: ANN401 - see above
    del tmp_path
    return creates(client, server, status=None)


def keys_elsewhere(client: Any, server: Server, tmp_path: Path) -> str:  # noqa: ANN401 - see above
    del tmp_path
    server.status, server.location = 307, server.elsewhere
    with quietly():
        client.fine_tuning.jobs.retrieve("ftjob-1")
    return "yes" if any(path == "/elsewhere" and key for _, path, key in server.asked) else "no"


def what_a_loop_gives(client: Any, server: Server, tmp_path: Path) -> str:  # noqa: ANN401 - see above
    del tmp_path
    server.body = LIST
    items = list(client.fine_tuning.jobs.list())
    return "jobs" if [getattr(item, "id", None) for item in items] == ["ftjob-1", "ftjob-2"] else "a page's fields"


def a_time_in_milliseconds(client: Any, server: Server, tmp_path: Path) -> str:  # noqa: ANN401 - see above
    del tmp_path, server
    created = client.fine_tuning.jobs.retrieve("ftjob-1").created_at
    return "a datetime" if isinstance(created, datetime) else f"the {type(created).__name__}"


def memory_of_an_upload(client: Any, server: Server, tmp_path: Path) -> str:  # noqa: ANN401 - see above
    server.body = {"id": "file-1", "object": "file", "purpose": "fine-tune"}
    path = tmp_path / "large.jsonl"
    line = b'{"a": "' + b"x" * 1_013 + b'"}\n'
    path.write_bytes(line)
    # What is loaded by the first upload is held by the program and not for the file.
    client.files.create(file=path, purpose="fine-tune")
    path.write_bytes(line * 1024 * MEGABYTES)
    tracemalloc.start()
    client.files.create(file=path, purpose="fine-tune")
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return "all of it" if most > MEGABYTES * 1_000_000 else "less than a tenth" if most < MEGABYTES * 100_000 else "?"


def waiting(client: Any, server: Server, tmp_path: Path) -> str:  # noqa: ANN401 - see above
    del server, tmp_path
    jobs = client.fine_tuning.jobs
    return "yes" if hasattr(jobs, "wait") and hasattr(jobs, "follow") else "no"


def other_apis(client: Any, server: Server, tmp_path: Path) -> str:  # noqa: ANN401 - see above
    del server, tmp_path
    return "yes" if all(hasattr(client, name) for name in ("chat", "embeddings", "prompts", "batches")) else "no"


def taken(make: Callable[[], object]) -> str:
    try:
        make()
    except Exception:  # noqa: BLE001 - each package has errors of its own
        return "refused"
    return "taken"


def two_modes(client: Any, server: Server, tmp_path: Path) -> str:  # noqa: ANN401 - see above
    del tmp_path
    options = {"api_key": "pk", "virtual_key": "vk", "config": "pc-1", "base_url": server.url}
    return taken(lambda: type(client)(**options))


def without_a_key(client: Any, server: Server, tmp_path: Path) -> str:  # noqa: ANN401 - see above
    del server, tmp_path
    try:
        return "localhost" if "localhost" in str(type(client)(virtual_key="vk").base_url) else "?"
    except ValueError:
        return "refused"


ROWS: dict[str, Callable[[Any, Server, Path], str]] = {
    "Portkey's other APIs: chat, embeddings, prompts, batches": other_apis,
    "requests for one `create` that is answered 503": after_503,
    "requests for one `create` whose connection breaks": after_a_broken_connection,
    "keys go along when a redirect names another host": keys_elsewhere,
    "two auth modes at once": two_modes,
    "no key and no `base_url`": without_a_key,
    "`for job in jobs.list()` gives": what_a_loop_gives,
    "a time that came in milliseconds is": a_time_in_milliseconds,
    "of a file at a path, memory holds while it is uploaded": memory_of_an_upload,
    "`jobs.wait`, `jobs.follow`": waiting,
}


def table() -> dict[str, tuple[str, str]]:
    """Read README.md's table: what the official SDK does and what this package does, by what it is about."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    _, _, rows = text.partition(f"| | `portkey-ai` {PEER} | `portkey-ft` |\n|---|---|---|\n")
    rows, _, _ = rows.partition("\n\n")
    cells = [[cell.strip() for cell in row.strip("|").split(" | ")] for row in rows.splitlines()]
    return {what: (theirs, ours) for what, theirs, ours in cells}


def test_every_row_of_the_table_is_found_out() -> None:
    assert list(table()) == list(ROWS)


@pytest.mark.parametrize("what", ROWS)
@pytest.mark.parametrize(("package", "column"), [(portkey_ai, 0), (portkey_ft, 1)], ids=["official", "ours"])
def test_the_table_says_what_happens(package: Any, column: int, what: str, server: Server, tmp_path: Path) -> None:  # noqa: ANN401 - a module
    client = package.Portkey(api_key="pk-1", virtual_key="vk-1", base_url=server.url)
    assert ROWS[what](client, server, tmp_path) == table()[what][column]
