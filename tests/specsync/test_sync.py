"""The whole line on a small project: what is written, what is refused, and what is left as it was."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path

import pytest

from scripts.specsync import project
from scripts.specsync.cli import main
from scripts.specsync.tree.file_lock import project_lock
from scripts.specsync.tree.hash import tree_hash
from tests.support.interrupts import heeding_ctrl_c

ROOT = Path(__file__).resolve().parents[2]
Edit = Callable[[str], str]


def call(root: Path, *arguments: str) -> tuple[int, str, str]:
    out, err = StringIO(), StringIO()
    code = main(arguments, root, out, err)
    return code, out.getvalue(), err.getvalue()


def edited(root: Path, old: str, new: str) -> str:
    path = root / "document.yaml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    return str(path)


def test_a_first_sync_writes_everything_that_verify_wants(synced: Path) -> None:
    assert call(synced, "verify")[0] == 0
    lock = (synced / "spec/lock.toml").read_text()
    assert str(synced) not in lock
    assert 'openapi-python-client = "0.29.1"' in lock
    assert not (synced / ".specsync").exists()
    assert (synced / "generated/shop_api/py.typed").is_file()


def test_no_prose_of_upstream_is_kept(synced: Path) -> None:
    for path in ("spec/upstream.yaml", "spec/openapi.yaml"):
        assert "A thing." not in (synced / path).read_text()


def test_an_unchanged_source_stops_before_generating(synced: Path) -> None:
    code, out, _ = call(synced, "sync", "--check", "--source", str(synced / "document.yaml"), "--format", "json")
    assert code == 0
    assert "generate" not in json.loads(out)["stages"]


def test_the_same_facts_in_other_bytes_renew_the_source_alone(synced: Path) -> None:
    before = tree_hash(synced / "generated")
    source = edited(synced, "  /unwanted:", "  /unasked:")
    assert call(synced, "sync", "--source", source)[0] == 0
    assert call(synced, "verify")[0] == 0
    assert tree_hash(synced / "generated") == before


def test_the_json_has_the_form_that_is_a_contract(synced: Path) -> None:
    source = edited(synced, "enum: [red, blue]", "enum: [red, blue, green]")
    code, out, err = call(synced, "sync", "--check", "--source", source, "--format", "json")
    report = json.loads(out)
    assert (code, report["exit_code"], report["verdict"], err) == (20, 20, "additive", "")
    assert report["operations"] == {"selected": 2, "generated": 2, "lost": []}
    assert {"verdict", "exit_code", "source", "operations", "changes", "overlay", "failures"} <= set(report)
    assert all(
        {"rule", "plane", "severity", "pointer", "before", "after", "seam"} <= set(change)
        for change in report["changes"]
    )
    assert [set(entry) for entry in report["overlay"]] == [{"action", "matches", "state", "met"}] * 2


def test_check_writes_nothing(synced: Path) -> None:
    source = edited(synced, "enum: [red, blue]", "enum: [red, blue, green]")
    before = tree_hash(synced)
    assert call(synced, "sync", "--check", "--source", source)[0] == 20
    assert tree_hash(synced) == before


def test_an_additive_change_is_written(synced: Path) -> None:
    source = edited(
        synced, "name: {type: string}\n        size", "name: {type: string}\n        age: {type: integer}\n        size"
    )
    assert call(synced, "sync", "--source", source)[0] == 20
    assert "age: int" in (synced / "generated/shop_api/models/thing.py").read_text()
    assert call(synced, "verify")[0] == 0


def test_a_breaking_change_is_written_only_when_it_is_accepted(synced: Path) -> None:
    source = edited(synced, "{name: after, in: query", "{name: cursor, in: query")
    before = tree_hash(synced)
    code, out, _ = call(synced, "sync", "--source", source)
    assert code == 30
    assert "shop/seam.py:" in out
    assert tree_hash(synced) == before
    # Accepted, the facade still has to fit: it sends `after`.
    code, out, _ = call(synced, "sync", "--source", source, "--accept", "breaking")
    assert code == 8
    assert "shop/seam.py:12" in out
    assert tree_hash(synced) == before
    seam = synced / "shop/seam.py"
    seam.write_text(seam.read_text().replace("after=after", "cursor=after"))
    check = synced / "checks/test_shop.py"
    check.write_text(check.read_text().replace('"after"', '"cursor"'))
    assert call(synced, "sync", "--source", source, "--accept", "breaking")[0] == 30
    assert call(synced, "verify")[0] == 0


@pytest.mark.slow
def test_a_break_that_was_accepted_by_name_is_additive(synced: Path) -> None:
    source = edited(synced, "[red, blue]}\n  securitySchemes", "[red]}\n  securitySchemes")
    code, out, _ = call(synced, "sync", "--check", "--source", source, "--format", "json")
    (change,) = [entry for entry in json.loads(out)["changes"] if entry["severity"] == "breaking"]
    assert code == 30
    accepted = f'[[accepted]]\nfingerprint = "{change["fingerprint"]}"\nreason = "Nobody paints blue."\n'
    (synced / "spec/accepted.toml").write_text(accepted)
    assert call(synced, "sync", "--check", "--source", source)[0] == 20


@pytest.mark.parametrize(
    ("old", "new", "code", "said"),
    [
        ("openapi: 3.0.3", "openapi: 3.0.3\nopenapi: 3.0.3", 5, "line 2: key 'openapi' is already"),
        ("schemas/ThingList'}", "schemas/Nowhere'}", 5, "line 17: $ref '#/components/schemas/Nowhere' points to"),
        ("security: [{Key: []}]", "security: [{Nobody: []}]", 5, "security scheme 'Nobody' is not described"),
        ("  schemas:\n    Thing:", "  schemas:\n    Item:", 5, "points to nothing"),
    ],
)  # fmt: skip
def test_a_source_that_cannot_be_used_changes_nothing(old: str, new: str, code: int, said: str, synced: Path) -> None:
    source = edited(synced, old, new)
    before = tree_hash(synced)
    found, out, _ = call(synced, "sync", "--source", source, "--accept", "breaking")
    assert (found, tree_hash(synced)) == (code, before)
    assert said in out


def test_an_operation_that_is_gone_is_a_break_and_no_unreadable_source(synced: Path) -> None:
    source = edited(synced, "  /things/{id}:", "  /thing/{id}:")
    code, out, _ = call(synced, "sync", "--check", "--source", source, "--format", "json")
    assert (code, [change["rule"] for change in json.loads(out)["changes"]][:1]) == (30, ["operation-removed"])


def test_a_source_without_any_of_the_operations_cannot_be_used(synced: Path) -> None:
    source = edited(synced, "  /things", "  /goods")
    code, out, _ = call(synced, "sync", "--check", "--source", source)
    assert code == 5
    assert "the source lacks GET /things, POST /things/{thing_id}" in out


@pytest.mark.slow
def test_an_acceptance_is_for_one_change_and_no_later_one(synced: Path) -> None:
    source = edited(synced, "enum: [red, blue]}\n  securitySchemes", "enum: [blue]}\n  securitySchemes")
    _, out, _ = call(synced, "sync", "--check", "--source", source, "--format", "json")
    (broken,) = [change for change in json.loads(out)["changes"] if change["severity"] == "breaking"]
    accepted = f'[[accepted]]\nfingerprint = "{broken["fingerprint"]}"\nreason = "Red was never taken."\n'
    (synced / "spec/accepted.toml").write_text(accepted, encoding="utf-8")
    assert call(synced, "sync", "--check", "--source", source)[0] == 20
    other = edited(synced, "enum: [blue]}\n  securitySchemes", "enum: [red]}\n  securitySchemes")
    assert call(synced, "sync", "--check", "--source", other)[0] == 30


def test_a_renamed_component_gets_the_mended_actions(synced: Path) -> None:
    path = synced / "document.yaml"
    text = path.read_text().replace("schemas/Thing'", "schemas/Item'").replace("    Thing:\n", "    Item:\n")
    path.write_text(text)
    code, out, _ = call(synced, "sync", "--check", "--source", str(path))
    assert code == 6
    assert "Thing was removed, and Item of the same shape was added" in out
    assert "$.components.schemas.Item.required" in out


def test_a_facade_that_does_not_fit_is_said_with_its_line(synced: Path) -> None:
    source = edited(synced, "colour: {type: string, enum: [red, blue]}\n    Size", "colour: {type: string}\n    Size")
    seam = synced / "shop/seam.py"
    seam.write_text(seam.read_text().replace("thing.name", "thing.weight"))
    code, out, _ = call(synced, "sync", "--source", source, "--format", "json")
    (failure,) = json.loads(out)["failures"]
    assert code == failure["exit_code"] == 8
    assert '"Thing" has no attribute "weight"' in failure["details"][0]
    assert failure["details"][1].strip() == "in the facade, shop/seam.py:8"
    # What mypy wrote is kept as it is.
    assert "shop/seam.py:8: error:" in failure["raw"]


def test_what_is_to_be_proved_must_be_there(synced: Path) -> None:
    source = edited(synced, "enum: [red, blue]", "enum: [red, blue, green]")
    (synced / "checks/test_shop.py").unlink()
    (synced / "checks").rmdir()
    code, out, _ = call(synced, "sync", "--source", source)
    assert code == 8
    assert "checks is to be proved against the new client and does not exist" in out


@pytest.mark.slow
def test_generate_is_the_same_again(synced: Path) -> None:
    assert call(synced, "generate", "--check")[0] == 0


def test_generate_check_names_what_was_edited(synced: Path) -> None:
    path = synced / "generated/shop_api/models/thing.py"
    path.write_text(path.read_text() + "\n")
    code, out, _ = call(synced, "generate", "--check")
    assert code == 4
    assert "generated/shop_api/models/thing.py" in out
    assert call(synced, "generate")[0] == 0
    assert call(synced, "verify")[0] == 0


@pytest.mark.parametrize(
    "path", ["spec/upstream.yaml", "spec/openapi.yaml", "spec/overlay.yaml", "generated/shop_api/client.py"]
)
def test_verify_finds_an_edit_and_writes_nothing(path: str, synced: Path) -> None:
    text = (synced / path).read_text().replace("client", "Client").replace("title", "headline", 1)
    (synced / path).write_text(text.replace("string", "number", 1))
    before = tree_hash(synced)
    code, out, _ = call(synced, "verify")
    assert (code, tree_hash(synced)) == (4, before)
    assert path.split("/api", maxsplit=1)[0].rsplit("/", 1)[0] in out


@pytest.mark.slow
def test_a_change_of_a_template_that_was_edited_is_found_by_verify_and_taken_in_by_sync(
    synced: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes = shutil.copytree(project.TEMPLATE_CHANGES, tmp_path / "template_changes")
    with (changes / "model.toml").open("a") as file:
        file.write("# Edited.\n")
    monkeypatch.setattr(project, "TEMPLATE_CHANGES", changes)
    code, out, _ = call(synced, "verify")
    assert code == 4
    assert "scripts/specsync/client/template_changes was changed" in out
    source = ("--source", str(synced / "document.yaml"))
    stages = json.loads(call(synced, "sync", "--check", *source, "--format", "json")[1])["stages"]
    assert "generate" in stages


def test_an_overlay_edit_is_taken_in_by_generate(synced: Path) -> None:
    path = synced / "spec/overlay.yaml"
    path.write_text(path.read_text().replace("update: {required: [id]}", "update: {required: [id, name]}"))
    assert call(synced, "verify")[0] == 4
    assert call(synced, "generate")[0] == 0
    assert "name: str\n" in (synced / "generated/shop_api/models/thing.py").read_text()


def test_a_second_sync_at_once_is_refused(synced: Path) -> None:
    with project_lock(synced / "spec"):
        code, out, _ = call(synced, "sync", "--source", str(synced / "document.yaml"))
    assert code == 2
    assert "another sync of this project is running" in out


@pytest.mark.parametrize(
    "arguments",
    [(), ("nothing",), ("sync", "--accept", "all"), ("sync", "--all"), ("explain", "no-rule"), ("diff", "one")],
)
def test_a_call_that_asks_for_nothing_that_is_done_is_a_mistake(arguments: tuple[str, ...], synced: Path) -> None:
    code, out, err = call(synced, *arguments)
    assert code == 2
    assert out + err


def test_agree_says_whether_a_page_says_the_same(synced: Path) -> None:
    text = (synced / "document.yaml").read_text()
    page = synced / "page.md"
    page.write_text(f"# Things\n\n````yaml get /things\n{text}````\n")
    code, out, _ = call(synced, "agree", str(page))
    assert code == 0
    assert "agrees in every fact: GET /things" in out
    page.write_text(page.read_text().replace("name: after", "name: cursor"))
    assert call(synced, "agree", "--source", str(page))[0] == 30


def test_all_takes_every_operation_and_writes_nothing(synced: Path) -> None:
    before = tree_hash(synced)
    source = str(synced / "document.yaml")
    code, out, _ = call(synced, "sync", "--check", "--all", "--source", source, "--format", "json")
    assert (code, tree_hash(synced)) == (0, before)
    assert json.loads(out)["operations"] == {"selected": 3, "generated": 3, "lost": []}


def test_the_report_is_written_where_it_is_wanted(synced: Path, tmp_path: Path) -> None:
    code, out, _ = call(synced, "verify", "--format", "md", "--report", str(tmp_path / "report.md"))
    assert code == 0
    assert (tmp_path / "report.md").read_text() == out


def test_explain_says_what_a_rule_means(synced: Path) -> None:
    code, out, _ = call(synced, "explain", "response-wrapped")
    assert code == 0
    assert "The reverse change is response-unwrapped." in out


def test_diff_judges_two_documents(synced: Path) -> None:
    old = synced / "old.yaml"
    old.write_text((synced / "document.yaml").read_text())
    new = edited(synced, "{name: after, in: query", "{name: cursor, in: query")
    assert call(synced, "diff", str(old), str(old))[0] == 0
    assert call(synced, "diff", str(old), new)[0] == 30
    assert call(synced, "diff", str(old), str(synced / "spec/overlay.yaml"))[0] == 5


# A test of the project that is proved against the new client: it holds the sync where it is until it is let go.
HELD = """
import os
import socket


