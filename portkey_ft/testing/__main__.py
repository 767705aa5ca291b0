"""The fake gateway from the command line: ``python -m portkey_ft.testing``."""

from __future__ import annotations

import argparse
import math
import sys
import time
from typing import TYPE_CHECKING, Final, NoReturn, TextIO

from portkey_ft._version import __version__
from portkey_ft.testing import FakeGateway, JobScript

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_HIGHEST_PORT: Final = 65535

_EXAMPLE: Final = """\
Fake gateway on {url}  (Ctrl-C stops it)

In Python:

    from portkey_ft import Portkey

    client = Portkey(api_key="{key}", provider="@my-openai", base_url="{url}")
    lines = b'{{"messages": [{{"role": "user", "content": "2+2"}}, {{"role": "assistant", "content": "4"}}]}}\\n' * 10
    file = client.files.create(file=("training.jsonl", lines), purpose="fine-tune")
    job = client.fine_tuning.jobs.create(model="gpt-4o-mini-2024-07-18", training_file=file.id)
    for event in client.fine_tuning.jobs.follow(job.id):
        print(event.message)
    for checkpoint in client.fine_tuning.jobs.checkpoints.list(job.id):
        print(checkpoint.step_number, checkpoint.metrics.full_valid_loss)

In a shell:

    curl {url}/fine_tuning/jobs -H 'x-portkey-api-key: {key}' -H 'x-portkey-provider: @my-openai'
"""


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= _HIGHEST_PORT:
        message = f"must be between 0 and {_HIGHEST_PORT}, got {port}"
        raise argparse.ArgumentTypeError(message)
    return port


def _seconds(text: str) -> float:
    seconds = float(text)
    if not (math.isfinite(seconds) and seconds >= 0):
        message = f"must be finite and not negative, got {text}"
        raise argparse.ArgumentTypeError(message)
    return seconds


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m portkey_ft.testing",
        description="Run a fake gateway with fake providers, without cost or network access: for tests and demos.",
        epilog="The headers of each request select the provider: x-portkey-provider may be openai, azure-openai, "
        "bedrock, vertex-ai or fireworks-ai; any slug such as @my-openai and any virtual key select openai.",
    )
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: %(default)s)")
    parser.add_argument(
        "--port", type=_port, default=0, metavar="N", help="the port to listen on; 0 picks a free one (the default)"
    )
    parser.add_argument(
        "--seconds-per-job",
        type=_seconds,
        default=JobScript().seconds,
        metavar="S",
        help="how long a job takes from creation to completion (default: %(default)g)",
    )
    parser.add_argument(
        "--api-key",
        action="append",
        metavar="K",
        help="accept only this Portkey API key; can be repeated (default: any key)",
    )
    parser.add_argument("--version", action="version", version=f"portkey-ft {__version__}")
    return parser


def _wait_forever() -> NoReturn:
    while True:
        time.sleep(60.0)


def main(
    arguments: Sequence[str] | None = None, *, out: TextIO | None = None, wait: Callable[[], None] = _wait_forever
) -> int:
    """Run the command line.

    Args:
        arguments: the arguments after the program name; None for those of the process.
        out: the stream for the base URL and the examples; None for standard output.
        wait: blocks until the server should stop; may raise KeyboardInterrupt.

    Returns:
        the exit code: 0 after Ctrl-C, 1 if it cannot listen on the address.

    Raises:
        SystemExit: with 2 for invalid arguments; with 0 after ``--help`` and ``--version``.
    """
    options = _parser().parse_args(arguments)
    stream = sys.stdout if out is None else out
    script = JobScript().lasting(options.seconds_per_job)
    gateway = FakeGateway(script=script, api_keys=options.api_key)
    try:
        with gateway.serve(host=options.host, port=options.port) as url:
            key = options.api_key[0] if options.api_key else "any"
            stream.write(_EXAMPLE.format(url=url, key=key))
            stream.flush()
            wait()
    except KeyboardInterrupt:
        # The usual way to stop it.
        return 0
    except OSError as error:
        sys.stderr.write(f"cannot listen on {options.host}:{options.port}: {error.strerror or error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
