"""The values of the checker: JSON, a finding in an example, and text that is safe to show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from attrs import frozen

from portkey_ft._text import escape_unprintable

if TYPE_CHECKING:
    from collections.abc import Iterator

JsonValue: TypeAlias = "dict[str, JsonValue] | list[JsonValue] | str | int | float | bool | None"
"""The content of one line of a training file."""

JsonObject: TypeAlias = dict[str, JsonValue]

Severity: TypeAlias = Literal["error", "warning"]
"""``error``: a provider would refuse or skip it. ``warning``: it may be accepted, but is probably not meant."""

DatasetFormat: TypeAlias = Literal["chat", "completion", "preference", "reinforcement", "contents"]
"""The forms of an example.

``chat`` has ``messages``; ``completion`` has ``prompt`` and ``completion``; ``preference`` (DPO) has ``input``,
``preferred_output`` and ``non_preferred_output``; ``reinforcement`` has ``messages`` that end with the user's, and
fields for a grader; ``contents`` is Vertex's form, ``contents`` with ``systemInstruction``.
"""

SHOWN_LENGTH: Final = 60

_KINDS: Final[dict[type, str]] = {
    type(None): "null",
    bool: "a boolean",
    int: "a number",
    float: "a number",
    str: "a string",
    list: "an array",
    dict: "an object",
}


@frozen
class Finding:
    """One problem in one example, before the number of its line is known.

    Attributes:
        pointer: Where in the example (RFC 6901); empty for the example as a whole.
        code: The stable name of the rule.
        severity: Whether a provider would refuse it.
        message: What is wrong and what to do, free of control characters.
    """

    pointer: str
    code: str
    severity: Severity
    message: str


def error(pointer: str, code: str, message: str) -> Finding:
    """Return an error: a provider would refuse the example."""
    return Finding(pointer, code, "error", message)


def warning(pointer: str, code: str, message: str) -> Finding:
    """Return a warning: a provider may accept the example."""
    return Finding(pointer, code, "warning", message)


def shown(text: str, length: int = SHOWN_LENGTH) -> str:
    """Return text from a file, escaped and shortened for a terminal.

    Args:
        text: Anything, control characters and unpaired surrogates included.
        length: The number of characters of the text to keep.

    Returns:
        The text with all that is not printable escaped, and cut with an ellipsis.
    """
    safe = escape_unprintable(text[:length])
    return safe if len(text) <= length else f"{safe}..."


def kind_of(value: JsonValue) -> str:
    """Name the JSON type of a value, with its article, for a message."""
    return "an empty string" if value == "" else _KINDS[type(value)]


def wrong_type(pointer: str, wanted: str, value: JsonValue) -> Finding:
    """Return the finding for a value of the wrong type."""
    return error(pointer, "wrong-type", f"This must be {wanted}, and is {kind_of(value)}.")


def missing_or_wrong(holder: JsonObject, key: str, wanted: str, place: str = "") -> Finding:
    """Return the finding for a key that is missing or whose value has the wrong type."""
    if key in holder:
        return wrong_type(f"{place}/{key}", wanted, holder[key])
    return error(f"{place}/{key}", "missing-key", f"The key {key} is missing. Add {wanted}.")


def unknown_keys(holder: JsonObject, place: str, known: frozenset[str]) -> Iterator[Finding]:
    """Report the keys that no provider reads."""
    for key in holder:
        if key not in known:
            yield warning(
                place, "unknown-key", f"The key '{shown(key)}' is not known, and may be refused. Remove or correct it."
            )
