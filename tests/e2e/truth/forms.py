"""Training files in every form that people upload, each line of which can be told from the others."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from attrs import field, frozen

LINES = 12
#: A picture of one pixel.
_PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
#: More than the gateway reads at once, which is 64 KiB.
_MANY = 400
_NOT_ASCII = "訓練資料の一行、ほぼ全部が三バイト文字。😀é" * 20


@frozen
class Form:
    """A file.

    Attributes:
        name: What it is, as the table shows it.
        content: Its bytes.
        headers: Further ``provider_headers=`` that it is uploaded with.
    """

    name: str
    content: bytes
    headers: Mapping[str, str] = field(factory=dict)


Row = Mapping[str, Any]


def _system(number: int) -> Row:
    return {"role": "system", "content": f"Be brief, truth-system-{number}."}


def _user(number: int, **more: object) -> Row:
    return {"role": "user", "content": f"What is truth-question-{number}?", **more}


def _assistant(number: int, **more: object) -> Row:
    return {"role": "assistant", "content": f"It is truth-answer-{number}.", **more}


def _chat(number: int, **more: object) -> Row:
    return {"messages": [_system(number), _user(number), _assistant(number)], **more}


def _messages(*roles: Callable[[int], Row]) -> Callable[[int], Row]:
    """Make rows of messages; a role that comes again says something else."""
    return lambda number: {"messages": [role(number + 1000 * place) for place, role in enumerate(roles)]}


def _call(number: int, **more: object) -> Row:
    function = {"name": "truth_weather", "arguments": json.dumps({"city": f"truth-city-{number}", **more})}
    return {"id": f"call_{number}", "type": "function", "function": function}


def _tools(number: int, **strict: bool) -> list[Row]:
    city = {"type": "string", "description": f"truth-city-of-{number}"}
    schema = {"type": "object", "properties": {"city": city}, "required": ["city"]}
    described = {"name": "truth_weather", "description": f"truth-tool-{number}", "parameters": schema, **strict}
    return [{"type": "function", "function": described}]


def _with_tools(
    number: int, *, named: bool = True, said: str | None = None, argument: int | None = None, **strict: bool
) -> Row:
    more = {} if argument is None else {"distance": argument}
    calling = {"role": "assistant", "tool_calls": [_call(number, **more)], **({"content": said} if said else {})}
    name = {"name": "truth_weather"} if named else {}
    result = {"role": "tool", "tool_call_id": f"call_{number}", "content": f"truth-sunny-{number}", **name}
    turns = [_system(number), _user(number), calling, result, _assistant(number)]
    return {"messages": turns, "tools": _tools(number, **strict)}


def _parts(*texts: str) -> list[Row]:
    return [{"type": "text", "text": text} for text in texts]


def _in_parts(number: int) -> Row:
    content = _parts(f"truth-part-one-{number}", f"truth-part-two-{number}")
    return {"messages": [_system(number), {"role": "user", "content": content}, _assistant(number)]}


def _system_in_parts(number: int) -> Row:
    content = _parts(f"truth-system-one-{number}", f"truth-system-two-{number}")
    return {"messages": [{"role": "system", "content": content}, _user(number), _assistant(number)]}


def _image(url: str, **more: str) -> Callable[[int], Row]:
    def row(number: int) -> Row:
        picture = {"type": "image_url", "image_url": {"url": url.format(number=number), **more}}
        content = [*_parts(f"What is this, truth-picture-{number}?"), picture]
        return {"messages": [_system(number), {"role": "user", "content": content}, _assistant(number)]}

    return row


def _preference(number: int) -> Row:
    return {
        "input": {"messages": [_user(number)]},
        "preferred_output": [_assistant(number)],
        "non_preferred_output": [{"role": "assistant", "content": f"No idea, truth-worse-{number}."}],
    }


def _completion(number: int) -> Row:
    return {"prompt": f"truth-prompt-{number}", "completion": f"truth-answer-{number}"}


def _contents(number: int) -> Row:
    turns = [("user", f"truth-question-{number}"), ("model", f"truth-answer-{number}")]
    return {"contents": [{"role": role, "parts": [{"text": text}]} for role, text in turns]}


def _converse(number: int) -> Row:
    turns = [("user", f"truth-question-{number}"), ("assistant", f"truth-answer-{number}")]
    messages = [{"role": role, "content": [{"text": text}]} for role, text in turns]
    return {
        "schemaVersion": "bedrock-conversation-2024",
        "system": [{"text": f"truth-system-{number}"}],
        "messages": messages,
    }


def _weighted(number: int) -> Row:
    turns = [_user(number), _assistant(number, weight=0), _user(number + 1000), _assistant(number + 1000, weight=1)]
    return {"messages": [_system(number), *turns]}


def _with_settings(number: int) -> Row:
    return _chat(number, temperature=0.375, top_p=0.625, max_tokens=4243, seed=424243, stop=[f"truth-stop-{number}"])


def _with_function_call(number: int) -> Row:
    calling = {"role": "assistant", "content": None, "function_call": _call(number)["function"]}
    described = _tools(number)[0]["function"]
    return {"messages": [_system(number), _user(number), calling], "functions": [described]}


def _function_result(number: int) -> Row:
    return {"role": "function", "name": "truth_weather", "content": f"truth-sunny-{number}"}


def _audio(number: int) -> Row:
    sound = {"type": "input_audio", "input_audio": {"data": "UklGRiQAAABXQVZF", "format": "wav"}}
    content = [*_parts(f"What is this, truth-sound-{number}?"), sound]
    return {"messages": [_system(number), {"role": "user", "content": content}, _assistant(number)]}


def _mixed(number: int) -> Row:
    return _with_tools(number) if number % 2 else _chat(number)


def _jsonl(row: Callable[[int], Row], lines: int = LINES) -> bytes:
    return b"".join(json.dumps(row(number), ensure_ascii=False).encode() + b"\n" for number in range(1, lines + 1))


def _long(text: str) -> Callable[[int], Row]:
    return lambda number: {"messages": [_system(number), {"role": "user", "content": text}, _assistant(number)]}


#: What is in the rows.
ROWS: Mapping[str, Callable[[int], Row]] = {
    "chat": _chat,
    "chat without a system message": _messages(_user, _assistant),
    "chat of several turns": _messages(_system, _user, _assistant, _user, _assistant),
    "two user messages in a row": _messages(_system, _user, _user, _assistant),
    "chat that begins with the assistant": _messages(_assistant, _user, _assistant),
    "a developer message for the system's": _messages(
        lambda number: {**_system(number), "role": "developer"}, _user, _assistant
    ),
    "a second system message": _messages(_system, _user, _assistant, _system, _user, _assistant),
    "a system message that is not the first": _messages(_user, _system, _assistant),
    "chat that ends with the user": _messages(_system, _user, _assistant, _user),
    "tools and tool calls": _with_tools,
    "tool results without `name`": lambda number: _with_tools(number, named=False),
    "text beside a tool call": lambda number: _with_tools(number, said=f"Let me see, truth-said-{number}."),
    "tools with `strict`": lambda number: _with_tools(number, strict=True),
    "some lines with tools, some without": _mixed,
    "content in parts": _in_parts,
    "a system message in parts": _system_in_parts,
    "images in the file": _image(f"data:image/png;base64,{_PIXEL}"),
    "images by their address": _image("https://example.com/truth-{number}.png"),
    "images by an address without a suffix": _image("https://example.com/truth-{number}"),
    "images with `detail`": _image("https://example.com/truth-{number}.png", detail="low"),
    "`weight` in messages": _weighted,
    "`name` in messages": lambda number: {
        "messages": [_system(number), _user(number, name=f"truth-user-{number}"), _assistant(number)]
    },
    "further keys in rows": lambda number: _chat(number, truth_key=f"truth-value-{number}"),
    "prompt and completion": _completion,
    "preference": _preference,
    "reinforcement": lambda number: {
        "messages": [_system(number), _user(number)],
        "reference_answer": f"truth-reference-{number}",
    },
    "settings of the generation in rows": _with_settings,
    "a tool choice in rows": lambda number: {
        **_with_tools(number),
        "tool_choice": {"type": "function", "function": {"name": "truth_weather"}},
    },
    "function calls of old": _with_function_call,
    "function results of old": _messages(_system, _user, _function_result, _assistant),
    "audio": _audio,
    "a refusal": lambda number: {
        "messages": [_system(number), _user(number), {"role": "assistant", "refusal": f"truth-refusal-{number}"}]
    },
    "numbers above 2^53": lambda number: _with_tools(number, argument=2**53 + number),
    "`contents` (Gemini)": _contents,
    "Converse (Nova)": _converse,
}

_CHAT = _jsonl(_chat)
#: How the file is written.
WRITTEN: Mapping[str, bytes] = {
    "not ASCII, above 64 KiB": _jsonl(_long(_NOT_ASCII), _MANY),
    "not ASCII, with `\\u` escapes": _jsonl(_chat).replace(b"Be brief", b"Be br\\u00efef"),
    "above 1,000,000 characters": _jsonl(_long("truth and " * 400), 300),
    "a line of 1.5 MB": _jsonl(_long("truth and " * 150_000), 1) + _CHAT,
    "byte order mark": b"\xef\xbb\xbf" + _CHAT,
    "blank lines": _CHAT.replace(b"\n", b"\n\n"),
    "lines of spaces": _CHAT.replace(b"\n", b"\n  \n"),
    "spaces around rows": b"  " + _CHAT.replace(b"\n", b"  \n"),
    "CRLF": _CHAT.replace(b"\n", b"\r\n"),
    "no newline at the end": _CHAT.rstrip(b"\n"),
    "a line that is no JSON": _CHAT + b'{"messages": [\n',
    "indented JSON": b"".join(json.dumps(_chat(number), indent=1).encode() + b"\n" for number in range(LINES)),
}


#: Rows that are uploaded with headers of their own, by provider.
WITH_HEADERS: Mapping[str, tuple[tuple[str, Mapping[str, str], Callable[[int], Row]], ...]] = {
    "bedrock": (
        ("chat, with `model_type` `text`", {"model_type": "text"}, _chat),
        ("prompt and completion, with `model_type` `text`", {"model_type": "text"}, _completion),
    ),
    "vertex-ai": (
        ("chat, for a Claude model", {"provider_model": "anthropic.claude-3-haiku"}, _chat),
        ("tools and tool calls, for a Claude model", {"provider_model": "anthropic.claude-3-haiku"}, _with_tools),
        ("chat, for a Llama model", {"provider_model": "meta.llama-3.1-8b"}, _chat),
        ("tools and tool calls, for a Llama model", {"provider_model": "meta.llama-3.1-8b"}, _with_tools),
        ("tools and tool calls, for an endpoint", {"provider_model": "endpoints.4243"}, _with_tools),
    ),
}


def forms(provider: str) -> Iterator[Form]:
    """Yield every file for a provider."""
    for name, row in ROWS.items():
        yield Form(name, _jsonl(row))
    for name, headers, row in WITH_HEADERS.get(provider, ()):
        yield Form(name, _jsonl(row), headers)
    for name, content in WRITTEN.items():
        yield Form(name, content)
