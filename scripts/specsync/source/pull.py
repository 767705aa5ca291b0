"""Reads a source of any kind and returns its document and provenance."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Final
from urllib.parse import urljoin, urlsplit

import attrs

from scripts.specsync.document.json_values import JsonObject, canonical_json, digest_bytes
from scripts.specsync.document.yaml_reader import lines_of, parse_object
from scripts.specsync.errors import LocatedSourceError, NetworkError, PinError, SourceError
from scripts.specsync.lock import Provenance, provenance
from scripts.specsync.source import locator as sources
from scripts.specsync.source.cache import Cache
from scripts.specsync.source.docs_pages import Part, blocks_of, links_of, merge
from scripts.specsync.source.fetch import Policy, fetch
from scripts.specsync.source.locator import Source, SourceKind

_MOST_PAGES: Final = 2000
_DEEPEST_INDEX: Final = 5
_AT_ONCE: Final = 8


@attrs.frozen
class GitHost:
    """The URLs of a git host: its API, which resolves refs, and its raw files."""

    api: str = "https://api.github.com"
    raw: str = "https://raw.githubusercontent.com"
    token: str | None = None


@attrs.frozen
class SourceClient:
    """What a pull reads remote sources with: limits, cache, git host and credentials."""

    policy: Policy
    cache: Cache
    git: GitHost
    offline: bool = False


@attrs.frozen
class FetchedDocument:
    """A document.

    `content` is the text that it was read from, if it was one, for the lines in messages; `is_partial` says that it
    describes some of the operations, as a page does.
    """

    document: JsonObject
    provenance: Provenance
    content: bytes | None
    is_partial: bool = False

    def located(self, error: LocatedSourceError) -> SourceError:
        """Return an error with the line on which it is."""
        (line,) = self.lines([error.pointer])
        if line is None:
            return SourceError(error.message)
        message = f"line {line}: {error.reason} (at {error.pointer or 'the root'})"
        return SourceError(message)

    def lines(self, places: Sequence[str]) -> list[int | None]:
        """Return the line on which each place begins; None where the document was not read from one text."""
        if self.content is None or not places:
            return [None for _ in places]
        return list[int | None](lines_of(self.content, places))


def pull(source: Source, puller: SourceClient) -> FetchedDocument:
    """Return the document of a source."""
    if source.kind is SourceKind.GIT:
        return _from_git(source, puller)
    if source.kind is SourceKind.INDEX:
        return _from_index(source, puller)
    content = _read(source.place, puller, remote=source.remote)
    _pinned(source, content)
    known = provenance(
        str(source.kind),
        source.name,
        content,
        url=source.place if source.remote else None,
        repository=source.repository,
        path=source.path,
        ref=source.ref,
        commit=source.commit,
    )
    if source.kind is SourceKind.PAGE:
        document, text = _page(source.name, content)
        return FetchedDocument(document, known, text, is_partial=True)
    return FetchedDocument(_document(content), known, content)


def _from_git(source: Source, puller: SourceClient) -> FetchedDocument:
    ref = source.commit or source.ref or "HEAD"
    commit = ref if sources.is_commit(ref) else _commit(f"{source.repository}", ref, puller)
    url = f"{puller.git.raw}/{source.repository}/{commit}/{source.path}"
    content = _read(url, puller, remote=True)
    _pinned(source, content)
    known = provenance(
        "git",
        source.path or "",
        content,
        repository=source.repository,
        path=source.path,
        ref=source.ref,
        commit=commit,
        url=url,
    )
    return FetchedDocument(_document(content), known, content)


def _commit(repository: str, ref: str, puller: SourceClient) -> str:
    url = f"{puller.git.api}/repos/{repository}/commits/{ref}"
    headers = {"Accept": "application/vnd.github.sha"}
    if puller.git.token:
        headers["Authorization"] = f"Bearer {puller.git.token}"
    text = _read(url, puller, remote=True, headers=headers).decode("ascii", "replace").strip()
    if not sources.is_commit(text):
        message = f"{repository}: the git host does not say which commit {ref!r} is"
        raise NetworkError(message)
    return text


def _from_index(source: Source, puller: SourceClient) -> FetchedDocument:
    contents = dict(_pages(source, puller))
    parts: list[Part] = []
    for name, content in contents.items():
        try:
            parts.extend(Part(name, block.document()) for block in blocks_of(content))
        except SourceError as error:
            message = f"{name}: {error.message}"
            raise SourceError(message) from None
    if not parts:
        message = f"{source.name}: none of {len(contents)} pages describes an operation"
        raise SourceError(message)
    document = merge(parts)
    content = canonical_json({name: digest_bytes(page) for name, page in contents.items()}).encode()
    _pinned(source, content)
    url = source.place if source.remote else None
    return FetchedDocument(document, provenance("index", source.name, content, url=url), None)


def _pages(source: Source, puller: SourceClient) -> Iterator[tuple[str, bytes]]:
    """Yield every page that an index leads to, in the order of their names; nested indexes are followed."""
    seen = {source.place}
    level, pages = [source.place], list[str]()
    for _ in range(_DEEPEST_INDEX):
        deeper: list[str] = []
        for place in level:
            for link in links_of(_read(place, puller, remote=source.remote)):
                target = _resolved(place, link, remote=source.remote)
                if target is None or target in seen:
                    continue
                seen.add(target)
                (deeper if _is_index(target) else pages).append(target)
        if len(pages) > _MOST_PAGES:
            message = f"{source.name}: more than {_MOST_PAGES} pages"
            raise SourceError(message)
        if not deeper:
            break
        level = deeper
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        contents = list(pool.map(partial(_read, puller=puller, remote=source.remote), sorted(pages)))
    base = source.place.rsplit("/", 1)[0] + "/"
    for page, content in zip(sorted(pages), contents, strict=True):
        yield page.removeprefix(base), content


def _resolved(place: str, link: str, *, remote: bool) -> str | None:
    """Return where a link of an index leads: a page or an index, by its name, and nothing else."""
    path = urlsplit(link).path
    if not path.endswith((".md", ".mdx", ".txt")):
        return None
    if remote:
        return urljoin(place, link).partition("#")[0]
    if "://" in link:
        return None
    return str(Path(place).parent / path.lstrip("/"))


def _page(name: str, content: bytes) -> tuple[JsonObject, bytes | None]:
    blocks = blocks_of(content)
    if not blocks:
        message = f"{name}: the page describes no operation (a block of yaml with method and path)"
        raise SourceError(message)
    if len(blocks) == 1:
        return blocks[0].document(), blocks[0].text.encode()
    return merge(Part(f"{name}, line {block.line}", block.document()) for block in blocks), None


def _document(content: bytes) -> JsonObject:
    start = content.lstrip()[:64].lower()
    if start.startswith((b"<!doctype html", b"<html")):
        message = "line 1: the source is an HTML page, not a document"
        raise SourceError(message)
    return parse_object(content)


def _pinned(source: Source, content: bytes) -> None:
    found = digest_bytes(content)
    if source.sha256 is not None and source.sha256 != found:
        message = f"{source.name} has the SHA-256 {found}, and {source.sha256} was expected"
        raise PinError(message)


def _read(place: str, puller: SourceClient, *, remote: bool, headers: dict[str, str] | None = None) -> bytes:
    if not remote:
        return _read_file(place, puller.policy.limit)
    known = puller.cache.known(place)
    if puller.offline:
        if known is None:
            message = f"{place} is not in the cache, and the network must not be used"
            raise NetworkError(message)
        return puller.cache.read(known.sha256)
    validators = None
    if known is not None:
        try:
            puller.cache.read(known.sha256)
            validators = known.validators
        except PinError:
            # A broken entry is fetched again.
            known = None
    answer = fetch(place, puller.policy, validators, headers)
    if answer.content is None:
        return puller.cache.read(known.sha256) if known is not None else b""
    puller.cache.keep(place, answer.content, answer.validators)
    return answer.content


def _read_file(place: str, limit: int) -> bytes:
    path = Path(place)
    try:
        if path.stat().st_size > limit:
            message = f"{place} has more than {limit} bytes"
            raise SourceError(message)
        return path.read_bytes()
    except OSError as error:
        message = f"{place}: {error.strerror}"
        raise SourceError(message) from None


def _is_index(place: str) -> bool:
    """Return whether a link of an index leads to another: those are named llms, or stand in a folder of that name."""
    return any("llms" in part for part in place.split("/")[-2:])
