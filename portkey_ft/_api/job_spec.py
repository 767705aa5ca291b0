"""The arguments of ``fine_tuning.jobs.create`` as one value, checked when it is created."""

from __future__ import annotations

import difflib
import json
import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final, cast

import attrs
from attrs import field, frozen

from portkey_ft._api.requests import json_bytes, required_text
from portkey_ft.errors import ConfigurationError
from portkey_ft.methods import DPO, Method, Reinforcement, Supervised

__all__ = ["HYPERPARAMETERS", "OPERATION", "JobSpec", "method_hyperparameters"]

OPERATION: Final = "fine_tuning.jobs.create"

MAPPINGS: Final = ("extra_body", "hyperparameters", "metadata", "method", "portkey_options", "provider_options")

#: The hyperparameters of each method, as OpenAI's API has them.
HYPERPARAMETERS: Final[Mapping[str, frozenset[str]]] = {
    "supervised": frozenset({"batch_size", "learning_rate_multiplier", "n_epochs"}),
    "dpo": frozenset({"batch_size", "beta", "learning_rate_multiplier", "n_epochs"}),
    "reinforcement": frozenset(
        {
            "batch_size",
            "compute_multiplier",
            "eval_interval",
            "eval_samples",
            "learning_rate_multiplier",
            "n_epochs",
            "reasoning_effort",
        }
    ),
}
_ALL_HYPERPARAMETERS: Final = frozenset[str]().union(*HYPERPARAMETERS.values())

# JavaScript, in which the gateway is written, reads and writes larger whole numbers rounded.
LARGEST_EXACT: Final = 2**53

# How alike two names are, from 0 to 1, when one is taken for a misspelling of the other: "learning_rate", which some
# provider may know, is not one of "learning_rate_multiplier".
ALIKE: Final = 0.8


def _plain(value: Any) -> Any:  # noqa: ANN401 - any argument
    """Return a value as it is written: plain JSON data. What cannot be written is left as it is, to be refused.

    Other mappings become dicts, tuples lists and enumerations text, so that whatever reads a job (what it loses on its
    way, what is a secret, how it came back) reads what is sent.
    """
    if value is None or type(value) in {str, int}:
        return value
    try:
        return json.loads(json_bytes(value, OPERATION))
    except (ConfigurationError, RecursionError):
        return value


def _to_method(value: Method | None) -> Mapping[str, Any] | None:
    plain: Mapping[str, Any] | None = _plain(
        value.to_dict() if isinstance(value, Supervised | DPO | Reinforcement) else value
    )
    return plain


def _to_extra_body(value: Mapping[str, Any] | None) -> Mapping[str, Any]:
    plain: Mapping[str, Any] = {} if value is None else _plain(value)
    return plain


