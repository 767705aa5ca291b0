"""The names of the operations, and which method and path stands for which."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import attrs

if TYPE_CHECKING:
    from collections.abc import Mapping

OperationName = Literal[
    "files.content",
    "files.create",
    "files.delete",
    "files.list",
    "files.retrieve",
    "jobs.cancel",
    "jobs.checkpoints.list",
    "jobs.create",
    "jobs.list",
    "jobs.list_events",
    "jobs.retrieve",
]

_ROUTES: Final[Mapping[tuple[str, str], OperationName]] = {
    ("POST", "fine_tuning/jobs"): "jobs.create",
    ("GET", "fine_tuning/jobs"): "jobs.list",
    ("GET", "fine_tuning/jobs/*"): "jobs.retrieve",
    ("POST", "fine_tuning/jobs/*/cancel"): "jobs.cancel",
    ("GET", "fine_tuning/jobs/*/events"): "jobs.list_events",
    ("GET", "fine_tuning/jobs/*/checkpoints"): "jobs.checkpoints.list",
    ("POST", "files"): "files.create",
    ("GET", "files"): "files.list",
    ("GET", "files/*"): "files.retrieve",
    ("DELETE", "files/*"): "files.delete",
    ("GET", "files/*/content"): "files.content",
}

OPERATIONS: Final = frozenset(_ROUTES.values())


@attrs.frozen
class Route:
    """Where a request goes.

    Args:
        operation: its name.
        identifier: the id in the path, percent-encoded as it came; empty if the path has none.
    """

    operation: OperationName
    identifier: str = ""


def _resolved(path: str) -> list[str]:
    # The gateway reads the URL as a browser would: dot segments, encoded ones too, are gone before it routes.
    segments: list[str] = []
    for segment in path.split("/")[1:]:
        match segment.lower().replace("%2e", "."):
            case ".":
                continue
            case "..":
                del segments[-1:]
            case _:
                segments.append(segment)
    return segments


def route(method: str, path: str) -> Route | None:
    """Return where a request goes; None if the gateway knows no such route.

    Args:
        method: in capitals.
        path: as on the wire, percent-encoded.
    """
    version, *rest = _resolved(path) or [""]
    if version != "v1":
        return None
    place = 2 if rest[:1] == ["fine_tuning"] else 1
    identifier = rest[place] if len(rest) > place else ""
    pattern = "/".join([*rest[:place], "*", *rest[place + 1 :]] if identifier else rest)
    name = _ROUTES.get((method, pattern))
    return None if name is None else Route(name, identifier)
