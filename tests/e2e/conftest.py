"""The real gateway and the providers' back ends, for the tests of this folder.

Nothing is installed here: ``PORTKEY_FT_GATEWAY`` names a folder into which ``npm ci`` has put the gateway
(``tests/e2e/gateway`` holds its lock file). Where it is not set, the folder is skipped.
"""

from __future__ import annotations

import functools
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from portkey_ft import AsyncPortkey, Portkey
from portkey_ft.testing import FakeClock
from tests.e2e.cases import CASES
from tests.e2e.gateway_process import ENTRY, GatewayProcess, running
from tests.e2e.hosted import hosted
from tests.e2e.internet import Internet, reachable
from tests.e2e.session_lines import LOADS, TRUTH
from tests.e2e.truth.creates import BY_KEY, MODES, Cell, CreateTable
from tests.e2e.truth.uploads import FileCell, FileTable

HERE = Path(__file__).parent
# Read now: the tests themselves see no setting of this package.
GATEWAY = os.environ.get("PORTKEY_FT_GATEWAY")
REWRITE = bool(os.environ.get("PORTKEY_FT_E2E_REWRITE"))
LOAD_SECONDS = float(os.environ.get("PORTKEY_FT_E2E_LOAD_SECONDS", "10"))


def _reason() -> str | None:
    if not GATEWAY:
        return "PORTKEY_FT_GATEWAY names no folder with the gateway; nox -s e2e makes one"
    if not (Path(GATEWAY) / ENTRY).is_file():
        return f"there is no gateway in {GATEWAY}: run npm ci --ignore-scripts there"
    if shutil.which("node") is None:
        return "node is not there; the real gateway was not tried"
    return None


def pytest_configure(config: pytest.Config) -> None:
    """Name the groups of tests: -m "not load" leaves out what takes long, -m sample takes a few of each kind."""
    config.stash[LOADS] = []
    config.stash[TRUTH] = []
    config.addinivalue_line("markers", "sample: the few that stand for all, in at most 20 seconds")
    config.addinivalue_line("markers", "load: many calls at once, for PORTKEY_FT_E2E_LOAD_SECONDS in all (10)")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip this folder where there is no gateway."""
    reason = _reason()
    for item in items:
        if reason is not None and HERE in item.path.parents:
            item.add_marker(pytest.mark.skip(reason=reason))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the outcome of everything that was requested, and the figures of the loads."""
    if config.stash[TRUTH]:
        terminalreporter.section("what was asked for")
        for line in config.stash[TRUTH]:
            terminalreporter.write_line(line)
    if config.stash[LOADS]:
        memory = "MiB before | warm | at work | after"
        head = f"| load | calls | rate | {memory} | KiB of objects left | files before, at work, after | connections |"
        terminalreporter.section("loads")
        for line in (head, f"|{' --- |' * (head.count('|') - 1)}", *config.stash[LOADS]):
            terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def gateway_folder() -> Path:
    """The folder in which the gateway is installed."""
    return Path(GATEWAY or "")


@pytest.fixture(scope="session")
def rewriting() -> bool:
    """Whether the page of providers is written anew."""
    return REWRITE


@pytest.fixture(scope="session")
def load_seconds() -> float:
    """The duration of the load in seconds."""
    return LOAD_SECONDS


@pytest.fixture(scope="session")
def _internet() -> Iterator[Internet]:
    with reachable() as internet:
        yield internet


@pytest.fixture(scope="session")
def gateway(gateway_folder: Path, _internet: Internet) -> Iterator[GatewayProcess]:
    """The real gateway, running."""
    with running(gateway_folder, _internet.hosts) as gateway:
        yield gateway


@pytest.fixture
def internet(_internet: Internet) -> Internet:
    """The providers' back ends, cleared."""
    _internet.clear()
    return _internet


@pytest.fixture(scope="session")
def base_urls(gateway: GatewayProcess) -> Iterator[Mapping[str, str]]:
    """Yield the base URL for each auth mode: the hosted gateway alone knows virtual keys."""
    with hosted(gateway) as url:
        yield {**dict.fromkeys(MODES, gateway.base_url), BY_KEY: url}


@pytest.fixture(scope="session")
def creates(_internet: Internet, base_urls: Mapping[str, str]) -> Callable[[str, str], list[Cell]]:
    """Find out, once a session, what becomes of each argument of a create with a provider, in an auth mode."""
    table = CreateTable(_internet, base_urls)
    return functools.cache(lambda provider, mode: list(table.run(CASES[provider], mode)))


@pytest.fixture(scope="session")
def uploads(
    gateway_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], list[FileCell]]]:
    """Find out, once a session, what becomes of each training file with a provider.

    The gateway and the providers are its own: what is left of an upload that was broken off may arrive at any time.
    """
    with reachable() as internet, running(gateway_folder, internet.hosts) as gateway:
        table = FileTable(internet, gateway.base_url, tmp_path_factory.mktemp("truth"))
        yield functools.cache(lambda provider: list(table.run(CASES[provider])))


@pytest.fixture
def sync_client(gateway: GatewayProcess) -> Iterator[Callable[..., Portkey]]:
    """Make sync clients of the gateway that wait on a clock of their own, and close them at the end."""
    made: list[Portkey] = []

    def make(**given: Any) -> Portkey:  # noqa: ANN401 - arguments of a client
        made.append(Portkey(**{"base_url": gateway.base_url, "clock": FakeClock(), "timeout": 60, **given}))
        return made[-1]

    yield make
    for client in made:
        client.close()


@pytest.fixture
def async_client(gateway: GatewayProcess) -> Callable[..., AsyncPortkey]:
    """Make async clients of the gateway that wait on a clock of their own; whoever makes one closes it."""

    def make(**given: Any) -> AsyncPortkey:  # noqa: ANN401 - arguments of a client
        return AsyncPortkey(**{"base_url": gateway.base_url, "clock": FakeClock(), "timeout": 60, **given})

    return make
