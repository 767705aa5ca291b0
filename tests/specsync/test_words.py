"""Words that upstream changes are named one by one, with their lines; the old ones are shown if they are at hand."""

import json
import shutil
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest

from scripts.specsync.cli import main
from scripts.specsync.commands.sync import run
from scripts.specsync.context import Options, StageTimer
from scripts.specsync.diff.change import Change
from scripts.specsync.diff.rules import RULES
from scripts.specsync.facts.prose import Text, digests_of
from scripts.specsync.facts.words import digest_value, known_digest
from scripts.specsync.lock import provenance
from scripts.specsync.pipeline import extract_facts, judge, located, read_document, unknown_words
from scripts.specsync.project import open_project
from scripts.specsync.report.markdown import render_markdown
from scripts.specsync.report.report import Report
from scripts.specsync.report.text import render_text
from scripts.specsync.verdicts import Severity

ROOT = Path(__file__).resolve().parents[2]
THING = "/components/schemas/Thing/description"
SOURCE = provenance("file", "document.yaml", b"old")


def call(root: Path, *arguments: str) -> tuple[int, str]:
    out = StringIO()
    return main(arguments, root, out, StringIO()), out.getvalue()


def rewritten(root: Path, *words: tuple[str, str]) -> Path:
    """Write the small project's document with other words."""
    text = (root / "document.yaml").read_text(encoding="utf-8")
    for old, new in words:
        assert old in text
        text = text.replace(old, new)
    path = root / "new.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def checked(synced_template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Report]:
    """A project whose document has changed in some words, and what `sync --check` says of it."""
    root = Path(shutil.copytree(synced_template, tmp_path_factory.mktemp("words") / "synced"))
    source = rewritten(
        root, ("description: A thing.", "description: A good thing."), ("height: {", "height: {title: H, ")
    )
    return root, run(Options("sync", root, source=str(source), check=True), StageTimer())


def test_a_sync_names_the_words_that_changed_and_their_line(checked: tuple[Path, Report]) -> None:
    root, report = checked
    named, said = sorted(report.changes, key=lambda change: change.rule.identifier, reverse=True)
    assert (said.rule.identifier, named.rule.identifier) == ("prose-changed", "titles-changed")
    assert (said.pointer, said.after) == (THING, "A good thing.")
    assert known_digest(said.before) == Text("", "", "A thing.").digest
    assert (named.pointer, named.before, named.after) == ("/components/schemas/Size/properties/height/title", None, "H")
    lines = (root / "new.yaml").read_text(encoding="utf-8").splitlines()
    assert ["A good thing." in lines[(said.line or 0) - 1], "title: H" in lines[(named.line or 0) - 1]] == [True, True]


@pytest.mark.parametrize("render", [render_text, render_markdown])
def test_a_sync_shows_new_words_and_says_where_the_old_ones_are(
    checked: tuple[Path, Report], render: Callable[[Report], str]
) -> None:
    out = render(checked[1])
    assert "A good thing." in out
    assert THING in out
    assert "(words not kept, SHA-256 " in out
    assert "diff document.yaml" in out


def test_the_command_that_a_sync_names_shows_the_old_words(
    checked: tuple[Path, Report], monkeypatch: pytest.MonkeyPatch
) -> None:
    root, report = checked
    (note,) = [note for note in report.notes if "are not kept" in note]
    arguments = note.partition("python -m scripts.specsync ")[2].split()
    monkeypatch.chdir(root)
    code, out = call(root, *arguments, "--format", "json")
    words = [(change["before"], change["after"]) for change in json.loads(out)["changes"]]
    assert (code, words) == (20, [(None, "H"), ("A thing.", "A good thing.")])
    # The command is about these bytes: in another document of that name the words would be others.
    with (root / "document.yaml").open("a", encoding="utf-8") as document:
        document.write("# Later.\n")
    assert call(root, *arguments)[0] == 4


def test_no_note_where_every_old_word_is_known() -> None:
    known = Change(RULES["prose-changed"], Severity.DOCS, THING, None, "New words.")
    assert unknown_words((known,), SOURCE, SOURCE) == ()


@pytest.mark.parametrize(
    ("old", "new", "before", "after"),
    [
        ("      description: A thing.\n", "", "A thing.", None),
        ("description: A thing.", "description: A thing.\n      x-note: {a: 1}", None, '{"a":1}'),
        ("title: One thing", "title: A thing", "One thing", "A thing"),
        ("description: Things.", "description: All things.", "Things.", "All things."),
        ('version: "1"}', 'version: "1", description: A shop.}', None, "A shop."),
        ("name: x-key}", "name: x-key, description: A key.}", None, "A key."),
    ],
)
def test_a_difference_shows_the_words_of_both_documents(
    shop: Path, old: str, new: str, before: str | None, after: str | None
) -> None:
    source = rewritten(shop, (old, new))
    report = json.loads(call(shop, "diff", str(shop / "document.yaml"), str(source), "--format", "json")[1])
    assert [(change["before"], change["after"]) for change in report["changes"]] == [(before, after)]


