"""What a user has to say for each provider: credentials, the headers it needs, a model, and a file it takes."""

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
        encoded_ids: Whether ids come percent-encoded.
    """

    provider: str
    authorization: str | None = KEY
    needs: Mapping[str, str] = field(factory=dict)
    upload_needs: Mapping[str, str] = field(factory=dict)
    model: str = "gpt-4o-mini-2024-07-18"
    create: Mapping[str, Any] = field(factory=dict)
    encoded_ids: bool = False

    def client(self, **changed: Any) -> dict[str, Any]:  # noqa: ANN401 - arguments of a client
        """Give the arguments of a client in the mode "provider and bearer"."""
        headers = {**self.needs, **self.upload_needs}
        given = {"provider": self.provider, "authorization": self.authorization, "provider_headers": headers or None}
        return {**given, **changed}

    def config(self, **more: str) -> dict[str, Any]:
        """Give the same as a config."""
        fields = {**self.needs, **self.upload_needs, **({"api_key": self.authorization} if self.authorization else {})}
        return {"provider": self.provider, **fields, **more}


_SIZE = str(sum(len(line) + 1 for line in TRAINING.splitlines()) - 1)

CASES = {
    case.provider: case
    for case in (
        Case("openai"),
        Case("azure-openai", needs={"azure_resource_name": "e2e-resource", "azure_api_version": API_VERSION}),
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
            encoded_ids=True,
        ),
        Case(
            "vertex-ai",
            needs={"vertex_project_id": "e2e-project", "vertex_region": "us-central1"},
            upload_needs={"vertex_storage_bucket_name": "e2e-bucket", "provider_model": "gemini-2.0-flash-001"},
            model="gemini-2.0-flash-001",
            encoded_ids=True,
        ),
        Case(
            "fireworks-ai",
            needs={"fireworks_account_id": "e2e-account"},
            upload_needs={"file_upload_size": _SIZE},
            model="llama-v3p1-8b-instruct",
        ),
    )
}
