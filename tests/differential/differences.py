"""The intended differences, as data, each with a reason. Any other difference fails the run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Literal

from attrs import field, frozen

from tests.differential.clients import Outcome
from tests.differential.server import LISTS, Case, Reply

__all__ = ["DIFFERENCES", "Difference"]

Applies = Callable[[Case, Outcome, Outcome], bool]
PAID = frozenset({"fine_tuning.jobs.create", "fine_tuning.jobs.cancel", "files.create"})
BOTH = frozenset({"openai", "portkey-ai"})
OFFICIAL = frozenset({"portkey-ai"})


@frozen
class Difference:
    """A row of the table.

    Attributes:
        name: What it is, in a few words.
        verdict: Whether ours is better for whoever calls, or the other way is a choice as well.
        reason: Why it is so.
        applies: Whether it is this difference.
        peers: Which clients differ in it.
    """

    name: str
    verdict: Literal["better", "meant"]
    reason: str
    applies: Applies = field(repr=False)
    peers: frozenset[str] = BOTH


def _met(case: Case, asked: int) -> Iterator[Reply]:
    """Yield the replies that so many requests got."""
    yield from case.replies[:asked]
    yield from case.pages


def _kinds(case: Case, outcome: Outcome, *words: str) -> bool:
    """Return whether a reply that was got is of a kind."""
    return any(word in reply.kind for reply in _met(case, len(outcome.asked)) for word in words)


def _labelled(case: Case, outcome: Outcome, coding: str) -> bool:
    """Return whether a reply that was got says that it is coded so; one that breaks off says it too."""
    return any(("content-encoding", coding) in reply.headers for reply in _met(case, len(outcome.asked)))


def _begins_as(fewer: Outcome, more: Outcome) -> bool:
    """Return whether the one sent the same requests as the other, and then stopped."""
    return len(fewer.asked) < len(more.asked) and fewer.asked == more.asked[: len(fewer.asked)]


def _last(case: Case, outcome: Outcome) -> Reply:
    """Return the reply at which an outcome stands, of what is no list."""
    return case.replies[min(len(outcome.asked), len(case.replies)) - 1]


def _same_but_odd(ours: Outcome, theirs: Outcome) -> bool:
    mine, other = (one.detail if isinstance(one.detail, list) else [one.detail] for one in (ours, theirs))
    return len(mine) == len(other) and all(
        isinstance(two, dict) and all(two.get(name) == value for name, value in one.items())
        for one, two in zip(mine, other, strict=True)
    )


DIFFERENCES: Sequence[Difference] = (
    Difference(
        "an endless list is stopped",
        "better",
        "a cursor that comes a second time is a PaginationError; theirs asks for ever.",
        lambda _, ours, theirs: theirs.kind == "endless" and ours.kind in {"refused", "unreadable"},
    ),
    Difference(
        "paid work is not sent a second time",
        "better",
        "what may have arrived is not sent again: a second job costs as much as the first.",
        lambda case, ours, theirs: (
            case.call in PAID
            and _begins_as(ours, theirs)
            and (_last(case, ours).status not in {0, 429} or _last(case, ours).fails == "timeout")
        ),
    ),
    Difference(
        "the first page is not the list",
        "meant",
        "theirs gives one page; ours goes on to the end, and meets there what it meets.",
        lambda case, ours, theirs: (
            case.call in LISTS
            and theirs.kind in {"value", "raw"}
            and _begins_as(theirs, ours)
            and (ours.kind != "value" or theirs.kind == "raw" or ours.detail[: len(theirs.detail)] == theirs.detail)
        ),
        OFFICIAL,
    ),
    Difference(
        "an exception of the language becomes a typed error, or a value",
        "better",
        "JSONDecodeError, ValidationError, TypeError and others leave their calls; of ours nothing but PortkeyError.",
        lambda _, ours, theirs: theirs.kind == "raw" and ours.kind != "raw",
    ),
    Difference(
        "409 is not repeated",
        "meant",
        "the thing is in a state that forbids this, which asking again does not change.",
        lambda case, ours, theirs: (
            (ours.kind, ours.detail) == ("status", 409) and _last(case, ours).status == 409 and _begins_as(ours, theirs)
        ),
    ),
    Difference(
        "a 5xx that the gateway handled is not repeated",
        "meant",
        "a response with a trace id passed through the gateway, which has retries of its own.",
        lambda case, ours, theirs: (
            ours.kind == "status"
            and ours.detail >= 500
            and "gateway" in _last(case, ours).kind
            and _begins_as(ours, theirs)
        ),
        frozenset({"openai"}),
    ),
    Difference(
        "what may pass is tried three times",
        "meant",
        "theirs tries once or twice, or not after 429; max_retries is 2 here, as in openai.",
        lambda _, ours, theirs: theirs.kind in {"status", "connection"} and _begins_as(theirs, ours),
        OFFICIAL,
    ),
    Difference(
        "the status of an error counts, whatever its body",
        "better",
        "theirs loses a 401 or 400 whose body cannot be decoded to a connection error, and sends it again.",
        lambda case, ours, theirs: (
            ours.kind == "status"
            and (theirs.kind == "connection" or _begins_as(ours, theirs))
            and "coded" in _last(case, ours).kind
        ),
    ),
    Difference(
        "an error in a success is an error",
        "better",
        "the gateway wraps some failures in a good status; theirs gives a job without an id.",
        lambda _, ours, theirs: ours.kind == "status" and ours.detail < 300 and theirs.kind == "value",
    ),
    Difference(
        "what is no JSON is no job",
        "better",
        "theirs gives the text of a page to sign in, or an object without fields.",
        lambda case, ours, theirs: (
            ours.kind == "unreadable" and theirs.kind == "value" and _kinds(case, ours, "no JSON")
        ),
    ),
    Difference(
        "what cannot be decoded is no value",
        "better",
        "theirs gives compressed bytes as the content of a file.",
        lambda case, ours, theirs: (
            ours.kind == "unreadable" and theirs.kind in {"value", "connection"} and _labelled(case, ours, "br")
        ),
    ),
    Difference(
        "an id is needed",
        "meant",
        "a job without an id cannot be asked for, and an item without one is no cursor.",
        lambda case, ours, theirs: ours.kind == "unreadable" and theirs.kind == "value" and _kinds(case, ours, "no id"),
    ),
    Difference(
        "compressed responses are read whole",
        "better",
        "members after the first one, x-gzip, and labels on what is not compressed.",
        lambda case, ours, theirs: (
            ours.kind == "value" and theirs.kind in {"value", "connection"} and _kinds(case, ours, "coded")
        ),
    ),
    Difference(
        "a file is taken out of its wrapping",
        "better",
        "the gateway puts what it calls text into JSON; theirs gives the JSON.",
        lambda case, ours, theirs: (
            case.call == "files.content"
            and (ours.kind, theirs.kind) == ("value", "value")
            and _kinds(case, ours, "wrapped")
        ),
    ),
    Difference(
        "a deletion without a body worked",
        "better",
        "theirs gives an empty string or nothing that names the file.",
        lambda case, ours, theirs: (
            case.call == "files.delete"
            and (ours.kind, theirs.kind) == ("value", "value")
            and _kinds(case, ours, "empty")
        ),
    ),
    Difference(
        "a deletion that is not found after an attempt in doubt worked",
        "better",
        "the first attempt deleted the file, and its response was lost; theirs reports an error.",
        lambda case, ours, theirs: (
            case.call == "files.delete"
            and ours.kind == "value"
            and (theirs.kind, theirs.detail) == ("status", 404)
            and len(ours.asked) > 1
        ),
    ),
    Difference(
        "an odd field is None",
        "meant",
        "and what came is in .raw, with a warning; theirs hands it out under a type that it does not have.",
        lambda case, ours, theirs: (
            (ours.kind, theirs.kind) == ("value", "value")
            and ours.asked == theirs.asked
            and _kinds(case, ours, "odd field")
            and _same_but_odd(ours, theirs)
        ),
    ),
)
