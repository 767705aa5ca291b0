"""Errors: every shape that the gateway answers with, what is told of it, and what can be done with the exception."""

from __future__ import annotations

import copy
import gzip
import pickle
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import portkey_ft.errors as tree
from portkey_ft import (
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    ConfigurationError,
    FineTuningJob,
    GuardrailError,
    InternalServerError,
    JobFailedError,
    NotFoundError,
    NotSupportedError,
    PaginationError,
    Portkey,
    PortkeyError,
    ResponseError,
    WaitTimeoutError,
)
from tests.support.failures import failure

if TYPE_CHECKING:
    from tests.support.ways import Way, Wire

pytestmark = pytest.mark.anyio


STATUSES = {
    400: "BadRequestError",
    401: "AuthenticationError",
    403: "PermissionDeniedError",
    404: "NotFoundError",
    408: "APIStatusError",
    409: "ConflictError",
    412: "APIStatusError",
    418: "APIStatusError",
    422: "UnprocessableEntityError",
    429: "RateLimitError",
    446: "GuardrailError",
    499: "APIStatusError",
    500: "InternalServerError",
    503: "InternalServerError",
    599: "InternalServerError",
    302: "APIStatusError",
}


@pytest.mark.parametrize("status", STATUSES)
async def test_each_status_has_its_class(status: int, way: Way, wire: Wire) -> None:
    client = way.client(wire.say((status, {"message": "why", "code": 7}, {"x-portkey-trace-id": "t"})), max_retries=0)
    with pytest.raises(APIStatusError) as caught:
        await way.get(client.files.retrieve("f"))
    error = caught.value
    assert type(error).__name__ == STATUSES[status]
    assert (error.status_code, error.message, error.code, error.trace_id) == (status, "why", "7", "t")
    assert str(error).startswith(f"{status} 7: why")
    assert str(error).endswith("[operation files.retrieve, trace id t]")
    assert error.request == "GET https://gateway.test/v1/files/f"
    assert error.headers["x-portkey-trace-id"] == "t"
    assert error.body == {"message": "why", "code": 7}


