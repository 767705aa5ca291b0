"""Azure OpenAI's own API: OpenAI's, with another way to authenticate and another name for a waiting job."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.e2e.backends.openai import OpenAI
from tests.e2e.backends.store import Job
from tests.e2e.wire import Received

API_VERSION = "2024-10-21"


class Azure(OpenAI):
    """The back end: creation is status 201."""

    created = 201

    def authorized(self, request: Received) -> bool:
        """Return whether the right key and the version of the API came along."""
        return (
            request.headers.get("api-key") == "sk-e2e-provider-key" and request.query.get("api-version") == API_VERSION
        )

    def route(self, request: Received) -> list[str]:
        """Return the parts of the path behind ``/openai``."""
        return request.segments()[1:]

    def job(self, job: Job) -> Mapping[str, Any]:
        """Show a job: fewer fields than OpenAI's, and a queued one is pending."""
        shown = dict(super().job(job))
        for name in ("organization_id", "result_files", "integrations", "method"):
            del shown[name]
        return {**shown, "status": "pending" if shown["status"] == "queued" else shown["status"]}
