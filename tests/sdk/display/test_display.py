"""Texts of servers and files, shown: no markup in a notebook, no orders to a terminal."""

from __future__ import annotations

import html.parser
import io
import json
import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from portkey_ft import APIStatusError, JobFailedError, PortkeyError, ResponseError, errors, types
from portkey_ft._text import escape_unprintable
from portkey_ft.datasets import check
from portkey_ft.errors import ConfigurationError

if TYPE_CHECKING:
    from tests.support.ways import Way, Wire

pytestmark = [pytest.mark.anyio, pytest.mark.security]

# Title of the window, clearing, colours, C1 controls, back to the line's beginning, turned letters, half a character.
ORDERS = "\x1b]0;x\x07\x1b[2J\x1b[31m\x9b1m\r\b\x7f\u202eabc\u2066\u200f\ufeff\u2028\n\ud800"
MARKUP = '<script>evil()</script><img src=x onerror=evil()>"\' onmouseover="evil()" </td></table><b>&lt;b&gt;${x}'
HOSTILE = ORDERS + MARKUP


def assert_harmless_text(text: str, *, lines: int = 1) -> None:
    assert all(part.isprintable() for part in text.split("\n"))
    assert text.count("\n") < lines
    text.encode("utf-8")


def written(data: object) -> bytes:
    """Write JSON that can hold half a character."""
    return json.dumps(data).encode()


class Page(html.parser.HTMLParser):
    """Collects what a browser would see."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[tuple[str, str | None]] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take note of a tag."""
        self.tags.add(tag)
        self.attributes |= set(attrs)


def assert_harmless_html(markup: str) -> None:
    assert markup.isprintable()
    page = Page()
    page.feed(markup)
    page.close()
    assert page.tags <= {"table", "caption", "b", "tr", "th", "td"}
    assert {name for name, _ in page.attributes} <= {"style"}
    assert not any("evil" in str(value) for _, value in page.attributes)


def hostile(kind: str) -> dict[str, Any]:
    """Give a thing of a server that is hostile in each of its texts."""
    fields = ("status", "model", "fine_tuned_model", "message", "level", "type", "filename", "purpose", "object")
    texts = dict.fromkeys((*fields, "training_file", "suffix", "status_details", "job_name", "user_provided"), HOSTILE)
    inner = {HOSTILE: HOSTILE, "n_epochs": HOSTILE}
    more: dict[str, Any] = {
        HOSTILE: HOSTILE,
        "metadata": inner,
        "method": inner,
        "hyperparameters": inner,
        "data": inner,
    }
    error = {"message": HOSTILE, "code": HOSTILE, "param": HOSTILE}
    return {"id": HOSTILE, **texts, **(more if kind != "checkpoint" else {}), "error": error, "result_files": [HOSTILE]}


def values(kind: type[types.Value]) -> list[type[types.Value]]:
    # While a value is made it belongs to another class of this base, which no caller sees.
    below = [one for one in kind.__subclasses__() if one.__module__ == types.__name__]
    return [kind, *(one for child in below for one in values(child))]


async def test_every_value_is_shown_without_markup_or_orders(way: Way, wire: Wire) -> None:
    wire.say((200, written(hostile("job")), {"x-portkey-trace-id": "t"}))
    client = way.client(wire)
    things: list[types.Value] = [
        await way.get(client.fine_tuning.jobs.retrieve("j")),
        await way.get(client.files.retrieve("f")),
        await way.get(client.files.delete("f")),
    ]
    page = {"data": [hostile("checkpoint")], "object": HOSTILE, "has_more": False, "last_id": HOSTILE}
    wire.say((200, written(page)))
    lists = [client.fine_tuning.jobs.list_events("j"), client.fine_tuning.jobs.checkpoints.list("j")]
    for one in lists:
        things += await way.items(one)
        if way.is_async:
            await one
        assert len(one.data) == 1
        assert_harmless_html(one._repr_html_())
        assert_harmless_text(repr(one))
    names = ("error", "hyperparameters", "metrics", "response")
    inner = [getattr(thing, name) for thing in things for name in names if getattr(thing, name, None) is not None]
    for thing in [*things, *inner]:
        if isinstance(thing, types.Value):
            assert_harmless_html(thing._repr_html_())
        assert_harmless_text(repr(thing))
        assert_harmless_text(str(thing))
    # No kind of value that can be shown was left out.
    kinds = set(values(types.Value)) - {types.Value, types._ResponseValue}
    assert {type(thing) for thing in [*things, *inner]} >= kinds


def test_nothing_else_shows_itself_in_a_notebook() -> None:
    import portkey_ft  # noqa: PLC0415 - the walk over it is the test

    found = {
        path.stem
        for path in Path(portkey_ft.__file__).parent.rglob("*.py")
        if "def _repr_" in path.read_text("utf-8") or "_mimebundle_" in path.read_text("utf-8")
    }
    assert found == {"types", "pagination"}


ERRORS = [member for member in vars(errors).values() if isinstance(member, type) and issubclass(member, PortkeyError)]


