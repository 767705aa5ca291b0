"""The rules of Overlay 1.1, edge by edge, and the stricter ones of our own."""

from typing import cast

import pytest

from scripts.specsync.document.json_values import JsonObject, JsonValue
from scripts.specsync.errors import OverlayError
from scripts.specsync.overlay.apply import Applied, State, apply_overlay, read_overlay
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
        # By their numbers and not by how these are written.
        ({"a": [*range(12)]}, {"target": "$.a[2,9,10,11]", "remove": True}, {"a": [0, 1, 3, 4, 5, 6, 7, 8]}),
        ({"a": [[1, 2], 3], "b": {"c": 1}}, {"target": "$['a','b'].*", "remove": True}, {"a": [], "b": {}}),
        ({"a": {"b": 1}}, {"target": "$.a", "remove": True, "update": {"c": 2}}, {}),
        ({"a": {"b": 1}}, {"target": "$.a", "remove": False, "update": {"c": 2}}, {"a": {"b": 1, "c": 2}}),
        ({"a": {"b": 1}, "c": {}}, {"target": "$.c", "copy": "$.a"}, {"a": {"b": 1}, "c": {"b": 1}}),
        ({"a": [1], "c": [2]}, {"target": "$.c", "copy": "$.a"}, {"a": [1], "c": [2, 1]}),
        ({"a": {"x": 1}, "b": {}}, {"target": "$.*", "update": {"y": 3}}, {"a": {"x": 1, "y": 3}, "b": {"y": 3}}),
        ({"a": {"x": 1}}, {"target": "$['a','a']", "update": {"y": [1]}}, {"a": {"x": 1, "y": [1]}}),
    ],
)  # fmt: skip
def test_an_action_does_what_the_specification_says(
    document: JsonObject, action: JsonObject, result: JsonObject
) -> None:
    assert run(document, action).document == result


@pytest.mark.parametrize(
    ("document", "action", "reason"),
    [
        ({"a": {"b": 1}}, {"target": "$.a", "update": 2}, "a primitive cannot be merged into an object at /a$"),
        (
            {"a": {"b": 1}},
            {"target": "$.a", "update": {"b": {"c": 1}}},
            "an object cannot be merged into a primitive at /a/b$",
        ),
        (
            {"a": {"b": [1]}},
            {"target": "$.a", "update": {"b": 2}},
            "a primitive cannot be merged into an array at /a/b$",
        ),
        ({"a": 1}, {"target": "$.a", "update": {"b": 1}}, "an object cannot be merged into a primitive at /a$"),
        ({"a": {}, "b": []}, {"target": "$.*", "update": {}}, "meets an array and an object; they must all be of one"),
        ({"a": {}, "b": {"c": 1, "d": 2}}, {"target": "$.a", "copy": "$.b.*"}, "meets 2 nodes"),
        ({"a": {}}, {"target": "$.a", "copy": "$.nowhere"}, "meets 0 nodes"),
        ({"a": {}}, {"target": "$.a", "copy": 5}, "copy is a JSONPath"),
        ({"a": {}}, {"target": "$", "remove": True}, "whole document"),
        ({"a": {}}, {"target": "$.nowhere", "update": {}}, "meets 0"),
        ({"a": {}}, {"target": "$.[", "update": {}}, "not a JSONPath of RFC 9535"),
        ({"a": {}}, {"target": "$.a[?@.b and @.c]", "update": {}}, "not a JSONPath of RFC 9535"),
        ({"a": {}}, {"target": "$.a", "copy": "$.["}, r"^actions\[0\] \(copy \$\.a\): not a JSONPath"),
        ({"a": {}}, {"target": "a", "update": {}}, "no target"),
        ({"a": {}}, {"target": "$.a"}, "must have one of"),
        ({"a": {}}, {"target": "$.a", "update": {}, "copy": "$"}, "must have one of"),
        (
            {"a": {}},
            {"target": "$.a", "update": {}, "descripton": "x"},
            r"^actions\[0\] has an unknown key 'descripton'",
        ),
        ({"a": {}}, {"target": "$.a", "remove": "yes"}, "true or false"),
        ({"a": {}}, {"target": "$.a", "update": {}, "description": " "}, "reason"),
    ],
)
def test_an_action_that_cannot_be_meant_is_refused(document: JsonObject, action: JsonObject, reason: str) -> None:
    with pytest.raises(OverlayError, match=reason):
        run(document, action)


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
    ("expect", "reason"),
    [
        ({"matches": 2}, "expects to meet 2 node"),
        ({"at_least": 3}, "3 or more"),
        ({"matches": 1, "value": {"b": 2}}, "another value"),
        ({}, "one of matches"),
        ({"matches": 1, "at_least": 1}, "one of matches"),
        ({"matches": 0}, "1 or more"),
        ({"matches": True}, "1 or more"),
        ({"matchs": 1}, "does not say what it expects"),
        ({"holders": 1}, "a removal whose target ends"),
    ],
)
def test_an_expectation_that_is_not_met_or_not_meant_is_refused(expect: JsonObject, reason: str) -> None:
    with pytest.raises(OverlayError, match=reason):
        run({"a": {"b": 1}}, {"target": "$.a", "update": {"b": 3}}, expect=expect or {"value": 1})


def test_true_is_not_one() -> None:
    with pytest.raises(OverlayError, match="another value"):
        run({"a": True}, {"target": "$.a", "update": 2}, expect={"matches": 1, "value": 1})


def test_an_action_that_changes_nothing_is_called_superfluous() -> None:
    outcome = run({"a": {"b": 1}}, {"target": "$.a", "update": {"b": 1}}).outcomes[0]
    assert outcome.state is State.SUPERFLUOUS


def test_what_upstream_has_removed_itself_is_superfluous_while_its_holder_is_there() -> None:
    outcome = run({"a": {}}, {"target": "$.a.enum", "remove": True}, expect={"holders": 1}).outcomes[0]
    assert (outcome.state, outcome.matches) == (State.SUPERFLUOUS, 0)


def test_a_removal_whose_holder_is_gone_is_refused() -> None:
    with pytest.raises(OverlayError, match="can hold"):
        run({"b": {}}, {"target": "$.a.enum", "remove": True}, expect={"holders": 1})


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


INFO: JsonObject = {"title": "t", "version": "1"}


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ([], "the overlay is not a mapping"),
        ({}, "overlay version None is not read"),
        ({"overlay": 1.1}, "overlay version 1.1 is not read"),
        ({"overlay": "2.0.0"}, "overlay version '2.0.0' is not read"),
        ({"overlay": "1.1.0"}, "the overlay's info must have a title and a version"),
        ({"overlay": "1.1.0", "info": {"title": "t"}}, "the overlay's info must have a title and a version"),
        ({"overlay": "1.1.0", "info": {"version": "1"}}, "the overlay's info must have a title and a version"),
        ({"overlay": "1.1.0", "info": INFO}, "the overlay has no actions"),
        ({"overlay": "1.1.0", "info": INFO, "actions": []}, "the overlay has no actions"),
        ({"overlay": "1.1.0", "info": INFO, "actions": {"a": 1}}, "the overlay has no actions"),
        ({"overlay": "1.0.0", "info": INFO, "actions": [1]}, r"actions\[0\] is not a mapping"),
    ],
)
def test_what_is_no_overlay_is_refused(value: JsonValue, reason: str) -> None:
    with pytest.raises(OverlayError, match=f"^{reason}"):
        read_overlay(value)
