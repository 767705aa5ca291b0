"""The pipeline, top to bottom: pull, parse, select, normalise, overlay, lint, generate, audit, prove, replace."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import attrs

from scripts.specsync.client.audit import Audit, audit
from scripts.specsync.client.generate import GeneratorOptions, generate, tool_versions
from scripts.specsync.client.generated_tree import read_tree
from scripts.specsync.client.prove import prove, prove_imports, prove_types_of_client
from scripts.specsync.client.safety import require_no_side_effects
from scripts.specsync.client.workarounds import adapt
from scripts.specsync.context import StageTimer
from scripts.specsync.document.json_values import JsonObject, digest, digest_bytes
from scripts.specsync.document.lint import lint
from scripts.specsync.document.yaml_writer import write_yaml
from scripts.specsync.errors import GeneratorError, LocatedSourceError, OverlayError, SourceError
from scripts.specsync.facts.canonical import canonical
from scripts.specsync.facts.normalise import effective_base, normalise
from scripts.specsync.facts.select import all_operations, select
from scripts.specsync.lock import Lock, Provenance, write_lock
from scripts.specsync.overlay.apply import Applied, UnmetError, apply_overlay, read_overlay
from scripts.specsync.overlay.suggest import suggest_actions
from scripts.specsync.project import EFFECTIVE, LOCK, UPSTREAM, Project
from scripts.specsync.settings import Settings, WantedOperation
from scripts.specsync.source.cache import default_cache
from scripts.specsync.source.fetch import Policy
from scripts.specsync.source.locator import read_source
from scripts.specsync.source.pull import FetchedDocument, GitHost, SourceClient, pull
from scripts.specsync.tree.atomic_replace import replace
from scripts.specsync.tree.hash import tree_hash


@attrs.frozen
class SourceFacts:
    """A document that was read and the facts that were taken from it."""

    fetched: FetchedDocument
    facts: JsonObject
    wanted: tuple[WantedOperation, ...]


def default_client(settings: Settings, *, offline: bool) -> SourceClient:
    """Return the ways to the world that selection.toml and the environment allow."""
    token = os.environ.get("GITHUB_TOKEN") or os.environ.get("GH_TOKEN")
    return SourceClient(Policy(frozenset(settings.source.hosts)), default_cache(), GitHost(token=token), offline)


def read_document(source: str | None, settings: Settings, timer: StageTimer, *, offline: bool) -> FetchedDocument:
    """Return the document of a source."""
    with timer.stage("pull"):
        return pull(read_source(source, settings.source), default_client(settings, offline=offline))


def extract_facts(
    fetched: FetchedDocument, settings: Settings, wanted: tuple[WantedOperation, ...] | None, timer: StageTimer
) -> SourceFacts:
    """Return the facts of the wanted operations, or of all where none are named."""
    try:
        with timer.stage("select"):
            chosen = all_operations(fetched.document) if wanted is None else wanted
            selection = select(fetched.document, chosen)
        with timer.stage("normalise"):
            return SourceFacts(fetched, normalise(selection, settings.package), chosen)
    except LocatedSourceError as error:
        raise fetched.located(error) from None


_MACHINE_WRITTEN: Final = "Written by `python -m scripts.specsync`; edits are found by `verify`."


@attrs.frozen
class Built:
    """A new client with the documents that belong to it."""

    package: Path
    audit: Audit
    texts: dict[str, str]
    lock: Lock


def facts_text(facts: JsonObject) -> str:
    """Return the text of spec/upstream.yaml."""
    return write_yaml(facts, f"{_MACHINE_WRITTEN}\nThe selected facts of the upstream document, without its prose.")


def effective_text(document: JsonObject) -> str:
    """Return the text of spec/openapi.yaml."""
    return write_yaml(
        document, f"{_MACHINE_WRITTEN}\nThe facts with the overlay applied: what the client is made from."
    )


def apply_project_overlay(project: Project, facts: JsonObject, old: JsonObject) -> Applied:
    """Return the effective document, with what each action of the overlay did."""
    overlay = project.overlay()
    if not overlay:
        return Applied(canonical(effective_base(facts)), ())
    actions = read_overlay(overlay)
    try:
        result = apply_overlay(effective_base(facts), actions)
    except UnmetError as error:
        raise OverlayError(error.message, (*error.details, *suggest_actions(error.action, old, facts))) from None
    return Applied(canonical(result.document), result.outcomes)


def require_sound(document: JsonObject, facts: JsonObject) -> None:
    """Refuse a document with faults, and say whether they are upstream's or the overlay's."""
    findings = lint(document)
    if not findings:
        return
    upstream = {finding.pointer for finding in lint(effective_base(facts))}
    theirs = tuple(str(finding) for finding in findings if finding.pointer in upstream)
    ours = tuple(str(finding) for finding in findings if finding.pointer not in upstream)
    if ours:
        message = f"the overlay makes the document faulty: {ours[0]}"
        raise OverlayError(message, ours[1:])
    message = f"the document is faulty: {theirs[0]}"
    raise SourceError(message, theirs[1:])


def build(project: Project, facts: JsonObject, effective: JsonObject, timer: StageTimer, workspace: Path) -> Built:
    """Return a client that was generated, audited and proved; nothing of the project is touched."""
    with timer.stage("lint"):
        require_sound(effective, facts)
    package, found = generated(project, effective, timer, workspace)
    texts = {UPSTREAM: facts_text(facts), EFFECTIVE: effective_text(effective)}
    with timer.stage("prove"):
        prove(project.root, project.settings, package, texts, workspace)
    hashes = {
        "selection": project.selection_digest(),
        "overlay": digest(project.overlay()),
        "upstream": digest_bytes(texts[UPSTREAM].encode()),
        "openapi": digest_bytes(texts[EFFECTIVE].encode()),
        "tree": tree_hash(package),
    }
    nowhere = Provenance("", "", "", 0, "")
    return Built(package, found, texts, Lock(nowhere, hashes, tool_versions()))


def generated(project: Project, effective: JsonObject, timer: StageTimer, workspace: Path) -> tuple[Path, Audit]:
    """Return the folder of a freshly generated and audited client."""
    adapted = adapt(effective)
    with timer.stage("generate"):
        options = GeneratorOptions(project.settings.package, adapted.class_overrides())
        package = generate(adapted.document, options, workspace)
    with timer.stage("audit"):
        # First of all: nothing below may run what the document says.
        require_no_side_effects(package)
        found = audit(adapted.document, read_tree(package), adapted.renames)
    if found.lost:
        message = f"the generator lost {len(found.lost)} part(s) of the document"
        raise GeneratorError(message, found.lost)
    return package, found


def prove_alone(package: Path, timer: StageTimer) -> None:
    """Prove a client that no hand-written code belongs to: it imports, and its types hold."""
    with timer.stage("prove"), ThreadPoolExecutor(2) as pool:
        for proof in [pool.submit(prove_imports, package), pool.submit(prove_types_of_client, package)]:
            proof.result()


def swap_in(project: Project, built: Built, source: Provenance, timer: StageTimer) -> None:
    """Put a proved client and its documents in their places."""
    with timer.stage("swap"):
        lock = attrs.evolve(built.lock, source=source, stages={**built.lock.stages, "source": source.sha256})
        replace(project.root, {**built.texts, LOCK: write_lock(lock)}, {project.package: built.package})
