"""The options that say which gateway and whose key, given to each command that sends something."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Annotated, Any

import typer

from portkey_ft.auth import Managed
from portkey_ft.cli._output import print_warning
from portkey_ft.cli._values import pairs
from portkey_ft.client import Portkey
from portkey_ft.retries import RetryPolicy

__all__ = ["with_client"]

PANEL = "Gateway and keys"


def _option(name: str, text: str, metavar: str | None = None) -> Any:  # noqa: ANN401 - as typer.Option
    return typer.Option(name, help=text, metavar=metavar, rich_help_panel=PANEL, show_default=False)


def _new_client(
    *,
    provider: Annotated[
        str | None,
        _option("--provider", "Model Catalog slug, such as @my-openai, or a provider's name.", "NAME"),
    ] = None,
    virtual_key: Annotated[str | None, _option("--virtual-key", "Virtual key that Portkey keeps.", "KEY")] = None,
    config: Annotated[str | None, _option("--config", "Gateway config: its id, or JSON.", "ID")] = None,
    authorization: Annotated[str | None, _option("--authorization", "The provider's bearer token.", "TOKEN")] = None,
    custom_host: Annotated[str | None, _option("--custom-host", "Base URL of the provider's API.", "URL")] = None,
    managed: Annotated[bool, _option("--managed", "Managed fine-tuning: Portkey itself is the provider.")] = False,
    provider_header: Annotated[
        list[str] | None,
        _option("--provider-header", "Header the provider needs, such as aws_region=us-east-1. Repeatable.", "N=V"),
    ] = None,
    api_key: Annotated[str | None, _option("--api-key", "Portkey API key.", "KEY")] = None,
    base_url: Annotated[str | None, _option("--base-url", "The gateway, if it is not Portkey's own.", "URL")] = None,
    request_timeout: Annotated[
        float | None, _option("--request-timeout", "Seconds for each step of a request.", "SECONDS")
    ] = None,
    max_retries: Annotated[
        int,
        typer.Option(help="How often a request may be retried where that is safe.", metavar="N", rich_help_panel=PANEL),
    ] = RetryPolicy().max_retries,
    trace_id: Annotated[str | None, _option("--trace-id", "Id under which the gateway logs the request.", "ID")] = None,
) -> Portkey:
    """Make a client from the options; the environment fills in what they leave out."""
    secrets = {
        "--api-key": api_key,
        "--virtual-key": virtual_key,
        "--authorization": authorization,
        "--provider-header": provider_header,
        "--config": config if config and config.lstrip().startswith("{") else None,
    }
    for name, value in secrets.items():
        if value:
            print_warning(f"other users of this machine can see {name} in the list of processes; {_instead(name)}.")
    return Portkey(
        provider=provider,
        virtual_key=virtual_key,
        config=config,
        authorization=authorization,
        custom_host=custom_host,
        provider_headers=pairs(provider_header, "--provider-header"),
        auth=Managed() if managed else None,
        api_key=api_key,
        base_url=base_url,
        timeout=request_timeout,
        trace_id=trace_id,
        max_retries=max_retries,
    )


def _instead(option: str) -> str:
    if option == "--provider-header":
        return "a Model Catalog slug (--provider @my-aws) needs no headers"
    return f"set PORTKEY_{option.removeprefix('--').replace('-', '_').upper()} instead"


def with_client(command: Callable[..., None]) -> Callable[..., None]:
    """Make a command of a function whose first argument is a client, by adding the options that the client needs."""
    own = list(inspect.signature(command, eval_str=True).parameters.values())[1:]
    shared = list(inspect.signature(_new_client, eval_str=True).parameters.values())

    @functools.wraps(command, assigned=("__module__", "__name__", "__qualname__", "__doc__"), updated=())
    def run(**given: Any) -> None:  # noqa: ANN401 - checked by typer
        with _new_client(**{parameter.name: given.pop(parameter.name) for parameter in shared}) as client:
            command(client, **given)

    # Typer reads a command's options from its signature.
    parameters = [*own, *shared]
    vars(run)["__signature__"] = inspect.Signature(parameters)
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return run
