"""The rules of Overlay 1.1, edge by edge, and the stricter ones of our own."""

from typing import cast

import pytest

from scripts.specsync.document.json_values import JsonObject, JsonValue
from scripts.specsync.errors import OverlayError
from scripts.specsync.overlay.apply import Applied, UnmetError, apply_overlay, read_overlay
from scripts.specsync.overlay.suggest import suggest_actions


def overlay(*actions: JsonObject, expect: JsonObject | None = None) -> JsonObject:
    wanted = expect or {"at_least": 1}
    built: list[JsonValue] = [{"description": "a reason", "x-expect": wanted, **action} for action in actions]
    return {"overlay": "1.1.0", "info": {"title": "t", "version": "1"}, "actions": built}


def run(document: JsonObject, *actions: JsonObject, expect: JsonObject | None = None) -> Applied:
    return apply_overlay(document, read_overlay(overlay(*actions, expect=expect)))


@pytest.mark.parametrize(
    ("document", "action", "result"),
    [
        ({"a": {"b": 1}}, {"target": "$.a", "update": {"c": 2}}, {"a": {"b": 1, "c": 2}}),
        ({"a": {"b": 1}}, {"target": "$.a", "update": {"b": 2}}, {"a": {"b": 2}}),
        ({"a": {"b": {"c": 1}}}, {"target": "$.a", "update": {"b": {"d": 2}}}, {"a": {"b": {"c": 1, "d": 2}}}),
        ({"a": {"b": [1]}}, {"target": "$.a", "update": {"b": [2]}}, {"a": {"b": [1, 2]}}),
        ({"a": [1]}, {"target": "$.a", "update": [2, 3]}, {"a": [1, 2, 3]}),
        ({"a": [1]}, {"target": "$.a", "update": {"b": 2}}, {"a": [1, {"b": 2}]}),
        ({"a": [1]}, {"target": "$.a", "update": 2}, {"a": [1, 2]}),
        # What lies beside the way to a place stays.
        ({"a": [{"b": 0}, {"b": 1}, 2]}, {"target": "$.a[1].b", "update": 3}, {"a": [{"b": 0}, {"b": 3}, 2]}),
        ({"a": [0, {"b": 1, "c": 2}, 3]}, {"target": "$.a[1].b", "remove": True}, {"a": [0, {"c": 2}, 3]}),
        ({"a": 1}, {"target": "$.a", "update": 2}, {"a": 2}),
        ({"a": "x"}, {"target": "$.a", "update": None}, {"a": None}),
        ({"a": {"b": 1}}, {"target": "$.a.b", "remove": True}, {"a": {}}),
        ({"a": [1, 2, 3]}, {"target": "$.a[0,2]", "remove": True}, {"a": [2]}),
        ({"a": [1, 2, 1]}, {"target": "$.a[?@ == 1]", "remove": True}, {"a": [2]}),
        ({"a": [1, 2, 3]}, {"target": "$.a[-1]", "remove": True}, {"a": [1, 2]}),
        # What is inside of something else that is meant is meant too.
        ({"a": {"b": {"c": 1}}, "b": 2}, {"target": "$..b", "remove": True}, {"a": {}}),
        ({"a": {"b": {"b": 1}}}, {"target": "$..b", "remove": True}, {"a": {}}),
        ({"a": [[1], {"b": [2, 3]}]}, {"target": "$..[0]", "remove": True}, {"a": [{"b": [3]}]}),
        ({"a": {"b": {}}}, {"target": "$..*", "update": {"b": {"c": 1}}}, {"a": {"b": {"c": 1, "b": {"c": 1}}}}),
        ({"a": {"b": 1}}, {"target": "$.a", "remove": True, "update": {"c": 2}}, {}),
        ({"a": {"b": 1}}, {"target": "$.a", "remove": False, "update": {"c": 2}}, {"a": {"b": 1, "c": 2}}),
        ({"a": {"b": 1}, "c": {}}, {"target": "$.c", "copy": "$.a"}, {"a": {"b": 1}, "c": {"b": 1}}),
        ({"a": [1], "c": [2]}, {"target": "$.c", "copy": "$.a"}, {"a": [1], "c": [2, 1]}),
        ({"a": {"x": 1}, "b": {}}, {"target": "$.*", "update": {"y": 3}}, {"a": {"x": 1, "y": 3}, "b": {"y": 3}}),
        ({"a": {"x": 1}}, {"target": "$['a','a']", "update": {"y": [1]}}, {"a": {"x": 1, "y": [1]}}),
        ({"a": 1}, {"target": "$", "update": {"b": 2}, "x-of-ours": "a note"}, {"a": 1, "b": 2}),
    ],
)  # fmt: skip
def test_an_action_does_what_the_specification_says(
    document: JsonObject, action: JsonObject, result: JsonObject
) -> None:
    assert run(document, action).document == result


