"""Pausing and resuming jobs, which the gateway takes for a cancellation with some providers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from portkey_ft import ConfigurationError, Managed, NotSupportedError

if TYPE_CHECKING:
    from tests.support.ways import Way, Wire

pytestmark = pytest.mark.anyio

JOB = {"id": "j", "status": "paused"}


@pytest.fixture(params=["pause", "resume"])
def verb(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.parametrize("provider", ["openai", "azure-openai"])
async def test_a_provider_that_has_it_is_asked(verb: str, provider: str, way: Way, wire: Wire) -> None:
    client = way.client(wire.say(JOB), provider=provider)
    job = await way.get(getattr(client.fine_tuning.jobs, verb)("j"))
    assert job.is_paused
    assert [(one.method, one.url.path) for one in wire.requests] == [("POST", f"/v1/fine_tuning/jobs/j/{verb}")]


@pytest.mark.parametrize("provider", ["bedrock", "vertex-ai", "fireworks-ai"])
async def test_where_it_would_cancel_the_job_nothing_is_sent(verb: str, provider: str, way: Way, wire: Wire) -> None:
    client = way.client(wire.say(JOB), provider=provider)
    with pytest.raises(NotSupportedError, match=f"no fine_tuning.jobs.{verb} for {provider}, and would cancel"):
        await way.get(getattr(client.fine_tuning.jobs, verb)("j"))
    assert wire.requests == []


@pytest.mark.parametrize(
    ("named", "sent", "error"),
    [
        ("openai", ["GET", "POST"], None),
        ("bedrock", ["GET"], "for bedrock, and would cancel"),
        (None, ["GET"], "the provider of the job j is unknown"),
    ],
)
async def test_an_unknown_provider_is_found_out_by_retrieving_the_job_first(
    verb: str, named: str | None, sent: list[str], error: str | None, *, way: Way, wire: Wire
) -> None:
    headers: dict[str, Any] = {} if named is None else {"x-portkey-provider": named}
    client = way.client(wire.say((200, JOB, headers)))
    changed = getattr(client.fine_tuning.jobs, verb)
    if error is None:
        await way.get(changed("j"))
    else:
        with pytest.raises(NotSupportedError, match=error):
            await way.get(changed("j"))
    assert [one.method for one in wire.requests] == sent


@pytest.mark.parametrize("mode", [{}, {"auth": Managed()}, {"config": "pc-several"}, {"provider": "@mine"}], ids=repr)
async def test_what_another_job_told_of_its_provider_does_not_hold_for_this_one(
    verb: str, mode: dict[str, Any], way: Way, wire: Wire
) -> None:
    client = way.client(
        wire.say((200, JOB, {"x-portkey-provider": "openai"}), (200, JOB, {"x-portkey-provider": "bedrock"})), **mode
    )
    await way.get(client.fine_tuning.jobs.retrieve("another"))
    with pytest.raises(NotSupportedError, match="for bedrock, and would cancel"):
        await way.get(getattr(client.fine_tuning.jobs, verb)("j"))
    assert [one.method for one in wire.requests] == ["GET", "GET"]


async def test_jobs_are_listed_by_their_metadata(way: Way, wire: Wire) -> None:
    client = way.client(wire.say({"data": [JOB]}), provider="openai")
    found = await way.items(client.fine_tuning.jobs.list(metadata={"team": "a b"}, extra_query={"order": "asc"}))
    assert [job.id for job in found] == ["j"]
    assert dict(wire.requests[0].url.params) == {"metadata[team]": "a b", "order": "asc"}


async def test_a_filter_that_the_gateway_drops_is_refused(way: Way, wire: Wire) -> None:
    client = way.client(wire.say({"data": [JOB]}), provider="vertex-ai")
    with pytest.raises(NotSupportedError, match="drops the filter metadata= for vertex-ai"):
        client.fine_tuning.jobs.list(metadata={"team": "a"})
    assert wire.requests == []


async def test_a_list_that_came_unfiltered_is_not_handed_out(way: Way, wire: Wire) -> None:
    client = way.client(wire.say((200, {"data": [JOB]}, {"x-portkey-provider": "bedrock"})))
    with pytest.raises(NotSupportedError, match="the list came unfiltered"):
        await way.items(client.fine_tuning.jobs.list(metadata={"team": "a"}))


async def test_a_parameter_that_an_argument_sets_is_not_set_a_second_time(way: Way, wire: Wire) -> None:
    client = way.client(wire.say({"data": []}), provider="openai")
    jobs = client.fine_tuning.jobs.list(page_size=2, extra_query={"limit": 50})
    with pytest.raises(ConfigurationError, match="extra_query holds 'limit', which an argument sets already"):
        await way.items(jobs)
    assert wire.requests == []
