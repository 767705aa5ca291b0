"""What the document allows is read, and what it does not allow gives one typed error."""

from __future__ import annotations

import json
import pickle
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import given, settings

from portkey_ft import NotSupportedError, PortkeyError, PortkeyWarning, ResponseError
from portkey_ft._api.error_responses import is_disguised_error
from portkey_ft.types import Page
from tests.support.shapes import Shapes

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.seam import Reader

JSON = Mapping[str, Any]

# Enough to go through every property of every schema.
FEW = settings(max_examples=30)

ANSWERS: Mapping[str, str] = {
    "fine_tuning.jobs.create": "FineTuningJob",
    "fine_tuning.jobs.retrieve": "FineTuningJob",
    "fine_tuning.jobs.cancel": "FineTuningJob",
    "fine_tuning.jobs.list": "ListPaginatedFineTuningJobsResponse",
    "fine_tuning.jobs.list_events": "ListFineTuningJobEventsResponse",
    "fine_tuning.jobs.checkpoints.list": "ListFineTuningJobCheckpointsResponse",
    "files.create": "OpenAIFile",
    "files.retrieve": "OpenAIFile",
    "files.list": "ListFilesResponse",
    "files.delete": "DeleteFileResponse",
}
# The shapes that have a strategy of their own; the other rows share them.
DIFFERENT = (
    "fine_tuning.jobs.retrieve",
    "fine_tuning.jobs.list",
    "fine_tuning.jobs.list_events",
    "fine_tuning.jobs.checkpoints.list",
    "files.retrieve",
    "files.list",
    "files.delete",
)

GONE = object()
Place = tuple[str | int, ...]


@cache
def _shapes(path: Path) -> Shapes:
    return Shapes(yaml.load((path / "openapi.yaml").read_text("utf-8"), yaml.CSafeLoader))


def _values(read: object) -> tuple[Any, ...]:
    return read.items if isinstance(read, Page) else (read,)


def _is_whole(value: Any) -> bool:  # noqa: ANN401 - any value of the facade
    """Tell whether a value can be stored, copied and written as JSON."""
    json.dumps(value.to_dict())
    return pickle.loads(pickle.dumps(value)) == value and hash(value) == hash(value) and repr(value) != ""  # noqa: S301 - our own pickle


def test_every_answer_of_the_document_is_read_by_some_row(document: JSON) -> None:
    """Whatever good status it comes with; an answer whose schema stands in its place has no name to be found by."""
    described = {
        content["schema"]["$ref"].rpartition("/")[2]
        for item in document["paths"].values()
        for operation in item.values()
        for status, response in operation["responses"].items()
        for kind, content in response.get("content", {}).items()
        if status.startswith("2") and kind == "application/json" and "$ref" in content["schema"]
    }
    assert described
    assert described <= set(ANSWERS.values())


def _cases(payloads: Mapping[str, JSON]) -> list[tuple[str, Any]]:
    rows = {
        "jobs": ["fine_tuning.jobs.create", "fine_tuning.jobs.retrieve", "fine_tuning.jobs.cancel"],
        "files": ["files.create", "files.retrieve"],
        "job_lists": ["fine_tuning.jobs.list"],
        "file_lists": ["files.list"],
    }
    assert set(payloads) == set(rows)
    return [(row, data) for kind, named in payloads.items() for data in named.values() for row in rows[kind]]


def test_every_payload_of_the_providers_is_read(payloads: Mapping[str, JSON], reader: Reader) -> None:
    cases = _cases(payloads)
    assert len(cases) > 30
    for operation, data in cases:
        read = reader.read(operation, data)
        raws = data["data"] if isinstance(read, Page) else [data]
        assert [value.raw for value in _values(read)] == raws
        assert all(_is_whole(value) for value in _values(read))


@pytest.mark.parametrize("operation", DIFFERENT)
def test_what_the_document_allows_is_read_and_round_trips(operation: str, spec_folder: Path, reader: Reader) -> None:
    shapes = _shapes(spec_folder)

    @FEW
    @given(shapes.of(ANSWERS[operation]).filter(lambda data: not is_disguised_error(data)))
    def check(data: JSON) -> None:
        read = reader.read(operation, data)
        assert [value.raw for value in _values(read)] == (data["data"] if isinstance(read, Page) else [data])
        assert all(_is_whole(value) for value in _values(read))

    check()


# What may stand in the place of any value.
WRONG: tuple[object, ...] = (None, True, 0, -1.5, 10**400, float("nan"), "", "x", "1e999", "٣", [], [1], {}, {"a": 1})


def _places(value: object, pointer: Place = ()) -> list[Place]:
    inside: list[Place] = []
    if isinstance(value, dict):
        inside = [place for name, item in value.items() for place in _places(item, (*pointer, name))]
    elif isinstance(value, list):
        inside = [place for index, item in enumerate(value) for place in _places(item, (*pointer, index))]
    return [pointer, *inside]


