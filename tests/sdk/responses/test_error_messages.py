"""What an error says: why, what came, and what to do next."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from portkey_ft import APIStatusError, NotSupportedError, ResponseError
from portkey_ft._api.error_responses import CHECK_BEFORE_RETRY, is_disguised_error, json_payload, response_info
from portkey_ft._http.messages import Request, Response
from tests.support.failures import failure


def test_an_error_is_decoded_as_it_says() -> None:
    for kind, content in (
        ("application/json; charset=latin-1", '{"message": "caf\xe9"}'.encode("latin-1")),
        ("text/plain; charset=utf-16", "caf\xe9".encode("utf-16")),
        ("", '{"message": "caf\xe9"}'.encode()),
    ):
        assert failure(content, 400, content_type=kind).message == "caf\xe9"


def test_a_message_is_kept_as_far_as_it_can_be_read() -> None:
    assert failure({"message": "x" * 500}, 400).message == "x" * 500
    assert failure({"message": "x" * 501}, 400).message == "x" * 500 + "\u2026 (501 characters)"


def test_a_success_that_cannot_be_read_says_why_and_what_it_is() -> None:
    def message(content: bytes, kind: str = "") -> str:
        return failure(content, 200, content_type=kind).message

    unlabelled = failure(b"<html>", 200)
    assert isinstance(unlabelled, ResponseError)
    assert (unlabelled.body, unlabelled.operation) == ("<html>", "files.retrieve")
    assert "not JSON (no content type)" in unlabelled.message
    begin = "the response of https://g/v1/x has status 200 and is"
    assert message(b"<html>", "text/html") == f"{begin} not JSON (text/html)."
    assert message(b"<html>") == f"{begin} not JSON (no content type)."
    assert message(b" ") == f"{begin} empty."
    assert (
        message(b"[" * 101 + b"]" * 101)
        == f"{begin} not JSON (no content type): it is nested more than 100 levels deep."
    )


def test_a_success_that_is_too_large_says_so_and_holds_nothing_of_it() -> None:
    request = Request("files.retrieve", "GET", "/x", repeatable=True, headers={"x-portkey-trace-id": "t"})
    with pytest.raises(ResponseError) as caught:
        json_payload(Response(request, "https://g/v1/x", 200, headers={}, content=b'{"id"', whole=False))
    assert "has status 200 and is larger than the client takes." in str(caught.value)
    assert (caught.value.body, caught.value.status_code, caught.value.trace_id) == (None, 200, "t")
    assert caught.value.hint == "max_response_bytes= of the client sets the limit."


def test_a_success_is_decoded_as_it_says() -> None:
    request = Request("files.retrieve", "GET", "/x", repeatable=True)
    headers = {"content-type": "application/json; charset=latin-1"}
    response = Response(request, "https://g/v1/x", 200, headers=headers, content='{"id": "\xe9"}'.encode("latin-1"))
    assert json_payload(response) == {"id": "\xe9"}
    assert response_info(response).status_code == 200


def test_when_to_come_back_is_counted_from_when_the_response_came() -> None:
    request = Request("files.retrieve", "GET", "/x", repeatable=True)
    arrived = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
    headers = {"retry-after": "Thu, 01 Jan 2026 12:00:07 GMT"}
    response = Response(request, "https://g/v1/x", 429, headers=headers, content=b"{}", arrived=arrived)
    with pytest.raises(APIStatusError) as caught:
        json_payload(response)
    assert caught.value.retry_after == 7.0


NO_ERRORS: list[Any] = [
    [],
    [{"error": "no"}],
    "failure",
    None,
    {},
    {"id": "ftjob-1", "error": {"message": "of the job"}, "status": "failure", "message": "no", "success": False},
    {"data": [], "error": "no", "success": False},
    {"error": None},
    {"error": {}},
    {"status": "failure"},
    {"status": "queued", "message": "no"},
    {"message": "no"},
    {"success": True},
    {"success": None},
    {"success": 0},
    {"html-message": "no", "object": "list"},
]


@pytest.mark.parametrize("body", NO_ERRORS, ids=str)
def test_what_names_a_thing_or_reports_no_failure_is_no_error(body: object) -> None:
    assert not is_disguised_error(body)


@pytest.mark.parametrize(
    ("status", "message", "hint"),
    [
        (400, "Either x-portkey-config or x-portkey-provider header is required", "knows no virtual keys"),
        (400, "Invalid config passed. You need to pass a valid json", "knows no config ids"),
        (400, "Invalid provider passed", "check provider="),
        (400, "Invalid custom host", "public hosts"),
        (401, "no", "check api_key"),
        (412, "no", "budget"),
        (307, "no", "'https://elsewhere' leads"),
        (404, "no", "/v1"),
    ],
)
def test_hints_say_what_to_do(status: int, message: str, hint: str) -> None:
    error = failure({"message": message}, status, url="https://g/files", location="https://elsewhere")
    assert error.hint is not None
    assert hint in error.hint
    assert f"Hint: {error.hint}" in str(error)


@pytest.mark.parametrize("status", [400, 404, 409, 429])
def test_what_speaks_for_itself_gets_no_hint(status: int) -> None:
    assert failure({"message": "no"}, status).hint is None
    assert failure({"message": "no"}, status, repeatable=False).hint is None


@pytest.mark.parametrize("status", [200, 299, 408, 500, 503])
def test_a_failure_that_may_have_taken_effect_says_so(status: int) -> None:
    assert failure({"error": "no"}, status, repeatable=False).hint == CHECK_BEFORE_RETRY
    assert failure({"error": "no"}, status).hint is None


@pytest.mark.parametrize("status", [300, 307, 399])
def test_a_redirect_says_where_it_leads(status: int) -> None:
    hint = "redirects are not followed, because credentials would be; set base_url to where {} leads."
    assert failure({}, status, location="https://elsewhere").hint == hint.format("'https://elsewhere'")
    assert failure({}, status).hint == hint.format("''")


def test_a_page_that_is_not_found_under_the_api_is_not_the_urls_fault() -> None:
    assert failure({}, 404, url="https://g/v1/files").hint is None
    assert failure({}, 404, url="https://g/files").hint == "base_url usually ends in /v1."
    assert failure({}, 403, url="https://g/files").hint is None


def test_an_unsupported_operation_has_an_error_of_its_own() -> None:
    for end in ("", "."):
        message = f"createFinetune is not supported by ProviderX{end}"
        error = failure({"status": "failure", "message": message}, 500, x_portkey_trace_id="t")
        assert isinstance(error, NotSupportedError)
        assert str(error) == "createFinetune is not supported by ProviderX. [operation files.retrieve, trace id t]"
