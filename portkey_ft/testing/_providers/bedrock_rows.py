"""Bedrock: what the gateway makes of a training file, which it rewrites for Claude 3 or for text models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portkey_ft.testing._http.messages import json_array, json_object
from portkey_ft.testing._providers import javascript

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


class InvalidUploadError(Exception):
    """The upload fails. The message is the gateway's, which quotes the file if a line is invalid."""


def _messages(row: object) -> Sequence[Mapping[str, object]]:
    """Return the messages of a row that the gateway can convert, otherwise none."""
    messages = [json_object(message) or {} for message in json_array((json_object(row) or {}).get("messages"))]
    plain = all(
        message.get("role") in {"user", "assistant", "system"} and isinstance(message.get("content"), str)
        for message in messages
    )
    roles = [message.get("role") for message in messages]
    usable = plain and roles[1:2] == ["user"] and roles[-1] == "assistant"
    return messages if usable else ()


def chat_row(row: object) -> Mapping[str, object] | None:
    """Convert a row to the form of Claude 3; None if the gateway drops it.

    Args:
        row: the parsed line.
    """
    messages = _messages(row)
    if not messages:
        return None
    first, *rest = messages
    system = first["content"] if first["role"] == "system" else ""
    return {"system": system, "messages": [{name: message[name] for name in ("role", "content")} for message in rest]}


def text_row(row: object) -> Mapping[str, object] | None:
    """Convert a row to a prompt and a completion; None if the gateway drops it.

    Args:
        row: the parsed line.
    """
    given = json_object(row) or {}
    if isinstance(given.get("prompt"), str) and isinstance(given.get("completion"), str):
        return given
    match _messages(row):
        case [_, prompt, completion]:
            return {"completion": completion["content"], "prompt": prompt["content"]}
        case _:
            return None


def batch_row(row: object) -> Mapping[str, object] | None:
    """Convert a row of a batch file.

    Args:
        row: the parsed line.

    Raises:
        ValueError: it is not a row of a batch file.
    """
    given = json_object(row) or {}
    body = json_object(given.get("body"))
    if body is None:
        raise ValueError
    return {"recordId": given.get("custom_id"), "modelInput": body}


def stored_object(content: bytes, convert: Callable[[object], Mapping[str, object] | None]) -> str:
    """Return the object that the gateway stores: the converted rows, each with CRLF.

    Args:
        content: of the file's part of the form.
        convert: converts a row; returns None to drop it.

    Raises:
        InvalidUploadError: a line is empty, not JSON, or cannot be converted.
    """
    # The line break before the boundary is part of what the gateway splits.
    whole = content.decode(errors="replace") + "\r\n"
    *lines, _after_the_last = whole.split("\n")
    stored: list[str] = []
    for line in lines:
        if line == "\r":
            continue
        try:
            row = convert(javascript.parse(line))
        except ValueError:
            message = (
                "Your file contains invalid json lines, or empty lines, please fix them and try again: \n "
                f"failing line: {line}\n failing chunk: {whole}"
            )
            raise InvalidUploadError(message) from None
        if row is not None:
            stored.append(javascript.stringify(row) + "\r\n")
    return "".join(stored)
