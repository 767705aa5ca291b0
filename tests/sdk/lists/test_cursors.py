"""The memory of a list's cursors: it finds each circle, takes nothing else for one, and does not grow."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portkey_ft import PaginationError
from portkey_ft._cursors import LARGEST_MEMORY, SeenCursors
from portkey_ft._http.messages import Request, Response
from portkey_ft._listing import ListQuery, PageRange
from portkey_ft._sansio.plan import Emit, Environment, Send
from portkey_ft.retries import RetryPolicy
from portkey_ft.types import Checkpoint, Page

PROPERTY = settings(max_examples=300)


def circle(tail: int, length: int) -> Iterator[str]:
    """Give cursors that lead into a circle, for ever."""
    yield from map(str, range(tail))
    while True:
        yield from map(str, range(tail, tail + length))


def followed(cursors: Iterator[str], seen: SeenCursors) -> list[str]:
    """Follow cursors to the first that is known to have come before."""
    found: list[str] = []
    for cursor in cursors:
        if cursor in seen:
            return found
        seen.add(cursor)
        found.append(cursor)
    return found


@PROPERTY
@given(tail=st.integers(0, 300), length=st.integers(1, 300), most=st.integers(2, 40), latest=st.integers(1, 20))
def test_a_circle_of_any_length_ends_and_what_came_twice_is_bounded(
    tail: int, length: int, most: int, latest: int
) -> None:
    seen = SeenCursors(most, latest)
    # More than can be needed: for ever is what a circle would go on.
    found = followed(islice(circle(tail, length), 5000), seen)
    assert len(found) < 5000
    twice = len(found) - len(set(found))
    cursor = next(islice(circle(tail, length), len(found), None))
    assert twice <= seen.pages_late(cursor)
    assert twice <= 2 * len(found) / most
    if tail + length <= most or length <= latest or tail == 0:
        assert (twice, seen.pages_late(cursor)) == (0, 0)


@PROPERTY
@given(
    cursors=st.lists(st.text(st.characters(categories=None, codec=None)), unique=True, max_size=200),
    most=st.integers(2, 40),
)
def test_what_is_no_circle_is_not_taken_for_one(cursors: list[str], most: int) -> None:
    assert followed(iter(cursors), SeenCursors(most, 5)) == cursors


def test_half_a_surrogate_pair_is_a_cursor_like_any_other() -> None:
    seen = SeenCursors()
    seen.add("\ud800")
    assert "\ud800" in seen
    assert "\udbff" not in seen


def endless(turn: int | None = None, *, says: bool | None = True) -> ListQuery[Checkpoint]:
    """Make a list of pages of a hundred, which after some pages leads back to the one in the middle of them."""

    def read(response: Response) -> Page[Checkpoint]:
        number = int(response.request.params["after"] or 0) + 1
        if turn and number == turn:
            number = turn // 2 + 1
        return Page((item,) * 100, has_more=says, cursor=f"{number:01200}", object=None, response=None)

    item = Checkpoint("c")
    return ListQuery(
        "files.list",
        lambda after, _: Request("files.list", "GET", "/files", repeatable=True, params={"after": after or ""}),
        read,
        Environment(lambda: datetime.now(UTC), lambda: 0.0, lambda: 0.0, RetryPolicy()),
        PageRange(),
    )


def pages(query: ListQuery[Checkpoint]) -> Iterator[Page[Checkpoint]]:
    """Drive the plan of a list by hand."""
    plan = query.pages()
    said: Any = None
    while True:
        try:
            command = plan.send(said)
        except StopIteration:
            return
        said = None
        if isinstance(command, Emit):
            yield command.value
        else:
            assert isinstance(command, Send)
            said = Response(command.request, "", 200, {}, b"")


def test_a_list_of_a_million_items_takes_no_more_memory_than_one_of_a_tenth() -> None:
    """Cursors of more than a kilobyte, each kept as it came, would take twelve megabytes."""
    listing = pages(endless())
    tracemalloc.start()
    try:
        held: list[int] = []
        for count in (200, 2000, 8000):
            assert sum(1 for _ in islice(listing, count)) == count
            held.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    assert held[2] - held[0] < 250_000
    assert held[2] - held[1] < 50_000


@pytest.mark.parametrize("says", [True, None])
def test_a_circle_that_is_noticed_late_says_that_items_came_twice(*, says: bool | None) -> None:
    turn = 4 * LARGEST_MEMORY + 11
    found: list[str | None] = []
    with pytest.raises(PaginationError, match=r"a second time.* in a circle: the items of the last \d+ pages"):
        found.extend(page.cursor for page in pages(endless(turn, says=says)))
    assert 0 < len(found) - len(set(found)) < len(found) / 512
