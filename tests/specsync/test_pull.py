"""Every kind of source, and every way in which a network can go wrong."""

import gzip
import hashlib
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path

import attrs
import pytest

from scripts.specsync.errors import NetworkError, PinError, SourceError, SpecSyncError, UsageError
from scripts.specsync.settings import SourceSettings
from scripts.specsync.source import fetch as fetch_module
from scripts.specsync.source.cache import Cache
from scripts.specsync.source.fetch import Policy, fetch
from scripts.specsync.source.locator import SourceKind, read_source
from scripts.specsync.source.pull import FetchedDocument, GitHost, SourceClient, pull

DOCUMENT = b"openapi: 3.0.3\npaths: {}\n"
COMMIT = "a" * 40
Answer = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """Answers as the test says, and remembers what it was asked."""

    protocol_version = "HTTP/1.1"
    server: "Server"

    def do_GET(self) -> None:
        """Remember the question and answer it."""
        self.server.asked.append((self.path, dict(self.headers)))
        self.server.answers[self.path](self)

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def give(self, content: bytes = DOCUMENT, status: int = 200, **headers: str) -> None:
        """Send an answer."""
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(content)


class Server(ThreadingHTTPServer):
    """A server on this machine whose answers a test sets."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: dict[str, Answer] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, *_: object) -> None:
        """A client that goes away is what some tests are about."""


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as found:
        thread = threading.Thread(target=found.serve_forever, args=(0.01,))
        thread.start()
        yield found
        found.shutdown()
        thread.join()


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def puller(tmp_path: Path, server: Server, waits: list[float]) -> SourceClient:
    # Limits that no machine is too slow for; what has to time out sets its own.
    policy = Policy(limit=100_000, read_timeout=60.0, deadline=600.0, first_wait=0.01, sleep=waits.append)
    return SourceClient(policy, Cache(tmp_path / "cache"), GitHost(server.url, server.url, "secret-token"))


def from_source(text: str, puller: SourceClient) -> FetchedDocument:
    return pull(read_source(text, SourceSettings("owner/name", "openapi.yaml", "main")), puller)


def test_a_url_is_read(server: Server, puller: SourceClient) -> None:
    server.answers["/a.yaml"] = Handler.give
    pulled = from_source(f"{server.url}/a.yaml", puller)
    assert pulled.document == {"openapi": "3.0.3", "paths": {}}
    assert pulled.provenance.sha256 == hashlib.sha256(DOCUMENT).hexdigest()


def test_a_git_file_is_pinned_to_the_commit_of_its_ref(server: Server, puller: SourceClient) -> None:
    server.answers["/repos/owner/name/commits/main"] = lambda handler: handler.give(COMMIT.encode())
    server.answers[f"/owner/name/{COMMIT}/openapi.yaml"] = Handler.give
    pulled = from_source("github:owner/name@main:openapi.yaml", puller)
    assert (pulled.provenance.commit, pulled.provenance.ref) == (COMMIT, "main")


def test_the_token_goes_to_the_api_alone(server: Server, puller: SourceClient) -> None:
    test_a_git_file_is_pinned_to_the_commit_of_its_ref(server, puller)
    tokens = {path: headers.get("Authorization") for path, headers in server.asked}
    assert tokens == {
        "/repos/owner/name/commits/main": "Bearer secret-token",
        f"/owner/name/{COMMIT}/openapi.yaml": None,
    }


def test_the_token_does_not_follow_a_redirect(server: Server, puller: SourceClient) -> None:
    with Server() as other:
        threading.Thread(target=other.serve_forever, args=(0.01,), daemon=True).start()
        other.answers["/x"] = lambda handler: handler.give(COMMIT.encode())
        target = f"{other.url}/x"
        server.answers["/repos/owner/name/commits/main"] = lambda handler: handler.give(b"", 302, Location=target)
        server.answers[f"/owner/name/{COMMIT}/openapi.yaml"] = Handler.give
        from_source("github:owner/name@main:openapi.yaml", puller)
        assert other.asked[0][1].get("Authorization") is None
        other.shutdown()


def test_a_host_that_does_not_name_a_commit_is_refused(server: Server, puller: SourceClient) -> None:
    server.answers["/repos/owner/name/commits/main"] = lambda handler: handler.give(b"{}")
    with pytest.raises(NetworkError, match="which commit 'main' is"):
        from_source("github:owner/name@main:openapi.yaml", puller)


def test_without_a_source_the_settings_name_it(server: Server, puller: SourceClient) -> None:
    server.answers["/repos/owner/name/commits/main"] = lambda handler: handler.give(COMMIT.encode())
    server.answers[f"/owner/name/{COMMIT}/openapi.yaml"] = Handler.give
    source = read_source(None, SourceSettings("owner/name", "openapi.yaml", "main"))
    assert pull(source, puller).provenance.repository == "owner/name"


def test_an_index_with_a_nested_one_is_joined(server: Server, puller: SourceClient) -> None:
    page = "```yaml GET {0}\nopenapi: 3.0.3\npaths: {{{0}: {{get: {{responses: {{}}}}}}}}\n```\n"
    server.answers["/docs/llms.txt"] = lambda handler: handler.give(b"[a](a.md)\n[more](_llms/more.md)\n[x](x.html)\n")
    server.answers["/docs/_llms/more.md"] = lambda handler: handler.give(b"[b](../b.md) [again](../llms.txt)\n")
    server.answers["/docs/a.md"] = lambda handler: handler.give(page.format("/a").encode())
    server.answers["/docs/b.md"] = lambda handler: handler.give(page.format("/b").encode())
    pulled = from_source(f"{server.url}/docs/llms.txt", puller)
    assert set(pulled.document["paths"] or ()) == {"/a", "/b"}  # type: ignore[arg-type]


def test_a_local_index_is_read(tmp_path: Path, puller: SourceClient) -> None:
    (tmp_path / "llms.txt").write_text("[a](/a.md)")
    (tmp_path / "a.md").write_text("```yaml GET /a\nopenapi: 3.0.3\npaths: {/a: {get: {}}}\n```\n")
    pulled = from_source(str(tmp_path / "llms.txt"), puller)
    assert pulled.provenance.kind == "index"


def test_no_path_of_this_machine_is_kept(tmp_path: Path, puller: SourceClient) -> None:
    (tmp_path / "a.yaml").write_bytes(DOCUMENT)
    pulled = from_source(str(tmp_path / "a.yaml"), puller)
    assert str(tmp_path) not in repr(pulled.provenance)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://example.com/a.yaml", "only https"),
        ("ftp://example.com/a.yaml", "only https"),
        ("https://evil.example/a.yaml", "not in the list"),
        ("https://example.com:8443/a.yaml", "not in the list"),
        ("https://user:key@example.com/a.yaml", "credentials"),
    ],
)
def test_an_address_that_is_not_allowed_is_refused(url: str, reason: str) -> None:
    with pytest.raises(NetworkError, match=reason) as caught:
        fetch(url, Policy(frozenset({"example.com"})))
    assert "key@" not in str(caught.value)


def test_a_redirect_to_another_host_is_refused(server: Server, puller: SourceClient) -> None:
    server.answers["/a"] = lambda handler: handler.give(b"", 302, Location="https://evil.example/a")
    with pytest.raises(NetworkError, match="not in the list"):
        from_source(f"{server.url}/a", puller)


def test_a_redirect_from_afar_to_this_machine_is_refused() -> None:
    with pytest.raises(NetworkError, match="this machine"):
        fetch_module._check("http://127.0.0.1/a", "https://example.com/a", Policy(frozenset({"example.com"})))


def test_endless_redirects_are_refused(server: Server, puller: SourceClient) -> None:
    server.answers["/a"] = lambda handler: handler.give(b"", 302, Location="/a")
    with pytest.raises(NetworkError, match="more than 5 redirects"):
        from_source(f"{server.url}/a", puller)


def test_a_bomb_is_refused_early(server: Server, puller: SourceClient) -> None:
    """By memory, not by time: what is taken apart of it stays far below its size."""
    bomb = gzip.compress(b"a" * 50_000_000)
    server.answers["/a"] = lambda handler: handler.give(bomb, Content_Encoding="gzip")
    tracemalloc.start()
    with pytest.raises(NetworkError, match="more than 100000 bytes"):
        from_source(f"{server.url}/a", puller)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10_000_000


def test_a_packed_document_is_read(server: Server, puller: SourceClient) -> None:
    server.answers["/a"] = lambda handler: handler.give(gzip.compress(DOCUMENT), Content_Encoding="gzip")
    assert from_source(f"{server.url}/a", puller).document["openapi"] == "3.0.3"


# Without the time of day, which would give the test another name in each process.
@pytest.mark.parametrize("content", [gzip.compress(DOCUMENT, mtime=0)[:-9], b"\x1f\x8bnot gzip"])
def test_a_broken_packing_is_refused(content: bytes, server: Server, puller: SourceClient) -> None:
    server.answers["/a"] = lambda handler: handler.give(content, Content_Encoding="gzip")
    with pytest.raises(NetworkError, match="compressed body"):
        from_source(f"{server.url}/a", puller)


def test_a_packing_that_was_not_asked_for_is_refused(server: Server, puller: SourceClient) -> None:
    server.answers["/a"] = lambda handler: handler.give(DOCUMENT, Content_Encoding="br")
    with pytest.raises(NetworkError, match="was not requested"):
        from_source(f"{server.url}/a", puller)


def test_a_server_that_stalls_is_left(server: Server, puller: SourceClient) -> None:
    """The limit is short, and nothing else can exceed it: the server is silent until the puller has given up."""
    left = threading.Event()
    server.answers["/a"] = lambda _: left.wait(120)
    policy = attrs.evolve(puller.policy, attempts=1, read_timeout=0.1)
    with pytest.raises(NetworkError, match="timed out"):
        from_source(f"{server.url}/a", attrs.evolve(puller, policy=policy))
    left.set()


def test_a_server_that_drips_is_left_at_the_deadline(server: Server, puller: SourceClient) -> None:
    """Each piece comes in time, and the whole does not; an hour passes on the puller's clock at each look."""
    server.answers["/a"] = Handler.give
    policy = attrs.evolve(puller.policy, clock=count(0.0, 3600.0).__next__)
    with pytest.raises(NetworkError, match="not done within 600 s"):
        from_source(f"{server.url}/a", attrs.evolve(puller, policy=policy))
    assert len(server.asked) == 1


