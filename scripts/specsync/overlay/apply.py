"""Applies an OpenAPI Overlay 1.1, strictly.

By the specification, an action that matches nothing succeeds silently. Here every action says why it is there and
what it expects (`x-expect`), so that a change upstream cannot slip under an old correction:

* `matches: 3` - it meets exactly three nodes; `at_least: 3` - three or more;
* `holders: 3` - of what is removed by its name, three or more nodes that could hold it are there, though it may be gone
  from some: upstream has then fixed those itself;
* `at_most: 3` - it removes what upstream does not have yet, so that a later action can say it anew: up to three nodes.
  Where it meets one, the report says that upstream has it now;
* `value` - this is what stands at each node that it meets;
* `absent` - a JSONPath that meets nothing; where it does meet something, upstream has what the action would add, which
  is then reported as superfluous and left out.
"""

import re
from collections.abc import Callable, Sequence
from enum import StrEnum
from functools import partial
from typing import Final, cast

import attrs
import jsonpath

from scripts.specsync.document.json_values import JsonObject, JsonValue, canonical_json, copy_json, same_json
from scripts.specsync.document.pointer import join
from scripts.specsync.errors import OverlayError

_VERSIONS: Final = ("1.0.", "1.1.")
_ACTION_KEYS: Final = frozenset({"target", "description", "update", "remove", "copy", "x-expect"})
_COUNTS: Final = ("matches", "at_least", "at_most", "holders")
_EXPECT_KEYS: Final = frozenset({*_COUNTS, "value", "absent"})
_LAST_NAME: Final = re.compile(r"(\.[A-Za-z_][A-Za-z0-9_]*|\['[^',]+'\])$")


class UnmetError(OverlayError):
    """An action does not meet what it expects."""

    def __init__(self, action: "Action", message: str, details: tuple[str, ...]) -> None:
        super().__init__(message, details)
        self.action = action


class State(StrEnum):
    """The outcome of an action."""

    APPLIED = "applied"
    SUPERFLUOUS = "superfluous"
    WAITING = "waiting"
    CAUGHT_UP = "caught up"


@attrs.frozen
class Expectation:
    """The expectations of an action."""

    count: str
    number: int
    has_value: bool = False
    value: JsonValue = None
    absent: str | None = None


@attrs.frozen
class Action:
    """One action of an overlay; `kind` is update, remove or copy."""

    index: int
    target: str
    kind: str
    payload: JsonValue
    expect: Expectation
    written: JsonObject

    @property
    def label(self) -> str:
        """The action as messages name it."""
        return f"actions[{self.index}] ({self.kind} {self.target})"


@attrs.frozen
class Outcome:
    """The places that an action matched, and its outcome."""

    action: Action
    matches: int
    state: State
    met: tuple[str, ...] = ()

    def as_json(self) -> JsonObject:
        """Return the outcome as reports show it."""
        return {
            "action": self.action.label,
            "matches": self.matches,
            "state": str(self.state),
            "met": list[JsonValue](self.met),
        }


@attrs.frozen
class Applied:
    """A document after all actions, and what each did."""

    document: JsonObject
    outcomes: tuple[Outcome, ...]


@attrs.frozen
class _Match:
    tokens: tuple[str | int, ...]
    value: JsonValue

    @property
    def pointer(self) -> str:
        return join("", *self.tokens)


def read_overlay(value: JsonValue) -> tuple[Action, ...]:
    """Parse the actions of an overlay document; refuse what violates the specification or our rules."""
    if not isinstance(value, dict):
        message = "the overlay is not a mapping"
        raise OverlayError(message)
    version = value.get("overlay")
    if not isinstance(version, str) or not version.startswith(_VERSIONS):
        message = f"overlay version {version!r} is not read, only 1.0 and 1.1"
        raise OverlayError(message)
    info = value.get("info")
    if not isinstance(info, dict) or not isinstance(info.get("title"), str) or not isinstance(info.get("version"), str):
        message = "the overlay's info must have a title and a version"
        raise OverlayError(message)
    actions = value.get("actions")
    if not isinstance(actions, list) or not actions:
        message = "the overlay has no actions"
        raise OverlayError(message)
    return tuple(_read_action(index, action) for index, action in enumerate(actions))


