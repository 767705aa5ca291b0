"""A job's whole life, from the training file to the best checkpoint.

Without arguments it runs against a fake gateway on this machine: nothing is paid, no key is needed and nothing leaves
the machine. With --base-url it talks to a gateway that is there, and costs what that costs; the keys then come from the
environment (PORTKEY_API_KEY, PORTKEY_VIRTUAL_KEY and so on).
"""

from __future__ import annotations

import argparse
import json
import tempfile
from contextlib import ExitStack
from pathlib import Path

from portkey_ft import Portkey, PortkeyError, Supervised, datasets
from portkey_ft.testing import FakeGateway

QUESTIONS = (
    ("Where is my parcel?", "It is on its way; the tracking page shows each stop."),
    ("Can I send a thing back?", "Yes, within thirty days. The label is in the parcel."),
    ("Do you ship abroad?", "We do. Tell us the country and we tell you the price."),
)


def write_dataset(path: Path) -> None:
    """Write a small chat dataset: a dozen examples of a shop's answers."""
    with path.open("w", encoding="utf-8") as file:
        for number in range(12):
            question, answer = QUESTIONS[number % len(QUESTIONS)]
            messages = [
                {"role": "system", "content": "You answer for a small shop, in one sentence."},
                {"role": "user", "content": f"{question} My order is number {1000 + number}."},
                {"role": "assistant", "content": answer},
            ]
            file.write(json.dumps({"messages": messages}) + "\n")


def fine_tune(client: Portkey, dataset: Path, model: str) -> None:
    """Take a dataset through a job and print the best checkpoint."""
    report = datasets.check(dataset)
    report.raise_for_problems()
    print(f"checked    {dataset.name}: {report.examples} examples, about {report.tokens} tokens, nothing to refuse")

    training_file = client.files.create(file=dataset, purpose="fine-tune")
    print(f"uploaded   {training_file.id}, {training_file.bytes} bytes")

    job = client.fine_tuning.jobs.create(
        model=model, training_file=training_file.id, suffix="demo", method=Supervised(n_epochs=3)
    )
    print(f"started    {job.id} on {job.model}")

    job = client.fine_tuning.jobs.wait(job.id, poll_interval=0.25, progress=True)
    print(f"finished   {job.fine_tuned_model}")
    print(f"           {job.trained_tokens} tokens trained")

    checkpoints = client.fine_tuning.jobs.checkpoints.list(job.id, page_size=2)
    for number, page in enumerate(checkpoints.pages(), start=1):
        losses = ", ".join(f"step {item.step_number}: {item.metrics.full_valid_loss}" for item in page)
        print(f"page {number}     {losses}")

    best = checkpoints.best("full_valid_loss")
    print(f"best       step {best.step_number}, full_valid_loss {best.metrics.full_valid_loss}")
    print(f"           {best.fine_tuned_model_checkpoint}")


def main() -> None:
    """Run the example from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base-url", help="a gateway that is there, such as https://api.portkey.ai/v1")
    parser.add_argument("--model", default="gpt-4o-mini-2024-07-18", help="the model to train (%(default)s)")
    arguments = parser.parse_args()

    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        if arguments.base_url is None:
            base_url = stack.enter_context(FakeGateway(speed=2.0).serve())
            print(f"gateway    a fake one on {base_url}; nothing is paid")
            client = stack.enter_context(Portkey(api_key="pk-demo", provider="@my-openai", base_url=base_url))
        else:
            client = stack.enter_context(Portkey(base_url=arguments.base_url))
        dataset = folder / "shop.jsonl"
        write_dataset(dataset)
        try:
            fine_tune(client, dataset, arguments.model)
        except PortkeyError as error:
            parser.exit(1, f"demo: {error}\n")
    print()
    print("Next: the same lines with your keys, without base_url=, train a real model:")
    print("      README.md, 'In your program'. Your own tests can run against the same")
    print("      fake gateway: docs/testing.md.")


if __name__ == "__main__":
    main()
