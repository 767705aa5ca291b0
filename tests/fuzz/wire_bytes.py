"""Bytes that a server may send, drawn from a seed: from valid responses to random ones."""

from __future__ import annotations

import gzip
import json
import random
import zlib
from collections.abc import Callable
from typing import Any

from attrs import frozen

__all__ = ["Script", "draw_script"]

STATUSES = (
    200,
    200,
    200,
    200,
    201,
    202,
    204,
    206,
    246,
    301,
    307,
    400,
    401,
    403,
    404,
    408,
    409,
    412,
    416,
    422,
    429,
    446,
)
STATUSES += (500, 502, 503, 504, 100, 101, 103, 199, 299, 304, 599, 999)
IDS = ("f", "ftjob-1", "a/b", "", "undefined", "\u202e", "x" * 300)
ODD: tuple[Any, ...] = (
    None,
    True,
    -1,
    0,
    1.5,
    10**30,
    1e300,
    "",
    "soon",
    "1",
    [],
    {},
    [None],
    {"a": {}},
    "\x1b[2J",
    "\ud800",
)
FIELDS = {
    "status": ("queued", "running", "succeeded", "failed", "unheard-of"),
    "created_at": (1_740_000_000, 1_740_000_000_000, "2025-02-19T21:20:00Z"),
    "trained_tokens": (5, "5"),
    "hyperparameters": ({"n_epochs": 3}, {"n_epochs": "auto"}),
    "method": ({"type": "supervised"},),
    "error": ({}, {"message": "no", "code": 5}, "no"),
    "result_files": ([], ["f"]),
    "integrations": ([], [{"type": "wandb"}]),
    "metrics": ({"step": 1, "train_loss": 0.5}, {}),
    "bytes": (3, 0),
    "deleted": (True, False),
    "message": ("it goes on",),
    "data": ({"loss": 1},),
    "object": ("thing",),
}
ERRORS: tuple[Any, ...] = (
    {"error": {"message": "no", "code": "c", "type": "t", "param": "p"}},
    {"error": "no"},
    {"message": "no", "status": "failure"},
    {"success": False, "data": {"message": "no", "errorCode": "AB01"}},
    {"html-message": "<html>no"},
    {"detail": [{"msg": "no"}]},
    {"errors": ["a", {"b": 1}]},
)
TYPES = (
    "application/json",
    "Application/JSON; charset=UTF-8",
    "text/html",
    "text/plain; charset=utf-16",
    'text/plain; charset="iso-8859-1',
    "application/json; charset=idna",
    "application/octet-stream",
    "",
    ";;;",
    "\xff",
)
CODINGS = (
    "gzip",
    "x-gzip",
    "deflate",
    "identity",
    "br",
    "zstd",
    "gzip, gzip",
    "gzip, br",
    ",",
    "gzip" + ", gzip" * 9,
    "\xff",
)
RETRY_AFTERS = (
    "1",
    "0.5",
    "-1",
    "9" * 400,
    "Mon, 01 Jan 99999999999 00:00:00 GMT",
    "Fri, 01 Jan 2100 00:00:00 GMT",
    "nan",
    "\xff",
)


@frozen
class Script:
    """The script of a connection.

    Attributes:
        chunks: What each read gives.
        end: How it ends after them: closed, broken, or silent.
    """

    chunks: tuple[bytes, ...]
    end: str


def draw_script(rng: random.Random) -> Script:
    """Draw the script of a connection."""
    raw = _response(rng)
    if rng.random() < 0.15:
        # The next response on the same connection, or what stands there instead.
        raw += rng.choice((b"\0", b"x", b"\r\n", _response(rng)))
    if rng.random() < 0.25:
        raw = _mutated(rng, raw)
    if rng.random() < 0.2:
        raw = raw[: rng.randrange(len(raw) + 1)]
    places = sorted(rng.randrange(len(raw) + 1) for _ in range(rng.choice((0, 0, 1, 3, 9))))
    chunks = [raw[start:end] for start, end in zip([0, *places], [*places, len(raw)], strict=True)]
    return Script(tuple(chunk for chunk in chunks if chunk), rng.choice(("closed", "closed", "broken", "silent")))


