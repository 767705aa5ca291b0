"""Reads YAML and JSON text as plain values: liberal in syntax, strict in meaning.

The parser's events are taken, not its loader: the loader resolves scalars by YAML 1.1 (`no` is false, `12:30` is 750),
keeps the last of two equal keys in silence, and overflows the C stack on deep nesting. Here scalars have their YAML 1.2
core meaning, equal keys are an error that names both lines, and depth, nodes and aliases are bounded. What an alias
stands for is copied, so that a later edit of one place cannot change another.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Final, TypeAlias, cast

import attrs
import yaml

from scripts.specsync.document import pointer as pointers
from scripts.specsync.document.json_values import JsonObject, JsonValue, read_json
from scripts.specsync.errors import SourceError


@attrs.frozen
class Limits:
    """Limits on input; the largest real document has 1.3 MB, depth 19 and 120,000 nodes."""

    size: int = 32 * 1024 * 1024
    depth: int = 200
    nodes: int = 2_000_000


class DuplicateKeyError(SourceError):
    """One mapping has the same key twice."""


_NULLS: Final = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE: Final = frozenset({"true", "True", "TRUE"})
_FALSE: Final = frozenset({"false", "False", "FALSE"})
_NUMBER_START: Final = frozenset("+-.0123456789")
_INTEGER: Final = re.compile(r"[-+]?[0-9]+")
_OCTAL_OR_HEXADECIMAL: Final = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT: Final = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE: Final = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_CORE_TAGS: Final = "tag:yaml.org,2002:"
_LONGEST_INTEGER: Final = 4000
_MERGE_KEY: Final = "<<"

_Container: TypeAlias = "dict[str, JsonValue] | list[JsonValue]"


def decode(content: bytes) -> str:
    """Return the text of bytes in UTF-8, or in UTF-16 or UTF-32 if a byte order mark says so."""
    for mark, encoding in (
        (b"\xff\xfe\x00\x00", "utf-32"),
        (b"\x00\x00\xfe\xff", "utf-32"),
        (b"\xff\xfe", "utf-16"),
        (b"\xfe\xff", "utf-16"),
        (b"", "utf-8-sig"),
    ):
        if content.startswith(mark):
            return _decoded(content, encoding)
    return ""


def _decoded(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        message = f"line {line}: not {encoding} text: {error.reason}"
        raise SourceError(message) from None


def parse(content: bytes, limits: Limits | None = None) -> JsonValue:
    """Return the value of a YAML or JSON document."""
    bounds = limits or Limits()
    if len(content) > bounds.size:
        message = f"the document has {len(content)} bytes; at most {bounds.size} are read"
        raise SourceError(message)
    text = decode(content)
    found = read_json(text, bounds.depth, bounds.nodes)
    return found[0] if found is not None else _Builder(bounds).build(text)


def parse_object(content: bytes, limits: Limits | None = None) -> JsonObject:
    """Return the value of a document whose root must be a mapping."""
    value = parse(content, limits)
    if not isinstance(value, dict):
        message = "line 1: the document is not a mapping of keys to values"
        raise SourceError(message)
    return value


def lines_of(content: bytes, places: Iterable[str]) -> list[int]:
    """Return for each JSON pointer the line on which the node there, or its nearest ancestor, begins.

    What is within an alias is on the lines of its anchor. The document is read again for this: lines are wanted for
    messages alone, and noting each costs half the time.
    """
    builder = _Builder(Limits(), note_lines=True)
    builder.build(decode(content))
    return [_nearest(builder.lines, _anchored(builder.aliases, pointers.split(place))) for place in places]


def _anchored(aliases: Mapping[str, str], tokens: tuple[str, ...]) -> tuple[str, ...]:
    """Return the path to a place with aliases resolved; anchors are not recursive, so this ends."""
    for length in range(len(tokens)):
        anchor = aliases.get(pointers.join("", *tokens[:length]))
        if anchor is not None:
            return _anchored(aliases, (*pointers.split(anchor), *tokens[length:]))
    return tokens


def _nearest(lines: Mapping[str, int], tokens: tuple[str, ...]) -> int:
    for length in range(len(tokens), -1, -1):
        line = lines.get(pointers.join("", *tokens[:length]))
        if line is not None:
            return line
    return 1


@attrs.define
class _Frame:
    """A mapping or sequence that is being read."""

    container: _Container
    line: int
    anchor: str | None
    pointer: str
    nodes_before: int
    key: str | None = None
    merging: bool = False
    key_lines: dict[str, int] = attrs.field(factory=dict[str, int])
    merges: list[JsonValue] = attrs.field(factory=list["JsonValue"])


@attrs.frozen
class _Anchored:
    value: JsonValue
    nodes: int
    depth: int
    pointer: str = ""


@attrs.define
class _Builder:
    """Builds values from events with an explicit stack, so that nesting cannot exhaust the machine's."""

    limits: Limits
    note_lines: bool = False
    lines: dict[str, int] = attrs.field(factory=dict[str, int])
    aliases: dict[str, str] = attrs.field(factory=dict[str, str])
    _nodes: int = 0
    _stack: list[_Frame] = attrs.field(factory=list[_Frame])
    _anchors: dict[str, _Anchored] = attrs.field(factory=dict[str, _Anchored])
    _root: JsonValue = None
    _documents: int = 0

    def build(self, text: str) -> JsonValue:
        try:
            for event in yaml.parse(text, Loader=yaml.CBaseLoader):
                self._take(event)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line = mark.line + 1 if mark is not None else 1
            message = f"line {line}: {error.problem or error.context or 'not YAML'}"
            raise SourceError(message) from None
        except yaml.YAMLError as error:
            message = f"not YAML: {error}"
            raise SourceError(message) from None
        if self._documents == 0:
            message = "line 1: the document is empty"
            raise SourceError(message)
        return self._root

    def _take(self, event: yaml.Event) -> None:
        kind = type(event)
        if kind is yaml.ScalarEvent:
            self._scalar(cast("yaml.ScalarEvent", event))
        elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
            self._open(cast("yaml.CollectionStartEvent", event))
        elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
            self._close()
        elif kind is yaml.AliasEvent:
            self._alias(cast("yaml.AliasEvent", event))
        elif kind is yaml.DocumentStartEvent:
            self._documents += 1
            if self._documents > 1:
                raise _fault(event, "a second document begins here")

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        frame = self._stack[-1] if self._stack else None
        if frame is not None and frame.key is None and isinstance(frame.container, dict):
            self._take_key(frame, event)
            return
        value = _resolve(event)
        self._count(event)
        self._note(event)
        if event.anchor is not None:
            self._anchors[event.anchor] = _Anchored(value, 1, 0)
        self._put(event, value)

    def _take_key(self, frame: _Frame, event: yaml.ScalarEvent) -> None:
        key = event.value
        line = _line(event)
        earlier = frame.key_lines.get(key)
        if earlier is not None:
            message = f"line {line}: key {key!r} is already in this mapping, on line {earlier}"
            raise DuplicateKeyError(message)
        frame.key_lines[key] = line
        frame.key = key
        frame.merging = key == _MERGE_KEY and event.implicit[0]
        if event.anchor is not None:
            self._anchors[event.anchor] = _Anchored(key, 1, 0)

    def _open(self, event: yaml.CollectionStartEvent) -> None:
        if len(self._stack) >= self.limits.depth:
            reason = f"nested deeper than {self.limits.depth} levels"
            raise _fault(event, reason)
        if self._stack and self._stack[-1].key is None and isinstance(self._stack[-1].container, dict):
            raise _fault(event, "a mapping key that is not a scalar")
        mapping = type(event) is yaml.MappingStartEvent
        wanted = f"{_CORE_TAGS}{'map' if mapping else 'seq'}"
        if event.tag not in {None, "!", wanted}:
            reason = f"unknown tag {event.tag!r}"
            raise _fault(event, reason)
        self._count(event)
        self._note(event)
        if event.anchor is not None:
            self._anchors.pop(event.anchor, None)
        container: _Container = {} if mapping else []
        place = self._place() if self.note_lines else ""
        self._stack.append(_Frame(container, _line(event), event.anchor, place, self._nodes))

    def _close(self) -> None:
        frame = self._stack.pop()
        if isinstance(frame.container, dict):
            for merged in frame.merges:
                _merge(frame, merged)
        if frame.anchor is not None:
            nodes = self._nodes - frame.nodes_before + 1
            self._anchors[frame.anchor] = _Anchored(frame.container, nodes, _depth(frame.container), frame.pointer)
        self._put(frame, frame.container)

    def _alias(self, event: yaml.AliasEvent) -> None:
        anchored = self._anchors.get(str(event.anchor))
        if anchored is None:
            reason = f"alias *{event.anchor} refers to no anchor before it"
            raise _fault(event, reason)
        frame = self._stack[-1] if self._stack else None
        if frame is not None and frame.key is None and isinstance(frame.container, dict):
            if not isinstance(anchored.value, str):
                raise _fault(event, "a mapping key that is not a scalar")
            self._take_key(frame, yaml.ScalarEvent(None, None, (True, False), anchored.value, event.start_mark))
            return
        if len(self._stack) + anchored.depth > self.limits.depth:
            reason = f"nested deeper than {self.limits.depth} levels"
            raise _fault(event, reason)
        self._nodes += anchored.nodes - 1
        self._count(event)
        self._note(event)
        if self.note_lines:
            self.aliases[self._place()] = anchored.pointer
        self._put(event, _copy(anchored.value))

    def _put(self, source: yaml.Event | _Frame, value: JsonValue) -> None:
        if not self._stack:
            self._root = value
            return
        frame = self._stack[-1]
        if isinstance(frame.container, list):
            frame.container.append(value)
            return
        key = frame.key
        frame.key = None
        if key is None:
            raise _fault(source, "a value without a key")
        if frame.merging:
            frame.merges.append(value)
        else:
            frame.container[key] = value

    def _count(self, event: yaml.Event) -> None:
        self._nodes += 1
        if self._nodes > self.limits.nodes:
            reason = f"more than {self.limits.nodes} values, aliases included"
            raise _fault(event, reason)

    def _place(self) -> str:
        if not self._stack:
            return ""
        frame = self._stack[-1]
        token = len(frame.container) if isinstance(frame.container, list) else frame.key or ""
        return pointers.join(frame.pointer, token)

    def _note(self, event: yaml.Event) -> None:
        if self.note_lines:
            line = _line(event)
            if self._stack and self._stack[-1].key is not None:
                line = self._stack[-1].key_lines[self._stack[-1].key]
            self.lines[self._place()] = line


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark is not None else 1


