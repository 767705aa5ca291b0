"""Compares the responses of two operations."""

from collections.abc import Iterator

import attrs

from scripts.specsync.diff.change import Change, change
from scripts.specsync.diff.contents import content_changes
from scripts.specsync.diff.location import SchemaLocation
from scripts.specsync.diff.schemas import SchemaComparison
from scripts.specsync.document.json_values import JsonObject, same_json
from scripts.specsync.document.openapi import as_object, member_object
from scripts.specsync.document.pointer import join
from scripts.specsync.verdicts import Severity

_DEFAULT = "default"


@attrs.frozen
class ResponseComparison:
    """Compares responses. Only changes of successful ones can break callers, because errors are read liberally."""

    schemas: SchemaComparison

    def compare(self, old: JsonObject, new: JsonObject, pointer: str) -> Iterator[Change]:
        """Yield every change between the responses of two operations."""
        place = join(pointer, "responses")
        before, after = member_object(old, "responses", pointer), member_object(new, "responses", pointer)
        moved, gone, come = _moves(before, after)
        for left, right in moved:
            yield change("success-status-changed", place, left, right)
            spot = join(place, right)
            yield from self._response(as_object(before[left], spot), as_object(after[right], spot), spot, is_read=True)
        kept = min((status for status in _successes(before) if status in after), default=None)
        for status in gone:
            # If the usual (first) success stays, the removal of a rarer one breaks no caller.
            rarer = Severity.ADDITIVE if kept is not None and kept < status else None
            yield change("response-success-removed", join(place, status), before[status], None, severity=rarer)
        for status in come:
            yield change("response-success-added", join(place, status), None, after[status])
        successes = {*_successes(before), *_successes(after)} - ({_DEFAULT} if moved or gone or come else set())
        for status in sorted({*before, *after}):
            spot = join(place, status)
            if status in before and status in after:
                yield from self._response(
                    as_object(before[status], spot), as_object(after[status], spot), spot, is_read=status in successes
                )
            elif status not in {*gone, *come, *(one for pair in moved for one in pair)}:
                word = "added" if status in after else "removed"
                yield change(f"response-error-{word}", spot, before.get(status), after.get(status))

    def _response(self, old: JsonObject, new: JsonObject, place: str, *, is_read: bool) -> Iterator[Change]:
        yield from content_changes(old, new, SchemaLocation(place, is_read=is_read), self.schemas)
        yield from self._headers(old, new, place)
        for key in sorted((set(old) | set(new)) - {"content", "description", "headers"}):
            if not same_json(old.get(key), new.get(key)):
                yield change("annotation-changed", join(place, key), old.get(key), new.get(key))

    def _headers(self, old: JsonObject, new: JsonObject, place: str) -> Iterator[Change]:
        before, after = member_object(old, "headers", place), member_object(new, "headers", place)
        for name in sorted({*before, *after}):
            spot = join(place, "headers", name)
            if name not in before or name not in after:
                word = "added" if name in after else "removed"
                yield change(f"response-header-{word}", spot, before.get(name), after.get(name), name)
                continue
            known, found = as_object(before[name], spot), as_object(after[name], spot)
            here = SchemaLocation(join(spot, "schema"), name=name, is_read=False)
            yield from self.schemas.compare(known.get("schema"), found.get("schema"), here)
            for key in sorted((set(known) | set(found)) - {"schema"}):
                if not same_json(known.get(key), found.get(key)):
                    yield change("response-header-changed", join(spot, key), known.get(key), found.get(key), name)


def _successes(responses: JsonObject) -> list[str]:
    """Return the statuses of success; `default` counts as one only if there is no other."""
    found = sorted(status for status in responses if status.startswith("2"))
    return found or [status for status in responses if status == _DEFAULT]


def _moves(before: JsonObject, after: JsonObject) -> tuple[list[tuple[str, str]], list[str], list[str]]:
    """Return the successful responses whose status changed, those that were removed, and those that were added."""
    old, new = _successes(before), _successes(after)
    gone = [status for status in old if status not in new]
    # A status that was described as an error before is not a new success.
    come = [status for status in new if status not in old and status not in before]
    moved = list(zip(gone, come, strict=False))
    gone, come = gone[len(moved) :], come[len(moved) :]
    return moved, [status for status in gone if status not in after], come
