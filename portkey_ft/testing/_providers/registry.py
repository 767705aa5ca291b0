"""The dialects that the fake gateway speaks, by the provider's name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from portkey_ft.testing._providers.azure_openai import AZURE
from portkey_ft.testing._providers.bedrock import BEDROCK
from portkey_ft.testing._providers.fireworks_ai import FIREWORKS
from portkey_ft.testing._providers.openai import OPENAI
from portkey_ft.testing._providers.vertex_ai import VERTEX

if TYPE_CHECKING:
    from collections.abc import Mapping

    from portkey_ft.testing._providers.base import Dialect

WITHOUT_FINE_TUNING: Final = frozenset(
    {
        "anthropic",
        "cohere",
        "deepinfra",
        "google",
        "groq",
        "huggingface",
        "mistral-ai",
        "ollama",
        "predibase",
        "together-ai",
    }
)
"""Providers that the gateway knows, and for which it has no fine-tuning."""

DIALECTS: Final[Mapping[str, Dialect]] = {
    dialect.provider: dialect for dialect in (OPENAI, AZURE, BEDROCK, VERTEX, FIREWORKS)
}

PROVIDERS: Final = WITHOUT_FINE_TUNING | DIALECTS.keys()


def checked_provider(name: str) -> str:
    """Return the name of a provider that has fine-tuning.

    Args:
        name: as in ``x-portkey-provider``.

    Raises:
        ValueError: there is no such provider, or it has no fine-tuning.
    """
    if name not in DIALECTS:
        message = f"no provider {name!r} with fine-tuning; there are {', '.join(sorted(DIALECTS))}"
        raise ValueError(message)
    return name


def checked_providers(behind: Mapping[str, str] | None) -> Mapping[str, str] | None:
    """Return a mapping to providers, of which any that the gateway knows will do.

    Args:
        behind: from keys, which are secret, to the names of providers.

    Raises:
        ValueError: the gateway knows no such provider.
    """
    unknown = frozenset[str]() if behind is None else frozenset(behind.values()) - PROVIDERS
    if unknown:
        message = f"no provider {', '.join(sorted(unknown))}; there are {', '.join(sorted(PROVIDERS))}"
        raise ValueError(message)
    return behind
