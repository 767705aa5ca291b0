"""Parses a source and its pins: a file, a URL, a file of a git host, a docs page or a docs index."""

import re
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import parse_qsl, urlsplit

import attrs

from scripts.specsync.errors import UsageError
from scripts.specsync.settings import SourceSettings

_COMMIT: Final = re.compile(r"[0-9a-f]{40}")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_GITHUB: Final = re.compile(r"github:(?P<repository>[^/@:]+/[^/@:]+)@(?P<ref>[^:]+):(?P<path>.+)")
_RAW: Final = re.compile(r"/(?P<repository>[^/]+/[^/]+)/(?:refs/heads/)?(?P<ref>[^/]+)/(?P<path>.+)")
_BLOB: Final = re.compile(r"/(?P<repository>[^/]+/[^/]+)/(?:blob|raw)/(?P<ref>[^/]+)/(?P<path>.+)")
_PINS: Final = frozenset({"sha256", "commit"})


class SourceKind(StrEnum):
    """The kinds of sources."""

    FILE = "file"
    URL = "url"
    GIT = "git"
    PAGE = "page"
    INDEX = "index"


@attrs.frozen
class Source:
    """A source: its location, its kind, and its pins."""

    kind: SourceKind
    place: str
    remote: bool
    repository: str | None = None
    path: str | None = None
    ref: str | None = None
    sha256: str | None = None
    commit: str | None = None

    @property
    def name(self) -> str:
        """The source without anything particular to one machine."""
        return self.place if self.remote else PurePosixPath(self.place.replace("\\", "/")).name


def is_commit(ref: str) -> bool:
    """Return whether a ref is the name of a commit."""
    return _COMMIT.fullmatch(ref) is not None


def read_source(text: str | None, settings: SourceSettings) -> Source:
    """Return the source that a text names: a path, a URL or `github:OWNER/NAME@REF:PATH`, each with `#sha256=HEX`."""
    if text is None:
        if settings.repository is None or settings.path is None:
            message = "no --source is given, and selection.toml names none"
            raise UsageError(message)
        text = f"github:{settings.repository}@{settings.ref or 'HEAD'}:{settings.path}"
    place, pins = _pins(text)
    if not place:
        message = "the source is empty"
        raise UsageError(message)
    source = attrs.evolve(_located(place), sha256=pins.get("sha256"), commit=pins.get("commit"))
    if source.commit is not None and source.repository is None:
        # A copy of a commit's file: the repository that it is a copy from is the one that is usually read.
        return attrs.evolve(source, repository=settings.repository, path=settings.path, ref=settings.ref)
    return source


def _pins(text: str) -> tuple[str, dict[str, str]]:
    place, mark, fragment = text.rpartition("#")
    if not mark or not all(pair.partition("=")[0] in _PINS for pair in fragment.split("&")):
        return text, {}
    pins = dict(parse_qsl(fragment))
    for name, pattern in (("sha256", _SHA256), ("commit", _COMMIT)):
        if name in pins and not pattern.fullmatch(pins[name]):
            message = f"{name}={pins[name]} is not such a hash in lower-case hexadecimal digits"
            raise UsageError(message)
    return place, pins


def _located(place: str) -> Source:
    github = _GITHUB.fullmatch(place)
    if github is not None:
        return _git(place, github)
    if not re.match(r"[a-z][a-z0-9+.-]*://", place):
        return Source(_kind_by_name(place, SourceKind.FILE), place, remote=False)
    parts = urlsplit(place)
    for host, pattern in (("raw.githubusercontent.com", _RAW), ("github.com", _BLOB)):
        found = pattern.fullmatch(parts.path) if parts.hostname == host else None
        if found is not None and _kind_by_name(parts.path, SourceKind.URL) is SourceKind.URL:
            return _git(place, found)
    return Source(_kind_by_name(parts.path, SourceKind.URL), place, remote=True)


def _git(place: str, found: re.Match[str]) -> Source:
    return Source(SourceKind.GIT, place, remote=True, **found.groupdict())


def _kind_by_name(path: str, otherwise: SourceKind) -> SourceKind:
    name = path.rsplit("/", 1)[-1].lower()
    if name.endswith(".txt") and "llms" in name:
        return SourceKind.INDEX
    return SourceKind.PAGE if name.endswith((".md", ".mdx")) else otherwise
