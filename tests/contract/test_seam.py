"""Whatever a regenerated model may do, the seam answers with an error of ours."""

from __future__ import annotations

from typing import Any, NoReturn

import pytest

from portkey_ft import ResponseError, ResponseInfo
from portkey_ft._api.operations import _page, _parsed
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

    with pytest.raises(ResponseError) as caught:
        _parsed(parse, {}, PLACE)
    assert (caught.value.operation, caught.value.pointer) == ("op", pointer)


def test_a_page_that_cannot_be_parsed_though_its_items_can_is_told_as_a_whole() -> None:
    def parse(_: object) -> NoReturn:
        raise KeyError

    def build(*_: object) -> Any:  # noqa: ANN401 - never called
        raise AssertionError

    response = Response(
        Request("op", "GET", "/", repeatable=True), "https://g/v1/", 200, headers={}, content=b'{"data":[{}]}'
    )
    with pytest.raises(ResponseError, match="its shape is not the expected one") as caught:
        _page(parse, dict, build, "op", response)
    assert caught.value.pointer == ""


def test_a_mistake_in_the_program_keeps_its_traceback() -> None:
    def parse(_: object) -> NoReturn:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError) as caught:
        _parsed(parse, {}, PLACE)
    assert caught.traceback[-1].name == "parse"
