"""Lists: every item once, however it is cut into pages, whatever goes wrong, wherever it is taken up again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from enum import Enum
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portkey_ft import ConfigurationError, InternalServerError, PaginationError, PortkeyError
from portkey_ft.checkpoints import AsyncCheckpointList, CheckpointList, metric_value
from portkey_ft.testing import FakeGateway, Fault
from portkey_ft.types import Checkpoint, CheckpointMetrics, Page

if TYPE_CHECKING:
    from tests.support.ways import Way, Wire

pytestmark = pytest.mark.anyio
PROPERTY = settings(max_examples=60)


def page(*ids: str, more: bool | None = False, **rest: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    said = {} if more is None else {"has_more": more}
    return {"object": "list", "data": [{"id": name} for name in ids], **said, **rest}


def ids(items: Sequence[Any]) -> list[str]:
    return [item.id for item in items]


async def test_nothing_is_sent_before_a_list_is_used(way: Way, wire: Wire) -> None:
    jobs = way.client(wire.say(page())).fine_tuning.jobs
    listing = jobs.list()
    assert repr(listing).endswith("of fine_tuning.jobs.list, cursor None>")
    assert wire.requests == []
    assert await way.items(listing) == []
    assert wire.targets == ["GET /v1/fine_tuning/jobs"]


async def test_items_come_from_all_pages_by_the_id_of_the_last_one(way: Way, wire: Wire) -> None:
    client = way.client(wire.say(page("a", "b", more=True), page("c", "d", more=True), page("e", more=False)))
    assert ids(await way.items(client.fine_tuning.jobs.list(page_size=2))) == list("abcde")
    assert [target.partition("?")[2] for target in wire.targets] == ["limit=2", "after=b&limit=2", "after=d&limit=2"]


async def test_last_id_beats_the_last_items_own(way: Way, wire: Wire) -> None:
    client = way.client(wire.say(page("a", more=True, last_id="z/1"), page("b")))
    await way.items(client.files.list())
    assert wire.targets[-1] == "GET /v1/files?after=z%2F1"


async def test_pages_come_as_the_server_cut_them(way: Way, wire: Wire) -> None:
    client = way.client(wire.say(page("a", "b", more=True), page("c")))
    listing = client.files.list()
    pages = await way.items(listing.pages())
    assert [ids(one) for one in pages] == [["a", "b"], ["c"]]
    assert [(len(one), one.has_more, one.object, one.cursor) for one in pages] == [
        (2, True, "list", "b"),
        (1, False, "list", "c"),
    ]
    assert pages[0].data == list(pages[0])
    assert listing.cursor == "c"


async def test_a_list_ends_where_the_server_says_so(way: Way, wire: Wire) -> None:
    client = way.client(wire.say(page("a", more=False)))
    assert ids(await way.items(client.files.list())) == ["a"]
    assert len(wire.requests) == 1


@pytest.mark.parametrize("nothing", [{}, {"has_more": None}])
async def test_a_list_that_does_not_say_goes_on_until_a_page_is_empty(
    nothing: dict[str, None], way: Way, wire: Wire
) -> None:
    def say(*names: str) -> dict[str, Any]:
        return page(*names, more=None, **nothing)

    client = way.client(wire.say(say("a", "b"), say("c"), say()))
    for listing in (client.files.list, lambda: client.fine_tuning.jobs.list_events("j")):
        wire.say(say("a", "b"), say("c"), say())
        wire.requests.clear()
        assert ids(await way.items(listing())) == ["a", "b", "c"]
        assert [target.partition("?")[2] for target in wire.targets] == ["", "after=b", "after=c"]
    # A limit ends it without another request, and so does the caller.
    wire.requests.clear()
    wire.say(say("a", "b"))
    assert ids(await way.items(client.files.list(limit=2))) == ["a", "b"]
    assert len(wire.requests) == 1


async def test_a_list_that_does_not_say_ends_where_the_cursor_repeats(way: Way, wire: Wire) -> None:
    """A server that does not know the cursor sends the same page again, which is handed out once."""
    client = way.client(wire.say(page("a", "b", more=None)))
    assert ids(await way.items(client.files.list())) == ["a", "b"]
    assert len(wire.requests) == 2
    wire.say(page("a", more=None), page("b", more=None), page("a", more=None))
    assert ids(await way.items(client.files.list())) == ["a", "b"]
    # Where it says that more follows, it contradicts itself.
    wire.say(page("a", "b", more=True))
    with pytest.raises(PaginationError, match="a second time"):
        await way.items(client.files.list())


async def test_a_list_that_does_not_say_is_one_page_where_the_provider_has_no_cursor(way: Way, wire: Wire) -> None:
    client = way.client(wire.say((200, page("a", more=None), {"x-portkey-provider": "fireworks-ai"})))
    assert ids(await way.items(client.files.list())) == ["a"]
    assert len(wire.requests) == 1


async def test_a_list_ends_at_an_empty_page_whatever_it_promises(way: Way, wire: Wire) -> None:
    client = way.client(wire.say(page("a", more=True), page(more=True)))
    assert ids(await way.items(client.files.list())) == ["a"]
    assert len(wire.requests) == 2


@pytest.mark.parametrize(
    ("limit", "page_size", "asked"),
    [
        (0, None, []),
        (3, None, ["limit=3"]),
        (5, 2, ["limit=2", "after=j1&limit=2", "after=j3&limit=1"]),
        (250, None, ["limit=100", "after=j99&limit=100", "after=j199&limit=50"]),
    ],
)
async def test_limit_is_how_many_in_all(
    limit: int, page_size: int | None, asked: list[str], way: Way, wire: Wire
) -> None:
    def answer(request: httpx.Request) -> dict[str, Any]:
        start = int(request.url.params.get("after", "j-1")[1:]) + 1
        return page(*(f"j{start + index}" for index in range(int(request.url.params["limit"]))), more=True)

    listing = way.client(wire.say(answer)).fine_tuning.jobs.list(limit=limit, page_size=page_size)
    assert ids(await way.items(listing)) == [f"j{index}" for index in range(limit)]
    assert [target.partition("?")[2] for target in wire.targets] == asked


async def test_a_server_that_sends_more_than_asked_is_cut_short(way: Way, wire: Wire) -> None:
    listing = way.client(wire.say(page("a", "b", "c", more=False))).fine_tuning.jobs.list(limit=2)
    assert ids(await way.items(listing)) == ["a", "b"]
    assert listing.cursor == "b"


@pytest.mark.parametrize(
    "span",
    [
        {"limit": -1},
        {"limit": 1.5},
        {"limit": True},
        {"page_size": 0},
        {"page_size": "5"},
        {"after": ""},
        {"after": " "},
    ],
)
async def test_spans_that_make_no_sense_are_refused_at_once(span: dict[str, Any], way: Way, wire: Wire) -> None:
    client = way.client(wire.say(page()))
    jobs = client.fine_tuning.jobs
    for make in (
        jobs.list,
        client.files.list,
        lambda **span: jobs.list_events("j", **span),
        lambda **span: jobs.checkpoints.list("j", **span),
    ):
        with pytest.raises(ConfigurationError, match=r"\[operation \w+\."):
            make(**span)
    assert wire.requests == []


async def test_a_cursor_that_is_no_text_is_refused(way: Way, wire: Wire) -> None:
    listing = way.client(wire.say(page())).files.list(after="\ud800")
    with pytest.raises(ConfigurationError):
        await way.items(listing)
    assert wire.requests == []


async def test_a_cursor_that_comes_again_is_an_error_and_its_page_is_not_handed_out_twice(way: Way, wire: Wire) -> None:
    # The last answer is for who goes round in circles, who would not come to an end otherwise.
    client = way.client(wire.say(page("a", more=True), page("b", more=True), page("a", more=True), (400, {})))
    listing = client.files.list()
    with pytest.raises(PaginationError, match="'a' a second time") as caught:
        await way.items(listing)
    assert (caught.value.operation, caught.value.cursor) == ("files.list", "a")
    assert (len(wire.requests), listing.cursor) == (3, "b")


@pytest.mark.parametrize("provider", ["bedrock", "fireworks-ai", "vertex-ai"])
async def test_a_cursor_that_the_provider_cannot_honour_is_not_followed(provider: str, way: Way, wire: Wire) -> None:
    answer = (200, page("a", "b", more=True), {"x-portkey-provider": provider, "x-portkey-trace-id": "t"})
    listing = way.client(wire.say(answer)).fine_tuning.jobs.list()
    with pytest.raises(PaginationError, match=f"{provider} gives no cursor") as caught:
        await way.items(listing)
    assert caught.value.trace_id == "t"
    assert (len(wire.requests), listing.cursor) == (1, None)
    # What was asked for is all there.
    assert ids(await way.items(way.client(wire).fine_tuning.jobs.list(limit=2))) == ["a", "b"]


@pytest.mark.parametrize("names", [("a", "b"), ()])
async def test_a_token_of_aws_says_that_more_follows(names: tuple[str, ...], way: Way, wire: Wire) -> None:
    """Bedrock's page has no has_more; its last_id is there only when AWS has divided the list."""
    answer = (200, page(*names, more=None, last_id="token-of-aws"), {"x-portkey-provider": "bedrock"})
    client = way.client(wire.say(answer))
    listing = client.fine_tuning.jobs.list(page_size=50)
    with pytest.raises(PaginationError, match="bedrock gives no cursor") as caught:
        await way.items(listing)
    assert "page_size" not in str(caught.value)
    assert [target.partition("?")[2] for target in wire.targets] == ["limit=50"]
    # What is there can be had.
    (first, *_) = await way.take(client.fine_tuning.jobs.list().pages(), 1)
    assert (ids(first), first.has_more) == (list(names), True)


