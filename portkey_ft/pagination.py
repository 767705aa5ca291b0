"""Lists: lazy, resumable and guarded.

``list()`` asks for nothing; iterating does, one page at a time. The walk over the pages is one plan with two drivers.
It ends where the provider says that nothing follows. Where it would go round in circles, or on from a cursor that the
provider cannot honour, it raises rather than end early in silence.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Generator, Iterator
from typing import Any, Generic, Protocol, TypeVar

from attrs import field, frozen

from portkey_ft._http.messages import Request, Response
from portkey_ft._json import is_object
from portkey_ft._providers import profile_of
from portkey_ft._sansio.drivers import IO, AsyncIO, AsyncStream, iterate
from portkey_ft._sansio.plan import Emit, Environment, Plan, Stream, call
from portkey_ft.errors import ConfigurationError, PaginationError
from portkey_ft.types import ResponseInfo, Value

__all__ = ["AsyncList", "ListQuery", "Page", "SyncList"]


class Identified(Protocol):
    """An item with an id, which is the cursor behind it."""

    @property
    def id(self) -> str:
        """The id."""
        ...


T = TypeVar("T", bound=Identified)

#: Items asked for in one request, at most, unless the caller says otherwise. Some providers refuse more.
LARGEST_DEFAULT_PAGE = 100


@frozen
class Page(Generic[T]):
    """One page of a list.

    Attributes:
        items: What it holds, in the provider's order.
        has_more: Whether more follows; None if the provider does not say.
        cursor: Where the next page begins, to be passed as ``after=``; None if there is no telling.
        object: The kind of thing, as the provider calls it.
        response: How the answer came.
    """

    items: tuple[T, ...]
    has_more: bool | None = None
    cursor: str | None = None
    object: str | None = None
    response: ResponseInfo | None = field(default=None, repr=False, eq=False)

    @property
    def can_be_followed(self) -> bool:
        """Whether there is a cursor, and the provider honours it."""
        provider = self.response.provider if self.response else None
        return self.cursor is not None and profile_of(provider).follows_cursor

    @property
    def data(self) -> list[T]:
        """The items, under the name that the official SDK has for them."""
        return list(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[T]:
        return iter(self.items)


@frozen
class ListQuery(Generic[T]):
    """What is listed, and how much of it.

    Attributes:
        operation: The facade's name of the operation.
        request: Builds the request for a page from a cursor and a size.
        read: Reads an answer into a page.
        environment: Clock, chance and retry policy.
        after: Where to begin: the cursor of an earlier walk, or the id of the item before the first one wanted.
        limit: How many items in all, or None for every one.
        page_size: How many items to ask for in one request, or None for the provider's choice.
        prefetch: Whether the next page is asked for while the caller is busy with this one.
    """

    operation: str
    request: Callable[[str | None, int | None], Request] = field(repr=False)
    read: Callable[[Response], Page[T]] = field(repr=False)
    environment: Environment = field(repr=False)
    after: str | None = None
    limit: int | None = None
    page_size: int | None = None
    prefetch: bool = False

    def __attrs_post_init__(self) -> None:
        for name, least in (("limit", 0), ("page_size", 1)):
            value = getattr(self, name)
            if value is None:
                continue
            if not isinstance(value, int) or isinstance(value, bool) or value < least:
                message = f"{name} must be a whole number of at least {least}, not {value!r}."
                raise ConfigurationError(message, operation=self.operation)
        if self.after is not None and not str(self.after).strip():
            message = "after is empty."
            raise ConfigurationError(message, hint="leave it out to begin at the start.", operation=self.operation)

    def fetch(self, after: str | None, left: int | None) -> Plan[Page[T]]:
        """Plan to get one page of at most ``left`` items."""
        size = self.page_size
        if left is not None:
            size = min(left, LARGEST_DEFAULT_PAGE if size is None else size)
        response = yield from call(self.request(after, size), self.environment)
        page = self.read(response)
        if left is not None and len(page.items) > left:
            page = Page(
                page.items[:left],
                has_more=True,
                cursor=page.items[left - 1].id,
                object=page.object,
                response=page.response,
            )
        return page

    def walk(self, first: Page[T] | None = None) -> Stream[Page[T]]:
        """Plan to get every page, beginning with one that is there already."""
        after, left = self.after, self.limit
        seen = {after}
        while left is None or left > 0:
            page, first = (yield from self._given_or_fetched(first, after, left)), None
            self._refuse_beginning_again(page, after)
            if not page.items and not (page.has_more and page.cursor):
                return
            # Before its items are handed out: they were, under this cursor.
            self._refuse_circle(page, seen)
            yield Emit(page)
            left = None if left is None else left - len(page.items)
            if not page.has_more or left == 0:
                return
            after = self._next(page)
            seen.add(after)

    def _given_or_fetched(
        self, given: Page[T] | None, after: str | None, left: int | None
    ) -> Generator[Any, Any, Page[T]]:
        return (yield from self.fetch(after, left)) if given is None else given

    def _refuse_beginning_again(self, page: Page[T], after: str | None) -> None:
        provider = page.response.provider if page.response else None
        if after is not None and self.operation in profile_of(provider).drops_query:
            message = f"the gateway passes no cursor on to {provider}: what came is the beginning of the list again."
            raise self._error(message, page, "leave after= out.")

    def _refuse_circle(self, page: Page[T], seen: set[str | None]) -> None:
        if page.cursor is not None and page.cursor in seen:
            message = f"the server sent the cursor {page.cursor!r} a second time; following it would never end."
            raise self._error(message, page)

    def _next(self, page: Page[T]) -> str:
        """Find where the next page begins."""
        provider = page.response.provider if page.response else None
        if page.cursor is not None and profile_of(provider).follows_cursor:
            return page.cursor
        message = f"there are more items, and {provider or 'the provider'} gives no cursor that could be followed."
        hint = "ask for no more than you got, with limit=."
        if self.operation not in profile_of(provider).drops_query:
            hint = "ask for all you need in one page, with page_size=, or for no more than you got, with limit=."
        raise self._error(message, page, hint)

    def _error(self, message: str, page: Page[T], hint: str | None = None) -> PaginationError:
        trace_id = page.response.trace_id if page.response else None
        return PaginationError(message, hint=hint, operation=self.operation, trace_id=trace_id, cursor=page.cursor)


def _fields(item: Identified) -> dict[str, Any]:
    return item.to_dict() if isinstance(item, Value) else {"id": item.id}


def _flat(fields: dict[str, Any]) -> dict[str, Any]:
    """Give the fields of inner objects a column each."""
    flat: dict[str, Any] = {}
    for name, value in fields.items():
        flat |= value if is_object(value) else {name: value}
    return flat


class _ListState(Generic[T]):
    """How far the items of a list have been handed out."""

    def __init__(self, listing: ListQuery[T]) -> None:
        self.listing = listing
        self.cursor = listing.after
        self.first: Page[T] | None = None

    def begin(self) -> Stream[Page[T]]:
        """Plan the walk from its beginning."""
        self.cursor = self.listing.after
        return self.listing.walk(self.first)

    def html(self, kind: str) -> str:
        """Show what was fetched so far for the first page; nothing is fetched for it."""
        from portkey_ft._notebook import rows_html  # noqa: PLC0415 - notebooks alone need it

        title = f"{kind} of {self.listing.operation}"
        if self.first is None:
            return rows_html(title, (), (), "not fetched yet; iterate it, or look at .data")
        dicts = [_flat(_fields(item)) for item in self.first.items]
        columns = list(dict.fromkeys(name for row in dicts for name in row))
        note = f"{len(dicts)} on the first page" + (", more follow" if self.first.has_more else "")
        return rows_html(title, columns, [[row.get(name) for name in columns] for row in dicts], note)

    def items(self, page: Page[T]) -> Iterator[T]:
        """Hand out the items of a page, and keep the cursor behind each."""
        followed, last = page.can_be_followed, len(page.items) - 1
        for index, item in enumerate(page.items):
            if followed:
                self.cursor = page.cursor if index == last else item.id
            yield item

    def page_done(self, page: Page[T]) -> None:
        """Note that a page is with the caller."""
        if page.can_be_followed:
            self.cursor = page.cursor


class SyncList(Generic[T]):
    """A list that is fetched while it is iterated.

    Iterating anew begins anew. ``len`` is not offered, because nobody knows it before the end.
    """

    def __init__(self, listing: ListQuery[T], io: IO) -> None:
        self._walk = _ListState(listing)
        self._io = io

    def __iter__(self) -> Iterator[T]:
        for page in self._pages():
            yield from self._walk.items(page)

    def pages(self) -> Iterator[Page[T]]:
        """Iterate over the pages, as they come from the server."""
        for page in self._pages():
            self._walk.page_done(page)
            yield page

    def _pages(self) -> Iterator[Page[T]]:
        plan = self._walk.begin()
        if self._walk.listing.prefetch:
            from portkey_ft._sansio.prefetch import iterate_prefetching  # noqa: PLC0415 - threads, for those who ask for it

            return iterate_prefetching(plan, self._io)
        return iterate(plan, self._io)

    @property
    def cursor(self) -> str | None:
        """Where to go on: pass it as ``after=`` to get what follows the last item that was handed out.

        It stays where it was with a provider that honours no cursor.
        """
        return self._walk.cursor

    def to_list(self) -> list[T]:
        """Fetch everything."""
        return list(self)

    def first(self) -> T | None:
        """Fetch the first item, or None if there is none."""
        return next(iter(self), None)

    def _first_page(self) -> Page[T]:
        if self._walk.first is None:
            empty: Page[T] = Page((), has_more=False)
            self._walk.first = next(iterate(self._walk.begin(), self._io), empty)
        return self._walk.first

    @property
    def data(self) -> list[T]:
        """The items of the first page, as in the official SDK; fetched when first asked for."""
        return self._first_page().data

    @property
    def has_more(self) -> bool:
        """Whether more follows the first page, as in the official SDK."""
        return bool(self._first_page().has_more)

    @property
    def object(self) -> str | None:
        """The kind of thing, as the provider calls it, as in the official SDK."""
        return self._first_page().object

    def _repr_html_(self) -> str:
        return self._walk.html(type(self).__name__)

    def __repr__(self) -> str:
        listing = self._walk.listing
        return f"<{type(self).__name__} of {listing.operation}, cursor {self.cursor!r}>"


class AsyncList(Generic[T]):
    """A list that is fetched while it is iterated.

    Iterating anew begins anew. Awaiting it fetches the first page, for ``data``, ``has_more`` and ``object``.
    """

    def __init__(self, listing: ListQuery[T], io: AsyncIO) -> None:
        self._walk = _ListState(listing)
        self._io = io

    def __aiter__(self) -> AsyncIterator[T]:
        return _AsyncItems(self._walk, self._pages())

    def pages(self) -> AsyncIterator[Page[T]]:
        """Iterate over the pages, as they come from the server."""
        return _AsyncPages(self._walk, self._pages())

    def _pages(self) -> AsyncIterator[Page[T]]:
        plan = self._walk.begin()
        if self._walk.listing.prefetch:
            from portkey_ft._sansio.prefetch import PrefetchingStream  # noqa: PLC0415 - background tasks, for those who ask for it

            return PrefetchingStream(plan, self._io)
        return AsyncStream(plan, self._io)

    @property
    def cursor(self) -> str | None:
        """Where to go on: pass it as ``after=`` to get what follows the last item that was handed out.

        It stays where it was with a provider that honours no cursor.
        """
        return self._walk.cursor

    async def to_list(self) -> list[T]:
        """Fetch everything."""
        return [item async for item in self]

    async def first(self) -> T | None:
        """Fetch the first item, or None if there is none."""
        async for item in self:
            return item
        return None

    def __await__(self) -> Generator[Any, Any, AsyncList[T]]:
        return self._load_first_page().__await__()

    async def _load_first_page(self) -> AsyncList[T]:
        if self._walk.first is None:
            empty: Page[T] = Page((), has_more=False)
            self._walk.first = await anext(AsyncStream(self._walk.begin(), self._io), empty)
        return self

    def _first_page(self) -> Page[T]:
        if self._walk.first is None:
            message = "the first page is not there yet."
            raise ConfigurationError(message, hint="await the list first, or iterate with async for.")
        return self._walk.first

    @property
    def data(self) -> list[T]:
        """The items of the first page, as in the official SDK, once the list was awaited."""
        return self._first_page().data

    @property
    def has_more(self) -> bool:
        """Whether more follows the first page, as in the official SDK, once the list was awaited."""
        return bool(self._first_page().has_more)

    @property
    def object(self) -> str | None:
        """The kind of thing, as the provider calls it, as in the official SDK, once the list was awaited."""
        return self._first_page().object

    def _repr_html_(self) -> str:
        return self._walk.html(type(self).__name__)

    def __repr__(self) -> str:
        listing = self._walk.listing
        return f"<{type(self).__name__} of {listing.operation}, cursor {self.cursor!r}>"


class _AsyncPages(Generic[T]):
    """Hands out pages and keeps the cursor."""

    def __init__(self, walk: _ListState[T], pages: AsyncIterator[Page[T]]) -> None:
        self._walk = walk
        self._source = pages

    def __aiter__(self) -> AsyncIterator[Page[T]]:
        return self

    async def __anext__(self) -> Page[T]:
        page = await anext(self._source)
        self._walk.page_done(page)
        return page


class _AsyncItems(Generic[T]):
    """Hands out items and keeps the cursor."""

    def __init__(self, walk: _ListState[T], pages: AsyncIterator[Page[T]]) -> None:
        self._walk = walk
        self._source = pages
        self._items: Iterator[T] = iter(())

    def __aiter__(self) -> AsyncIterator[T]:
        return self

    async def __anext__(self) -> T:
        for item in self._items:
            return item
        self._items = self._walk.items(await anext(self._source))
        return await anext(self)
