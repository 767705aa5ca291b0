"""A job at a point in time: its status, events and checkpoints, as pure functions of the job and the time."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from portkey_ft.testing._model.job_script import FINAL_STATUSES, checkpoint_metrics, step_metrics
from portkey_ft.testing._model.state import Job, JobSpec, Pause, StoredFile

_TimelineEntry = tuple[float, str, str, Mapping[str, object] | None]
"""Seconds after creation, level, message, data."""

_BYTES_PER_TOKEN = 4
_UNKNOWN_TOKENS = 32_000
"""In an epoch, if the size of the training file is unknown."""

_PHASE_MESSAGES = {
    "validating_files": "Validating training file: {training_file}",
    "queued": "Files validated, moving job to queued state",
    "running": "Fine-tuning job started",
}


@attrs.frozen(kw_only=True)
class JobView:
    """A job at a point in time, in OpenAI's terms; dialects convert it to a provider's response.

    Args:
        job_id: in the provider's own form.
        spec: what it was created with.
        status: at that time.
        created_at: seconds since the Unix epoch.
        finished_at: seconds since the Unix epoch, once the status is final.
        expected_end: when the script ends, in seconds since the Unix epoch.
        error_code: of a failed job.
        error_message: of a failed job.
        fine_tuned_model: of a job that succeeded.
        trained_tokens: of a job that succeeded.
        result_files: the IDs of its result files.
        epochs: the value of ``n_epochs`` if the provider chooses it.
    """

    job_id: str
    spec: JobSpec
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
    """An event: its sequence number, its time (seconds since the epoch), level, message and metrics."""

    number: int
    at: float
    level: str
    message: str
    data: Mapping[str, object] | None


@attrs.frozen(kw_only=True)
class CheckpointView:
    """A checkpoint: its step, its creation time (seconds since the epoch), and its metrics."""

    step: int
    at: float
    metrics: Mapping[str, float | int]


def short_id(job: Job) -> str:
    """Return the part of a job's ID that the names of its model and files contain."""
    return job.id.rpartition("-")[2].rpartition("/")[2]


def _elapsed(job: Job, now: float) -> float:
    """Return the seconds from creation to a time, without pauses."""
    end = now if job.cancelled_at is None else min(now, job.cancelled_at)
    paused = sum((end if pause.ended_at is None else pause.ended_at) - pause.began_at for pause in job.pauses)
    return end - job.created_at - paused


def _time_of(job: Job, elapsed: float) -> float:
    """Return the time (seconds since the epoch) by which a job has been active for a number of seconds."""
    time = job.created_at + elapsed
    for pause in job.pauses:
        if pause.began_at < time and pause.ended_at is not None:
            time += pause.ended_at - pause.began_at
    return time


def _is_paused(job: Job) -> bool:
    return bool(job.pauses) and job.pauses[-1].ended_at is None


def status_at(job: Job, now: float) -> str:
    """Return a job's status at a time (seconds since the epoch)."""
    if job.cancelled_at is not None:
        return "cancelled"
    return "paused" if _is_paused(job) else job.script.status_at(_elapsed(job, now))


def cancel(job: Job, now: float) -> Job:
    """Return the job, cancelled at a time (seconds since the epoch)."""
    return attrs.evolve(job, cancelled_at=now)


def pause(job: Job, now: float) -> Job:
    """Return the job, paused from a time (seconds since the epoch) on."""
    return attrs.evolve(job, pauses=(*job.pauses, Pause(now)))


def resume(job: Job, now: float) -> Job:
    """Return the job, resumed at a time (seconds since the epoch); unchanged if its script says that it is paused."""
    if not _is_paused(job):
        return job
    return attrs.evolve(job, pauses=(*job.pauses[:-1], attrs.evolve(job.pauses[-1], ended_at=now)))


def _model_name(job: Job) -> str:
    return f"ft:{job.spec.model}:fake-org:{job.spec.text('suffix') or ''}:{short_id(job)}"


def _finished_at(job: Job, status: str) -> float | None:
    if job.cancelled_at is not None:
        return job.cancelled_at
    return _time_of(job, job.script.seconds) if status in FINAL_STATUSES else None


