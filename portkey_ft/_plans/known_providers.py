"""Known providers: which providers a client's requests may reach, from its auth mode or from the responses.

A virtual key, the ID of a config and a slug name no provider. The gateway names it in each response.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from portkey_ft._headers import PROVIDER
from portkey_ft._http.messages import Response
from portkey_ft._json import is_array, is_object
from portkey_ft.auth import Auth, Config, Managed, Provider

__all__ = ["KnownProviders"]

# What stands before the slug of a provider in the Model Catalog, which says nothing about the provider.
SLUG = "@"


class KnownProviders:
    """The names of the providers that the requests of one auth mode may reach, as far as they are known.

    Args:
        auth: The auth mode.
    """

    def __init__(self, auth: Auth) -> None:
        self._named = _named_by(auth)
        self._seen: set[str] = set()
        #: Whether responses tell: a job of managed fine-tuning names its own provider, and the next job another one.
        self.can_be_learned = not isinstance(auth, Managed)

    @property
    def named(self) -> frozenset[str]:
        """The names that the auth mode itself gives; empty if it gives none, or not all."""
        return self._named

    @property
    def names(self) -> frozenset[str]:
        """The names; empty if none is known yet."""
        return self._named or frozenset(self._seen)

    @property
    def only(self) -> str | None:
        """The name, if exactly one provider can be reached."""
        return next(iter(self.names)) if len(self.names) == 1 else None

    def note(self, response: Response) -> None:
        """Learn from a response, whatever its status."""
        if self.can_be_learned and (provider := response.headers.get(PROVIDER)):
            self._seen.add(provider)


def _named_by(auth: Auth) -> frozenset[str]:
    """Return the providers that an auth mode names; empty if one of those that it leads to is not named."""
    if isinstance(auth, Provider):
        names: list[str | None] = [auth.provider]
    elif isinstance(auth, Config) and auth.config.startswith("{"):
        names = list(_named_in(json.loads(auth.config)))
    else:
        names = []
    known = [name for name in names if name is not None and not name.startswith(SLUG)]
    return frozenset(known) if len(known) == len(names) else frozenset()


def _named_in(config: Any, inherited: str | None = None) -> Iterator[str | None]:  # noqa: ANN401 - any JSON
    """Yield the provider of each target of a config; None for one that names none."""
    if not is_object(config):
        yield None
        return
    provider = config.get("provider", inherited)
    targets: object = config.get("targets")
    if is_array(targets) and targets:
        for target in targets:
            yield from _named_in(target, provider)
    else:
        yield provider if isinstance(provider, str) else None
