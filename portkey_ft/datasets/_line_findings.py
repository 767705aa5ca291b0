"""Findings about a line or its form, whatever the content of the example."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from portkey_ft.datasets._values import error, shown, warning

if TYPE_CHECKING:
    from portkey_ft.datasets._values import DatasetFormat, Finding, JsonObject

BLANK_LINE: Final = warning("", "blank-line", "The line is blank. Remove it.")
MARK_AT_START: Final = warning(
    "", "byte-order-mark", "The file starts with a byte order mark, which strict readers refuse. Save it without."
)
NO_FINAL_LINE_END: Final = warning(
    "", "no-final-line-end", "The last line has no line end: was the file cut off? If not, add one."
)


def too_long(longest: int) -> Finding:
    return error(
        "",
        "line-too-long",
        f"The line is longer than {longest:,} bytes and was not read. Shorten it, or raise max_line_bytes. "
        "Images are better given by their web address.",
    )


def duplicate(first: int) -> Finding:
    return warning("", "duplicate-line", f"The line is the same as line {first}. Remove it if that is not meant.")


def lone_surrogate(char: str) -> Finding:
    escape = f"\\u{ord(char):04x}"
    return error("", "lone-surrogate", f"The text holds {escape}, half of a character. Write the whole character.")


def unknown_format(example: JsonObject) -> Finding:
    keys = ", ".join(f"'{shown(key)}'" for key in list(example)[:5]) or "none"
    return error(
        "",
        "unknown-format",
        f"The keys ({keys}) fit no known form. Use messages; prompt and completion; "
        "input, preferred_output and non_preferred_output; messages and fields for a grader; or contents.",
    )


def other_format(kind: DatasetFormat, expected: DatasetFormat) -> Finding:
    return error("", "other-format", f"The line has the form {kind}, the file {expected}. Keep to one form in a file.")
