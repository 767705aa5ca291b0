"""All that the gateway can reach: one server on loopback that stands for every provider's hosts."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping

from attrs import evolve, frozen

from tests.e2e.backends.azure import Azure
from tests.e2e.backends.bedrock import Bedrock
from tests.e2e.backends.fireworks import STORAGE, Fireworks
from tests.e2e.backends.openai import OpenAI
from tests.e2e.backends.vertex import Vertex
from tests.e2e.wire import Answer, Received, serving

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
        url: Where all of them listen; the first part of a path is the host that is meant.
        backends: Each provider.
    """

    url: str
    backends: Mapping[str, Backend]

    @property
    def hosts(self) -> dict[str, str]:
        """The mapping that the gateway is given."""
        return dict.fromkeys(HOSTS, self.url)

    def clear(self) -> None:
        """Let all of them forget."""
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

    def answer(request: Received) -> Answer:
        host, _, path = request.path.removeprefix("/").partition("/")
        provider = _provider(host)
        if provider is None:
            return Answer(502, b"no such host", {"content-type": "text/plain"})
        backend, meant = backends[provider], evolve(request, host=host, path=f"/{path}")
        if backend.store.answer is not None:
            backend.store.received.append(meant)
            return backend.store.answer
        return backend.answer(meant)

    with serving(answer) as url:
        yield Internet(url, backends)
