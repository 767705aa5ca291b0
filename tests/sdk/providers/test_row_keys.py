"""What stands beside the messages of a training row arrives at Vertex, in the form of the model that is tuned."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from portkey_ft import PortkeyWarning
from portkey_ft.datasets import DatasetError

if TYPE_CHECKING:
    from portkey_ft.testing import FakeGateway
    from tests.support.ways import Way

pytestmark = pytest.mark.anyio

MESSAGES = [{"role": "user", "content": "Size?"}, {"role": "assistant", "content": "Large."}]
TOOL = {"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}
GEMINI = "gemini-2.0-flash-001"
VALUES: dict[str, Any] = {
    "labels": {"team": "a"},
    "logprobs": True,
    "max_completion_tokens": 13,
    "max_tokens": 11,
    "modalities": ["text"],
    "parallel_tool_calls": False,
    "reasoning_effort": "low",
    "response_format": {"type": "json_object"},
    "safety_settings": [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_NONE"}],
    "seed": 17,
    "stop": ["halt"],
    "temperature": 0.125,
    "thinking": {"type": "enabled", "budget_tokens": 1024},
    "tool_choice": "required",
    "tools": [TOOL],
    "top_k": 7,
    "top_p": 0.375,
}
#: Which of them each model's form has a place for.
PLACES: dict[str, frozenset[str]] = {
    GEMINI: frozenset(VALUES) - {"parallel_tool_calls"},
    "anthropic.claude-3-haiku": frozenset({"temperature", "tool_choice", "tools"}),
    "meta.llama-3": frozenset({"temperature"}),
    "mistralai.codestral": frozenset({"parallel_tool_calls", "seed", "temperature", "tool_choice", "tools"}),
    "endpoints.123": frozenset({"parallel_tool_calls", "seed", "temperature", "tool_choice", "tools"}),
}


async def stored(way: Way, gateway: FakeGateway, model: str, **more: Any) -> Any:  # noqa: ANN401 - any JSON
    """Upload a row, and give what Vertex got of it."""
    headers = {
        "vertex_project_id": "p",
        "vertex_region": "us-central1",
        "vertex_storage_bucket_name": "b",
        "provider_model": model,
    }
    client = way.client(gateway, provider="vertex-ai", provider_headers=headers)
    row = json.dumps({"messages": MESSAGES, **more}).encode() + b"\n"
    await way.get(client.files.create(row))
    return json.loads(gateway.files[-1].content)


@pytest.mark.parametrize("model", PLACES)
@pytest.mark.parametrize("key", VALUES)
async def test_a_key_of_a_row_arrives_or_is_warned_of(key: str, model: str, way: Way, gateway: FakeGateway) -> None:
    beside = {"tools": [TOOL]} if key == "tool_choice" else {}
    if key not in PLACES[model]:
        with pytest.raises((DatasetError, PortkeyWarning), match=f"value-lost.*'{key}'"):
            await stored(way, gateway, model, **{key: VALUES[key]})
        return
    changed = await stored(way, gateway, model, **beside, **{key: VALUES[key]})
    # The fake gateway makes the form of Gemini for every model.
    assert model != GEMINI or changed != await stored(way, gateway, model, **beside)