def _response(rng: random.Random) -> bytes:
    status = 200 if rng.random() < 0.5 else rng.choice(STATUSES) if rng.random() < 0.95 else rng.randrange(1000)
    body, headers = _body(rng, status)
    for draw, name in _HEADERS:
        if rng.random() < 0.12:
            headers.append((name, draw(rng)))
    headers, framed = _framed(rng, headers, body)
    rng.shuffle(headers)
    head = "".join(f"{name}: {value}\r\n" for name, value in headers).encode("utf-8", "surrogatepass")
    return _status_line(rng, status) + head + b"\r\n" + framed


def _status_line(rng: random.Random, status: int) -> bytes:
    if rng.random() < 0.95:
        return b"HTTP/1.1 %03d %s\r\n" % (status, rng.choice((b"OK", b"", b"\xc3\xa4", b"No\tway")))
    lines = (
        b"HTTP/1.0 %d\r\n",
        b"HTTP/2 %d X\r\n",
        b"HTTP/1.1 %d0 X\r\n",
        b"http/1.1 %d\r\n",
        b"ICY %d OK\r\n",
        b"%d\n",
        b"\0%d\r\n",
    )
    return rng.choice(lines) % status


def _body(rng: random.Random, status: int) -> tuple[bytes, list[tuple[str, str]]]:
    kind = rng.random()
    headers = [("content-type", rng.choice(TYPES))] if rng.random() < 0.7 else []
    if kind < 0.55:
        data: Any = rng.choice(ERRORS) if status >= 400 and rng.random() < 0.8 else _value(rng)
        body = json.dumps(data).encode("utf-8", "surrogatepass")
        if rng.random() < 0.05:
            body = body.replace(b"1", b"NaN")
    elif kind < 0.7:
        body = json.dumps({"html-message": rng.choice(("<html>", "a\nb\n", "\ud83d", "x" * 3000))}).encode()
    elif kind < 0.8:
        body = rng.choice((b"<!doctype html><p>Sign in", b'{"a": 1}\n{"b": 2}\n', b"[" * 300, b"null", b'"x"', b"{"))
    elif kind < 0.9:
        body = rng.randbytes(rng.choice((1, 50, 3000)))
    else:
        body = b""
    if rng.random() < 0.3:
        coding = rng.choice(CODINGS)
        headers.append(("content-encoding", coding))
        if rng.random() < 0.85:
            body = _encoded(rng, body, coding)
    return body, headers


def _encoded(rng: random.Random, body: bytes, coding: str) -> bytes:
    for label in coding.split(", ")[:4]:
        if "gzip" in label:
            body = gzip.compress(body, mtime=0) + rng.choice((b"", b"", b"\0", bytes(600), gzip.compress(b"x"), b"x"))
        elif label == "deflate":
            body = zlib.compress(body, wbits=rng.choice((15, -15))) + rng.choice((b"", b"", b"\0", b"x"))
    return _mutated(rng, body) if rng.random() < 0.15 else body


def _value(rng: random.Random) -> Any:  # noqa: ANN401 - JSON
    kind = rng.random()
    if kind < 0.1:
        return rng.choice(ODD)
    if kind < 0.5:
        return _thing(rng)
    page: dict[str, Any] = {"object": "list", "data": [_thing(rng) for _ in range(rng.choice((0, 1, 3)))]}
    if rng.random() < 0.7:
        page["has_more"] = rng.choice((True, False, None, "yes"))
    if rng.random() < 0.3:
        page["last_id"] = rng.choice((*IDS, None, 5, []))
    if rng.random() < 0.1:
        page["data"] = rng.choice(ODD)
    return page


