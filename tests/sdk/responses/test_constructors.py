"""Values that are made in the short way are those that their classes make."""

from __future__ import annotations

import copy
import pickle
import weakref
from typing import Any

import attrs
import pytest

from portkey_ft._api.constructors import constructor
from portkey_ft.types import Checkpoint, CheckpointMetrics, File, FineTuningEvent, FineTuningJob, ResponseInfo

MADE = [Checkpoint, CheckpointMetrics, File, FineTuningEvent, FineTuningJob]


@pytest.fixture(params=MADE, ids=lambda cls: cls.__name__)
def cls(request: pytest.FixtureRequest) -> type[Any]:
    """Give a class of values."""
    found: type[Any] = request.param
    return found


@pytest.fixture
def given(cls: type[Any]) -> dict[str, Any]:
    """Give each field of the class another value, so that one in the place of another would be seen."""
    opaque = {"extra": {"x": 1}, "raw": {"y": 2}, "response": ResponseInfo(200, {})}
    return {name: opaque.get(name, f"the {name}") for name in (field.name for field in attrs.fields(cls))}


def test_a_value_is_the_one_that_its_class_makes(cls: type[Any], given: dict[str, Any]) -> None:
    made, usual = constructor(cls)(**given), cls(**given)
    assert type(made) is cls
    assert all(getattr(made, name) is value for name, value in given.items())
    assert made == usual
    assert hash(made) == hash(usual)
    assert repr(made) == repr(usual)
    assert made.to_dict() == usual.to_dict()


def test_a_value_is_frozen_and_holds_nothing_else(cls: type[Any], given: dict[str, Any]) -> None:
    made = constructor(cls)(**given)
    for name in (*given, "another"):
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            setattr(made, name, 1)
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        del made.extra
    assert not hasattr(made, "__dict__")


def test_a_value_is_copied_pickled_and_pointed_at(cls: type[Any], given: dict[str, Any]) -> None:
    made = constructor(cls)(**given)
    for again in (copy.copy(made), copy.deepcopy(made), attrs.evolve(made), pickle.loads(pickle.dumps(made))):  # noqa: S301 - our own
        assert type(again) is cls
        assert again == made
    assert weakref.ref(made)() is made


def test_a_field_that_is_left_out_is_an_error(cls: type[Any], given: dict[str, Any]) -> None:
    for name in given:
        with pytest.raises(TypeError, match=name):
            constructor(cls)(**{other: value for other, value in given.items() if other != name})


MORE: dict[str, dict[str, Any]] = {
    "converter": {"attrs": {"one": attrs.field(converter=int)}},
    "validator": {"attrs": {"one": attrs.field(validator=attrs.validators.instance_of(int))}},
    "another name outside": {"attrs": {"_one": attrs.field()}},
    "no place in the constructor": {"attrs": {"one": attrs.field(init=False, default=1)}},
    "a step of its own": {"attrs": {"one": attrs.field()}, "class_body": {"__attrs_post_init__": lambda _: None}},
}


@pytest.mark.parametrize("more", MORE)
def test_a_class_that_does_more_than_to_keep_its_fields_is_refused(more: str) -> None:
    cls = attrs.make_class("Busy", **MORE[more], frozen=True)
    with pytest.raises(TypeError, match="Busy does more with its fields than to keep them"):
        constructor(cls)
