"""The clients as objects: options, lives, public names, and what importing them costs."""

from __future__ import annotations

import copy
import gc
import importlib
import inspect
import os
import pickle
import pkgutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import httpx
import pytest

import portkey_ft
from portkey_ft import AsyncPortkey, ConfigurationError, Portkey, VirtualKey
from portkey_ft.checkpoints import AsyncCheckpointList, CheckpointList
from portkey_ft.clock import SystemClock
from portkey_ft.files import AsyncDownload, AsyncFiles, Download, Files
from portkey_ft.fine_tuning import AsyncCheckpoints, AsyncFineTuning, AsyncJobs, Checkpoints, FineTuning, Jobs
from portkey_ft.pagination import AsyncList, SyncList
from portkey_ft.testing import FakeGateway

if TYPE_CHECKING:
    from tests.support.ways import Way, Wire

pytestmark = pytest.mark.anyio
PAIRS: list[tuple[type, type]] = [
    (Portkey, AsyncPortkey),
    (FineTuning, AsyncFineTuning),
    (Jobs, AsyncJobs),
    (Checkpoints, AsyncCheckpoints),
    (Files, AsyncFiles),
    (Download, AsyncDownload),
    (SyncList, AsyncList),
    (CheckpointList, AsyncCheckpointList),
]
# What a type is called where it is awaited.
TWINS = {
    "httpx.AsyncClient": "httpx.Client",
    "AsyncIterator": "Iterator",
    **{twin.__name__: one.__name__ for one, twin in PAIRS},
}


def public(kind: type) -> dict[str, Any]:
    return {name: member for name, member in inspect.getmembers(kind) if not name.startswith("_")}


@pytest.mark.parametrize(("sync", "asynchronous"), PAIRS, ids=[one.__name__ for one, _ in PAIRS])
def test_both_kinds_offer_the_same(sync: type, asynchronous: type) -> None:
    assert public(sync).keys() == public(asynchronous).keys()
    for name, member in public(sync).items():
        twin = public(asynchronous)[name]
        assert type(member) is type(twin), name
        if inspect.isfunction(member):
            assert _signature(member) == _signature(twin), name
            assert member.__doc__, name
            assert twin.__doc__, name
    assert _signature(sync.__init__).keys() >= _signature(asynchronous.__init__).keys() - {"self"}  # type: ignore[misc]


def _signature(function: Any) -> dict[str, tuple[Any, Any, str]]:  # noqa: ANN401 - any function
    parameters = inspect.signature(function).parameters
    return {name: (one.kind, one.default, _twin(str(one.annotation))) for name, one in parameters.items()}


def _twin(annotation: str) -> str:
    for asynchronous, sync in TWINS.items():
        annotation = annotation.replace(asynchronous, sync)
    return annotation


async def test_with_options_shares_the_connections_and_leaves_its_parent_alone(way: Way, wire: Wire) -> None:
    parent = way.client(wire.say({"id": "f"}), default_headers={"x-a": "1", "x-b": "1"}, max_retries=5)
    child = parent.with_options(
        auth=VirtualKey("vk-of-the-child"),
        timeout=3,
        max_retries=0,
        default_headers={"x-b": "2"},
        trace_id="t",
        metadata={"m": 1},
    )
    assert type(child) is type(parent)
    assert child._transport.client is parent._transport.client
    await way.get(child.files.retrieve("f"))
    sent = wire.last.headers
    assert {name: sent[name] for name in ("x-a", "x-b", "x-portkey-trace-id", "x-portkey-virtual-key")} == {
        "x-a": "1",
        "x-b": "2",
        "x-portkey-trace-id": "t",
        "x-portkey-virtual-key": "vk-of-the-child",
    }
    assert wire.last.extensions["timeout"]["read"] == 3
    await way.get(parent.files.retrieve("f"))
    sent = wire.last.headers
    assert (sent["x-b"], sent["x-portkey-virtual-key"], "x-portkey-trace-id" in sent) == ("1", "vk-0123456789", False)
    await way.get(child.close())
    await way.get(parent.files.retrieve("f"))


@pytest.mark.parametrize(
    "options", [{"auth": "vk"}, {"timeout": -1}, {"max_retries": 1.5}, {"default_headers": {"x-portkey-config": "a"}}]
)
async def test_options_that_cannot_work_are_refused(options: dict[str, Any], way: Way, wire: Wire) -> None:
    with pytest.raises(ConfigurationError):
        way.client(wire).with_options(**options)


async def test_a_client_that_was_passed_in_stays_open(way: Way, wire: Wire) -> None:
    client = way.client(wire.say({"id": "f"}))
    if way.is_async:
        async with client as entered:
            assert entered is client
    else:
        with client as entered:
            assert entered is client
    assert not client._transport.client.is_closed


async def test_a_client_closes_the_connections_that_it_made(way: Way) -> None:
    options: dict[str, Any] = {"api_key": "pk-0123456789", "virtual_key": "vk-0123456789"}
    client: Any = AsyncPortkey(**options) if way.is_async else Portkey(**options)
    await way.get(client.close())
    assert client._transport.client.is_closed
    with pytest.raises(ConfigurationError, match="closed"):
        await way.get(client.files.retrieve("f"))