def test_words_of_alternatives_are_told_apart_by_what_they_say(shop: Path) -> None:
    """Alternatives have no order, so a moved one is no change, and a changed one is found among the others."""
    forms = "oneOf: [{type: string, description: A}, {type: integer, description: B}, {type: boolean, description: C}]"
    moved = "oneOf: [{type: boolean, description: C}, {type: integer, description: D}, {type: string, description: A}]"
    base = rewritten(shop, ("name: {type: string}\n        size", f"name: {{{forms}}}\n        size"))
    old = base.rename(shop / "old.yaml")
    new = shop / "new.yaml"
    new.write_text(old.read_text(encoding="utf-8").replace(forms, moved), encoding="utf-8")
    (change,) = json.loads(call(shop, "diff", str(old), str(new), "--format", "json")[1])["changes"]
    assert (change["before"], change["after"]) == ("B", "D")
    assert change["pointer"] == "/components/schemas/Thing/properties/name/oneOf/*/description"
    assert change["upstream"] == "/components/schemas/Thing/properties/name/oneOf/1/description"


def test_a_terminal_shows_long_words_from_where_they_differ(shop: Path) -> None:
    old = rewritten(shop, ("A thing.", f"{'x' * 500} old end.")).rename(shop / "old.yaml")
    new = rewritten(shop, ("A thing.", f"{'x' * 500} new end."))
    out = call(shop, "diff", str(old), str(new))[1]
    assert "old end." in out
    assert "new end." in out
    assert "x" * 100 not in out


def test_the_facts_keep_a_digest_of_each_text_and_no_word(synced: Path) -> None:
    facts = (synced / "spec/upstream.yaml").read_text(encoding="utf-8")
    assert "A thing." not in facts
    assert "One thing" not in facts
    assert f'/description: "{Text("", "", "A thing.").digest}"'.replace('"', "") in facts.replace('"', "")


def test_two_texts_at_one_place_are_both_kept() -> None:
    texts = [Text(f"/oneOf/{index}/title", "/oneOf/*/title", word, is_title=True) for index, word in enumerate("ab")]
    assert digests_of(texts) == {"titles": {"/oneOf/*/title": sorted(text.digest for text in texts)}}


EDITS = {
    "a field": ("The virtual key to communicate with the provider", "The virtual key of the provider"),
    "a server behind an alias": ("Portkey API Public Endpoint", "Where Portkey's API is"),
    "a parameter": ("The ID of the fine-tuning job to get events for.", "Of the job with the events."),
    "an operation": ("Get status updates for a fine-tuning job.", "List what happened to a job."),
    "a security scheme": ("name: x-portkey-config\n", "name: x-portkey-config\n      description: A config of yours\n"),
    "the document": ("The Portkey REST API.", "The REST API of Portkey."),
}


@pytest.fixture(scope="module")
def reworded(upstream: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[tuple[Change, ...], list[str]]:
    """What a sync says of upstream's document with words changed in many places, and its lines."""
    (known,) = upstream.glob("openapi/2026-06-11-*.yaml")
    text = known.read_text(encoding="utf-8")
    path = tmp_path_factory.mktemp("reworded") / "openapi.yaml"
    for old, new in EDITS.values():
        assert old in text
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")
    project, timer = open_project(ROOT), StageTimer()
    read = extract_facts(
        read_document(str(path), project.settings, timer, offline=True),
        project.settings,
        project.settings.operations,
        timer,
    )
    committed = project.facts()
    assert committed is not None
    return located(judge(project, committed, read.facts, timer), read), text.splitlines()


@pytest.mark.parametrize("place", EDITS)
def test_new_words_in_the_real_document_are_found_at_their_line(
    reworded: tuple[tuple[Change, ...], list[str]], place: str
) -> None:
    """Against the committed facts, which know upstream's old words by their digests alone."""
    changes, lines = reworded
    words = EDITS[place][1].rpartition("description: ")[2].strip()
    found = [change for change in changes if words in str(change.after)]
    assert found
    for change in found:
        assert change.line is not None
        # The line of the key; a block of text begins on the next one.
        assert words in "".join(lines[change.line - 1 : change.line + 1])


def test_nothing_but_the_words_that_changed_is_named(reworded: tuple[tuple[Change, ...], list[str]]) -> None:
    changes, _ = reworded
    new = [words.rpartition("description: ")[2].strip() for _, words in EDITS.values()]
    assert {change.rule.identifier for change in changes} == {"prose-changed"}
    assert [change.pointer for change in changes if not any(words in str(change.after) for words in new)] == []


def test_the_old_document_is_named_by_the_commit_that_it_was_read_at() -> None:
    """A branch moves on, so that its name would lead to the new words."""
    old = provenance("git", "openapi.yaml", b"old", repository="o/n", ref="main", commit="a" * 40, path="openapi.yaml")
    new = provenance("url", "api.yaml", b"new", url="https://example.com/api.yaml")
    change = Change(RULES["prose-changed"], Severity.DOCS, THING, digest_value("abc"), "New words.")
    (note,) = unknown_words((change,), old, new)
    assert f"diff github:o/n@{'a' * 40}:openapi.yaml https://example.com/api.yaml#sha256={new.sha256}" in note
