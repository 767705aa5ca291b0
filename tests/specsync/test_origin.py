"""What a report says of a change can be found in upstream's own document: its place, its line and its words."""

import json
from io import StringIO
from pathlib import Path

import pytest

from scripts.specsync.cli import main
from scripts.specsync.document.yaml_reader import parse_object
from scripts.specsync.facts.normalise import normalise
from scripts.specsync.facts.origin import Origin
from scripts.specsync.facts.select import select
from scripts.specsync.settings import WantedOperation

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = """
openapi: 3.0.3
info: {title: Shop, version: "1"}
servers: [{url: https://shop.example.com}]
paths:
  /goods/{id}:
    parameters:
      - {name: id, in: path, required: true, schema: {type: string}}
      - $ref: '#/components/parameters/After'
    get:
      responses:
        "200":
          description: Fine.
          content:
            Application/JSON; charset=utf-8:
              schema:
                oneOf:
                  - type: string
                  - $ref: '#/components/schemas/Thing'
components:
  parameters:
    After: {name: after, in: query, schema: {type: string}}
  schemas:
    Thing: {type: object, properties: {name: {type: string}}}
"""
OPERATION = "/paths/~1goods~1{thing_id}/get"
SCHEMA = f"{OPERATION}/responses/200/content/application~1json/schema"
THERE = "/paths/~1goods~1{id}/get/responses/200/content/Application~1JSON; charset=utf-8/schema"


@pytest.mark.parametrize(
    ("place", "found"),
    [
        (OPERATION, "/paths/~1goods~1{id}/get"),
        (SCHEMA, THERE),
        # The facts have alternatives in an order of their own; upstream's is what a maintainer sees.
        (f"{SCHEMA}/oneOf/0", f"{THERE}/oneOf/1"),
        (f"{SCHEMA}/oneOf/1", f"{THERE}/oneOf/0"),
        (f"{OPERATION}/parameters/query:after/schema", "/components/parameters/After/schema"),
        (f"{OPERATION}/parameters/path:thing_id", "/paths/~1goods~1{id}/parameters"),
        (f"{OPERATION}/servers", "/servers"),
        (f"{OPERATION}/requestBody", "/paths/~1goods~1{id}/get"),
        ("/components/schemas/Thing/properties/name", "/components/schemas/Thing/properties/name"),
        ("/components/schemas/Thing/properties/gone", "/components/schemas/Thing/properties"),
        ("/info/version", "/info/version"),
    ],
)
def test_a_place_in_the_facts_is_found_in_the_document(place: str, found: str) -> None:
    document = parse_object(DOCUMENT.encode())
    wanted = WantedOperation("GET", "/goods/{thing_id}", "get_thing", "things")
    facts = normalise(select(document, (wanted,)), "shop")
    assert Origin(document, facts).pointer(place) == found


def call(*arguments: str) -> tuple[int, str]:
    out = StringIO()
    return main(arguments, ROOT, out, StringIO()), out.getvalue()


def test_a_difference_has_the_lines_and_the_words_of_the_new_document(shop: Path) -> None:
    text = (shop / "document.yaml").read_text(encoding="utf-8")
    (shop / "new.yaml").write_text(text.replace("A thing.", "A good thing.").replace("width:", "breadth:"), "utf-8")
    out = StringIO()
    main(("diff", str(shop / "document.yaml"), str(shop / "new.yaml"), "--format", "json"), shop, out, StringIO())
    changes = {change["rule"]: change for change in json.loads(out.getvalue())["changes"]}
    words = changes["prose-changed"]
    assert (words["before"], words["after"]) == ("A thing.", "A good thing.")
    added = changes["response-property-added"]
    assert added["upstream"] == "/components/schemas/Size/properties/breadth"
    lines = (shop / "new.yaml").read_text(encoding="utf-8").splitlines()
    assert "breadth" in lines[added["line"] - 1]


def test_explain_prints_a_page_of_text() -> None:
    code, out = call("explain", "response-nullable-added")
    assert code == 0
    assert out.startswith("response-nullable-added (wire, additive)\n")
    assert "breaking where the facade cannot do without it.\n" in out
    assert "operations" not in out
    assert json.loads(call("explain", "response-nullable-added", "--format", "json")[1])["notes"] == [out.rstrip()]


def test_a_source_that_is_not_there_is_shown_whole() -> None:
    code, out = call("diff", "/dir/nope.yaml", "/dir/nope.yaml")
    assert code == 5
    assert "failure 5: /dir/nope.yaml: No such file or directory" in out


def test_markdown_and_json_show_values_whole(shop: Path) -> None:
    text = (shop / "document.yaml").read_text(encoding="utf-8")
    values = ", ".join(f"colour-{number}" for number in range(60))
    (shop / "new.yaml").write_text(text.replace("enum: [red, blue]", f"enum: [red, blue, {values}]"), "utf-8")
    out = StringIO()
    main(("diff", str(shop / "document.yaml"), str(shop / "new.yaml"), "--format", "md"), shop, out, StringIO())
    assert "colour-59" in out.getvalue()
    assert "upstream line" in out.getvalue()
