"""A profile that promises too much is found out: each rule is taken away once, and the table shows what is lost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import attrs
import pytest

from portkey_ft._profile import CreateRules, HyperparameterRule, MethodForm
from portkey_ft._providers import KNOWN_PROVIDERS, profile_of
from tests.e2e.cases import CASES
from tests.e2e.internet import Internet
from tests.e2e.truth.creates import BY_PROVIDER, FAILS, SILENT, WARNED, CreateTable

#: What a wrong rule is, and the arguments in which it shows.
Break = tuple[str, CreateRules, tuple[str, ...]]


def _breaks(rules: CreateRules) -> Iterator[Break]:
    """Take each rule away, one at a time."""
    for name in rules.lost:
        left = {other: reason for other, reason in rules.lost.items() if other != name}
        yield f"{name} arrives", attrs.evolve(rules, lost=left), (name,)
    if rules.methods is not None:
        yield "every method arrives", attrs.evolve(rules, methods=None), ("method",)
    if rules.hyperparameters is not None:
        yield "every hyperparameter arrives", attrs.evolve(rules, hyperparameters=None), ("hyperparameters",)
        for name, rule in rules.hyperparameters.items():
            if rule != HyperparameterRule() and rule.warning is None:
                believing = {**rules.hyperparameters, name: HyperparameterRule()}
                yield f"{name} arrives as it is", attrs.evolve(rules, hyperparameters=believing), ("hyperparameters",)
    for name in rules.prefixes:
        left = {other: prefix for other, prefix in rules.prefixes.items() if other != name}
        yield f"{name} gets no prefix", attrs.evolve(rules, prefixes=left), (name,)
    if rules.method_form is not MethodForm.AS_GIVEN:
        yield "method is read", attrs.evolve(rules, method_form=MethodForm.AS_GIVEN), ("method",)
    if rules.output_file_is_object:
        yield "output_file is text", attrs.evolve(rules, output_file_is_object=False), ("output_file",)


BREAKS = [
    pytest.param(provider, rules, arguments, id=f"{provider}: {name}")
    for provider in CASES
    for name, rules, arguments in _breaks(profile_of(provider).create)
]


@pytest.mark.parametrize(("provider", "rules", "arguments"), BREAKS)
def test_a_rule_that_is_missing_shows_in_the_table(  # noqa: PLR0917 - fixtures
    provider: str,
    rules: CreateRules,
    arguments: tuple[str, ...],
    internet: Internet,
    base_urls: Mapping[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As a value that is lost silently, as an error of the provider, or as a warning about the job that came back."""
    table = CreateTable(internet, base_urls)
    before = [cell.fates for cell in table.run(CASES[provider], BY_PROVIDER, arguments)]
    profile = KNOWN_PROVIDERS[provider]
    monkeypatch.setitem(KNOWN_PROVIDERS, provider, attrs.evolve(profile, create=rules))
    after = [cell.fates for cell in table.run(CASES[provider], BY_PROVIDER, arguments)]
    changed = [fates for was, fates in zip(before, after, strict=True) if was != fates]
    assert any(fate.kind in {SILENT, FAILS, WARNED} for fates in changed for fate in fates)
