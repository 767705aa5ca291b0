"""Estimates the tokens of a text, or counts them with tiktoken."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Final, Protocol, cast

from portkey_ft.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable

TOKENS_PER_TEXT: Final = 3
"""The marks around each text of an example, such as the role of a message."""

TOKENS_PER_EXAMPLE: Final = 3
"""The marks around an example."""

_CHARACTERS_PER_TOKEN: Final = 4
_EXTRA_BYTES_PER_TOKEN: Final = 3


class _Encoding(Protocol):
    def encode_ordinary(self, text: str) -> list[int]: ...


class _Tiktoken(Protocol):
    def encoding_for_model(self, model_name: str) -> _Encoding: ...


def estimated_tokens(characters: int, extra_bytes: int) -> int:
    """Estimate tokens from sizes.

    English takes about four characters a token in the encodings of current models. Other scripts take more, and how
    many more goes with the bytes of a character in UTF-8: with one token for every three bytes beyond the first of
    each character, Cyrillic comes to 0.6 and Chinese to 0.9 tokens a character. Expect the sum to be right within a
    quarter for prose, and less so for code and numbers.

    Args:
        characters: The number of characters.
        extra_bytes: By how much their number of bytes in UTF-8 exceeds it.
    """
    return round(characters / _CHARACTERS_PER_TOKEN + extra_bytes / _EXTRA_BYTES_PER_TOKEN)


def tiktoken_counter(model: str) -> Callable[[str], int]:
    """Return a function that counts the tokens of a text as an OpenAI model would.

    It needs the extra ``tokens`` (``pip install "portkey-ft[tokens]"``). On first use of an encoding tiktoken fetches
    its vocabulary over the network and keeps it in a cache. Counting is several times slower than the estimate.

    Args:
        model: The model that is to be tuned, such as ``gpt-4o-mini``.

    Returns:
        What ``check(..., count_tokens=...)`` takes.

    Raises:
        ImportError: If tiktoken is not installed.
        ConfigurationError: If tiktoken knows no encoding for the model.
    """
    try:
        tiktoken = cast("_Tiktoken", importlib.import_module("tiktoken"))
    except ImportError as reason:
        message = 'Counting tokens needs tiktoken: pip install "portkey-ft[tokens]". Without it they are estimated.'
        raise ImportError(message, name="tiktoken") from reason
    try:
        encoding = tiktoken.encoding_for_model(model)
    except KeyError as reason:
        message = f"tiktoken knows no encoding for model {model!r}."
        hint = "Name the base model, or leave count_tokens out to have an estimate."
        raise ConfigurationError(message, hint=hint) from reason
    return lambda text: len(encoding.encode_ordinary(text))
