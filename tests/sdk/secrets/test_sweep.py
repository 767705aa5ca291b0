"""A canary as the key, in every auth mode: every typed error is provoked, and every thing that is left is searched.

What single places show is tested in tests/sdk/secrets/test_secrets.py; here nothing is left out on purpose.
"""

from __future__ import annotations

import copy
import gc
import io
import json
import logging
import pickle
import traceback
import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from portkey_ft import Config, JobFailedError, Managed, PortkeyError, Provider, VirtualKey, errors
from portkey_ft.datasets import DatasetError
from tests.support.calls import CALLS

if TYPE_CHECKING:
    from tests.support.ways import Way, Wire

pytestmark = [pytest.mark.anyio, pytest.mark.security]

# With what JSON, URLs and some writers of JSON escape.
CANARY = 'canary/7f3a+b<&>="x'
MODES: dict[str, dict[str, Any]] = {
    "virtual key": {"api_key": CANARY, "auth": VirtualKey(f"{CANARY}1")},
    "config id": {"api_key": CANARY, "auth": Config(f"{CANARY}1")},
    "config": {"api_key": CANARY, "auth": Config({"provider": "openai", "api_key": f"{CANARY}1"})},
    "provider": {"api_key": CANARY, "auth": Provider("openai", authorization=f"{CANARY}1")},
    "token of a function": {"api_key": CANARY, "auth": Provider("openai", authorization=lambda: f"{CANARY}1")},
    "provider headers": {
        "api_key": CANARY,
        "auth": Provider("bedrock", provider_headers={"aws_secret_access_key": f"{CANARY}1"}),
    },
    "managed": {"api_key": CANARY, "auth": Managed()},
    "default headers": {"api_key": CANARY, "auth": Managed(), "default_headers": {"x-session": f"{CANARY}1"}},
}


def test_every_auth_mode_is_swept() -> None:
    from portkey_ft import auth  # noqa: PLC0415 - the look at it is the test

    modes = {
        name
        for name in auth.__all__
        if isinstance(getattr(auth, name), type) and name != "Auth" and hasattr(getattr(auth, name), "headers")
    }
    assert {type(mode["auth"]).__name__ for mode in MODES.values()} == modes


def ways_to_write(text: str) -> set[str]:
    """Write a text as it may come back: in JSON, in JSON within JSON, with all that some writers escape, in a URL."""
    once = json.dumps(text)[1:-1]
    harder = once.replace("/", "\\/").replace("+", "\\u002b").replace("<", "\\u003C").replace("&", "\\u0026")
    return {text, once, json.dumps(once)[1:-1], harder, "".join(f"\\u{ord(char):04x}" for char in text)}


def credentials(request: httpx.Request) -> list[str]:
    return [value for value in request.headers.values() if "canary" in value]


def echo(status: int, request: httpx.Request) -> httpx.Response:
    """Answer with each credential in each place and in each way to write it, as JSON that was written by hand."""
    said = [form for value in credentials(request) for form in (value, value.partition(" ")[2] or value)]
    plain = " ".join(said)
    texts = ", ".join(f'"{form}"' for one in said for form in ways_to_write(one) if '"' not in form.replace('\\"', ""))
    inside = json.dumps(json.dumps({"headers": said}))
    told = json.dumps(plain)
    body = (
        f'{{"error": {{"message": {told}, "code": {told}, "type": {told}, "param": {told}}}, "raw": {inside},'
        f' "said": [{texts}], {told}: 1}}'
    )
    headers = [(b"x-echo", plain.encode()), (b"x-portkey-trace-id", plain.encode()), (b"location", plain.encode())]
    return httpx.Response(status, content=body.encode(), headers=headers)


def failed_job(request: httpx.Request) -> httpx.Response:
    reason = " ".join(credentials(request))
    error = {"message": f"cannot use {reason}", "code": reason}
    return httpx.Response(200, json={"id": "j", "status": "failed", "error": error, "status_details": reason})


