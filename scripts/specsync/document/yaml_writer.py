"""Writes values as YAML that every reader, of 1.1 or of 1.2, reads back equal: plain blocks, no anchors, no tags."""

import json
import re
from collections.abc import Iterator
from typing import Final

from scripts.specsync.document.json_values import JsonValue

_PLAIN: Final = re.compile(r"[A-Za-z_$/][A-Za-z0-9_$/.{}+-]*( [A-Za-z0-9_$/.{}()+-]+)*")
# What some reader takes for something else than text.
_WORDS: Final = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf", "none"})
# Characters that JSON leaves bare inside quotes and YAML does not allow, or takes for line ends.
_UNPRINTABLE: Final = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")
# YAML allows no longer key without the question mark.
_LONGEST_KEY: Final = 1000
_LONGEST_PLAIN: Final = 200


def write_yaml(value: JsonValue, heading: str = "") -> str:
    """Return the YAML text of a value, after a heading of comment lines."""
    comment = "".join(f"# {line}\n" for line in heading.splitlines())
    if _is_flow(value):
        return f"{comment}{_flow(value)}\n"
    return comment + "".join(f"{line}\n" for line in _block(value, ""))


def _block(value: JsonValue, indent: str) -> Iterator[str]:
    if isinstance(value, dict):
        for key, member in value.items():
            text = _text(key)
            start = f"{indent}{text}:" if len(text) <= _LONGEST_KEY else f"{indent}? {text}\n{indent}:"
            if _is_flow(member):
                yield f"{start} {_flow(member)}"
            else:
                yield start
                yield from _block(member, indent + "  ")
    elif isinstance(value, list):
        for member in value:
            if _is_flow(member):
                yield f"{indent}- {_flow(member)}"
                continue
            lines = list(_block(member, indent + "  "))
            lines[0] = f"{indent}- {lines[0].removeprefix(indent + '  ')}"
            yield from lines


def _is_flow(value: JsonValue) -> bool:
    return not value or not isinstance(value, (dict, list))


def _flow(value: JsonValue) -> str:
    if isinstance(value, dict):
        return "{}"
    if isinstance(value, list):
        return "[]"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, float):
        return _float(value)
    return json.dumps(value)


def _float(value: float) -> str:
    text = json.dumps(value, allow_nan=False)
    # Readers of 1.1 want a dot before the exponent.
    return text if "." in text else text.replace("e", ".0e")


def _text(value: str) -> str:
    if len(value) <= _LONGEST_PLAIN and _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
        return value
    quoted = json.dumps(value, ensure_ascii=False)
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found.group()):04x}", quoted)
