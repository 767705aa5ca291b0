"""A value for every argument of a create, recognisable wherever it turns up.

The arguments are read from the client: one that has no value here makes the run fail, and so does a new field of a
method's class.
"""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import attrs
from attrs import frozen

from portkey_ft.fine_tuning import Jobs
from portkey_ft.methods import Method
from tests.e2e.cases import Case

#: Arguments that are not for the provider; what they say has to reach the gateway.
FOR_THE_GATEWAY = "gateway"
FOR_THE_PROVIDER = "provider"


class NoSampleError(Exception):
    """An argument, or a field of a method, is new: give it a value in ``tests/e2e/truth/samples.py``."""


@frozen
class Wanted:
    """A value that has to arrive.

    Attributes:
        name: What it is called where the user writes it.
        value: The value.
    """

    name: str
    value: Any


@frozen
class Sample:
    """A call.

    Attributes:
        argument: The argument that it is about.
        label: What it gives, as the table shows it.
        given: What is passed besides the provider's basic arguments; None takes one of those away.
        wanted: What has to arrive.
        reaches: Where it has to arrive.
    """

    argument: str
    label: str
    given: Mapping[str, Any]
    wanted: tuple[Wanted, ...]
    reaches: str = FOR_THE_PROVIDER


#: The files that a job is trained from and measured with, by provider.
FILES: Mapping[str, tuple[str, str]] = {
    "openai": ("file-truth-training", "file-truth-validation"),
    "azure-openai": ("file-truth-training", "file-truth-validation"),
    "bedrock": ("s3://e2e-bucket/truth-training.jsonl", "s3://e2e-bucket/truth-validation.jsonl"),
    "vertex-ai": ("gs://e2e-bucket/truth-training.jsonl", "gs://e2e-bucket/truth-validation.jsonl"),
    "fireworks-ai": ("truth-training", "truth-validation"),
}

#: A number for each hyperparameter, none of which is another's, or a default.
HYPERPARAMETERS: Mapping[str, Any] = {
    "n_epochs": 7,
    "batch_size": 96,
    "learning_rate_multiplier": 1.375,
    "beta": 0.1375,
    "compute_multiplier": 1.625,
    "eval_interval": 13,
    "eval_samples": 11,
    "reasoning_effort": "high",
}
GRADER = {
    "type": "string_check",
    "name": "truth-grader",
    "operation": "eq",
    "input": "{{sample.output_text}}",
    "reference": "{{item.reference_answer}}",
}
#: Fields of a method's class that are no hyperparameters.
SETTINGS: Mapping[str, Any] = {"grader": GRADER, "response_format": {"type": "truth-response-format"}}
#: Too large for the gateway, which reads JSON as JavaScript does.
TOO_LARGE = 2**53 + 1


def base(case: Case) -> dict[str, Any]:
    """Return the arguments that every create of a provider has here."""
    return {
        "model": case.model,
        "training_file": FILES[case.provider][0],
        "suffix": "truth-suffix",
        **case.create,
    }


def _text(argument: str, value: str) -> Sample:
    return Sample(argument, f"`{argument}`", {argument: value}, (Wanted(argument, value),))


def _models(case: Case) -> Iterator[Sample]:
    yield _text("model", case.model)
    if case.provider == "fireworks-ai":
        name = "accounts/e2e-account/models/truth-own-model"
        yield Sample("model", "`model`, a full name", {"model": name}, (Wanted("model", name),))


def _files(argument: str, position: int) -> Callable[[Case], Iterator[Sample]]:
    def samples(case: Case) -> Iterator[Sample]:
        plain = FILES[case.provider][position]
        yield _text(argument, plain)
        full = f"accounts/e2e-account/datasets/{plain}" if case.provider == "fireworks-ai" else None
        if full is not None:
            yield Sample(argument, f"`{argument}`, a full name", {argument: full}, (Wanted(argument, full),))

    return samples


def _one(argument: str, value: object, label: str | None = None) -> Sample:
    return Sample(argument, label or f"`{argument}`", {argument: value}, (Wanted(argument, value),))