OPENAI = {"message": "openai error: no", "type": "invalid_request_error", "param": "model", "code": "bad_model"}
SHAPES: dict[str, tuple[Any, int, dict[str, Any]]] = {
    "gateway": ({"status": "failure", "message": "no"}, 400, {"message": "no"}),
    "gateway with problems": (
        {"status": "failure", "message": "Invalid config passed", "errors": ["path: a", "path: b"]},
        400,
        {"message": "Invalid config passed: path: a; path: b"},
    ),
    "problems alone": ({"errors": ["a"]}, 400, {"message": "refused: a"}),
    "no route": ({"message": "Not Found", "ok": False}, 404, {"message": "Not Found"}),
    "provider through the gateway": (
        {"error": OPENAI, "provider": "openai"},
        400,
        {
            "message": "openai error: no",
            "type": "invalid_request_error",
            "param": "model",
            "code": "bad_model",
            "provider": "openai",
        },
    ),
    "provider's own": (
        {"error": {"message": "no", "code": None}},
        400,
        {"message": "no", "code": None, "provider": None},
    ),
    "azure": ({"error": OPENAI, "provider": {}}, 400, {"provider": None}),
    "code alone": ({"error": {"code": 3}}, 400, {"message": "3", "code": "3"}),
    "code beside nothing": ({"error": {"code": 3, "message": "", "type": [1]}}, 400, {"message": "3", "type": None}),
    "error as text": (
        {"success": False, "error": "please provide a bucket", "provider": "vertex-ai"},
        400,
        {"message": "please provide a bucket", "provider": "vertex-ai"},
    ),
    "flat": (
        {"type": "provider_error", "code": 404, "param": None, "message": "bedrock error: x", "provider": "bedrock"},
        500,
        {"message": "bedrock error: x", "code": "404", "type": "provider_error", "provider": "bedrock"},
    ),
    "hosted 403": (
        {"success": False, "data": {"message": "no", "errorCode": "AB03"}, "provider": "openai"},
        403,
        {"message": "no", "code": "AB03", "provider": "openai"},
    ),
    "flat, with an empty code": ({"message": "no", "code": ""}, 400, {"message": "no", "code": None}),
    "flat, with a parameter": ({"message": "no", "param": "model"}, 400, {"message": "no", "param": "model"}),
    "detail as list": ({"detail": [{"loc": ["a"]}]}, 422, {"message": '[{"loc": ["a"]}]'}),
    "detail as object": ({"detail": {"a": 1}}, 422, {"message": '{"a": 1}'}),
    "detail as text": ({"detail": "no"}, 422, {"message": "no"}),
    "wrapped page": ({"html-message": "<html>oops"}, 502, {"message": "<html>oops"}),
    "wrapped nothing": ({"html-message": ""}, 502, {"message": "bad gateway"}),
    "page": (b"<html>oops", 502, {"message": "<html>oops", "body": "<html>oops"}),
    "empty": (b"", 502, {"message": "bad gateway", "body": ""}),
    "empty object": ({}, 404, {"message": "not found"}),
    "Google's list of one": (
        [{"error": {"code": 404, "message": "no model", "status": "NOT_FOUND"}}],
        404,
        {"message": "no model", "code": "404"},
    ),
    "a list": ([1], 400, {"message": "bad request", "body": [1]}),
    "no text": (b"\xff\xfe", 500, {"message": "\ufffd\ufffd"}),
    "unknown status": ({}, 477, {"message": "the response says nothing more"}),
    "error is an empty object": ({"error": {}}, 400, {"message": "bad request"}),
    "too deep": (b"[" * 100_000, 500, {}),
    "long page": (b"x" * 5000, 500, {"message": "x" * 500 + "\u2026 (5000 characters)"}),
    "guardrail": (
        {"error": {"message": "checks failed", "type": "hooks_failed"}, "hook_results": {}},
        446,
        {"type": "hooks_failed"},
    ),
}


@pytest.mark.parametrize("name", SHAPES)
def test_every_shape_is_read(name: str) -> None:
    body, status, told = SHAPES[name]
    error = failure(body, status)
    assert isinstance(error, APIStatusError)
    assert error.status_code == status
    assert {key: getattr(error, key) for key in told} == told
    assert str(error)


IN_SUCCESS = [
    {"error": {"message": "openai error: undefined", "type": None}, "provider": "openai"},
    {"status": "failure", "message": "Something went wrong"},
    {"success": False, "error": "no"},
    {"success": False, "message": "no"},
    {"html-message": "fetch failed"},
]


@pytest.mark.parametrize("body", IN_SUCCESS)
async def test_an_error_in_a_success_is_an_error(body: dict[str, Any], way: Way, wire: Wire) -> None:
    client = way.client(wire.say((201, body)))
    with pytest.raises(APIStatusError, match=r"^201: .*may have taken effect") as caught:
        await way.get(client.fine_tuning.jobs.create(model="m", training_file="f"))
    assert caught.value.status_code == 201


