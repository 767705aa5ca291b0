"""Bedrock, Vertex AI and Fireworks AI: what they share, since the gateway rewrites their responses."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, unquote_to_bytes

from portkey_ft.testing._http.messages import Problem, json_object, json_response
from portkey_ft.testing._providers import javascript
from portkey_ft.testing._providers.base import gateway_error, page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from portkey_ft.testing._http.messages import Response
    from portkey_ft.testing._model.timeline import JobView
    from portkey_ft.testing._providers.base import Query, Reply


_READ: Final = 64 * 1024


def encoded(location: str) -> str:
    """Return an ID as in the gateway's responses: percent-encoded, slashes and colons included."""
    return quote(location, safe="")


def decode_location(value: object) -> str:
    """Decode a percent-encoded location once, as the gateway does.

    Args:
        value: the field of the create request.

    Raises:
        ValueError: the text has a percent sign that begins no escape, or escapes that are not UTF-8.
    """
    text = javascript.to_string(value)
    if re.search("%(?![0-9A-Fa-f]{2})", text):
        raise ValueError(text)
    return unquote_to_bytes(text).decode()


def chosen_hyperparameters(body: Mapping[str, object]) -> Mapping[str, object]:
    """Return the hyperparameters that the gateway reads for Bedrock and Vertex AI: those of ``method``, if it is there.

    Args:
        body: of the create request.
    """
    method = body.get("method")
    if not javascript.is_truthy(method):
        return json_object(body.get("hyperparameters")) or {}
    blocks = json_object(method) or {}
    block = json_object(blocks.get(str(blocks.get("type")))) or {}
    return json_object(block.get("hyperparameters")) or {}


def native_text(received: Mapping[str, object], *path: str) -> str | None:
    """Return the string at a path in a native body; None if there is none."""
    *parents, name = path
    value: Mapping[str, object] = received
    for parent in parents:
        value = json_object(value.get(parent)) or {}
    found = value.get(name)
    return found if isinstance(found, str) and found else None


def token_page(
    jobs: Sequence[JobView], query: Query, *, default: int, listed: Callable[[JobView], Mapping[str, object]]
) -> Reply:
    """Respond to a list whose cursor is a token of the provider that the gateway discards.

    So the second page cannot be requested: an ID as cursor is refused.

    Args:
        jobs: all jobs.
        query: the requested page.
        default: the page size if the query has none.
        listed: returns a job as it is listed.
    """
    if query.after is not None:
        return Problem(status=400, message="The page token is invalid.", code="400", kind="INVALID_ARGUMENT")
    cut = page(jobs, query, default=default, identifier=lambda job: job.job_id)
    if isinstance(cut, Problem):
        return cut
    items, more = cut
    data = [listed(job) for job in items]
    ends = {"first_id": data[0]["id"], "last_id": data[-1]["id"]} if data else {}
    return json_response({"object": "list", "data": data, **ends, "has_more": more})


def plain_error(problem: Problem, provider: str, *, kind: str | None = None, code: str | None = None) -> Response:
    """Format a provider's error as the gateway does.

    Args:
        problem: the error.
        provider: the provider's name.
        kind: the value of ``type``.
        code: the value of ``code``.
    """
    return gateway_error(problem, {"type": kind, "param": None, "code": code}, speaker=provider, provider=provider)


def lines_as_read(body: bytes) -> Iterable[str]:
    """Yield the trimmed, non-empty lines of a body as the gateway decodes them.

    It decodes each read from the network alone: a character that a read cuts becomes two replacement characters.

    Args:
        body: of the request.
    """
    text = "".join(body[begin : begin + _READ].decode(errors="replace") for begin in range(0, len(body), _READ))
    trimmed = (line.strip().strip("\ufeff").strip() for line in text.split("\n"))
    yield from (line for line in trimmed if line)
