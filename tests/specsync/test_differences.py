"""What is told of two documents: which operations a change reaches, which lines of the facade, and nothing twice."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from scripts.specsync.diff.change import Change, verdict
from scripts.specsync.diff.compare import difference
from scripts.specsync.diff.seam_usage import FacadeUsage, Seam
from scripts.specsync.document.json_values import canonical_json
from scripts.specsync.errors import LocatedSourceError
from scripts.specsync.verdicts import ExitCode
from tests.support.small_documents import refers, returning

SEAM = Seam(
    present=True,
    reads={
        ("thing", "name"): (("seam.py", 3),),
        ("size", "width"): (("seam.py", 4),),
        ("other", "width"): (("seam.py", 9),),
    },
    operations={"listthings": (("seam.py", 1),), "changething": (("seam.py", 2),)},
    arguments={("listthings", "after"): (("seam.py", 7),), ("changething", "after"): (("seam.py", 8),)},
)
USAGE = FacadeUsage(SEAM, frozenset(), frozenset({"Thing", "Size", "Unread"}))
LIST, CHANGE = "/paths/~1things/get", "/paths/~1things~1{a~0b}/post"
FACTS: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"version": "1", "title": "Shop"},
    "paths": {
        "/things": {
            "get": returning({"type": "array", "items": refers("Thing")}, operationId="list_things"),
            "x-note": {"any": "thing"},
        },
        "/things/{a~b}": {"post": returning(refers("Thing"), operationId="change_thing")},
    },
    "components": {
        "schemas": {
            "Thing": {"type": "object", "properties": {"name": {"type": "string"}, "size": refers("Size")}},
            "Size": {"type": "object", "properties": {"width": {"type": "integer"}}},
            "Unused": {"type": "string"},
            "Any": True,
        },
        "securitySchemes": {"Key": {"type": "http"}},
    },
}


def changed(edit: Callable[[Any], object]) -> Any:  # noqa: ANN401 - any JSON
    facts = deepcopy(FACTS)
    edit(facts)
    return facts


def told(old: Any, new: Any) -> list[str]:  # noqa: ANN401 - any JSON
    """Write each change on a line: what it is, where, for which operations and which lines of the facade."""
    return [line(change) for change in difference(old, new, USAGE)]


def line(change: Change) -> str:
    before, after = canonical_json(change.before), canonical_json(change.after)
    what = f"{change.severity} {change.rule.identifier} {change.pointer}: {before} > {after}"
    return f"{what} | {', '.join(change.operations)} | {', '.join(change.seam)}"


def lists(facts: Any) -> Any:  # noqa: ANN401 - any JSON
    return facts["paths"]["/things"]["get"]


def changes(facts: Any) -> Any:  # noqa: ANN401 - any JSON
    return facts["paths"]["/things/{a~b}"]["post"]


def schemas(facts: Any) -> Any:  # noqa: ANN401 - any JSON
    return facts["components"]["schemas"]


def said(digest: str) -> dict[str, Any]:
    """Give what facts keep of a description."""
    return {"x-upstream": {"prose": {"/description": digest}}}


def test_what_is_the_same_is_not_told() -> None:
    assert told(FACTS, deepcopy(FACTS)) == []
    assert told({}, {}) == []
    assert verdict(difference(FACTS, FACTS, USAGE)) is ExitCode.SAME


def test_at_first_every_operation_is_new() -> None:
    assert told({}, FACTS) == [
        f'additive operation-added {LIST}: null > "list_things" | GET /things | seam.py:1',
        f'additive operation-added {CHANGE}: null > "change_thing" | POST /things/{{a~b}} | seam.py:2',
    ]


def test_an_operation_that_is_gone_is_told_once() -> None:
    def gone(facts: Any) -> None:  # noqa: ANN401 - any JSON
        del facts["paths"]["/things"]

    assert told(FACTS, changed(gone)) == [
        f'breaking operation-removed {LIST}: "list_things" > null | GET /things | seam.py:1'
    ]


def test_a_changed_component_is_told_once_with_all_operations_that_reach_it() -> None:
    def wider(facts: Any) -> None:  # noqa: ANN401 - any JSON
        schemas(facts)["Size"]["properties"]["width"]["type"] = "number"

    place = "/components/schemas/Size/properties/width"
    assert told(FACTS, changed(wider)) == [
        f'breaking response-type-widened {place}: "integer" > "number" | GET /things, POST /things/{{a~b}} | seam.py:4'
    ]


def test_a_component_that_one_operation_reaches_from_now_on_is_told_for_it() -> None:
    def other(facts: Any) -> None:  # noqa: ANN401 - any JSON
        schemas(facts)["Other"] = {"type": "object", "description": "d"}
        changes(facts)["responses"]["200"]["content"]["application/json"]["schema"] = refers("Other")

    found = difference(FACTS, changed(other), USAGE)
    reached = {(change.rule.identifier, change.name): change.operations for change in found}
    assert reached[("response-property-removed", "name")] == ("GET /things", "POST /things/{a~b}")
    assert reached[("response-property-removed", "size")] == ("GET /things", "POST /things/{a~b}")


EDITS: dict[str, tuple[Callable[[Any], object], str]] = {
    "a parameter": (
        lambda facts: lists(facts).update(parameters=[{"in": "query", "name": "after"}]),
        (
            f'additive parameter-optional-added {LIST}/parameters/query:after: null > {{"in":"query","name":"after"}}'
            " | GET /things | seam.py:7"
        ),
    ),
    "a response": (
        lambda facts: lists(facts)["responses"].update({"204": {}}),
        f"additive response-success-added {LIST}/responses/204: null > {{}} | GET /things | seam.py:1",
    ),
    "what is said of an operation": (
        lambda facts: changes(facts).update(tags=["a"], **said("1")),
        f'docs prose-changed {CHANGE}/description: null > {{"sha256":"1"}} | POST /things/{{a~b}} | ',
    ),
    "upstream's name": (
        lambda facts: changes(facts).update({"x-upstream": {"operationId": "other"}}),
        f'additive operation-renamed {CHANGE}: null > "other" | POST /things/{{a~b}} | ',
    ),
    "a server": (
        lambda facts: changes(facts).update(servers=[{"url": "https://a.test"}]),
        f'additive server-added {CHANGE}/servers: null > {{"url":"https://a.test"}} | POST /things/{{a~b}} | ',
    ),
    "a way to authenticate": (
        lambda facts: changes(facts).update(security=[{}, {"Key": []}]),
        f'additive security-alternative-added {CHANGE}/security: null > {{"Key":[]}} | POST /things/{{a~b}} | ',
    ),
    "the version": (
        lambda facts: facts["info"].update(version="2"),
        'docs version-changed /info/version: "1" > "2" |  | ',
    ),
    "what is said of the whole": (
        lambda facts: facts["info"].update(said("1")),
        'docs prose-changed /description: null > {"sha256":"1"} |  | ',
    ),
    "what is said of a component": (
        lambda facts: schemas(facts)["Thing"].update(said("1")),
        'docs prose-changed /components/schemas/Thing/description: null > {"sha256":"1"} |  | ',
    ),
    "a component that nobody reaches": (lambda facts: schemas(facts).update(Unused={"type": "integer"}), ""),
    "a component that is no mapping": (lambda facts: schemas(facts).update(Any=False), ""),
    "an extension beside operations": (lambda facts: facts["paths"]["/things"].update({"x-note": {"other": 1}}), ""),
    "a security scheme": (
        lambda facts: facts["components"]["securitySchemes"]["Key"].update(type="oauth2"),
        'breaking security-scheme-changed /components/securitySchemes/Key: {"type":"http"} > {"type":"oauth2"} |  | ',
    ),
}


@pytest.mark.parametrize("name", EDITS)
def test_a_change_is_told_with_whom_it_reaches(name: str) -> None:
    edit, expected = EDITS[name]
    assert told(FACTS, changed(edit)) == ([expected] if expected else [])


def test_a_renamed_component_is_told_with_the_operations_that_reach_it() -> None:
    def renamed(facts: Any) -> None:  # noqa: ANN401 - any JSON
        schemas(facts)["Extent"] = schemas(facts).pop("Size")
        schemas(facts)["Thing"]["properties"]["size"] = refers("Extent")

    assert told(FACTS, changed(renamed)) == [
        (
            'additive component-renamed /components/schemas/Extent: "Size" > "Extent"'
            " | GET /things, POST /things/{a~b} | "
        )
    ]


def test_a_renamed_component_that_an_operation_returns_is_told_with_it() -> None:
    def returned(name: str) -> Callable[[Any], None]:
        def edit(facts: Any) -> None:  # noqa: ANN401 - any JSON
            schemas(facts)[name] = {"type": "integer"}
            lists(facts)["responses"]["200"]["content"]["application/json"]["schema"] = refers(name)

        return edit

    assert told(changed(returned("One")), changed(returned("Two"))) == [
        'additive component-renamed /components/schemas/Two: "One" > "Two" | GET /things | '
    ]


def test_a_security_scheme_that_is_only_renamed_is_told_as_that() -> None:
    def secured(facts: Any) -> None:  # noqa: ANN401 - any JSON
        lists(facts)["security"] = [{"Key": []}]
        facts["components"]["securitySchemes"] = {"Other": {"type": "mutualTLS"}, "Key": {"type": "http"}}

    def renamed(facts: Any) -> None:  # noqa: ANN401 - any JSON
        secured(facts)
        schemes = facts["components"]["securitySchemes"]
        schemes["Another"] = {"type": "oauth2"}
        schemes["First/"] = schemes.pop("Key")
        schemes["Second"] = schemes["First/"]
        lists(facts)["security"] = [{"First/": []}]

    assert told(changed(secured), changed(renamed)) == [
        'additive security-scheme-renamed /components/securitySchemes/First~1: "Key" > "First/" |  | '
    ]

    def replaced(facts: Any) -> None:  # noqa: ANN401 - any JSON
        secured(facts)
        schemes = facts["components"]["securitySchemes"]
        del schemes["Key"]
        lists(facts)["security"] = [{"Other": []}]

    assert [one.split(" /")[0] for one in told(changed(secured), changed(replaced))] == [
        "breaking security-alternative-removed",
        "additive security-alternative-added",
    ]


def test_a_part_that_differs_without_a_rule_is_told_as_unclassified_and_a_told_one_is_not_told_again() -> None:
    def union(facts: Any) -> None:  # noqa: ANN401 - any JSON
        lists(facts)["parameters"] = [{"in": "query", "name": "gone"}, {"in": "query", "name": "same"}]
        schemas(facts)["Thing"]["anyOf"] = [{"required": ["name"]}]

    def more(facts: Any) -> None:  # noqa: ANN401 - any JSON
        union(facts)
        del lists(facts)["parameters"][0]
        schemas(facts)["Thing"]["oneOf"] = [{}]

    old, new = changed(union), changed(more)
    assert [one.split(":")[0] for one in told(old, new)] == [
        f"breaking parameter-optional-removed {LIST}/parameters/query",
        f"breaking unclassified-changed {LIST}/responses/200",
        f"breaking unclassified-changed {CHANGE}/responses/200",
    ]
    found = difference(old, new, USAGE)[1]
    assert (found.before, found.after) == (lists(old)["responses"]["200"], lists(new)["responses"]["200"])

    def and_told(facts: Any) -> None:  # noqa: ANN401 - any JSON
        more(facts)
        schemas(facts)["Size"]["properties"]["width"]["type"] = "number"

    assert [one.split(":")[0] for one in told(changed(more), changed(and_told))] == [
        "breaking response-type-widened /components/schemas/Size/properties/width"
    ]
    assert [one.split(":")[0] for one in told(old, changed(and_told))] == [
        "breaking response-type-widened /components/schemas/Size/properties/width",
        f"breaking parameter-optional-removed {LIST}/parameters/query",
    ]


def test_an_operation_without_a_name_is_told_without_lines_of_the_facade() -> None:
    def nameless(facts: Any) -> None:  # noqa: ANN401 - any JSON
        del lists(facts)["operationId"]

    def more(facts: Any) -> None:  # noqa: ANN401 - any JSON
        nameless(facts)
        lists(facts)["responses"]["204"] = {}

    assert told(changed(nameless), changed(more)) == [
        f"additive response-success-added {LIST}/responses/204: null > {{}} | GET /things | "
    ]


ELSEWHERE = {"$ref": "elsewhere"}
WRONG: dict[str, Callable[[Any], object]] = {
    "/components/schemas/Thing/properties/size": lambda facts: schemas(facts)["Thing"]["properties"].update(
        size=ELSEWHERE
    ),
    f"{LIST}/responses/200/content/application~1json/schema/items": lambda facts: lists(facts)["responses"]["200"][
        "content"
    ]["application/json"]["schema"].update(items=ELSEWHERE),
    "/info": lambda facts: facts.update(info=[]),
    "/paths": lambda facts: facts.update(paths=[]),
    "/paths/~1things": lambda facts: facts["paths"].update({"/things": []}),
    "/paths/~1things/get": lambda facts: facts["paths"]["/things"].update(get=[]),
    "/components": lambda facts: facts.update(components=[]),
    "/components/schemas": lambda facts: facts["components"].update(schemas=[]),
    "/components/securitySchemes": lambda facts: facts["components"].update(securitySchemes=[]),
}


@pytest.mark.parametrize("pointer", WRONG)
@pytest.mark.parametrize("later", [False, True])
def test_a_fault_in_the_facts_is_refused_at_its_place(pointer: str, *, later: bool) -> None:
    wrong = changed(WRONG[pointer])
    reason = "'elsewhere' points outside the document|a mapping is expected here, not a list"
    with pytest.raises(LocatedSourceError, match=reason) as caught:
        difference(*((FACTS, wrong) if later else (wrong, FACTS)), USAGE)
    assert caught.value.pointer == pointer


def test_a_told_change_does_not_hide_an_untold_one_beside_a_parameter_of_a_longer_name() -> None:
    def with_both(keyword: str, kind: str) -> Callable[[Any], None]:
        def edit(facts: Any) -> None:  # noqa: ANN401 - any JSON
            union = {"anyOf": [{"required": ["b"]}], keyword: [{}], "properties": {"b": {}}}
            after = {"in": "query", "name": "after", "schema": union}
            lists(facts)["parameters"] = [after, {"in": "query", "name": "after_id", "schema": {"type": kind}}]

        return edit

    found = told(changed(with_both("x-none", "integer")), changed(with_both("oneOf", "string")))
    assert [one.split(":")[:2] for one in found] == [
        [f"breaking unclassified-changed {LIST}/parameters/query", "after"],
        [f"breaking request-type-changed {LIST}/parameters/query", "after_id/schema"],
    ]


def test_two_fields_that_are_not_described_are_two_changes() -> None:
    def demanding(*names: str) -> Callable[[Any], None]:
        def edit(facts: Any) -> None:  # noqa: ANN401 - any JSON
            schemas(facts)["Size"]["required"] = [*names]

        return edit

    found = difference(changed(demanding()), changed(demanding("one", "two")), USAGE)
    assert len({change.fingerprint for change in found}) == len(found) == 2


def test_components_that_contain_each_other_are_compared_to_their_end() -> None:
    def looped(kind: str) -> Callable[[Any], None]:
        def edit(facts: Any) -> None:  # noqa: ANN401 - any JSON
            schemas(facts)["Size"]["properties"]["of"] = refers("Thing")
            schemas(facts)["Size"]["properties"]["width"]["type"] = kind

        return edit

    found = told(changed(looped("integer")), changed(looped("string")))
    place = "/components/schemas/Size/properties/width"
    reached = "GET /things, POST /things/{a~b} | seam.py:4"
    assert found == [f'breaking response-type-changed {place}: "integer" > "string" | {reached}']