def _texts(*arguments: str) -> dict[str, Callable[[Case], Iterator[Sample]]]:
    def of(argument: str) -> Callable[[Case], Iterator[Sample]]:
        return lambda _: iter([_text(argument, f"truth-{argument.replace('_', '-')}")])

    return {argument: of(argument) for argument in arguments}


def _seeds(_: Case) -> Iterator[Sample]:
    yield _one("seed", 424243)
    yield _one("seed", TOO_LARGE, "`seed` above 2^53")


def _output_files(_: Case) -> Iterator[Sample]:
    yield _one("output_file", "s3://e2e-bucket/truth-output/")


def _hyperparameters(case: Case) -> Iterator[Sample]:
    for name in ("n_epochs", "batch_size", "learning_rate_multiplier", "beta"):
        yield _hyperparameter(name, HYPERPARAMETERS[name])
    for name in ("n_epochs", "batch_size", "learning_rate_multiplier"):
        yield _hyperparameter(name, "auto", f'`{name}`: `"auto"`')
        yield _hyperparameter(name, 0, f"`{name}`: 0")
    yield _hyperparameter("batch_size", TOO_LARGE, "a number above 2^53")
    yield _hyperparameter("truth_rate", 0.0625, "any other name")
    if case.provider == "bedrock":
        multiplier = HYPERPARAMETERS["learning_rate_multiplier"]
        claude = {"model": "anthropic.claude-3-haiku-20240307-v1:0:200k"}
        label = "`learning_rate_multiplier` (Claude 3)"
        given = {**claude, "hyperparameters": {"learning_rate_multiplier": multiplier}}
        yield Sample("hyperparameters", label, given, (Wanted("learning_rate_multiplier", multiplier),))
    if case.provider == "vertex-ai":
        yield _hyperparameter("batch_size", "ADAPTER_SIZE_FOUR", "`batch_size`: the name of an adapter size")


def _hyperparameter(name: str, value: object, label: str | None = None) -> Sample:
    label = label or f"`{name}`"
    return Sample("hyperparameters", label, {"hyperparameters": {name: value}}, (Wanted(name, value),))


def method_classes() -> list[type]:
    """Find the classes that ``method=`` takes."""
    return [kind for kind in typing.get_args(Method) if attrs.has(kind)]


def _methods(_: Case) -> Iterator[Sample]:
    for kind in method_classes():
        yield from _of_class(kind)
    for name, settings in _MAPPINGS.items():
        yield from _of_mapping(name, settings)
    both = {"method": {"type": "supervised"}, "hyperparameters": {"n_epochs": HYPERPARAMETERS["n_epochs"]}}
    wanted = (Wanted("method", "supervised"), Wanted("n_epochs", HYPERPARAMETERS["n_epochs"]))
    yield Sample("method", "`method` without, `hyperparameters` with `n_epochs`", both, wanted)


_MAPPINGS: Mapping[str, Mapping[str, Any]] = {
    "supervised": {},
    "dpo": {"beta": HYPERPARAMETERS["beta"]},
    "reinforcement": {"compute_multiplier": HYPERPARAMETERS["compute_multiplier"]},
    "truth-kind": {"truth_rate": 0.0625},
}


def _of_class(kind: type) -> Iterator[Sample]:
    fields = [field for field in attrs.fields(kind) if field.init]
    needed = {field.name: _of_field(kind, field.name) for field in fields if field.default is attrs.NOTHING}
    name = kind.__name__
    type_of_method = Wanted("method", kind(**needed).to_dict()["type"])
    always = tuple(Wanted(field, value) for field, value in needed.items())
    yield Sample("method", f"`{name}`", {"method": kind(**needed)}, (type_of_method, *always))
    for field in fields:
        if field.name in needed:
            continue
        value = _of_field(kind, field.name)
        given = {"method": kind(**needed, **{field.name: value})}
        yield Sample("method", f"`{name}`: `{field.name}`", given, (type_of_method, *always, Wanted(field.name, value)))


