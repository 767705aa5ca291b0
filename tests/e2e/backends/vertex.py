"""Vertex AI's own API for tuning jobs, and as much of Google's storage as the gateway needs for files."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from tests.e2e.backends.store import BEGAN, Job, Store
from tests.e2e.wire import Received, Response, as_bytes, as_json

_WHEN = datetime.fromtimestamp(BEGAN, UTC).isoformat()
_STATE = {
    "queued": "JOB_STATE_PENDING",
    "running": "JOB_STATE_RUNNING",
    "succeeded": "JOB_STATE_SUCCEEDED",
    "failed": "JOB_STATE_FAILED",
    "cancelled": "JOB_STATE_CANCELLED",
}
_DATED = {"last-modified": "Sun, 15 Jun 2025 15:06:40 GMT", "date": "Sun, 15 Jun 2025 15:06:40 GMT"}


#: The names that stand for the numbers of an enum, in the order of the numbers, from 1.
ADAPTER_SIZES = ("ONE", "FOUR", "EIGHT", "SIXTEEN", "THIRTY_TWO", "TWO")


def read_create(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Read a create as Google defines TuningJob: a number in the place of an enum is the name that it stands for."""
    if "supervisedTuningSpec" not in asked:
        return dict(asked)
    spec = dict(asked["supervisedTuningSpec"])
    given = dict(spec.get("hyperParameters") or {})
    size = given.get("adapterSize")
    if isinstance(size, int) and 0 < size <= len(ADAPTER_SIZES):
        given["adapterSize"] = f"ADAPTER_SIZE_{ADAPTER_SIZES[size - 1]}"
    return {**asked, "kind": "supervised", "supervisedTuningSpec": {**spec, "hyperParameters": given}}


def unreadable(asked: Mapping[str, Any]) -> str | None:
    """Say what in a create has another type than Google defines."""
    given = asked.get("supervisedTuningSpec", {}).get("hyperParameters") or {}
    sizes = [f"ADAPTER_SIZE_{name}" for name in ADAPTER_SIZES]
    if given.get("adapterSize", 1) not in {*sizes, *range(len(sizes) + 1)}:
        return f"Invalid value at 'adapterSize': {given['adapterSize']!r}"
    for name, kinds in (("epochCount", (int, str)), ("learningRateMultiplier", (int, float))):
        value = given.get(name, 1)
        if not isinstance(value, kinds) or (isinstance(value, str) and not value.isdigit()):
            return f"Invalid value at '{name}': {value!r}"
    return None


def error(status: int, reason: str, message: str) -> Response:
    """Respond with an error in Google's form."""
    return as_json({"error": {"code": status, "status": reason, "message": message}}, status)


class Vertex:
    """The back end for ``*-aiplatform.googleapis.com`` and ``storage.googleapis.com``."""

    def __init__(self) -> None:
        self.store = Store()

    def respond(self, request: Received) -> Response:
        """Respond to a request."""
        with self.store.lock:
            self.store.received.append(request)
            if request.headers.get("authorization") != "Bearer sk-e2e-provider-key":
                return error(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.")
            if request.host == "storage.googleapis.com":
                return self.object(request)
            return self.tuning(request)

    def object(self, request: Received) -> Response:
        """Respond for the storage."""
        key = f"gs://{'/'.join(request.segments())}"
        stored = self.store.files.get(key)
        if request.method == "PUT":
            self.store.keep(key, key.rpartition("/")[2], request.body)
            return Response(200)
        if request.segments() == [""]:
            page = b"<html><title>400. That is an error.</title></html>"
            return Response(400, page, {"content-type": "text/html; charset=UTF-8"})
        if stored is None:
            return Response(404, b"<Error><Code>NoSuchKey</Code></Error>", {"content-type": "application/xml"})
        return as_bytes(stored.content, **_DATED)

    def tuning(self, request: Received) -> Response:
        """Respond for tuning jobs."""
        match request.method, request.segments():
            case "POST", ["v1", "projects", "e2e-project", "locations", "us-central1", "tuningJobs"]:
                return self.create(request.json)
            case "GET", [*_, "tuningJobs"]:
                return self.listed(request)
            case "POST", [*_, "tuningJobs", verb] if verb.partition(":")[0] in self.store.jobs:
                self.store.jobs[verb.partition(":")[0]].cancelled = True
                return as_json({})
            case "GET", [*_, "tuningJobs", job_id] if job_id in self.store.jobs:
                shown = self.job(self.store.jobs[job_id])
                self.store.jobs[job_id].look()
                return as_json(shown)
            case _, [*_, "tuningJobs", name]:
                return error(404, "NOT_FOUND", f"The TuningJob {name} does not exist.")
            case _:
                return error(400, "INVALID_ARGUMENT", "Request contains an invalid argument.")

    def create(self, asked: Mapping[str, Any]) -> Response:
        """Start a job."""
        if (problem := unreadable(asked)) is not None:
            return error(400, "INVALID_ARGUMENT", problem)
        return as_json(
            self.job(self.store.start(str(8_000_000_000 + next(self.store.serial)), asked, read_create(asked)))
        )

    def listed(self, request: Received) -> Response:
        """Respond with a page: its cursor is a token that only a page before can have given."""
        jobs = [self.job(job) for job in reversed(self.store.jobs.values())]
        token = request.query.get("pageToken") or "token-0"
        if not token.startswith("token-"):
            return error(400, "INVALID_ARGUMENT", "The page token is not valid.")
        begin, size = int(token.removeprefix("token-")), int(request.query.get("pageSize") or 100)
        more = {"nextPageToken": f"token-{begin + size}"} if begin + size < len(jobs) else {}
        return as_json({"tuningJobs": jobs[begin : begin + size], **more})

    def job(self, job: Job) -> dict[str, Any]:
        """Show a job."""
        spec = job.asked["supervisedTuningSpec"]
        done = job.status == "succeeded"
        return {
            "name": f"projects/e2e-project/locations/us-central1/tuningJobs/{job.id}",
            "tunedModelDisplayName": job.asked.get("tunedModelDisplayName"),
            "baseModel": job.asked["baseModel"],
            "createTime": _WHEN,
            "state": _STATE[job.status],
            "supervisedTuningSpec": {
                "trainingDatasetUri": spec["training_dataset_uri"],
                "hyperParameters": {"epochCount": "3", "adapterSize": "ADAPTER_SIZE_FOUR", "learningRateMultiplier": 1},
            },
            **({"endTime": _WHEN, "tunedModel": {"model": f"projects/e2e-project/models/{job.id}"}} if done else {}),
        }
