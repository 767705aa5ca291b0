"""Caches fetched documents by hash: an unchanged one is not transferred again, and an old one can be read offline.

A kept document is used only if it still has its hash. The cache is a convenience: where it cannot be written, nothing
is kept.
"""

import json
import os
from contextlib import suppress
from pathlib import Path

import attrs

from scripts.specsync.document.json_values import digest_bytes
from scripts.specsync.errors import PinError
from scripts.specsync.source.fetch import Validators


@attrs.frozen
class Kept:
    """A cache entry of a URL: the hash of its document, and the validators for a conditional request."""

    sha256: str
    validators: Validators


@attrs.frozen
class Cache:
    """A folder with documents by hash and entries by URL."""

    folder: Path

    def known(self, url: str) -> Kept | None:
        """Return the entry of a URL; None if there is none."""
        try:
            note = json.loads(self._note(url).read_bytes())
            return Kept(str(note["sha256"]), Validators(note.get("etag"), note.get("last_modified")))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None

    def read(self, sha256: str) -> bytes:
        """Return a cached document; raise if its hash is wrong."""
        try:
            content = self._object(sha256).read_bytes()
        except OSError:
            message = f"the cache lacks the document {sha256[:12]}"
            raise PinError(message) from None
        if digest_bytes(content) != sha256:
            message = f"the cache holds other bytes than {sha256[:12]}: remove {self.folder.name}/"
            raise PinError(message)
        return content

    def keep(self, url: str, content: bytes, validators: Validators) -> None:
        """Store a document under its hash and its URL."""
        sha256 = digest_bytes(content)
        note = {"url": url, "sha256": sha256, "etag": validators.etag, "last_modified": validators.last_modified}
        with suppress(OSError):
            _write(self._object(sha256), content)
            _write(self._note(url), json.dumps(note).encode())

    def _object(self, sha256: str) -> Path:
        return self.folder / "objects" / sha256

    def _note(self, url: str) -> Path:
        return self.folder / "urls" / digest_bytes(url.encode())


def default_cache() -> Cache:
    """Return the user's cache."""
    home = os.environ.get("XDG_CACHE_HOME") or str(Path("~/.cache").expanduser())
    return Cache(Path(home) / "specsync")


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    temporary.write_bytes(content)
    temporary.replace(path)
