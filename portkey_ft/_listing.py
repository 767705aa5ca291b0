"""Listing: fetch the pages of a list as one plan, and keep track of how far the caller got."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from typing import Any, Generic, TypeVar, cast

from attrs import evolve, field, frozen

from portkey_ft._cursors import SeenCursors
from portkey_ft._http.messages import Request, Response
from portkey_ft._json import is_object
from portkey_ft._providers import profile_of
from portkey_ft._sansio.plan import Emit, Environment, Plan, Stream, call
from portkey_ft.errors import ConfigurationError, NotSupportedError, PaginationError
from portkey_ft.types import Identified, Page, Value

__all__ = ["ListQuery", "ListState", "PageRange", "can_be_followed"]


T = TypeVar("T", bound=Identified)

#: Items asked for in one request, at most, unless the caller says otherwise. Some providers refuse more.
LARGEST_DEFAULT_PAGE = 100


@frozen(kw_only=True)
class PageRange:
    """Which part of a list to fetch, as the caller asked for it.

    Attributes:
        after: Where to begin: the ``cursor`` of an earlier list, or the ID of the item before the first one wanted.
        limit: How many items in all, or None for every one.
        page_size: How many items to ask for in one request, or None for the provider's choice.
        prefetch: Whether the next page is requested while the caller is busy with this one.
    """

    after: str | None = None
    limit: int | None = None
    page_size: int | None = None
    prefetch: bool = False

    def check(self, operation: str) -> None:
        """Refuse what cannot work.

        Raises:
            ConfigurationError: A number is too small or no number, or the cursor is no string or empty.
        """
        for name, value, least in (("limit", self.limit, 0), ("page_size", self.page_size, 1)):
            if value is not None and (type(value) is not int or value < least):
                message = f"{name} must be a whole number of at least {least}, not {value!r}."
                raise ConfigurationError(message, operation=operation)
        # Callers without a type checker pass anything.
        after: Any = self.after
        if after is not None and (not isinstance(after, str) or not after.strip()):
            message = f"after must be a cursor or an ID (str), not {self.after!r}."
            raise ConfigurationError(message, hint="leave it out to begin at the start.", operation=operation)


@frozen
class ListQuery(Generic[T]):
    """What a list fetches: one operation, its requests, and how much of it.

    Attributes:
        operation: The facade's name of the operation.
        request: Builds the request for a page from a cursor and a size.
        read: Reads a response into a page.
        environment: Clock, chance and retry policy.
        range: Where to begin, and how many items in which portions.
        is_filtered: Whether the request asks for some of the items alone.
    """

    operation: str
    request: Callable[[str | None, int | None], Request] = field(repr=False)
    read: Callable[[Response], Page[T]] = field(repr=False)
    environment: Environment = field(repr=False)
    range: PageRange
    is_filtered: bool = False

    def __attrs_post_init__(self) -> None:
        self.range.check(self.operation)

    def fetch(self, after: str | None, left: int | None) -> Plan[Page[T]]:
        """Plan to fetch one page of at most ``left`` items."""
        size = self.range.page_size
        if left is not None:
            size = min(left, LARGEST_DEFAULT_PAGE if size is None else size)
        response = yield from call(self.request(after, size), self.environment)
        page = self.read(response)
        if left is not None and len(page.items) > left:
            page = evolve(page, items=page.items[:left], has_more=True, cursor=page.items[left - 1].id)
        return page

    def pages(self, first: Page[T] | None = None) -> Stream[Page[T]]:
        """Plan to fetch every page; ``first`` is the first one if it was fetched already."""
        after, left = self.range.after, self.range.limit
        seen = SeenCursors()
        if after is not None:
            seen.add(after)
        while left is None or left > 0:
            page, first = (yield from self._first_or_fetched(first, after, left)), None
            self._refuse_beginning_again(page, after)
            self._refuse_unfiltered(page)
            if not page.items and not (page.has_more and page.cursor):
                return
            # Before its items are handed out: they were, under this cursor.
            if page.cursor is not None and page.cursor in seen:
                late = seen.pages_late(page.cursor)
                if page.has_more is None and not late:
                    return
                raise self._circle(page, late)
            yield Emit(page)
            left = None if left is None else left - len(page.items)
            if page.has_more is False or left == 0:
                return
            # Where nothing says whether more follows, the next page tells: it is empty, or the same as one before.
            if page.has_more is None and not can_be_followed(page):
                return
            after = self._next(page)
            seen.add(after)

    def _first_or_fetched(
        self, first: Page[T] | None, after: str | None, left: int | None
    ) -> Generator[Any, Any, Page[T]]:
        return (yield from self.fetch(after, left)) if first is None else first

    def _refuse_beginning_again(self, page: Page[T], after: str | None) -> None:
        provider = _provider_of(page)
        if after is not None and self.operation in profile_of(provider).drops_query:
            message = f"the gateway passes no cursor on to {provider}: what came is the beginning of the list again."
            raise self._error(message, page, "leave after= out.")

    def _refuse_unfiltered(self, page: Page[T]) -> None:
        provider = _provider_of(page)
        if self.is_filtered and profile_of(provider).drops_list_filters:
            message = f"the gateway drops the filter for {provider}: the list came unfiltered."
            raise NotSupportedError(message, hint="filter the items yourself.", operation=self.operation)

    def _circle(self, page: Page[T], late: int) -> PaginationError:
        message = f"the server sent the cursor {page.cursor!r} a second time; following it would never end."
        hint = f"the list goes in a circle: the items of the last {late} pages may have come before." if late else None
        return self._error(message, page, hint)

    def _next(self, page: Page[T]) -> str:
        """Find where the next page begins."""
        provider = _provider_of(page)
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


def _flat(fields: dict[str, Any]) -> dict[str, Any]:
    """Give the fields of inner objects a column each."""
    flat: dict[str, Any] = {}
    for name, value in fields.items():
        flat |= value if is_object(value) else {name: value}
    return flat


def can_be_followed(page: Page[Any]) -> bool:
    """Tell whether a page has a cursor, and the provider honours it."""
    return page.cursor is not None and profile_of(_provider_of(page)).follows_cursor


def _provider_of(page: Page[Any]) -> str | None:
    return page.response.provider if page.response else None


class ListState(Generic[T]):
    """How far the items of a list have been handed out.

    Attributes:
        query: What is fetched.
        cursor: What to pass as ``after=`` to continue behind the last item handed out.
        first: The first page, once it was fetched for ``data``, ``has_more`` or ``object``.
    """

    def __init__(self, query: ListQuery[T]) -> None:
        self.query = query
        self.cursor: str | None = query.range.after
        self.first: Page[T] | None = None

    def begin(self) -> Stream[Page[T]]:
        """Plan to fetch the pages from the beginning."""
        self.cursor = self.query.range.after
        return self.query.pages(self.first)

    def html(self, kind: str) -> str:
        """Show what was fetched so far for the first page; nothing is fetched for it."""
        from portkey_ft._notebook import rows_html  # noqa: PLC0415 - notebooks alone need it

        title = f"{kind} of {self.query.operation}"
        if self.first is None:
            return rows_html(title, (), (), "not fetched yet; iterate it, or look at .data")
        # Each kind of item is a value.
        dicts = [_flat(cast("Value", item).to_dict()) for item in self.first.items]
        columns = list(dict.fromkeys(name for row in dicts for name in row))
        note = f"{len(dicts)} on the first page" + (", more follow" if self.first.has_more else "")
        return rows_html(title, columns, [[row.get(name) for name in columns] for row in dicts], note)

    def items(self, page: Page[T]) -> Iterator[T]:
        """Hand out the items of a page, and keep the cursor behind each."""
        if not can_be_followed(page):
            yield from page.items
            return
        for item in page.items[:-1]:
            self.cursor = item.id
            yield item
        for item in page.items[-1:]:
            # Where the next page begins is for the provider to say.
            self.cursor = page.cursor
            yield item

    def page_done(self, page: Page[T]) -> None:
        """Note that a page is with the caller."""
        if can_be_followed(page):
            self.cursor = page.cursor
