"""The error that a response is read as."""

from __future__ import annotations

import json

import pytest

from portkey_ft import PortkeyError
from portkey_ft._api.error_responses import json_payload
from portkey_ft._http.messages import Request, Response


def failure(
    body: object, status: int = 500, *, repeatable: bool = True, url: str = "https://g/v1/x", **headers: str
) -> PortkeyError:
    """Read an answer that is an error."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    request = Request("files.retrieve", "GET", "/x", repeatable=repeatable)
    with pytest.raises(PortkeyError) as caught:
        json_payload(Response(request, url, status, headers=sent, content=content))
    return caught.value
