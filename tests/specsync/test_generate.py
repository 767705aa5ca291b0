"""What the generator does badly is stopped: warnings, losses, a missing or other ruff, half a run."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.specsync.client import generate as module
from scripts.specsync.client.audit import audit
from scripts.specsync.client.generate import GeneratorOptions, generate
from scripts.specsync.client.generated_tree import read_tree
from scripts.specsync.client.prove import prove_imports, prove_types_of_client
from scripts.specsync.client.workarounds import Adapted, adapt
from scripts.specsync.document.json_values import JsonObject, JsonValue, copy_json
from scripts.specsync.document.openapi import as_object
from scripts.specsync.document.yaml_reader import parse_object
from scripts.specsync.errors import GeneratorError
from scripts.specsync.tree.hash import tree_hash

ROOT = Path(__file__).resolve().parents[2]
OBJECT: JsonObject = {"type": "object", "properties": {"a": {"type": "string"}}}


@pytest.fixture(scope="session")
def effective() -> JsonObject:
    return parse_object((ROOT / "spec/openapi.yaml").read_bytes())


def small(**schemas: JsonValue) -> JsonObject:
    name = next(iter(schemas))
    content: JsonObject = {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}
    return {
        "openapi": "3.0.3",
        "info": {"title": "t", "version": "1"},
        "paths": {"/x": {"get": {"operationId": "x", "responses": {"200": {"description": "", "content": content}}}}},
        "components": {"schemas": schemas},
    }


def test_the_committed_client_is_what_the_generator_makes(effective: JsonObject, tmp_path: Path) -> None:
    adapted = adapt(effective)
    package = generate(adapted.document, options(adapted, "portkey_ft_api"), tmp_path)
    assert tree_hash(package) == tree_hash(ROOT / "generated/portkey_ft_api")


def test_a_project_above_the_output_does_not_change_it(tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    (tmp_path / "inside/deep").mkdir(parents=True)
    (tmp_path / "inside/pyproject.toml").write_text("[tool.ruff]\nline-length = 40\n")
    options = GeneratorOptions("x_api")
    first = generate(small(X=OBJECT), options, tmp_path / "plain")
    second = generate(small(X=OBJECT), options, tmp_path / "inside/deep")
    assert tree_hash(first) == tree_hash(second)
    assert not list(first.rglob(".ruff_cache"))


def test_a_warning_is_a_failure_that_says_the_generators_words(tmp_path: Path) -> None:
    broken = small(X={"type": "object", "properties": {"a": {"$ref": "#/components/schemas/Nowhere"}}})
    with pytest.raises(GeneratorError, match="the generator warned") as caught:
        generate(broken, GeneratorOptions("x_api"), tmp_path)
    assert any("Nowhere" in line for line in caught.value.details)


def test_a_refusal_is_a_failure(tmp_path: Path) -> None:
    with pytest.raises(GeneratorError, match="the generator refused"):
        generate({"openapi": "3.2.0", "paths": {}}, GeneratorOptions("x_api"), tmp_path)


def test_a_missing_ruff_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.sysconfig, "get_path", lambda _: str(tmp_path))
    monkeypatch.setattr(module.sys, "executable", str(tmp_path / "python"))
    with pytest.raises(GeneratorError, match="ruff is not beside python"):
        generate(small(X=OBJECT), GeneratorOptions("x_api"), tmp_path)


def test_a_ruff_on_the_path_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bin").mkdir()
    false = tmp_path / "bin/ruff"
    false.write_text("#!/bin/sh\nexit 9\n")
    false.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    (tmp_path / "work").mkdir()
    assert generate(small(X=OBJECT), GeneratorOptions("x_api"), tmp_path / "work").is_dir()


def test_a_generator_that_dies_half_way_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = subprocess.run

    def dying(command: tuple[str, ...], **options: object) -> object:
        if "openapi_python_client" in command:
            output = Path(command[-1])
            (output / "api").mkdir(parents=True)
            code = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
            command = (sys.executable, "-c", code)
        return run(command, **options)  # type: ignore[call-overload]  # handed on as they came

    monkeypatch.setattr(module.subprocess, "run", dying)
    with pytest.raises(GeneratorError, match=r"refused \(exit -9\)"):
        generate(small(X=OBJECT), GeneratorOptions("x_api"), tmp_path)


@pytest.fixture(scope="session")
def committed(effective: JsonObject) -> Adapted:
    return adapt(effective)


def options(adapted: Adapted, package: str = "x_api") -> GeneratorOptions:
    return GeneratorOptions(package, adapted.class_overrides(), adapted.wire_names)


def lost(adapted: Adapted, package: Path) -> tuple[str, ...]:
    return audit(adapted, read_tree(package)).lost


def test_nothing_is_lost_in_the_committed_client(committed: Adapted) -> None:
    found = audit(committed, read_tree(ROOT / "generated/portkey_ft_api"))
    assert (found.selected, found.generated, found.lost) == (13, 13, ())


@pytest.mark.parametrize(
    ("path", "old", "new", "said"),
    [
        ("api/fine_tuning/create_fine_tuning_job.py", None, None, "POST /fine_tuning/jobs: the operation"),
        ("models/open_ai_file.py", None, None, "/components/schemas/OpenAIFile: the class"),
        ("models/fine_tuning_job.py", '"trained_tokens"', '"trained"', "properties/trained_tokens: the property"),
        ("models/fine_tuning_job.py", "    seed: int", "    seeds: int", "properties/seed: the attribute"),
        ("api/files/list_files.py", "purpose", "aim", "GET /files: the query parameter purpose"),
        ("api/files/list_files.py", 'params["purpose"]', 'params["aim"]', "GET /files: the query parameter purpose"),
        ("api/files/create_file.py", '"files"', '"json"', "POST /files: the request body as multipart/form-data"),
        ("api/files/list_files.py", "== 200", "== 201", "GET /files: the response 200"),
        ("api/files/download_file.py", "response.content", "response.words", "the response 200 as application/octet"),
        ("api/files/list_files.py", "ListFilesResponse", "OpenAIFile", "the reference to ListFilesResponse"),
        ("models/fine_tuning_job_checkpoint.py", "CheckpointMetricsType0", "Metrics", "full_valid_loss"),
    ],
)  # fmt: skip
def test_whatever_is_taken_out_of_the_client_is_missed(  # noqa: PLR0917 - the parameters of one case
    path: str,
    old: str | None,
    new: str | None,
    said: str,
    committed: Adapted,
    tmp_path: Path,
) -> None:
    package = tmp_path / "portkey_ft_api"
    shutil.copytree(ROOT / "generated/portkey_ft_api", package)
    if old is None or new is None:
        (package / path).unlink()
    else:
        text = (package / path).read_text()
        assert old in text
        (package / path).write_text(text.replace(old, new))
    assert any(said in entry for entry in lost(committed, package))


def test_properties_beside_an_allof_of_one_are_missed_without_our_rule(tmp_path: Path) -> None:
    child: JsonObject = {"allOf": [{"$ref": "#/components/schemas/Base"}], "properties": {"b": {"type": "string"}}}
    document = small(Child=child, Base=OBJECT)
    package = generate(document, GeneratorOptions("x_api"), tmp_path)
    assert any("properties/b" in entry or "Child" in entry for entry in lost(Adapted(document, {}, {}), package))


def test_the_traps_of_names_are_stepped_around(tmp_path: Path) -> None:
    document = small(
        Response={**OBJECT, "properties": {"embedding": {"$ref": "#/components/schemas/Embedding"}}},
        Embedding={"type": "object", "properties": {"embedding": {"type": "array", "items": {"type": "number"}}}},
        Extra={"type": "object", "properties": {"additional_properties": {"type": "string"}}},
        Either={**OBJECT, "oneOf": [{"required": ["a"]}, {"required": []}]},
    )  # fmt: skip
    schemas = as_object(as_object(document["components"], "")["schemas"], "")
    as_object(as_object(schemas["Response"], "")["properties"], "").update(
        {name.lower(): {"$ref": f"#/components/schemas/{name}"} for name in ("Extra", "Either")}
    )
    adapted = adapt(as_object(copy_json(document), ""))
    package = generate(adapted.document, options(adapted), tmp_path)
    assert lost(adapted, package) == ()
    assert prove_imports(package) == "imports"
    assert prove_types_of_client(package) == "types of the client"


def test_a_module_that_does_not_import_is_a_failure(tmp_path: Path) -> None:
    package = generate(small(X=OBJECT), GeneratorOptions("x_api"), tmp_path)
    (package / "models/broken.py").write_text("import nowhere_to_be_found\n")
    with pytest.raises(GeneratorError, match="do not import") as caught:
        prove_imports(package)
    assert any("x_api.models.broken" in line for line in caught.value.details)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (["text/csv", "application/json"], ["application/json"]),
        (["text/event-stream", "application/problem+json"], ["application/problem+json"]),
        (["text/plain", "application/octet-stream"], ["application/octet-stream"]),
        (["application/pdf", "image/png"], ["application/octet-stream"]),
        (["*/*"], ["application/octet-stream"]),
    ],
)
def test_of_several_forms_of_an_answer_one_is_read(given: list[str], kept: list[str]) -> None:
    document = small(X=OBJECT)
    place = as_object(document["paths"], "")
    for key in ("/x", "get", "responses", "200"):
        place = as_object(place[key], "")
    place["content"] = {media_type: {"schema": {}} for media_type in given}
    adapted: JsonValue = adapt(document).document["paths"]
    for key in ("/x", "get", "responses", "200", "content"):
        adapted = as_object(adapted, "")[key]
    assert list(as_object(adapted, "")) == kept