def _replaced(value: Any, place: Place, wrong: object) -> Any:  # noqa: ANN401 - JSON
    """Give a copy with something else, or with nothing, in one place."""
    if not place:
        return wrong
    copy: Any = dict(value) if isinstance(value, dict) else list(value)
    if wrong is GONE and len(place) == 1:
        del copy[place[0]]
    else:
        copy[place[0]] = _replaced(value[place[0]], place[1:], wrong)
    return copy


def _faults(sample: object) -> Iterator[object]:
    for place in _places(sample):
        yield from (_replaced(sample, place, wrong) for wrong in (WRONG if not place else (*WRONG, GONE)))


def _points_into(data: Any, pointer: str) -> bool:  # noqa: ANN401 - JSON
    """Tell whether a JSON pointer leads somewhere, its last step perhaps to what is missing."""
    tokens = [token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:]]
    for token in tokens[:-1]:
        data = data[int(token)] if isinstance(data, list) else data[token]
    return not tokens or isinstance(data, dict | list)


@pytest.mark.parametrize("operation", DIFFERENT)
def test_one_fault_is_tolerated_or_warned_of_or_is_a_typed_error_that_says_where(
    operation: str, document: JSON, reader: Reader
) -> None:
    outcomes: Counter[str] = Counter()
    for faulty in _faults(Shapes(document).sample(ANSWERS[operation])):
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            try:
                read = reader.read(operation, faulty)
            except PortkeyError as error:
                assert error.operation == operation  # noqa: PT017 - any other exception is the failure
                assert not isinstance(error, ResponseError) or _points_into(faulty, error.pointer)  # noqa: PT017 - see above
                outcomes["error"] += 1
            else:
                assert all(repr(value) for value in _values(read))
                outcomes["warned of" if warned else "tolerated"] += 1
        assert [warning.category for warning in warned] in ([], [PortkeyWarning])
    # All of them happen, or the faults were none.
    assert min(outcomes[outcome] for outcome in ("error", "tolerated", "warned of")) > 5


@pytest.mark.parametrize(
    ("operation", "data", "pointer"),
    [
        ("fine_tuning.jobs.retrieve", {"status": "running"}, "/id"),
        ("fine_tuning.jobs.retrieve", {"id": ""}, "/id"),
        ("fine_tuning.jobs.retrieve", {"id": "undefined"}, "/id"),
        ("fine_tuning.jobs.retrieve", [], ""),
        ("fine_tuning.jobs.retrieve", "job", ""),
        ("fine_tuning.jobs.list", {"data": [{"id": "a"}, {}]}, "/data/1/id"),
        ("fine_tuning.jobs.list", {"data": [{"id": "a"}, 5]}, "/data/1"),
        ("fine_tuning.jobs.list", {"data": {}}, "/data"),
        ("fine_tuning.jobs.list", {}, "/data"),
        ("fine_tuning.jobs.list", None, ""),
        ("files.retrieve", {"id": 1.5}, "/id"),
        ("files.delete", {"id": [], "deleted": True}, "/id"),
    ],
)
def test_without_an_id_there_is_an_error_with_the_place_and_the_body(
    operation: str, data: object, pointer: str, reader: Reader
) -> None:
    with pytest.raises(ResponseError) as caught:
        reader.read(operation, data, headers={"x-portkey-trace-id": "trace-7"})
    assert (caught.value.operation, caught.value.pointer, caught.value.trace_id) == (operation, pointer, "trace-7")
    assert operation in str(caught.value)
    assert (caught.value.body, caught.value.id) == (data, None)


@pytest.mark.parametrize(
    ("operation", "field", "value", "pointer"),
    [
        ("fine_tuning.jobs.retrieve", "status", {}, "/status"),
        ("fine_tuning.jobs.retrieve", "error", 5, "/error"),
        ("fine_tuning.jobs.retrieve", "error", {"code": []}, "/error/code"),
        ("fine_tuning.jobs.retrieve", "hyperparameters", [], "/hyperparameters"),
        ("fine_tuning.jobs.retrieve", "hyperparameters", "auto", "/hyperparameters"),
        ("fine_tuning.jobs.retrieve", "hyperparameters", {"n_epochs": True}, "/hyperparameters/n_epochs"),
        ("fine_tuning.jobs.retrieve", "integrations", {}, "/integrations"),
        ("fine_tuning.jobs.retrieve", "integrations", [5], "/integrations"),
        ("fine_tuning.jobs.retrieve", "result_files", [5], "/result_files"),
        ("fine_tuning.jobs.retrieve", "result_files", {}, "/result_files"),
        ("fine_tuning.jobs.retrieve", "method", "supervised", "/method"),
        ("fine_tuning.jobs.retrieve", "metadata", [], "/metadata"),
        ("fine_tuning.jobs.retrieve", "trained_tokens", "many", "/trained_tokens"),
        ("fine_tuning.jobs.retrieve", "trained_tokens", 1.5, "/trained_tokens"),
        ("fine_tuning.jobs.retrieve", "created_at", "soon", "/created_at"),
        ("fine_tuning.jobs.retrieve", "created_at", 10**30, "/created_at"),
        ("files.retrieve", "bytes", [], "/bytes"),
        ("files.retrieve", "bytes", 10**4000, "/bytes"),
        ("files.delete", "deleted", "yes", "/deleted"),
    ],
)
def test_a_field_that_cannot_be_read_is_none_with_one_warning(
    operation: str, field: str, value: object, pointer: str, reader: Reader
) -> None:
    data = {"id": "ID", field: value, "object": "thing"}
    with pytest.warns(PortkeyWarning) as caught:
        read = reader.read(operation, data)
    (warning,) = caught
    message = str(warning.message)
    assert operation in message
    assert "(ID)" in message
    assert f"the field {pointer} of the response was read as None: expected " in message
    assert (read.id, read.object, read.raw) == ("ID", "thing", data)
    wanted = {"deleted": True, "integrations": (), "result_files": ()}.get(field)
    if pointer == f"/{field}":
        assert getattr(read, field) == wanted
    else:
        assert value != getattr(read, field)


