"""Every row of a training file reaches its provider, or the upload is refused before it is sent.

The fake gateway makes of rows what the real one does; `tests/e2e` holds the same against the real one.
"""

from __future__ import annotations

import json
import threading
import warnings
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from portkey_ft import ConfigurationError, NotSupportedError, PortkeyWarning, ResponseError
from portkey_ft.datasets import DatasetError, check_lines
from portkey_ft.testing import FakeGateway

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.ways import Way, Wire

pytestmark = pytest.mark.anyio

SYSTEM = {"role": "system", "content": "Be brief."}
USER = {"role": "user", "content": "Größe? 漢字 😀"}
ANSWER = {"role": "assistant", "content": "Élan."}
CHAT = {"messages": [SYSTEM, USER, ANSWER]}
TOOL = {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}
CALL = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
RESULT = {"role": "tool", "tool_call_id": "c", "content": "1"}

#: What a client needs for an upload to each provider.
NEEDS: dict[str, dict[str, str]] = {
    "openai": {},
    "azure-openai": {"azure_resource_name": "r", "azure_api_version": "2024-10-21"},
    "bedrock": {"aws_region": "us-east-1", "aws_s3_bucket": "b", "aws_bedrock_model": "anthropic.claude-3-haiku"},
    "vertex-ai": {
        "vertex_project_id": "p",
        "vertex_region": "us-central1",
        "vertex_storage_bucket_name": "b",
        "provider_model": "gemini-2.0-flash-001",
    },
    "fireworks-ai": {"fireworks_account_id": "a"},
}
REWRITING = ("bedrock", "vertex-ai", "fireworks-ai")

