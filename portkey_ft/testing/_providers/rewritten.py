"""Bedrock, Vertex AI and Fireworks AI: what they share, since the gateway rewrites their responses."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from portkey_ft.testing._http.messages import Problem, json_object, json_response
from portkey_ft.testing._model.state import OCTETS, JobSpec
from portkey_ft.testing._providers.base import gateway_error, page, required_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from portkey_ft.testing._http.messages import Response
    from portkey_ft.testing._http.multipart import Part
    from portkey_ft.testing._model.timeline import JobView
    from portkey_ft.testing._providers.base import Query, Reply


def encoded(location: str) -> str:
    """Return an ID as in the gateway's responses: percent-encoded, slashes and colons included."""
    return quote(location, safe="")


def spec_from(body: Mapping[str, object], taken: Sequence[str], *, scheme: str = "") -> JobSpec | Problem:
    """Read a create request of which the gateway forwards some fields.

    Args:
        body: of the request.
        taken: the forwarded fields, beside the model and the files.
        scheme: the beginning of a file's location, such as ``s3://``; empty if files have plain IDs.
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
    return JobSpec(model=model, training_file=location, fields=fields)


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


def json_lines(content: bytes) -> list[Mapping[str, object]] | None:
    """Parse the lines of a training file; None if one of them is not a JSON object."""
    try:
        documents = [json_object(json.loads(line)) for line in content.splitlines() if line.strip()]
    except ValueError:
        return None
    objects = [document for document in documents if document is not None]
    return objects if len(objects) == len(documents) else None


def stored_type(part: Part) -> str:
    """Return the media type of an upload in the provider's store: the form's own if it is text."""
    named = part.content_type or ""
    return named if named.startswith("text/") else OCTETS
