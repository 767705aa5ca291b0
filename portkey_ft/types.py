"""Responses of the gateway as frozen values: jobs, events, checkpoints, files.

Fields have the names of Portkey's OpenAPI document. What a provider does not send is ``None``; times are aware
datetimes in UTC, whatever unit was sent; fields that this version does not know are in ``extra``. Equality and hashing
compare the fields and not the response that carried them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Generic, Literal, Protocol, TypeVar, cast

import attrs
from attrs import field, frozen

from portkey_ft._json import is_object

__all__ = [
    "Checkpoint",
    "CheckpointMetrics",
    "DeletedFile",
    "File",
    "FineTuningEvent",
    "FineTuningJob",
    "Hyperparameters",
    "JobError",
    "Page",
    "ResponseInfo",
]

JSON = Mapping[str, Any]

#: The statuses that are known, which editors complete. Providers may send another one, which is passed on unchanged.
JobStatus = Literal[
    "validating_files", "queued", "running", "paused", "succeeded", "failed",
    "cancelled", "created", "pending", "expired",
]  # fmt: skip
#: The statuses of files that are known.
FileStatus = Literal["uploaded", "pending", "processing", "processed", "error", "deleted"]

#: States that a job does not leave. Providers spell some of them in their own way.
FINAL_STATES = frozenset({"succeeded", "failed", "cancelled", "canceled", "expired"})


def _json_ready(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Value):
        return value.to_dict()
    if is_object(value):
        return {key: _json_ready(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_json_ready(item) for item in cast("Sequence[object]", value)]
    return value


@frozen
class Value:
    """Base of all values: ``to_dict()``, a short ``repr`` and a table in notebooks."""

    def __repr__(self) -> str:
        said = ", ".join(f"{name}={value!r}" for name, value in self._said().items())
        return f"{type(self).__name__}({said})"

    def _said(self) -> dict[str, Any]:
        # What is None says nothing and would bury the rest.
        return {
            attribute.name: value
            for attribute in attrs.fields(type(self))
            if attribute.repr and (value := getattr(self, attribute.name)) not in (None, (), {})
        }

    def _repr_html_(self) -> str:
        from portkey_ft._notebook import fields_html  # noqa: PLC0415 - notebooks alone need it

        return fields_html(type(self).__name__, self._said())

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as data that :func:`json.dumps` takes; times in ISO 8601.

        Fields without a value are left out, unknown fields stand beside the known ones.
        """
        known = {
            attribute.name: _json_ready(value)
            for attribute in attrs.fields(type(self))
            if attribute.eq and attribute.name != "extra" and (value := getattr(self, attribute.name)) is not None
        }
        return {**getattr(self, "extra", {}), **known}


@frozen
class ResponseInfo:
    """How a response arrived: status, headers, trace ID.

    Attributes:
        status_code: The HTTP status. 246 means that the request went through and a guardrail did not.
        headers: The response's headers, with lower-case names.
        trace_id: The ID under which the gateway logged the request, if it sent one.
    """

    status_code: int
    headers: Mapping[str, str] = field(repr=False, hash=False)
    trace_id: str | None = None

    @property
    def provider(self) -> str | None:
        """The provider that the gateway was talking to, if it said so."""
        return self.headers.get("x-portkey-provider") or None

    @property
    def retry_attempt_count(self) -> int | None:
        """How often the gateway itself tried again: -1 means that it gave up."""
        try:
            return int(self.headers["x-portkey-retry-attempt-count"])
        except (KeyError, ValueError):
            return None

    @property
    def last_used_option_index(self) -> str | None:
        """Which target of the config responded, such as ``"config.targets[1]"``."""
        return self.headers.get("x-portkey-last-used-option-index") or None


class Identified(Protocol):
    """An item with an ID, which is the cursor that follows it."""

    @property
    def id(self) -> str:
        """The ID."""
        ...


ItemT = TypeVar("ItemT", bound=Identified)