def _of_field(kind: type, name: str) -> Any:  # noqa: ANN401 - whatever the field takes
    known = {**HYPERPARAMETERS, **SETTINGS}
    if name not in known:
        message = f"{kind.__name__}.{name} has no value in tests/e2e/truth/samples.py"
        raise NoSampleError(message)
    return known[name]


def _of_mapping(name: str, settings: Mapping[str, Any]) -> Iterator[Sample]:
    label = f'`{{"type": "{name}"}}`' if name != "truth-kind" else "a mapping of any other type"
    grader = {"grader": GRADER} if name == "reinforcement" else {}
    with_epochs = {"n_epochs": HYPERPARAMETERS["n_epochs"], **settings}
    full = {"type": name, name: {"hyperparameters": with_epochs, **grader}}
    wanted = [Wanted("method", name), *(Wanted(key, value) for key, value in {**with_epochs, **grader}.items())]
    yield Sample("method", f"{label} with all it takes", {"method": full}, tuple(wanted))
    if not grader:
        yield Sample("method", f"{label} alone", {"method": {"type": name}}, (wanted[0],))


def _metadata(_: Case) -> Iterator[Sample]:
    yield _one("metadata", {"team": "truth-team", "run": "truth-run"})


def _integrations(_: Case) -> Iterator[Sample]:
    yield _one("integrations", [{"type": "wandb", "wandb": {"project": "truth-project", "tags": ["truth-tag"]}}])


def _to_gateway(argument: str, given: object, wanted: object) -> Callable[[Case], Iterator[Sample]]:
    sample = Sample(argument, f"`{argument}`", {argument: given}, (Wanted(argument, wanted),), FOR_THE_GATEWAY)
    return lambda _: iter([sample])


#: The values, by argument. Each takes a provider, whose ids have a form of their own.
SAMPLES: Mapping[str, Callable[[Case], Iterator[Sample]]] = {
    "model": _models,
    "training_file": _files("training_file", 0),
    "validation_file": _files("validation_file", 1),
    "seed": _seeds,
    "method": _methods,
    "hyperparameters": _hyperparameters,
    "integrations": _integrations,
    "metadata": _metadata,
    "output_file": _output_files,
    "role_arn": lambda _: iter([_text("role_arn", "arn:aws:iam::123456789012:role/truth-role")]),
    "provider_options": lambda _: iter([_one("provider_options", {"model": "truth-provider-option"})]),
    "portkey_options": lambda _: iter([_one("portkey_options", {"x-portkey-truth": "truth-portkey-option"})]),
    **_texts("suffix", "job_name"),
    "extra_body": _to_gateway("extra_body", {"truth_extra": "truth-extra-value"}, "truth-extra-value"),
    "extra_headers": _to_gateway("extra_headers", {"x-portkey-truth": "truth-header"}, "truth-header"),
    "extra_query": _to_gateway("extra_query", {"truth": "truth-query"}, "truth-query"),
    "trace_id": _to_gateway("trace_id", "truth-trace", "truth-trace"),
    "gateway_metadata": _to_gateway("gateway_metadata", {"who": "truth-caller"}, "truth-caller"),
    "timeout": _to_gateway("timeout", 47.5, 47.5),
}


def arguments() -> list[str]:
    """Name every argument of a create, those behind ``**options`` too, in the order in which they are declared."""
    names = []
    for parameter in inspect.signature(Jobs.create).parameters.values():
        if parameter.kind is inspect.Parameter.VAR_KEYWORD:
            (options,) = typing.get_args(typing.get_type_hints(Jobs.create)[parameter.name])
            names += list(options.__annotations__)
        elif parameter.name != "self":
            names.append(parameter.name)
    return names


def samples(case: Case) -> Iterator[Sample]:
    """Yield a call for every argument and everything that it may say.

    Raises:
        NoSampleError: There is an argument that nothing is known about here.
    """
    for argument in arguments():
        if argument not in SAMPLES:
            message = f"fine_tuning.jobs.create({argument}=) has no value in tests/e2e/truth/samples.py"
            raise NoSampleError(message)
        yield from SAMPLES[argument](case)
