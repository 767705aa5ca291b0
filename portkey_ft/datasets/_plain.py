"""The rules for examples without messages: prompt and completion, and Vertex AI's contents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from portkey_ft.datasets._values import error, missing_or_wrong, shown, unknown_keys, warning, wrong_type

if TYPE_CHECKING:
    from collections.abc import Iterator

    from portkey_ft._profile import DatasetRules
    from portkey_ft.datasets._tools import Definitions
    from portkey_ft.datasets._values import Finding, JsonObject, JsonValue

_COMPLETION_KEYS: Final = frozenset({"prompt", "completion"})
_CONTENTS_KEYS: Final = frozenset(
    {"contents", "systemInstruction", "system_instruction", "tools", "toolConfig", "generationConfig", "labels"}
)
_CONTENTS_ROLES: Final = frozenset({"user", "model", "function"})
_PART_KEYS: Final = frozenset(
    {"text", "fileData", "file_data", "inlineData", "inline_data", "functionCall", "functionResponse"}
)


def completion_findings(example: JsonObject, _rules: DatasetRules, _definitions: Definitions) -> Iterator[Finding]:
    """Find what is wrong with ``{"prompt": "...", "completion": "..."}``.

    Args:
        example: The example.
    """
    if len(example) > len(_COMPLETION_KEYS):
        yield from unknown_keys(example, "", _COMPLETION_KEYS)
    for key in ("prompt", "completion"):
        text = example.get(key)
        if not isinstance(text, str):
            yield missing_or_wrong(example, key, "a string")
        elif key == "completion" and not text:
            yield error(
                "/completion", "empty-content", "The completion is empty, so there is nothing to learn. Add it."
            )
        elif not text or text.isspace():
            yield warning(f"/{key}", "blank-content", f"The {key} is empty or nothing but white space. Write a text.")


def completion_texts(example: JsonObject) -> list[str]:
    """Collect prompt and completion."""
    return [text for key in ("prompt", "completion") if isinstance(text := example.get(key), str)]


def contents_findings(example: JsonObject, _rules: DatasetRules, _definitions: Definitions) -> Iterator[Finding]:
    """Find what is wrong with ``{"systemInstruction": {...}, "contents": [...]}``.

    Args:
        example: The example.
    """
    yield from unknown_keys(example, "", _CONTENTS_KEYS)
    for key in ("systemInstruction", "system_instruction"):
        if key in example:
            yield from _content_findings(example[key], f"/{key}")
    contents = example.get("contents")
    if not isinstance(contents, list):
        yield missing_or_wrong(example, "contents", "an array of contents")
        return
    if not contents:
        yield error("/contents", "empty-messages", "There is no content. Add one of the user and one of the model.")
        return
    for index, content in enumerate(contents):
        place = f"/contents/{index}"
        yield from _content_findings(content, place)
        yield from _role_findings(content, place)
    last = contents[-1]
    if isinstance(last, dict) and last.get("role") != "model":
        yield error(
            f"/contents/{len(contents) - 1}",
            "last-not-assistant",
            "The last content must be from the model: it is what the model learns. Add or move it.",
        )


def contents_texts(example: JsonObject) -> list[str]:
    """Collect the texts of the instruction and of all contents, whatever their shape."""
    contents = example.get("contents")
    holders = [example.get("systemInstruction"), example.get("system_instruction")]
    holders += contents if isinstance(contents, list) else []
    texts: list[str] = []
    for holder in holders:
        parts = holder.get("parts") if isinstance(holder, dict) else None
        for part in parts if isinstance(parts, list) else []:
            text = part.get("text") if isinstance(part, dict) else None
            if isinstance(text, str):
                texts.append(text)
    return texts


def _role_findings(content: JsonValue, place: str) -> Iterator[Finding]:
    """Check the role of a content."""
    if not isinstance(content, dict):
        return
    role = content.get("role")
    if not isinstance(role, str):
        yield missing_or_wrong(content, "role", "a string", place)
    elif role not in _CONTENTS_ROLES:
        hints = {"assistant": "Write 'model'.", "system": "Move the text to systemInstruction."}
        hint = hints.get(role, "Use 'user' or 'model'.")
        yield error(f"{place}/role", "unknown-role", f"There is no role '{shown(role)}' in this form. {hint}")


def _content_findings(content: JsonValue, place: str) -> Iterator[Finding]:
    """Find what is wrong with the parts of a content."""
    if not isinstance(content, dict):
        yield wrong_type(place, "an object with parts", content)
        return
    parts = content.get("parts")
    if not isinstance(parts, list):
        yield missing_or_wrong(content, "parts", "an array of parts", place)
        return
    if not parts:
        yield error(f"{place}/parts", "empty-content", "There is no part. Add one with a text.")
    for index, part in enumerate(parts):
        yield from _part_findings(part, f"{place}/parts/{index}")


def _part_findings(part: JsonValue, place: str) -> Iterator[Finding]:
    """Find what is wrong with one part."""
    if not isinstance(part, dict):
        yield wrong_type(place, 'a part, that is, an object such as {"text": "..."}', part)
        return
    if not part.keys() & _PART_KEYS:
        yield error(place, "unknown-part", f"A part needs one of {', '.join(sorted(_PART_KEYS))}. Add it.")
    elif "text" in part:
        text = part["text"]
        if not isinstance(text, str):
            yield wrong_type(f"{place}/text", "a string", text)
        elif not text:
            yield error(f"{place}/text", "empty-content", "The text is empty. Write one, or remove the part.")
        elif text.isspace():
            yield warning(f"{place}/text", "blank-content", "The text is nothing but white space. Write a text.")
