"""The rules for tools: their definitions, and the calls of an assistant."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from attrs import frozen

from portkey_ft.datasets._values import error, missing_or_wrong, shown, warning, wrong_type

if TYPE_CHECKING:
    from collections.abc import Iterator

    from portkey_ft.datasets._values import Finding, JsonObject, JsonValue

# Made once: json.dumps makes one for every call with options, which takes longer than encoding does.
_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":"))
_DECODER: Final = json.JSONDecoder()
_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")


@frozen
class Definitions:
    """The tools that an example defines.

    Most files define the same tools in each example; comparing them is much faster than looking at them again.

    Attributes:
        source: The values of ``tools`` and ``functions``, an empty tuple for what is absent: JSON has no such value.
        names: The names of all tools that are defined.
        texts: The definitions as the text that a model is given, nearly.
        clean: Whether nothing is wrong with them.
    """

    source: tuple[object, object] = ((), ())
    names: frozenset[str] = frozenset()
    texts: tuple[str, ...] = ()
    clean: bool = True


def definitions_of(holder: JsonObject, known: Definitions) -> Definitions:
    """Check the definitions of tools.

    Args:
        holder: The object that may have ``tools``, ``functions`` and ``parallel_tool_calls``.
        known: What was found in the example before; given back if this one defines the same.
    """
    source = (holder.get("tools", ()), holder.get("functions", ()))
    if source == known.source and known.clean and _has_boolean(holder):
        return known
    values = [value for value in (holder.get("tools"), holder.get("functions")) if isinstance(value, list)]
    names = [_function(item).get("name") for value in values for item in value]
    return Definitions(
        source=source,
        names=frozenset(name for name in names if isinstance(name, str)),
        texts=tuple(_ENCODER.encode(value) for value in values if value),
        clean=next(definition_findings(holder, ""), None) is None,
    )


def definition_findings(holder: JsonObject, place: str) -> Iterator[Finding]:
    """Find what is wrong with the definitions of tools.

    Args:
        holder: The object that may have ``tools``, ``functions`` and ``parallel_tool_calls``.
        place: The pointer to it.
    """
    for key in ("tools", "functions"):
        definitions = holder.get(key)
        if isinstance(definitions, list):
            yield from _list_findings(definitions, f"{place}/{key}", wrapped=key == "tools")
        elif key in holder:
            yield wrong_type(f"{place}/{key}", "an array of definitions", definitions)
    if not _has_boolean(holder):
        yield wrong_type(f"{place}/parallel_tool_calls", "true or false", holder["parallel_tool_calls"])


def call_findings(message: JsonObject, place: str, tools: frozenset[str]) -> Iterator[Finding]:
    """Find what is wrong with the calls in a message.

    Args:
        message: The message.
        place: The pointer to it.
        tools: The names of the tools that are defined.
    """
    for key in ("tool_calls", "function_call"):
        if key in message and message.get("role") != "assistant":
            yield error(
                f"{place}/{key}", "misplaced-tool-calls", "Only an assistant calls tools. Move the calls there."
            )
    if "function_call" in message:
        yield from _function_findings(message["function_call"], f"{place}/function_call", tools)
    if "tool_calls" not in message:
        return
    calls = message["tool_calls"]
    if not isinstance(calls, list):
        yield wrong_type(f"{place}/tool_calls", "an array of calls", calls)
    elif not calls:
        yield error(
            f"{place}/tool_calls", "empty-tool-calls", "There is no call. Add one, or remove the key tool_calls."
        )
    else:
        seen: set[str] = set()
        for index, call in enumerate(calls):
            if len(calls) > 1 or not _is_plain(call, tools):
                yield from _call_findings(call, f"{place}/tool_calls/{index}", tools, seen)


def call_ids(message: JsonValue) -> frozenset[str]:
    """Return the ids of the calls in a message, whatever its shape."""
    calls = message.get("tool_calls") if isinstance(message, dict) else None
    if not isinstance(calls, list):
        return frozenset()
    ids = (call.get("id") for call in calls if isinstance(call, dict))
    return frozenset(name for name in ids if isinstance(name, str) and name)


def call_texts(message: JsonObject) -> list[str]:
    """Collect the names and the arguments of the calls in a message, whatever their shape."""
    calls = message.get("tool_calls")
    functions = [_function(call) for call in calls] if isinstance(calls, list) else []
    legacy = message.get("function_call")
    if isinstance(legacy, dict):
        functions.append(legacy)
    texts = (function.get(key) for function in functions for key in ("name", "arguments"))
    return [text for text in texts if isinstance(text, str)]


def _function(item: JsonValue) -> JsonObject:
    """Return the function of a definition or a call: what ``function`` holds, or the item itself in the older form."""
    if not isinstance(item, dict):
        return {}
    function = item.get("function", item)
    return function if isinstance(function, dict) else {}


def _has_boolean(holder: JsonObject) -> bool:
    """Return whether ``parallel_tool_calls`` is as it must be, or absent."""
    return isinstance(holder.get("parallel_tool_calls", True), bool)


def _list_findings(definitions: list[JsonValue], pointer: str, *, wrapped: bool) -> Iterator[Finding]:
    """Find what is wrong with an array of definitions."""
    seen: set[str] = set()
    for index, item in enumerate(definitions):
        place = f"{pointer}/{index}"
        if not isinstance(item, dict):
            yield wrong_type(place, "an object that defines a tool", item)
            continue
        if wrapped:
            if item.get("type") != "function":
                yield error(f"{place}/type", "bad-tool-type", "The type of a tool must be 'function'. Write it so.")
            if not isinstance(item.get("function"), dict):
                yield missing_or_wrong(item, "function", "an object with name and parameters", place)
                continue
            place = f"{place}/function"
        yield from _definition_findings(_function(item), place, seen)


def _definition_findings(function: JsonObject, place: str, seen: set[str]) -> Iterator[Finding]:
    """Find what is wrong with one definition."""
    name = function.get("name")
    if not isinstance(name, str):
        yield missing_or_wrong(function, "name", "a string", place)
    elif not _NAME.fullmatch(name):
        yield error(
            f"{place}/name",
            "bad-tool-name",
            f"'{shown(name)}' cannot name a tool. Use 1 to 64 letters, digits, underscores and hyphens.",
        )
    elif name in seen:
        yield error(f"{place}/name", "duplicate-tool", f"The tool {name} is defined twice. Remove one of the two.")
    else:
        seen.add(name)
    if not isinstance(function.get("parameters", {}), dict):
        yield wrong_type(f"{place}/parameters", "a JSON schema, that is, an object", function["parameters"])


def _is_plain(call: JsonValue, tools: frozenset[str]) -> bool:
    """Return quickly whether a call is a usual one, in which nothing can be wrong."""
    if not isinstance(call, dict) or not isinstance(function := call.get("function"), dict):
        return False
    name, arguments = function.get("name"), function.get("arguments")
    known = isinstance(name, str) and name in tools and name != ""
    named = call.get("type") == "function" and call.get("id") != "" and isinstance(call.get("id"), str)
    return known and named and isinstance(arguments, str) and _is_object(arguments)


def _call_findings(call: JsonValue, place: str, tools: frozenset[str], seen: set[str]) -> Iterator[Finding]:
    """Find what is wrong with one call."""
    if not isinstance(call, dict):
        yield wrong_type(place, "an object with id, type and function", call)
        return
    name = call.get("id")
    if not isinstance(name, str) or not name:
        yield missing_or_wrong(call, "id", "a string that is not empty", place)
    elif name in seen:
        yield error(f"{place}/id", "duplicate-tool-call-id", f"Two calls have the id '{shown(name)}'. Change one.")
    else:
        seen.add(name)
    if call.get("type") != "function":
        yield error(f"{place}/type", "bad-tool-type", "The type of a call must be 'function'. Write it so.")
    if "function" in call:
        yield from _function_findings(call["function"], f"{place}/function", tools)
    else:
        yield missing_or_wrong(call, "function", "an object with name and arguments", place)


def _function_findings(function: JsonValue, place: str, tools: frozenset[str]) -> Iterator[Finding]:
    """Find what is wrong with the function that is called."""
    if not isinstance(function, dict):
        yield wrong_type(place, "an object with name and arguments", function)
        return
    name = function.get("name")
    if not isinstance(name, str) or not name:
        yield missing_or_wrong(function, "name", "a string that is not empty", place)
    elif name not in tools:
        yield warning(f"{place}/name", "undefined-tool", f"No tool '{shown(name)}' is defined. Add it to tools.")
    arguments = function.get("arguments")
    if not isinstance(arguments, str):
        if "arguments" in function:
            yield error(
                f"{place}/arguments",
                "arguments-not-string",
                "The arguments must be JSON as a string, not the JSON itself. Encode them, as with json.dumps.",
            )
        else:
            yield missing_or_wrong(function, "arguments", "a string of JSON, such as '{}',", place)
    elif not _is_object(arguments):
        yield warning(
            f"{place}/arguments",
            "arguments-not-json",
            f"The arguments are not a JSON object: '{shown(arguments)}'. The model would learn to write broken calls.",
        )


def _is_object(text: str) -> bool:
    """Return whether a text is a JSON object."""
    try:
        return isinstance(_DECODER.decode(text), dict)
    except ValueError:
        return False