async def test_an_empty_page_with_a_cursor_is_followed_and_does_not_turn_in_circles(way: Way, wire: Wire) -> None:
    first, empty = page("a", more=True), page(more=True, last_id="t")
    client = way.client(wire.say(first, empty, page("b"), first, empty, empty))
    assert ids(await way.items(client.files.list())) == ["a", "b"]
    with pytest.raises(PaginationError, match="'t' a second time"):
        await way.items(client.files.list())


async def test_what_the_gateway_asks_of_fireworks_without_a_query_is_not_to_be_asked_for_in_one_page(
    way: Way, wire: Wire
) -> None:
    answer = (200, page("a", more=True), {"x-portkey-provider": "fireworks-ai"})
    client = way.client(wire.say(answer))
    with pytest.raises(PaginationError, match=r"Hint: ask for no more than you got, with limit=\."):
        await way.items(client.files.list())
    with pytest.raises(PaginationError, match="with page_size="):
        await way.items(client.fine_tuning.jobs.list())


@pytest.mark.parametrize(
    ("provider", "kind"), [("bedrock", "jobs"), ("fireworks-ai", "files"), ("fireworks-ai", "jobs"), ("openai", "jobs")]
)
async def test_the_beginning_of_a_list_does_not_pass_for_what_follows_a_cursor(
    provider: str, kind: str, way: Way, wire: Wire
) -> None:
    client = way.client(wire.say((200, page("a", more=False), {"x-portkey-provider": provider})))
    listing = client.files.list(after="x") if kind == "files" else client.fine_tuning.jobs.list(after="x")
    if (provider, kind) in {("bedrock", "jobs"), ("fireworks-ai", "files")}:
        with pytest.raises(PaginationError, match=f"no cursor on to {provider}: .* Hint: leave after= out"):
            await way.items(listing)
    else:
        assert ids(await way.items(listing)) == ["a"]


