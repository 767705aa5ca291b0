"""Job scripts: which statuses a job goes through, for how long, with what metrics and outcome."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Final

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

FINAL_STATUSES: Final = frozenset({"succeeded", "failed", "cancelled"})


def _finite(_instance: object, attribute: attrs.Attribute[float], value: float) -> None:
    if not (math.isfinite(value) and value >= 0):
        message = f"{attribute.name} must be finite and not negative, got {value!r}"
        raise ValueError(message)


@attrs.frozen
class Phase:
    """A status and its duration.

    Args:
        status: one of OpenAI's statuses; translated for other providers.
        seconds: the duration; finite and not negative.
    """

    status: str
    seconds: float = attrs.field(validator=_finite)


def _phases(values: Iterable[Phase | tuple[str, float]]) -> tuple[Phase, ...]:
    return tuple(value if isinstance(value, Phase) else Phase(*value) for value in values)


def _not_negative(_instance: object, attribute: attrs.Attribute[int], value: int) -> None:
    if value < 0:
        message = f"{attribute.name} must not be negative, got {value}"
        raise ValueError(message)


def _above_zero(_instance: object, attribute: attrs.Attribute[int], value: int) -> None:
    if value < 1:
        message = f"{attribute.name} must be at least 1, got {value}"
        raise ValueError(message)


@attrs.frozen(kw_only=True)
class JobScript:
    """A job from creation to completion. Its status at any time follows from the script and the clock alone.

    Training happens in the last phase, over which the training steps are spread evenly.

    Args:
        phases: pairs of a status and its duration in seconds, in order.
        outcome: the status after the phases. ``succeeded``, ``failed`` and ``cancelled`` are final; with any other
            status, known or unknown, the job never ends.
        error_code: the error code of a job that fails.
        error_message: the error message of a job that fails.
        steps: the total number of training steps.
        epochs: the value chosen for ``n_epochs`` if the request does not set it.
        checkpoints: the number of checkpoints, the last one at the last step; at most ``steps``.
        steps_per_event: the number of steps between two events with metrics.
        trained_tokens: the number of trained tokens; by default estimated from the size of the training file and the
            number of epochs.

    Raises:
        ValueError: a number is negative or there are more checkpoints than steps.
    """

    phases: tuple[Phase, ...] = attrs.field(
        default=(Phase("validating_files", 2.0), Phase("queued", 1.0), Phase("running", 9.0)), converter=_phases
    )
    outcome: str = "succeeded"
    error_code: str = "server_error"
    error_message: str = "The job failed in the fake gateway, as its script says."
    steps: int = attrs.field(default=120, validator=_not_negative)
    epochs: int = attrs.field(default=3, validator=_above_zero)
    checkpoints: int = attrs.field(default=12, validator=_not_negative)
    steps_per_event: int = attrs.field(default=10, validator=_above_zero)
    trained_tokens: int | None = attrs.field(default=None, validator=attrs.validators.optional(_not_negative))

    def __attrs_post_init__(self) -> None:
        """Refuse more checkpoints than steps."""
        if self.checkpoints > self.steps:
            message = f"{self.checkpoints} checkpoints need at least as many steps, got {self.steps}"
            raise ValueError(message)

    @classmethod
    def failing(
        cls,
        message: str = "The training file has no valid example.",
        *,
        code: str = "invalid_training_file",
        seconds: float = 2.0,
    ) -> JobScript:
        """Return the script of a job that fails during file validation.

        Args:
            message: the error message.
            code: the error code.
            seconds: the duration of the validation.
        """
        phases = (Phase("validating_files", seconds),)
        return cls(phases=phases, outcome="failed", error_code=code, error_message=message, steps=0, checkpoints=0)

    @classmethod
    def stuck(cls, status: str = "paused") -> JobScript:
        """Return the script of a job that has one status from creation on and never ends.

        Args:
            status: that status, known or unknown.
        """
        return cls(phases=(), outcome=status, steps=0, checkpoints=0)

    @property
    def seconds(self) -> float:
        """The total duration of the job."""
        return self._ends[-1] if self.phases else 0.0

    @property
    def _ends(self) -> tuple[float, ...]:
        """When each phase ends, in seconds after creation. Summed here only, so that rounding is consistent."""
        return tuple(itertools.accumulate(phase.seconds for phase in self.phases))

    @property
    def training_seconds(self) -> float:
        """The duration of the last phase."""
        return self.phases[-1].seconds if self.phases else 0.0

    def lasting(self, seconds: float) -> JobScript:
        """Return the same script scaled to another total duration.

        Args:
            seconds: the total duration; finite and not negative.

        Raises:
            ValueError: the number is negative or not finite.
        """
        total = self.seconds or 1.0
        phases = tuple(Phase(phase.status, phase.seconds / total * seconds) for phase in self.phases)
        return attrs.evolve(self, phases=phases)

    def status_at(self, elapsed: float) -> str:
        """Return the status at a number of seconds after creation."""
        lasting = (phase.status for phase, end in zip(self.phases, self._ends, strict=True) if elapsed < end)
        return next(lasting, self.outcome)

    def seconds_at_step(self, step: int) -> float:
        """Return when a step (1 to ``steps``) is completed, in seconds after creation."""
        return self.seconds - self.training_seconds * (1 - step / self.steps)

    @property
    def checkpoint_steps(self) -> tuple[int, ...]:
        """The steps at which a checkpoint is created, in order."""
        return tuple(self.steps * number // self.checkpoints for number in range(1, self.checkpoints + 1))


def step_metrics(step: int, steps: int) -> Mapping[str, float | int]:
    """Return plausible, deterministic metrics of a training step.

    The training loss keeps falling. The validation loss is lowest after about two thirds of the steps, as in a job
    that overfits: so the best checkpoint is not the last one.

    Args:
        step: from 1 to ``steps``.
        steps: the total number of steps.
    """
    progress = step / steps
    wobble = 0.01 * math.sin(step * 12.9898)
    train_loss = 0.25 + 1.75 * math.exp(-4.0 * progress)
    valid_loss = 0.50 + 1.40 * math.exp(-5.0 * progress) + 0.25 * progress**4
    return {
        "step": step,
        "train_loss": round(train_loss + wobble * (1 - progress), 5),
        "train_mean_token_accuracy": round(0.95 - 0.30 * (train_loss - 0.25), 5),
        "valid_loss": round(valid_loss + wobble, 5),
        "valid_mean_token_accuracy": round(0.90 - 0.25 * (valid_loss - 0.5) + wobble / 10, 5),
    }


def checkpoint_metrics(step: int, steps: int) -> Mapping[str, float | int]:
    """Return the metrics of a checkpoint: those of its step, and those over the full validation data.

    Args:
        step: from 1 to ``steps``.
        steps: the total number of steps.
    """
    progress = step / steps
    full_valid_loss = 0.50 + 1.40 * math.exp(-5.0 * progress) + 0.25 * progress**4
    return {
        **step_metrics(step, steps),
        "full_valid_loss": round(full_valid_loss, 5),
        "full_valid_mean_token_accuracy": round(0.90 - 0.25 * (full_valid_loss - 0.5), 5),
    }
