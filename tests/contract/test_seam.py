"""Whatever a regenerated model may do, the seam gives a value or an error of ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

import pytest

from portkey_ft import ResponseError, ResponseInfo
from portkey_ft._api.readers import parse_model, read_page
from portkey_ft._api.values import FieldLocation
from portkey_ft._http.messages import Request, Response

PLACE = FieldLocation("op", ResponseInfo(200, {}), ("data",))


@pytest.mark.parametrize(
    ("error", "pointer"),
    [
        (KeyError("id"), "/data/id"),
        (TypeError("no"), "/data"),
        (ValueError("no"), "/data"),
        (AttributeError("no"), "/data"),
    ],
)
def test_what_a_model_raises_becomes_a_response_error(error: Exception, pointer: str) -> None:
    def parse(_: object) -> NoReturn:
        raise error

    for data in ({}, {"id": "j", "status": "queued"}):
        with pytest.raises(ResponseError) as caught:
            parse_model(parse, data, PLACE)
        assert (caught.value.operation, caught.value.pointer) == ("op", pointer)


def test_a_field_that_a_model_refuses_is_left_out_and_noted() -> None:
    def parse(data: Mapping[str, Any]) -> Mapping[str, Any]:
        if not isinstance(data["id"], str) or data.get("metrics", "missing") is None:
            raise TypeError
        return data

    location = FieldLocation("op", ResponseInfo(200, {}))
    assert parse_model(parse, {"status": "queued", "metrics": None, "id": "j"}, location) == {
        "id": "j",
        "status": "queued",
    }
    assert [(field.pointer, field.problem) for field in location.unreadable] == [
        ("/metrics", "expected something else, got null")
    ]


def test_a_page_that_cannot_be_parsed_though_its_items_can_is_told_as_a_whole() -> None:
    def parse(_: object) -> NoReturn:
        raise TypeError

    def build(*_: object) -> Any:  # noqa: ANN401 - never called
        raise AssertionError

    response = Response(
        Request("op", "GET", "/", repeatable=True), "https://g/v1/", 200, headers={}, content=b'{"data":[{}]}'
    )
    with pytest.raises(ResponseError, match="its shape is not the expected one") as caught:
        read_page(parse, dict, build, "op", response)
    assert caught.value.pointer == ""


def test_a_mistake_in_the_program_keeps_its_traceback() -> None:
    def parse(_: object) -> NoReturn:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError) as caught:
        parse_model(parse, {}, PLACE)
    assert caught.traceback[-1].name == "parse"
