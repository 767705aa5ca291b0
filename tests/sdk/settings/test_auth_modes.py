"""Each security alternative of the committed document has an auth mode.

Beside the contract tests and not among them: an alternative that upstream adds is news, and no reason to stop.
"""

from __future__ import annotations

from pathlib import Path

import yaml

from portkey_ft import Config, Provider, VirtualKey

MODES = (
    VirtualKey("vk-0123456789"),
    Config("pc-0123456789"),
    Provider("openai", authorization="sk-0123456789"),
    Provider("openai", authorization="sk-0123456789", custom_host="https://llm.example.com/v1"),
)


def test_each_security_alternative_of_the_document_has_an_auth_mode() -> None:
    document = yaml.safe_load((Path(__file__).parents[3] / "spec" / "openapi.yaml").read_text("utf-8"))
    schemes = document["components"]["securitySchemes"]
    names = {
        name: "authorization" if scheme["type"] == "http" else scheme["name"].lower()
        for name, scheme in schemes.items()
    }
    alternatives = {
        frozenset(names[scheme] for scheme in alternative)
        for item in document["paths"].values()
        for operation in item.values()
        for alternative in operation["security"]
    }

    assert {frozenset({"x-portkey-api-key", *mode.headers()}) for mode in MODES} == alternatives