async def test_the_cursor_follows_the_items_and_can_be_resumed(way: Way, gateway: FakeGateway) -> None:
    for number in range(7):
        gateway.add_job(job_id=f"ftjob-{number}", age=number)
    client = way.client(gateway)
    listing = client.fine_tuning.jobs.list(page_size=3)
    first = ids(await way.take(listing, 4))
    rest = ids(await way.items(client.fine_tuning.jobs.list(after=listing.cursor)))
    assert sorted(first + rest) == [f"ftjob-{number}" for number in range(7)]
    assert len(first) == 4


async def test_behind_the_last_item_of_a_page_is_the_cursor_of_the_page(way: Way, wire: Wire) -> None:
    """A server may have cursors that are no ids; within a page the id is all there is."""
    client = way.client(wire.say(page("a", "b", more=True, last_id="token"), page("c")))
    listing = client.files.list()
    items = way.iterate(listing)
    cursors = []
    for _ in range(3):
        await way.next(items)
        cursors.append(listing.cursor)
    assert cursors == ["a", "token", "c"]


async def test_iterating_anew_begins_anew(way: Way, wire: Wire) -> None:
    listing = way.client(wire.say(page("a", "b"))).files.list()
    assert ids(await way.items(listing)) == ids(await way.items(listing)) == ["a", "b"]
    assert len(wire.requests) == 2


