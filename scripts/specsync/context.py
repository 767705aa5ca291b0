"""The input of one run: the options of the command line, and a timer for its stages."""

import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import attrs


@attrs.frozen
class Options:
    """The options of one call; each verb uses some of them."""

    verb: str
    root: Path
    source: str | None = None
    old: str = ""
    new: str = ""
    rule: str = ""
    check: bool = False
    accept: str = "additive"
    everything: bool = False
    offline: bool = False


@attrs.frozen
class StageTimer:
    """The stages so far with their seconds; progress is written to `stream`, if there is one."""

    stream: TextIO | None = None
    seconds: dict[str, float] = attrs.field(factory=dict[str, float])

    @contextmanager
    def stage(self, name: str) -> Generator[None]:
        """Time a stage."""
        if self.stream is not None:
            self.stream.write(f"{name:<10} ")
            self.stream.flush()
        started = time.perf_counter()
        try:
            yield
        finally:
            taken = time.perf_counter() - started
            self.seconds[name] = round(self.seconds.get(name, 0.0) + taken, 4)
            if self.stream is not None:
                self.stream.write(f"{taken:6.2f} s\n")
                self.stream.flush()
