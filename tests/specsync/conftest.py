"""Documents and projects that the tests of the toolchain work on."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from scripts.specsync.commands.sync import run
from scripts.specsync.context import Options, StageTimer
from scripts.specsync.document.json_values import JsonObject, copy_json
from scripts.specsync.document.openapi import as_object
from scripts.specsync.document.yaml_reader import parse_object
from scripts.specsync.facts.normalise import effective_base, normalise
from scripts.specsync.facts.select import select
from scripts.specsync.settings import Settings, read_settings
from tests.support.paths import NO_UPSTREAM, UPSTREAM

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session", autouse=True)
def caches_of_their_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the tests out of the caches of the person who runs them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session")
def settings() -> Settings:
    return read_settings(ROOT / "spec/selection.toml")


@pytest.fixture(scope="session")
def committed_facts() -> JsonObject:
    """The facts that are committed: a whole small document, which needs no network and no copy of upstream's."""
    return parse_object((ROOT / "spec/upstream.yaml").read_bytes())


@pytest.fixture(scope="session")
def document(committed_facts: JsonObject) -> JsonObject:
    """A document that upstream could have written: the committed facts with other words."""
    built = as_object(copy_json(effective_base(committed_facts)), "")
    built["security"] = [{"Portkey-Key": []}]
    built["servers"] = [{"url": "https://api.portkey.ai/v1"}]
    built["info"] = {"title": "Upstream", "version": "2.0.0", "description": "What upstream says of itself."}
    return built


@pytest.fixture(scope="session")
def facts_of(settings: Settings) -> Callable[[JsonObject], JsonObject]:
    """A function from a document to its facts."""

    def take(source: JsonObject) -> JsonObject:
        return normalise(select(source, settings.operations), settings.package)

    return take


@pytest.fixture(scope="session")
def upstream() -> Path:
    """Upstream's real documents, where they are at hand."""
    if not (UPSTREAM / "openapi").is_dir():
        pytest.skip(NO_UPSTREAM)
    return UPSTREAM


SEAM = '''"""A seam."""

from shop_api.api.things import list_things
from shop_api.models.thing import Thing


def read(thing: Thing) -> tuple[str, object]:
    return thing.id, thing.name


def request(after: str) -> dict[str, object]:
    return list_things._get_kwargs(after=after)
'''

SELECTION = """
[source]
hosts = ["example.com"]

[generate]
folder = "generated"
package = "shop_api"

[prove]
seam = "shop/seam.py"
typecheck = ["shop"]
tests = ["checks"]

[[operation]]
method = "GET"
path = "/things"
id = "list_things"
tag = "things"

[[operation]]
method = "POST"
path = "/things/{thing_id}"
id = "update_thing"
tag = "things"
"""

DOCUMENT = """
openapi: 3.0.3
info: {title: Shop, version: "1"}
servers: [{url: https://shop.example.com/v1}]
security: [{Key: []}]
paths:
  /things:
    get:
      operationId: getThings
      tags: [Stuff]
      parameters:
        - {name: after, in: query, schema: {type: string}}
      responses:
        "200":
          description: Things.
          content:
            application/json:
              schema: {$ref: '#/components/schemas/ThingList'}
  /things/{id}:
    post:
      parameters:
        - {name: id, in: path, required: true, schema: {type: string}}
      requestBody:
        required: true
        content:
          application/json:
            schema: {$ref: '#/components/schemas/ThingUpdate'}
      responses:
        "200":
          description: The thing.
          content:
            application/json:
              schema: {$ref: '#/components/schemas/Thing'}
  /unwanted:
    get:
      responses: {"200": {description: Not taken.}}
components:
  schemas:
    Thing:
      type: object
      title: One thing
      description: A thing.
      required: [id, name]
      properties:
        id: {type: string}
        name: {type: string}
        size: {$ref: '#/components/schemas/Size'}
        colour: {type: string, enum: [red, blue]}
    Size:
      type: object
      properties: {width: {type: integer}, height: {type: integer}}
    ThingList:
      type: object
      required: [data]
      properties:
        data: {type: array, items: {$ref: '#/components/schemas/Thing'}}
    ThingUpdate:
      type: object
      required: [name]
      properties:
        name: {type: string}
        colour: {type: string, enum: [red, blue]}
  securitySchemes:
    Key: {type: apiKey, in: header, name: x-key}
"""

OVERLAY = """
overlay: 1.1.0
info: {title: Ours, version: "1"}
actions:
  - target: $.components.schemas.Thing.required
    description: Names are optional.
    x-expect: {holders: 1}
    remove: true
  - target: $.components.schemas.Thing
    description: An id is needed.
    x-expect: {matches: 1}
    update: {required: [id]}
"""

CHECK = """
from shop import seam


def test_the_seam_reads_a_thing() -> None:
    assert seam.read(seam.Thing(id="1", name="n")) == ("1", "n")
    assert seam.request("x")["params"] == {"after": "x"}
"""

PROJECT = """
[tool.pytest.ini_options]
pythonpath = [".", "generated"]
addopts = ["--import-mode=importlib"]

[tool.mypy]
strict = true
mypy_path = ["generated"]
explicit_package_bases = true

[[tool.mypy.overrides]]
module = "shop_api.*"
follow_imports = "silent"
"""


def write_shop(root: Path) -> Path:
    """Write a small project that has nothing in common with ours but the toolchain."""
    for path, text in {
        "spec/selection.toml": SELECTION,
        "spec/overlay.yaml": OVERLAY,
        "shop/__init__.py": "",
        "shop/seam.py": SEAM,
        "checks/test_shop.py": CHECK,
        "pyproject.toml": PROJECT,
        "document.yaml": DOCUMENT,
    }.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text.lstrip(), encoding="utf-8")
    return root


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A small project before its first sync."""
    return write_shop(tmp_path / "shop-project")


@pytest.fixture(scope="session")
def synced_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small project after its first sync, made once."""
    root = write_shop(tmp_path_factory.mktemp("template") / "shop-project")
    report = run(Options("sync", root, source=str(root / "document.yaml")), StageTimer())
    assert report.exit_code == 20, report.failures
    return root


@pytest.fixture
def synced(synced_template: Path, tmp_path: Path) -> Path:
    """A copy of the small project after its first sync."""
    return Path(shutil.copytree(synced_template, tmp_path / "synced"))


@pytest.fixture(scope="session")
def shop_text() -> str:
    """The small project's document, as text."""
    return DOCUMENT.lstrip()
