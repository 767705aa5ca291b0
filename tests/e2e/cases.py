"""The settings of each provider: credentials, required headers, a model, and a file that it accepts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from tests.e2e.backends.azure import API_VERSION

KEY = "sk-e2e-provider-key"

_CHAT = [
    {
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": f"What is {number} and {number}? é"},
            {"role": "assistant", "content": str(2 * number)},
        ]
    }
    for number in range(12)
]
#: A file that every provider takes.
TRAINING = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in _CHAT).encode()


@frozen
class Case:
    """A provider and what it needs.

    Attributes:
        provider: Its name at the gateway.
        authorization: The bearer token, if it takes one.
        needs: Headers without which nothing works, as ``provider_headers=`` has them.
        upload_needs: Headers without which an upload does not work, likewise.
        model: A model that it tunes.
        create: Further arguments of a create.
        custom_path: What a custom host ends in.
        config_names: The names in a config of those headers that it knows by others.
    """

    provider: str
    authorization: str | None = KEY
    needs: dict[str, str] = field(factory=dict)
    upload_needs: dict[str, str] = field(factory=dict)
    model: str = "gpt-4o-mini-2024-07-18"
    create: Mapping[str, Any] = field(factory=dict)
    custom_path: str = ""
    config_names: Mapping[str, str] = field(factory=dict)

    def client(self, **changed: Any) -> dict[str, Any]:  # noqa: ANN401 - arguments of a client
        """Return the arguments of a client in the mode "provider and bearer"."""
        headers = {**self.needs, **self.upload_needs}
        given = {"provider": self.provider, "authorization": self.authorization, "provider_headers": headers or None}
        return {**given, **changed}

    def config(self, **more: object) -> dict[str, Any]:
        """Return the same as a config."""
        headers = {self.config_names.get(name, name): text for name, text in (self.needs | self.upload_needs).items()}
        key = {"api_key": self.authorization} if self.authorization else {}
        return {"provider": self.provider, **headers, **key, **more}

    def custom_host(self, url: str) -> str:
        """Return the custom host that leads to its back end."""
        return f"{url}/custom-{self.provider}{self.custom_path}"


CASES = {
    case.provider: case
    for case in (
        Case("openai", custom_path="/v1"),
        Case(
            "azure-openai",
            needs={"azure_resource_name": "e2e-resource", "azure_api_version": API_VERSION},
            custom_path="/openai",
            config_names={"azure_resource_name": "resource_name", "azure_api_version": "api_version"},
        ),
        Case(
            "bedrock",
            authorization=None,
            needs={
                "aws_access_key_id": "AKIAE2E",
                "aws_secret_access_key": "e2e-secret-access-key",
                "aws_region": "us-east-1",
            },
            upload_needs={"aws_s3_bucket": "e2e-bucket", "aws_bedrock_model": "amazon.titan-text-express-v1"},
            model="amazon.titan-text-express-v1",
            create={"role_arn": "arn:aws:iam::123456789012:role/e2e", "job_name": "e2e-job"},
        ),
        Case(
            "vertex-ai",
            needs={"vertex_project_id": "e2e-project", "vertex_region": "us-central1"},
            upload_needs={"vertex_storage_bucket_name": "e2e-bucket", "provider_model": "gemini-2.0-flash-001"},
            model="gemini-2.0-flash-001",
            config_names={"provider_model": "vertex_model_name"},
        ),
        Case(
            "fireworks-ai",
            needs={"fireworks_account_id": "e2e-account"},
            model="llama-v3p1-8b-instruct",
            custom_path="/v1/accounts/e2e-account",
        ),
    )
}
