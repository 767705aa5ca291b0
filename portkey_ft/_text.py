"""Text of somebody else, made safe to show.

What a server or a file says may hold what a terminal obeys (escape sequences, a carriage return) or what turns the
order of the letters round. It is shown as its escape, so that nobody is told something else than what is there.
"""

from __future__ import annotations

__all__ = ["escape_unprintable"]


def escape_unprintable(text: str) -> str:
    """Escape all that is not printable: controls, line breaks, bidirectional overrides, unpaired surrogates."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)
