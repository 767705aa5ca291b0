"""``portkey-ft gateway``."""

from __future__ import annotations

from typing import Annotated

import typer

__all__ = ["gateway"]


def gateway(
    *,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port; 0 takes a free one.", min=0, max=65535, metavar="N")] = 0,
    seconds_per_job: Annotated[
        float | None,
        typer.Option(
            help="How long a job takes from its creation to its end.", min=0, metavar="SECONDS", show_default=False
        ),
    ] = None,
    api_key: Annotated[
        list[str] | None,
        typer.Option(help="Let only this Portkey key in. Repeatable.", metavar="KEY", show_default="any key"),
    ] = None,
) -> None:
    """Run a fake gateway that costs nothing, for trying things out. Ctrl-C stops it."""
    from portkey_ft.testing import __main__ as fake_gateway  # noqa: PLC0415 - the other commands need none of it

    arguments = ["--host", host, "--port", str(port)]
    if seconds_per_job is not None:
        arguments += ["--seconds-per-job", str(seconds_per_job)]
    for key in api_key or ():
        arguments += ["--api-key", key]
    raise typer.Exit(fake_gateway.main(arguments))
