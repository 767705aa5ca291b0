"""Other behaviour of the gateway that users should know; each sentence is tested in test_surprises.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

SURPRISES: Mapping[str, Sequence[str]] = {
    "All": [
        "Only the hosted gateway knows virtual keys, config IDs and `@slugs`; errors of the open-source one say so.",
        "A provider that cannot be reached, or responds with nonsense, is a 5xx; a create is then never repeated.",
        "A file with a text content type comes wrapped in JSON from the gateway, and is unwrapped.",
    ],
    "openai": ["What `extra_body` adds is sent to the gateway, which drops it."],
    "azure-openai": [
        "If Azure's response to a create is 201 with a null `error`, the gateway loses the job's ID; an error says so.",
    ],
    "bedrock": [
        "With `check=False` the gateway drops what it cannot use; if nothing is left, `ResponseError` is raised.",
        "The name of the file must end in `.jsonl`.",
        "The gateway passes neither limit nor cursor on: only the first page of a list can be had.",
    ],
    "vertex-ai": [
        "A job without hyperparameters (made elsewhere) cannot be retrieved: the gateway responds with 500.",
        "A custom host is used for jobs and downloads, but not for uploads.",
    ],
    "fireworks-ai": [
        "The size that Fireworks is told before a file is computed; a file that can be read only once is refused.",
        "A custom host is used for jobs, but not for files, nor to cancel a job.",
    ],
}
