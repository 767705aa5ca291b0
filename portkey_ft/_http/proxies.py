"""Which proxy of the environment an HTTP client could not be made with, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from portkey_ft.errors import ConfigurationError

__all__ = ["proxy_error"]

_VARIABLES: Final = ("ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY")
_USABLE: Final = frozenset({"http", "https"})
_SOCKS: Final = frozenset({"socks5", "socks5h"})


def proxy_error(environ: Mapping[str, str]) -> ConfigurationError:
    """Describe the first proxy that cannot be used. Its URL may hold a password and is not shown."""
    for name in _VARIABLES:
        for variable in (name, name.lower()):
            if url := environ.get(variable):
                scheme = _scheme(url)
                if scheme in _SOCKS:
                    message = f"the proxy in {variable} speaks SOCKS, which needs a package that is not installed."
                    return ConfigurationError(message, hint="python -m pip install socksio, or unset the variable.")
                if scheme not in _USABLE:
                    message = (
                        f"the proxy in {variable} cannot be used: it must begin with http://, https:// or socks5://."
                    )
                    return ConfigurationError(message, hint="correct the variable, or unset it.")
    names = " or ".join((*_VARIABLES, "NO_PROXY"))
    return ConfigurationError(f"a proxy in {names} cannot be used.", hint="correct the variables, or unset them.")


def _scheme(url: str) -> str:
    """Return the scheme of a URL; empty if nothing can be reached there. Without one it counts as http."""
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        usable = parts.hostname and (parts.port is None or parts.port > 0)
    except ValueError:
        return ""
    return parts.scheme.lower() if usable else ""