def test_no_wait_goes_beyond_the_deadline(server: Server, puller: SourceClient, waits: list[float]) -> None:
    server.answers["/a"] = lambda handler: handler.give(b"", 503)
    policy = attrs.evolve(puller.policy, clock=count(0.0, 599.995).__next__)
    with pytest.raises(NetworkError, match="responds 503"):
        from_source(f"{server.url}/a", attrs.evolve(puller, policy=policy))
    assert (waits, len(server.asked)) == ([], 1)


def test_a_body_that_ends_early_is_refused(server: Server, puller: SourceClient) -> None:
    def cut(handler: Handler) -> None:
        handler.give(DOCUMENT, Content_Length="5000")
        handler.close_connection = True

    server.answers["/a"] = cut
    with pytest.raises(NetworkError):
        from_source(f"{server.url}/a", puller)


def test_a_304_to_nothing_is_refused(server: Server, puller: SourceClient) -> None:
    server.answers["/a"] = lambda handler: handler.give(b"", 304)
    with pytest.raises(NetworkError, match="304 to an unconditional request"):
        from_source(f"{server.url}/a", puller)


def test_a_passing_failure_is_tried_again_when_the_server_says(
    server: Server, puller: SourceClient, waits: list[float]
) -> None:
    tries = iter([503, 429])

    def answer(handler: Handler) -> None:
        status = next(tries, 200)
        handler.give(DOCUMENT, status, **({"Retry_After": "2"} if status == 429 else {}))

    server.answers["/a"] = answer
    assert from_source(f"{server.url}/a", puller).document["openapi"] == "3.0.3"
    assert waits == [0.01, 2.0]