def tokens_in(training_file: StoredFile | None) -> int:
    """Return the number of tokens to train in an epoch, estimated from the size of the training file.

    Args:
        training_file: None if the provider stores it elsewhere.
    """
    size = 0 if training_file is None else len(training_file.content)
    return max(1, size // _BYTES_PER_TOKEN) if size else _UNKNOWN_TOKENS


def _trained_tokens(job: Job) -> int:
    if job.script.trained_tokens is not None:
        return job.script.trained_tokens
    epochs = str(job.spec.hyperparameters.get("n_epochs"))
    return job.tokens_per_epoch * (int(epochs) if epochs.isdigit() else job.script.epochs)


def view(job: Job, now: float) -> JobView:
    """Return a job as it is at a time (seconds since the epoch)."""
    status = status_at(job, now)
    succeeded, failed = status == "succeeded", status == "failed"
    return JobView(
        job_id=job.id,
        spec=job.spec,
        status=status,
        created_at=job.created_at,
        finished_at=_finished_at(job, status),
        expected_end=_time_of(job, job.script.seconds),
        error_code=job.script.error_code if failed else None,
        error_message=job.script.error_message if failed else None,
        fine_tuned_model=_model_name(job) if succeeded else None,
        trained_tokens=_trained_tokens(job) if succeeded else None,
        result_files=(result_file_id(job),) if succeeded else (),
        epochs=job.script.epochs,
    )


def _phase_entries(job: Job) -> list[_TimelineEntry]:
    entries: list[_TimelineEntry] = [(0.0, "info", f"Created fine-tuning job: {job.id}", None)]
    begins = 0.0
    for phase in job.script.phases:
        text = _PHASE_MESSAGES.get(phase.status, f"The job is now {phase.status}")
        entries.append((begins, "info", text.format(training_file=job.spec.training_file), None))
        begins += phase.seconds
    return entries


def _step_entries(job: Job) -> list[_TimelineEntry]:
    script, checkpoint_steps = job.script, frozenset(job.script.checkpoint_steps)
    entries: list[_TimelineEntry] = []
    for step in range(1, script.steps + 1):
        at = script.seconds_at_step(step)
        if step % script.steps_per_event == 0 or step == script.steps:
            metrics = step_metrics(step, script.steps)
            text = (
                f"Step {step}/{script.steps}: training loss={metrics['train_loss']:.2f}, "
                f"validation loss={metrics['valid_loss']:.2f}"
            )
            entries.append((at, "info", text, {**metrics, "total_steps": script.steps}))
        if step in checkpoint_steps:
            entries.append((at, "info", f"Checkpoint created at step {step}", {"step": step}))
    return entries


def _last_entries(job: Job) -> list[_TimelineEntry]:
    script = job.script
    match script.outcome:
        case "succeeded":
            messages = [("info", f"New fine-tuned model created: {_model_name(job)}")]
            messages.append(("info", "The job has successfully completed"))
        case "failed":
            messages = [("error", f"The job failed: {script.error_message}")]
        case "cancelled":
            messages = [("info", "The job was cancelled")]
        case other:
            messages = [("warn", f"The job is now {other}")]
    return [(script.seconds, level, text, None) for level, text in messages]


def events(job: Job, now: float) -> tuple[EventView, ...]:
    """Return the events of a job up to a time (seconds since the epoch), oldest first.

    An event keeps its number, whatever happens later.
    """
    elapsed = _elapsed(job, now)
    entries = [*_phase_entries(job), *_step_entries(job), *_last_entries(job)]
    seen = [(_time_of(job, entry[0]), *entry[1:]) for entry in entries if entry[0] <= elapsed]
    for interruption in job.pauses:
        seen.append((interruption.began_at, "info", "The job was paused", None))
        if interruption.ended_at is not None:
            seen.append((interruption.ended_at, "info", "The job was resumed", None))
    # Sorting is stable: of two entries of the same time, the script's comes first.
    seen.sort(key=lambda entry: entry[0])
    if job.cancelled_at is not None:
        seen.append((job.cancelled_at, "info", "The job was cancelled", None))
    return tuple(
        EventView(number=number, at=at, level=level, message=message, data=data)
        for number, (at, level, message, data) in enumerate(seen, start=1)
    )


def checkpoints(job: Job, now: float) -> tuple[CheckpointView, ...]:
    """Return the checkpoints of a job up to a time (seconds since the epoch), oldest first."""
    script, elapsed = job.script, _elapsed(job, now)
    return tuple(
        CheckpointView(
            step=step,
            at=_time_of(job, script.seconds_at_step(step)),
            metrics=checkpoint_metrics(step, script.steps),
        )
        for step in script.checkpoint_steps
        if script.seconds_at_step(step) <= elapsed
    )


def checkpoint_model(job: Job, step: int) -> str:
    """Return the name of a checkpoint's model."""
    return f"{_model_name(job)}:ckpt-step-{step}"


def result_file_id(job: Job) -> str:
    """Return the ID of the result file of a job that succeeded."""
    return f"file-result-{short_id(job)}"


def result_file(job: Job) -> StoredFile:
    """Return the result file of a job that succeeded: the metrics of each step as CSV."""
    steps = job.script.steps
    rows = [step_metrics(step, steps) for step in range(1, steps + 1)]
    names = ",".join(rows[0]) if rows else "step"
    lines = [names, *(",".join(str(value) for value in row.values()) for row in rows)]
    finished_at = _time_of(job, job.script.seconds)
    return StoredFile(
        id=result_file_id(job),
        owner=job.owner,
        filename="step_metrics.csv",
        purpose="fine-tune-results",
        content="\n".join([*lines, ""]).encode(),
        created_at=finished_at,
        processed_at=finished_at,
    )
