"""Options of the official SDK's client that are said in another way here."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping
from typing import Final, NoReturn

from portkey_ft._providers import PROVIDER_OPTION_HINTS, PROVIDER_OPTION_PREFIXES

__all__ = ["refuse_options"]

_SAY: Final[Mapping[str, str]] = {
    "request_timeout": "pass timeout=, in seconds",
    "websocket_base_url": "leave it out: nothing here uses a websocket",
    "webhook_secret": "leave it out: nothing here takes webhooks",
    "instrumentation": "leave it out, and instrument httpx",
    "strict_open_ai_compliance": "pass default_headers={'x-portkey-strict-open-ai-compliance': 'true'}",
    "headers": "pass default_headers=",
    "extra_headers": "pass default_headers=",
    **PROVIDER_OPTION_HINTS,
}
_OTHER_HEADERS: Final = ("cache_", "debug", "forward_headers")


def refuse_options(options: Collection[str], known: Collection[str], kind: str) -> NoReturn:
    """Refuse options that a client does not have, and say what to write instead.

    Args:
        options: Their names.
        known: The names of the options that there are.
        kind: The name of the client's class.

    Raises:
        TypeError: As Python does for an argument that a function does not have.
    """
    name = next(iter(options))
    alike = difflib.get_close_matches(name, known, n=1)
    if name in _SAY:
        advice = f"; {_SAY[name]}"
    elif name.startswith(PROVIDER_OPTION_PREFIXES):
        advice = f"; pass provider_headers={{{name!r}: ...}}"
    elif name.startswith(_OTHER_HEADERS):
        advice = f"; pass default_headers={{'x-portkey-{name.replace('_', '-')}': ...}}"
    elif alike:
        advice = f"; did you mean {alike[0]!r}?"
    else:
        advice = ""
    message = f"{kind}() got an unexpected keyword argument {name!r}{advice}"
    raise TypeError(message)
