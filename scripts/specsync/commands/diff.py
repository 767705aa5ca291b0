"""`diff`: compares two documents and judges each change; generates and writes nothing."""

import attrs

from scripts.specsync.context import Options, StageTimer
from scripts.specsync.diff.change import accept, verdict
from scripts.specsync.errors import SpecSyncError
from scripts.specsync.pipeline import extract_facts, judge, located, read_document
from scripts.specsync.project import open_project
from scripts.specsync.report.report import Report, failed
from scripts.specsync.settings import WantedOperation


def run(options: Options, timer: StageTimer) -> Report:
    """Run the verb."""
    project = open_project(options.root)
    settings = project.settings
    wanted: tuple[WantedOperation, ...] | None = None if options.everything else settings.operations
    report = Report(stages=timer.seconds)
    try:
        old = read_document(options.old, settings, timer, offline=options.offline)
        new = read_document(options.new, settings, timer, offline=options.offline)
        report = attrs.evolve(report, source=dict(new.provenance.as_table()))
        before = extract_facts(old, settings, wanted, timer)
        after = extract_facts(new, settings, wanted, timer)
        found = judge(project, before.facts, after.facts, timer)
        changes = located(accept(found, project.accepted()), after, before)
    except SpecSyncError as error:
        return failed(report, error)
    return attrs.evolve(report, exit_code=verdict(changes), changes=changes, selected=len(after.wanted))
