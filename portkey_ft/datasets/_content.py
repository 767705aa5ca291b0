"""The rules for the content of a message: a text, or an array of parts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from portkey_ft.datasets._values import error, missing_or_wrong, shown, warning, wrong_type

if TYPE_CHECKING:
    from collections.abc import Iterator

    from portkey_ft.datasets._values import Finding, JsonObject, JsonValue

_TEXT_PARTS: Final = {"text": "text", "refusal": "refusal"}
_MEDIA_PARTS: Final = frozenset({"image_url", "input_audio", "file", "video_url"})


def content_findings(message: JsonObject, place: str) -> Iterator[Finding]:
    """Find what is wrong with the content of a message.

    Args:
        message: The message, whose content is not a non-empty text.
        place: The pointer to it.
    """
    content = message.get("content")
    pointer = f"{place}/content"
    match content:
        case "":
            if not _says_otherwise(message):
                yield _empty(message, pointer)
        case str():
            yield warning(pointer, "blank-content", "The content is nothing but white space. Write a text.")
        case list():
            if not content and not _says_otherwise(message):
                yield _empty(message, pointer)
            for index, part in enumerate(content):
                yield from _part_findings(part, message, f"{pointer}/{index}")
        case None:
            if not _says_otherwise(message):
                yield error(pointer, "missing-content", "The message has no content. Add a text.")
        case _:
            yield wrong_type(pointer, "a string or an array of parts", content)


def content_texts(content: JsonValue) -> list[str]:
    """Collect the texts of an array of parts, whatever its shape."""
    texts: list[str] = []
    for part in content if isinstance(content, list) else []:
        text = part.get("text") if isinstance(part, dict) else None
        if isinstance(text, str):
            texts.append(text)
    return texts


def _says_otherwise(message: JsonObject) -> bool:
    """Return whether an assistant's message may go without content, because it holds something else."""
    if message.get("role") != "assistant":
        return False
    others = message.get("tool_calls") or message.get("function_call") or message.get("refusal") or message.get("audio")
    return bool(others)


def _empty(message: JsonObject, pointer: str) -> Finding:
    """Return the finding for an empty content: an error if it is the assistant's, from which nothing can be learned."""
    if message.get("role") == "assistant":
        return error(pointer, "empty-content", "The assistant says nothing, so there is nothing to learn. Add a text.")
    return warning(pointer, "empty-content", "The content is empty. Add a text, or remove the message.")


def _part_findings(part: JsonValue, message: JsonObject, pointer: str) -> Iterator[Finding]:
    """Find what is wrong with one part of a content."""
    if not isinstance(part, dict):
        yield wrong_type(pointer, "a part, that is, an object with a type", part)
        return
    kind = part.get("type")
    if not isinstance(kind, str):
        yield missing_or_wrong(part, "type", "the type of the part, such as 'text',", pointer)
    elif kind in _TEXT_PARTS:
        yield from _text_part_findings(part, _TEXT_PARTS[kind], message, pointer)
    elif kind in _MEDIA_PARTS:
        yield from _media_part_findings(part, kind, message, pointer)
    else:
        yield warning(
            f"{pointer}/type", "unknown-part", f"The type '{shown(kind)}' is not known, and may be refused. Correct it."
        )


def _text_part_findings(part: JsonObject, key: str, message: JsonObject, pointer: str) -> Iterator[Finding]:
    """Find what is wrong with a part that is a text."""
    text = part.get(key)
    if not isinstance(text, str):
        yield missing_or_wrong(part, key, "a string", pointer)
    elif not text:
        yield _empty(message, f"{pointer}/{key}")


def _media_part_findings(part: JsonObject, kind: str, message: JsonObject, pointer: str) -> Iterator[Finding]:
    """Find what is wrong with a part that is an image or another medium."""
    if message.get("role") != "user":
        yield error(pointer, "media-not-from-user", f"A part of type {kind} is for user messages only. Move it.")
    medium = part.get(kind)
    if not isinstance(medium, dict):
        yield missing_or_wrong(part, kind, "an object", pointer)
    elif kind.endswith("_url"):
        url = medium.get("url")
        if not isinstance(url, str):
            yield missing_or_wrong(medium, "url", "a string", f"{pointer}/{kind}")
        elif kind != "image_url" and not url.startswith(("https://", "http://", "data:", "gs://")):
            yield error(
                f"{pointer}/{kind}/url",
                "bad-url",
                f"'{shown(url)}' is neither a web address nor a data: URL. Use one of them; a local path is not sent.",
            )