@pytest.mark.parametrize("content", [b"", b" ", b"<html>", b"{", b"[" * 100_000])
async def test_a_success_that_is_no_json_says_what_to_look_at(content: bytes, way: Way, wire: Wire) -> None:
    client = way.client(wire.say((200, content, {"content-type": "text/html"})))
    with pytest.raises(ResponseError, match=r"/v1 at its end\? it may have taken effect") as caught:
        await way.get(client.fine_tuning.jobs.create(model="m", training_file="f"))
    assert (caught.value.status_code, caught.value.pointer) == (200, "")
    with pytest.raises(ResponseError) as caught:
        await way.get(client.files.retrieve("f"))
    assert "taken effect" not in str(caught.value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["error", "message", "data", "errors", "detail", "code", "provider", "x"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)


@given(JSON, st.sampled_from([301, 400, 404, 422, 446, 500]))
@settings(max_examples=150)
def test_any_json_makes_an_error_that_can_be_shown_and_stored(body: object, status: int) -> None:
    error = failure(body, status)
    assert str(pickle.loads(pickle.dumps(error))) == str(error)  # noqa: S301 - our own pickle


ERRORS: list[PortkeyError] = [
    PortkeyError("m", hint="h", operation="o", trace_id="t"),
    ConfigurationError("m"),
    APIConnectionError("m", outcome_unknown=False),
    APITimeoutError("m"),
    *(
        tree.status_error_class(status)(
            "m",
            status_code=status,
            code="c",
            type="t",
            param="p",
            provider="x",
            body={"a": [1]},
            headers={"A": "b"},
            request="GET u",
            retry_after=1.5,
        )
        for status in STATUSES
    ),
    ResponseError("m", pointer="/a", status_code=200),
    PaginationError("m", cursor="c"),
    NotSupportedError("m"),
    JobFailedError("m", job=FineTuningJob(id="j", status="failed")),
    WaitTimeoutError("m"),
]


@pytest.mark.parametrize("error", ERRORS, ids=range(len(ERRORS)))
def test_errors_pickle_and_copy_whole(error: PortkeyError) -> None:
    for twin in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):  # noqa: S301 - our own pickle
        assert type(twin) is type(error)
        assert (str(twin), vars(twin)) == (str(error), vars(error))
        assert twin.args == error.args == ("m",)


@pytest.mark.parametrize(
    ("error", "base"),
    [
        (ConfigurationError, ValueError),
        (APIConnectionError, ConnectionError),
        (APITimeoutError, TimeoutError),
        (APITimeoutError, APIConnectionError),
        (WaitTimeoutError, TimeoutError),
        (GuardrailError, APIStatusError),
        (InternalServerError, APIStatusError),
    ],
)
def test_errors_have_honest_bases(error: type[Exception], base: type[Exception]) -> None:
    assert issubclass(error, base)


def test_every_error_is_in_the_tree_of_the_docstring() -> None:
    classes = {name for name in tree.__all__ if name != "status_error_class"}
    assert tree.__doc__ is not None
    assert all(f" {name}" in tree.__doc__ or f"{name}\n" in tree.__doc__ for name in classes)
    assert all(issubclass(getattr(tree, name), PortkeyError) for name in classes - {"PortkeyWarning"})


async def test_redirects_are_not_followed_and_carry_no_credential_elsewhere(way: Way, wire: Wire) -> None:
    client = way.client(wire.say((302, b"", {"location": "https://elsewhere.test/v1/files/f"}), {"id": "f"}))
    with pytest.raises(APIStatusError, match=r"set base_url to where 'https://elsewhere\.test"):
        await way.get(client.files.retrieve("f"))
    assert [request.url.host for request in wire.requests] == ["gateway.test"]


@pytest.mark.parametrize(
    "location", ["/" * 3000, "http://[", "javascript:x", "\xff", "https://a:99999/", "//", "http://\u200b/", "\x00"]
)
async def test_a_redirect_that_leads_nowhere_is_still_that_status(location: str, way: Way, wire: Wire) -> None:
    def redirect(_: httpx.Request) -> httpx.Response:
        return httpx.Response(307, headers=[(b"Location", location.encode())], content=b"")

    client = way.client(wire.say(redirect))
    for call in (
        lambda: client.files.retrieve("f"),
        lambda: client.fine_tuning.jobs.create(model="m", training_file="f"),
    ):
        wire.requests.clear()
        with pytest.raises(APIStatusError, match="redirects are not followed") as caught:
            await way.get(call())
        assert (caught.value.status_code, len(wire.requests)) == (307, 1)
        assert caught.value.headers["location"] == location


