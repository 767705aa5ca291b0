"""Explains failed checks: which change of the document caused them, and what has to be fixed."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from scripts.specsync.diff.change import Change
from scripts.specsync.diff.rules import Plane
from scripts.specsync.document.names import fold
from scripts.specsync.document.pointer import split
from scripts.specsync.errors import FailedProof
from scripts.specsync.overlay.apply import Outcome

_HELPERS: Final = ("tests/support/", "conftest.py")
_SHOWN: Final = 12
_WORD: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
# Words of pointers that every change has.
_COMMON: Final = frozenset(
    {"paths", "components", "schemas", "properties", "items", "schema", "content", "responses", "requestbody", "get",
     "post", "delete", "anyof", "oneof", "allof", "200", "parameters", "type", "data", "id", "files", "jobs"}
)  # fmt: skip


def causes(proofs: Iterable[FailedProof], changes: Iterable[Change], outcomes: Iterable[Outcome]) -> Iterator[str]:
    """Yield for each failed check what failed where, the change that caused it, and the overlay action about it."""
    wire = [change for change in changes if change.rule.plane is not Plane.DOCS]
    actions = list(outcomes)
    known = list(proofs)
    for proof in _different(known)[:_SHOWN]:
        yield f"{proof.name}: {proof.message}"
        yield f"  in {_who(proof)}, {proof.place}"
        cause = _cause(proof, wire)
        if cause is None:
            yield "  no change of the document matches the failure: see the whole output"
            continue
        yield f"  caused by {cause.rule.identifier} at {cause.pointer}"
        yield from (f"  overlay action: {outcome.action.label}" for outcome in _actions(cause, actions))
    if len(known) > len(_different(known)[:_SHOWN]):
        yield f"{len(known)} checks failed; identical failures are shown once"


def _different(proofs: list[FailedProof]) -> list[FailedProof]:
    """Return the failed checks without those that failed at the same place with the same message."""
    return list({(proof.place, proof.message): proof for proof in reversed(proofs)}.values())[::-1]


def _who(proof: FailedProof) -> str:
    if any(helper in proof.place for helper in _HELPERS):
        return "a test helper (the facade may be correct)"
    return "a test" if proof.place.startswith("tests/") else "the facade"


def _cause(proof: FailedProof, changes: list[Change]) -> Change | None:
    """Return the change that names the failed line, or shares most words with the failure."""
    at_line = [change for change in changes if proof.place in change.seam]
    words = {fold(word) for word in _WORD.findall(f"{proof.name} {proof.message} {proof.text}")}
    scored = [(_score(change, words), change) for change in at_line or changes]
    best = max(scored, key=lambda pair: pair[0], default=(0, None))
    return best[1] if best[0] > 0 or at_line else None


def _score(change: Change, words: set[str]) -> int:
    own = {fold(word) for token in split(change.pointer) for word in _WORD.findall(token)} - _COMMON
    mine = {fold(str(change.name))} if change.name else set[str]()
    return 3 * len(mine & words) + len(own & words)


def _actions(change: Change, outcomes: list[Outcome]) -> list[Outcome]:
    """Return the actions that matched the place of a change, or a place in it or around it."""
    return [
        outcome
        for outcome in outcomes
        if any(change.pointer.startswith(place) or place.startswith(f"{change.pointer}/") for place in outcome.met)
        and any(place.count("/") > 2 for place in outcome.met)  # noqa: PLR2004 - not the whole of the components
    ][:3]
