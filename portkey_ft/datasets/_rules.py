"""What each provider wants of a training file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import frozen

from portkey_ft.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from portkey_ft.datasets._values import DatasetFormat

_MEBIBYTE: Final = 1024 * 1024


@frozen
class Rules:
    """The demands of one provider, or those that are common to all when the provider is not known.

    Attributes:
        provider: The provider as it is named in messages; None when it is not known.
        formats: The forms of an example that it trains on.
        minimum_examples: Fewer are refused.
        maximum_bytes: A larger file is refused; None where no limit is documented.
        byte_order_mark: Whether a byte order mark at the start is welcome.
        system_required: Whether a chat example has to start with a system message.
        system_only_first: Whether a system message further down is refused, and not only unusual.
        suffix_required: Whether another file name than ``*.jsonl`` is refused, and not only unusual.
    """

    provider: str | None
    formats: frozenset[DatasetFormat]
    minimum_examples: int
    maximum_bytes: int | None
    byte_order_mark: bool = False
    system_required: bool = False
    system_only_first: bool = False
    suffix_required: bool = False


_COMMON: Final = Rules(
    provider=None,
    formats=frozenset({"chat", "completion", "preference", "contents"}),
    # The limits of OpenAI and Azure, by far the most used; without a provider, passing them is only a warning.
    minimum_examples=10,
    maximum_bytes=512 * _MEBIBYTE,
)
_OPENAI: Final = Rules(
    provider="openai",
    formats=frozenset({"chat", "completion", "preference"}),
    minimum_examples=10,
    maximum_bytes=512 * _MEBIBYTE,
)
_AZURE: Final = Rules(
    provider="azure-openai",
    formats=_OPENAI.formats,
    minimum_examples=10,
    maximum_bytes=512 * _MEBIBYTE,
    byte_order_mark=True,
)
_BEDROCK: Final = Rules(
    provider="bedrock",
    formats=frozenset({"chat", "completion"}),
    # The number depends on the model that is tuned.
    minimum_examples=1,
    maximum_bytes=None,
    system_required=True,
    system_only_first=True,
    suffix_required=True,
)
_VERTEX: Final = Rules(
    provider="vertex-ai",
    formats=frozenset({"chat", "contents"}),
    minimum_examples=1,
    maximum_bytes=1024 * _MEBIBYTE,
    system_only_first=True,
)
_FIREWORKS: Final = Rules(
    provider="fireworks-ai",
    formats=frozenset({"chat", "completion", "preference"}),
    minimum_examples=3,
    maximum_bytes=None,
    system_only_first=True,
)

_BY_NAME: Final[Mapping[str, Rules]] = {
    "openai": _OPENAI,
    "azure-openai": _AZURE,
    "azure": _AZURE,
    "bedrock": _BEDROCK,
    "vertex-ai": _VERTEX,
    "vertex": _VERTEX,
    "fireworks-ai": _FIREWORKS,
    "fireworks": _FIREWORKS,
}


def rules_for(provider: str | None) -> Rules:
    """Find the demands of a provider.

    Args:
        provider: Its name in the gateway, such as ``openai``, or None for the demands common to all.

    Raises:
        ConfigurationError: If the name is not one of those that are known.
    """
    if provider is None:
        return _COMMON
    if provider not in _BY_NAME:
        names = ", ".join(sorted({rules.provider or "" for rules in _BY_NAME.values()}))
        message = f"No rules are known for provider {provider!r}. Use one of {names}, or None for the common rules."
        raise ConfigurationError(message)
    return _BY_NAME[provider]
