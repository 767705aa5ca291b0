"""What the gateway has a route for, and no way to do for the provider behind it.

It does not say so: it asks the provider for something else and passes on whatever comes back. Here stands what that
means. Only an answer that went wrong is read this way, so that a gateway that has learned more is believed.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

__all__ = ["answers_something_else", "gap"]

_NOT_OPENAI: Final = frozenset({"bedrock", "fireworks-ai", "vertex-ai"})

_GAPS: Final[Mapping[str, frozenset[str]]] = {
    "files.content": frozenset({"fireworks-ai"}),
    "files.delete": frozenset({"bedrock", "vertex-ai"}),
    "files.list": frozenset({"bedrock", "vertex-ai"}),
    "fine_tuning.jobs.checkpoints.list": _NOT_OPENAI,
    "fine_tuning.jobs.list_events": _NOT_OPENAI,
}

# Other statuses speak of the caller or of the moment: a wrong key, too many requests, a provider that is down.
_TELLING: Final = frozenset(
    {
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.NOT_FOUND,
        HTTPStatus.METHOD_NOT_ALLOWED,
        HTTPStatus.INTERNAL_SERVER_ERROR,
        HTTPStatus.NOT_IMPLEMENTED,
    }
)


def gap(operation: str, provider: str | None, status_code: int, message: str) -> str | None:
    """Tell for which provider the gateway cannot do an operation, if that is what an error means.

    Args:
        operation: The facade's name of the operation.
        provider: The provider, as the answer names it.
        status_code: The HTTP status of the error.
        message: What it says.
    """
    if message == "Model is required" and operation in {"files.delete", "files.list"}:
        # The gateway says this before it asks Bedrock, and names nobody.
        return "bedrock"
    return provider if status_code in _TELLING and answers_something_else(operation, provider) else None


def answers_something_else(operation: str, provider: str | None) -> bool:
    """Tell whether the gateway would ask a provider for something else than this operation."""
    return provider in _GAPS.get(operation, ())
