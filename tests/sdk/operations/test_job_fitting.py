"""What is asked of a job arrives at the provider, or is refused before anything is sent, or is warned of."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pytest

from portkey_ft import (
    DPO,
    ConfigurationError,
    Managed,
    NotSupportedError,
    PortkeyWarning,
    Provider,
    Reinforcement,
    Supervised,
)

if TYPE_CHECKING:
    from tests.support.ways import Way, Wire

pytestmark = pytest.mark.anyio

BOTH = {"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 2}}}
BOTH_AND_A = {"type": "supervised", "supervised": {"hyperparameters": {"a": 1, "n_epochs": 2}}}
PACKED = {"type": "supervised", "supervised": {"packing": True}}
TOP = {"n_epochs": 2}
DPO_BETA = {"type": "dpo", "dpo": {"hyperparameters": {"beta": 0.1}}}
GRADED = {"type": "reinforcement", "reinforcement": {"grader": {"type": "string_check"}}}
JOB = {"id": "j", "status": "queued"}


def _provider(name: str | None) -> dict[str, Any]:
    return {} if name is None else {"provider": name}


@pytest.mark.parametrize(
    ("provider", "given", "sent"),
    [
        (None, {"method": Supervised(n_epochs=2)}, {"method": BOTH, "hyperparameters": TOP}),
        (None, {"hyperparameters": TOP}, {"method": BOTH, "hyperparameters": TOP}),
        (
            None,
            {"method": BOTH, "hyperparameters": {"a": 1}},
            {"method": BOTH_AND_A, "hyperparameters": {"a": 1, **TOP}},
        ),
        (None, {"method": Supervised(), "hyperparameters": TOP}, {"method": BOTH, "hyperparameters": TOP}),
        (None, {"method": Supervised()}, {"method": {"type": "supervised"}}),
        (None, {"method": DPO(beta=0.1)}, {"method": DPO_BETA, "hyperparameters": {"beta": 0.1}}),
        (None, {"method": {"type": "reinforcement"}}, {"method": {"type": "reinforcement"}, "hyperparameters": {}}),
        (None, {"method": PACKED}, {"method": PACKED, "hyperparameters": {}}),
        (None, {"hyperparameters": {}}, {"hyperparameters": {}}),
        ("of-tomorrow", {"hyperparameters": TOP}, {"method": BOTH, "hyperparameters": TOP}),
        ("openai", {"method": Supervised(n_epochs=2)}, {"method": BOTH}),
        ("openai", {"hyperparameters": TOP}, {"hyperparameters": TOP}),
        ("openai", {"method": GRADED, "seed": 1}, {"method": GRADED, "seed": 1}),
        ("azure-openai", {"method": Supervised(n_epochs=2)}, {"method": BOTH, "hyperparameters": TOP}),
        ("azure-openai", {"method": DPO(beta=0.1)}, {"method": DPO_BETA, "hyperparameters": {}}),
        ("azure-openai", {"method": DPO()}, {"method": {"type": "dpo"}, "hyperparameters": {}}),
        ("azure-openai", {"method": GRADED}, {"method": GRADED, "hyperparameters": {}}),
        ("azure-openai", {"hyperparameters": TOP}, {"hyperparameters": TOP}),
        ("azure-openai", {"metadata": {"a": "b"}, "seed": 1}, {"metadata": {"a": "b"}, "seed": 1}),
        ("bedrock", {"method": Supervised(n_epochs=2)}, {"hyperparameters": TOP}),
        ("bedrock", {"method": Supervised(), "hyperparameters": TOP}, {"hyperparameters": TOP}),
        ("bedrock", {"method": Supervised()}, {}),
        ("bedrock", {"output_file": "s3%3A%2F%2Fb%2Fo"}, {"output_file": {"s3Uri": "s3://b/o"}}),
        ("bedrock", {"output_file": {"s3Uri": "s3://b/o"}}, {"output_file": {"s3Uri": "s3://b/o"}}),
        ("bedrock", {"role_arn": "arn", "job_name": "n"}, {"role_arn": "arn", "job_name": "n"}),
        ("vertex-ai", {"method": Supervised(n_epochs=2)}, {"hyperparameters": TOP}),
        (
            "vertex-ai",
            {"hyperparameters": {"batch_size": "ADAPTER_SIZE_FOUR"}},
            {"hyperparameters": {"batch_size": "ADAPTER_SIZE_FOUR"}},
        ),
        ("fireworks-ai", {"method": Supervised(n_epochs=2)}, {"hyperparameters": TOP}),
        ("fireworks-ai", {"model": "accounts/fireworks/models/llama"}, {"model": "llama"}),
        ("bedrock", {"extra_body": {"seed": 7, "method": DPO_BETA}}, {"seed": 7, "method": DPO_BETA}),
    ],
)
async def test_a_job_is_sent_in_the_form_that_arrives(
    provider: str | None, given: dict[str, Any], sent: dict[str, Any], way: Way, wire: Wire
) -> None:
    client = way.client(wire.say(JOB), **_provider(provider))
    await way.get(client.fine_tuning.jobs.create(**{"model": "m", "training_file": "f", **given}))
    assert wire.body == {"model": "m", "training_file": "f", **sent}


@pytest.mark.parametrize("provider", ["bedrock", "vertex-ai", "fireworks-ai"])
@pytest.mark.parametrize(
    "given",
    [
        {"method": DPO(beta=0.1)},
        {"method": DPO()},
        {"method": GRADED},
        {"method": {"type": "of-tomorrow"}},
        {"method": {"type": "supervised", "supervised": {"packing": True}}},
        {"method": {"type": "supervised", "note": 1}},
        {"hyperparameters": {"warmup": 1}},
        {"seed": 7},
        {"integrations": [{"type": "wandb"}]},
        {"portkey_options": {"x-portkey-provider": "@p"}},
        {"provider_options": {"model": "m"}},
    ],
    ids=repr,
)
async def test_what_would_train_another_model_is_refused_before_anything_is_sent(
    provider: str, given: Mapping[str, Any], way: Way, wire: Wire
) -> None:
    client = way.client(wire.say(JOB), provider=provider)
    with pytest.raises(NotSupportedError, match=f"{provider} would not get") as caught:
        await way.get(client.fine_tuning.jobs.create(model="m", training_file="f", **given))
    assert caught.value.operation == "fine_tuning.jobs.create"
    assert caught.value.hint is not None
    assert wire.requests == []


@pytest.mark.parametrize(
    ("provider", "given", "message"),
    [
        ("bedrock", {"validation_file": "v"}, "a form that AWS does not define"),
        ("bedrock", {"hyperparameters": {"n_epochs": 0}}, "drops the value 0"),
        ("bedrock", {"hyperparameters": {"learning_rate_multiplier": 2}}, "m reads learningRate"),
        ("vertex-ai", {"hyperparameters": {"batch_size": 4}}, "takes a number for an adapter size"),
        ("vertex-ai", {"hyperparameters": {"n_epochs": "auto"}}, 'does not know "auto"'),
        ("fireworks-ai", {"hyperparameters": {"learning_rate_multiplier": "auto"}}, 'does not know "auto"'),
        ("fireworks-ai", {"hyperparameters": {"batch_size": 4}}, "the gateway drops it"),
        ("fireworks-ai", {"training_file": "accounts/a/datasets/d"}, "pass training_file='d', the name alone"),
        ("fireworks-ai", {"model": "accounts/a/models/m"}, "a full name of another kind"),
        ("openai", {"role_arn": "arn"}, "the gateway drops it"),
    ],
)
async def test_a_value_that_would_arrive_as_another_thing_is_refused(
    provider: str, given: Mapping[str, Any], message: str, way: Way, wire: Wire
) -> None:
    client = way.client(wire.say(JOB), provider=provider)
    with pytest.raises(NotSupportedError, match=message):
        await way.get(client.fine_tuning.jobs.create(**{"model": "m", "training_file": "f", **given}))
    assert wire.requests == []


async def test_a_model_that_reads_the_multiplier_gets_it(way: Way, wire: Wire) -> None:
    client = way.client(wire.say(JOB), provider="bedrock")
    rate = {"learning_rate_multiplier": 2}
    await way.get(
        client.fine_tuning.jobs.create(model="anthropic.claude-3-haiku", training_file="f", hyperparameters=rate)
    )
    assert wire.body["hyperparameters"] == rate


@pytest.mark.parametrize(
    ("provider", "given", "warning"),
    [
        ("openai", {"metadata": {"a": "b"}}, "openai does not get metadata= of the job: the gateway drops it."),
        ("vertex-ai", {"job_name": "n"}, "vertex-ai does not get job_name= of the job: the gateway drops it."),
        (
            "fireworks-ai",
            {"hyperparameters": {"learning_rate_multiplier": 0.1}},
            "fireworks-ai takes learning_rate_multiplier for the learning rate itself, not a factor of one.",
        ),
    ],
)
async def test_a_label_that_is_lost_is_warned_of_on_the_callers_line_and_the_job_is_started(
    provider: str, given: Mapping[str, Any], warning: str, way: Way, wire: Wire
) -> None:
    # The provider repeats what it has: the same loss is not told twice.
    client = way.client(wire.say({**JOB, "metadata": None}), provider=provider)
    with pytest.warns(PortkeyWarning) as caught:
        job = await way.get(client.fine_tuning.jobs.create(model="m", training_file="f", **given))
    assert [str(one.message) for one in caught] == [warning]
    assert not caught[0].filename.endswith("jobs.py")
    assert "portkey_ft" not in caught[0].filename.split("/tests/")[-1]
    assert job.id == "j"


async def test_what_suits_every_provider_needs_no_request_that_finds_it_out(way: Way, wire: Wire) -> None:
    client = way.client(wire.say(JOB))
    await way.get(client.fine_tuning.jobs.create(model="m", training_file="f", method=Supervised(n_epochs=2)))
    assert [request.method for request in wire.requests] == ["POST"]


async def test_a_request_finds_it_out_before_the_job_is_refused(way: Way, wire: Wire) -> None:
    unnamed = (500, {"message": "no"}, {"x-portkey-provider": "bedrock", "x-portkey-trace-id": "t"})
    client = way.client(wire.say(unnamed))
    for _ in range(2):
        with pytest.raises(NotSupportedError, match="bedrock would not get the method 'dpo'"):
            await way.get(client.fine_tuning.jobs.create(model="m", training_file="f", method=DPO(beta=0.1)))
    # Found out once, and kept.
    assert [request.method for request in wire.requests] == ["GET"]


async def test_any_response_tells_it(way: Way, wire: Wire) -> None:
    client = way.client(wire.say((200, JOB, {"x-portkey-provider": "azure-openai"})))
    await way.get(client.fine_tuning.jobs.retrieve("j"))
    await way.get(client.fine_tuning.jobs.create(model="m", training_file="f", method=DPO(beta=0.1)))
    assert [request.method for request in wire.requests] == ["GET", "POST"]
    assert wire.body["hyperparameters"] == {}


async def test_if_it_stays_unknown_both_forms_are_sent(way: Way, wire: Wire) -> None:
    client = way.client(wire.say(JOB))
    await way.get(client.fine_tuning.jobs.create(model="m", training_file="f", method=DPO(beta=0.1)))
    assert [request.method for request in wire.requests] == ["GET", "POST"]
    assert wire.body["hyperparameters"] == {"beta": 0.1}


async def test_managed_fine_tuning_is_not_asked(way: Way, wire: Wire) -> None:
    client = way.client(wire.say(JOB), auth=Managed())
    options = {"x-portkey-provider": "@p"}
    await way.get(client.fine_tuning.jobs.create(model="m", training_file="f", portkey_options=options))
    assert [request.method for request in wire.requests] == ["POST"]


@pytest.mark.parametrize("provider", ["openai", "bedrock"])
async def test_one_managed_job_says_nothing_of_the_next_ones_provider(provider: str, way: Way, wire: Wire) -> None:
    client = way.client(wire.say((200, JOB, {"x-portkey-provider": provider})), auth=Managed())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(2):
            await way.get(
                client.fine_tuning.jobs.create(
                    model="m", training_file="f", metadata={"a": "b"}, portkey_options={"x-portkey-provider": "@p"}
                )
            )
    assert [request.method for request in wire.requests] == ["POST", "POST"]


@pytest.mark.parametrize("method", [DPO(), GRADED], ids=["dpo", "reinforcement"])
async def test_a_method_arrives_at_each_of_several_providers(method: Any, way: Way, wire: Wire) -> None:  # noqa: ANN401
    # Azure OpenAI gets a method only beside hyperparameters, be they empty.
    client = way.client(wire.say(JOB), config={"targets": [{"provider": "openai"}, {"provider": "azure-openai"}]})
    await way.get(client.fine_tuning.jobs.create(model="m", training_file="f", method=method))
    assert wire.body["hyperparameters"] == {}


async def test_what_several_providers_want_in_different_forms_is_refused(way: Way, wire: Wire) -> None:
    client = way.client(wire.say(JOB), config={"targets": [{"provider": "openai"}, {"provider": "fireworks-ai"}]})
    create = client.fine_tuning.jobs.create
    with pytest.raises(NotSupportedError, match="want model= in different forms"):
        await way.get(create(model="accounts/fireworks/models/m", training_file="f"))
    assert wire.requests == []
    await way.get(create(model="m", training_file="f"))


@pytest.mark.parametrize(
    ("config", "refused"),
    [
        ({"provider": "bedrock", "api_key": "k"}, True),
        ({"strategy": {"mode": "fallback"}, "targets": [{"provider": "openai"}, {"provider": "bedrock"}]}, True),
        ({"provider": "bedrock", "targets": [{"api_key": "k"}]}, True),
        ({"provider": "openai", "targets": [{"api_key": "k"}]}, False),
        ({"targets": [{"provider": "openai"}, {"provider": "@mine"}]}, False),
    ],
)
async def test_a_config_that_names_its_providers_is_read(
    config: Mapping[str, Any],
    refused: bool,  # noqa: FBT001 - a parameter of the test
    way: Way,
    wire: Wire,
) -> None:
    client = way.client(wire.say(JOB), config=config)
    create = client.fine_tuning.jobs.create
    if refused:
        with pytest.raises(NotSupportedError):
            await way.get(create(model="m", training_file="f", method=DPO()))
        assert wire.requests == []
    else:
        await way.get(create(model="m", training_file="f", method=DPO()))
        assert wire.body["method"] == {"type": "dpo"}


@pytest.mark.parametrize(
    ("given", "answered", "warning"),
    [
        ({"method": DPO()}, {"method": {"type": "supervised"}}, "came back with the method 'supervised', and 'dpo'"),
        ({"seed": 7}, {"seed": 8}, "came back with the seed 8, and 7"),
        ({"metadata": {"a": "b", "c": "d"}}, {"metadata": {"a": "b"}}, "came back without the metadata c"),
        ({"metadata": {"a": "b"}}, {"metadata": None}, "came back without the metadata a"),
    ],
)
async def test_a_job_that_came_back_as_another_one_is_warned_of(
    given: Mapping[str, Any], answered: Mapping[str, Any], warning: str, way: Way, wire: Wire
) -> None:
    client = way.client(wire.say({**JOB, **answered}), provider="azure-openai")
    with pytest.warns(PortkeyWarning, match=f"the job j {warning}"):
        await way.get(client.fine_tuning.jobs.create(model="m", training_file="f", **given))


async def test_a_job_that_came_back_as_asked_is_not_warned_of(way: Way, wire: Wire) -> None:
    asked = {"method": DPO_BETA, "seed": 7, "metadata": {"a": "b"}}
    client = way.client(wire.say({**JOB, **asked}), provider="azure-openai")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        await way.get(client.fine_tuning.jobs.create(model="m", training_file="f", **asked))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"method": {"type": "supervized"}}, "no method type 'supervized'. Hint: did you mean 'supervised'"),
        ({"method": {"type": "supervised", "supervized": {}}}, "no field of method 'supervized'"),
        ({"hyperparameters": {"nepochs": 3}}, "no hyperparameter 'nepochs'. Hint: did you mean 'n_epochs'"),
        ({"method": {"type": "dpo", "dpo": {"hyperparameters": {"betta": 1}}}}, "did you mean 'beta'"),
        ({"method": BOTH, "hyperparameters": {"n_epochs": 3}}, "give two values for n_epochs: 3 and 2"),
        ({"seed": 2**53 + 1}, "seed holds 9007199254740993, which the gateway would round"),
        ({"metadata": {"a": [2**60]}}, "metadata holds 1152921504606846976"),
        ({"extra_body": {"model": "x"}}, "model was given as an argument and in extra_body"),
    ],
)
async def test_a_misspelling_is_told_before_anything_is_sent(
    given: Mapping[str, Any], message: str, way: Way, wire: Wire
) -> None:
    client = way.client(wire.say(JOB), provider="openai")
    with pytest.raises(ConfigurationError, match=message):
        await way.get(client.fine_tuning.jobs.create(model="m", training_file="f", **given))
    assert wire.requests == []


async def test_a_job_that_was_started_is_not_lost_over_a_function_of_the_caller(way: Way, wire: Wire) -> None:
    tokens = iter(["canary-token"])

    def token() -> str:
        for one in tokens:
            return one
        message = "no more tokens"
        raise ValueError(message)

    client = way.client(wire.say({"id": "j"}), provider="azure-openai", authorization=token)
    # The response is an ID alone, so that a second request retrieves the job.
    job = await way.get(client.fine_tuning.jobs.create(model="m", training_file="f"))
    assert job.id == "j"
    with pytest.raises(ValueError, match=r"^no more tokens$"):
        await way.get(client.fine_tuning.jobs.create(model="m", training_file="f"))


async def test_a_job_that_was_started_is_not_lost_over_on_retry(way: Way, wire: Wire) -> None:
    def stop(_: object) -> None:
        message = "no retries"
        raise RuntimeError(message)

    client = way.client(wire.say({"id": "j"}, (500, {})), provider="bedrock", max_retries=2, on_retry=stop)
    job = await way.get(client.fine_tuning.jobs.create(model="m", training_file="f"))
    assert job.id == "j"


async def test_a_client_that_differs_in_other_options_knows_the_provider_too(way: Way, wire: Wire) -> None:
    client = way.client(wire.say((200, JOB, {"x-portkey-provider": "openai"})))
    await way.get(client.fine_tuning.jobs.retrieve("j"))
    await way.get(
        client.with_options(timeout=3).fine_tuning.jobs.create(model="m", training_file="f", method=DPO(beta=0.1))
    )
    assert [request.method for request in wire.requests] == ["GET", "POST"]
    other = client.with_options(auth=Provider("@other"))
    await way.get(other.fine_tuning.jobs.create(model="m", training_file="f", method=DPO(beta=0.1)))
    assert [request.method for request in wire.requests] == ["GET", "POST", "GET", "POST"]


def test_methods_can_be_told_apart_and_kept_in_sets() -> None:
    grader = {"type": "string_check"}
    assert len({Reinforcement(grader=grader), Reinforcement(grader=grader), DPO(), Supervised()}) == 3
