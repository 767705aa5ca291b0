"""Whatever holds the values of a job, what is sent, checked, compared and kept secret is the same plain JSON."""

from __future__ import annotations

import warnings
from collections import ChainMap, UserDict
from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from portkey_ft import ConfigurationError, Managed, PortkeyError, PortkeyWarning

if TYPE_CHECKING:
    from tests.support.ways import Way, Wire

pytestmark = pytest.mark.anyio

JOB = {"id": "j", "status": "queued"}
SECRET = "canary-vk-0123456789"
NEEDED = {"model": "m", "training_file": "f"}


class Kind(str, Enum):  # noqa: UP042 - what people write
    """An enumeration of text, whose str() is the name of the member and not its value."""

    SUPERVISED = "supervised"


@pytest.mark.security
@pytest.mark.parametrize("name", ["portkey_options", "provider_options", "extra_body"])
@pytest.mark.parametrize(
    "options",
    [
        MappingProxyType({"key": SECRET}),
        UserDict({"key": SECRET}),
        ChainMap({"key": SECRET}),
        {"inside": MappingProxyType({"key": SECRET})},
        {"inside": (SECRET,)},
    ],
    ids=["mapping proxy", "UserDict", "ChainMap", "inside", "tuple"],
)
async def test_a_key_is_a_secret_in_every_kind_of_mapping(options: Any, name: str, way: Way, wire: Wire) -> None:  # noqa: ANN401
    client = way.client(wire.say((400, {"error": {"message": f"no such key {SECRET}"}})), auth=Managed())
    given = {"portkey_options": options} if name == "extra_body" else options
    with pytest.raises(PortkeyError, match="no such key") as caught:
        await way.get(client.fine_tuning.jobs.create(**NEEDED, **{name: given}))
    assert SECRET in wire.requests[0].content.decode()
    assert SECRET not in f"{caught.value}{caught.value!r}{vars(caught.value)}"


@pytest.mark.parametrize("metadata", [{1: "x"}, {1: "x", "b": "y"}, {None: "x"}], ids=repr)
async def test_a_job_that_was_started_is_returned_whatever_its_metadata_is_called(
    metadata: Any,  # noqa: ANN401
    way: Way,
    wire: Wire,
) -> None:
    client = way.client(wire.say({**JOB, "metadata": {}}), provider="azure-openai")
    with pytest.warns(PortkeyWarning, match="the job j came back without the metadata"):
        job = await way.get(client.fine_tuning.jobs.create(**NEEDED, metadata=metadata))
    assert job.id == "j"


@pytest.mark.parametrize(
    "metadata", [{"a": ("b",)}, {1: "x"}, MappingProxyType({"a": {"b": (1,)}}), {"a": Kind.SUPERVISED}], ids=repr
)
async def test_metadata_that_came_back_as_it_was_sent_is_not_warned_of(metadata: Any, way: Way, wire: Wire) -> None:  # noqa: ANN401
    def echo(request: httpx.Request) -> httpx.Response:
        assert request.method == "POST"
        return httpx.Response(200, content=request.content.replace(b"{", b'{"id":"j",', 1))

    client = way.client(wire.say(echo), provider="azure-openai")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        await way.get(client.fine_tuning.jobs.create(**NEEDED, metadata=metadata))


@pytest.mark.parametrize("provider", ["azure-openai", "bedrock", None])
async def test_an_enumeration_of_text_is_its_value(provider: str | None, way: Way, wire: Wire) -> None:
    client = way.client(wire.say(JOB), **({"provider": provider} if provider else {}))
    method = {"type": Kind.SUPERVISED, "supervised": {"hyperparameters": {"n_epochs": 3}}}
    await way.get(client.fine_tuning.jobs.create(**NEEDED, method=method))
    assert wire.body["hyperparameters"] == {"n_epochs": 3}


@pytest.mark.parametrize(
    "given",
    [
        {"hyperparameters": {1: 2}},
        {"method": {"type": "dpo", 1: 2}},
        {"method": {"type": "dpo", "dpo": {"hyperparameters": {None: 2}}}},
        {"hyperparameters": {"eval_batch_size": 1}},
    ],
    ids=repr,
)
async def test_a_name_that_is_no_misspelling_is_sent(given: dict[str, Any], way: Way, wire: Wire) -> None:
    client = way.client(wire.say(JOB), provider="openai")
    await way.get(client.fine_tuning.jobs.create(**NEEDED, **given))
    assert [request.method for request in wire.requests] == ["POST"]


@pytest.mark.parametrize("block", ["x", [1], {"hyperparameters": [1]}, {"hyperparameters": "x"}], ids=repr)
async def test_a_method_whose_values_nothing_would_read_is_refused(block: Any, way: Way, wire: Wire) -> None:  # noqa: ANN401
    client = way.client(wire.say(JOB), provider="bedrock")
    method = {"type": "supervised", "supervised": block}
    with pytest.raises(ConfigurationError, match=r"of method must be a mapping, not (str|list)"):
        await way.get(client.fine_tuning.jobs.create(**NEEDED, method=method))
    assert wire.requests == []
