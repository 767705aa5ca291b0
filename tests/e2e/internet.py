"""One loopback server that replaces the hosts of all providers."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping

from attrs import evolve, frozen

from tests.e2e.backends.azure import Azure
from tests.e2e.backends.bedrock import Bedrock
from tests.e2e.backends.fireworks import STORAGE, Fireworks
from tests.e2e.backends.openai import OpenAI
from tests.e2e.backends.vertex import Vertex
from tests.e2e.wire import Received, Response, serving

Backend = OpenAI | Bedrock | Vertex | Fireworks

#: Which provider a host belongs to; a name that begins with a dot stands for every host that ends in it.
HOSTS = {
    "api.openai.com": "openai",
    ".openai.azure.com": "azure-openai",
    ".amazonaws.com": "bedrock",
    ".googleapis.com": "vertex-ai",
    "api.fireworks.ai": "fireworks-ai",
    STORAGE: "fireworks-ai",
    # Custom hosts: the gateway goes there itself, without a mapping.
    "custom-openai": "openai",
    "custom-azure-openai": "azure-openai",
    "custom-bedrock": "bedrock",
    "custom-vertex-ai": "vertex-ai",
    "custom-fireworks-ai": "fireworks-ai",
}


@frozen
class Internet:
    """The providers, and where they are.

    Attributes:
        url: Where all of them listen; the first segment of a path is the intended host.
        backends: Each provider.
    """

    url: str
    backends: Mapping[str, Backend]

    @property
    def hosts(self) -> dict[str, str]:
        """The mapping that the gateway is given."""
        return dict.fromkeys(HOSTS, self.url)

    def clear(self) -> None:
        """Clear what all of them have stored and recorded."""
        for backend in self.backends.values():
            backend.store.clear()


def _provider(host: str) -> str | None:
    return next((provider for name, provider in HOSTS.items() if host == name or host.endswith(name)), None)


@contextlib.contextmanager
def reachable() -> Iterator[Internet]:
    """Serve every provider while the context lasts."""
    backends: dict[str, Backend] = {
        "openai": OpenAI(),
        "azure-openai": Azure(),
        "bedrock": Bedrock(),
        "vertex-ai": Vertex(),
        "fireworks-ai": Fireworks(),
    }

    def respond(request: Received) -> Response:
        host, _, path = request.path.removeprefix("/").partition("/")
        provider = _provider(host)
        if provider is None:
            return Response(502, b"no such host", {"content-type": "text/plain"})
        backend, meant = backends[provider], evolve(request, host=host, path=f"/{path}")
        if backend.store.response is not None:
            backend.store.received.append(meant)
            return backend.store.response
        return backend.respond(meant)

    with serving(respond) as url:
        yield Internet(url, backends)