def test_an_http_client_of_yours_keeps_its_hooks_and_its_redirects(wire: Wire) -> None:
    seen: list[str | None] = []
    http_client = httpx.Client(
        transport=wire.say((302, b"", {"location": "https://elsewhere.test/"})).transport(),
        event_hooks={"response": [lambda response: seen.append(response.headers.get("location"))]},
    )
    for _ in range(2):
        client = Portkey(api_key="pk", virtual_key="vk", http_client=http_client)
        with pytest.raises(APIStatusError):
            client.files.retrieve("f")
    assert seen == ["https://elsewhere.test/"] * 2
    assert len(http_client.event_hooks["response"]) == 2
    response = http_client.get("https://gateway.test/")
    assert response.next_request is not None


async def test_what_a_transport_has_decoded_is_not_decoded_again(way: Way, wire: Wire) -> None:
    client = way.client(wire.say((200, gzip.compress(b'{"id": "f"}'), {"content-encoding": "gzip"})))
    assert (await way.get(client.files.retrieve("f"))).id == "f"


async def test_headers_are_text_and_those_that_come_twice_are_joined(way: Way, wire: Wire) -> None:
    raw = [(b"X-Note", "é".encode()), (b"X-Note", b"\xe9"), (b"Location", b"/elsewhere"), (b"location", b"/again")]
    client = way.client(wire.say(lambda _: httpx.Response(404, headers=raw, json={})))
    with pytest.raises(NotFoundError) as caught:
        await way.get(client.files.retrieve("f"))
    assert caught.value.headers["x-note"] == "é, é"
    assert caught.value.headers["location"] == "/elsewhere, /again"


@pytest.mark.parametrize("hooks_removed", [False, True])
async def test_an_http_client_that_follows_redirects_does_not_do_so_for_us(
    way: Way, wire: Wire, *, hooks_removed: bool
) -> None:
    client = way.client(wire.say((302, b"", {"location": "https://elsewhere.test/"}), {"id": "f"}))
    client._transport.client.follow_redirects = True
    if hooks_removed:
        client._transport.client.event_hooks = {}
    with pytest.raises(APIStatusError):
        await way.get(client.files.retrieve("f"))
    assert len(wire.requests) == 1


@pytest.mark.parametrize("status", [400, 404, 405, 500, 501])
async def test_an_operation_that_the_gateway_lacks_for_a_provider_is_told(status: int, way: Way, wire: Wire) -> None:
    client = way.client(
        wire.say((status, {"message": "what?"}, {"x-portkey-provider": "bedrock", "x-portkey-trace-id": "t"})),
        max_retries=0,
    )
    with pytest.raises(
        NotSupportedError, match=rf"no files.list for bedrock\. .* it answered {status}: what\?"
    ) as caught:
        await way.items(client.files.list())
    assert (caught.value.operation, caught.value.trace_id) == ("files.list", "t")


async def test_a_key_that_is_wrong_is_no_lack_of_the_gateway(way: Way, wire: Wire) -> None:
    client = way.client(wire.say((401, {}, {"x-portkey-provider": "bedrock"})))
    with pytest.raises(APIStatusError):
        await way.items(client.files.list())


async def test_whoever_asks_for_a_model_of_a_list_or_to_delete_a_file_is_bedrock(way: Way, wire: Wire) -> None:
    client = way.client(wire.say((500, {"status": "failure", "message": "Model is required"})), max_retries=0)
    with pytest.raises(NotSupportedError, match=r"files\.list for bedrock"):
        await way.items(client.files.list())
    with pytest.raises(NotSupportedError, match=r"files\.delete for bedrock"):
        await way.get(client.files.delete("f"))


async def test_a_download_that_is_something_else_is_told(way: Way, wire: Wire) -> None:
    client = way.client(wire.say((200, b"welcome", {"x-portkey-provider": "fireworks-ai"})))
    with pytest.raises(NotSupportedError, match=r"no files\.content for fireworks-ai"):
        await way.get(client.files.content("f"))
