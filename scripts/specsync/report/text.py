"""Renders a report for people at a terminal."""

from collections.abc import Iterator, Mapping
from textwrap import wrap
from typing import Final

from scripts.specsync.diff.change import Change
from scripts.specsync.document.json_values import JsonObject, JsonValue, canonical_json
from scripts.specsync.facts.words import known_digest
from scripts.specsync.overlay.apply import State
from scripts.specsync.report.report import Failure, Report

# Width of a terminal; longer lines are divided at sensible places.
_WIDTH: Final = 80
_LONGEST_VALUE: Final = 100
_BEFORE_DIFFERENCE: Final = 30
_SEAM_SHOWN: Final = 6
WORD_RULES: Final = frozenset({"prose-changed", "titles-changed"})
_OPERATIONS_SHOWN: Final = 3
# The colour of a line, by its first word.
STYLES: Final[Mapping[str, str]] = {
    "breaking": "bold red",
    "additive": "yellow",
    "docs": "cyan",
    "same": "green",
    "failed": "bold red",
    "failure": "bold red",
    "lost": "bold red",
    "note": "cyan",
}


def render_text(report: Report, kept_in: str | None = None) -> str:
    """Return the report as lines of text.

    Args:
        report: What is rendered.
        kept_in: Where the output of a tool that failed is kept. Without it the report keeps it itself, at its end.
    """
    lines = (line for part in report.page for line in part.split("\n")) if report.page else _lines(report, kept_in)
    return "\n".join(visible(line) for line in lines) + "\n"


def visible(text: str) -> str:
    """Return text with control characters escaped, because upstream's text could contain terminal commands."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)


def whole(value: JsonValue) -> str:
    """Return a value as reports show it where there is room."""
    return "nothing" if value is None else value if isinstance(value, str) else canonical_json(value)


def shown(value: JsonValue) -> str:
    """Return a value as a terminal shows it, shortened."""
    text = whole(value)
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}..."


def words(value: JsonValue) -> str | None:
    """Return a text as reports show it, or a note that only its digest is known."""
    digest = known_digest(value)
    return None if value is None else whole(value) if digest is None else f"(words not kept, SHA-256 {digest}...)"


def _excerpt(text: str, other: str | None) -> str:
    """Return a text as a terminal shows it: from a little before the place where it differs from the other."""
    alike = next((index for index, pair in enumerate(zip(text, other or "", strict=False)) if len(set(pair)) > 1), 0)
    start = max(alike - _BEFORE_DIFFERENCE, 0) if len(text) > _LONGEST_VALUE else 0
    return f"{'...' if start else ''}{shown(text[start:])}"


def described(source: JsonObject) -> str:
    """Return a short description of a source."""
    if not source:
        return ""
    commit = source.get("commit")
    sha256 = source.get("sha256")
    parts = [str(source.get("repository") or source.get("name", ""))]
    if commit:
        parts.append(f"commit {str(commit)[:12]}")
    if sha256:
        parts.append(f"sha256 {str(sha256)[:12]}")
    return ", ".join(parts)


def groups(changes: tuple[Change, ...]) -> dict[str, list[Change]]:
    """Return the changes by the component or operation that they are in, the worst group first."""
    found: dict[str, list[Change]] = {}
    for change in changes:
        found.setdefault(_group(change), []).append(change)
    return found


def _group(change: Change) -> str:
    if change.component is not None:
        return change.component
    if len(change.operations) == 1:
        return change.operations[0]
    tokens = change.pointer.split("/")
    return tokens[3] if tokens[1:3] == ["components", "schemas"] else "all operations"


def raw_outputs(report: Report) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield for each failure the output of the tool that failed, under a heading."""
    for failure in report.failures:
        if failure.raw:
            lines = tuple(failure.raw.rstrip("\n").split("\n"))
            yield f"Output behind failure {int(failure.exit_code)} ({len(lines)} lines)", lines


def _lines(report: Report, kept_in: str | None) -> Iterator[str]:
    yield f"{report.verdict} (exit {int(report.exit_code)}): {_operations(report)}"
    if report.source:
        yield f"source: {described(report.source)}"
    for failure in report.failures:
        yield from _failure(failure, kept_in)
    yield from (f"lost: {entry}" for entry in report.lost)
    for name, changes in groups(report.changes).items():
        reached = tuple(dict.fromkeys(label for change in changes for label in change.operations))
        yield ""
        yield f"{name}{_reached(name, reached)}"
        for change in changes:
            yield from _change(change)
    for outcome in report.overlay:
        if outcome.state is State.SUPERFLUOUS:
            yield f"note: {outcome.action.label} changes nothing any more: upstream has it; drop the action"
        if outcome.state is State.CAUGHT_UP:
            yield from (f"note: upstream has it now, the overlay says it anew: {place}" for place in outcome.met)
    yield from (f"note: {note}" for note in report.notes)
    if report.stages:
        total = sum(report.stages.values())
        stages = ", ".join(f"{name} {seconds:.2f}" for name, seconds in report.stages.items())
        yield from wrap(f"seconds: {stages}; together {total:.2f}", _WIDTH, subsequent_indent="    ")
    for heading, output in () if kept_in else raw_outputs(report):
        yield from ("", f"{heading}:", *(f"    {line}" for line in output))


def _failure(failure: Failure, kept_in: str | None) -> Iterator[str]:
    yield f"failure {int(failure.exit_code)}: {failure.message}"
    yield from (f"    {line}" for line in failure.details)
    if failure.raw:
        yield f"    the whole output: {kept_in or 'at the end of this report'}"


def _operations(report: Report) -> str:
    if report.generated > report.selected:
        return f"{report.selected} operations, {report.generated} with those that the overlay adds"
    return f"{report.generated}/{report.selected} operations" if report.generated else f"{report.selected} operations"


def _reached(name: str, labels: tuple[str, ...]) -> str:
    others = [label for label in labels if label != name]
    if not others:
        return ""
    more = f" and {len(others) - _OPERATIONS_SHOWN} more" if len(others) > _OPERATIONS_SHOWN else ""
    return f" (in {', '.join(others[:_OPERATIONS_SHOWN])}{more})"


def _change(change: Change) -> Iterator[str]:
    accepted = f" - accepted: {change.accepted}" if change.accepted is not None else ""
    yield f"  {change.severity} {change.rule.identifier} [{change.fingerprint}]{accepted}"
    if change.rule.identifier in WORD_RULES:
        yield f"      {change.pointer}:"
        was, now = words(change.before), words(change.after)
        for sign, text, other in (("-", was, now), ("+", now, was)):
            if text is not None:
                yield f"        {sign} {_excerpt(text, other)}"
    else:
        before, after = shown(change.before), shown(change.after)
        line = f"      {change.pointer}: {before} -> {after}"
        yield from (
            (line,) if len(line) <= _WIDTH else (f"      {change.pointer}:", f"        {before}", f"        -> {after}")
        )
    if change.line is not None:
        elsewhere = f", {change.upstream}" if change.upstream not in {None, change.pointer} else ""
        yield f"      upstream line {change.line}{elsewhere}"
    if change.seam:
        more = f" and {len(change.seam) - _SEAM_SHOWN} more" if len(change.seam) > _SEAM_SHOWN else ""
        yield f"      used in {', '.join(change.seam[:_SEAM_SHOWN])}{more}"
