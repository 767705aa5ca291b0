"""Which arguments are taken, in which form, and that a refusal names the argument and the operation."""

from __future__ import annotations

from enum import Enum
from typing import Any

import pytest

from portkey_ft import ConfigurationError
from portkey_ft._api.job_spec import JobSpec
from portkey_ft._api.requests import check_filters, json_bytes, path_id, plain_text

OPERATION = "files.list"


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


def spec(**given: Any) -> JobSpec:  # noqa: ANN401 - what a test tries
    """Give a job with what it cannot do without."""
    return JobSpec(model="m", training_file="f", **given)


def test_a_hyperparameter_is_held_against_those_of_its_method() -> None:
    """``betta`` is nearly one of DPO's, and nothing that supervised training knows."""
    inner = {"hyperparameters": {"betta": 1}}
    assert spec(method={"type": "supervised", "supervised": inner}).method
    for given in ({"method": {"type": "dpo", "dpo": inner}}, inner):
        with pytest.raises(ConfigurationError, match="did you mean 'beta'") as caught:
            spec(**given)
        assert caught.value.operation == "fine_tuning.jobs.create"


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
