"""Which arguments are taken, in which form, and that a refusal names the argument and the operation."""

from __future__ import annotations

import math
from enum import Enum, StrEnum
from types import MappingProxyType
from typing import Any

import pytest

from portkey_ft import ConfigurationError
from portkey_ft._api.job_spec import JobSpec
from portkey_ft._api.requests import check_filters, check_query, json_bytes, path_id, plain_text, required_text
from portkey_ft.types import File

OPERATION = "files.list"
CREATE = "fine_tuning.jobs.create"


class Text(StrEnum):
    """Members that are text themselves."""

    FINE_TUNE = "fine-tune"


class Purpose(Enum):
    """Members that are text, and one that is not."""

    FINE_TUNE = "fine-tune"
    NUMBER = 5


def refused(call: Any, *arguments: object) -> str:  # noqa: ANN401 - a function with an operation as its last argument
    """Give the message of a refusal, which names the operation."""
    with pytest.raises(ConfigurationError) as caught:
        call(*arguments, OPERATION)
    assert caught.value.operation == OPERATION
    return caught.value.message


def test_a_filter_is_a_parameter_for_each_of_its_names() -> None:
    assert check_filters(None, "metadata", OPERATION) == {}
    assert check_filters({"team": "a", "b c": ""}, "metadata", OPERATION) == {
        "metadata[team]": "a",
        "metadata[b c]": "",
    }


@pytest.mark.parametrize(
    "filters", [["team"], "team", 5, {"team": 5}, {"team": None}, {"team": "\ud800"}, {("a",): "b"}]
)
def test_a_filter_that_is_no_mapping_of_text_to_text_is_refused(filters: object) -> None:
    assert refused(check_filters, filters, "metadata") == "metadata must be a mapping of names to text."


def test_a_parameter_is_text_or_a_whole_number() -> None:
    sent = check_query({"a": "b", "n": 5, "purpose": Text.FINE_TUNE}, OPERATION)
    assert sent == {"a": "b", "n": 5, "purpose": "fine-tune"}
    assert type(sent["purpose"]) is str
    for query in (["a"], {"a": 1.5}, {"a": True}, {5: "a"}, {"a": None}):
        assert refused(check_query, query) == "extra_query must be a mapping of names to text or whole numbers."


def test_a_thing_in_place_of_its_id_is_refused_with_what_to_pass() -> None:
    with pytest.raises(ConfigurationError, match=r"file_id must be an ID \(str\), not a File object") as caught:
        required_text(File("f"), "file_id", OPERATION)
    assert (caught.value.hint, caught.value.operation) == ("pass its id, as in file_id=your_object.id.", OPERATION)


def test_text_may_be_a_member_of_an_enumeration() -> None:
    assert plain_text(Purpose.FINE_TUNE, "purpose", OPERATION) == "fine-tune"
    assert refused(plain_text, Purpose.NUMBER, "purpose") == "purpose must be a string, not int."
    assert refused(plain_text, " ", "purpose") == "purpose is empty."


@pytest.mark.parametrize(
    ("given", "plain"),
    [("f", "f"), ("s3%3A%2F%2Fb%2Ft", "s3://b/t"), ("100%", "100%"), ("100%zz", "100%zz"), ("a%20b", "a b")],
)
def test_an_id_is_decoded_once_if_it_is_encoded(given: str, plain: str) -> None:
    assert path_id(given, "file_id", OPERATION) == plain


@pytest.mark.parametrize("value", ["..", "a/../b", "%2e%2e", "a\\..\\b", " f", "f\n", "%ff"])
def test_an_id_that_would_name_another_path_is_refused(value: str) -> None:
    assert refused(path_id, value, "file_id").startswith("file_id ")
    assert refused(path_id, "", "file_id") == "file_id is empty."


def test_what_cannot_be_written_is_named_with_its_kind() -> None:
    message = refused(json_bytes, {"suffix": "x", "metadata": {"a": object()}})
    assert message == "metadata cannot be written as JSON: object is no JSON data."
    assert refused(json_bytes, [object()]) == "the request cannot be written as JSON: object is no JSON data."


def test_json_is_written_without_blanks_in_utf_8_and_from_any_mapping() -> None:
    body = {"suffix": "caf\xe9", "metadata": MappingProxyType({"a": 1})}
    assert json_bytes(body, OPERATION) == '{"suffix":"caf\xe9","metadata":{"a":1}}'.encode()
    with_mapping = {"metadata": MappingProxyType({"a": 1}), "seed": math.nan}
    assert refused(json_bytes, with_mapping).startswith("seed cannot be written as JSON: ")
    assert refused(json_bytes, {"suffix": "caf\xe9", "seed": math.inf}).startswith("seed cannot be written as JSON: ")


