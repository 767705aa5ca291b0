"""The project's files that a sync reads and writes."""

import tomllib
from pathlib import Path
from typing import Final, cast

import attrs

from scripts.specsync.document.json_values import JsonObject, JsonValue, digest, digest_bytes
from scripts.specsync.document.yaml_reader import parse_object
from scripts.specsync.errors import PinError, SourceError, UsageError
from scripts.specsync.lock import Lock, parse_lock
from scripts.specsync.settings import Settings, read_settings
from scripts.specsync.tree.hash import tree_hash

SPEC: Final = "spec"
UPSTREAM: Final = f"{SPEC}/upstream.yaml"
OVERLAY: Final = f"{SPEC}/overlay.yaml"
EFFECTIVE: Final = f"{SPEC}/openapi.yaml"
LOCK: Final = f"{SPEC}/lock.toml"
SELECTION: Final = f"{SPEC}/selection.toml"
ACCEPTED: Final = f"{SPEC}/accepted.toml"
#: What is changed in the generator's templates: part of the toolchain, and in the lock like what is the project's own.
TEMPLATE_CHANGES: Final = Path(__file__).parent / "client" / "template_changes"


@attrs.frozen
class Project:
    """A project on disk."""

    root: Path
    settings: Settings

    @property
    def package(self) -> str:
        """The generated package, from the root."""
        return f"{self.settings.folder}/{self.settings.package}"

    def facts(self) -> JsonObject | None:
        """Return the committed facts of upstream, if there are any."""
        return self._committed(UPSTREAM)

    def effective(self) -> JsonObject | None:
        """Return the committed document that the client was generated from, if there is one."""
        return self._committed(EFFECTIVE)

    def overlay(self) -> JsonObject:
        """Return the overlay; a project without one changes nothing."""
        return self._committed(OVERLAY) or {}

    def lock(self) -> Lock | None:
        """Return the lock, if there is one."""
        path = self.root / LOCK
        return parse_lock(path.read_text(encoding="utf-8")) if path.is_file() else None

    def accepted(self) -> dict[str, str]:
        """Return the reasons of accepted changes by fingerprint."""
        path = self.root / ACCEPTED
        if not path.is_file():
            return {}
        try:
            rows: object = tomllib.loads(path.read_text(encoding="utf-8")).get("accepted", [])
        except tomllib.TOMLDecodeError as error:
            message = f"{ACCEPTED}: {error}"
            raise UsageError(message) from None
        found: dict[str, str] = {}
        for row in cast("list[object]", rows) if isinstance(rows, list) else [rows]:
            table = cast("dict[str, object]", row) if isinstance(row, dict) else {}
            fingerprint, reason = table.get("fingerprint"), table.get("reason")
            if not isinstance(fingerprint, str) or not isinstance(reason, str) or not reason.strip():
                message = f"{ACCEPTED}: each [[accepted]] has a fingerprint and a reason"
                raise UsageError(message)
            found[fingerprint] = reason
        return found

    def stages(self) -> dict[str, str]:
        """Return the hashes of what is committed, under the lock's names; what is not there has none."""
        found = {
            "selection": self.selection_digest(),
            "overlay": digest(self.overlay()),
            "template_changes": tree_hash(TEMPLATE_CHANGES),
        }
        for name, path in (("upstream", UPSTREAM), ("openapi", EFFECTIVE)):
            if (self.root / path).is_file():
                found[name] = digest_bytes((self.root / path).read_bytes())
        if (self.root / self.package).is_dir():
            found["tree"] = tree_hash(self.root / self.package)
        return found

    def selection_digest(self) -> str:
        """Return the digest of the settings, whatever their comments."""
        return digest(cast("JsonValue", _plain(attrs.asdict(self.settings))))

    def _committed(self, path: str) -> JsonObject | None:
        if not (self.root / path).is_file():
            return None
        try:
            return parse_object((self.root / path).read_bytes())
        except SourceError as error:
            message = f"{path}: {error.message}"
            raise PinError(message) from None


def open_project(root: Path) -> Project:
    """Return the project at a folder."""
    return Project(root, read_settings(root / SELECTION))


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {str(key): _plain(member) for key, member in cast("dict[object, object]", value).items()}
    if isinstance(value, (list, tuple)):
        return [_plain(member) for member in cast("list[object]", value)]
    return value