@pytest.mark.parametrize(
    ("operation", "odd", "pointer"),
    [
        ("fine_tuning.jobs.list_events", {"id": "b", "data": 1}, "/data/1/data"),
        ("fine_tuning.jobs.checkpoints.list", {"id": "b", "metrics": []}, "/data/1/metrics"),
        ("fine_tuning.jobs.checkpoints.list", {"id": "b", "metrics": {"train_loss": {}}}, "/data/1/metrics/train_loss"),
        ("fine_tuning.jobs.list", {"id": "b", "hyperparameters": "auto", "seed": []}, "/data/1/hyperparameters"),
        ("files.list", {"id": "b", "created_at": "soon"}, "/data/1/created_at"),
    ],
)
def test_one_odd_item_does_not_hide_a_page(
    operation: str, odd: Mapping[str, object], pointer: str, reader: Reader
) -> None:
    with pytest.warns(PortkeyWarning) as caught:
        page = reader.read(operation, {"data": [{"id": "a"}, odd, {"id": "c"}], "has_more": "yes", "last_id": []})
    assert [item.id for item in page] == ["a", "b", "c"]
    assert page.items[1].raw == odd
    assert (page.has_more, page.cursor) == (None, "c")
    (warning,) = caught
    assert f"the field {pointer} of the response was read as None" in str(warning.message)
    assert "more fields could not be read either" in str(warning.message)


def test_a_list_of_null_is_an_empty_one(reader: Reader) -> None:
    for operation in ("fine_tuning.jobs.list", "fine_tuning.jobs.list_events", "files.list"):
        page = reader.read(operation, {"object": "list", "data": None})
        assert (page.items, page.object) == ((), "list")


@pytest.mark.parametrize(("status", "content"), [(204, b""), (200, b""), (202, b" \n")])
def test_a_deletion_without_a_body_worked(status: int, content: bytes, reader: Reader) -> None:
    assert reader.read_bytes("files.delete", content, status).deleted
    with pytest.raises(NotSupportedError, match=r"no files\.delete for bedrock"):
        reader.read_bytes("files.delete", content, status, {"x-portkey-provider": "bedrock"})
    with pytest.raises(ResponseError, match="is empty"):
        reader.read_bytes("files.retrieve", content, status)


def test_what_the_gateway_calls_undefined_is_not_there(reader: Reader) -> None:
    job = reader.read("fine_tuning.jobs.retrieve", {"id": "j", "training_file": "undefined", "model": "m"})
    assert (job.training_file, job.model) == (None, "m")


@pytest.mark.parametrize("operation", ["files.create", "fine_tuning.jobs.cancel", "fine_tuning.jobs.create"])
def test_an_answer_to_paid_work_that_cannot_be_read_says_to_look(operation: str, reader: Reader) -> None:
    for data in ({"status": "queued"}, [], {"id": "undefined"}):
        with pytest.raises(ResponseError, match="check before you send it again"):
            reader.read(operation, data)
    with pytest.raises(ResponseError) as caught:
        reader.read("fine_tuning.jobs.retrieve", [])
    assert caught.value.hint is None


@pytest.mark.parametrize("provider", ["bedrock", "vertex-ai"])
def test_an_answer_that_names_no_file_is_no_deletion_where_the_gateway_has_none(provider: str, reader: Reader) -> None:
    """A gateway that has learned it is believed."""
    headers = {"x-portkey-provider": provider}
    with pytest.raises(NotSupportedError, match=f"no files.delete for {provider}"):
        reader.read("files.delete", {}, headers=headers)
    assert reader.read("files.delete", {"id": "f"}, headers=headers).deleted
    assert reader.read("files.delete", {}, headers={"x-portkey-provider": "fireworks-ai"}).deleted