#: Rows of which the gateway would lose something that is learned, with the rule that tells, for each provider.
LOST: list[tuple[str, dict[str, Any], str]] = [
    *((provider, {"prompt": "a", "completion": "b"}, "row-lost") for provider in ("bedrock", "vertex-ai")),
    *(
        (provider, {"input": {"messages": [USER]}, "preferred_output": [ANSWER], "non_preferred_output": [USER]}, code)
        for provider, code in (("bedrock", "row-lost"), ("vertex-ai", "row-lost"))
    ),
    *((provider, {"contents": [{"role": "user", "parts": [{"text": "a"}]}]}, "row-lost") for provider in REWRITING[:2]),
    *((provider, {"messages": [SYSTEM, USER], "reference_answer": "2"}, "row-lost") for provider in REWRITING[:2]),
    ("bedrock", {"messages": [USER, ANSWER]}, "system-required"),
    ("bedrock", {"messages": [SYSTEM, SYSTEM, USER, ANSWER]}, "row-lost"),
    ("bedrock", {"messages": [SYSTEM, USER, {"role": "assistant", "tool_calls": [CALL]}, RESULT, ANSWER]}, "row-lost"),
    ("bedrock", {"messages": [SYSTEM, USER, {**ANSWER, "weight": 0}]}, "value-lost"),
    ("bedrock", {"messages": [SYSTEM, {**USER, "content": [{"type": "text", "text": "a"}]}, ANSWER]}, "row-lost"),
    ("bedrock", {**CHAT, "tools": [TOOL]}, "value-lost"),
    ("vertex-ai", {"messages": [SYSTEM, SYSTEM, USER, ANSWER]}, "system-not-first"),
    (
        "vertex-ai",
        {
            "messages": [
                USER,
                {"role": "assistant", "content": "a", "tool_calls": [CALL]},
                {**RESULT, "name": "f"},
                ANSWER,
            ]
        },
        "value-lost",
    ),
    (
        "vertex-ai",
        {"messages": [USER, {"role": "assistant", "tool_calls": [CALL]}, RESULT, ANSWER]},
        "tool-without-name",
    ),
    (
        "vertex-ai",
        {
            "messages": [
                {**SYSTEM, "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]},
                USER,
                ANSWER,
            ]
        },
        "value-lost",
    ),
    ("vertex-ai", {"messages": [USER, {**ANSWER, "weight": 0}]}, "value-lost"),
]


def line(row: dict[str, Any]) -> bytes:
    return json.dumps(row, ensure_ascii=False).encode() + b"\n"


def client_of(way: Way, source: FakeGateway | Wire, provider: str, **headers: str) -> Any:  # noqa: ANN401 - either client
    return way.client(source, provider=provider, provider_headers={**NEEDS[provider], **headers} or None)


def stored_rows(gateway: FakeGateway) -> list[Any]:
    (file,) = gateway.files
    return [json.loads(row) for row in file.content.splitlines()]


@pytest.mark.parametrize(("provider", "row", "code"), LOST)
async def test_a_row_that_would_be_lost_is_refused_before_anything_is_sent(
    provider: str, row: dict[str, Any], code: str, way: Way, gateway: FakeGateway
) -> None:
    content = line(CHAT) + line(row)
    with pytest.raises(DatasetError, match="check=False") as caught:
        await way.get(client_of(way, gateway, provider).files.create(content))
    found = {(problem.line, problem.code) for problem in caught.value.report.problems if problem.severity == "error"}
    assert (2, code) in found
    assert {number for number, _ in found} == {2}
    assert caught.value.operation == "files.create"
    assert gateway.requests == ()


@pytest.mark.parametrize(("provider", "row", "code"), LOST)
def test_the_check_of_a_file_refuses_the_same_rows(provider: str, row: dict[str, Any], code: str) -> None:
    report = check_lines([line(row)], provider=provider)
    assert not report.can_upload
    assert report.count(code) or report.count("last-not-assistant")


@pytest.mark.parametrize(("provider", "row", "code"), LOST)
async def test_what_is_not_to_be_checked_is_sent_as_it_is(
    provider: str, row: dict[str, Any], code: str, way: Way, wire: Wire
) -> None:
    del code
    content = line(CHAT) + line(row)
    await way.get(client_of(way, wire.say({"id": "f"}), provider).files.create(content, check=False))
    assert content in wire.last.content


@pytest.mark.parametrize("provider", REWRITING)
async def test_what_changes_no_row_is_left_out_and_every_row_arrives(
    provider: str, way: Way, gateway: FakeGateway
) -> None:
    """A byte order mark, blank lines, white space, a missing line end, and characters that a read would cut."""
    many = line(CHAT) * 900
    content = b"\xef\xbb\xbf" + line(CHAT) + b"\n \r\n  " + line(CHAT)[:-1] + b" \r\n" + many[:-1]
    file = await way.get(client_of(way, gateway, provider).files.create(content))
    rows = stored_rows(gateway)
    assert len(rows) == 902
    assert file.id
    assert all("Größe? 漢字 😀" in json.dumps(row, ensure_ascii=False) for row in rows)


async def test_what_nobody_has_looked_at_may_be_stored_in_any_size_but_none(way: Way, wire: Wire) -> None:
    client = client_of(way, wire.say((200, {"id": "f", "bytes": 5}, {"x-portkey-provider": "bedrock"})), "bedrock")
    await way.get(client.files.create(line(CHAT), check=False))
    wire.say((200, {"id": "file-empty", "bytes": 0}, {"x-portkey-provider": "bedrock"}))
    with pytest.raises(ResponseError, match=r"an empty file.*file-empty"):
        await way.get(client.files.create(line(CHAT), check=False))


@pytest.mark.parametrize("provider", ["openai", "azure-openai"])
async def test_where_bytes_are_passed_on_they_are_untouched(provider: str, way: Way, gateway: FakeGateway) -> None:
    content = b"\xef\xbb\xbf" + line(CHAT) + b"\n" + line({"messages": [USER]}) + b"no json"
    file = await way.get(client_of(way, gateway, provider).files.create(content))
    assert [stored.content for stored in gateway.files] == [content]
    assert file.bytes == len(content)


async def test_the_size_that_fireworks_is_told_is_computed(way: Way, wire: Wire) -> None:
    """It is that of the rows as they are sent, and goes out in a header or in the config, wherever it is read."""
    content = b"\xef\xbb\xbf" + line(CHAT) + b"\n" + line(CHAT)
    sent = (json.dumps(CHAT) + "\n").encode() * 2
    await way.get(client_of(way, wire.say({"id": "f"}), "fireworks-ai").files.create(content))
    assert sent in wire.last.content
    assert wire.last.headers["x-portkey-file-upload-size"] == str(len(sent) - 1)
    config = {"provider": "fireworks-ai", "api_key": "sk-0123456789", "fireworks_account_id": "a"}
    await way.get(way.client(wire, config=config).files.create(content))
    assert json.loads(wire.last.headers["x-portkey-config"]) == {**config, "fireworks_file_length": len(sent) - 1}
    await way.get(client_of(way, wire, "fireworks-ai").files.create(content, check=False))
    rows = [row for row in content.removeprefix(b"\xef\xbb\xbf").splitlines() if row]
    assert wire.last.headers["x-portkey-file-upload-size"] == str(sum(len(row) + 1 for row in rows) - 1)


async def test_a_file_that_fireworks_gets_only_once_is_refused(way: Way, wire: Wire) -> None:
    client = client_of(way, wire.say({"id": "f"}), "fireworks-ai")
    with pytest.raises(ConfigurationError, match="size of a file before its rows"):
        await way.get(client.files.create(iter([line(CHAT)])))
    assert wire.requests == []


def _halves(content: bytes) -> Iterator[bytes]:
    for start in range(0, len(content), 7):
        yield content[start : start + 7]


@pytest.mark.parametrize("provider", REWRITING[:2])
async def test_what_comes_once_is_held_against_the_rules_row_by_row(
    provider: str, way: Way, gateway: FakeGateway
) -> None:
    client = client_of(way, gateway, provider)
    await way.get(client.files.create(_halves(line(CHAT) * 3 + b"\n")))
    assert len(stored_rows(gateway)) == 3
    with pytest.raises(DatasetError, match="line 3") as caught:
        await way.get(client.files.create(_halves(line(CHAT) * 2 + line({"prompt": "a", "completion": "b"}) * 9)))
    assert caught.value.report.examples == 3
    assert len(gateway.files) == 1


async def test_bedrock_takes_two_texts_where_the_header_says_so(way: Way, gateway: FakeGateway) -> None:
    pair = {"prompt": "a", "completion": "é"}
    client = client_of(way, gateway, "bedrock", model_type="text")
    file = await way.get(client.files.create(line(pair) * 2))
    assert stored_rows(gateway) == [pair, pair]
    assert file.bytes == 2 * len('{"prompt":"a","completion":"é"}\r\n')
    with pytest.raises(DatasetError, match="row-lost"):
        await way.get(client.files.create(line(CHAT)))
    assert check_lines([line(pair)], provider="bedrock", provider_headers={"model_type": "text"}).can_upload


@pytest.mark.parametrize("given", [{}, {"check": True}, {"check": {"minimum_examples": 1}}])
@pytest.mark.parametrize("streamed", [False, True])
async def test_a_label_that_would_be_lost_is_warned_of_at_the_line_of_the_caller(
    given: dict[str, Any], way: Way, gateway: FakeGateway, *, streamed: bool
) -> None:
    """Also with ``check=True``, whose report nobody sees, and for a file that is read only while it is sent."""
    row = line({"messages": [SYSTEM, {**USER, "name": "Ann"}, ANSWER], "id": 7})
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        created = client_of(way, gateway, "bedrock").files.create(iter([row]) if streamed else row, **given)
        if way.is_async:
            await created
    (warning,) = caught
    assert warning.category is PortkeyWarning
    assert "'id'" in str(warning.message)
    assert "'name'" in str(warning.message)
    assert warning.filename == __file__


async def test_how_closely_an_image_is_looked_at_is_lost_with_a_warning(way: Way, gateway: FakeGateway) -> None:
    image = {"type": "image_url", "image_url": {"url": "https://example.com/a.png", "detail": "low"}}
    row = {"messages": [{"role": "user", "content": [image]}, ANSWER]}
    with pytest.warns(PortkeyWarning, match="'detail'"):
        await way.get(client_of(way, gateway, "vertex-ai").files.create(line(row)))


async def test_a_file_that_is_not_checked_is_stored_as_the_gateway_rewrites_it(way: Way, gateway: FakeGateway) -> None:
    """Its size is then not what was sent, and nothing can be said about it."""
    file = await way.get(client_of(way, gateway, "bedrock").files.create(line(CHAT) * 3, check=False))
    assert file.bytes != len(line(CHAT)) * 3
    assert len(stored_rows(gateway)) == 3


async def test_a_file_that_bedrock_would_get_in_parts_is_refused(way: Way, wire: Wire) -> None:
    content = line(CHAT) * 9_000
    with pytest.raises(DatasetError, match="pass its address as training_file"):
        await way.get(client_of(way, wire.say({"id": "f"}), "bedrock").files.create(content))
    assert wire.requests == []


async def test_a_name_that_bedrock_would_not_take_is_refused(way: Way, wire: Wire) -> None:
    client = client_of(way, wire.say({"id": "f"}), "bedrock")
    with pytest.raises(DatasetError, match="file-name"):
        await way.get(client.files.create(("train.json", line(CHAT))))
    await way.get(client.files.create(("train.json", line(CHAT)), filename="train.jsonl"))
    assert len(wire.requests) == 1


MISSING = [
    ("bedrock", "aws_s3_bucket", "aws_s3_bucket", "S3 bucket"),
    ("bedrock", "aws_bedrock_model", "aws_bedrock_model", "the model"),
    ("vertex-ai", "vertex_storage_bucket_name", "vertex_storage_bucket_name", "Cloud Storage bucket"),
    ("vertex-ai", "provider_model", "vertex_model_name", "the model"),
]


@pytest.mark.parametrize("missing", MISSING)
async def test_a_setting_that_an_upload_lacks_is_named_before_anything_is_sent(
    missing: tuple[str, str, str, str], way: Way, wire: Wire
) -> None:
    provider, header, key, words = missing
    needs = {name: value for name, value in NEEDS[provider].items() if name != header}
    client = way.client(wire.say({"id": "f"}), provider=provider, provider_headers=needs)
    with pytest.raises(ConfigurationError, match=words) as caught:
        await way.get(client.files.create(line(CHAT)))
    assert f'"{header}"' in str(caught.value)
    # Beside a config that names the provider, the header does not count.
    config = {"provider": provider, "api_key": "sk-0123456789", **needs}
    config |= {"vertex_model_name": "gemini"} if "provider_model" in needs else {}
    with pytest.raises(ConfigurationError, match="to the config") as caught:
        await way.get(way.client(wire, config=config).files.create(line(CHAT)))
    assert f'"{key}"' in str(caught.value)
    assert wire.requests == []
    await way.get(way.client(wire, config={**config, key: "x"}).files.create(line(CHAT)))


@pytest.mark.parametrize("forwarded", [None, "x-own", "Content-Type"])
async def test_an_upload_with_a_token_of_azure_keeps_the_forms_boundary(
    forwarded: str | None, way: Way, wire: Wire
) -> None:
    headers = {"azure_ad_token": "token-0123456789"} | ({"forward_headers": forwarded} if forwarded else {})
    await way.get(client_of(way, wire.say({"id": "f"}), "azure-openai", **headers).files.create(line(CHAT)))
    names = wire.last.headers["x-portkey-forward-headers"].lower().split(",")
    assert names == {None: ["content-type"], "x-own": ["x-own", "content-type"]}.get(forwarded, ["content-type"])
    await way.get(client_of(way, wire, "azure-openai").files.create(line(CHAT)))
    assert "x-portkey-forward-headers" not in wire.last.headers


@pytest.mark.parametrize("provider", ["openai", "azure-openai", "bedrock"])
async def test_a_stored_size_that_is_not_the_expected_one_is_an_error_with_the_files_id(
    provider: str, way: Way, wire: Wire
) -> None:
    answer = (200, {"id": "file-odd", "bytes": 5}, {"x-portkey-provider": provider})
    with pytest.raises(ResponseError, match="file-odd with 5 bytes") as caught:
        await way.get(client_of(way, wire.say(answer), provider).files.create(line(CHAT)))
    assert caught.value.id == "file-odd"
    with pytest.raises(ResponseError, match="rows were lost"):
        await way.get(client_of(way, wire, provider).files.create(_halves(line(CHAT))))


@pytest.mark.parametrize("provider", REWRITING)
async def test_a_provider_that_only_the_response_names_is_looked_back_for(provider: str, way: Way, wire: Wire) -> None:
    """A virtual key says nothing of the provider; rows that were lost are told with the id of what was stored."""
    answer = (200, {"id": "file-1"}, {"x-portkey-provider": provider})
    client = way.client(wire.say(answer))
    bad = line(CHAT) + b"no json\n"
    with pytest.raises(ResponseError, match=r"file-1.*line 2") as caught:
        await way.get(client.files.create(bad))
    assert caught.value.id == "file-1"
    # Now the provider is known, and the same is refused before it is sent.
    with pytest.raises((DatasetError, ConfigurationError)):
        await way.get(client.files.create(bad))
    assert len(wire.requests) == 1


@pytest.mark.parametrize("provider", REWRITING)
async def test_what_was_read_once_before_the_provider_was_known_is_warned_of(
    provider: str, way: Way, wire: Wire
) -> None:
    client = way.client(wire.say((200, {"id": "file-1"}, {"x-portkey-provider": provider})))
    with pytest.warns(PortkeyWarning, match=r"file-1 at .* could be read only once"):
        await way.get(client.files.create(_halves(line(CHAT))))


@pytest.mark.parametrize("provider", [*REWRITING, "openai"])
async def test_a_field_of_the_form_arrives_or_is_refused(provider: str, way: Way, wire: Wire) -> None:
    client = client_of(way, wire.say({"id": "f"}), provider)
    more: dict[str, Any] = {
        "expires_after": {"anchor": "created_at", "seconds": 3600},
        "extra_body": {"tags": ["a", "b"], "keep": True},
    }
    if provider != "openai":
        with pytest.raises(NotSupportedError, match="expires_after"):
            await way.get(client.files.create(line(CHAT), **more))
        assert wire.requests == []
        return
    await way.get(client.files.create(line(CHAT), **more))
    for name, value in (("expires_after[anchor]", "created_at"), ("expires_after[seconds]", "3600"), ("keep", "true")):
        assert f'name="{name}"\r\n\r\n{value}\r\n'.encode() in wire.last.content


async def test_what_cannot_be_a_field_is_refused(way: Way, wire: Wire) -> None:
    client = way.client(wire.say({"id": "f"}))
    for more in (
        {"extra_body": {"purpose": "x"}},
        {"extra_body": {"a": "b\r\nc"}},
        {"extra_body": {"a": object()}},
        {"extra_body": "a"},
        {"expires_after": 5},
    ):
        with pytest.raises(ConfigurationError, match=next(iter(more))):
            await way.get(client.files.create(line(CHAT), **more))
    assert wire.requests == []


@pytest.mark.parametrize("provider", ["@my-openai", "together-ai", "groq", "mistral-ai"])
async def test_a_provider_without_rules_of_its_own_is_checked_by_the_common_ones(
    provider: str, tmp_path: Path, way: Way, wire: Wire
) -> None:
    path = tmp_path / "train.jsonl"
    path.write_bytes(line(CHAT) * 10)
    client = way.client(wire.say({"id": "f"}), provider=provider)
    await way.get(client.files.create(path, check=True))
    path.write_bytes(line({"messages": [USER]}))
    with pytest.raises(DatasetError, match="last-not-assistant"):
        await way.get(client.files.create(path, check=True))
    assert len(wire.requests) == 1


async def test_a_check_takes_options(way: Way, wire: Wire) -> None:
    client = way.client(wire.say({"id": "f"}))
    rows = line({"messages": [USER], "reference_answer": "2"}) * 10
    await way.get(client.files.create(rows, check={"format": "reinforcement"}))
    for options, words in (
        ({"format": "chat"}, "last-not-assistant"),
        ({"max_line_bytes": 20}, "line-too-long"),
        ({"minimum_examples": 11}, "too-few-examples"),
    ):
        with pytest.raises(DatasetError, match=words):
            await way.get(client.files.create(rows, check=options))
    with pytest.raises(TypeError, match="did you mean 'format'"):
        await way.get(client.files.create(rows, check={"fromat": "chat"}))
    with pytest.raises(ConfigurationError, match="check must be"):
        await way.get(client.files.create(rows, check=5))
    assert len(wire.requests) == 1


async def test_what_comes_once_is_checked_while_it_is_sent(way: Way, gateway: FakeGateway) -> None:
    client = way.client(gateway, provider="openai")
    await way.get(client.files.create(_halves(line(CHAT) * 10), check=True))
    for content, words in ((line(CHAT) * 9 + b"{}\n", "line 10"), (line(CHAT), "too-few-examples")):
        with pytest.raises(DatasetError, match=words):
            await way.get(client.files.create(_halves(content), check=True))
    assert len(gateway.files) == 1


async def test_other_purposes_are_not_held_against_rules_for_training(way: Way, wire: Wire) -> None:
    client = client_of(way, wire.say({"id": "f"}), "vertex-ai")
    await way.get(client.files.create(b"not json at all", purpose="batch"))
    assert b"not json at all" in wire.last.content


async def test_an_event_loop_goes_on_while_a_file_is_checked(way: Way, wire: Wire) -> None:
    """Reading and checking happen in a thread beside it."""
    here = threading.get_ident()
    seen: set[int] = set()

    class Looks(list[bytes]):
        def __iter__(self) -> Iterator[bytes]:
            seen.add(threading.get_ident())
            return super().__iter__()

    await way.get(client_of(way, wire.say({"id": "f"}), "bedrock").files.create(Looks([line(CHAT)])))
    assert (here in seen) == (not way.is_async)


async def _slowly(content: bytes) -> AsyncIterator[bytes]:
    for chunk in _halves(content):
        yield chunk


async def test_an_async_generator_is_held_against_the_rules_too(way: Way, gateway: FakeGateway) -> None:
    client = client_of(way, gateway, "vertex-ai")
    if not way.is_async:
        with pytest.raises(ConfigurationError, match="use AsyncPortkey"):
            client.files.create(_slowly(line(CHAT)))
        return
    await client.files.create(_slowly(line(CHAT) * 2))
    assert len(stored_rows(gateway)) == 2
    with pytest.raises(DatasetError, match="line 2"):
        await client.files.create(_slowly(line(CHAT) + b"no\n"))
