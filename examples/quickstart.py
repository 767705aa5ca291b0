"""The shortest useful program: start a job, wait for it, print its checkpoints.

It runs against a fake gateway, so that it can be tried at once; with your keys, leave out base_url=.
"""

from portkey_ft import Portkey
from portkey_ft.testing import FakeGateway, JobScript

script = JobScript(phases=[("running", 0.2)])
with (
    FakeGateway(script=script).serve() as base_url,
    Portkey(api_key="pk-example", provider="@my-openai", base_url=base_url) as client,
):
    lines = b'{"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello."}]}\n' * 10
    training_file = client.files.create(file=("greetings.jsonl", lines), purpose="fine-tune")
    job = client.fine_tuning.jobs.create(model="gpt-4o-mini-2024-07-18", training_file=training_file.id)
    job = client.fine_tuning.jobs.wait(job.id, poll_interval=0.1)
    for checkpoint in client.fine_tuning.jobs.checkpoints.list(fine_tuning_job_id=job.id):
        print(checkpoint.step_number, checkpoint.metrics.full_valid_loss)