def test_a_wait_that_is_too_long_is_not_waited(server: Server, puller: SourceClient, waits: list[float]) -> None:
    server.answers["/a"] = lambda handler: handler.give(b"", 503, Retry_After="3600")
    with pytest.raises(NetworkError, match="responds 503"):
        from_source(f"{server.url}/a", puller)
    assert waits == []


def test_a_lasting_failure_is_not_tried_again(server: Server, puller: SourceClient) -> None:
    server.answers["/a"] = lambda handler: handler.give(b"", 404)
    with pytest.raises(NetworkError, match="responds 404"):
        from_source(f"{server.url}/a", puller)
    assert len(server.asked) == 1


def test_nobody_there_is_a_network_error(puller: SourceClient) -> None:
    with pytest.raises(NetworkError):
        from_source("http://127.0.0.1:9/a.yaml", puller)


def test_an_html_page_is_no_document(server: Server, puller: SourceClient) -> None:
    server.answers["/a"] = lambda handler: handler.give(b"<!DOCTYPE html><html></html>")
    with pytest.raises(SourceError, match="HTML page"):
        from_source(f"{server.url}/a", puller)


def test_an_unchanged_document_is_not_sent_again(server: Server, puller: SourceClient) -> None:
    def answer(handler: Handler) -> None:
        known = handler.headers.get("If-None-Match") == '"v1"'
        handler.give(b"" if known else DOCUMENT, 304 if known else 200, ETag='"v1"')

    server.answers["/a"] = answer
    first, second = (from_source(f"{server.url}/a", puller) for _ in range(2))
    assert first.document == second.document
    assert server.asked[1][1]["If-None-Match"] == '"v1"'


