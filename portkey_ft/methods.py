"""Training methods of a fine-tuning job.

Pass one as method= of portkey_ft.fine_tuning.Jobs.create. What is left out is chosen by the provider.

>>> Supervised(n_epochs=3).to_dict()
{'type': 'supervised', 'supervised': {'hyperparameters': {'n_epochs': 3}}}
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from attrs import field, frozen

__all__ = ["DPO", "Auto", "Method", "Reinforcement", "Supervised"]

#: The provider chooses the value.
Auto = Literal["auto"]


@frozen
class Supervised:
    """Supervised fine-tuning: the model learns from examples of the wanted answer.

    Args:
        n_epochs: How many times the training file is used, or "auto".
        batch_size: How many examples a batch has, or "auto". For Vertex AI the name of an adapter size, such as
            "ADAPTER_SIZE_FOUR".
        learning_rate_multiplier: Factor by which the provider's learning rate is scaled, or "auto". Fireworks takes
            it for the learning rate itself.

    Example:
        >>> Supervised(n_epochs=3, batch_size=8)
        Supervised(n_epochs=3, batch_size=8, learning_rate_multiplier=None)
    """

    n_epochs: int | Auto | None = None
    batch_size: int | str | None = None
    learning_rate_multiplier: float | Auto | None = None

    def hyperparameters(self) -> dict[str, Any]:
        """Return the hyperparameters that were chosen."""
        return _chosen(
            n_epochs=self.n_epochs,
            batch_size=self.batch_size,
            learning_rate_multiplier=self.learning_rate_multiplier,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the method as it stands in a request."""
        return _method("supervised", hyperparameters=self.hyperparameters())


@frozen
class DPO:
    """Direct preference optimisation: the model learns from pairs of a preferred and a rejected answer.

    OpenAI and Azure OpenAI; for other providers the job is refused before anything is sent.

    Args:
        n_epochs: How many times the training file is used, or "auto".
        batch_size: How many examples a batch has, or "auto".
        learning_rate_multiplier: Factor by which the provider's learning rate is scaled, or "auto".
        beta: Weight of the reference model: a higher value keeps the model closer to it. Or "auto".

    Example:
        >>> DPO(beta=0.1).to_dict()
        {'type': 'dpo', 'dpo': {'hyperparameters': {'beta': 0.1}}}
    """

    n_epochs: int | Auto | None = None
    batch_size: int | Auto | None = None
    learning_rate_multiplier: float | Auto | None = None
    beta: float | Auto | None = None

    def hyperparameters(self) -> dict[str, Any]:
        """Return the hyperparameters that were chosen."""
        return _chosen(
            n_epochs=self.n_epochs,
            batch_size=self.batch_size,
            learning_rate_multiplier=self.learning_rate_multiplier,
            beta=self.beta,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the method as it stands in a request."""
        return _method("dpo", hyperparameters=self.hyperparameters())


@frozen(kw_only=True)
class Reinforcement:
    """Reinforcement fine-tuning: the model learns from the scores that a grader gives its answers.

    OpenAI and Azure OpenAI; for other providers the job is refused before anything is sent.

    Args:
        grader: How an answer is scored, as in the provider's API.
        response_format: The JSON schema that answers follow, as in the provider's API.
        n_epochs: How many times the training file is used, or "auto".
        batch_size: How many examples a batch has, or "auto".
        learning_rate_multiplier: Factor by which the provider's learning rate is scaled, or "auto".
        compute_multiplier: Factor on the compute spent on exploring answers, or "auto".
        eval_interval: How many steps lie between evaluations, or "auto".
        eval_samples: How many samples an evaluation takes, or "auto".
        reasoning_effort: "default", "low", "medium" or "high".

    Example:
        >>> grader = {
        ...     "type": "string_check",
        ...     "name": "same answer",
        ...     "operation": "eq",
        ...     "input": "{{sample.output_text}}",
        ...     "reference": "{{item.reference_answer}}",
        ... }
        >>> Reinforcement(grader=grader, n_epochs=1).to_dict()["reinforcement"]["hyperparameters"]
        {'n_epochs': 1}
    """

    grader: Mapping[str, Any] = field(hash=False)
    response_format: Mapping[str, Any] | None = field(default=None, hash=False)
    n_epochs: int | Auto | None = None
    batch_size: int | Auto | None = None
    learning_rate_multiplier: float | Auto | None = None
    compute_multiplier: float | Auto | None = None
    eval_interval: int | Auto | None = None
    eval_samples: int | Auto | None = None
    reasoning_effort: Literal["default", "low", "medium", "high"] | None = None

    def hyperparameters(self) -> dict[str, Any]:
        """Return the hyperparameters that were chosen."""
        return _chosen(
            n_epochs=self.n_epochs,
            batch_size=self.batch_size,
            learning_rate_multiplier=self.learning_rate_multiplier,
            compute_multiplier=self.compute_multiplier,
            eval_interval=self.eval_interval,
            eval_samples=self.eval_samples,
            reasoning_effort=self.reasoning_effort,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the method as it stands in a request."""
        return _method(
            "reinforcement",
            grader=self.grader,
            response_format=self.response_format,
            hyperparameters=self.hyperparameters(),
        )


#: A typed method, or a mapping as in the provider's API.
Method = Supervised | DPO | Reinforcement | Mapping[str, Any]


def _chosen(**hyperparameters: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON data
    return {name: value for name, value in hyperparameters.items() if value is not None}


def _method(name: str, **fields: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON data
    block = {field: value for field, value in fields.items() if value}
    return {"type": name, name: block} if block else {"type": name}