@pytest.mark.parametrize("kind", ERRORS)
def test_every_error_is_one_line_without_orders(kind: type[PortkeyError]) -> None:
    more: dict[str, Any] = {"status_code": 400, "code": HOSTILE} if issubclass(kind, APIStatusError) else {}
    error = kind(HOSTILE, hint=HOSTILE, operation=HOSTILE, trace_id=HOSTILE, **more)
    assert_harmless_text(str(error))
    assert_harmless_text(repr(error))
    # What is shown is another matter than what was said.
    assert error.message == HOSTILE


@pytest.mark.parametrize("status", [200, 302, 400, 404, 500])
@pytest.mark.parametrize("form", ["text", "error", "message", "errors", "detail", "html-message"])
async def test_an_answer_cannot_speak_to_a_terminal_through_an_error(
    form: str, status: int, way: Way, wire: Wire, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "portkey_ft")
    bodies: dict[str, Any] = {
        "text": HOSTILE.encode("utf-8", "surrogatepass"),
        "error": {"error": {"message": HOSTILE, "code": HOSTILE}, "provider": HOSTILE},
        "message": {"status": "failure", "message": HOSTILE},
        "errors": {"success": False, "errors": [HOSTILE], "message": HOSTILE},
        "detail": {"error": 1, "detail": [{HOSTILE: HOSTILE}]},
        "html-message": {"html-message": HOSTILE},
    }
    headers = [(b"x-portkey-trace-id", b"\x9b31m\x1b[2J"), (b"location", b"//x\x9b"), (b"content-type", b"\x9bx")]
    body = bodies[form] if form == "text" else written(bodies[form])
    client = way.client(wire.say(httpx.Response(status, content=body, headers=headers)), max_retries=0)
    with pytest.raises((APIStatusError, ResponseError, errors.APIConnectionError)) as caught:
        await way.get(client.files.retrieve("f"))
    assert_harmless_text(str(caught.value))
    for record in caplog.records:
        assert_harmless_text(record.getMessage())


async def test_the_reason_of_a_job_or_a_file_is_one_line(way: Way, wire: Wire) -> None:
    client = way.client(wire.say((200, written({**hostile("job"), "id": "j", "status": "failed"}))))
    with pytest.raises(JobFailedError) as caught:
        await way.get(client.fine_tuning.jobs.wait("j"))
    assert_harmless_text(str(caught.value))
    client = way.client(wire.say((200, written({**hostile("file"), "id": HOSTILE, "status": "error"}))))
    with pytest.raises(PortkeyError) as failed:
        await way.get(client.files.wait_for_processing("f"))
    assert_harmless_text(str(failed.value))


class Terminal(io.StringIO):
    """A terminal, or what looks like one."""

    def __init__(self, *, tty: bool) -> None:
        super().__init__()
        self.tty = tty

    def isatty(self) -> bool:
        """Tell whether it is one."""
        return self.tty


@pytest.mark.parametrize("tty", [True, False])
async def test_the_progress_of_a_job_gives_no_orders(
    way: Way,
    wire: Wire,
    monkeypatch: pytest.MonkeyPatch,
    *,
    tty: bool,
) -> None:
    terminal = Terminal(tty=tty)
    monkeypatch.setattr(sys, "stderr", terminal)
    wire.say((200, written({**hostile("job"), "error": {}})), {"id": "j", "status": "succeeded"})
    await way.get(way.client(wire).fine_tuning.jobs.wait("j", progress=True))
    # A bar of ours goes back to the line's beginning; what the server said does not.
    shown = terminal.getvalue()
    assert "\\x1b[2J" in shown
    assert not set(shown) & set("\x07\x9b\b\x7f\u202e\u2066\u200f\ud800")
    assert "\x1b[2J" not in shown
    assert "\x1b]0" not in shown


def test_a_training_file_gives_no_orders(tmp_path: Path) -> None:
    path = tmp_path / "x\x1b[2J\n.jsonl"
    path.write_bytes(
        b'{"messages": [{"role": "\\u001b[2J\\u202e", "content": "x", "\\u009b1m": 1}], "\\ud800\\u0007": 1}\n'
        b'{"\\u001b]0;x": 1}\n\x1b[2J\n{"prompt": "\x1b[2J"}\n'
    )
    report = check(path)
    assert report.problems
    assert_harmless_text(str(report), lines=26)
    for problem in report.problems:
        assert_harmless_text(str(problem))
    with pytest.raises(PortkeyError) as caught:
        report.raise_for_problems()
    assert_harmless_text(str(caught.value), lines=26)


def test_text_that_can_be_shown_is_shown_as_it_is() -> None:
    for text in ("", "abc", "\xe4\xdf \u4e2d\u6587 \U0001f600", "<b>"):
        assert escape_unprintable(text) is text
    assert escape_unprintable("a\tb\n\x1b\u202e\ud800") == "a\\tb\\n\\x1b\\u202e\\ud800"
    assert str(ConfigurationError("a\nb")) == "a\\nb"
