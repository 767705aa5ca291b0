"""spec/lock.toml: the source, the tools and the hashes of all stages of the committed client."""

import hashlib
import json
import tomllib
from collections.abc import Mapping
from typing import Final

import attrs

from scripts.specsync.document.json_values import digest_bytes
from scripts.specsync.errors import PinError

VERSION: Final = 1
_HEADING: Final = """\
# Written by `python -m scripts.specsync`; edits are found by `verify`.
# Where the document was read, the SHA-256 of every stage, and the tools that decide on the bytes of the client.
"""


@attrs.frozen
class Provenance:
    """The origin of a document, without paths of any machine."""

    kind: str
    name: str
    sha256: str
    size: int
    blob: str
    repository: str | None = None
    path: str | None = None
    ref: str | None = None
    commit: str | None = None
    url: str | None = None

    @property
    def locator(self) -> str:
        """The source that reads these bytes and no others; of a file on some machine, the name alone is known."""
        if self.repository and self.commit:
            return f"github:{self.repository}@{self.commit}:{self.path}"
        return f"{self.url or self.name}#sha256={self.sha256}"

    def as_table(self) -> dict[str, str | int]:
        """Return what is known, as the lock and reports show it."""
        values = attrs.asdict(self)
        return {key: value for key, value in values.items() if value is not None}


@attrs.frozen
class Lock:
    """The whole of the lock."""

    source: Provenance
    stages: Mapping[str, str]
    tools: Mapping[str, str]


def provenance(kind: str, name: str, content: bytes, **known: str | None) -> Provenance:
    """Return the provenance of bytes; `blob` is their git name, by which they are found in any history."""
    # Git names a file by SHA-1; nothing is protected by it here.
    blob = hashlib.sha1(f"blob {len(content)}\0".encode() + content, usedforsecurity=False).hexdigest()
    return Provenance(kind, name, digest_bytes(content), len(content), blob, **known)


def write_lock(lock: Lock) -> str:
    """Return the text of a lock."""
    parts = [_HEADING, f"version = {VERSION}\n"]
    for title, table in (("source", lock.source.as_table()), ("stages", lock.stages), ("tools", lock.tools)):
        parts.append(f"\n[{title}]\n")
        parts.extend(f"{_key(key)} = {_value(value)}\n" for key, value in sorted(table.items()))
    return "".join(parts)


def parse_lock(text: str) -> Lock:
    """Parse a lock."""
    try:
        tables = tomllib.loads(text)
        source, stages, tools = tables["source"], tables["stages"], tables["tools"]
        if tables.get("version") != VERSION:
            message = f"the lock has version {tables.get('version')!r}, only {VERSION} is read"
            raise PinError(message)
        return Lock(
            Provenance(**source),
            {str(key): str(value) for key, value in stages.items()},
            {str(key): str(value) for key, value in tools.items()},
        )
    except (tomllib.TOMLDecodeError, KeyError, TypeError, AttributeError) as error:
        message = f"the lock cannot be read: {error}"
        raise PinError(message) from None


def _key(key: str) -> str:
    return key if key.replace("_", "").replace("-", "").isalnum() else f'"{key}"'


def _value(value: str | int) -> str:
    if isinstance(value, int):
        return str(value)
    # A basic string of TOML takes the escapes of JSON, and wants the one control character escaped that JSON leaves.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")