@frozen
class Page(Generic[ItemT]):
    """One page of a list.

    Attributes:
        items: Its items, in the provider's order.
        has_more: Whether more pages follow; None if the provider does not say.
        cursor: Where the next page begins, to be passed as ``after=``; None if that is unknown.
        object: The type of the object, as the provider names it.
        response: How the response arrived.
    """

    items: tuple[ItemT, ...]
    has_more: bool | None = None
    cursor: str | None = None
    object: str | None = None
    response: ResponseInfo | None = field(default=None, repr=False, eq=False)

    @property
    def data(self) -> list[ItemT]:
        """The items, under the name that the official SDK has for them."""
        return list(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[ItemT]:
        return iter(self.items)


@frozen(repr=False)
class _ResponseValue(Value):
    """A value that is a response, or an item of a list.

    Attributes:
        extra: Fields that this version does not know, unchanged.
        raw: The JSON object, unchanged.
        response: How the response arrived.
    """

    extra: JSON = field(factory=dict[str, Any], kw_only=True, repr=False, hash=False)
    raw: JSON = field(factory=dict[str, Any], kw_only=True, repr=False, eq=False)
    response: ResponseInfo | None = field(default=None, kw_only=True, repr=False, eq=False)

    @property
    def trace_id(self) -> str | None:
        """The ID under which the gateway logged the request, if it sent one."""
        return None if self.response is None else self.response.trace_id


@frozen(repr=False)
class JobError(Value):
    """Why a job failed.

    Attributes:
        message: The provider's message.
        code: The provider's error code, as text.
        param: The parameter that is wrong, if the provider named one.
    """

    message: str | None = None
    code: str | None = None
    param: str | None = None


@frozen(repr=False)
class Hyperparameters(Value):
    """The hyperparameters of a job, as far as the provider reports them.

    A value is a number, ``"auto"`` where the provider chooses, or a name such as ``"ADAPTER_SIZE_FOUR"`` on Vertex AI.

    Attributes:
        n_epochs: How many times the training file is used.
        batch_size: How many examples a batch has.
        learning_rate_multiplier: Factor by which the provider's learning rate is scaled.
        beta: Weight of the reference model in DPO.
        extra: Hyperparameters that only this provider has, such as ``learning_rate``.
    """

    n_epochs: float | str | None = None
    batch_size: float | str | None = None
    learning_rate_multiplier: float | str | None = None
    beta: float | str | None = None
    extra: JSON = field(factory=dict[str, Any], hash=False)


@frozen(repr=False)
class FineTuningJob(_ResponseValue):
    """A fine-tuning job.

    Attributes:
        id: The ID of the job.
        status: Its status: validating_files, queued, running, paused, succeeded, failed or cancelled; another one is
            passed on unchanged.
        model: The model that is fine-tuned.
        fine_tuned_model: The name of the fine-tuned model, once there is one.
        created_at: When it was created.
        finished_at: When it ended.
        estimated_finish: When the provider expects it to end.
        training_file: The ID of the training file.
        validation_file: The ID of the validation file.
        hyperparameters: The hyperparameters, as far as the provider reports them.
        method: The training method with its settings, unchanged.
        trained_tokens: How many tokens were trained on; they are what is billed.
        error: Why it failed.
        organization_id: The owner at the provider.
        result_files: The IDs of the files with the metrics of the training.
        integrations: Services that the job reports to, unchanged.
        seed: The seed of the random numbers of the training.
        suffix: Text that is part of the name of the fine-tuned model.
        metadata: Key-value pairs attached to the job.
        job_name: The name of the job (Bedrock).
        object: The type of the object, as the provider names it.
    """

    id: str
    status: JobStatus | str | None = None
    model: str | None = None
    fine_tuned_model: str | None = None
    created_at: datetime | None = None
    finished_at: datetime | None = None
    estimated_finish: datetime | None = None
    training_file: str | None = None
    validation_file: str | None = None
    hyperparameters: Hyperparameters | None = None
    method: JSON | None = field(default=None, hash=False)
    trained_tokens: int | None = None
    error: JobError | None = None
    organization_id: str | None = None
    result_files: tuple[str, ...] = ()
    integrations: tuple[JSON, ...] = field(default=(), hash=False)
    seed: int | None = None
    suffix: str | None = None
    metadata: JSON | None = field(default=None, hash=False)
    job_name: str | None = None
    object: str | None = None

    @property
    def is_final(self) -> bool:
        """Whether the job has ended, one way or another."""
        return self.status in FINAL_STATES

    @property
    def is_paused(self) -> bool:
        """Whether the job waits to be resumed."""
        return self.status == "paused"

    @property
    def succeeded(self) -> bool:
        """Whether the job has ended with a model."""
        return self.status == "succeeded"


@frozen(repr=False)
class FineTuningEvent(_ResponseValue):
    """An event of a job.

    Attributes:
        id: The ID of the event.
        created_at: When it happened.
        level: info, warn or error.
        message: The provider's message.
        type: The kind of event, such as ``"metrics"``.
        data: Further data of the event, unchanged.
        object: The type of the object, as the provider names it.
    """

    id: str
    created_at: datetime | None = None
    level: str | None = None
    message: str | None = None
    type: str | None = None
    data: JSON | None = field(default=None, hash=False)
    object: str | None = None


@frozen(repr=False)
class CheckpointMetrics(Value):
    """The metrics of a checkpoint.

    Attributes:
        step: The step of the measurement.
        train_loss: Loss on the training batch.
        train_mean_token_accuracy: Mean token accuracy on the training batch.
        valid_loss: Loss on a batch of the validation file.
        valid_mean_token_accuracy: Mean token accuracy on that batch.
        full_valid_loss: Loss on the whole validation file.
        full_valid_mean_token_accuracy: Mean token accuracy on the whole validation file.
        extra: Metrics that this version does not know.
    """

    step: float | None = None
    train_loss: float | None = None
    train_mean_token_accuracy: float | None = None
    valid_loss: float | None = None
    valid_mean_token_accuracy: float | None = None
    full_valid_loss: float | None = None
    full_valid_mean_token_accuracy: float | None = None
    extra: JSON = field(factory=dict[str, Any], hash=False)


@frozen(repr=False)
class Checkpoint(_ResponseValue):
    """A usable snapshot of the model in training.

    Attributes:
        id: The ID of the checkpoint.
        step_number: The step after which it was taken.
        fine_tuned_model_checkpoint: The name under which it can be used as a model.
        fine_tuning_job_id: The ID of the job.
        metrics: The metrics; empty if none were measured.
        created_at: When it was taken.
        object: The type of the object, as the provider names it.
    """

    id: str
    step_number: int | None = None
    fine_tuned_model_checkpoint: str | None = None
    fine_tuning_job_id: str | None = None
    metrics: CheckpointMetrics = CheckpointMetrics()
    created_at: datetime | None = None
    object: str | None = None


@frozen(repr=False)
class File(_ResponseValue):
    """An uploaded file.

    Attributes:
        id: The file's id, which a job is given as its training or validation file.
        filename: Its name.
        bytes: Its size in bytes.
        purpose: What it was uploaded for.
        status: uploaded, processed or error; others are passed on as they came.
        status_details: Why it could not be processed.
        created_at: When it was uploaded.
        expires_at: When it will be deleted by itself.
        object: The type of the object, as the provider names it.
    """

    id: str
    filename: str | None = None
    bytes: int | None = None
    purpose: str | None = None
    status: FileStatus | str | None = None
    status_details: str | None = None
    created_at: datetime | None = None
    expires_at: datetime | None = None
    object: str | None = None


@frozen(repr=False)
class DeletedFile(_ResponseValue):
    """The result of deleting a file.

    Attributes:
        id: The file's id.
        deleted: Whether it was deleted.
        object: The type of the object, as the provider names it.
    """

    id: str
    deleted: bool = True
    object: str | None = None
