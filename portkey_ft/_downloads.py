"""The content of a file on its way: synchronous and asynchronous classes, which files.py hands out."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from typing import Self

from portkey_ft._http.content_type import text_encoding
from portkey_ft._http.decoding import AsyncDecodedChunks, decode_chunks
from portkey_ft._http.downloads import LineSplitter, Unwrapper, atomic_write
from portkey_ft._http.messages import Response
from portkey_ft._plans.downloads import AsyncResumingBody, ResumingBody


class Download:
    """The content of a file, still on the wire.

    It can be read once, by one of its methods, each of which ends by giving the connection back. If the connection
    breaks, the rest is requested, as often as max_retries allows. Leaving it unread keeps the connection;
    close it, or use it in a with block.
    """

    def __init__(self, response: Response, body: ResumingBody) -> None:
        self.headers = response.headers
        self._body = body
        self._encoding = text_encoding(self.headers.get("content-type", ""))

    def iter_bytes(self) -> Iterator[bytes]:
        """Iterate over the content in chunks of bytes, as they come.

        Example:
            >>> download = client.files.content(file.id)
            >>> sum(len(chunk) for chunk in download.iter_bytes()) == file.bytes
            True
        """
        return decode_chunks(self._body, Unwrapper(self.headers.get("content-type", "")))

    def iter_lines(self) -> Iterator[str]:
        """Iterate over the content in lines of text, without their ends.

        Example:
            >>> rows = [json.loads(line) for line in client.files.content(file.id).iter_lines()]
            >>> rows[0]["messages"][0]["role"]
            'user'
        """
        return decode_chunks(self.iter_bytes(), LineSplitter(self._encoding))

    def read(self) -> bytes:
        """Read the whole content into memory.

        Example:
            >>> content = client.files.content(file.id).read()
            >>> len(content) == file.bytes
            True
        """
        return b"".join(self.iter_bytes())

    def text(self) -> str:
        """Read the whole content into memory as text, in the response's charset or else in UTF-8.

        Example:
            >>> len(client.files.content(file.id).text().splitlines())
            10
        """
        return self.read().decode(self._encoding, "replace")

    def write_to(self, path: str | os.PathLike[str]) -> int:
        """Write the content to a file, which appears once it is complete, and not at all if it never is.

        Args:
            path: The file; one that is there is replaced.

        Returns:
            How many bytes were written.

        Example:
            >>> client.files.content(file.id).write_to("copy.jsonl") == file.bytes
            True
        """
        size = 0
        try:
            with atomic_write(path) as file:
                for chunk in self.iter_bytes():
                    size += file.write(chunk)
        finally:
            self.close()
        return size

    def close(self) -> None:
        """Give the connection back, read to the end or not.

        Example:
            >>> download = client.files.content(file.id)
            >>> download.headers["content-type"]
            'application/octet-stream'
            >>> download.close()
        """
        self._body.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


class AsyncDownload:
    """The content of a file, still on the wire.

    It can be read once, by one of its methods, each of which ends by giving the connection back. If the connection
    breaks, the rest is requested, as often as max_retries allows. Leaving it unread keeps the connection;
    close it, or use it in an async with block.
    """

    def __init__(self, response: Response, body: AsyncResumingBody) -> None:
        self.headers = response.headers
        self._body = body
        self._encoding = text_encoding(self.headers.get("content-type", ""))

    def iter_bytes(self) -> AsyncIterator[bytes]:
        """Iterate over the content in chunks of bytes, as they come.

        Example:
            >>> download = await client.files.content(file.id)
            >>> sum([len(chunk) async for chunk in download.iter_bytes()]) == file.bytes
            True
        """
        return AsyncDecodedChunks(self._body, Unwrapper(self.headers.get("content-type", "")))

    def iter_lines(self) -> AsyncIterator[str]:
        """Iterate over the content in lines of text, without their ends.

        Example:
            >>> download = await client.files.content(file.id)
            >>> rows = [json.loads(line) async for line in download.iter_lines()]
            >>> rows[0]["messages"][0]["role"]
            'user'
        """
        return AsyncDecodedChunks(self.iter_bytes(), LineSplitter(self._encoding))

    async def read(self) -> bytes:
        """Read the whole content into memory.

        Example:
            >>> download = await client.files.content(file.id)
            >>> len(await download.read()) == file.bytes
            True
        """
        return b"".join([chunk async for chunk in self.iter_bytes()])

    async def text(self) -> str:
        """Read the whole content into memory as text, in the response's charset or else in UTF-8.

        Example:
            >>> download = await client.files.content(file.id)
            >>> len((await download.text()).splitlines())
            10
        """
        return (await self.read()).decode(self._encoding, "replace")

    async def write_to(self, path: str | os.PathLike[str]) -> int:
        """Write the content to a file, which appears once it is complete, and not at all if it never is.

        Args:
            path: The file; one that is there is replaced.

        Returns:
            How many bytes were written.

        Example:
            >>> download = await client.files.content(file.id)
            >>> await download.write_to("copy.jsonl") == file.bytes
            True
        """
        size = 0
        try:
            with atomic_write(path) as file:
                async for chunk in self.iter_bytes():
                    size += file.write(chunk)
        finally:
            await self.close()
        return size

    async def close(self) -> None:
        """Give the connection back, read to the end or not.

        Example:
            >>> download = await client.files.content(file.id)
            >>> download.headers["content-type"]
            'application/octet-stream'
            >>> await download.close()
        """
        await self._body.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.close()
