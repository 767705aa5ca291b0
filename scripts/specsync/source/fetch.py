"""Downloads from allowed hosts over HTTP, up to a maximum size.

https only, but for a source that is on this machine; the hosts are checked again at each redirect. A body is unpacked
here piece by piece, so that a small answer that unpacks to a huge one is refused when the bound is reached. Credentials
go to the one host that they are for.
"""

import ipaddress
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import urljoin, urlsplit

import attrs
import httpx

from scripts.specsync.errors import NetworkError

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_AGAIN: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
_OK: Final = 200
_NOT_MODIFIED: Final = 304
_CHUNK: Final = 65536
_GZIP_WINDOW: Final = 31


@attrs.frozen
class Policy:
    """The limits of a download: allowed hosts, size, time, and number of attempts."""

    hosts: frozenset[str] = frozenset()
    limit: int = 32 * 1024 * 1024
    redirects: int = 5
    attempts: int = 3
    connect_timeout: float = 10.0
    read_timeout: float = 20.0
    deadline: float = 120.0
    longest_wait: float = 30.0
    first_wait: float = 0.5
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic


@attrs.frozen
class Validators:
    """The validators of a response, for a conditional request later."""

    etag: str | None = None
    last_modified: str | None = None

    def headers(self) -> dict[str, str]:
        """Return the conditional headers."""
        named = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in named.items() if value is not None}


@attrs.frozen
class Answer:
    """The response; `content` is None if the document has not changed."""

    content: bytes | None
    url: str
    validators: Validators


class _TryAgainError(Exception):
    """A transient failure; `wait` is the delay that the server asks for."""

    def __init__(self, reason: str, wait: float | None = None) -> None:
        super().__init__(reason)
        self.wait = wait


def fetch(
    url: str, policy: Policy, validators: Validators | None = None, headers: Mapping[str, str] | None = None
) -> Answer:
    """Return the document at a URL; `headers` go to its own host and to none that it redirects to."""
    _check(url, url, policy)
    timeout = httpx.Timeout(policy.read_timeout, connect=policy.connect_timeout)
    started = policy.clock()
    question = _Question(url, policy, validators or Validators(), headers or {})
    reason = "not tried"
    with httpx.Client(timeout=timeout, follow_redirects=False) as client:
        for attempt in range(1, policy.attempts + 1):
            try:
                return _attempt(client, question, started)
            except (_TryAgainError, httpx.TransportError) as error:
                reason = str(error) or type(error).__name__
                asked = error.wait if isinstance(error, _TryAgainError) else None
            wait = asked if asked is not None else policy.first_wait * 2.0 ** (attempt - 1)
            late = policy.clock() + wait - started > policy.deadline
            if attempt == policy.attempts or late or wait > policy.longest_wait:
                break
            policy.sleep(wait)
    message = f"{_shown(url)}: {reason}"
    raise NetworkError(message)


@attrs.frozen
class _Question:
    """One request."""

    url: str
    policy: Policy
    validators: Validators
    headers: Mapping[str, str]


def _attempt(client: httpx.Client, question: _Question, started: float) -> Answer:
    url, policy, validators = question.url, question.policy, question.validators
    place = url
    for _ in range(policy.redirects + 1):
        sent = {"Accept-Encoding": "gzip", **validators.headers()}
        if _origin(place) == _origin(url):
            sent |= question.headers
        with client.stream("GET", place, headers=sent) as response:
            if response.status_code in _REDIRECTS:
                place = urljoin(place, response.headers.get("location", ""))
                _check(place, url, policy)
                continue
            given = Validators(response.headers.get("etag"), response.headers.get("last-modified"))
            if response.status_code == _NOT_MODIFIED:
                if not validators.headers():
                    message = f"{_shown(place)}: responds 304 to an unconditional request"
                    raise NetworkError(message)
                return Answer(None, place, given)
            if response.status_code in _AGAIN:
                reason = f"the server responds {response.status_code}"
                raise _TryAgainError(reason, _retry_after(response.headers.get("retry-after")))
            if response.status_code != _OK:
                message = f"{_shown(place)}: the server responds {response.status_code}"
                raise NetworkError(message)
            return Answer(b"".join(_unpacked(response, policy, started)), place, given)
    message = f"{_shown(url)}: more than {policy.redirects} redirects"
    raise NetworkError(message)


def _unpacked(response: httpx.Response, policy: Policy, started: float) -> Iterator[bytes]:
    encoding = response.headers.get("content-encoding", "identity").lower()
    if encoding not in {"identity", "gzip", "x-gzip"}:
        message = f"{_shown(str(response.url))}: the body is encoded as {encoding}, which was not requested"
        raise NetworkError(message)
    unpacker = zlib.decompressobj(_GZIP_WINDOW) if encoding != "identity" else None
    size = 0
    for chunk in response.iter_raw(_CHUNK):
        piece = chunk
        if unpacker is not None:
            try:
                piece = unpacker.decompress(chunk, policy.limit - size + 1)
            except zlib.error as error:
                reason = f"the compressed body is invalid: {error}"
                raise _TryAgainError(reason) from None
        size += len(piece)
        if size > policy.limit:
            message = f"{_shown(str(response.url))}: more than {policy.limit} bytes"
            raise NetworkError(message)
        if policy.clock() - started > policy.deadline:
            message = f"{_shown(str(response.url))}: not done within {policy.deadline:g} s"
            raise NetworkError(message)
        yield piece
    if unpacker is not None and not unpacker.eof:
        reason = "the compressed body is truncated"
        raise _TryAgainError(reason)


def is_loopback(url: str) -> bool:
    """Return whether a URL leads to this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _check(url: str, source: str, policy: Policy) -> None:
    """Refuse a URL that the policy does not allow; the local machine is allowed only if it was named as the source."""
    parts = urlsplit(url)
    if is_loopback(url):
        if parts.scheme in {"http", "https"} and is_loopback(source):
            return
        message = f"{_shown(source)} leads to this machine ({_shown(url)}): refused"
        raise NetworkError(message)
    if parts.scheme != "https":
        message = f"{_shown(url)}: only https is allowed"
        raise NetworkError(message)
    if parts.username or parts.password:
        message = f"{_shown(url)}: credentials do not belong in an address"
        raise NetworkError(message)
    if (parts.hostname or "") not in policy.hosts or parts.port not in {None, 443}:
        message = f"{_shown(url)}: the host is not in the list of allowed hosts (hosts in selection.toml)"
        raise NetworkError(message)


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port


def _shown(url: str) -> str:
    """Return a URL for messages, without possible secrets."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{host}{port}{parts.path}"


def _retry_after(value: str | None) -> float | None:
    if value is None:
        return None
    if value.strip().isdecimal():
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except ValueError:
        return None