def test_offline_reads_what_was_read_before_and_nothing_else(server: Server, puller: SourceClient) -> None:
    server.answers["/a"] = Handler.give
    from_source(f"{server.url}/a", puller)
    offline = attrs.evolve(puller, offline=True)
    assert from_source(f"{server.url}/a", offline).document["openapi"] == "3.0.3"
    with pytest.raises(NetworkError, match="not in the cache"):
        from_source(f"{server.url}/b", offline)
    assert len(server.asked) == 1


def test_a_corrupt_cache_is_found_offline_and_mended_online(server: Server, puller: SourceClient) -> None:
    server.answers["/a"] = lambda handler: handler.give(ETag='"v1"')
    from_source(f"{server.url}/a", puller)
    for path in (puller.cache.folder / "objects").iterdir():
        path.write_bytes(b"other")
    with pytest.raises(PinError, match="other bytes"):
        from_source(f"{server.url}/a", attrs.evolve(puller, offline=True))
    assert from_source(f"{server.url}/a", puller).document["openapi"] == "3.0.3"
    assert "If-None-Match" not in server.asked[-1][1]


def test_a_cache_that_cannot_be_written_is_done_without(server: Server, puller: SourceClient, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    server.answers["/a"] = Handler.give
    blocked = attrs.evolve(puller, cache=Cache(tmp_path / "file"))
    assert from_source(f"{server.url}/a", blocked).document["openapi"] == "3.0.3"


def test_a_pin_is_kept(tmp_path: Path, puller: SourceClient) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(DOCUMENT)
    right = hashlib.sha256(DOCUMENT).hexdigest()
    assert from_source(f"{path}#sha256={right}", puller).provenance.sha256 == right
    with pytest.raises(PinError, match="was expected"):
        from_source(f"{path}#sha256={'0' * 64}", puller)


def test_a_pin_that_is_none_is_a_mistake(puller: SourceClient) -> None:
    with pytest.raises(UsageError, match="not such a hash"):
        from_source("a.yaml#sha256=12", puller)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("a.yaml", SourceKind.FILE),
        ("a.md", SourceKind.PAGE),
        ("docs/llms.txt", SourceKind.INDEX),
        ("https://example.com/a.md", SourceKind.PAGE),
        ("https://example.com/llms-full.txt", SourceKind.INDEX),
        ("https://example.com/a.json", SourceKind.URL),
        (f"https://raw.githubusercontent.com/o/n/{COMMIT}/a/b.yaml", SourceKind.GIT),
        ("https://github.com/o/n/blob/main/a.yaml", SourceKind.GIT),
        ("github:o/n@main:a.yaml", SourceKind.GIT),
    ],
)
def test_a_source_is_understood(text: str, kind: SourceKind) -> None:
    assert read_source(text, SourceSettings()).kind is kind


def test_a_file_that_is_not_there_is_said_by_its_name(puller: SourceClient) -> None:
    with pytest.raises(SpecSyncError, match=r"nowhere\.yaml: No such file"):
        from_source("/a/b/nowhere.yaml", puller)
