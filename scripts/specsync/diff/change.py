"""One change between two documents, and how a list of them is judged."""

from collections.abc import Iterable, Mapping
from typing import Final

import attrs

from scripts.specsync.diff.rules import RULES, Rule
from scripts.specsync.document.json_values import JsonObject, JsonValue, canonical_json, digest_bytes
from scripts.specsync.verdicts import ExitCode, Severity, verdict_of

_FINGERPRINT_LENGTH: Final = 12
# Tokens of the pointer to an operation, the empty one before the first slash included.
_OPERATION_LENGTH: Final = 4


@attrs.frozen
class Change:
    """One change: its rule, its place, and what depends on it.

    `name` is the property or parameter that it is about, `owner` the component that has this property, `operations`
    all operations that reach the place. `upstream` is the place in upstream's own document and `line` its line.
    """

    rule: Rule
    severity: Severity
    pointer: str
    before: JsonValue
    after: JsonValue
    component: str | None = None
    name: str | None = None
    operations: tuple[str, ...] = ()
    seam: tuple[str, ...] = ()
    accepted: str | None = None
    owner: str | None = None
    upstream: str | None = None
    line: int | None = None

    @property
    def fingerprint(self) -> str:
        """The key of an acceptance: the digest of rule, place, before and after. A later change has another one."""
        parts = (self.rule.identifier, self.pointer, canonical_json(self.before), canonical_json(self.after))
        return digest_bytes("\0".join(parts).encode("utf-8", "surrogatepass"))[:_FINGERPRINT_LENGTH]

    @property
    def effective_severity(self) -> Severity:
        """The severity, unless a maintainer has accepted the break."""
        return Severity.ADDITIVE if self.accepted is not None else self.severity

    def as_json(self) -> JsonObject:
        """Return the change as reports show it."""
        return {
            "rule": self.rule.identifier,
            "plane": str(self.rule.plane),
            "severity": str(self.severity),
            "pointer": self.pointer,
            "upstream": self.upstream,
            "line": self.line,
            "before": self.before,
            "after": self.after,
            "seam": list[JsonValue](self.seam),
            "operations": list[JsonValue](self.operations),
            "fingerprint": self.fingerprint,
            "accepted": self.accepted,
        }


def change(
    identifier: str,
    pointer: str,
    before: JsonValue,
    after: JsonValue,
    name: str | None = None,
    *,
    severity: Severity | None = None,
) -> Change:
    """Return a change by the identifier of its rule."""
    rule = RULES[identifier]
    return Change(rule, severity or rule.severity, pointer, before, after, None, name)


def merged(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Return the changes without repetition: the same change of several operations is reported once."""
    order = {Severity.BREAKING: 0, Severity.ADDITIVE: 1, Severity.DOCS: 2}
    found: dict[tuple[str, str, str, str], Change] = {}
    for change in changes:
        place = _shared_place(change)
        key = (change.rule.identifier, place, canonical_json(change.before), canonical_json(change.after))
        known = found.get(key)
        if known is None:
            found[key] = change
        else:
            operations = tuple(dict.fromkeys((*known.operations, *change.operations)))
            seam = tuple(dict.fromkeys((*known.seam, *change.seam)))
            # The strictest severity wins.
            severity = min(known.severity, change.severity, key=lambda severity: order[severity])
            found[key] = attrs.evolve(known, operations=operations, seam=seam, severity=severity)
    return tuple(
        sorted(found.values(), key=lambda change: (order[change.severity], change.pointer, change.rule.identifier))
    )


def _shared_place(change: Change) -> str:
    """Return the place by which changes are merged: what several operations inherit has one place."""
    tokens = change.pointer.split("/")
    if change.rule.identifier.startswith(("security-", "server-", "tags-")):
        return ""
    is_server = len(tokens) > _OPERATION_LENGTH and tokens[1] == "paths" and tokens[_OPERATION_LENGTH] == "servers"
    return "/".join(tokens[_OPERATION_LENGTH:]) if is_server else change.pointer


def accept(changes: Iterable[Change], accepted: Mapping[str, str]) -> tuple[Change, ...]:
    """Return the changes with the reasons for which some were accepted, by fingerprint."""
    return tuple(attrs.evolve(change, accepted=accepted.get(change.fingerprint)) for change in changes)


def verdict(changes: Iterable[Change]) -> ExitCode:
    """Return the verdict on all changes together."""
    return verdict_of(change.effective_severity for change in changes)
