"""Renders a report as the body of a pull request, which may have 65,536 characters."""

import re
from typing import Final

from scripts.specsync.diff.change import Change
from scripts.specsync.overlay.apply import State
from scripts.specsync.report.report import Report
from scripts.specsync.report.text import WORD_RULES, described, groups, raw_outputs, visible, whole, words

LIMIT: Final = 65_536
_RESERVE: Final = 400
_SEAM_SHOWN: Final = 6
_FENCE: Final = "```"
_BACKTICKS: Final = re.compile("`+")
# Characters with a meaning in Markdown, which have none as entities.
_MARKUP: Final = {char: f"&#{ord(char)};" for char in "&<>[]()!`*_~\\|\"'"}
# What GitHub turns into links without any markup.
_LINKED: Final = re.compile(r"[@#]|(?<=:)(?=//)|(?<=www)(?=\.)", re.IGNORECASE)


def render_markdown(report: Report, kept_in: str | None = None) -> str:
    """Return the report as Markdown, cut where it must be, with a count of what was cut.

    Args:
        report: What is rendered.
        kept_in: Where the output of a tool that failed is kept. Without it the report keeps it itself, folded.
    """
    if report.page:
        return "\n\n".join("\n".join(map(_plain, part.split("\n"))) for part in report.page) + "\n"
    outputs = [] if kept_in else list(raw_outputs(report))
    head = "\n".join(_fitting(_head(report, kept_in)))
    sections = [_section(name, changes) for name, changes in groups(report.changes).items()]
    tail = "\n".join(_fitting(_tail(report)))
    body = [head]
    size = len(head) + len(tail) + _RESERVE + (LIMIT // 4 if outputs else 0)
    kept = 0
    for section in sections:
        if size + len(section) + 1 > LIMIT:
            break
        body.append(section)
        size += len(section) + 1
        kept += 1
    if kept < len(sections):
        body.append(f"\n{len(sections) - kept} more groups of changes are in the full report.\n")
    text = "\n".join([*body, tail]) + "\n"
    for number, (heading, lines) in enumerate(outputs):
        text += _folded(heading, lines, (LIMIT - len(text)) // (len(outputs) - number))
    return text


def _folded(heading: str, lines: tuple[str, ...], room: int) -> str:
    """Return a tool's output as a folded block that the output cannot close; its end, if there is not room for all."""
    shown = [visible(line) for line in lines]
    # A longer row of backticks than any in the text.
    fence = "`" * max(
        len(_FENCE), 1 + max((len(found) for line in shown for found in _BACKTICKS.findall(line)), default=0)
    )
    opening = [f"<details><summary>{_plain(heading)}</summary>", "", f"{fence}text"]
    closing = [fence, "", "</details>", ""]
    room -= sum(len(line) + 1 for line in (*opening, *closing)) + _RESERVE
    kept: list[str] = []
    for line in reversed(shown):
        room -= len(line) + 1
        if room < 0:
            break
        kept.insert(0, line)
    left_out = [f"({len(shown) - len(kept)} lines before these are left out)"] if len(kept) < len(shown) else []
    return "\n".join(["", *opening, *left_out, *kept, *closing])


def _fitting(lines: list[str]) -> list[str]:
    """Return the lines that fit into a quarter: whole ones, because half of one may hide what comes after it."""
    left = LIMIT // 4
    for number, line in enumerate(lines):
        left -= len(line) + 1
        if left < 0:
            fences = sum(kept.startswith(_FENCE) for kept in lines[:number])
            return [*lines[:number], *([_FENCE] if fences % 2 else []), "", "More is in the full report.", ""]
    return lines


def _head(report: Report, kept_in: str | None) -> list[str]:
    severities = ("breaking", "additive", "docs")
    counts = [sum(str(change.severity) == severity for change in report.changes) for severity in severities]
    lines = [f"## Spec sync: {report.verdict}", ""]
    if report.source:
        lines += [f"Source: {_code(described(report.source))}", ""]
    lines += ["| breaking | additive | docs | operations | lost |", "|---|---|---|---|---|"]
    found = report.generated or report.selected
    lines += [
        f"| {' | '.join(str(count) for count in counts)} | {found}/{report.selected} | {len(report.lost)} |",
        "",
    ]
    for failure in report.failures:
        lines += [f"**Stopped ({int(failure.exit_code)}):** {_plain(failure.message)}", ""]
        if failure.details:
            lines += [f"{_FENCE}text", *(visible(line).replace("`", "'") for line in failure.details), _FENCE, ""]
        if failure.raw:
            lines += [f"The whole output: {_code(kept_in or 'at the end of this report')}", ""]
    lines += [f"- lost: {_plain(entry)}" for entry in report.lost]
    return lines


def _section(name: str, changes: list[Change]) -> str:
    worst = changes[0].severity
    lines = [f"<details><summary>{_plain(name)}: {len(changes)} ({worst})</summary>", ""]
    for change in changes:
        accepted = f" accepted: {_plain(change.accepted)}" if change.accepted is not None else ""
        lines.append(f"- **{change.severity}** {_code(change.rule.identifier)} {_code(change.fingerprint)}{accepted}")
        show = words if change.rule.identifier in WORD_RULES else whole
        before, after = show(change.before) or "nothing", show(change.after) or "nothing"
        lines.append(f"  {_code(change.pointer)}: {_code(before)} → {_code(after)}")
        if change.line is not None:
            lines.append(f"  upstream line {change.line}, {_code(change.upstream or change.pointer)}")
        if change.seam:
            lines.append(f"  used in {', '.join(_code(place) for place in change.seam[:_SEAM_SHOWN])}")
    return "\n".join([*lines, "", "</details>"])


def _tail(report: Report) -> list[str]:
    idle = [outcome.action.label for outcome in report.overlay if outcome.state is State.SUPERFLUOUS]
    lines = ["", *(f"- {_code(label)} changes nothing any more: drop the action" for label in idle)]
    caught_up = [place for outcome in report.overlay if outcome.state is State.CAUGHT_UP for place in outcome.met]
    lines += [f"- upstream has it now, the overlay says it anew: {_code(place)}" for place in caught_up]
    lines += [f"- {_plain(note)}" for note in report.notes]
    if report.stages:
        stages = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in report.stages.items())
        lines += ["", f"<sub>{stages}</sub>"]
    return lines


def _code(text: str) -> str:
    # A span without anything in it would be no span.
    return f"`{visible(text).replace('`', chr(39)) or ' '}`"


def _plain(text: str) -> str:
    """Return text that is shown as it is: upstream's words must not become markup or mention anybody."""
    escaped = "".join(_MARKUP.get(char, char) for char in visible(text))
    return _LINKED.sub(lambda found: f"{found[0]}<!-- -->", escaped)
