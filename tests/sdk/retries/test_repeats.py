"""What may have happened before: a deletion whose answer was lost, and a cancellation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

from portkey_ft import APIConnectionError, ConflictError, NotFoundError, NotSupportedError
from portkey_ft.testing import FakeGateway, Fault

if TYPE_CHECKING:
    from tests.support.ways import Way, Wire

pytestmark = [pytest.mark.anyio, pytest.mark.security]
GONE = (404, {"error": {"message": "No such File object: f"}}, {"x-portkey-trace-id": "t-1"})

DOUBTFUL: dict[str, Any] = {
    "answer lost": httpx.ReadError("broken"),
    "no answer in time": httpx.ReadTimeout("late"),
    "502": (502, "bad gateway"),
    "408": (408, ""),
}
CERTAIN: dict[str, Any] = {"no connection": httpx.ConnectError("no"), "429": (429, {})}


@pytest.mark.parametrize("name", DOUBTFUL)
async def test_a_file_that_is_gone_after_an_attempt_that_may_have_worked_is_deleted(
    name: str, way: Way, wire: Wire
) -> None:
    deleted = await way.get(way.client(wire.say(DOUBTFUL[name], GONE)).files.delete("f"))
    assert (deleted.id, deleted.deleted, deleted.trace_id) == ("f", True, "t-1")
    assert len(wire.requests) == 2


@pytest.mark.parametrize("name", CERTAIN)
async def test_a_file_that_was_never_there_is_not_found(name: str, way: Way, wire: Wire) -> None:
    with pytest.raises(NotFoundError):
        await way.get(way.client(wire.say(CERTAIN[name], GONE)).files.delete("f"))
    with pytest.raises(NotFoundError):
        await way.get(way.client(wire.say(GONE)).files.delete("f"))
    # A doubt is not forgotten over what was certain after it.
    assert await way.get(way.client(wire.say(DOUBTFUL["502"], CERTAIN[name], GONE)).files.delete("f"))


async def test_a_look_is_not_a_deletion(way: Way, wire: Wire) -> None:
    with pytest.raises(NotFoundError):
        await way.get(way.client(wire.say(DOUBTFUL["answer lost"], GONE)).files.retrieve("f"))


async def test_an_operation_that_the_gateway_lacks_deletes_nothing(way: Way, wire: Wire) -> None:
    gone = (404, {}, {"x-portkey-provider": "vertex-ai"})
    with pytest.raises(NotSupportedError):
        await way.get(way.client(wire.say(DOUBTFUL["answer lost"], gone)).files.delete("f"))


async def test_another_error_after_a_doubt_is_an_error(way: Way, wire: Wire) -> None:
    with pytest.raises(ConflictError):
        await way.get(way.client(wire.say(DOUBTFUL["502"], (409, {}))).files.delete("f"))
    with pytest.raises(APIConnectionError):
        await way.get(way.client(wire.say(DOUBTFUL["answer lost"])).files.delete("f"))


async def test_through_a_whole_gateway_the_file_is_gone(way: Way, gateway: FakeGateway) -> None:
    gateway.add_file(b"x", file_id="f")
    gateway.fail_next(Fault.dropped(), operation="files.delete")
    deleted = await way.get(way.client(gateway).files.delete("f"))
    assert deleted.deleted
    assert gateway.files == ()


@pytest.mark.parametrize("name", DOUBTFUL)
async def test_a_cancellation_in_doubt_is_never_repeated(name: str, way: Way, wire: Wire) -> None:
    """So none can meet the job that it has cancelled itself: the doubt is told."""
    with pytest.raises(Exception, match=r"may have (arrived|taken effect)|502|408"):
        await way.get(way.client(wire.say(DOUBTFUL[name], {"id": "j"})).fine_tuning.jobs.cancel("j"))
    assert len(wire.requests) == 1
