"""An answer that was packed for the way (RFC 9110, 8.4), unpacked piece by piece.

The HTTP library unpacks each chunk whole, and a few kilobytes can unpack to gigabytes: here no piece is larger than
:data:`PIECE`, so that whoever counts can stop in time. Only what was asked for is unpacked.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

__all__ = ["ACCEPTED", "PackingError", "Unpacker"]

#: The one packing that is asked for.
ACCEPTED = "gzip"

#: The most bytes that are unpacked at a time.
PIECE = 64 * 1024


class PackingError(ValueError):
    """An answer is packed in a way that was not asked for, or cannot be unpacked."""


class Unpacker:
    """Takes the chunks of an answer and gives what they stand for.

    Args:
        packing: The answer's Content-Encoding; empty if it has none.

    Raises:
        PackingError: That packing was not asked for.
    """

    def __init__(self, packing: str) -> None:
        packing = packing.strip().lower()
        if packing not in {"", "identity", ACCEPTED}:
            message = "it is packed in a way that was not asked for"
            raise PackingError(message)
        self._inflater = zlib.decompressobj(zlib.MAX_WBITS | 16) if packing == ACCEPTED else None
        self._begun = False

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Take a chunk and give what can be passed on, piece by piece."""
        if self._inflater is None:
            yield chunk
            return
        self._begun = True
        piece = b""
        # A full piece may have left something behind, also where all of the chunk is taken.
        while chunk or len(piece) == PIECE:
            try:
                piece = self._inflater.decompress(chunk, PIECE)
            except zlib.error:
                message = "it cannot be unpacked"
                raise PackingError(message) from None
            chunk = self._inflater.unconsumed_tail
            yield piece

    def finish(self) -> Iterator[bytes]:
        """Make sure that nothing is missing.

        Raises:
            PackingError: It ended in the middle.
        """
        if self._inflater is not None and self._begun and not self._inflater.eof:
            message = "it ended before all of it was unpacked"
            raise PackingError(message)
        return iter(())
