"""``portkey-ft jobs``."""

from __future__ import annotations

from typing import Annotated, Any, Literal, cast

import typer

from portkey_ft.cli._connection import with_client
from portkey_ft.cli._output import (
    DEFAULT_LIMIT,
    After,
    All,
    Json,
    Limit,
    print_event,
    print_json,
    print_list,
    print_value,
)
from portkey_ft.cli._values import json_object, number, pairs
from portkey_ft.cli._waiting import in_doubt, interruptible, job_status
from portkey_ft.client import Portkey
from portkey_ft.methods import DPO, Supervised

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, help="Create, list, watch, pause and cancel fine-tuning jobs.")

DAY = 86_400.0

JobId = Annotated[str, typer.Argument(help="The job's id.", metavar="JOB_ID", show_default=False)]
Timeout = Annotated[
    float,
    typer.Option(help="Seconds after which waiting ends; the job goes on.", metavar="SECONDS", show_default="a day"),
]
PollInterval = Annotated[
    float, typer.Option(help="Seconds between the first polls; they grow to a minute.", metavar="SECONDS")
]

METHOD = "Method"
LESS_COMMON = "Less common"


def _text(text: str, metavar: str = "TEXT", panel: str | None = None) -> Any:  # noqa: ANN401 - as typer.Option
    return typer.Option(help=text, metavar=metavar, rich_help_panel=panel, show_default=False)


def _hyperparameter(text: str) -> Any:  # noqa: ANN401 - as typer.Option
    return typer.Option(help=text, metavar="N|auto", rich_help_panel=METHOD, show_default=False)


def _json(text: str) -> Any:  # noqa: ANN401 - as typer.Option
    return typer.Option(help=text, metavar="JSON", rich_help_panel=LESS_COMMON, show_default=False)


@app.command("create")
@with_client
def create_job(
    client: Portkey,
    *,
    model: Annotated[str, _text("The model to train.", "NAME")],
    training_file: Annotated[str, _text("ID of the training file, as upload prints it.", "FILE_ID")],
    validation_file: Annotated[str | None, _text("ID of the validation file.", "FILE_ID")] = None,
    suffix: Annotated[str | None, _text("Put into the name of the trained model.")] = None,
    seed: Annotated[int | None, _text("Seed of the training's random numbers.", "N")] = None,
    method: Annotated[
        Literal["supervised", "dpo"] | None, typer.Option(help="How to train.", rich_help_panel=METHOD)
    ] = None,
    epochs: Annotated[str | None, _hyperparameter("How often the training file is gone through.")] = None,
    batch_size: Annotated[str | None, _hyperparameter("Examples in a batch.")] = None,
    lr_multiplier: Annotated[str | None, _hyperparameter("Factor on the provider's own learning rate.")] = None,
    beta: Annotated[str | None, _hyperparameter("Weight of the reference model (dpo).")] = None,
    hyperparameters: Annotated[str | None, _json("Hyperparameters that only this provider has.")] = None,
    metadata: Annotated[list[str] | None, _text("Label of the job. Repeatable.", "NAME=VALUE")] = None,
    job_name: Annotated[str | None, _text("Name of the job (Bedrock).", panel=LESS_COMMON)] = None,
    role_arn: Annotated[str | None, _text("Role that the job runs under (Bedrock).", "ARN", LESS_COMMON)] = None,
    output_file: Annotated[str | None, _text("Where the results go (Bedrock).", "URI", LESS_COMMON)] = None,
    provider_options: Annotated[str | None, _json("Options for the provider in managed fine-tuning.")] = None,
    portkey_options: Annotated[str | None, _json("Options for Portkey in managed fine-tuning.")] = None,
    extra_body: Annotated[str | None, _json("Further fields of the request.")] = None,
    json: Json = False,
) -> None:
    """Start a job. This costs money.

    It is sent again only if the first request certainly did not arrive.
    """
    with in_doubt("the job may have been started", "jobs list"):
        job = client.fine_tuning.jobs.create(
            model=model,
            training_file=training_file,
            validation_file=validation_file,
            suffix=suffix,
            seed=seed,
            method=_method(method, epochs, batch_size, lr_multiplier, beta),
            hyperparameters=json_object(hyperparameters, "--hyperparameters"),
            metadata=pairs(metadata, "--metadata"),
            job_name=job_name,
            role_arn=role_arn,
            output_file=output_file,
            provider_options=json_object(provider_options, "--provider-options"),
            portkey_options=json_object(portkey_options, "--portkey-options"),
            extra_body=json_object(extra_body, "--extra-body"),
        )
    print_value(job, as_json=json)


