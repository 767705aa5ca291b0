"""What a job looks like at a moment: pure functions of the job, its script and the time."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from portkey_ft.testing._model.job_script import FINAL_STATUSES, checkpoint_metrics, step_metrics
from portkey_ft.testing._model.state import Job, Order, StoredFile

_Moment = tuple[float, str, str, Mapping[str, object] | None]
"""Seconds after the creation, level, message, data."""

_PHASE_MESSAGES = {
    "validating_files": "Validating training file: {training_file}",
    "queued": "Files validated, moving job to queued state",
    "running": "Fine-tuning job started",
}


@attrs.frozen(kw_only=True)
class JobView:
    """A job at a moment, in OpenAI's words; dialects turn it into what a provider says.

    Args:
        job_id: in the provider's own form.
        order: what was asked for.
        status: at that moment.
        created_at: seconds since the Unix epoch.
        finished_at: likewise, once the status is final.
        expected_end: likewise, when the script ends.
        error_code: of a failed job.
        error_message: of a failed job.
        fine_tuned_model: of a job that succeeded.
        trained_tokens: of a job that succeeded.
        result_files: ids of the files that it made.
        epochs: what ``n_epochs`` is when the provider chooses.
    """

    job_id: str
    order: Order
    status: str
    created_at: float
    finished_at: float | None
    expected_end: float
    error_code: str | None
    error_message: str | None
    fine_tuned_model: str | None
    trained_tokens: int | None
    result_files: tuple[str, ...]
    epochs: int


@attrs.frozen(kw_only=True)
class EventView:
    """An event: its number in the job's life, when (seconds since the epoch), and what it says."""

    number: int
    at: float
    level: str
    message: str
    data: Mapping[str, object] | None


@attrs.frozen(kw_only=True)
class CheckpointView:
    """A checkpoint: its step, when it was made (seconds since the epoch), and its metrics."""

    step: int
    at: float
    metrics: Mapping[str, float | int]


def short_id(job: Job) -> str:
    """Return the part of a job's id that names derived things."""
    return job.id.rpartition("-")[2].rpartition("/")[2]


def _lived(job: Job, now: float) -> float:
    return (now if job.cancelled_at is None else min(now, job.cancelled_at)) - job.created_at


def status_at(job: Job, now: float) -> str:
    """Return a job's status at a time (seconds since the epoch)."""
    return "cancelled" if job.cancelled_at is not None else job.script.status_at(now - job.created_at)


def _model_name(job: Job) -> str:
    return f"ft:{job.order.model}:fake-org:{job.order.text('suffix') or ''}:{short_id(job)}"


def _finished_at(job: Job, status: str) -> float | None:
    if job.cancelled_at is not None:
        return job.cancelled_at
    return job.created_at + job.script.seconds if status in FINAL_STATUSES else None


def view(job: Job, now: float) -> JobView:
    """Return what there is to say about a job at a time (seconds since the epoch)."""
    status = status_at(job, now)
    succeeded, failed = status == "succeeded", status == "failed"
    return JobView(
        job_id=job.id,
        order=job.order,
        status=status,
        created_at=job.created_at,
        finished_at=_finished_at(job, status),
        expected_end=job.created_at + job.script.seconds,
        error_code=job.script.error_code if failed else None,
        error_message=job.script.error_message if failed else None,
        fine_tuned_model=_model_name(job) if succeeded else None,
        trained_tokens=job.script.trained_tokens if succeeded else None,
        result_files=(result_file_id(job),) if succeeded else (),
        epochs=job.script.epochs,
    )


def _phase_moments(job: Job) -> list[_Moment]:
    moments: list[_Moment] = [(0.0, "info", f"Created fine-tuning job: {job.id}", None)]
    begins = 0.0
    for phase in job.script.phases:
        text = _PHASE_MESSAGES.get(phase.status, f"The job is now {phase.status}")
        moments.append((begins, "info", text.format(training_file=job.order.training_file), None))
        begins += phase.seconds
    return moments


def _step_moments(job: Job) -> list[_Moment]:
    script, checkpoint_steps = job.script, frozenset(job.script.checkpoint_steps)
    moments: list[_Moment] = []
    for step in range(1, script.steps + 1):
        at = script.seconds_at_step(step)
        if step % script.steps_per_event == 0 or step == script.steps:
            metrics = step_metrics(step, script.steps)
            text = (
                f"Step {step}/{script.steps}: training loss={metrics['train_loss']:.2f}, "
                f"validation loss={metrics['valid_loss']:.2f}"
            )
            moments.append((at, "info", text, {**metrics, "total_steps": script.steps}))
        if step in checkpoint_steps:
            moments.append((at, "info", f"Checkpoint created at step {step}", {"step": step}))
    return moments


def _last_moments(job: Job) -> list[_Moment]:
    script = job.script
    match script.outcome:
        case "succeeded":
            said = [("info", f"New fine-tuned model created: {_model_name(job)}")]
            said.append(("info", "The job has successfully completed"))
        case "failed":
            said = [("error", f"The job failed: {script.error_message}")]
        case "cancelled":
            said = [("info", "The job was cancelled")]
        case other:
            said = [("warn", f"The job is now {other}")]
    return [(script.seconds, level, text, None) for level, text in said]


def events(job: Job, now: float) -> tuple[EventView, ...]:
    """Return the events of a job up to a time (seconds since the epoch), oldest first.

    An event keeps its number whatever happens later, a cancellation too.
    """
    lived = _lived(job, now)
    moments = [*_phase_moments(job), *_step_moments(job), *_last_moments(job)]
    seen = [moment for moment in moments if moment[0] <= lived]
    if job.cancelled_at is not None:
        seen.append((lived, "info", "The job was cancelled", None))
    return tuple(
        EventView(number=number, at=job.created_at + at, level=level, message=message, data=data)
        for number, (at, level, message, data) in enumerate(seen, start=1)
    )


def checkpoints(job: Job, now: float) -> tuple[CheckpointView, ...]:
    """Return the checkpoints of a job up to a time (seconds since the epoch), oldest first."""
    script, lived = job.script, _lived(job, now)
    return tuple(
        CheckpointView(
            step=step,
            at=job.created_at + script.seconds_at_step(step),
            metrics=checkpoint_metrics(step, script.steps),
        )
        for step in script.checkpoint_steps
        if script.seconds_at_step(step) <= lived
    )


def checkpoint_model(job: Job, step: int) -> str:
    """Return the name of the model of a checkpoint."""
    return f"{_model_name(job)}:ckpt-step-{step}"


def result_file_id(job: Job) -> str:
    """Return the id of the file with the metrics of a job that succeeded."""
    return f"file-result-{short_id(job)}"


def result_file(job: Job) -> StoredFile:
    """Return the file that a job leaves when it succeeds: its metrics as a table in CSV."""
    steps = job.script.steps
    rows = [step_metrics(step, steps) for step in range(1, steps + 1)]
    names = ",".join(rows[0]) if rows else "step"
    lines = [names, *(",".join(str(value) for value in row.values()) for row in rows)]
    finished_at = job.created_at + job.script.seconds
    return StoredFile(
        id=result_file_id(job),
        owner=job.owner,
        filename="step_metrics.csv",
        purpose="fine-tune-results",
        content="\n".join([*lines, ""]).encode(),
        created_at=finished_at,
        processed_at=finished_at,
    )
