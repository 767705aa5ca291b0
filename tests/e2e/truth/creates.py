"""What becomes of each argument of a create: found out through the real gateway, by looking for the value."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Container, Iterator, Mapping, Sequence
from typing import Any

import httpx
from attrs import define, field, frozen

from portkey_ft import Portkey
from portkey_ft.errors import APIStatusError, PortkeyError
from portkey_ft.testing import FakeClock
from tests.e2e.backends.store import Store
from tests.e2e.cases import TRAINING, Case
from tests.e2e.hosted import virtual_key
from tests.e2e.internet import Internet
from tests.e2e.truth.samples import FILES, FOR_THE_GATEWAY, Sample, Wanted, base, samples
from tests.e2e.truth.search import Path, places

ARRIVES, REFUSED, FAILS, WARNED, SILENT = "arrives", "refused", "fails", "warned", "SILENT"
BY_PROVIDER, BY_CONFIG, BY_TARGETS, BY_KEY = "provider=", "config=", "config= with targets", "virtual_key="
MODES = (BY_PROVIDER, BY_CONFIG, BY_TARGETS, BY_KEY)


@frozen
class Fate:
    """The outcome for a value.

    Attributes:
        wanted: The value.
        kind: Whether it arrived, was refused before it was sent, was refused by the provider, was not sent on with a
            warning, or was lost silently.
        place: The field of the provider in which it arrived.
        error: The name and the message of the error.
        warnings: What was warned of.
    """

    wanted: Wanted
    kind: str
    place: Path = ()
    error: tuple[str, str] | None = None
    warnings: tuple[str, ...] = ()


@frozen
class Cell:
    """The outcome of a call.

    Attributes:
        sample: The call.
        provider: The provider.
        mode: The auth mode.
        fates: One for each value that the call gives.
    """

    sample: Sample
    provider: str
    mode: str
    fates: Sequence[Fate]

    @property
    def silent(self) -> list[str]:
        """The values that were lost silently."""
        return [fate.wanted.name for fate in self.fates if fate.kind == SILENT]

    def __str__(self) -> str:
        return f"{self.provider}, {self.mode} {self.sample.label}: {', '.join(self.silent)}"


@define
class Sent:
    """What the client sent to the gateway."""

    requests: list[httpx.Request] = field(factory=list)

    def document(self) -> dict[str, Any]:
        """Return all that the last request says: its headers, its query, its body and its timeout."""
        request = self.requests[-1]
        timeouts = request.extensions.get("timeout", {})
        head = {"headers": dict(request.headers), "query": dict(request.url.params)}
        return {**head, "body": request.content.decode(), "timeout": timeouts}


def mode_arguments(case: Case, mode: str) -> dict[str, Any]:
    """Return the arguments of a client that say who pays, and for which provider."""
    if mode == BY_PROVIDER:
        return case.client()
    if mode == BY_CONFIG:
        return {"config": case.config()}
    if mode == BY_KEY:
        return virtual_key(case)
    # Fireworks' account is read from the top level, whichever target is chosen.
    account = {name: text for name, text in case.needs.items() if name == "fireworks_account_id"}
    return {"config": {"strategy": {"mode": "fallback"}, "targets": [case.config()], **account}}


@define
class CreateTable:
    """Calls one create after another, and finds out what became of what it says.

    Attributes:
        internet: The providers.
        base_urls: The gateway for each auth mode.
    """

    internet: Internet
    base_urls: Mapping[str, str]

    def run(self, case: Case, mode: str, arguments: Container[str] | None = None) -> Iterator[Cell]:
        """Fill every cell of a provider in an auth mode, or those about some arguments."""
        sent = Sent()
        with self.client(case, mode, sent) as client:
            without = self.body_of(client, case, base(case))
            for sample in samples(case):
                if arguments is not None and sample.argument not in arguments:
                    continue
                yield Cell(sample, case.provider, mode, self.fates(client, case, sample, sent, without))

    @contextlib.contextmanager
    def client(self, case: Case, mode: str, sent: Sent) -> Iterator[Portkey]:
        """Connect to a provider in an auth mode."""
        hooks = {"request": [sent.requests.append]}
        with httpx.Client(event_hooks=hooks, trust_env=False, verify=False) as http:  # noqa: S501 - plain HTTP
            given: dict[str, Any] = {
                "base_url": self.base_urls[mode],
                "http_client": http,
                "max_retries": 0,
                "clock": FakeClock(),
            }
            yield Portkey(**mode_arguments(case, mode), **given)

    def body_of(self, client: Portkey, case: Case, given: Mapping[str, Any]) -> Mapping[str, Any]:
        """Create a job, and give what arrived of it."""
        store = self.fresh(case)
        client.fine_tuning.jobs.create(**given)
        return list(store.jobs.values())[-1].read

    def fresh(self, case: Case) -> Store:
        """Let a provider forget, and give it the files that jobs are made from."""
        store = self.internet.backends[case.provider].store
        store.clear()
        for name in FILES[case.provider]:
            store.keep(name, "truth.jsonl", TRAINING)
        return store

    def fates(self, client: Portkey, case: Case, sample: Sample, sent: Sent, without: Mapping[str, Any]) -> list[Fate]:
        """Make a call, and find out what became of each value."""
        store = self.fresh(case)
        given = {**base(case), **sample.given}
        sent.requests.clear()
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                client.fine_tuning.jobs.create(**given)
            except PortkeyError as error:
                return [_refusal(wanted, error, store, sent) for wanted in sample.wanted]
        told = tuple(_checked(warning) for warning in caught)
        if sample.reaches == FOR_THE_GATEWAY:
            read: Mapping[str, Any] = Sent([sent.requests[0]]).document()
            without = {}
        else:
            (job,) = store.jobs.values()
            read = job.read
        basics = base(case)
        fates = [_fate(wanted, read, {} if wanted.name in basics else without, told) for wanted in sample.wanted]
        if sample.reaches == FOR_THE_GATEWAY:
            return fates
        # One argument must not displace another.
        others = [Wanted(name, value) for name, value in basics.items() if name not in sample.given]
        return fates + [_fate(wanted, read, {}, told) for wanted in others]


def _refusal(wanted: Wanted, error: PortkeyError, store: Store, sent: Sent) -> Fate:
    started = [request for request in sent.requests if request.method == "POST"]
    assert not store.jobs or isinstance(error, APIStatusError), error
    told = (type(error).__name__, str(error).partition(" [operation ")[0].replace("\n", " "))
    return Fate(wanted, FAILS if started else REFUSED, error=told)


def _fate(wanted: Wanted, read: Mapping[str, Any], without: Mapping[str, Any], warned: tuple[str, ...]) -> Fate:
    if wanted.name == "method":
        # How a job is trained is not what its body says, but what the provider makes of it.
        told: list[Path] = [(name,) for name in ("method", "kind") if name in read]
        found = told if read.get("kind") == wanted.value else []
    else:
        before = set(places(without, wanted.value))
        found = [place for place in places(read, wanted.value) if place not in before]
    about = tuple(text for text in warned if wanted.name in text)
    if found:
        # Named like the argument, or else the first.
        place = min(found, key=lambda place: wanted.name not in place)
        return Fate(wanted, ARRIVES, place=place, warnings=about)
    return Fate(wanted, WARNED if about else SILENT, warnings=about)


def _checked(warning: warnings.WarningMessage) -> str:
    """Return the text of a warning, which has to be shown at the caller's line."""
    assert warning.filename == __file__, warning
    return str(warning.message)