def _fault(source: yaml.Event | _Frame, reason: str) -> SourceError:
    line = source.line if isinstance(source, _Frame) else _line(source)
    return SourceError(f"line {line}: {reason}")


def _resolve(event: yaml.ScalarEvent) -> JsonValue:
    text = event.value
    tag = event.tag
    if tag is None:
        return _plain(event, text) if event.implicit[0] else text
    if tag in {"!", f"{_CORE_TAGS}str"}:
        return text
    value = _plain(event, text)
    kinds: dict[str, tuple[type, ...]] = {"int": (int,), "float": (float, int), "bool": (bool,), "null": (type(None),)}
    wanted = kinds.get(tag.removeprefix(_CORE_TAGS))
    if wanted is None:
        reason = f"unknown tag {tag!r}"
        raise _fault(event, reason)
    if type(value) not in wanted:
        reason = f"{text!r} does not match its tag {tag!r}"
        raise _fault(event, reason)
    return value


def _plain(event: yaml.ScalarEvent, text: str) -> JsonValue:
    """Return the meaning of an unquoted scalar in the core schema of YAML 1.2."""
    if text in _NULLS:
        return None
    if text[0] not in _NUMBER_START:
        return True if text in _TRUE else False if text in _FALSE else text
    return _number(event, text)


