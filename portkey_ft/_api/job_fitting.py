"""Fit the arguments of ``fine_tuning.jobs.create`` to what the gateway passes on to the provider.

The gateway rewrites a request that starts a job for some providers, and drops what it has no place for. What would
change the training and would be lost is refused before anything is sent; a label that would be lost is warned of.
``extra_body`` is sent as it is given, for a gateway that has learned more.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final
from urllib.parse import unquote

from attrs import evolve, frozen

from portkey_ft._api.job_spec import OPERATION, JobSpec, method_hyperparameters
from portkey_ft._profile import CreateRules, HyperparameterRule, MethodForm, ProviderProfile
from portkey_ft._providers import PROFILES, profile_of
from portkey_ft.errors import NotSupportedError
from portkey_ft.types import FineTuningJob

__all__ = ["FittedJob", "differences", "fit", "suits_every_provider"]

#: Arguments that name a job and do not change what is trained.
LABELS: Final = frozenset({"job_name", "metadata", "suffix"})


@frozen
class FittedJob:
    """A job as it is sent.

    Attributes:
        spec: The arguments in the form in which they arrive.
        warnings: What is lost or taken for something else on the way, a sentence each.
        lost: The labels among it that do not arrive.
    """

    spec: JobSpec
    warnings: tuple[str, ...] = ()
    lost: frozenset[str] = frozenset()


def fit(spec: JobSpec, providers: Collection[str]) -> FittedJob:
    """Bring a job into the form that arrives at the providers that it may reach.

    Args:
        spec: The job as the caller asked for it.
        providers: The names of the providers that the request may reach; empty if none is known.

    Raises:
        NotSupportedError: Something that changes the training would be lost.
    """
    fitted = [_fitted(spec, profile_of(name), name) for name in sorted(providers)]
    if len(fitted) == 1:
        return fitted[0]
    for other in fitted[1:]:
        _refuse_other_form(fitted[0].spec, other.spec)
    warnings = dict.fromkeys(warning for each in fitted for warning in each.warnings)
    common = _mirrored(spec)
    if fitted:
        common = evolve(fitted[0].spec, method=common.method, hyperparameters=common.hyperparameters)
    return FittedJob(common, tuple(warnings), frozenset[str]().union(*(each.lost for each in fitted)))


def suits_every_provider(spec: JobSpec) -> bool:
    """Tell whether a job arrives whole at every provider in the form that is sent if none is known."""
    for profile in PROFILES:
        try:
            fitted = _fitted(spec, profile, str(profile.name))
        except NotSupportedError:
            return False
        if fitted.warnings or evolve(fitted.spec, method=None, hyperparameters=None) != evolve(
            spec, method=None, hyperparameters=None
        ):
            return False
    return True


def differences(asked: JobSpec, job: FineTuningJob, *, lost: Collection[str] = ()) -> Iterator[str]:
    """Yield what differs between a job as it was asked for and as it came back, a sentence each.

    Only what the response says is compared: many providers repeat nothing of what they were sent.

    Args:
        asked: The job as the caller asked for it.
        job: The job as it came back.
        lost: Labels that were warned of already.
    """
    kind = None if asked.method is None else asked.method["type"]
    answered = None if job.method is None else job.method.get("type")
    if kind is not None and answered is not None and answered != kind:
        yield f"the job {job.id} came back with the method {answered!r}, and {kind!r} was asked for."
    if asked.seed is not None and "seed" in job.raw and job.seed != asked.seed:
        yield f"the job {job.id} came back with the seed {job.seed!r}, and {asked.seed!r} was asked for."
    if asked.metadata is not None and "metadata" in job.raw and "metadata" not in lost:
        missing = sorted(name for name, value in asked.metadata.items() if (job.metadata or {}).get(name) != value)
        if missing:
            yield f"the job {job.id} came back without the metadata {', '.join(missing)} that was asked for."


def _fitted(spec: JobSpec, profile: ProviderProfile, provider: str) -> FittedJob:
    rules = profile.create
    if rules.method_form is MethodForm.UNKNOWN:
        return FittedJob(_mirrored(spec))
    lost = tuple(_lost_arguments(spec, rules, provider))
    _check_method(spec, rules, provider)
    warnings = (*lost, *_check_hyperparameters(spec, rules, provider))
    spec = _in_form(spec, rules.method_form)
    spec = _without_prefixes(spec, rules.prefixes, provider)
    if rules.output_file_is_object and isinstance(spec.output_file, str):
        spec = evolve(spec, output_file={"s3Uri": unquote(spec.output_file)})
    return FittedJob(spec, warnings, LABELS & set(spec.given()) & set(rules.lost))


def _lost_arguments(spec: JobSpec, rules: CreateRules, provider: str) -> Iterator[str]:
    for argument in spec.given():
        if (why := rules.lost.get(argument)) is None:
            continue
        if argument not in LABELS:
            raise _refused(provider, f"{argument}=", why, argument)
        yield f"{provider} does not get {argument}= of the job: {why}."


def _check_method(spec: JobSpec, rules: CreateRules, provider: str) -> None:
    if spec.method is None or rules.methods is None:
        return
    kind = str(spec.method["type"])
    if kind not in rules.methods:
        why = "the gateway drops the method, and the provider would train supervised"
        raise _refused(provider, f"the method {kind!r}", why, "method")
    block = spec.method.get(kind)
    others = [*(set(spec.method) - {"type", kind}), *(set(block) - {"hyperparameters"} if block else ())]
    if others:
        raise _refused(provider, f"{min(others)!r} of the method", "the gateway drops it", "method")


def _check_hyperparameters(spec: JobSpec, rules: CreateRules, provider: str) -> Iterator[str]:
    if rules.hyperparameters is None:
        return
    for name, value in _hyperparameters(spec).items():
        rule = rules.hyperparameters.get(name)
        what = f"the hyperparameter {name}"
        if rule is None:
            raise _refused(provider, what, "the gateway drops it", "hyperparameters")
        if (why := _why_lost(rule, value, spec.model)) is not None:
            raise _refused(provider, what, why, "hyperparameters")
        if rule.warning is not None:
            yield f"{provider} takes {name} for {rule.warning}."


def _why_lost(rule: HyperparameterRule, value: object, model: str) -> str | None:
    if rule.number_becomes is not None and not isinstance(value, str):
        return f"the gateway takes a number for {rule.number_becomes}"
    if not rule.takes_auto and value == "auto":
        return 'it does not know "auto", and makes its own choice where nothing is given'
    if rule.drops_zero and value == 0:
        return "the gateway drops the value 0"
    if rule.only_models is not None and rule.only_models not in model.lower():
        return f"{model} reads {rule.others_read}, which the gateway has no way to send"
    return None


def _refused(provider: str, what: str, why: str, argument: str) -> NotSupportedError:
    message = f"{provider} would not get {what} as asked: {why}."
    hint = f"leave it out, or pass extra_body={{{argument!r}: ...}} if your gateway has learned more."
    return NotSupportedError(message, hint=hint, operation=OPERATION)


def _hyperparameters(spec: JobSpec) -> dict[str, Any]:
    return {**(spec.hyperparameters or {}), **method_hyperparameters(spec.method)}


def _in_form(spec: JobSpec, form: MethodForm) -> JobSpec:
    """Put method and hyperparameters where the gateway reads them."""
    if form is MethodForm.HYPERPARAMETERS_ALONE:
        return evolve(spec, method=None, hyperparameters=_hyperparameters(spec) or None)
    if form is MethodForm.WITH_HYPERPARAMETERS and spec.method is not None and spec.hyperparameters is None:
        # An empty object is enough, and says nothing that the method does not say.
        supervised = spec.method["type"] == "supervised"
        return evolve(spec, hyperparameters=dict(method_hyperparameters(spec.method)) if supervised else {})
    return spec


def _refuse_other_form(one: JobSpec, other: JobSpec) -> None:
    """Refuse a job that providers want in different forms. Methods and hyperparameters have a form for all."""
    for name in dict.fromkeys((*one.given(), *other.given())):
        if name not in {"method", "hyperparameters"} and getattr(one, name) != getattr(other, name):
            message = f"the providers that the request may reach want {name}= in different forms."
            hint = "start the job with a client that reaches one of them."
            raise NotSupportedError(message, hint=hint, operation=OPERATION)


def _mirrored(spec: JobSpec) -> JobSpec:
    """Put hyperparameters in both places that providers read them from, with equal values.

    Beside a method that says more than ``supervised`` an empty object will do, without which some drop the method.
    """
    if spec.method is None:
        if not spec.hyperparameters:
            return spec
        supervised = {"hyperparameters": dict(spec.hyperparameters)}
        return evolve(spec, method={"type": "supervised", "supervised": supervised})
    kind = spec.method["type"]
    if kind != "supervised":
        return spec if spec.hyperparameters else evolve(spec, hyperparameters=dict(method_hyperparameters(spec.method)))
    both = _hyperparameters(spec)
    if both:
        block: dict[str, Any] = {**(spec.method.get(kind) or {}), "hyperparameters": both}
        return evolve(spec, method={**spec.method, kind: block}, hyperparameters=both)
    return (
        evolve(spec, hyperparameters={}) if any(spec.method.get(name) for name in {*spec.method} - {"type"}) else spec
    )


def _without_prefixes(spec: JobSpec, prefixes: Mapping[str, str], provider: str) -> JobSpec:
    """Take off what the gateway puts before a name, whether or not it is there already."""
    validation_file = spec.validation_file
    return evolve(
        spec,
        model=_short(spec.model, "model", prefixes, provider),
        training_file=_short(spec.training_file, "training_file", prefixes, provider),
        validation_file=validation_file and _short(validation_file, "validation_file", prefixes, provider),
    )


def _short(value: str, argument: str, prefixes: Mapping[str, str], provider: str) -> str:
    prefix = prefixes.get(argument)
    if prefix is None or not value.startswith(prefix.partition("/")[0] + "/"):
        return value
    if value.startswith(prefix):
        return value.removeprefix(prefix)
    message = f"{provider} would not get {argument}={value!r} as asked: the gateway puts {prefix} before it."
    hint = "a full name of another kind cannot be passed through this gateway."
    if re.fullmatch(re.escape(prefix).replace(r"\*", "[^/]+") + "[^/]+", value):
        hint = f"pass {argument}={value.rpartition('/')[2]!r}, the name alone."
    raise NotSupportedError(message, hint=hint, operation=OPERATION)