@pytest.mark.parametrize("kind", [Portkey, AsyncPortkey])
def test_timeouts_are_finite_unless_asked_otherwise(kind: type[Portkey | AsyncPortkey]) -> None:
    client = kind(api_key="pk-0123456789", virtual_key="vk-0123456789")
    assert client._transport.client.timeout == httpx.Timeout(60.0, connect=10.0)
    endless = kind(api_key="pk-0123456789", virtual_key="vk-0123456789", timeout=float("inf"))
    assert endless._transport.client.timeout == httpx.Timeout(None)


def test_what_came_from_a_client_outlives_it(gateway: FakeGateway) -> None:
    gateway.add_job(job_id="ftjob-1")
    with gateway.serve() as url:
        client = Portkey(base_url=url, virtual_key="vk-0123456789")
        jobs, http_client = client.with_options(trace_id="t").fine_tuning.jobs, client._transport.client
        del client
        gc.collect()
        assert jobs.retrieve("ftjob-1").id == "ftjob-1"
        del jobs
        gc.collect()
        assert http_client.is_closed


async def test_clients_show_what_they_are_and_do_not_pickle_or_copy(way: Way, wire: Wire) -> None:
    client = way.client(wire)
    assert (
        repr(client)
        == f"<{type(client).__name__} https://gateway.test/v1 VirtualKey(virtual_key='***', provider_headers={{}})>"
    )
    for attempt in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="cannot be pickled"):
            attempt(client)


def test_a_client_whose_making_failed_can_be_shown() -> None:
    assert repr(Portkey.__new__(Portkey)) == "<Portkey not made>"


MODULES = [
    module.name
    for module in pkgutil.iter_modules(portkey_ft.__path__, "portkey_ft.")
    if not module.ispkg and not module.name.endswith("__main__")
]


@pytest.mark.parametrize("name", ["portkey_ft", *MODULES])
def test_public_names_are_sorted_there_and_documented(name: str) -> None:
    module = importlib.import_module(name)
    names: list[str] = getattr(module, "__all__", [])
    # As the linter sorts: constants, then classes, then the rest.
    assert len(set(names)) == len(names)
    assert module.__doc__
    for public_name in names:
        member = getattr(module, public_name)
        if inspect.isclass(member) or inspect.isfunction(member):
            assert member.__doc__, public_name


def _run(code: str) -> str:
    command = [sys.executable, "-W", "error", "-c", code]
    finished = subprocess.run(  # noqa: S603 - our own code
        command, capture_output=True, text=True, check=False, env=_environment()
    )
    assert finished.stderr == ""
    return finished.stdout.strip()


def _environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PYTHONDONTWRITEBYTECODE": "1"}


def test_importing_the_package_loads_nothing_generated_and_no_event_loop() -> None:
    code = (
        "import sys, portkey_ft; print(sorted({n.partition('.')[0] for n in sys.modules} & {'portkey_ft_api', 'trio'}))"
    )
    assert _run(code) == "[]"


def test_making_a_client_loads_nothing_generated_and_using_it_does() -> None:
    code = (
        "import sys, portkey_ft; client = portkey_ft.Portkey(api_key='pk-0123456789', virtual_key='vk-0123456789');"
        "print('portkey_ft_api' in sys.modules, bool(client.files), 'portkey_ft_api' in sys.modules)"
    )
    assert _run(code) == "False True True"


async def test_the_systems_clock_tells_and_passes_time(way: Way) -> None:
    clock = SystemClock()
    before, moment = clock.monotonic(), clock.now()
    clock.sleep(0)
    if way.is_async:
        await clock.asleep(0)
    assert clock.monotonic() >= before
    assert moment > 1_700_000_000


@pytest.mark.parametrize("kind", [Portkey, AsyncPortkey])
def test_a_client_has_a_clock_of_its_own_accord(kind: type[Portkey | AsyncPortkey]) -> None:
    client = kind(api_key="pk-0123456789", virtual_key="vk-0123456789")
    assert isinstance(client._transport.clock, SystemClock)
    assert abs(client._runtime.environment.now().timestamp() - SystemClock().now()) < 3600


async def test_a_client_of_another_process_is_not_used_in_this_one(way: Way, wire: Wire) -> None:
    client = way.client(wire.say({"id": "f"}))
    child = client.with_options(trace_id="t")
    client._transport.connections._process = os.getpid() + 1
    for one in (client, child):
        with pytest.raises(ConfigurationError, match="used in another process"):
            await way.get(one.files.retrieve("f"))
    assert wire.requests == []


def test_every_name_is_found_and_another_one_is_not() -> None:
    assert set(portkey_ft.__all__) <= set(dir(portkey_ft))
    assert all(getattr(portkey_ft, name) is not None for name in portkey_ft.__all__)
    assert not hasattr(portkey_ft, "FineTuningJobs")


def test_the_import_loads_neither_types_nor_anything_generated() -> None:
    """What only a call needs is loaded by the first one."""
    code = "import portkey_ft, sys; print([name for name in sys.modules if 'portkey_ft' in name])"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    said = subprocess.run([sys.executable, "-c", code], env=environment, check=True, capture_output=True, text=True)  # noqa: S603 - our own words
    assert "portkey_ft.client" in said.stdout
    for name in ("portkey_ft_api", "portkey_ft.types", "portkey_ft.pagination", "portkey_ft._api.operations"):
        assert f"'{name}'" not in said.stdout
