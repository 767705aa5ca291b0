"""`generate`: generates the client from the committed facts and the overlay, without network access."""

import tempfile
from contextlib import nullcontext
from pathlib import Path

import attrs

from scripts.specsync.context import Options, StageTimer
from scripts.specsync.document.json_values import JsonObject
from scripts.specsync.errors import PinError, SpecSyncError, UsageError
from scripts.specsync.lock import Lock
from scripts.specsync.pipeline import Built, apply_project_overlay, build, swap_in
from scripts.specsync.project import EFFECTIVE, SPEC, UPSTREAM, Project, open_project
from scripts.specsync.report.report import Report, failed
from scripts.specsync.tree.atomic_replace import is_interrupted, recover
from scripts.specsync.tree.file_lock import project_lock
from scripts.specsync.tree.hash import tree_files, tree_hash


def run(options: Options, timer: StageTimer) -> Report:
    """Run the verb."""
    writes = not options.check or is_interrupted(options.root)
    with project_lock(options.root / SPEC) if writes else nullcontext():
        if writes:
            recover(options.root)
        project = open_project(options.root)
        report = Report(stages=timer.seconds, selected=len(project.settings.operations))
        try:
            facts, lock = project.facts(), project.lock()
            if facts is None or lock is None:
                message = f"{UPSTREAM} or the lock is missing: run sync first"
                raise UsageError(message)
            with tempfile.TemporaryDirectory(prefix="specsync-") as workspace:
                return _generate(options, project, facts, lock, report, timer, Path(workspace))
        except SpecSyncError as error:
            return failed(report, error)


def _generate(  # noqa: PLR0917 - the parts of one run
    options: Options,
    project: Project,
    facts: JsonObject,
    lock: Lock,
    report: Report,
    timer: StageTimer,
    workspace: Path,
) -> Report:
    with timer.stage("overlay"):
        result = apply_project_overlay(project, facts, facts)
    report = attrs.evolve(report, overlay=result.outcomes, source=dict(lock.source.as_table()))
    built = build(project, facts, result.document, timer, workspace)
    report = attrs.evolve(report, generated=built.audit.generated)
    if not options.check:
        swap_in(project, built, lock.source, timer)
        return report
    different = _different(project, built)
    if different:
        message = f"{len(different)} committed file(s) are not what is generated from the committed spec"
        return failed(report, PinError(message, different))
    return attrs.evolve(report, notes=("every byte is as it is committed",))


def _different(project: Project, built: Built) -> tuple[str, ...]:
    """Return the committed files that differ from what was generated, or exist on one side only."""
    committed = project.root / project.package
    found = [
        path
        for path in (UPSTREAM, EFFECTIVE)
        if not (project.root / path).is_file() or (project.root / path).read_bytes() != built.texts[path].encode()
    ]
    if tree_hash(committed) != built.lock.stages["tree"]:
        mine = {path.relative_to(committed): path.read_bytes() for path in tree_files(committed)}
        theirs = {path.relative_to(built.package): path.read_bytes() for path in tree_files(built.package)}
        found += [
            f"{project.package}/{path.as_posix()}"
            for path in sorted({*mine, *theirs})
            if mine.get(path) != theirs.get(path)
        ]
    return tuple(found)
