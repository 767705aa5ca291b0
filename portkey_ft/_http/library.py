"""The HTTP library: httpx, or httpx2 for whoever passes a client of it.

The transport learns here what it needs of the library besides its clients. httpx2 continues httpx under another name,
with the same names inside. This package depends on httpx, as the generated
client does, and imports httpx2 never: a client of it can only be passed in by a program that has.
"""

from __future__ import annotations

import math
import os
import sys
from collections.abc import AsyncIterator, Callable
from functools import cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, Literal, cast, overload

import httpx
from attrs import frozen

from portkey_ft._http.exchange import WireErrors
from portkey_ft.errors import ConfigurationError

__all__ = [
    "DEFAULT_TIMEOUT",
    "HTTPLibrary",
    "check_client",
    "library_of",
    "new_async_client",
    "new_client",
    "parse_url",
]

#: Seconds for each step of an exchange (connect, write, read, wait for a connection).
DEFAULT_TIMEOUT = 60.0
#: Seconds until a connection must stand; a gateway that is there answers much sooner.
CONNECT_TIMEOUT = 10.0
# Shorter than the 5 seconds after which the gateway closes an idle connection: one that is closing is not used again.
KEEPALIVE_EXPIRY = 4.0
MAX_CONNECTIONS = 100
#: The prefix of an encoded label with nothing behind it, which only some libraries refuse.
NO_LABEL = "xn--"

#: The libraries whose clients are taken, by the names of their modules.
LIBRARIES = ("httpx", "httpx2")


@frozen(eq=False)
class HTTPLibrary:
    """What is needed of an HTTP library besides its clients.

    Attributes:
        name: The name of its module.
        errors: How it reports that something went wrong.
        unwritable_url: What it raises for a URL that cannot be written.
        client_timeout: Stands for the timeout of the client.
        timeout: Its class of timeouts.
        async_body: Its class of bodies, around an async iterator of chunks.
    """

    name: str
    errors: WireErrors
    unwritable_url: type[Exception]
    client_timeout: Any
    timeout: Any
    async_body: Callable[[AsyncIterator[bytes]], Any]

    def timeout_of(self, seconds: float | None) -> Any:  # noqa: ANN401 - the library's
        """Return the timeout for each step of an exchange; None stands for the client's."""
        if seconds is None:
            return self.client_timeout
        if math.isinf(seconds):
            return self.timeout(None)
        return self.timeout(seconds, connect=min(seconds, CONNECT_TIMEOUT))


@cache
def _library(name: str) -> HTTPLibrary:
    module: Any = sys.modules[name]
    return HTTPLibrary(
        name,
        WireErrors(
            all=(module.HTTPError,),
            timeouts=(module.TimeoutException,),
            not_sent=(
                module.ConnectError,
                module.ConnectTimeout,
                module.PoolTimeout,
                module.UnsupportedProtocol,
                module.ProxyError,
            ),
        ),
        unwritable_url=module.InvalidURL,
        client_timeout=module.USE_CLIENT_DEFAULT,
        timeout=module.Timeout,
        async_body=_async_body(module.AsyncByteStream),
    )


def _async_body(kind: Any) -> Callable[[AsyncIterator[bytes]], Any]:  # noqa: ANN401 - the library's
    """Make a class of bodies that are made while they are sent."""

    class AsyncBody(kind):  # type: ignore[misc]  # of either library
        def __init__(self, chunks: AsyncIterator[bytes]) -> None:
            self._chunks = chunks

        def __aiter__(self) -> AsyncIterator[bytes]:
            return self._chunks

    return AsyncBody


def library_of(client: object) -> HTTPLibrary:
    """Return the library of a client that :func:`check_client` has let through."""
    return _library(_library_name(client, ("Client", "AsyncClient")) or "httpx")


def _library_name(client: object, kinds: tuple[str, ...]) -> str | None:
    """Find the library that a client is of. A library that nobody has imported has no clients."""
    for name in LIBRARIES:
        module = sys.modules.get(name)
        if module is not None and isinstance(client, tuple(getattr(module, kind) for kind in kinds)):
            return name
    return None


@overload
def check_client(client: object, *, asynchronous: Literal[False]) -> httpx.Client: ...
@overload
def check_client(client: object, *, asynchronous: Literal[True]) -> httpx.AsyncClient: ...
def check_client(client: object, *, asynchronous: bool) -> httpx.Client | httpx.AsyncClient:
    """Return an HTTP client of the kind that a client of ours can use; one of httpx2 passes for one of httpx.

    Raises:
        ConfigurationError: It is something else.
    """
    wanted, other = ("AsyncClient", "Client") if asynchronous else ("Client", "AsyncClient")
    if _library_name(client, (wanted,)) is not None:
        return cast("httpx.Client | httpx.AsyncClient", client)
    kind = client if isinstance(client, type) else type(client)
    what = f"{'the class ' if kind is client else ''}{kind.__module__}.{kind.__qualname__}"
    hint = f"make one with httpx.{wanted}(...), or leave http_client= out."
    if _library_name(client, (other,)) is not None:
        hint = f"pass it to {'Portkey' if asynchronous else 'AsyncPortkey'}, or pass an httpx.{wanted} here."
    message = f"http_client must be an httpx.{wanted} (or an httpx2.{wanted}), got {what}."
    raise ConfigurationError(message, hint=hint)


def parse_url(text: str) -> httpx.URL | None:
    """Read a URL, if a request can be sent there."""
    try:
        url = httpx.URL(text)
        # What is no name for DNS would be found out at the first call, in as many ways as there are back ends.
        host = url.raw_host.decode("ascii")
        named = url.host and host.encode("idna") and NO_LABEL not in host.lower().split(".")
    except (httpx.InvalidURL, UnicodeError):
        return None
    return url if named and url.scheme in {"http", "https"} else None


def _limits() -> httpx.Limits:
    return httpx.Limits(max_connections=MAX_CONNECTIONS, keepalive_expiry=KEEPALIVE_EXPIRY)


def _no_cookies() -> CookieJar:
    # Several credentials may go over the same connections; a cookie that one was given must not go along with another.
    return CookieJar(DefaultCookiePolicy(allowed_domains=()))


def new_client(timeout: float) -> httpx.Client:
    """Make an HTTP client with this package's limits.

    Raises:
        ConfigurationError: A proxy of the environment cannot be used.
    """
    timeouts = _library("httpx").timeout_of(timeout)
    try:
        return httpx.Client(timeout=timeouts, limits=_limits(), cookies=_no_cookies())
    except (ValueError, ImportError, httpx.InvalidURL):
        failure = _proxy_error()
    raise failure


def new_async_client(timeout: float) -> httpx.AsyncClient:
    """Make an HTTP client with this package's limits.

    Raises:
        ConfigurationError: A proxy of the environment cannot be used.
    """
    from portkey_ft._http.early_responses import listen_while_sending  # noqa: PLC0415 - a sync client never needs it

    timeouts = _library("httpx").timeout_of(timeout)
    try:
        client = httpx.AsyncClient(timeout=timeouts, limits=_limits(), cookies=_no_cookies())
    except (ValueError, ImportError, httpx.InvalidURL):
        failure = _proxy_error()
    else:
        return listen_while_sending(client)
    raise failure


def _proxy_error() -> Exception:
    from portkey_ft._http.proxies import proxy_error  # noqa: PLC0415 - a mistake alone needs it

    return proxy_error(os.environ)