async def test_to_list_and_first(way: Way, wire: Wire) -> None:
    files = way.client(wire.say(page("a", more=True), page("b"), page("c", more=True), page())).files
    assert ids(await way.get(files.list().to_list())) == ["a", "b"]
    assert (await way.get(files.list().first())).id == "c"
    assert await way.get(files.list().first()) is None


async def test_the_first_page_answers_as_in_the_official_sdk(way: Way, wire: Wire) -> None:
    listing = way.client(wire.say(page("a", more=True), page("b"))).files.list()
    if way.is_async:
        with pytest.raises(ConfigurationError, match="await the list"):
            listing.data  # noqa: B018 - asking is the test
        assert await listing is listing
        await listing
    assert (ids(listing.data), listing.has_more, listing.object) == (["a"], True, "list")
    assert len(wire.requests) == 1
    # The page that is there is not fetched again.
    assert ids(await way.items(listing)) == ["a", "b"]
    assert len(wire.requests) == 2


async def test_an_empty_list_has_a_first_page_too(way: Way, wire: Wire) -> None:
    listing = way.client(wire.say(page())).files.list()
    if way.is_async:
        await listing
    assert (listing.data, listing.has_more, listing.object) == ([], False, None)


async def test_a_fault_ends_the_iteration_and_the_cursor_tells_where_to_go_on(way: Way, gateway: FakeGateway) -> None:
    for number in range(5):
        gateway.add_job(job_id=f"ftjob-{number}", age=number)
    client = way.client(gateway, max_retries=0)
    listing = client.fine_tuning.jobs.list(page_size=2)
    got: list[str] = []

    async def walk() -> None:
        if way.is_async:
            async for job in listing:
                got.append(job.id)
                _break_third(gateway, got)
        else:
            for job in listing:
                got.append(job.id)
                _break_third(gateway, got)

    with pytest.raises(InternalServerError):
        await walk()
    got += ids(await way.items(client.fine_tuning.jobs.list(after=listing.cursor)))
    assert got == [f"ftjob-{number}" for number in range(5)]


def _break_third(gateway: FakeGateway, got: list[str]) -> None:
    if len(got) == 2:
        gateway.fail_next(Fault.answer(500))


