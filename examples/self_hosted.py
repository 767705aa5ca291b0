"""A gateway of your own: no Portkey key, the provider and its token in each request, or a config that holds both.

The open gateway keeps no keys, so virtual keys and ids of configs mean nothing to it; the error says what to pass. Here
a fake gateway stands in for it: with yours, base_url is where it listens, such as http://gateway.internal:8787/v1.
"""

from __future__ import annotations

from portkey_ft import Config, Portkey, PortkeyError, Provider
from portkey_ft.testing import FakeGateway

EXAMPLE = b'{"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello."}]}\n'


def train(client: Portkey) -> None:
    """Upload, start, wait."""
    file = client.files.create(file=("greetings.jsonl", EXAMPLE * 12), purpose="fine-tune")
    job = client.fine_tuning.jobs.create(model="gpt-4o-mini-2024-07-18", training_file=file.id)
    job = client.fine_tuning.jobs.wait(job.id, poll_interval=0.05)
    print(f"trained    {job.fine_tuned_model}")


def main() -> None:
    """Use the gateway in the two modes that it knows, and in one that it does not."""
    gateway = FakeGateway(speed=40, virtual_keys={}, configs={})
    with gateway.serve() as base_url:
        # The provider and its token, in the headers of each request.
        with Portkey(provider="openai", authorization="sk-example", base_url=base_url) as client:
            train(client)

        # The same in a config, which the gateway reads from each request. It is a secret: it holds the token.
        config = Config({"provider": "openai", "api_key": "sk-example"})
        with Portkey(auth=config, base_url=base_url) as client:
            print(f"jobs       {len(client.fine_tuning.jobs.list().to_list())}")

        # Options that differ for some calls share the connections.
        with Portkey(auth=Provider("openai", authorization="sk-example"), base_url=base_url) as client:
            nightly = client.with_options(trace_id="nightly-7", timeout=120)
            print(f"traced     {nightly.fine_tuning.jobs.list(limit=1).to_list()[0].trace_id}")

        with Portkey(config="pc-example", base_url=base_url) as client:
            try:
                client.fine_tuning.jobs.list().first()
            except PortkeyError as error:
                print(f"refused    {error}")


if __name__ == "__main__":
    main()
