"""Decodes the bytes of a line to a JSON value, or explains why they cannot be decoded."""

from __future__ import annotations

import re
from json import JSONDecodeError, JSONDecoder
from typing import TYPE_CHECKING, Final, NoReturn

from portkey_ft.datasets._values import error, kind_of, shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from portkey_ft.datasets._values import Finding, JsonValue

BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
WHITE_SPACE: Final = " \t\r\n"

# A string is matched first, so that the words are found outside of strings only.
_STRING_OR_WORD: Final = re.compile(r'"(?:[^"\\]|\\.)*"|(-?Infinity|NaN)')
_FOREIGN: Final = (
    (b"\xff\xfe", "It is UTF-16: save the file as UTF-8."),
    (b"\xfe\xff", "It is UTF-16: save the file as UTF-8."),
    (b"\x1f\x8b", "It is compressed with gzip: unpack the file."),
    (b"PK\x03\x04", "It is a ZIP archive or an Office document: export the data as JSON Lines."),
    (b"PAR1", "It is a Parquet file: export the data as JSON Lines."),
)


class _NotANumberError(ValueError):
    """NaN or Infinity was found, which Python's decoder accepts and JSON does not have."""


def example_decoder() -> Callable[[str], tuple[JsonValue, int]]:
    """Return a function that reads the JSON value at the start of a text.

    Returns:
        A function that gives the value and where it ends. It skips the checks around the C scanner that cost
        ``json.loads`` a third of its time on lines of about one kilobyte.
    """
    return JSONDecoder(parse_constant=_refuse_constant).raw_decode


def decoding_finding(line: bytes, reason: Exception, *, cut_off: bool) -> Finding:
    """Explain why a line could not be read.

    Args:
        line: The line.
        reason: What the decoder raised.
        cut_off: Whether it is the last line and has no line end, so that the file may be cut off within it.
    """
    match reason:
        case UnicodeDecodeError():
            hints = (hint for start, hint in _FOREIGN if line.startswith(start))
            hint = next(hints, "Save the file as UTF-8.")
            return error("", "not-utf-8", f"Byte {reason.start + 1} of the line is not UTF-8. {hint}")
        case RecursionError():
            return error("", "too-deep", "The JSON is nested too deeply to be an example. Make it flatter.")
        case _NotANumberError():
            return _constant_finding(line.decode())
        case JSONDecodeError():
            return _syntax_finding(line.decode(), reason, cut_off=cut_off)
        case _:
            return error("", "not-json", "A number in the line has too many digits. Write it shorter, or as a string.")


def trailing_finding(line: bytes, end: int) -> Finding:
    """Return the finding for a line with text after its JSON value.

    Args:
        line: The line.
        end: Where the value ends, counted in characters from the first that is not white space.
    """
    text = line.decode()
    column = _indent(text) + end
    rest = text[column:]
    column += _indent(rest)
    return error(
        "",
        "not-json",
        f"The line goes on after its JSON at column {column + 1}: '{shown(text[column:].rstrip())}'. "
        "Put each example on a line of its own, with nothing between them.",
    )


def not_an_object_finding(value: JsonValue) -> Finding:
    """Return the finding for a line that is JSON, but not an example."""
    hint = " If the file is one JSON array, write each element on a line of its own." if isinstance(value, list) else ""
    return error("", "not-an-object", f"An example is a JSON object; this is {kind_of(value)}.{hint}")


def _refuse_constant(name: str) -> NoReturn:
    raise _NotANumberError(name)


def _constant_finding(text: str) -> Finding:
    """Return the finding for the NaN or Infinity in a line."""
    found = next((match for match in _STRING_OR_WORD.finditer(text) if match[1]), None)
    place = f" at column {found.start() + 1}" if found else ""
    return error("", "not-a-number", f"JSON has no NaN and no Infinity{place}. Write null or a number.")


def _syntax_finding(text: str, reason: JSONDecodeError, *, cut_off: bool) -> Finding:
    """Explain where a line stops being JSON."""
    if cut_off:
        return error("", "cut-off", "The file ends within this line, which is not whole JSON. Write the file anew.")
    column = _indent(text) + reason.pos
    hint = (
        "An example has to be on one line: write the JSON without line breaks."
        if text.strip(WHITE_SPACE) in {"{", "[", "}", "]", "},"}
        else "Write each example with json.dumps, one a line."
    )
    near = shown(text[column : column + 20].rstrip())
    where = f"column {column + 1}, near '{near}'" if near else f"column {column + 1}, the end of the line"
    return error("", "not-json", f"Not JSON: {reason.msg} at {where}. {hint}")


def _indent(text: str) -> int:
    """Count the white space at the start."""
    return len(text) - len(text.lstrip(WHITE_SPACE))
