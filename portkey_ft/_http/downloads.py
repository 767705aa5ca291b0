"""Downloads: taken out of the gateway's JSON, split into lines, and written to disk whole or not at all."""

from __future__ import annotations

import json
import os
import re
import secrets
from codecs import IncrementalDecoder, getincrementaldecoder
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from portkey_ft._http.content_type import media_type
from portkey_ft.errors import ResponseError

__all__ = ["LineSplitter", "Unwrapper", "atomic_write"]

# The gateway passes a file that its provider calls text as JSON of this one field.
WRAPPED = b'{"html-message":'
# How a page begins, after blanks; no file of examples or results does.
PAGES = ("<!doctype html", "<html")
HTML = frozenset({"application/xhtml+xml", "text/html"})
LONGEST_LEAD = 100
_BLANK = " \t\r\n"
# Blanks, and a byte order mark as text or as bytes.
_BEFORE_PAGES = f"{_BLANK}\f\v\ufeff\xef\xbb\xbf"
# As much of a JSON text as is there whole: the quote that ends it and an escape that is cut off are not.
_WHOLE_CHARACTERS = re.compile(r'(?:[^"\\]++|\\u[0-9A-Fa-f]{4}|\\[^u])*+', re.DOTALL)
_ESCAPE = len(r"\u0000")
# A partial file's name begins with the target's, cut so that the whole of it stays within what file systems take.
LONGEST_NAME = 48


class Unwrapper:
    """Takes a file out of the JSON that the gateway may have put around it, and refuses a page of HTML.

    Fed with chunks; anything else passes through as it is.
    """

    def __init__(self, content_type: str) -> None:
        kind = media_type(content_type)
        self._held: bytearray | None = bytearray() if kind == "application/json" else None
        # A page that comes bare is from somebody between here and the gateway.
        self._page_check = _PageCheck() if kind in HTML else None
        self._inner: _Text | None = None

    def feed(self, chunk: bytes) -> list[bytes]:
        """Take a chunk and give what can be passed on."""
        if self._inner is not None:
            return self._inner.feed(chunk)
        if self._page_check is not None:
            return [self._page_check.feed(chunk.decode("latin-1"), ended=False).encode("latin-1")]
        if self._held is None:
            return [chunk]
        self._held += chunk
        if len(self._held) < len(WRAPPED) and WRAPPED.startswith(self._held):
            return []
        content, self._held = bytes(self._held), None
        if not content.startswith(WRAPPED):
            return [content]
        self._inner = _Text()
        return self._inner.feed(content.removeprefix(WRAPPED))

    def finish(self) -> list[bytes]:
        """Give the rest once there are no more chunks.

        Raises:
            ResponseError: It began as wrapped and cannot be unwrapped, or is a page and no file.
        """
        if self._inner is not None:
            self._inner.finish()
        if self._page_check is not None:
            rest = self._page_check.feed("", ended=True)
            self._page_check.finish()
            return [rest.encode("latin-1")]
        return [bytes(self._held)] if self._held else []


class _PageCheck:
    """Passes on text that is no page of HTML, and holds back its beginning until that is known."""

    def __init__(self) -> None:
        self._head: str | None = ""
        self.found = False

    def feed(self, text: str, *, ended: bool) -> str:
        """Take text and give what can be passed on; of a page, nothing."""
        if self.found:
            return ""
        if self._head is None:
            return text
        self._head += text
        beginning = self._head[:LONGEST_LEAD].lstrip(_BEFORE_PAGES).lower()
        self.found = beginning.startswith(PAGES)
        if self.found:
            return ""
        if not ended and len(self._head) < LONGEST_LEAD and any(page.startswith(beginning) for page in PAGES):
            return ""
        text, self._head = self._head, None
        return text

    def finish(self) -> None:
        """Make sure that it was no page.

        Raises:
            ResponseError: It was one.
        """
        if self.found:
            message = "the provider, or a proxy before it, sent an HTML page in place of the file."
            raise ResponseError(message, operation="files.content")


