"""Fireworks' own API for data sets and supervised jobs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from tests.e2e.backends.store import BEGAN, Job, Store
from tests.e2e.wire import Received, Response, as_json

_WHEN = datetime.fromtimestamp(BEGAN, UTC).isoformat()
_STATE = {
    "queued": "JOB_STATE_CREATING",
    "running": "JOB_STATE_RUNNING",
    "succeeded": "JOB_STATE_COMPLETED",
    "failed": "JOB_STATE_FAILED",
    "cancelled": "JOB_STATE_CANCELLED",
}
STORAGE = "storage.fireworks.test"


def unreadable(asked: Mapping[str, Any]) -> str | None:
    """Say what in a create is no name of a resource, or has another type than Fireworks defines."""
    for name, collection in (("baseModel", "models"), ("dataset", "datasets"), ("evaluationDataset", "datasets")):
        value = asked.get(name)
        if value is not None and not re.fullmatch(f"accounts/(?!undefined)[^/]+/{collection}/[^/]+", value):
            return f"invalid {name}: {value}"
    for name, kinds in (("epochs", int), ("learning_rate", (int, float))):
        value = asked.get(name)
        if value is not None and not isinstance(value, kinds):
            return f"invalid {name}: {value!r}"
    return None


class Fireworks:
    """The back end for ``api.fireworks.ai`` and for the storage that its signed URLs lead to."""

    def __init__(self) -> None:
        self.store = Store()
        self.announced: dict[str, int] = {}

    def respond(self, request: Received) -> Response:
        """Respond to a request."""
        with self.store.lock:
            self.store.received.append(request)
            if request.host == STORAGE:
                return self.put(request)
            if request.headers.get("authorization") != "Bearer sk-e2e-provider-key":
                return as_json({"error": {"message": "The API key you provided is invalid."}}, 401)
            account = ["v1", "accounts", "e2e-account"]
            parts = request.segments()
            if parts[:3] != account:
                return as_json({"error": {"message": "Not found."}}, 404)
            rest = parts[3:]
            if not rest:
                return as_json({"name": "accounts/e2e-account", "state": "READY"})
            return self.data_sets(request, rest[1:]) if rest[:1] == ["datasets"] else self.jobs(request, rest[1:])

    def put(self, request: Received) -> Response:
        """Take the bytes of a data set, if they are as many as was announced."""
        name = request.segments()[-1]
        stored = self.store.files[name]
        least, _, most = request.headers["x-goog-content-length-range"].partition(",")
        if not int(least) <= len(request.body) <= int(most) or int(least) != self.announced[name]:
            return Response(400, b"<Error><Code>EntityTooSmall</Code></Error>", {"content-type": "application/xml"})
        stored.content = request.body
        return Response(200)

    def data_sets(self, request: Received, rest: list[str]) -> Response:
        """Respond for data sets."""
        match request.method, rest:
            case "POST", []:
                stored = self.store.keep(request.json["datasetId"], request.json["datasetId"], b"")
                return as_json(self.data_set(stored.id))
            case "GET", []:
                sets = [self.data_set(name) for name in reversed(self.store.files)]
                return as_json({"datasets": sets[:50], "totalSize": len(sets)})
            case "POST", [verb] if verb.endswith(":getUploadEndpoint"):
                name = verb.partition(":")[0]
                self.announced[name] = request.json["filenameToSize"][f"{name}.jsonl"]
                return as_json({"filenameToSignedUrls": {f"{name}.jsonl": f"https://{STORAGE}/signed/{name}"}})
            case "POST", [verb] if verb.endswith(":validateUpload"):
                return as_json({})
            case method, [name] if name in self.store.files:
                shown = self.data_set(name)
                if method == "DELETE":
                    del self.store.files[name]
                return as_json({} if method == "DELETE" else shown)
            case _:
                return as_json({"error": {"message": "The dataset was not found."}, "message": "not found"}, 404)

    def data_set(self, name: str) -> dict[str, Any]:
        """Show a data set."""
        return {"name": f"accounts/e2e-account/datasets/{name}", "createTime": _WHEN, "state": "READY"}

    def jobs(self, request: Received, rest: list[str]) -> Response:
        """Respond for jobs."""
        match request.method, rest:
            case "POST", []:
                if (problem := unreadable(request.json)) is not None:
                    return as_json({"code": 3, "message": problem, "details": []}, 400)
                # Other kinds of training have collections of their own.
                read = {**request.json, "kind": "supervised"}
                job = self.store.start(f"e2ejob{next(self.store.serial):04d}", request.json, read)
                return as_json(self.job(job))
            case "GET", []:
                return self.listed(request)
            case "DELETE", [job_id] if job_id in self.store.jobs:
                self.store.jobs[job_id].cancelled = True
                return as_json({})
            case "GET", [job_id] if job_id in self.store.jobs:
                shown = self.job(self.store.jobs[job_id])
                self.store.jobs[job_id].look()
                return as_json(shown)
            case _:
                return as_json({"code": 5, "message": "The job was not found.", "details": []}, 404)

    def listed(self, request: Received) -> Response:
        """Respond with a page: its cursor is the token of a page before."""
        jobs = [self.job(job) for job in reversed(self.store.jobs.values())]
        token, size = request.query.get("pageToken", "1"), int(request.query.get("pageSize", "50"))
        if not token.isdigit():
            return as_json({"code": 3, "message": "The page token is not valid.", "details": []}, 400)
        begin = (int(token) - 1) * size
        more = {"nextPageToken": str(int(token) + 1)} if begin + size < len(jobs) else {}
        return as_json({"supervisedFineTuningJobs": jobs[begin : begin + size], **more})

    def job(self, job: Job) -> dict[str, Any]:
        """Show a job."""
        done = {"completedTime": _WHEN} if job.status == "succeeded" else {}
        return {
            "name": f"accounts/e2e-account/supervisedFineTuningJobs/{job.id}",
            "createTime": _WHEN,
            "state": _STATE[job.status],
            "dataset": job.asked["dataset"],
            "baseModel": job.asked["baseModel"],
            "epochs": job.asked.get("epochs"),
            "outputModel": f"accounts/e2e-account/models/{job.id}",
            **done,
        }
