"""Response bodies that are left on the wire, and read chunk by chunk by the caller."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from typing import Any

from portkey_ft._http.decoding import AsyncDecodedChunks, ContentDecoder, DecodingError, decode_chunks
from portkey_ft._http.exchange import Exchange, Head

__all__ = ["AsyncStreamedBody", "StreamedBody"]


class StreamedBody:
    """A body still on the wire. It can be iterated once, which closes it.

    Args:
        chunks: The chunks, as the HTTP library gives them.
        response: The library's response, to be closed.
        head: The first part of the response.
        exchange: What errors are made from.
    """

    def __init__(self, chunks: Iterator[bytes], response: Any, head: Head, exchange: Exchange) -> None:  # noqa: ANN401 - the library's
        self._chunks = chunks
        self._response = response
        self._head = head
        self._exchange = exchange
        self._errors: tuple[type[Exception], ...] = (*exchange.errors.all, DecodingError)
        self._spent = False

    def __iter__(self) -> Iterator[bytes]:
        if self._spent:
            raise self._exchange.already_read()
        self._spent = True
        encoding = self._head.content_encoding
        try:
            yield from decode_chunks(self._chunks, ContentDecoder(encoding)) if encoding else self._chunks
        except self._errors as error:
            failure = self._exchange.to_error(error, self._head)
        else:
            return
        finally:
            self._response.close()
        # Raised here and not above: the context of an exception would keep the frames whose locals hold the headers.
        raise failure

    def close(self) -> None:
        """Give the connection back, read to the end or not."""
        self._spent = True
        self._response.close()


class AsyncStreamedBody:
    """A body still on the wire. It can be iterated once, which closes it.

    Args:
        chunks: The chunks, as the HTTP library gives them.
        response: The library's response, to be closed.
        head: The first part of the response.
        exchange: What errors are made from.
    """

    def __init__(self, chunks: AsyncGenerator[bytes], response: Any, head: Head, exchange: Exchange) -> None:  # noqa: ANN401 - the library's
        self._chunks = chunks
        self._response = response
        self._head = head
        self._exchange = exchange
        self._errors: tuple[type[Exception], ...] = (*exchange.errors.all, DecodingError)
        self._decoded: AsyncIterator[bytes] | None = None
        self._spent = False

    def __aiter__(self) -> AsyncIterator[bytes]:
        # An iterator that has ended would pass for an empty file.
        if self._spent:
            raise self._exchange.already_read()
        self._spent = True
        return self

    async def __anext__(self) -> bytes:
        try:
            if self._decoded is None:
                encoding = self._head.content_encoding
                self._decoded = AsyncDecodedChunks(self._chunks, ContentDecoder(encoding)) if encoding else self._chunks
            return await anext(self._decoded)
        except StopAsyncIteration:
            await self._response.aclose()
            raise
        except self._errors as error:
            failure = self._exchange.to_error(error, self._head)
        await self.close()
        raise failure

    async def close(self) -> None:
        """Give the connection back, read to the end or not."""
        self._spent = True
        await self._chunks.aclose()
        await self._response.aclose()
