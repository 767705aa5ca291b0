"""Rewrites and checks rows during an upload, so that a gateway that parses each row keeps all of them."""

from __future__ import annotations

import re
from json.encoder import encode_basestring_ascii
from typing import TYPE_CHECKING, Final

from portkey_ft.datasets._decoding import BYTE_ORDER_MARK
from portkey_ft.datasets._lines import StreamLines
from portkey_ft.datasets._report import DatasetError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from portkey_ft.datasets._report import DatasetReport
    from portkey_ft.datasets._run import Pass

_WHITE_SPACE: Final = b" \t\r"
_BEYOND_ASCII: Final = re.compile(r"[^\x00-\x7f]+")


class RowFilter:
    """Checks the rows of an upload and writes each on a line of its own.

    It leaves out only what has no meaning: a byte order mark, blank lines, and white space around a row. Characters
    beyond ASCII become the escapes of JSON, in which a row means the same.

    Args:
        run: Looks at each line; None if all were looked at before. What it finds ends the upload at the first error.
        rewrites: Whether the lines are written anew, and not only looked at.
        ascii_only: Whether characters beyond ASCII are escaped.
        longest: The longest line that is held.
    """

    def __init__(self, run: Pass | None, *, rewrites: bool, ascii_only: bool, longest: int) -> None:
        self._run = run
        self._rewrites = rewrites
        self._ascii_only = ascii_only
        self._lines = StreamLines(longest)
        self._first = True

    def feed(self, chunk: bytes) -> bytes:
        """Return the rows that a chunk completes.

        Raises:
            DatasetError: One of them should not be uploaded.
        """
        rows = self._take(self._lines.feed(chunk))
        return rows if self._rewrites else chunk

    def finish(self) -> bytes:
        """Return the last row.

        Raises:
            DatasetError: It, or the file as a whole, should not be uploaded.
        """
        rows = self._take(self._lines.finish())
        if self._run is not None:
            raise_for_loss(self._run.report(), survival_only=self._run.survival_only)
        return rows if self._rewrites else b""

    def _take(self, lines: Iterable[tuple[bytes, int]]) -> bytes:
        written: list[bytes] = []
        for line, size in lines:
            if self._run is not None:
                self._run.feed(line, size)
            if self._rewrites:
                written.append(self._written(line))
            self._first = False
        if self._run is not None and self._run.failed:
            raise_for_loss(self._run.report(whole=False), survival_only=self._run.survival_only)
        return b"".join(written)

    def _written(self, line: bytes) -> bytes:
        if self._first:
            line = line.removeprefix(BYTE_ORDER_MARK)
        row = line.strip(_WHITE_SPACE + b"\n")
        if self._ascii_only and not row.isascii():
            row = _BEYOND_ASCII.sub(_escaped, row.decode("utf-8", "surrogateescape")).encode("ascii")
        return row + b"\n" if row else b""


def raise_for_loss(report: DatasetReport, *, survival_only: bool) -> None:
    """Raise if a file must not be uploaded.

    Args:
        report: What was found in it.
        survival_only: Whether nothing was looked for but what would be lost.

    Raises:
        DatasetError: An error was found.
    """
    if not report.can_upload:
        hint = "check=False sends it all the same." if survival_only else None
        raise DatasetError(report, hint=hint, operation="files.create")


def _escaped(found: re.Match[str]) -> str:
    return encode_basestring_ascii(found[0])[1:-1]
