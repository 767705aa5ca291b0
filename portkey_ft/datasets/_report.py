"""The report of a check, and the error that carries it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import frozen

from portkey_ft.datasets._values import shown
from portkey_ft.errors import PortkeyError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from portkey_ft.datasets._values import DatasetFormat, Finding, Severity

_CODES_SHOWN: Final = 8
_PROBLEMS_SHOWN: Final = 11
_UNIT: Final = 1000


@frozen
class Problem:
    """One thing that is wrong with a training file.

    Attributes:
        line: The number of the line, from 1; None when it is about the file as a whole.
        pointer: Where in the example (RFC 6901), such as ``/messages/2/content``; empty for the line as a whole.
        code: The stable name of the rule, such as ``empty-content``.
        severity: ``error`` when a provider would refuse or skip it, ``warning`` when it is probably not meant.
        message: What is wrong and what to do. Text taken from the file is cut, and control characters are escaped.
    """

    line: int | None
    pointer: str
    code: str
    severity: Severity
    message: str

    def __str__(self) -> str:
        """Return place, severity, code and message on one line."""
        line = "file" if self.line is None else f"line {self.line}"
        place = f"{line}, {self.pointer}" if self.pointer else line
        return f"{place}: {self.severity} {self.code}: {self.message}"


@frozen
class ProblemCount:
    """How often one kind of problem was found, problems that the report does not list included."""

    code: str
    severity: Severity
    count: int


@frozen
class DatasetReport:
    """The result of checking a training file.

    Attributes:
        source: The name of the file, or ``lines``.
        format: The form of the examples: that of the first one which has a known form; None if there is none.
        examples: How many lines hold an example, that is, a JSON object.
        bytes: The size.
        characters: The characters of all texts in the examples: contents, prompts, arguments and tool definitions.
        tokens: Their tokens; an estimate unless ``tokens_counted``.
        tokens_counted: Whether the tokens were counted by the caller's ``count_tokens``.
        problems: The problems in the order of the lines, at most ``max_problems`` of them.
        counts: How often each problem was met, the most frequent first and errors before warnings.
    """

    source: str
    format: DatasetFormat | None
    examples: int
    bytes: int
    characters: int
    tokens: int
    tokens_counted: bool
    problems: tuple[Problem, ...]
    counts: tuple[ProblemCount, ...]

    @property
    def errors(self) -> int:
        """The number of errors."""
        return sum(entry.count for entry in self.counts if entry.severity == "error")

    @property
    def warnings(self) -> int:
        """The number of warnings."""
        return sum(entry.count for entry in self.counts if entry.severity == "warning")

    @property
    def ok(self) -> bool:
        """Whether there are neither errors nor warnings."""
        return not self.counts

    @property
    def can_upload(self) -> bool:
        """Whether there are no errors."""
        return not self.errors

    def count(self, code: str) -> int:
        """Return how often a problem was found.

        Args:
            code: The name of the rule, such as ``empty-content``.
        """
        return sum(entry.count for entry in self.counts if entry.code == code)

    def raise_for_problems(self, *, warnings: bool = False) -> None:
        """Raise if the file should not be uploaded.

        Args:
            warnings: Whether to raise for warnings too.

        Raises:
            DatasetError: If there are errors, or with ``warnings`` any problem.
        """
        if not self.can_upload or (warnings and not self.ok):
            raise DatasetError(self)

    def __str__(self) -> str:
        """Sum the report up in at most 25 lines."""
        return "\n".join(_summary(self))


class DatasetError(PortkeyError, ValueError):
    """A training file has problems for which it should not be uploaded.

    Attributes:
        report: The result of the check.
    """

    def __init__(self, report: DatasetReport, *, hint: str | None = None, operation: str | None = None) -> None:
        super().__init__(str(report), hint=hint, operation=operation)
        self.report = report

    def _headline(self) -> str:
        # Lines of our own; what they quote of the file is escaped already.
        return self.message


class ProblemLog:
    """Counts all problems and keeps a limited number of them.

    Attributes:
        failed: Whether an error was counted.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: dict[tuple[str, Severity], list[Problem]] = {}
        self._counts: dict[tuple[str, Severity], int] = {}
        self._free = most
        self.failed = False

    def copy(self) -> ProblemLog:
        """Return an independent copy of the log."""
        copied = ProblemLog(self._most)
        copied._kept = {kind: [*problems] for kind, problems in self._kept.items()}
        copied._counts = {**self._counts}
        copied._free, copied.failed = self._free, self.failed
        return copied

    def add(self, line: int | None, finding: Finding) -> None:
        """Count a finding and keep it if there is room, or if it is the first of its kind."""
        self.failed |= finding.severity == "error"
        kind = (finding.code, finding.severity)
        self._counts[kind] = self._counts.get(kind, 0) + 1
        if not self._free and (kind in self._kept or not self._make_room()):
            return
        self._free -= 1
        problem = Problem(line, finding.pointer, finding.code, finding.severity, finding.message)
        self._kept.setdefault(kind, []).append(problem)

    def _make_room(self) -> bool:
        """Drop one problem of the most frequent kind, so that it does not hide rare ones."""
        frequent = max(self._kept, key=lambda kind: len(self._kept[kind]), default=None)
        if frequent is None or len(self._kept[frequent]) == 1:
            return False
        self._kept[frequent].pop()
        self._free += 1
        return True

    def problems(self) -> tuple[Problem, ...]:
        """Return the problems kept, in the order of the lines, those of the file as a whole first."""
        kept = (problem for problems in self._kept.values() for problem in problems)
        return tuple(sorted(kept, key=lambda problem: problem.line or 0))

    def counts(self) -> tuple[ProblemCount, ...]:
        """Return how often each problem was met: errors first, then the most frequent."""
        entries = [ProblemCount(code, severity, count) for (code, severity), count in self._counts.items()]
        return tuple(sorted(entries, key=lambda entry: (entry.severity, -entry.count, entry.code)))


