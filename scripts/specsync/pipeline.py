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
from scripts.specsync.diff.change import Change
from scripts.specsync.diff.compare import difference
from scripts.specsync.diff.seam_usage import FacadeUsage, facade_usage, read_seam
from scripts.specsync.document.json_values import JsonObject, JsonValue, digest, digest_bytes
from scripts.specsync.document.lint import Finding, lint
from scripts.specsync.document.openapi import as_object, member_object
from scripts.specsync.document.pointer import split
from scripts.specsync.document.yaml_writer import write_yaml
from scripts.specsync.errors import GeneratorError, LocatedSourceError, OverlayError, SourceError
from scripts.specsync.facts.canonical import canonical
from scripts.specsync.facts.normalise import effective_base, normalise
from scripts.specsync.facts.origin import Origin
from scripts.specsync.facts.select import all_operations, missing_operations, select
from scripts.specsync.facts.words import Words, known_digest
from scripts.specsync.lock import Lock, Provenance, write_lock
from scripts.specsync.overlay.apply import Applied, UnmetError, apply_overlay, read_overlay
from scripts.specsync.overlay.suggest import suggest_actions
from scripts.specsync.project import EFFECTIVE, LOCK, TEMPLATE_CHANGES, UPSTREAM, Project
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
    missing: tuple[WantedOperation, ...] = ()
    selection: JsonObject = attrs.field(factory=dict[str, "JsonValue"])


def default_client(settings: Settings, *, offline: bool) -> SourceClient:
    """Return a client for remote sources, with the limits of selection.toml and the environment."""
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
            missing = missing_operations(fetched.document, chosen)
            return SourceFacts(fetched, normalise(selection, settings.package), chosen, missing, selection)
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
    notes: tuple[str, ...] = ()


def require_known_gaps(read: SourceFacts, old: JsonObject) -> None:
    """Refuse a source that lacks operations which the committed facts lack too, or that is only a part of a document.

    An operation that a whole document lacks was removed, which the comparison reports. A page describes only some
    operations anyway.
    """
    known = member_object(old, "paths", "")
    unknown = [
        operation.label
        for operation in read.missing
        if read.fetched.is_partial
        or operation.method.lower() not in as_object(known.get(operation.path, {}), operation.path)
    ]
    if unknown:
        message = f"the source lacks {', '.join(unknown)}"
        raise SourceError(message)


def judge(project: Project, old: JsonObject, new: JsonObject, timer: StageTimer) -> tuple[Change, ...]:
    """Return the changes between two documents of facts, judged by their effect on callers of the facade."""
    with timer.stage("difference"):
        return difference(old, new, usage_of(project))


def located(changes: tuple[Change, ...], new: SourceFacts, old: SourceFacts | None = None) -> tuple[Change, ...]:
    """Return the changes with their places and lines in the new document, and with the words that changed.

    Words that the old document alone has are shown if it is at hand; otherwise their digest stays.
    """
    origin, within = Origin(new.fetched.document, new.facts), Origin(new.fetched.document, new.selection)
    after, before = Words.of(new.selection), None if old is None else Words.of(old.selection)
    places: list[str] = []
    found: list[Change] = []
    for change in changes:
        text = after.text(change.pointer, change.after)
        was = before.text(change.pointer, change.before) if before is not None else None
        places.append(origin.pointer(change.pointer) if text is None else within.pointer(text.pointer))
        found.append(
            attrs.evolve(
                change,
                before=change.before if was is None else was.words,
                after=change.after if text is None else text.words,
            )
        )
    lines = new.fetched.lines(places)
    return tuple(
        attrs.evolve(change, upstream=place, line=line)
        for change, place, line in zip(found, places, lines, strict=True)
    )


def unknown_words(changes: tuple[Change, ...], old: Provenance, new: Provenance) -> tuple[str, ...]:
    """Return a note on how to see old words that no report can show, because the project keeps none of them."""
    if not any(known_digest(change.before) for change in changes):
        return ()
    command = f"python -m scripts.specsync diff {old.locator} {new.locator}"
    return (f"the words that were there before are not kept; they are shown by: {command}",)


def usage_of(project: Project) -> FacadeUsage:
    """Return what the project's facade relies on."""
    settings = project.settings
    seam = read_seam(project.root, settings.seam, settings.package)
    for path in settings.readers:
        seam = seam.joined(read_seam(project.root, path, settings.package))
    return facade_usage(seam, project.effective(), project.facts())


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


