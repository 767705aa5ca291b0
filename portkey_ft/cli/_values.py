"""Texts of the command line to values of the package."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, cast

import typer

__all__ = ["json_object", "number", "pairs"]


def pairs(texts: Iterable[str] | None, option: str) -> dict[str, str] | None:
    """Read ``NAME=VALUE`` texts; None if there are none.

    Raises:
        typer.BadParameter: One has no equals sign or no name.
    """
    if not texts:
        return None
    read: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not name or not equals:
            # The text itself may be a secret.
            message = "expected NAME=VALUE."
            raise typer.BadParameter(message, param_hint=option)
        read[name] = value
    return read


def number(text: str | None) -> int | float | str | None:
    """Read a hyperparameter: a number, or a name such as ``auto``."""
    if text is None:
        return None
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def json_object(text: str | None, option: str) -> dict[str, Any] | None:
    """Read a JSON object; None if there is no text.

    Raises:
        typer.BadParameter: It is something else.
    """
    if text is None:
        return None
    try:
        value: object = json.loads(text)
    except ValueError as error:
        message = f"this is not JSON: {error}."
        raise typer.BadParameter(message, param_hint=option) from None
    if not isinstance(value, dict):
        message = 'expected a JSON object, such as \'{"name": "value"}\'.'
        raise typer.BadParameter(message, param_hint=option)
    return cast("dict[str, Any]", value)