@pytest.mark.parametrize(
    ("document", "action", "reason"),
    [
        ({"a": {"b": 1}}, {"target": "$.a", "update": 2}, ": a primitive cannot be merged into an object at /a"),
        (
            {"a": {"b": 1}},
            {"target": "$.a", "update": {"b": {}}},
            ": an object cannot be merged into a primitive at /a/b",
        ),
        (
            {"a": {"b": [1]}},
            {"target": "$.a", "update": {"b": 2}},
            ": a primitive cannot be merged into an array at /a/b",
        ),
        (
            {"a": {"b": {"c": 1}}},
            {"target": "$", "update": {"a": {"b": {"c": []}}}},
            ": an array cannot be merged into a primitive at /a/b/c",
        ),
        ({"a": 1}, {"target": "$.a", "update": {"b": 1}}, ": an object cannot be merged into a primitive at /a"),
        (
            {"a": {}, "b": []},
            {"target": "$.*", "update": {}},
            " meets an array and an object; they must all be of one kind",
        ),
        ({"a": {}, "b": {"c": 1, "d": 2}}, {"target": "$.a", "copy": "$.b.*"}, "copy meets 2 nodes"),
        ({"a": {}}, {"target": "$.a", "copy": "$.nowhere"}, "copy meets 0 nodes"),
        ({"a": {}}, {"target": "$.a", "copy": "$["}, "(copy $.a): not a JSONPath"),
        ({"a": {}}, {"target": "$.a", "copy": 5}, "copy is a JSONPath"),
        ({"a": {}}, {"target": "$.a", "copy": ""}, "copy is a JSONPath"),
        ({"a": {}}, {"target": "$", "remove": True}, "would remove the whole document"),
        ({"a": {}}, {"target": "$.nowhere", "update": {}}, "expects to meet 1 or more node(s) and meets 0"),
        ({"a": {}}, {"target": "$.[", "update": {}}, "(update $.[): not a JSONPath"),
        ({"a": {}, "b": {}}, {"target": "$.a | $.b", "update": {}}, "not a JSONPath of RFC 9535"),
        ({"a": {}}, {"target": "a", "update": {}}, "has no target"),
        ({"a": {}}, {"target": "$.a"}, "must have one of"),
        ({"a": {}}, {"target": "$.a", "update": {}, "copy": "$"}, "must have one of"),
        ({"a": {}}, {"target": "$.a", "update": {}, "descripton": "x"}, "has an unknown key 'descripton'"),
        ({"a": {}}, {"target": "$.a", "remove": "yes"}, "remove is true or false"),
        ({"a": {}}, {"target": "$.a", "update": {}, "description": " "}, "does not say its reason"),
    ],
)
def test_an_action_that_cannot_be_meant_is_refused(document: JsonObject, action: JsonObject, reason: str) -> None:
    with pytest.raises(OverlayError) as caught:
        run(document, action)
    assert caught.value.message.startswith("actions[0]")
    assert reason in caught.value.message


