"""`diff`: judges what changed between two documents; nothing is generated and nothing written."""

import attrs

from scripts.specsync.context import Request
from scripts.specsync.diff.change import accept, verdict
from scripts.specsync.diff.compare import difference
from scripts.specsync.diff.seam_usage import promises, read_seam
from scripts.specsync.errors import SpecSyncError
from scripts.specsync.project import open_project
from scripts.specsync.reading import read_document, take_facts
from scripts.specsync.report.report import Report, failed
from scripts.specsync.settings import WantedOperation
from scripts.specsync.stages import Stages


def run(request: Request, stages: Stages) -> Report:
    """Run the verb."""
    project = open_project(request.root)
    settings = project.settings
    wanted: tuple[WantedOperation, ...] | None = None if request.everything else settings.operations
    report = Report(stages=stages.seconds)
    try:
        old = read_document(request.old, settings, stages, offline=request.offline)
        new = read_document(request.new, settings, stages, offline=request.offline)
        report = attrs.evolve(report, source=dict(new.provenance.as_table()))
        before = take_facts(old, settings, wanted, stages)
        after = take_facts(new, settings, wanted, stages)
        with stages.stage("difference"):
            seam = promises(read_seam(project.root, settings.seam), project.effective())
            changes = accept(difference(before.facts, after.facts, seam), project.accepted())
    except SpecSyncError as error:
        return failed(report, error)
    return attrs.evolve(report, exit_code=verdict(changes), changes=changes, selected=len(after.wanted))
