"""The loopback server that all contestants talk to: a process of its own that writes prepared bytes.

It does as little as a server can, so that what is measured is the client. With uvloop, if that is installed, its loop
runs in C. A page of the job ``slow`` takes 50 ms; the checkpoints of the job ``endless`` never end; ``/count`` tells
how many connections were opened and how many requests came.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import cast

PAGE = 100
PAGES = 100
JOB: dict[str, object] = {
    "id": "ftjob-1", "object": "fine_tuning.job", "created_at": 1_750_000_000, "status": "running",
    "model": "gpt-4o-mini-2024-07-18", "training_file": "file-1", "validation_file": None, "error": None,
    "hyperparameters": {"n_epochs": 3, "batch_size": 8, "learning_rate_multiplier": 1.8}, "finished_at": None,
    "fine_tuned_model": None, "organization_id": "org-1", "result_files": [], "trained_tokens": None, "seed": 1,
}  # fmt: skip


def checkpoint(number: int) -> dict[str, object]:
    """Make a checkpoint as OpenAI sends it."""
    metrics = {
        "step": number, "train_loss": 0.48, "train_mean_token_accuracy": 0.81, "valid_loss": 0.51,
        "valid_mean_token_accuracy": 0.80, "full_valid_loss": 0.52, "full_valid_mean_token_accuracy": 0.79,
    }  # fmt: skip
    return {
        "id": f"ftckpt_{number:08d}", "object": "fine_tuning.job.checkpoint", "created_at": 1_750_000_000 + number,
        "fine_tuned_model_checkpoint": f"ft:gpt-4o-mini-2024-07-18:org::{number:08d}:ckpt-step-{number}",
        "fine_tuning_job_id": "ftjob-1", "step_number": number, "metrics": metrics,
    }  # fmt: skip


def page(index: int, *, has_more: bool) -> bytes:
    """Write a page of checkpoints."""
    data = [checkpoint(index * PAGE + number) for number in range(PAGE)]
    ends = {"first_id": data[0]["id"], "last_id": data[-1]["id"], "has_more": has_more}
    return json.dumps({"object": "list", "data": data, **ends}).encode()


def _answer(body: bytes, kind: bytes = b"application/json") -> bytes:
    head = b"HTTP/1.1 200 OK\r\ncontent-type: %b\r\ncontent-length: %d\r\n\r\n" % (kind, len(body))
    return head + body


def _last_id(index: int) -> bytes:
    return str(checkpoint((index + 1) * PAGE - 1)["id"]).encode()


class _Protocol(asyncio.Protocol):
    """Answers each request with bytes that were prepared once."""

    pages = tuple(_answer(page(index, has_more=index + 1 < PAGES)) for index in range(PAGES))
    # An endless list repeats its pages under new cursors, which are as long as the old ones.
    endless = tuple(
        _answer(page(index, has_more=True)).replace(_last_id(index), b"ftckpt_%08d") for index in range(PAGES)
    )
    job = _answer(json.dumps(JOB).encode())
    file = _answer(
        b'{"id":"file-1","object":"file","bytes":1,"created_at":1750000000,"filename":"x","purpose":"fine-tune"}'
    )
    chunk = bytes(1 << 20)
    connections = requests = 0

    def __init__(self) -> None:
        self._buffer = b""
        self._body_left = 0
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        _Protocol.connections += 1

    def data_received(self, data: bytes) -> None:
        if self._body_left:
            self._body_left -= len(data)
            if self._body_left <= 0:
                self._transport.write(self.file)
            return
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head, rest = self._buffer[:end], self._buffer[end + 4 :]
        self._buffer = b""
        _Protocol.requests += 1
        length = next(
            (int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")), 0
        )
        if length > len(rest):
            self._body_left = length - len(rest)
            return
        self._respond(head.split(b" ", 2)[1])

    def _respond(self, target: bytes) -> None:
        if b"/content" in target:
            self._send_file()
        elif b"/checkpoints" in target:
            self._send_page(target)
        elif b"/count" in target:
            count = {"connections": self.connections, "requests": self.requests}
            self._transport.write(_answer(json.dumps(count).encode()))
        elif b"/files" in target:
            self._transport.write(self.file)
        else:
            self._transport.write(self.job)

    def _send_page(self, target: bytes) -> None:
        _, _, after = target.partition(b"after=ftckpt_")
        index = (int(after[:8]) + 1) // PAGE if after else 0
        if b"/endless/" in target:
            last = (index + 1) * PAGE - 1
            self._transport.write(self.endless[index % PAGES] % (last, last))
        elif b"/slow/" in target:
            asyncio.get_running_loop().call_later(0.05, self._transport.write, self.pages[index % PAGES])
        else:
            self._transport.write(self.pages[index % PAGES])

    def _send_file(self) -> None:
        size = 512
        self._transport.write(
            b"HTTP/1.1 200 OK\r\ncontent-type: application/octet-stream\r\ncontent-length: %d\r\n\r\n" % (size << 20)
        )
        asyncio.get_running_loop().create_task(self._pour(size))

    async def _pour(self, size: int) -> None:
        for _ in range(size):
            # The protocol's own flow control wakes once; a poll is as fast here and shorter.
            while self._transport.get_write_buffer_size() > len(self.chunk):
                await asyncio.sleep(0.0005)
            self._transport.write(self.chunk)


async def _serve() -> None:
    server = await asyncio.get_running_loop().create_server(_Protocol, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


@contextmanager
def serving() -> Generator[str]:
    """Run the server in a process of its own and give its base URL."""
    with subprocess.Popen([sys.executable, "-m", "benchmarks.server"], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}/v1"
        finally:
            process.kill()


if __name__ == "__main__":
    try:
        import uvloop

        uvloop.run(_serve())
    except ImportError:
        asyncio.run(_serve())