def _thing(rng: random.Random) -> Any:  # noqa: ANN401 - JSON
    if rng.random() < 0.03:
        return rng.choice(ODD)
    thing: dict[str, Any] = {"id": rng.choice(IDS[:3])} if rng.random() < 0.9 else {}
    for name, values in FIELDS.items():
        if rng.random() < 0.5:
            thing[name] = rng.choice(values) if rng.random() < 0.9 else rng.choice(ODD)
    return thing


def _framed(rng: random.Random, headers: list[tuple[str, str]], body: bytes) -> tuple[list[tuple[str, str]], bytes]:
    kind = rng.random()
    if kind < 0.6:
        return [*headers, ("content-length", str(len(body)))], body
    if kind < 0.8:
        size = rng.choice((1, 7, 4096))
        pieces = [body[start : start + size] for start in range(0, len(body), size)][:400]
        chunked = b"".join(b"%x%s\r\n%s\r\n" % (len(one), rng.choice((b"", b"", b";a=b")), one) for one in pieces)
        return [*headers, ("transfer-encoding", "chunked")], chunked + rng.choice(
            (b"0\r\n\r\n", b"0\r\nx: y\r\n\r\n", b"", b"zz\r\n")
        )
    lengths = (
        "0",
        "-1",
        "99999999999999999999",
        "9" * 5000,
        "1, 1",
        "x",
        "\u0661",
        str(len(body) + 5),
        str(max(len(body) - 5, 0)),
    )
    if kind < 0.9:
        return [*headers, ("content-length", rng.choice(lengths))], body
    return headers, body


def _mutated(rng: random.Random, raw: bytes) -> bytes:
    changed = bytearray(raw)
    for _ in range(rng.choice((1, 1, 2, 8))):
        place = rng.randrange(len(changed) + 1)
        match rng.randrange(4):
            case 0:
                changed[place : place + 1] = rng.randbytes(1)
            case 1:
                changed[place:place] = rng.choice((b"\0", b"\r\n", b"\xff", b":", b" ", b"\n", rng.randbytes(3)))
            case 2:
                del changed[place : place + rng.choice((1, 2, 20))]
            case _:
                changed[place:place] = changed[place : place + 30]
    return bytes(changed)


def _one_of(*values: str) -> Callable[[random.Random], str]:
    return lambda rng: rng.choice(values)


_HEADERS: tuple[tuple[Callable[[random.Random], str], str], ...] = (
    (_one_of(*RETRY_AFTERS), "retry-after"),
    (_one_of("https://elsewhere.test/", "//x", "\xff", "http://[", "/" * 3000, "javascript:x"), "location"),
    (_one_of("openai", "bedrock", "vertex-ai", "fireworks-ai", "", "\xff", "new"), "x-portkey-provider"),
    (_one_of("t-1", "", "\x1b[2J", "\xff\xfe", "x" * 9000), "x-portkey-trace-id"),
    (_one_of("-1", "x", "9" * 5000), "x-portkey-retry-attempt-count"),
    (
        _one_of("a=b", "a=b; expires=Mon, 01 Jan 99999999999 00:00:00 GMT; max-age=9e9", "=", "\xff", "a=b; domain=.x"),
        "set-cookie",
    ),
    (_one_of('"v1"', 'W/"v1"', "x"), "etag"),
    (_one_of("bytes", "none", "Bytes"), "accept-ranges"),
    (_one_of("bytes 0-1/2", "bytes */0", "x", "bytes 99999999999999999999999-1/*"), "content-range"),
    (_one_of("close", "keep-alive", "upgrade", "\xff"), "connection"),
    (_one_of("chunked", "gzip, chunked", "identity", "x"), "transfer-encoding"),
    (_one_of("websocket", "h2c"), "upgrade"),
    (_one_of("x", "y" * 70_000), "x-long"),
)
