"""Shapes that several dialects share: a page of a list, an error that the gateway has rewritten."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from portkey_ft.testing._http.messages import Problem, Response, json_response

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from portkey_ft.testing._providers.base import Query

_MOST: Final = 100

Item = TypeVar("Item")


def page(
    items: Sequence[Item], query: Query, *, default: int, most: int = _MOST, identifier: Callable[[Item], str]
) -> tuple[Sequence[Item], bool] | Problem:
    """Cut the page out of all items that a query asks for.

    Args:
        items: all of them, in the order of the answer.
        query: its ``after`` is the id of the last item of the page before.
        default: how many items a page has if the query does not say.
        most: how many items a page has at most.
        identifier: the id of an item.

    Returns:
        the items of the page and whether there are more; or a complaint about the query.
    """
    limit = query.parameters.get("limit", str(default))
    if not limit.isascii() or not limit.isdigit() or int(limit) < 1:
        return Problem(
            status=400,
            message=f"Invalid 'limit': {limit!r} is not an integer above 0.",
            code="invalid_value",
            param="limit",
        )
    begin = 0
    if query.after is not None:
        ids = [identifier(item) for item in items]
        if query.after not in ids:
            return Problem(status=400, message=f"No such object: {query.after}", code="invalid_value", param="after")
        begin = ids.index(query.after) + 1
    end = begin + min(int(limit), most)
    return items[begin:end], end < len(items)


def gateway_error(problem: Problem, error: Mapping[str, object], *, speaker: str, provider: object) -> Response:
    """Write an error as the gateway rewrites those of most providers.

    Args:
        problem: the complaint.
        error: what stands beside the message.
        speaker: who the gateway says is speaking.
        provider: what the gateway puts beside the error.
    """
    document = {"error": {"message": f"{speaker} error: {problem.message}", **error}, "provider": provider}
    return json_response(document, status=problem.status)
