"""The real gateway as a process: started on a loopback port, awaited, killed, restarted, and ended with the tests."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from attrs import define, field

PRELOAD = Path(__file__).parent / "gateway" / "preload.cjs"
ENTRY = Path("node_modules", "@portkey-ai", "gateway", "build", "start-server.js")
#: Generous: it is reached only by a gateway that does not start.
READY_WITHIN = 60.0


def reserved() -> socket.socket:
    """Take a port of loopback, without listening on it: no other process is given it."""
    taken = socket.socket()
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    taken.bind(("127.0.0.1", 0))
    return taken


@define(eq=False)
class GatewayProcess:
    """A gateway.

    Attributes:
        folder: Where node_modules is.
        hosts: The URL of the back end for each host that the gateway would reach; see preload.cjs.
    """

    folder: Path
    hosts: Mapping[str, str]
    _reserved: socket.socket = field(factory=reserved)
    _process: subprocess.Popen[bytes] | None = None

    @property
    def port(self) -> int:
        """Where it listens, the same after a restart."""
        port: int = self._reserved.getsockname()[1]
        return port

    @property
    def base_url(self) -> str:
        """The base URL for a client."""
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def pid(self) -> int | None:
        """Its process id, while it runs."""
        return None if self._process is None else self._process.pid

    def start(self) -> None:
        """Start it, and wait until it responds."""
        command = ["node", "--require", str(PRELOAD), str(self.folder / ENTRY), "--headless", f"--port={self.port}"]
        environment = {"PATH": os.environ["PATH"], "PORTKEY_FT_E2E_HOSTS": json.dumps(dict(self.hosts))}
        self._process = subprocess.Popen(  # noqa: S603 - the gateway that the tests are about
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environment,
            # Ctrl-C is for the tests, which then stop the gateway.
            start_new_session=True,
        )
        try:
            self._await_readiness(self._process)
        except BaseException:
            self.stop()
            raise

    def _await_readiness(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + READY_WITHIN
        while time.monotonic() < deadline:
            if process.poll() is not None:
                message = f"the gateway ended with code {process.returncode} before it was ready"
                raise RuntimeError(message)
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=READY_WITHIN)
            with contextlib.suppress(OSError, http.client.HTTPException), contextlib.closing(connection):
                connection.request("GET", "/")
                if connection.getresponse().read() == b"AI Gateway says hey!":
                    return
            time.sleep(0.03)
        message = f"the gateway was not ready within {READY_WITHIN:g} seconds"
        raise RuntimeError(message)

    def stop(self) -> None:
        """Kill it, as a crash would, and wait until it has ended."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            if process.stdin is not None:
                process.stdin.close()

    def close(self) -> None:
        """End it, and release its port."""
        self.stop()
        self._reserved.close()


@contextlib.contextmanager
def running(folder: Path, hosts: Mapping[str, str]) -> Iterator[GatewayProcess]:
    """Run a gateway while the context lasts."""
    gateway = GatewayProcess(folder, hosts)
    try:
        gateway.start()
        yield gateway
    finally:
        gateway.close()
