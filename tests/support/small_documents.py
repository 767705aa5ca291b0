"""Small OpenAPI documents, and what they are made of."""

from __future__ import annotations

from typing import Any

DONE: dict[str, Any] = {"200": {"description": "Done."}}


def document(paths: dict[str, Any], components: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    return {
        "openapi": "3.0.3",
        "info": {"title": "Shop", "version": "1"},
        "paths": paths,
        **({} if components is None else {"components": components}),
        **more,
    }


def operation(**parts: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    return {"responses": DONE, **parts}


def parameter(name: str, place: str = "query", **more: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    return {"name": name, "in": place, "schema": {"type": "string"}, **more}


def returning(schema: dict[str, Any], **more: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    content = {"application/json": {"schema": schema}}
    return {"responses": {"200": {"description": "Done.", "content": content}}, **more}


def refers(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}