def apply_overlay(document: JsonObject, actions: Sequence[Action]) -> Applied:
    """Return the document with all actions applied in order; the one that was given stays as it is."""
    current = document
    outcomes: list[Outcome] = []
    for action in actions:
        matches = _find(action, current, action.target)
        if action.expect.absent is not None and _find(action, current, action.expect.absent):
            outcomes.append(Outcome(action, 0, State.SUPERFLUOUS))
            continue
        _check(action, current, matches)
        after = _apply(action, current, matches)
        state = _state(action, matches, changed=not same_json(current, after))
        outcomes.append(Outcome(action, len(matches), state, tuple(match.pointer for match in matches)))
        # An object stays one: nothing else is merged into it, and the whole is never removed.
        current = cast("JsonObject", after)
    return Applied(current, tuple(outcomes))


def _state(action: Action, matches: list[_Match], *, changed: bool) -> State:
    if action.expect.count == "at_most":
        return State.CAUGHT_UP if matches else State.WAITING
    return State.APPLIED if changed else State.SUPERFLUOUS


def _read_action(index: int, value: JsonValue) -> Action:
    where = f"actions[{index}]"
    if not isinstance(value, dict):
        message = f"{where} is not a mapping"
        raise OverlayError(message)
    unknown = sorted(key for key in value if key not in _ACTION_KEYS and not key.startswith("x-"))
    if unknown:
        message = f"{where} has an unknown key {unknown[0]!r}"
        raise OverlayError(message)
    target, reason = value.get("target"), value.get("description")
    if not isinstance(target, str) or not target.startswith("$"):
        message = f"{where} has no target that is a JSONPath"
        raise OverlayError(message)
    if not isinstance(reason, str) or not reason.strip():
        message = f"{where} does not say its reason (description)"
        raise OverlayError(message)
    removes = value.get("remove", False)
    if not isinstance(removes, bool):
        message = f"{where}: remove is true or false"
        raise OverlayError(message)
    kind, payload = "remove", None
    if not removes:
        given = [key for key in ("update", "copy") if key in value]
        if len(given) != 1:
            message = f"{where} must have one of update, remove and copy"
            raise OverlayError(message)
        kind, payload = given[0], value[given[0]]
    return Action(index, target.strip(), kind, payload, _read_expectation(where, value), value)


def _read_expectation(where: str, value: JsonObject) -> Expectation:
    expect = value.get("x-expect")
    if not isinstance(expect, dict) or set(expect) - _EXPECT_KEYS:
        message = f"{where} does not say what it expects (x-expect: {', '.join(sorted(_EXPECT_KEYS))})"
        raise OverlayError(message)
    counts = [key for key in _COUNTS if key in expect]
    if len(counts) != 1:
        message = f"{where}: x-expect must have one of {', '.join(_COUNTS)}"
        raise OverlayError(message)
    number = expect[counts[0]]
    if not isinstance(number, int) or isinstance(number, bool) or number < 1:
        message = f"{where}: x-expect.{counts[0]} is a number of nodes, 1 or more"
        raise OverlayError(message)
    if counts[0] == "holders" and not (value.get("remove") is True and _LAST_NAME.search(str(value["target"]))):
        message = f"{where}: x-expect.holders is for a removal whose target ends in a name"
        raise OverlayError(message)
    if counts[0] == "at_most" and value.get("remove") is not True:
        message = f"{where}: x-expect.at_most is for a removal"
        raise OverlayError(message)
    absent = expect.get("absent")
    if absent is not None and not (isinstance(absent, str) and absent.startswith("$")):
        message = f"{where}: x-expect.absent is a JSONPath"
        raise OverlayError(message)
    return Expectation(counts[0], number, "value" in expect, expect.get("value"), absent)


def _find(action: Action, document: JsonObject, path: str) -> list[_Match]:
    environment = jsonpath.JSONPathEnvironment(strict=True)
    try:
        found = list(environment.finditer(path, document))
    except jsonpath.JSONPathError as error:
        message = f"{action.label}: not a JSONPath of RFC 9535: {error}"
        raise OverlayError(message) from None
    # A path may select one node twice; a node is edited once.
    matches: dict[tuple[str | int, ...], _Match] = {}
    for match in found:
        tokens = tuple(match.parts)
        matches.setdefault(tokens, _Match(tokens, cast("JsonValue", match.obj)))
    return list(matches.values())


