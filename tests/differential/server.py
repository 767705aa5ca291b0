"""A server drawn from a seed: its responses to each call of a sequence, the same for every client and retry."""

from __future__ import annotations

import gzip
import json
import random
import zlib
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
from attrs import evolve, field, frozen

__all__ = ["CALLS", "Asked", "Case", "Reply", "Server", "draw_case"]

#: A client that sends more requests within one call would never stop.
ENDLESS = 40
SUCCESS = 200

CALLS = (
    "fine_tuning.jobs.create",
    "fine_tuning.jobs.retrieve",
    "fine_tuning.jobs.cancel",
    "fine_tuning.jobs.list",
    "fine_tuning.jobs.list_events",
    "fine_tuning.jobs.checkpoints.list",
    "files.create",
    "files.retrieve",
    "files.list",
    "files.delete",
    "files.content",
)
LISTS = frozenset(name for name in CALLS if name.rpartition(".")[2] in {"list", "list_events"})
FIELDS: dict[str, tuple[Any, ...]] = {
    "status": ("queued", "running", "succeeded"),
    "model": ("m",),
    "training_file": ("file-1",),
    "trained_tokens": (5, None),
    "hyperparameters": ({"n_epochs": 3}, {"n_epochs": "auto"}),
    "filename": ("a.jsonl",),
    "bytes": (3,),
    "purpose": ("fine-tune",),
    "message": ("m",),
    "level": ("info",),
    "step_number": (10,),
    "metrics": ({"train_loss": 0.5},),
    "new_field": ({"a": 1},),
}
#: Fields that are not what they should be, one at a time.
ODD: dict[str, Any] = {
    "trained_tokens": 1.5,
    "created_at": "soon",
    "method": "supervised",
    "hyperparameters": "auto",
    "metrics": [],
    "bytes": "many",
    "status": {},
}
MESSAGE = {"error": {"message": "no", "type": "t", "code": "c", "param": None}}


@frozen
class Reply:
    """One response, or a failure in its place.

    Attributes:
        kind: What it is, for the table of differences.
        status: The HTTP status; 0 for a connection that fails.
        body: What is sent.
        headers: The headers.
        fails: ``"connect"``, ``"timeout"`` or ``"cut"``: before, instead of, or within the response.
    """

    kind: str
    status: int = 200
    body: bytes = field(default=b"", repr=False)
    headers: tuple[tuple[str, str], ...] = ()
    fails: str = ""


@frozen
class Asked:
    """A request, as far as clients have to agree on it."""

    method: str
    target: str
    body: Any


@frozen
class Case:
    """One call of a sequence, and what it gets: the first replies in order, the last one again and again."""

    call: str
    replies: tuple[Reply, ...]
    pages: tuple[Reply, ...] = ()


