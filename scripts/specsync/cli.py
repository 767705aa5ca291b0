"""The command line: parses arguments, runs a command, writes its report, and returns the exit code."""

import argparse
import importlib
import json
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import Final, NoReturn, TextIO, TypeAlias, cast

import attrs

from scripts.specsync.commands import agree, diff, explain, generate, sync, verify
from scripts.specsync.context import Options, StageTimer
from scripts.specsync.errors import SpecSyncError, UsageError
from scripts.specsync.report.markdown import render_markdown
from scripts.specsync.report.report import Report, failed
from scripts.specsync.report.text import STYLES, render_text, visible

_INTERRUPTED: Final = 130
_EXIT_CODES: Final = """\
The exit code is the verdict:
  0   the same facts            10  only documentation changed
  20  additive                  30  breaking for a caller
or says what went wrong, and that nothing was changed:
  2   the command line          3   the source could not be fetched
  4   a hash does not match     5   the source cannot be read
  6   an overlay action         7   the generator
  8   the facade does not fit
"""


_Command: TypeAlias = Callable[[Options, StageTimer], Report]

COMMANDS: Final[Mapping[str, _Command]] = {
    "sync": sync.run,
    "diff": diff.run,
    "generate": generate.run,
    "verify": verify.run,
    "agree": agree.run,
    "explain": explain.run,
}


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        located = f"{self.prog}: {message}"
        raise UsageError(located)


@attrs.frozen
class _Call:
    options: Options
    form: str
    report: Path | None


def parse_arguments(arguments: Sequence[str], root: Path) -> _Call:
    """Parse the arguments of the command line."""
    parser = _Parser(
        prog="python -m scripts.specsync",
        description="Keeps a generated client in step with its OpenAPI document.",
        epilog=_EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True, parser_class=_Parser)
    common = _Parser(add_help=False)
    form = "how the report is written: for a terminal, a program or a pull request (default: %(default)s)"
    common.add_argument("--format", choices=("text", "json", "md"), default="text", dest="form", help=form)
    common.add_argument("--report", type=Path, metavar="FILE", help="write the report to a file as well")
    network = _Parser(add_help=False)
    network.add_argument("--offline", action="store_true", help="read remote sources from the cache alone")
    source = "a path, a URL, github:OWNER/NAME@REF:PATH, a docs page or a docs index"

    def add(name: str, does: str, *parents: _Parser) -> _Parser:
        return verbs.add_parser(name, parents=[common, *parents], help=does, description=f"{does.capitalize()}.")

    sync_parser = add("sync", "update spec and client from a source, if that is safe", network)
    sync_parser.add_argument("--source", help=f"{source}; without it, the one in spec/selection.toml")
    sync_parser.add_argument("--check", action="store_true", help="compare, generate and test, but write nothing")
    accept = "the worst verdict that is accepted (default: %(default)s)"
    sync_parser.add_argument("--accept", choices=("additive", "breaking"), default="additive", help=accept)
    sync_parser.add_argument(
        "--all", action="store_true", dest="everything", help="with --check: generate a client of every operation"
    )
    diff_parser = add("diff", "compare two documents and judge each change", network)
    diff_parser.add_argument("old", metavar="OLD", help=source)
    diff_parser.add_argument("new", metavar="NEW", help="likewise")
    diff_parser.add_argument(
        "--all", action="store_true", dest="everything", help="compare every operation, not only the selected ones"
    )
    generate_parser = add("generate", "generate the client from the committed spec")
    generate_parser.add_argument("--check", action="store_true", help="compare with what is committed, write nothing")
    add("verify", "recompute every hash of the lock")
    agree_parser = add(
        "agree", "compare the operations in a source, such as a docs page, with the committed facts", network
    )
    agree_parser.add_argument("place", nargs="?", metavar="SOURCE", help=source)
    agree_parser.add_argument("--source", help="the same, by name")
    explain_parser = add("explain", "describe a rule")
    explain_parser.add_argument("rule", metavar="RULE", help="a rule as a report names it, or `all` for every rule")

    found = vars(parser.parse_args(list(arguments)))
    form, report = str(found.pop("form")), cast("Path | None", found.pop("report"))
    place = found.pop("place", None)
    if place is not None:
        found["source"] = place
    return _Call(Options(root=root, **found), form, report)


def main(arguments: Sequence[str], root: Path, out: TextIO, err: TextIO) -> int:
    """Run one call and return its exit code."""
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        call = parse_arguments(arguments, root)
    except UsageError as error:
        err.write(f"{visible(error.message)}\n")
        return int(error.exit_code)
    timer = StageTimer(err if err.isatty() else None)
    try:
        report = COMMANDS[call.options.verb](call.options, timer)
    except SpecSyncError as error:
        report = failed(Report(stages=timer.seconds), error)
    except KeyboardInterrupt:
        err.write("interrupted: nothing was changed\n")
        return _INTERRUPTED
    kept_in = "--report FILE keeps it, --format json shows it" if call.report is None else str(call.report)
    text = _rendered(report, call.form, kept_in)
    if call.report is not None:
        try:
            call.report.write_text(_rendered(report, call.form, None), encoding="utf-8")
        except OSError as error:
            err.write(f"{call.report}: {error.strerror}\n")
    _show(text, call.form, out)
    if call.form == "json":
        err.writelines(f"{visible(failure.message)}\n" for failure in report.failures)
    return int(report.exit_code)


def _rendered(report: Report, form: str, kept_in: str | None) -> str:
    if form == "json":
        return json.dumps(report.as_json(), indent=2, ensure_ascii=False) + "\n"
    return render_markdown(report, kept_in) if form == "md" else render_text(report, kept_in)


def _show(text: str, form: str, out: TextIO) -> None:
    if form != "text" or not out.isatty():
        out.write(text)
        return
    # Colours are for terminals; the import is for them too.
    rich = importlib.import_module("rich.console")
    styled = importlib.import_module("rich.text")
    console = rich.Console(file=out, soft_wrap=True)
    for line in text.splitlines():
        words = line.replace("(", " ").replace(":", " ").split()
        console.print(styled.Text(line, style=STYLES.get(words[0], "") if words else ""))


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    """Turn a request to terminate into the exception after which everything is cleaned up."""
    raise KeyboardInterrupt


def run_as_program() -> NoReturn:
    """Run the call that the process was started with, on the project in the current folder."""
    sys.exit(main(sys.argv[1:], Path.cwd(), sys.stdout, sys.stderr))
