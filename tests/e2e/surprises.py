"""What else the gateway does that a user should know; each sentence is held by a test of test_surprises.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

SURPRISES: Mapping[str, Sequence[str]] = {
    "All": [
        "The hosted gateway alone knows virtual keys, ids of configs and `@slugs`; the error of the open one says so.",
        "A provider that cannot be reached, or answers nonsense, is a 5xx; a create is then never repeated.",
        "A file that its provider calls text comes wrapped in JSON, and is unwrapped.",
    ],
    "openai": ["`metadata` of a job, and what `extra_body` adds, are dropped by the gateway."],
    "azure-openai": [
        "If Azure answers a create with 201 and a null `error`, the gateway loses the job's id: an error says to look.",
    ],
    "bedrock": [
        "An example that does not begin with a system message is left out by the gateway; `check=True` tells.",
        "An upload of which that leaves nothing raises `ResponseError`.",
        "The name of the file must end in `.jsonl`.",
        "The gateway passes no limit or cursor on: of a list that AWS divides, the first part alone can be had.",
    ],
    "vertex-ai": [
        "A job without hyperparameters (made elsewhere) cannot be looked at: the gateway answers 500.",
        "A custom host is used for jobs and downloads, but not for uploads.",
    ],
    "fireworks-ai": [
        "`file_upload_size` is the bytes of all lines with one line break each, less one.",
        "A custom host is used for jobs, but not for files, nor to cancel a job.",
    ],
}
