"""`verify`: recomputes every hash in the lock, without network or generator; writes nothing.

One exception: a replacement that a crash interrupted is completed first, because until then the tree is neither the
old one nor the new one.
"""

from typing import Final

import attrs

from scripts.specsync.context import Options, StageTimer
from scripts.specsync.errors import PinError, SpecSyncError
from scripts.specsync.project import EFFECTIVE, LOCK, OVERLAY, SELECTION, SPEC, UPSTREAM, open_project
from scripts.specsync.report.report import Report, failed
from scripts.specsync.tree.atomic_replace import is_interrupted, recover
from scripts.specsync.tree.file_lock import project_lock

_HAND_WRITTEN: Final = {
    "overlay": OVERLAY,
    "selection": SELECTION,
    "template_changes": "scripts/specsync/client/template_changes",
}
_MACHINE_WRITTEN: Final = {"upstream": UPSTREAM, "openapi": EFFECTIVE}


def run(options: Options, timer: StageTimer) -> Report:
    """Run the verb."""
    notes: tuple[str, ...] = ()
    if is_interrupted(options.root):
        with project_lock(options.root / SPEC):
            if recover(options.root):
                notes = ("an interrupted sync was finished: the tree is the new one",)
    report = Report(stages=timer.seconds, notes=notes)
    try:
        project = open_project(options.root)
        with timer.stage("verify"):
            lock = project.lock()
            if lock is None:
                message = f"{LOCK} is missing: run sync first"
                raise PinError(message)
            found = project.stages()
        report = attrs.evolve(report, source=dict(lock.source.as_table()), selected=len(project.settings.operations))
        wrong = [key for key, value in lock.stages.items() if key != "source" and found.get(key) != value]
        if lock.stages.get("source") != lock.source.sha256:
            wrong.append("source")
        if wrong:
            message = "the tree is not what the lock says"
            raise PinError(message, tuple(_said(key, project.package) for key in sorted(wrong)))
    except SpecSyncError as error:
        return failed(report, error)
    return attrs.evolve(report, notes=(*notes, f"{len(lock.stages)} hashes are as the lock says"))


def _said(key: str, package: str) -> str:
    if key in _HAND_WRITTEN:
        return f"{_HAND_WRITTEN[key]} was changed after the client was generated: run generate"
    if key == "source":
        return f"{LOCK} was edited"
    return f"{_MACHINE_WRITTEN.get(key, package)} was edited, or not written by the last sync: run generate"
