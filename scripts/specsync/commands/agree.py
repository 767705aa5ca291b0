"""`agree`: checks that a source with some of the operations, such as a docs page, agrees with the committed facts."""

import attrs

from scripts.specsync.context import Options, StageTimer
from scripts.specsync.diff.change import verdict
from scripts.specsync.diff.rules import Plane
from scripts.specsync.document.json_values import JsonObject
from scripts.specsync.document.openapi import as_object, member_object, path_shape
from scripts.specsync.errors import SourceError, SpecSyncError, UsageError
from scripts.specsync.pipeline import extract_facts, judge, read_document
from scripts.specsync.project import UPSTREAM, open_project
from scripts.specsync.report.report import Failure, Report, failed
from scripts.specsync.settings import WantedOperation
from scripts.specsync.verdicts import ExitCode


def run(options: Options, timer: StageTimer) -> Report:
    """Run the verb."""
    project = open_project(options.root)
    settings = project.settings
    report = Report(stages=timer.seconds)
    try:
        facts = project.facts()
        if facts is None:
            message = f"{UPSTREAM} is missing: run sync first"
            raise UsageError(message)
        fetched = read_document(options.source, settings, timer, offline=options.offline)
        report = attrs.evolve(report, source=dict(fetched.provenance.as_table()))
        held = _held(fetched.document, settings.operations)
        if not held:
            message = "the source holds none of the selected operations"
            raise SourceError(message)
        read = extract_facts(fetched, settings, held, timer)
        found = judge(project, _only(facts, held), read.facts, timer)
        changes = tuple(change for change in found if change.rule.plane is not Plane.DOCS)
    except SpecSyncError as error:
        return failed(report, error)
    report = attrs.evolve(report, selected=len(held), changes=changes)
    labels = ", ".join(operation.label for operation in held)
    if not changes:
        return attrs.evolve(report, notes=(f"agrees in every fact: {labels}",))
    failure = Failure(ExitCode.BREAKING, f"the source and {UPSTREAM} disagree ({int(verdict(changes))}): {labels}")
    return attrs.evolve(report, exit_code=ExitCode.BREAKING, failures=(failure,))


def _held(document: JsonObject, wanted: tuple[WantedOperation, ...]) -> tuple[WantedOperation, ...]:
    shapes = {
        (path_shape(path), method.upper())
        for path, item in member_object(document, "paths", "").items()
        for method in as_object(item, "")
    }
    return tuple(operation for operation in wanted if (operation.shape, operation.method) in shapes)


def _only(facts: JsonObject, held: tuple[WantedOperation, ...]) -> JsonObject:
    paths = member_object(facts, "paths", "")
    kept: JsonObject = {}
    for operation in held:
        methods = as_object(kept.setdefault(operation.path, {}), "")
        methods[operation.method.lower()] = member_object(paths, operation.path, "")[operation.method.lower()]
    return {**facts, "paths": kept}