def require_sound(
    document: JsonObject, facts: JsonObject, usage: FacadeUsage, origin: FetchedDocument | None = None
) -> tuple[str, ...]:
    """Refuse a document with errors; the message says whether they are upstream's or the overlay's.

    Returns:
        Notes: errors that no client suffers from, or that are in fields that the facade neither reads nor sends.
    """
    findings = lint(document)
    notes = tuple(finding for finding in findings if finding.is_note or _is_unused(finding.pointer, usage))
    errors = tuple(finding for finding in findings if finding not in notes)
    if errors:
        upstream = {finding.pointer for finding in lint(effective_base(facts))}
        theirs = tuple(finding for finding in errors if finding.pointer in upstream)
        ours = tuple(str(finding) for finding in errors if finding.pointer not in upstream)
        if ours:
            message = f"the overlay makes the document wrong: {ours[0]}"
            raise OverlayError(message, ours[1:])
        lines = _with_lines(theirs, facts, origin)
        message = f"the document is wrong: {lines[0]}"
        raise SourceError(message, lines[1:])
    return _with_lines(notes, facts, origin)


def _is_unused(pointer: str, usage: FacadeUsage) -> bool:
    """Return whether a place is within a field of a component that the facade neither reads nor sends."""
    match split(pointer):
        case ("components", "schemas", component, "properties", name, *_):
            return not usage.reads(component, name)
        case _:
            return False


def _with_lines(findings: tuple[Finding, ...], facts: JsonObject, origin: FetchedDocument | None) -> tuple[str, ...]:
    if origin is None:
        return tuple(map(str, findings))
    source = Origin(origin.document, facts)
    lines = origin.lines([source.pointer(finding.pointer) for finding in findings])
    return tuple(
        str(finding) if line is None else f"line {line}: {finding.reason} (at {finding.pointer})"
        for finding, line in zip(findings, lines, strict=True)
    )


def build(  # noqa: PLR0917 - the parts of one run
    project: Project,
    facts: JsonObject,
    effective: JsonObject,
    timer: StageTimer,
    workspace: Path,
    origin: FetchedDocument | None = None,
) -> Built:
    """Return a client that was generated, audited and proved; nothing of the project is touched."""
    with timer.stage("lint"):
        notes = require_sound(effective, facts, usage_of(project), origin)
    package, found = generated(project, effective, timer, workspace)
    texts = {UPSTREAM: facts_text(facts), EFFECTIVE: effective_text(effective)}
    with timer.stage("prove"):
        prove(project.root, project.settings, package, texts, workspace)
    hashes = {
        "selection": project.selection_digest(),
        "overlay": digest(project.overlay()),
        "upstream": digest_bytes(texts[UPSTREAM].encode()),
        "openapi": digest_bytes(texts[EFFECTIVE].encode()),
        "template_changes": tree_hash(TEMPLATE_CHANGES),
        "tree": tree_hash(package),
    }
    nowhere = Provenance("", "", "", 0, "")
    return Built(package, found, texts, Lock(nowhere, hashes, tool_versions()), notes)


def generated(project: Project, effective: JsonObject, timer: StageTimer, workspace: Path) -> tuple[Path, Audit]:
    """Return the folder of a freshly generated and audited client."""
    adapted = adapt(effective, project.effective())
    with timer.stage("generate"):
        options = GeneratorOptions(project.settings.package, adapted.class_overrides(), adapted.wire_names)
        package = generate(adapted.document, options, workspace)
    with timer.stage("audit"):
        # First of all: no code from the document may be executed below.
        require_no_side_effects(package)
        found = audit(adapted, read_tree(package))
    if found.lost:
        message = f"the generator lost {len(found.lost)} part(s) of the document"
        raise GeneratorError(message, found.lost)
    return package, found


def prove_alone(package: Path, timer: StageTimer) -> None:
    """Check a client without hand-written code: that it imports and type-checks."""
    with timer.stage("prove"), ThreadPoolExecutor(2) as pool:
        for proof in [pool.submit(prove_imports, package), pool.submit(prove_types_of_client, package)]:
            proof.result()


def swap_in(project: Project, built: Built, source: Provenance, timer: StageTimer) -> None:
    """Replace the client and its documents by tested new ones."""
    with timer.stage("swap"):
        lock = attrs.evolve(built.lock, source=source, stages={**built.lock.stages, "source": source.sha256})
        replace(project.root, {**built.texts, LOCK: write_lock(lock)}, {project.package: built.package})
