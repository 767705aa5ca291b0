"""Options that every call takes as keywords besides its own arguments.

They are typing.TypedDict classes, so that editors complete them and type checkers know them. An option that
does not exist is a TypeError, which names the one that was probably meant.

>>> from portkey_ft import Portkey
>>> with Portkey(api_key="pk-...", provider="@my-openai") as client:
...     jobs = client.fine_tuning.jobs.list(timeout=10, trace_id="nightly", extra_headers={"x-team": "search"})
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypedDict

if TYPE_CHECKING:
    from portkey_ft.datasets import DatasetFormat

__all__ = ["CallOptions", "CheckOptions", "WatchOptions"]


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


class CheckOptions(TypedDict, total=False):
    """Options of files.create(check=...), which checks a training file by all rules before it is sent.

    They are those of portkey_ft.datasets.check.

    Attributes:
        format: The form that the examples must have; that of the first by default.
        max_problems: How many problems the error lists.
        count_tokens: Counts the tokens of a text.
        minimum_examples: Fewer are an error; what the provider demands by default.
        max_line_bytes: A longer line is an error.
    """

    format: DatasetFormat | None
    max_problems: int
    count_tokens: Callable[[str], int] | None
    minimum_examples: int | None
    max_line_bytes: int


class WatchOptions(TypedDict, total=False):
    """Options of a call that polls: it sends many requests.

    Attributes:
        request_timeout: Seconds for each step of each exchange (connect, write, read), in place of the client's.
            timeout is the call's own argument and ends the waiting.
        extra_headers: Headers of these requests alone. Their values are treated as secrets.
        trace_id: The ID under which the gateway logs the requests.
        gateway_metadata: Key-value pairs that the gateway logs with the requests.
    """

    request_timeout: float
    extra_headers: Mapping[str, str]
    trace_id: str
    gateway_metadata: Mapping[str, Any]