def _summary(report: DatasetReport) -> Iterator[str]:
    """Yield the lines of the summary."""
    found = ", ".join(_plural(number, noun) for number, noun in _found(report)) or "no problems"
    verdict = "can be uploaded" if report.can_upload else "should not be uploaded"
    yield f"{shown(report.source)} {verdict}: {found}"
    measured = (
        f", {_plural(report.characters, 'character')}, {'' if report.tokens_counted else 'about '}"
        f"{_plural(report.tokens, 'token')}"
    )
    yield (
        f"  {report.format or 'no known form'}, {_plural(report.examples, 'example')}, {_size(report.bytes)}"
        f"{measured if report.characters or not report.examples else ''}"
    )
    yield from _cut([_count_line(entry) for entry in report.counts[:_CODES_SHOWN]], len(report.counts))
    yield from _cut([f"  {problem}" for problem in report.problems[:_PROBLEMS_SHOWN]], report.errors + report.warnings)


def _found(report: DatasetReport) -> Iterator[tuple[int, str]]:
    """Yield the numbers of the verdict that are not zero."""
    for number, noun in ((report.errors, "error"), (report.warnings, "warning")):
        if number:
            yield number, noun


def _count_line(entry: ProblemCount) -> str:
    """Return the line of one kind of problem."""
    return f"{entry.count:>9,} x {entry.severity} {entry.code}"


def _cut(lines: list[str], total: int) -> Iterator[str]:
    """Yield lines, and how many more there are."""
    yield from lines
    if len(lines) < total:
        yield f"  ... and {total - len(lines):,} more"


def _plural(number: int, noun: str) -> str:
    """Return a number and its noun."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _size(number: int) -> str:
    """Return a number of bytes in the unit that suits it."""
    if number < _UNIT:
        return _plural(number, "byte")
    if number < _UNIT**2:
        return f"{number / _UNIT:.1f} kB"
    return f"{number / _UNIT**2:,.1f} MB"
