"""JSON from a server: read strictly, and distinguished in a way that type checkers follow.

``isinstance(value, dict)`` leaves a checker with a dict of unknowns; data out of :mod:`json` has keys that are text.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from itertools import accumulate
from typing import Any, Final, TypeAlias, TypeGuard

from attrs import frozen

__all__ = ["CompiledDecoder", "compiled_decoder", "is_array", "is_object", "read_json", "redacted_json"]

# Deeper than any response, and far from where Python's own functions for copying and showing give up.
DEEPEST: Final = 100
_TOO_DEEP: Final = f"it is nested more than {DEEPEST} levels deep"

# What responses reach: a page of jobs with the tags of an integration has seven levels.
_USUAL_DEPTH: Final = 8
_Scalar: TypeAlias = str | int | float | bool | None

_NO_STRUCTURE: Final = bytes(set(range(256)) - set(b'"[]{}'))
_UP, _DOWN = b"\x01", b"\xff"
_STEPS: Final = bytes.maketrans(b"[{]}", 2 * _UP + 2 * _DOWN)


def _not_finite(constant: str) -> None:
    """Read a number that is none."""
    del constant


_DECODER: Final = json.JSONDecoder(parse_constant=_not_finite)


def is_object(value: object) -> TypeGuard[dict[str, Any]]:
    """Tell whether a value is a JSON object."""
    return isinstance(value, dict)


def is_array(value: object) -> TypeGuard[list[Any]]:
    """Tell whether a value is a JSON array."""
    return isinstance(value, list)


def read_json(content: bytes, encoding: str = "utf-8") -> Any:  # noqa: ANN401 - any JSON
    """Read JSON. ``NaN`` and ``Infinity``, which are none, are read as None: a diverged loss is written that way.

    Of a name that comes twice the last one counts, as everywhere in Python: looking for it costs as much as reading.

    Args:
        content: The bytes.
        encoding: How they are encoded; UTF-8 (RFC 8259, 8.1), unless the server says otherwise.

    Raises:
        ValueError: It is something else, or nested too deeply to be worked with.
    """
    compiled = compiled_decoder() if encoding == "utf-8" else None
    if compiled is not None:
        try:
            return compiled.decode(content)
        except compiled.refusals:
            # What it does not take is rare. The standard library has the last word, on what it means and what is wrong.
            pass
    try:
        text = content.decode("utf-8-sig" if encoding == "utf-8" else encoding)
        data = _DECODER.decode(text)
    except RecursionError:
        raise ValueError(_TOO_DEEP) from None
    _refuse_depth(content if encoding == "utf-8" else text.encode("utf-8", "surrogatepass"))
    return data


@frozen
class CompiledDecoder:
    """A decoder in compiled code, which gives the value that the standard library gives, or refuses.

    Attributes:
        decode: Reads UTF-8.
        refusals: What it raises where it does not.
    """

    decode: Callable[[bytes], Any]
    refusals: tuple[type[Exception], ...]


@cache
def compiled_decoder() -> CompiledDecoder | None:
    """Give the decoder of the extra ``fast``; None where it is not installed. No other place knows of it."""
    try:
        import msgspec  # noqa: PLC0415 - an extra, and loaded by the first response
    except ImportError:
        return None
    # It reads a type that ends after so many levels, which spares the search for depth. A list directly within a list
    # is left to the standard library as well, or the type would double with each level.
    value: Any = _Scalar
    listed: Any = _Scalar
    for _ in range(_USUAL_DEPTH):
        value, listed = _Scalar | dict[str, value] | list[listed], _Scalar | dict[str, value]
    return CompiledDecoder(msgspec.json.Decoder(value).decode, (msgspec.MsgspecError, UnicodeDecodeError))


def _refuse_depth(content: bytes) -> None:
    """Refuse what is nested too deeply, by its brackets: to look at each value takes as long as to read it.

    Args:
        content: JSON, as is known by now, in UTF-8.
    """
    if b"\\" in content:
        # Every quotation mark that is left begins or ends a text.
        content = content.replace(rb"\\", b"").replace(rb"\"", b"")
    steps = content.translate(_STEPS, _NO_STRUCTURE).replace(b'""', b"")
    if b'"' in steps:
        # There are brackets within texts, and every second part is one of these.
        steps = b"".join(steps.split(b'"')[::2])
    # The innermost level is taken away, and again. That is the fastest, but not for what is deep and large.
    for _ in range(_USUAL_DEPTH):
        if not steps:
            return
        steps = steps.replace(_UP + _DOWN, b"")
    # Up is 1, and down is -1.
    if max(accumulate(memoryview(steps).cast("b")), default=0) > DEEPEST - _USUAL_DEPTH:
        raise ValueError(_TOO_DEEP)


def redacted_json(value: object, redact: Callable[[str], str]) -> object:
    """Mask secrets in all that JSON data say."""
    if isinstance(value, str):
        return redact(value)
    if is_object(value):
        return {redact(name): redacted_json(item, redact) for name, item in value.items()}
    if is_array(value):
        return [redacted_json(item, redact) for item in value]
    return value
