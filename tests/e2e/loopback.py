"""Reads from the kernel whether the other end of a loopback connection has read everything, or has seen the end.

A fault that happens after another thing waits for that thing, whatever the machine is busy with. Where a system has no
such table the tests that need it are left out.
"""

from __future__ import annotations

import socket
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from attrs import frozen

TABLE = Path("/proc/net/tcp")
#: Generous: it is reached only by a test that fails.
LIMIT = 60.0
ESTABLISHED = "01"


@frozen
class Connection:
    """A connection as one of its ends has it.

    Attributes:
        local: The address of this end, as the kernel's table has it.
        remote: The address of the other end.
    """

    local: str
    remote: str

    @classmethod
    def of(cls, end: socket.socket) -> Connection:
        """Describe a connected socket."""
        return cls(_address(end.getsockname()), _address(end.getpeername()))

    @property
    def reversed(self) -> Connection:
        """The same connection as the other end has it."""
        return Connection(self.remote, self.local)


@frozen
class State:
    """What the kernel knows of one end.

    Attributes:
        state: The state of TCP; ``01`` is established.
        unacknowledged: Bytes sent that have not arrived at the other end.
        unread: Bytes that have arrived, and that the process has not read.
    """

    state: str
    unacknowledged: int
    unread: int


def _address(address: tuple[str, int]) -> str:
    host, port = address
    return f"{int.from_bytes(socket.inet_aton(host), sys.byteorder):08X}:{port:04X}"


def _states() -> Mapping[Connection, State]:
    rows = [line.split() for line in TABLE.read_text().splitlines()[1:]]
    queues = [[int(size, 16) for size in row[4].split(":")] for row in rows]
    return {
        Connection(row[1], row[2]): State(row[3], sent, read) for row, (sent, read) in zip(rows, queues, strict=True)
    }


def _wait(connection: Connection, reached: Callable[[State], bool]) -> None:
    """Wait until one end of a connection is in some state, or does not exist any more."""
    deadline = time.monotonic() + LIMIT
    while (state := _states().get(connection)) is not None and not reached(state):
        if time.monotonic() > deadline:
            message = f"{connection} is still {state} after {LIMIT:g} seconds"
            raise TimeoutError(message)
        time.sleep(0.001)


def wait_until_read(end: socket.socket) -> None:
    """Wait until the process at the other end has read all that was sent."""
    connection = Connection.of(end)
    # In this order: the other end has no unread bytes before they arrive, either.
    _wait(connection, lambda ours: not ours.unacknowledged)
    _wait(connection.reversed, lambda theirs: not theirs.unread)


def wait_until_noticed(closed: Iterable[Connection]) -> None:
    """Wait until the other ends of connections that were shut down have been told."""
    for connection in closed:
        _wait(connection.reversed, lambda theirs: theirs.state != ESTABLISHED)
