"""The command line as a process, and a training file to give it."""

from __future__ import annotations

import json
import sys

__all__ = ["COMMAND", "example"]

COMMAND = (sys.executable, "-W", "error", "-m", "portkey_ft.cli")


def example(number: int) -> str:
    """Return a line of a training file."""
    messages = [{"role": "user", "content": f"What is {number}?"}, {"role": "assistant", "content": "A number."}]
    return json.dumps({"messages": messages})
