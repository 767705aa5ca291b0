"""Several jobs at once: train with different settings, wait for all of them, keep the best checkpoint of any.

It runs against a fake gateway. With your keys, make the client without base_url= and leave the gateway out.
"""

from __future__ import annotations

import asyncio

from attrs import frozen

from portkey_ft import AsyncPortkey, Checkpoint, JobFailedError, PortkeyError, Supervised
from portkey_ft.testing import FakeGateway, JobScript

MODEL = "gpt-4o-mini-2024-07-18"
EXAMPLE = b'{"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello."}]}\n'
TRIALS = {
    "short": Supervised(n_epochs=2),
    "long": Supervised(n_epochs=6),
    "fast": Supervised(n_epochs=3, learning_rate_multiplier=2.0),
    "slow": Supervised(n_epochs=3, learning_rate_multiplier=0.5),
}
# Providers train few jobs at a time; what is beyond that would only wait in their queue.
AT_ONCE = 3


@frozen
class Outcome:
    """What became of one trial."""

    name: str
    best: Checkpoint | None = None
    reason: str | None = None

    @property
    def loss(self) -> float:
        """The loss on the whole validation file; infinite where there is none."""
        loss = None if self.best is None else self.best.metrics.full_valid_loss
        return float("inf") if loss is None else loss


async def run(
    client: AsyncPortkey, name: str, method: Supervised, training_file: str, places: asyncio.Semaphore
) -> Outcome:
    """Take one trial from its start to its best checkpoint. A failure is an outcome: the other trials go on."""
    jobs = client.fine_tuning.jobs
    async with places:
        try:
            job = await jobs.create(model=MODEL, training_file=training_file, suffix=name, method=method)
            print(f"{name:6} started {job.id}")
            await jobs.wait(job.id, poll_interval=0.05)
            return Outcome(name, best=await jobs.checkpoints.list(job.id).best("full_valid_loss"))
        except JobFailedError as error:
            return Outcome(name, reason=error.message)
        except PortkeyError as error:
            return Outcome(name, reason=str(error))


async def main() -> None:
    """Run all trials and print them, the best one first."""
    gateway = FakeGateway(speed=40)
    # Jobs that end differently, so that there is something to compare; one of them fails.
    failing = JobScript.failing("the learning rate is too high")
    gateway.script_next(JobScript(checkpoints=2), JobScript(checkpoints=8), failing, JobScript(checkpoints=12))
    with gateway.serve() as base_url:
        async with AsyncPortkey(api_key="pk-example", provider="@my-openai", base_url=base_url) as client:
            file = await client.files.create(file=("greetings.jsonl", EXAMPLE * 12), purpose="fine-tune")
            places = asyncio.Semaphore(AT_ONCE)
            trials = [run(client, name, method, file.id, places) for name, method in TRIALS.items()]
            outcomes = await asyncio.gather(*trials)

    print()
    for outcome in sorted(outcomes, key=lambda item: item.loss):
        if outcome.best is None:
            print(f"{outcome.name:6} {outcome.reason}")
        else:
            print(f"{outcome.name:6} {outcome.loss:.4f} at step {outcome.best.step_number}")


if __name__ == "__main__":
    asyncio.run(main())