def test_two_targets_do_not_share_what_is_put_in() -> None:
    result = run({"a": {}, "b": {}}, {"target": "$.*", "update": {"c": {"d": 1}}}).document
    first, second = cast("JsonObject", result["a"])["c"], cast("JsonObject", result["b"])["c"]
    assert first == second
    assert first is not second


def test_the_document_that_was_given_is_left_as_it_is() -> None:
    document: JsonObject = {"a": {"b": [1]}}
    run(document, {"target": "$.a.b", "update": [2]})
    assert document == {"a": {"b": [1]}}


@pytest.mark.parametrize(
    ("action", "expect", "reason"),
    [
        ({"update": {"b": 3}}, {"value": 1}, "must have one of matches, at_least, at_most, holders"),
        ({"update": {"b": 3}}, {"matches": 1, "at_least": 1}, "must have one of matches, at_least, at_most, holders"),
        ({"update": {"b": 3}}, {"matches": 0}, "x-expect.matches is a number of nodes, 1 or more"),
        ({"update": {"b": 3}}, {"matches": True}, "x-expect.matches is a number of nodes, 1 or more"),
        ({"update": {"b": 3}}, {"matches": "1"}, "x-expect.matches is a number of nodes, 1 or more"),
        ({"update": {"b": 3}}, {"matchs": 1}, "does not say what it expects"),
        ({"update": {"b": 3}}, {"holders": 1}, "x-expect.holders is for a removal whose target ends in a name"),
        ({"target": "$.a[0]", "remove": True}, {"holders": 1}, "is for a removal whose target ends in a name"),
        ({"update": {"b": 3}}, {"at_most": 1}, "x-expect.at_most is for a removal"),
        ({"update": {"b": 3}}, {"matches": 1, "absent": 1}, "x-expect.absent is a JSONPath"),
        ({"update": {"b": 3}}, {"matches": 1, "absent": ""}, "x-expect.absent is a JSONPath"),
        ({"update": {"b": 3}}, {"matches": 1, "absent": "$["}, "(update $.a): not a JSONPath"),
    ],
)
def test_an_expectation_that_is_not_meant_is_refused(action: JsonObject, expect: JsonObject, reason: str) -> None:
    with pytest.raises(OverlayError) as caught:
        run({"a": {"b": 1}}, {"target": "$.a", **action}, expect=expect)
    assert caught.value.message.startswith("actions[0]")
    assert reason in caught.value.message


@pytest.mark.parametrize(
    ("action", "expect", "reason", "details"),
    [
        ({"update": 3}, {"matches": 1}, "expects to meet 1 node(s) and meets 2", ("met /a/b", "met /a/c")),
        ({"update": 3}, {"at_least": 3}, "expects to meet 3 or more node(s) and meets 2", ("met /a/b", "met /a/c")),
        ({"remove": True}, {"at_most": 1}, "expects to meet 1 or fewer node(s) and meets 2", ("met /a/b", "met /a/c")),
        (
            {"target": "$.d.enum", "remove": True},
            {"holders": 1},
            "expects to meet 1 or more nodes that can hold what it removes and meets 0",
            (),
        ),
        ({"update": 3}, {"matches": 2, "value": 1}, "expects another value at /a/c", ("expected 1", "met 2")),
        ({"update": 3}, {"matches": 2, "value": True}, "expects another value at /a/b", ("expected true", "met 1")),
        ({"update": 3}, {"matches": 2, "value": None}, "expects another value at /a/b", ("expected null", "met 1")),
    ],
)
def test_an_expectation_that_is_not_met_is_told_with_what_was_met_instead(
    action: JsonObject, expect: JsonObject, reason: str, details: tuple[str, ...]
) -> None:
    with pytest.raises(UnmetError) as caught:
        run({"a": {"b": 1, "c": 2}}, {"target": "$.a.*", **action}, expect=expect)
    assert caught.value.message == f"{caught.value.action.label} {reason}"
    assert caught.value.details == details


