"""Times the stages of a run and tells a terminal which one it is in."""

import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import TextIO

import attrs


@attrs.frozen
class Stages:
    """The stages so far with their seconds; `stream` is where progress is told, if anybody looks."""

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
