"""The rows of the table, a module each: what is measured, and against whom."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from benchmarks.measure import Lines, Setting
from benchmarks.rows import (
    construction,
    datasets_check,
    first_call,
    import_time,
    memory,
    pages,
    prefetch,
    sizes,
    small_call,
    toolchain,
    transfer,
)

__all__ = ["ROWS"]

ROWS: Final[dict[str, Callable[[Setting], Lines]]] = {
    "import_time": import_time.rows,
    "first_call": first_call.rows,
    "construction": construction.rows,
    "small_call": small_call.rows,
    "pages": pages.rows,
    "prefetch": prefetch.rows,
    "memory": memory.rows,
    "transfer": transfer.rows,
    "datasets_check": datasets_check.rows,
    "sizes": sizes.rows,
    "toolchain": toolchain.rows,
}
