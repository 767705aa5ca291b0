"""The dialects by provider name."""

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
"""Providers that the gateway knows but has no fine-tuning for."""

DIALECTS: Final[Mapping[str, Dialect]] = {
    dialect.provider: dialect for dialect in (OPENAI, AZURE, BEDROCK, VERTEX, FIREWORKS)
}

PROVIDERS: Final = WITHOUT_FINE_TUNING | DIALECTS.keys()


def checked_provider(name: str) -> str:
    """Return a provider's name if the provider has fine-tuning.

    Args:
        name: as in ``x-portkey-provider``.

    Raises:
        ValueError: the provider is unknown or has no fine-tuning.
    """
    if name not in DIALECTS:
        message = f"unknown provider {name!r}; those with fine-tuning are {', '.join(sorted(DIALECTS))}"
        raise ValueError(message)
    return name


def checked_providers(by_key: Mapping[str, str] | None) -> Mapping[str, str] | None:
    """Return a mapping to provider names if the gateway knows all of them.

    Args:
        by_key: the names by key; the keys are secret.

    Raises:
        ValueError: the gateway does not know a provider.
    """
    unknown = frozenset[str]() if by_key is None else frozenset(by_key.values()) - PROVIDERS
    if unknown:
        message = f"unknown provider {', '.join(sorted(unknown))}; the known ones are {', '.join(sorted(PROVIDERS))}"
        raise ValueError(message)
    return by_key
