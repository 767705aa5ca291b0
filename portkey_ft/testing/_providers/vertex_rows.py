"""Vertex AI: what the gateway makes of a training row in OpenAI's form, which it rewrites for Gemini."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, cast

from portkey_ft.testing._http.messages import json_array, json_object
from portkey_ft.testing._providers import javascript
from portkey_ft.testing._providers.rewritten import lines_as_read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

_SYSTEM_ROLES: Final = frozenset({"system", "developer"})
_ROLES: Final = {"assistant": "model", "tool": "function"}
_FILLER: Final = "gateway-tool-filler-name"
"""The gateway's name for a tool whose result does not name it."""

_UNSUPPORTED_KEYWORDS: Final = frozenset({"additionalProperties", "additional_properties", "$schema"})

_CONFIG: Final[Mapping[str, str]] = {
    "temperature": "temperature",
    "top_p": "topP",
    "top_k": "topK",
    "max_tokens": "maxOutputTokens",
    "max_completion_tokens": "maxOutputTokens",
    "stop": "stopSequences",
    "response_format": "responseMimeType",
    "logprobs": "responseLogprobs",
    "top_logprobs": "logprobs",
    "seed": "seed",
}
"""Top-level keys of a row that are kept in ``generationConfig``, by their names there."""

_FUNCTION_CALLING_MODES: Final = {"auto": "AUTO", "none": "NONE", "required": "ANY"}

_MIME_TYPES: Final = {
    "gif": "image/gif",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "pdf": "application/pdf",
    "png": "image/png",
    "webp": "image/webp",
}


class _UnusableRow(Exception):  # noqa: N818 - not an error: the gateway drops the row and continues
    """The gateway throws while it converts the row, and drops it."""


def _object(value: object) -> Mapping[str, object]:
    found = json_object(value)
    if found is None:
        raise _UnusableRow
    return found


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise _UnusableRow
    return value


def _tool_call(call: object) -> Mapping[str, object]:
    function = _object(_object(call).get("function"))
    try:
        arguments = javascript.parse(_text(function.get("arguments")))
    except ValueError:
        raise _UnusableRow from None
    return {"functionCall": {"name": function.get("name"), "args": arguments}}


def _image(part: Mapping[str, object]) -> Iterable[Mapping[str, object]]:
    image = json_object(part.get("image_url")) or {}
    url = image.get("url")
    if not isinstance(url, str) or not url:
        return
    if url.startswith("data:"):
        kind, _, data = url.partition(";base64,")
        yield {"inlineData": {"mimeType": kind.partition(":")[2], "data": data}}
    elif url.startswith(("gs://", "https://", "http://")):
        mime_type = image.get("mime_type") or _MIME_TYPES.get(url.rpartition(".")[2])
        yield {"fileData": {**({"mimeType": mime_type} if mime_type else {}), "fileUri": url}}
    else:
        yield {"inlineData": {"mimeType": "image/jpeg", "data": url}}


def _audio(part: Mapping[str, object]) -> Iterable[Mapping[str, object]]:
    audio = json_object(part.get("input_audio")) or {}
    kind = {"mp3": "audio/mp3", "wav": "audio/wav"}.get(str(audio.get("format")))
    yield {"inlineData": {"data": audio.get("data", ""), **({"mimeType": kind} if kind else {})}}


def _plain_text(part: Mapping[str, object]) -> Iterable[Mapping[str, object]]:
    yield {"text": part.get("text") or ""}


def _nothing(_part: Mapping[str, object]) -> Iterable[Mapping[str, object]]:
    return ()


_PART_READERS: Final[Mapping[str, Callable[[Mapping[str, object]], Iterable[Mapping[str, object]]]]] = {
    "text": _plain_text,
    "image_url": _image,
    "input_audio": _audio,
}
"""All other parts are lost."""


def _parts(message: Mapping[str, object]) -> list[Mapping[str, object]]:
    role, content = message.get("role"), message.get("content")
    calls = message.get("tool_calls")
    if role == "assistant" and javascript.is_truthy(calls):
        # The text beside a tool call is lost.
        return [_tool_call(call) for call in json_array(calls)]
    if role == "tool":
        name = message.get("name")
        output = "" if content is None else content
        return [{"functionResponse": {"name": _FILLER if name is None else name, "response": {"output": output}}}]
    if isinstance(content, str):
        return [{"text": content}]
    parts = (_object(part) for part in json_array(content))
    return [new for part in parts for new in _PART_READERS.get(str(part.get("type")), _nothing)(part)]


def _contents(messages: Iterable[object], model: str) -> list[Mapping[str, object]]:
    contents: list[Mapping[str, object]] = []
    previous: object = None
    for message in map(_object, messages):
        if message.get("role") in _SYSTEM_ROLES:
            continue
        role = _ROLES.get(str(message.get("role")), message.get("role"))
        parts = _parts(message)
        if role == previous and "vision" not in model:
            cast("list[object]", contents[-1]["parts"]).extend(parts)
        else:
            contents.append({"role": role, "parts": parts})
        previous = role
    return contents


