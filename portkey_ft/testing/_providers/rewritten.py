"""What Bedrock, Vertex and Fireworks have in common through the gateway, which rewrites their answers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from portkey_ft.testing._http.messages import Problem, json_object, json_response
from portkey_ft.testing._model.state import OCTETS, Order
from portkey_ft.testing._providers.base import required_text
from portkey_ft.testing._providers.shapes import gateway_error, page

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from portkey_ft.testing._http.messages import Response
    from portkey_ft.testing._http.multipart import Part
    from portkey_ft.testing._model.timeline import JobView
    from portkey_ft.testing._providers.base import Answer, Query


def encoded(location: str) -> str:
    """Return an id as the gateway writes it: percent-encoded, slashes and colons too."""
    return quote(location, safe="")


def order_from(body: Mapping[str, object], taken: Sequence[str], *, scheme: str = "") -> Order | Problem:
    """Read a create of which the gateway takes some fields.

    Args:
        body: of the request.
        taken: the fields beside model and files.
        scheme: how the location of a file begins, such as ``s3://``; empty if files have plain ids.
    """
    model, training_file = required_text(body, "model"), required_text(body, "training_file")
    if isinstance(model, Problem):
        return model
    if isinstance(training_file, Problem):
        return training_file
    location = unquote(training_file) if scheme else training_file
    if not location.startswith(scheme):
        return Problem(status=400, message=f"invalid training_file: {location}", param="training_file")
    fields = {name: body[name] for name in taken if name in body}
    validation_file = body.get("validation_file")
    if isinstance(validation_file, str):
        fields["validation_file"] = unquote(validation_file) if scheme else validation_file
    return Order(model=model, training_file=location, fields=fields)


def token_page(
    jobs: Sequence[JobView], query: Query, *, default: int, listed: Callable[[JobView], Mapping[str, object]]
) -> Answer:
    """Answer a list whose cursor is a token of the provider, which the gateway throws away.

    So there is no way to the second page: an id in its place is refused.

    Args:
        jobs: all of them.
        query: which of them.
        default: how many a page has if the query does not say.
        listed: how a job looks in a list.
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
    """Write a provider's error as the gateway rewrites it.

    Args:
        problem: the complaint.
        provider: whose it is.
        kind: the type told.
        code: the code told.
    """
    return gateway_error(problem, {"type": kind, "param": None, "code": code}, speaker=provider, provider=provider)


def json_lines(content: bytes) -> list[Mapping[str, object]] | None:
    """Read the lines of a training file; None if one of them is no JSON object."""
    try:
        documents = [json_object(json.loads(line)) for line in content.splitlines() if line.strip()]
    except ValueError:
        return None
    objects = [document for document in documents if document is not None]
    return objects if len(objects) == len(documents) else None


def stored_type(part: Part) -> str:
    """Return what a provider's store calls an upload: it believes the form if that says that the file is text."""
    named = part.content_type or ""
    return named if named.startswith("text/") else OCTETS
