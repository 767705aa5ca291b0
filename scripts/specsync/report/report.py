"""The report of a command as one value; it is written as JSON, text or Markdown."""

import attrs

from scripts.specsync.diff.change import Change
from scripts.specsync.document.json_values import JsonObject, JsonValue
from scripts.specsync.errors import FacadeError, GeneratorError, SpecSyncError
from scripts.specsync.overlay.apply import Outcome
from scripts.specsync.report.causes import causes
from scripts.specsync.verdicts import ExitCode, verdict_name


@attrs.frozen
class Failure:
    """An error that stopped a run, or another problem."""

    exit_code: ExitCode
    message: str
    details: tuple[str, ...] = ()
    raw: str = ""

    def as_json(self) -> JsonObject:
        """Return the failure as reports show it."""
        return {
            "exit_code": int(self.exit_code),
            "message": self.message,
            "details": list[JsonValue](self.details),
            "raw": self.raw,
        }


@attrs.frozen
class Report:
    """The outcome of a run; `page` is text to be read by itself, in place of an outcome."""

    exit_code: ExitCode = ExitCode.SAME
    source: JsonObject = attrs.field(factory=dict[str, "JsonValue"])
    selected: int = 0
    generated: int = 0
    lost: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    overlay: tuple[Outcome, ...] = ()
    failures: tuple[Failure, ...] = ()
    notes: tuple[str, ...] = ()
    page: tuple[str, ...] = ()
    stages: dict[str, float] = attrs.field(factory=dict[str, float])

    @property
    def verdict(self) -> str:
        """The outcome in one word."""
        return verdict_name(self.exit_code)

    def as_json(self) -> JsonObject:
        """Return the report in the form that is a contract."""
        return {
            "verdict": self.verdict,
            "exit_code": int(self.exit_code),
            "source": self.source,
            "operations": {
                "selected": self.selected,
                "generated": self.generated,
                "lost": list[JsonValue](self.lost),
            },
            "changes": [change.as_json() for change in self.changes],
            "overlay": [outcome.as_json() for outcome in self.overlay],
            "failures": [failure.as_json() for failure in self.failures],
            "notes": list[JsonValue]([*self.notes, *self.page]),
            "stages": dict[str, JsonValue](self.stages),
        }


def failed(report: Report, error: SpecSyncError) -> Report:
    """Return a report of a run that an error stopped."""
    if isinstance(error, FacadeError):
        explained = tuple(causes(error.proofs, report.changes, report.overlay))
        failure = Failure(error.exit_code, error.message, explained or error.details, error.raw)
    else:
        raw = error.raw if isinstance(error, GeneratorError) else ""
        failure = Failure(error.exit_code, error.message, error.details, raw)
    return attrs.evolve(report, exit_code=error.exit_code, failures=(*report.failures, failure))
