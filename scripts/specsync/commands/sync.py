"""`sync`: reads the operations from a source, judges what changed, and replaces the client by a tested new one."""

import tempfile
from contextlib import nullcontext
from pathlib import Path

import attrs

from scripts.specsync.client.generate import tool_versions
from scripts.specsync.context import Options, StageTimer
from scripts.specsync.diff.change import Change, accept, verdict
from scripts.specsync.document.json_values import JsonObject, same_json
from scripts.specsync.document.lint import lint
from scripts.specsync.errors import SpecSyncError, UsageError
from scripts.specsync.facts.normalise import effective_base
from scripts.specsync.lock import Lock, write_lock
from scripts.specsync.pipeline import (
    SourceFacts,
    apply_project_overlay,
    build,
    extract_facts,
    generated,
    judge,
    located,
    prove_alone,
    read_document,
    require_known_gaps,
    swap_in,
    unknown_words,
)
from scripts.specsync.project import LOCK, SPEC, Project, open_project
from scripts.specsync.report.report import Failure, Report, failed
from scripts.specsync.tree.atomic_replace import is_interrupted, recover, replace
from scripts.specsync.tree.file_lock import project_lock
from scripts.specsync.verdicts import ExitCode


def run(options: Options, timer: StageTimer) -> Report:
    """Run the verb."""
    if options.everything and not options.check:
        message = "--all goes with --check: a client of every operation is tried, not kept"
        raise UsageError(message)
    writes = not options.check or is_interrupted(options.root)
    with project_lock(options.root / SPEC) if writes else nullcontext():
        if writes:
            recover(options.root)
        project = open_project(options.root)
        report = Report(stages=timer.seconds)
        try:
            fetched = read_document(options.source, project.settings, timer, offline=options.offline)
            report = attrs.evolve(report, source=dict(fetched.provenance.as_table()))
            read = extract_facts(
                fetched, project.settings, None if options.everything else project.settings.operations, timer
            )
            report = attrs.evolve(report, selected=len(read.wanted))
            require_known_gaps(read, project.facts() or {})
            with tempfile.TemporaryDirectory(prefix="specsync-") as workspace:
                if options.everything:
                    return _everything(project, read, report, timer, Path(workspace))
                return _Sync(options, project, read, timer, Path(workspace)).run(report)
        except SpecSyncError as error:
            return failed(report, error)


def _everything(project: Project, read: SourceFacts, report: Report, timer: StageTimer, workspace: Path) -> Report:
    document = effective_base(read.facts)
    with timer.stage("lint"):
        report = attrs.evolve(report, notes=tuple(f"upstream: {finding}" for finding in lint(document)))
    try:
        package, found = generated(project, document, timer, workspace)
        report = attrs.evolve(report, generated=found.generated, lost=found.lost)
        prove_alone(package, timer)
    except SpecSyncError as error:
        return failed(report, error)
    return report


@attrs.frozen
class _Sync:
    """One sync of the selected operations."""

    options: Options
    project: Project
    read: SourceFacts
    timer: StageTimer
    workspace: Path

    def run(self, report: Report) -> Report:
        """Judge what changed, and build and keep the new client if that is safe."""
        project, facts = self.project, self.read.facts
        old = project.facts() or {}
        changes = accept(judge(project, old, facts, self.timer), project.accepted())
        changes = located(changes, self.read)
        code = verdict(changes)
        report = attrs.evolve(report, changes=changes, exit_code=code, notes=self._notes(changes))
        if code is ExitCode.BREAKING and self.options.accept != "breaking":
            return self._stopped(report, old)
        if not changes and same_json(old, facts) and _is_current(project):
            if not self.options.check:
                _renew_source(project, self.read)
            note = "nothing to generate: same facts, same tools"
            return attrs.evolve(report, generated=len(self.read.wanted), notes=(note,))
        try:
            with self.timer.stage("overlay"):
                result = apply_project_overlay(project, facts, old)
            report = attrs.evolve(report, overlay=result.outcomes)
            built = build(project, facts, result.document, self.timer, self.workspace, self.read.fetched)
            report = attrs.evolve(report, generated=built.audit.generated, lost=built.audit.lost)
            report = attrs.evolve(report, notes=(*built.notes, *report.notes))
            if not self.options.check:
                swap_in(project, built, self.read.fetched.provenance, self.timer)
        except SpecSyncError as error:
            return failed(report, error)
        return report

    def _notes(self, changes: tuple[Change, ...]) -> tuple[str, ...]:
        lock = self.project.lock()
        return () if lock is None else unknown_words(changes, lock.source, self.read.fetched.provenance)

    def _stopped(self, report: Report, old: JsonObject) -> Report:
        """Return the report of a breaking change, with the state of the overlay: both are fixed together."""
        failure = Failure(
            ExitCode.BREAKING, "a caller of the facade can be hurt: fix the facade, or accept what is safe"
        )
        report = attrs.evolve(report, failures=(failure,))
        try:
            with self.timer.stage("overlay"):
                result = apply_project_overlay(self.project, self.read.facts, old)
        except SpecSyncError as error:
            more = Failure(error.exit_code, error.message, error.details)
            return attrs.evolve(report, failures=(failure, more))
        return attrs.evolve(report, overlay=result.outcomes)


def _is_current(project: Project) -> bool:
    """Return whether all files and tools match the lock."""
    lock = project.lock()
    if lock is None:
        return False
    stages = project.stages()
    return all(stages.get(key) == value for key, value in lock.stages.items() if key != "source") and (
        dict(lock.tools) == tool_versions()
    )


def _renew_source(project: Project, read: SourceFacts) -> None:
    """Record in the lock that the same facts were read from another document."""
    lock = project.lock()
    source = read.fetched.provenance
    if lock is not None and lock.source != source:
        renewed = Lock(source, {**lock.stages, "source": source.sha256}, lock.tools)
        replace(project.root, {LOCK: write_lock(renewed)}, {})
