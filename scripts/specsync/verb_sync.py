"""`sync`: takes the operations from a source, judges what changed, and puts a proved client in place of the old one."""

import tempfile
from contextlib import nullcontext
from pathlib import Path

import attrs

from scripts.specsync.build import applied, build, generated, prove_alone, swap_in
from scripts.specsync.change import accept, verdict
from scripts.specsync.difference import difference, no_facts
from scripts.specsync.errors import SpecSyncError, UsageError
from scripts.specsync.generate import tool_versions
from scripts.specsync.guard import exclusive
from scripts.specsync.json_value import JsonObject, same_json
from scripts.specsync.lint import lint
from scripts.specsync.lock import Lock, write_lock
from scripts.specsync.normalise import effective_base
from scripts.specsync.project import LOCK, SPEC, Project, open_project
from scripts.specsync.reading import Read, read_document, take_facts
from scripts.specsync.report import Failure, Report, failed
from scripts.specsync.request import Request
from scripts.specsync.seam import promises, read_seam
from scripts.specsync.stages import Stages
from scripts.specsync.swap import is_interrupted, recover, replace
from scripts.specsync.verdicts import ExitCode


def run(request: Request, stages: Stages) -> Report:
    """Run the verb."""
    if request.everything and not request.check:
        message = "--all goes with --check: a client of every operation is tried, not kept"
        raise UsageError(message)
    writes = not request.check or is_interrupted(request.root)
    with exclusive(request.root / SPEC) if writes else nullcontext():
        if writes:
            recover(request.root)
        project = open_project(request.root)
        report = Report(stages=stages.seconds)
        try:
            pulled = read_document(request.source, project.settings, stages, offline=request.offline)
            report = attrs.evolve(report, source=dict(pulled.provenance.as_table()))
            read = take_facts(
                pulled, project.settings, None if request.everything else project.settings.operations, stages
            )
            report = attrs.evolve(report, selected=len(read.wanted))
            with tempfile.TemporaryDirectory(prefix="specsync-") as workspace:
                if request.everything:
                    return _everything(project, read, report, stages, Path(workspace))
                return _sync(request, project, read, report, stages, Path(workspace))
        except SpecSyncError as error:
            return failed(report, error)


def _everything(project: Project, read: Read, report: Report, stages: Stages, workspace: Path) -> Report:
    document = effective_base(read.facts)
    with stages.stage("lint"):
        notes = tuple(f"upstream: {finding}" for finding in lint(document))
    package, found = generated(project, document, stages, workspace)
    prove_alone(package, stages)
    return attrs.evolve(report, generated=found.generated, lost=found.lost, notes=notes)


def _sync(request: Request, project: Project, read: Read, report: Report, stages: Stages, workspace: Path) -> Report:
    old = project.facts() or no_facts()
    with stages.stage("difference"):
        seam = promises(read_seam(project.root, project.settings.seam), project.effective())
        changes = accept(difference(old, read.facts, seam), project.accepted())
    code = verdict(changes)
    report = attrs.evolve(report, changes=changes, exit_code=code)
    if code is ExitCode.BREAKING and request.accept != "breaking":
        return _stopped(project, read, report, old, stages)
    if not changes and same_json(old, read.facts) and _is_current(project):
        if not request.check:
            _renew_source(project, read)
        return attrs.evolve(report, generated=len(read.wanted), notes=("nothing to generate: same facts, same tools",))
    try:
        with stages.stage("overlay"):
            result = applied(project, read.facts, old)
        report = attrs.evolve(report, overlay=result.outcomes)
        built = build(project, read.facts, result.document, stages, workspace)
        report = attrs.evolve(report, generated=built.audit.generated, lost=built.audit.lost)
        if not request.check:
            swap_in(project, built, read.pulled.provenance, stages)
    except SpecSyncError as error:
        return failed(report, error)
    return report


def _stopped(project: Project, read: Read, report: Report, old: JsonObject, stages: Stages) -> Report:
    """Return the report of a break, with what the overlay says to it: both are mended together."""
    failure = Failure(ExitCode.BREAKING, "a caller of the facade can be hurt: mend the facade, or accept what is safe")
    report = attrs.evolve(report, failures=(failure,))
    try:
        with stages.stage("overlay"):
            result = applied(project, read.facts, old)
    except SpecSyncError as error:
        more = Failure(error.exit_code, error.message, error.details)
        return attrs.evolve(report, failures=(failure, more))
    return attrs.evolve(report, overlay=result.outcomes)


def _is_current(project: Project) -> bool:
    """Tell whether everything that the lock speaks of is as it says, the tools included."""
    lock = project.lock()
    if lock is None:
        return False
    stages = project.stages()
    return all(stages.get(key) == value for key, value in lock.stages.items() if key != "source") and (
        dict(lock.tools) == tool_versions()
    )


def _renew_source(project: Project, read: Read) -> None:
    """Note in the lock that the same facts were found in another document."""
    lock = project.lock()
    source = read.pulled.provenance
    if lock is not None and lock.source != source:
        renewed = Lock(source, {**lock.stages, "source": source.sha256}, lock.tools)
        replace(project.root, {LOCK: write_lock(renewed)}, {})
