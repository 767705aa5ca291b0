"""The rules for conversations: chat examples, and the two sides of a preference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from portkey_ft.datasets._content import content_findings, content_texts
from portkey_ft.datasets._tools import (
    call_findings,
    call_ids,
    call_texts,
    definition_findings,
)
from portkey_ft.datasets._values import error, missing_or_wrong, shown, unknown_keys, warning, wrong_type

if TYPE_CHECKING:
    from collections.abc import Iterator

    from portkey_ft._profile import DatasetRules, RowRules
    from portkey_ft.datasets._tools import Definitions
    from portkey_ft.datasets._values import Finding, JsonObject, JsonValue

# Role and content.
_PLAIN_KEYS: Final = 2
_CHAT_KEYS: Final = frozenset({"messages", "tools", "functions", "parallel_tool_calls"})
_PREFERENCE_KEYS: Final = frozenset({"input", "preferred_output", "non_preferred_output"})
_MESSAGE_KEYS: Final = frozenset(
    {
        "role",
        "content",
        "name",
        "weight",
        "tool_calls",
        "tool_call_id",
        "function_call",
        "refusal",
        "audio",
        "reasoning_content",
    }
)
_ROLES: Final = frozenset({"system", "developer", "user", "assistant", "tool", "function"})
_ROLE_HINTS: Final = {"model": "assistant", "bot": "assistant", "gpt": "assistant", "ai": "assistant", "human": "user"}


def chat_findings(example: JsonObject, rules: DatasetRules, definitions: Definitions) -> Iterator[Finding]:
    """Find what is wrong with ``{"messages": [...], "tools": [...]}``.

    Args:
        example: The example.
        rules: What the provider requires.
        definitions: The tools that the example defines.
    """
    if not example.keys() <= _CHAT_KEYS:
        yield from unknown_keys(example, "", _CHAT_KEYS)
    if not definitions.clean:
        yield from definition_findings(example, "")
    messages = example.get("messages")
    if not isinstance(messages, list) or not messages:
        yield _no_messages(messages, "/messages")
        return
    yield from _conversation_findings(messages, "/messages", rules, definitions.names)
    yield from _start_findings(messages)
    yield from _end_findings(messages)


def is_for_grading(example: JsonObject) -> bool:
    """Return whether a conversation waits for its answer and has fields for a grader to judge it by."""
    messages = example.get("messages")
    asks = isinstance(messages, list) and bool(messages) and _role(messages[-1]) == "user"
    return asks and not example.keys() <= _CHAT_KEYS


def reinforcement_findings(example: JsonObject, rules: DatasetRules, definitions: Definitions) -> Iterator[Finding]:
    """Find what is wrong with ``{"messages": [..., the user's], ...}`` and the fields that a grader reads.

    Args:
        example: The example.
        rules: What the provider requires.
        definitions: The tools that the example defines.
    """
    if not definitions.clean:
        yield from definition_findings(example, "")
    messages = example.get("messages")
    if not isinstance(messages, list) or not messages:
        yield _no_messages(messages, "/messages")
        return
    yield from _conversation_findings(messages, "/messages", rules, definitions.names)
    if _role(messages[-1]) != "user":
        yield error(
            f"/messages/{len(messages) - 1}",
            "last-not-user",
            "The last message must be from the user: the model's answer is what is graded. Remove what follows.",
        )
    if example.keys() <= _CHAT_KEYS:
        yield warning(
            "",
            "nothing-to-grade-by",
            "There is no field for the grader beside messages. Add one, such as reference_answer, if it needs one.",
        )


def plain_chat_texts(example: JsonObject, rows: RowRules) -> list[str] | None:
    """Collect the texts of the usual chat example, in which nothing can be wrong.

    Most examples of most files are of this kind: an optional system message, then the user and the assistant, all
    with a text and nothing else. Recognising it in one short loop makes the check of a file twice as fast.

    Args:
        example: The example.
        rows: Which parts of a row reach the provider.

    Returns:
        What ``chat_texts`` would give; None if the example is not of this kind, or might not arrive as it is, so that
        ``chat_findings`` and ``row_findings`` have to look at it.
    """
    messages = example.get("messages")
    if len(example) != 1 or not isinstance(messages, list) or not (rows.formats is None or "chat" in rows.formats):
        return None
    texts: list[str] = []
    role = None
    asked = False
    for message in messages:
        if not isinstance(message, dict) or len(message) != _PLAIN_KEYS:
            return None
        content = message.get("content")
        if not isinstance(content, str) or not content or content.isspace():
            return None
        role = message.get("role")
        if role == "user":
            asked = True
        elif role != "assistant" and (role != "system" or texts):
            return None
        texts.append(content)
    complete = asked and role == "assistant"
    if complete and (rows.system_required or rows.alternating_start):
        complete = _role(messages[0]) == "system" and _role(messages[1]) == "user"
    return texts if complete else None


def preference_findings(example: JsonObject, rules: DatasetRules, definitions: Definitions) -> Iterator[Finding]:
    """Find what is wrong with ``{"input": {...}, "preferred_output": [...], "non_preferred_output": [...]}``.

    Args:
        example: The example.
        rules: What the provider requires.
        definitions: The tools that the example defines.
    """
    if not example.keys() <= _PREFERENCE_KEYS:
        yield from unknown_keys(example, "", _PREFERENCE_KEYS)
    question = example.get("input")
    if isinstance(question, dict):
        if not question.keys() <= _CHAT_KEYS:
            yield from unknown_keys(question, "/input", _CHAT_KEYS)
        if not definitions.clean:
            yield from definition_findings(question, "/input")
        messages = question.get("messages")
        if isinstance(messages, list) and messages:
            yield from _conversation_findings(messages, "/input/messages", rules, definitions.names)
        else:
            yield _no_messages(messages, "/input/messages")
    else:
        yield missing_or_wrong(example, "input", "an object with messages")
    for key in ("preferred_output", "non_preferred_output"):
        yield from _output_findings(example, key, rules, definitions.names)
    preferred = example.get("preferred_output")
    if preferred and preferred == example.get("non_preferred_output"):
        yield error(
            "/non_preferred_output",
            "same-outputs",
            "The preferred and the non-preferred output are the same, so there is nothing to prefer. Make them differ.",
        )


def chat_texts(example: JsonObject) -> list[str]:
    """Collect the texts of the messages that a model reads or learns to write."""
    return _conversation_texts(example.get("messages"))


def preference_texts(example: JsonObject) -> list[str]:
    """Collect the texts of the messages on both sides of a preference."""
    question = example.get("input")
    texts = chat_texts(question) if isinstance(question, dict) else []
    for key in ("preferred_output", "non_preferred_output"):
        texts += _conversation_texts(example.get(key))
    return texts


def _conversation_findings(
    messages: list[JsonValue], pointer: str, rules: DatasetRules, tools: frozenset[str]
) -> Iterator[Finding]:
    """Find what is wrong with the messages one by one and with their order."""
    awaited: frozenset[str] = frozenset()
    for index, message in enumerate(messages):
        if not awaited and _is_plain(message, index):
            continue
        place = f"{pointer}/{index}"
        if not isinstance(message, dict):
            yield wrong_type(place, "a message, that is, an object with role and content", message)
            continue
        yield from _message_findings(message, place, index, rules)
        if "tool_calls" in message or "function_call" in message:
            yield from call_findings(message, place, tools)
        if message.get("role") == "tool":
            yield from _answer_findings(message, place, awaited)
            awaited -= {answered} if isinstance(answered := message.get("tool_call_id"), str) else set()
            continue
        if awaited:
            yield _unanswered(awaited, place)
        awaited = call_ids(message) if "tool_calls" in message else frozenset()
    if awaited and _role(messages[-1]) == "tool":
        yield _unanswered(awaited, pointer)


def _is_plain(message: JsonValue, index: int) -> bool:
    """Return quickly whether a message is one of the usual ones, in which nothing can be wrong."""
    if not isinstance(message, dict) or len(message) != _PLAIN_KEYS:
        return False
    role = message.get("role")
    known = role == "assistant" or role == "user" or (role == "system" and index == 0)  # noqa: PLR1714 - no hashing
    return known and _says_something(message.get("content"))


def _says_something(content: JsonValue) -> bool:
    """Return quickly whether a content is a plain text, in which nothing can be wrong."""
    return isinstance(content, str) and content != "" and not content.isspace()


def _message_findings(message: JsonObject, place: str, index: int, rules: DatasetRules) -> Iterator[Finding]:
    """Find what is wrong with one message, its tool calls apart."""
    if not message.keys() <= _MESSAGE_KEYS:
        yield from unknown_keys(message, place, _MESSAGE_KEYS)
    role = message.get("role")
    if not isinstance(role, str):
        yield missing_or_wrong(message, "role", "a string", place)
    elif role not in _ROLES:
        hint = f"Write {_ROLE_HINTS[role]!r}." if role in _ROLE_HINTS else f"Use one of {', '.join(sorted(_ROLES))}."
        yield error(f"{place}/role", "unknown-role", f"No provider knows the role '{shown(role)}'. {hint}")
    elif role in {"system", "developer"} and index > 0:
        make = error if rules.system_only_first else warning
        yield make(f"{place}/role", "system-not-first", "A system message belongs at the start. Move it there.")
    elif role == "function" and not isinstance(message.get("name"), str):
        yield error(f"{place}/name", "missing-key", "A function message must name its function: add name.")
    if not _says_something(message.get("content")):
        yield from content_findings(message, place)
    if "weight" in message:
        yield from _weight_findings(message, place)


def _weight_findings(message: JsonObject, place: str) -> Iterator[Finding]:
    """Find what is wrong with the weight of a message."""
    weight = message["weight"]
    if isinstance(weight, bool) or not isinstance(weight, int) or weight not in {0, 1}:
        yield error(
            f"{place}/weight", "bad-weight", "A weight must be the number 0 (not learned) or 1 (learned). Change it."
        )
    if message.get("role") != "assistant":
        yield warning(
            f"{place}/weight", "misplaced-weight", "Only assistant messages are learned. Remove the weight here."
        )


def _answer_findings(message: JsonObject, place: str, awaited: frozenset[str]) -> Iterator[Finding]:
    """Check that a tool message answers a call that is still open."""
    answered = message.get("tool_call_id")
    if not isinstance(answered, str) or not answered:
        yield missing_or_wrong(message, "tool_call_id", "the id of a tool call", place)
    elif answered not in awaited:
        yield error(
            f"{place}/tool_call_id",
            "unknown-tool-call-id",
            f"No open tool call before this message has the id '{shown(answered)}'. "
            "A tool message must follow the assistant message whose tool_calls it answers, once for each call.",
        )


def _unanswered(awaited: frozenset[str], place: str) -> Finding:
    """Return the finding for calls that were not answered before the conversation went on."""
    names = ", ".join(f"'{shown(name)}'" for name in sorted(awaited)[:3])
    return error(
        place,
        "unanswered-tool-call",
        f"The tool calls before this have no answer: {names}. Add a tool message for each of them.",
    )


def _start_findings(messages: list[JsonValue]) -> Iterator[Finding]:
    """Check that a conversation has a user message."""
    first = _role(messages[0])
    if first != "user" and all(_role(message) != "user" for message in messages):
        yield warning("/messages", "no-user-message", "There is no user message, so nothing is asked. Add one.")


def _end_findings(messages: list[JsonValue]) -> Iterator[Finding]:
    """Check that a conversation ends with an assistant message to learn from."""
    last = messages[-1]
    if _role(last) != "assistant":
        yield error(
            f"/messages/{len(messages) - 1}",
            "last-not-assistant",
            "The last message must be from the assistant: it is what the model learns. Add or move it. "
            "(Only examples for reinforcement end with the user: format='reinforcement'.)",
        )
    elif isinstance(last, dict) and "weight" in last and not any(map(_is_learned, messages)):
        yield warning(
            "/messages", "nothing-learned", "All assistant messages have weight 0. Give one of them weight 1."
        )


def _is_learned(message: JsonValue) -> bool:
    """Return whether a message is one that the model learns to write."""
    return isinstance(message, dict) and message.get("role") == "assistant" and message.get("weight", 1) != 0


def _output_findings(example: JsonObject, key: str, rules: DatasetRules, tools: frozenset[str]) -> Iterator[Finding]:
    """Find what is wrong with one of the two answers of a preference."""
    output = example.get(key)
    if isinstance(output, list) and len(output) == 1 and _role(output[0]) == "assistant" and _is_plain(output[0], 0):
        return
    if not isinstance(output, list):
        yield missing_or_wrong(example, key, "an array of messages")
        return
    if not output:
        yield error(f"/{key}", "empty-messages", "There is no message. Add the assistant's answer.")
        return
    yield from _conversation_findings(output, f"/{key}", rules, tools)
    for index, message in enumerate(output):
        role = _role(message)
        if isinstance(role, str) and role in _ROLES and role not in {"assistant", "tool"}:
            yield error(
                f"/{key}/{index}/role",
                "role-in-output",
                f"An output holds assistant and tool messages only, not {role}. Move it to input.",
            )
    if all(_role(message) != "assistant" for message in output):
        yield error(f"/{key}", "no-assistant-message", "There is no assistant message to compare. Add one.")


def _role(message: JsonValue) -> JsonValue:
    """Return the role of a message, if it has one."""
    return message.get("role") if isinstance(message, dict) else None


def _no_messages(messages: JsonValue, pointer: str) -> Finding:
    """Return the finding for messages that are missing, of the wrong type, or empty."""
    if messages is None:
        return error(pointer, "missing-key", "The key messages is missing. Add an array of messages.")
    if isinstance(messages, list):
        return error(pointer, "empty-messages", "There is no message. Add a user and an assistant message.")
    return wrong_type(pointer, "an array of messages", messages)


def _conversation_texts(messages: JsonValue) -> list[str]:
    """Collect the texts of messages, whatever their shape."""
    if not isinstance(messages, list):
        return []
    texts: list[str] = []
    for message in messages:
        if isinstance(message, dict):
            content = message.get("content")
            if isinstance(content, str):
                texts.append(content)
            elif content is not None:
                texts += content_texts(content)
            if "tool_calls" in message or "function_call" in message:
                texts += call_texts(message)
    return texts
