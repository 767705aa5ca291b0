"""Options that every call takes as keywords besides its own arguments.

They are :class:`typing.TypedDict` classes, so that editors complete them and type checkers know them. An option that
does not exist is a :class:`TypeError`, which names the one that was probably meant.

>>> from portkey_ft import Portkey
>>> with Portkey(api_key="pk-...", provider="@my-openai") as client:
...     jobs = client.fine_tuning.jobs.list(timeout=10, trace_id="nightly", extra_headers={"x-team": "search"})
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

__all__ = ["CallOptions", "WatchOptions"]


class CallOptions(TypedDict, total=False):
    """Options of a call that sends one request, or one request per page.

    Attributes:
        timeout: Seconds for each step of the exchange (connect, write, read), in place of the client's timeout.
        extra_headers: Headers of this request alone. Their values are treated as secrets.
        extra_query: Query parameters beside those that the arguments give, for what this version does not know.
        trace_id: The ID under which the gateway logs the request.
        gateway_metadata: Key-value pairs that the gateway logs with the request.
    """

    timeout: float
    extra_headers: Mapping[str, str]
    extra_query: Mapping[str, str | int]
    trace_id: str
    gateway_metadata: Mapping[str, Any]


class WatchOptions(TypedDict, total=False):
    """Options of a call that polls: it sends many requests.

    Attributes:
        request_timeout: Seconds for each step of each exchange (connect, write, read), in place of the client's.
            ``timeout`` is the call's own argument and ends the waiting.
        extra_headers: Headers of these requests alone. Their values are treated as secrets.
        trace_id: The ID under which the gateway logs the requests.
        gateway_metadata: Key-value pairs that the gateway logs with the requests.
    """

    request_timeout: float
    extra_headers: Mapping[str, str]
    trace_id: str
    gateway_metadata: Mapping[str, Any]
