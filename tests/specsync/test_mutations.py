"""Every mutation of the selected document, and its reverse, gets the verdict that a maintainer would give it."""

import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import attrs
import pytest

from scripts.specsync.diff.change import Change, verdict
from scripts.specsync.diff.compare import difference
from scripts.specsync.diff.rules import RULES
from scripts.specsync.diff.seam_usage import FacadeUsage
from scripts.specsync.document.json_values import JsonObject, copy_json
from scripts.specsync.document.openapi import as_object
from scripts.specsync.errors import SpecSyncError
from scripts.specsync.pipeline import apply_project_overlay, require_sound, usage_of
from scripts.specsync.project import Project, open_project
from tests.specsync.mutations import ADDITIVE, MUTATIONS, STOPPED, Hurts, Mutation

ROOT = Path(__file__).resolve().parents[2]
GROUPS = {"same": {0}, "docs": {10}, "additive": {20}, "stopped": {5, *STOPPED}}


@attrs.frozen
class Judged:
    """What a mutation and its reverse came to: exit codes, and the changes that were told."""

    code: int
    undone: int
    changes: tuple[Change, ...] = ()
    reversed_changes: tuple[Change, ...] = ()


@attrs.frozen
class Bench:
    """What a mutation is judged with; each is judged once. Generation is left out, for speed."""

    project: Project
    document: JsonObject
    facts: JsonObject
    facts_of: Callable[[JsonObject], JsonObject]
    usage: FacadeUsage
    judged: dict[str, Judged] = attrs.field(factory=dict[str, Judged])

    def judge(self, mutation: Mutation) -> Judged:
        """Judge a mutation and its reverse."""
        if mutation.name not in self.judged:
            self.judged[mutation.name] = self._judge(mutation)
        return self.judged[mutation.name]

    def _judge(self, mutation: Mutation) -> Judged:
        before = as_object(copy_json(self.document), "")
        if mutation.given is not None:
            mutation.given(before)
        after = as_object(copy_json(before), "")
        mutation.apply(after)
        try:
            old = self.facts if mutation.given is None else self.facts_of(before)
            new = self.facts_of(after)
            forth, back = difference(old, new, self.usage), difference(new, old, self.usage)
        except SpecSyncError as error:
            return Judged(int(error.exit_code), int(error.exit_code))
        return Judged(self._code(forth, old, new), self._code(back, new, old), forth, back)

    def _code(self, changes: tuple[Change, ...], old: JsonObject, new: JsonObject) -> int:
        code = int(verdict(changes))
        if code > ADDITIVE:
            return code
        try:
            require_sound(apply_project_overlay(self.project, new, old).document, new, self.usage)
        except SpecSyncError as error:
            return int(error.exit_code)
        return code


@pytest.fixture(scope="session")
def bench(document: JsonObject, facts_of: Callable[[JsonObject], JsonObject]) -> Bench:
    project = open_project(ROOT)
    return Bench(project, document, facts_of(document), facts_of, usage_of(project))


def test_the_unchanged_document_is_the_same(bench: Bench) -> None:
    judged = bench.judge(Mutation("nothing", lambda _: None, frozenset()))
    assert (judged.code, judged.changes) == (0, ())


def misjudged(mutation: Mutation, judged: Judged) -> list[str]:
    """Say what is wrong with the verdicts on a mutation and on its reverse."""
    found: list[str] = []
    if judged.code not in mutation.wanted:
        found.append(f"{mutation.name}: {judged.code}, not {sorted(mutation.wanted)}")
    if mutation.undone and judged.undone not in mutation.undone:
        found.append(f"{mutation.name}, undone: {judged.undone}, not {sorted(mutation.undone)}")
    if mutation.rule:
        for rule, changes in (
            (mutation.rule, judged.changes),
            (RULES[mutation.rule].inverse, judged.reversed_changes),
        ):
            if rule not in {change.rule.identifier for change in changes}:
                found.append(f"{mutation.name}: {rule} is not among the changes")
    return found


# Every fourth; the matrix below takes them all.
@pytest.mark.parametrize("mutation", [pytest.param(mutation, id=mutation.name) for mutation in MUTATIONS[::4]])
def test_a_mutation_and_its_reverse_get_their_verdicts(mutation: Mutation, bench: Bench) -> None:
    assert misjudged(mutation, bench.judge(mutation)) == []


def test_every_mutation_has_a_name_of_its_own_and_a_verdict_that_fits_whom_it_hurts() -> None:
    names = [mutation.name for mutation in MUTATIONS]
    assert [name for name, count in Counter(names).items() if count > 1] == []
    for mutation in MUTATIONS:
        hurts = mutation.hurts is not Hurts.NOBODY
        assert 20 in mutation.wanted or hurts == bool(mutation.wanted & {5, 30}), mutation.name
        assert mutation.source, mutation.name
        assert mutation.undone or 5 in mutation.wanted, mutation.name


def test_every_rule_has_an_inverse_whose_inverse_it_is() -> None:
    assert {rule.identifier for rule in RULES.values() if RULES[rule.inverse].inverse != rule.identifier} == set()


def test_every_rule_is_met_by_a_mutation_or_its_reverse() -> None:
    met = {mutation.rule for mutation in MUTATIONS if mutation.rule}
    met |= {RULES[str(rule)].inverse for rule in met}
    assert set(RULES) - met == set()


@pytest.mark.slow
def test_the_confusion_matrix_is_clean(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    def group(codes: frozenset[int] | set[int]) -> str:
        return next(name for name, members in GROUPS.items() if codes & members)

    matrix: Counter[tuple[str, str]] = Counter()
    wrong: list[str] = []
    for mutation in MUTATIONS:
        judged = bench.judge(mutation)
        wrong += misjudged(mutation, judged)
        for got, allowed in ((judged.code, mutation.wanted), (judged.undone, mutation.undone or {judged.undone})):
            wanted = group({got}) if got in allowed else group(frozenset(allowed))
            matrix[wanted, group({got})] += 1
    with capsys.disabled():
        sys.stdout.write(f"\n{len(MUTATIONS)} mutations and their reverses; rows: wanted, columns: got\n")
        sys.stdout.write(f"{'':<10}" + "".join(f"{name:>10}" for name in GROUPS) + "\n")
        for row in GROUPS:
            sys.stdout.write(f"{row:<10}" + "".join(f"{matrix[row, column]:>10}" for column in GROUPS) + "\n")
    assert len(MUTATIONS) >= 300
    assert wrong == []
    assert sum(count for (wanted, got), count in matrix.items() if wanted != got) == 0
