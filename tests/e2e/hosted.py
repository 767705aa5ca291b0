"""A stand-in for what the hosted gateway adds to the open-source one: keys and slugs that select a provider.

A proxy before the real gateway puts the provider's credentials in the place of a virtual key, the id of a config, or a
slug of the Model Catalog. The client cannot tell from these which provider it talks to.
"""

from __future__ import annotations

import contextlib
import http.client
from collections.abc import Iterator, Mapping
from typing import Any

from tests.e2e.cases import CASES, Case
from tests.e2e.gateway_process import GatewayProcess
from tests.e2e.wire import Received, Response, serving

HOP_HEADERS = frozenset({"connection", "content-length", "keep-alive", "transfer-encoding", "host"})
#: Generous: it is reached only by a test that fails.
LIMIT = 60.0
#: Where a request names what stands for a provider and its credentials.
NAMES = ("x-portkey-virtual-key", "x-portkey-config", "x-portkey-provider")
STANDS_FOR = {f"{kind}{case.provider}": case for case in CASES.values() for kind in ("vk-", "pc-", "@")}


def virtual_key(case: Case) -> dict[str, Any]:
    """Return a client's arguments for the mode "virtual key"; the headers of an upload go with every mode."""
    return {"api_key": "pk-e2e", "virtual_key": f"vk-{case.provider}", "provider_headers": case.upload_needs or None}


def _credentials(case: Case) -> Mapping[str, str]:
    headers = {f"x-portkey-{name.replace('_', '-')}": text for name, text in case.needs.items()}
    bearer = {"authorization": f"Bearer {case.authorization}"} if case.authorization else {}
    return {"x-portkey-provider": case.provider, **headers, **bearer}


def _resolved(headers: Mapping[str, str]) -> dict[str, str]:
    """Put the credentials in the place of what stands for them."""
    for name in NAMES:
        case = STANDS_FOR.get(headers.get(name, ""))
        if case is not None:
            return {**{other: text for other, text in headers.items() if other != name}, **_credentials(case)}
    return dict(headers)


@contextlib.contextmanager
def hosted(gateway: GatewayProcess) -> Iterator[str]:
    """Serve what stands for the hosted gateway while the context lasts.

    Yields:
        The base URL for a client.
    """

    def respond(request: Received) -> Response:
        headers = {name: text for name, text in _resolved(request.headers).items() if name not in HOP_HEADERS}
        connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=LIMIT)
        with contextlib.closing(connection):
            connection.request(request.method, request.target, request.body or None, headers)
            response = connection.getresponse()
            body = response.read()
        kept = {name: text for name, text in response.getheaders() if name.lower() not in HOP_HEADERS}
        return Response(response.status, body, kept)

    with serving(respond) as url:
        yield f"{url}/v1"
