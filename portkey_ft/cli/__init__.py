"""The command line ``portkey-ft``, the extra ``cli``: a thin shell over the package's public classes.

Nothing else in the package imports it, and it holds no logic of its own: each command calls one method.
"""

import sys

__all__ = ["main"]

_NEEDS = frozenset({"rich", "typer"})


def main() -> None:
    """Run the command line, or say how to install what it needs."""
    try:
        from portkey_ft.cli._app import app  # noqa: PLC0415 - an extra
    except ModuleNotFoundError as error:
        if error.name not in _NEEDS:
            raise
        sys.exit(f'The command line needs {error.name}. Install it with: python -m pip install "portkey-ft[cli]"')
    app(prog_name="portkey-ft")
