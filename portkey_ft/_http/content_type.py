"""The Content-Type of a response (RFC 9110, 8.3): its media type, and its text decoded by its charset."""

from __future__ import annotations

import codecs
import re
from typing import Final

__all__ = ["charset", "decode_text", "media_type", "text_encoding"]

_CHARSET: Final = re.compile(r""";\s*charset\s*=\s*["']?([\w.:+-]+)""", re.IGNORECASE)

# Encodings of Python's that no server means: they are escapes or host names, and slow on purpose-made input.
_NO_CHARSETS: Final = frozenset({"idna", "punycode", "raw_unicode_escape", "undefined", "unicode_escape"})


def media_type(content_type: str) -> str:
    """Give the media type in lower case, without parameters; empty if there is none."""
    return content_type.partition(";")[0].strip().lower()


def charset(content_type: str) -> str:
    """Give the charset, as Python names it; UTF-8 where none is named, or one that is not known."""
    if ";" not in content_type:
        return "utf-8"
    named = _CHARSET.search(content_type)
    try:
        name = codecs.lookup(named[1]).name if named else "utf-8"
        # Some encodings are not of text, which shows only when they are used; this is text in all that are.
        bytes(8).decode(name)
    except (LookupError, ValueError):
        return "utf-8"
    return "utf-8" if name.replace("-", "_") in _NO_CHARSETS else name


def decode_text(content: bytes, content_type: str) -> str:
    """Decode text for somebody to read: what cannot be decoded is replaced."""
    return content.decode(charset(content_type), "replace")


def text_encoding(content_type: str) -> str:
    """Give the encoding of a downloaded text. JSON is in UTF-8, and so is a file that the gateway put into it."""
    return "utf-8" if media_type(content_type) == "application/json" else charset(content_type)
