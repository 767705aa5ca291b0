"""An example for each rule of the dataset checker, for docs/dataset-rules.md."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any, Final

from attrs import field, frozen

SYSTEM: Final = {"role": "system", "content": "Be brief."}
USER: Final = {"role": "user", "content": "Hi"}
ANSWER: Final = {"role": "assistant", "content": "Hello."}
CHAT: Final = {"messages": [USER, ANSWER]}
WITH_SYSTEM: Final = {"messages": [SYSTEM, USER, ANSWER]}
PART: Final = {"type": "text", "text": "Hi"}
PNG: Final = b"\x89PNG\r\n\x1a\n"
GIF: Final = b"GIF89a"
_DEEP: Final = 10_000


def _call(name: object = "f", arguments: object = "{}", call_id: str = "c1", kind: str = "function") -> dict[str, Any]:
    return {"id": call_id, "type": kind, "function": {"name": name, "arguments": arguments}}


def _tools(*names: str) -> list[dict[str, Any]]:
    return [{"type": "function", "function": {"name": name}} for name in names]


def _calling(*calls: object, **more: object) -> dict[str, Any]:
    return {"messages": [USER, {"role": "assistant", "tool_calls": list(calls), **more}], "tools": _tools("f")}


def _answered(answer: Mapping[str, Any]) -> dict[str, Any]:
    return {"messages": [USER, {"role": "assistant", "tool_calls": [_call()]}, answer, ANSWER], "tools": _tools("f")}


def _image(url: object) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": url}}


def _looks(*images: dict[str, Any]) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": list(images)}, ANSWER]}


def _embedded(image: bytes, kind: str = "png") -> dict[str, Any]:
    return _image(f"data:image/{kind};base64,{base64.b64encode(image).decode()}")


def _preference(**changed: object) -> dict[str, Any]:
    bad = {"role": "assistant", "content": "Go away."}
    return {"input": {"messages": [USER]}, "preferred_output": [ANSWER], "non_preferred_output": [bad], **changed}


@frozen
class Example:
    """An example that breaks a rule.

    Attributes:
        code: The rule.
        lines: The lines of a file, as rows or as bytes; the last one shows it.
        provider: The provider that the file is for.
        options: Further arguments of the check.
        name: The file's name.
        shown: What the page shows in place of the line, where that is long or cannot be shown.
    """

    code: str
    lines: tuple[object, ...]
    provider: str | None = None
    options: Mapping[str, Any] = field(factory=dict[str, Any])
    name: str = "train.jsonl"
    shown: str | None = None

    @property
    def content(self) -> bytes:
        """The file."""
        return b"".join(
            line if isinstance(line, bytes) else json.dumps(line, ensure_ascii=False).encode() + b"\n"
            for line in self.lines
        )


def _one(code: str, row: object, provider: str | None = None, **more: Any) -> Example:  # noqa: ANN401 - Example's
    return Example(code, (row,), provider, **more)


EXAMPLES: Final[tuple[Example, ...]] = (
    # Lines
    Example("byte-order-mark", (b"\xef\xbb\xbf", CHAT), shown="the bytes EF BB BF before the first line"),
    Example("blank-line", (CHAT, b"\n"), shown="a line with nothing in it"),
    _one("not-utf-8", b'{"prompt": "\xe9", "completion": "a"}\n', shown="a file saved as Latin-1"),
    _one("not-json", b"{'prompt': 'a', 'completion': 'b'}\n"),
    _one("not-a-number", b'{"prompt": "a", "completion": NaN}\n'),
    _one("not-an-object", [CHAT]),
    _one("too-deep", b"[" * _DEEP + b"\n", shown="ten thousand opening brackets"),
    _one("cut-off", b'{"prompt": "a", "comple', shown='{"prompt": "a", "comple'),
    Example("no-final-line-end", (json.dumps(CHAT).encode(),), shown="a last line without a line end"),
    _one("line-too-long", CHAT, options={"max_line_bytes": 20}, shown="with max_line_bytes=20"),
    Example("duplicate-line", (CHAT, CHAT)),
    _one("lone-surrogate", b'{"prompt": "\\ud83d", "completion": "a"}\n'),
    # Files
    Example("empty-file", (), shown="a file of no bytes"),
    _one("file-name", CHAT, name="train.json", shown="a file called train.json"),
    _one("too-few-examples", CHAT, "openai"),
    Example(
        "too-large", (WITH_SYSTEM,) * 9_000, "bedrock", shown="a file for Bedrock of more than a million characters"
    ),
    _one("unknown-format", {"question": "a", "answer": "b"}),
    Example("other-format", (CHAT, {"prompt": "a", "completion": "b"})),
    _one("format-not-for-provider", {"contents": [{"role": "user", "parts": [{"text": "Hi"}]}]}, "openai"),
    # Keys and values
    _one("missing-key", {"prompt": "a"}),
    _one("wrong-type", {"prompt": 1, "completion": "a"}),
    _one("unknown-key", {**CHAT, "id": 7}),
    # Conversations
    _one("empty-messages", {"messages": []}),
    _one("unknown-role", {"messages": [USER, {"role": "model", "content": "Hello."}, ANSWER]}),
    _one("system-not-first", {"messages": [USER, SYSTEM, ANSWER]}, "vertex-ai"),
    _one("no-user-message", {"messages": [ANSWER]}),
    _one("last-not-assistant", {"messages": [USER]}),
    _one("missing-content", {"messages": [USER, {"role": "assistant"}]}),
    _one("empty-content", {"messages": [USER, {"role": "assistant", "content": ""}]}),
    _one("blank-content", {"messages": [{"role": "user", "content": " "}, ANSWER]}),
    _one("bad-weight", {"messages": [USER, {**ANSWER, "weight": 0.5}]}),
    _one("misplaced-weight", {"messages": [{**USER, "weight": 0}, ANSWER]}),
    _one("nothing-learned", {"messages": [USER, {**ANSWER, "weight": 0}]}),
    _one("unknown-part", {"messages": [{"role": "user", "content": [{"type": "words", "text": "Hi"}]}, ANSWER]}),
    # Tools
    _one("bad-tool-type", {**CHAT, "tools": [{"type": "tool", "function": {"name": "f"}}]}),
    _one("bad-tool-name", {**CHAT, "tools": _tools("my tool")}),
    _one("duplicate-tool", {**CHAT, "tools": _tools("f", "f")}),
    _one("empty-tool-calls", {"messages": [USER, {**ANSWER, "tool_calls": []}]}),
    _one("misplaced-tool-calls", {"messages": [{**USER, "tool_calls": [_call()]}, ANSWER], "tools": _tools("f")}),
    _one("undefined-tool", _calling(_call("g"))),
    _one("duplicate-tool-call-id", _calling(_call(), _call())),
    _one("arguments-not-string", _calling(_call(arguments={}))),
    _one("arguments-not-json", _calling(_call(arguments="city=Paris"))),
    _one("unanswered-tool-call", _answered(USER)),
    _one("unknown-tool-call-id", _answered({"role": "tool", "tool_call_id": "c9", "content": "1"})),
    # Preferences and reinforcement
    _one("same-outputs", _preference(non_preferred_output=[ANSWER])),
    _one("role-in-output", _preference(preferred_output=[USER, ANSWER])),
    _one("no-assistant-message", _preference(preferred_output=[{"role": "tool", "content": "1"}])),
    _one("last-not-user", {**CHAT, "reference_answer": "2"}, options={"format": "reinforcement"}),
    _one("nothing-to-grade-by", {"messages": [USER]}, options={"format": "reinforcement"}),
    # Images
    _one("media-not-from-user", {"messages": [USER, {"role": "assistant", "content": [_embedded(PNG)]}]}),
    _one("bad-url", _looks(_image("pictures/cat.png"))),
    _one("image-not-base64", _looks(_image("data:image/png,cat"))),
    _one("image-format", _looks(_embedded(GIF, "gif")), "openai"),
    _one("image-type", _looks(_embedded(PNG, "jpeg")), "openai"),
    _one("image-too-large", _looks(_embedded(PNG + bytes(10 << 20))), "openai", shown="an image of more than 10 MB"),
    _one("too-many-images", _looks(*[_embedded(PNG)] * 11), "openai", shown="an example with eleven images"),
    Example(
        "too-many-image-examples",
        (json.dumps(_looks(_embedded(PNG))).encode() + b"\n",) * 50_001,
        "openai",
        shown="50,001 examples with images",
    ),
    # Losses on the way to the provider
    _one("system-required", CHAT, "bedrock"),
    _one("row-lost", {"prompt": "a", "completion": "b"}, "bedrock"),
    _one("value-lost", {"messages": [SYSTEM, USER, {**ANSWER, "weight": 0}]}, "bedrock"),
    _one("value-changed", _calling(_call(arguments='{"n": 12345678901234567890}')), "vertex-ai"),
    _one("tool-without-name", _answered({"role": "tool", "tool_call_id": "c1", "content": "1"}), "vertex-ai"),
)

CHAPTERS: Final[Mapping[str, str]] = {
    "byte-order-mark": "Lines",
    "empty-file": "Files",
    "missing-key": "Keys and values",
    "empty-messages": "Conversations",
    "bad-tool-type": "Tools",
    "same-outputs": "Preferences and reinforcement",
    "media-not-from-user": "Images",
    "system-required": "What would be lost on the way",
}
"""The heading above the first rule of each chapter."""
