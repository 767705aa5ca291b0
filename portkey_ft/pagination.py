"""Lists that are fetched while they are iterated.

list() sends nothing; iterating does, one request per page. A list ends where the provider says that nothing
follows. A cursor that comes back a second time, or that the provider cannot honour, raises
PaginationError: a list never ends early without an error.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Generator, Iterator
from typing import Any, Generic, TypeVar

from portkey_ft._listing import ListQuery, ListState
from portkey_ft._sansio.drivers import IO, AsyncIO, AsyncStream, iterate
from portkey_ft.errors import ConfigurationError
from portkey_ft.types import Identified, Page

__all__ = ["AsyncList", "SyncList"]


T = TypeVar("T", bound=Identified)


class SyncList(Generic[T]):
    """A list that is fetched while it is iterated.

    Iterating anew begins anew. len is not offered, because nobody knows it before the end.
    """

    def __init__(self, query: ListQuery[T], io: IO) -> None:
        self._state = ListState(query)
        self._io = io

    def __iter__(self) -> Iterator[T]:
        for page in self._pages():
            yield from self._state.items(page)

    def pages(self) -> Iterator[Page[T]]:
        """Iterate over the pages, as they come from the server.

        Example:
            >>> for page in client.fine_tuning.jobs.checkpoints.list(job.id, page_size=5).pages():
            ...     print(len(page))
            5
            5
            2
        """
        for page in self._pages():
            self._state.page_done(page)
            yield page

    def _pages(self) -> Iterator[Page[T]]:
        plan = self._state.begin()
        if self._state.query.range.prefetch:
            from portkey_ft._sansio.prefetch import iterate_prefetching  # noqa: PLC0415 - threads, for those who ask for it

            return iterate_prefetching(plan, self._io)
        return iterate(plan, self._io)

    @property
    def cursor(self) -> str | None:
        """Where to go on: pass it as after= to get what follows the last item that was handed out.

        It stays where it was with a provider that honours no cursor.
        """
        return self._state.cursor

    def to_list(self) -> list[T]:
        """Fetch everything.

        Example:
            >>> len(client.fine_tuning.jobs.checkpoints.list(job.id).to_list())
            12
        """
        return list(self)

    def first(self) -> T | None:
        """Fetch the first item, or None if there is none.

        Example:
            >>> client.fine_tuning.jobs.list().first().id
            'ftjob-1'
        """
        return next(iter(self), None)

    def _first_page(self) -> Page[T]:
        if self._state.first is None:
            empty: Page[T] = Page((), has_more=False)
            self._state.first = next(iterate(self._state.begin(), self._io), empty)
        return self._state.first

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
        return self._state.html(type(self).__name__)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._state.query.operation}, cursor {self.cursor!r}>"


class AsyncList(Generic[T]):
    """A list that is fetched while it is iterated.

    Iterating anew begins anew. Awaiting it fetches the first page, for data, has_more and object.
    """

    def __init__(self, query: ListQuery[T], io: AsyncIO) -> None:
        self._state = ListState(query)
        self._io = io

    def __aiter__(self) -> AsyncIterator[T]:
        return _AsyncItems(self._state, self._pages())

    def pages(self) -> AsyncIterator[Page[T]]:
        """Iterate over the pages, as they come from the server.

        Example:
            >>> async for page in client.fine_tuning.jobs.checkpoints.list(job.id, page_size=5).pages():
            ...     print(len(page))
            5
            5
            2
        """
        return _AsyncPages(self._state, self._pages())

    def _pages(self) -> AsyncIterator[Page[T]]:
        plan = self._state.begin()
        if self._state.query.range.prefetch:
            from portkey_ft._sansio.prefetch import PrefetchingStream  # noqa: PLC0415 - background tasks, for those who ask for it

            return PrefetchingStream(plan, self._io)
        return AsyncStream(plan, self._io)

    @property
    def cursor(self) -> str | None:
        """Where to go on: pass it as after= to get what follows the last item that was handed out.

        It stays where it was with a provider that honours no cursor.
        """
        return self._state.cursor

    async def to_list(self) -> list[T]:
        """Fetch everything.

        Example:
            >>> len(await client.fine_tuning.jobs.checkpoints.list(job.id).to_list())
            12
        """
        return [item async for item in self]

    async def first(self) -> T | None:
        """Fetch the first item, or None if there is none.

        Example:
            >>> (await client.fine_tuning.jobs.list().first()).id
            'ftjob-1'
        """
        async for item in self:
            return item
        return None

    def __await__(self) -> Generator[Any, Any, AsyncList[T]]:
        return self._load_first_page().__await__()

    async def _load_first_page(self) -> AsyncList[T]:
        if self._state.first is None:
            empty: Page[T] = Page((), has_more=False)
            self._state.first = await anext(AsyncStream(self._state.begin(), self._io), empty)
        return self

    def _first_page(self) -> Page[T]:
        if self._state.first is None:
            message = "the first page is not there yet."
            raise ConfigurationError(message, hint="await the list first, or iterate with async for.")
        return self._state.first

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
        return self._state.html(type(self).__name__)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._state.query.operation}, cursor {self.cursor!r}>"


class _AsyncPages(Generic[T]):
    """Hands out pages and keeps the cursor."""

    def __init__(self, state: ListState[T], pages: AsyncIterator[Page[T]]) -> None:
        self._state = state
        self._source = pages

    def __aiter__(self) -> AsyncIterator[Page[T]]:
        return self

    async def __anext__(self) -> Page[T]:
        page = await anext(self._source)
        self._state.page_done(page)
        return page


class _AsyncItems(Generic[T]):
    """Hands out items and keeps the cursor."""

    def __init__(self, state: ListState[T], pages: AsyncIterator[Page[T]]) -> None:
        self._state = state
        self._source = pages
        self._items: Iterator[T] = iter(())

    def __aiter__(self) -> AsyncIterator[T]:
        return self

    async def __anext__(self) -> T:
        for item in self._items:
            return item
        self._items = self._state.items(await anext(self._source))
        return await anext(self)