@pytest.mark.parametrize(
    ("action", "expect", "state", "met"),
    [
        ({"target": "$.a.*", "update": 2}, {"at_least": 2}, "applied", ["/a/b", "/a/c"]),
        ({"target": "$.a.c", "update": 2}, {"matches": 1, "value": None}, "applied", ["/a/c"]),
        ({"target": "$.a.b", "update": 1}, {"matches": 1, "value": 1}, "superfluous", ["/a/b"]),
        ({"target": "$.a.b", "remove": True}, {"holders": 1}, "applied", ["/a/b"]),
        # Upstream has removed it itself.
        ({"target": "$.a.enum", "remove": True}, {"holders": 1}, "superfluous", []),
        # Upstream has it itself.
        ({"target": "$.a", "update": {"b": 2}}, {"matches": 1, "absent": "$.a.b"}, "superfluous", []),
        ({"target": "$.a.enum", "remove": True}, {"at_most": 1}, "waiting", []),
        ({"target": "$.a.b", "remove": True}, {"at_most": 1}, "caught up", ["/a/b"]),
    ],
)
def test_a_report_tells_what_each_action_did(
    action: JsonObject, expect: JsonObject, state: str, met: list[JsonValue]
) -> None:
    left_out: JsonObject = {"target": "$", "update": {}, "x-expect": {"matches": 1, "absent": "$"}}
    outcomes = run({"a": {"b": 1, "c": None}}, left_out, {**action, "x-expect": expect}).outcomes
    kind = "remove" if "remove" in action else "update"
    assert [outcome.as_json() for outcome in outcomes] == [
        {"action": "actions[0] (update $)", "matches": 0, "state": "superfluous", "met": []},
        {"action": f"actions[1] ({kind} {action['target']})", "matches": len(met), "state": state, "met": met},
    ]


def test_what_upstream_has_itself_is_not_added_again() -> None:
    expect: JsonObject = {"matches": 1, "absent": "$.a[?@.name == 'x']"}
    action: JsonObject = {"target": "$.a", "update": {"name": "x"}}
    assert run({"a": [{"name": "x"}]}, action, expect=expect).document == {"a": [{"name": "x"}]}
    assert run({"a": []}, action, expect=expect).document == {"a": [{"name": "x"}]}


def test_an_action_on_a_renamed_component_is_written_anew() -> None:
    fields: JsonObject = {"type": "object", "properties": {"id": {}, "name": {}}}
    old: JsonObject = {"components": {"schemas": {"Thing": fields}}}
    new: JsonObject = {"components": {"schemas": {"Item": fields}}}
    action: JsonObject = {"target": "$.components.schemas.Thing", "update": {"required": ["id"]}}
    lines = suggest_actions(read_overlay(overlay(action))[0], old, new)
    assert "Thing was removed, and Item of the same shape was added" in lines
    assert any("$.components.schemas.Item" in line for line in lines)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ([], "the overlay is not a mapping"),
        ({"overlay": "2.0.0"}, "overlay version '2.0.0' is not read, only 1.0 and 1.1"),
        ({"overlay": 1.1}, "overlay version 1.1 is not read, only 1.0 and 1.1"),
        ({"overlay": "1.1.0"}, "info must have a title and a version"),
        ({"overlay": "1.1.0", "info": {"title": "t"}}, "info must have a title and a version"),
        ({"overlay": "1.1.0", "info": {"version": "1"}}, "info must have a title and a version"),
        ({"overlay": "1.1.0", "info": {"title": "t", "version": "1"}}, "the overlay has no actions"),
        ({"overlay": "1.1.0", "info": {"title": "t", "version": "1"}, "actions": []}, "the overlay has no actions"),
        (
            {"overlay": "1.1.0", "info": {"title": "t", "version": "1"}, "actions": [1]},
            r"actions\[0\] is not a mapping",
        ),
    ],
)
def test_what_is_no_overlay_is_refused(value: JsonValue, reason: str) -> None:
    with pytest.raises(OverlayError, match=reason):
        read_overlay(value)