class _Text:
    """The text in that JSON, unescaped as it comes: the whole of it may not fit into the memory."""

    def __init__(self) -> None:
        self._decoder = getincrementaldecoder("utf-8")()
        self._rest = ""
        self._page_check = _PageCheck()
        self._inside = self._ended = self._broken = False

    def feed(self, chunk: bytes) -> list[bytes]:
        """Take a chunk and give the text that it completes; of what is no file, nothing."""
        if self._broken or self._page_check.found:
            return []
        try:
            self._rest += self._decoder.decode(chunk)
            text = self._text()
        except ValueError:
            self._broken = True
            return []
        if not self._inside:
            self._rest = self._rest.strip(_BLANK)
        # What is left is an escape that was cut off, or the end; more would be piled up without an end.
        self._broken = len(self._rest) > 2 * _ESCAPE
        # A page comes wrapped like a file, whatever its status was.
        return [self._page_check.feed(text, ended=self._ended).encode("utf-8", "replace")]

    def _text(self) -> str:
        if not self._inside and not self._ended:
            self._rest = self._rest.lstrip(_BLANK)
            self._inside = self._rest.startswith('"')
            if self._rest and not self._inside:
                message = "no text"
                raise ValueError(message)
            self._rest = self._rest[1:]
        if not self._inside:
            return ""
        found = _WHOLE_CHARACTERS.match(self._rest)
        written = found[0] if found else ""
        self._rest = self._rest[len(written) :]
        text: str = json.loads(f'"{written}"')
        if "\ud800" <= text[-1:] <= "\udbff" and not self._rest.startswith('"'):
            # Half of a character, whose other half is still to come.
            self._rest = written[-_ESCAPE:] + self._rest
            text = text[:-1]
        if self._rest.startswith('"'):
            self._inside, self._ended, self._rest = False, True, self._rest[1:]
        return text

    def finish(self) -> None:
        """Make sure that all of it came, and nothing else.

        Raises:
            ResponseError: It cannot be read as JSON of this one field, or is a page and no file.
        """
        self._page_check.finish()
        if self._broken or not self._ended or self._rest != "}":
            message = "the file came wrapped in JSON that cannot be read."
            raise ResponseError(message, operation="files.content")


class LineSplitter:
    """Puts chunks together to lines, without their ends.

    Args:
        encoding: How the text is encoded.
    """

    def __init__(self, encoding: str = "utf-8") -> None:
        self._rest = bytearray()
        self._encoding = encoding
        self._decoder = None if encoding == "utf-8" else getincrementaldecoder(encoding)("replace")

    def feed(self, chunk: bytes) -> list[str]:
        """Take a chunk and give the lines that it completes."""
        if self._decoder is not None:
            chunk = self._decoded(self._decoder, chunk)
        end, *lines = chunk.split(b"\n")
        # Grown in place: a line may come in thousands of chunks.
        self._rest += end
        if not lines:
            return []
        *whole, rest = bytes(self._rest), *lines
        self._rest = bytearray(rest)
        return [_line(line) for line in whole]

    def _decoded(self, decoder: IncrementalDecoder, chunk: bytes, *, final: bool = False) -> bytes:
        try:
            text = decoder.decode(chunk, final)
        except UnicodeError:
            # UTF-16 or UTF-32 without a byte order mark: read as bytes.decode does.
            held = decoder.getstate()[0]
            self._decoder = decoder = getincrementaldecoder(f"{self._encoding}-le")("replace")
            text = decoder.decode(held + chunk, final)
        return text.encode("utf-8", "replace")

    def finish(self) -> list[str]:
        """Give the last line, if it had no end."""
        if self._decoder is not None:
            self._rest += self._decoded(self._decoder, b"", final=True)
        rest, self._rest = bytes(self._rest), bytearray()
        return [_line(rest)] if rest else []


def _line(line: bytes) -> str:
    return line.removesuffix(b"\r").decode("utf-8", "replace")


@contextmanager
def atomic_write(path: str | os.PathLike[str]) -> Generator[IO[bytes]]:
    """Write a file that appears at its path once it is complete, and not at all if it never is."""
    target = Path(path)
    if target.is_dir():
        message = f"{target} is a directory; name the file to write."
        raise IsADirectoryError(message)
    # A name that nobody can guess, and nothing may stand there: not even a link that leads elsewhere. Opened as any new
    # file is, it gets the rights of one; the umask could only be asked for by changing it for all threads.
    partial = target.parent / f".{target.name[:LONGEST_NAME]}.{secrets.token_hex(8)}"
    with _named_after(target, partial):
        opened = partial.open("xb")
    try:
        with opened as file:
            yield file
        # Takes the place of a link, and leaves alone what the link leads to.
        with _named_after(target, partial):
            partial.replace(target)
    except BaseException:
        with suppress(FileNotFoundError):
            partial.unlink()
        raise


@contextmanager
def _named_after(target: Path, partial: Path) -> Generator[None]:
    """Let an error of the file system name the path that the caller knows."""
    try:
        yield
    except OSError as error:
        if error.filename != str(partial):
            raise
        raise OSError(error.errno, error.strerror, str(target)) from None