def spec(**given: Any) -> JobSpec:  # noqa: ANN401 - what a test tries
    """Give a job with what it cannot do without."""
    return JobSpec(model="m", training_file="f", **given)


@pytest.mark.parametrize("seed", [1.5, True, "1"])
def test_a_seed_is_a_whole_number(seed: object) -> None:
    with pytest.raises(ConfigurationError) as caught:
        spec(seed=seed)
    assert caught.value.message == f"seed must be a whole number, not {seed!r}."
    assert caught.value.operation == CREATE


@pytest.mark.parametrize("name", ["metadata", "provider_options", "extra_body"])
def test_what_cannot_be_written_is_refused_when_the_job_is_described(name: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^{name} cannot be written as JSON: object is no") as caught:
        spec(**{name: {"a": object()}})
    assert caught.value.operation == CREATE


@pytest.mark.parametrize("name", ["model", "training_file", "validation_file", "suffix", "job_name", "output_file"])
def test_text_that_is_none_or_empty_is_refused_by_its_name(name: str) -> None:
    for value, why in ((" ", "is empty."), (5, "must be a string, not int.")):
        with pytest.raises(ConfigurationError) as caught:
            JobSpec(**{"model": "m", "training_file": "f", name: value})
        assert (caught.value.message, caught.value.operation) == (f"{name} {why}", CREATE)


def test_further_fields_are_none_of_the_arguments_that_were_given() -> None:
    assert spec(extra_body={"a": 1}, seed=1).given() == ["model", "training_file", "seed"]


@pytest.mark.parametrize("method", [{}, {"type": ""}, {"type": 5}, {"type": None}])
def test_a_method_without_a_type_is_refused_with_what_to_pass(method: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match="method says no type") as caught:
        spec(method=method)
    assert caught.value.hint == (
        'pass Supervised(...), DPO(...), Reinforcement(...), or a mapping with a type, as in {"type": "dpo"}.'
    )
    assert caught.value.operation == CREATE


def test_a_field_of_a_method_may_be_misspelt_too() -> None:
    with pytest.raises(ConfigurationError, match=r"no field of method 'typee'\. Hint: did you mean 'type'"):
        spec(method={"type": "dpo", "typee": "x"})


@pytest.mark.parametrize("integrations", [{"type": "wandb"}, "wandb", ["wandb"], [{"type": "wandb"}, None]])
def test_integrations_are_a_list_of_mappings(integrations: object) -> None:
    with pytest.raises(ConfigurationError, match="integrations must be a list of mappings") as caught:
        spec(integrations=integrations)
    assert caught.value.hint == 'pass for example [{"type": "wandb", "wandb": {"project": "..."}}].'
    assert caught.value.operation == CREATE


def test_a_hyperparameter_is_held_against_those_of_its_method() -> None:
    """``betta`` is nearly one of DPO's, and nothing that supervised training knows."""
    inner = {"hyperparameters": {"betta": 1}}
    assert spec(method={"type": "supervised", "supervised": inner}).method
    for given in ({"method": {"type": "dpo", "dpo": inner}}, inner):
        with pytest.raises(ConfigurationError, match="did you mean 'beta'") as caught:
            spec(**given)
        assert caught.value.operation == CREATE


@pytest.mark.parametrize("name", ["rate_learning", "learning_rate", "eval_batch_size", "sample_interval"])
def test_a_name_that_is_another_one_is_let_pass(name: str) -> None:
    assert spec(hyperparameters={name: 1}).hyperparameters == {name: 1}


@pytest.mark.parametrize(
    ("name", "meant"),
    [("batchsize", "batch_size"), ("n__epochs", "n_epochs"), ("beta_", "beta"), ("_n_epochs", "n_epochs")],
)
def test_a_name_that_is_nearly_a_known_one_is_refused(name: str, meant: str) -> None:
    with pytest.raises(ConfigurationError, match=f"did you mean '{meant}'"):
        spec(hyperparameters={name: 1})


@pytest.mark.parametrize("sign", [1, -1])
def test_a_number_is_taken_as_far_as_it_is_exact(sign: int) -> None:
    assert spec(seed=sign * 2**53).seed == sign * 2**53
    for given in ({"seed": sign * (2**53 + 1)}, {"metadata": {"a": [{"b": sign * (2**53 + 1)}]}}):
        with pytest.raises(ConfigurationError, match="which the gateway would round"):
            spec(**given)
