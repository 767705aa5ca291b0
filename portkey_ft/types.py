"""What the gateway answers, as stable frozen values.

Fields keep the names of Portkey's document. What a provider does not say is ``None``; times are aware datetimes in UTC,
whatever unit came over the wire; what this package does not know is in ``extra``. Equality and hashing look at what was
said about the thing, not at the response that said it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar, cast

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
    """What all values here can do."""

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
        """Give the fields as data that :func:`json.dumps` takes; times in ISO 8601.

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
    """How an answer came.

    Attributes:
        status_code: The HTTP status. 246 means that the request went through and a guardrail did not.
        headers: The answer's headers, with lower-case names.
        trace_id: The id under which the gateway's logs know the request, if it gave one.
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
        """Which target of the config answered, such as ``"config.targets[1]"``."""
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
        items: What it holds, in the provider's order.
        has_more: Whether more follows; None if the provider does not say.
        cursor: Where the next page begins, to be passed as ``after=``; None if there is no telling.
        object: The kind of thing, as the provider calls it.
        response: How the answer came.
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
class _Answer(Value):
    """A value that came in an answer of its own, or as an item of a list.

    Attributes:
        extra: Fields that this package does not know, as they came.
        raw: The whole of it as it came.
        response: How the answer came.
    """

    extra: JSON = field(factory=dict[str, Any], kw_only=True, repr=False, hash=False)
    raw: JSON = field(factory=dict[str, Any], kw_only=True, repr=False, eq=False)
    response: ResponseInfo | None = field(default=None, kw_only=True, repr=False, eq=False)

    @property
    def trace_id(self) -> str | None:
        """The id under which the gateway's logs know the request, if it gave one."""
        return None if self.response is None else self.response.trace_id


@frozen(repr=False)
class JobError(Value):
    """Why a job failed.

    Attributes:
        message: The provider's words.
        code: The provider's code, as text.
        param: The parameter at fault, if the provider named one.
    """

    message: str | None = None
    code: str | None = None
    param: str | None = None


@frozen(repr=False)
class Hyperparameters(Value):
    """The hyperparameters of a job, as far as the provider tells them.

    A value is a number where the provider means one, ``"auto"`` where it chooses, or a name of its own.

    Attributes:
        n_epochs: How often the training file is gone through.
        batch_size: Examples in a batch; a name such as ``"ADAPTER_SIZE_FOUR"`` on Vertex.
        learning_rate_multiplier: Factor on the provider's own learning rate.
        beta: Weight of the reference model in DPO.
        extra: Hyperparameters that only this provider has, such as ``learning_rate``.
    """

    n_epochs: float | str | None = None
    batch_size: float | str | None = None
    learning_rate_multiplier: float | str | None = None
    beta: float | str | None = None
    extra: JSON = field(factory=dict[str, Any], hash=False)


@frozen(repr=False)
class FineTuningJob(_Answer):
    """A fine-tuning job.

    Attributes:
        id: The job's id, as the provider gives it.
        status: Its state. Known ones are validating_files, queued, running, paused, succeeded, failed and cancelled;
            others are passed on as they came.
        model: The model that is trained.
        fine_tuned_model: The trained model's name, once there is one.
        created_at: When it was created.
        finished_at: When it ended.
        estimated_finish: When the provider thinks it will end.
        training_file: Id of the file that it learns from.
        validation_file: Id of the file that it is measured with.
        hyperparameters: The hyperparameters, as far as they are told.
        method: The method with its own settings, as it came.
        trained_tokens: Tokens that were trained on, which is what is billed.
        error: Why it failed.
        organization_id: The owner at the provider.
        result_files: Ids of the files with the training's figures.
        integrations: What the job reports to, as it came.
        seed: The seed of the training's random numbers.
        suffix: What was put into the trained model's name.
        metadata: What was attached at creation.
        job_name: The name of the job (Bedrock).
        object: The kind of thing, as the provider calls it.
    """

    id: str
    status: str | None = None
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
class FineTuningEvent(_Answer):
    """One thing that happened to a job.

    Attributes:
        id: The event's id.
        created_at: When it happened.
        level: info, warn or error.
        message: What happened, in the provider's words.
        type: The kind of event, such as ``"metrics"``.
        data: Figures that go with it, as they came.
        object: The kind of thing, as the provider calls it.
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
    """What was measured at a checkpoint.

    Attributes:
        step: The step of the measurement.
        train_loss: Loss on the batch of the step.
        train_mean_token_accuracy: Share of tokens told rightly on the batch.
        valid_loss: Loss on a batch of the validation file.
        valid_mean_token_accuracy: Share of tokens told rightly on that batch.
        full_valid_loss: Loss on the whole validation file.
        full_valid_mean_token_accuracy: Share of tokens told rightly on the whole validation file.
        extra: Metrics that this package does not know.
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
class Checkpoint(_Answer):
    """A usable snapshot of the model in training.

    Attributes:
        id: The checkpoint's id.
        step_number: The step after which it was taken.
        fine_tuned_model_checkpoint: The name under which it can be used as a model.
        fine_tuning_job_id: The job that it belongs to.
        metrics: What was measured; empty while nothing was.
        created_at: When it was taken.
        object: The kind of thing, as the provider calls it.
    """

    id: str
    step_number: int | None = None
    fine_tuned_model_checkpoint: str | None = None
    fine_tuning_job_id: str | None = None
    metrics: CheckpointMetrics = CheckpointMetrics()
    created_at: datetime | None = None
    object: str | None = None


@frozen(repr=False)
class File(_Answer):
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
        object: The kind of thing, as the provider calls it.
    """

    id: str
    filename: str | None = None
    bytes: int | None = None
    purpose: str | None = None
    status: str | None = None
    status_details: str | None = None
    created_at: datetime | None = None
    expires_at: datetime | None = None
    object: str | None = None


@frozen(repr=False)
class DeletedFile(_Answer):
    """The answer to the deletion of a file.

    Attributes:
        id: The file's id.
        deleted: Whether it is gone.
        object: The kind of thing, as the provider calls it.
    """

    id: str
    deleted: bool = True
    object: str | None = None
