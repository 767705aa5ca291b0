"""Reading: what providers say in five ways becomes one."""

from __future__ import annotations

import copy
import json
import pickle
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portkey_ft import (
    DPO,
    Checkpoint,
    CheckpointMetrics,
    File,
    FineTuningJob,
    Hyperparameters,
    JobError,
    ResponseError,
    ResponseInfo,
    Supervised,
)
from portkey_ft._api.values import (
    FieldLocation,
    to_bool,
    to_datetime,
    to_float,
    to_float_or_str,
    to_id,
    to_int,
    to_mapping,
    to_str,
    to_strs,
)

if TYPE_CHECKING:
    from tests.support.ways import Way, Wire

PLACE = FieldLocation("op", ResponseInfo(200, {}, "t"), ("data", 0, "a/b~c"))
TIME = datetime(2025, 2, 19, 21, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("read", "value", "result"),
    [
        (to_str, "a", "a"),
        (to_str, "", None),
        (to_str, None, None),
        (to_str, 3, "3"),
        (to_str, 1.5, "1.5"),
        (to_float, 1, 1),
        (to_float, 1.5, 1.5),
        (to_float, "2.5", 2.5),
        (to_float, "12", 12),
        (to_float, float("nan"), None),
        (to_float, "inf", None),
        (to_float, None, None),
        (to_int, "12345678901234567890", 12345678901234567890),
        (to_int, 2.0, 2),
        (to_int, "3.0", 3),
        (to_int, "", None),
        (to_int, None, None),
        (to_float_or_str, "auto", "auto"),
        (to_float_or_str, "", None),
        (to_float_or_str, "3", 3),
        (to_float_or_str, 0.1, 0.1),
        (to_float_or_str, None, None),
        (to_bool, True, True),
        (to_bool, False, False),
        (to_bool, None, None),
        (to_datetime, 1_740_000_000, TIME),
        (to_datetime, 1_740_000_000_000, TIME),
        (to_datetime, "1740000000", TIME),
        (to_datetime, "1740000000000", TIME),
        (to_datetime, "2025-02-19T21:20:00Z", TIME),
        (to_datetime, "2025-02-19T23:20:00+02:00", TIME),
        (to_datetime, "2025-02-19T21:20:00", TIME),
        (to_datetime, "", None),
        (to_datetime, 0, None),
        (to_datetime, "00", None),
        (to_datetime, None, None),
        (to_datetime, float("nan"), None),
        (to_mapping, {"a": 1}, {"a": 1}),
        (to_mapping, {}, {}),
        (to_mapping, None, None),
        (to_strs, ["a"], ("a",)),
        (to_strs, [], ()),
        (to_strs, None, ()),
    ],
)
def test_values_are_made_uniform(read: Any, value: object, result: object) -> None:  # noqa: ANN401 - any reader
    found = read(value, "field", PLACE)
    assert found == result
    assert type(found) is type(result)
    if isinstance(found, datetime):
        assert found.tzinfo is UTC


@pytest.mark.parametrize(
    ("read", "values"),
    [
        (to_str, [[], {}, True, False]),
        (to_float, ["x", "", [], {}, True, False, 10**400, "1" * 400]),
        (to_int, [1.5, "1.5", "x", []]),
        (to_float_or_str, [[], True]),
        (to_bool, ["yes", 0, 1, [], {}]),
        (to_datetime, ["soon", [], True, 1e300, "9" * 40, "0001-01-01T00:00:00+23:00"]),
        (to_mapping, ["a", [], True, 0]),
        (to_strs, ["a", {}, [1], ["a", None], False, 0]),
    ],
)
def test_what_cannot_be_read_is_none_and_noted_with_its_place(read: Any, values: list[Any]) -> None:  # noqa: ANN401 - any reader
    for value in values:
        location = FieldLocation("op", ResponseInfo(200, {}, "t"), ("data", 0, "a/b~c"))
        assert read(value, "field", location) == (() if read is to_strs else None)
        (noted,) = location.child("x").unreadable
        assert noted.pointer == "/data/0/a~1b~0c/field"
        assert noted.problem.startswith("expected ")