class _Stream(httpx.SyncByteStream):
    def __init__(self, reply: Reply) -> None:
        self._reply = reply

    def __iter__(self) -> Iterator[bytes]:
        body = self._reply.body
        if self._reply.fails != "cut":
            yield body
            return
        yield body[: len(body) // 2]
        message = "peer closed connection without sending complete message body"
        raise httpx.RemoteProtocolError(message)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self:
            yield chunk


class EndlessError(Exception):
    """A client that repeats a request without end."""


class Server:
    """Responds to one client as a case defines."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self.asked: list[Asked] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Take a request and reply."""
        if len(self.asked) >= ENDLESS:
            raise EndlessError
        self.asked.append(_asked(request))
        reply = self._reply(request, len(self.asked) - 1)
        if reply.fails == "connect":
            message = "connection refused"
            raise httpx.ConnectError(message)
        if reply.fails == "timeout":
            message = "timed out"
            raise httpx.ReadTimeout(message)
        return httpx.Response(reply.status, headers=list(reply.headers), stream=_Stream(reply))

    def _reply(self, request: httpx.Request, number: int) -> Reply:
        replies = self._case.replies
        after = request.url.params.get("after")
        if not self._case.pages or (after is None and number < len(replies) - 1):
            return replies[min(number, len(replies) - 1)]
        starts = {None: 0, **{f"i{page}-1": page + 1 for page in range(len(self._case.pages))}}
        # A cursor that it does not know begins the list anew.
        return self._case.pages[min(starts.get(after, 0), len(self._case.pages) - 1)]


def _asked(request: httpx.Request) -> Asked:
    content = request.read()
    kind = request.headers.get("content-type", "")
    body: Any = None
    if kind.startswith("application/json"):
        # The official SDK sends an empty object where there is nothing to say.
        body = (json.loads(content) or None) if content else None
    elif kind.startswith("multipart/"):
        # The parts, whatever the boundary and their order.
        boundary = kind.partition("boundary=")[2].strip('"').encode()
        parts = [part.strip(b"\r\n-") for part in content.split(b"--" + boundary)]
        body = sorted(
            (b"filename=" in part.partition(b"\r\n\r\n")[0], part.partition(b"\r\n\r\n")[2]) for part in parts if part
        )
    return Asked(request.method, request.url.raw_path.decode(), body)


def draw_case(rng: random.Random) -> Case:
    """Draw a call and what it gets."""
    call = rng.choice(CALLS)
    first: list[Reply] = []
    while rng.random() < 0.25 and len(first) < 2:
        first.append(_failure(rng))
    if call in LISTS:
        pages = _pages(rng)
        return Case(call, (*first, pages[0]), pages)
    last = _failure(rng) if rng.random() < 0.25 else _good(rng, call)
    if call == "files.content" and last.status == SUCCESS:
        # It is the same file each time.
        first = [evolve(last, kind="cut", fails="cut") if reply.fails == "cut" else reply for reply in first]
    return Case(call, (*first, last))


def _thing(rng: random.Random, item_id: str) -> dict[str, Any]:
    chosen = {name: rng.choice(values) for name, values in FIELDS.items() if rng.random() < 0.7}
    return {"id": item_id, "object": "thing", "created_at": 1_740_000_000, **chosen}


def _odd(rng: random.Random, thing: dict[str, Any]) -> tuple[dict[str, Any], str]:
    kind = rng.random()
    if kind < 0.12:
        name = rng.choice(sorted(ODD))
        return {**thing, name: ODD[name]}, "odd field"
    if kind < 0.15:
        return {name: value for name, value in thing.items() if name != "id"}, "no id"
    return thing, "good"


def _good(rng: random.Random, call: str) -> Reply:
    if call == "files.content":
        text = rng.choice((b'{"a": 1}\n{"b": 2}\n', b"step,loss\n1,0.5\n", b'{"one": 1}', b"caf\xc3\xa9\n" * 50, b""))
        kind = rng.choice(("application/octet-stream", "application/jsonl", "text/html", "text/plain; charset=utf-8"))
        wrapped = rng.random() < 0.15
        if wrapped:
            text, kind = json.dumps({"html-message": text.decode()}, separators=(",", ":")).encode(), "application/json"
        return _coded(rng, Reply("wrapped file" if wrapped else "file", 200, text, (("content-type", kind),)))
    kind = rng.random()
    if call == "files.delete":
        if kind < 0.15:
            return Reply("empty", rng.choice((200, 202, 204)))
        data = {"id": "f", "object": "file", "deleted": True}
        return _coded(rng, _json("good", data))
    if kind < 0.06:
        return _json("error in success", MESSAGE, rng.choice((200, 201)))
    if kind < 0.1:
        return Reply(
            "no JSON", 200, rng.choice((b"<html>Sign in", b"{", b"", b'"x"', b"[]")), (("content-type", "text/html"),)
        )
    data, name = _odd(rng, _thing(rng, "f" if call.startswith("files") else "ftjob-1"))
    return _coded(rng, _json(name, data, rng.choice((200, 200, 201, 246))))


def _pages(rng: random.Random) -> tuple[Reply, ...]:
    number = rng.choice((1, 1, 2, 3))
    says = rng.choice(("has_more", "has_more", "nothing", "always"))
    replies: list[Reply] = []
    for page in range(number):
        kinds = set()
        data: list[dict[str, Any]] = []
        for item in range(2):
            thing, kind = _odd(rng, _thing(rng, f"i{page}-{item}"))
            kinds.add(kind)
            data.append(thing)
        body: dict[str, Any] = {"object": "list", "data": data}
        if says == "has_more":
            body["has_more"] = page < number - 1
        elif says == "always":
            body["has_more"] = True
        name = next((kind for kind in ("no id", "odd field") if kind in kinds), "good")
        replies.append(_coded(rng, _json(f"{name}, {says}", body)))
    if says == "nothing":
        replies.append(_json("good, nothing", {"object": "list", "data": []}))
    if rng.random() < 0.05:
        replies[0] = _json("null list", {"object": "list", "data": None, "has_more": False})
    return tuple(replies)


def _json(kind: str, data: object, status: int = 200) -> Reply:
    return Reply(kind, status, json.dumps(data).encode(), (("content-type", "application/json"),))


def _coded(rng: random.Random, reply: Reply) -> Reply:
    kind = rng.random()
    if kind > 0.2:
        return reply
    coding, body = rng.choice(
        (
            ("gzip", gzip.compress(reply.body, mtime=0)),
            ("x-gzip", gzip.compress(reply.body, mtime=0)),
            ("deflate", zlib.compress(reply.body)),
            ("gzip, members", gzip.compress(reply.body[:5], mtime=0) + gzip.compress(reply.body[5:], mtime=0)),
            ("gzip, padded", gzip.compress(reply.body, mtime=0) + b"\0"),
            ("br, uncoded", reply.body),
            ("br", b"\x0b\x05\x80hello\x03"),
        )
    )
    headers = (*reply.headers, ("content-encoding", coding.partition(",")[0]))
    return Reply(f"{reply.kind}, coded {coding}", reply.status, body, headers)


def _failure(rng: random.Random) -> Reply:
    kind = rng.random()
    if kind < 0.15:
        return Reply("no connection", 0, fails="connect")
    if kind < 0.25:
        return Reply("timeout", 0, fails="timeout")
    if kind < 0.35:
        return Reply("cut", 200, b'{"id": "ftjob-1", "object": "thing"}', fails="cut")
    status = rng.choice((400, 401, 403, 404, 408, 409, 422, 429, 429, 500, 502, 503))
    headers: list[tuple[str, str]] = [("content-type", "application/json")]
    name = f"status {status}"
    if rng.random() < 0.3:
        name, after = rng.choice(
            (
                ("retry-after", "1"),
                ("retry-after beyond", "Mon, 01 Jan 99999999999 00:00:00 GMT"),
                ("retry-after long", "50"),
            )
        )
        headers.append(("retry-after", after))
        name = f"status {status}, {name}"
    if rng.random() < 0.3:
        headers.append(("x-portkey-trace-id", "t-1"))
        name += ", gateway"
    body = json.dumps(rng.choice((MESSAGE, {"message": "no", "status": "failure"}, {"error": "no"}))).encode()
    if rng.random() < 0.15:
        coding, body = rng.choice((("br", b"\x0b\x05\x80hello\x03"), ("deflate", zlib.compress(body)), ("gzip", body)))
        headers.append(("content-encoding", coding))
        name += f", coded {coding}"
    return Reply(name, status, body, tuple(headers))
