"""Amazon Bedrock's own API for customization jobs, and as much of S3 as the gateway needs for files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from tests.e2e.backends.store import BEGAN, Job, Store
from tests.e2e.wire import Received, Response, as_bytes, as_json

ARN = "arn:aws:bedrock:us-east-1:123456789012"
#: How many jobs come at once, so few that a test sees the list divided.
LARGEST_PAGE = 3
#: What S3 demands of every part of an upload but the last.
SMALLEST_PART = 5 * 1024 * 1024
_WHEN = datetime.fromtimestamp(BEGAN, UTC).isoformat()
_STATUS = {"queued": "InProgress", "running": "InProgress", "succeeded": "Completed", "failed": "Failed"}


#: How a job is trained, by what AWS calls it.
KINDS = {
    "FINE_TUNING": "supervised",
    "REINFORCEMENT_FINE_TUNING": "reinforcement",
    "CONTINUED_PRE_TRAINING": "continued pre-training",
    "DISTILLATION": "distillation",
}
#: The hyperparameters that AWS defines, by how a model's name begins; Nova, Titan and Llama share theirs.
_FOR_MOST = ("epochCount", "batchSize", "learningRate", "learningRateWarmupSteps")
_OF_CLAUDE = ("epochCount", "batchSize", "learningRateMultiplier", "earlyStoppingThreshold", "earlyStoppingPatience")


def read_create(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Read a create as AWS defines CreateModelCustomizationJob."""
    defined = _OF_CLAUDE if "anthropic.claude-3" in asked["baseModelIdentifier"] else _FOR_MOST
    given = asked.get("hyperParameters") or {}
    read = {**asked, "hyperParameters": {name: given[name] for name in defined if name in given}}
    if not isinstance((asked.get("validationDataConfig") or {}).get("validators"), list):
        # AWS defines a list of validators, and nothing else.
        read.pop("validationDataConfig", None)
    kind = KINDS.get(asked["customizationType"])
    return read if kind is None else {**read, "kind": kind}