@pytest.mark.parametrize(("value", "result"), [("a", "a"), (5, "5"), (0, "0")])
def test_an_id_is_a_text_or_a_number(value: object, result: str) -> None:
    assert to_id(value, PLACE) == result


@pytest.mark.parametrize("value", [None, "", True, 1.5, [], {}])
def test_there_is_nothing_without_an_id(value: object) -> None:
    with pytest.raises(ResponseError, match="expected an id") as caught:
        to_id(value, PLACE)
    assert (caught.value.pointer, caught.value.operation, caught.value.trace_id) == ("/data/0/a~1b~0c/id", "op", "t")


@given(st.one_of(st.integers(), st.floats(), st.text(max_size=25), st.datetimes().map(str), st.none(), st.booleans()))
def test_any_time_is_read_or_noted(value: object) -> None:
    found = to_datetime(value, "field", PLACE)
    assert found is None or found.tzinfo is UTC


VALUES = [
    FineTuningJob(
        id="j",
        status="running",
        created_at=TIME,
        hyperparameters=Hyperparameters(n_epochs="auto", extra={"x": 1}),
        error=JobError(message="m"),
        result_files=("a",),
        integrations=({"type": "wandb"},),
        method={"type": "dpo"},
        extra={"new": 1},
        raw={"id": "j"},
        response=ResponseInfo(200, {"a": "b"}, "t"),
    ),
    Checkpoint(id="c", metrics=CheckpointMetrics(train_loss=0.5, extra={"own": 1})),
    File(id="f", bytes=5, created_at=TIME),
]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_values_pickle_copy_compare_hash_and_become_json(value: Any) -> None:  # noqa: ANN401 - any value
    for twin in (pickle.loads(pickle.dumps(value)), copy.copy(value), copy.deepcopy(value)):  # noqa: S301 - our own pickle
        assert twin == value
        assert hash(twin) == hash(value)
        assert (twin.raw, twin.response) == (value.raw, value.response)
    assert json.loads(json.dumps(value.to_dict()))["id"] == value.id


def test_a_value_says_what_it_knows() -> None:
    assert repr(File(id="f", bytes=5)) == "File(id='f', bytes=5)"
    assert FineTuningJob(id="j", created_at=TIME, extra={"new": 1}).to_dict() == {
        "new": 1,
        "id": "j",
        "created_at": "2025-02-19T21:20:00+00:00",
        "result_files": [],
        "integrations": [],
    }


def test_equality_looks_at_the_thing_and_not_at_the_answer() -> None:
    assert File(id="f", raw={"id": "f"}, response=ResponseInfo(200, {})) == File(id="f")
    assert File(id="f") != File(id="g")


@pytest.mark.parametrize(
    ("method", "form"),
    [
        (Supervised(), {"type": "supervised"}),
        (
            Supervised(batch_size="auto"),
            {"type": "supervised", "supervised": {"hyperparameters": {"batch_size": "auto"}}},
        ),
        (DPO(beta=0), {"type": "dpo", "dpo": {"hyperparameters": {"beta": 0}}}),
    ],
)
def test_methods_have_the_form_of_a_request(method: Supervised | DPO, form: dict[str, Any]) -> None:
    assert method.to_dict() == form


@pytest.mark.anyio
async def test_times_of_files_are_found_under_every_name(way: Way, wire: Wire) -> None:
    times = [{"created_at": 1_740_000_000}, {"create_at": 1_740_000_000_000}, {"createdAt": 1_740_000_000_000}]
    files = way.client(wire.say(*({"id": "f", **time} for time in times))).files
    assert [(await way.get(files.retrieve("f"))).created_at for _ in times] == [TIME] * 3