def _method(
    name: Literal["supervised", "dpo"] | None,
    epochs: str | None,
    batch_size: str | None,
    lr_multiplier: str | None,
    beta: str | None,
) -> Supervised | DPO | None:
    """Make a method of the options; None if there are none.

    Raises:
        typer.BadParameter: ``--beta`` with another method than dpo.
    """
    given: dict[str, Any] = {
        "n_epochs": number(epochs),
        "batch_size": number(batch_size),
        "learning_rate_multiplier": number(lr_multiplier),
    }
    if name == "dpo":
        return DPO(**given, beta=cast("float | Literal['auto'] | None", number(beta)))
    if beta is not None:
        message = "only the method dpo has a beta."
        raise typer.BadParameter(message, param_hint="--beta")
    if name is None and all(value is None for value in given.values()):
        return None
    return Supervised(**given)


@app.command("list")
@with_client
def list_jobs(
    client: Portkey,
    *,
    metadata: Annotated[
        list[str] | None, _text("List only jobs with this label (OpenAI, Azure OpenAI). Repeatable.", "NAME=VALUE")
    ] = None,
    limit: Limit = DEFAULT_LIMIT,
    all: All = False,  # noqa: A002 - the name of the option
    after: After = None,
    json: Json = False,
) -> None:
    """List jobs, newest first."""
    most = None if all else limit
    labels = pairs(metadata, "--metadata")
    columns = {"id": "ID", "status": "STATUS", "model": "MODEL", "created_at": "CREATED (UTC)"}
    jobs = client.fine_tuning.jobs.list(limit=most, after=after, metadata=labels)
    print_list(jobs, "jobs", columns, limit=most, as_json=json)


@app.command("get")
@with_client
def get_job(client: Portkey, job_id: JobId, *, json: Json = False) -> None:
    """Show a job's fields."""
    print_value(client.fine_tuning.jobs.retrieve(job_id), as_json=json)


@app.command("wait")
@with_client
def wait_for_job(
    client: Portkey,
    job_id: JobId,
    *,
    timeout: Timeout = DAY,
    poll_interval: PollInterval = 5.0,
    json: Json = False,
) -> None:
    """Wait until a job has ended, and show its fields. Ctrl-C ends the waiting, not the job.

    The exit code is 1 if the job ended without a model, or did not end in time.
    """
    with interruptible(job_id, "wait"), job_status(job_id) as on_progress:
        job = client.fine_tuning.jobs.wait(
            job_id, timeout=timeout, poll_interval=poll_interval, on_progress=on_progress
        )
    print_value(job, as_json=json)


@app.command("follow")
@with_client
def follow_job(
    client: Portkey,
    job_id: JobId,
    *,
    timeout: Timeout = DAY,
    poll_interval: PollInterval = 5.0,
    json: Json = False,
) -> None:
    """Print the events of a job as they happen, oldest first, until it has ended. Ctrl-C ends this, not the job."""
    with interruptible(job_id, "follow"):
        for event in client.fine_tuning.jobs.follow(job_id, timeout=timeout, poll_interval=poll_interval):
            if json:
                print_json(event.to_dict())
            else:
                print_event(event)


@app.command("events")
@with_client
def job_events(
    client: Portkey,
    job_id: JobId,
    *,
    limit: Limit = DEFAULT_LIMIT,
    all: All = False,  # noqa: A002 - the name of the option
    after: After = None,
    json: Json = False,
) -> None:
    """List what happened to a job, newest first."""
    most = None if all else limit
    columns = {"created_at": "TIME (UTC)", "level": "LEVEL", "message": "MESSAGE"}
    events = client.fine_tuning.jobs.list_events(job_id, limit=most, after=after)
    print_list(events, "events", columns, limit=most, as_json=json)


@app.command("cancel")
@with_client
def cancel_job(client: Portkey, job_id: JobId, *, json: Json = False) -> None:
    """Cancel a job."""
    print_value(client.fine_tuning.jobs.cancel(job_id), as_json=json)


@app.command("pause")
@with_client
def pause_job(client: Portkey, job_id: JobId, *, json: Json = False) -> None:
    """Pause a job, where the provider can."""
    print_value(client.fine_tuning.jobs.pause(job_id), as_json=json)


@app.command("resume")
@with_client
def resume_job(client: Portkey, job_id: JobId, *, json: Json = False) -> None:
    """Resume a paused job."""
    print_value(client.fine_tuning.jobs.resume(job_id), as_json=json)
