"""From a source to facts: pull, parse, select, normalise."""

import os

import attrs

from scripts.specsync.document.json_values import JsonObject
from scripts.specsync.errors import LocatedSourceError
from scripts.specsync.facts.normalise import normalise
from scripts.specsync.facts.select import all_operations, select
from scripts.specsync.settings import Settings, WantedOperation
from scripts.specsync.source.cache import default_cache
from scripts.specsync.source.fetch import Policy
from scripts.specsync.source.locator import read_source
from scripts.specsync.source.pull import GitHost, Pulled, Puller, pull
from scripts.specsync.stages import Stages


@attrs.frozen
class Read:
    """A document that was read and the facts that were taken from it."""

    pulled: Pulled
    facts: JsonObject
    wanted: tuple[WantedOperation, ...]


def default_puller(settings: Settings, *, offline: bool) -> Puller:
    """Return the ways to the world that selection.toml and the environment allow."""
    token = os.environ.get("GITHUB_TOKEN") or os.environ.get("GH_TOKEN")
    return Puller(Policy(frozenset(settings.source.hosts)), default_cache(), GitHost(token=token), offline)


def read_document(source: str | None, settings: Settings, stages: Stages, *, offline: bool) -> Pulled:
    """Return the document of a source."""
    with stages.stage("pull"):
        return pull(read_source(source, settings.source), default_puller(settings, offline=offline))


def take_facts(pulled: Pulled, settings: Settings, wanted: tuple[WantedOperation, ...] | None, stages: Stages) -> Read:
    """Return the facts of the wanted operations, or of all where none are named."""
    try:
        with stages.stage("select"):
            chosen = all_operations(pulled.document) if wanted is None else wanted
            selection = select(pulled.document, chosen)
        with stages.stage("normalise"):
            return Read(pulled, normalise(selection, settings.package), chosen)
    except LocatedSourceError as error:
        raise pulled.located(error) from None
