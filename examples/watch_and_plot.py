"""Watch a job, print what happens to it, and draw its losses with the best step marked.

The picture goes to losses.png, or to the path that is given. It needs the extra ``plot``. It runs against a fake
gateway; with your keys, make the client without base_url=.
"""

from __future__ import annotations

import sys
from pathlib import Path

from matplotlib import pyplot as plt

from portkey_ft import Portkey
from portkey_ft.testing import FakeGateway, JobScript

EXAMPLE = b'{"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello."}]}\n'


def watch(client: Portkey, job_id: str, picture: Path) -> None:
    """Follow a job to its end, then draw it."""
    # The picture goes to a file; no window is needed.
    plt.switch_backend("Agg")
    for event in client.fine_tuning.jobs.follow(job_id, poll_interval=0.05):
        when = "" if event.created_at is None else event.created_at.strftime("%H:%M:%S")
        print(f"{when}  {event.message}")

    checkpoints = client.fine_tuning.jobs.checkpoints.list(job_id)
    best = checkpoints.best("full_valid_loss")
    figure, axes = plt.subplots(layout="constrained")
    checkpoints.plot("full_valid_loss", ax=axes)
    axes.set_title(job_id)
    figure.savefig(picture, dpi=150)
    print(f"best: {best.fine_tuned_model_checkpoint} (step {best.step_number}); picture: {picture}")


def main() -> None:
    """Start a job on a fake gateway and watch it."""
    picture = Path(sys.argv[1] if len(sys.argv) > 1 else "losses.png")
    gateway = FakeGateway(speed=20, script=JobScript(steps_per_event=30))
    with (
        gateway.serve() as base_url,
        Portkey(api_key="pk-example", provider="@my-openai", base_url=base_url) as client,
    ):
        file = client.files.create(file=("greetings.jsonl", EXAMPLE * 12), purpose="fine-tune")
        job = client.fine_tuning.jobs.create(model="gpt-4o-mini-2024-07-18", training_file=file.id)
        watch(client, job.id, picture)


if __name__ == "__main__":
    main()
