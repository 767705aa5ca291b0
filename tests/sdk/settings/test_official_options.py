"""Options of the official SDK's client are taken, or refused with what to write here."""

from __future__ import annotations

import httpx
import pytest

from portkey_ft import AsyncPortkey, ConfigurationError, Portkey


@pytest.mark.parametrize("kind", [Portkey, AsyncPortkey])
@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("request_timeout", "pass timeout=, in seconds"),
        ("strict_open_ai_compliance", "x-portkey-strict-open-ai-compliance"),
        ("forward_headers", "pass default_headers={'x-portkey-forward-headers': ...}"),
        ("cache_force_refresh", "pass default_headers={'x-portkey-cache-force-refresh': ...}"),
        ("debug", "pass default_headers={'x-portkey-debug': ...}"),
        ("aws_region", "pass provider_headers={'aws_region': ...}"),
        ("azure_resource_name", "pass provider_headers={'azure_resource_name': ...}"),
        ("vertex_project_id", "pass provider_headers={'vertex_project_id': ...}"),
        ("fireworks_account_id", "pass provider_headers={'fireworks_account_id': ...}"),
        ("virtualkey", "did you mean 'virtual_key'?"),
        ("nonsense", "argument 'nonsense'$"),
    ],
)
def test_an_option_that_does_not_exist_says_what_to_write(
    kind: type[Portkey | AsyncPortkey], name: str, advice: str
) -> None:
    with pytest.raises(TypeError, match=rf"{kind.__name__}\(\) got an unexpected keyword argument '{name}'") as caught:
        kind(api_key="pk-1", virtual_key="vk-1", **{name: "sk-canary"})  # type: ignore[arg-type]  # the mistake
    caught.match(advice.replace("{", r"\{").replace("?", r"\?").replace("(", r"\("))
    assert "sk-canary" not in str(caught.value)


def test_metadata_may_be_json_text() -> None:
    with Portkey(api_key="pk-1", virtual_key="vk-1", metadata='{"team": "a"}') as client:
        assert client._settings.headers()["x-portkey-metadata"] == '{"team":"a"}'
    with pytest.raises(ConfigurationError, match="or the text of a JSON object"):
        Portkey(api_key="pk-1", virtual_key="vk-1", metadata="team")


def test_a_timeout_of_the_http_library_says_what_to_write() -> None:
    with pytest.raises(ConfigurationError, match="pass the seconds of each step as one number"):
        Portkey(api_key="pk-1", virtual_key="vk-1", timeout=httpx.Timeout(5))  # type: ignore[arg-type]  # the mistake
