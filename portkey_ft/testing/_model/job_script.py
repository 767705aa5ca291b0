"""The script of a job's life: how long it is in which state, what it learns, and how it ends."""

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
    """A state and how long it lasts.

    Args:
        status: in OpenAI's words; each provider's dialect translates it.
        seconds: finite, not negative.
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
    """The whole life of a job. Its state at any time follows from this value and the clock alone.

    Training happens in the last phase: its steps are spread evenly over it.

    Args:
        phases: pairs of a status and its seconds, in order.
        outcome: the status after the phases. ``succeeded``, ``failed`` and ``cancelled`` are final; in any other one,
            known or unknown, the job stays for ever.
        error_code: with the outcome ``failed``, the provider's code.
        error_message: with the outcome ``failed``, the provider's reason.
        steps: how many training steps there are in all.
        epochs: what ``n_epochs`` turns into if the request leaves it to the provider.
        checkpoints: how many checkpoints are made on the way, the last one at the last step; at most ``steps``.
        steps_per_event: every how many steps an event with metrics appears.
        trained_tokens: what the provider counts in the end.

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
    trained_tokens: int = attrs.field(default=96_000, validator=_not_negative)

    def __attrs_post_init__(self) -> None:
        """Refuse what cannot happen."""
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
        """Return the script of a job that fails while its files are validated.

        Args:
            message: the provider's reason.
            code: the provider's code.
            seconds: how long the validation takes.
        """
        phases = (Phase("validating_files", seconds),)
        return cls(phases=phases, outcome="failed", error_code=code, error_message=message, steps=0, checkpoints=0)

    @classmethod
    def stuck(cls, status: str = "paused") -> JobScript:
        """Return the script of a job that takes a status, known or unknown, at once and keeps it for ever.

        Args:
            status: that status.
        """
        return cls(phases=(), outcome=status, steps=0, checkpoints=0)

    @property
    def seconds(self) -> float:
        """How long the job takes in all."""
        return self._ends[-1] if self.phases else 0.0

    @property
    def _ends(self) -> tuple[float, ...]:
        """The seconds at which each phase ends: added up in one way only, so that no rounding tells two stories."""
        return tuple(itertools.accumulate(phase.seconds for phase in self.phases))

    @property
    def training_seconds(self) -> float:
        """How long the last phase takes."""
        return self.phases[-1].seconds if self.phases else 0.0

    def lasting(self, seconds: float) -> JobScript:
        """Return the same life, stretched or shrunk.

        Args:
            seconds: how long it shall take in all; finite, not negative.

        Raises:
            ValueError: the number is negative or not finite.
        """
        total = self.seconds or 1.0
        phases = tuple(Phase(phase.status, phase.seconds / total * seconds) for phase in self.phases)
        return attrs.evolve(self, phases=phases)

    def status_at(self, elapsed: float) -> str:
        """Return the status so many seconds after the job was created."""
        lasting = (phase.status for phase, end in zip(self.phases, self._ends, strict=True) if elapsed < end)
        return next(lasting, self.outcome)

    def seconds_at_step(self, step: int) -> float:
        """Return how many seconds after the creation of the job a step (1 to ``steps``) is done."""
        return self.seconds - self.training_seconds * (1 - step / self.steps)

    @property
    def checkpoint_steps(self) -> tuple[int, ...]:
        """The steps after which a checkpoint is made, in order."""
        return tuple(self.steps * number // self.checkpoints for number in range(1, self.checkpoints + 1))


def step_metrics(step: int, steps: int) -> Mapping[str, float | int]:
    """Return plausible metrics of a training step, the same ones each time.

    The loss on the training data keeps falling. The loss on the validation data has its minimum after about two
    thirds of the way, as in a job that trains for too long: so the best checkpoint is not the last one.

    Args:
        step: from 1 to ``steps``.
        steps: how many there are in all.
    """
    way = step / steps
    wobble = 0.01 * math.sin(step * 12.9898)
    train_loss = 0.25 + 1.75 * math.exp(-4.0 * way)
    valid_loss = 0.50 + 1.40 * math.exp(-5.0 * way) + 0.25 * way**4
    return {
        "step": step,
        "train_loss": round(train_loss + wobble * (1 - way), 5),
        "train_mean_token_accuracy": round(0.95 - 0.30 * (train_loss - 0.25), 5),
        "valid_loss": round(valid_loss + wobble, 5),
        "valid_mean_token_accuracy": round(0.90 - 0.25 * (valid_loss - 0.5) + wobble / 10, 5),
    }


def checkpoint_metrics(step: int, steps: int) -> Mapping[str, float | int]:
    """Return the metrics of a checkpoint: those of its step, and those over all of the validation data.

    Args:
        step: from 1 to ``steps``.
        steps: how many there are in all.
    """
    way = step / steps
    full_valid_loss = 0.50 + 1.40 * math.exp(-5.0 * way) + 0.25 * way**4
    return {
        **step_metrics(step, steps),
        "full_valid_loss": round(full_valid_loss, 5),
        "full_valid_mean_token_accuracy": round(0.90 - 0.25 * (full_valid_loss - 0.5), 5),
    }
