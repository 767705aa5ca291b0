"""For a pipeline: wait for a job and print the model name of its best checkpoint, and nothing else, on standard output.

    MODEL=$(python pick_best.py ftjob-... --metric full_valid_loss --at-most 0.8)

The exit code says how it went:

    0  there is a checkpoint, and it is good enough
    1  the gateway or the provider could not be asked
    2  wrong arguments
    3  the best checkpoint is not good enough
    4  the job ended without a model
    5  the job has not ended in time; it goes on

Keys come from the environment: PORTKEY_API_KEY with PORTKEY_VIRTUAL_KEY, or another mode. Without a job it makes one on
a fake gateway, to be tried at once.
"""

from __future__ import annotations

import argparse
import sys
from contextlib import ExitStack

from portkey_ft import JobFailedError, Portkey, PortkeyError, WaitTimeoutError
from portkey_ft.testing import FakeGateway

FAILED, NOT_GOOD_ENOUGH, NO_MODEL, NOT_IN_TIME = 1, 3, 4, 5


def say(text: str) -> None:
    """Tell people; standard output is for the pipeline."""
    sys.stderr.write(f"pick_best: {text}\n")


def pick(client: Portkey, job_id: str, arguments: argparse.Namespace) -> int:
    """Wait for the job, compare its checkpoints, print the best one's name."""
    client.fine_tuning.jobs.wait(
        job_id, timeout=arguments.timeout, poll_interval=arguments.poll_interval, progress=True
    )
    best = client.fine_tuning.jobs.checkpoints.list(job_id).best(arguments.metric)
    value = best.metrics.to_dict()[arguments.metric]
    say(f"step {best.step_number} is the best: {arguments.metric} is {value}")
    if arguments.at_most is not None and value > arguments.at_most:
        say(f"that is more than {arguments.at_most}")
        return NOT_GOOD_ENOUGH
    print(best.fine_tuned_model_checkpoint)
    return 0


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("job", nargs="?", help="the id of the job")
    parser.add_argument("--metric", default="full_valid_loss", help="what to compare (%(default)s)")
    parser.add_argument("--at-most", type=float, metavar="X", help="the largest value that is good enough")
    parser.add_argument("--timeout", type=float, default=6 * 3600.0, metavar="S", help="seconds (%(default)g)")
    arguments = parser.parse_args()
    arguments.poll_interval = 10.0

    try:
        with ExitStack() as stack:
            if arguments.job is None:
                gateway = FakeGateway(speed=40)
                base_url = stack.enter_context(gateway.serve())
                client = stack.enter_context(Portkey(api_key="pk-demo", provider="@my-openai", base_url=base_url))
                arguments.job, arguments.poll_interval = gateway.add_job().id, 0.05
            else:
                client = stack.enter_context(Portkey())
            return pick(client, arguments.job, arguments)
    except JobFailedError as error:
        say(str(error))
        return NO_MODEL
    except WaitTimeoutError as error:
        say(str(error))
        return NOT_IN_TIME
    except PortkeyError as error:
        say(str(error))
        return FAILED


if __name__ == "__main__":
    sys.exit(main())
