"""Checking a training file of a gigabyte, beside parsing its JSON alone."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.measure import LeftOut, Lines, Setting, compare, limit_row, number_from, ratio_row, resident
from portkey_ft import datasets

SIZE = 1_000_000_000
ROUNDS = 3
WORDS = "the parcel is on its way and the tracking page shows each of its stops "


def write_training_file(path: Path) -> None:
    """Write a file of the size with chats of about a kilobyte, each with a number of its own."""
    head = b'{"messages": [{"role": "user", "content": "'
    middle = json.dumps([{"role": "assistant", "content": WORDS * 7}])[1:].encode()
    tail = f' {WORDS * 5}"}}, '.encode() + middle + b"}\n"
    with path.open("wb") as file:
        number = 0
        while file.tell() < SIZE:
            file.writelines(b"%b%08d%b" % (head, line, tail) for line in range(number, number + 1000))
            number += 1000


def check(path: Path) -> None:
    """Check a file to its end, and find that no more is wrong with it than its size."""
    report = datasets.check(path)
    assert report.examples * 1000 > SIZE
    assert len(report.problems) == 1


def growth(path: str) -> float:
    """Check a file and give what the process grew by at its peak, in MB."""
    before = resident()
    check(Path(path))
    return resident(peak=True) - before


def rows(setting: Setting) -> Lines:
    """Check the file three times, whatever the number of rounds: each time takes long enough."""
    del setting
    with TemporaryDirectory() as folder:
        path = Path(folder, "train.jsonl")
        write_training_file(path)
        megabytes = path.stat().st_size / 1e6

        def parse() -> None:
            with path.open("rb") as file:
                for line in file:
                    json.loads(line)

        parsing, checking = compare([parse, partial(check, path)], ROUNDS, 0)
        what = "datasets.check of 1 GB"
        yield ratio_row(what, "json.loads of each line", parsing, checking, unit="s", scale=1, at_most=2)
        yield limit_row(f"{what}, the rate", [megabytes / seconds for seconds in checking], "MB/s", at_least=60)
        try:
            resident()
        except OSError:
            yield LeftOut(f"{what}, the memory", "the system does not tell a process its resident memory in /proc.")
            return
        code = f"from benchmarks.rows.datasets_check import growth; print(growth({str(path)!r}))"
        yield limit_row(f"{what}, the memory", [number_from(code)], "MB", at_most=16)