def failed_file(request: httpx.Request) -> httpx.Response:
    reason = " ".join(credentials(request))
    return httpx.Response(200, json={"id": "f", "status": "error", "status_details": f"cannot use {reason}"})


def raising(kind: type[httpx.HTTPError]) -> Callable[[httpx.Request], httpx.Response]:
    def handle(request: httpx.Request) -> httpx.Response:
        message = f"cannot send {json.dumps(dict(request.headers))}"
        raise kind(message)

    return handle


def circle(request: httpx.Request) -> httpx.Response:
    del request
    return httpx.Response(200, json={"data": [{"id": "x", "status": "queued"}], "has_more": True, "last_id": "x"})


SERVERS: dict[str, Callable[[httpx.Request], httpx.Response]] = {
    **{
        str(status): lambda request, status=status: echo(status, request)
        for status in (200, 302, 400, 401, 403, 404, 409, 418, 422, 429, 446, 500, 503)
    },
    "no JSON": lambda request: httpx.Response(200, content=json.dumps(dict(request.headers)).encode()),
    "wrong shape": lambda request: httpx.Response(
        200, json={"id": credentials(request), "created_at": credentials(request)[0], "data": credentials(request)}
    ),
    "wrong values": lambda request: httpx.Response(
        200,
        json={"id": "f", "created_at": str(credentials(request)), "data": [{"id": "f", "level": credentials(request)}]},
    ),
    "html": lambda request: httpx.Response(502, content=f"<p>{' '.join(credentials(request))}</p>".encode()),
    "too large": lambda request: httpx.Response(200, content=json.dumps(dict(request.headers)).encode() * 10_000),
    "not supported": lambda request: httpx.Response(
        400, json={"error": {"message": f"x is not supported by {' '.join(credentials(request))}"}}
    ),
    "failed job": failed_job,
    "failed file": failed_file,
    "circle": circle,
    "timeout": raising(httpx.ReadTimeout),
    "connect": raising(httpx.ConnectError),
    "protocol": raising(httpx.RemoteProtocolError),
}


def chain(error: BaseException | None) -> Iterator[BaseException]:
    if error is not None:
        yield error
        yield from chain(error.__cause__)
        yield from chain(error.__context__)


def everything_of(error: BaseException) -> str:
    """Show all that hangs on an error, and the local variables of every frame that is not a test's."""
    lines: list[str] = []
    for one in chain(error):
        lines += [str(one), repr(one), repr(vars(one)), repr(one.args), *getattr(one, "__notes__", [])]
        summary = traceback.TracebackException.from_exception(one, capture_locals=True)
        kept = [frame for frame in summary.stack if "/tests/" not in frame.filename]
        summary.stack[:] = kept
        lines += list(summary.format())
        lines += [str(frame.locals) for frame in kept]
    return "\n".join(lines)


def assert_clean(*things: object) -> None:
    for thing in things:
        text = thing.decode("latin-1") if isinstance(thing, bytes) else str(thing)
        for form in ("canary", *ways_to_write(CANARY)):
            assert form not in text


class Kept(logging.Handler):
    """Keeps every record, with all that is in it."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.stream = io.StringIO()

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a record."""
        self.stream.write(f"{record.getMessage()} {vars(record)}\n")


# Most of a wait is the same question again.
BRIEFLY = {"wait": {"timeout": 30.0}, "wait_for_processing": {"max_wait_seconds": 30.0}}


