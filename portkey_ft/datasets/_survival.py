"""Finds the parts of a row that the gateway loses for providers whose rows it rewrites."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from portkey_ft.datasets._values import error, shown, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from portkey_ft._profile import RowRules
    from portkey_ft.datasets._values import DatasetFormat, Finding, JsonObject, JsonValue

# JSON numbers are doubles in the gateway.
_LARGEST_EXACT: Final = 2**53
_LEARNED_KEYS: Final = frozenset(
    {"tool_calls", "function_call", "refusal", "audio", "reasoning_content", "tools", "functions", "response_format"}
)
_SYSTEM_ROLES: Final = frozenset({"system", "developer"})
_WITH_SUFFIX: Final = re.compile(r"(data:|gs:)|.*/[^/?#]*\.\w+([?#]|$)")


def row_findings(example: JsonObject, kind: DatasetFormat | None, rows: RowRules, provider: str) -> Iterator[Finding]:
    """Find the parts of a row that would not reach the provider.

    Args:
        example: The row.
        kind: Its form; None if it has none that is known.
        rows: What reaches the provider.
        provider: The provider, for messages.
    """
    if rows.formats is not None and kind not in rows.formats:
        forms = " or ".join(sorted(rows.formats))
        yield error(
            "",
            "row-lost",
            f"On the way to {provider} the gateway keeps rows in the form {forms} alone, "
            f"and this one is {kind or 'of no known form'}: it would be lost. {_ADVICE}",
        )
        return
    if rows.keys is not None:
        yield from _key_findings(example, "", rows.keys, provider)
    if rows.schema_keys_lost:
        yield from _schema_findings(example, rows.schema_keys_lost, provider)
    if kind == "chat":
        messages = example.get("messages")
        if isinstance(messages, list) and messages:
            yield from _conversation_findings(messages, rows, provider)
        elif rows.formats is not None:
            yield error("/messages", "row-lost", f"Without messages the row would not reach {provider}. Add them.")


_ADVICE: Final = (
    "Change its form, upload the file to the provider's own storage, or pass check=False to send it all the same."
)


def _key_findings(holder: JsonObject, place: str, kept: frozenset[str], provider: str) -> Iterator[Finding]:
    """Find the keys that would be lost: an error for those that are learned from, a warning for the rest."""
    for key, value in holder.items():
        if key in kept or value is None or value == []:
            continue
        learned = key in _LEARNED_KEYS or (key == "weight" and value != 1)
        make = error if learned else warning
        hint = "Remove it, or use another provider." if learned else "Remove it, unless it may be lost."
        yield make(
            f"{place}/{key}" if key.isidentifier() else place,
            "value-lost",
            f"The gateway drops the key '{shown(key)}' on the way to {provider}. {hint}",
        )


def _conversation_findings(messages: list[JsonValue], rows: RowRules, provider: str) -> Iterator[Finding]:
    """Find what a conversation would lose, by the order of its messages and in each of them."""
    if rows.system_required and _role(messages[0]) != "system":
        yield error(
            "/messages/0",
            "system-required",
            f"On the way to {provider} the gateway drops a row that does not start with a system message. Add one.",
        )
    elif rows.alternating_start and (len(messages) == 1 or _role(messages[1]) != "user"):
        yield error(
            "/messages/1",
            "row-lost",
            f"On the way to {provider} the gateway drops a row whose second message is not the user's. Reorder it.",
        )
    if rows.alternating_start and _role(messages[-1]) != "assistant":
        yield error(
            f"/messages/{len(messages) - 1}",
            "last-not-assistant",
            f"On the way to {provider} the gateway drops a row that does not end with an assistant message. Add it.",
        )
    for index, message in enumerate(messages):
        place = f"/messages/{index}"
        if isinstance(message, dict):
            yield from _message_findings(message, place, index, rows, provider)
        elif rows.message_keys is not None:
            yield error(place, "row-lost", f"What is no message does not reach {provider}. Remove or correct it.")


def _message_findings(message: JsonObject, place: str, index: int, rows: RowRules, provider: str) -> Iterator[Finding]:
    """Find the parts of a message that would be lost."""
    role = _role(message)
    if rows.roles is not None and role not in rows.roles:
        yield error(
            f"{place}/role",
            "row-lost",
            f"On the way to {provider} the gateway drops a row with a message of the role {_named(role)}. Remove it.",
        )
    if rows.system_only_first and index and role in _SYSTEM_ROLES:
        yield error(
            f"{place}/role",
            "system-not-first",
            f"On the way to {provider} the gateway loses a system message that is not the first. Move it to the start.",
        )
    kept = rows.message_keys
    if kept is not None and not message.keys() <= kept:
        yield from _key_findings(
            message, place, kept | {"name"} if rows.tool_name_required and role == "tool" else kept, provider
        )
    if rows.parts is not None:
        yield from _content_findings(message, place, rows, provider)
    if message.get("tool_calls"):
        yield from _call_findings(message, place, rows, provider)
    if rows.tool_name_required and role == "tool" and not message.get("name"):
        yield error(
            f"{place}/name",
            "tool-without-name",
            f"The gateway tells {provider} which tool a result is from by its name, and makes one up where there is "
            'none. Add "name": the name of the function that was called.',
        )


def _content_findings(message: JsonObject, place: str, rows: RowRules, provider: str) -> Iterator[Finding]:
    """Find the parts of a message's content that would be lost."""
    content = message.get("content")
    parts = rows.parts or frozenset()
    if not parts and not isinstance(content, str):
        yield error(
            f"{place}/content",
            "row-lost",
            f"On the way to {provider} the gateway drops a row with a content that is no string. Write it as one.",
        )
        return
    if not isinstance(content, list) or message.get("role") == "tool":
        return
    if rows.system_one_part and message.get("role") in _SYSTEM_ROLES and len(content) > 1:
        yield error(
            f"{place}/content/1",
            "value-lost",
            f"Of a system message in parts only the first part reaches {provider}. Join them into one string.",
        )
    for index, part in enumerate(content):
        pointer = f"{place}/content/{index}"
        kind = part.get("type") if isinstance(part, dict) else None
        if not isinstance(part, dict) or kind not in parts:
            yield error(pointer, "value-lost", f"A part of type {_named(kind)} does not reach {provider}. Remove it.")
        elif kind == "image_url":
            yield from _image_findings(part, pointer, rows, provider)