@frozen(kw_only=True)
class JobSpec:
    """What a job is created from. A field that is None is not sent.

    Raises:
        ConfigurationError: Something is missing, misspelt, or cannot be sent.
    """

    model: str = field(converter=_plain)
    training_file: str = field(converter=_plain)
    validation_file: str | None = field(default=None, converter=_plain)
    suffix: str | None = field(default=None, converter=_plain)
    seed: int | None = field(default=None, converter=_plain)
    method: Mapping[str, Any] | None = field(default=None, converter=_to_method)
    hyperparameters: Mapping[str, Any] | None = field(default=None, converter=_plain)
    integrations: Sequence[Mapping[str, Any]] | None = field(default=None, converter=_plain)
    metadata: Mapping[str, Any] | None = field(default=None, converter=_plain)
    job_name: str | None = field(default=None, converter=_plain)
    role_arn: str | None = field(default=None, converter=_plain)
    output_file: str | Mapping[str, Any] | None = field(default=None, converter=_plain)
    provider_options: Mapping[str, Any] | None = field(default=None, converter=_plain, repr=False)
    portkey_options: Mapping[str, Any] | None = field(default=None, converter=_plain, repr=False)
    extra_body: Mapping[str, Any] = field(default=None, converter=_to_extra_body, repr=False)

    def __attrs_post_init__(self) -> None:
        for name in ("model", "training_file"):
            required_text(getattr(self, name), name, OPERATION)
        for name in ("validation_file", "suffix", "job_name", "role_arn"):
            if getattr(self, name) is not None:
                required_text(getattr(self, name), name, OPERATION)
        if self.output_file is not None and not isinstance(self.output_file, Mapping):
            required_text(self.output_file, "output_file", OPERATION)
        for name in MAPPINGS:
            _check_mapping(getattr(self, name), name)
        _check_integrations(self.integrations)
        if self.seed is not None and type(self.seed) is not int:
            message = f"seed must be a whole number, not {self.seed!r}."
            raise ConfigurationError(message, operation=OPERATION)
        self._check_extra_body()
        self._check_finite()
        for name in (*self.given(), "extra_body"):
            # Found out here, before a request that only finds out the provider.
            json_bytes({name: getattr(self, name)}, OPERATION)
        self._check_method()
        self._check_hyperparameters()
        for name in self.given():
            _refuse_inexact(getattr(self, name), name)

    def given(self) -> list[str]:
        """Return the names of the arguments that were given, ``extra_body`` excluded."""
        names = [attribute.name for attribute in attrs.fields(JobSpec) if attribute.name != "extra_body"]
        return [name for name in names if getattr(self, name) is not None]

    def _check_extra_body(self) -> None:
        doubled = sorted(set(self.extra_body) & set(self.given()))
        if doubled:
            message = f"{doubled[0]} was given as an argument and in extra_body."
            raise ConfigurationError(message, hint=f"pass {doubled[0]}= or extra_body=, not both.", operation=OPERATION)

    def _check_method(self) -> None:
        if self.method is None:
            return
        kind = self.method.get("type")
        if not isinstance(kind, str) or not kind:
            message = "method says no type."
            hint = (
                'pass Supervised(...), DPO(...), Reinforcement(...), or a mapping with a type, as in {"type": "dpo"}.'
            )
            raise ConfigurationError(message, hint=hint, operation=OPERATION)
        _refuse_misspelt(kind, HYPERPARAMETERS, "method type")
        for name in self.method:
            _refuse_misspelt(name, ("type", kind), "field of method")
        block: object = self.method.get(kind)
        _check_mapping(block, f"{kind} of method")
        inner: object = cast("Mapping[str, Any]", block or {}).get("hyperparameters")
        _check_mapping(inner, "hyperparameters of method")

    def _check_finite(self) -> None:
        for name, value in {**(self.hyperparameters or {}), **method_hyperparameters(self.method)}.items():
            if isinstance(value, float) and not math.isfinite(value):
                message = f"the hyperparameter {name} is {value}, which is no number to train with."
                raise ConfigurationError(message, operation=OPERATION)

    def _check_hyperparameters(self) -> None:
        kind = "" if self.method is None else str(self.method["type"])
        inner = method_hyperparameters(self.method)
        for name in (*(self.hyperparameters or {}), *inner):
            _refuse_misspelt(name, HYPERPARAMETERS.get(kind, _ALL_HYPERPARAMETERS), "hyperparameter")
        for name, value in (self.hyperparameters or {}).items():
            if name in inner and inner[name] != value:
                message = f"hyperparameters and method give two values for {name}: {value!r} and {inner[name]!r}."
                raise ConfigurationError(message, hint="pass it once, in method=.", operation=OPERATION)


def method_hyperparameters(method: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """Return the hyperparameters within a method; empty if it has none."""
    block: object = None if method is None else method.get(str(method.get("type")))
    inner = cast("Mapping[str, Any]", block).get("hyperparameters") if isinstance(block, Mapping) else None
    return cast("Mapping[str, Any]", inner) if isinstance(inner, Mapping) else {}


def _check_mapping(value: object, name: str) -> None:
    if value is not None and not isinstance(value, Mapping):
        message = f"{name} must be a mapping, not {type(value).__name__}."
        raise ConfigurationError(message, hint="pass names with their values, as in a dict.", operation=OPERATION)


def _check_integrations(value: object) -> None:
    if value is None:
        return
    if not isinstance(value, list | tuple) or not all(
        isinstance(item, Mapping) for item in cast("Sequence[object]", value)
    ):
        message = "integrations must be a list of mappings."
        hint = 'pass for example [{"type": "wandb", "wandb": {"project": "..."}}].'
        raise ConfigurationError(message, hint=hint, operation=OPERATION)


def _refuse_misspelt(name: str, known: Collection[str], what: str) -> None:
    """Refuse a name that is nearly one of those that are known. Another one may be known to the provider."""
    if name in known:
        return
    alike = difflib.get_close_matches(name, sorted(known), cutoff=ALIKE)
    # A further word makes another name of it: "eval_batch_size" is no misspelling of "batch_size".
    if alike and not _words(name) > _words(alike[0]):
        message = f"there is no {what} {name!r}."
        raise ConfigurationError(
            message, hint=f"did you mean {alike[0]!r}? extra_body= sends any name.", operation=OPERATION
        )


def _words(name: str) -> set[str]:
    return set(name.split("_")) - {""}


def _refuse_inexact(value: object, name: str) -> None:
    for number in _whole_numbers(value):
        if abs(number) > LARGEST_EXACT:
            message = f"{name} holds {number}, which the gateway would round: it is larger than 2**53."
            raise ConfigurationError(message, hint="pass a smaller number, or text.", operation=OPERATION)


def _whole_numbers(value: object) -> Iterator[int]:
    if isinstance(value, int):
        yield value
    elif isinstance(value, Mapping):
        for item in cast("Mapping[object, object]", value).values():
            yield from _whole_numbers(item)
    elif isinstance(value, list | tuple):
        for item in cast("Sequence[object]", value):
            yield from _whole_numbers(item)
