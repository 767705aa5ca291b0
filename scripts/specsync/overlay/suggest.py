"""Suggests a corrected action if a component that an overlay names was renamed."""

from collections.abc import Iterator
from typing import Final

from scripts.specsync.document.json_values import JsonObject, JsonValue
from scripts.specsync.document.openapi import member_object
from scripts.specsync.document.schemas import Schemas
from scripts.specsync.document.yaml_writer import write_yaml
from scripts.specsync.overlay.apply import Action

_ALIKE: Final = 0.6


def renames(old: JsonObject, new: JsonObject) -> dict[str, str]:
    """Return for each removed component the new one with most of its fields, if there is one."""
    left, right = Schemas(old), Schemas(new)
    gone = sorted(left.names() - right.names())
    come = sorted(right.names() - left.names())
    found: dict[str, str] = {}
    for name in gone:
        alike = [(_likeness(left, name, right, other), other) for other in come]
        best = max(alike, default=(0.0, ""))
        if best[0] >= _ALIKE:
            found[name] = best[1]
    return found


def suggest_actions(action: Action, old: JsonObject, new: JsonObject) -> tuple[str, ...]:
    """Return lines that name the component that replaces one in the action, and the corrected action."""
    found = {name: other for name, other in renames(old, new).items() if name in action.target}
    if not found:
        return ()
    target = action.target
    for name, other in found.items():
        target = target.replace(f"'{name}'", f"'{other}'").replace(f".{name}", f".{other}")
    said = [f"{name} was removed, and {other} of the same shape was added" for name, other in found.items()]
    written: list[JsonValue] = [{**action.written, "target": target}]
    return (*said, "the corrected action:", *write_yaml(written).rstrip().splitlines())


def _likeness(left: Schemas, name: str, right: Schemas, other: str) -> float:
    mine, theirs = set(_fields(left, name)), set(_fields(right, other))
    both = mine | theirs
    return len(mine & theirs) / len(both) if both else 0.0


def _fields(schemas: Schemas, name: str) -> Iterator[str]:
    yield from member_object(schemas.flat({"$ref": f"#/components/schemas/{name}"}), "properties", "")