def _image_findings(part: JsonObject, pointer: str, rows: RowRules, provider: str) -> Iterator[Finding]:
    """Check that an image would reach the provider."""
    image = part.get("image_url")
    url = image.get("url") if isinstance(image, dict) else None
    if isinstance(image, dict) and rows.image_keys is not None:
        yield from _key_findings(image, f"{pointer}/image_url", rows.image_keys, provider)
    if not isinstance(url, str):
        yield error(
            f"{pointer}/image_url",
            "value-lost",
            f'An image that is not written as {{"url": "..."}} does not reach {provider}. Write it so.',
        )
    elif rows.image_suffix_required and not _WITH_SUFFIX.match(url):
        yield warning(
            f"{pointer}/image_url/url",
            "value-lost",
            f"The address has no file suffix, so that {provider} is told no MIME type. Use one with a suffix.",
        )


def _call_findings(message: JsonObject, place: str, rows: RowRules, provider: str) -> Iterator[Finding]:
    """Find the parts of tool calls, and of the text beside them, that would be lost."""
    if not rows.text_beside_calls and message.get("content"):
        yield error(
            f"{place}/content",
            "value-lost",
            f"The text of a message that calls tools does not reach {provider}. Move it to a message of its own.",
        )
    calls = message.get("tool_calls")
    if not rows.calls_as_objects or not isinstance(calls, list):
        return
    for index, call in enumerate(calls):
        function = call.get("function") if isinstance(call, dict) else None
        arguments = function.get("arguments") if isinstance(function, dict) else None
        pointer = f"{place}/tool_calls/{index}/function/arguments"
        try:
            value = json.loads(arguments) if isinstance(arguments, str) else None
        except ValueError:
            yield error(
                pointer,
                "row-lost",
                f"On the way to {provider} the gateway drops a row with arguments that are no JSON. Correct them.",
            )
            continue
        if _has_inexact_number(value):
            yield error(
                pointer,
                "value-changed",
                f"A number in the arguments is rounded on the way to {provider}. Write it as a string.",
            )


def _has_inexact_number(value: object) -> bool:
    """Return whether a JSON value holds a number that a double cannot hold."""
    pending = [value]
    while pending:
        value = pending.pop()
        if isinstance(value, dict):
            pending += value.values()
        elif isinstance(value, list):
            pending += value
        elif (isinstance(value, int) and abs(value) > _LARGEST_EXACT) or (
            isinstance(value, float) and value in {float("inf"), float("-inf")}
        ):
            return True
    return False


def _schema_findings(example: JsonObject, lost: frozenset[str], provider: str) -> Iterator[Finding]:
    """Find the keys of tool definitions that would be lost."""
    pending: list[JsonValue] = [example.get("tools")]
    found: set[str] = set()
    while pending:
        value = pending.pop()
        if isinstance(value, dict):
            found |= lost & value.keys()
            pending += value.values()
        elif isinstance(value, list):
            pending += value
    for key in sorted(found):
        yield warning("/tools", "value-lost", f"The gateway drops '{key}' of a tool on the way to {provider}.")


def rewritten_units(example: JsonObject) -> int | None:
    """Count the UTF-16 units of a row as the gateway rewrites it where it keeps its text, line end included.

    Returns:
        The number; None for a row that holds what is written in more than one way, such as numbers.
    """
    messages = example.get("messages")
    written: JsonObject = example
    if isinstance(messages, list):
        first, *others = [message for message in messages if isinstance(message, dict)]
        turns: list[JsonValue] = [{"role": other.get("role"), "content": other.get("content")} for other in others]
        written = {"system": first.get("content"), "messages": turns}
    elif not all(isinstance(value, str) for value in example.values()):
        return None
    text = json.dumps(written, ensure_ascii=False, separators=(",", ":"))
    # Half a character, alone, is written as six.
    halves = 0 if text.isascii() else sum("\ud800" <= character <= "\udfff" for character in text)
    return utf16_units(text) + 5 * halves + len("\r\n")


def utf16_units(text: str) -> int:
    """Count the units of a text as JavaScript counts them."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def _role(message: JsonValue) -> JsonValue:
    """Return the role of a message, if it has one."""
    return message.get("role") if isinstance(message, dict) else None


def _named(value: JsonValue) -> str:
    """Name a role or a type."""
    return f"'{shown(value)}'" if isinstance(value, str) else "that is missing"
