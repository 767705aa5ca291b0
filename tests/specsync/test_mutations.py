"""Every mutation of the selected document gets the verdict that a maintainer would give it."""

import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import attrs
import pytest

from scripts.specsync.diff.change import Change, verdict
from scripts.specsync.diff.compare import difference
from scripts.specsync.diff.rules import RULES
from scripts.specsync.diff.seam_usage import FacadeUsage, promises, read_seam
from scripts.specsync.document.json_values import JsonObject, copy_json
from scripts.specsync.document.openapi import as_object
from scripts.specsync.errors import SpecSyncError
from scripts.specsync.pipeline import apply_project_overlay, require_sound
from scripts.specsync.project import Project, open_project
from tests.specsync.mutations import ADDITIVE, MUTATIONS, STOPPED, Mutation

ROOT = Path(__file__).resolve().parents[2]


@attrs.frozen
class Bench:
    """What a mutation is judged with; generation is left out, for speed."""

    project: Project
    document: JsonObject
    facts: JsonObject
    facts_of: Callable[[JsonObject], JsonObject]
    promises: FacadeUsage
    codes: dict[str, int]

    def changes(self, mutation: Mutation, *, undone: bool = False) -> tuple[Change, ...]:
        """Return what a mutation changes, or what its undoing would."""
        changed = as_object(copy_json(self.document), "")
        mutation.apply(changed)
        old, new = self.facts, self.facts_of(changed)
        return difference(new, old, self.promises) if undone else difference(old, new, self.promises)

    def code(self, mutation: Mutation) -> int:
        """Return the exit code that a mutation gets."""
        if mutation.name not in self.codes:
            self.codes[mutation.name] = self._judged(mutation)
        return self.codes[mutation.name]

    def _judged(self, mutation: Mutation) -> int:
        changed = as_object(copy_json(self.document), "")
        mutation.apply(changed)
        try:
            old, new = self.facts, self.facts_of(changed)
            code = int(verdict(difference(old, new, self.promises)))
            if code <= ADDITIVE:
                require_sound(apply_project_overlay(self.project, new, old).document, new)
        except SpecSyncError as error:
            return int(error.exit_code)
        return code


@pytest.fixture(scope="session")
def bench(document: JsonObject, facts_of: Callable[[JsonObject], JsonObject]) -> Bench:
    project = open_project(ROOT)
    seam = read_seam(ROOT, project.settings.seam)
    return Bench(project, document, facts_of(document), facts_of, promises(seam, project.effective()), {})


def test_the_unchanged_document_is_the_same(bench: Bench) -> None:
    assert bench.code(Mutation("nothing", lambda _: None, frozenset())) == 0


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_a_mutation_gets_its_verdict(mutation: Mutation, bench: Bench) -> None:
    assert bench.code(mutation) in mutation.wanted


@pytest.mark.parametrize(
    "mutation", [mutation for mutation in MUTATIONS if mutation.rule], ids=lambda mutation: mutation.name
)
def test_a_mutation_is_told_by_its_rule(mutation: Mutation, bench: Bench) -> None:
    assert mutation.rule in {change.rule.identifier for change in bench.changes(mutation)}


@pytest.mark.parametrize(
    "mutation", [mutation for mutation in MUTATIONS if mutation.rule], ids=lambda mutation: mutation.name
)
def test_a_mutation_undone_is_told_by_the_mirror_rule(mutation: Mutation, bench: Bench) -> None:
    mirror = RULES[str(mutation.rule)].inverse
    assert mirror in {change.rule.identifier for change in bench.changes(mutation, undone=True)}


def test_every_rule_has_a_mirror_whose_mirror_it_is() -> None:
    assert {rule.identifier for rule in RULES.values() if RULES[rule.inverse].inverse != rule.identifier} == set()


def test_every_rule_is_met_by_a_mutation_or_its_undoing() -> None:
    met = {mutation.rule for mutation in MUTATIONS if mutation.rule}
    met |= {RULES[str(rule)].inverse for rule in met}
    # A selected operation that is gone is an unreadable source for a sync; two documents are compared elsewhere.
    assert set(RULES) - met == {"operation-removed", "operation-added"}


def test_the_confusion_matrix_is_clean(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    groups = {"same": {0}, "docs": {10}, "additive": {20}, "stopped": {5, *STOPPED}}

    def group(codes: frozenset[int] | set[int]) -> str:
        return next(name for name, members in groups.items() if codes & members)

    matrix: Counter[tuple[str, str]] = Counter()
    for mutation in MUTATIONS:
        got = bench.code(mutation)
        wanted = group(frozenset({got}) if got in mutation.wanted else mutation.wanted)
        matrix[wanted, group({got})] += 1
    with capsys.disabled():
        sys.stdout.write(f"\n{len(MUTATIONS)} mutations; rows: wanted, columns: got\n")
        sys.stdout.write(f"{'':<10}" + "".join(f"{name:>10}" for name in groups) + "\n")
        for row in groups:
            sys.stdout.write(f"{row:<10}" + "".join(f"{matrix[row, column]:>10}" for column in groups) + "\n")
    assert len(MUTATIONS) >= 60
    assert sum(count for (wanted, got), count in matrix.items() if wanted != got) == 0