def xml(document: str, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Respond as S3 does."""
    return Response(status, document.encode(), {"content-type": "application/xml", **(headers or {})})


class Bedrock:
    """The back end for ``bedrock.*.amazonaws.com`` and ``BUCKET.s3.*.amazonaws.com``."""

    def __init__(self) -> None:
        self.store = Store()
        self.parts: dict[str, list[bytes]] = {}

    def respond(self, request: Received) -> Response:
        """Respond to a request."""
        with self.store.lock:
            self.store.received.append(request)
            if "Credential=AKIAE2E" not in request.headers.get("authorization", ""):
                return as_json({"message": "The security token included in the request is invalid."}, 403)
            if ".s3." in request.host:
                return self.object(request)
            return self.control(request)

    def object(self, request: Received) -> Response:
        """Respond for S3: an upload in parts, attributes, and bytes."""
        key = f"s3://{request.host.partition('.s3.')[0]}{'/' + '/'.join(request.segments())}"
        match request.method:
            case "POST" if "uploads" in request.query:
                self.parts[key] = []
                return xml("<InitiateMultipartUploadResult><UploadId>up-1</UploadId></InitiateMultipartUploadResult>")
            case "PUT":
                self.parts[key].append(request.body)
                return xml("", headers={"etag": '"etag-1"'})
            case "POST":
                return self.complete(key)
            case _:
                return self.read(key, request)

    def complete(self, key: str) -> Response:
        """Put the parts of an upload together; all but the last must have a certain size."""
        parts = self.parts.pop(key)
        if any(len(part) < SMALLEST_PART for part in parts[:-1]):
            message = "Your proposed upload is smaller than the minimum allowed size"
            return xml(f"<Error><Code>EntityTooSmall</Code><Message>{message}</Message></Error>", 400)
        self.store.keep(key, key.rpartition("/")[2], b"".join(parts))
        return xml("<CompleteMultipartUploadResult/>")

    def read(self, key: str, request: Received) -> Response:
        """Respond with the size of an object, or its bytes."""
        stored = self.store.files.get(key)
        if stored is None:
            return xml("<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message></Error>", 404)
        if "attributes" in request.query:
            size = f"<ObjectSize>{len(stored.content)}</ObjectSize>"
            document = f"<GetObjectAttributesOutput>{size}</GetObjectAttributesOutput>"
            return xml(document, headers={"last-modified": "Sun, 15 Jun 2025 15:06:40 GMT"})
        return as_bytes(stored.content)

    def control(self, request: Received) -> Response:
        """Respond for Bedrock's control plane."""
        match request.method, request.segments():
            case "POST", ["model-customization-jobs"]:
                return self.create(request.json)
            case "GET", ["model-customization-jobs"]:
                return self.page(request)
            case "POST", ["model-customization-jobs", arn, "stop"] if arn in self.store.jobs:
                self.store.jobs[arn].cancelled = True
                return as_json({})
            case "GET", ["model-customization-jobs", arn] if arn in self.store.jobs:
                shown = self.job(self.store.jobs[arn])
                self.store.jobs[arn].look()
                return as_json(shown)
            case _, ["model-customization-jobs", arn, *_] if re.fullmatch("arn:aws:[^ ]+/.+", arn):
                return as_json({"message": "The provided job was not found."}, 404)
            case _:
                return as_json({"message": "1 validation error detected: the job identifier is invalid."}, 400)

    def create(self, asked: dict[str, Any]) -> Response:
        """Start a job."""
        if not asked.get("roleArn"):
            return as_json({"message": "Value null at 'roleArn' must not be null"}, 400)
        if not isinstance(asked.get("outputDataConfig"), dict):
            return as_json({"message": "Value at 'outputDataConfig' is not an object"}, 400)
        read = read_create(asked)
        if "kind" not in read:
            return as_json({"message": f"Value '{asked['customizationType']}' at 'customizationType' failed"}, 400)
        job = self.store.start(f"{ARN}:model-customization-job/e2e{next(self.store.serial):09d}", asked, read)
        return as_json({"jobArn": job.id}, 201)

    def page(self, request: Received) -> Response:
        """Show a page of jobs, and the token for the next one where there is one."""
        jobs = [self.listed(job) for job in reversed(self.store.jobs.values())]
        begin = int(request.query.get("nextToken", "token-0").removeprefix("token-"))
        end = begin + int(request.query.get("maxResults", LARGEST_PAGE))
        more = {"nextToken": f"token-{end}"} if end < len(jobs) else {}
        return as_json({"modelCustomizationJobSummaries": jobs[begin:end], **more})

    def listed(self, job: Job) -> dict[str, Any]:
        """Show a job as the list does."""
        status = "Stopped" if job.cancelled else _STATUS[job.status]
        return {
            "jobArn": job.id,
            "jobName": job.asked["jobName"],
            "baseModelArn": f"{ARN}::foundation-model/{job.asked['baseModelIdentifier']}",
            "customModelName": job.asked.get("customModelName"),
            "customizationType": "FINE_TUNING",
            "creationTime": _WHEN,
            "lastModifiedTime": _WHEN,
            "status": status,
            **({"endTime": _WHEN, "customModelArn": f"{ARN}:custom-model/e2e"} if status == "Completed" else {}),
        }

    def job(self, job: Job) -> dict[str, Any]:
        """Show a job in full."""
        return {
            **self.listed(job),
            "outputModelName": job.asked.get("customModelName"),
            "roleArn": job.asked["roleArn"],
            "hyperParameters": job.asked.get("hyperParameters") or {},
            "trainingDataConfig": job.asked["trainingDataConfig"],
            "validationDataConfig": {"validators": []},
            "outputDataConfig": job.asked["outputDataConfig"],
            **({"outputModelArn": f"{ARN}:custom-model/e2e"} if job.status == "succeeded" else {}),
        }