def test_hold():
    with socket.create_connection(("127.0.0.1", int(os.environ["HELD_AT"]))) as held:
        held.recv(1)
"""


@contextmanager
def held(root: Path, folder: Path) -> Iterator[tuple[subprocess.Popen[str], socket.socket]]:
    """A sync of a changed document that has made everything and swapped nothing, until the connection is closed."""
    source = edited(root, "enum: [red, blue]", "enum: [red, blue, green]")
    (root / "checks" / "test_hold.py").write_text(HELD)
    folder.mkdir()
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(120)
        held_at = str(server.getsockname()[1])
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(folder), "HELD_AT": held_at}
        command = [sys.executable, "-m", "scripts.specsync", "sync", "--source", source]
        with heeding_ctrl_c():
            process = subprocess.Popen(  # noqa: S603 - our own interpreter
                command, cwd=root, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
            )
        with process:
            connection, _ = server.accept()
            with connection:
                assert list(folder.glob("specsync-*/shadow"))
                yield process, connection


def test_a_sync_that_is_killed_before_the_swap_has_changed_nothing(synced: Path, tmp_path: Path) -> None:
    """And is in nobody's way; what a kill within the swap leaves, the tests of the swap say."""
    with held(synced, tmp_path / "temporary") as (process, connection):
        before = tree_hash(synced)
        process.kill()
        process.wait()
        connection.close()
    assert tree_hash(synced) == before
    (synced / "checks" / "test_hold.py").unlink()
    for command in (("verify",), ("sync", "--source", str(synced / "document.yaml")), ("verify",)):
        code, out, err = call(synced, *command)
        assert code in {0, 10, 20}, out + err
    assert "green" in (synced / "spec/upstream.yaml").read_text()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_sync_leaves_nothing_behind(number: int, synced: Path, tmp_path: Path) -> None:
    with held(synced, tmp_path / "temporary") as (process, connection):
        before = tree_hash(synced)
        process.send_signal(number)
        # The signal was sent before the test in there is let go, so it comes first.
        connection.close()
        _, err = process.communicate(timeout=120)
    assert process.returncode == 130
    assert err == "interrupted: nothing was changed\n"
    assert tree_hash(synced) == before
    assert list((tmp_path / "temporary").glob("specsync-*")) == []