def _check(action: Action, document: JsonObject, matches: list[_Match]) -> None:
    expect = action.expect
    if expect.count == "holders":
        met = len(_find(action, document, _LAST_NAME.sub("", action.target)))
        kept = met >= expect.number
        wanted = f"{expect.number} or more nodes that can hold what it removes"
    else:
        met = len(matches)
        kept = {"at_least": met >= expect.number, "at_most": met <= expect.number}.get(
            expect.count, met == expect.number
        )
        word = {"at_least": " or more", "at_most": " or fewer"}.get(expect.count, "")
        wanted = f"{expect.number}{word} node(s)"
    if not kept:
        message = f"{action.label} expects to meet {wanted} and meets {met}"
        raise UnmetError(action, message, tuple(f"met {match.pointer}" for match in matches))
    if not expect.has_value:
        return
    for match in matches:
        if not same_json(match.value, expect.value):
            message = f"{action.label} expects another value at {match.pointer}"
            details = (f"expected {canonical_json(expect.value)}", f"met {canonical_json(match.value)}")
            raise UnmetError(action, message, details)


def _apply(action: Action, document: JsonObject, matches: list[_Match]) -> JsonValue:
    if action.kind == "remove":
        return _remove(action, document, matches)
    payload = _copied(action, document) if action.kind == "copy" else action.payload
    kinds = {_kind(match.value) for match in matches}
    if len(kinds) > 1:
        message = f"{action.label} meets {' and '.join(sorted(kinds))}; they must all be of one kind"
        raise OverlayError(message)
    built: JsonValue = document
    for match in matches:
        built = _changed(built, match.tokens, partial(_updated, action, match.pointer, payload))
    return built


def _copied(action: Action, document: JsonObject) -> JsonValue:
    if not isinstance(action.payload, str) or not action.payload.startswith("$"):
        message = f"{action.label}: copy is a JSONPath"
        raise OverlayError(message)
    sources = _find(action, document, action.payload)
    if len(sources) != 1:
        message = f"{action.label}: copy meets {len(sources)} nodes, it must meet one"
        raise OverlayError(message)
    return sources[0].value


def _updated(action: Action, pointer: str, payload: JsonValue, value: JsonValue) -> JsonValue:
    if isinstance(value, list) and not isinstance(payload, list):
        # Overlay 1.1: an array is joined to an array, anything else is appended to it.
        payload = [payload]
    return _merged(action, pointer, payload, value)


def _merged(action: Action, pointer: str, payload: JsonValue, value: JsonValue) -> JsonValue:
    if isinstance(value, dict) and isinstance(payload, dict):
        built = dict(value)
        for key, member in payload.items():
            built[key] = _merged(action, join(pointer, key), member, value[key]) if key in value else copy_json(member)
        return built
    if isinstance(value, list) and isinstance(payload, list):
        return [*value, *(copy_json(member) for member in payload)]
    if _kind(value) != _kind(payload):
        message = f"{action.label}: {_kind(payload)} cannot be merged into {_kind(value)} at {pointer}"
        raise OverlayError(message)
    return payload


def _kind(value: JsonValue) -> str:
    return "an object" if isinstance(value, dict) else "an array" if isinstance(value, list) else "a primitive"


def _remove(action: Action, document: JsonObject, matches: list[_Match]) -> JsonValue:
    built: JsonValue = document
    # From the inside out and from the end, so that what is still to be removed stays in its place.
    for match in sorted(matches, key=_depth_and_indexes, reverse=True):
        if not match.tokens:
            message = f"{action.label} would remove the whole document"
            raise OverlayError(message)
        built = _changed(built, match.tokens[:-1], partial(_without, match.tokens[-1]))
    return built


def _depth_and_indexes(match: _Match) -> tuple[int, list[int]]:
    return len(match.tokens), [token for token in match.tokens if isinstance(token, int)]


def _without(token: str | int, holder: JsonValue) -> JsonValue:
    if isinstance(holder, list):
        return [member for index, member in enumerate(holder) if index != token]
    members = cast("JsonObject", holder)
    return {key: member for key, member in members.items() if key != token}


def _changed(node: JsonValue, tokens: tuple[str | int, ...], change: Callable[[JsonValue], JsonValue]) -> JsonValue:
    """Return the node with a change made to a place in it; what does not lie on the way there is shared, not copied."""
    if not tokens:
        return change(node)
    first, rest = tokens[0], tokens[1:]
    if isinstance(node, list):
        index = int(first)
        return [*node[:index], _changed(node[index], rest, change), *node[index + 1 :]]
    members, key = cast("JsonObject", node), str(first)
    return {**members, key: _changed(members[key], rest, change)}
