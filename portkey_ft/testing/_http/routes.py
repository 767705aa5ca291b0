"""Operation names, and the method and path of each."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Final, Literal, get_args

import attrs

if TYPE_CHECKING:
    from collections.abc import Mapping

OperationName = Literal[
    "files.content",
    "files.create",
    "files.delete",
    "files.list",
    "files.retrieve",
    "fine_tuning.jobs.cancel",
    "fine_tuning.jobs.checkpoints.list",
    "fine_tuning.jobs.create",
    "fine_tuning.jobs.list",
    "fine_tuning.jobs.list_events",
    "fine_tuning.jobs.pause",
    "fine_tuning.jobs.resume",
    "fine_tuning.jobs.retrieve",
]
"""An operation, named by the path of attributes by which a client calls it."""

CANCELLATIONS: Final[frozenset[OperationName]] = frozenset(
    {"fine_tuning.jobs.cancel", "fine_tuning.jobs.pause", "fine_tuning.jobs.resume"}
)
"""The operations that the gateway routes alike: as a POST below the path of a job."""

OPERATIONS: Final[tuple[OperationName, ...]] = get_args(OperationName)

_ROUTES: Final[Mapping[tuple[str, str], OperationName]] = {
    ("POST", "fine_tuning/jobs"): "fine_tuning.jobs.create",
    ("GET", "fine_tuning/jobs"): "fine_tuning.jobs.list",
    ("GET", "fine_tuning/jobs/*"): "fine_tuning.jobs.retrieve",
    ("POST", "fine_tuning/jobs/*/cancel"): "fine_tuning.jobs.cancel",
    ("POST", "fine_tuning/jobs/*/pause"): "fine_tuning.jobs.pause",
    ("POST", "fine_tuning/jobs/*/resume"): "fine_tuning.jobs.resume",
    ("GET", "fine_tuning/jobs/*/events"): "fine_tuning.jobs.list_events",
    ("GET", "fine_tuning/jobs/*/checkpoints"): "fine_tuning.jobs.checkpoints.list",
    ("POST", "files"): "files.create",
    ("GET", "files"): "files.list",
    ("GET", "files/*"): "files.retrieve",
    ("DELETE", "files/*"): "files.delete",
    ("GET", "files/*/content"): "files.content",
}


def check_operation(name: str) -> None:
    """Raise if there is no operation of that name.

    Args:
        name: such as ``fine_tuning.jobs.create``.

    Raises:
        ValueError: there is none. The message suggests the nearest name.
    """
    if name in OPERATIONS:
        return
    # People leave out the namespace: jobs.create.
    names = {
        form: operation for operation in OPERATIONS for form in (operation, operation.removeprefix("fine_tuning."))
    }
    near = difflib.get_close_matches(name, names, n=1)
    hint = f"; did you mean {names[near[0]]!r}?" if near else "."
    message = f"unknown operation {name!r}{hint} The operations are {', '.join(OPERATIONS)}."
    raise ValueError(message)


@attrs.frozen
class Route:
    """The operation that a method and a path lead to.

    Args:
        operation: its name.
        identifier: the ID in the path, percent-encoded as received; empty if the path has none.
    """

    operation: OperationName
    identifier: str = ""


def _without_dot_segments(path: str) -> list[str]:
    # The gateway parses the URL as a browser does: dot segments, encoded ones too, are resolved before routing.
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
    """Return the route of a request; None if the gateway has no such route.

    Args:
        method: in capitals.
        path: as on the wire, percent-encoded.
    """
    version, *rest = _without_dot_segments(path) or [""]
    if version != "v1":
        return None
    position = 2 if rest[:1] == ["fine_tuning"] else 1
    identifier = rest[position] if len(rest) > position else ""
    pattern = "/".join([*rest[:position], "*", *rest[position + 1 :]] if identifier else rest)
    name = _ROUTES.get((method, pattern))
    return None if name is None else Route(name, identifier)
