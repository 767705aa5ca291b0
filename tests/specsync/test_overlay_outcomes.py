"""What is told of each action of an overlay: what it met and did, and why it was refused."""

from __future__ import annotations

from typing import Any

import pytest

from scripts.specsync.document.json_values import JsonObject
from scripts.specsync.document.openapi import as_object
from scripts.specsync.errors import OverlayError
from scripts.specsync.overlay.apply import Action, Outcome, State, UnmetError, apply_overlay, read_overlay


def action(expect: JsonObject, **parts: object) -> JsonObject:
    """Make an action whose words have blanks at their ends."""
    built: Any = {"target": "$.a ", "description": " a reason ", "x-expect": expect, "x-note": "any"} | parts
    return as_object(built, "")


def actions(*given: JsonObject) -> tuple[Action, ...]:
    return read_overlay({"overlay": "1.1.0", "info": {"title": "t", "version": "1"}, "actions": [*given]})


def outcomes(document: JsonObject, *given: JsonObject) -> tuple[Outcome, ...]:
    return apply_overlay(document, actions(*given)).outcomes


def test_an_action_is_read_without_the_blanks_around_its_words() -> None:
    first, second = actions(action({"at_least": 2}, update={}), action({"matches": 1, "value": 5}, copy="$.b"))
    assert (first.index, first.target, first.reason, first.kind, first.payload) == (0, "$.a", "a reason", "update", {})
    assert (second.index, second.kind, second.payload, second.label) == (1, "copy", "$.b", "actions[1] (copy $.a)")
    assert (first.expect.count, first.expect.number, first.expect.has_value) == ("at_least", 2, False)
    assert (second.expect.count, second.expect.number, second.expect.value) == ("matches", 1, 5)


def test_each_action_is_told_with_what_it_met_and_did() -> None:
    document: JsonObject = {"a": {"b/c": 1}, "d": [{"e": 1}, {"e": 2}]}
    told = outcomes(
        document,
        action({"matches": 2}, target="$.d[*].e", update=3),
        action({"matches": 1, "absent": "$.d"}, update={"f": 1}),
        action({"matches": 1}, update={"b/c": 1}),
        action({"at_most": 1}, target="$.a.gone", remove=True),
        action({"at_most": 1}, target="$.a['b/c']", remove=True),
        action({"holders": 1}, target="$.a.gone", remove=True),
    )
    assert [outcome.as_json() for outcome in told] == [
        {"action": "actions[0] (update $.d[*].e)", "matches": 2, "state": "applied", "met": ["/d/0/e", "/d/1/e"]},
        {"action": "actions[1] (update $.a)", "matches": 0, "state": "superfluous", "met": []},
        {"action": "actions[2] (update $.a)", "matches": 1, "state": "superfluous", "met": ["/a"]},
        {"action": "actions[3] (remove $.a.gone)", "matches": 0, "state": "waiting", "met": []},
        {"action": "actions[4] (remove $.a['b/c'])", "matches": 1, "state": "caught up", "met": ["/a/b~1c"]},
        {"action": "actions[5] (remove $.a.gone)", "matches": 0, "state": "superfluous", "met": []},
    ]


def test_a_removal_of_what_may_be_there_meets_as_much_as_it_says() -> None:
    document: JsonObject = {"a": {"b": 1, "c": 1}}
    (told,) = outcomes(document, action({"at_most": 2}, target="$.a.*", remove=True))
    assert (told.state, told.met) == (State.CAUGHT_UP, ("/a/b", "/a/c"))
    with pytest.raises(UnmetError, match=r"expects to meet 1 or fewer node\(s\) and meets 2$"):
        outcomes(document, action({"at_most": 1}, target="$.a.*", remove=True))


@pytest.mark.parametrize(
    ("expect", "message", "details"),
    [
        (
            {"matches": 1},
            r"^actions\[0\] \(update \$\.\*\) expects to meet 1 node\(s\) and meets 2$",
            ("met /a", "met /b"),
        ),
        ({"at_least": 3}, r"3 or more node\(s\) and meets 2$", ("met /a", "met /b")),
        ({"matches": 2, "value": 1}, "expects another value at /b$", ("expected 1", 'met {"c":2}')),
    ],
)
def test_an_action_that_is_not_met_is_told_with_what_it_met(
    expect: JsonObject, message: str, details: tuple[str, ...]
) -> None:
    with pytest.raises(UnmetError, match=message) as caught:
        outcomes({"a": 1, "b": {"c": 2}}, action(expect, target="$.*", update={}))
    assert caught.value.details == details
    assert caught.value.action.target == "$.*"


def test_a_value_that_is_expected_may_be_met() -> None:
    (told,) = outcomes({"a": {"b": [1]}}, action({"matches": 1, "value": {"b": [1]}}, update={"b": [2]}))
    assert told.state is State.APPLIED
    (told,) = outcomes({"a": None}, action({"matches": 1, "value": None}, update=2))
    assert told.state is State.APPLIED


@pytest.mark.parametrize(
    ("expect", "parts", "reason"),
    [
        ({"at_most": 1}, {"update": {}}, r"^actions\[0\]: x-expect.at_most is for a removal"),
        ({"at_most": 1}, {"remove": False, "update": {}}, "x-expect.at_most is for a removal"),
        ({"holders": 1}, {"remove": True, "target": "$.a[0]"}, "x-expect.holders is for a removal whose target ends"),
        ({"matches": 1, "absent": 5}, {"update": {}}, r"^actions\[0\]: x-expect.absent is a JSONPath"),
        ({"matches": 1, "absent": "$.["}, {"update": {}}, r"actions\[0\] \(update \$\.a\): not a JSONPath of RFC 9535"),
        ({"matches": "1"}, {"update": {}}, r"^actions\[0\]: x-expect.matches is a number of nodes, 1 or more"),
        ("1", {"update": {}}, r"^actions\[0\] does not say what it expects"),
        ({"matches": 1}, {"update": {}, "note": 1}, r"^actions\[0\] has an unknown key 'note'"),
    ],
)
def test_an_action_that_asks_for_what_does_not_go_together_is_refused(
    expect: JsonObject, parts: dict[str, object], reason: str
) -> None:
    with pytest.raises(OverlayError, match=reason):
        outcomes({"a": {"b": 1}}, action(expect, **parts))