def _number(event: yaml.ScalarEvent, text: str) -> JsonValue:
    if _INTEGER.fullmatch(text):
        if len(text) > _LONGEST_INTEGER:
            raise _fault(event, "a number too long to be read")
        return int(text)
    if _OCTAL_OR_HEXADECIMAL.fullmatch(text) and len(text) <= _LONGEST_INTEGER:
        return int(text, 0)
    if _FLOAT.fullmatch(text):
        number = float(text)
        if number in {float("inf"), float("-inf")}:
            raise _fault(event, "a number too large to be read")
        return number
    if _NOT_FINITE.fullmatch(text):
        reason = f"{text} is not a JSON number"
        raise _fault(event, reason)
    return text


def _merge(frame: _Frame, merged: JsonValue) -> None:
    """Merge the mappings of a merge key: not part of YAML 1.2, but readers agree on its meaning."""
    sources = merged if isinstance(merged, list) else [merged]
    for source in sources:
        if not isinstance(source, dict):
            raise _fault(frame, "a merge key (<<) without a mapping")
        if isinstance(frame.container, dict):
            for key, value in source.items():
                frame.container.setdefault(key, value)


def _depth(value: JsonValue) -> int:
    if isinstance(value, dict):
        return 1 + max((_depth(member) for member in value.values()), default=0)
    if isinstance(value, list):
        return 1 + max((_depth(member) for member in value), default=0)
    return 0


def _copy(value: JsonValue) -> JsonValue:
    if isinstance(value, dict):
        return {key: _copy(member) for key, member in value.items()}
    if isinstance(value, list):
        return [_copy(member) for member in value]
    return value
