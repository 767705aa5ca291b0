"""The dialects that the fake gateway speaks, by the provider's name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from portkey_ft.testing._azure import AZURE
from portkey_ft.testing._bedrock import BEDROCK
from portkey_ft.testing._fireworks import FIREWORKS
from portkey_ft.testing._openai import OPENAI
from portkey_ft.testing._vertex import VERTEX

if TYPE_CHECKING:
    from collections.abc import Mapping

    from portkey_ft.testing._dialect import Dialect

DIALECTS: Final[Mapping[str, Dialect]] = {
    dialect.provider: dialect for dialect in (OPENAI, AZURE, BEDROCK, VERTEX, FIREWORKS)
}