# What differs between the modes is the same for both clients, and each of these takes seconds.
@pytest.mark.parametrize(
    ("way", "mode"),
    [
        *(("sync", mode) for mode in MODES),
        *(pytest.param("asyncio", mode, marks=pytest.mark.slow if mode != "provider" else ()) for mode in MODES),
        *(pytest.param("trio", mode, marks=pytest.mark.trio) for mode in MODES),
    ],
    indirect=["way"],
)
async def test_no_key_comes_out_of_anything(mode: str, way: Way, wire: Wire) -> None:
    log = Kept()
    logging.getLogger().addHandler(log)
    logging.getLogger("portkey_ft").setLevel(logging.DEBUG)
    provoked: set[type] = set()
    try:
        for server, handle in SERVERS.items():
            client = way.client(wire.say(handle), max_retries=1, max_response_bytes=100_000, **MODES[mode])
            for call in CALLS:
                try:
                    with warnings.catch_warnings(record=True) as warned:
                        warnings.simplefilter("always")
                        result = await call.make(way, client, **BRIEFLY.get(call.name, {}))
                except PortkeyError as error:
                    provoked.add(type(error))
                    assert_clean(everything_of(error))
                    if not isinstance(error, JobFailedError):
                        # What a job said of itself is in job.raw as it came.
                        pickled = pickle.dumps(error)
                        assert_clean(pickled, vars(copy.copy(error)), vars(pickle.loads(pickled)))  # noqa: S301 - our own
                else:
                    provoked.update(warning.category for warning in warned)
                    assert_clean(*(str(warning.message) for warning in warned))
                    assert server not in {"400", "timeout"} or str(call) == "files.content"
                    if server == "failed job" and str(call) != "files.content":
                        assert_clean(repr(result))
            assert any("canary" in value for value in wire.last.headers.values())
    finally:
        logging.getLogger().removeHandler(log)
        logging.getLogger("portkey_ft").setLevel(logging.NOTSET)
    assert_clean(log.stream.getvalue())
    # Every kind of error that an answer can give was among them.
    others = {errors.PortkeyError, errors.ConfigurationError, errors.WaitTimeoutError, DatasetError}
    tree = {member for member in vars(errors).values() if isinstance(member, type) and issubclass(member, PortkeyError)}
    assert provoked >= (tree | {errors.PortkeyWarning}) - others - {errors.PaginationError}


async def test_no_object_of_ours_shows_a_key(way: Way, wire: Wire) -> None:
    # Held until the end: what is let go leaves its id to one of ours.
    held = gc.get_objects()
    before = {id(thing) for thing in held}
    clients = [way.client(wire.say({"id": "f", "status": "succeeded"}), **mode) for mode in MODES.values()]
    for client in clients:
        client.with_options(timeout=1).files  # noqa: B018 - made for the look below
        await way.get(client.files.retrieve("f"))
        client.fine_tuning.jobs.list()
    gc.collect()
    new = [thing for thing in gc.get_objects() if id(thing) not in before]
    ours = [thing for thing in new if str(getattr(type(thing), "__module__", "")).startswith("portkey_ft")]
    assert {id(client) for client in clients} <= {id(thing) for thing in ours}
    for thing in ours:
        if isinstance(thing, type) or type(thing).__module__.startswith("portkey_ft.testing"):
            continue
        assert_clean(repr(thing))
        try:
            pickled = pickle.dumps(thing)
        except Exception as error:  # noqa: BLE001 - most refuse, each in its way
            assert_clean(repr(error))
        else:
            assert_clean(pickled)


@pytest.mark.parametrize("value", [VirtualKey(CANARY), Config({"k": CANARY}), Provider("o", authorization=CANARY)])
def test_a_credential_is_not_taken_along_by_accident(value: object) -> None:
    for attempt in (pickle.dumps, lambda thing: pickle.dumps([thing])):
        with pytest.raises(TypeError) as caught:
            attempt(value)
        assert_clean(caught.value)
    assert copy.deepcopy(value) is value
    assert_clean(repr(value), f"{value}", "%s" % value)  # noqa: UP031 - each way to write it


def test_the_sweep_would_find_a_key() -> None:
    """The test of the test: what it looks at does hold what it looks for when nobody masks."""

    def leak(headers: Mapping[str, str]) -> None:
        del headers
        raise PortkeyError(CANARY)

    with pytest.raises(PortkeyError) as caught:
        leak({"x": CANARY})
    with pytest.raises(AssertionError):
        assert_clean(everything_of(caught.value))
    with pytest.raises(AssertionError):
        assert_clean(pickle.dumps(caught.value))