def test_an_iterator_that_has_failed_has_ended(way: Way, wire: Wire) -> None:
    async def check() -> None:
        listing = way.client(wire.say((400, {})), max_retries=0).files.list()
        iterator = aiter(listing) if way.is_async else iter(listing)
        for error in (Exception, (StopAsyncIteration, StopIteration)):
            with pytest.raises(error):
                await anext(iterator) if way.is_async else next(iterator)

    way.drive(check)
    assert len(wire.requests) == 1


class Shelf:
    """A list at a server: it cuts where it likes, and now and then something goes wrong."""

    def __init__(self, items: int, cuts: Sequence[int], faults: Sequence[bool]) -> None:
        self.names = [f"i{number}" for number in range(items)]
        self._cuts = list(cuts)
        self._faults = list(faults)

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Answer a request for a page."""
        if self._faults and self._faults.pop():
            return httpx.Response(503, json={"message": "not now"})
        after = request.url.params.get("after")
        start = 0 if after is None else self.names.index(after) + 1
        size = self._cuts.pop() if self._cuts else 3
        size = min(size, int(request.url.params.get("limit", size)))
        cut = self.names[start : start + size]
        return httpx.Response(200, content=json.dumps(page(*cut, more=start + size < len(self.names))))


@given(
    items=st.integers(0, 12),
    cuts=st.lists(st.integers(1, 5), max_size=6),
    faults=st.lists(st.booleans(), max_size=8),
    stops=st.lists(st.integers(1, 5), max_size=3),
    page_size=st.none() | st.integers(1, 5),
)
@PROPERTY
def test_each_item_comes_once_for_any_cut_any_fault_and_any_resume(
    way: Way, *, items: int, cuts: list[int], faults: list[bool], stops: list[int], page_size: int | None
) -> None:
    shelf = Shelf(items, cuts, faults)

    async def walk() -> list[str]:
        client = way.client(httpx.MockTransport(shelf.answer), max_retries=10)
        got: list[str] = []
        after: str | None = None
        for stop in stops:
            listing = client.files.list(after=after, page_size=page_size)
            got += ids(await way.take(listing, stop))
            after = listing.cursor
        return got + ids(await way.items(client.files.list(after=after, page_size=page_size)))

    assert way.drive(walk) == shelf.names


async def test_checkpoints_are_a_list_that_knows_the_best(way: Way, wire: Wire) -> None:
    data = [
        {"id": "c3", "step_number": 30, "metrics": {"full_valid_loss": 0.5, "full_valid_mean_token_accuracy": 0.9}},
        {"id": "c2", "step_number": 20, "metrics": {"full_valid_loss": 0.4, "bleu": 7}},
        {"id": "c1", "step_number": 10, "metrics": {"full_valid_loss": 0.4, "bleu": 9, "flag": True}},
        {"id": "c0", "metrics": {"full_valid_loss": 0.4}},
        {"id": "c", "metrics": None},
    ]
    listing = way.client(wire.say({"data": data})).fine_tuning.jobs.checkpoints.list("j")
    assert isinstance(listing, CheckpointList | AsyncCheckpointList)
    assert (await way.get(listing.best())).id == "c1"
    assert (await way.get(listing.best("full_valid_mean_token_accuracy"))).id == "c3"
    assert (await way.get(listing.best("full_valid_loss", largest=True))).id == "c3"
    assert (await way.get(listing.best("bleu"))).id == "c2"
    with pytest.raises(PortkeyError, match="no checkpoint has the metric 'nope'; there are bleu, flag, full"):
        await way.get(listing.best("nope"))


async def test_without_metrics_there_is_no_best(way: Way, wire: Wire) -> None:
    listing = way.client(wire.say({"data": [{"id": "c"}]})).fine_tuning.jobs.checkpoints.list("j")
    with pytest.raises(PortkeyError, match="none has any metrics"):
        await way.get(listing.best())


@pytest.mark.parametrize(
    ("metric", "value"), [("train_loss", 1.5), ("own", 2), ("flag", None), ("extra", None), ("to_dict", None)]
)
def test_a_metric_is_found_by_name_known_or_not(metric: str, value: float | None) -> None:
    metrics = CheckpointMetrics(train_loss=1.5, extra={"own": 2, "flag": True})
    assert metric_value(Checkpoint(id="c", metrics=metrics), metric) == value


def test_a_page_is_a_sequence_of_its_items() -> None:
    whole: Page[Checkpoint] = Page((Checkpoint(id="a"), Checkpoint(id="b")))
    assert (len(whole), ids(list(whole))) == (2, ["a", "b"])


async def test_an_iterator_of_a_list_is_iterable_itself(way: Way, wire: Wire) -> None:
    listing = way.client(wire.say(page("a", "b"))).files.list()
    assert ids(await way.items(aiter(listing) if way.is_async else iter(listing))) == ["a", "b"]


async def test_a_notebook_shows_what_is_there_and_fetches_nothing(way: Way, wire: Wire) -> None:
    listing = way.client(wire.say(page("<a>", more=True))).files.list()
    kind = "AsyncList" if way.is_async else "SyncList"
    assert repr(listing) == f"<{kind} of files.list, cursor None>"
    assert f"{kind} of files.list" in listing._repr_html_()
    assert "not fetched yet" in listing._repr_html_()
    assert wire.requests == []
    if way.is_async:
        await listing
    assert listing.has_more
    shown = listing._repr_html_()
    assert f"{kind} of files.list" in shown
    assert "&lt;a&gt;" in shown
    assert "1 on the first page, more follow<" in shown
    assert len(wire.requests) == 1
    wire.say(page("b", more=False))
    last = way.client(wire).files.list()
    if way.is_async:
        await last
    assert not last.has_more
    assert "1 on the first page<" in last._repr_html_()


async def test_a_page_that_was_cut_to_the_limit_says_that_more_follows(way: Way, wire: Wire) -> None:
    client = way.client(wire.say(page("a", "b", "c", more=False)))
    (cut,) = await way.items(client.files.list(limit=2).pages())
    assert (ids(cut), cut.has_more, cut.cursor, cut.object) == (["a", "b"], True, "b", "list")
    assert cut.response is not None
    (whole,) = await way.items(client.files.list(limit=3).pages())
    assert (len(whole), whole.has_more) == (3, False)


@pytest.mark.parametrize("name", ["limit", "page_size"])
def test_a_number_that_makes_no_sense_is_named(name: str, way: Way, wire: Wire) -> None:
    with pytest.raises(ConfigurationError, match=f"^{name} must be a whole number"):
        way.client(wire).files.list(**{name: -1})


def test_the_cursor_of_a_list_that_was_not_begun_is_where_it_would_begin(way: Way, wire: Wire) -> None:
    assert way.client(wire).files.list(after="x").cursor == "x"


class Purpose(str, Enum):  # noqa: UP042 - what people write
    """An enumeration of text, whose str() is the name of the member and not its value."""

    FINE_TUNE = "fine-tune"


@pytest.mark.parametrize(
    "filters", [{"purpose": ""}, {"purpose": 5}, {"order": "up"}, {"order": 5}, {"order": ""}], ids=repr
)
async def test_a_filter_that_cannot_be_is_refused_at_the_call(filters: dict[str, Any], way: Way, wire: Wire) -> None:
    client = way.client(wire.say({"data": []}))
    with pytest.raises(ConfigurationError, match=next(iter(filters))):
        client.files.list(**filters)
    assert wire.requests == []


async def test_an_enumeration_of_text_is_sent_as_its_value(way: Way, wire: Wire) -> None:
    client = way.client(wire.say({"data": []}))
    await way.items(client.files.list(purpose=Purpose.FINE_TUNE, order="asc", extra_query={"of": Purpose.FINE_TUNE}))
    assert dict(wire.requests[0].url.params) == {"purpose": "fine-tune", "order": "asc", "of": "fine-tune"}
