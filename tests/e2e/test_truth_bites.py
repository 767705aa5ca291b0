"""A profile that promises too much is found out: each rule is taken away once, and the table shows what is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import attrs
import pytest

from portkey_ft._profile import CreateRules, HyperparameterRule, MethodForm, RowRules, UploadRoute
from portkey_ft._providers import KNOWN_PROVIDERS, profile_of
from tests.e2e.cases import CASES
from tests.e2e.gateway_process import GatewayProcess
from tests.e2e.internet import Internet
from tests.e2e.truth.creates import ARRIVES, BY_PROVIDER, FAILS, SILENT, WARNED, CreateTable
from tests.e2e.truth.forms import WITH_HEADERS, WRITTEN
from tests.e2e.truth.uploads import FileCell, FileTable

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
            # A warning alone takes nothing away.
            if attrs.evolve(rule, warning=None) != HyperparameterRule():
                believing = {**rules.hyperparameters, name: HyperparameterRule()}
                yield f"{name} arrives as it is", attrs.evolve(rules, hyperparameters=believing), ("hyperparameters",)
    for name in rules.prefixes:
        left = {other: prefix for other, prefix in rules.prefixes.items() if other != name}
        yield f"{name} gets no prefix", attrs.evolve(rules, prefixes=left), (name,)
    if rules.method_form is not MethodForm.AS_GIVEN:
        yield "method is read", attrs.evolve(rules, method_form=MethodForm.AS_GIVEN), ("method",)
    if rules.output_file_is_object:
        yield "output_file is text", attrs.evolve(rules, output_file_is_object=False), ("output_file",)


def _broken_routes(route: UploadRoute) -> Iterator[tuple[str, UploadRoute]]:
    """Take each rule about the rows of a file away, one at a time."""
    for name in attrs.fields_dict(RowRules):
        everything = getattr(RowRules(), name)
        if getattr(route.rows, name) != everything:
            yield f"rows, {name}", attrs.evolve(route, rows=attrs.evolve(route.rows, **{name: everything}))
    for name in ("ascii_only", "maximum_characters", "reads_lines", "size_header", "variants"):
        everything = getattr(UploadRoute(), name)
        if getattr(route, name) != everything:
            yield name, attrs.evolve(route, **{name: everything})


ROUTES = [
    pytest.param(provider, route, id=f"{provider}: {name}")
    for provider in CASES
    for name, route in _broken_routes(profile_of(provider).upload)
]
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


@pytest.mark.parametrize(("provider", "route"), ROUTES)
def test_a_rule_for_rows_that_is_missing_shows_in_the_table(  # noqa: PLR0917 - fixtures
    provider: str,
    route: UploadRoute,
    internet: Internet,
    gateway: GatewayProcess,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    uploads: Callable[[str], list[FileCell]],
) -> None:
    """As a file of which something is lost, or as an error after it was sent; no rule refuses a file for nothing."""
    table = FileTable(internet, gateway.base_url, tmp_path)
    written = {*WRITTEN, *(name for name, *_ in WITH_HEADERS.get(provider, ()))}
    # What arrives with every rule arrives without one, unless the rule is about how a file is written.
    cells = [cell for cell in uploads(provider) if cell.unsaid.kind != ARRIVES or cell.form.name in written]
    profile = KNOWN_PROVIDERS[provider]
    monkeypatch.setitem(KNOWN_PROVIDERS, provider, attrs.evolve(profile, upload=route))
    for cell in cells:
        kind = table.upload_unsaid(CASES[provider], cell.form).kind
        if kind != cell.unsaid.kind and kind in {SILENT, FAILS, WARNED}:
            return
    pytest.fail("no file shows that the rule is missing")
