"""The command line put together, and what every command has in common: how it ends."""

from __future__ import annotations

import sys
import warnings
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from portkey_ft._version import __version__
from portkey_ft.cli import _check, _checkpoints, _files, _gateway, _jobs
from portkey_ft.cli._output import note, print_error, print_warning
from portkey_ft.errors import ConfigurationError, PortkeyError, PortkeyWarning

if TYPE_CHECKING:
    from typing import TextIO

__all__ = ["app"]

FAILED = 1
USAGE = 2
INTERRUPTED = 130

EPILOG = (
    "Keys and the gateway come from the environment: PORTKEY_API_KEY, then PORTKEY_PROVIDER, PORTKEY_VIRTUAL_KEY or "
    "PORTKEY_CONFIG, and PORTKEY_BASE_URL.\n\n"
    "Results go to standard output, everything else to standard error. "
    "Exit codes: 0 done; 1 an error, a job that failed, or a file that should not be uploaded; "
    "2 wrong usage or settings; 130 stopped with Ctrl-C."
)


def _show_warning(  # noqa: PLR0917 - as warnings.showwarning
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """Show a warning of the package without the line of source that it came from."""
    del category, filename, lineno, file, line
    print_warning(str(message))


class _Root(TyperGroup):
    """Turns the package's errors into a message and an exit code."""

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - typer's own
        """Run a command."""
        try:
            with warnings.catch_warnings():
                warnings.showwarning = _show_warning
                return super().invoke(ctx)
        except BrokenPipeError:
            # Whoever read the results, such as head, has had enough; the interpreter must not flush at its end.
            sys.stdout = None
            raise typer.Exit(FAILED) from None
        except ConfigurationError as error:
            print_error(str(error))
            # The message speaks of the arguments in Python.
            note("Arguments are options here, such as --provider for provider=; --help lists them.")
            raise typer.Exit(USAGE) from None
        except (PortkeyError, PortkeyWarning, OSError) as error:
            # A warning comes here where Python was told to make errors of them.
            print_error(str(error))
            raise typer.Exit(FAILED) from None
        except KeyboardInterrupt:
            raise typer.Exit(INTERRUPTED) from None


app = typer.Typer(
    cls=_Root,
    name="portkey-ft",
    help="Fine-tune models through the Portkey AI gateway.",
    epilog=EPILOG,
    no_args_is_help=True,
    # A traceback with local variables would show keys.
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(value: bool) -> None:  # noqa: FBT001 - how typer calls it
    if value:
        sys.stdout.write(f"portkey-ft {__version__}\n")
        raise typer.Exit


@app.callback()
def _options(
    *,
    version: Annotated[
        bool, typer.Option("--version", help="Show the version.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    del version


app.command("check")(_check.check)
app.command("upload")(_files.upload)
app.add_typer(_jobs.app, name="jobs")
app.command("checkpoints")(_checkpoints.checkpoints)
app.add_typer(_files.app, name="files")
app.command("gateway")(_gateway.gateway)