def _system_instruction(messages: Iterable[object]) -> Mapping[str, object] | None:
    first = json_object(next(iter(messages), None)) or {}
    if first.get("role") not in _SYSTEM_ROLES:
        return None
    content = first.get("content")
    if not isinstance(content, str):
        # Of several parts, only the first is kept.
        content = (json_object(next(iter(json_array(content)), None)) or {}).get("text")
        if not content:
            return None
    return {"parts": [{"text": content}], "role": "system"}


def _without_unsupported(schema: object) -> object:
    """Return a JSON schema without some keywords; of arrays, the gateway only looks into ``anyOf``."""
    found = json_object(schema)
    if found is None:
        return schema
    return {
        name: [_without_unsupported(item) for item in json_array(value)]
        if name == "anyOf" and json_array(value)
        else _without_unsupported(value)
        for name, value in found.items()
        if name not in _UNSUPPORTED_KEYWORDS
    }


def _tools(tools: Iterable[object]) -> list[Mapping[str, object]]:
    functions: list[Mapping[str, object]] = []
    for tool in map(_object, tools):
        function = json_object(tool.get("function"))
        if tool.get("type") == "function" and function is not None:
            kept = {name: value for name, value in function.items() if name != "strict"}
            functions.append({name: _without_unsupported(value) for name, value in kept.items()})
    return [{"functionDeclarations": functions}] if functions else []


def _tool_config(choice: object) -> Mapping[str, object]:
    chosen = json_object(choice)
    if chosen is not None and chosen.get("type") == "function":
        name = _object(chosen.get("function")).get("name")
        return {"function_calling_config": {"mode": "ANY", "allowed_function_names": [name]}}
    mode = _FUNCTION_CALLING_MODES.get(str(choice))
    return {"function_calling_config": {"mode": mode} if mode else {}}


def _thinking(given: Mapping[str, object]) -> Mapping[str, object]:
    shows = given.get("type") == "enabled" and javascript.is_truthy(given.get("budget_tokens"))
    budget = {"thinking_budget": given["budget_tokens"]} if "budget_tokens" in given else {}
    return {"include_thoughts": shows, **budget}


def _generation_config(row: Mapping[str, object]) -> Mapping[str, object]:
    response_format = json_object(row.get("response_format")) or {}
    json_only = response_format.get("type") in {"json_object", "json_schema"}
    given = {**row, "response_format": "application/json" if json_only else None}
    config = {new: given[old] for old, new in _CONFIG.items() if given.get(old) is not None}
    if response_format.get("type") == "json_schema":
        schema = _object(response_format.get("json_schema"))
        config["responseSchema"] = _without_unsupported(schema.get("schema", schema))
    if javascript.is_truthy(row.get("thinking")):
        config["thinking_config"] = _thinking(json_object(row["thinking"]) or {})
    modalities = row.get("modalities")
    if modalities:
        config["responseModalities"] = [_text(modality).upper() for modality in json_array(modalities)]
    if row.get("reasoning_effort") not in {None, "none"}:
        config["thinkingConfig"] = {"thinkingLevel": row["reasoning_effort"]}
    return config


def gemini_row(row: object) -> Mapping[str, object] | None:
    """Convert a row; None if the gateway drops it.

    Args:
        row: the parsed line.
    """
    if isinstance(row, list):
        return {}
    try:
        return _converted(_object(row))
    except _UnusableRow:
        return None


def _converted(row: Mapping[str, object]) -> Mapping[str, object]:
    new: dict[str, object] = {}
    if "messages" in row:
        messages = json_array(row["messages"])
        new["contents"] = _contents(messages, str(row.get("model", "")))
        instruction = _system_instruction(messages)
        if instruction is not None:
            new["systemInstruction"] = instruction
    if any(name in row for name in (*_CONFIG, "modalities", "reasoning_effort", "thinking")):
        new["generationConfig"] = _generation_config(row)
    if "safety_settings" in row:
        new["safety_settings"] = row["safety_settings"]
    if "tools" in row:
        new["tools"] = _tools(json_array(row["tools"]))
    if "tool_choice" in row:
        new["tool_config"] = _tool_config(row["tool_choice"])
    if "labels" in row:
        new["labels"] = row["labels"]
    return new


def stored_object(body: bytes, purpose: str) -> tuple[str, bytes]:
    """Return the purpose that the gateway reads from an upload, and the object that it stores.

    The gateway reads the form line by line instead of parsing it. Without a purpose in a header, the line after the one
    that names the field is the purpose; if a JSON line comes first, nothing more is stored.

    Args:
        body: of the request.
        purpose: from the header; empty if there is none.
    """
    rows: list[str] = []
    purpose_follows = False
    for line in lines_as_read(body):
        named = re.search(r'name="([^"]+)"', line)
        if named and named[1] == "purpose":
            purpose_follows = True
            continue
        if purpose_follows and not purpose:
            purpose_follows, purpose = False, line
            continue
        try:
            document = javascript.parse(line)
        except ValueError:
            continue
        if not purpose:
            break
        row = gemini_row(document)
        # For any purpose but this one, the gateway writes nothing.
        if row is not None and purpose == "fine-tune":
            rows.append(javascript.stringify(row) + "\n")
    return purpose, "".join(rows).encode()
