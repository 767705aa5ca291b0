"""Checks a request against the document alone, as a gateway that enforces the document would."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any

import httpx
from openapi_schema_validator import OAS30Validator

Described = Mapping[str, Any]


def problems(document: Described, request: httpx.Request, base_path: str = "/v1") -> list[str]:
    """Yield every violation of the document in a request: path, query, credentials, content type and body."""
    path = request.url.raw_path.decode().partition("?")[0].removeprefix(base_path)
    templates = [one for one in document["paths"] if re.fullmatch(re.sub(r"\{[^}]+\}", "[^/]+", one), path)]
    described = document["paths"][templates[0]].get(request.method.lower()) if templates else None
    if described is None:
        return [f"there is no {request.method} {path}"]
    return [
        *_parameters(document, described, request),
        *_security(document, described, request),
        *_body(document, described, request),
    ]


def _violations(document: Described, schema: Described, value: object, where: str) -> Iterator[str]:
    whole = {"allOf": [schema], "components": document["components"]}
    yield from (f"{where}: {error.message}" for error in OAS30Validator(whole).iter_errors(value))


def _parameters(document: Described, described: Described, request: httpx.Request) -> Iterator[str]:
    known = {one["name"]: one for one in described.get("parameters", ()) if one["in"] == "query"}
    sent = dict(request.url.params.multi_items())
    for name, one in known.items():
        if name in sent:
            value = _as_typed(sent[name], one["schema"].get("type"))
            yield from _violations(document, one["schema"], value, f"query {name}")
        elif one.get("required"):
            yield f"query {name} is missing"
    yield from (f"query {name} is not described" for name in sent.keys() - known.keys())


def _as_typed(text: str, kind: str | None) -> object:
    return int(text) if kind == "integer" and re.fullmatch(r"-?\d+", text) else text


def _security(document: Described, described: Described, request: httpx.Request) -> Iterator[str]:
    schemes = document["components"]["securitySchemes"]
    sent = frozenset(name for name, scheme in schemes.items() if _is_sent(scheme, request))
    alternatives = {frozenset(one) for one in described.get("security", document.get("security", ()))}
    if sent not in alternatives:
        yield f"no alternative has {', '.join(sorted(sent)) or 'no'} credentials alone"


def _is_sent(scheme: Described, request: httpx.Request) -> bool:
    """Return whether a request has the credential of a scheme; one that this client does not use is never sent."""
    if scheme["type"] == "apiKey":
        return scheme["in"] == "header" and bool(request.headers.get(scheme["name"]))
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    return scheme["type"] == "http" and kind.lower() == scheme["scheme"] and bool(token)


def _body(document: Described, described: Described, request: httpx.Request) -> Iterator[str]:
    content = request.read()
    expected = described.get("requestBody")
    if expected is None:
        if content:
            yield "a body where none is described"
        if "content-type" in request.headers:
            yield "a content type without a body"
        return
    kind = request.headers.get("content-type", "").partition(";")[0]
    if kind not in expected["content"]:
        yield f"content type {kind!r} is not described"
        return
    data = json.loads(content) if kind == "application/json" else _form(request.headers["content-type"], content)
    yield from _violations(document, expected["content"][kind]["schema"], data, "body")


def _form(content_type: str, content: bytes) -> Mapping[str, str]:
    """Parse a form with a mail parser, independently of the code that wrote it."""
    head = b"MIME-Version: 1.0\r\nContent-Type: " + content_type.encode() + b"\r\n\r\n"
    parts = BytesParser(policy=HTTP).parsebytes(head + content).iter_parts()
    return {
        str(part.get_param("name", header="content-disposition")): part.get_payload(decode=True).decode("latin-1")
        for part in parts
    }
