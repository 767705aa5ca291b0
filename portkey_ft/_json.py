"""Telling the kinds of JSON data apart, in a way that type checkers follow.

``isinstance(value, dict)`` leaves a checker with a dict of unknowns; data out of :mod:`json` has keys that are text.
"""

from __future__ import annotations

from typing import Any, TypeGuard

__all__ = ["is_array", "is_object"]


def is_object(value: object) -> TypeGuard[dict[str, Any]]:
    """Tell whether a value is a JSON object."""
    return isinstance(value, dict)


def is_array(value: object) -> TypeGuard[list[Any]]:
    """Tell whether a value is a JSON array."""
    return isinstance(value, list)
